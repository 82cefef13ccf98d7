"""Questions about intercepts (拦截): of one parcel, of a span of time. The newest intercept of a parcel is the one that counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from courier_check.store.database import Database
from courier_check.store.inbox import received_at


@dataclass(frozen=True, slots=True)
class InterceptHeld:
    """One intercept. `outcome`: `open` until an outcome was recorded, then the newest; `of`: the acceptance."""

    journal_id: str
    seq: int
    at_ms: int
    operator: str | None
    cause: str
    outcome: str
    of: tuple[str, int]
    acknowledged_at_ms: int | None = None


_INTERCEPT = (
    "SELECT i.journal_id, i.seq, i.at_ms, i.operator, i.cause, i.outcome, i.intercepts_journal, i.intercepts_seq,"  # noqa: S608 - our own columns
    f" {received_at('i')} FROM intercepts i"
)


def intercepts_of(db: Database, journal_id: str, seq: int) -> list[InterceptHeld]:
    """The intercepts of an acceptance, oldest first."""
    sql = f"{_INTERCEPT} WHERE i.intercepts_journal = ? AND i.intercepts_seq = ? ORDER BY i.rowid"
    return [_held(row) for row in db.rows(sql, (journal_id, seq))]


def intercepts_between(db: Database, from_ms: int, to_ms: int) -> list[InterceptHeld]:
    """Intercepts made in a span of time, whenever their parcel was accepted."""
    return [_held(row) for row in db.rows(f"{_INTERCEPT} WHERE i.at_ms >= ? AND i.at_ms < ? ORDER BY i.rowid", (from_ms, to_ms))]


def standing_intercepts(db: Database) -> int:
    """拦截未了: parcels of whatever day that are stopped, or recovered and guarded, and nobody has said the end of it."""
    return int(db.value("SELECT COUNT(*) FROM intercepts WHERE outcome IN ('open', 'recovered')"))


def outcomes_of(db: Database, journal_id: str, seq: int) -> list[tuple[str, int]]:
    """The outcomes recorded of an intercept as (journal_id, seq), oldest first."""
    sql = "SELECT journal_id, seq FROM intercept_outcomes WHERE of_journal = ? AND of_seq = ? ORDER BY rowid"
    return [(found, number) for found, number in db.rows(sql, (journal_id, seq))]


def _held(row: tuple[Any, ...]) -> InterceptHeld:
    journal_id, seq, at_ms, operator, cause, outcome, of_journal, of_seq, acknowledged_at_ms = row
    return InterceptHeld(journal_id, seq, at_ms, operator, cause, outcome, (of_journal, of_seq), acknowledged_at_ms)
