"""更正: what may be corrected, and the entry that says so."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from courier_check.clock import at
from courier_check.desk.before import done_before
from courier_check.desk.codes import DeskCode
from courier_check.desk.correction_review import WHO_SENDS, Doubts, Review, type_of
from courier_check.desk.disposal_codes import DisposalCode
from courier_check.desk.records import sender_masks, tokens_of
from courier_check.desk.screener import Subject
from courier_check.desk.security_checks import standing_failure
from courier_check.errors import UserError
from courier_check.identity.numbers import normalise_number
from courier_check.journal.entries import Composed, Draft
from courier_check.journal.parts import PartName
from courier_check.parcel.carriers import Carriers
from courier_check.parcel.waybills import check_waybill
from courier_check.screening.telling import MOST_TOLD, told
from courier_check.store import branches, journal
from courier_check.store.acts import Act, accepted, act_at, stopped_under, withdrawal_of
from courier_check.store.database import Database
from courier_check.store.identity import MatchKey
from courier_check.store.inbox import ReturnedItem, returned_items
from courier_check.terms import Reason

FIELDS = ("waybill", "name", "number", "phone", "address", "addressee_name", "addressee_phone", "addressee_address", "contents")
_REPORTED = ("name", "number")
_ADDRESSEE = ("addressee_name", "addressee_phone", "addressee_address")


@dataclass(frozen=True, slots=True)
class Correction:
    """`changes`: field → right value (may be empty where a returned item is only answered); `returned`: the item's number it answers."""

    journal_id: str
    seq: int
    changes: Mapping[str, str]
    reason: str
    returned: int | None = None

    def __repr__(self) -> str:
        return f"Correction({self.seq}, {sorted(self.changes)})"


@dataclass(frozen=True, slots=True)
class Signing:
    """Who corrects, and the key of the match tokens."""

    operator: str
    match_key: MatchKey | None = dataclasses.field(repr=False)


@dataclass(frozen=True, slots=True)
class Corrected:
    """A correction that was recorded. `reasons`: why the parcel would be refused or referred as it is now known; then it should be
    intercepted."""

    composed: Composed
    reasons: tuple[Reason, ...] = ()


def answers_only(tx: Database, correction: Correction) -> bool:
    """Whether a returned item about an entry that is no act (a sign-in, a jump of the clock) is answered: there is nothing to change in it
    and nothing to look at again. Raises UserError where the answer can't be made."""
    answers = correction.returned is not None and not correction.changes
    if not answers or act_at(tx, correction.journal_id, correction.seq) is not None:
        return False
    if journal.hash_at(tx, correction.journal_id, correction.seq) is None:
        raise UserError(DeskCode.ENTRY_UNKNOWN, seq=correction.seq)
    if not correction.reason.strip():
        raise UserError(DeskCode.REASON_MISSING)
    _check_returned(tx, correction)
    return True


def checked_correction(tx: Database, correction: Correction, carriers: Carriers, review: Review) -> tuple[Act, dict[str, str]]:
    """The act that is corrected, and the right values spelt as acceptances spell them. Raises UserError where that can't be made."""
    act = _check(tx, correction)
    changes = _cleaned(correction, act, carriers)
    if "number" in changes:
        review.check_number(act, changes["number"])
    _check_waybill(tx, correction, changes.get("waybill"))
    return act, changes


def frees_or_takes(tx: Database, act: Act, changes: Mapping[str, str]) -> bool:
    """Whether another waybill would free the old one of an intercept, a failed security check, a referral or a lead, or takes one that
    stands under the last three: a parcel bears either label, and a clerk would decide what is a supervisor's to decide."""
    if "waybill" not in changes:
        return False
    failed = standing_failure(tx, (act.journal_id, act.seq), act.waybill) or standing_failure(tx, None, changes["waybill"])
    return act.is_stopped or failed is not None or _waits(tx, act.waybill) or _waits(tx, changes["waybill"])


def _waits(tx: Database, waybill: str | None) -> bool:
    """Whether a waybill stands under a referral, or a refusal with a lead."""
    refused, referred = done_before(tx, waybill, frozenset()) if waybill is not None else (None, None)
    return referred is not None or (refused is not None and refused.unsettled)


