"""Whatever a seeded schedule does to a station, its line and its gateway: what was committed arrives once, in order, and is proven.

COURIER_CHECK_SCHEDULE_SEED=N   repeats the one schedule that a failure names
COURIER_CHECK_SCHEDULES=N       how many there are, by default 100; `make faults`: 1 000
COURIER_CHECK_SCHEDULES_S=N     none begins after so many seconds; a run that leaves any out says how many and has failed
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import get_args

import pytest

from support.beyond_time import NOT_BEGUN
from support.disks import small_disk
from support.lives import nursery
from support.proxy import Kind, Spot, misbehaving_line
from support.runs import Bench, Models, run
from support.schedules import STEPS, Schedule, Step, Synchronise

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not hasattr(os, "fork"), reason="lives are forked")]

DISK_SIZE = "12m"
SEEDS = range(int(os.environ.get("COURIER_CHECK_SCHEDULES", "100")))
if "COURIER_CHECK_SCHEDULE_SEED" in os.environ:
    SEEDS = range(first := int(os.environ["COURIER_CHECK_SCHEDULE_SEED"]), first + 1)
BOUND_S = float(os.environ.get("COURIER_CHECK_SCHEDULES_S", "inf"))


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("schedules")
    with ExitStack() as stack:
        lives, proxy = stack.enter_context(nursery()), stack.enter_context(misbehaving_line())
        try:
            disk = stack.enter_context(small_disk(folder / "disk", DISK_SIZE))
        except pytest.skip.Exception:
            disk = None
        yield Bench(lives, proxy, Models.made(folder / "models", lives, proxy), disk)


@pytest.fixture(scope="module")
def began() -> float:
    if BOUND_S < 0:  # none may begin, so nothing need be made for them
        pytest.skip(NOT_BEGUN)
    return time.monotonic()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_schedule(began: float, bench: Bench, tmp_path: Path, seed: int) -> None:
    if time.monotonic() - began > BOUND_S:
        pytest.skip(NOT_BEGUN)
    run(bench, tmp_path / "run", Schedule.of(seed))


def test_a_seed_is_a_schedule() -> None:
    assert Schedule.of(7) == Schedule.of(7) != Schedule.of(8)
    assert len(Schedule.of(7).steps) == STEPS
    assert len({type(step) for seed in range(100) for step in Schedule.of(seed).steps}) == len(get_args(Step))
    drawn = [fault for seed in range(1_000) for step in Schedule.of(seed).steps if isinstance(step, Synchronise) for fault in step.faults]
    assert {fault.kind for fault in drawn} == set(Kind)
    assert {fault.spot for fault in drawn if fault.kind is Kind.CUT_REQUEST} == set(Spot)
