"""拦截: after its acceptance a parcel is stopped — sorting, transport, delivery (快递暂行条例 33 条 (2019) / 34 条 (2025)). The acceptance
stays as it was; whoever scans the parcel is told, until a supervisor has released it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from courier_check.clock import at
from courier_check.desk.acceptances import Rules
from courier_check.desk.codes import DeskCode
from courier_check.desk.disposal_codes import DisposalCode
from courier_check.desk.disposals import HANDOVER, words_of
from courier_check.desk.leads import Lead, next_lead
from courier_check.desk.rights import Right, SignedIn, require
from courier_check.errors import UserError
from courier_check.inspection.catalogue import Disposition, Moment
from courier_check.inspection.findings import ContentsFinding, FindingKind
from courier_check.journal.entries import Composed, Draft
from courier_check.journal.label_text import parse_label_text
from courier_check.journal.parts import PartName
from courier_check.parcel.text import clean_code, squeeze
from courier_check.store import journal
from courier_check.store.acts import RELEASED, Act, act_at, act_of_waybill, acts_with_waybill, stopped_under
from courier_check.store.database import Database
from courier_check.store.identity import StationIdentity
from courier_check.store.intercepts import InterceptHeld, intercepts_of
from courier_check.store.journal import Writer
from courier_check.store.leads import told_of

LONGEST_TEXT = 200
_LONGEST_SEQ = 12
"""Digits of an entry's number."""
_UNNAMED = "stop-guard-and-report"
"""处置 where nobody could say yet what the parcel holds: nothing is moved on, opened or given back."""


class Cause(StrEnum):
    """Why a parcel is stopped."""

    SECURITY = "security-check"  # 安检不合格
    FOUND = "found-later"  # 事后查见禁寄物品
    NOTICE = "later-notice"  # 事后接到名单、通知
    AUTHORITY = "authority-request"  # 主管机关要求


class InterceptOutcome(StrEnum):
    """What became of it. All but `recovered` end the matter; only `released` lets the parcel go on."""

    RECOVERED = "recovered"  # 找回，看护中
    HANDED_OVER = "handed-over"  # 移交机关
    RETURNED = "returned"  # 退回寄件人
    MISSED = "missed"  # 未拦到
    RELEASED = RELEASED  # 解除拦截


@dataclass(frozen=True, slots=True, repr=False)
class Intercept:
    """An acceptance, and why it is stopped: `reason`, `whereabouts` (where the parcel is) and `told` (who was told to stop it) are free
    words, kept in the `kept` part only. `found`: what it holds, where somebody can say so."""

    journal_id: str
    seq: int
    cause: Cause
    reason: str
    whereabouts: str
    told: str
    found: ContentsFinding | None = None

    def __repr__(self) -> str:
        return f"Intercept({self.seq}, {self.cause.value})"


@dataclass(frozen=True, slots=True, repr=False)
class Settlement:
    """What became of the newest intercept of an acceptance, and how: free words, kept in the `kept` part only."""

    journal_id: str
    seq: int
    outcome: InterceptOutcome
    note: str

    def __repr__(self) -> str:
        return f"Settlement({self.seq}, {self.outcome.value})"


@dataclass(frozen=True, slots=True)
class Stopped:
    """An intercept that was recorded, with what is to be done now."""

    composed: Composed
    disposition: Disposition | None
    lead: Lead | None


