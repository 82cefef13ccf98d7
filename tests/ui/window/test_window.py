"""The window's own rules: the gate is a lock, buttons do not keep the focus, scans and closing at the wrong moment."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QScrollArea
from pytestqt.qtbot import QtBot

from courier_check.station import PRACTICE_CLERK
from support.windows import Counter
from ui.counter.state import Panel
from ui.design import KeyButton
from ui.design.acceptance import VerdictBanner
from ui.gates import Gate
from ui.shown import Tone, VerdictShown

pytestmark = pytest.mark.slow

WAYBILL = "SF1000000000014"


def lock(counter: Counter) -> None:
    counter.hand.press("Ctrl+L")
    counter.wait_for(Gate.SIGN_IN)


# The gate is a lock -------------------------------------------------------------------------------------------------------------------


def test_no_key_leads_past_the_sign_in(counter: Counter) -> None:
    for keys in (("F1", "Esc"), ("F11", "F12"), ("Ctrl+K",), ("Esc",), ("F1", "F12"), ("F1", "F1"), ("F2",)):
        lock(counter)
        counter.hand.press(*keys)
        assert counter.gate is Gate.SIGN_IN, keys
        assert counter.window._frame.stack.currentWidget() is counter.window._frame.gate, keys
        assert not counter.window._palette.isVisible(), keys
        counter.sign_in(PRACTICE_CLERK)
        assert counter.window.page == "accept", keys


def test_help_may_be_read_at_the_gate_and_nothing_else_be_chosen(counter: Counter) -> None:
    lock(counter)
    counter.hand.press("F1")
    assert counter.window.page == "help"
    counter.hand.press("F11")
    assert counter.window.page == "help"
    rail = counter.window._frame.rail
    assert [button.accessibleName() for button in rail.findChildren(QPushButton) if button.isVisible()] == ["帮助"]
    for name in ("accept", "records", "sync", "reports"):
        counter.window.go(name)
        assert counter.window.page == "help"


def test_help_is_turned_by_keys_where_it_is_longer_than_the_window(counter: Counter) -> None:
    counter.window.resize(1280, 720)
    counter.hand.press("F1")
    bar = counter.window.widget("help").findChildren(QScrollArea)[0].verticalScrollBar()
    counter.hand.until(lambda: bar.maximum() > 0, "the help is no longer than the window")
    for key in ("PageDown", "PageDown", "Up", "Down"):
        counter.hand.press(key)
    assert bar.value() == bar.maximum()
    counter.hand.press("PageUp", "PageUp")
    assert bar.value() == 0
    counter.hand.press("Esc")
    assert counter.window.page == "accept"


def test_sign_in_opens_the_lock_and_leaves_nothing_typed_behind(counter: Counter) -> None:
    lock(counter)
    counter.sign_in("0143")
    counter.hand.until(lambda: counter.window.page == "accept", "not signed in")
    assert [field.text() for field in counter.window._frame.gate._fields.values()] == ["", ""]
    counter.hand.press("F11")
    assert counter.window.page == "sync"


def test_a_gate_that_is_asked_again_is_empty(counter: Counter) -> None:
    lock(counter)
    counter.field("code").setText("0142")
    counter.field("password").setText("half-typed")
    counter.window.opening.ask_sign_in()
    assert [field.text() for field in counter.window._frame.gate._fields.values()] == ["", ""]


def test_a_wrong_password_is_typed_anew_and_the_code_stays(counter: Counter) -> None:
    lock(counter)
    counter.sign_in("0142", "wrong password")
    assert counter.gates[-1].said
    password = counter.field("password")
    assert (counter.field("code").text(), password.text()) == ("0142", "")
    assert counter.window._focus() is password


@pytest.mark.parametrize("help_first", [False, True])
def test_a_scan_never_becomes_a_password(counter: Counter, help_first: bool) -> None:
    lock(counter)
    password = counter.field("password")
    password.setText("as typed")
    password.setFocus()
    if help_first:
        counter.hand.press("F1")
    counter.hand.scan(WAYBILL)
    counter.hand.until(lambda: bool(counter.window.told()), "nothing was said")
    assert password.text() == "as typed"
    assert counter.conductor.state.untouched


# Focus --------------------------------------------------------------------------------------------------------------------------------


def test_no_button_of_the_acceptance_page_keeps_the_focus(counter: Counter) -> None:
    page = counter.window.widget("accept")
    counter.identify()
    button = next(one for one in page.findChildren(KeyButton) if one.isVisible() and one.accessibleDescription() == "按 1")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert counter.window._focus() is page
    assert not [one for one in page.findChildren(KeyButton) if one.isVisible() and one.focusPolicy() != Qt.FocusPolicy.NoFocus]


def test_enter_is_the_pages_even_where_one_of_its_buttons_has_the_focus(counter: Counter) -> None:
    counter.identify()
    hold = next(one for one in counter.window.widget("accept").findChildren(KeyButton) if one.accessibleName() == "挂起")
    hold.setFocus()
    counter.hand.press("Space", "Enter")
    assert counter.conductor.state.counter.held == ()


def test_a_page_has_the_focus_after_a_click_on_the_rail_and_after_a_scan(counter: Counter) -> None:
    page = counter.window.widget("accept")
    button = next(one for one in counter.window._frame.rail.findChildren(QPushButton) if one.accessibleName() == "收寄")
    button.setFocus()
    button.click()
    assert counter.window._focus() is page
    button.setFocus()
    counter.hand.scan(WAYBILL)
    counter.hand.until(lambda: counter.conductor.state.draft.waybill is not None, "the scan was lost")
    assert not isinstance(counter.window._focus(), QPushButton)


def test_a_scan_over_the_commands_gives_the_focus_back(counter: Counter) -> None:
    counter.hand.press("Ctrl+K")
    counter.hand.scan(WAYBILL)
    counter.hand.until(lambda: counter.conductor.state.draft.waybill is not None, "the scan was lost")
    assert not counter.window._palette.isVisible()
    assert counter.window._focus() is not counter.window._palette._field


# Scans --------------------------------------------------------------------------------------------------------------------------------


def test_a_short_code_records_no_refusal(counter: Counter) -> None:
    counter.identify()
    counter.hand.press("F8")
    counter.hand.until(lambda: counter.panel is Panel.REFUSE, "no panel")
    counter.hand.scan("06")
    counter.hand.rest(150)
    assert counter.panel is Panel.REFUSE
    assert "2 个字符" in counter.window.told()


def test_a_short_code_answers_no_question(counter: Counter) -> None:
    counter.identify()
    counter.hand.until(lambda: counter.conductor.state.draft.screening is not None, "nobody looked the sender up")
    before = counter.conductor.state.draft
    counter.hand.scan("112")
    counter.hand.rest(150)
    assert counter.conductor.state.draft == before


def test_a_code_that_begins_with_a_digit_of_the_reports_page_exports_nothing(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    counter.window.go("reports")
    pressed: list[str] = []
    monkeypatch.setattr(counter.window.widget("reports"), "press", lambda key: pressed.append(key) or True)
    counter.hand.scan("510000000001234")
    counter.hand.rest(150)
    assert pressed == []
    counter.window.go("reports")
    counter.hand.press("1")
    counter.hand.until(lambda: pressed == ["1"], "a key was lost")


def test_a_scan_at_the_first_run_chooses_nothing(tmp_path: Path) -> None:
    first = Counter.on(tmp_path / "new").open()
    try:
        first.wait_for(Gate.CHOOSE)
        first.hand.scan("1000000000014")
        first.hand.rest(150)
        assert first.gate is Gate.CHOOSE
        first.hand.press("2")
        first.wait_for(Gate.NEW_STATION)
    finally:
        first.end()


# The end ------------------------------------------------------------------------------------------------------------------------------


def close_by_its_frame(counter: Counter) -> None:
    """As the window system does it when a person closes the window."""
    QApplication.sendEvent(counter.window.windowHandle(), QCloseEvent())
    counter.hand.settle()


def test_a_window_with_a_parcel_in_hand_asks_once_before_it_closes(counter: Counter) -> None:
    counter.identify()
    counter.hand.until(lambda: not counter.window.busy, "busy")
    close_by_its_frame(counter)
    assert counter.window.isVisible()
    assert "还有 1 件没有记录" in counter.window.told()
    close_by_its_frame(counter)
    counter.hand.until(lambda: not counter.window.isVisible(), "the window did not close")


def test_the_command_to_leave_asks_too(counter: Counter) -> None:
    counter.identify()
    counter.hand.until(lambda: not counter.window.busy, "busy")
    counter.window.close_soon()
    assert counter.window.isVisible()
    counter.window.close_soon()
    counter.hand.until(lambda: not counter.window.isVisible(), "the window did not close")


def test_the_programs_own_close_is_not_asked_about(counter: Counter) -> None:
    counter.identify()
    counter.hand.until(lambda: not counter.window.busy, "busy")
    counter.window.close()
    assert not counter.window.isVisible()


def test_a_window_with_nothing_in_hand_closes_at_once(counter: Counter) -> None:
    close_by_its_frame(counter)
    counter.hand.until(lambda: not counter.window.isVisible(), "the window did not close")


# What is told whole -------------------------------------------------------------------------------------------------------------------


def test_a_long_reason_is_shown_whole_in_the_verdict(qtbot: QtBot) -> None:
    banner = VerdictBanner()
    qtbot.addWidget(banner)
    banner.setFixedWidth(312)
    for count, grows in ((1, False), (12, True)):
        banner.show_verdict(VerdictShown(Tone.STOP, "✖", "拒收", "寄件人拒绝验视内件。" * count))
        height = max(banner.minimumHeight(), banner.heightForWidth(312))
        assert (height > 128) is grows
        banner.resize(312, height)
        banner.layout().activate()  # type: ignore[union-attr]  # it has one
        assert banner._reason.height() >= banner._reason.heightForWidth(banner._reason.width())
