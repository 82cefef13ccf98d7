"""Questions about leads (线索), and about what authorities were told of an act and took over (报告, 移交)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from courier_check.store.database import Database


@dataclass(frozen=True, slots=True)
class LeadHeld:
    """线索: the entry that made it, the act it is about (the same one for a refusal), whom the act was reported to and handed to."""

    journal_id: str
    seq: int
    number: str
    county: str | None
    at_ms: int
    of: tuple[str, int]
    reported_to: tuple[str, ...]
    handed_to: tuple[str, ...]

    @property
    def state(self) -> str:
        """How far it has come, by what the entries say: `open`, `reported`, `handed-over`."""
        return "handed-over" if self.handed_to else "reported" if self.reported_to else "open"


def leads_between(db: Database, from_ms: int, to_ms: int) -> list[LeadHeld]:
    """Leads made with from_ms ≤ at < to_ms, oldest first."""
    sql = f"{_LEAD} WHERE l.at_ms >= ? AND l.at_ms < ? ORDER BY l.rowid"
    return [_lead(db, row) for row in db.rows(sql, (from_ms, to_ms))]


def lead_numbered(db: Database, number: str) -> LeadHeld | None:
    row = db.row(f"{_LEAD} WHERE l.number = ?", (number,))
    return _lead(db, row) if row else None


def leads_of(db: Database, journal_id: str, seq: int) -> list[LeadHeld]:
    """The leads about an act, oldest first: of its refusal, or of each time it was intercepted."""
    return [_lead(db, row) for row in db.rows(f"{_LEAD} WHERE l.of_journal = ? AND l.of_seq = ? ORDER BY l.rowid", (journal_id, seq))]


def leads_in(db: Database, journal_id: str) -> int:
    """How many leads the entries of a journal have made."""
    return int(db.value("SELECT COUNT(*) FROM leads WHERE journal_id = ?", (journal_id,)) or 0)


@dataclass(frozen=True, slots=True)
class ToldHeld:
    """报告 or 移交 of an act: the entry, and which authority."""

    journal_id: str
    seq: int
    kind: str
    authority: str
    told_ms: int


def told_of(db: Database, journal_id: str, seq: int) -> list[ToldHeld]:
    """Reports and handovers of an act, oldest first."""
    sql = "SELECT journal_id, seq, kind, authority, told_ms FROM told_authorities WHERE about_journal = ? AND about_seq = ? ORDER BY rowid"
    return [ToldHeld(*row) for row in db.rows(sql, (journal_id, seq))]


@dataclass(frozen=True, slots=True)
class ListHeld:
    """A list of the station, and since when it has had the version in force."""

    name: str
    version: str
    installed_at_ms: int


def lists_held(db: Database, most: int) -> tuple[ListHeld, ...]:
    """The lists in force, the newest first: a header has no room for any number of them."""
    sql = "SELECT name, version, installed_at_ms FROM installed_packages WHERE kind = 'list' ORDER BY installed_at_ms DESC, name LIMIT ?"
    return tuple(ListHeld(*row) for row in db.rows(sql, (most,)))


_LEAD = "SELECT l.journal_id, l.seq, l.number, l.county, l.at_ms, l.of_journal, l.of_seq FROM leads l"


def _lead(db: Database, row: tuple[Any, ...]) -> LeadHeld:
    journal_id, seq, number, county, at_ms, of_journal, of_seq = row
    told = told_of(db, of_journal, of_seq)
    reported, handed = (tuple(dict.fromkeys(one.authority for one in told if one.kind == kind)) for kind in ("report-made", "handover"))
    return LeadHeld(journal_id, seq, number, county, at_ms, (of_journal, of_seq), reported, handed)
