"""What the gateway read in the index parts, and what it returned to stations (退回)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, delete, func, insert, select, update

from courier_check import typed
from courier_check.gateway.store.schema import entries, index_rows, returned, tokens, waybills
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
class HeldAct:
    """An acceptance that is held. `hash`: of its entry."""

    arrival: int
    journal_id: str
    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Holder:
    """An acceptance and the waybill it stands for. `said_by`: arrival of the entry that says so, itself or its newest correction."""

    act: HeldAct
    station_id: str
    said_by: int
    waybill: str
    carrier: str | None


@dataclass(frozen=True, slots=True)
class RaisedItem:
    """退回: an objection, numbered for its station. `said_by`: arrival of the entry that says what is objected to."""

    station_id: str
    number: int
    journal_id: str
    seq: int
    code: str
    said_by: int
    document: Signed
    at_ms: int
    raised_by: int


def add_index_rows(tx: Connection, rows: Sequence[IndexRow], row_tokens: Sequence[tuple[int, str, str]]) -> None:
    """Index rows and their match tokens; `row_tokens`: (arrival, kind, token)."""
    if rows:
        tx.execute(insert(index_rows), [{name: getattr(row, name) for name in IndexRow.__slots__} for row in rows])
    if row_tokens:
        tx.execute(insert(tokens), [{"arrival": arrival, "kind": kind, "token": token} for arrival, kind, token in row_tokens])


def acceptances_at(tx: Connection, station_id: str, journal_id: str, seqs: Collection[int]) -> list[HeldAct]:
    """Which of these entries are acceptances of this station."""
    query = select(entries.c.arrival, entries.c.journal_id, entries.c.seq, entries.c.hash).where(
        entries.c.journal_id == journal_id,
        entries.c.seq.in_(seqs),
        entries.c.station_id == station_id,
        entries.c.kind == "acceptance",
    )
    return [HeldAct(*row) for row in tx.execute(query)]


def holders_of(tx: Connection, of: Collection[str], *, other_than_journal: str) -> list[Holder]:
    """Acceptances in other journals that stand for one of these waybills."""
    query = (
        select(waybills, entries.c.seq, entries.c.hash, entries.c.station_id)
        .join(entries, entries.c.arrival == waybills.c.arrival)
        .where(waybills.c.waybill.in_(of), waybills.c.journal_id != other_than_journal)
    )
    return [
        Holder(HeldAct(r.arrival, r.journal_id, r.seq, r.hash), r.station_id, r.said_by, r.waybill, r.carrier) for r in tx.execute(query)
    ]


def note_waybills(tx: Connection, said: Collection[Holder]) -> None:
    """From now on these acceptances stand for these waybills, and no longer for those before."""
    corrected = [each.act.arrival for each in said if each.said_by != each.act.arrival]
    if corrected:
        tx.execute(delete(waybills).where(waybills.c.arrival.in_(corrected)))
    if said:
        rows = [
            {
                "arrival": each.act.arrival,
                "journal_id": each.act.journal_id,
                "waybill": each.waybill,
                "carrier": each.carrier,
                "said_by": each.said_by,
            }
            for each in said
        ]
        tx.execute(insert(waybills), rows)


def last_number(tx: Connection, station_id: str) -> int:
    """The number of the station's newest returned item, 0 if there is none."""
    number: int = tx.execute(select(func.coalesce(func.max(returned.c.number), 0)).where(returned.c.station_id == station_id)).scalar_one()
    return number


def is_returned(tx: Connection, journal_id: str, seq: int, code: str, said_by: int) -> bool:
    query = select(returned.c.number).where(
        returned.c.journal_id == journal_id, returned.c.seq == seq, returned.c.code == code, returned.c.said_by == said_by
    )
    return tx.execute(query).first() is not None


def add_returned(tx: Connection, item: RaisedItem) -> None:
    tx.execute(
        insert(returned).values(
            station_id=item.station_id,
            number=item.number,
            journal_id=item.journal_id,
            seq=item.seq,
            code=item.code,
            said_by=item.said_by,
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
    return tuple(typed.decode(document, Signed) for document in tx.execute(query).scalars())


def returned_after(tx: Connection, station_id: str, number: int, limit: int) -> tuple[Signed, ...]:
    """A station's items with greater numbers, answered or not, in order."""
    query = (
        select(returned.c.document)
        .where(returned.c.station_id == station_id, returned.c.number > number)
        .order_by(returned.c.number)
        .limit(limit)
    )
    return tuple(typed.decode(document, Signed) for document in tx.execute(query).scalars())
