"""How far a gateway is, asked so that an old answer played again is not believed (docs/wire.md §7)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from courier_check.journal.codes import JournalError
from courier_check.store import facts, inbox, journal
from courier_check.store.database import Database
from courier_check.store.identity import StationIdentity
from courier_check.sync.client import GatewayClient, Refusal
from courier_check.sync.status import answered, not_believed
from courier_check.wire.batches import ConfirmedHead, HeadRequest, HeadStatement, by_receipt_key, held_receipt
from courier_check.wire.problems import ProblemCode
from courier_check.wire.signed import Signed

NONCE_BYTES = 16
CLOCK_TOLERANCE_MS = 86_400_000  # a restored gateway's clock may have been corrected
_CONFIRMS = "confirms_heads"


def checked_head(signed: Signed, identity: StationIdentity, journal_id: str) -> HeadStatement:
    """A gateway's statement about one journal of this station. Raises Stopped if it does not verify or speaks of another."""
    try:
        head = by_receipt_key(signed, HeadStatement, identity.gateway)
    except JournalError as error:
        raise not_believed(str(error.code)) from error
    certificate = identity.certificate
    if (head.gateway_id, head.station_id, head.journal_id) != (certificate.gateway_id, certificate.subject, journal_id):
        raise not_believed("head of another journal")
    return head


@dataclass(frozen=True, slots=True)
class Heads:
    """Asks one gateway. `random`: fresh bytes for each question."""

    database: Database
    identity: StationIdentity
    client: GatewayClient
    random: Callable[[int], bytes]

    def fresh(self, journal_id: str) -> HeadStatement:
        """What the gateway holds of a journal now. It is shown the newest receipt held here: one that it does not know tells it that it was
        put back. Raises Stopped.

        A gateway that has once answered such a question is not taken for an older one that can't: whoever sits on the line could say so.
        """
        asked = HeadRequest(nonce=self.random(NONCE_BYTES).hex(), receipt=self._newest_receipt())
        answer = self.client.confirm_head(journal_id, asked)
        if isinstance(answer, Refusal) and answer.problem.code == ProblemCode.NOT_FOUND and facts.load(self.database, _CONFIRMS) is None:
            return self._asked_twice(journal_id)
        head = self._checked(answered(answer), journal_id, asked.nonce)
        if facts.load(self.database, _CONFIRMS) is None:
            with self.database.write() as tx:
                facts.save(tx, _CONFIRMS, b"")
        return head

    def _newest_receipt(self) -> Signed | None:
        """None where it was damaged here: it would tell nobody anything, and the gateway would not even read the question."""
        newest = inbox.newest_receipt(self.database)
        if newest is None:
            return None
        try:
            held_receipt(newest, self.identity.gateway)
        except JournalError:
            return None
        return newest

    def behind(self) -> Iterator[tuple[str, HeadStatement]]:
        """Closed journals of which the gateway holds less than it gave receipts for, but those of which that is known. Raises Stopped."""
        known = facts.names(self.database, inbox.RESEND)
        for journal_id in journal.journal_ids(self.database)[:-1]:
            owed = 0 if f"{inbox.RESEND}{journal_id}" in known else inbox.owed_seq(self.database, journal_id)
            if owed and (head := self.fresh(journal_id)).seq < owed:
                yield journal_id, head

    def _checked(self, signed: Signed, journal_id: str, nonce: str) -> HeadStatement:
        try:
            said = by_receipt_key(signed, ConfirmedHead, self.identity.gateway)
        except JournalError as error:
            raise not_believed(str(error.code)) from error
        own = self.identity.certificate
        if (said.gateway_id, said.station_id, said.journal_id, said.nonce) != (own.gateway_id, own.subject, journal_id, nonce):
            raise not_believed("head for another question")
        return HeadStatement(
            gateway_id=said.gateway_id,
            station_id=said.station_id,
            journal_id=said.journal_id,
            seq=said.seq,
            head=said.head,
            at_ms=said.at_ms,
        )

    def _asked_twice(self, journal_id: str) -> HeadStatement:
        """Of a gateway of before this question: two statements, the second made after the first, so that one recording is not enough."""
        first = checked_head(answered(self.client.head(journal_id)), self.identity, journal_id)
        second = checked_head(answered(self.client.head(journal_id)), self.identity, journal_id)
        trusted_ms = facts.load_number(self.database, "trusted_ms") or 0
        if second.at_ms <= first.at_ms or second.seq < first.seq or second.at_ms < trusted_ms - CLOCK_TOLERANCE_MS:
            raise not_believed("head said before")
        return second
