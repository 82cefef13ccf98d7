"""The parcel's side of `check-number`: a text as a waybill and as a goods number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from courier_check.errors import Fact
from courier_check.parcel.carriers import Carriers
from courier_check.parcel.goods import read_gs1_element, read_gtin
from courier_check.parcel.text import LONGEST_NUMBER, clean_code, squeeze
from courier_check.parcel.tracing import EpcScheme, read_epc
from courier_check.parcel.waybills import CodeKind, WaybillCheck, WaybillReason, check_waybill

LEAST_TAG = 24
"""Hexadecimal digits of the shortest tag that is looked at here: 96 bits."""


@dataclass(frozen=True, slots=True)
class ParcelNumberCheck:
    """One reading of a number, in the shape identity's checks have. `valid`: nothing speaks against it, check digit or not."""

    kind: str
    valid: bool
    reasons: tuple[str, ...]
    facts: Mapping[str, Fact] = field(default_factory=dict)


def check_parcel_number(text: str, carriers: Carriers, outlet_carriers: tuple[str, ...]) -> tuple[ParcelNumberCheck, ...]:
    """`text` as a waybill and as goods, likeliest first, or as a credential (实名码); empty where it is none of them.

    No credential is valid here: its signature is not looked at, or there is none to look at.
    """
    check = check_waybill(carriers, text, None, outlet_carriers)
    if check.kind is CodeKind.CREDENTIAL:
        return (ParcelNumberCheck(CodeKind.CREDENTIAL, False, check.reasons),)
    if carriers.says_credential(clean_code(text)):
        return (ParcelNumberCheck(CodeKind.CREDENTIAL, False, (WaybillReason.CREDENTIAL_WORDS,)),)
    if (tag := _tag(text)) is not None:
        return (tag,)
    goods = _goods(squeeze(clean_code(text)), carriers, check)
    waybill = _waybill(carriers, check)
    found = (goods, waybill) if check.kind is CodeKind.GOODS else (waybill, goods)
    return tuple(reading for reading in found if reading)


def _tag(text: str) -> ParcelNumberCheck | None:
    """A tag whose header says what it is; hexadecimal of any other kind is no tag by its looks."""
    tag = read_epc(text)
    if tag is None or tag.scheme is EpcScheme.UNKNOWN or len(tag.raw) < LEAST_TAG or text.strip().isdigit():
        return None
    facts: dict[str, Fact] = {"scheme": tag.scheme.value, "gtin": tag.gtin, "serial": tag.serial, "filter": tag.filter}
    reasons = () if tag.is_read or tag.scheme is not EpcScheme.SGTIN_96 else (WaybillReason.TAG_UNREADABLE.value,)
    return ParcelNumberCheck("tag", not reasons, reasons, facts)


def _waybill(carriers: Carriers, check: WaybillCheck) -> ParcelNumberCheck | None:
    if not check.carriers:
        return None
    facts: dict[str, Fact] = {"carriers": ",".join(check.carriers), "carrier": check.carrier, "check_digit": check.valid is not None}
    if check.kind is CodeKind.GOODS:
        return ParcelNumberCheck(CodeKind.WAYBILL, False, (WaybillReason.COULD_BE_GOODS,), facts | {"check_digit": False})
    if check.valid is not None:
        facts |= {"service": carriers.s10_service(check.text), "country": check.text[-2:]}
    return ParcelNumberCheck(CodeKind.WAYBILL, check.valid is not False, check.reasons, facts)


def _goods(number: str, carriers: Carriers, check: WaybillCheck) -> ParcelNumberCheck | None:
    gtin = read_gs1_element(number) or (read_gtin(number) if len(number) <= LONGEST_NUMBER else None)
    if gtin is None:
        return None
    prefix = carriers.goods_prefix(gtin.prefix) if gtin.valid else None
    facts: dict[str, Fact] = {"form": gtin.kind, "prefix": prefix.zh if prefix else None, "certainty": prefix.certainty if prefix else None}
    wrong = () if gtin.valid else (WaybillReason.GTIN_CHECK_DIGIT.value,)
    doubt = (WaybillReason.COULD_BE_WAYBILL.value,) if gtin.valid and check.carriers else ()
    return ParcelNumberCheck(CodeKind.GOODS, gtin.valid, wrong + doubt, facts)
