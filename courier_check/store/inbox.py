"""The station's inbox: receipts and returned items. Not entries, so that 'pending 0' can be reached."""

from __future__ import annotations

from dataclasses import dataclass

from courier_check.store.database import Database, Row
from courier_check.store.facts import load_number, save_number
from courier_check.wire.batches import Receipt, Returned
from courier_check.wire.signed import Signed

LARGEST_RECEIPT = 512
"""Entries a receipt covers at most (docs/wire.md §4, `batch_entries`): receipts far behind an entry need not be looked at."""


RESEND, HELD_TO = "resend/", "held_to/"
_PUT_BACK_AFTER = "put_back_after/"
"""Facts of a journal: the last seq that a gateway which has lost entries still holds, or holds again; of a closed journal of which it lost
entries that can't be sent any more, the last one it will ever hold; and the number of the gateway journal that was the newest known here
when it was found put back."""
_EVERYTHING = 9_000_000_000_000_000
"""Greater than any seq."""


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


def _known_lost(journal: str) -> str:
    """An SQL expression: the last seq that the gateway holds of this journal where it is known to have lost entries, else a great one."""
    number = "CAST(CAST(f.value AS TEXT) AS INTEGER)"
    return (
        f"COALESCE((SELECT MIN({number}) FROM facts f"  # noqa: S608 - an expression of ours
        f" WHERE f.name IN ('{RESEND}' || {journal}, '{HELD_TO}' || {journal})), {_EVERYTHING})"
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """How far replication has come, over all journals of the station: an entry is acknowledged where it and all before it in its journal
    have receipts and the gateway is not known to have lost any of them since, else pending. `oldest_ms`: wall time of the first pending
    entry."""

    entries: int
    acknowledged: int
    pending: int
    oldest_ms: int | None
    returned_open: int


@dataclass(frozen=True, slots=True)
class ReturnedItem:
    """退回. `number` counts within `gateway_journal_id`. `is_act`: about an acceptance, refusal or referral, which has a record."""

    number: int
    journal_id: str
    seq: int
    code: str
    detail: str
    at_ms: int
    answered: bool
    gateway_journal_id: str = ""
    is_act: bool = True


@dataclass(frozen=True, slots=True)
class ReceiptRange:
    """What a receipt covers, and when the gateway says it received that."""

    journal_id: str
    first_seq: int
    last_seq: int
    received_at_ms: int


@dataclass(frozen=True, slots=True)
class HeldReceipt:
    """A receipt as it is stored. `number`: counts them in the order they came."""

    number: int
    journal_id: str
    first_seq: int
    last_seq: int
    body: str
    key_id: str


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


def held_seq(db: Database, journal_id: str) -> int:
    """The last seq of a journal that the gateway holds with all before it, as far as is known here: what is acknowledged, but for what a
    gateway that was put back or has forgotten entries is to be sent again, and what it can't take any more."""
    return min(acknowledged_seq(db, journal_id), _still_held(db, journal_id))


def _still_held(db: Database, journal_id: str) -> int:
    """The last seq that a gateway which is known to have lost entries still holds, a greater number where it has not."""
    known = (load_number(db, f"{name}{journal_id}") for name in (RESEND, HELD_TO))
    return min((seq for seq in known if seq is not None), default=_EVERYTHING)


def gateway_head(db: Database, journal_id: str) -> int:
    """The last seq of a journal that the gateway holds, as far as is known here, with or without a receipt for each before it."""
    return min(gateway_reached(db, journal_id), _still_held(db, journal_id))


def owed_seq(db: Database, journal_id: str) -> int:
    """The seq up to which the gateway must hold a journal: what any receipt speaks of, but for what was filed again in a successor after
    it was lost there and could not be sent any more."""
    reached, held_to = gateway_reached(db, journal_id), load_number(db, f"{HELD_TO}{journal_id}")
    return reached if held_to is None else min(reached, held_to)


def note_put_back(tx: Database, journal_id: str, seq: int) -> None:
    """The gateway was put back and holds a journal only so far: what lies behind that is to be sent again."""
    save_number(tx, f"{RESEND}{journal_id}", seq)
    save_number(tx, f"{_PUT_BACK_AFTER}{journal_id}", int(tx.value("SELECT COALESCE(MAX(number), 0) FROM gateway_journals")))


def is_of_after(db: Database, receipt: Receipt) -> bool:
    """Whether a receipt was certainly given after the gateway was found put back: it is of a gateway journal of which nothing was known
    then. One that comes home late on a stick is of one before."""
    known = load_number(db, f"{_PUT_BACK_AFTER}{receipt.journal_id}")
    number = db.value("SELECT number FROM gateway_journals WHERE gateway_journal_id = ?", (receipt.gateway_journal_id,))
    return known is not None and number is not None and int(number) > known


def note_resent(tx: Database, receipt: Receipt) -> bool:
    """A receipt has come for entries of a journal that is sent again to a gateway which had lost them: how far that is; at the end it is
    made good. False while it goes on."""
    name = f"{RESEND}{receipt.journal_id}"
    held = load_number(tx, name)
    if held is None:
        return True
    if receipt.first_seq > held + 1:  # on a stick: what lies before it is not there
        return False
    if receipt.last_seq >= owed_seq(tx, receipt.journal_id):
        tx.execute("DELETE FROM facts WHERE name = ?", (name,))
        return True
    save_number(tx, name, max(held, receipt.last_seq))
    return False


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


def receipts_numbered(db: Database, gateway_journal_id: str, first: int, last: int) -> list[Signed]:
    """Receipts of these numbers of a gateway journal."""
    rows = db.rows(
        "SELECT body, key_id, signature FROM receipts WHERE gateway_journal_id = ? AND gateway_seq BETWEEN ? AND ? ORDER BY number",
        (gateway_journal_id, first, last),
    )
    return [Signed(body=body, key_id=key_id, signature=signature) for body, key_id, signature in rows]


def least_numbers(db: Database, gateway_journal_id: str) -> list[tuple[str, int]]:
    """Of each key that signed receipts of a gateway journal: the least number."""
    sql = "SELECT key_id, MIN(gateway_seq) FROM receipts WHERE gateway_journal_id = ? GROUP BY key_id ORDER BY key_id"
    return [(key_id, number) for key_id, number in db.rows(sql, (gateway_journal_id,))]


def newest_receipt(db: Database) -> Signed | None:
    """The receipt that the gateway gave last, for whichever journal."""
    row = db.row(f"SELECT body, key_id, signature {_NEWEST}")
    return Signed(body=row[0], key_id=row[1], signature=row[2]) if row else None


def receipts_for(db: Database, journal_id: str, seq: int) -> list[Signed]:
    """The receipts that cover an entry, the first one first; of the same one signed anew the later signature last."""
    rows = db.rows(
        "SELECT body, key_id, signature FROM receipts WHERE journal_id = ? AND last_seq BETWEEN ? AND ? AND first_seq <= ?"
        " ORDER BY received_at_ms, number",
        (journal_id, seq, seq + LARGEST_RECEIPT - 1, seq),
    )
    return [Signed(body=body, key_id=key_id, signature=signature) for body, key_id, signature in rows]


def newest_receipt_ms(db: Database, journal_id: str, seq: int) -> int | None:
    """When the gateway last gave a receipt for an entry: of one that it lost and was sent again, by the later one. None without any."""
    received_ms: int | None = db.value(
        "SELECT MAX(received_at_ms) FROM receipts WHERE journal_id = ? AND last_seq BETWEEN ? AND ? AND first_seq <= ?",
        (journal_id, seq, seq + LARGEST_RECEIPT - 1, seq),
    )
    return received_ms


def receipts_by(db: Database, key_ids: tuple[str, ...], after: int, limit: int) -> list[HeldReceipt]:
    """The next receipts that one of these keys signed, in the order they came."""
    marks = ", ".join("?" for _ in key_ids)
    rows = db.rows(
        "SELECT number, journal_id, first_seq, last_seq, body, key_id FROM receipts"  # noqa: S608 - question marks
        f" WHERE number > ? AND key_id IN ({marks}) ORDER BY number LIMIT ?",
        (after, *key_ids, limit),
    )
    return [HeldReceipt(*row) for row in rows]


def is_signed_by_others(db: Database, held: HeldReceipt) -> bool:
    """Whether the same receipt is held by a later signature, too."""
    sql = "SELECT 1 FROM receipts WHERE journal_id = ? AND last_seq = ? AND body = ? AND key_id <> ? AND number > ?"
    return db.value(sql, (held.journal_id, held.last_seq, held.body, held.key_id, held.number)) is not None


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
_OF_ACT = "EXISTS (SELECT 1 FROM acts a WHERE a.journal_id = r.journal_id AND a.seq = r.seq)"
_ITEM = f"r.number, r.journal_id, r.seq, r.code, r.detail, r.at_ms, {_ANSWERED}, r.gateway_journal_id, {_OF_ACT}"


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
    number, journal_id, seq, code, detail, at_ms, answered, gateway_journal_id, is_act = row
    return ReturnedItem(number, journal_id, seq, code, detail, at_ms, bool(answered), gateway_journal_id, bool(is_act))


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
    the first that has no receipt, or is to be sent again, is pending, with all after it; none is in a journal whose rest was filed again in
    its successor. Rows that somebody removed by force are for `verify` to name.
    """
    ends = snapshot.rows(
        "SELECT j.journal_id, COALESCE((SELECT MAX(e.seq) FROM journal_entries e WHERE e.journal_id = j.journal_id), 0),"  # noqa: S608
        " CASE WHEN EXISTS (SELECT 1 FROM facts f WHERE f.name = 'refiled/' || j.journal_id)"
        f" AND NOT EXISTS (SELECT 1 FROM facts f WHERE f.name = '{RESEND}' || j.journal_id) THEN {_EVERYTHING}"
        f" ELSE MIN({_acknowledged('j.journal_id')}, {_known_lost('j.journal_id')}) END FROM journals j ORDER BY j.number"
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
