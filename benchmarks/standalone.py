"""The stand-alone verifier as a process on a gateway's export, beside the bare check of the signatures in it."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from benchmarks.bench import RUNS, Bench
from benchmarks.figures import Goal, Measured, Peer
from benchmarks.stations import Staffed
from courier_check.clock import SystemClock
from courier_check.gateway.bundles import opened_bundle, write_export
from courier_check.gateway.setup import Gateway
from courier_check.journal import tags
from courier_check.journal.keys import from_text
from courier_check.store.resources import resource_path
from courier_check.sync.bundles import Bundles
from courier_check.wire.archives import VERIFIER

SHARE = Goal(0.6, at_least=True, of_ratio=True)


def measure_verifier(bench: Bench, staffed: Staffed) -> Iterator[Measured]:
    """Each run: the bare check of half the signatures, the verifier from start to end of its process, the bare check of the other half."""
    path = _exported(bench, staffed)
    signed, key = _signed(path), Ed25519PublicKey.from_public_bytes(staffed.station.enrolled().keys.signing.public)
    half = len(signed) // 2
    own: list[float] = []
    bare: list[float] = []
    for _ in range(RUNS):
        seconds = _bare_s(key, signed[:half])
        began = time.perf_counter()
        entries = _verified(path)
        own.append(entries / (time.perf_counter() - began))
        bare.append(len(signed) / (seconds + _bare_s(key, signed[half:])))
    name = bench.named(f"stand-alone verifier, {len(signed)} entries")
    yield Measured(name, "entries/s", own, SHARE, Peer("bare Ed25519 check of the same headers", bare))


def _exported(bench: Bench, staffed: Staffed) -> Path:
    """The station's journal, carried to its gateway on a stick and written by it with receipts."""
    stick, path = bench.folder / "stick.zip", bench.folder / "export.zip"
    station = staffed.station
    made = Bundles(station.database, station.enrolled(), station.clock, "benchmark", {})
    with stick.open("xb") as target:
        made.bundle(target, made.pending())
    with Gateway.open(bench.folder / "gateway", SystemClock(), secrets.token_bytes) as gateway:
        with stick.open("rb") as source, opened_bundle(gateway, source) as bundle:
            if any(taken.receipt is None for taken in bundle.take()):
                raise RuntimeError("the gateway did not take every batch")
        with path.open("xb") as target:
            write_export(gateway, None, target, {})
    return path


def _signed(path: Path) -> list[tuple[bytes, bytes]]:
    """Signature and message of every entry."""
    with zipfile.ZipFile(path) as held:
        batches = [json.loads(held.read(name)) for name in held.namelist() if name.startswith("batches/")]
    entries = [entry for batch in batches for entry in batch["entries"]]
    return [(from_text(entry["signature"]), tags.HEADER_SIGNATURE + entry["header"].encode()) for entry in entries]


def _verified(path: Path) -> int:
    command = [sys.executable, str(resource_path(VERIFIER)), "--json", str(path)]
    told = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return int(told["counts"]["entries"])


def _bare_s(key: Ed25519PublicKey, signed: Sequence[tuple[bytes, bytes]]) -> float:
    began = time.perf_counter()
    for signature, message in signed:
        key.verify(signature, message)
    return time.perf_counter() - began
