"""Workers: one thread, one resource, answers on the UI thread in the order they were asked for."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from courier_check.errors import CourierCheckError, EnvironmentFault, UserError
from ui.background import BackgroundCode, Worker
from ui.counter.codes import CounterCode


@dataclass
class Shelf:
    """A resource that knows which thread it lives in. `hand`: what a job waits for, at most ten seconds."""

    thread: int = field(default_factory=threading.get_ident)
    closed: bool = False
    hand: threading.Event = field(default_factory=threading.Event)

    def close(self) -> None:
        self.closed = True


@dataclass
class Heard:
    """What came back, in order, and in which thread."""

    said: list[object] = field(default_factory=list)
    threads: set[int] = field(default_factory=set)

    def done(self, result: object) -> None:
        self.said.append(result)
        self.threads.add(threading.get_ident())

    def failed(self, error: CourierCheckError) -> None:
        self.done(error.code)


class Opened:
    """Makes shelves; fails as often as told."""

    def __init__(self) -> None:
        self.fails: list[Exception] = []
        self.made: list[Shelf] = []

    def __call__(self) -> Shelf:
        if self.fails:
            raise self.fails.pop(0)
        self.made.append(Shelf())
        return self.made[-1]


@pytest.fixture
def opened() -> Opened:
    return Opened()


@pytest.fixture
def worker(qtbot: QtBot, opened: Opened) -> Iterator[Worker[Shelf]]:
    made: Worker[Shelf] = Worker("shelf", opened)
    yield made
    for shelf in opened.made:
        shelf.hand.set()
    assert made.close(10)


@pytest.fixture
def owner() -> QObject:
    return QObject()


def waits(shelf: Shelf) -> str:
    assert shelf.hand.wait(10)
    return "waited"


def test_answers_come_in_order_on_the_threads_of_their_own(qtbot: QtBot, worker: Worker[Shelf], owner: QObject, opened: Opened) -> None:
    heard = Heard()
    for number in range(50):
        worker.run(owner, lambda shelf, number=number: (number, threading.get_ident() == shelf.thread), heard.done, heard.failed)
    assert worker.busy
    qtbot.waitUntil(lambda: len(heard.said) == 50)
    assert heard.said == [(number, True) for number in range(50)]
    assert heard.threads == {threading.get_ident()}
    assert len(opened.made) == 1
    assert opened.made[0].thread != threading.get_ident()
    assert not worker.busy


def test_nothing_is_opened_before_the_first_job(worker: Worker[Shelf], opened: Opened) -> None:
    assert not worker.busy
    assert opened.made == []


def test_an_error_with_its_sentence_is_told_as_it_is(qtbot: QtBot, worker: Worker[Shelf], owner: QObject) -> None:
    heard = Heard()

    def refuse(_: Shelf) -> None:
        raise UserError(CounterCode.NO_PARCEL)

    worker.run(owner, refuse, heard.done, heard.failed)
    worker.run(owner, lambda _: "goes on", heard.done, heard.failed)
    qtbot.waitUntil(lambda: len(heard.said) == 2)
    assert heard.said == [CounterCode.NO_PARCEL, "goes on"]


def test_what_nobody_expected_becomes_one_calm_sentence_and_goes_to_the_log(
    qtbot: QtBot, worker: Worker[Shelf], owner: QObject, caplog: pytest.LogCaptureFixture
) -> None:
    heard = Heard()

    def slip(_: Shelf) -> None:
        raise KeyError("13800001234")

    with caplog.at_level(logging.ERROR, "courier_check.window"):
        worker.run(owner, slip, heard.done, heard.failed)
        qtbot.waitUntil(lambda: len(heard.said) == 1)
    assert heard.said == [BackgroundCode.INTERNAL]
    assert [record.exc_info is not None for record in caplog.records] == [True]
    worker.run(owner, lambda _: "goes on", heard.done, heard.failed)
    qtbot.waitUntil(lambda: len(heard.said) == 2)


@pytest.mark.parametrize("fault", [EnvironmentFault(BackgroundCode.NOT_OPEN), OSError("no disk")])
def test_what_can_not_be_opened_is_told_and_tried_again(
    qtbot: QtBot, worker: Worker[Shelf], owner: QObject, opened: Opened, fault: Exception
) -> None:
    opened.fails = [fault, fault]
    heard = Heard()
    for _ in range(3):
        worker.run(owner, lambda shelf: shelf.closed, heard.done, heard.failed)
    qtbot.waitUntil(lambda: len(heard.said) == 3)
    code = BackgroundCode.NOT_OPEN if isinstance(fault, EnvironmentFault) else BackgroundCode.INTERNAL
    assert heard.said == [code, code, False]
    assert len(opened.made) == 1


@pytest.mark.parametrize("how", ["collected", "deleted"])
def test_an_answer_whose_asker_is_gone_is_dropped(qtbot: QtBot, worker: Worker[Shelf], owner: QObject, how: str) -> None:
    heard, stays = Heard(), Heard()
    gone: QObject | None = QObject()
    assert gone is not None
    worker.run(gone, waits, heard.done, heard.failed)
    worker.run(owner, lambda _: "stays", stays.done, stays.failed)
    if how == "deleted":
        delete(gone)
    else:
        gone = None
    worker.run(owner, lambda _: None, lambda _: None, lambda _: None)
    qtbot.waitUntil(lambda: worker._resource is not None)
    worker._resource.hand.set()  # type: ignore[union-attr]  # just waited for
    qtbot.waitUntil(lambda: not worker.busy)
    assert (heard.said, stays.said) == ([], ["stays"])


def test_to_close_is_to_let_end_what_was_asked_and_to_hear_no_more(qtbot: QtBot, opened: Opened, owner: QObject) -> None:
    worker: Worker[Shelf] = Worker("shelf", opened)
    heard, done = Heard(), []
    for number in range(3):
        worker.run(owner, lambda _, number=number: done.append(number), heard.done, heard.failed)
    assert worker.close(10)
    assert done == [0, 1, 2]
    assert opened.made[0].closed
    assert worker.busy  # their answers are still under way
    qtbot.waitUntil(lambda: not worker.busy)
    assert heard.said == []


def test_what_hangs_does_not_hold_up_the_end(qtbot: QtBot, opened: Opened, owner: QObject) -> None:
    worker: Worker[Shelf] = Worker("shelf", opened)
    worker.run(owner, waits, lambda _: None, lambda _: None)
    qtbot.waitUntil(lambda: bool(opened.made))
    assert not worker.close(0.05)
    opened.made[0].hand.set()
    assert worker.close(10)
    assert opened.made[0].closed


def test_a_job_that_tells_how_far_it_is_ends_when_it_is_asked_to(qtbot: QtBot) -> None:
    worker, heard, owner = Worker("w", Shelf), Heard(), QObject()
    progress = worker.progress()

    def go_on(_: Shelf) -> None:
        done = 0
        while True:
            progress.tell(done := done + 1)

    worker.run(owner, go_on, heard.done, heard.failed)
    qtbot.waitUntil(lambda: progress.done > 10)
    progress.cancel()
    qtbot.waitUntil(lambda: bool(heard.said))
    assert heard.said == [BackgroundCode.CANCELLED]
    again = worker.progress()
    again.tell(5)
    assert worker.close(10)
    with pytest.raises(UserError):
        again.tell(6)
