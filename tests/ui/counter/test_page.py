"""The acceptance page's middle column as it is drawn."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect
from pytestqt.qtbot import QtBot

from courier_check.store.resources import resource_path
from ui.counter.page import TaskCard
from ui.counter.view import Form, TaskShown
from ui.design import FONT_FILE, load_font
from ui.shown import AnswerShown, Fact, QuestionShown

ASKED = QuestionShown("命中名单", "写明理由，再选决定。", answers=(AnswerShown("1", "不是同一"), AnswerShown("2", "是同一")))


@pytest.fixture
def card(qtbot: QtBot) -> TaskCard:
    load_font(str(resource_path(FONT_FILE)))
    made = TaskCard(())
    qtbot.addWidget(made)
    made.resize(560, 420)
    made.show()
    return made


def unseen(card: TaskCard) -> QRect:
    """What of the question lies beyond what the column shows."""
    view = card._area.viewport()
    place = QRect(card.question.mapTo(view, card.question.rect().topLeft()), card.question.size())
    return place if not view.rect().contains(place) else QRect()


@pytest.mark.parametrize("form", [Form.NONE, Form.REASON])
def test_the_question_is_seen_whole_however_much_stands_above_it(qtbot: QtBot, card: TaskCard, form: Form) -> None:
    card.show_task(TaskShown("证件", "", QuestionShown("请寄件人出示证件")))
    facts = tuple(Fact(f"第 {number} 项", "样例内容" * 12) for number in range(9))
    card.show_task(TaskShown("主管核定", "", ASKED, facts=facts, form=form, form_key="1"))
    qtbot.waitUntil(lambda: card._area.verticalScrollBar().value() > 0)
    assert unseen(card).isNull()
    card._area.verticalScrollBar().setValue(0)  # the clerk looks what stands above
    card.show_task(TaskShown("主管核定", "", ASKED, facts=facts, form=form, form_key="1", said="再看一遍"))
    qtbot.wait(30)
    assert card._area.verticalScrollBar().value() == 0, "it was scrolled away from under the clerk's eyes"
