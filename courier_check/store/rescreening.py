"""重新核查: who is screened again when lists change, what was found of them last, and the work list. The station's own work, no views."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from courier_check.store.database import Database


@dataclass(frozen=True, slots=True, repr=False)
class Known:
    """Someone who is screened again. `subject`: `profile:ID` of who agreed to be known, with name and phone; `sender:TOKEN` of who handed
    something in, by match tokens only. (`journal_id`, `seq`): the last acceptance, of a sender."""

    subject: str
    token: str
    name: str | None = None
    phone: str | None = None
    phone_tokens: tuple[str, ...] = ()
    address_tokens: tuple[str, ...] = ()
    journal_id: str | None = None
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class WorkItem:
    """What has changed about somebody, until somebody has seen to it. `action`: what the hit may lead to now, None where it is gone."""

    number: int
    subject: str = field(repr=False)
    list_id: str
    entry_id: str
    change: str
    action: str | None
    at_ms: int
    journal_id: str | None
    seq: int | None


Found = tuple[str, str]
"""A hit: its list and entry."""


def next_known(db: Database, after: str, since_ms: int, limit: int) -> list[Known]:
    """The next to be screened again, in order of `subject`: profiles, then senders of acceptances since a moment."""
    profiles = db.rows(
        "SELECT 'profile:' || profile_id, token, name, phone FROM sender_profiles WHERE name IS NOT NULL AND 'profile:' || profile_id > ?"
        " ORDER BY profile_id LIMIT ?",
        (after, limit),
    )
    found = [Known(*row) for row in profiles]
    if len(found) < limit:
        rows = db.rows(
            "SELECT t.token, MAX(a.rowid) FROM act_tokens t JOIN acts a ON a.journal_id = t.journal_id AND a.seq = t.seq"
            " WHERE t.kind = 'id-number' AND a.kind = 'acceptance' AND a.at_ms >= ? AND 'sender:' || t.token > ?"
            " GROUP BY t.token ORDER BY t.token LIMIT ?",
            (since_ms, after, limit - len(found)),
        )
        found += [_sender(db, token, rowid) for token, rowid in rows]
    return found


def count_known(db: Database, since_ms: int) -> int:
    """How many there are to be screened again."""
    senders = (
        "SELECT COUNT(DISTINCT t.token) FROM act_tokens t JOIN acts a ON a.journal_id = t.journal_id AND a.seq = t.seq"
        " WHERE t.kind = 'id-number' AND a.kind = 'acceptance' AND a.at_ms >= ?"
    )
    profiles = db.value("SELECT COUNT(*) FROM sender_profiles WHERE name IS NOT NULL")
    return int(profiles) + int(db.value(senders, (since_ms,)))


def _sender(db: Database, token: str, rowid: int) -> Known:
    """By the tokens of the last acceptance."""
    journal_id, seq = db.rows("SELECT journal_id, seq FROM acts WHERE rowid = ?", (rowid,))[0]
    tokens: dict[str, tuple[str, ...]] = {}
    for kind, value in db.rows("SELECT kind, token FROM act_tokens WHERE journal_id = ? AND seq = ?", (journal_id, seq)):
        tokens[kind] = (*tokens.get(kind, ()), value)
    return Known(f"sender:{token}", token, None, None, tokens.get("phone", ()), tokens.get("address", ()), journal_id, seq)


def hits_of(db: Database, subject: str) -> dict[Found, str]:
    """What was found of somebody last: the hit and its action."""
    rows = db.rows("SELECT list_id, entry_id, action FROM rescreen_hits WHERE subject = ?", (subject,))
    return {(list_id, entry_id): action for list_id, entry_id, action in rows}


def keep_hits(tx: Database, subject: str, hits: Mapping[Found, str]) -> None:
    """In place of what was found before."""
    tx.execute("DELETE FROM rescreen_hits WHERE subject = ?", (subject,))
    rows = [(subject, *found, action) for found, action in hits.items()]
    tx.executemany("INSERT INTO rescreen_hits (subject, list_id, entry_id, action) VALUES (?, ?, ?, ?)", rows)


def add_work(tx: Database, known: Known, change: str, found: Found, told: tuple[str | None, int]) -> None:
    """One more thing to see to, in place of what is still open about the same hit. `told`: the action now, and when."""
    tx.execute(
        "DELETE FROM rescreen_work WHERE subject = ? AND list_id = ? AND entry_id = ? AND done_at_ms IS NULL", (known.subject, *found)
    )
    tx.execute(
        "INSERT INTO rescreen_work (subject, list_id, entry_id, change, action, at_ms, journal_id, seq) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (known.subject, *found, change, *told, known.journal_id, known.seq),
    )


def open_work(db: Database, limit: int) -> list[WorkItem]:
    """What is still to be seen to, newest first."""
    rows: Sequence[tuple[Any, ...]] = db.rows(
        "SELECT number, subject, list_id, entry_id, change, action, at_ms, journal_id, seq FROM rescreen_work WHERE done_at_ms IS NULL"
        " ORDER BY number DESC LIMIT ?",
        (limit,),
    )
    return [WorkItem(*row) for row in rows]


def end_work(tx: Database, number: int, at_ms: int, operator: str) -> bool:
    """Seen to; False where nothing of that number is open."""
    sql = "UPDATE rescreen_work SET done_at_ms = ?, done_by = ? WHERE number = ? AND done_at_ms IS NULL"
    return bool(tx.execute(sql, (at_ms, operator, number)))


def forget_profile(tx: Database, profile_id: str) -> None:
    """What was found of a profile goes with it."""
    for table in ("rescreen_hits", "rescreen_work"):
        tx.execute(f"DELETE FROM {table} WHERE subject = ?", (f"profile:{profile_id}",))  # noqa: S608 - our own words


def forget_senders_gone(tx: Database) -> None:
    """What was found of senders goes with the last of their match tokens."""
    for table in ("rescreen_hits", "rescreen_work"):
        tx.execute(
            f"DELETE FROM {table} WHERE substr(subject, 1, 7) = 'sender:' AND NOT EXISTS"  # noqa: S608 - our own words
            " (SELECT 1 FROM act_tokens t WHERE t.kind = 'id-number' AND t.token = substr(subject, 8))"
        )