class Intercepts:
    """The verbs that stop a parcel and say what became of it."""

    def __init__(self, database: Database, writer: Writer, identity: StationIdentity, rules: Rules) -> None:
        self._database = database
        self._writer = writer
        self._identity = identity
        self.rules = rules

    def intercept(self, intercept: Intercept, by: SignedIn | None) -> Stopped:
        """拦截: append it. Raises UserError for no acceptance, one that was withdrawn or is stopped already, and where reason,
        whereabouts or who was told is empty or too long."""
        with self._database.write() as tx:
            who = require(tx, by, Right.CHECK_SECURITY)
            act = _standing(tx, intercept.journal_id, intercept.seq)
            if act.is_stopped:
                held = intercepts_of(tx, act.journal_id, act.seq)[-1]
                raise UserError(DisposalCode.INTERCEPTED_ALREADY, seq=act.seq, at=f"{at(held.at_ms):%Y-%m-%d %H:%M}", intercept=held.seq)
            kept: dict[str, Any] = {
                "reason": words_of(intercept.reason, DisposalCode.REASON_MISSING, LONGEST_TEXT),
                "whereabouts": words_of(intercept.whereabouts, DisposalCode.WHEREABOUTS_MISSING, LONGEST_TEXT),
                "told": words_of(intercept.told, DisposalCode.STOP_TOLD_MISSING, LONGEST_TEXT),
            }
            disposition = self._disposition(intercept.found)
            made = disposition is not None and disposition.rule.lead
            lead = next_lead(tx, self._identity, self._writer.clock.read().at.date()) if made else None
            facts = self._facts(act, intercept, disposition)
            if lead is not None:
                facts["lead"], kept["lead"] = lead.facts(), lead.facts()
            if intercept.found is not None:
                kept["found"] = [_found(intercept.found)]
            draft = Draft("intercept", who.code, facts, {PartName.KEPT: {"v": 1, **kept}}, self.rules.refs)
            return Stopped(journal.append(tx, draft, self._writer), disposition, lead)

    def settle(self, settlement: Settlement, by: SignedIn | None) -> Composed:
        """拦截结果: append it. Raises UserError where nothing is stopped or the matter has ended; for `handed-over` before the handover
        with the authority's list is recorded; for `returned` and `released` from anybody but a supervisor, and for `released` while the
        newest security check is a failed one."""
        with self._database.write() as tx:
            who = require(tx, by, Right.CHECK_SECURITY)
            act = _acceptance(tx, settlement.journal_id, settlement.seq)
            held = self._open(tx, act)
            self._check(tx, settlement.outcome, act, held, who)
            facts = {"settles": {"journal_id": held.journal_id, "seq": held.seq}, "outcome": settlement.outcome.value}
            kept = {"v": 1, "reason": words_of(settlement.note, DisposalCode.REASON_MISSING, LONGEST_TEXT)}
            return journal.append(tx, Draft("intercept-outcome", who.code, facts, {PartName.KEPT: kept}), self._writer)

    def named(self, text: str) -> tuple[str, int]:
        """The acceptance that a label's code, a waybill or a seq of the current journal means. Raises UserError, also where a label's code
        does not belong to the entry it names."""
        with self._database.snapshot():
            label, waybill = parse_label_text(text), squeeze(clean_code(text))
            if label is not None:
                if journal.hash_at(self._database, label.journal_id, label.seq) != label.hash:
                    raise UserError(DeskCode.LABEL_OF_ANOTHER)
                return label.journal_id, label.seq
            act = act_of_waybill(self._database, waybill)
            if act is not None:
                return act.journal_id, act.seq
            number = waybill.removeprefix("#")
            if number.isascii() and number.isdigit() and len(number) <= _LONGEST_SEQ:
                return journal.current_journal(self._database) or "", int(number)
        raise UserError(DisposalCode.PARCEL_UNKNOWN, given=waybill[:40])

    def check_scan(self, text: str) -> None:
        """Whoever scans an intercepted parcel is told, whatever the scan was for. Reads only. Raises UserError where the waybill, or the
        label, is of one."""
        with self._database.snapshot():
            label = parse_label_text(text)
            if label is not None:
                held: list[Act | None] = [act_at(self._database, label.journal_id, label.seq)]
            else:
                waybill = squeeze(clean_code(text))
                held = [*acts_with_waybill(self._database, waybill), stopped_under(self._database, waybill)]
        for act in held:
            if act is not None and act.is_stopped:
                raise UserError(DisposalCode.INTERCEPTED, seq=act.seq)

    def _disposition(self, found: ContentsFinding | None) -> Disposition | None:
        """处置 after acceptance, by severity; the cautious one where nothing is named."""
        rules = self.rules.rulebook.rules
        prohibited = rules.prohibited
        if found is None:
            rule = next((one for one in prohibited.dispositions if one.id == _UNNAMED), None)
            authorities = tuple(one for one in prohibited.authorities if one.id in prohibited.unidentified.report_to)
            return None if rule is None else Disposition(rule, None, authorities)
        rules.check_contents_finding(found)
        category = found.category if found.kind is FindingKind.PROHIBITED else None
        return prohibited.dispose(category, found.name, concealed=found.concealed, moment=Moment.AFTER_ACCEPTANCE)

    def _facts(self, act: Act, intercept: Intercept, disposition: Disposition | None) -> dict[str, Any]:
        found = intercept.found
        return {
            "intercepts": {"journal_id": act.journal_id, "seq": act.seq},
            "cause": intercept.cause.value,
            "security": act.security,
            "prohibited": [found.category] if found is not None and found.category else [],
            "dispositions": [disposition.rule.id] if disposition is not None else [],
            "report_to": [one.id for one in disposition.report_to] if disposition is not None else [],
        }

    def _open(self, tx: Database, act: Act) -> InterceptHeld:
        held = intercepts_of(tx, act.journal_id, act.seq)
        if not held:
            raise UserError(DisposalCode.NOT_INTERCEPTED, seq=act.seq)
        if held[-1].outcome not in ("open", InterceptOutcome.RECOVERED):
            raise UserError(DisposalCode.INTERCEPT_SETTLED, seq=act.seq, intercept=held[-1].seq)
        return held[-1]

    def _check(self, tx: Database, outcome: InterceptOutcome, act: Act, held: InterceptHeld, who: SignedIn) -> None:
        if outcome is InterceptOutcome.HANDED_OVER:
            handed = [one for one in told_of(tx, act.journal_id, act.seq) if one.kind == HANDOVER]
            if not any(one.journal_id != held.journal_id or one.seq > held.seq for one in handed):
                raise UserError(DisposalCode.HANDED_WITHOUT_LIST, seq=act.seq)
        if outcome in (InterceptOutcome.RETURNED, InterceptOutcome.RELEASED):
            require(tx, who, Right.RESOLVE)
        if outcome is InterceptOutcome.RELEASED and act.security == "fail":
            raise UserError(DisposalCode.RELEASE_FAILED, seq=act.seq)


def _acceptance(tx: Database, journal_id: str, seq: int) -> Act:
    act = act_at(tx, journal_id, seq)
    if act is None or act.kind != "acceptance":
        known = act is not None or journal.hash_at(tx, journal_id, seq) is not None
        raise UserError(DisposalCode.NOT_AN_ACCEPTANCE if known else DeskCode.ENTRY_UNKNOWN, seq=seq)
    return act


def _standing(tx: Database, journal_id: str, seq: int) -> Act:
    act = _acceptance(tx, journal_id, seq)
    if act.withdrawn:
        raise UserError(DisposalCode.INTERCEPT_WITHDRAWN, seq=seq)
    return act


def _found(found: ContentsFinding) -> dict[str, Any]:
    return {"kind": found.kind.value, "name": found.name, "category": found.category, "concealed": found.concealed, "note": found.note}
