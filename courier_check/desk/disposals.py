"""处置: what a refusal or an intercept asks for besides — telling an authority (报告), and giving what is guarded to one that gives its
list (移交). A courier may not seize anything: nothing is handed over without a list, and nothing that went back to its sender."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from courier_check.desk.codes import DeskCode
from courier_check.desk.disposal_codes import DisposalCode
from courier_check.desk.late import taken_ms
from courier_check.desk.rights import Right, SignedIn, require
from courier_check.errors import UserError
from courier_check.inspection.catalogue import Authority, Prohibited
from courier_check.journal.entries import Composed, Draft, parse_header
from courier_check.journal.parts import PartName
from courier_check.store import journal
from courier_check.store.acts import Act, act_at
from courier_check.store.database import Database
from courier_check.store.journal import Writer
from courier_check.store.leads import LeadHeld, lead_numbered, leads_between

REPORT, HANDOVER = "report-made", "handover"
LONGEST_TEXT = 120
"""Characters of a name, a telephone, a list's number: nobody can have meant more."""
_OFFICER = re.compile(r"[0-9A-Za-z]{4,24}")
_OFFICER_DIGITS = 4
_OFFICERS = 2


@dataclass(frozen=True, slots=True, repr=False)
class Report:
    """报告: which authority (an id of prohibited.json) was told of an act, whom there, and by what telephone or reference. `told`: when, as
    people write it (late.py); empty: now. Person and reference are kept in the `kept` part only."""

    journal_id: str
    seq: int
    authority: str
    person: str
    reference: str
    told: str = ""
    note: str = ""

    def __repr__(self) -> str:
        return f"Report({self.seq}, {self.authority})"


@dataclass(frozen=True, slots=True, repr=False)
class Handover:
    """移交: an authority takes over what was found and gives its list (清单文号). `officers`: the numbers of the two officers' credentials;
    their last four characters are kept."""

    journal_id: str
    seq: int
    authority: str
    list_number: str
    officers: tuple[str, ...]
    handed: str = ""
    note: str = ""

    def __repr__(self) -> str:
        return f"Handover({self.seq}, {self.authority})"


class Disposals:
    """The verbs that tell an authority and hand over to one."""

    def __init__(self, database: Database, writer: Writer, prohibited: Prohibited) -> None:
        self._database = database
        self._writer = writer
        self.prohibited = prohibited

    @property
    def authorities(self) -> tuple[Authority, ...]:
        """Whom a report may name."""
        return self.prohibited.authorities

    def report(self, report: Report, by: SignedIn | None) -> Composed:
        """报告: append it. Raises UserError for an entry that is no act, an authority nobody knows, an empty person or reference, and a
        time that can't be read or is still to come. An act may be reported to several, and more than once."""
        with self._database.write() as tx:
            who = require(tx, by, Right.REFUSE)
            act = _act(tx, report.journal_id, report.seq)
            facts = self._facts(act, report.authority, report.told)
            kept = {
                "person": words_of(report.person, DisposalCode.TOLD_WHOM),
                "reference": words_of(report.reference, DisposalCode.TOLD_REFERENCE),
            }
            return journal.append(tx, Draft(REPORT, who.code, facts, {PartName.KEPT: {"v": 1, **kept, **_note(report.note)}}), self._writer)

    def hand_over(self, handover: Handover, by: SignedIn | None) -> Composed:
        """移交: append it. Raises UserError as `report`, for what is not guarded here (nothing intercepted, and no disposition says
        to guard it, or the parcel went back), without a list, and without two different officers."""
        with self._database.write() as tx:
            who = require(tx, by, Right.REFUSE)
            act = _act(tx, handover.journal_id, handover.seq)
            if act.withdrawn or act.intercept == "returned" or not (act.is_stopped or self._is_guarded(tx, act)):
                raise UserError(DisposalCode.NOTHING_GUARDED, seq=act.seq)
            officers = tuple(dict.fromkeys("".join(officer.split()).upper() for officer in handover.officers))
            if len(officers) != _OFFICERS or not all(_OFFICER.fullmatch(officer) for officer in officers):
                raise UserError(DisposalCode.OFFICERS_TWO)
            facts = self._facts(act, handover.authority, handover.handed)
            kept: dict[str, object] = {"list_number": words_of(handover.list_number, DisposalCode.LIST_MISSING)}
            kept["officers"] = [officer[-_OFFICER_DIGITS:] for officer in officers]
            draft = Draft(HANDOVER, who.code, facts, {PartName.KEPT: {"v": 1, **kept, **_note(handover.note)}})
            return journal.append(tx, draft, self._writer)

    def leads(self, from_ms: int, to_ms: int) -> list[LeadHeld]:
        """Leads made in a span of time, oldest first. Reads only."""
        with self._database.snapshot():
            return leads_between(self._database, from_ms, to_ms)

    def lead(self, number: str) -> LeadHeld:
        """One lead. Raises UserError."""
        with self._database.snapshot():
            found = lead_numbered(self._database, number.strip().upper())
        if found is None:
            raise UserError(DisposalCode.LEAD_UNKNOWN, number=number.strip()[:60])
        return found

    def _is_guarded(self, tx: Database, act: Act) -> bool:
        stored = journal.entry_at(tx, act.journal_id, act.seq)
        facts = parse_header(stored.header_bytes).facts if stored is not None else {}
        return not self.prohibited.guarding().isdisjoint(facts.get("dispositions", ()))

    def _facts(self, act: Act, authority: str, told: str) -> dict[str, object]:
        check_authority(authority, {one.id for one in self.authorities})
        now_ms = self._writer.clock.read().wall_ms
        told_ms = _told_ms(told, now_ms) if told.strip() else now_ms
        return {"about": {"journal_id": act.journal_id, "seq": act.seq}, "authority": authority, "told_ms": told_ms, "lead": act.lead}


def _told_ms(text: str, now_ms: int) -> int:
    try:
        return taken_ms(text, now_ms, 0)
    except UserError as error:
        if error.code == DeskCode.LATE_IN_FUTURE:
            raise UserError(DisposalCode.TOLD_IN_FUTURE, at=str(error.facts["at"])) from None
        raise UserError(DisposalCode.TOLD_UNREADABLE, given=text.strip()[:40]) from None


def check_authority(authority: str, known: Collection[str]) -> None:
    """Raises UserError for an id that prohibited.json does not have."""
    if authority not in known:
        raise UserError(DisposalCode.AUTHORITY_UNKNOWN, authority=authority[:40], known=", ".join(sorted(known)))


def _act(tx: Database, journal_id: str, seq: int) -> Act:
    act = act_at(tx, journal_id, seq)
    if act is None:
        known = journal.hash_at(tx, journal_id, seq) is not None
        raise UserError(DeskCode.NO_ACT if known else DeskCode.ENTRY_UNKNOWN, seq=seq)
    return act


def said(text: str) -> str:
    """What was typed, as it can be stored."""
    return text.encode("utf-8", "replace").decode().strip()


def words_of(text: str, missing: DisposalCode, longest: int = LONGEST_TEXT) -> str:
    """What was typed where something must be; UserError with `missing` for nothing, and for too much."""
    given = said(text)
    if not given:
        raise UserError(missing)
    if len(given) > longest:
        raise UserError(DisposalCode.TEXT_TOO_LONG, longest=longest, given=len(given))
    return given


def _note(note: str) -> dict[str, str]:
    given = said(note)[:500]
    return {"reason": given} if given else {}
