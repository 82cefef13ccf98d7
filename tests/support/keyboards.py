"""A page with fields, the keyboard filter on it, and keys as the platform hands them to a window: with stamps that the test gives."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent, QWindow
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.fields import ScanField, TextField
from ui.keyboard import Keyboard, KeyPress

NONE = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
PAD = Qt.KeyboardModifier.KeypadModifier
NAMED = {
    "\r": Qt.Key.Key_Return,
    "\t": Qt.Key.Key_Tab,
    "\b": Qt.Key.Key_Backspace,
    "\x1b": Qt.Key.Key_Escape,
    "F12": Qt.Key.Key_F12,
    "Up": Qt.Key.Key_Up,
    "Louder": Qt.Key.Key_VolumeUp,
}
CODE = "SF1234567890123"


@dataclass
class SetMilliseconds:
    """A clock that moves when told to."""

    now: int = 50_000

    def __call__(self) -> int:
        return self.now


def steady_ms() -> int:
    return time.monotonic_ns() // 1_000_000


@dataclass
class Window:
    """A listener that writes down what it is told, and answers as a page with one question would."""

    uses: frozenset[str] = frozenset()
    answers: list[str] = field(default_factory=list)
    scans: list[tuple[str, bool]] = field(default_factory=list)
    oversizes: list[int] = field(default_factory=list)
    ime_scans: int = 0
    then: Callable[[KeyPress], None] | None = None
    restorable: bool = True
    unreadables: list[int] = field(default_factory=list)

    def takes_text(self) -> bool:
        return isinstance(QApplication.focusWidget(), QLineEdit | QPlainTextEdit)

    def can_restore(self) -> bool:
        return self.restorable

    def checkpoint(self) -> object:
        return tuple(self.answers)

    def restore(self, checkpoint: object) -> None:
        assert isinstance(checkpoint, tuple)
        self.answers = list(checkpoint)

    def scanned(self, text: str, *, repeated: bool) -> None:
        self.scans.append((text, repeated))

    def unreadable(self, characters: int) -> None:
        self.unreadables.append(characters)

    def oversized(self, characters: int) -> None:
        self.oversizes.append(characters)

    def ime_scan(self) -> None:
        self.ime_scans += 1

    def pressed(self, key: KeyPress) -> bool:
        if key.name not in self.uses:
            return False
        self.answers.append(key.name)
        if self.then is not None:
            self.then(key)
        return True


class Counter(QWidget):
    """A page with a name, a waybill number and a question."""

    def __init__(self) -> None:
        super().__init__()
        self.name = TextField("sender-name", "寄件人姓名", self)
        self.waybill = ScanField("waybill", "运单号", self)
        self.question = QPushButton("问题", self)
        layout = QVBoxLayout(self)
        for widget in (self.name, self.waybill, self.question):
            layout.addWidget(widget)


@dataclass
class Bench:
    """The page, the keyboard under test and a hand on it."""

    page: Counter
    window: Window
    keyboard: Keyboard
    clock: SetMilliseconds
    at_ms: int = 10_000

    def key(self, text: str, *, gap_ms: int = 10, modifiers: Qt.KeyboardModifier = NONE, to: QWidget | None = None) -> None:
        """One key down and up, as the platform hands it to the window, `gap_ms` after the last one by its time stamp."""
        self.at_ms += gap_ms
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            self.event(kind, text, modifiers=modifiers, to=to)

    def event(
        self, kind: QEvent.Type, text: str, *, modifiers: Qt.KeyboardModifier = NONE, repeat: bool = False, to: QWidget | None = None
    ) -> None:
        key = NAMED.get(text) or (Qt.Key(ord(text.upper())) if text.isascii() else Qt.Key(0))
        event = QKeyEvent(kind, key, modifiers, "" if len(text) > 1 else text, repeat)
        event.setTimestamp(self.at_ms)
        QCoreApplication.sendEvent(handle(to or self.page), event)

    def keys(self, texts: str, *, gap_ms: int = 10, to: QWidget | None = None) -> None:
        for text in texts:
            self.key(text, gap_ms=gap_ms, to=to)


def handle(widget: QWidget) -> QWindow:
    window = widget.window().windowHandle()
    assert window is not None
    return window


def focus(qtbot: QtBot, widget: QWidget) -> None:
    widget.activateWindow()
    widget.setFocus()
    qtbot.waitUntil(widget.hasFocus)


@contextmanager
def bench_on(qtbot: QtBot, qapp: QApplication) -> Iterator[Bench]:
    """The page shown and active, with the keyboard on it."""
    page = Counter()
    qtbot.addWidget(page)
    with qtbot.waitExposed(page):
        page.show()
    qtbot.waitUntil(page.isActiveWindow)
    window, clock = Window(frozenset({"1", "2", "3", "Space", "Enter", "F12", "Up", "Ctrl+K", "Esc"})), SetMilliseconds()
    keyboard = Keyboard(qapp, window, clock=clock)
    yield Bench(page, window, keyboard, clock)
    keyboard.stop()
    keyboard.deleteLater()
