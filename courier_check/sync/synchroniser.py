"""Replication of the journal: entries after the last acknowledged seq, ≤ 512 a batch, the batch resent as it was until answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice
from typing import assert_never

import msgspec

from courier_check import typed
from courier_check.clock import Clock
from courier_check.journal.codes import JournalCode, JournalError
from courier_check.journal.verify import Stored
from courier_check.store import facts, inbox, journal
from courier_check.store.database import Database
from courier_check.store.identity import StationIdentity
from courier_check.sync.backoff import wait_seconds
from courier_check.sync.client import GatewayClient, NoAnswer, Refusal
from courier_check.sync.codes import SyncCode
from courier_check.wire.batches import (
    Answer,
    Backlog,
    Batch,
    HeadStatement,
    Receipt,
    Returned,
    ReturnedItems,
    by_receipt_key,
    checked_receipt,
    sent_of,
    to_wire,
)
from courier_check.wire.problems import Problem, ProblemCode
from courier_check.wire.signed import Signed

MOST_ENTRIES = 512
MOST_BYTES = 6 * 1024 * 1024  # of wire text; under the gateway's 8 MiB
CLOCK_TOLERANCE_MS = 86_400_000  # a restored gateway's clock may have been corrected


class SyncState(StrEnum):
    SYNCHRONISED = "synchronised"
    OFFLINE = "offline"
    REFUSED = "refused"
    ALARM = "alarm"


class SyncStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The last outcome, kept across restarts: the status bar and `sync status` show it."""

    state: SyncState
    code: SyncCode | None = None
    detail: str = ""
    attempts: int = 0
    next_try_ms: int | None = None
    last_contact_ms: int | None = None


class InFlight(msgspec.Struct, frozen=True, kw_only=True):
    """Boundaries of the batch that was sent and not answered."""

    journal_id: str
    first_seq: int
    last_seq: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """One run: entries sent, entries newly acknowledged, items returned, and where both sides stand."""

    sent: int
    acknowledged: int
    returned: int
    status: SyncStatus
    gateway_head: int


