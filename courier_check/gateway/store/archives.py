"""What archives are made of: whole ranges of entries, the receipts that cover them, certificates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from courier_check import typed
from courier_check.gateway.store.schema import entries, journals, parts, receipts, stations
from courier_check.journal.verify import Stored
from courier_check.wire.signed import Signed


@dataclass(frozen=True, slots=True)
class HeldJournal:
    """A journal as far as it is held."""

    station_id: str
    journal_id: str
    last_seq: int


def held_journals(tx: Connection, station_id: str | None) -> list[HeldJournal]:
    """All journals, or those of one station."""
    query = select(journals.c.station_id, journals.c.journal_id, journals.c.last_seq)
    if station_id is not None:
        query = query.where(journals.c.station_id == station_id)
    return [HeldJournal(*row) for row in tx.execute(query.order_by(journals.c.station_id, journals.c.journal_id))]


def held_range(tx: Connection, journal_id: str, first_seq: int, last_seq: int) -> list[Stored]:
    """Entries with their sealed parts, in order of seq."""
    wanted = (entries.c.journal_id == journal_id) & entries.c.seq.between(first_seq, last_seq)
    sealed: dict[int, dict[str, bytes]] = {}
    for row in tx.execute(
        select(entries.c.seq, parts.c.name, parts.c.sealed).join(entries, entries.c.arrival == parts.c.arrival).where(wanted)
    ):
        sealed.setdefault(row.seq, {})[row.name] = row.sealed
    rows = tx.execute(select(entries.c.seq, entries.c.header, entries.c.signature).where(wanted).order_by(entries.c.seq))
    return [Stored(row.seq, row.header.encode(), row.signature, {}, sealed.get(row.seq, {})) for row in rows]


def prev_of(tx: Connection, journal_id: str, seq: int) -> str | None:
    """The hash of the entry before one; None where that is not held."""
    query = select(entries.c.hash).where(entries.c.journal_id == journal_id, entries.c.seq == seq - 1)
    found: str | None = tx.execute(query).scalar_one_or_none()
    return found


def receipts_up_to(tx: Connection, journal_id: str, last_seq: int) -> Iterator[tuple[int, int, Signed]]:
    """Receipts of a journal that reach no further: (first_seq, last_seq, document)."""
    query = select(receipts.c.first_seq, receipts.c.last_seq, receipts.c.document)
    for row in tx.execute(query.where(receipts.c.journal_id == journal_id, receipts.c.last_seq <= last_seq)):
        yield row.first_seq, row.last_seq, typed.decode(row.document, Signed)


def certificate_of(tx: Connection, station_id: str) -> Signed:
    """The certificate of a station that is known."""
    document: str = tx.execute(select(stations.c.certificate).where(stations.c.station_id == station_id)).scalar_one()
    return typed.decode(document, Signed)
