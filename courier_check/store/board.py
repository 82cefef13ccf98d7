"""Questions of the shift board (班次看板): what happened in a stretch of the journals, counted by the database, and what waits.

Only the acts of the stretch are visited, never the whole history: of a time by `acts_by_time`, after a day close by the journals' own keys.
"""

from __future__ import annotations

from dataclasses import dataclass

from courier_check.store.database import Database
from courier_check.store.labels import STOPPED, LabelJob, newest_job
from courier_check.store.security import STANDING, failed_though_withdrawn

_END = 6
"""Characters of a waybill that are told: those on its label."""


@dataclass(frozen=True, slots=True)
class Within:
    """A stretch of time in ms, its end not included; or, where `after` is given, everything after these seqs, by journal: what a clock
    that was set back does not change."""

    from_ms: int = 0
    to_ms: int = 0
    after: tuple[tuple[str, int], ...] | None = None

    def clause(self, alias: str, at_column: str) -> tuple[str, list[object]]:
        """A condition on rows of `alias`, whose time is `at_column`, and its parameters."""
        if self.after is None:
            return f"{at_column} >= ? AND {at_column} < ?", [self.from_ms, self.to_ms]
        each = " OR ".join(f"({alias}.journal_id = ? AND {alias}.seq > ?)" for _ in self.after)
        return f"({each or 'FALSE'})", [value for place in self.after for value in place]


@dataclass(frozen=True, slots=True)
class ActGroup:
    """So many acts that are alike in everything the board asks. `security`: how the newest check of the parcel came out; `complete`:
    服务信息, None where nothing was said of it; `stuck`: 已贴标; `taken_back`: an answer that stopped the parcel was taken back."""

    kind: str
    mail_kind: str | None
    real_name: str | None
    inspected: bool
    refusal: str | None
    screening: str | None
    hurried: bool
    operator: str | None
    complete: bool | None
    security: str | None
    withdrawn: bool
    stuck: bool
    taken_back: bool
    count: int


@dataclass(frozen=True, slots=True)
class MissingLabel:
    """未贴标: an acceptance whose label nobody has confirmed. `end`: of its waybill, None after destruction; `job`: of the newest label
    asked for; `stopped`: 拦截, none is printed until it is released."""

    journal_id: str
    seq: int
    at_ms: int
    operator: str | None
    end: str | None
    job: LabelJob | None
    stopped: bool = False


_STUCK = "EXISTS (SELECT 1 FROM stuck_labels l WHERE l.journal_id = a.journal_id AND l.seq = a.seq)"
_WITHDRAWN = "EXISTS (SELECT 1 FROM withdrawals w WHERE w.withdraws_journal = a.journal_id AND w.withdraws_seq = a.seq)"


def act_groups(db: Database, within: Within) -> list[ActGroup]:
    """The acts of a stretch, those that are alike counted together."""
    where, parameters = within.clause("a", "a.at_ms")
    sql = (
        f"SELECT a.kind, a.mail_kind, a.real_name, a.inspected, a.refusal, a.screening, a.hurried > 0, a.operator, s.complete, {STANDING},"  # noqa: S608 - our own words
        f" {_WITHDRAWN}, {_STUCK}, a.taken_back > 0, COUNT(*)"
        " FROM acts a LEFT JOIN services s ON s.journal_id = a.journal_id AND s.seq = a.seq"
        f" WHERE {where} GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13"
    )
    return [_group(*row) for row in db.rows(sql, parameters)]


def _group(*row: object) -> ActGroup:
    values = list(row)
    for flag in (3, 6, 10, 11, 12):  # inspected, hurried, withdrawn, stuck, taken_back
        values[flag] = bool(values[flag])
    values[8] = None if values[8] is None else bool(values[8])
    return ActGroup(*values)  # type: ignore[arg-type]  # the columns above, in order


def withdrawals_within(db: Database, within: Within) -> int:
    """撤件 made in a stretch, of whatever acceptance."""
    where, parameters = within.clause("w", "w.at_ms")
    sql = f"SELECT COUNT(*) FROM withdrawals w WHERE {where}"  # noqa: S608 - as above
    return int(db.value(sql, parameters))


def failed_withdrawn(db: Database, within: Within) -> int:
    """撤件以后安检不合格: parcels accepted in a stretch and withdrawn whose newest check failed."""
    return failed_though_withdrawn(db, *within.clause("a", "a.at_ms"))


def intercepts_within(db: Database, within: Within) -> tuple[tuple[str, int], ...]:
    """拦截 made in a stretch, of whatever acceptance: how they stand now (`open`, or the newest outcome), and how many."""
    where, parameters = within.clause("i", "i.at_ms")
    sql = f"SELECT i.outcome, COUNT(*) FROM intercepts i WHERE {where} GROUP BY i.outcome ORDER BY i.outcome"  # noqa: S608 - as above
    return tuple((outcome, int(count)) for outcome, count in db.rows(sql, parameters))


def leads_within(db: Database, within: Within) -> int:
    """线索 made in a stretch: by refusals and by intercepts."""
    where, parameters = within.clause("l", "l.at_ms")
    return int(db.value(f"SELECT COUNT(*) FROM leads l WHERE {where}", parameters))  # noqa: S608 - as above


def missing_labels(db: Database, within: Within, limit: int) -> list[MissingLabel]:
    """The oldest parcels of a stretch without a confirmed label; withdrawn ones and letters owe none. The pluses keep SQLite from walking
    all acceptances, or all acts in their order, for the few that lie in the stretch."""
    where, parameters = within.clause("a", "a.at_ms")
    sql = (
        f"SELECT a.journal_id, a.seq, a.at_ms, a.operator, substr(a.waybill, -{_END}), {STOPPED}"  # noqa: S608 - as above
        f" FROM acts a WHERE +a.kind = 'acceptance' AND {where}"
        f" AND COALESCE(a.mail_kind, '') <> 'letter' AND NOT {_STUCK} AND NOT {_WITHDRAWN} ORDER BY +a.rowid LIMIT ?"
    )
    return [
        MissingLabel(journal_id, seq, at_ms, operator, end, newest_job(db, journal_id, seq), bool(stopped))
        for journal_id, seq, at_ms, operator, end, stopped in db.rows(sql, [*parameters, limit])
    ]


def waiting_referrals(db: Database) -> int:
    """待复核: referrals, of whatever day, that no later act of the same waybill has settled or taken up again."""
    sql = (
        "SELECT COUNT(*) FROM acts a INDEXED BY acts_by_kind WHERE a.kind = 'referral'"
        " AND NOT EXISTS (SELECT 1 FROM settlements s WHERE s.settles_journal = a.journal_id AND s.settles_seq = a.seq)"
    )
    return int(db.value(sql))


def after_last_close(db: Database) -> tuple[Within, int | None]:
    """What no day close covers yet, and when the newest close was made. A journal that is closed to its head has nothing left but the entry
    of the close itself."""
    after = tuple(
        (journal_id, int(last))
        for journal_id, last in db.rows(
            "SELECT j.journal_id, COALESCE((SELECT MAX(d.last_seq) FROM day_closes d WHERE d.closes_journal = j.journal_id), 0)"
            " FROM journals j ORDER BY j.number"
        )
    )
    closed_at_ms = db.value(
        "SELECT e.wall_ms FROM day_closes d JOIN journals j ON j.journal_id = d.journal_id"
        " JOIN journal_entries e ON e.journal_id = d.journal_id AND e.seq = d.seq ORDER BY j.number DESC, d.seq DESC LIMIT 1"
    )
    return Within(after=after), None if closed_at_ms is None else int(closed_at_ms)
