"""电子面单二维码 with the parties in it: GS1 element strings with the application identifiers of transport labels (Scan4Transport; GS1
Barcode Syntax Dictionary, 4300–4319). It is the one documented form; carriers' own are not public, and stay as they were scanned.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from courier_check.parcel.goods import gtin_check_digit
from courier_check.parcel.text import LONGEST_CODE, clean_code

_SEPARATOR = "\x1d"
_SYMBOLOGY = re.compile(r"\](?:d2|Q3|C1|J1|e0)")
_BRACKETED = re.compile(r"\(([0-9]{2,4})\)([^()]*)")
_FIXED = {"00": 18, "01": 14, "02": 14, "11": 6, "12": 6, "13": 6, "15": 6, "16": 6, "17": 6, "20": 2} | {
    f"41{kind}": 13 for kind in range(8)
}
"""Identifiers whose value has a fixed length and needs no separator behind it; 31nn–36nn (measures) have six digits."""
_MEASURES = ("31", "32", "33", "34", "35", "36")
_VARIABLE = {
    *("10", "21", "22", "30", "37", "90"),
    *("400", "401", "402", "403", "420", "421"),
    *(f"43{kind:02d}" for kind in range(27)),
}
_PERCENT_ENCODED = frozenset(f"43{kind:02d}" for kind in (*range(7), *range(10, 17), 20))


@dataclass(frozen=True, slots=True)
class CodedParty:
    """A party as the code names it; what it does not name is empty."""

    name: str = ""
    phone: str = ""
    address: str = ""
    country: str = ""

    def __repr__(self) -> str:
        return "CodedParty(…)"


@dataclass(frozen=True, slots=True)
class CodedLabel:
    """What a label's code says. `addressee`: ship to; `sender`: return to, where the code has it. `sscc`: 物流单元代码, its check digit
    sound."""

    sscc: str
    addressee: CodedParty
    sender: CodedParty


def read_label_code(text: str) -> CodedLabel | None:
    """A code's text as a label's; None for any other text, for elements nobody knows, and for one that names no party."""
    fields = _fields(text[:LONGEST_CODE])
    sscc = fields.get("00", "")
    if len(sscc) != 18 or not (sscc.isascii() and sscc.isdigit()) or gtin_check_digit(sscc[:-1]) != int(sscc[-1]):
        return None
    addressee, sender = _party(fields, 4300), _party(fields, 4310)
    return CodedLabel(sscc, addressee, sender) if addressee != CodedParty() or sender != CodedParty() else None


def _party(fields: Mapping[str, str], first: int) -> CodedParty:
    """Ship-to begins at 4300, return-to at 4310: company, contact, two address lines, suburb, locality, region, country. The phone is at
    4308, or at 4319 of return-to."""
    company, contact, line1, line2, suburb, locality, region, country = (fields.get(str(first + each), "") for each in range(8))
    phone = fields.get("4308" if first == 4300 else "4319", "")
    address = "".join(part for part in (region, locality, suburb, line1, line2) if part)
    if any(part.isascii() and part for part in (line1, locality)):
        address = ", ".join(part for part in (line1, line2, suburb, locality, region) if part)
    return CodedParty(contact or company, phone, address, country)


def _fields(text: str) -> Mapping[str, str]:
    """Identifier → value, decoded; empty for what is no element string of known identifiers."""
    body = _SYMBOLOGY.sub("", text.strip(" \r\n"), count=1).removeprefix(_SEPARATOR)
    pairs = list(_bracketed(body) if body.startswith("(") else _plain(body))
    if not pairs or any(not identifier for identifier, _ in pairs):
        return {}
    return {identifier: _decoded(identifier, value) for identifier, value in pairs}


def _bracketed(body: str) -> Iterator[tuple[str, str]]:
    """As printed under the symbol: identifiers in brackets."""
    end = 0
    for match in _BRACKETED.finditer(body):
        known = match.start() == end and (match[1] in _FIXED or match[1] in _VARIABLE or match[1][:2] in _MEASURES)
        yield (match[1] if known else ""), match[2]
        end = match.end()
    if end != len(body):
        yield "", ""


def _plain(body: str) -> Iterator[tuple[str, str]]:
    """As transmitted: values of variable length end at a separator. The last pair of a text nobody can read has no identifier."""
    while body:
        fixed = next((identifier for identifier in (body[:2], body[:3]) if identifier in _FIXED), None)
        measure = body[:4] if body[:2] in _MEASURES else None
        variable = next((identifier for identifier in (body[:4], body[:3], body[:2]) if identifier in _VARIABLE), None)
        identifier = fixed or measure or variable or ""
        length = _FIXED.get(identifier, 6) if fixed or measure else body.find(_SEPARATOR) - len(identifier)
        value = body[len(identifier) :][: length if length >= 0 else None]
        yield identifier, value
        body = body[len(identifier) + len(value) :].removeprefix(_SEPARATOR) if identifier else ""


def _decoded(identifier: str, value: str) -> str:
    """Names and addresses are percent-encoded UTF-8, a blank as + or %20; bytes that are no UTF-8 leave the value empty."""
    if identifier in _PERCENT_ENCODED:
        try:
            value = unquote_to_bytes(value.replace("+", " ")).decode()
        except UnicodeDecodeError:
            return ""
    return clean_code(value)
