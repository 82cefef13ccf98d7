"""Keys reach the listener or the widget exactly once, scans reach the listener, whatever has the focus and whatever else is going on."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt, QTimer
from PySide6.QtGui import QInputMethodEvent, QInputMethodQueryEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from support.keyboards import (
    ALT,
    CODE,
    CONTROL,
    NONE,
    PAD,
    SHIFT,
    Bench,
    Counter,
    Window,
    bench_on,
    focus,
    handle,
    steady_ms,
)
from ui.fields import ScanField, TextField
from ui.keyboard import Keyboard, KeyPress, key_name


@pytest.fixture
def bench(qtbot: QtBot, qapp: QApplication) -> Iterator[Bench]:
    with bench_on(qtbot, qapp) as bench:
        yield bench


def test_scan_while_the_focus_is_in_a_name_field(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.name)
    bench.keys(CODE + "\r")
    assert bench.window.scans == [(CODE, False)]
    assert bench.page.name.text() == ""
    assert bench.window.answers == []


def test_scan_while_a_question_is_open_takes_its_first_key_back(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.question)
    bench.keys("1")
    assert bench.window.answers == ["1"]
    bench.keys("2345678901234\r", gap_ms=20)
    assert bench.window.answers == []
    assert bench.window.scans == [("12345678901234", False)]


def test_tab_of_a_scanner_does_not_move_the_focus(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.name)
    bench.keys(CODE + "\t")
    assert bench.page.name.hasFocus()
    bench.key("\t", gap_ms=500)
    assert bench.page.waybill.hasFocus()


def test_scan_without_line_end_is_delivered_after_the_pause(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.waybill)
    bench.keys(CODE)
    assert bench.window.scans == []
    bench.clock.now += 66
    qtbot.waitUntil(lambda: bench.window.scans == [(CODE, False)])
    assert bench.page.waybill.text() == ""


def test_scan_while_a_dialog_is_open(bench: Bench, qtbot: QtBot) -> None:
    dialog = QDialog(bench.page)
    edit = QLineEdit(dialog)
    dialog.setModal(True)
    with qtbot.waitExposed(dialog):
        dialog.open()
    focus(qtbot, edit)
    bench.keys(CODE + "\r", to=dialog)
    assert bench.window.scans == [(CODE, False)]
    assert (edit.text(), dialog.isVisible()) == ("", True)
    bench.keys("李", gap_ms=300, to=dialog)
    bench.clock.now += 66
    qtbot.waitUntil(lambda: edit.text() == "李")


def test_same_code_twice_is_told_as_a_repeat(bench: Bench) -> None:
    bench.keys(CODE + "\r")
    bench.key("S", gap_ms=200)
    bench.keys(CODE[1:] + "\r")
    assert bench.window.scans == [(CODE, False), (CODE, True)]


def test_typing_reaches_the_field_once_and_in_order(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.name)
    bench.keys("wang", gap_ms=70)
    bench.keys("xiao", gap_ms=30)
    bench.clock.now += 66
    qtbot.waitUntil(lambda: bench.page.name.text() == "wangxiao")
    assert bench.window.scans == []


def test_typing_that_arrives_all_at_once_after_a_stall_is_typing(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.name)
    bench.keys("13800000000", gap_ms=62)  # the clock stands still: they arrive together, their stamps tell them apart
    bench.key("\r", gap_ms=62)
    assert bench.page.name.text() == "13800000000"
    assert bench.window.scans == []


def test_pause_that_ends_in_a_stall_waits_for_the_keys_behind_it(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.name)
    bench.keys(CODE[:4])
    bench.clock.now += 400  # the window stalls; the timer is late, and the rest of the scan has not been handed over yet
    timer = bench.keyboard.findChild(QTimer)
    assert timer is not None
    with qtbot.waitSignal(timer.timeout):
        pass
    bench.keys(CODE[4:] + "\r")
    assert bench.window.scans == [(CODE, False)]
    assert bench.page.name.text() == ""


def test_text_typed_before_a_stall_shows_soon_after_it(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.name)
    bench.keys("ab")
    bench.clock.now += 400
    qtbot.waitUntil(lambda: bench.page.name.text() == "ab")


def test_backspace_amid_held_characters_keeps_its_place(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.name)
    bench.keys("ab\bc", gap_ms=20)
    bench.clock.now += 66
    qtbot.waitUntil(lambda: bench.page.name.text() == "ac")


def test_f12_amid_a_scan_acts_once_and_after_it(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.name)
    bench.keys(CODE[:5])
    bench.key("F12")
    bench.keys(CODE[5:] + "\r")
    assert bench.window.scans == [(CODE, False)]
    assert bench.window.answers == ["F12"]


def test_lone_enter_acts_at_once(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.question)
    bench.key("\r")
    assert bench.window.answers == ["Enter"]


def test_enter_in_a_field_ends_the_entry(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.waybill)
    bench.keys("12345", gap_ms=40)
    with qtbot.waitSignal(bench.page.waybill.returnPressed):
        bench.key("\r", gap_ms=40)
    assert bench.page.waybill.text() == "12345"
    assert bench.window.answers == []


def test_answers_are_text_where_text_is_typed_but_commands_are_not(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.name)
    bench.key("1", gap_ms=200)
    bench.key("F12", gap_ms=200)
    bench.key("k", gap_ms=200, modifiers=CONTROL)
    assert bench.page.name.text() == "1"
    assert bench.window.answers == ["F12", "Ctrl+K"]


def test_unused_key_goes_on_to_the_widget(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.question)
    bench.window.uses = frozenset()
    with qtbot.waitSignal(bench.page.question.clicked):
        bench.key(" ")


def test_key_without_a_name_is_left_alone(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.question)
    bench.window.uses = frozenset({""})
    bench.key("Louder")
    assert bench.window.answers == []


def test_used_space_does_not_click_the_button_too(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.question)
    with qtbot.assertNotEmitted(bench.page.question.clicked):
        bench.key(" ")
    assert bench.window.answers == ["Space"]


def test_quick_second_answer_acts_after_the_pause_and_with_its_release(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.question)
    bench.window.uses = frozenset({"1"})
    bench.key("1")
    bench.key(" ")  # not used here: the button's own
    bench.clock.now += 66
    with qtbot.waitSignal(bench.page.question.clicked):
        pass
    assert bench.window.answers == ["1"]


def test_key_held_down_answers_once_but_moves_on(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.question)
    for text in ("1", "Up"):
        bench.at_ms += 500
        bench.event(QEvent.Type.KeyPress, text)
        for _ in range(5):
            bench.at_ms += 30
            bench.event(QEvent.Type.KeyRelease, text, repeat=True)
            bench.event(QEvent.Type.KeyPress, text, repeat=True)
        bench.event(QEvent.Type.KeyRelease, text)
    assert bench.window.answers == ["1", *["Up"] * 6]


def test_held_letter_repeats_in_a_field_after_the_first(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.name)
    bench.key("a", gap_ms=100)
    bench.event(QEvent.Type.KeyPress, "b")
    for _ in range(3):
        bench.at_ms += 250
        bench.event(QEvent.Type.KeyPress, "b", repeat=True)
    bench.event(QEvent.Type.KeyRelease, "b")
    assert bench.page.name.text() == "abbbb"


def test_shift_and_caps_lock_do_not_part_a_scan(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.name)
    for text in "SFab1234":
        bench.at_ms += 5
        silent = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Shift if text.isupper() else Qt.Key.Key_CapsLock, SHIFT)
        silent.setTimestamp(bench.at_ms)
        QCoreApplication.sendEvent(handle(bench.page), silent)
        bench.key(text, modifiers=SHIFT if text.isupper() else NONE)
    bench.key("\r")
    assert bench.window.scans == [("SFab1234", False)]


def test_full_width_scan_arrives_in_half_width(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.name)
    bench.keys("ＳＦ１２３４５６７８９０１２３\r")
    assert bench.window.scans == [(CODE, False)]


def test_group_separators_and_line_feeds_sent_as_combinations_belong_to_the_scan(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.name)
    bench.keys("0112345")
    bench.key("]", modifiers=CONTROL)
    bench.keys("2112345\r")
    bench.key("j", modifiers=CONTROL)
    assert bench.window.scans == [("01123452112345", False)]


def test_alt_combinations_go_to_the_widget_untouched(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.question)
    bench.key("1", modifiers=ALT)
    assert bench.window.answers == []


def test_click_elsewhere_leaves_typed_text_where_it_was_typed(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.name)
    bench.keys("ab")
    centre = bench.page.waybill.mapTo(bench.page, bench.page.waybill.rect().center())
    QTest.mouseClick(handle(bench.page), Qt.MouseButton.LeftButton, NONE, QPoint(centre))
    assert bench.page.waybill.hasFocus()
    assert (bench.page.name.text(), bench.page.waybill.text()) == ("ab", "")


def test_dialog_that_comes_up_leaves_typed_text_where_it_was_typed(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.name)
    bench.keys("ab")
    dialog = QDialog(bench.page)
    with qtbot.waitExposed(dialog):
        dialog.open()
    bench.clock.now += 66
    qtbot.waitUntil(lambda: bench.page.name.text() == "ab")


def test_window_that_closes_takes_its_waiting_keys_with_it(bench: Bench, qtbot: QtBot) -> None:
    dialog = QDialog()
    edit = QLineEdit(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    focus(qtbot, edit)
    bench.keys("ab", to=dialog)
    with qtbot.waitSignal(dialog.destroyed):
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.close()
        del dialog, edit
        gc.collect()
    bench.clock.now += 66
    focus(qtbot, bench.page.name)
    bench.key("c", gap_ms=200)
    bench.clock.now += 66
    qtbot.waitUntil(lambda: bench.page.name.text() == "c")


def test_key_that_opens_a_dialog_leaves_the_filter_on_inside_it(bench: Bench, qtbot: QtBot) -> None:
    """A replayed key is let through once; while its dialog runs, even in an event loop of its own, scans are scans."""
    dialog = QDialog(bench.page)
    edit = QLineEdit(dialog)

    def scan_and_leave() -> None:
        bench.keys(CODE + "\r", gap_ms=20, to=dialog)
        dialog.accept()

    def ask() -> None:
        QTimer.singleShot(0, scan_and_leave)
        dialog.exec()

    bench.page.question.clicked.connect(ask)
    bench.window.uses = frozenset({"1"})
    focus(qtbot, bench.page.question)
    bench.key("1")
    bench.key(" ")
    bench.at_ms += 300
    bench.clock.now += 66
    qtbot.waitUntil(lambda: dialog.result() == QDialog.DialogCode.Accepted)
    assert (bench.window.scans, edit.text()) == ([(CODE, False)], "")


def test_answer_that_moves_on_to_a_field_does_not_type_into_it_while_held_down(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.question)
    bench.window.then = lambda _: bench.page.name.setFocus()
    bench.event(QEvent.Type.KeyPress, "1")
    for _ in range(5):
        bench.at_ms += 250
        bench.event(QEvent.Type.KeyRelease, "1", repeat=True)
        bench.event(QEvent.Type.KeyPress, "1", repeat=True)
    bench.event(QEvent.Type.KeyRelease, "1")
    bench.key("x", gap_ms=100)
    bench.clock.now += 66
    qtbot.waitUntil(lambda: bench.page.name.text() == "x")
    assert bench.window.answers == ["1"]


def test_line_end_of_a_scan_held_down_is_not_an_enter(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.waybill)
    bench.keys(CODE)
    with qtbot.assertNotEmitted(bench.page.waybill.returnPressed):
        bench.event(QEvent.Type.KeyPress, "\r")
        bench.at_ms += 250
        bench.event(QEvent.Type.KeyPress, "\r", repeat=True)
    assert bench.window.scans == [(CODE, False)]


def test_short_scan_is_named_and_answers_nothing(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.question)
    bench.window.uses = frozenset({"0", "6", "Enter"})
    bench.keys("06\r")
    assert (bench.window.answers, bench.window.unreadables) == ([], [2])


def test_key_that_cannot_be_taken_back_waits_until_it_is_no_scans_first(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.question)
    bench.window.restorable = False
    bench.window.uses = frozenset({"5"})
    heard: list[KeyPress] = []
    bench.window.then = heard.append
    bench.keys("5123456789\r")
    assert (heard, bench.window.scans) == ([], [("5123456789", False)])
    bench.key("5", gap_ms=500)
    assert heard == []
    bench.clock.now += 66
    qtbot.waitUntil(lambda: heard == [KeyPress("5")])


def test_oversized_scan_is_named(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.name)
    bench.keys("7" * 4_200 + "\r", gap_ms=1)
    assert (bench.window.oversizes, bench.window.scans, bench.page.name.text()) == ([4_200], [], "")


def test_changed_gap_lets_waiting_text_act_first(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.name)
    bench.keys("ab")
    bench.keyboard.set_gap_ms(120)
    assert (bench.page.name.text(), bench.keyboard.gap_ms) == ("ab", 120)
    bench.key("S", gap_ms=500)
    bench.keys(CODE[1:] + "\r", gap_ms=115)
    assert bench.window.scans == [(CODE, False)]


def test_events_without_a_stamp_go_by_the_clock(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.name)
    for gap_ms in (10, 80):
        for text in "1234567":
            bench.clock.now += gap_ms
            QCoreApplication.sendEvent(handle(bench.page), QKeyEvent(QEvent.Type.KeyPress, Qt.Key(ord(text)), NONE, text))
        bench.clock.now += gap_ms
        QCoreApplication.sendEvent(handle(bench.page), QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Return, NONE, "\r"))
        bench.clock.now += 400
    assert bench.window.scans == [("1234567", False)]
    assert bench.page.name.text() == "1234567"


def test_a_key_from_the_platform_is_seen_once(bench: Bench, qtbot: QtBot) -> None:
    """Through Qt's own queue of platform events: shortcut override, window, widget, parents; one answer, one letter."""
    focus(qtbot, bench.page.question)
    QTest.keyClick(handle(bench.page), Qt.Key.Key_1)
    assert bench.window.answers == ["1"]
    focus(qtbot, bench.page.name)
    QTest.keyClick(handle(bench.page), Qt.Key.Key_X, NONE, 200)
    bench.clock.now += 66
    qtbot.waitUntil(lambda: bench.page.name.text() == "x")


