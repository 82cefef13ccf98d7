"""寄件人电话: what is said at the field while it is typed and when it is left; what is doubted bears no tick."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from support.counter_states import FRESH
from support.counters import WORDING
from support.parcels import DOCUMENT
from ui.counter.forms import Forms, PartiesForm
from ui.counter.state import Books, CounterState
from ui.counter.typed_phone import phone_note
from ui.counter.view import Form, Surroundings, view_of
from ui.shown import Fact, Sign


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ("5551234", "不是已知的号码形式"),
        ("1380000", "还差 4 位"),
        ("12", "还差 9 位"),
        ("abc", "不像电话"),
        ("13800001234-123", "隐私（虚拟）号码"),
    ],
)
def test_what_reaches_nobody_is_said_when_the_field_is_left(typed: str, wrong: str) -> None:
    assert not phone_note(typed, left=False).wrong or len(typed) > 11
    said = phone_note(typed, left=True)
    assert said.wrong
    assert wrong in said.words


@pytest.mark.parametrize("typed", ["", "13800001234", "１３８００００１２３４", "0371-66660000", "400-800-1234", "138****1234"])
def test_nothing_is_said_of_a_number_that_will_do(typed: str) -> None:
    assert phone_note(typed, left=True).words == ""


def test_the_field_says_it_and_takes_it_back(qtbot: QtBot) -> None:
    forms = Forms(())
    qtbot.addWidget(forms)
    forms.show_form(Form.PARTIES, "1", {"sender_name": "样例甲", "addressee_name": "样例乙"})
    forms.show()
    made = forms.form(Form.PARTIES)
    assert isinstance(made, PartiesForm)
    field = made.fields()["sender_phone"]
    field.setFocus()
    qtbot.keyClicks(field, "5551234")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert any("不是已知的号码形式" in label.text() for label in made.findChildren(QLabel))
    field.selectAll()
    qtbot.keyClicks(field, "13800001234")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert not any("不是已知的号码形式" in label.text() for label in made.findChildren(QLabel))


def phone_facts(state: CounterState, book: Books) -> list[Fact]:
    facts = view_of(state, book, state.verdict(book), Surroundings(WORDING, "", "")).who
    place = next(place for place, fact in enumerate(facts) if fact.name == "电话")
    return list(facts[place : place + 2])


def test_a_doubted_phone_bears_no_tick_and_names_the_key(book: Books) -> None:
    session = FRESH.session.identified(DOCUMENT).sender_known("5551234", "")
    told, how = phone_facts(FRESH.with_session(session), book)
    assert told.sign is Sign.DOUBT
    assert "Ctrl+K" in how.value
    assert "gjjr" in how.value
    sure = phone_facts(FRESH.with_session(session.sender_known("13800001234", "")), book)
    assert sure[0].sign is Sign.DONE
    assert "gjjr" not in "".join(fact.value for fact in sure)
