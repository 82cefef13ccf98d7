"""The frame: rail, top bar, status bar."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ui.design.text import Elided, KeyCap, Label, Tag
from ui.design.tokens import LIGHT, Theme, retone
from ui.shown import (
    PageShown,
    StatusShown,
    Tone,
)

TOP_HEIGHT = 48
_KEY_TO_WORDS, _BETWEEN_KEYS = 3, 20
"""A cap stands with its own words, away from the next one."""


class Rail(QFrame):
    """The pages, at the left edge. Pages that may not be used are absent."""

    chosen = Signal(str)

    def __init__(self, theme: Theme = LIGHT) -> None:
        super().__init__()
        self.setProperty("kind", "rail")
        self.setFixedWidth(76)
        self._buttons: dict[str, QPushButton] = {}
        self._labels: dict[str, tuple[Label, Label]] = {}
        self._pages: tuple[PageShown, ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(6, 10, 6, 10)
        self._column.setSpacing(4)
        sign = Label("验", "title")
        sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
        sign.setFixedSize(36, 36)
        sign.setStyleSheet(f"background: {theme.go}; color: {theme.on_go}; border-radius: 8px;")
        self._column.addWidget(sign, 0, Qt.AlignmentFlag.AlignHCenter)
        self._column.addSpacing(8)
        self._column.addStretch(1)

    def show_pages(self, pages: Sequence[PageShown], current: str) -> None:
        """Pages in their order. A page once shown keeps its button; it is hidden where it may not be used."""
        if tuple(pages) != self._pages:  # the frame is shown anew every second; placing a button has everything laid out again
            self._pages = tuple(pages)
            self._place()
        for name, button in self._buttons.items():
            button.setChecked(name == current)
            for label in self._labels[name]:
                retone(label, "now" if name == current else "plain")

    def _place(self) -> None:
        for place, page in enumerate(self._pages):
            if page.name not in self._buttons:
                self._add(page)
            self._column.removeWidget(self._buttons[page.name])
            self._column.insertWidget(2 + place, self._buttons[page.name])
        for name, button in self._buttons.items():
            button.setVisible(name in {page.name for page in self._pages})

    def _add(self, page: PageShown) -> None:
        button = QPushButton()
        button.setProperty("kind", "rail")
        button.setCheckable(True)
        button.setFixedSize(64, 55)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(page.words)
        button.setToolTip(page.hint)
        column = QVBoxLayout(button)
        column.setContentsMargins(0, 5, 0, 5)
        column.setSpacing(0)
        labels = Label(page.sign, "rail-sign"), Label(page.words, "rail")
        for label in labels:
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            column.addWidget(label)
        button.clicked.connect(lambda _=False, name=page.name: self.chosen.emit(name))
        self._buttons[page.name], self._labels[page.name] = button, labels


class TopBar(QFrame):
    """Where I am, which outlet and window, who, what time."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "top")
        self.setFixedHeight(TOP_HEIGHT)
        self._page, self._place, self._who, self._time = Label("", "title"), Tag(), Elided("", "name"), Label("", "name")
        self._who.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._practice = Tag("练习", Tone.REFER)
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 0, 18, 0)
        row.setSpacing(14)
        for widget, stretch in ((self._page, 0), (self._place, 0), (self._practice, 0), (self._who, 1), (self._time, 0)):
            row.addWidget(widget, stretch)

    def show_place(self, page: str, place: str, who: str, time: str, *, practice: bool) -> None:
        self._page.say(page)
        self._place.say(place)
        self._practice.setVisible(practice)
        self._who.say(who)
        self._time.say(time)


class StatusBar(QFrame):
    """Connection with its reason, counts, lists, and the keys that act everywhere."""

    def __init__(self, keys: Sequence[tuple[str, str]], theme: Theme = LIGHT) -> None:
        super().__init__()
        self.setProperty("kind", "bar")
        self.setFixedHeight(32)
        self._theme = theme
        self._dot, self._connection, self._counts, self._lists = Label("○"), Elided("", "small"), Label("", "small"), Tag()
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 0, 18, 0)
        row.setSpacing(8)
        row.addWidget(self._dot)
        row.addWidget(self._connection, 1)
        row.addSpacing(6)
        row.addWidget(self._counts)
        row.addSpacing(6)
        row.addWidget(self._lists)
        row.addStretch(1)
        self._keys: list[tuple[str, QWidget]] = []
        beside = QHBoxLayout()
        beside.setSpacing(_BETWEEN_KEYS)
        row.addLayout(beside)
        for key, words in keys:
            pair = QWidget()
            together = QHBoxLayout(pair)
            together.setContentsMargins(0, 0, 0, 0)
            together.setSpacing(_KEY_TO_WORDS)
            together.addWidget(KeyCap(key))
            together.addWidget(Label(words, "small"))
            self._keys.append((key, pair))
            beside.addWidget(pair)

    def show_keys(self, acting: Collection[str]) -> None:
        """Only keys that act where one is."""
        for key, pair in self._keys:
            pair.setVisible(key in acting)

    def show_status(self, shown: StatusShown) -> None:
        self._dot.say("●" if shown.online else "○")
        colour = self._theme.online if shown.online else self._theme.second
        self._dot.setStyleSheet(f"color: {colour};")
        self._connection.say(shown.connection)
        counts = "　".join(f"{name} {value}" for name, value in shown.counts)
        self._counts.say(counts)
        self._lists.say(shown.lists)
        retone(self._lists, shown.lists_tone.value)
        self.setAccessibleName(f"{shown.connection} {counts} {shown.lists}")
