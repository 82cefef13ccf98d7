"""Tables, empty and error states, the toast."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QElapsedTimer, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from courier_check.one_line import one_line
from ui.design.frame import TOP_HEIGHT
from ui.design.rows import KeyButton
from ui.design.text import Label, tip
from ui.design.tokens import retone
from ui.shown import (
    AnswerShown,
    Tone,
)


class Table(QTableWidget):
    """Rows of text, chosen by Up, Down and Enter or by the mouse. Columns keep their order; the last one that may stretch does."""

    chosen = Signal(int)

    def __init__(self, columns: Sequence[str], name: str, stretch: int = -1) -> None:
        super().__init__(0, len(columns))
        self.setHorizontalHeaderLabels(list(columns))
        self.setAccessibleName(name)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(34)
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        if columns:
            header.setSectionResizeMode(stretch % len(columns), QHeaderView.ResizeMode.Stretch)
        self.cellActivated.connect(lambda row, _column: self.chosen.emit(row))

    def show_rows(self, rows: Sequence[Sequence[str]]) -> None:
        """Replace all rows; the selection stays at its place."""
        at = self.currentRow()
        self.setRowCount(len(rows))
        for row, cells in enumerate(rows):
            for column, text in enumerate(map(one_line, cells)):
                held = self.item(row, column)
                if held is None:
                    held = QTableWidgetItem()
                    self.setItem(row, column, held)
                if held.text() != text:
                    held.setText(text)
                    held.setToolTip(tip(text) if len(text) > 24 else "")
        if rows:
            self.setCurrentCell(min(max(at, 0), len(rows) - 1), 0)


class StateView(QWidget):
    """Nothing here, something failed, no network: one sign, one sentence, the next step."""

    acted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._sign, self._title, self._text = Label("", "verdict"), Label("", "title"), Label("", "small", wrap=True)
        self._action = KeyButton("")
        self._action.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._action.clicked.connect(self.acted)
        column = QVBoxLayout(self)
        column.addStretch(2)
        for widget in (self._sign, self._title, self._text):
            widget.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(widget)
        column.addSpacing(8)
        column.addWidget(self._action, 0, Qt.AlignmentFlag.AlignCenter)
        column.addStretch(3)

    def show_state(self, sign: str, title: str, text: str, action: AnswerShown | None = None) -> None:
        self._sign.say(sign)
        self._title.say(title)
        self._text.say(text)
        self._action.setVisible(action is not None)
        self.setFocusProxy(self._action if action is not None else None)  # type: ignore[arg-type]  # None takes it away
        if action is not None:
            self._action.show_action(action.text, action.key, action.tone)
            self._action.setMinimumWidth(self.fontMetrics().horizontalAdvance(action.text) + 76)
        self.setAccessibleName(f"{title} {text}")


class Toast(QFrame):
    """One line in the top bar that goes by itself: there it lies over no answer. What must not be missed stands in the page as well.

    What was wrong goes with the next act, once there was time to read it: then it is mended, or told anew."""

    READ_MS = 800

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self.setProperty("kind", "toast")
        self.setProperty("tone", "plain")
        self._text = Label("", "toast", wrap=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(*_TOAST_MARGINS)
        row.addWidget(self._text)
        self._told, self._wrong = QElapsedTimer(), False
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.hide)
        self.hide()

    def tell(self, text: str, *, tone: Tone = Tone.PLAIN, stay_ms: int = 4000) -> None:
        text = one_line(text)
        self._text.say(text)
        self.setAccessibleName(text)
        retone(self, tone.value)
        self._place()
        self.raise_()
        self.show()
        self._wrong = tone is Tone.STOP
        self._told.start()
        self._timer.start(stay_ms)

    def _place(self) -> None:
        """As wide and high as its words, in the middle of the bar; more than one line hangs below it."""
        self._text.ensurePolished()
        left, top, right, bottom = _TOAST_MARGINS
        frame = 2 * _TOAST_FRAME
        most = min(640, self._over.width() - 80) - left - right - frame
        words = min(most, self._text.fontMetrics().horizontalAdvance(self._text.text()) + 4)
        width, height = words + left + right + frame, self._text.heightForWidth(words) + top + bottom + frame
        self.setGeometry((self._over.width() - width) // 2, max(4, (TOP_HEIGHT - height) // 2), width, height)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        QApplication.instance().installEventFilter(self)  # type: ignore[union-attr]  # there is one, or nothing is shown

    def hideEvent(self, event: QHideEvent) -> None:
        QApplication.instance().removeEventFilter(self)  # type: ignore[union-attr]
        super().hideEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self._wrong and _is_act(event) and self._told.elapsed() >= self.READ_MS:
            self.hide()
        return super().eventFilter(watched, event)

    def text(self) -> str:
        """What is being told; empty when nothing is."""
        return self._text.text() if self.isVisible() else ""


_TOAST_MARGINS = (16, 7, 16, 7)
_TOAST_FRAME = 3
"""The border of one that tells of something wrong (tokens.py)."""
_ACTS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, *(Qt.Key(Qt.Key.Key_F1.value + number) for number in range(12)))


def _is_act(event: QEvent) -> bool:
    """A click, Enter, a function key; any key where nothing is being typed."""
    if not isinstance(event, QKeyEvent) or event.type() is not QEvent.Type.KeyPress:
        return event.type() is QEvent.Type.MouseButtonPress
    return event.key() in _ACTS or not isinstance(QApplication.focusWidget(), QLineEdit)