def test_a_scan_from_the_platform_is_one_scan(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.name)
    for character in CODE:
        QTest.keyClick(handle(bench.page), Qt.Key(ord(character)))
    QTest.keyClick(handle(bench.page), Qt.Key.Key_Enter, PAD)
    assert bench.window.scans == [(CODE.lower(), False)]
    assert bench.page.name.text() == ""


def test_real_time_typing_shows_within_the_pause(qtbot: QtBot, qapp: QApplication) -> None:
    page, window = Counter(), Window()
    qtbot.addWidget(page)
    with qtbot.waitExposed(page):
        page.show()
    focus(qtbot, page.name)
    keyboard = Keyboard(qapp, window, clock=steady_ms)
    began = steady_ms()
    with qtbot.waitSignal(page.name.textChanged):
        QTest.keyClick(handle(page), Qt.Key.Key_A)
    assert 60 <= steady_ms() - began < 300  # 65 ms, and slack for a busy machine
    keyboard.stop()
    keyboard.deleteLater()


# Input methods


def compose(widget: QWidget, preedit: str, commit: str = "") -> None:
    event = QInputMethodEvent(preedit, [])
    if commit:
        event.setCommitString(commit)
    QCoreApplication.sendEvent(widget, event)


def test_scan_into_a_composition_is_told(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.name)
    for count in range(1, 11):
        bench.clock.now += 10
        compose(bench.page.name, "sfabcdefgh"[:count])
    assert bench.window.ime_scans == 1


