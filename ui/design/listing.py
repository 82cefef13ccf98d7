"""How things stand, in one sentence; and a table in a card, with what is said where it has no rows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from courier_check.one_line import one_line
from ui.design.rows import Card
from ui.design.states import StateView, Table
from ui.design.text import Label
from ui.design.tokens import retone
from ui.shown import AnswerShown, Tone, VerdictShown


class Banner(QFrame):
    """One sentence in the colours of a verdict, as high as its words need."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "verdict-card")
        self.setProperty("tone", Tone.PLAIN.value)
        self._words, self._reason = Label("", "question"), Label("", "text", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(15, 9, 15, 9)
        column.setSpacing(2)
        column.addWidget(self._words)
        column.addWidget(self._reason)

    def show_verdict(self, shown: VerdictShown) -> None:
        self._words.say(f"{shown.sign} {shown.words}".strip())
        self._reason.say(one_line(shown.reason))
        self._reason.setVisible(bool(shown.reason))
        self.setAccessibleName(f"{shown.words} {shown.reason}".strip())
        if self.property("tone") != shown.tone.value:
            retone(self, shown.tone.value)
            for label in (self._words, self._reason):
                label.stand_on(shown.tone.value)


class Counts(QWidget):
    """Numbers side by side, each over what it counts."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: list[tuple[Label, Label]] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)

    def show_counts(self, counts: Sequence[tuple[str, str]]) -> None:
        """(what it counts, the number), as many as the first time."""
        while len(self._shown) < len(counts):
            number, words, column = Label("", "big"), Label("", "small"), QVBoxLayout()
            column.addWidget(number)
            column.addWidget(words)
            self._row.addLayout(column, 1)
            self._shown.append((number, words))
        for (number, words), (name, count) in zip(self._shown, counts, strict=True):
            number.say(count)
            words.say(name)


class _Stack(QStackedLayout):
    """As small as the page that is in front, which may be told a height of its own."""

    def minimumSize(self) -> QSize:
        current = self.currentWidget()
        if current is None:
            return super().minimumSize()
        hint = current.minimumSizeHint()
        return QSize(hint.width(), current.minimumHeight() or hint.height())


class Listing(Card):
    """A titled table. Without rows a sign, a sentence and the next step stand in its place."""

    def __init__(self, title: str, table: Table) -> None:
        super().__init__(title)
        self.table, self.state = table, StateView()
        place = QWidget()
        self._stack = _Stack(place)
        self._stack.addWidget(self.table)
        self._stack.addWidget(self.state)
        self.body.addWidget(place, 1)

    def show_rows(self, rows: Sequence[Sequence[str]]) -> None:
        self.table.show_rows(rows)
        self._stack.setCurrentWidget(self.table)

    def show_state(self, sign: str, title: str, text: str, action: AnswerShown | None = None) -> None:
        """In place of the table, whose rows are kept."""
        self.state.show_state(sign, title, text, action)
        self._stack.setCurrentWidget(self.state)
