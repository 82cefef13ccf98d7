"""Scans and typing at the window, however they fall together: no scan is lost or lands in a field, and no typed character is another's."""

from __future__ import annotations

import random
from collections import Counter as Tally
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from courier_check.devices.scans import LineScan
from support.keyboards import CODE, CONTROL, SHIFT, Bench, bench_on, focus, handle
from ui.stamps import Stamps


@pytest.fixture
def bench(qtbot: QtBot, qapp: QApplication) -> Iterator[Bench]:
    with bench_on(qtbot, qapp) as bench:
        yield bench


def pause(bench: Bench) -> None:
    """Nothing happens until what waits has acted: the keyboard's timer fires as the clock says."""
    timer = bench.keyboard.findChild(QTimer)
    assert timer is not None
    for _ in range(10):
        if not timer.isActive():
            return
        bench.clock.now += 66
        timer.timeout.emit()
    raise AssertionError("the pause never ends")


def line_scan(bench: Bench, text: str = CODE) -> None:
    bench.keyboard.take(LineScan(text, bench.clock.now, bench.clock.now))


# Serial guns


def test_a_serial_scan_goes_the_way_of_the_others_and_never_into_a_field(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.name)
    line_scan(bench)
    assert (bench.window.scans, bench.page.name.text()) == ([(CODE, False)], "")


def test_a_serial_scan_while_a_dialog_is_open(bench: Bench, qtbot: QtBot) -> None:
    dialog = QDialog(bench.page)
    edit = QLineEdit(dialog)
    with qtbot.waitExposed(dialog):
        dialog.open()
    focus(qtbot, edit)
    line_scan(bench)
    assert (bench.window.scans, edit.text(), dialog.isVisible()) == ([(CODE, False)], "", True)


def test_what_was_typed_before_a_serial_scan_acts_before_it(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.name)
    bench.keys("ab")
    line_scan(bench)
    assert (bench.window.scans, bench.page.name.text()) == ([], "")
    pause(bench)
    assert (bench.window.scans, bench.page.name.text()) == ([(CODE, False)], "ab")


def test_a_serial_scan_does_not_cut_a_keyboard_guns_in_two(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.question)
    bench.keys("123")
    line_scan(bench, "YT7766554433221")
    bench.keys("4567890123\r")
    assert bench.window.scans == [("1234567890123", False), ("YT7766554433221", False)]
    assert bench.window.answers == []


@pytest.mark.parametrize("typed_first", [True, False])
@pytest.mark.parametrize(("apart_ms", "repeated"), [(290, True), (310, False)])
def test_the_same_code_from_two_kinds_of_guns_counts_once(bench: Bench, typed_first: bool, apart_ms: int, repeated: bool) -> None:
    """The stamps of keys are another clock's: only the least time an event takes tells how the two stand to each other."""

    def typed() -> None:
        for text in CODE + "\r":
            bench.clock.now += 1
            bench.key(text, gap_ms=1)

    acts: list[Callable[[], None]] = [typed, lambda: line_scan(bench)]
    first, second = acts if typed_first else acts[::-1]
    bench.key("Louder", gap_ms=0)  # an event that came without delay
    first()
    bench.clock.now += apart_ms - (0 if typed_first else 1)
    bench.at_ms += apart_ms - (0 if typed_first else 1)
    bench.clock.now += 400 if not typed_first else 0  # the window stalls: the keys arrive late, their stamps are right
    second()
    assert bench.window.scans == [(CODE, False), (CODE, repeated)]


def test_stamps_that_wrap_or_jump_are_another_clock() -> None:
    stamps = Stamps()
    stamps.seen(2**32 - 5, 1_000)
    assert stamps.on_clock(2**32 - 1) == 1_004
    stamps.seen(10, 1_015)
    assert (stamps.on_clock(10), stamps.stamp(1_015)) == (1_015, 10)
    stamps.seen(20, 1_500)  # a stall
    assert stamps.on_clock(20) == 1_025
    stamps.seen(30, 90_000)  # the machine slept
    assert stamps.on_clock(30) == 90_000


# What guns send besides


def test_control_characters_of_a_scan_are_no_commands(bench: Bench, qtbot: QtBot) -> None:
    """ISO/IEC 15434: `[)>` RS `06` GS … RS EOT, within STX and ETX. Ctrl+B and Ctrl+D are commands when a person presses them."""
    bench.window.uses |= {"Ctrl+B", "Ctrl+D", "Ctrl+C"}
    focus(qtbot, bench.page.name)
    bench.key("b", modifiers=CONTROL)
    bench.keys("[)>")
    bench.key("6", modifiers=CONTROL | SHIFT)
    bench.keys("06")
    bench.key("]", modifiers=CONTROL)
    bench.keys(CODE)
    bench.key("6", modifiers=CONTROL | SHIFT)
    bench.key("d", modifiers=CONTROL)
    bench.keys("\r")
    bench.key("c", modifiers=CONTROL)
    pause(bench)
    assert bench.window.scans == [(f"[)>06{CODE}", False)]
    assert (bench.window.answers, bench.page.name.text(), bench.window.unreadables) == ([], "", [])


