"""运单面单 from a picture: its codes judged, the waybill that they agree on, and the parties printed on it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from courier_check.devices.barcodes import Code, decode_codes
from courier_check.devices.codes import VisionCode
from courier_check.devices.ocr import TextReader
from courier_check.devices.pictures import GivenPicture, load_picture
from courier_check.devices.waybill_labels import PrintedLabel, PrintedParty, parse_label
from courier_check.errors import UserError
from courier_check.parcel.label_codes import CodedParty, read_label_code
from courier_check.parcel.waybills import Carriers, CodeKind, WaybillCheck, check_waybill


class WaybillWarning(StrEnum):
    """What to look at among a label's codes; the sentences are in resources/wording/devices.json."""

    NO_WAYBILL = "waybill-unreadable"
    SEVERAL_WAYBILLS = "several-waybills"
    READ_ONCE = "waybill-read-once"
    CHECK_DIGIT = "waybill-check-digit"


@dataclass(frozen=True, slots=True, repr=False)
class WaybillReading:
    """A label as read. `checks` go with `codes` one by one; `waybill` is None unless exactly one number was found."""

    codes: tuple[Code, ...]
    checks: tuple[WaybillCheck, ...]
    waybill: str | None
    sender_name: str | None
    sender_phone: str | None
    sender_address: str | None
    addressee_name: str | None
    addressee_phone: str | None
    addressee_address: str | None
    warnings: tuple[str, ...]
    ms: int

    def __repr__(self) -> str:
        return f"WaybillReading({self.waybill}, {len(self.codes)} codes)"


def scan_codes(path: Path, carriers: Carriers, outlet_carriers: tuple[str, ...]) -> tuple[tuple[Code, WaybillCheck], ...]:
    """Every code of a picture with what it is; empty without codes. UserError for a bad file, DeviceError without a decoder."""
    codes = decode_codes(load_picture(path))
    return tuple((code, check_waybill(carriers, code.text, code.symbology, outlet_carriers)) for code in codes)


def read_waybill(source: Path | GivenPicture, carriers: Carriers, outlet_carriers: tuple[str, ...], ocr: TextReader) -> WaybillReading:
    """A label's codes and parties. UserError for a bad file or a picture that shows neither; DeviceError without decoder or OCR."""
    picture = load_picture(source)
    started = time.perf_counter()
    codes = decode_codes(picture)
    checks = tuple(check_waybill(carriers, code.text, code.symbology, outlet_carriers) for code in codes)
    label = parse_label(ocr.read(picture))
    if not codes and not label.sender.found and not label.addressee.found:
        raise UserError(VisionCode.NO_WAYBILL_LABEL, file=source.name)
    return _reading(codes, checks, label, round((time.perf_counter() - started) * 1000))


def _reading(codes: tuple[Code, ...], checks: tuple[WaybillCheck, ...], label: PrintedLabel, ms: int) -> WaybillReading:
    waybill, warnings = settle_waybill(codes, checks)
    coded = next((found for code in codes if (found := read_label_code(code.text)) is not None), None)
    if coded is not None:
        label = PrintedLabel(_completed(label.sender, coded.sender), _as_coded(label.addressee, coded.addressee))
    sender, addressee = label.sender, label.addressee
    return WaybillReading(
        codes=codes,
        checks=checks,
        waybill=waybill,
        sender_name=sender.name,
        sender_phone=sender.phone,
        sender_address=sender.address,
        addressee_name=addressee.name,
        addressee_phone=addressee.phone,
        addressee_address=addressee.address,
        warnings=(*warnings, *(warning.value for warning in label.warnings)),
        ms=ms,
    )


def _as_coded(printed: PrintedParty, coded: CodedParty) -> PrintedParty:
    """A party as its code names it, which was not read off a picture; what the code leaves out, as it was read."""
    name, phone, address = coded.name or printed.name, coded.phone or printed.phone, coded.address or printed.address
    return PrintedParty(name, phone, address, printed.sure or bool(coded.name))


def _completed(printed: PrintedParty, coded: CodedParty) -> PrintedParty:
    """The sender as printed; whom a code has the parcel returned to stands for him only where nothing was read."""
    name, phone, address = printed.name or coded.name, printed.phone or coded.phone, printed.address or coded.address
    return PrintedParty(name or None, phone or None, address or None, printed.sure)


def settle_waybill(codes: Sequence[Code], checks: Sequence[WaybillCheck]) -> tuple[str | None, tuple[str, ...]]:
    """The one number the codes give; reads that agree outweigh a lone one. Two different numbers settle nothing."""
    found: dict[str, bool] = {}
    for code, check in zip(codes, checks, strict=True):
        if check.kind is CodeKind.WAYBILL:
            found[check.text] = check.text in found or code.confirmed
    sure = [number for number, confirmed in found.items() if confirmed]
    numbers = sure or list(found)
    if len(numbers) != 1:
        return None, (WaybillWarning.SEVERAL_WAYBILLS if numbers else WaybillWarning.NO_WAYBILL,)
    read_once = () if sure else (WaybillWarning.READ_ONCE,)
    spoilt = any(check.text == numbers[0] and check.valid is False for check in checks)
    return numbers[0], (*read_once, *((WaybillWarning.CHECK_DIGIT,) if spoilt else ()))
