"""kill -9 of the window in the middle of a journey: what it had said is recorded is there, once, and the next window goes on."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from support.processes import Running
from support.windows import Counter, acts_of

PROGRAM = Path(__file__).parents[2] / "support" / "window_program.py"
KILLS = 4
MOST_STEPS = 5
"""A life ends so many things said after the window stood, at most, and up to A_STEP_S later: however busy the machine, most lives work."""
A_STEP_S = 0.3

pytestmark = pytest.mark.slow


def live_and_die(folder: Path, acks: Path, life: int, moments: random.Random) -> list[str]:
    """A window whose clerk accepts parcel after parcel, killed in the midst of it; what it had said until then."""
    command = [sys.executable, str(PROGRAM), "tireless", str(folder), str(acks), str(life)]
    with Running(command, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(1 + moments.randint(0, MOST_STEPS))]
        killer = threading.Timer(moments.uniform(0, A_STEP_S), process.kill)
        killer.start()
        said += process.stdout.read().splitlines()
        killer.join()
    assert process.returncode == -9, "it ended by itself"
    events = [json.loads(line)["event"] for line in said if line.rstrip().endswith("}")]
    assert events[0] == "ready"
    return events


def test_kill_9_of_the_window_loses_and_doubles_nothing(folder: Path, tmp_path: Path, opened: Callable[[Path], Counter]) -> None:
    moments = random.Random(20261125)  # noqa: S311 - moments, not secrets
    acks = tmp_path / "acks"
    ended_at = {said[-1] for life in range(KILLS) if (said := live_and_die(folder, acks, life, moments))}
    acknowledged = acks.read_text("ascii").splitlines()
    assert len(acknowledged) >= KILLS // 2, ended_at
    recorded = [act.waybill for act in acts_of(folder) if act.kind == "acceptance"]
    assert len(recorded) == len(set(recorded))
    assert set(acknowledged) <= set(recorded)
    assert len(set(recorded) - set(acknowledged)) <= KILLS, "a parcel was recorded that nobody had handed in"
    counter = opened(folder).enter()
    counter.accept("SF1999999999999")
    assert [act.waybill for act in acts_of(folder) if act.kind == "acceptance"] == [*recorded, "SF1999999999999"]
