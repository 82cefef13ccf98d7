"""The station's inbox: receipts and returned items. Not entries, so that 'pending 0' can be reached."""

from __future__ import annotations

from dataclasses import dataclass

from courier_check.store.database import Database
from courier_check.store.facts import load_number, save_number
from courier_check.wire.batches import Receipt, Returned
from courier_check.wire.signed import Signed


@dataclass(frozen=True, slots=True)
class Standing:
    """How far replication has come, over all journals of the station. `oldest_ms`: wall time of the oldest pending entry."""

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
        "SELECT body, key_id, signature FROM receipts WHERE journal_id = ? AND first_seq <= ? AND last_seq >= ?"
        " ORDER BY received_at_ms LIMIT 1",
        (journal_id, seq, seq),
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


def standing(db: Database) -> Standing:
    """Counts for the status bar, from one state of the database."""
    with db.snapshot():
        total = int(db.value("SELECT COUNT(*) FROM journal_entries"))
        after = (
            "FROM journal_entries e WHERE e.seq > (SELECT COALESCE(MAX(r.last_seq), 0) FROM receipts r WHERE r.journal_id = e.journal_id)"
        )
        pending, oldest = db.rows(f"SELECT COUNT(*), MIN(e.wall_ms) {after}")[0]
        open_items = len(returned_items(db, open_only=True))
    return Standing(total, total - pending, pending, oldest, open_items)
