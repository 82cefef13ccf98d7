"""Fixtures that several packages' tests use, and how hard property tests try."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from courier_check.station import Station
from support.clocks import SetClock
from support.stations import new_station

# No deadlines: no test asserts a speed, and the machine may be busy. `make slow` runs the thorough profile.
settings.register_profile("fast", deadline=None, max_examples=25)
settings.register_profile("thorough", deadline=None, max_examples=60)
settings.load_profile("fast")


FOLLOWED = pytest.StashKey[Counter[str]]()
MOST_FOLLOWED = 2


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Coverage is not measured where a property is tried, nor for the verifier, a file of which no coverage is asked, nor for the third and
    further values of a parameter: following each line of a thousand examples takes as long as all the rest, and shows little that the
    first do not. The figure is a lower bound."""
    told = item.nodeid.partition("[")[0]
    seen = item.session.stash.setdefault(FOLLOWED, Counter())
    seen[told] += 1
    if item.get_closest_marker("hypothesis") is None and "verifier" not in item.path.parts and seen[told] <= MOST_FOLLOWED:
        return (yield)
    following = sys.gettrace()
    sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(following)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def station(tmp_path: Path, clock: SetClock) -> Iterator[Station]:
    """An enrolled practice station in a temporary folder."""
    with new_station(tmp_path / "station", clock=clock) as opened:
        yield opened
