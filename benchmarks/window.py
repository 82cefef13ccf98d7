"""window: from process start to first paint, from a key to the next question, from a scan to the verdict; memory, keys, stalls.

Everything is measured in fresh processes of the real window, which draws into memory.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.bench import ROOT, RUNS, Bench
from benchmarks.figures import Goal, Measured, Peer, percentile
from benchmarks.screening import stocked
from benchmarks.stations import Staffed, practice_station
from benchmarks.traces import Painted, first_paint
from courier_check.cli.practice import OUTLET_CARRIERS, make_practice
from courier_check.cli.practice_gateway import ServedPractice
from courier_check.clock import SystemClock
from courier_check.station import Surroundings

STARTS = (9, 3)
STORED = (100_000, 2_000)
SCANS_A_RUN = (30, 5)
PRESSES_A_RUN = (200, 40)
PAINTED_MS, PAINTED_MB = Goal(400), Goal(120)
VERDICT_P95, QUESTION_P95 = Goal(100), Goal(50)
ACTS = "import sys; from benchmarks.windows import main; sys.exit(main(sys.argv[1:]))"
KEYS, STALLS = Goal(16), Goal(0)


def measure(bench: Bench) -> Iterator[Measured]:
    """Starts, then the journey, then questions and verdicts."""
    yield from _starting(bench)
    yield from _journeys(bench)
    with practice_station(bench.folder / "empty") as staffed:
        open_for_business(staffed)
    yield from _answering(bench)
    yield from _verdicts(bench)


# The first paint --------------------------------------------------------------------------------------------------------------------------


def _starting(bench: Bench) -> Iterator[Measured]:
    """The program and an empty widget, in turns. The practice gateway runs already, so that no start is disturbed by the one before."""
    practice = _practice(bench.folder / "practice")
    program = (sys.executable, str(ROOT / "main.py"), "--practice", str(practice))
    empty = (sys.executable, str(ROOT / "benchmarks" / "empty_window.py"))

    def start(command: Sequence[str]) -> Painted:
        return first_paint(command, _environment(bench), bench.folder / "trace.jsonl")

    with ServedPractice(practice):
        for command in (program, empty):
            start(command)  # compiles, and fills the caches
        starts = [(start(program), start(empty)) for _ in range(bench.size(*STARTS))]
    peer = Peer("an empty QWidget", [other.ms for _, other in starts])
    yield Measured(bench.named("first paint"), "ms", [own.ms for own, _ in starts], PAINTED_MS, peer)
    peer = Peer("an empty QWidget", [other.rss_mb or 0.0 for _, other in starts])
    yield Measured(bench.named("resident memory at the first paint"), "MB", [own.rss_mb or 0.0 for own, _ in starts], PAINTED_MB, peer)


def _environment(bench: Bench) -> dict[str, str]:
    """As on a counter's machine: compiled code is kept, though in a place that goes away, and nothing is shown."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return inherited | {"QT_QPA_PLATFORM": "offscreen", "PYTHONPYCACHEPREFIX": str(bench.folder / "compiled")}


def _practice(folder: Path) -> Path:
    """A new practice folder whose gateway answers where nobody else's does."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
    return make_practice(folder, Surroundings(SystemClock()), [port]).folder


# The journey ------------------------------------------------------------------------------------------------------------------------------


def _journeys(bench: Bench) -> Iterator[Measured]:
    """Each on a practice folder of its own: a parcel is accepted once."""
    told = []
    for run in range(bench.size(RUNS, 1)):
        folder = _practice(bench.folder / f"journey-{run}")
        told.append(acted(bench, "accept" if bench.quick else "journey", folder))
        for stall in told[-1]["where"]:
            print(f"stall of {stall}", file=sys.stderr)
        shutil.rmtree(folder)
    yield Measured(bench.named("resident memory, signed in and idle"), "MB", [one["rss_mb"] or 0.0 for one in told])
    yield Measured(bench.named("resident memory of its reading process, idle"), "MB", [one["children_mb"] for one in told])
    yield Measured(bench.named("keys of a walk-in acceptance, beside one scan"), "keys", [one["keys"] for one in told], KEYS)
    yield Measured(bench.named("event-loop stalls over 50 ms in the journey"), "stalls", [one["stalls"] for one in told], STALLS)
    yield Measured(bench.named("longest stall of the event loop in the journey"), "ms", [one["longest_ms"] for one in told])


@dataclass(frozen=True, slots=True)
class Walk:
    """What an acceptance took at the window."""

    keys: int
    scans: int
    decisions: int


def visits(bench: Bench) -> Mapping[str, Walk]:
    """A walk-in acceptance (`new`), the same sender's next parcel (`next`), a known sender's (`known`), one whose label hides name and
    phone (`hidden`), and one for which the phone is typed (`typed`)."""
    told = {**acted(bench, "visit", _practice(bench.folder / "visit")), **acted(bench, "typed", _practice(bench.folder / "typed"))}
    return {name: Walk(**walk) for name, walk in told.items()}


def acted(bench: Bench, act: str, folder: Path, *numbers: int) -> Mapping[str, Any]:
    """What an act of benchmarks.windows tells. Raises CalledProcessError if it failed; why is on stderr."""
    command: Sequence[str] = (sys.executable, "-c", ACTS, act, str(folder), *map(str, numbers))
    done = subprocess.run(command, cwd=ROOT, env=_environment(bench), stdout=subprocess.PIPE, check=True)
    told: Mapping[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


# Questions and verdicts -------------------------------------------------------------------------------------------------------------------


def open_for_business(staffed: Staffed) -> None:
    """The outlet's carriers are known, as its supervisor sets them."""
    staffed.station.desk().outlet.set_carriers(OUTLET_CARRIERS, staffed.supervisor)
    staffed.station.keep_head()


def _answering(bench: Bench) -> Iterator[Measured]:
    presses = bench.size(*PRESSES_A_RUN)
    told = [acted(bench, "keys", bench.folder / "empty", presses) for _ in range(bench.size(RUNS, 1))]
    for share, goal in ((0.5, None), (0.95, QUESTION_P95)):
        yield Measured(
            bench.named(f"key to the next question painted p{share * 100:.0f}, {presses} presses a run"),
            "ms",
            [percentile(one["ms"], share) for one in told],
            goal,
            Peer(f"a bare QLabel shows the same, p{share * 100:.0f}", [percentile(one["label_ms"], share) for one in told]),
        )


def _verdicts(bench: Bench) -> Iterator[Measured]:
    """The scan is the last thing told of the parcel; while it is looked up, a child process reads the label under the camera, as ever."""
    stored, count = bench.size(*STORED), bench.size(*SCANS_A_RUN)
    with stocked(bench.folder / "full", stored) as staffed:
        open_for_business(staffed)
    own, empty = [], []
    for _ in range(bench.size(RUNS, 1)):
        own.append(acted(bench, "scans", bench.folder / "full", count, stored)["ms"])
        empty.append(acted(bench, "scans", bench.folder / "empty", count, 0)["ms"])
    for share, goal in ((0.5, None), (0.95, VERDICT_P95)):
        yield Measured(
            bench.named(f"last scan to verdict painted p{share * 100:.0f}, {stored} records, {stored} list entries, {count} scans a run"),
            "ms",
            [percentile(each, share) for each in own],
            goal,
            Peer(f"the same at an empty station, p{share * 100:.0f}", [percentile(each, share) for each in empty]),
        )
