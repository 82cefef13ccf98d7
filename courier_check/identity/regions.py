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
_MOST_WRONG = 2
_LOOKALIKES = {"颖": "颍", "颍": "颖"}
"""Characters of region names that recognition confuses however clear the print is."""
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

    def mended_address(self, address: str, code: str) -> str:
        """A recognised address whose region differs by a misread character or two from one that it must be; else as it is.

        It must be the region of the holder's own number (`code`), or one that differs only by characters known to look alike: people move,
        and an address of another region is no error.
        """
        own = self.find(code)
        written = self._ways_to_write(code, own.name) if own is not None else ()
        if any(address.startswith(way) for way in written):
            return address
        for way in written:
            head = address[: len(way)]
            if len(head) == len(way) >= 4 and sum(one != other for one, other in zip(head, way, strict=True)) <= _MOST_WRONG:
                return address if self._begins_with_region(address, at_least=len(way)) else way + address[len(way) :]
        return self._without_lookalikes(address)

    def _without_lookalikes(self, address: str) -> str:
        for place, character in enumerate(address[:16]):
            other = _LOOKALIKES.get(character)
            if other is None or self._begins_with_region(address):
                continue
            swapped = address[:place] + other + address[place + 1 :]
            if self._begins_with_region(swapped):
                return swapped
        return address

    def _begins_with_region(self, address: str, *, at_least: int = 0) -> bool:
        """Whether the address begins with a county of any list, written out in so many characters."""
        return any(
            address.startswith(way)
            for _, names in self._by_status()
            for code, name in names.items()
            if name in address[:24] and not code.endswith("00")
            for way in self._ways_to_write(code, name)
            if len(way) >= at_least
        )

    def _ways_to_write(self, code: str, name: str) -> tuple[str, ...]:
        """With the province and city above it, or with one of the two: 河南省郑州市新郑市, 河南省新郑市. Longest first."""
        above = [part for part in (self._name(code[:2] + _PROVINCE_TAIL), self._name(code[:4] + "00")) if part and part not in _AGGREGATES]
        ways = {"".join(dict.fromkeys([*above, name])), *(part + name for part in above if part != name)}
        return tuple(sorted(ways, key=lambda way: (-len(way), way)))

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
