"""名单异议: a listed party says that the entry is wrong. Recorded with a number, passed to the list's issuer, tracked until it is answered.

What travels is what the issuer has to know: which entry, who objects and what they say. How they are reached stays here: the answer comes
back through this outlet. A company's own list has no issuer but the company itself, so nothing of it travels.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from courier_check.clock import at
from courier_check.desk.codes import DeskCode
from courier_check.desk.decisions import plain_words
from courier_check.desk.rights import Right, SignedIn, require
from courier_check.errors import UserError
from courier_check.journal.entries import Composed, Draft
from courier_check.journal.parts import PartName
from courier_check.screening.entries import IssuerKind
from courier_check.store import journal, objections
from courier_check.store.database import Database
from courier_check.store.journal import Writer
from courier_check.store.lists import StoredCandidates
from courier_check.store.objections import ObjectionHeld

LONGEST_NAME, LONGEST_STATEMENT = 200, 1000
_JOURNAL_DIGITS = 12


class ObjectionState(StrEnum):
    """How far an objection is."""

    OPEN = "objection-open"  # 已登记
    PASSED = "objection-passed"  # 已转：网关的回执盖着它
    ANSWERED = "objection-answered"  # 已答复


class ObjectionOutcome(StrEnum):
    """What the issuer found."""

    REMOVED = "removed"  # 移出名单
    CORRECTED = "corrected"  # 更正条目
    DISMISSED = "dismissed"  # 不成立
    WITHDRAWN = "withdrawn"  # 当事人撤回


@dataclass(frozen=True, slots=True, repr=False)
class Objection:
    """Which entry of which list, who objects, how they are reached, and what they say."""

    list_id: str
    entry_id: str
    who: str
    contact: str
    statement: str

    def __repr__(self) -> str:
        return f"Objection({self.list_id}/{self.entry_id})"


@dataclass(frozen=True, slots=True)
class Answer:
    """The issuer's answer. `words`: what it says, with its document number where it has one."""

    number: str
    outcome: ObjectionOutcome
    words: str


def state_of(held: ObjectionHeld) -> ObjectionState:
    if held.answered is not None:
        return ObjectionState.ANSWERED
    return ObjectionState.PASSED if held.to_issuer and held.acknowledged_at_ms is not None else ObjectionState.OPEN


class Objections:
    """Verbs on objections."""

    def __init__(self, database: Database, writer: Writer) -> None:
        self._database = database
        self._writer = writer

    def newest(self) -> list[ObjectionHeld]:
        """The last objections, newest first."""
        return objections.newest_objections(self._database)

    def record(self, objection: Objection, by: SignedIn | None) -> tuple[str, Composed]:
        """异议登记: its number, and the entry. Raises UserError for an entry that no list has, and for what is missing or too long."""
        who, contact, said = (plain_words(text) for text in (objection.who, objection.contact, objection.statement))
        if not who or not contact or not said or max(len(who), len(contact)) > LONGEST_NAME or len(said) > LONGEST_STATEMENT:
            raise UserError(DeskCode.OBJECTION_INCOMPLETE, name=LONGEST_NAME, statement=LONGEST_STATEMENT)
        with self._database.write() as tx:
            operator = require(tx, by, Right.DISPUTE)
            lists = StoredCandidates(tx)
            header = next((held.header for held in lists.installed() if held.header.list_id == objection.list_id), None)
            entry = lists.entry(objection.list_id, objection.entry_id)
            if header is None or entry is None:
                raise UserError(DeskCode.NO_LIST_ENTRY, list=objection.list_id[:64], entry=objection.entry_id[:64])
            journal_id = journal.current_journal(tx) or ""
            ordinal = objections.objections_in(tx, journal_id) + 1
            number = objection_number(at(self._writer.clock.read().wall_ms).date(), journal_id, ordinal)
            to_issuer = header.issuer_kind is IssuerKind.AUTHORITY
            about = {"list": header.list_id, "list_version": header.version, "entry": entry.entry_id, "revision": entry.revision}
            told = {"v": 1, "number": number, **about, "issuer": header.issuer, "who": who, "statement": said}
            parts = {PartName.KEPT: {**told, "contact": contact}}
            if to_issuer:
                parts[PartName.REPORTED] = {"v": 1, "objection": told}
            facts = {"number": number, "to_issuer": to_issuer}
            return number, journal.append(tx, Draft("objection", operator.code, facts, parts), self._writer)

    def answer(self, answer: Answer, by: SignedIn | None) -> Composed:
        """答复: what the issuer said; said again, the later answer holds. Raises UserError for no such number, no words or too many, and
        for who may not decide."""
        words = plain_words(answer.words)
        if not words:
            raise UserError(DeskCode.REASON_MISSING)
        if len(words) > LONGEST_STATEMENT:
            raise UserError(DeskCode.REASON_TOO_LONG, longest=LONGEST_STATEMENT, given=len(words))
        with self._database.write() as tx:
            who = require(tx, by, Right.RESOLVE)
            held = objections.objection_of(tx, answer.number.strip().upper())
            if held is None:
                raise UserError(DeskCode.NO_OBJECTION, number=answer.number[:64])
            facts = {"answers": {"journal_id": held.journal_id, "seq": held.seq}, "number": held.number, "outcome": answer.outcome.value}
            parts = {PartName.KEPT: {"v": 1, "words": words}}
            return journal.append(tx, Draft("objection-answered", who.code, facts, parts), self._writer)


def objection_number(day: date, journal_id: str, ordinal: int) -> str:
    """`YY`, the day, the first twelve digits of the journal's random id, the how-manieth of that journal: no station gives one twice."""
    return f"YY{day:%Y%m%d}-{journal_id[:_JOURNAL_DIGITS].upper()}-{ordinal}"
