"""sync: replication to a real gateway process, in batches and one request a record, over lines of several kinds; and what an acceptance
costs while it goes on."""

from __future__ import annotations

import random
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path

import msgspec

from benchmarks.bench import ROOT, RUNS, Bench
from benchmarks.figures import Goal, Measured, Peer, percentile
from benchmarks.line import line, wire_bytes
from benchmarks.parcels import Window
from benchmarks.stations import fill, fill_much, opened, practice_station, serving
from courier_check.clock import SystemClock
from courier_check.desk.acceptances import Submission
from courier_check.desk.rights import SignedIn
from courier_check.inspection.verdict import Outcome
from courier_check.station import PRACTICE_CLERK, PRACTICE_PASSWORD, Station
from courier_check.store import inbox
from courier_check.store.identity import load_identity, save_enrolment
from courier_check.sync.client import PATIENT, GatewayClient, Signature, Timeouts
from courier_check.sync.outgoing import MOST_ENTRIES
from courier_check.sync.synchroniser import Synchroniser, SyncState

ENTRIES = (10_000, 1_500)
SINGLE_ENTRIES = (300, 100)
FAR_SINGLE_ENTRIES = (60, 20)
RTT_MS = 60
BACKLOG = (6_000, 300)
NARROW_BITS = 2_000_000
FEW_PENDING, MANY_PENDING = (10_000, 2_000), (500_000, 6_000)
ACCEPTS = (300, 20)
RATE, FAR_RATE, FAR_RATIO = Goal(3_000, at_least=True), Goal(2_000, at_least=True), Goal(100, at_least=True, of_ratio=True)
BYTES, BACKLOG_S, FLAT, P50, P99 = Goal(1_000), Goal(25), Goal(1.2, of_ratio=True), Goal(1.25, of_ratio=True), Goal(20)
IMPATIENT = Timeouts(1.0, 2.0, 4.0)
_MEMORY = "import sys; sys.path.insert(0, sys.argv[1]); from benchmarks.sync import tell_memory; tell_memory(sys.argv[2], sys.argv[3])"


def measure(bench: Bench) -> Iterator[Measured]:
    """Every run sends the same journal to a gateway that holds nothing, then a short one of the same kind record by record."""
    entries, single, far, backlog = (bench.size(*each) for each in (ENTRIES, SINGLE_ENTRIES, FAR_SINGLE_ENTRIES, BACKLOG))
    for name, size in (("whole", entries), ("short", single), ("far", far), ("backlog", backlog)):
        with practice_station(bench.folder / name) as staffed:
            fill(staffed, range(size))
    yield from _rates(bench, entries, single)
    yield from _far(bench, entries, far)
    yield from _narrow(bench, backlog)
    yield from _memory(bench)
    yield from _accepting(bench)


def _rates(bench: Bench, entries: int, single: int) -> Iterator[Measured]:
    own, singly = [], []
    for _ in range(RUNS):
        own.append(_sent(bench.folder / "whole", MOST_ENTRIES).rate)
        singly.append(_sent(bench.folder / "short", 1).rate)
    yield Measured(
        bench.named(f"synchronising {entries} entries, {MOST_ENTRIES} a batch"),
        "entries/s",
        own,
        RATE,
        Peer(f"one request a record, {single} entries", singly),
    )


def _far(bench: Bench, entries: int, single: int) -> Iterator[Measured]:
    own, singly = [], []
    for _ in range(bench.size(RUNS, 1)):
        own.append(_sent(bench.folder / "whole", MOST_ENTRIES, rtt_ms=RTT_MS))
        singly.append(_sent(bench.folder / "far", 1, rtt_ms=RTT_MS).rate)
    name = bench.named(f"synchronising {entries} entries, {RTT_MS} ms round trip")
    peer = Peer(f"one request a record over it, {single} entries", singly)
    yield Measured(name, "entries/s", [each.rate for each in own], FAR_RATE, peer)
    yield Measured(
        bench.named(f"synchronising {entries} entries, {RTT_MS} ms round trip, by its peer"),
        "entries/s",
        [each.rate for each in own],
        FAR_RATIO,
        peer,
    )
    yield Measured(bench.named(f"on the wire an entry, of {entries} acceptances, over it"), "bytes", [each.bytes_each for each in own])


