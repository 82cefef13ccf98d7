"""运单号: what a scanned or typed code is, whose waybill it may be, and whether its check digit holds (UPU S10; domain.md §6).

Shapes only hint: all-digit numbers overlap between carriers and with goods barcodes. The outlet's own carriers settle which one it is, and
the symbology settles waybill against goods.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from courier_check.parcel.carriers import Carriers, Shape, Strength
from courier_check.parcel.goods import RETAIL_SYMBOLOGIES, expand_upce, read_gs1_element, read_gtin
from courier_check.parcel.label_codes import read_label_code
from courier_check.parcel.text import LONGEST_NUMBER, clean_code, squeeze

__all__ = ["Carriers", "CodeKind", "WaybillCheck", "WaybillReason", "check_waybill", "s10_check_digit"]

S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)
MATRIX_SYMBOLOGIES = frozenset(
    {"QRCode", "QRCodeModel1", "QRCodeModel2", "MicroQRCode", "RMQRCode", "DataMatrix", "PDF417", "Aztec", "AztecCode"}
)

_S10 = re.compile(r"[A-Z]{2}[0-9]{9}[A-Z]{2}")
_URL = re.compile(r"(?:[A-Z][A-Z0-9+.-]{1,20}://|WWW\.)\S+", re.IGNORECASE | re.ASCII)
_TOKEN = re.compile(r"[A-Z0-9](?:[A-Z0-9-]{6,38})[A-Z0-9]")
_CREDENTIAL = re.compile(
    r"CCID[1-9][0-9]?-[A-Z2-7]+"
)  # of the form of docs/credential.md; whether it is good is identity.credential's question
_CLOCK_TIME = re.compile(r"20[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{4,6}|1[5-9][0-9]{11}")

_PHONE = re.compile(r"861[3-9][0-9]{9}")


class CodeKind(StrEnum):
    """What a code found on a parcel is."""

    WAYBILL = "waybill"  # 运单号
    GOODS = "goods"  # 商品条码
    CREDENTIAL = "credential"  # 实名凭证
    URL = "url"  # 网址
    OTHER = "other"


class WaybillReason(StrEnum):
    """Why a code was judged so; the sentences are in resources/wording/parcel.json."""

    EMPTY = "code-empty"
    TOO_LONG = "code-too-long"
    NO_SHAPE = "no-carrier-shape"
    S10_CHECK_DIGIT = "s10-check-digit"
    S10_FOREIGN = "s10-foreign-country"
    SEVERAL_CARRIERS = "several-carriers"
    NOT_OUTLET_CARRIER = "not-outlet-carrier"
    FORMER_SHAPE = "former-shape"
    COULD_BE_GOODS = "could-be-goods"
    COULD_BE_WAYBILL = "could-be-waybill"
    GOODS_SYMBOLOGY = "goods-symbology"
    GTIN_CHECK_DIGIT = "gtin-check-digit"
    FROM_PAYLOAD = "waybill-in-payload"
    SEVERAL_WAYBILLS = "several-waybills-in-payload"
    NO_WAYBILL_IN_PAYLOAD = "no-waybill-in-payload"
    CREDENTIAL_WORDS = "credential-words"
    LABEL_CODE = "label-code"
    TAG_UNREADABLE = "tag-unreadable"
    CREDENTIAL_UNVERIFIED = "credential-unverified"


@dataclass(frozen=True, slots=True)
class WaybillCheck:
    """One code judged. `carriers`: candidates, best first; `carrier`: the settled one; `valid`: None where the code has no check digit."""

    text: str
    kind: CodeKind
    carriers: tuple[str, ...] = ()
    carrier: str | None = None
    valid: bool | None = None
    reasons: tuple[str, ...] = ()


def s10_check_digit(serial: str) -> int:
    """The check digit of an 8-digit UPU S10 serial: 11 − weighted sum mod 11, where 10 counts as 0 and 11 as 5."""
    remainder = 11 - sum(weight * int(digit) for weight, digit in zip(S10_WEIGHTS, serial, strict=True)) % 11
    return {10: 0, 11: 5}.get(remainder, remainder)


def check_waybill(carriers: Carriers, text: str, symbology: str | None, outlet_carriers: tuple[str, ...]) -> WaybillCheck:
    """What `text` is. Never raises, whatever the text; `symbology` in zxing-cpp's names, None for typed text or a keystroke scanner."""
    cleaned = clean_code(text)
    if not cleaned:
        return WaybillCheck("", CodeKind.OTHER, reasons=(WaybillReason.EMPTY,))
    if read_label_code(text) is not None:  # parties, and no number of a carrier's: somebody's phone must not pass for one
        return WaybillCheck(cleaned, CodeKind.OTHER, reasons=(WaybillReason.LABEL_CODE,))
    if symbology in RETAIL_SYMBOLOGIES:
        return _goods(squeeze(cleaned), symbology)
    if _URL.fullmatch(cleaned):
        return WaybillCheck(cleaned, CodeKind.URL)
    number = squeeze(cleaned)
    if _CREDENTIAL.fullmatch(number):
        return WaybillCheck(number, CodeKind.CREDENTIAL, reasons=(WaybillReason.CREDENTIAL_UNVERIFIED,))
    found = _check_number(carriers, number, symbology, outlet_carriers)
    if found.kind is not CodeKind.OTHER:
        return found
    if symbology in MATRIX_SYMBOLOGIES:
        return _check_payload(carriers, cleaned, outlet_carriers)
    return found


