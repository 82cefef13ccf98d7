"""Questions about objections of listed parties (名单异议)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from courier_check.store.database import Database
from courier_check.store.inbox import received_at

_SHOWN = 500


@dataclass(frozen=True, slots=True)
class ObjectionHeld:
    """One objection. `list_id` and `entry_id` are None once its part was destroyed; `to_issuer`: it travels; `answered`: the entry with the
    newest answer; `acknowledged_at_ms`: when the gateway received it."""

    journal_id: str
    seq: int
    at_ms: int
    operator: str | None
    number: str
    to_issuer: bool
    list_id: str | None
    entry_id: str | None
    answered: tuple[str, int] | None
    outcome: str | None
    acknowledged_at_ms: int | None


_OBJECTION = (
    "SELECT o.journal_id, o.seq, o.at_ms, o.operator, o.number, o.to_issuer, o.list_id, o.entry_id, o.answered_journal, o.answered_seq,"  # noqa: S608 - our own columns
    f" o.outcome, {received_at('o')} FROM objections o"
)


def newest_objections(db: Database) -> list[ObjectionHeld]:
    """The last objections, newest first."""
    return [_held(row) for row in db.rows(f"{_OBJECTION} ORDER BY o.rowid DESC LIMIT ?", (_SHOWN,))]


def objection_of(db: Database, number: str) -> ObjectionHeld | None:
    rows = db.rows(f"{_OBJECTION} WHERE o.number = ?", (number,))
    return next((_held(row) for row in rows), None)


def objections_in(db: Database, journal_id: str) -> int:
    """How many a journal has."""
    return int(db.value("SELECT COUNT(*) FROM objections WHERE journal_id = ?", (journal_id,)))


def _held(row: tuple[Any, ...]) -> ObjectionHeld:
    journal_id, seq, at_ms, operator, number, to_issuer, list_id, entry_id, answered_journal, answered_seq, outcome, acknowledged = row
    answered = (answered_journal, answered_seq) if answered_seq is not None else None
    about = (list_id, entry_id, answered, outcome, acknowledged)
    return ObjectionHeld(journal_id, seq, at_ms, operator, number, bool(to_issuer), *about)
