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


_WAYS = (
    "FROM security_checks c WHERE c.checks_journal = {journal_id} AND c.checks_seq = {seq}",
    "FROM security_checks c WHERE c.waybill = {waybill}",
    "FROM acts b JOIN security_checks c ON c.checks_journal = b.journal_id AND c.checks_seq = b.seq WHERE b.waybill = {waybill}",
)
"""Which checks are a parcel's: of the act, of its waybill while no act was known, of every other act of its waybill."""
_ASKED = " UNION ".join(f"SELECT c.rowid {way}".format(journal_id="?", seq="?", waybill="?") for way in _WAYS)
_OF_PARCEL = f"SELECT {_CHECK} FROM security_checks s WHERE s.rowid IN ({_ASKED}) ORDER BY s.rowid"  # noqa: S608 - our own words
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


_EACH = ", ".join(f"COALESCE((SELECT MAX(c.rowid) {way}), 0)" for way in _WAYS)
_NEWEST = _EACH.format(journal_id="a.journal_id", seq="a.seq", waybill="a.waybill")
STANDING = f"(SELECT s.outcome FROM security_checks s WHERE s.rowid = MAX({_NEWEST}))"  # noqa: S608 - our own words
"""How the newest check of the parcel came out that an act `a` is about, NULL where it was never checked: `newest_check` in the words of a
question about many acts."""


def checks_between(db: Database, from_ms: int, to_ms: int) -> list[CheckHeld]:
    """Checks made in a span of time, whose parcel ever it was."""
    sql = f"SELECT {_CHECK} FROM security_checks s WHERE s.at_ms >= ? AND s.at_ms < ? ORDER BY s.rowid"  # noqa: S608 - as above
    return [_held(row) for row in db.rows(sql, (from_ms, to_ms))]


def standing_between(db: Database, journal_id: str, first: int, last: int) -> dict[str | None, int]:
    """How the newest check of each parcel accepted in a range of a journal came out, both ends included; None: never checked. Withdrawn
    ones are nobody's business any more, unless they failed: whoever took one back, it goes nowhere."""
    rows = db.rows(
        f"SELECT {STANDING}, COUNT(*) FROM acts a"  # noqa: S608 - our own words
        " WHERE +a.kind = 'acceptance' AND a.journal_id = ? AND a.seq BETWEEN ? AND ?"
        " AND NOT EXISTS (SELECT 1 FROM withdrawals w WHERE w.withdraws_journal = a.journal_id AND w.withdraws_seq = a.seq) GROUP BY 1",
        (journal_id, first, last),
    )
    found: dict[str | None, int] = {outcome: int(count) for outcome, count in rows}
    failed = failed_though_withdrawn(db, "a.journal_id = ? AND a.seq BETWEEN ? AND ?", (journal_id, first, last))
    return found | ({_FAILED: found.get(_FAILED, 0) + failed} if failed else {})


_FAILED = "fail"


def failed_though_withdrawn(db: Database, where: str, parameters: Sequence[object]) -> int:
    """撤件以后安检不合格: withdrawn acceptances `a` of a stretch whose parcel's newest check is a failed one. A parcel fails once: one that
    was accepted anew is counted by that acceptance, one that was withdrawn again by the newest."""
    sql = (
        f"SELECT COUNT(*) FROM acts a WHERE +a.kind = 'acceptance' AND {where}"  # noqa: S608 - our own words
        " AND CASE WHEN EXISTS (SELECT 1 FROM withdrawals w WHERE w.withdraws_journal = a.journal_id AND w.withdraws_seq = a.seq)"
        f" THEN {STANDING} END = '{_FAILED}'"  # asked of the few withdrawn ones only
        " AND NOT EXISTS (SELECT 1 FROM accepted_waybills n WHERE n.waybill = a.waybill)"
        " AND NOT EXISTS (SELECT 1 FROM acts n WHERE n.waybill = a.waybill AND n.kind = 'acceptance' AND n.rowid > a.rowid)"
    )
    return int(db.value(sql, parameters))


def _held(row: tuple[Any, ...]) -> CheckHeld:
    journal_id, seq, at_ms, operator, outcome, parcel, of_journal, of_seq, waybill, acknowledged_at_ms = row
    of = None if of_journal is None else (of_journal, of_seq)
    return CheckHeld(journal_id, seq, at_ms, operator, outcome, parcel, of, waybill, acknowledged_at_ms)
