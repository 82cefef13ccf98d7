"""Work done ahead: in order, one step a round of the event loop, and what goes wrong in one thing stops no other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, QSize, QTimer
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.design import Ahead, lay_out_ahead, polish_ahead


def steps(said: list[str], *words: str) -> Iterator[None]:
    for word in words:
        said.append(word)
        yield


@pytest.fixture
def owner() -> QObject:
    return QObject()


def test_everything_is_done_in_order_and_then_it_rests(qtbot: QtBot, owner: QObject) -> None:
    ahead, said = Ahead(owner), list[str]()
    ahead.then(steps(said, "a", "b"))
    ahead.then(steps(said))
    ahead.then(steps(said, "c"))
    assert (said, ahead.busy) == ([], True)
    qtbot.waitUntil(lambda: not ahead.busy)
    assert said == ["a", "b", "c"]
    ahead.then(steps(said, "d"))
    qtbot.waitUntil(lambda: not ahead.busy)
    assert said == ["a", "b", "c", "d"]


def test_events_come_between_two_steps(qtbot: QtBot, owner: QObject) -> None:
    ahead, said = Ahead(owner), list[str]()

    def posting() -> Iterator[None]:
        for number in range(3):
            said.append(f"step {number}")
            QTimer.singleShot(0, owner, lambda number=number: said.append(f"event {number}"))
            yield

    ahead.then(posting())
    qtbot.waitUntil(lambda: not ahead.busy and len(said) == 6)
    assert said == ["step 0", "event 0", "step 1", "event 1", "step 2", "event 2"]


def test_a_step_that_fails_ends_its_own_work_only(qtbot: QtBot, owner: QObject) -> None:
    ahead, said = Ahead(owner), list[str]()

    def failing() -> Iterator[None]:
        said.append("begun")
        yield
        raise LookupError("made up")

    ahead.then(failing())
    ahead.then(steps(said, "the next"))
    with qtbot.captureExceptions() as caught:
        qtbot.waitUntil(lambda: not ahead.busy)
    assert said == ["begun", "the next"]
    assert [kind for kind, _, _ in caught] == [LookupError]


def test_a_step_may_stop_what_waits(qtbot: QtBot, owner: QObject) -> None:
    ahead, said = Ahead(owner), list[str]()

    def stopping() -> Iterator[None]:
        said.append("stops")
        ahead.stop()
        yield

    ahead.then(stopping())
    ahead.then(steps(said, "never"))
    qtbot.waitUntil(lambda: not ahead.busy)
    qtbot.wait(20)
    assert said == ["stops"]


def test_a_page_is_laid_out_before_it_is_shown(qtbot: QtBot) -> None:
    page, label = QWidget(), QLabel("样本")
    qtbot.addWidget(page)
    QVBoxLayout(page).addWidget(label)
    for _ in polish_ahead(page):
        pass
    lay_out_ahead(page, QSize(640, 480))
    assert not page.isVisible()
    assert label.width() > 600
