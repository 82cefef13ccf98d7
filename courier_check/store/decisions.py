"""Questions about decisions on hits that hold beyond their parcel (核对的决定). The newest one that was not revoked counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from courier_check.store.database import Database


@dataclass(frozen=True, slots=True)
class DecisionHeld:
    """One decision. `list_id` and what follows it are None once its part was destroyed; `revoked`: the entry that took it back."""

    journal_id: str
    seq: int
    at_ms: int
    operator: str | None
    supervisor: str | None
    decision: str
    until_on: date
    list_id: str | None
    entry_id: str | None
    revision: int | None
    said: str | None
    revoked: tuple[str, int] | None


_DECISION = (
    "SELECT d.journal_id, d.seq, d.at_ms, d.operator, d.supervisor, d.decision, d.until_on, d.list_id, d.entry_id, d.revision, d.said,"
    " d.revoked_journal, d.revoked_seq FROM screening_decisions d"
)


def decisions_about(db: Database, subjects: Iterable[str], on: date) -> list[DecisionHeld]:
    """Decisions about a client that hold on a day, newest first."""
    names = tuple(subjects)
    if not names:
        return []
    marks = ", ".join("?" * len(names))
    sql = (
        f"{_DECISION} WHERE d.revoked_seq IS NULL AND d.until_on >= ? AND EXISTS (SELECT 1 FROM screening_decision_subjects s"  # noqa: S608
        f" WHERE s.subject IN ({marks}) AND s.journal_id = d.journal_id AND s.seq = d.seq) ORDER BY d.rowid DESC"
    )
    return [_held(row) for row in db.rows(sql, (on.isoformat(), *names))]


def decision_at(db: Database, journal_id: str, seq: int) -> DecisionHeld | None:
    rows = db.rows(f"{_DECISION} WHERE d.journal_id = ? AND d.seq = ?", (journal_id, seq))
    return next((_held(row) for row in rows), None)


def newest_decisions(db: Database, limit: int) -> list[DecisionHeld]:
    """The last decisions, newest first, those that are over or revoked among them."""
    return [_held(row) for row in db.rows(f"{_DECISION} ORDER BY d.rowid DESC LIMIT ?", (limit,))]


def _held(row: tuple[Any, ...]) -> DecisionHeld:
    journal_id, seq, at_ms, operator, supervisor, decision, until_on, *about, revoked_journal, revoked_seq = row
    revoked = (revoked_journal, revoked_seq) if revoked_seq is not None else None
    list_id, entry_id, revision, said = about
    day = date.fromisoformat(until_on)
    return DecisionHeld(journal_id, seq, at_ms, operator, supervisor, decision, day, list_id, entry_id, revision, said, revoked)
