"""凭证照片通道: sealed photos go to the gateway behind the entries that name them, chunk by chunk, and make way for every new entry."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from courier_check import typed
from courier_check.journal.codes import JournalError
from courier_check.journal.entries import EvidenceRef, parse_header
from courier_check.journal.keys import from_text
from courier_check.journal.parts import opened
from courier_check.store import facts, inbox, journal, sent_evidence
from courier_check.store.database import Database
from courier_check.store.evidence import PhotoState, read_sealed
from courier_check.store.identity import StationIdentity
from courier_check.store.journal import Writer
from courier_check.store.sent_evidence import DESTROYED, EvidenceRow
from courier_check.sync.backoff import wait_seconds
from courier_check.sync.client import GatewayClient, NoAnswer, Refusal
from courier_check.sync.codes import SyncCode
from courier_check.sync.photo_budget import REQUEST_BYTES, Budget
from courier_check.sync.photo_status import PhotoStatus, load_photo_status, save_photo_status
from courier_check.wire.evidence import CHUNK_BYTES, SEALED_MORE, EvidenceFile, EvidenceHeld, EvidenceRequest, checked_held
from courier_check.wire.problems import Problem, ProblemCode
from courier_check.wire.signed import Signed, sign

LEAST_CHUNK = 16_384
"""On a line that breaks again and again the chunks are halved, down to this."""
QUICK_S = 1.0
"""A chunk that took no longer is followed by a larger one."""
LONGEST_RUN_S = 10.0
"""Then a run ends, and the next one begins with what else there is to ask the gateway."""
DRAWN = 20
DAY_MS = 86_400_000
OLDER_GATEWAY_S = 3_600.0
"""A gateway that knows no photos may be brought up to date."""
NONCE_BYTES = 16
_FOR_GOOD = frozenset(
    {
        *(ProblemCode.EVIDENCE_UNNAMED, ProblemCode.EVIDENCE_DIFFERS, ProblemCode.TOO_LARGE, ProblemCode.BAD_SIGNATURE),
        ProblemCode.UNSUPPORTED_VERSION,
    }
)
"""What a gateway says of a photo that it will say again."""
_TRIES = {ProblemCode.BAD_DIGEST: 3, ProblemCode.MALFORMED: 3, ProblemCode.ENTRY_NOT_HELD: 20}
"""How often a photo is refused so before it is told as one that went wrong."""


@dataclass(frozen=True, slots=True)
class PhotoRun:
    """One run of the lane: photos the gateway said it holds, bytes of photos that went over the line, and how it stands."""

    sent: int = 0
    bytes_sent: int = 0
    status: PhotoStatus = field(default_factory=PhotoStatus)


@dataclass(frozen=True, slots=True)
class PhotoPlan:
    """Where a station's photos are, how many bytes of them a second may go (0: no limit), chance, and a clock for one run only."""

    evidence: Path
    rate: int
    uniform: Callable[[float, float], float]
    monotonic: Callable[[], float] = time.monotonic


class _Ends(Exception):
    """The run ends here: the line, the gateway as a whole. Never leaves `Photos.run`."""

    def __init__(self, code: str, detail: str = "", asked_s: float | None = None) -> None:
        super().__init__(code)
        self.code, self.detail, self.asked_s = code, detail, asked_s


class _MakesWay(Exception):
    """The run ends here, and nothing is wrong: an entry came, what may be sent is used up, or it has run for long enough."""


class _NotThisOne(Exception):
    """This photo can't be sent now, or ever; others can."""


class _Kept(msgspec.Struct, frozen=True):
    photo_keys: dict[str, str] = {}
    openings: dict[str, str] = {}


