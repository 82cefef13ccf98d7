"""The journal on disk: append, read, replicate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from courier_check.clock import Clock
from courier_check.errors import StoreError, UserError
from courier_check.journal.entries import Author, Composed, Draft, Place, Times, compose, parse_header, times_of
from courier_check.journal.verify import Stored
from courier_check.store import clock_jumps, sent_evidence, views
from courier_check.store.codes import StoreCode
from courier_check.store.database import Database, Row
from courier_check.store.facts import load_number
from courier_check.store.inbox import gateway_reached, held_seq, newest_receipt_ms

KEPT_AFTER_RECEIPT = timedelta(days=30)
"""How long a part stays after the receipt over its entry: a gateway that was put back to an earlier state is sent it again."""


@dataclass(frozen=True, slots=True)
class Writer:
    """What every append needs beside its content: the author, where a journal begins, clocks, randomness."""

    author: Author
    first_prev: str
    clock: Clock
    random: Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Head:
    """Where a journal stands: seq 0 and the certificate's hash before the first entry."""

    journal_id: str
    seq: int
    hash: str


def open_journal(tx: Database, journal_id: str) -> None:
    """Begin a journal; from now on entries go to it and to no older one."""
    tx.execute("INSERT INTO journals (journal_id, number) SELECT ?, 1 + COALESCE(MAX(number), 0) FROM journals", (journal_id,))


def current_journal(db: Database) -> str | None:
    """The journal that takes entries: the newest."""
    found: str | None = db.value("SELECT journal_id FROM journals ORDER BY number DESC LIMIT 1")
    return found


def journal_ids(db: Database) -> list[str]:
    """All journals of this station, oldest first."""
    return [row[0] for row in db.rows("SELECT journal_id FROM journals ORDER BY number")]


def head_of(db: Database, journal_id: str, first_prev: str) -> Head:
    row = db.row("SELECT seq, hash FROM journal_entries WHERE journal_id = ? ORDER BY seq DESC LIMIT 1", (journal_id,))
    return Head(journal_id, *row) if row else Head(journal_id, 0, first_prev)


def hash_at(db: Database, journal_id: str, seq: int) -> str | None:
    found: str | None = db.value("SELECT hash FROM journal_entries WHERE journal_id = ? AND seq = ?", (journal_id, seq))
    return found


def append(tx: Database, draft: Draft, writer: Writer) -> Composed:
    """Write one entry with its parts and update the views, inside the caller's `write()`: if any line fails, none happened.

    Where the wall clock has jumped since the entry before, an entry of kind `clock-jump` comes first. Raises StoreError where entries are
    gone that a receipt speaks of: a seq is never used twice.
    """
    journal_id = current_journal(tx)
    if journal_id is None:
        raise RuntimeError("no journal was opened")
    head = head_of(tx, journal_id, writer.first_prev)
    if head.seq < gateway_reached(tx, journal_id):
        raise StoreError(StoreCode.DATABASE_DAMAGED)
    times = times_of(writer.clock.read(), load_number(tx, "trusted_ms"))
    jump = clock_jumps.noticed(tx, head.journal_id, head.seq, times)
    if jump is not None:
        jumped = _write(tx, Draft("clock-jump", None, jump), head, times, writer)
        head = Head(journal_id, jumped.entry.header.seq, jumped.entry.hash)
    return _write(tx, draft, head, times, writer)


def _write(tx: Database, draft: Draft, head: Head, times: Times, writer: Writer) -> Composed:
    place = Place(head.journal_id, head.seq + 1, head.hash)
    composed = compose(draft, place, writer.author, times, writer.random)
    _insert(tx, composed)
    views.apply(tx, composed.entry.header, {part.ref.name: part.content() for part in composed.parts})
    return composed


def _insert(tx: Database, composed: Composed) -> None:
    entry = composed.entry
    key = (entry.header.journal_id, entry.header.seq)
    tx.execute(
        "INSERT INTO journal_entries (journal_id, seq, hash, header, signature, wall_ms) VALUES (?, ?, ?, ?, ?, ?)",
        (*key, entry.hash, entry.header_bytes, entry.signature, entry.header.times.wall_ms),
    )
    for part in composed.parts:
        tx.execute(
            "INSERT INTO parts (journal_id, seq, name, opening, sealed) VALUES (?, ?, ?, ?, ?)",
            (*key, part.ref.name, part.opening, part.sealed),
        )
    sent_evidence.note_named(tx, *key, (ref.name for ref in entry.header.evidence))


def entry_at(db: Database, journal_id: str, seq: int) -> Stored | None:
    return next(entries(db, journal_id, first=seq, last=seq), None)


def entries(db: Database, journal_id: str, *, first: int = 1, last: int = 2**62) -> Iterator[Stored]:
    """Entries of a journal with whatever parts survive, in order of seq, one by one."""
    return (stored for stored, _ in noted_entries(db, journal_id, first=first, last=last))


