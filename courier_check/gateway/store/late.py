"""吊销后收到: entries first received after their station was revoked. No figure counts them until a person has confirmed them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, insert, or_, select, update

from courier_check.gateway.store.schema import confirmations, entries, journals


@dataclass(frozen=True, slots=True)
class Confirmation:
    """确认: who lets late entries of a station count, when and why."""

    station_id: str
    confirmed_by: str
    reason: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What was confirmed of a station: how many entries in all, and the newest confirmation."""

    entries: int
    newest: Confirmation


def counts() -> ColumnElement[bool]:
    """The condition that figures count an entry: it was received before any revocation, or confirmed."""
    return or_(entries.c.after_revocation.is_(False), entries.c.confirmation.is_not(None))


def waits() -> ColumnElement[bool]:
    """The condition that an entry waits for somebody to confirm it."""
    return entries.c.after_revocation.is_(True) & entries.c.confirmation.is_(None)


def confirm(tx: Connection, confirmation: Confirmation, journal_id: str | None) -> int:
    """Confirm what waits of a station, or of one of its journals; returns how many entries. Where nothing waits nothing is written down."""
    which = waits() & (entries.c.station_id == confirmation.station_id)
    if journal_id is not None:
        which &= entries.c.journal_id == journal_id
    number = 1 + int(tx.execute(select(func.coalesce(func.max(confirmations.c.number), 0))).scalar_one())
    count = tx.execute(update(entries).where(which).values(confirmation=number)).rowcount
    if count:
        said = {name: getattr(confirmation, name) for name in Confirmation.__slots__}
        tx.execute(insert(confirmations).values(number=number, journal_id=journal_id, entries=count, **said))
    return count


def is_journal_of(tx: Connection, station_id: str, journal_id: str) -> bool:
    query = select(journals.c.journal_id).where(journals.c.station_id == station_id, journals.c.journal_id == journal_id)
    return tx.execute(query).one_or_none() is not None


def confirmed(tx: Connection) -> dict[str, Confirmed]:
    """By station."""
    columns = [confirmations.c[name] for name in Confirmation.__slots__]
    found: dict[str, Confirmed] = {}
    for *said, count in tx.execute(select(*columns, confirmations.c.entries).order_by(confirmations.c.number)):
        newest = Confirmation(*said)
        before = found.get(newest.station_id)
        found[newest.station_id] = Confirmed(count + (before.entries if before else 0), newest)
    return found
