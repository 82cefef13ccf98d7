"""What regulators ask for: entries in order of arrival, and the figures of stations."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, select, union

from courier_check.gateway.store import late
from courier_check.gateway.store.schema import ABOUT_OTHERS, chain, claims, entries, forks, journals, parts, returned, stations


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are asked for. `region`: prefix of the county code; times are the stations' own, from_ms ≤ t < to_ms; arrival in
    (after, until]."""

    region: str
    from_ms: int | None
    to_ms: int | None
    after: int
    until: int


@dataclass(frozen=True, slots=True)
class PulledEntry:
    """An entry with where and when it arrived. `reported`: the sealed part, if it is held."""

    arrival: int
    gateway_seq: int
    received_at_ms: int
    after_revocation: bool
    region: str
    outlet_id: str
    station_id: str
    journal_id: str
    seq: int
    kind: str
    hash: str
    signature: bytes
    header: str
    reported: bytes | None


@dataclass(frozen=True, slots=True)
class StationRow:
    """A station with what it last said of itself. `packages`: JSON of those that it works with."""

    station_id: str
    outlet_id: str
    outlet_name: str
    region: str
    enrolled_at_ms: int
    revoked_at_ms: int | None
    last_contact_ms: int | None
    backlog_entries: int | None
    backlog_oldest_ms: int | None
    packages: str


@dataclass(frozen=True, slots=True)
class ActCount:
    """How many entries of a station share what rates are made of. Entries received after a revocation are among them once confirmed."""

    station_id: str
    kind: str
    mail_kind: str | None
    real_name: str | None
    inspected: bool | None
    count: int


@dataclass(frozen=True, slots=True)
class EntryAbout:
    """An entry that says something of others: a day close, a dispute, a correction."""

    arrival: int
    station_id: str
    kind: str
    header: str


@dataclass(frozen=True, slots=True)
class Opening:
    """The header of a journal's first entry."""

    station_id: str
    header: str


def last_arrival(tx: Connection) -> int:
    arrival: int = tx.execute(select(chain.c.arrival)).scalar_one()
    return arrival


def pulled(tx: Connection, wanted: Wanted, limit: int) -> list[PulledEntry]:
    """Entries in order of arrival, at most `limit`."""
    columns = [entries.c[name] for name in PulledEntry.__slots__ if name != "reported"]
    reported = parts.c.sealed.label("reported")
    joined = entries.outerjoin(parts, (parts.c.arrival == entries.c.arrival) & (parts.c.name == "reported"))
    query = (
        _within(select(*columns, reported).select_from(joined), wanted.region, wanted.from_ms, wanted.to_ms)
        .where(entries.c.arrival > wanted.after, entries.c.arrival <= wanted.until)
        .order_by(entries.c.arrival)
        .limit(limit)
    )
    return [PulledEntry(**row._mapping) for row in tx.execute(query)]


def station_rows(tx: Connection, region: str) -> list[StationRow]:
    """Stations in order of outlet."""
    columns = [stations.c[name] for name in StationRow.__slots__]
    query = select(*columns).where(stations.c.region.startswith(region)).order_by(stations.c.outlet_id, stations.c.station_id)
    return [StationRow(**row._mapping) for row in tx.execute(query)]


def act_counts(tx: Connection, region: str, kinds: Collection[str]) -> list[ActCount]:
    columns = [entries.c[name] for name in ActCount.__slots__ if name != "count"]
    query = _within(select(*columns, func.count().label("number")), region, None, None)
    query = query.where(entries.c.kind.in_(kinds), late.counts()).group_by(*columns)
    return [ActCount(*row) for row in tx.execute(query)]


def flagged_counts(tx: Connection, region: str) -> dict[str, int]:
    """吊销后收到, and not confirmed by anybody: by station."""
    query = _within(select(entries.c.station_id, func.count()), region, None, None)
    query = query.where(late.waits()).group_by(entries.c.station_id)
    return {row[0]: row[1] for row in tx.execute(query)}


def open_returned(tx: Connection) -> dict[str, int]:
    """Returned items that no correction has answered, by station."""
    query = select(returned.c.station_id, func.count()).where(returned.c.answered_seq.is_(None)).group_by(returned.c.station_id)
    return {row[0]: row[1] for row in tx.execute(query)}


