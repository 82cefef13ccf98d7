"""Text: labels that elide, key caps, tags, marks."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6 import QtGui
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from courier_check.one_line import one_line
from ui.design.tokens import restyle, retone
from ui.shown import (
    Sign,
    Tone,
)


def reveal(widget: QWidget, shown: bool) -> None:
    """Show or hide a widget that may not stand in a layout yet: without a parent it would come up as a window and take the focus."""
    if not shown:
        widget.hide()
    elif widget.parentWidget() is not None:
        widget.show()


def show_first(box: QWidget, rows: Sequence[QWidget], count: int) -> None:
    """Show the first rows of a box and hide the others.

    When a widget comes up, Qt lays out everything around it at once, about a millisecond on a full page. Where several come up, the box is
    away meanwhile, and that is done once. Not for boxes with fields: one that has the focus would lose it.
    """
    apart = box.isVisible() and sum(row.isHidden() for row in rows[:count]) > 1
    if apart:
        box.hide()
    for index, row in enumerate(rows):
        reveal(row, index < count)
    if apart:
        box.show()


def tip(text: str) -> str:
    """These words as a tooltip: Qt takes for markup whatever looks like it, and there it can't be told otherwise."""
    return QtGui.Qt.convertFromPlainText(text) if QtGui.Qt.mightBeRichText(text) else text


class Label(QLabel):
    """Text of one kind: small, dim, name, text, fact, title, question, big, tag. Never markup, whatever a label or a list says."""

    def __init__(self, text: str = "", kind: str = "text", *, wrap: bool = False) -> None:
        super().__init__(text)
        self.setProperty("kind", kind)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)

    def say(self, text: str) -> None:
        if text != self.text():
            self.setText(text)

    def stand_on(self, tone: str) -> None:
        """The colour of a surface that this label stands on."""
        restyle(self, "on", tone)


class Elided(Label):
    """A line that never widens its card: what does not fit ends in … and is told whole by the tooltip and to screen readers."""

    def __init__(self, text: str = "", kind: str = "text") -> None:
        super().__init__("", kind)
        self._whole = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setMinimumWidth(24)
        self.say(text)

    def say(self, text: str) -> None:
        self._whole = one_line(text)
        self.setAccessibleName(self._whole)
        self._fit()

    def whole(self) -> str:
        """All of the text."""
        return self._whole

    def wrap(self, on: bool) -> None:
        """In several lines, whole, instead."""
        self.setWordWrap(on)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(self.fontMetrics().horizontalAdvance(self._whole) + 2, hint.height())

    def _fit(self) -> None:
        room = max(self.width(), 24)
        shown = self._whole if self.wordWrap() else self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, room)
        if shown != self.text():
            self.setText(shown)
        self.setToolTip(tip(self._whole) if shown != self._whole else "")


class KeyCap(Label):
    """A drawn key, wherever a key acts."""

    def __init__(self, key: str) -> None:
        super().__init__(key, "cap")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setMinimumWidth(18)
        self.setFixedHeight(20)
        reveal(self, bool(key))

    def say(self, text: str) -> None:
        super().say(text)
        reveal(self, bool(text))


class Tag(Label):
    def __init__(self, text: str = "", tone: Tone = Tone.PLAIN) -> None:
        super().__init__(text, "tag")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setProperty("tone", tone.value)
        reveal(self, bool(text))

    def say(self, text: str) -> None:
        super().say(text)
        reveal(self, bool(text))


_SIGN_TONES = {Sign.DONE: Tone.GO, Sign.STOP: Tone.STOP, Sign.DOUBT: Tone.REFER, Sign.OPEN: Tone.PLAIN, Sign.NONE: Tone.PLAIN}


class Mark(Label):
    """✓ ! ✖ beside a fact."""

    def __init__(self, sign: Sign = Sign.NONE) -> None:
        super().__init__(sign.value, "mark")
        self.setProperty("tone", _SIGN_TONES[sign].value)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setFixedWidth(18)

    def show_sign(self, sign: Sign) -> None:
        self.say(sign.value)
        retone(self, _SIGN_TONES[sign].value)
