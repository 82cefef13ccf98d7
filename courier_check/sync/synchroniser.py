"""Replication of the journal: entries after the last acknowledged seq, ≤ 512 a batch, the batch resent as it was until answered."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import assert_never

import msgspec

from courier_check import typed
from courier_check.journal.codes import JournalCode, JournalError
from courier_check.journal.entries import Draft, header_hash, parse_header
from courier_check.store import facts, inbox, journal, sent_evidence
from courier_check.store.database import Database
from courier_check.store.folder import OutsideHead
from courier_check.store.identity import StationIdentity
from courier_check.store.journal import Writer
from courier_check.store.verification import Damage, damage_after, expected, is_sound
from courier_check.sync.backoff import wait_seconds
from courier_check.sync.branching import Branches
from courier_check.sync.client import GatewayClient, NoAnswer, Refusal
from courier_check.sync.codes import SyncCode
from courier_check.sync.heads import Heads, checked_head
from courier_check.sync.outgoing import FIRST_ENTRIES, MOST_ENTRIES, Outgoing, come_home, send_off
from courier_check.sync.photos import PhotoRun
from courier_check.sync.recall import EntryPlace, Recall
from courier_check.sync.renewal import Renewal
from courier_check.sync.sending import MOST_AT_ONCE, Sending, is_too_large
from courier_check.sync.status import (
    Stopped,
    SyncState,
    SyncStatus,
    answered,
    contact_of_run,
    last_outcome,
    load_status,
    not_believed,
    note_contact,
    refused,
    save_outcome,
)
from courier_check.sync.status import alarm as told
from courier_check.wire.batches import (
    Answer,
    Batch,
    HeadStatement,
    Receipt,
    Returned,
    ReturnedItems,
    WireEntry,
    by_receipt_key,
    checked_receipt,
    from_wire,
    sent_of,
)
from courier_check.wire.certificates import Role
from courier_check.wire.problems import Problem, ProblemCode
from courier_check.wire.signed import Signed

_CARRIED = "batch_entries"
"""Entries that a batch had at most when the line was last tried, so that a slow one is not tried with more by each run."""
_OF_ENTRIES = (ProblemCode.MALFORMED, ProblemCode.WRONG_GATEWAY, ProblemCode.BAD_CHAIN, ProblemCode.BAD_SIGNATURE, ProblemCode.BAD_DIGEST)
"""What a gateway says of a batch in which a row is damaged."""

_GRAVITY = (SyncState.SYNCHRONISED, SyncState.REFUSED, SyncState.OFFLINE, SyncState.ALARM)
"""What is told of a run that met several things: the last of these. A refusal is met again, an alarm need not be."""

__all__ = ["Outcome", "SyncState", "SyncStatus", "Synchroniser", "load_status"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One run: entries sent, entries newly acknowledged, items returned, where both sides stand; and of photos, which go after it."""

    sent: int
    acknowledged: int
    returned: int
    status: SyncStatus
    gateway_head: int
    photos: PhotoRun = field(default_factory=PhotoRun)


