"""sync: replication to a real gateway process on loopback, in batches and one request a record."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.bench import RUNS, Bench
from benchmarks.figures import Goal, Measured, Peer
from benchmarks.stations import fill, opened, practice_station, serving
from courier_check.clock import SystemClock
from courier_check.store import inbox
from courier_check.sync.client import GatewayClient, Signature
from courier_check.sync.synchroniser import MOST_ENTRIES, Synchroniser, SyncState

ENTRIES = (10_000, 1_500)
SINGLE_ENTRIES = (300, 100)
RATE = Goal(2_000, at_least=True)


def measure(bench: Bench) -> Iterator[Measured]:
    """Every run sends the same journal to a gateway that holds nothing, then a short one of the same kind record by record."""
    entries, single = bench.size(*ENTRIES), bench.size(*SINGLE_ENTRIES)
    for name, size in (("whole", entries), ("short", single)):
        with practice_station(bench.folder / name) as staffed:
            fill(staffed, range(size))
    own, singly = [], []
    for _ in range(RUNS):
        own.append(_rate(bench.folder / "whole", MOST_ENTRIES))
        singly.append(_rate(bench.folder / "short", 1))
    yield Measured(
        bench.named(f"synchronising {entries} entries, {MOST_ENTRIES} a batch"),
        "entries/s",
        own,
        RATE,
        Peer(f"one request a record, {single} entries", singly),
    )


def _rate(made: Path, most_entries: int) -> float:
    """Entries a second from the first look at the journal to the last receipt stored, on a copy of a station and its gateway."""
    folder = made.with_name("run")
    shutil.copytree(made, folder)
    try:
        with serving(folder) as url, opened(folder) as station:
            identity = station.enrolled()
            client = GatewayClient(url, Signature(identity.certificate.subject, identity.keys.signing, SystemClock()))
            uniform = random.Random(0).uniform  # noqa: S311 - spreads retries, and there are none
            synchroniser = Synchroniser(station.database, identity, client, SystemClock(), uniform, most_entries=most_entries)
            began = time.perf_counter()
            outcome = synchroniser.run()
            seconds = time.perf_counter() - began
            client.close()
            standing = inbox.standing(station.database)
        if outcome.status.state is not SyncState.SYNCHRONISED or standing.pending:
            raise RuntimeError(f"not synchronised: {outcome.status}")
        return outcome.acknowledged / seconds
    finally:
        shutil.rmtree(folder)
