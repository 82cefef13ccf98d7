"""Finding acts: by the beginning or the end of a waybill, by seq, kind and day. Newest first, in bounded time whatever is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from courier_check.store.acts import COLUMNS, Act, act_of
from courier_check.store.database import Database
from courier_check.store.security import STANDING
from courier_check.store.views import backwards


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which acts. `waybill`: letters and digits that a waybill begins or ends with; `seq`: the entry's number in its journal, or else.

    Of both given, either suffices. `mark`: only acts that one of the marks fits (`_MARKED`). `before`: only acts older than this one
    (journal_id, seq).
    """

    waybill: str | None = None
    seq: int | None = None
    kind: str | None = None
    from_ms: int | None = None
    to_ms: int | None = None
    before: tuple[str, int] | None = None
    mark: str | None = None


def find_acts(db: Database, wanted: Wanted, limit: int) -> list[Act]:
    """The newest `limit` acts. Their order is that of the journals, which no clock can change."""
    rowids = sorted({rowid for sql, given in _ways(db, wanted) for rowid in _newest(db, sql, given, limit)}, reverse=True)[:limit]
    marks = ", ".join("?" * len(rowids))
    sql = f"SELECT {COLUMNS} FROM acts a WHERE a.rowid IN ({marks}) ORDER BY a.rowid DESC"  # noqa: S608 - question marks
    return [act_of(row) for row in db.rows(sql, rowids)]


def _newest(db: Database, sql: str, given: Sequence[object], limit: int) -> list[int]:
    return [rowid for (rowid,) in db.rows(f"SELECT rowid FROM ({sql}) ORDER BY rowid DESC LIMIT ?", (*given, limit))]  # noqa: S608


def _ways(db: Database, wanted: Wanted) -> Iterator[tuple[str, Sequence[object]]]:
    """One question for each way of being found. Each walks one index that holds all the question asks, so that even what fits every act
    costs a walk over narrow rows and no look at the table; and from its end, where the newest mostly are, so that the few to be shown are
    chosen early and the rest only passes by (`LIMIT -1` keeps SQLite from turning the walk round)."""
    where, given = _conditions(db, wanted)
    if wanted.waybill is not None:
        for column, begins in (("waybill", wanted.waybill), ("waybill_end", backwards(wanted.waybill) or "")):
            found = f"a.{column} >= ? AND a.{column} < ?{where} ORDER BY a.{column} DESC LIMIT -1"
            yield f"{_FROM} INDEXED BY acts_by_{column} WHERE {found}", (begins, _after(begins), *given)
    if wanted.seq is not None:
        yield f"{_FROM} WHERE a.journal_id IN (SELECT journal_id FROM journals) AND a.seq = ?{where}", (wanted.seq, *given)  # noqa: S608
    if wanted.waybill is None and wanted.seq is None:
        yield _FROM + _index(wanted).format(where), given


_INTERCEPTED = " AND (a.journal_id, a.seq) IN (SELECT i.intercepts_journal, i.intercepts_seq FROM intercepts i{})"
_CHECKED = (
    " AND (a.rowid IN (SELECT b.rowid FROM security_checks c JOIN acts b ON b.journal_id = c.checks_journal AND b.seq = c.checks_seq"  # noqa: S608 - our own words
    " WHERE c.outcome = '{outcome}') OR a.waybill IN (SELECT c.waybill FROM security_checks c WHERE c.outcome = '{outcome}')"
    " OR a.waybill IN (SELECT b.waybill FROM security_checks c JOIN acts b ON b.journal_id = c.checks_journal AND b.seq = c.checks_seq"
    f" WHERE c.outcome = '{{outcome}}')) AND {STANDING} = '{{outcome}}'"
)
"""How the newest check of a parcel came out is asked only where one came out so."""
_MARKED = {
    "lead": " AND (a.journal_id, a.seq) IN (SELECT l.of_journal, l.of_seq FROM leads l)",
    "intercepted": _INTERCEPTED.format(""),
    "stopped": _INTERCEPTED.format(" WHERE i.outcome IN ('open', 'recovered')"),
    "failed-check": _CHECKED.format(outcome="fail"),
    "recheck": _CHECKED.format(outcome="recheck"),
    "waiting": " AND a.kind = 'referral'"
    " AND NOT EXISTS (SELECT 1 FROM settlements s WHERE s.settles_journal = a.journal_id AND s.settles_seq = a.seq)",
    "hurried": " AND a.hurried > 0",
    "taken-back": " AND a.taken_back > 0",
}
_FROM = "SELECT a.rowid AS rowid FROM acts a"


def _index(wanted: Wanted) -> str:
    """The index to walk where no waybill is asked for. Those of rows and of kinds are in the order of the result already."""
    if wanted.from_ms is not None or wanted.to_ms is not None:
        return " INDEXED BY acts_by_time WHERE TRUE{} ORDER BY a.at_ms DESC LIMIT -1"
    return " NOT INDEXED WHERE TRUE{}" if wanted.kind is None else " INDEXED BY acts_by_kind WHERE TRUE{}"


def _conditions(db: Database, wanted: Wanted) -> tuple[str, list[object]]:
    conditions = [
        (" AND a.kind = ?", wanted.kind),
        (" AND a.at_ms >= ?", wanted.from_ms),
        (" AND a.at_ms < ?", wanted.to_ms),
        (" AND a.rowid < ?", _rowid(db, wanted.before) if wanted.before is not None else None),
    ]
    asked = [(sql, value) for sql, value in conditions if value is not None]
    marked = _MARKED[wanted.mark] if wanted.mark is not None else ""
    return "".join(sql for sql, _ in asked) + marked, [value for _, value in asked]


def _rowid(db: Database, place: tuple[str, int]) -> int:
    """0, before which there is nothing, where the act is unknown."""
    return int(db.value("SELECT rowid FROM acts WHERE journal_id = ? AND seq = ?", place) or 0)


def _after(begins: str) -> str:
    """The first text that comes after all that begin so. Of letters and digits, so that the next character is one."""
    return begins[:-1] + chr(ord(begins[-1]) + 1)
