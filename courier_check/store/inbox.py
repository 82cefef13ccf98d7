"""The station's inbox: receipts and returned items. Not entries, so that 'pending 0' can be reached."""

from __future__ import annotations

from dataclasses import dataclass

from courier_check.store.database import Database, Row
from courier_check.store.facts import load_number, save_number
from courier_check.wire.batches import Receipt, Returned
from courier_check.wire.signed import Signed

LARGEST_RECEIPT = 512
"""Entries a receipt covers at most (docs/wire.md §4, `batch_entries`): receipts far behind an entry need not be looked at."""


def received_at(alias: str) -> str:
    """An SQL expression: when the gateway took in the entry at `journal_id` and `seq` of this table, NULL while it is pending."""
    return (
        "(SELECT MIN(r.received_at_ms) FROM receipts r INDEXED BY receipts_by_last"  # noqa: S608 - an alias of ours
        f" WHERE r.journal_id = {alias}.journal_id AND r.last_seq BETWEEN {alias}.seq AND {alias}.seq + {LARGEST_RECEIPT - 1}"
        f" AND r.first_seq <= {alias}.seq)"
    )


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
    """退回. `number` counts within `gateway_journal_id`."""

    number: int
    journal_id: str
    seq: int
    code: str
    detail: str
    at_ms: int
    answered: bool
    gateway_journal_id: str = ""


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
        "INSERT INTO returned (gateway_journal_id, number, journal_id, seq, code, detail, at_ms, body, key_id, signature)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (
            item.gateway_journal_id,
            item.number,
            item.journal_id,
            item.seq,
            item.code,
            item.detail,
            item.at_ms,
            signed.body,
            signed.key_id,
            signed.signature,
        ),
    )


def acknowledged_seq(db: Database, journal_id: str) -> int:
    """The last seq of a journal that a verified receipt covers; 0 if none."""
    return int(db.value("SELECT COALESCE(MAX(last_seq), 0) FROM receipts WHERE journal_id = ?", (journal_id,)))


def receipts(db: Database, journal_id: str) -> list[Signed]:
    """All receipts of a journal, by the range they cover."""
    rows = db.rows("SELECT body, key_id, signature FROM receipts WHERE journal_id = ? ORDER BY last_seq, first_seq", (journal_id,))
    return [Signed(body=body, key_id=key_id, signature=signature) for body, key_id, signature in rows]


def newest_receipt(db: Database) -> Signed | None:
    """Of any journal, by the gateway's clock."""
    row = db.row("SELECT body, key_id, signature FROM receipts ORDER BY received_at_ms DESC, rowid DESC LIMIT 1")
    return Signed(body=row[0], key_id=row[1], signature=row[2]) if row else None


def receipt_for(db: Database, journal_id: str, seq: int) -> Signed | None:
    """The first receipt that covers an entry."""
    row = db.row(
        "SELECT body, key_id, signature FROM receipts WHERE journal_id = ? AND last_seq BETWEEN ? AND ? AND first_seq <= ?"
        " ORDER BY received_at_ms LIMIT 1",
        (journal_id, seq, seq + LARGEST_RECEIPT - 1, seq),
    )
    return Signed(body=row[0], key_id=row[1], signature=row[2]) if row else None


def last_returned(db: Database, gateway_journal_id: str) -> int:
    """The number up to which no returned item of this gateway journal is missing. Answers to batches bring later ones first, so the
    greatest held won't do."""
    of = (gateway_journal_id,)
    held, greatest = db.rows("SELECT COUNT(*), COALESCE(MAX(number), 0) FROM returned WHERE gateway_journal_id = ?", of)[0]
    if held == greatest:
        return int(greatest)
    gap = db.value(
        "SELECT MIN(number) FROM returned r WHERE r.gateway_journal_id = ? AND NOT EXISTS"
        " (SELECT 1 FROM returned n WHERE n.gateway_journal_id = r.gateway_journal_id AND n.number = r.number + 1)",
        of,
    )
    return int(gap) if db.value("SELECT 1 FROM returned WHERE gateway_journal_id = ? AND number = 1", of) else 0


def holds_returned(db: Database, gateway_journal_id: str, number: int) -> bool:
    sql = "SELECT 1 FROM returned WHERE gateway_journal_id = ? AND number = ?"
    return db.value(sql, (gateway_journal_id, number)) is not None


_ANSWERS = (
    "EXISTS (SELECT 1 FROM corrections c WHERE c.returned_number = {r}.number AND COALESCE(c.returned_journal,"
    " (SELECT f.gateway_journal_id FROM returned f ORDER BY f.rowid LIMIT 1)) = {r}.gateway_journal_id)"
)
"""A correction answers item {r}. One that does not say of which gateway journal was written when there was only the first."""
_ANSWERED = (
    f"({_ANSWERS.format(r='r')} OR EXISTS (SELECT 1 FROM returned t WHERE (t.journal_id, t.seq, t.code) ="  # noqa: S608
    " (r.journal_id, r.seq, r.code)"
    f" AND t.gateway_journal_id <> r.gateway_journal_id AND {_ANSWERS.format(r='t')}))"
)
"""Item r is answered: itself, or as the same objection to the same act that a gateway which was put back has raised again."""
_ITEM = f"r.number, r.journal_id, r.seq, r.code, r.detail, r.at_ms, {_ANSWERED}, r.gateway_journal_id"


def returned_items(db: Database, *, open_only: bool = False) -> list[ReturnedItem]:
    """退回 items as they came, those of one gateway journal in order; an item is answered by a correction entry that names its number."""
    first = "(SELECT MIN(f.rowid) FROM returned f WHERE f.gateway_journal_id = r.gateway_journal_id)"
    items = [_item(row) for row in db.rows(f"SELECT {_ITEM} FROM returned r ORDER BY {first}, r.number")]  # noqa: S608 - our own words
    return [item for item in items if not (open_only and item.answered)]


def recent_returned(db: Database, limit: int) -> tuple[ReturnedItem, ...]:
    """退回 items, newest first."""
    first = "(SELECT MIN(f.rowid) FROM returned f WHERE f.gateway_journal_id = r.gateway_journal_id)"
    rows = db.rows(f"SELECT {_ITEM} FROM returned r ORDER BY {first} DESC, r.number DESC LIMIT ?", (limit,))  # noqa: S608 - as above
    return tuple(_item(row) for row in rows)


def _item(row: Row) -> ReturnedItem:
    number, journal_id, seq, code, detail, at_ms, answered, gateway_journal_id = row
    return ReturnedItem(number, journal_id, seq, code, detail, at_ms, bool(answered), gateway_journal_id)


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
    those after its last receipt are pending; none is in a journal whose rest was filed again in its successor. Rows that somebody removed
    by force are for `verify` to name.
    """
    ends = snapshot.rows(
        "SELECT j.journal_id, COALESCE((SELECT MAX(e.seq) FROM journal_entries e WHERE e.journal_id = j.journal_id), 0),"
        " CASE WHEN EXISTS (SELECT 1 FROM facts f WHERE f.name = 'refiled/' || j.journal_id) THEN 9000000000000000 ELSE"
        " COALESCE((SELECT MAX(r.last_seq) FROM receipts r WHERE r.journal_id = j.journal_id), 0) END FROM journals j ORDER BY j.number"
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
    open_items = snapshot.value(f"SELECT COUNT(*) FROM returned r WHERE NOT {_ANSWERED}")  # noqa: S608 - as above
    return Standing(total, total - pending, pending, oldest, int(open_items))