class Synchroniser:
    """One run sends everything pending. Holds the station's sync lock only through its caller (DataFolder.only_synchroniser)."""

    def __init__(
        self,
        database: Database,
        identity: StationIdentity,
        client: GatewayClient,
        writer: Writer,
        uniform: Callable[[float, float], float],
        *,
        most_entries: int = MOST_ENTRIES,
    ) -> None:
        self._database = database
        self._identity = identity
        self._client = client
        self._writer = writer
        self._clock = writer.clock
        self._uniform = uniform
        self._outgoing = Outgoing(database, identity, most_entries)
        self._branches = Branches(database, identity, client, writer)
        self._heads = Heads(database, identity, client, writer.random)
        self._recall = Recall(database, identity, client, writer, uniform)
        self._renewal = Renewal(database, identity, client, self._outgoing, writer.clock)
        self._sent = self._acknowledged = self._returned = self._gateway_head = self._end = 0
        self._most = MOST_ENTRIES

    def run(self, *, first_look: bool = False) -> Outcome:
        """Send what is pending, take receipts and returned items; the outcome says what happened and when to try again.

        `first_look`: the first run since the station was opened, which also asks how far the gateway is with the current journal.
        """
        self._sent = self._acknowledged = self._returned = self._gateway_head = 0
        self._database.give_way()
        earlier = last_outcome(self._database)
        carried = self._most = facts.load_number(self._database, _CARRIED) or MOST_ENTRIES
        try:
            alarm = self._exchange(first_look=first_look)
            if alarm is None and facts.load(self._database, "revoked") is not None:
                alarm = SyncStatus(state=SyncState.ALARM, code=SyncCode.REVOKED)
            status = alarm or SyncStatus(state=SyncState.SYNCHRONISED)
            status = msgspec.structs.replace(status, last_contact_ms=self._clock.read().wall_ms)
        except Stopped as stopped:
            status = self._later(stopped, earlier)
        self._database.give_way()
        with self._database.write() as tx:
            # That a gateway was put back is told as soon as it is known, and again when it is made good.
            known = self._untold() if status.state is SyncState.OFFLINE else None
            save_outcome(tx, status, self._clock.read().wall_ms, known=known)
            if self._most != carried:
                facts.save_number(tx, _CARRIED, self._most)
            if status.code is SyncCode.ROLLBACK:
                tx.execute("DELETE FROM facts WHERE name = 'rollback_untold'")
        return Outcome(self._sent, self._acknowledged, self._returned, status, self._gateway_head)

    def _exchange(self, *, first_look: bool) -> SyncStatus | None:
        """Everything a run does at the line; returns an alarm that did not stop it. Raises Stopped."""
        alarm = self._replicate_all()
        self._fetch_returned()
        lost = first_look and self._sent == 0 and self._compare_heads()
        if self._compare_closed() or lost:
            alarm = self._replicate_all() or alarm
        filed, held_more = self._branches.settle()
        forgotten = self._look_back()
        if filed or forgotten:
            alarm = self._replicate_all() or alarm
        if forgotten:
            alarm = told(SyncCode.FORGOTTEN, f"seq {forgotten[0][1]}")
            if self._recall.look_again():  # still not there: everything is sent again, later and later
                raise Stopped(alarm)
        met = held_more or alarm or self._untold()
        if met is None:
            self._renewal.run()
        return met

    def _untold(self) -> SyncStatus | None:
        """A rollback that was made good by a run that ended offline, and so could not say it."""
        seq = facts.load_number(self._database, "rollback_untold")
        return None if seq is None else told(SyncCode.ROLLBACK, f"seq {seq}")

    def _look_back(self) -> tuple[EntryPlace, ...]:
        """The day's check of what the gateway remembers; returns what it has forgotten, found now or before. Raises Stopped."""
        found = self._recall.look()
        for journal_id, seq in found.damaged:
            if self._note_damage(journal_id, seq - 1):
                raise Stopped(told(SyncCode.DAMAGED, f"seq {seq}"))
        return self._recall.forgotten()

    def _compare_heads(self) -> bool:
        """Has the gateway more of the current journal than this station (raises Stopped), or less than it gave receipts for (True)? A batch
        would have told; this is for when there was none."""
        journal_id = journal.current_journal(self._database)
        if journal_id is None or self._is_given_up(journal_id):
            return False
        head = self._heads.fresh(journal_id)
        own = journal.head_of(self._database, journal_id, self._identity.first_prev)
        if head.head is not None and head.seq > own.seq:
            with self._database.write() as tx:
                facts.save(tx, f"ahead/{journal_id}", msgspec.json.encode(OutsideHead(journal_id=journal_id, seq=head.seq, head=head.head)))
            raise Stopped(told(SyncCode.BRANCH, f"seq {own.seq + 1}"))
        self._check_own(journal_id, head)
        return self._lies_behind(journal_id, head)

    def _lies_behind(self, journal_id: str, head: HeadStatement) -> bool:
        """Whether a fresh head of the gateway lies behind receipts held here: then that is noted. A head that lies between the end of the
        gap-free receipts and the last one is no alarm by itself, and one beyond them all is none at all."""
        if head.seq >= inbox.owed_seq(self._database, journal_id):
            return False
        self._note_rollback(journal_id, head)
        return True

    def _put_back_within_a_gap(self, journal_id: str, acknowledged: int) -> int | None:
        """Where receipts have a gap, what is sent from there on would be taken without a word by a gateway that was put back to a place
        behind it. So it is asked first; returns its head if it lies behind receipts held here. Raises Stopped."""
        gap = min(inbox.owed_seq(self._database, journal_id), self._sendable(journal_id, acknowledged + 1))
        if gap <= acknowledged:
            return None
        head = self._heads.fresh(journal_id)
        self._check_own(journal_id, head)
        return head.seq if self._lies_behind(journal_id, head) else None

    def _compare_closed(self) -> bool:
        """A gateway that was put back may have lost the ends of closed journals too, and no batch would tell. Raises Stopped."""
        lost = () if self._untold() is None else tuple(self._heads.behind())
        for journal_id, head in lost:
            if not self._is_given_up(journal_id):  # one that went two ways may end on the other one
                self._check_own(journal_id, head)
            self._note_rollback(journal_id, head)
        return bool(lost)

    def _replicate_all(self) -> SyncStatus | None:
        """Send every journal; one that is refused holds up no other, and is told when all were tried. Raises Stopped."""
        alarm, met = None, list[Stopped]()
        for journal_id in journal.journal_ids(self._database):
            if not self._is_given_up(journal_id):
                try:
                    alarm = self._replicate(journal_id) or alarm
                except Stopped as stopped:  # of this journal; where the line itself is gone the others need not be tried
                    met.append(stopped)
                    if stopped.status.state is SyncState.OFFLINE:
                        break
        if met:
            worst = max(met, key=lambda each: _GRAVITY.index(each.status.state))
            raise Stopped(worst.status, met[-1].asked_s) from worst
        return alarm

    def _is_given_up(self, journal_id: str) -> bool:
        """Whether the gateway takes nothing of a journal that was sent again as it is: it went two ways, or another station has its id."""
        return any(facts.load(self._database, f"{why}/{journal_id}") is not None for why in ("forked", "taken"))

    def _replicate(self, journal_id: str) -> SyncStatus | None:
        """Send one journal to where it ends now, or is damaged; returns an alarm that did not stop the sending (a rollback that was made
        good). What is recorded meanwhile is the next run's: a busy counter would keep this one up for ever."""
        again, held = facts.load_number(self._database, f"{inbox.RESEND}{journal_id}"), inbox.held_seq(self._database, journal_id)
        if again is None:
            again = self._put_back_within_a_gap(journal_id, held)
        alarm = None if again is None else told(SyncCode.ROLLBACK, f"seq {again}")
        start = (held if again is None else min(again, held)) + 1
        self._gateway_head = start - 1
        self._end = self._newest(journal_id)
        with ThreadPoolExecutor(MOST_AT_ONCE + 1, "sync-line") as line:
            sending = Sending(self._client, line, self._most)
            while self._fill(sending, journal_id, start):
                batch, beside = sending.next
                said, self._most = sending.answer(), sending.most
                match said:
                    case Answer() as answered:
                        start = self._believe(batch, answered) + 1
                        sending.at_once = MOST_AT_ONCE
                        continue
                    case Refusal(problem) if problem.code == ProblemCode.BEHIND and beside:
                        pass  # it overtook the one before it: it comes again, alone
                    case Refusal(problem) if problem.code == ProblemCode.BEHIND and problem.head is not None:
                        start, rolled_back = self._resume(journal_id, problem.head, start)
                        self._end = self._newest(journal_id)  # a rollback was journaled
                        alarm = alarm or rolled_back
                    case Refusal() as refusal if is_too_large(refusal) and len(batch.entries) > 1:
                        pass  # it comes again in smaller ones
                    case Refusal(problem):
                        raise self._refused_for_good(batch, problem)
                    case NoAnswer(code, detail, asked_s):
                        raise Stopped(SyncStatus(state=SyncState.OFFLINE, code=code, detail=detail), asked_s)
                    case _ as never:
                        assert_never(never)
                sending.drop()
        return alarm

    def _fill(self, sending: Sending, journal_id: str, start: int) -> bool:
        """Send as many batches as go at once, the first from `start`, and make the one after them meanwhile. False: nothing is pending."""
        self._database.give_way()
        batch = sending.ahead(start) or (self._next_batch(journal_id, start) if sending.idle else None)
        while batch is not None and sending.has_room(batch):
            self._put_in_flight(batch)
            sending.begin(batch)
            batch = self._ahead(batch)
        sending.keep(batch)
        return not sending.idle

    def _refused_for_good(self, batch: Batch, problem: Problem) -> Stopped:
        """Why the gateway did not take a batch: a fork that it proves, a damaged row of ours, or what it says."""
        if problem.code == ProblemCode.FORK:
            detail = f"{problem.code.value}: {problem.detail}"[:300]
            if not self._proves_fork(batch.journal_id, problem.held):
                return Stopped(told(SyncCode.FORGOTTEN, detail))
            self._note(f"forked/{batch.journal_id}")
            return Stopped(told(SyncCode.FORK, detail))
        if problem.code == ProblemCode.JOURNAL_TAKEN:
            return Stopped(self._branches.taken(batch.journal_id, problem))
        if problem.code in _OF_ENTRIES and self._note_damage(batch.journal_id, batch.first_seq - 1):
            return Stopped(told(SyncCode.DAMAGED, f"seq ≥ {batch.first_seq}"))
        return Stopped(refused(problem))

    def _proves_fork(self, journal_id: str, held: WireEntry | None) -> bool:
        """Whether the entry the gateway shows was signed by this station for this journal, and is another than the one held here."""
        try:
            seq = parse_header(held.header.encode()).seq if held else 0
            stored = from_wire(held, seq) if held else None
        except (JournalError, UnicodeEncodeError):
            return False
        own = journal.hash_at(self._database, journal_id, seq)
        sound = stored is not None and is_sound(stored, expected(self._identity, journal_id))
        return sound and stored is not None and own not in (None, header_hash(stored.header_bytes))

    def _note_damage(self, journal_id: str, after: int) -> bool:
        """Look for rows that can't be delivered behind a seq, and remember them; the station closes the journal then. False if all can."""
        held, known = inbox.held_seq(self._database, journal_id), self._damage(journal_id)
        walks = [damage_after(self._database, self._identity, journal_id, seq) for seq in sorted({min(after, held), held})]
        found = [each for each in walks if each is not None]
        if not found:
            return False
        # What was delivered before it was damaged holds nothing up: the first one behind that counts, if there is any.
        missing = {*(known.missing if known else ()), *(each for damage in found for each in damage.missing)}
        damage = Damage(first=found[-1].first, missing=tuple(sorted(missing)))
        with self._database.write() as tx:
            facts.save(tx, f"damaged/{journal_id}", msgspec.json.encode(damage))
            tx.execute("DELETE FROM facts WHERE name = 'in_flight'")
        return known != damage

    def _damage(self, journal_id: str) -> Damage | None:
        data = facts.load(self._database, f"damaged/{journal_id}")
        return None if data is None else typed.decode(data, Damage)

    def _note(self, name: str) -> None:
        """Remember something for good: a journal that forked, a revocation."""
        with self._database.write() as tx:
            self._note_in(tx, name)

    def _note_in(self, tx: Database, name: str) -> None:
        facts.save(tx, name, str(self._clock.read().wall_ms).encode("ascii"))

    def _next_batch(self, journal_id: str, start: int) -> Batch | None:
        """The batch in flight as it was, or the next one; None if nothing is pending."""
        try:
            fresh = FIRST_ENTRIES if self._client.line_is_slow is None else MOST_ENTRIES
            up_to = min(self._sendable(journal_id, start), self._end)
            return self._outgoing.next_batch(journal_id, start, up_to=up_to, most=self._most, fresh=fresh)
        except JournalError as error:  # a damaged row can't be sent, and must not be skipped
            self._note_damage(journal_id, start - 1)
            raise Stopped(told(SyncCode.DAMAGED, f"seq ≥ {start}")) from error

    def _newest(self, journal_id: str) -> int:
        return journal.head_of(self._database, journal_id, self._identity.first_prev).seq

    def _sendable(self, journal_id: str, start: int) -> int:
        """The last seq that can be sent: nothing is taken behind a damaged row."""
        damage = self._damage(journal_id)
        return 2**62 if damage is None or damage.first < start else damage.first - 1

    def _ahead(self, batch: Batch) -> Batch | None:
        """The batch after one that is being sent; None if there is none, or it can't be made (that is told when its turn comes)."""
        try:
            start = batch.first_seq + len(batch.entries)
            up_to = min(self._sendable(batch.journal_id, start), self._end)
            return self._outgoing.next_batch(batch.journal_id, start, up_to=up_to, most=self._most)
        except JournalError:
            return None

    def _put_in_flight(self, batch: Batch) -> None:
        self._database.give_way()
        with self._database.write() as tx:
            send_off(tx, batch)
        self._sent += len(batch.entries)

    def _believe(self, batch: Batch, answer: Answer) -> int:
        """Store a receipt that verifies; returns the last seq that need not be sent now: the last one it covers or, where it filled a gap,
        that receipts of before cover behind it. One that does not verify is no answer."""
        self._database.give_way()
        try:
            receipt: Receipt = checked_receipt(answer.receipt, sent_of(batch), self._identity.gateway)
            items = [(signed, self._checked_returned(signed)) for signed in answer.returned]
        except JournalError as error:
            raise not_believed(str(error.code)) from error
        self._check_confirmed(answer.receipt, receipt)
        with self._database.write() as tx:
            before = inbox.acknowledged_seq(tx, batch.journal_id)
            inbox.save_receipt(tx, answer.receipt, receipt)
            note_contact(tx, self._clock.read().wall_ms)
            after = inbox.acknowledged_seq(tx, batch.journal_id)
            self._save_returned(tx, items)
            facts.save(tx, "gateway_journal", receipt.gateway_journal_id.encode("ascii"))
            come_home(tx, receipt)
            caught_up = inbox.note_resent(tx, receipt)
            if receipt.after_revocation:  # with the receipt: no other line may tell it before the next act
                self._note_in(tx, "revoked")
        self._acknowledged += after - before
        self._gateway_head = max(receipt.last_seq, after) if caught_up else receipt.last_seq
        return self._gateway_head

    def _check_confirmed(self, signed: Signed, receipt: Receipt) -> None:
        """By a key that another one has followed: the gateway gave this receipt before that and the answer was lost, or a stranger has the
        earlier key and dates back. So the gateway is asked, whose answer only the newest key signs. Raises Stopped."""
        followed = self._identity.gateway.followed_ms(Role.RECEIPT, signed.key_id) is not None
        if followed and self._heads.fresh(receipt.journal_id).seq < receipt.last_seq:
            raise not_believed("receipt by an earlier key")

    def _resume(self, journal_id: str, signed: Signed, start: int) -> tuple[int, SyncStatus | None]:
        """Where to go on after the gateway said how far it is; its head must lie on our own chain."""
        head = checked_head(signed, self._identity, journal_id)
        self._check_own(journal_id, head)
        if head.seq + 1 >= start:  # it can't be behind and not behind: don't turn in circles
            raise Stopped(SyncStatus(state=SyncState.REFUSED, code=SyncCode.NOT_UNDERSTOOD, detail=f"head {head.seq}"))
        if head.seq >= inbox.owed_seq(self._database, journal_id):
            return head.seq + 1, None
        now = self._heads.fresh(journal_id)  # an old statement played again would raise a false alarm
        self._check_own(journal_id, now)
        if not self._lies_behind(journal_id, now):
            raise not_believed("head of before")
        return now.seq + 1, told(SyncCode.ROLLBACK, f"seq {now.seq}")

    def _check_own(self, journal_id: str, head: HeadStatement) -> None:
        """The gateway's head must lie on our own chain. Raises Stopped."""
        own = journal.hash_at(self._database, journal_id, head.seq) if head.seq else None
        if own == head.head:
            return
        if head.seq and own is None and self._note_damage(journal_id, head.seq - 1):
            raise Stopped(told(SyncCode.DAMAGED, f"seq {head.seq}"))
        damage = self._damage(journal_id)
        if damage is not None and any(first <= head.seq <= last for first, last in damage.missing):
            return  # the row is gone, which is known: what follows it here tells
        self._note(f"forked/{journal_id}")
        raise Stopped(told(SyncCode.FORK, f"seq {head.seq}"))

    def _note_rollback(self, journal_id: str, head: HeadStatement) -> None:
        """The gateway is behind receipts held here: journaled once, and everything behind its head is sent again."""
        name = f"{inbox.RESEND}{journal_id}"
        with self._database.write() as tx:
            if facts.load(tx, name) is None:
                said = {
                    "journal_id": journal_id,
                    "held_seq": head.seq,
                    "held_head": head.head,
                    "acknowledged_seq": inbox.gateway_reached(tx, journal_id),
                }
                journal.append(tx, Draft("gateway-rollback", None, said), self._writer)
            inbox.note_put_back(tx, journal_id, head.seq)
            facts.save_number(tx, "rollback_untold", head.seq)
            sent_evidence.ask_again(tx, journal_id)

    def _fetch_returned(self) -> None:
        """Items returned since the last one held (a batch's own answer brings most of them)."""
        station_id = self._identity.certificate.subject
        met: set[str] = set()
        while True:
            self._database.give_way()
            asked = (facts.load(self._database, "gateway_journal") or b"").decode("ascii")
            document = answered(self._client.returned(station_id, inbox.last_returned(self._database, asked)))
            if document.gateway_journal_id == asked:
                if not self._take_returned(document):
                    return
            else:  # items are numbered anew: ask for those of the new journal
                if document.gateway_journal_id in met:  # the document is not signed: on a bad line it could go on like this for ever
                    raise not_believed("journals by turns")
                met |= {asked, document.gateway_journal_id}
                with self._database.write() as tx:
                    facts.save(tx, "gateway_journal", document.gateway_journal_id.encode("ascii"))

    def _take_returned(self, document: ReturnedItems) -> bool:
        try:
            checked = [(signed, self._checked_returned(signed)) for signed in document.items]
        except JournalError as error:
            raise not_believed(str(error.code)) from error
        if any(item.gateway_journal_id != document.gateway_journal_id for _, item in checked):
            raise not_believed("returned items of several journals")
        held = self._database
        new = [(signed, item) for signed, item in checked if not inbox.holds_returned(held, item.gateway_journal_id, item.number)]
        with self._database.write() as tx:
            self._save_returned(tx, new)
        return bool(new)

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

    def _later(self, stopped: Stopped, earlier: SyncStatus | None) -> SyncStatus:
        attempts = 1 + (earlier.attempts if earlier else 0)
        if self._acknowledged and not self._recall.forgotten():  # what goes well is no reason to send a whole journal again sooner
            attempts = 1
        wait_s, contact_ms = wait_seconds(attempts, stopped.asked_s, self._uniform), contact_of_run(self._database)
        return msgspec.structs.replace(
            stopped.status,
            attempts=attempts,
            next_try_ms=self._clock.read().wall_ms + int(wait_s * 1000),
            last_contact_ms=contact_ms if contact_ms is not None or earlier is None else earlier.last_contact_ms,
            waits_ms=int(wait_s * 1000),
            asked=stopped.asked_s is not None,
        )
