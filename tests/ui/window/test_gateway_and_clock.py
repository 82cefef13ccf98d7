"""A gateway that dies and comes back, and a clock that is set back, under the open window."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from courier_check.clock import Reading, SystemClock
from courier_check.errors import StoreError
from courier_check.gateway.app import create_app
from courier_check.gateway.serving import running
from courier_check.gateway.setup import Gateway
from courier_check.store.codes import StoreCode
from courier_check.store.folder import DataFolder
from support.beside import NobodyBeside, unused_port
from support.gateways import practice_gateway
from support.pages import seen
from support.windows import Counter, acts_of, counter_station, opened_again
from ui.opening import Place
from ui.window import Plan

pytestmark = pytest.mark.slow
"""Real gateways that die and come back, clocks that are set."""

FIRST, SECOND, THIRD = "SF1000000000014", "SF1000000000022", "SF1000000000030"
DAY_MS = 86_400_000


class Answering:
    """A gateway that can be ended and started again at the same address."""

    def __init__(self, gateway: Gateway, port: int) -> None:
        self._gateway, self._port = gateway, port
        self._running = contextlib.ExitStack()

    def begin(self) -> str:
        return self._running.enter_context(running(create_app(self._gateway), self._port))

    def end(self) -> None:
        self._running.close()


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[tuple[Answering, str]]:
    """With a code for one station."""
    with practice_gateway(tmp_path / "gateway", SystemClock()) as made:
        answering = Answering(made.gateway, unused_port())
        yield answering, made.code()
        answering.end()


def connection(counter: Counter) -> str:
    """What the status bar says of the line to the gateway."""
    return counter.window._frame.status._connection.whole()


def pending(counter: Counter) -> int:
    overview = counter.window.overview
    return overview.pending if overview is not None else -1


def test_a_gateway_that_dies_is_told_and_missed_by_nobody(
    gateway: tuple[Answering, str], opened: Callable[[Path], Counter], tmp_path: Path
) -> None:
    answering, code = gateway
    counter_station(tmp_path / "station", url=answering.begin(), code=code)
    counter = opened(tmp_path / "station").enter()
    counter.hand.until(lambda: "在线" in connection(counter) and pending(counter) == 0, "it never came online")
    counter.hand.press("F11")
    answering.end()
    counter.hand.press("Ctrl+R")
    counter.hand.until(lambda: connection(counter).startswith("离线"), "the status bar still says online")
    assert "重试" in connection(counter), connection(counter)
    page = counter.window.widget("sync")
    counter.hand.until(lambda: "离线" in seen(page), "the sync page does not say it")
    assert counter.window.page == "sync"

    counter.hand.press("Esc")
    counter.accept(FIRST)
    counter.hand.until(lambda: pending(counter) > 0, "what waits is not counted")
    counter.hand.press("F11")
    answering.begin()
    counter.hand.press("Ctrl+R")
    counter.hand.until(lambda: "在线" in connection(counter) and pending(counter) == 0, "it never came back")
    assert counter.window.overview is not None
    assert counter.window.overview.acknowledged > 0
    counter.end()
    assert [act.waybill for act in acts_of(tmp_path / "station")] == [FIRST]


def test_what_is_in_the_way_on_this_side_is_told_until_a_run_goes_well(
    gateway: tuple[Answering, str], opened: Callable[[Path], Counter], tmp_path: Path
) -> None:
    answering, code = gateway
    folder = tmp_path / "station"
    counter_station(folder, url=answering.begin(), code=code)
    counter = opened(folder).enter()
    counter.hand.until(lambda: "在线" in connection(counter) and pending(counter) == 0, "it never came online")
    with DataFolder.open(folder).only_synchroniser():
        counter.accept(FIRST)
        counter.hand.until(lambda: connection(counter).endswith("另一个同步程序在运行"), "another synchroniser is not told")
        assert connection(counter).startswith("在线")
    counter.hand.until(lambda: connection(counter).endswith("）") and pending(counter) == 0, "it is told for ever")
    lock = folder / "sync.lock"
    lock.unlink(missing_ok=True)
    lock.mkdir()
    counter.accept(SECOND)
    counter.hand.until(lambda: connection(counter).startswith("没有同步：数据文件夹无法写入"), "the status bar does not say it")
    assert counter.window.is_online is None
    counter.hand.press("F11")
    page = counter.window.widget("sync")
    counter.hand.until(lambda: "数据文件夹无法写入" in seen(page) and "在线" not in seen(page), "the sync page does not say it")
    lock.rmdir()
    counter.hand.press("Ctrl+R")
    counter.hand.until(lambda: "在线" in connection(counter) and pending(counter) == 0, "it never came back")
    counter.hand.until(lambda: "在线" in seen(page), "the sync page does not say that it goes on")
    counter.window._no_overview(StoreError(StoreCode.DATABASE_DAMAGED))  # what no counts can be read from: the next look may succeed again
    assert connection(counter) == "数据库打不开：文件损坏或密钥不符；请停止使用，保全文件夹并从备份恢复"
    assert ("数据库打不开" in seen(page), "在线" in seen(page), counter.window.is_online) == (True, False, None)


@dataclass
class SetBack:
    """The machine's clock, and how far somebody has set its wall time off."""

    system: SystemClock
    off_ms: int = 0

    def read(self) -> Reading:
        reading = self.system.read()
        return Reading(reading.wall_ms + self.off_ms, reading.mono_ms, reading.boot_id)


@pytest.mark.parametrize("off_ms", [-DAY_MS, 40 * DAY_MS])
def test_a_clock_that_is_set_under_the_open_window_loses_and_doubles_nothing(folder: Path, off_ms: int) -> None:
    clock = SetBack(SystemClock())
    counter = Counter(Plan(Place(folder), NobodyBeside(), clock=clock)).open().enter()
    try:
        counter.accept(FIRST)
        counter.fill(SECOND)
        clock.off_ms = off_ms
        counter.submit()
        counter.hand.press("Enter")
        counter.accept(THIRD)
        for page in ("records", "sync", "reports", "accept"):
            counter.window.go(page)
            counter.hand.rest(50)
        counter.hand.until(lambda: connection(counter) != "", "the status bar says nothing")
        clock.off_ms = 0
        counter.accept("SF1000000000048")
    finally:
        counter.end()
    assert [act.waybill for act in acts_of(folder)] == [FIRST, SECOND, THIRD, "SF1000000000048"]
    with opened_again(folder) as station:
        result = station.verify()
    assert result.ok, result.failures


def test_a_clock_set_back_delays_no_try_by_a_day(gateway: tuple[Answering, str], tmp_path: Path) -> None:
    """The next try was written down as a time of day; a clock set back must not make it a day away."""
    answering, code = gateway
    counter_station(tmp_path / "station", url=answering.begin(), code=code)
    answering.end()
    clock = SetBack(SystemClock())
    counter = Counter(Plan(Place(tmp_path / "station"), NobodyBeside(), clock=clock)).open().enter()
    try:
        counter.hand.until(lambda: connection(counter).startswith("离线"), "it is not offline")
        clock.off_ms = -DAY_MS
        answering.begin()
        counter.hand.until(lambda: "在线" in connection(counter) and pending(counter) == 0, "it does not try for a day")
    finally:
        counter.end()
