"""The window's own synchroniser: the first entry after a while goes out at once, a burst together, and whoever asks does not wait."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from courier_check.errors import CourierCheckError, StoreError
from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings
from courier_check.store import inbox
from courier_check.store.codes import StoreCode
from courier_check.store.database import Database
from courier_check.store.identity import StationIdentity
from courier_check.sync.synchroniser import Outcome
from support.clocks import SetClock
from support.gateways import Front, Practice
from support.stations import CHEAP, acceptance, append, station_in
from ui.background import BackgroundCode
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


# What is in the way -----------------------------------------------------------------------------------------------------------------------


@dataclass
class Troubled:
    """What comes instead of the next runs, and instead of the next openings; then all goes as it does. Counts what was tried."""

    folder: Path
    clock: SetClock
    runs_to: list[Exception] = field(default_factory=list)
    opens_to: list[Exception] = field(default_factory=list)
    tried: int = 0
    opened: int = 0

    def open(self) -> TroubledStation:
        self.opened += 1
        if self.opens_to:
            raise self.opens_to.pop(0)
        return TroubledStation(self, station_in(self.folder, self.clock))


@dataclass
class TroubledStation:
    """As much of a station as a synchroniser needs."""

    trouble: Troubled
    station: Station

    @property
    def identity(self) -> StationIdentity | None:
        return self.station.identity

    @property
    def database(self) -> Database:
        return self.station.database

    @property
    def clock(self) -> SetClock:
        return self.trouble.clock

    def synchronise(self) -> Outcome:
        self.trouble.tried += 1
        if self.trouble.runs_to:
            raise self.trouble.runs_to.pop(0)
        return self.station.synchronise()

    def close(self) -> None:
        self.station.close()


class Told:
    """A synchroniser on a troubled station, and what it tells, in turn: None for a run that went well."""

    def __init__(self, trouble: Troubled, pause_s: float) -> None:
        self._came: queue.SimpleQueue[tuple[CourierCheckError | None, CourierCheckError | None]] = queue.SimpleQueue()
        heard = threading.Event()  # nothing is told before somebody listens
        self.syncing = Syncing(lambda: heard.wait(PATIENCE_S) and trouble.open(), 0.0, pause_s)  # type: ignore[arg-type,return-value]
        self.syncing.ran.connect(lambda: self._take(None), Qt.ConnectionType.DirectConnection)
        self.syncing.failed.connect(self._take, Qt.ConnectionType.DirectConnection)
        heard.set()

    def _take(self, error: CourierCheckError | None) -> None:
        self._came.put((error, self.syncing.hindrance))

    def wait(self) -> CourierCheckError | None:
        """What is told next, which was in the way then."""
        told, stood = self._came.get(timeout=PATIENCE_S)
        assert stood is told
        return told

    def code(self) -> str:
        error = self.wait()
        return "" if error is None else error.code.value

    def tells_nothing(self, for_s: float) -> bool:
        try:
            self._came.get(timeout=for_s)
        except queue.Empty:
            return True
        return False

    def close(self) -> None:
        assert self.syncing.close(PATIENCE_S)


@pytest.fixture
def trouble(tmp_path: Path, clock: SetClock, practice: Practice) -> Iterator[Troubled]:
    """On an enrolled station that has something to send."""
    with Station.init(tmp_path / "station", PRACTICE_PASSPHRASE, Surroundings(clock, hasher=CHEAP), practice=True) as station:
        station.enrol(practice.code(), practice.url)
        append(station, acceptance("SF1000000000001"))
        yield Troubled(station.folder.path, clock)


def test_a_bug_of_ours_is_told_until_a_run_goes_well(trouble: Troubled, caplog: pytest.LogCaptureFixture) -> None:
    trouble.runs_to = [ZeroDivisionError(), StoreError(StoreCode.DISK_FULL)]
    with caplog.at_level(logging.ERROR, "courier_check.window"), closing(Told(trouble, LONG_S)) as told:
        assert told.code() == BackgroundCode.INTERNAL.value
        told.syncing.now()
        assert told.code() == StoreCode.DISK_FULL.value
        told.syncing.now()
        assert told.wait() is None
    assert [record.exc_info is not None for record in caplog.records] == [True]
    assert trouble.opened == 3  # what failed is not gone on with: who knows what state it is in


def test_what_fails_here_is_tried_again_without_being_asked(trouble: Troubled) -> None:
    trouble.runs_to = [StoreError(StoreCode.DATABASE_DAMAGED) for _ in range(3)]
    with closing(Told(trouble, 0.01)) as told:
        assert [told.code() for _ in range(4)] == [StoreCode.DATABASE_DAMAGED.value] * 3 + [""]


def test_a_station_that_can_not_be_opened_is_opened_later(trouble: Troubled) -> None:
    trouble.opens_to = [StoreError(StoreCode.FOLDER_UNWRITABLE)]
    with closing(Told(trouble, 0.01)) as told:
        assert [told.code() for _ in range(2)] == [StoreCode.FOLDER_UNWRITABLE.value, ""]


@pytest.mark.parametrize("where", ["runs_to", "opens_to"])
def test_a_fault_here_is_not_tried_at_every_entry(trouble: Troubled, where: str) -> None:
    """Neither the machine nor the gateway is to be kept busy with what does not go by itself."""
    setattr(trouble, where, [StoreError(StoreCode.DISK_FULL) for _ in range(100)])
    with closing(Told(trouble, LONG_S)) as told:
        assert told.code() == StoreCode.DISK_FULL.value
        told.syncing.now()  # asked for: that one is made at once, and no other
        assert told.code() == StoreCode.DISK_FULL.value
        told.syncing.soon()
        assert told.tells_nothing(0.3)


def test_another_synchroniser_is_told_as_such_until_it_has_done_the_work(trouble: Troubled) -> None:
    with closing(station_in(trouble.folder, trouble.clock)) as other:
        with other.folder.only_synchroniser():
            told = Told(trouble, LONG_S)
            assert told.code() == StoreCode.SYNC_RUNNING.value
        other.synchronise()
    with closing(told):
        told.syncing.soon()
        while told.wait() is not None:
            pass  # it had looked once more before the other one was done
    assert trouble.opened == 1  # it is no fault
