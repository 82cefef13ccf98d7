"""商品条码: GTIN-8/12/13/14 with their check digit and the few prefixes that say something (GB 12904; domain.md §6.4)."""

from __future__ import annotations

import re
from dataclasses import dataclass

GTIN_LENGTHS = (8, 12, 13, 14)

RETAIL_SYMBOLOGIES = frozenset(
    {"EAN13", "EAN8", "EANUPC", "UPCA", "UPCE", "EAN2", "EAN5", "ISBN", "ITF14"}
    | {"DataBar", "DataBarOmni", "DataBarStk", "DataBarStkOmni", "DataBarLtd", "DataBarExp", "DataBarExpStk"}
)
"""Symbologies (zxing-cpp's names) that only goods carry: what they hold is never a waybill, whatever its digits look like."""

_GS1_ELEMENT = re.compile(r"\(?01\)?([0-9]{14})(?:[^0-9].*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Gtin:
    """A trade item number: its digits, its length class, and whether the check digit holds."""

    digits: str
    valid: bool

    @property
    def kind(self) -> str:
        return f"GTIN-{len(self.digits)}"

    @property
    def prefix(self) -> str:
        """The three GS1 prefix digits; of a GTIN-8 its first three, of the others those of the 13-digit form."""
        if len(self.digits) == 8:
            return self.digits[:3]
        return self.digits.rjust(14, "0")[1:4]


def gtin_check_digit(body: str) -> int:
    """The digit that completes `body`: weights 3, 1, 3 … from the right, (10 − sum mod 10) mod 10."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return -total % 10


def read_gtin(text: str) -> Gtin | None:
    """`text` as a GTIN, valid or not; None where it is not 8, 12, 13 or 14 digits."""
    if len(text) not in GTIN_LENGTHS or not (text.isascii() and text.isdigit()):
        return None
    return Gtin(text, gtin_check_digit(text[:-1]) == int(text[-1]))


def read_gs1_element(text: str) -> Gtin | None:
    """The GTIN-14 behind application identifier 01 of a GS1-128 or GS1 DataMatrix text; None without one whose check digit holds."""
    match = _GS1_ELEMENT.fullmatch(text)
    gtin = read_gtin(match.group(1)) if match else None
    return gtin if gtin and gtin.valid else None


def expand_upce(text: str) -> str:
    """An 8-digit UPC-E as the 12-digit UPC-A it abbreviates (GS1 General Specifications §5.2.2.4.2); anything else as it is."""
    if len(text) != 8 or not (text.isascii() and text.isdigit()) or text[0] not in "01":
        return text
    system, a, b, c, d, e, last, check = tuple(text)
    if last in "012":
        body = f"{a}{b}{last}0000{c}{d}{e}"
    elif last == "3":
        body = f"{a}{b}{c}00000{d}{e}"
    elif last == "4":
        body = f"{a}{b}{c}{d}00000{e}"
    else:
        body = f"{a}{b}{c}{d}{e}0000{last}"
    return system + body + check
