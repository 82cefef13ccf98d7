"""Questions about labels (验视标识): what is to be printed, what was, and which parcels carry theirs. No personal data, no waybills."""

from __future__ import annotations

from dataclasses import dataclass

from courier_check.store.database import Database


@dataclass(frozen=True, slots=True)
class LabelJob:
    """One label to be printed. `copy` is 0 for the first, then the number of the reprint (补打). `trouble`: the code of what went wrong at
    the last try. `printed_at_ms`: None while it waits."""

    number: int
    journal_id: str
    seq: int
    copy: int
    asked_at_ms: int
    tries: int
    trouble: str | None
    printed_at_ms: int | None

    @property
    def is_printed(self) -> bool:
        return self.printed_at_ms is not None


@dataclass(frozen=True, slots=True)
class Unlabelled:
    """未贴标: an acceptance whose label nobody has confirmed. `job`: of the newest label asked for, or None; `stopped`: 拦截, none is
    printed until it is released."""

    journal_id: str
    seq: int
    at_ms: int
    operator: str | None
    job: LabelJob | None
    stopped: bool = False


STOPPED = (
    "'released' <> COALESCE((SELECT i.outcome FROM intercepts i WHERE i.intercepts_journal = a.journal_id"
    " AND i.intercepts_seq = a.seq ORDER BY i.rowid DESC LIMIT 1), 'released')"
)
"""Whether the acceptance that a row `a` is about is intercepted and not released (as Act.is_stopped)."""
_JOB = "number, journal_id, seq, copy, asked_at_ms, tries, trouble, printed_at_ms"


def newest_job(db: Database, journal_id: str, seq: int) -> LabelJob | None:
    """The newest label of an entry, printed or waiting."""
    sql = f"SELECT {_JOB} FROM label_jobs WHERE journal_id = ? AND seq = ? ORDER BY copy DESC LIMIT 1"  # noqa: S608 - our own columns
    row = db.row(sql, (journal_id, seq))
    return LabelJob(*row) if row else None


def job_at(db: Database, number: int) -> LabelJob | None:
    row = db.row(f"SELECT {_JOB} FROM label_jobs WHERE number = ?", (number,))  # noqa: S608 - as above
    return LabelJob(*row) if row else None


def waiting_jobs(db: Database) -> list[LabelJob]:
    """All labels that are to be printed now, oldest first. That of an intercepted parcel waits for its release and is none of them."""
    sql = f"SELECT {_JOB} FROM label_jobs a WHERE printed_at_ms IS NULL AND NOT {STOPPED} ORDER BY number"  # noqa: S608 - as above
    return [LabelJob(*row) for row in db.rows(sql)]


def held_jobs(db: Database) -> list[LabelJob]:
    """Labels that wait for the release of their parcel; where its end was another one they are waited for no longer."""
    sql = (
        f"SELECT {_JOB} FROM label_jobs a WHERE printed_at_ms IS NULL AND EXISTS (SELECT 1 FROM intercepts i"  # noqa: S608 - as above
        " WHERE i.intercepts_journal = a.journal_id AND i.intercepts_seq = a.seq AND i.outcome IN ('open', 'recovered')) ORDER BY number"
    )
    return [LabelJob(*row) for row in db.rows(sql)]


def add_job(tx: Database, place: tuple[str, int], copy: int, asked_at_ms: int) -> None:
    tx.execute("INSERT INTO label_jobs (journal_id, seq, copy, asked_at_ms) VALUES (?, ?, ?, ?)", (*place, copy, asked_at_ms))


def claim(tx: Database, number: int, now_ms: int, claim_ms: int) -> bool:
    """Whether a waiting label is now ours to print: nobody else's claim of the last `claim_ms` stands. One of later than now is from a
    wrong clock."""
    return bool(
        tx.execute(
            "UPDATE label_jobs SET claimed_at_ms = ?, tries = tries + 1 WHERE number = ? AND printed_at_ms IS NULL"
            " AND (claimed_at_ms IS NULL OR claimed_at_ms <= ? OR claimed_at_ms > ?)",
            (now_ms, number, now_ms - claim_ms, now_ms),
        )
    )