class Photos:
    """One run sends pending photos until an entry is to be sent. Holds the station's sync lock through its caller, as Synchroniser does.

    Whatever happens on the way, a photo counts as sent only by a signed answer to a fresh question that the gateway holds all of it; until
    then it is pending, and how much of it has come is asked of the gateway: nothing here has to remember offsets.
    """

    def __init__(
        self,
        database: Database,
        identity: StationIdentity,
        client: GatewayClient,
        writer: Writer,
        plan: PhotoPlan,
    ) -> None:
        self._database = database
        self._identity = identity
        self._client = client
        self._clock = writer.clock
        self._random = writer.random
        self._plan = plan
        self._monotonic = plan.monotonic
        self._sent = self._bytes = 0
        self._deadline = 0.0
        self._status = PhotoStatus()
        self._budget = Budget.full(plan.rate, 0)

    def run(self) -> PhotoRun:
        """Send what may be sent now; the outcome says how much that was, and when to go on."""
        now_ms = self._clock.read().wall_ms
        self._status = load_photo_status(self._database)
        self._sent = self._bytes = 0
        if self._status.asked and self._status.waits(now_ms):  # the gateway asked for it
            return PhotoRun(status=self._status)
        left = self._status.left
        before = Budget.full(self._plan.rate, now_ms) if left is None else Budget(self._plan.rate, left, self._status.at_ms)
        self._budget, self._deadline = before.at(now_ms), self._monotonic() + LONGEST_RUN_S
        try:
            self._exchange(now_ms)
            status = self._well(None)
        except _MakesWay:
            status = self._well(self._budget.wait_ms() if self._budget.is_used_up else 0)
        except _Ends as end:
            status = self._later(end)
        with self._database.write() as tx:
            save_photo_status(tx, status)
        return PhotoRun(self._sent, self._bytes, status)

    def _exchange(self, now_ms: int) -> None:
        """Everything a run does at the line. Raises _MakesWay, _Ends."""
        if self._database.value("SELECT 1 FROM branch_entries LIMIT 1") is not None:
            with self._database.write() as tx:
                sent_evidence.note_refiled(tx)
        self._look_at_journal(now_ms)
        self._look_back(now_ms)
        after, trouble = 0, None
        while (row := sent_evidence.next_pending(self._database, after)) is not None:
            after = row.number
            try:
                self._send(row)
            except _NotThisOne as skipped:
                trouble = str(skipped) or trouble
        if trouble is not None:
            raise _Ends(trouble)

    # --- one photo

    def _send(self, row: EvidenceRow) -> None:
        """Announce a photo and send what the gateway lacks of it. Raises _NotThisOne, _MakesWay, _Ends."""
        ref = self._ref(row)
        if ref is None:
            self._failed(row, SyncCode.DAMAGED.value)
        sealed = None
        if row.sealed_sha256 is None:
            sealed = self._sealed(row, ref)
            row = replace(row, sealed_sha256=hashlib.sha256(sealed).hexdigest(), sealed_size=len(sealed))
            with self._database.write() as tx:
                sent_evidence.note_sealed(tx, row)
        answer, said = self._asked(row, ref)
        if said.held < said.sealed_size:
            sealed = sealed or self._sealed(row, ref)
            if hashlib.sha256(sealed).hexdigest() != row.sealed_sha256:  # the same photo under another nonce: it was never announced so
                self._failed(row, f"evidence-{PhotoState.ALTERED}")
            self._send_rest(row, sealed, said.held)
            answer, said = self._asked(row, ref)
            if said.held < said.sealed_size:
                raise _Ends(SyncCode.NOT_UNDERSTOOD.value, f"held {said.held}")
        with self._database.write() as tx:
            sent_evidence.note_sent(tx, row.number, answer, said.at_ms)
        self._sent += 1

    def _send_rest(self, row: EvidenceRow, sealed: bytes, offset: int) -> None:
        """Chunk after chunk, each from where the gateway says it is. Raises _NotThisOne, _MakesWay, _Ends."""
        while offset < len(sealed):
            self._may_go_on()
            size, began = self._status.chunk, self._monotonic()
            chunk = sealed[offset : offset + size]
            self._budget, self._bytes = self._budget.less(len(chunk)), self._bytes + len(chunk)
            answer = self._client.send_evidence(row.sealed_sha256 or "", offset, chunk)
            if isinstance(answer, NoAnswer):
                self._status = msgspec.structs.replace(self._status, chunk=max(LEAST_CHUNK, size // 2))
                raise _Ends(answer.code.value, answer.detail, answer.retry_after_s)
            if isinstance(answer, Refusal):
                self._refused(row, answer.problem)
            if not offset < answer.held <= len(sealed):  # how much there is is asked when it is tried again
                raise _Ends(SyncCode.NOT_UNDERSTOOD.value, f"held {answer.held}")
            offset = answer.held
            if len(chunk) == size and self._monotonic() - began < QUICK_S:
                self._status = msgspec.structs.replace(self._status, chunk=min(CHUNK_BYTES, 2 * size))

    def _asked(self, row: EvidenceRow, ref: EvidenceRef) -> tuple[Signed, EvidenceHeld]:
        """As `_question`, where a refusal is what the photo comes to. Raises _NotThisOne, _MakesWay, _Ends."""
        answer = self._question(row, ref)
        if isinstance(answer, Problem):
            if answer.code == ProblemCode.NOT_FOUND:  # the address itself
                raise _Ends(SyncCode.PHOTOS_NOT_TAKEN.value, "", OLDER_GATEWAY_S)
            self._refused(row, answer)
        return answer

    def _question(self, row: EvidenceRow, ref: EvidenceRef) -> tuple[Signed, EvidenceHeld] | Problem:
        """How much of a photo the gateway holds, as it signed it, or why it does not say. Raises _MakesWay, _Ends."""
        self._may_go_on()
        self._budget = self._budget.less(REQUEST_BYTES)
        stated, nonce = self._stated(row, ref), self._random(NONCE_BYTES).hex()
        answer = self._client.evidence(EvidenceRequest(nonce=nonce, statement=sign(stated, self._identity.keys.signing)))
        if isinstance(answer, NoAnswer):
            raise _Ends(answer.code.value, answer.detail, answer.retry_after_s)
        if isinstance(answer, Refusal):
            return answer.problem
        try:
            return answer, checked_held(answer, stated, nonce, self._identity.gateway)
        except JournalError as error:
            raise _Ends(SyncCode.BAD_RECEIPT.value, str(error.code)) from error

    def _stated(self, row: EvidenceRow, ref: EvidenceRef) -> EvidenceFile:
        certificate = self._identity.certificate
        return EvidenceFile(
            gateway_id=certificate.gateway_id,
            station_id=certificate.subject,
            journal_id=row.journal_id,
            seq=row.seq,
            name=ref.name,
            sha256=ref.sha256,
            sealed_sha256=row.sealed_sha256 or "",
            sealed_size=ref.size + SEALED_MORE,
        )

    def _refused(self, row: EvidenceRow, problem: Problem) -> NoReturn:
        """What a refusal comes to. Raises _NotThisOne or _Ends."""
        tries = _TRIES.get(problem.code)
        if problem.code in _FOR_GOOD or (tries is not None and row.tries + 1 >= tries):
            self._failed(row, problem.code.value)
        if tries is None:
            raise _Ends(problem.code.value, problem.detail[:300])
        with self._database.write() as tx:
            sent_evidence.note_try(tx, row.number)
        raise _NotThisOne(problem.code.value)

    def _failed(self, row: EvidenceRow, code: str) -> NoReturn:
        with self._database.write() as tx:
            sent_evidence.note_failed(tx, row.number, code)
        raise _NotThisOne

    def _may_go_on(self) -> None:
        """Asked before every request, so that an entry waits for one of them at most. Raises _MakesWay."""
        journal_id = journal.current_journal(self._database) or ""
        newest = journal.head_of(self._database, journal_id, "").seq
        if newest > inbox.acknowledged_seq(self._database, journal_id) or self._budget.is_used_up or self._monotonic() > self._deadline:
            raise _MakesWay

    # --- what is on this station's disk

    def _ref(self, row: EvidenceRow) -> EvidenceRef | None:
        """What the entry says of the photo; None where the entry can't be read any more."""
        stored = journal.entry_at(self._database, row.journal_id, row.seq)
        try:
            refs = parse_header(stored.header_bytes).evidence if stored is not None else ()
        except JournalError:
            return None
        return next((ref for ref in refs if ref.name == row.name), None)

    def _sealed(self, row: EvidenceRow, ref: EvidenceRef) -> bytes:
        """The file's bytes, after they were seen to open to the photo. Raises _NotThisOne: nobody could open what would arrive."""
        stored = journal.entry_at(self._database, row.journal_id, row.seq)
        key = None if stored is None else _key(stored.openings.get("kept"), row.name)
        if key is None:
            self._failed(row, DESTROYED)
        state, sealed = read_sealed(self._plan.evidence, ref, key)
        if sealed is None:
            self._failed(row, f"evidence-{state}")
        return sealed

    # --- what the gateway remembers

    def _look_at_journal(self, now_ms: int) -> None:
        """A gateway that writes another journal of receipts was put back, and photos may have come to it since: all are asked for again.
        No entry need be missing for that."""
        known, now = self._status.gateway_journal, facts.load(self._database, "gateway_journal")
        if now is None or known == now.decode("ascii"):
            return
        self._status = msgspec.structs.replace(self._status, gateway_journal=now.decode("ascii"))
        with self._database.write() as tx:
            if known is not None and sent_evidence.ask_again(tx):
                self._status = msgspec.structs.replace(self._status, asked_again_ms=now_ms)
            save_photo_status(tx, self._status)

    def _look_back(self, now_ms: int) -> None:
        """Once a day: photos that failed are tried again, and some that were sent are asked for. Where one is gone, all are asked for
        again; what the gateway still has is not sent twice. The day begins with the first run. Raises _MakesWay, _Ends."""
        looked_ms = self._status.looked_ms
        if looked_ms is not None and 0 <= now_ms - looked_ms < DAY_MS:
            return
        forgotten = looked_ms is not None and any(self._is_forgotten(row) for row in self._drawn())
        with self._database.write() as tx:
            if looked_ms is not None:
                sent_evidence.look_again(tx)
            if forgotten:
                sent_evidence.ask_again(tx)
            asked_again_ms = now_ms if forgotten else self._status.asked_again_ms
            self._status = msgspec.structs.replace(self._status, looked_ms=now_ms, asked_again_ms=asked_again_ms)
            save_photo_status(tx, self._status)

    def _drawn(self) -> Iterator[EvidenceRow]:
        """Photos that were sent, at random, twenty at most."""
        newest, seen = sent_evidence.newest_number(self._database), set[int]()
        for _ in range(3 * DRAWN if newest else 0):
            number = min(newest, 1 + int(self._plan.uniform(0.0, float(newest))))
            row = None if number in seen else sent_evidence.sent_at(self._database, number)
            seen.add(number)
            if row is not None:
                yield row
            if len(seen) >= DRAWN:
                return

    def _is_forgotten(self, row: EvidenceRow) -> bool:
        ref = self._ref(row)
        answer = None if ref is None else self._question(row, ref)
        if isinstance(answer, Problem):
            return answer.code == ProblemCode.ENTRY_NOT_HELD
        return answer is not None and answer[1].held < answer[1].sealed_size

    # --- how it ends

    def _well(self, wait_ms: int | None) -> PhotoStatus:
        """Nothing is wrong. `wait_ms`: until the next run; None: nothing is left to be sent."""
        now_ms = self._clock.read().wall_ms
        return self._ended(
            code=None, detail="", attempts=0, next_try_ms=None if wait_ms is None else now_ms + wait_ms, waits_ms=wait_ms or 0, asked=False
        )

    def _later(self, end: _Ends) -> PhotoStatus:
        attempts = 1 if self._sent or self._bytes else 1 + self._status.attempts
        wait_ms = int(wait_seconds(attempts, end.asked_s, self._plan.uniform) * 1000)
        return self._ended(
            code=end.code,
            detail=end.detail,
            attempts=attempts,
            next_try_ms=self._clock.read().wall_ms + wait_ms,
            waits_ms=wait_ms,
            asked=end.asked_s is not None,
        )

    def _ended(self, **said: Any) -> PhotoStatus:
        return msgspec.structs.replace(self._status, left=self._budget.left, at_ms=self._budget.at_ms, **said)


def _key(kept: bytes | None, name: str) -> bytes | None:
    """A photo's key: of its own entry, or of the one that this entry files again. None where it was destroyed, or is none."""
    try:
        found = typed.convert(opened(kept), _Kept) if kept is not None else _Kept()
        if name in found.photo_keys:
            return from_text(found.photo_keys[name])
        return _key(from_text(found.openings["kept"]), name) if "kept" in found.openings else None
    except (JournalError, msgspec.MsgspecError):
        return None
