"""Questions about day closes (日结): how far each journal was closed, and what lies after that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from courier_check.store.database import Database

_COUNTED: Mapping[str, str] = {"acceptance": "accepted", "refusal": "refused", "referral": "referred"}


@dataclass(frozen=True, slots=True)
class Counts:
    """How many entries of each kind: acts as they were recorded, corrections, disputes, withdrawals, intercepts; and the leads that entries
    made (线索: of a refusal, or of an intercept). Closes made before these were counted have none of the last two."""

    accepted: int = 0
    refused: int = 0
    referred: int = 0
    corrected: int = 0
    disputed: int = 0
    withdrawn: int = 0
    intercepted: int = 0
    leads: int = 0


def closed_seq(db: Database, journal_id: str) -> int:
    """The last seq of a journal that a day close covers; 0 if none does."""
    return int(db.value("SELECT COALESCE(MAX(last_seq), 0) FROM day_closes WHERE closes_journal = ?", (journal_id,)))


def is_day_close(db: Database, journal_id: str, seq: int) -> bool:
    return db.value("SELECT 1 FROM day_closes WHERE journal_id = ? AND seq = ?", (journal_id, seq)) is not None


def newest(db: Database) -> tuple[str, int] | None:
    """Where the newest day close stands: (journal_id, seq)."""
    row = db.row(
        "SELECT d.journal_id, d.seq FROM day_closes d JOIN journals j USING (journal_id) ORDER BY j.number DESC, d.seq DESC LIMIT 1"
    )
    return (row[0], row[1]) if row else None


def wall_ms_at(db: Database, journal_id: str, seq: int) -> int | None:
    """The wall time of an entry; None where there is none of that seq."""
    found: int | None = db.value("SELECT wall_ms FROM journal_entries WHERE journal_id = ? AND seq = ?", (journal_id, seq))
    return found


def counts_between(db: Database, journal_id: str, first: int, last: int) -> Counts:
    """Entries of a journal from `first` to `last`, both included, by kind."""
    span = (journal_id, first, last)
    acts = db.rows("SELECT kind, COUNT(*) FROM acts WHERE journal_id = ? AND seq BETWEEN ? AND ? GROUP BY kind", span)
    return Counts(
        **{_COUNTED[kind]: count for kind, count in acts if kind in _COUNTED},
        corrected=int(db.value("SELECT COUNT(*) FROM corrections WHERE journal_id = ? AND seq BETWEEN ? AND ?", span)),
        disputed=int(db.value("SELECT COUNT(*) FROM disputes WHERE journal_id = ? AND seq BETWEEN ? AND ?", span)),
        withdrawn=int(db.value("SELECT COUNT(*) FROM withdrawals WHERE journal_id = ? AND seq BETWEEN ? AND ?", span)),
        intercepted=int(db.value("SELECT COUNT(*) FROM intercepts WHERE journal_id = ? AND seq BETWEEN ? AND ?", span)),
        leads=int(db.value("SELECT COUNT(*) FROM leads WHERE journal_id = ? AND seq BETWEEN ? AND ?", span)),
    )


def outcomes_between(db: Database, spans: Iterable[tuple[str, int, int]]) -> tuple[tuple[str, int], ...]:
    """How the intercepts of these spans (journal, first and last seq) stand now: the outcome, or `open`, and how many there are."""
    found: dict[str, int] = {}
    for span in spans:
        sql = "SELECT outcome, COUNT(*) FROM intercepts WHERE journal_id = ? AND seq BETWEEN ? AND ? GROUP BY outcome"
        for outcome, count in db.rows(sql, span):
            found[outcome] = found.get(outcome, 0) + count
    return tuple(sorted(found.items()))
