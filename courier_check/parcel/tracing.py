"""追溯 (59号文三（三）1): 组织机构代码 and EPC tags beside the goods barcode.

SGTIN-96 as in the GS1 EPC Tag Data Standard, §14.6.1 (coding table 14-2, partition table 14-2a).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from courier_check.parcel.goods import gtin_check_digit
from courier_check.parcel.text import clean_code, squeeze

ORG_CODE_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORG_CODE = re.compile(r"([0-9A-Z]{8})-?([0-9X])")
_HEX = re.compile(r"(?:0X)?([0-9A-F]{16,128})")
_BITS = 96
_PARTITIONS = ((40, 12), (37, 11), (34, 10), (30, 9), (27, 8), (24, 7), (20, 6))
"""Of the 44 bits of prefix and item reference: bits and digits of the GS1 company prefix, by partition value."""


class EpcScheme(StrEnum):
    """What a tag's header byte says it is; everything but SGTIN-96 is kept as it was read."""

    SGTIN_96 = "sgtin-96"
    SSCC_96 = "sscc-96"
    SGLN_96 = "sgln-96"
    GRAI_96 = "grai-96"
    GIAI_96 = "giai-96"
    GID_96 = "gid-96"
    SGTIN_198 = "sgtin-198"
    UNKNOWN = "unknown"


_HEADERS = {
    0x30: EpcScheme.SGTIN_96,
    0x31: EpcScheme.SSCC_96,
    0x32: EpcScheme.SGLN_96,
    0x33: EpcScheme.GRAI_96,
    0x34: EpcScheme.GIAI_96,
    0x35: EpcScheme.GID_96,
    0x36: EpcScheme.SGTIN_198,
}


@dataclass(frozen=True, slots=True)
class Epc:
    """A tag as it was read. `gtin`, `serial` and `filter`: of an SGTIN-96 that holds to its form; else None."""

    raw: str
    scheme: EpcScheme
    gtin: str | None = None
    serial: int | None = None
    filter: int | None = None

    @property
    def is_read(self) -> bool:
        return self.gtin is not None


def read_epc(text: str) -> Epc | None:
    """A tag in hexadecimal, as wedge and serial readers send it; None for a text that is none."""
    found = _HEX.fullmatch(squeeze(clean_code(text)))
    if found is None or len(found[1]) % 2:
        return None
    raw = found[1]
    scheme = _HEADERS.get(int(raw[:2], 16), EpcScheme.UNKNOWN)
    if scheme is not EpcScheme.SGTIN_96 or len(raw) * 4 != _BITS:
        return Epc(raw, scheme)
    return _sgtin(raw)


def _sgtin(raw: str) -> Epc:
    bits = int(raw, 16)
    filter_value, partition = bits >> 85 & 0b111, bits >> 82 & 0b111
    if partition >= len(_PARTITIONS):
        return Epc(raw, EpcScheme.SGTIN_96)
    prefix_bits, prefix_digits = _PARTITIONS[partition]
    both = bits >> 38 & (1 << 44) - 1
    prefix, item = both >> 44 - prefix_bits, both & (1 << 44 - prefix_bits) - 1
    if prefix >= 10**prefix_digits or item >= 10 ** (13 - prefix_digits):
        return Epc(raw, EpcScheme.SGTIN_96)
    reference = f"{item:0{13 - prefix_digits}d}"  # its first digit is the indicator, which a GTIN has in front of the prefix
    body = f"{reference[0]}{prefix:0{prefix_digits}d}{reference[1:]}"
    return Epc(raw, EpcScheme.SGTIN_96, f"{body}{gtin_check_digit(body)}", bits & (1 << 38) - 1, filter_value)


def read_org_code(text: str) -> str | None:
    """组织机构代码 (GB 11714) as nine characters, or the same within a 统一社会信用代码; None for what is neither."""
    code = squeeze(clean_code(text))
    if len(code) == 18 and code.isascii() and code.isalnum():
        code = code[8:17]
    found = _ORG_CODE.fullmatch(code)
    return found[1] + found[2] if found else None


def org_code_holds(code: str) -> bool:
    """Whether the check digit is right: 11 − weighted sum mod 11, 10 as X, 11 as 0. Some old codes have another: no more than a doubt."""
    total = sum(weight * int(sign, 36) for weight, sign in zip(ORG_CODE_WEIGHTS, code, strict=False))
    return "0123456789X0"[11 - total % 11] == code[8:]
