"""Questions about security checks (安检): of one parcel, of a span of time. The newest check of a parcel is the one that counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from courier_check.store.database import Database
from courier_check.store.inbox import received_at


@dataclass(frozen=True, slots=True)
class CheckHeld:
    """One check as the view holds it. `of`: the act it is bound to, None for a parcel of another outlet, which `waybill` names until its
    part is destroyed; `parcel`: what the station knew of it then."""

    journal_id: str
    seq: int
    at_ms: int
    operator: str | None
    outcome: str
    parcel: str
    of: tuple[str, int] | None
    waybill: str | None
    acknowledged_at_ms: int | None = None


_CHECK = f"s.journal_id, s.seq, s.at_ms, s.operator, s.outcome, s.parcel, s.checks_journal, s.checks_seq, s.waybill, {received_at('s')}"


def checks_of(db: Database, journal_id: str, seq: int) -> list[CheckHeld]:
    """The checks of an act, oldest first."""
    sql = f"SELECT {_CHECK} FROM security_checks s WHERE s.checks_journal = ? AND s.checks_seq = ? ORDER BY s.rowid"  # noqa: S608 - our own
    return [_held(row) for row in db.rows(sql, (journal_id, seq))]


def checks_of_waybill(db: Database, waybill: str) -> list[CheckHeld]:
    """The checks of a parcel that was accepted elsewhere, oldest first."""
    sql = f"SELECT {_CHECK} FROM security_checks s WHERE s.waybill = ? ORDER BY s.rowid"  # noqa: S608 - as above
    return [_held(row) for row in db.rows(sql, (waybill,))]


def checks_between(db: Database, from_ms: int, to_ms: int) -> list[CheckHeld]:
    """Checks made in a span of time, whose parcel ever it was."""
    sql = f"SELECT {_CHECK} FROM security_checks s WHERE s.at_ms >= ? AND s.at_ms < ? ORDER BY s.rowid"  # noqa: S608 - as above
    return [_held(row) for row in db.rows(sql, (from_ms, to_ms))]


def standing_between(db: Database, journal_id: str, first: int, last: int) -> dict[str | None, int]:
    """How the newest check of each acceptance in a range of a journal came out, both ends included; None: never checked. Withdrawn ones are
    nobody's business any more."""
    rows = db.rows(
        "SELECT (SELECT s.outcome FROM security_checks s WHERE s.checks_journal = a.journal_id AND s.checks_seq = a.seq"
        " ORDER BY s.rowid DESC LIMIT 1), COUNT(*) FROM acts a WHERE a.kind = 'acceptance' AND a.journal_id = ? AND a.seq BETWEEN ? AND ?"
        " AND NOT EXISTS (SELECT 1 FROM withdrawals w WHERE w.withdraws_journal = a.journal_id AND w.withdraws_seq = a.seq) GROUP BY 1",
        (journal_id, first, last),
    )
    return {outcome: int(count) for outcome, count in rows}


def _held(row: tuple[Any, ...]) -> CheckHeld:
    journal_id, seq, at_ms, operator, outcome, parcel, of_journal, of_seq, waybill, acknowledged_at_ms = row
    of = None if of_journal is None else (of_journal, of_seq)
    return CheckHeld(journal_id, seq, at_ms, operator, outcome, parcel, of, waybill, acknowledged_at_ms)
