"""The real window with guns on the keyboard and on serial lines: one way for both, whatever has the focus; what is wrong is said."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from courier_check.acceptance.tasks import TaskKind
from courier_check.devices.simulated_scanner import SimulatedScanner
from courier_check.store.machine import SCANNER_VARIABLE
from support.looks import everything_said
from support.windows import Counter
from ui.counter.state import Panel
from ui.gates import Gate

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals on Windows")]
"""Whole windows, with a real thread on a pseudo-terminal."""

WAYBILL, ANOTHER = "SF1000000000014", "SF1010000000015"


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimulatedScanner]:
    monkeypatch.setenv(SCANNER_VARIABLE, str(tmp_path / "gun"))
    with SimulatedScanner(tmp_path / "gun") as line:
        yield line


@pytest.fixture
def counter(line: SimulatedScanner, opened: Callable[[Path], Counter], folder: Path) -> Counter:
    assert line.path.exists()
    counter = opened(folder).enter()
    counter.hand.press("Enter")  # the notice was shown
    return counter


def held(counter: Counter) -> str | None:
    waybill = counter.conductor.state.draft.waybill
    return waybill.text if waybill is not None else None


def test_a_serial_scan_is_the_parcels_number_and_the_same_code_again_counts_once(counter: Counter, line: SimulatedScanner) -> None:
    line.scan(WAYBILL)
    counter.hand.until(lambda: held(counter) == WAYBILL, "the number was not taken")
    refusals: list[str] = []
    counter.conductor.told.connect(lambda text, _wrong: refusals.append(text))
    counter.hand.scan(ANOTHER.lower())  # a keyboard gun under Caps Lock and a serial one see the same label
    line.scan(ANOTHER)
    counter.hand.until(lambda: len(refusals) == 1, "another number is not refused")
    counter.hand.rest(400)
    assert len(refusals) == 1
    line.scan(ANOTHER)
    counter.hand.until(lambda: len(refusals) == 2, "a scan after 300 ms is none")
    assert all("又扫到" in text for text in refusals)
    assert held(counter) == WAYBILL


def test_a_serial_scan_in_a_name_field_is_no_text_and_what_is_typed_stays(counter: Counter, line: SimulatedScanner) -> None:
    counter.hand.press("F3")
    counter.hand.until(lambda: counter.panel is Panel.TYPED_DOCUMENT, "no form")
    counter.hand.compose("欧阳样例")
    focus = QApplication.focusWidget() or counter.window.focusWidget()
    counter.hand.press("A")
    line.scan(WAYBILL)
    counter.hand.until(lambda: held(counter) == WAYBILL, "the number was not taken")
    assert counter.panel is Panel.TYPED_DOCUMENT
    assert focus is not None
    assert focus.text() == "欧阳样例A"  # type: ignore[attr-defined]  # a field


def test_a_gun_under_caps_lock_brings_the_same_number(counter: Counter) -> None:
    counter.hand.scan(WAYBILL.lower())
    counter.hand.until(lambda: held(counter) == WAYBILL, "the number was not taken")
    assert counter.task.kind is not TaskKind.WAYBILL


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"06\r", "只有 2 个字符"),
        (b"\xff\xff\xff\xff\xff\r", "不是文字"),
        (b"7" * 5_000 + b"\r", "太长（5000 个字符）"),
    ],
)
def test_a_wrong_serial_scan_says_what_it_was_and_changes_nothing(counter: Counter, line: SimulatedScanner, data: bytes, said: str) -> None:
    before = counter.conductor.state.session
    line.send(data)
    counter.hand.until(lambda: said in counter.window.told(), "nothing was told")
    assert counter.conductor.state.session is before


def test_a_lost_gun_is_told_and_named_until_it_is_back(counter: Counter, line: SimulatedScanner) -> None:
    line.close()
    counter.hand.until(lambda: "断开了" in counter.window.told(), "the loss was not told")
    counter.hand.until(lambda: any("扫码枪断开 gun" in text for text in everything_said(counter.window)), "not in the status")
    counter.hand.scan(WAYBILL)  # the keyboard gun works meanwhile
    counter.hand.until(lambda: held(counter) == WAYBILL, "the number was not taken")
    line.open()
    counter.hand.until(lambda: "已接好" in counter.window.told(), "nothing of its return")
    counter.hand.until(lambda: not any("扫码枪断开" in text for text in everything_said(counter.window)), "still in the status")


def test_a_serial_scan_before_the_sign_in_is_said_not_to_be_used(
    line: SimulatedScanner, opened: Callable[[Path], Counter], folder: Path
) -> None:
    counter = opened(folder).unlock()
    password = counter.field("password")
    password.setFocus()
    for _ in range(100):  # nothing tells when the port is open
        line.scan(WAYBILL)
        counter.hand.rest(100)
        if "没有采用" in counter.window.told():
            break
    assert "没有采用" in counter.window.told()
    assert (counter.gate, password.text()) == (Gate.SIGN_IN, "")
