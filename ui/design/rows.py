"""Buttons with their keys, cards, rows of facts, rows of forms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from courier_check.one_line import one_line
from ui.design.text import Elided, KeyCap, Label, Mark, Tag, reveal, show_first
from ui.design.tokens import LIGHT, restyle, retone
from ui.shown import (
    Fact,
    Sign,
    Tone,
)


class KeyButton(QPushButton):
    """A button that names its key. It is pressed by that key or by the mouse; Tab reaches it too."""

    def __init__(self, text: str, key: str = "", tone: str = "plain", *, large: bool = False) -> None:
        super().__init__()
        self._text = Elided(text, "button")
        self._text.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._cap = KeyCap(key)
        self._cap.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(11, 0, 10, 0)
        self._row.addWidget(self._text, 1)
        self._row.addWidget(self._cap)
        self.setProperty("tone", tone)
        self.setAutoDefault(False)
        self._paint_text(tone)
        if large:
            self.setProperty("large", "yes")
            self._text.setProperty("large", "yes")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)

    def sizeHint(self) -> QSize:
        inner = self._row.sizeHint()
        return QSize(inner.width(), max(super().sizeHint().height(), inner.height()))

    def minimumSizeHint(self) -> QSize:
        """Narrow columns cut the words short; the key stays."""
        return QSize(72, self.sizeHint().height())

    def wrap(self, on: bool) -> None:
        """Words that are too long for one line go on in the next, and the button grows; else they end in …."""
        if on == self._text.wordWrap():
            return
        self._text.wrap(on)
        self._row.setContentsMargins(11, 4 * on, 10, 4 * on)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred if on else QSizePolicy.Policy.Fixed)

    def show_action(self, text: str, key: str, tone: str, *, enabled: bool = True) -> None:
        self._text.say(text)
        self._cap.say(key)
        self.setAccessibleName(text)
        retone(self, tone)
        self.setEnabled(enabled)
        self._paint_text(tone if enabled else "off")

    def _paint_text(self, tone: str) -> None:
        """The words have their own tone: a style sheet can't see from a label whether its button is enabled."""
        retone(self._text, tone)


class Card(QFrame):
    """A white card: a title, a note at the right, and what is put into `body`."""

    def __init__(self, title: str = "", note: str = "", *, tone: Tone = Tone.PLAIN) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        self.setProperty("tone", tone.value)
        self._title, self._note = Label(title, "small"), Elided(note, "dim")
        self._note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._head = QHBoxLayout()
        self._head.addWidget(self._title)
        self._head.addWidget(self._note, 1)
        self.body = QVBoxLayout()
        self.body.setSpacing(6)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(LIGHT.pad, 11, LIGHT.pad, 11)
        outer.setSpacing(7)
        outer.addLayout(self._head)
        outer.addLayout(self.body, 1)
        self._head_shown(bool(title or note))

    def entitle(self, title: str, note: str = "", tone: Tone = Tone.PLAIN) -> None:
        self._title.say(title)
        self._note.say(note)
        self._head_shown(bool(title or note))
        retone(self, tone.value)

    def _head_shown(self, shown: bool) -> None:
        self._title.setVisible(shown)
        self._note.setVisible(shown)


class Facts(QWidget):
    """Rows of facts. Rows are reused, so that showing another value costs no layout. `wrap`: values are shown whole, over several lines."""

    def __init__(self, name_width: int = 64, *, wrap: bool = False) -> None:
        super().__init__()
        self._name_width = name_width
        self._wrap = wrap
        self._rows: list[_FactRow] = []
        self._shown: tuple[Fact, ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(5)

    def grow(self, rows: int) -> Iterator[None]:
        """Make rows ahead, one a step: each costs some milliseconds that a key should not wait for."""
        while len(self._rows) < rows:
            self._add_row()
            self._rows[-1].hide()
            yield

    def _add_row(self) -> None:
        row = _FactRow(self._name_width, wrap=self._wrap)
        self._rows.append(row)
        self._column.addWidget(row)

    def show_facts(self, facts: Sequence[Fact]) -> None:
        if tuple(facts) == self._shown:
            return
        self._shown = tuple(facts)
        while len(self._rows) < len(facts):
            self._add_row()
        for index, row in enumerate(self._rows):
            if index < len(facts) or not row.is_empty:  # a hidden row keeps no name either
                row.show_fact(facts[index] if index < len(facts) else Fact("", ""))
        show_first(self, self._rows, len(facts))


STARS = "*" * 24
"""A line may break after so many: the mask of a very long name would widen its card."""


class _FactRow(QWidget):
    def __init__(self, name_width: int, *, wrap: bool) -> None:
        super().__init__()
        self._name, self._tag, self._mark = Label("", "name"), Tag(), Mark()
        self._value: Label = Label("", wrap=True) if wrap else Elided()
        if wrap:
            self._name.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._name.setFixedWidth(name_width)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for widget, stretch in ((self._name, 0), (self._value, 1), (self._tag, 0), (self._mark, 0)):
            row.addWidget(widget, stretch)

    @property
    def is_empty(self) -> bool:
        return not self._value.text() and not self._name.text()

    def show_fact(self, fact: Fact) -> None:
        self._name.say(fact.name)
        restyle(self._value, "kind", "fact" if fact.key else "text")
        value = one_line(fact.value)
        self._value.say(value.replace(STARS, f"{STARS}\u200b") if self._value.wordWrap() else value)
        self._tag.say(fact.tag)
        self._mark.show_sign(fact.sign)
        reveal(self._mark, fact.sign is not Sign.NONE)  # without one a tag stands at the edge
        self.setAccessibleName(f"{fact.name} {fact.value} {fact.tag}".strip())


FIELD_HEIGHT = 34


class FormRow(QWidget):
    """A field with its name before it and what is wrong or helpful under it."""

    def __init__(self, name: str, field: QWidget, note: str = "", *, name_width: int = 84) -> None:
        super().__init__()
        self.field = field
        field.setMinimumHeight(FIELD_HEIGHT)
        self._usual = note
        self._note = Label(note, "dim", wrap=True)
        label = Label(name, "name")
        label.setFixedWidth(name_width)
        label.setBuddy(field)
        if not field.accessibleName():
            field.setAccessibleName(name)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(2)
        grid.addWidget(label, 0, 0)
        grid.addWidget(field, 0, 1)
        grid.addWidget(self._note, 1, 1)
        grid.setColumnStretch(1, 1)
        self._note.setVisible(bool(note))

    def tell(self, note: str) -> None:
        """Something helpful instead of what usually stands there; empty: that again."""
        self.complain("")
        self._note.say(note or self._usual)
        self._note.setVisible(bool(note or self._usual))

    def complain(self, wrong: str) -> None:
        """Say what is wrong with the field's content; empty: nothing is."""
        restyle(self.field, "wrong", "true" if wrong else "false")
        restyle(self._note, "kind", "wrong" if wrong else "dim")
        self._note.say(wrong or self._usual)
        self._note.setVisible(bool(wrong or self._usual))


def row_of(*widgets: QWidget, spacing: int = 8) -> QBoxLayout:
    """Widgets side by side, as wide as each other."""
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(spacing)
    for widget in widgets:
        row.addWidget(widget, 1)
    return row


def column_of(*widgets: QWidget) -> QVBoxLayout:
    """Widgets one below the other, as far apart as cards."""
    column = QVBoxLayout()
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(LIGHT.gap)
    for widget in widgets:
        column.addWidget(widget)
    return column