def test_pinyin_at_a_persons_speed_is_not_a_scan(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.name)
    for count in range(1, 11):
        bench.clock.now += 90
        compose(bench.page.name, "wangxiaomi"[:count])
    compose(bench.page.name, "", "王小米")
    assert (bench.window.ime_scans, bench.page.name.text()) == (0, "王小米")


def test_digits_left_over_by_an_input_method_are_not_taken_for_a_number(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.name)
    compose(bench.page.name, "s")
    compose(bench.page.name, "sf")
    compose(bench.page.name, "", "顺丰")  # the 1 chose a word
    bench.keys("234567890123\r")
    assert (bench.window.scans, bench.window.ime_scans) == ([], 1)


def test_typed_letters_act_before_a_composition(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.name)
    bench.keys("A")
    compose(bench.page.name, "", "座")
    assert bench.page.name.text() == "A座"


@pytest.mark.parametrize(("make", "enabled"), [(ScanField, False), (TextField, True)])
def test_input_method_is_off_in_scan_fields_only(qtbot: QtBot, make: type[TextField], enabled: bool) -> None:
    edit = make("field", "运单号")
    qtbot.addWidget(edit)
    query = QInputMethodQueryEvent(Qt.InputMethodQuery.ImEnabled | Qt.InputMethodQuery.ImSurroundingText)
    edit.setText("SF1")
    QCoreApplication.sendEvent(edit, query)
    assert query.value(Qt.InputMethodQuery.ImEnabled) is enabled
    assert query.value(Qt.InputMethodQuery.ImSurroundingText) == "SF1"
    assert (edit.objectName(), edit.accessibleName()) == ("field", "运单号")


