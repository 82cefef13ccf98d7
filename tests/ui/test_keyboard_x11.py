"""Real keys of an X server, with the server's own time stamps: a scanner's burst is one scan, a person's typing is text.

Run as a program this file is the window under test; it says on its output what reaches it.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import pytest
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QWindow
from PySide6.QtWidgets import QApplication, QPushButton, QVBoxLayout, QWidget

from support.displays import x_display
from ui.fields import ScanField, TextField
from ui.keyboard import Keyboard, KeyPress
from ui.wedge import DEFAULT_GAP_MS

ROOT = Path(__file__).parents[2]
TITLE = "courier-check-keyboard-test"
CODE = "SF1234567890123"
HANDS = 5
FIELDS = ("name", "waybill")
SCANS = int(os.environ.get("COURIER_CHECK_STRUCK_SCANS", "40"))
"""How many are struck with real keys, a second each."""

pytestmark = [pytest.mark.slow, pytest.mark.alone]


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    with x_display("800x600") as name:
        yield name


class Desk:
    """The window in a process of its own, and a hand on its keyboard."""

    def __init__(self, display: str, focus: str) -> None:
        path = os.pathsep.join((str(ROOT), str(ROOT / "tests")))
        self._environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}
        self._process = subprocess.Popen(
            [sys.executable, __file__, focus], env=self._environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self._output: IO[str] = self._process.stdout
        assert self._output.readline() == "ready\n"
        # No window manager here to give the window the focus.
        self.hand("search", "--sync", "--onlyvisible", "--name", TITLE, "windowfocus", "--sync")

    def hand(self, *words: str) -> None:
        subprocess.run(["xdotool", *words], env=self._environment, check=True, timeout=60, stdout=subprocess.DEVNULL)

    def hands(self, lines: list[str]) -> None:
        """A long piece of work, line after line by one hand: no time is lost between them."""
        words = "".join(f"{line}\n" for line in lines)
        subprocess.run(["xdotool", "-"], env=self._environment, check=True, timeout=250, stdout=subprocess.DEVNULL, input=words, text=True)

    def report(self) -> tuple[list[str], list[int]]:
        """All it said since the last report, where the focus is and what the fields held; the stamps of all keys but Shift and F8. Then the
        fields are empty, and the focus is in the first."""
        self.hand("key", "--delay", "0", "F8")
        said = list(itertools.takewhile(lambda line: not line.startswith("stamps "), (line.rstrip("\n") for line in self._output)))
        return said, json.loads(self._output.readline())

    def close(self) -> None:
        self._process.kill()
        self._process.communicate(timeout=30)

    def heard(self) -> list[str]:
        """Close the window by its last key; all it said. The server's stamps of the keys before are kept in `stamps`."""
        self.hand("key", "--delay", "0", "F10")
        *said, stamps = self._process.communicate(timeout=30)[0].splitlines()
        self.stamps: list[int] = json.loads(stamps)[:-1]
        return said


@pytest.fixture
def opened(display: str) -> Iterator[Callable[[str], Desk]]:
    """Opens windows with the focus where it is wanted, and closes them all."""
    desks: list[Desk] = []

    def open_with_focus(focus: str) -> Desk:
        desks.append(Desk(display, focus))
        return desks[-1]

    yield open_with_focus
    for desk in desks:
        desk.close()


def heard_in_time(strike: Callable[[], Desk]) -> list[str]:
    """What is heard where the keys struck last are CODE and its end. Keys that came late, because the machine had no time for the hand, are
    struck again in another window."""
    for _ in range(HANDS):
        desk = strike()
        heard = desk.heard()
        gun = desk.stamps[-len(CODE) - 1 :]
        assert len(gun) == len(CODE) + 1
        if all(later - earlier <= DEFAULT_GAP_MS for earlier, later in itertools.pairwise(gun)):
            return heard
    pytest.fail("this machine is too busy for a hand")


