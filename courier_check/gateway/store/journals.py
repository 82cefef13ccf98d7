"""Journals as stations delivered them: entries, sealed parts, receipts, forks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, delete, func, insert, select, update

from courier_check import typed
from courier_check.gateway.store.many import insert_rows
from courier_check.gateway.store.schema import chain, claims, entries, forks, journals, parts, receipts, settings
from courier_check.journal.entries import header_hash
from courier_check.journal.verify import Stored
from courier_check.wire.signed import Signed

ReceiptPlace = tuple[str, int]
"""(gateway_journal_id, gateway_seq): no two receipts have the same."""
_SIGNED_ANEW = "signed_anew"


class _Dated(msgspec.Struct, frozen=True):
    received_at_ms: int


@dataclass(frozen=True, slots=True)
class HeldHead:
    """How far the gateway holds a journal, and whose it is."""

    station_id: str
    seq: int
    head: str


@dataclass(frozen=True, slots=True)
class ChainEnd:
    """Where the gateway's own journal, the chain of its receipts, and its arrival numbers stand."""

    gateway_journal_id: str
    gateway_seq: int
    gateway_prev: str
    arrival: int


@dataclass(frozen=True, slots=True)
class HeldEntry:
    """One entry as it stands in the database. `sound`: the header still hashes to what was noted when it came in."""

    arrival: int
    seq: int
    hash: str
    header: str
    signature: bytes

    @property
    def sound(self) -> bool:
        return header_hash(self.header.encode()) == self.hash


class EntryRow(NamedTuple):
    """An entry as it is stored, its columns in order. `arrival`: the gateway's own number, in order of commit."""

    arrival: int
    journal_id: str
    seq: int
    station_id: str
    outlet_id: str
    region: str
    hash: str
    header: str
    signature: bytes
    kind: str
    wall_ms: int
    received_at_ms: int
    gateway_seq: int
    after_revocation: bool
    mail_kind: str | None
    real_name: str | None
    inspected: bool | None
    confirmation: int | None = None


def held_head(tx: Connection, journal_id: str) -> HeldHead | None:
    row = tx.execute(select(journals).where(journals.c.journal_id == journal_id)).one_or_none()
    return None if row is None else HeldHead(row.station_id, row.last_seq, row.head)


def held_entries(tx: Connection, journal_id: str, first_seq: int, last_seq: int) -> dict[int, HeldEntry]:
    """What is held in a range, by seq. Below the head there are gaps only where the database was damaged."""
    columns = [entries.c[name] for name in HeldEntry.__slots__]
    query = select(*columns).where(entries.c.journal_id == journal_id, entries.c.seq.between(first_seq, last_seq))
    return {row.seq: HeldEntry(*row) for row in tx.execute(query)}


def remove_damaged(tx: Connection, damaged: Sequence[HeldEntry]) -> None:
    """Take out rows that no longer are what came in, with their parts, to put what is sent again in their place."""
    arrivals = [each.arrival for each in damaged]
    if arrivals:
        tx.execute(delete(parts).where(parts.c.arrival.in_(arrivals)))
        tx.execute(delete(entries).where(entries.c.arrival.in_(arrivals)))


def held_entry(tx: Connection, journal_id: str, seq: int) -> Stored:
    """One entry with its sealed parts; the caller knows that it is held."""
    row = tx.execute(select(entries).where(entries.c.journal_id == journal_id, entries.c.seq == seq)).one()
    sealed = {part.name: part.sealed for part in tx.execute(select(parts).where(parts.c.arrival == row.arrival))}
    return Stored(seq, row.header.encode(), row.signature, {}, sealed)


def any_after_revocation(tx: Connection, journal_id: str, first_seq: int, last_seq: int) -> bool:
    query = select(func.count()).where(
        entries.c.journal_id == journal_id, entries.c.seq.between(first_seq, last_seq), entries.c.after_revocation.is_(True)
    )
    return tx.execute(query).scalar_one() > 0


def chain_end(tx: Connection) -> ChainEnd:
    row = tx.execute(select(chain)).one()
    return ChainEnd(row.gateway_journal_id, row.gateway_seq, row.gateway_prev, row.arrival)


def move_chain(tx: Connection, end: ChainEnd) -> None:
    tx.execute(update(chain).values(**{name: getattr(end, name) for name in ChainEnd.__slots__}))


def add_entries(tx: Connection, rows: Sequence[EntryRow], sealed: Sequence[tuple[int, str, bytes]]) -> None:
    """Entries and their sealed parts; `sealed`: (arrival, name, bytes)."""
    insert_rows(tx, entries, EntryRow._fields, rows)
    insert_rows(tx, parts, ("arrival", "name", "sealed"), sealed)


def move_head(tx: Connection, journal_id: str, head: HeldHead, *, opened: bool) -> None:
    """The journal now reaches to this head; `opened`: it was not held before."""
    if opened:
        tx.execute(insert(journals).values(journal_id=journal_id, station_id=head.station_id, last_seq=head.seq, head=head.head))
    else:
        tx.execute(update(journals).where(journals.c.journal_id == journal_id).values(last_seq=head.seq, head=head.head))


