"""Questions about security checks (安检): of one parcel, of a span of time. The newest check of a parcel is the one that counts, whatever
act of its waybill it is bound to."""

from __future__ import annotations

from collections.abc import Sequence
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


_OF_PARCEL = (
    f"SELECT {_CHECK} FROM security_checks s WHERE s.rowid IN ("  # noqa: S608 - as above
    "SELECT c.rowid FROM security_checks c WHERE c.checks_journal = ? AND c.checks_seq = ?"
    " UNION SELECT c.rowid FROM security_checks c WHERE c.waybill = ?"
    " UNION SELECT c.rowid FROM acts a JOIN security_checks c ON c.checks_journal = a.journal_id AND c.checks_seq = a.seq"
    " WHERE a.waybill = ?) ORDER BY s.rowid"
)
NEWEST_OF_PARCEL = f"{_OF_PARCEL} DESC LIMIT 1"
"""Asked before every acceptance: each of its three ways to a check has an index, and a parcel has a handful of them."""


def checks_of_parcel(db: Database, of: tuple[str, int] | None, waybill: str | None) -> list[CheckHeld]:
    """The checks of a parcel, oldest first: of the act, of every other act of its waybill (accepted anew, referred, withdrawn), and those
    made before this station knew it. By `of` alone once the waybill's part is destroyed."""
    return [_held(row) for row in db.rows(_OF_PARCEL, (*(of or (None, None)), waybill or None, waybill or None))]


def newest_check(db: Database, of: tuple[str, int] | None, waybill: str | None) -> CheckHeld | None:
    """The check of a parcel that counts, looked for as `checks_of_parcel` does."""
    row = db.row(NEWEST_OF_PARCEL, (*(of or (None, None)), waybill or None, waybill or None))
    return _held(row) if row else None


def checks_between(db: Database, from_ms: int, to_ms: int) -> list[CheckHeld]:
    """Checks made in a span of time, whose parcel ever it was."""
    sql = f"SELECT {_CHECK} FROM security_checks s WHERE s.at_ms >= ? AND s.at_ms < ? ORDER BY s.rowid"  # noqa: S608 - as above
    return [_held(row) for row in db.rows(sql, (from_ms, to_ms))]


def standing_between(db: Database, journal_id: str, first: int, last: int) -> dict[str | None, int]:
    """How the newest check of each acceptance in a range of a journal came out, both ends included; None: never checked. Withdrawn ones are
    nobody's business any more, unless they failed: whoever took one back, it goes nowhere."""
    rows = db.rows(
        "SELECT (SELECT s.outcome FROM security_checks s WHERE s.checks_journal = a.journal_id AND s.checks_seq = a.seq"
        " ORDER BY s.rowid DESC LIMIT 1), COUNT(*) FROM acts a WHERE a.kind = 'acceptance' AND a.journal_id = ? AND a.seq BETWEEN ? AND ?"
        " AND NOT EXISTS (SELECT 1 FROM withdrawals w WHERE w.withdraws_journal = a.journal_id AND w.withdraws_seq = a.seq) GROUP BY 1",
        (journal_id, first, last),
    )
    found: dict[str | None, int] = {outcome: int(count) for outcome, count in rows}
    failed = failed_though_withdrawn(db, "a.journal_id = ? AND a.seq BETWEEN ? AND ?", (journal_id, first, last))
    return found | ({_FAILED: found.get(_FAILED, 0) + failed} if failed else {})


_FAILED = "fail"


def failed_though_withdrawn(db: Database, where: str, parameters: Sequence[object]) -> int:
    """撤件以后安检不合格: withdrawn acceptances `a` of a stretch whose newest check is a failed one, and the newest of the parcel: one that
    was checked under its next acceptance is counted there."""
    newest = "SELECT MAX(s.rowid) FROM security_checks s WHERE s.checks_journal = a.journal_id AND s.checks_seq = a.seq"
    sql = (
        f"SELECT COUNT(*) FROM acts a WHERE +a.kind = 'acceptance' AND {where}"  # noqa: S608 - our own words
        " AND EXISTS (SELECT 1 FROM withdrawals w WHERE w.withdraws_journal = a.journal_id AND w.withdraws_seq = a.seq)"
        f" AND (SELECT s.outcome FROM security_checks s WHERE s.rowid = ({newest})) = '{_FAILED}'"
        f" AND NOT EXISTS (SELECT 1 FROM security_checks c WHERE c.waybill = a.waybill AND c.rowid > ({newest}))"
        " AND NOT EXISTS (SELECT 1 FROM acts b JOIN security_checks c ON c.checks_journal = b.journal_id AND c.checks_seq = b.seq"
        f" WHERE b.waybill = a.waybill AND c.rowid > ({newest}))"
    )
    return int(db.value(sql, parameters))


def _held(row: tuple[Any, ...]) -> CheckHeld:
    journal_id, seq, at_ms, operator, outcome, parcel, of_journal, of_seq, waybill, acknowledged_at_ms = row
    of = None if of_journal is None else (of_journal, of_seq)
    return CheckHeld(journal_id, seq, at_ms, operator, outcome, parcel, of, waybill, acknowledged_at_ms)