@pytest.mark.parametrize("focus", ["name", "waybill", "question"])
@pytest.mark.parametrize("end", ["Return", "Tab", "KP_Enter"])
def test_keys_five_milliseconds_apart_are_one_scan(opened: Callable[[str], Desk], focus: str, end: str) -> None:
    def strike() -> Desk:
        desk = opened(focus)
        desk.hand("type", "--args", "1", "--delay", "5", CODE, "key", "--delay", "0", end)
        return desk

    assert heard_in_time(strike) == [f"scanned {CODE}", f"focus {focus}", "text ", "answers "]


@pytest.mark.parametrize("focus", ["name", "waybill"])
def test_keys_of_a_person_are_text(opened: Callable[[str], Desk], focus: str) -> None:
    desk = opened(focus)
    desk.hand("type", "--args", "1", "--delay", "120", CODE, "key", "--delay", "120", "Return")
    assert desk.heard() == [f"focus {focus}", f"text {CODE}", "answers "]


def test_keys_of_a_person_are_answers_where_a_question_is_open(opened: Callable[[str], Desk]) -> None:
    desk = opened("question")
    desk.hand("type", "--args", "1", "--delay", "120", "1231", "key", "--delay", "120", "F12")
    assert desk.heard() == ["focus question", "text ", "answers 1 2 3 1 F12"]


def test_stalled_window_still_tells_typing_from_a_scan(opened: Callable[[str], Desk]) -> None:
    def strike() -> Desk:
        desk = opened("name")
        desk.hand("key", "F9", "type", "--args", "1", "--delay", "120", "13800000000")
        desk.hand("key", "F9", "type", "--args", "1", "--delay", "5", CODE, "key", "--delay", "0", "Return")
        return desk

    assert heard_in_time(strike) == [f"scanned {CODE}", "focus name", "text 13800000000", "answers "]


@dataclass
class Stretch:
    """Some scans of a gun, 5 to 25 ms a character with Enter, Tab or nothing behind the code, and a person between them: what the hand is
    to do, the keys that makes, and what must come of it. A scan's keys have its number, a person's have none."""

    lines: list[str] = field(default_factory=list)
    keys: list[int | None] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    typed: list[str] = field(default_factory=lambda: ["", ""])

    def scan(self, number: int, chance: random.Random) -> None:
        self.codes.append(f"SF{number:013}")
        end = chance.choice(["Return", "Tab", "KP_Enter", ""])
        self.lines.append(f"type --args 1 --delay {chance.choice([5, 10, 25])} {self.codes[-1]}")
        self.lines += [f"key --delay 0 {end}"] if end else []
        self.lines.append(f"sleep 0.{chance.randint(20, 35)}")
        self.keys += [number] * (len(self.codes[-1]) + bool(end))

    def press(self, key: str) -> None:
        self.lines += ["sleep 0.1", f"key --delay 0 {key}", "sleep 0.2"]
        self.keys.append(None)

    def type(self, text: str, at: int) -> None:
        self.lines += [f"type --args 1 --delay 140 {text}", "sleep 0.1"]
        self.keys += [None] * len(text)
        self.typed[at] += text

    def was_in_time(self, stamps: list[int]) -> bool:
        """Whether the server's stamps are those of a gun and a person: on a busy machine the hand itself is late."""
        assert len(stamps) == len(self.keys)
        pairs = zip(itertools.pairwise(self.keys), itertools.pairwise(stamps), strict=True)
        return all((later - earlier <= 50) is (one is not None and one == other) for (one, other), (earlier, later) in pairs)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", [1])
