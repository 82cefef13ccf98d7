"""When the acceptance page is drawn: with the answer of what is looked up, but never waiting long for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from ui.counter.drawing import Drawing


@dataclass
class Asking:
    """A counter; `view` says how far the station has answered."""

    awaits_verdict: bool = False
    answered: int = 0

    def view(self) -> int:
        return self.answered

    def picture(self) -> None:
        return None


@dataclass
class Drawn:
    """A page that notes what it was drawn with."""

    views: list[int] = field(default_factory=list)
    updates: bool = True

    def render(self, view: int, _picture: object) -> None:
        self.views.append(view)

    def setUpdatesEnabled(self, enabled: bool) -> None:  # noqa: N802 - Qt's own name
        self.updates = enabled


@pytest.fixture
def page() -> Drawn:
    return Drawn()


@pytest.fixture
def counter() -> Asking:
    return Asking()


@pytest.fixture
def drawing(qapp: QObject, page: Drawn, counter: Asking) -> Drawing:
    in_front: Any = lambda: page  # noqa: E731 - as the window gives it
    counted: Any = counter
    made = Drawing(qapp, in_front)
    made.of(counted, counted)
    return made


def test_what_is_looked_up_is_drawn_with_its_answer_and_once(drawing: Drawing, page: Drawn, counter: Asking, qtbot: QtBot) -> None:
    counter.awaits_verdict = True
    drawing.soon()
    counter.awaits_verdict, counter.answered = False, 1
    drawing.soon()
    qtbot.waitUntil(lambda: bool(page.views) and page.updates)
    assert page.views == [1]


def test_an_answer_that_does_not_come_is_not_waited_for(drawing: Drawing, page: Drawn, counter: Asking, qtbot: QtBot) -> None:
    """Changes that keep coming put the drawing off no further."""
    counter.awaits_verdict = True

    def drawn() -> bool:
        drawing.soon()
        return bool(page.views)

    qtbot.waitUntil(drawn, timeout=2_000)
    assert page.views[0] == 0


def test_what_a_person_does_next_finds_the_page_drawn(drawing: Drawing, page: Drawn, counter: Asking) -> None:
    counter.awaits_verdict = True
    drawing.soon()
    drawing.owed()
    assert page.views == [0]
    drawing.owed()
    assert page.views == [0]


def test_where_nothing_is_looked_up_the_next_round_draws(drawing: Drawing, page: Drawn, qtbot: QtBot) -> None:
    drawing.soon()
    assert page.views == []
    qtbot.waitUntil(lambda: page.views == [0])
