"""The station's inbox: receipts and returned items. Not entries, so that 'pending 0' can be reached."""

from __future__ import annotations

from dataclasses import dataclass

from courier_check.store.database import Database, Row
from courier_check.store.facts import save_number
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


def _acknowledged(journal: str) -> str:
    """An SQL expression: the last seq up to which receipts cover every entry of this journal, 0 if seq 1 has none.

    The walk goes on from what `save_receipt` noted last, a receipt a step: where each entry was sent alone there are as many receipts as
    entries, and this is asked before every batch."""
    return (
        "(WITH RECURSIVE covered (seq) AS ("  # noqa: S608 - an expression of ours
        f"SELECT COALESCE((SELECT n.last_seq FROM receipt_runs n WHERE n.journal_id = {journal}), 0)"
        " UNION ALL SELECT (SELECT MIN(r.last_seq) FROM receipts r INDEXED BY receipts_by_last"
        f" WHERE r.journal_id = {journal} AND r.last_seq BETWEEN covered.seq + 1 AND covered.seq + {LARGEST_RECEIPT}"
        " AND r.first_seq <= covered.seq + 1) FROM covered WHERE covered.seq IS NOT NULL) SELECT MAX(seq) FROM covered)"
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """How far replication has come, over all journals of the station: an entry is acknowledged where it and all before it in its journal
    have receipts, else pending. `oldest_ms`: wall time of the first pending entry."""

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
    """Keep a verified receipt; the same one again changes nothing, another one for the same range stands beside the first: both are words
    of the gateway. Notes how far receipts go without a gap, and the trusted time (docs/journal.md §3)."""
    tx.execute(
        "INSERT INTO receipts (journal_id, first_seq, last_seq, received_at_ms, gateway_journal_id, gateway_seq, body, key_id, signature)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (
            receipt.journal_id,
            receipt.first_seq,
            receipt.last_seq,
            receipt.received_at_ms,
            receipt.gateway_journal_id,
            receipt.gateway_seq,
            signed.body,
            signed.key_id,
            signed.signature,
        ),
    )
    tx.execute(
        "INSERT INTO gateway_journals (gateway_journal_id, number) SELECT ?, 1 + COALESCE(MAX(number), 0) FROM gateway_journals WHERE true"
        " ON CONFLICT DO NOTHING",
        (receipt.gateway_journal_id,),
    )
    tx.execute(
        "INSERT INTO receipt_runs (journal_id, last_seq) VALUES (?, ?)"
        " ON CONFLICT (journal_id) DO UPDATE SET last_seq = excluded.last_seq WHERE last_seq <> excluded.last_seq",
        (receipt.journal_id, acknowledged_seq(tx, receipt.journal_id)),
    )
    save_number(tx, "trusted_ms", int(tx.value(f"SELECT received_at_ms {_NEWEST}")))


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
    """The last seq of a journal up to which verified receipts cover every entry; 0 if they don't cover the first. Answers of two sticks may
    come home in any order, or one of them never: what lies behind a gap is sent again with what lies in it."""
    return int(db.value(f"SELECT {_acknowledged('?1')}", (journal_id,)))


def gateway_reached(db: Database, journal_id: str) -> int:
    """The greatest seq of a journal that any receipt speaks of: the gateway has once held it and all before it. 0 if there is none."""
    return int(db.value("SELECT COALESCE(MAX(last_seq), 0) FROM receipts WHERE journal_id = ?", (journal_id,)))


def receipts(db: Database, journal_id: str) -> list[Signed]:
    """All receipts of a journal, by the range they cover."""
    order = "ORDER BY last_seq, first_seq, number"
    rows = db.rows(f"SELECT body, key_id, signature FROM receipts WHERE journal_id = ? {order}", (journal_id,))  # noqa: S608 - as above
    return [Signed(body=body, key_id=key_id, signature=signature) for body, key_id, signature in rows]


_NEWEST = (
    "FROM receipts WHERE gateway_journal_id = (SELECT g.gateway_journal_id FROM gateway_journals g WHERE EXISTS"
    " (SELECT 1 FROM receipts h WHERE h.gateway_journal_id = g.gateway_journal_id) ORDER BY g.number DESC LIMIT 1)"
    " ORDER BY gateway_seq DESC, number DESC LIMIT 1"
)
"""The receipt that the gateway gave last. Its clock can't tell, since it may have been set; its own numbers can, within one of its
journals. Of two of them that is the newer one of which the first receipt came later: one that comes late on a stick turns nothing back."""


def newest_receipt(db: Database) -> Signed | None:
    """The receipt that the gateway gave last, for whichever journal."""
    row = db.row(f"SELECT body, key_id, signature {_NEWEST}")
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
    """Receipts, newest first: in the order they came, which is that of their numbers, since none is ever removed."""
    rows = db.rows("SELECT journal_id, first_seq, last_seq, received_at_ms FROM receipts ORDER BY number DESC LIMIT ?", (limit,))
    return tuple(ReceiptRange(*row) for row in rows)


def standing(db: Database) -> Standing:
    """Counts for the status bar, from one state of the database."""
    with db.snapshot():
        return standing_in(db)


def standing_in(snapshot: Database) -> Standing:
    """As `standing`, inside the caller's snapshot.

    Nothing is counted row by row: a journal begins at seq 1 and `append` gives every entry the seq after its head's, in the transaction
    that read the head, and no entry is ever removed (a trigger forbids it). So a journal holds as many entries as its head's seq says, and
    the first that has no receipt is pending, with all after it; none is in a journal whose rest was filed again in its successor. Rows
    that somebody removed by force are for `verify` to name.
    """
    ends = snapshot.rows(
        "SELECT j.journal_id, COALESCE((SELECT MAX(e.seq) FROM journal_entries e WHERE e.journal_id = j.journal_id), 0),"  # noqa: S608
        " CASE WHEN EXISTS (SELECT 1 FROM facts f WHERE f.name = 'refiled/' || j.journal_id) THEN 9000000000000000"
        f" ELSE {_acknowledged('j.journal_id')} END FROM journals j ORDER BY j.number"
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