class _Stopped(Exception):
    """The run ends here: offline, refused, or an alarm. Never leaves `run`."""

    def __init__(self, status: SyncStatus, asked_s: float | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.asked_s = asked_s


class Synchroniser:
    """One run sends everything pending. Holds the station's sync lock only through its caller (DataFolder.only_synchroniser)."""

    def __init__(
        self,
        database: Database,
        identity: StationIdentity,
        client: GatewayClient,
        clock: Clock,
        uniform: Callable[[float, float], float],
        *,
        most_entries: int = MOST_ENTRIES,
    ) -> None:
        self._database = database
        self._identity = identity
        self._client = client
        self._clock = clock
        self._uniform = uniform
        self._most_entries = most_entries
        self._sent = self._acknowledged = self._returned = self._gateway_head = 0

    def run(self) -> Outcome:
        """Send what is pending, take receipts and returned items; the outcome says what happened and when to try again."""
        self._sent = self._acknowledged = self._returned = self._gateway_head = 0
        earlier = load_status(self._database)
        try:
            alarm = None
            for journal_id in journal.journal_ids(self._database):
                if facts.load(self._database, f"forked/{journal_id}") is None:
                    alarm = self._replicate(journal_id) or alarm
            self._fetch_returned()
            if facts.load(self._database, "revoked") is not None:
                alarm = SyncStatus(state=SyncState.ALARM, code=SyncCode.REVOKED)
            status = alarm or SyncStatus(state=SyncState.SYNCHRONISED)
            status = msgspec.structs.replace(status, last_contact_ms=self._clock.read().wall_ms)
        except _Stopped as stopped:
            status = self._later(stopped, earlier)
        with self._database.write() as tx:
            facts.save(tx, "sync_status", msgspec.json.encode(status))
        return Outcome(self._sent, self._acknowledged, self._returned, status, self._gateway_head)

    def _replicate(self, journal_id: str) -> SyncStatus | None:
        """Send one journal to its end; returns an alarm that did not stop the sending (a rollback that was made good)."""
        alarm = None
        start = inbox.acknowledged_seq(self._database, journal_id) + 1
        self._gateway_head = start - 1
        batch = self._next_batch(journal_id, start)
        with ThreadPoolExecutor(1, "sync-line") as line:
            while batch is not None:
                self._put_in_flight(batch)
                answer = line.submit(self._client.send, batch)
                ahead = self._ahead(batch)  # made while the gateway works on the one before
                match answer.result():
                    case Answer() as answered:
                        start = self._believe(batch, answered) + 1
                    case Refusal(problem) if problem.code == ProblemCode.BEHIND and problem.head is not None:
                        start, rolled_back = self._resume(journal_id, problem.head, start)
                        alarm = alarm or rolled_back
                    case Refusal(problem):
                        raise self._refused_for_good(journal_id, problem)
                    case NoAnswer(code, detail, asked_s):
                        raise _Stopped(SyncStatus(state=SyncState.OFFLINE, code=code, detail=detail), asked_s)
                    case _ as never:
                        assert_never(never)
                fits = ahead is not None and ahead.first_seq == start
                batch = ahead if fits else self._next_batch(journal_id, start)
        return alarm

    def _refused_for_good(self, journal_id: str, problem: Problem) -> _Stopped:
        if problem.code == ProblemCode.FORK:
            self._note(f"forked/{journal_id}")
        return _Stopped(_refused(problem))

    def _note(self, name: str) -> None:
        """Remember something for good: a journal that forked, a revocation."""
        with self._database.write() as tx:
            facts.save(tx, name, str(self._clock.read().wall_ms).encode("ascii"))

    def _next_batch(self, journal_id: str, start: int) -> Batch | None:
        """The batch in flight as it was, or the next one; None if nothing is pending."""
        held = self._in_flight(journal_id, start)
        try:
            return self._batch(journal_id, start, held.last_seq if held else None)
        except JournalError as error:  # a damaged row can't be sent, and must not be skipped
            raise _Stopped(SyncStatus(state=SyncState.ALARM, code=SyncCode.DAMAGED, detail=f"seq ≥ {start}")) from error

    def _ahead(self, batch: Batch) -> Batch | None:
        """The batch after one that is being sent; None if there is none, or it can't be made (that is told when its turn comes)."""
        try:
            return self._batch(batch.journal_id, batch.first_seq + len(batch.entries), None)
        except JournalError:
            return None

    def _batch(self, journal_id: str, start: int, last: int | None) -> Batch | None:
        """Entries from `start`, to `last` or as many as a batch takes. Raises JournalError for a damaged row."""
        with self._database.snapshot():
            pending = journal.entries(self._database, journal_id, first=start, last=2**62 if last is None else last)
            chosen = list(_chosen(islice(pending, self._most_entries if last is None else None)))
            if not chosen:
                return None
            prev = journal.hash_at(self._database, journal_id, start - 1) or self._identity.first_prev
            backlog = self._backlog(journal_id, chosen[-1].seq)
        certificate = self._identity.certificate
        return Batch(
            gateway_id=certificate.gateway_id,
            station_id=certificate.subject,
            journal_id=journal_id,
            first_seq=start,
            prev=prev,
            entries=tuple(to_wire(stored) for stored in chosen),
            backlog=backlog,
        )

    def _put_in_flight(self, batch: Batch) -> None:
        """Note a batch's boundaries before it is sent: whatever happens to it, it is sent again as it was."""
        last_seq = batch.first_seq + len(batch.entries) - 1
        in_flight = InFlight(journal_id=batch.journal_id, first_seq=batch.first_seq, last_seq=last_seq)
        with self._database.write() as tx:
            facts.save(tx, "in_flight", msgspec.json.encode(in_flight))
        self._sent += len(batch.entries)

    def _in_flight(self, journal_id: str, start: int) -> InFlight | None:
        data = facts.load(self._database, "in_flight")
        if data is None:
            return None
        held = typed.decode(data, InFlight)
        return held if (held.journal_id, held.first_seq) == (journal_id, start) else None

    def _backlog(self, journal_id: str, last_sent: int) -> Backlog:
        """What stays pending after this batch: counted from the two ends, since a walk over a long backlog at every batch adds up."""
        oldest_ms = self._database.value(
            "SELECT wall_ms FROM journal_entries WHERE journal_id = ? AND seq = ?", (journal_id, last_sent + 1)
        )
        newest = journal.head_of(self._database, journal_id, self._identity.first_prev).seq
        return Backlog(entries=newest - last_sent, oldest_ms=oldest_ms)

    def _believe(self, batch: Batch, answer: Answer) -> int:
        """Store a receipt that verifies; returns the last seq it covers. One that doesn't is no answer."""
        try:
            receipt: Receipt = checked_receipt(answer.receipt, sent_of(batch), self._identity.gateway)
            items = [(signed, self._checked_returned(signed)) for signed in answer.returned]
        except JournalError as error:
            raise _Stopped(SyncStatus(state=SyncState.OFFLINE, code=SyncCode.BAD_RECEIPT, detail=str(error.code))) from error
        with self._database.write() as tx:
            before = inbox.acknowledged_seq(tx, batch.journal_id)
            inbox.save_receipt(tx, answer.receipt, receipt)
            self._save_returned(tx, items)
            tx.execute("DELETE FROM facts WHERE name = 'in_flight'")
        if receipt.after_revocation:
            self._note("revoked")
        self._acknowledged += max(0, receipt.last_seq - before)
        self._gateway_head = receipt.last_seq
        return receipt.last_seq

    def _resume(self, journal_id: str, signed: Signed, start: int) -> tuple[int, SyncStatus | None]:
        """Where to go on after the gateway said how far it is; its head must lie on our own chain."""
        try:
            head = by_receipt_key(signed, HeadStatement, self._identity.gateway)
        except JournalError as error:
            raise _Stopped(SyncStatus(state=SyncState.OFFLINE, code=SyncCode.BAD_RECEIPT, detail=str(error.code))) from error
        certificate, own = self._identity.certificate, journal.hash_at(self._database, journal_id, head.seq) if head.seq else None
        if (head.gateway_id, head.station_id, head.journal_id) != (certificate.gateway_id, certificate.subject, journal_id):
            raise _Stopped(SyncStatus(state=SyncState.OFFLINE, code=SyncCode.BAD_RECEIPT, detail="head of another journal"))
        trusted_ms = facts.load_number(self._database, "trusted_ms") or 0
        if head.at_ms < trusted_ms - CLOCK_TOLERANCE_MS:  # an old statement played again would raise a false alarm
            raise _Stopped(SyncStatus(state=SyncState.OFFLINE, code=SyncCode.BAD_RECEIPT, detail="head older than a receipt"))
        if own != head.head:
            raise _Stopped(SyncStatus(state=SyncState.ALARM, code=SyncCode.FORK, detail=f"seq {head.seq}"))
        if head.seq + 1 >= start:  # it can't be behind and not behind: don't turn in circles
            raise _Stopped(SyncStatus(state=SyncState.REFUSED, code=SyncCode.NOT_UNDERSTOOD, detail=f"head {head.seq}"))
        rolled_back = head.seq < inbox.acknowledged_seq(self._database, journal_id)
        alarm = SyncStatus(state=SyncState.ALARM, code=SyncCode.ROLLBACK, detail=f"seq {head.seq}") if rolled_back else None
        return head.seq + 1, alarm

    def _fetch_returned(self) -> None:
        """Items returned since the last one held (a batch's own answer brings most of them)."""
        station_id = self._identity.certificate.subject
        while True:
            match self._client.returned(station_id, inbox.last_returned(self._database)):
                case ReturnedItems(items=items):
                    if not self._take_returned(items):
                        return
                case Refusal(problem):
                    raise _Stopped(_refused(problem))
                case NoAnswer(code, detail, asked_s):
                    raise _Stopped(SyncStatus(state=SyncState.OFFLINE, code=code, detail=detail), asked_s)
                case _ as never:
                    assert_never(never)

    def _take_returned(self, items: tuple[Signed, ...]) -> bool:
        try:
            checked = [(signed, self._checked_returned(signed)) for signed in items]
        except JournalError as error:
            raise _Stopped(SyncStatus(state=SyncState.OFFLINE, code=SyncCode.BAD_RECEIPT, detail=str(error.code))) from error
        checked = [(signed, item) for signed, item in checked if not inbox.holds_returned(self._database, item.number)]
        with self._database.write() as tx:
            self._save_returned(tx, checked)
        return bool(checked)

    def _checked_returned(self, signed: Signed) -> Returned:
        item = by_receipt_key(signed, Returned, self._identity.gateway)
        certificate = self._identity.certificate
        if (item.gateway_id, item.station_id) != (certificate.gateway_id, certificate.subject):
            raise JournalError(JournalCode.WRONG_PLACE, seq=item.seq)
        return item

    def _save_returned(self, tx: Database, items: list[tuple[Signed, Returned]]) -> None:
        for signed, item in items:
            inbox.save_returned(tx, signed, item)
        self._returned += len(items)

    def _later(self, stopped: _Stopped, earlier: SyncStatus | None) -> SyncStatus:
        attempts = 1 + (earlier.attempts if earlier else 0)
        if self._acknowledged:
            attempts = 1
        wait_s = wait_seconds(attempts, stopped.asked_s, self._uniform)
        return msgspec.structs.replace(
            stopped.status,
            attempts=attempts,
            next_try_ms=self._clock.read().wall_ms + int(wait_s * 1000),
            last_contact_ms=earlier.last_contact_ms if earlier else None,
        )


def load_status(db: Database) -> SyncStatus | None:
    """The last run's status; None if there was none."""
    data = facts.load(db, "sync_status")
    return None if data is None else typed.decode(data, SyncStatus)


def _chosen(entries: Iterator[Stored]) -> Iterator[Stored]:
    size = 0
    for stored in entries:
        size += len(stored.header_bytes) + sum(len(sealed) * 4 // 3 for sealed in stored.sealed.values()) + 400
        if size > MOST_BYTES:  # one entry alone never reaches this: 16 KiB of header and a few parts of 64 KiB
            return
        yield replace(stored, openings={})


def _refused(problem: Problem) -> SyncStatus:
    state = SyncState.ALARM if problem.code == ProblemCode.FORK else SyncState.REFUSED
    code = SyncCode.FORK if problem.code == ProblemCode.FORK else SyncCode.REFUSED
    return SyncStatus(state=state, code=code, detail=f"{problem.code.value}: {problem.detail}"[:300])