def _check_number(carriers: Carriers, number: str, symbology: str | None, outlet_carriers: tuple[str, ...]) -> WaybillCheck:
    if len(number) > LONGEST_NUMBER:
        return WaybillCheck(number, CodeKind.OTHER, reasons=(WaybillReason.TOO_LONG,))
    if _is_goods_label(number, symbology):
        return _goods(number, symbology)
    shapes = carriers.matching(number)
    if not shapes:
        return WaybillCheck(number, CodeKind.OTHER, reasons=(WaybillReason.NO_SHAPE,))
    candidates = tuple(dict.fromkeys(shape.carrier for shape in shapes))
    if symbology is None and (doubt := _goods_doubt(carriers, number, candidates)):
        return doubt
    return _waybill(number, shapes, candidates, outlet_carriers)


def _is_goods_label(number: str, symbology: str | None) -> bool:
    """GS1 element strings, and the carton's ITF-14, which decoders report as plain ITF."""
    if read_gs1_element(number):
        return True
    gtin = read_gtin(number)
    return symbology == "ITF" and gtin is not None and len(number) == 14 and gtin.valid


def _goods(number: str, symbology: str | None) -> WaybillCheck:
    digits = expand_upce(number) if symbology == "UPCE" else number
    gtin = read_gs1_element(digits) or read_gtin(digits)
    valid = gtin.valid if gtin else None
    wrong = (WaybillReason.GTIN_CHECK_DIGIT,) if valid is False else ()
    return WaybillCheck(number, CodeKind.GOODS, valid=valid, reasons=(WaybillReason.GOODS_SYMBOLOGY, *wrong))


def _goods_doubt(carriers: Carriers, number: str, candidates: tuple[str, ...]) -> WaybillCheck | None:
    """Typed digits that are also a sound trade item number: nothing tells the two apart but the printed symbol (domain.md §6.2).

    With a Chinese or a book prefix they are taken for goods; other 13-digit ones stay an unsettled waybill until the label is scanned.
    """
    gtin = read_gtin(number)
    if gtin is None or not gtin.valid:
        return None
    if carriers.goods_prefix(gtin.prefix):
        return WaybillCheck(number, CodeKind.GOODS, candidates, None, True, (WaybillReason.COULD_BE_WAYBILL,))
    if len(number) == 13:
        return WaybillCheck(number, CodeKind.WAYBILL, candidates, None, None, (WaybillReason.COULD_BE_GOODS,))
    return None


def _waybill(number: str, shapes: tuple[Shape, ...], candidates: tuple[str, ...], outlet_carriers: tuple[str, ...]) -> WaybillCheck:
    valid, reasons = _s10(number)
    carrier, doubt = _settle(shapes, candidates, outlet_carriers)
    if all(shape.former for shape in shapes if carrier in (None, shape.carrier)):
        doubt = (*doubt, WaybillReason.FORMER_SHAPE)
    return WaybillCheck(number, CodeKind.WAYBILL, candidates, carrier, valid, (*reasons, *doubt))


def _s10(number: str) -> tuple[bool | None, tuple[str, ...]]:
    if not _S10.fullmatch(number):
        return None, ()
    valid = s10_check_digit(number[2:10]) == int(number[10])
    wrong = () if valid else (WaybillReason.S10_CHECK_DIGIT,)
    foreign = () if number.endswith("CN") else (WaybillReason.S10_FOREIGN,)
    return valid, (*wrong, *foreign)


def _settle(shapes: tuple[Shape, ...], candidates: tuple[str, ...], outlet_carriers: tuple[str, ...]) -> tuple[str | None, tuple[str, ...]]:
    """The one candidate the outlet works for; without such settings, or with a carrier's own letters, the only candidate there is."""
    ours = tuple(code for code in candidates if code in outlet_carriers)
    if len(ours) == 1:
        return ours[0], ()
    if len(candidates) == 1 and not outlet_carriers:
        return candidates[0], ()
    if ours or not outlet_carriers:
        return None, (WaybillReason.SEVERAL_CARRIERS,)
    lettered = len(candidates) == 1 and shapes[0].strength is Strength.LETTERS
    return (candidates[0] if lettered else None), (WaybillReason.NOT_OUTLET_CARRIER,)


def _check_payload(carriers: Carriers, text: str, outlet_carriers: tuple[str, ...]) -> WaybillCheck:
    """电子面单二维码: JSON or plain text with one waybill among other fields. What 实名码 hold is not public: only words tell them."""
    if carriers.says_credential(text):
        return WaybillCheck(text, CodeKind.CREDENTIAL, reasons=(WaybillReason.CREDENTIAL_WORDS,))
    tokens = dict.fromkeys(_TOKEN.findall(text.upper()))
    shaped = {token: shapes for token in tokens if (shapes := carriers.matching(token))}
    lettered = [token for token, shapes in shaped.items() if shapes[0].strength is Strength.LETTERS]
    found = lettered or [token for token in shaped if not _CLOCK_TIME.fullmatch(token) and not _PHONE.fullmatch(token)]
    if len(found) != 1:
        reason = WaybillReason.SEVERAL_WAYBILLS if found else WaybillReason.NO_WAYBILL_IN_PAYLOAD
        return WaybillCheck(text, CodeKind.OTHER, reasons=(reason,))
    shapes = shaped[found[0]]
    check = _waybill(found[0], shapes, tuple(dict.fromkeys(shape.carrier for shape in shapes)), outlet_carriers)
    return WaybillCheck(check.text, check.kind, check.carriers, check.carrier, check.valid, (WaybillReason.FROM_PAYLOAD, *check.reasons))