def noted_entries(db: Database, journal_id: str, *, first: int = 1, last: int = 2**62) -> Iterator[tuple[Stored, str]]:
    """As `entries`, each with the hash noted beside it."""
    return _joined(
        db.stream(
            "SELECT e.seq, e.hash, e.header, e.signature, p.name, p.opening, p.sealed FROM journal_entries e"
            " LEFT JOIN parts p ON p.journal_id = e.journal_id AND p.seq = e.seq"
            " WHERE e.journal_id = ? AND e.seq BETWEEN ? AND ? ORDER BY e.seq, p.name",
            (journal_id, first, last),
        )
    )


def travelling_entries(db: Database, journal_id: str, *, first: int = 1, last: int = 2**62) -> Iterator[Stored]:
    """As `entries`, with nothing but what leaves the station: no opening is read."""
    rows = db.stream(
        "SELECT e.seq, e.hash, e.header, e.signature, p.name, NULL, p.sealed FROM journal_entries e"
        " LEFT JOIN parts p ON p.journal_id = e.journal_id AND p.seq = e.seq AND p.sealed IS NOT NULL"
        " WHERE e.journal_id = ? AND e.seq BETWEEN ? AND ? ORDER BY e.seq, p.name",
        (journal_id, first, last),
    )
    return (stored for stored, _ in _joined(rows))


def _joined(rows: Iterable[Row]) -> Iterator[tuple[Stored, str]]:
    """Entries of which there is a row for each part."""
    held: tuple[Stored, str] | None = None
    for seq, noted, header, signature, name, opening, sealed in rows:
        if held is None or held[0].seq != seq:
            if held is not None:
                yield held
            held = Stored(seq, header, signature, {}, {}), noted
        _add_part(held[0], name, opening, sealed)
    if held is not None:
        yield held


def _add_part(stored: Stored, name: str | None, opening: bytes | None, sealed: bytes | None) -> None:
    if name is None:
        return
    if opening is not None:
        stored.openings[name] = opening  # type: ignore[index]  # built here, read-only for everyone else
    if sealed is not None:
        stored.sealed[name] = sealed  # type: ignore[index]  # as above


def destroy_parts(tx: Database, journal_id: str, seq: int) -> int:
    """Destroy the parts of an act, of its corrections, disputes, withdrawal and security checks, and of the entries it was filed again as
    (they tell what it said), and purge what views took from them. The chain of headers still verifies. Returns how many parts.

    Raises UserError, with nothing destroyed, where one of these entries is pending, or its receipt is younger than 30 days by the trusted
    time (docs/journal.md §5).
    """
    places = _places_of(tx, journal_id, seq)
    for place in places:
        _check_received_long_ago(tx, *place)
    return _destroy(tx, places)


def _places_of(tx: Database, journal_id: str, seq: int) -> list[tuple[str, int]]:
    """Where an act stands and what tells what it said, the act last."""
    corrections = tx.rows("SELECT journal_id, seq FROM corrections WHERE corrects_journal = ? AND corrects_seq = ?", (journal_id, seq))
    disputes = tx.rows("SELECT journal_id, seq FROM disputes WHERE disputes_journal = ? AND disputes_seq = ?", (journal_id, seq))
    withdrawals = tx.rows("SELECT journal_id, seq FROM withdrawals WHERE withdraws_journal = ? AND withdraws_seq = ?", (journal_id, seq))
    checks = tx.rows("SELECT journal_id, seq FROM security_checks WHERE checks_journal = ? AND checks_seq = ?", (journal_id, seq))
    again = tx.rows(
        "SELECT refiled_journal, refiled_seq FROM branch_entries WHERE journal_id = ?1 AND seq = ?2 AND refiled_seq IS NOT NULL"
        " UNION SELECT o.journal_id, o.seq FROM branch_entries b JOIN branch_entries o ON o.refiled_journal = b.refiled_journal"
        " AND o.refiled_seq = b.refiled_seq WHERE b.journal_id = ?1 AND b.seq = ?2 AND (o.journal_id, o.seq) <> (?1, ?2)",
        (journal_id, seq),
    )
    return [*((row[0], row[1]) for row in (*corrections, *disputes, *withdrawals, *checks, *again)), (journal_id, seq)]


def _check_received_long_ago(tx: Database, journal_id: str, seq: int) -> None:
    """Raise UserError unless the gateway took the entry in 30 days ago or more. Of one that was filed again only what it was filed as can
    arrive."""
    filed_again = "SELECT 1 FROM branch_entries WHERE journal_id = ? AND seq = ? AND refiled_seq IS NOT NULL"
    if tx.value(filed_again, (journal_id, seq)) is not None:
        return
    received_ms = newest_receipt_ms(tx, journal_id, seq)
    if received_ms is None or seq > held_seq(tx, journal_id):
        raise UserError(StoreCode.PARTS_PENDING, seq=seq)
    if (load_number(tx, "trusted_ms") or 0) - received_ms < KEPT_AFTER_RECEIPT // timedelta(milliseconds=1):
        raise UserError(StoreCode.PARTS_NEEDED, seq=seq, days=KEPT_AFTER_RECEIPT.days)


def _destroy(tx: Database, places: Iterable[tuple[str, int]]) -> int:
    count = 0
    for place in places:
        stored = entry_at(tx, *place)
        count += tx.execute("DELETE FROM parts WHERE journal_id = ? AND seq = ?", place)
        if stored is not None:
            views.purge(tx, parse_header(stored.header_bytes))
    return count
