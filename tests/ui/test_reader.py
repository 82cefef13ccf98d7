"""The window's reader on the line to the practice one: what it tells arrives as states and readings, and it ends quickly."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from courier_check.clock import SystemClock
from courier_check.devices.card_reader import Read
from courier_check.devices.serial_ports import port_finder
from courier_check.devices.simulated_cards import sample_cards
from courier_check.identity.documents import Source
from courier_check.store.resources import resource_path
from courier_check.wording import Language, Wording
from ui.counter.identity import ReaderState
from ui.reader import Reader, practice_cards

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals on Windows")


@pytest.fixture
def reader(qtbot: QtBot) -> Iterator[Reader]:
    cards = practice_cards(resource_path("samples"))
    reader = Reader(port_finder(str(cards.simulated.path)), SystemClock(), Wording(Language.CHINESE), cards)
    reader.open()
    qtbot.waitUntil(lambda: reader.is_there, timeout=10_000)
    yield reader
    started = time.monotonic()
    reader.close()
    assert time.monotonic() - started < 3
    assert not cards.simulated.path.parent.exists()


def test_a_practice_card_is_read_and_taken_back(qtbot: QtBot, reader: Reader) -> None:
    states: list[ReaderState] = []
    reads: list[Read] = []
    reader.changed.connect(lambda: states.append(reader.shown.state))
    reader.read.connect(reads.append)
    assert reader.lay("wang")
    qtbot.waitUntil(lambda: reader.shown.state is ReaderState.TAKE_AWAY, timeout=10_000)
    assert states == [ReaderState.READING, ReaderState.TAKE_AWAY]
    (read,) = reads
    assert (read.reading.source, read.reading.document.name) == (Source.CHIP, "王思远")
    assert reader.lay("chen")
    qtbot.waitUntil(lambda: len(reads) == 2, timeout=10_000)
    assert reads[1].reading.document.name == "陈晓雯"
    assert not reader.lay("nobody")


def test_the_place_of_documents_is_the_reader_only_while_it_is_there(reader: Reader) -> None:
    assert reader.in_use
    reader.choose(chosen=False)
    assert (reader.in_use, reader.is_there) == (False, True)


def test_every_person_of_the_samples_has_a_card() -> None:
    assert {"wang", "chen", "li", "zhou"} <= sample_cards(resource_path("samples")).keys()
