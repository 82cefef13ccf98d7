"""撤件: before dispatch a parcel goes back to its sender. The acceptance stays as it was; its waybill is free again."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from courier_check.clock import at
from courier_check.desk.codes import DeskCode
from courier_check.desk.disposal_codes import DisposalCode
from courier_check.desk.rights import Right, SignedIn, may, require
from courier_check.desk.security_checks import standing_failure
from courier_check.errors import UserError
from courier_check.identity.documents import DocumentType
from courier_check.identity.numbers import normalise_number
from courier_check.journal.entries import Composed, Draft
from courier_check.journal.parts import PartName
from courier_check.journal.tokens import TokenKind, match_token
from courier_check.store import journal
from courier_check.store.acts import Act, act_at, token_of_act, withdrawal_of
from courier_check.store.database import Database
from courier_check.store.identity import StationIdentity
from courier_check.store.journal import Writer

LONGEST_REASON = 200
"""A reason is a sentence; nobody can have meant more, and it is stored for years."""


class Confirmed(StrEnum):
    """How it was known that whoever takes the parcel back is its sender."""

    DOCUMENT = "document"  # the number shown is the acceptance's
    SUPERVISOR = "supervisor"  # nobody showed it; a supervisor hands it back
    NOT_KEPT = "not-kept"  # the acceptance keeps no identity (letters, agreement clients)


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """An acceptance, and why it is taken back: free words, kept in the `kept` part only. `number`: of the document shown now, or empty."""

    journal_id: str
    seq: int
    reason: str
    number: str = ""

    def __repr__(self) -> str:
        return f"Withdrawal({self.seq})"


class Withdrawals:
    """The verb that gives a parcel back."""

    def __init__(self, database: Database, writer: Writer, identity: StationIdentity) -> None:
        self._database = database
        self._writer = writer
        self._identity = identity

    def withdraw(self, withdrawal: Withdrawal, by: SignedIn | None) -> Composed:
        """撤件: append it. The waybill may be accepted again at once. Raises UserError for no acceptance, for one that is withdrawn
        already, stopped, or failed its newest security check, for no reason or one too long, for another document than the sender's, and
        without a document unless a supervisor hands the parcel back."""
        with self._database.write() as tx:
            who = require(tx, by, Right.ACCEPT)
            act = _accepted(tx, withdrawal)
            reason = withdrawal.reason.encode("utf-8", "replace").decode().strip()
            if not reason:
                raise UserError(DeskCode.REASON_MISSING)
            if len(reason) > LONGEST_REASON:
                raise UserError(DeskCode.REASON_TOO_LONG, longest=LONGEST_REASON, given=len(reason))
            confirmed = self._confirmed(tx, act, withdrawal.number, who)
            facts = {"withdraws": {"journal_id": act.journal_id, "seq": act.seq}, "confirmed": confirmed.value}
            kept = {PartName.KEPT: {"v": 1, "reason": reason}}
            return journal.append(tx, Draft("withdrawal", who.code, facts, kept), self._writer)

    def _confirmed(self, tx: Database, act: Act, number: str, who: SignedIn) -> Confirmed:
        token = token_of_act(tx, TokenKind.ID_NUMBER.value, act.journal_id, act.seq)
        if token is None:
            return Confirmed.NOT_KEPT
        if not number.strip():
            if may(tx, who, Right.RESOLVE):
                return Confirmed.SUPERVISOR
            raise UserError(DeskCode.WITHDRAWER_UNKNOWN, seq=act.seq)
        normalised = normalise_number(_type_of(act), number)
        shown = {match_token(key.key, TokenKind.ID_NUMBER, normalised) for key in self._identity.enrolment.match_keys}
        if token not in shown:
            raise UserError(DeskCode.WITHDRAWER_DIFFERS, seq=act.seq)
        return Confirmed.DOCUMENT


def _type_of(act: Act) -> DocumentType:
    return DocumentType(act.document_type) if act.document_type in set(DocumentType) else DocumentType.OTHER


def _accepted(tx: Database, withdrawal: Withdrawal) -> Act:
    act = act_at(tx, withdrawal.journal_id, withdrawal.seq)
    if act is None or act.kind != "acceptance":
        known = act is not None or journal.hash_at(tx, withdrawal.journal_id, withdrawal.seq) is not None
        raise UserError(DeskCode.NO_ACCEPTANCE if known else DeskCode.ENTRY_UNKNOWN, seq=withdrawal.seq)
    if (held := withdrawal_of(tx, act.journal_id, act.seq)) is not None:
        raise UserError(DeskCode.WITHDRAWN_ALREADY, seq=act.seq, at=f"{at(held.at_ms):%Y-%m-%d %H:%M}", withdrawal=held.seq)
    if act.is_stopped:
        raise UserError(DisposalCode.INTERCEPTED, seq=act.seq)
    if (check := standing_failure(tx, (act.journal_id, act.seq), act.waybill)) is not None:  # 不得退还
        raise UserError(DisposalCode.FAILED_CHECK, seq=act.seq, at=f"{at(check.at_ms):%Y-%m-%d %H:%M}", check=check.seq)
    return act