def correction_entry(tx: Database, correction: Correction, changes: Mapping[str, str], doubts: Doubts, by: Signing) -> Draft:
    """The entry of a correction that was checked."""
    match_key = by.match_key
    facts: dict[str, Any] = {
        "corrects": {"journal_id": correction.journal_id, "seq": correction.seq},
        "fields": sorted(changes),
        "answers_returned": correction.returned,
        "answers_journal": _gateway_journal(tx, correction),
    }
    if doubts.reasons:
        facts["reasons"] = [{"code": reason.code, "refusal": reason.refusal} for reason in doubts.reasons]
    subject = Subject(id_number=changes.get("number"), phone=changes.get("phone"), address=changes.get("address"))
    index: dict[str, Any] = {"v": 1, "sender": sender_masks(changes.get("name"), changes.get("number"), changes.get("phone"))}
    index["tokens"] = tokens_of(subject, match_key)
    index["match_key_id"] = match_key.match_key_id if match_key and index["tokens"] else None
    if "waybill" in changes:
        index["waybill"] = changes["waybill"]
    parts: dict[PartName, dict[str, Any]] = {
        PartName.INDEX: index,
        PartName.KEPT: {"v": 1, "changes": dict(changes), "reason": correction.reason.strip()},
    }
    if doubts.hits:
        parts[PartName.KEPT]["hits"] = [told(hit) for hit in doubts.hits[:MOST_TOLD]]
    reported = {field: changes[field] for field in _REPORTED if field in changes}
    if reported:
        parts[PartName.REPORTED] = {"v": 1, "sender": reported}
    return Draft("correction", by.operator, facts, parts)


def _gateway_journal(tx: Database, correction: Correction) -> str | None:
    """Which gateway journal numbered the item that is answered; the newest of that number which is about the entry."""
    if correction.returned is None:
        return None
    own, _ = _items(tx, correction)
    return own[-1].gateway_journal_id if own else None


def _items(tx: Database, correction: Correction) -> tuple[list[ReturnedItem], list[ReturnedItem]]:
    """Returned items of the number: those about the entry, or about what it was filed again as (补录); and all others."""
    numbered = [item for item in returned_items(tx) if item.number == correction.returned]
    places = branches.places_of(tx, correction.journal_id, correction.seq)
    own = [item for item in numbered if (item.journal_id, item.seq) in places]
    return own, [item for item in numbered if item not in own]


def _check_returned(tx: Database, correction: Correction) -> None:
    """Raises UserError where the item is not there or says something of another entry, which an answer here would close unheard."""
    if correction.returned is None:
        return
    own, others = _items(tx, correction)
    if own:
        return
    if not others:
        raise UserError(DeskCode.RETURNED_UNKNOWN, number=correction.returned)
    said = others[-1]
    raise UserError(DeskCode.RETURNED_OF_OTHER, number=correction.returned, seq=correction.seq, about=said.seq, journal=said.journal_id)


def _check(tx: Database, correction: Correction) -> Act:
    act = act_at(tx, correction.journal_id, correction.seq)
    if act is None:
        known = tx.value("SELECT 1 FROM journal_entries WHERE journal_id = ? AND seq = ?", (correction.journal_id, correction.seq))
        raise UserError(DeskCode.NOT_CORRECTABLE if known else DeskCode.ENTRY_UNKNOWN, seq=correction.seq)
    if not correction.reason.strip():
        raise UserError(DeskCode.REASON_MISSING)
    for field, value in correction.changes.items():
        if field not in FIELDS or not value.strip():
            raise UserError(DeskCode.FIELD_UNKNOWN, field=field[:40])
        kept_of_sender = WHO_SENDS if act.kind != "refusal" else (*WHO_SENDS, *_ADDRESSEE)  # of a refused parcel only beside its sender
        if field in kept_of_sender and act.number_mask is None and act.name_mask is None:
            raise UserError(DeskCode.NO_IDENTITY_KEPT, seq=correction.seq, field=field)
    _check_returned(tx, correction)
    if not correction.changes and correction.returned is None:
        raise UserError(DeskCode.NOTHING_TO_CORRECT)
    return act


def _cleaned(correction: Correction, act: Act, carriers: Carriers) -> dict[str, str]:
    """The right values spelt as acceptances spell them, so that they are found when they come again. Raises UserError for no waybill."""
    changes = {field: value.strip() for field, value in correction.changes.items()}
    if "waybill" in changes:
        check = check_waybill(carriers, changes["waybill"], None, ())
        if not check.carriers:
            raise UserError(DeskCode.WAYBILL_ODD)
        changes["waybill"] = check.text
    if "number" in changes:
        changes["number"] = normalise_number(type_of(act), changes["number"])
    return changes


def _check_waybill(tx: Database, correction: Correction, waybill: str | None) -> None:
    if waybill and (back := withdrawal_of(tx, correction.journal_id, correction.seq)) is not None:
        raise UserError(DeskCode.WITHDRAWN_ALREADY, seq=correction.seq, at=f"{at(back.at_ms):%Y-%m-%d %H:%M}", withdrawal=back.seq)
    held = accepted(tx, waybill) if waybill else None
    if held is not None and (held.journal_id, held.seq) != (correction.journal_id, correction.seq):
        accepted_at = f"{at(held.at_ms):%Y-%m-%d %H:%M}"
        raise UserError(DeskCode.WAYBILL_TAKEN, waybill=waybill, at=accepted_at, operator=held.operator, seq=held.seq)
    stopped = stopped_under(tx, waybill) if waybill else None
    if stopped is not None and (stopped.journal_id, stopped.seq) != (correction.journal_id, correction.seq):
        raise UserError(DisposalCode.INTERCEPTED, seq=stopped.seq)