def _narrow(bench: Bench, backlog: int) -> Iterator[Measured]:
    sent = [_sent(bench.folder / "backlog", MOST_ENTRIES, rtt_ms=RTT_MS, bits=NARROW_BITS) for _ in range(bench.size(RUNS, 1))]
    yield Measured(bench.named(f"a backlog of {backlog} acceptances over 2 Mbit/s"), "s", [each.seconds for each in sent], BACKLOG_S)
    yield Measured(
        bench.named(f"on the wire an entry, of {backlog} acceptances over 2 Mbit/s"), "bytes", [each.bytes_each for each in sent], BYTES
    )


class Sent(msgspec.Struct, frozen=True):
    """One replication: entries, seconds, and bytes both ways where they went over a line."""

    entries: int
    seconds: float
    wire: int = 0

    @property
    def rate(self) -> float:
        return self.entries / self.seconds

    @property
    def bytes_each(self) -> float:
        return self.wire / self.entries


def _sent(made: Path, most_entries: int, rtt_ms: int = 0, bits: int = 0) -> Sent:
    """From the first look at the journal to the last receipt stored, on a copy of a station and its gateway."""
    folder = made.with_name("run")
    shutil.copytree(made, folder)
    try:
        with serving(folder) as url, opened(folder) as station, ExitStack() as stack:
            near, process = stack.enter_context(line(url, rtt_ms, bits)) if rtt_ms or bits else (url, None)
            synchroniser, client = _synchroniser(station, near, most_entries=most_entries)
            began = time.perf_counter()
            outcome = synchroniser.run()
            seconds = time.perf_counter() - began
            client.close()
            standing = inbox.standing(station.database)
            wire = sum(wire_bytes(process)) if process is not None else 0
        if outcome.status.state is not SyncState.SYNCHRONISED or standing.pending:
            raise RuntimeError(f"not synchronised: {outcome.status}")
        return Sent(outcome.acknowledged, seconds, wire)
    finally:
        shutil.rmtree(folder)


def _synchroniser(
    station: Station, url: str, *, most_entries: int = MOST_ENTRIES, timeouts: Timeouts | None = None
) -> tuple[Synchroniser, GatewayClient]:
    identity = station.enrolled()
    signature = Signature(identity.certificate.subject, identity.keys.signing, SystemClock())
    client = GatewayClient(url, signature, timeouts or PATIENT, station.database.give_way)
    uniform = random.Random(0).uniform  # noqa: S311 - spreads retries, and there are none
    return Synchroniser(station.database, identity, client, station.writer(), uniform, most_entries=most_entries), client


# Memory -----------------------------------------------------------------------------------------------------------------------------------


def _memory(bench: Bench) -> Iterator[Measured]:
    """The peak of a process that does nothing but synchronise, with few and with many entries pending."""
    few, many = bench.size(*FEW_PENDING), bench.size(*MANY_PENDING)
    peaks: dict[int, float] = {}
    for size in (few, many):
        made = bench.folder / f"pending-{size}"
        with practice_station(made) as staffed:
            fill_much(staffed, size)
        with serving(made) as url:
            command = [sys.executable, "-c", _MEMORY, str(ROOT), str(made), url]
            told = subprocess.run(command, capture_output=True, check=True, cwd=ROOT)
            peaks[size] = float(told.stdout)
        shutil.rmtree(made)
    yield Measured(
        bench.named(f"peak memory of a synchroniser, {many} pending"), "MB", [peaks[many]], FLAT, Peer(f"{few} pending", [peaks[few]])
    )


def tell_memory(folder: str, url: str) -> None:
    """In a process of its own: synchronise, and print the megabytes it took at most. Not on Windows."""
    import resource

    with opened(Path(folder)) as station:
        synchroniser, client = _synchroniser(station, url)
        outcome = synchroniser.run()
        client.close()
    if outcome.status.state is not SyncState.SYNCHRONISED:
        raise RuntimeError(f"not synchronised: {outcome.status}")
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


# Acceptances meanwhile --------------------------------------------------------------------------------------------------------------------