# Names


@pytest.mark.parametrize(
    ("key", "modifiers", "text", "name"),
    [
        (Qt.Key.Key_F12, NONE, "", "F12"),
        (Qt.Key.Key_F2, SHIFT, "", "Shift+F2"),
        (Qt.Key.Key_1, NONE, "1", "1"),
        (Qt.Key.Key_1, PAD, "1", "1"),
        (Qt.Key(0), NONE, "１", "1"),
        (Qt.Key.Key_Enter, PAD, "\r", "Enter"),
        (Qt.Key.Key_Return, NONE, "\r", "Enter"),
        (Qt.Key.Key_Space, NONE, " ", "Space"),
        (Qt.Key.Key_Backspace, NONE, "\b", "Backspace"),
        (Qt.Key.Key_Escape, NONE, "\x1b", "Esc"),
        (Qt.Key.Key_K, CONTROL, "\x0b", "Ctrl+K"),
        (Qt.Key.Key_K, CONTROL | SHIFT, "\x0b", "Ctrl+Shift+K"),
        (Qt.Key.Key_Backtab, SHIFT, "", "Shift+Tab"),
        (Qt.Key.Key_PageUp, NONE, "", "PageUp"),
        (Qt.Key.Key_At, CONTROL | ALT, "@", "@"),
        (Qt.Key.Key_P, ALT, "p", "Alt+P"),
        (Qt.Key.Key_S, NONE, "s", "S"),
        (Qt.Key.Key_VolumeUp, NONE, "", ""),
        (Qt.Key.Key_Shift, SHIFT, "", ""),
    ],
)
def test_keys_are_called_what_their_caps_say(key: Qt.Key, modifiers: Qt.KeyboardModifier, text: str, name: str) -> None:
    assert key_name(QKeyEvent(QEvent.Type.KeyPress, key, modifiers, text)) == name


@pytest.mark.parametrize(
    ("name", "command"),
    [("F1", True), ("Shift+F1", True), ("Esc", True), ("Ctrl+K", True), ("F", False), ("1", False), ("Enter", False), ("Shift+Tab", False)],
)
def test_commands_mean_the_same_everywhere(name: str, command: bool) -> None:
    assert KeyPress(name).is_command is command
