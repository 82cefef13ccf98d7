"""What the gateway read in the index parts, and what it returned to stations (退回)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, func, insert, select, update

from courier_check.gateway.store.schema import entries, index_rows, returned, tokens
from courier_check.wire.signed import Signed


@dataclass(frozen=True, slots=True)
class IndexRow:
    """What search and detectors need of one entry; sender's data masked."""

    arrival: int
    journal_id: str
    seq: int
    station_id: str
    outlet_id: str
    region: str
    kind: str
    mail_kind: str | None
    at_ms: int
    operator: str | None
    waybill: str | None
    carrier: str | None
    match_key_id: str | None
    name_mask: str | None
    number_mask: str | None
    phone_mask: str | None


@dataclass(frozen=True, slots=True)
class Accepted:
    """An acceptance held of a waybill. `hash`: of its entry."""

    station_id: str
    journal_id: str
    seq: int
    hash: str
    waybill: str
    carrier: str | None


@dataclass(frozen=True, slots=True)
class RaisedItem:
    """退回: an objection, numbered for its station."""

    station_id: str
    number: int
    journal_id: str
    seq: int
    code: str
    document: Signed
    at_ms: int
    raised_by: int


def add_index_rows(tx: Connection, rows: Sequence[IndexRow], row_tokens: Sequence[tuple[int, str, str]]) -> None:
    """Index rows and their match tokens; `row_tokens`: (arrival, kind, token)."""
    if rows:
        tx.execute(insert(index_rows), [{name: getattr(row, name) for name in IndexRow.__slots__} for row in rows])
    if row_tokens:
        tx.execute(insert(tokens), [{"arrival": arrival, "kind": kind, "token": token} for arrival, kind, token in row_tokens])


def acceptances_of(tx: Connection, waybills: Collection[str], other_than_journal: str) -> list[Accepted]:
    """Acceptances of these waybills in other journals, in order of arrival."""
    query = (
        select(index_rows, entries.c.hash)
        .join(entries, entries.c.arrival == index_rows.c.arrival)
        .where(index_rows.c.waybill.in_(waybills), index_rows.c.kind == "acceptance", index_rows.c.journal_id != other_than_journal)
        .order_by(index_rows.c.arrival)
    )
    return [Accepted(r.station_id, r.journal_id, r.seq, r.hash, r.waybill, r.carrier) for r in tx.execute(query)]


def last_number(tx: Connection, station_id: str) -> int:
    """The number of the station's newest returned item, 0 if there is none."""
    number: int = tx.execute(select(func.coalesce(func.max(returned.c.number), 0)).where(returned.c.station_id == station_id)).scalar_one()
    return number


def is_returned(tx: Connection, journal_id: str, seq: int, code: str) -> bool:
    query = select(returned.c.number).where(returned.c.journal_id == journal_id, returned.c.seq == seq, returned.c.code == code)
    return tx.execute(query).first() is not None


def add_returned(tx: Connection, item: RaisedItem) -> None:
    tx.execute(
        insert(returned).values(
            station_id=item.station_id,
            number=item.number,
            journal_id=item.journal_id,
            seq=item.seq,
            code=item.code,
            document=msgspec.json.encode(item.document).decode(),
            at_ms=item.at_ms,
            raised_by=item.raised_by,
        )
    )


def answer_returned(tx: Connection, station_id: str, number: int, by: tuple[str, int]) -> None:
    """A correction (journal_id, seq) answers an item of its own station; the first answer counts."""
    tx.execute(
        update(returned)
        .where(returned.c.station_id == station_id, returned.c.number == number, returned.c.answered_seq.is_(None))
        .values(answered_journal_id=by[0], answered_seq=by[1])
    )


def returned_with(tx: Connection, station_id: str, gateway_seq: int) -> tuple[Signed, ...]:
    """The items that were raised with one receipt, for its station."""
    query = (
        select(returned.c.document)
        .where(returned.c.raised_by == gateway_seq, returned.c.station_id == station_id)
        .order_by(returned.c.number)
    )
    return tuple(msgspec.json.decode(document, type=Signed) for document in tx.execute(query).scalars())


def returned_after(tx: Connection, station_id: str, number: int, limit: int) -> tuple[Signed, ...]:
    """A station's items with greater numbers, answered or not, in order."""
    query = (
        select(returned.c.document)
        .where(returned.c.station_id == station_id, returned.c.number > number)
        .order_by(returned.c.number)
        .limit(limit)
    )
    return tuple(msgspec.json.decode(document, type=Signed) for document in tx.execute(query).scalars())
