"""A person at the window: key events at the QWindow with time stamps of their own, scans as bursts, text as an input method commits it.
The demo and the journeys of the tests drive the window through this and nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, Qt, QTimer
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget

from ui.keyboard import Keyboard

PERSON_MS = 140
"""Between two keys of a person, by their time stamps. Nothing waits for it: the stamps are what tells a person from a scanner."""
GUN_MS = 8
COMPOSED_MS = 100  # twice a scanner's gap: what comes sooner after a composition was garbled by it
PATIENCE_MS = 30_000
LOOK_MS = 5

_KEYS = {
    "Enter": Qt.Key.Key_Return,
    "Esc": Qt.Key.Key_Escape,
    "Space": Qt.Key.Key_Space,
    "Backspace": Qt.Key.Key_Backspace,
    "Tab": Qt.Key.Key_Tab,
    "Shift+Tab": Qt.Key.Key_Backtab,
    "Up": Qt.Key.Key_Up,
    "Down": Qt.Key.Key_Down,
    "Left": Qt.Key.Key_Left,
    "Right": Qt.Key.Key_Right,
    "PageDown": Qt.Key.Key_PageDown,
    "PageUp": Qt.Key.Key_PageUp,
    **{f"F{number}": Qt.Key(Qt.Key.Key_F1.value + number - 1) for number in range(1, 13)},
}
_TEXTS = {"Enter": "\r", "Space": " ", "Tab": "\t", "Backspace": "\b", "Esc": "\x1b"}


class GaveUpError(Exception):
    """What was waited for did not come."""


@dataclass
class Counted:
    """What a person did since the last reset."""

    keys: int = 0
    scans: int = 0


class Hand:
    """Acts on one window. `counted` counts keys and scans; typed text counts each character as a key."""

    def __init__(self, window: QWidget) -> None:
        self._window = window
        self._stamp = time.monotonic_ns() // 1_000_000
        self._composed_ms = 0
        self.counted = Counted()

    def reset(self) -> Counted:
        """Begin counting anew; returns what was counted before."""
        before, self.counted = self.counted, Counted()
        return before

    def press(self, *names: str) -> None:
        """Keys by the names on their caps: "F12", "1", "Enter", "Ctrl+K"."""
        for name in names:
            self.counted.keys += 1
            self._stamp = max(self._stamp + PERSON_MS, time.monotonic_ns() // 1_000_000)
            self._strike(name)
            self.settle()

    def type(self, text: str) -> None:
        """Letters and digits, key by key, into the field that has the focus."""
        for character in text:
            self.press(character)
        self.until(lambda: not self._waits(), "字符没有进入输入框")

    def compose(self, text: str) -> None:
        """Chinese, as an input method commits it to the focus widget. Counts as two keys a character (a model, not a measurement)."""
        self.counted.keys += 2 * len(text)
        event = QInputMethodEvent()
        event.setCommitString(text)
        focus = QApplication.focusWidget() or self._window.focusWidget()
        if focus is None:
            raise GaveUpError("没有输入框")
        self._composed_ms = time.monotonic_ns() // 1_000_000
        QCoreApplication.sendEvent(focus, event)
        self.settle()

    def scan(self, code: str) -> None:
        """A scanner's burst with Enter at its end. Nobody scans in the moment in which Chinese was composed: that counts as garbled."""
        self.counted.scans += 1
        lately = time.monotonic_ns() // 1_000_000 - self._composed_ms
        if lately < COMPOSED_MS:
            self.rest(COMPOSED_MS - lately)
        self._stamp = max(self._stamp + PERSON_MS, time.monotonic_ns() // 1_000_000)
        for character in code:
            self._strike(character)
            self._stamp += GUN_MS
        self._strike("Enter")
        self.settle()

    def settle(self) -> None:
        """Let what was caused happen: a round of the event loop in which pages are made up, and one in which they are painted. Nobody's
        next key is faster than that."""
        self.rest(0)
        self.rest(0)

    def rest(self, ms: int) -> None:
        """A person looks at the screen."""
        loop, timer = QEventLoop(), QTimer(interval=ms, singleShot=True)
        timer.timeout.connect(loop.quit)
        timer.start()
        loop.exec()

    def until(self, holds: Callable[[], bool], what: str, patience_ms: int = PATIENCE_MS) -> None:
        """Wait for a condition. Raises GaveUpError with `what` after the patience."""
        if holds():
            return
        loop, timer = QEventLoop(), QTimer(interval=LOOK_MS)
        ends = time.monotonic() + patience_ms / 1000

        def look() -> None:
            if holds() or time.monotonic() > ends:
                loop.quit()

        timer.timeout.connect(look)
        timer.start()
        loop.exec()
        timer.stop()
        if not holds():
            raise GaveUpError(what)

    def _waits(self) -> bool:
        """Whether a typed character is still held back, as a scanner's may be. A clock would not tell: a busy machine decides late."""
        application = QApplication.instance()
        return application is not None and any(keyboard.waits for keyboard in application.findChildren(Keyboard))

    def _strike(self, name: str) -> None:
        modifier = Qt.KeyboardModifier.NoModifier
        bare = name
        if name.startswith("Ctrl+"):
            modifier, bare = Qt.KeyboardModifier.ControlModifier, name.removeprefix("Ctrl+")
        elif name == "Shift+Tab":
            modifier = Qt.KeyboardModifier.ShiftModifier
        key = _KEYS.get(bare) or Qt.Key(ord(bare.upper()))
        text = "" if modifier is not Qt.KeyboardModifier.NoModifier else _TEXTS.get(bare, bare if len(bare) == 1 else "")
        handle = self._window.windowHandle()
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, key, modifier, text)
            event.setTimestamp(self._stamp % 2**32)
            QCoreApplication.sendEvent(handle, event)