def settle(tx: Database, number: int, *, printed_at_ms: int | None, trouble: str | None) -> None:
    """How a try ended; the claim ends with it."""
    tx.execute(
        "UPDATE label_jobs SET claimed_at_ms = NULL, printed_at_ms = ?, trouble = ? WHERE number = ?", (printed_at_ms, trouble, number)
    )


def drop_waiting(tx: Database, journal_id: str, seq: int) -> int:
    """Labels nobody needs any more."""
    return tx.execute("DELETE FROM label_jobs WHERE journal_id = ? AND seq = ? AND printed_at_ms IS NULL", (journal_id, seq))


def drop_outlived(tx: Database, trouble: str, asked_before_ms: int) -> int:
    """First labels that wait for this reason and that nobody needs any more: they were asked for so long ago, or their parcel was
    confirmed to carry one since. One that was ever intercepted may have waited for its release, and keeps its label."""
    return tx.execute(
        "DELETE FROM label_jobs WHERE printed_at_ms IS NULL AND copy = 0 AND trouble = ? AND (asked_at_ms < ? OR EXISTS (SELECT 1"
        " FROM stuck_labels s WHERE s.journal_id = label_jobs.journal_id AND s.seq = label_jobs.seq AND s.at_ms >= label_jobs.asked_at_ms))"
        " AND NOT EXISTS (SELECT 1 FROM intercepts i WHERE i.intercepts_journal = label_jobs.journal_id"
        " AND i.intercepts_seq = label_jobs.seq)",
        (trouble, asked_before_ms),
    )


def stick(tx: Database, place: tuple[str, int], at_ms: int, operator: str) -> bool:
    """已贴标; False where it was confirmed before, which then stands."""
    sql = "INSERT INTO stuck_labels (journal_id, seq, at_ms, operator) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
    return bool(tx.execute(sql, (*place, at_ms, operator)))


def is_stuck(db: Database, journal_id: str, seq: int) -> bool:
    return db.value("SELECT 1 FROM stuck_labels WHERE journal_id = ? AND seq = ?", (journal_id, seq)) is not None


_MISSING = (
    "FROM acts a WHERE a.kind = 'acceptance' AND COALESCE(a.mail_kind, '') <> 'letter'"
    " AND NOT EXISTS (SELECT 1 FROM stuck_labels s WHERE s.journal_id = a.journal_id AND s.seq = a.seq)"
    " AND NOT EXISTS (SELECT 1 FROM withdrawals w WHERE w.withdraws_journal = a.journal_id AND w.withdraws_seq = a.seq)"
)
_SINCE_CLOSE = " AND a.seq > COALESCE((SELECT MAX(d.last_seq) FROM day_closes d WHERE d.closes_journal = a.journal_id), 0)"


def unlabelled(db: Database, *, since_close: bool) -> list[Unlabelled]:
    """Parcels without a confirmed label, oldest first; withdrawn ones and letters owe none."""
    sql = f"SELECT a.journal_id, a.seq, a.at_ms, a.operator, {STOPPED} {_MISSING}{_SINCE_CLOSE if since_close else ''} ORDER BY a.rowid"
    return [
        Unlabelled(journal_id, seq, at_ms, operator, newest_job(db, journal_id, seq), bool(stopped))
        for journal_id, seq, at_ms, operator, stopped in db.rows(sql)
    ]


def unlabelled_between(db: Database, journal_id: str, first: int, last: int) -> int:
    """How many of them lie in a range of a journal, both ends included."""
    sql = f"SELECT COUNT(*) {_MISSING} AND a.journal_id = ? AND a.seq BETWEEN ? AND ?"
    return int(db.value(sql, (journal_id, first, last)))
