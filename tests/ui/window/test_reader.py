"""The real window with a chip reader on the line, a simulated one: cards are read without a key, and of what a chip holds nothing is shown
but what stays on record, masked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from courier_check.devices.simulated_cards import SimulatedCard, SimulatedFault
from courier_check.devices.simulated_reader import SimulatedReader
from courier_check.store.machine import READER_VARIABLE
from support.looks import everything_said
from support.windows import Counter
from ui.counter.identity import ReaderState
from ui.counter.state import Panel

pytestmark = pytest.mark.slow
"""Whole windows, with a real thread on a pseudo-terminal."""

NUMBER = "532926198706142719"
CARD = SimulatedCard(
    name="欧阳样例",
    sex="男",
    nation="03",
    born_on="1987-06-14",
    address="云南省大理州暗巷 17 号",
    number=NUMBER,
    issuer="南涧县公安局暗所",
    valid_from="2019-12-11",
    valid_until="2039-12-11",
)
NEVER = ("1987", "06-14", "暗巷", "暗所", "回族", NUMBER, NUMBER[1:8], NUMBER[8:16])


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimulatedReader]:
    port = tmp_path / "reader"
    monkeypatch.setenv(READER_VARIABLE, str(port))
    with SimulatedReader(port, paced=False) as simulated:
        yield simulated


@pytest.fixture
def counter(line: SimulatedReader, opened: Callable[[Path], Counter], folder: Path) -> Counter:
    counter = opened(folder).enter()
    counter.hand.until(lambda: state_of(counter) is ReaderState.READY, "no reader")
    counter.hand.press("Enter")  # the notice was shown
    return counter


def state_of(counter: Counter) -> ReaderState | None:
    reader = counter.conductor.sources.reader
    return reader.state if reader is not None else None


def lay(counter: Counter, line: SimulatedReader, card: SimulatedCard = CARD) -> None:
    line.lay(card.text())
    counter.hand.until(lambda: counter.conductor.state.draft.document is not None, "the card was not read")


def test_a_card_is_read_without_a_key_and_little_of_it_is_shown(counter: Counter, line: SimulatedReader) -> None:
    lay(counter, line)
    said = everything_said(counter.window)
    assert "芯片读取" in said
    assert any("5***************19" in text for text in said)
    assert not [text for text in said for secret in NEVER if secret in text]


def test_nothing_but_masks_is_left_after_the_act(counter: Counter, line: SimulatedReader) -> None:
    lay(counter, line)
    counter.answer_all()
    counter.label("SF1000000000014")
    counter.answer_all()
    counter.declare()
    counter.answer_all()
    counter.submit()
    said = everything_said(counter.window)
    assert not [text for text in said for secret in (*NEVER, "欧阳样例") if secret in text]
    assert any("欧**" in text for text in said)


def test_a_card_pulled_away_and_a_cable_pulled_out_are_told_and_made_good_without_a_key(counter: Counter, line: SimulatedReader) -> None:
    line.fail(SimulatedFault(kind="pull"))
    line.lay(CARD.text())
    counter.hand.until(lambda: state_of(counter) is ReaderState.FAULT, "nothing was told")
    assert "没有读完" in counter.conductor.state.said
    line.close()
    counter.hand.until(lambda: state_of(counter) is ReaderState.GONE, "not gone")
    line.open()
    counter.hand.until(lambda: state_of(counter) is ReaderState.READY, "not back")
    lay(counter, line)
    assert counter.conductor.state.said == ""


def test_what_a_number_tells_while_it_is_typed_is_gone_with_the_form(counter: Counter, line: SimulatedReader) -> None:
    counter.hand.press("F3")
    counter.hand.until(lambda: counter.panel is Panel.TYPED_DOCUMENT, "no form")
    counter.hand.compose("欧阳样例")
    counter.hand.press("Enter")
    counter.hand.type(NUMBER[:17])
    assert "还差 1 位" in everything_said(counter.window)
    counter.hand.type("8")
    assert any("校验位不符" in text for text in everything_said(counter.window))
    counter.hand.press("Backspace")
    counter.hand.type("9")
    assert any("校验位相符" in text and "1987-06-14" in text for text in everything_said(counter.window))
    counter.hand.press("Enter", "Enter")  # past 有效期起
    counter.hand.type("0")
    counter.hand.press("Ctrl+Enter")
    counter.hand.until(lambda: counter.panel is Panel.TASK, "not confirmed")
    assert not [text for text in everything_said(counter.window) for secret in NEVER if secret in text]


def test_a_credential_scanned_over_the_records_says_who_sends(counter: Counter) -> None:
    """This station accepts none, which is said at the counter: the code went nowhere else."""
    counter.window.go("records")
    counter.hand.scan("CCID1-" + "A" * 90)
    counter.hand.until(lambda: counter.window.page == "accept", "not at the counter")
    counter.hand.until(lambda: "实名码" in counter.conductor.state.said, "nothing was said")
    assert counter.conductor.state.draft.document is None
