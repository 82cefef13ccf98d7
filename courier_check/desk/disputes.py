"""异议: whoever is said to have done something may say that it was not so. The disputed entry stays as it was."""

from __future__ import annotations

from dataclasses import dataclass

from courier_check.desk.codes import DeskCode
from courier_check.desk.rights import Right, SignedIn, may, require
from courier_check.errors import UserError
from courier_check.journal.entries import Composed, Draft
from courier_check.journal.parts import PartName
from courier_check.store import journal
from courier_check.store.acts import Act, act_at
from courier_check.store.database import Database
from courier_check.store.journal import Writer


@dataclass(frozen=True, slots=True)
class Dispute:
    """An act, and why it is disputed: free words, which may name people and are kept in the `kept` part only."""

    journal_id: str
    seq: int
    reason: str

    def __repr__(self) -> str:
        return f"Dispute({self.seq})"


class Disputes:
    """The verb on records one does not agree with."""

    def __init__(self, database: Database, writer: Writer) -> None:
        self._database = database
        self._writer = writer

    def dispute(self, dispute: Dispute, by: SignedIn | None) -> Composed:
        """异议: append it, as often as somebody has one. Operators dispute acts under their own code, supervisors any. Raises UserError."""
        with self._database.write() as tx:
            who = require(tx, by, Right.DISPUTE)
            act = _act(tx, dispute)
            if act.operator != who.code and not may(tx, who, Right.DISPUTE_ANY):
                raise UserError(DeskCode.NOT_OWN_ACT, seq=dispute.seq, operator=act.operator or "")
            reason = dispute.reason.encode("utf-8", "replace").decode().strip()  # a garbled terminal may bring half of a character
            if not reason:
                raise UserError(DeskCode.REASON_MISSING)
            facts = {"disputes": {"journal_id": dispute.journal_id, "seq": dispute.seq}}
            kept = {PartName.KEPT: {"v": 1, "reason": reason}}
            return journal.append(tx, Draft("dispute", who.code, facts, kept), self._writer)


def _act(tx: Database, dispute: Dispute) -> Act:
    act = act_at(tx, dispute.journal_id, dispute.seq)
    if act is None:
        known = journal.hash_at(tx, dispute.journal_id, dispute.seq) is not None
        raise UserError(DeskCode.NO_ACT if known else DeskCode.ENTRY_UNKNOWN, seq=dispute.seq)
    return act
