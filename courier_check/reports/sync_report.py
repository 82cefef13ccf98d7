"""同步报告: what one station's journals delivered on one day, and what is missing. Pure: from plain rows to one value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class HeldEntry:
    """An entry that arrived on the day (the gateway's day: a station's clock can't make a gap)."""

    journal_id: str
    seq: int
    kind: str


@dataclass(frozen=True, slots=True)
class StationState:
    """What is known of a station besides its entries. `backlog`: entries it last said it still holds, None if it never said."""

    station_id: str
    outlet: str
    last_contact_ms: int | None
    backlog: int | None
    returned: int
    list_versions: tuple[tuple[str, int], ...] = ()
    held_before: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JournalRange:
    """Seqs of one journal on the day; `gaps` are ranges, both ends included, counted on from what was held before the day."""

    journal_id: str
    first_seq: int
    last_seq: int
    entries: int
    gaps: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class SyncReport:
    """One line of the regulator's board, by station and day."""

    day: date
    station_id: str
    outlet: str
    journals: tuple[JournalRange, ...]
    kinds: tuple[tuple[str, int], ...]
    returned: int
    list_versions: tuple[tuple[str, int], ...]
    last_contact_ms: int | None
    backlog: int | None

    @property
    def complete(self) -> bool:
        """No gap, and nothing the station is known to hold back."""
        return not self.backlog and not any(journal.gaps for journal in self.journals)


def sync_report(day: date, station: StationState, entries: Iterable[HeldEntry]) -> SyncReport:
    """The report of one station; an entry given twice counts once."""
    held = {(entry.journal_id, entry.seq): entry.kind for entry in entries}
    seqs: dict[str, list[int]] = {}
    for journal_id, seq in sorted(held):
        seqs.setdefault(journal_id, []).append(seq)
    return SyncReport(
        day=day,
        station_id=station.station_id,
        outlet=station.outlet,
        journals=tuple(_range(name, found, station.held_before.get(name)) for name, found in seqs.items()),
        kinds=tuple(sorted(Counter(held.values()).items())),
        returned=station.returned,
        list_versions=station.list_versions,
        last_contact_ms=station.last_contact_ms,
        backlog=station.backlog,
    )


def sync_report_json(report: SyncReport) -> dict[str, Any]:
    """The report as plain data."""
    return {
        **asdict(report),
        "day": report.day.isoformat(),
        "kinds": dict(report.kinds),
        "list_versions": dict(report.list_versions),
        "complete": report.complete,
    }


def _range(journal_id: str, seqs: Sequence[int], before: int | None) -> JournalRange:
    starts = [seqs[0] - 1 if before is None else before, *seqs]
    gaps = tuple((left + 1, right - 1) for left, right in zip(starts, seqs, strict=False) if right - left > 1)
    return JournalRange(journal_id, seqs[0], seqs[-1], len(seqs), gaps)
