"""同步报告: per station and day, what arrived and what did not (docs/wire.md §10)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import msgspec

from courier_check import typed
from courier_check.clock import day_bounds_ms
from courier_check.gateway.rows import Row
from courier_check.gateway.setup import Gateway
from courier_check.gateway.store import pulls
from courier_check.gateway.store.pulls import Opening, StationRow
from courier_check.reports.sync_report import HeldEntry, StationState, sync_report, sync_report_json

COLUMNS = (
    "day",
    "region",
    "outlet_id",
    "outlet",
    "station_id",
    "journals",
    "kinds",
    "lost",
    "returned",
    "returned_open",
    "list_versions",
    "packages",
    "last_contact_ms",
    "backlog",
    "backlog_oldest_ms",
    "revoked_at_ms",
    "complete",
)


_NUMBER = re.compile("[0-9]{1,15}")


class _Package(msgspec.Struct, frozen=True):
    kind: str
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class _Reported:
    """What holds for all stations of a report."""

    day: date
    returned: Mapping[str, int]
    returned_open: Mapping[str, int]
    lost: Mapping[str, list[Row]]


class _Predecessor(msgspec.Struct, frozen=True):
    journal_id: str
    last_seq: int


class _OpenFacts(msgspec.Struct, frozen=True):
    predecessor: _Predecessor | None = None


class _OpenHeader(msgspec.Struct, frozen=True):
    facts: _OpenFacts


def sync_reports(gateway: Gateway, region: str, day: date) -> Iterator[Row]:
    """One row a station of the region, whether anything arrived or not. The day is China's, by the gateway's clock; what is lost, open,
    installed, heard and pending is as of now."""
    from_ms, to_ms = day_bounds_ms(day)
    with gateway.database.read() as tx:
        stations = pulls.station_rows(tx, region)
        lost = lost_entries(pulls.openings(tx, region), pulls.held_lasts(tx))
        reported = _Reported(day, pulls.returned_counts(tx, from_ms, to_ms), pulls.open_returned(tx), lost)
    for station in stations:
        with gateway.database.read() as tx:
            entries = [HeldEntry(*each) for each in pulls.arrived(tx, station.station_id, from_ms, to_ms)]
            held_before = pulls.held_before(tx, station.station_id, from_ms)
        yield _row(station, reported, entries, held_before)


def lost_entries(openings: Iterable[Opening], held: Mapping[tuple[str, str], int]) -> dict[str, list[Row]]:
    """Entries that a journal's successor says there were and that never arrived, by station."""
    found: dict[str, list[Row]] = {}
    for opening in openings:
        predecessor = _predecessor(opening.header)
        if predecessor is None:
            continue
        last_held = held.get((opening.station_id, predecessor.journal_id), 0)
        if predecessor.last_seq > last_held:
            lost = {"journal_id": predecessor.journal_id, "first_seq": last_held + 1, "last_seq": predecessor.last_seq}
            found.setdefault(opening.station_id, []).append(lost)
    return found


def _predecessor(header: str) -> _Predecessor | None:
    try:
        return typed.decode(header, _OpenHeader).facts.predecessor
    except msgspec.ValidationError:  # facts are the station's own and were never checked
        return None


def _row(station: StationRow, reported: _Reported, entries: list[HeldEntry], held_before: Mapping[str, int]) -> Row:
    packages = typed.decode(station.packages, tuple[_Package, ...])
    state = StationState(
        station_id=station.station_id,
        outlet=station.outlet_name,
        last_contact_ms=station.last_contact_ms,
        backlog=station.backlog_entries,
        returned=reported.returned.get(station.station_id, 0),
        list_versions=tuple((each.name, int(each.version)) for each in packages if each.kind == "list" and _NUMBER.fullmatch(each.version)),
        held_before=held_before,
    )
    report = sync_report(reported.day, state, entries)
    lost = reported.lost.get(station.station_id, [])
    return {
        **sync_report_json(report),
        "region": station.region,
        "outlet_id": station.outlet_id,
        "lost": lost,
        "returned_open": reported.returned_open.get(station.station_id, 0),
        "packages": msgspec.to_builtins(packages),
        "backlog_oldest_ms": station.backlog_oldest_ms,
        "revoked_at_ms": station.revoked_at_ms,
        "complete": report.complete and not lost,
    }
