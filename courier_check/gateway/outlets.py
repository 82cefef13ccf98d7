"""网点一览: what the regulator's page shows of each outlet and station. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import msgspec

from courier_check import typed
from courier_check.gateway.closings import ClosedDay
from courier_check.gateway.store.late import Confirmed
from courier_check.gateway.store.pulls import ActCount, StationRow
from courier_check.gateway.store.systems import PublishedPackage
from courier_check.reports.acts import ActKind, is_named, is_owed
from courier_check.reports.daily import Rate

ACTS = (ActKind.ACCEPTANCE, ActKind.REFUSAL, ActKind.REFERRAL)
SILENT_AFTER_MS = timedelta(hours=24) // timedelta(milliseconds=1)
LISTS_LATE_AFTER_MS = timedelta(hours=12) // timedelta(milliseconds=1)
"""How long a station may go on with a list of which a newer version was published: a station with a line fetches it within minutes."""


@dataclass(frozen=True, slots=True)
class ListInForce:
    """名单 that a station works with: as its newest act names it, or installed since. `age_ms`: since it was published here, None if it was
    not; `late`: a newer version has been there for more than LISTS_LATE_AFTER_MS."""

    name: str
    version: str
    age_ms: int | None
    outdated: bool
    late: bool = False


@dataclass(frozen=True, slots=True)
class StationLine:
    """One row of the page. Times are milliseconds ago; None where the station never said."""

    station_id: str
    accepted: int
    refused: int
    referred: int
    real_name: Rate
    inspected: Rate
    backlog: int | None
    backlog_age_ms: int | None
    silence_ms: int | None
    silent: bool
    returned_open: int
    lists: tuple[ListInForce, ...]
    revoked: bool
    flagged: int
    forks: int
    claims: int
    closed: ClosedDay | None
    disputes: int
    confirmed: Confirmed | None

    @property
    def lists_late(self) -> bool:
        return any(each.late for each in self.lists)


@dataclass(frozen=True, slots=True)
class OutletBlock:
    """网点 with its stations."""

    outlet_id: str
    outlet_name: str
    region: str
    lines: tuple[StationLine, ...]

    @property
    def closed(self) -> ClosedDay | None:
        """The day close that arrived last."""
        closed = [line.closed for line in self.lines if line.closed is not None]
        return max(closed, key=lambda each: each.arrival, default=None)

    @property
    def disputes(self) -> int:
        """Acts that are disputed and were not corrected since."""
        return sum(line.disputes for line in self.lines)


@dataclass(frozen=True, slots=True)
class Figures:
    """What the database says, by station."""

    counts: Sequence[ActCount]
    returned_open: Mapping[str, int]
    flagged: Mapping[str, int]
    forks: Mapping[str, int]
    published: Sequence[PublishedPackage]
    closed: Mapping[str, ClosedDay] = field(default_factory=dict)
    disputes: Mapping[str, int] = field(default_factory=dict)
    claims: Mapping[str, int] = field(default_factory=dict)
    confirmed: Mapping[str, Confirmed] = field(default_factory=dict)


class _PackageSaid(msgspec.Struct, frozen=True):
    kind: str
    name: str
    version: str


def outlet_blocks(rows: Iterable[StationRow], figures: Figures, now_ms: int) -> list[OutletBlock]:
    """Rows in order of outlet → one block an outlet. An outlet in two regions is shown twice rather than merged."""
    grouped: dict[tuple[str, str, str], list[StationLine]] = {}
    for row in rows:
        grouped.setdefault((row.outlet_id, row.outlet_name, row.region), []).append(station_line(row, figures, now_ms))
    return [OutletBlock(*key, tuple(lines)) for key, lines in grouped.items()]


def station_line(row: StationRow, figures: Figures, now_ms: int) -> StationLine:
    counts = [each for each in figures.counts if each.station_id == row.station_id]
    accepted = [each for each in counts if each.kind == ActKind.ACCEPTANCE]
    owed = [each for each in accepted if is_owed(each.real_name)]
    contact = row.last_contact_ms
    # A station that never called is silent since it was enrolled.
    silence_ms = max(0, now_ms - (row.enrolled_at_ms if contact is None else contact))
    return StationLine(
        station_id=row.station_id,
        accepted=_total(accepted),
        refused=_total(each for each in counts if each.kind == ActKind.REFUSAL),
        referred=_total(each for each in counts if each.kind == ActKind.REFERRAL),
        real_name=_rate(owed, lambda each: is_named(each.mail_kind, each.real_name)),
        inspected=_rate(owed, lambda each: each.inspected is True),
        backlog=row.backlog_entries,
        backlog_age_ms=None if row.backlog_oldest_ms is None else max(0, now_ms - row.backlog_oldest_ms),
        silence_ms=None if contact is None else silence_ms,
        silent=silence_ms > SILENT_AFTER_MS,
        returned_open=figures.returned_open.get(row.station_id, 0),
        lists=lists_in_force(row.packages, figures.published, now_ms),
        revoked=row.revoked_at_ms is not None,
        flagged=figures.flagged.get(row.station_id, 0),
        forks=figures.forks.get(row.station_id, 0),
        claims=figures.claims.get(row.station_id, 0),
        closed=figures.closed.get(row.station_id),
        disputes=figures.disputes.get(row.station_id, 0),
        confirmed=figures.confirmed.get(row.station_id),
    )


def lists_in_force(packages: str, published: Sequence[PublishedPackage], now_ms: int) -> tuple[ListInForce, ...]:
    """Lists a station says it works with; `packages`: JSON of what it says."""
    said = typed.decode(packages, tuple[_PackageSaid, ...])
    issued = {(each.name, str(each.version)): each.issued_at_ms for each in published}
    found = []
    for each in said:
        if each.kind != "list":
            continue
        issued_at_ms = issued.get((each.name, each.version))
        age_ms = None if issued_at_ms is None else max(0, now_ms - issued_at_ms)
        newer_ms = _newer_since_ms(each, published)
        late = newer_ms is not None and now_ms - newer_ms > LISTS_LATE_AFTER_MS
        found.append(ListInForce(each.name, each.version, age_ms, newer_ms is not None, late))
    return tuple(found)


def _newer_since_ms(said: _PackageSaid, published: Sequence[PublishedPackage]) -> int | None:
    """When the first version of a list was published that is newer than the one a station works with; None if that is the newest. Of a
    version that this gateway never published nothing is known but that it is another one than the newest."""
    versions = [each for each in published if each.name == said.name]  # in order of version
    place = next((number for number, each in enumerate(versions, 1) if str(each.version) == said.version), None)
    newer = versions[-1:] if place is None else versions[place:]
    return newer[0].issued_at_ms if newer else None


def duration(ms: int | None) -> str:
    """How long ago, in the largest whole unit."""
    if ms is None:
        return "—"
    minutes = ms // 60_000
    if minutes < 1:
        return "不到 1 分钟"
    if minutes < 60:
        return f"{minutes} 分钟"
    if minutes < 48 * 60:
        return f"{minutes // 60} 小时"
    return f"{minutes // (24 * 60)} 天"


def _total(counts: Iterable[ActCount]) -> int:
    return sum(each.count for each in counts)


def _rate(due: Sequence[ActCount], done: Callable[[ActCount], bool]) -> Rate:
    return Rate(_total(each for each in due if done(each)), _total(due))
