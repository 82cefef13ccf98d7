"""行政区划代码 (GB/T 2260): names of the first six digits of a resident number. An unknown code only warns (domain.md §5.1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from courier_check import typed
from courier_check.errors import UserError
from courier_check.identity.codes import IdentityCode

_CODE = re.compile(r"[0-9]{6}")
_PROVINCE_TAIL = "0000"
_AGGREGATES = frozenset({"市辖区", "县", "市", "省直辖县级行政单位", "省直辖行政单位", "自治区直辖县级行政单位"})
"""Names that only group codes; no one writes them in an address."""


class RegionStatus(StrEnum):
    """现行 or 历史, or a code that statistics use and documents should not."""

    CURRENT = "current"
    HISTORICAL = "historical"
    STATISTICAL = "statistical"


@dataclass(frozen=True, slots=True)
class Region:
    """A region by its code. `name` is its own (金水区), `full_name` with what it lies in (河南省郑州市金水区)."""

    code: str
    name: str
    full_name: str
    status: RegionStatus


class _RegionsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    source: str
    certainty: str
    current: dict[str, str]
    historical: dict[str, str]
    statistical: dict[str, str]


@dataclass(frozen=True, slots=True, repr=False)
class Regions:
    """The table of codes, handed in by the caller."""

    version: str
    _current: Mapping[str, str]
    _historical: Mapping[str, str]
    _statistical: Mapping[str, str]

    @classmethod
    def parse(cls, data: bytes) -> Regions:
        """From resources/regions.json; UserError if it is not such a table."""
        try:
            table = typed.decode(data, _RegionsFile)
        except msgspec.DecodeError as error:
            raise UserError(IdentityCode.REGIONS_UNREADABLE, fault=str(error)) from None
        wrong = next(
            (code for part in (table.current, table.historical, table.statistical) for code in part if not _CODE.fullmatch(code)), None
        )
        if wrong is not None:
            raise UserError(IdentityCode.REGIONS_UNREADABLE, fault=f"not a region code: {wrong[:20]}")
        return cls(table.version, table.current, table.historical, table.statistical)

    def find(self, code: str) -> Region | None:
        """The region of a six-digit code, or None if no list knows it."""
        for status, names in self._by_status():
            if code in names:
                return Region(code, names[code], self._full_name(code, names[code]), status)
        return None

    def _by_status(self) -> tuple[tuple[RegionStatus, Mapping[str, str]], ...]:
        return (
            (RegionStatus.CURRENT, self._current),
            (RegionStatus.HISTORICAL, self._historical),
            (RegionStatus.STATISTICAL, self._statistical),
        )

    def _full_name(self, code: str, name: str) -> str:
        above = [self._name(code[:2] + _PROVINCE_TAIL), self._name(code[:4] + "00")]
        parts = [part for part in above if part and part not in _AGGREGATES and part != name]
        return "".join(dict.fromkeys([*parts, name]))

    def _name(self, code: str) -> str | None:
        return next((names[code] for _, names in self._by_status() if code in names), None)
