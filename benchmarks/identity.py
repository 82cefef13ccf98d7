"""identity: what a one-shot command costs as a process, that it loads nothing it does not need, and how well documents are read."""

from __future__ import annotations

import os
import re
import resource  # not on Windows, where children's times can't be asked for
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks import pictures
from benchmarks.bench import ROOT, Bench
from benchmarks.figures import Goal, Measured, Peer
from benchmarks.parcels import resident_number

PROCESSES = (15, 10)
PROCESS_TIME = Goal(300)
NEVER_LOADED = ("cv2", "rapidocr", "requests")


@dataclass(frozen=True, slots=True)
class Ended:
    """A child process that ended well: user and system time, and time on the wall."""

    cpu_ms: float
    wall_ms: float
    stderr: str


def measure(bench: Bench) -> Iterator[Measured]:
    """`main.py check-number`, process after process, each followed by an interpreter that does nothing."""
    command = [str(ROOT / "main.py"), "check-number", resident_number(7), "--json"]
    environment = _environment(bench)
    loaded = _loaded(_ended(["-X", "importtime", *command], environment).stderr)  # the first start, which compiles; not measured
    _ended(["-c", "pass"], environment)
    own, bare = [], []
    for _ in range(bench.size(*PROCESSES)):
        own.append(_ended(command, environment))
        bare.append(_ended(["-c", "pass"], environment))
    peer = "python -c pass"
    yield Measured(
        bench.named("check-number, process time"),
        "ms",
        [each.cpu_ms for each in own],
        PROCESS_TIME,
        Peer(peer, [each.cpu_ms for each in bare]),
    )
    yield Measured(
        bench.named("check-number, wall time"), "ms", [each.wall_ms for each in own], peer=Peer(peer, [each.wall_ms for each in bare])
    )
    count = sum(1 for name in NEVER_LOADED if name in loaded)
    yield Measured(bench.named(f"check-number, modules loaded of {' '.join(NEVER_LOADED)}"), "modules", [count], Goal(0))
    yield from pictures.measure(bench)


def _environment(bench: Bench) -> dict[str, str]:
    """As an installed program runs: compiled modules are kept between starts, here those of this very run."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**kept, "PYTHONPYCACHEPREFIX": str(bench.folder / "pycache")}


def _ended(arguments: Sequence[str], environment: dict[str, str]) -> Ended:
    """Run the interpreter to its end. Raises CalledProcessError if it fails."""
    before, began = _children_s(), time.perf_counter()
    done = subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, text=True, encoding="utf-8", check=True)
    wall_s = time.perf_counter() - began
    return Ended((_children_s() - before) * 1000, wall_s * 1000, done.stderr)


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _loaded(importtime: str) -> frozenset[str]:
    """Top-level names of the modules in the output of -X importtime."""
    return frozenset(re.findall(r"^import time:.*\|\s+([A-Za-z0-9_]+)", importtime, re.MULTILINE))
