"""Fixtures that several packages' tests use, and how hard property tests try."""

from __future__ import annotations

import gc
import os
import shutil
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings

from courier_check.station import Station
from support.clocks import SetClock
from support.gateways import Front, Practice, misbehaving_front, practice_gateway
from support.stations import new_station, station_in

# No deadlines: no test asserts a speed, and the machine may be busy. Where a change is judged (`make test`, `make slow`) the same is drawn
# each time, so that no change pays for what it did not cause; `make thorough` and `make faults` draw anew each time.
settings.register_profile("fast", deadline=None, max_examples=10, derandomize=True)
settings.register_profile("thorough", deadline=None, max_examples=25, derandomize=True)
settings.register_profile("anew", deadline=None, max_examples=25)
settings.load_profile("fast")


FOLLOWED = pytest.StashKey[frozenset[str]]()
EVERY = 4


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(session: pytest.Session, items: list[pytest.Item]) -> None:
    """Coverage is measured in the first test of each file and every fourth after it, with the first values of its parameters, but not where
    a property is tried, nor for the verifier, a file of which no coverage is asked: following each line of every test takes half as long
    again as running them, and shows a few lines more. The figure is a lower bound."""
    first: dict[Path, dict[str, str]] = {}
    for item in items:
        if item.get_closest_marker("hypothesis") is None and "verifier" not in item.path.parts:
            first.setdefault(item.path, {}).setdefault(item.nodeid.partition("[")[0], item.nodeid)
    session.stash[FOLLOWED] = frozenset(nodeid for of_file in first.values() for nodeid in [*of_file.values()][::EVERY])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    try:
        if item.nodeid in item.session.stash[FOLLOWED]:
            return (yield)
        with _not_followed():
            return (yield)
    finally:
        _collect_here()


def _collect_here() -> None:
    """Windows that tests leave behind are garbage. A thread of a gateway that happened to collect it would destroy them on the wrong
    thread, and minutes later the process would end in the middle of another test: where Qt is loaded, only this thread collects."""
    if "PySide6.QtCore" in sys.modules:
        from ui.garbage import collect_due

        gc.disable()
        collect_due()


@contextmanager
def _not_followed() -> Iterator[None]:
    following = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(following)


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """The first process that collects has to make the byte code of everything, which takes three times as long as reading it: the others
    wait for it instead of making the same. Coverage follows the first alone, since all import the same. Almost nothing of what comes to be
    here goes before the end: it is kept out of every search for garbage."""
    gc.disable()
    try:
        with _first_of_run(session.config) as first:
            if first:
                return (yield)
        with _not_followed():
            return (yield)
    finally:
        gc.enable()
        gc.freeze()
        _collect_here()


@contextmanager
def _first_of_run(config: pytest.Config) -> Iterator[bool]:
    """Whether no other process of this run has collected yet. While the first one does, the others wait here."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        yield True
        return
    done = Path(config.getoption("basetemp")).parent / "collected"
    with FileLock(f"{done}.lock"):
        first = not done.exists()
        if first:
            yield True
            done.touch()
    if not first:
        yield False


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def practice(tmp_path: Path, clock: SetClock) -> Iterator[Practice]:
    """A gateway that stations enrol at over the line, in the folder `gateway`."""
    with practice_gateway(tmp_path / "gateway", clock) as running:
        yield running


@pytest.fixture
def front(practice: Practice) -> Iterator[Front]:
    """What may stand between a station and that gateway."""
    with misbehaving_front(practice.url) as running:
        yield running


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
