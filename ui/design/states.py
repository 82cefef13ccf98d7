"""Tables, empty and error states, the toast."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ui.design.rows import KeyButton
from ui.design.text import Label
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
            for column, text in enumerate(cells):
                held = self.item(row, column)
                if held is None:
                    held = QTableWidgetItem()
                    self.setItem(row, column, held)
                if held.text() != text:
                    held.setText(text)
                    held.setToolTip(text if len(text) > 24 else "")
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
    """One line over the page that goes by itself. What must not be missed stands in the page as well."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self.setProperty("kind", "toast")
        self.setProperty("tone", "plain")
        self._text = Label("", "toast", wrap=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 10, 16, 10)
        row.addWidget(self._text)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.hide)
        self.hide()

    def tell(self, text: str, *, tone: Tone = Tone.PLAIN, stay_ms: int = 4000) -> None:
        self._text.say(text)
        self.setAccessibleName(text)
        retone(self, tone.value)
        room = self._over.rect()
        width = min(640, room.width() - 80, self.fontMetrics().horizontalAdvance(text) + 60)
        height = max(self.sizeHint().height(), self.heightForWidth(width))
        self.setGeometry((room.width() - width) // 2, room.height() - height - 48, width, height)
        self.raise_()
        self.show()
        self._timer.start(stay_ms)

    def text(self) -> str:
        """What is being told; empty when nothing is."""
        return self._text.text() if self.isVisible() else ""
