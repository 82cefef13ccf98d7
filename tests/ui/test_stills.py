"""A still that is not good enough: its reason is shown, and asked for again at once it is read as it is."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from courier_check.devices.codes import StillCode
from courier_check.devices.frames import Frame
from courier_check.devices.quality import QualityReason
from courier_check.devices.still_gate import StillFault
from courier_check.errors import CourierCheckError
from courier_check.wording import Language, Wording
from ui.pictures import Pictures


class Table:
    """A source whose stills the test says."""

    name = "table"
    trouble = None

    def __init__(self) -> None:
        self.faults: tuple[StillFault, ...] = ()

    def open(self) -> None:
        return

    def close(self) -> None:
        return

    def latest(self) -> Frame | None:
        return None

    def still(self) -> Frame | None:
        return Frame(1, 1, b"jpeg", encoded=True, taken_ms=1, label="table.jpg", faults=self.faults)


class Reading:
    """A reading process that answers with what it was given."""

    def start(self) -> Future[Any]:
        return self._done(None)

    def read_document_face(self, data: bytes, name: str, *_: object) -> Future[Any]:
        return self._done((data, name))

    def read_waybill(self, data: bytes, name: str, *_: object) -> Future[Any]:
        return self._done((data, name))

    def make_jpeg(self, data: bytes, name: str, **_: object) -> Future[Any]:
        return self._done((data, name))

    def make_evidence(self, data: bytes, name: str) -> Future[Any]:
        return self._done((data, name))

    def close(self) -> None:
        return

    def _done(self, value: object) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(value)
        return done


class Told:
    """What became of each request."""

    def __init__(self, qtbot: QtBot, pictures: Pictures) -> None:
        self._qtbot, self._pictures = qtbot, pictures
        self.said: list[object] = []

    def of(self, *ask: str) -> object:
        before = len(self.said)
        arguments: tuple[Any, ...] = ((),) if ask[0] == "read_label" else ()
        getattr(self._pictures, ask[0])(*arguments, self.said.append, self._failed)
        self._qtbot.waitUntil(lambda: len(self.said) > before)
        return self.said[-1]

    def _failed(self, error: CourierCheckError) -> None:
        self.said.append(error.code)


@pytest.fixture
def table() -> Table:
    return Table()


@pytest.fixture
def told(qtbot: QtBot, table: Table) -> Any:
    pictures = Pictures([table], ["table"], Reading(), Wording(Language.CHINESE))  # type: ignore[arg-type]  # as much of it as is asked
    pictures.start()
    yield Told(qtbot, pictures)
    pictures.close()


READ = (b"jpeg", "table.jpg")


@pytest.mark.parametrize("ask", ["read_document", "read_label", "take_copy"])
def test_a_poor_still_says_why_and_is_read_when_asked_again(told: Told, table: Table, ask: str) -> None:
    assert told.of(ask) == READ
    table.faults = (QualityReason.DARK, QualityReason.BLURRED)
    assert told.of(ask) is QualityReason.DARK
    assert told.of(ask) == READ
    assert told.of(ask) is QualityReason.DARK  # one insistence serves one picture


def test_a_good_still_in_between_begins_anew(told: Told, table: Table) -> None:
    table.faults = (StillCode.MOVING,)
    assert told.of("read_document") is StillCode.MOVING
    table.faults = ()
    assert told.of("read_document") == READ
    table.faults = (StillCode.MOVING,)
    assert told.of("read_document") is StillCode.MOVING


def test_evidence_is_taken_as_it_is(told: Told, table: Table) -> None:
    table.faults = (QualityReason.DARK,)
    assert told.of("take_photo") == READ