@pytest.mark.parametrize("key", ["b", "d"])
def test_the_same_combinations_of_a_person_are_commands(bench: Bench, qtbot: QtBot, key: str) -> None:
    bench.window.uses |= {"Ctrl+B", "Ctrl+D"}
    focus(qtbot, bench.page.name)
    bench.key("x", gap_ms=200)
    bench.key(key, gap_ms=200, modifiers=CONTROL)
    bench.key("y", gap_ms=200)
    pause(bench)
    assert (bench.window.answers, bench.page.name.text()) == ([f"Ctrl+{key.upper()}"], "xy")


def test_a_control_character_that_comes_as_a_key_of_its_own_belongs_to_the_scan(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.name)
    bench.keys("0112345")
    bench.at_ms += 5
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        event = QKeyEvent(kind, Qt.Key.Key_unknown, Qt.KeyboardModifier.NoModifier, "\x1d")
        event.setTimestamp(bench.at_ms)
        QCoreApplication.sendEvent(handle(bench.page), event)
    bench.keys("2112345\r")
    assert (bench.window.scans, bench.page.name.text()) == ([("01123452112345", False)], "")


def test_invisible_and_right_to_left_characters_do_not_part_a_scan_or_stay_behind(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.name)
    bench.keys("\u202eSF1\u200b234567\u200f890123\ufeff\u202c\r")
    pause(bench)
    assert (bench.window.scans, bench.page.name.text()) == ([(CODE, False)], "")


def test_a_typed_joiner_reaches_the_field(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.name)
    bench.keys("a\u200db", gap_ms=80)
    pause(bench)
    assert bench.page.name.text() == "a\u200db"


@pytest.mark.parametrize("raw", [f"]C1{CODE}", f"\\000026{CODE}", f"]Q1\\000029{CODE}"])
def test_prefixes_of_symbology_and_encoding_are_taken_off(bench: Bench, qtbot: QtBot, raw: str) -> None:
    focus(qtbot, bench.page.name)
    bench.keys(raw + "\r")
    assert (bench.window.scans, bench.page.name.text()) == ([(CODE, False)], "")


def test_a_4_kb_code_is_one_scan(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.name)
    code = '{"w":"SF1234567890123","x":"' + "7" * 4_066 + '"}'
    assert len(code) == 4_096
    bench.keys(code + "\r", gap_ms=2)
    assert (bench.window.scans, bench.page.name.text()) == ([(code, False)], "")


def test_half_a_scan_is_delivered_as_it_is_or_typed_visibly_but_confirms_nothing(bench: Bench, qtbot: QtBot) -> None:
    """A keyboard gun that stops in the middle can't be told from one without a line end; below six characters not from a person."""
    focus(qtbot, bench.page.waybill)
    with qtbot.assertNotEmitted(bench.page.waybill.returnPressed):
        bench.keys("SF1234567", gap_ms=8)
        pause(bench)
        bench.key("S", gap_ms=500)
        bench.keys("F12", gap_ms=8)
        pause(bench)
    assert (bench.window.scans, bench.page.waybill.text()) == ([("SF1234567", False)], "SF12")


# Input methods in full width


def commit(widget: QWidget, text: str) -> None:
    event = QInputMethodEvent()
    event.setCommitString(text)
    QCoreApplication.sendEvent(widget, event)


WIDE = "ＳＦ１２３４５６７８９０１２３"


@pytest.mark.parametrize("end", ["\r", ""])
def test_a_scan_that_an_input_method_commits_in_full_width_is_a_scan(bench: Bench, qtbot: QtBot, end: str) -> None:
    focus(qtbot, bench.page.name)
    bench.key("Louder")
    for text in WIDE:
        bench.clock.now += 10
        bench.at_ms += 10
        commit(bench.page.name, text)
    bench.clock.now += 10
    bench.keys(end)
    pause(bench)
    assert (bench.window.scans, bench.window.ime_scans, bench.page.name.text()) == ([(CODE, False)], 0, "")


def test_full_width_typed_by_a_person_reaches_the_field_in_order(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.name)
    for text in "Ａ１２３４５６":
        bench.clock.now += 90
        commit(bench.page.name, text)
    commit(bench.page.name, "号")
    assert bench.page.name.text() == "Ａ１２３４５６号"