def newest_about(tx: Connection, region: str, kind: str) -> list[EntryAbout]:
    """The entry of a kind of ABOUT_OTHERS that arrived last, of each station. Entries received after a revocation are left out
    until they are confirmed."""
    newest = _about(select(func.max(entries.c.arrival)), region, (kind,)).group_by(entries.c.station_id)
    columns = [entries.c[name] for name in EntryAbout.__slots__]
    return [EntryAbout(*row) for row in tx.execute(select(*columns).where(entries.c.arrival.in_(newest)).order_by(entries.c.arrival))]


def disputes_and_corrections(tx: Connection, region: str) -> list[EntryAbout]:
    """Disputes, and what the stations that have any have corrected since the first of them, in order of arrival, likewise."""
    columns = [entries.c[name] for name in EntryAbout.__slots__]
    disputes = [EntryAbout(*row) for row in tx.execute(_about(select(*columns), region, ("dispute",)))]
    if not disputes:
        return []
    since, whose = min(each.arrival for each in disputes), {each.station_id for each in disputes}
    later = _about(select(*columns), region, ("correction",)).where(entries.c.arrival > since, entries.c.station_id.in_(whose))
    return sorted([*disputes, *(EntryAbout(*row) for row in tx.execute(later))], key=lambda each: each.arrival)


def _about(query: Select[*tuple[Any, ...]], region: str, kinds: Collection[str]) -> Select[*tuple[Any, ...]]:
    return _within(query, region, None, None).where(ABOUT_OTHERS, entries.c.kind.in_(kinds), late.counts())


def fork_counts(tx: Connection) -> dict[str, int]:
    query = select(forks.c.station_id, func.count()).group_by(forks.c.station_id)
    return {row[0]: row[1] for row in tx.execute(query)}


def claim_counts(tx: Connection) -> dict[str, int]:
    """争用: journals under whose ids two stations sign, by station, for the one that is held as for the others."""
    holders = select(journals.c.station_id, claims.c.journal_id).join(claims, claims.c.journal_id == journals.c.journal_id)
    both = union(holders, select(claims.c.station_id, claims.c.journal_id)).subquery()
    query = select(both.c.station_id, func.count()).group_by(both.c.station_id)
    return {row[0]: row[1] for row in tx.execute(query)}


def arrived(tx: Connection, station_id: str, from_ms: int, to_ms: int) -> list[tuple[str, int, str]]:
    """(journal_id, seq, kind) of a station's entries that arrived in a period of the gateway's clock."""
    query = select(entries.c.journal_id, entries.c.seq, entries.c.kind).where(
        entries.c.station_id == station_id, entries.c.received_at_ms >= from_ms, entries.c.received_at_ms < to_ms
    )
    return [(row.journal_id, row.seq, row.kind) for row in tx.execute(query)]


def held_before(tx: Connection, station_id: str, before_ms: int) -> dict[str, int]:
    """How far each journal of a station was held at a moment."""
    query = select(entries.c.journal_id, func.max(entries.c.seq)).where(
        entries.c.station_id == station_id, entries.c.received_at_ms < before_ms
    )
    return {row[0]: row[1] for row in tx.execute(query.group_by(entries.c.journal_id))}


def openings(tx: Connection, region: str) -> list[Opening]:
    """First entries of journals, oldest first."""
    query = _within(select(entries.c.station_id, entries.c.header), region, None, None)
    return [Opening(*row) for row in tx.execute(query.where(entries.c.seq == 1).order_by(entries.c.arrival))]


def held_lasts(tx: Connection) -> dict[tuple[str, str], int]:
    """How far each journal is held, by (station_id, journal_id)."""
    rows = tx.execute(select(journals.c.station_id, journals.c.journal_id, journals.c.last_seq))
    return {(row[0], row[1]): row[2] for row in rows}


def returned_counts(tx: Connection, from_ms: int, to_ms: int) -> dict[str, int]:
    """Items returned in a period, by station."""
    query = select(returned.c.station_id, func.count()).where(returned.c.at_ms >= from_ms, returned.c.at_ms < to_ms)
    return {row[0]: row[1] for row in tx.execute(query.group_by(returned.c.station_id))}


def _within(query: Select[*tuple[Any, ...]], region: str, from_ms: int | None, to_ms: int | None) -> Select[*tuple[Any, ...]]:
    if region:
        query = query.where(entries.c.region.startswith(region))
    if from_ms is not None:
        query = query.where(entries.c.wall_ms >= from_ms)
    if to_ms is not None:
        query = query.where(entries.c.wall_ms < to_ms)
    return query