def _accepting(bench: Bench) -> Iterator[Measured]:
    """Acceptances one behind the other, beside the window's synchroniser and beside one that never rests, which takes turns with them as
    threads of the window do. The gateway is fast, slow, silent and absent. Goals apply to what the window does."""
    accepts = bench.size(*ACCEPTS)
    conditions = [(gateway, worker) for gateway in ("fast", "slow", "silent", "absent") for worker in (_as_in_the_window, _never_resting)]
    taken: dict[object, list[list[float]]] = {each: [] for each in (None, *conditions)}
    with practice_station(bench.folder / "counter"):
        pass
    with (
        serving(bench.folder / "counter") as url,
        line(url, 2_000) as (slow, _),
        _silent() as silent,
        opened(bench.folder / "counter") as own,
        _turns_of_the_window(),
    ):
        urls = {"fast": url, "slow": slow, "silent": silent, "absent": "http://127.0.0.1:9"}
        clerk = own.desk().operators.sign_in(PRACTICE_CLERK, PRACTICE_PASSWORD)
        number = 0
        for run in range(bench.size(RUNS, 1)):
            for each in (None, *conditions) if run % 2 else (*reversed(conditions), None):
                with nullcontext(_untold) if each is None else each[1](bench.folder / "counter", urls[each[0]]) as recorded:
                    taken[each].append([_accept_ms(own, clerk, number + parcel, recorded) for parcel in range(accepts)])
                number += accepts
                if each is not None and each[0] == "fast" and inbox.standing(own.database).pending > accepts:
                    raise RuntimeError("next to nothing was sent meanwhile")
    alone = {share: [percentile(each, share) for each in taken[None]] for share in (0.5, 0.99)}
    yield Measured(bench.named(f"durable accept p99, no synchroniser, {accepts} a run"), "ms", alone[0.99])
    for gateway, worker in conditions:
        p50, p99 = ([percentile(each, share) for each in taken[gateway, worker]] for share in (0.5, 0.99))
        of_the_window = worker is _as_in_the_window
        said = bench.named(f"durable accept p50, gateway {gateway}, {accepts} a run{'' if of_the_window else ', never resting'}")
        yield Measured(said, "ms", p50, P50 if of_the_window else None, Peer("no synchroniser, p50", alone[0.5]))
        yield Measured(said.replace("p50", "p99"), "ms", p99, P99 if of_the_window else None)


def _accept_ms(station: Station, clerk: SignedIn, number: int, recorded: Callable[[], None]) -> float:
    acceptances = station.desk().acceptances
    submission = Submission(Window.at(acceptances).complete(number), clerk, draft_id=f"beside-{number}")
    began = time.perf_counter()
    outcome = acceptances.submit(submission)
    station.keep_head()
    ms = (time.perf_counter() - began) * 1000
    recorded()
    if outcome.outcome is not Outcome.ACCEPT:
        raise RuntimeError(f"parcel {number} was not accepted: {[reason.code for reason in outcome.verdict.reasons]}")
    return ms


@contextmanager
def _turns_of_the_window() -> Iterator[None]:
    from ui.app import TURN_S

    usual = sys.getswitchinterval()
    sys.setswitchinterval(TURN_S)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


@contextmanager
def _as_in_the_window(folder: Path, url: str) -> Iterator[Callable[[], None]]:
    """The window's own worker, told of each act as the window tells it."""
    from PySide6.QtCore import Qt  # here, since the memory of a synchroniser is measured in a process that knows no window

    from ui.syncing import Syncing

    def prepare() -> Station:
        station = opened(folder, IMPATIENT)
        with station.database.write() as tx:
            save_enrolment(tx, msgspec.structs.replace(station.enrolled().enrolment, url=url))
            station.identity = load_identity(tx)
        return station

    met: list[object] = []
    syncing = Syncing(prepare)
    syncing.failed.connect(met.append, Qt.ConnectionType.DirectConnection)
    syncing.now()
    time.sleep(0.5)
    try:
        yield syncing.soon
    finally:
        ended = syncing.close(10)
    if met or not ended:  # a synchroniser that fell over made nothing slower
        raise RuntimeError(f"the window's synchroniser: {met or 'did not end'}")


def _untold() -> None:
    pass


@contextmanager
def _never_resting(folder: Path, url: str) -> Iterator[Callable[[], None]]:
    """Somebody who synchronises all the time, as fast as answers come."""
    ended = threading.Event()

    def work() -> None:
        with opened(folder) as station:
            synchroniser, client = _synchroniser(station, url, timeouts=IMPATIENT)
            while not ended.is_set():
                synchroniser.run()
                ended.wait(0.01)
            client.close()

    with ThreadPoolExecutor(1) as worker:
        future = worker.submit(work)
        time.sleep(0.5)
        try:
            yield _untold
        finally:
            ended.set()
        future.result()


@contextmanager
def _silent() -> Iterator[str]:
    """A gateway that takes connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
