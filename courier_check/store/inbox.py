"""The station's inbox: receipts and returned items. Not entries, so that 'pending 0' can be reached."""

from __future__ import annotations

from dataclasses import dataclass

from courier_check.store.database import Database
from courier_check.store.facts import load_number, save_number
from courier_check.wire.batches import Receipt, Returned
from courier_check.wire.signed import Signed

LARGEST_RECEIPT = 512
"""Entries a receipt covers at most (docs/wire.md §4, `batch_entries`): receipts far behind an entry need not be looked at."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far replication has come, over all journals of the station. `oldest_ms`: wall time of the first pending entry."""

    entries: int
    acknowledged: int
    pending: int
    oldest_ms: int | None
    returned_open: int


@dataclass(frozen=True, slots=True)
class ReturnedItem:
    number: int
    journal_id: str
    seq: int
    code: str
    detail: str
    at_ms: int
    answered: bool


@dataclass(frozen=True, slots=True)
class ReceiptRange:
    """What a receipt covers, and when the gateway says it received that."""

    journal_id: str
    first_seq: int
    last_seq: int
    received_at_ms: int


def save_receipt(tx: Database, signed: Signed, receipt: Receipt) -> None:
    """Keep a verified receipt; the same one again changes nothing."""
    tx.execute(
        "INSERT INTO receipts (journal_id, first_seq, last_seq, received_at_ms, body, key_id, signature) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (receipt.journal_id, receipt.first_seq, receipt.last_seq, receipt.received_at_ms, signed.body, signed.key_id, signed.signature),
    )
    trusted = load_number(tx, "trusted_ms")
    if trusted is None or receipt.received_at_ms > trusted:
        save_number(tx, "trusted_ms", receipt.received_at_ms)


def save_returned(tx: Database, signed: Signed, item: Returned) -> None:
    """Keep a verified returned item; the same one again changes nothing."""
    tx.execute(
        "INSERT INTO returned (number, journal_id, seq, code, detail, at_ms, body, key_id, signature) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (item.number, item.journal_id, item.seq, item.code, item.detail, item.at_ms, signed.body, signed.key_id, signed.signature),
    )


def acknowledged_seq(db: Database, journal_id: str) -> int:
    """The last seq of a journal that a verified receipt covers; 0 if none."""
    return int(db.value("SELECT COALESCE(MAX(last_seq), 0) FROM receipts WHERE journal_id = ?", (journal_id,)))


def receipts(db: Database, journal_id: str) -> list[Signed]:
    """All receipts of a journal, by the range they cover."""
    rows = db.rows("SELECT body, key_id, signature FROM receipts WHERE journal_id = ? ORDER BY last_seq, first_seq", (journal_id,))
    return [Signed(body=body, key_id=key_id, signature=signature) for body, key_id, signature in rows]


def receipt_for(db: Database, journal_id: str, seq: int) -> Signed | None:
    """The first receipt that covers an entry."""
    row = db.row(
        "SELECT body, key_id, signature FROM receipts WHERE journal_id = ? AND last_seq BETWEEN ? AND ? AND first_seq <= ?"
        " ORDER BY received_at_ms LIMIT 1",
        (journal_id, seq, seq + LARGEST_RECEIPT - 1, seq),
    )
    return Signed(body=row[0], key_id=row[1], signature=row[2]) if row else None


def last_returned(db: Database) -> int:
    """The number up to which no returned item is missing. Answers to batches bring later ones first, so the greatest held won't do."""
    held, greatest = db.rows("SELECT COUNT(*), COALESCE(MAX(number), 0) FROM returned")[0]
    if held == greatest:
        return int(greatest)
    gap = db.value("SELECT MIN(number) FROM returned r WHERE NOT EXISTS (SELECT 1 FROM returned n WHERE n.number = r.number + 1)")
    return int(gap) if db.value("SELECT 1 FROM returned WHERE number = 1") else 0


def holds_returned(db: Database, number: int) -> bool:
    return db.value("SELECT 1 FROM returned WHERE number = ?", (number,)) is not None


def returned_items(db: Database, *, open_only: bool = False) -> list[ReturnedItem]:
    """退回 items in order; an item is answered by a correction entry that names its number."""
    rows = db.rows(
        "SELECT r.number, r.journal_id, r.seq, r.code, r.detail, r.at_ms, c.seq IS NOT NULL FROM returned r"
        " LEFT JOIN corrections c ON c.returned_number = r.number GROUP BY r.number ORDER BY r.number"
    )
    items = [
        ReturnedItem(number, journal, seq, code, detail, at_ms, bool(done)) for number, journal, seq, code, detail, at_ms, done in rows
    ]
    return [item for item in items if not (open_only and item.answered)]


def recent_returned(db: Database, limit: int) -> tuple[ReturnedItem, ...]:
    """退回 items, newest first."""
    rows = db.rows(
        "SELECT r.number, r.journal_id, r.seq, r.code, r.detail, r.at_ms,"
        " EXISTS (SELECT 1 FROM corrections c WHERE c.returned_number = r.number) FROM returned r ORDER BY r.number DESC LIMIT ?",
        (limit,),
    )
    return tuple(
        ReturnedItem(number, journal, seq, code, detail, at_ms, bool(done)) for number, journal, seq, code, detail, at_ms, done in rows
    )


def recent_receipts(db: Database, limit: int) -> tuple[ReceiptRange, ...]:
    """Receipts, newest first: in the order they came, which is that of their row ids, since none is ever removed."""
    rows = db.rows("SELECT journal_id, first_seq, last_seq, received_at_ms FROM receipts ORDER BY rowid DESC LIMIT ?", (limit,))
    return tuple(ReceiptRange(*row) for row in rows)


def standing(db: Database) -> Standing:
    """Counts for the status bar, from one state of the database."""
    with db.snapshot():
        return standing_in(db)


def standing_in(snapshot: Database) -> Standing:
    """As `standing`, inside the caller's snapshot.

    Nothing is counted row by row: a journal begins at seq 1 and `append` gives every entry the seq after its head's, in the transaction
    that read the head, and no entry is ever removed (a trigger forbids it). So a journal holds as many entries as its head's seq says, and
    those after its last receipt are pending. Rows that somebody removed by force are for `verify` to name.
    """
    ends = snapshot.rows(
        "SELECT j.journal_id, COALESCE((SELECT MAX(e.seq) FROM journal_entries e WHERE e.journal_id = j.journal_id), 0),"
        " COALESCE((SELECT MAX(r.last_seq) FROM receipts r WHERE r.journal_id = j.journal_id), 0) FROM journals j ORDER BY j.number"
    )
    behind = [(journal_id, acknowledged) for journal_id, head, acknowledged in ends if head > acknowledged]
    oldest = None
    if behind:  # what a successor holds was written after what its predecessors hold
        journal_id, acknowledged = behind[0]
        oldest = snapshot.value(
            "SELECT wall_ms FROM journal_entries WHERE journal_id = ? AND seq > ? ORDER BY seq LIMIT 1", (journal_id, acknowledged)
        )
    total = sum(head for _, head, _ in ends)
    pending = sum(max(0, head - acknowledged) for _, head, acknowledged in ends)
    open_items = snapshot.value(
        "SELECT COUNT(*) FROM returned r WHERE NOT EXISTS (SELECT 1 FROM corrections c WHERE c.returned_number = r.number)"
    )
    return Standing(total, total - pending, pending, oldest, int(open_items))
