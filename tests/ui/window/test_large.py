"""当前一项最大: of all that stands on the acceptance page the question that is asked now has the largest type, as its widgets have it when
they are drawn. Larger is only the verdict, which the design draws so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit, QPlainTextEdit, QWidget

from courier_check.acceptance.tasks import TaskKind
from support.looks import drawn
from support.windows import Counter
from ui.counter.page import AcceptancePage
from ui.design import VerdictBanner

pytestmark = pytest.mark.slow
"""Opens the whole window."""

FIRST, SECOND = "SF1000000000014", "SF1000000000028"


def texts(counter: Counter) -> Iterator[tuple[str, QWidget]]:
    """Everything of the window that says something, outside the verdict."""
    for one in drawn(counter.window):
        words = one.currentText() if isinstance(one, QComboBox) else one.toPlainText() if isinstance(one, QPlainTextEdit) else ""
        if isinstance(one, QLabel | QLineEdit | QAbstractButton):
            words = one.text() or (one.placeholderText() if isinstance(one, QLineEdit) else "")
        if words and not isinstance(one.parentWidget(), VerdictBanner):
            yield words, one


def rivals(counter: Counter) -> list[tuple[str, int]]:
    """Whatever is as large as the question asked now, or larger."""
    page = counter.window.widget("accept")
    assert isinstance(page, AcceptancePage)
    question = page.task.question._question
    assert question.isVisible()
    assert counter.task.item is None or counter.task.item.question.zh in question.text()
    size = question.fontInfo().pixelSize()
    return [
        (words, one.fontInfo().pixelSize()) for words, one in texts(counter) if one is not question and one.fontInfo().pixelSize() >= size
    ]


def test_the_question_asked_now_is_the_largest_text_of_the_page(counter: Counter) -> None:
    """Through a parcel of a sender who was here before: then the most is told beside it."""
    counter.window.resize(1366, 768)
    hand = counter.hand
    found = {"idle": rivals(counter)}

    def look(state: str) -> None:
        hand.settle()
        found[state] = rivals(counter)

    counter.accept(FIRST)
    counter.identify()
    look("identity")
    counter.answer_all()
    look("waybill")
    counter.label(SECOND)
    look("label")
    counter.answer_all()
    look("contents")
    counter.declare()
    hand.until(lambda: counter.task.kind is TaskKind.ASK, f"no question, but {counter.task}")
    look("inspection")
    hand.press("3")
    look("a doubt")
    hand.press("Backspace")
    counter.answer_all()
    hand.until(lambda: counter.task.kind is TaskKind.READY, f"not ready, but {counter.task}")
    look("ready")
    assert {state: rival for state, rival in found.items() if rival} == {}
