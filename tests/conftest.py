"""Fixtures that several packages' tests use, and how hard property tests try."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from courier_check.station import Station
from support.clocks import SetClock
from support.stations import new_station, station_in

# No deadlines: no test asserts a speed, and the machine may be busy. `make slow` and `make thorough` run the thorough profile.
settings.register_profile("fast", deadline=None, max_examples=10)
settings.register_profile("thorough", deadline=None, max_examples=25)
settings.load_profile("fast")


FOLLOWED = pytest.StashKey[frozenset[str]]()
EVERY = 2


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(session: pytest.Session, items: list[pytest.Item]) -> None:
    """Coverage is measured in every second test, with the first values of its parameters, but not where a property is tried, nor for the
    verifier, a file of which no coverage is asked: following each line of every test takes half as long again as running them, and shows a
    few lines more. The figure is a lower bound."""
    first: dict[str, str] = {}
    for item in items:
        if item.get_closest_marker("hypothesis") is None and "verifier" not in item.path.parts:
            first.setdefault(item.nodeid.partition("[")[0], item.nodeid)
    session.stash[FOLLOWED] = frozenset([*first.values()][::EVERY])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    if item.nodeid in item.session.stash[FOLLOWED]:
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


@pytest.fixture(scope="session")
def enrolled_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an enrolled practice station, to be copied: making one takes ten times as long."""
    folder = tmp_path_factory.mktemp("enrolled") / "station"
    new_station(folder, clock=SetClock(SetClock.wall_ms - 1_000, 0)).close()
    return folder


@pytest.fixture
def station(tmp_path: Path, clock: SetClock, enrolled_folder: Path) -> Iterator[Station]:
    """An enrolled practice station in a temporary folder; its journal has one entry."""
    with station_in(shutil.copytree(enrolled_folder, tmp_path / "station"), clock) as opened:
        yield opened
