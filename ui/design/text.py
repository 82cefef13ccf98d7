"""Text: labels that elide, key caps, tags, marks."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from ui.design.tokens import retone
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
        self.setProperty("on", tone)
        self.style().unpolish(self)
        self.style().polish(self)


class Elided(Label):
    """A line that never widens its card: what does not fit ends in … and is told whole by the tooltip and to screen readers."""

    def __init__(self, text: str = "", kind: str = "text") -> None:
        super().__init__("", kind)
        self._whole = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setMinimumWidth(24)
        self.say(text)

    def say(self, text: str) -> None:
        self._whole = text
        self.setAccessibleName(text)
        self._fit()

    def whole(self) -> str:
        """The text as given."""
        return self._whole

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(self.fontMetrics().horizontalAdvance(self._whole) + 2, hint.height())

    def _fit(self) -> None:
        shown = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, max(self.width(), 24))
        if shown != self.text():
            self.setText(shown)
        self.setToolTip(self._whole if shown != self._whole else "")


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
