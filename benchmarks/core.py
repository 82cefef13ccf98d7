"""core: what a durable signed acceptance costs beside the commit it can't do without, and verification beside the bare signature check."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import closing

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from benchmarks.bench import RUNS, Bench
from benchmarks.figures import Goal, Measured, Peer, percentile
from benchmarks.standalone import measure_verifier
from benchmarks.stations import ENTRIES_A_TRANSACTION, Staffed, fill, practice_station
from courier_check.desk.acceptances import Submission
from courier_check.inspection.verdict import Outcome
from courier_check.journal import tags
from courier_check.store import journal
from courier_check.store.database import Database
from courier_check.store.verification import verify_station

ACCEPTS_A_RUN = (1000, 20)
VERIFIED_ENTRIES = (12_000, 600)
ACCEPT_P99 = Goal(20)
VERIFY_SHARE = Goal(0.6, at_least=True, of_ratio=True)


def measure(bench: Bench) -> Iterator[Measured]:
    """Acceptances one by one through the desk, then verification of the journal they are in, by the program and by the stand-alone file."""
    with practice_station(bench.folder) as staffed:
        accepts = bench.size(*ACCEPTS_A_RUN)
        yield from _accepting(bench, staffed, accepts)
        entries = bench.size(*VERIFIED_ENTRIES)
        numbers = range(accepts * RUNS, entries)
        yield Measured(
            bench.named(f"append, {ENTRIES_A_TRANSACTION} a transaction, {len(numbers)} entries"),
            "entries/s",
            [len(numbers) / fill(staffed, numbers)],
        )
        yield from _verifying(bench, staffed)
        yield from measure_verifier(bench, staffed)


def _accepting(bench: Bench, staffed: Staffed, accepts: int) -> Iterator[Measured]:
    """Times `submit` with the head kept outside, each acceptance followed by one bare commit of the peer on the same disk."""
    own: list[list[float]] = []
    bare: list[list[float]] = []
    with closing(Database.open(bench.folder / "peer.db", secrets.token_bytes(32))) as peer:
        with peer.write() as tx:
            tx.tables.execute("CREATE TABLE rows (number INTEGER PRIMARY KEY)")
        for run in range(RUNS):
            own.append([])
            bare.append([])
            for number in range(run * accepts, (run + 1) * accepts):
                own[-1].append(_accept_ms(staffed, number))
                bare[-1].append(_commit_ms(peer, number))
    for share, goal in ((0.5, None), (0.99, ACCEPT_P99)):
        yield Measured(
            bench.named(f"durable accept p{share * 100:.0f}, {accepts} a run"),
            "ms",
            [percentile(each, share) for each in own],
            goal,
            Peer(f"the commit of one row, p{share * 100:.0f}", [percentile(each, share) for each in bare]),
        )


def _accept_ms(staffed: Staffed, number: int) -> float:
    submission = Submission(staffed.window.complete(number), staffed.clerk, draft_id=f"benchmark-{number}")
    acceptances = staffed.station.desk().acceptances
    began = time.perf_counter()
    recorded = acceptances.submit(submission)
    staffed.station.keep_head()
    ms = (time.perf_counter() - began) * 1000
    if recorded.outcome is not Outcome.ACCEPT:
        raise RuntimeError(f"parcel {number} was not accepted: {[reason.code for reason in recorded.verdict.reasons]}")
    return ms


def _commit_ms(peer: Database, number: int) -> float:
    began = time.perf_counter()
    with peer.write() as tx:
        tx.execute("INSERT INTO rows (number) VALUES (?)", (number,))
    return (time.perf_counter() - began) * 1000


def _verifying(bench: Bench, staffed: Staffed) -> Iterator[Measured]:
    """Each run: the bare check of half the signatures, the whole verification, the bare check of the other half."""
    station = staffed.station
    journal_id = journal.current_journal(station.database) or ""
    signed = [(stored.signature, tags.HEADER_SIGNATURE + stored.header_bytes) for stored in journal.entries(station.database, journal_id)]
    half = len(signed) // 2
    own: list[float] = []
    bare: list[float] = []
    for _ in range(RUNS):
        seconds = _bare_s(staffed, signed[:half])
        began = time.perf_counter()
        verification = verify_station(station.database, station.enrolled(), station.evidence)
        own.append(verification.checked / (time.perf_counter() - began))
        bare.append(len(signed) / (seconds + _bare_s(staffed, signed[half:])))
        if not verification.ok:
            raise RuntimeError(f"the journal does not verify: {verification.failures[:3]}")
    name = bench.named(f"journal verification, {len(signed)} entries")
    yield Measured(name, "entries/s", own, VERIFY_SHARE, Peer("bare Ed25519 check of the same headers", bare))


def _bare_s(staffed: Staffed, signed: Sequence[tuple[bytes, bytes]]) -> float:
    key = Ed25519PublicKey.from_public_bytes(staffed.station.enrolled().keys.signing.public)
    began = time.perf_counter()
    for signature, message in signed:
        key.verify(signature, message)
    return time.perf_counter() - began
