"""The window's own synchroniser: the first entry after a while goes out at once, a burst together, and whoever asks does not wait."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings
from courier_check.store import inbox
from support.clocks import SetClock
from support.gateways import Front, Practice
from support.stations import CHEAP, acceptance, append, station_in
from ui.syncing import Syncing

LONG_S = 600.0
"""Longer than any test."""
PATIENCE_S = 30.0
BURST = 5


class Working:
    """A worker on a station's folder, told of each act as the window tells it; every run of it is waited for."""

    def __init__(self, station: Station, front: Front, rest_s: float) -> None:
        self._station, self._front = station, front
        self._ran = threading.Semaphore(0)
        self.syncing = Syncing(lambda: station_in(station.folder.path, station.clock), rest_s)
        self.syncing.ran.connect(lambda: self._ran.release(), Qt.ConnectionType.DirectConnection)  # no loop of events here

    def record(self, number: int) -> None:
        append(self._station, acceptance(f"SF{number:013}"))
        self.syncing.soon()

    def wait(self) -> None:
        """For a run that has not been waited for yet, and for its batches."""
        assert self._ran.acquire(timeout=PATIENCE_S)

    def runs_on(self, within_s: float) -> bool:
        return self._ran.acquire(timeout=within_s)

    @property
    def batches(self) -> int:
        return sum(path.endswith("/batches") for path in self._front.seen)

    @property
    def pending(self) -> int:
        return inbox.standing(self._station.database).pending


@pytest.fixture
def start(tmp_path: Path, clock: SetClock, practice: Practice, front: Front) -> Iterator[Callable[[float], Working]]:
    """Starts a worker with a rest of so many seconds, and waits for its first run."""
    started: list[Working] = []
    with Station.init(tmp_path / "station", PRACTICE_PASSPHRASE, Surroundings(clock, hasher=CHEAP), practice=True) as station:
        station.enrol(practice.code(), front.url)

        def start(rest_s: float) -> Working:
            working = Working(station, front, rest_s)
            started.append(working)
            working.wait()
            return working

        yield start
        assert all(each.syncing.close(PATIENCE_S) for each in started)


def test_what_is_recorded_in_a_burst_goes_out_together(start: Callable[[float], Working]) -> None:
    working = start(LONG_S)
    before = working.batches
    for number in range(BURST):
        working.record(number)
    assert (working.runs_on(0.3), working.batches, working.pending) == (False, before, BURST)  # it rests after the run at the start
    working.syncing.now()
    working.wait()
    assert (working.batches, working.pending) == (before + 1, 0)


def test_after_a_rest_an_entry_goes_out_at_once(start: Callable[[float], Working]) -> None:
    working = start(0.0)
    for number in range(3):
        working.record(number)
        working.wait()
        assert working.pending == 0


def test_closing_does_not_wait_for_the_rest(start: Callable[[float], Working]) -> None:
    assert start(LONG_S).syncing.close(PATIENCE_S)
