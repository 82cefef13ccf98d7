"""更正: what may be corrected, and the entry that says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from courier_check.clock import at
from courier_check.desk.codes import DeskCode
from courier_check.desk.records import sender_masks, tokens_of
from courier_check.desk.screener import Subject
from courier_check.errors import UserError
from courier_check.identity.documents import DocumentType
from courier_check.identity.numbers import normalise_number
from courier_check.journal.entries import Draft
from courier_check.journal.parts import PartName
from courier_check.parcel.carriers import Carriers
from courier_check.parcel.waybills import check_waybill
from courier_check.store.acts import Act, accepted, act_at, withdrawal_of
from courier_check.store.database import Database
from courier_check.store.identity import MatchKey
from courier_check.store.inbox import returned_items

FIELDS = ("waybill", "name", "number", "phone", "address", "addressee_name", "addressee_phone", "addressee_address", "contents")
_REPORTED = ("name", "number")
_IDENTITY = ("name", "number", "phone", "address")
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


def correction_entry(tx: Database, correction: Correction, operator: str, match_key: MatchKey | None, carriers: Carriers) -> Draft:
    """The entry of a correction, after checking that it can be made. Raises UserError."""
    act = _check(tx, correction)
    changes = _cleaned(correction, act, carriers)
    _check_waybill(tx, correction, changes.get("waybill"))
    facts: dict[str, Any] = {
        "corrects": {"journal_id": correction.journal_id, "seq": correction.seq},
        "fields": sorted(changes),
        "answers_returned": correction.returned,
        "answers_journal": _gateway_journal(tx, correction),
    }
    subject = Subject(id_number=changes.get("number"), phone=changes.get("phone"), address=changes.get("address"))
    index: dict[str, Any] = {"v": 1, "sender": sender_masks(changes.get("name"), changes.get("number"), changes.get("phone"))}
    index["tokens"] = tokens_of(subject, match_key)
    index["match_key_id"] = match_key.match_key_id if match_key and index["tokens"] else None
    if "waybill" in changes:
        index["waybill"] = changes["waybill"]
    parts: dict[PartName, dict[str, Any]] = {
        PartName.INDEX: index,
        PartName.KEPT: {"v": 1, "changes": changes, "reason": correction.reason.strip()},
    }
    reported = {field: changes[field] for field in _REPORTED if field in changes}
    if reported:
        parts[PartName.REPORTED] = {"v": 1, "sender": reported}
    return Draft("correction", operator, facts, parts)


def _gateway_journal(tx: Database, correction: Correction) -> str | None:
    """Which gateway journal numbered the item that is answered: the act's own, or else the newest of that number."""
    items = [item for item in returned_items(tx) if item.number == correction.returned]
    own = [item for item in items if (item.journal_id, item.seq) == (correction.journal_id, correction.seq)]
    return (own or items)[-1].gateway_journal_id if items else None


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
        kept_of_sender = _IDENTITY if act.kind != "refusal" else (*_IDENTITY, *_ADDRESSEE)  # of a refused parcel only beside its sender
        if field in kept_of_sender and act.number_mask is None and act.name_mask is None:
            raise UserError(DeskCode.NO_IDENTITY_KEPT, seq=correction.seq, field=field)
    numbers = {item.number for item in returned_items(tx)}
    if correction.returned is not None and correction.returned not in numbers:
        raise UserError(DeskCode.RETURNED_UNKNOWN, number=correction.returned)
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
        changes["number"] = normalise_number(DocumentType(act.document_type or DocumentType.OTHER), changes["number"])
    return changes


def _check_waybill(tx: Database, correction: Correction, waybill: str | None) -> None:
    if waybill and (back := withdrawal_of(tx, correction.journal_id, correction.seq)) is not None:
        raise UserError(DeskCode.WITHDRAWN_ALREADY, seq=correction.seq, at=f"{at(back.at_ms):%Y-%m-%d %H:%M}", withdrawal=back.seq)
    held = accepted(tx, waybill) if waybill else None
    if held is not None and (held.journal_id, held.seq) != (correction.journal_id, correction.seq):
        accepted_at = f"{at(held.at_ms):%Y-%m-%d %H:%M}"
        raise UserError(DeskCode.WAYBILL_TAKEN, waybill=waybill, at=accepted_at, operator=held.operator, seq=held.seq)