def find_receipt(tx: Connection, journal_id: str, first_seq: int, last_seq: int) -> tuple[ReceiptPlace, Signed] | None:
    """The receipt of exactly this range, and its place in the gateway's own journals."""
    query = select(receipts).where(receipts.c.journal_id == journal_id, receipts.c.first_seq == first_seq, receipts.c.last_seq == last_seq)
    row = tx.execute(query).one_or_none()
    return None if row is None else ((row.gateway_journal_id, row.gateway_seq), typed.decode(row.document, Signed))


def receipt_at(tx: Connection, place: ReceiptPlace) -> Signed | None:
    """The receipt with this number."""
    query = select(receipts.c.document).where(receipts.c.gateway_journal_id == place[0], receipts.c.gateway_seq == place[1])
    document = tx.execute(query).scalar_one_or_none()
    return None if document is None else typed.decode(document, Signed)


def signed_anew(tx: Connection) -> int:
    """Under which list of keys in force (its serial) everything was signed anew; 0 if never."""
    value = tx.execute(select(settings.c.value).where(settings.c.name == _SIGNED_ANEW)).scalar_one_or_none()
    return 0 if value is None else int(value)


def note_signed_anew(tx: Connection, serial: int) -> None:
    tx.execute(delete(settings).where(settings.c.name == _SIGNED_ANEW))
    tx.execute(insert(settings).values(name=_SIGNED_ANEW, value=str(serial)))


def newest_time(tx: Connection) -> int:
    """The latest time that any receipt says, whatever the clock did since; 0 if there is none."""
    latest, place = 0, ("", 0)
    while page := receipts_after(tx, place, 1000):
        latest = max([latest, *(typed.decode(signed.body, _Dated).received_at_ms for _, signed in page)])
        place = page[-1][0]
    return latest


def receipts_after(tx: Connection, place: ReceiptPlace, limit: int) -> list[tuple[ReceiptPlace, Signed]]:
    """The next receipts in the order of their places, of all gateway journals."""
    of = (receipts.c.gateway_journal_id, receipts.c.gateway_seq)
    behind = (of[0] > place[0]) | ((of[0] == place[0]) & (of[1] > place[1]))
    rows = tx.execute(select(*of, receipts.c.document).where(behind).order_by(*of).limit(limit))
    return [((row[0], row[1]), typed.decode(row[2], Signed)) for row in rows]


def put_receipt(tx: Connection, place: ReceiptPlace, receipt: Signed) -> None:
    """The same receipt under another signature."""
    at = (receipts.c.gateway_journal_id == place[0]) & (receipts.c.gateway_seq == place[1])
    tx.execute(update(receipts).where(at).values(document=msgspec.json.encode(receipt).decode()))


def receipt_ending(tx: Connection, journal_id: str, last_seq: int) -> Signed | None:
    """A receipt whose range ends at this seq."""
    query = select(receipts.c.document).where(receipts.c.journal_id == journal_id, receipts.c.last_seq == last_seq).limit(1)
    document = tx.execute(query).scalar_one_or_none()
    return None if document is None else typed.decode(document, Signed)


def add_receipt(tx: Connection, journal_id: str, seqs: tuple[int, int], place: ReceiptPlace, receipt: Signed) -> None:
    tx.execute(
        insert(receipts).values(
            gateway_journal_id=place[0],
            gateway_seq=place[1],
            journal_id=journal_id,
            first_seq=seqs[0],
            last_seq=seqs[1],
            document=msgspec.json.encode(receipt).decode(),
        )
    )


def keep_fork(tx: Connection, journal_id: str, station_id: str, other: Stored, at_ms: int) -> None:
    """Keep the header that differs from the one held, as evidence; the first at each seq suffices."""
    if tx.execute(select(forks.c.seq).where(forks.c.journal_id == journal_id, forks.c.seq == other.seq)).first():
        return
    tx.execute(
        insert(forks).values(
            journal_id=journal_id,
            seq=other.seq,
            station_id=station_id,
            header=other.header_bytes.decode(),
            signature=other.signature,
            received_at_ms=at_ms,
        )
    )


def keep_claim(tx: Connection, station_id: str, entry: Stored, journal_id: str, at_ms: int) -> None:
    """Keep an entry that a station signed under a journal's id of another one, as evidence; the first of each station suffices."""
    if tx.execute(select(claims.c.seq).where(claims.c.journal_id == journal_id, claims.c.station_id == station_id)).first():
        return
    tx.execute(
        insert(claims).values(
            journal_id=journal_id,
            station_id=station_id,
            seq=entry.seq,
            header=entry.header_bytes.decode(),
            signature=entry.signature,
            received_at_ms=at_ms,
        )
    )


def claimed_by(tx: Connection, station_id: str) -> list[str]:
    """Journals that a station could not deliver, since another one's entries are held under their ids."""
    query = select(claims.c.journal_id).join(journals, journals.c.journal_id == claims.c.journal_id)
    rows = tx.execute(query.where(claims.c.station_id == station_id, journals.c.station_id != station_id).order_by(claims.c.journal_id))
    return [row[0] for row in rows]