def test_a_committed_character_goes_to_its_field_although_the_focus_has_moved_or_nowhere_if_that_is_gone(
    bench: Bench, qtbot: QtBot
) -> None:
    focus(qtbot, bench.page.name)
    commit(bench.page.name, "Ａ")
    focus(qtbot, bench.page.waybill)
    pause(bench)
    assert (bench.page.name.text(), bench.page.waybill.text()) == ("Ａ", "")


def test_full_width_that_ends_a_composition_is_text(bench: Bench, qtbot: QtBot) -> None:
    focus(qtbot, bench.page.name)
    QCoreApplication.sendEvent(bench.page.name, QInputMethodEvent("a", []))
    commit(bench.page.name, "Ａ")
    assert bench.page.name.text() == "Ａ"


# Thousands of scans between typing


BASE_MS = 40_000
"""By which the clock is ahead of the stamps."""
TYPED = "abcdefxyz0123456789 王李路号"
ANSWERS = "123"


@dataclass
class Shift:
    """A person and their guns at the window: what they do, by a seed, and what must come of it. Stamps go on by themselves; the clock does
    too, and now and then it is far ahead: the window stalled, and what happened meanwhile arrives together."""

    bench: Bench
    qtbot: QtBot
    chance: random.Random
    dialog: QDialog
    edit: QLineEdit
    at: QWidget = field(init=False)
    scanned: int = 0
    texts: dict[QWidget, str] = field(default_factory=dict)
    ended_ms: int = 0
    entries: int = 0
    heard_entries: int = 0
    answers: list[str] = field(default_factory=list)
    wedge: list[tuple[str, bool]] = field(default_factory=list)
    line: list[tuple[str, bool]] = field(default_factory=list)
    owed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.fields: list[QLineEdit] = [self.bench.page.name, self.bench.page.waybill, self.edit]
        self.texts = dict.fromkeys(self.fields, "")
        for each in self.fields:
            each.returnPressed.connect(self.entered)
        self.bench.window.uses = frozenset({*ANSWERS, "F12"})
        self.turn_to(self.bench.page.name)

    def entered(self) -> None:
        self.heard_entries += 1

    def turn_to(self, widget: QWidget) -> None:
        """What waits acts before the focus moves, as by the pause that moving a hand takes."""
        self.wait(self.chance.randint(200, 400))
        self.tick()
        window = widget.window()
        if self.dialog.isVisible() and window is not self.dialog:
            self.dialog.hide()
        if window is self.dialog and not self.dialog.isVisible():
            self.dialog.open()
        focus(self.qtbot, widget)
        self.at = widget
        if isinstance(widget, QLineEdit):
            widget.end(False)  # a dialog that comes up has selected what stands there

    # Time

    def wait(self, ms: int) -> None:
        self.bench.at_ms += ms
        self.bench.clock.now = max(self.bench.clock.now, self.bench.at_ms + BASE_MS)

    def tick(self) -> None:
        """The pause is noticed, and the person sees what came of it before going on."""
        pause(self.bench)
        self.bench.at_ms = max(self.bench.at_ms, self.bench.clock.now - BASE_MS)

    def stall(self) -> None:
        self.bench.clock.now += self.chance.randint(80, 1_500)

    def key(self, text: str, gap_ms: int, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        self.wait(gap_ms)
        self.bench.key(text, gap_ms=0, modifiers=modifiers, to=self.at)
        if self.owed and self.chance.random() < 0.1:
            self.scan_by_line(self.owed.pop())

    # What happens

    def type_some(self) -> None:
        """Letters a person types, two or three now and then rolled over; Backspace and Enter."""
        for _ in range(self.chance.randint(1, 8)):
            rolls = self.chance.randint(1, 3) if self.chance.random() < 0.2 else 0
            if self.at is self.bench.page.question:
                self.answer()
                continue
            kind = self.chance.random()
            if kind < 0.08:
                self.key("\b", self.chance.randint(70, 300))
                self.texts[self.at] = self.texts[self.at][:-1]
            elif kind < 0.14:
                self.key("\r", self.chance.randint(70, 300))
                self.entries += 1
            elif kind < 0.2:
                self.key("F12", self.chance.randint(70, 300))
                self.answers.append("F12")
            else:
                text = self.chance.choice(TYPED)
                self.key(text, self.chance.randint(60, 400))
                for _ in range(rolls):
                    more = self.chance.choice(TYPED)
                    self.key(more, self.chance.randint(36, 50))
                    text += more
                self.texts[self.at] += text

    def answer(self) -> None:
        answer = self.chance.choice(ANSWERS)
        self.key(answer, self.chance.randint(60, 400))
        self.answers.append(answer)

    def scan(self) -> None:
        """A keyboard gun, 5 to 50 ms a character, set in one of many ways; now and then a serial one meanwhile, or the same code again."""
        chance = self.chance
        self.scanned += 1
        code = f"{chance.choice(('SF', *ANSWERS))}{self.scanned:013}"  # a code's first key may be an answer
        keys = {0: f"]C1{code}", 1: code.lower(), 2: "".join(chr(ord(each) + 0xFEE0) for each in code), 3: f"\u202e{code}\u200b"}
        form = chance.randint(0, 20)
        self.send(keys.get(form, code), framed=form == 4)
        sent = code.lower() if form == 1 else code
        self.wedge.append((sent, False))
        if chance.random() < 0.03:
            self.wait(chance.randint(130, 200))
            self.tick()
            self.scan_by_line(code, after_ms=self.ended_ms)
        self.wait(chance.randint(200, 400))
        if chance.random() < 0.5:
            self.tick()

    def send(self, keys: str, *, framed: bool) -> None:
        chance, slow = self.chance, self.chance.choice([5, 8, 12, 30, 50])
        gap = lambda: chance.randint(5, max(6, slow))  # noqa: E731 - one line says it
        first = chance.randint(60, 90)
        if framed:
            self.key("b", first, CONTROL)
            first = gap()
        for number, each in enumerate(keys):
            self.key(each, gap() if number else first)
            if chance.random() < 0.002:
                self.stall()
        if framed:
            self.key("c", gap(), CONTROL)
        self.ended_ms = self.bench.at_ms
        for number, end in enumerate(chance.choice(["\r", "\r", "\r", "\t", "\r\r", ""])):
            self.key(end, gap())
            self.ended_ms = self.ended_ms if number else self.bench.at_ms

    def scan_by_line(self, code: str, *, after_ms: int | None = None) -> None:
        """`after_ms`: when the same code came from the keyboard gun."""
        now = self.bench.at_ms + BASE_MS
        began = now - self.chance.randint(2, 20)
        self.line.append((code, after_ms is not None and began - BASE_MS - after_ms <= 300))
        self.bench.keyboard.take(LineScan(code, began, now))

    def owe_a_line_scan(self) -> None:
        """A serial gun is triggered somewhere amid the next keys."""
        self.scanned += 1
        self.owed.append(f"YT{self.scanned:013}")

    def work(self, scans: int) -> None:
        while self.scanned < scans:
            act = self.chance.random()
            if act < 0.15:
                self.owe_a_line_scan()
            elif act < 0.4:
                self.type_some()
                self.wait(self.chance.randint(60, 90))
            elif act < 0.45:
                self.turn_to(self.chance.choice([*self.fields, self.bench.page.question]))
            elif act < 0.47:
                self.stall()
            else:
                self.scan()
            if self.chance.random() < 0.05:
                self.check_texts()
        while self.owed:
            self.scan_by_line(self.owed.pop())
        self.check_texts()

    def check_texts(self) -> None:
        """Fields are compared and emptied, so that they hold what a field can."""
        self.wait(200)
        self.tick()
        for each in self.fields:
            assert each.text() == self.texts[each]
            each.clear()
            self.texts[each] = ""

    def check(self) -> None:
        scans = self.bench.window.scans
        line = {code for code, _ in self.line}
        wedge = {code for code, _ in self.wedge}
        assert [scan for scan in dict.fromkeys(scans) if scan in set(self.wedge)] == self.wedge
        assert Tally(scans) == Tally([*self.wedge, *self.line])
        assert len({code.upper() for code in line | wedge}) == self.scanned
        assert (self.bench.window.answers, self.heard_entries) == (self.answers, self.entries)
        assert (self.bench.window.unreadables, self.bench.window.oversizes, self.bench.window.ime_scans) == ([], [], 0)


def shift(bench: Bench, qtbot: QtBot, seed: int) -> Shift:
    dialog = QDialog(bench.page)
    dialog.setModal(True)
    edit = QLineEdit(dialog)
    with qtbot.waitExposed(dialog):
        dialog.open()
    bench.clock.now = bench.at_ms + BASE_MS
    return Shift(bench, qtbot, random.Random(seed), dialog, edit)  # noqa: S311 - the same shift each time, no secret


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_scans_between_typing_lose_and_misroute_nothing(bench: Bench, qtbot: QtBot, seed: int) -> None:
    one = shift(bench, qtbot, seed)
    one.work(100)
    one.check()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_ten_thousand_scans_between_typing_lose_and_misroute_nothing(bench: Bench, qtbot: QtBot) -> None:
    """G-02: key events at the QWindow, 5 to 50 ms a character, typing, answers, dialogs, stalls and serial guns between and amid them."""
    one = shift(bench, qtbot, 20261126)
    one.work(10_000)
    one.check()
    assert one.scanned == 10_000
    assert sum(repeated for _, repeated in one.line) > 100
