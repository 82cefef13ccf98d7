"""撤销密钥: receipts by a key that was withdrawn, fetched anew (docs/wire.md §2).

The gateway signs the receipts it keeps anew and answers a batch that it holds with its receipt. So the batch of each receipt that nobody
else believes any more is sent again, behind the entries, and what comes is kept beside the other: from then on it proves its entries again,
also those of journals that were closed before.
"""

from __future__ import annotations

from courier_check.clock import Clock
from courier_check.journal.codes import JournalError
from courier_check.store import facts, inbox
from courier_check.store.database import Database
from courier_check.store.identity import StationIdentity
from courier_check.sync.backoff import LONGEST_ASKED_S, LONGEST_S
from courier_check.sync.client import GatewayClient, NoAnswer
from courier_check.sync.outgoing import Outgoing
from courier_check.wire.batches import Answer, Batch, Receipt, checked_receipt, sent_of
from courier_check.wire.certificates import Role
from courier_check.wire.signed import Signed

AT_A_TIME = 64
"""Batches of one run: it shall end and tell how it went. The rest is the next one's."""
_DONE = "receipts_renewed/"
"""Fact of a list of keys in force, by its serial: the number of the last stored receipt that was looked at."""
_NEXT = "receipts_renewed_next_ms"
"""Fact: when it is tried again, where a batch got no answer."""


class Renewal:
    """Each receipt is asked for once for each list of keys: a gateway that answers with another body was put back, and gives new ones."""

    def __init__(self, database: Database, identity: StationIdentity, client: GatewayClient, outgoing: Outgoing, clock: Clock) -> None:
        self._database = database
        self._gateway = identity.gateway
        self._client = client
        self._outgoing = outgoing
        self._clock = clock
        self._done = f"{_DONE}{identity.gateway.keys_serial}"

    def run(self) -> int:
        """Ask for the next ones, unless an entry waits, which goes first; returns how many came. A line that does not carry them is no
        trouble of the entries, which have just gone: it is tried again later."""
        in_force = self._gateway.verifying_keys(Role.RECEIPT)
        gone = tuple(key_id for key_id in self._gateway.held_keys(Role.RECEIPT) if key_id not in in_force)
        if not gone or self._waits():
            return 0
        done, came = facts.load_number(self._database, self._done) or 0, 0
        for held in inbox.receipts_by(self._database, gone, done, AT_A_TIME):
            if inbox.standing(self._database).pending:
                break
            said = self._asked(held)
            if isinstance(said, NoAnswer):
                self._put_off(said)
                break
            came += self._keep(held, said)
        return came

    def _waits(self) -> bool:
        """Whether it is too early; not where the clock was set back since."""
        next_ms = facts.load_number(self._database, _NEXT)
        return next_ms is not None and 0 < next_ms - self._clock.read().wall_ms <= LONGEST_ASKED_S * 1000

    def _put_off(self, said: NoAnswer) -> None:
        wait_s = max(LONGEST_S, min(said.retry_after_s or 0.0, LONGEST_ASKED_S))
        with self._database.write() as tx:
            facts.save_number(tx, _NEXT, self._clock.read().wall_ms + int(wait_s * 1000))

    def _asked(self, held: inbox.HeldReceipt) -> tuple[Signed, Receipt] | NoAnswer | None:
        """The same body by a key in force; None where it is held already, can't be asked for any more, or the gateway gives another one."""
        self._database.give_way()
        batch = None if inbox.is_signed_by_others(self._database, held) else self._batch(held)
        if batch is None:
            return None
        said = self._client.send(batch)
        if isinstance(said, NoAnswer):
            return said
        if not isinstance(said, Answer) or said.receipt.body != held.body:
            return None
        try:
            return said.receipt, checked_receipt(said.receipt, sent_of(batch), self._gateway)
        except JournalError:
            return None

    def _batch(self, held: inbox.HeldReceipt) -> Batch | None:
        """The batch that the receipt is for; None where it can't be made any more."""
        try:
            batch = self._outgoing.batch(held.journal_id, held.first_seq, held.last_seq)
        except JournalError:
            return None
        whole = held.last_seq - held.first_seq + 1
        return batch if batch is not None and len(batch.entries) == whole else None

    def _keep(self, held: inbox.HeldReceipt, said: tuple[Signed, Receipt] | None) -> int:
        with self._database.write() as tx:
            if said is not None:
                inbox.save_receipt(tx, *said)
            facts.save_number(tx, self._done, held.number)
        return 0 if said is None else 1
