"""核验本机日志 in the window: how far it is, how long it takes, what came of it; cancelled at any moment, and ended with the window."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from pytestqt.qtbot import QtBot

from courier_check.station import Station
from courier_check.store.database import Database
from courier_check.store.verification import Verification
from courier_check.wording import Language, Wording
from support.filled import Filled
from support.pages import rows_of, seen
from support.state import edit
from ui.background import Worker
from ui.sync_page import SyncPage
from ui.verify_card import VerifyCard

WORDING = Wording(Language.CHINESE)


@dataclass
class UnhurriedStation:
    """A station whose verification goes on until somebody stops it. `begun`: it is under way."""

    station: Station
    begun: threading.Event = field(default_factory=threading.Event)

    @property
    def database(self) -> Database:
        return self.station.database

    def verify(self, told: Callable[[int], None]) -> Verification:
        self.begun.set()
        done = 0
        while True:
            done += 1
            told(done)

    def close(self) -> None:
        self.station.close()


@pytest.fixture
def worker(filled: Filled) -> Iterator[Worker[Station]]:
    made: Worker[Station] = Worker("long", filled.open)
    yield made
    assert made.close(10)


@pytest.fixture
def page(qtbot: QtBot, worker: Worker[Station]) -> SyncPage:
    made = SyncPage(worker, worker, WORDING, worker)
    made.complete()
    qtbot.addWidget(made)
    made.resize(1290, 688)
    made.show()
    return made


def ended(page: SyncPage) -> bool:
    return not page._verify_card.state.running and not page._long.busy


def test_a_sound_station_is_told_with_its_counts_and_esc_leads_back(qtbot: QtBot, page: SyncPage) -> None:
    told: list[tuple[str, bool]] = []
    page.told.connect(lambda text, wrong: told.append((text, wrong)))
    assert page.press("V")
    assert "正在核验" in seen(page)
    qtbot.waitUntil(lambda: ended(page))
    result = page._verify_card.state.result
    assert result is not None
    assert result.checked > 5
    words = f"核验通过：{result.checked} 条，回执 1 份"
    assert words in seen(page)
    assert f"{result.checked} / {result.checked} 条" in seen(page)
    assert told == [(words, False)]
    assert page.press("Esc")
    assert not page.state.verifying
    assert not page.press("Esc")


def test_what_does_not_verify_is_listed_and_what_to_do_is_said(qtbot: QtBot, filled: Filled, page: SyncPage) -> None:
    seq = filled.seqs["SF1000000000014"]
    edit(filled.path, f"UPDATE journal_entries SET signature = zeroblob(64) WHERE seq = {seq}")  # noqa: S608 - a test's own words
    page.press("V")
    qtbot.waitUntil(lambda: ended(page))
    assert "核验不通过" in seen(page)
    assert "告诉管理员" in seen(page)
    rows = rows_of(page._verify_card._failures.table)
    assert [row[0] for row in rows] == [f"#{seq}"]
    assert all("{" not in cell and cell for row in rows for cell in row)


def test_the_day_close_comes_before_it_and_v_shows_it_again(qtbot: QtBot, page: SyncPage) -> None:
    page.press("V")
    page.press("C")
    assert not page.state.verifying
    assert page.state.closing is not None
    assert not page.press("V")
    qtbot.waitUntil(lambda: ended(page))
    page.press("Esc")
    page.press("V")
    assert page.state.verifying
    qtbot.waitUntil(lambda: ended(page))


def test_esc_cancels_and_leads_back(qtbot: QtBot, filled: Filled) -> None:
    stations: list[UnhurriedStation] = []

    def prepare() -> UnhurriedStation:
        stations.append(UnhurriedStation(filled.open()))
        return stations[-1]

    worker = Worker("long", prepare)
    card = VerifyCard(worker, WORDING)  # type: ignore[arg-type]  # as much of a station as a verification needs
    qtbot.addWidget(card)
    card.show()
    told: list[str] = []
    left: list[int] = []
    card.told.connect(lambda text, _wrong: told.append(text))
    card.ended.connect(lambda: left.append(1))
    card.begin()
    qtbot.waitUntil(lambda: bool(stations) and stations[0].begun.is_set() and card.state.total > 0)
    card.begin()  # one at a time
    card._elapsed.ticked.emit(67)
    assert card.state.done > 0
    assert "正在核验… 1 分 07 秒" in seen(card) or "正在检查数据库页… 1 分 07 秒" in seen(card)
    assert card.press("Esc")
    qtbot.waitUntil(lambda: not card.state.running)
    assert "已取消" in seen(card)
    assert told == ["已取消，什么都没有改。"]
    assert left == [1]
    card.begin()
    qtbot.waitUntil(lambda: card._progress is not None and card._progress.done > 0)
    assert worker.close(10), "a verification keeps a window that closes"
