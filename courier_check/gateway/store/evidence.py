"""What stations have stated of sealed photos, and which of them are held whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select, update

from courier_check import typed
from courier_check.gateway.store.schema import entries, evidence
from courier_check.wire.signed import Signed

PhotoPlace = tuple[str, int, str]
"""A photo: journal, seq, and its name in that entry."""


@dataclass(frozen=True, slots=True)
class NamingEntry:
    """An entry that may name photos, as it stands in the database."""

    station_id: str
    journal_id: str
    seq: int
    hash: str
    header: str


@dataclass(frozen=True, slots=True)
class Stated:
    """What a station has stated of a photo. `held_at_ms`: since when all of its sealed file is held; None: it is not."""

    journal_id: str
    seq: int
    name: str
    station_id: str
    sha256: str
    sealed_sha256: str
    sealed_size: int
    stated_at_ms: int
    held_at_ms: int | None

    @property
    def place(self) -> PhotoPlace:
        return self.journal_id, self.seq, self.name


_STATED = [evidence.c[name] for name in Stated.__slots__]
_NAMING = [entries.c[name] for name in NamingEntry.__slots__]


def entry_at(tx: Connection, journal_id: str, seq: int) -> NamingEntry | None:
    row = tx.execute(select(*_NAMING).where(entries.c.journal_id == journal_id, entries.c.seq == seq)).one_or_none()
    return None if row is None else NamingEntry(*row)


def naming_entries(tx: Connection, station_id: str | None) -> Iterator[NamingEntry]:
    """Entries whose headers name photos, of all stations or one, in order of station, journal and seq. Looks through all entries."""
    query = select(*_NAMING).where(entries.c.header.like('%"evidence":[{%'))
    if station_id is not None:
        query = query.where(entries.c.station_id == station_id)
    rows = tx.execution_options(yield_per=1000).execute(query.order_by(entries.c.station_id, entries.c.journal_id, entries.c.seq))
    return (NamingEntry(*row) for row in rows)


def stated_at(tx: Connection, place: PhotoPlace) -> Stated | None:
    row = tx.execute(select(*_STATED).where(_at(place))).one_or_none()
    return None if row is None else Stated(*row)


def stated_in(tx: Connection, journal_id: str, seq: int) -> dict[str, Stated]:
    """What was stated of an entry's photos, by name."""
    rows = tx.execute(select(*_STATED).where(evidence.c.journal_id == journal_id, evidence.c.seq == seq))
    return {row.name: Stated(*row) for row in rows}


def document_of(tx: Connection, place: PhotoPlace) -> Signed:
    """The signed statement; the caller knows that there is one."""
    document: str = tx.execute(select(evidence.c.document).where(_at(place))).scalar_one()
    return typed.decode(document, Signed)


def announced_size(tx: Connection, station_id: str, sealed_sha256: str) -> int | None:
    """How large a sealed file is by what this station has stated of it; None if it has said nothing of it."""
    where = (evidence.c.station_id == station_id, evidence.c.sealed_sha256 == sealed_sha256)
    found: int | None = tx.execute(select(func.max(evidence.c.sealed_size)).where(*where)).scalar_one()
    return found


def keep(tx: Connection, stated: Stated, document: str) -> None:
    """Keep a statement, in the place of one that was kept of the same photo."""
    tx.execute(delete(evidence).where(_at(stated.place)))
    tx.execute(insert(evidence).values(**{name: getattr(stated, name) for name in Stated.__slots__}, document=document))


def note_held(tx: Connection, sealed_sha256: str, at_ms: int) -> None:
    """A sealed file is held whole, whoever has stated what of it."""
    tx.execute(update(evidence).where(evidence.c.sealed_sha256 == sealed_sha256, evidence.c.held_at_ms.is_(None)).values(held_at_ms=at_ms))


def note_lost(tx: Connection, sealed_sha256: str) -> None:
    """A sealed file is not there any more, or not as it came."""
    tx.execute(update(evidence).where(evidence.c.sealed_sha256 == sealed_sha256).values(held_at_ms=None))


def _at(place: PhotoPlace) -> ColumnElement[bool]:
    return and_(evidence.c.journal_id == place[0], evidence.c.seq == place[1], evidence.c.name == place[2])
