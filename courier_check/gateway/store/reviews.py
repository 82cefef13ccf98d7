"""What the gateway read in the index parts, and what it returned to stations (退回)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from courier_check import typed
from courier_check.gateway.store.journals import ReceiptPlace
from courier_check.gateway.store.many import insert_rows
from courier_check.gateway.store.schema import entries, index_rows, returned, tokens, waybills
from courier_check.wire.signed import Signed


class IndexRow(NamedTuple):
    """What search and detectors need of one entry, its columns in order; sender's data masked."""

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
    gateway_journal_id: str
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
    insert_rows(tx, index_rows, IndexRow._fields, rows)
    insert_rows(tx, tokens, ("arrival", "kind", "token"), row_tokens)


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
        rows = [(each.act.arrival, each.act.journal_id, each.waybill, each.carrier, each.said_by) for each in said]
        insert_rows(tx, waybills, ("arrival", "journal_id", "waybill", "carrier", "said_by"), rows)


def free_waybills(tx: Connection, arrivals: Collection[int]) -> None:
    """These acceptances were withdrawn: their waybills may be accepted anywhere."""
    if arrivals:
        tx.execute(delete(waybills).where(waybills.c.arrival.in_(sorted(arrivals))))


def last_number(tx: Connection, station_id: str, gateway_journal_id: str) -> int:
    """The number of the station's newest returned item in this journal of the gateway, 0 if there is none."""
    query = select(func.coalesce(func.max(returned.c.number), 0)).where(
        returned.c.station_id == station_id, returned.c.gateway_journal_id == gateway_journal_id
    )
    number: int = tx.execute(query).scalar_one()
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
            gateway_journal_id=item.gateway_journal_id,
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


def answer_returned(tx: Connection, station_id: str, number: int, of: str | None, by: tuple[str, int]) -> bool:
    """A correction (journal_id, seq) answers an item of its own station; the first answer counts. `of`: the gateway journal that numbered
    the item; None where the station does not say: the oldest item of that number. Returns whether there is such an item."""
    query = select(returned.c.gateway_journal_id).where(returned.c.station_id == station_id, returned.c.number == number)
    held = tx.execute((query if of is None else query.where(returned.c.gateway_journal_id == of)).order_by(returned.c.at_ms).limit(1))
    found = held.scalar_one_or_none()
    if found is not None:
        item = (returned.c.station_id == station_id) & (returned.c.gateway_journal_id == found) & (returned.c.number == number)
        _answer(tx, item, by)
    return found is not None


def answer_all_of(tx: Connection, station_id: str, act: tuple[str, int], by: tuple[str, int]) -> None:
    """A correction answers whatever was objected to in this act (journal_id, seq) of the station."""
    _answer(tx, (returned.c.station_id == station_id) & (returned.c.journal_id == act[0]) & (returned.c.seq == act[1]), by)


def _answer(tx: Connection, items: ColumnElement[bool], by: tuple[str, int]) -> None:
    open_items = items & returned.c.answered_seq.is_(None)
    tx.execute(update(returned).where(open_items).values(answered_journal_id=by[0], answered_seq=by[1]))


def returned_with(tx: Connection, station_id: str, place: ReceiptPlace) -> tuple[Signed, ...]:
    """The items that were raised with one receipt, for its station."""
    query = (
        select(returned.c.document)
        .where(returned.c.raised_by == place[1], returned.c.gateway_journal_id == place[0], returned.c.station_id == station_id)
        .order_by(returned.c.number)
    )
    return tuple(typed.decode(document, Signed) for document in tx.execute(query).scalars())


def open_items(tx: Connection) -> list[tuple[str, str, int, Signed]]:
    """Every item that nobody has answered: (station_id, gateway_journal_id, number, document), in the order they were raised."""
    query = select(returned).where(returned.c.answered_seq.is_(None)).order_by(returned.c.station_id, returned.c.at_ms, returned.c.number)
    return [(r.station_id, r.gateway_journal_id, r.number, typed.decode(r.document, Signed)) for r in tx.execute(query)]


def documents(tx: Connection) -> list[tuple[tuple[str, str, int], Signed]]:
    """Every item ever returned: ((station_id, gateway_journal_id, number), document)."""
    rows = tx.execute(select(returned.c.station_id, returned.c.gateway_journal_id, returned.c.number, returned.c.document))
    return [((row[0], row[1], row[2]), typed.decode(row[3], Signed)) for row in rows]


def put_document(tx: Connection, item: tuple[str, str, int], document: Signed) -> None:
    """The same item under another signature."""
    of_item = (returned.c.station_id == item[0]) & (returned.c.gateway_journal_id == item[1]) & (returned.c.number == item[2])
    tx.execute(update(returned).where(of_item).values(document=msgspec.json.encode(document).decode()))


def renumber(tx: Connection, item: tuple[str, str, int], into: tuple[str, int], document: Signed) -> None:
    """An item (station_id, gateway_journal_id, number) goes on as one of another gateway journal, under another number."""
    of_item = (returned.c.station_id == item[0]) & (returned.c.gateway_journal_id == item[1]) & (returned.c.number == item[2])
    text = msgspec.json.encode(document).decode()
    tx.execute(update(returned).where(of_item).values(gateway_journal_id=into[0], number=into[1], document=text, raised_by=0))


def move_arrivals(tx: Connection, moved: Mapping[tuple[str, int], int]) -> set[tuple[str, int]]:
    """Entries (journal_id, seq) that were lost have come again under another arrival number: what was read of them and survived belongs to
    that one now. Returns the entries of which something had survived."""
    survived = set()
    for (journal_id, seq), arrival in moved.items():
        of_entry = (index_rows.c.journal_id == journal_id) & (index_rows.c.seq == seq)
        before = list(tx.execute(select(index_rows.c.arrival).where(of_entry).order_by(index_rows.c.arrival.desc())).scalars())
        for stale in before[1:]:  # the entry was lost more than once, and each time its rows survived
            for column in (index_rows.c.arrival, tokens.c.arrival, waybills.c.arrival):
                tx.execute(delete(column.table).where(column == stale))
            tx.execute(update(returned).where(returned.c.said_by == stale).values(said_by=arrival))
        if before:
            survived.add((journal_id, seq))
            for column in (index_rows.c.arrival, tokens.c.arrival, waybills.c.arrival, waybills.c.said_by, returned.c.said_by):
                tx.execute(update(column.table).where(column == before[0]).values({column.name: arrival}))
    return survived


def returned_after(tx: Connection, station_id: str, gateway_journal_id: str, number: int, limit: int) -> tuple[Signed, ...]:
    """A station's items of one gateway journal with greater numbers, answered or not, in order."""
    query = (
        select(returned.c.document)
        .where(returned.c.station_id == station_id, returned.c.gateway_journal_id == gateway_journal_id, returned.c.number > number)
        .order_by(returned.c.number)
        .limit(limit)
    )
    return tuple(typed.decode(document, Signed) for document in tx.execute(query).scalars())