def test_many_scans_between_typing_with_real_keys(opened: Callable[[str], Desk], seed: int) -> None:
    """The focus is moved between a field for names and one for numbers, the window is stalled now and then. A stretch in which the machine
    had no time for the hand is struck again; one that was struck in time must be exact."""
    chance = random.Random(seed)  # noqa: S311 - the same keys each time
    desk, number, again = opened("name"), 0, 0
    while number < SCANS:
        stretch, at = Stretch(), 0
        for scan in range(number, number + 10):
            stretch.scan(scan, chance)
            if chance.random() < 0.05:
                stretch.press("F9")
            if chance.random() < 0.4:
                stretch.type("".join(chance.choices("abcxyz0123456789", k=chance.randint(1, 5))), at)
            if chance.random() < 0.1:
                stretch.press(("Tab", "shift+Tab")[at])
                stretch.press("End")  # Tab has selected what stands there
                at = 1 - at
        desk.hands(stretch.lines)
        heard, stamps = desk.report()
        if stretch.was_in_time(stamps):
            assert heard == [*(f"scanned {code}" for code in stretch.codes), f"focus {FIELDS[at]}", f"texts {' '.join(stretch.typed)}"]
            number += 10
        else:
            again += 1
            assert again <= 40, "this machine is too busy for a hand"


class Page(QWidget):
    """The window under test. F8 makes it report; F9 stalls it for 1.5 s; F10 makes it say what it has and leave."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[str] = []
        self.stamps: list[int] = []
        self.fields = [TextField("name", "姓名", self), ScanField("waybill", "运单号", self)]
        question = QPushButton("问题", self)
        question.setObjectName("question")
        layout = QVBoxLayout(self)
        for widget in (*self.fields, question):
            layout.addWidget(widget)

    def takes_text(self) -> bool:
        return QApplication.focusWidget() in self.fields

    def can_restore(self) -> bool:
        return True

    def checkpoint(self) -> object:
        return list(self.answers)

    def restore(self, checkpoint: object) -> None:
        assert isinstance(checkpoint, list)
        self.answers = checkpoint

    def scanned(self, text: str, *, repeated: bool) -> None:
        say(f"repeated {text}" if repeated else f"scanned {text}")

    def unreadable(self, characters: int) -> None:
        say(f"unreadable {characters}")

    def oversized(self, characters: int) -> None:
        say(f"oversized {characters}")

    def ime_scan(self) -> None:
        say("ime")

    def pressed(self, key: KeyPress) -> bool:
        if key.name == "F9":
            subprocess.run(["sleep", "1.5"], check=True)
        elif key.name == "F8":
            QTimer.singleShot(200, self.report)
        elif key.name == "F10":
            QTimer.singleShot(200, self.leave)
        elif key.name in ("1", "2", "3", "F12"):
            self.answers.append(key.name)
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Every key that the server has sent, before the keyboard sees it."""
        is_press = isinstance(watched, QWindow) and event.spontaneous() and event.type() == QEvent.Type.KeyPress
        if is_press and isinstance(event, QKeyEvent) and event.key() not in (Qt.Key.Key_Shift, Qt.Key.Key_F8):
            self.stamps.append(event.timestamp())
        return False

    def report(self) -> None:
        widget = QApplication.focusWidget()
        say(f"focus {widget.objectName() if widget else ''}")
        say(f"texts {' '.join(field.text() for field in self.fields)}")
        say("stamps ")
        say(json.dumps(self.stamps))
        self.stamps.clear()
        for each in self.fields:
            each.clear()
        self.fields[0].setFocus()

    def leave(self) -> None:
        widget = QApplication.focusWidget()
        say(f"focus {widget.objectName() if widget else ''}")
        say(f"text {''.join(field.text() for field in self.fields)}")
        say(f"answers {' '.join(self.answers)}")
        say(json.dumps(self.stamps))
        QApplication.exit()


def main(focus: str) -> None:
    application = QApplication(["window-under-test"])
    page = Page()
    page.setWindowTitle(TITLE)
    keyboard = Keyboard(application, page, clock=lambda: time.monotonic_ns() // 1_000_000)
    application.installEventFilter(page)
    page.show()
    chosen = page.findChild(QWidget, focus)
    assert chosen is not None
    chosen.setFocus()
    QTimer.singleShot(0, lambda: say("ready"))
    application.exec()
    keyboard.stop()


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
