"""The acceptance page's middle column as it is drawn."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from courier_check.store.resources import resource_path
from support.counter_states import states
from support.counters import WORDING
from ui.counter.page import TaskCard
from ui.counter.state import Books
from ui.counter.view import Form, Surroundings, TaskShown, view_of
from ui.design import FONT_FILE, LIGHT, KeyButton, dress, load_font
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


def test_enter_brings_the_field_it_goes_to_into_view(qtbot: QtBot, card: TaskCard) -> None:
    card.resize(560, 300)
    card.show_task(TaskShown("运单信息", "", QuestionShown("补齐"), form=Form.PARTIES, form_key="1"))
    qtbot.wait(30)
    for field in card.forms.form(Form.PARTIES).fields().values():
        place = QRect(field.mapTo(card._area.viewport(), field.rect().topLeft()), field.size())
        assert card._area.viewport().rect().contains(place), field.objectName()
        qtbot.keyClick(field, Qt.Key.Key_Return)


def test_the_classes_of_what_was_found_are_all_seen_and_none_is_cut(qtbot: QtBot, card: TaskCard, book: Books) -> None:
    """As high as the middle column is at 1366×768, the parcel's own card making room."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    dress(app, LIGHT)
    state = states(book)["found"]
    task = view_of(state, book, state.verdict(book), Surroundings(WORDING, "", "")).task
    card.resize(574, 612)
    card.show_task(task)
    qtbot.wait(30)
    assert card._area.verticalScrollBar().maximum() == 0
    assert unseen(card).isNull()
    buttons = [one for one in card.question.findChildren(KeyButton) if one.isVisible()]
    assert len(buttons) == 18
    for button in buttons:
        label = button._text
        assert "…" not in label.text()
        assert label.height() >= label.heightForWidth(label.width()), label.text()
    card.show_task(TaskShown("验视", "", ASKED))
    assert not buttons[0]._text.wordWrap(), "other questions keep their lines"
