"""Questions about acts (收寄、拒收、复核)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from courier_check.store.database import Database
from courier_check.store.inbox import received_at
from courier_check.store.labels import STOPPED
from courier_check.store.security import STANDING

RELEASED = "released"
"""解除拦截: the outcome of an intercept after which the parcel may go on."""


@dataclass(frozen=True, slots=True)
class Act:
    """One act as the views hold it. Masked; the waybill is None after destruction."""

    journal_id: str
    seq: int
    kind: str
    at_ms: int
    operator: str | None
    mail_kind: str | None
    carrier: str | None
    real_name: str | None
    document_type: str | None
    document_source: str | None
    inspected: bool
    refusal: str | None
    prohibited: tuple[str, ...]
    categories: tuple[str, ...]
    screening: str | None
    late: bool
    corrected: bool
    disputed: bool
    waybill: str | None
    name_mask: str | None
    number_mask: str | None
    phone_mask: str | None
    acknowledged_at_ms: int | None
    withdrawn: bool
    security: str | None = None
    """安检: how the newest check of its parcel came out, whatever act of the waybill it is bound to; None where there is none."""
    hurried: int = 0
    """The longest run of answers given faster than anybody looks; 0 for none."""
    intercept: str | None = None
    """拦截: how the newest one stands (`open`, or its outcome); None where there is none."""
    lead: str | None = None
    """线索: the number of the newest one; None where none was made."""
    taken_back: int = 0
    """How often an answer that stopped the parcel was taken back before the act."""

    @property
    def is_stopped(self) -> bool:
        """An intercepted parcel goes nowhere until a supervisor has released it; one that is gone for good is not to turn up either."""
        return self.intercept is not None and self.intercept != RELEASED


COLUMNS = (
    "a.journal_id, a.seq, a.kind, a.at_ms, a.operator, a.mail_kind, a.carrier, a.real_name, a.document_type, a.document_source,"  # noqa: S608 - our own columns
    " a.inspected, a.refusal, a.prohibited, a.categories, a.screening, a.late, a.corrected, a.disputed, a.waybill, a.name_mask,"
    f" a.number_mask, a.phone_mask, {received_at('a')},"
    " EXISTS (SELECT 1 FROM withdrawals w WHERE w.withdraws_journal = a.journal_id AND w.withdraws_seq = a.seq),"
    f" {STANDING}, a.hurried,"
    " (SELECT i.outcome FROM intercepts i WHERE i.intercepts_journal = a.journal_id AND i.intercepts_seq = a.seq"
    " ORDER BY i.rowid DESC LIMIT 1),"
    " (SELECT l.number FROM leads l WHERE l.of_journal = a.journal_id AND l.of_seq = a.seq ORDER BY l.rowid DESC LIMIT 1),"
    " a.taken_back"
)
"""What an Act is made of, selected from `acts a`."""


def acts_between(db: Database, from_ms: int, to_ms: int) -> list[Act]:
    """Acts with from_ms ≤ at < to_ms, in the order of the journals: a clock set back changes nothing."""
    sql = f"SELECT {COLUMNS} FROM acts a WHERE a.at_ms >= ? AND a.at_ms < ? ORDER BY a.rowid"  # noqa: S608
    return [act_of(row) for row in db.rows(sql, (from_ms, to_ms))]


def acts_with_waybill(db: Database, waybill: str) -> list[Act]:
    sql = f"SELECT {COLUMNS} FROM acts a WHERE a.waybill = ? ORDER BY a.rowid"  # noqa: S608 - our own columns
    return [act_of(row) for row in db.rows(sql, (waybill,))]


def act_at(db: Database, journal_id: str, seq: int) -> Act | None:
    row = db.row(f"SELECT {COLUMNS} FROM acts a WHERE a.journal_id = ? AND a.seq = ?", (journal_id, seq))  # noqa: S608 - as above
    return act_of(row) if row else None


def accepted(db: Database, waybill: str) -> Act | None:
    """The acceptance of a waybill, if it was accepted here before."""
    row = db.row("SELECT journal_id, seq FROM accepted_waybills WHERE waybill = ?", (waybill,))
    return act_at(db, *row) if row else None


def stopped_under(db: Database, waybill: str) -> Act | None:
    """The intercepted act that bore a waybill until it was corrected while it was stopped: the parcel with that label still lies somewhere.
    None where there is none, where it was released, and where the waybill was accepted for another parcel since."""
    row = db.row(
        f"SELECT {COLUMNS} FROM stopped_waybills w JOIN acts a ON a.journal_id = w.journal_id AND a.seq = w.seq"  # noqa: S608 - our own columns
        f" WHERE w.waybill = ? AND {STOPPED} AND NOT EXISTS (SELECT 1 FROM accepted_waybills n WHERE n.waybill = w.waybill)"
        " ORDER BY a.rowid DESC LIMIT 1",
        (waybill,),
    )
    return act_of(row) if row else None


def act_of_waybill(db: Database, waybill: str) -> Act | None:
    """The act that a scan of a waybill is about: the acceptance that stands, the intercepted one that bore it, or else the newest."""
    return accepted(db, waybill) or stopped_under(db, waybill) or next(reversed(acts_with_waybill(db, waybill)), None)


def act_of_draft(db: Database, draft_id: str) -> Act | None:
    """The newest act that this very draft became, so that saving again after a crash is harmless."""
    row = db.row(
        "SELECT a.journal_id, a.seq FROM acts a JOIN journals j ON j.journal_id = a.journal_id"
        " WHERE a.draft_id = ? ORDER BY j.number DESC, a.seq DESC LIMIT 1",
        (draft_id,),
    )
    return act_at(db, *row) if row else None


def acts_with_token(db: Database, kind: str, token: str, since_ms: int) -> list[Act]:
    """Acts of one person or phone since a moment, by match token."""
    sql = (
        f"SELECT {COLUMNS} FROM act_tokens t JOIN acts a ON a.journal_id = t.journal_id AND a.seq = t.seq"  # noqa: S608 - our own columns
        " WHERE t.kind = ? AND t.token = ? AND a.at_ms >= ? ORDER BY a.rowid"
    )
    return [act_of(row) for row in db.rows(sql, (kind, token, since_ms))]


def token_of_act(db: Database, kind: str, journal_id: str, seq: int) -> str | None:
    """The match token of one kind that an act holds; None where it kept none, or keeps none any more."""
    sql = "SELECT token FROM act_tokens WHERE journal_id = ? AND seq = ? AND kind = ?"
    found: str | None = db.value(sql, (journal_id, seq, kind))
    return found


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """撤件: the entry that says so, and what it took back."""

    journal_id: str
    seq: int
    at_ms: int
    withdraws: tuple[str, int]
    acknowledged_at_ms: int | None = None


_WITHDRAWN = f"SELECT w.journal_id, w.seq, w.at_ms, w.withdraws_journal, w.withdraws_seq, {received_at('w')} FROM withdrawals w"  # noqa: S608


def withdrawal_of(db: Database, journal_id: str, seq: int) -> Withdrawn | None:
    """The withdrawal of an acceptance, if it was taken back."""
    row = db.row(f"{_WITHDRAWN} WHERE w.withdraws_journal = ? AND w.withdraws_seq = ?", (journal_id, seq))
    return _withdrawn(row) if row else None


def withdrawals_between(db: Database, from_ms: int, to_ms: int) -> list[Withdrawn]:
    """Withdrawals made in a span of time."""
    return [_withdrawn(row) for row in db.rows(f"{_WITHDRAWN} WHERE w.at_ms >= ? AND w.at_ms < ? ORDER BY w.rowid", (from_ms, to_ms))]


def _withdrawn(row: tuple[Any, ...]) -> Withdrawn:
    return Withdrawn(row[0], row[1], row[2], (row[3], row[4]), row[5])


@dataclass(frozen=True, slots=True)
class Service:
    """服务信息 of an acceptance as far as its header says."""

    complete: bool
    way: str | None
    country: str | None


def services_between(db: Database, from_ms: int, to_ms: int) -> dict[tuple[str, int], Service]:
    """By act, for acceptances with from_ms ≤ at < to_ms that said something of the service."""
    rows = db.rows(
        "SELECT s.journal_id, s.seq, s.complete, s.way, s.country FROM services s"
        " JOIN acts a ON a.journal_id = s.journal_id AND a.seq = s.seq WHERE a.at_ms >= ? AND a.at_ms < ?",
        (from_ms, to_ms),
    )
    return {(journal_id, seq): Service(bool(complete), way, country) for journal_id, seq, complete, way, country in rows}


def corrections_of(db: Database, journal_id: str, seq: int) -> list[tuple[str, int]]:
    """The corrections of an act as (journal_id, seq), oldest first."""
    rows = db.rows(
        "SELECT c.journal_id, c.seq FROM corrections c JOIN journals j ON j.journal_id = c.journal_id"
        " WHERE c.corrects_journal = ? AND c.corrects_seq = ? ORDER BY j.number, c.seq",
        (journal_id, seq),
    )
    return [(found, number) for found, number in rows]


def disputes_of(db: Database, journal_id: str, seq: int) -> list[tuple[str, int]]:
    """The disputes about an act as (journal_id, seq), oldest first."""
    rows = db.rows(
        "SELECT d.journal_id, d.seq FROM disputes d JOIN journals j ON j.journal_id = d.journal_id"
        " WHERE d.disputes_journal = ? AND d.disputes_seq = ? ORDER BY j.number, d.seq",
        (journal_id, seq),
    )
    return [(found, number) for found, number in rows]


@dataclass(frozen=True, slots=True)
class Corrected:
    """更正: the entry that says so."""

    seq: int
    at_ms: int
    acknowledged_at_ms: int | None


def corrections_between(db: Database, from_ms: int, to_ms: int) -> list[Corrected]:
    """Corrections made in a span of time."""
    return [
        Corrected(*row)
        for row in db.rows(
            f"SELECT c.seq, e.wall_ms, {received_at('c')}"  # noqa: S608 - our own columns
            " FROM corrections c JOIN journal_entries e ON e.journal_id = c.journal_id AND e.seq = c.seq"
            " WHERE e.wall_ms >= ? AND e.wall_ms < ? ORDER BY e.rowid",
            (from_ms, to_ms),
        )
    ]


def act_of(row: tuple[object, ...]) -> Act:
    """An Act from its columns."""
    values = list(row)
    for flag in (10, 15, 16, 17, 23):  # inspected, late, corrected, disputed, withdrawn
        values[flag] = bool(values[flag])
    values[12], values[13] = tuple(json.loads(str(values[12]))), tuple(json.loads(str(values[13])))
    return Act(*values)  # type: ignore[arg-type]  # the columns above, in order
