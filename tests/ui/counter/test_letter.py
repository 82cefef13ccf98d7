"""通知: a refusal that goes by an authority's or a rights holder's letter says so, and one that goes by none takes no key more."""

from __future__ import annotations

from datetime import date

import pytest

from courier_check.errors import UserError
from courier_check.inspection.codes import InspectionCode
from courier_check.inspection.findings import Answer, Finding
from courier_check.inspection.notification import Notification
from courier_check.wording import Language, Wording
from support.counter_states import states
from ui import keys
from ui.counter import acts
from ui.counter.effects import Done, Now, Submit
from ui.counter.panelview import task_shown
from ui.counter.state import Books, CounterState, Panel
from ui.counter.view import Form, Surroundings, TaskShown

AROUND = Surroundings(Wording(Language.CHINESE), "", "", False)
TYPED = {"number": "样市监函〔2026〕17号", "sender": "样例市场监管局（虚构）", "received": "20261120"}
LETTER = Notification(TYPED["number"], TYPED["sender"], date(2026, 11, 20))


def press(state: CounterState, book: Books, *names: str) -> Done:
    done: Done = (state, None)
    for name in names:
        pressed = acts.press(Now.of(done[0], book, 1_000), name)
        assert pressed is not None, name
        done = pressed
    return done


def told(state: CounterState, book: Books, **changes: str) -> CounterState:
    return acts.told_by_letter(Now.of(state, book, 1_000), TYPED | changes)


def shown(state: CounterState, book: Books) -> TaskShown:
    return task_shown(state, book, state.verdict(book), AROUND)


def letter_of(done: Done) -> Notification | None:
    effect = done[1]
    assert isinstance(effect, Submit)
    refusal = effect.submission.session.draft.refusal
    assert refusal is not None
    return refusal.notification


def at_letter(book: Books) -> CounterState:
    return press(states(book)["ask"], book, "F8", "1", "2", keys.LETTER)[0]


def test_a_refusal_goes_by_the_letter_that_was_typed(book: Books) -> None:
    state = at_letter(book)
    assert (state.panel, shown(state, book).form) == (Panel.LETTER, Form.LETTER)
    state = told(state, book)
    assert (state.panel, state.chosen) == (Panel.REFUSE, "R12")
    assert any(TYPED["sender"] in line.text and "2026-11-20" in line.text for line in shown(state, book).below)
    assert letter_of(press(state, book, "Enter")) == LETTER


def test_a_refusal_without_a_letter_takes_no_key_more(book: Books) -> None:
    assert letter_of(press(states(book)["ask"], book, "F8", "1", "2", "Enter")) is None


def test_a_letter_is_taken_back_by_emptying_it_and_left_as_it_was_by_esc(book: Books) -> None:
    state = told(at_letter(book), book)
    left, _ = press(state, book, keys.LETTER, "Esc")
    assert (left.panel, left.chosen, left.aside.letter) == (Panel.REFUSE, "R12", LETTER)
    assert shown(press(left, book, keys.LETTER)[0], book).first == TYPED | {"received": "2026-11-20"}
    emptied = told(press(left, book, keys.LETTER)[0], book, number="", sender=" ", received="")
    assert letter_of(press(emptied, book, "Enter")) is None


def test_another_reason_goes_by_no_letter(book: Books) -> None:
    state, _ = press(told(at_letter(book), book), book, "0", "4")
    assert keys.LETTER not in {answer.key for answer in shown(state, book).question.answers}
    assert acts.press(Now.of(state, book, 1_000), keys.LETTER) is None
    assert letter_of(press(state, book, "Enter")) is None


def test_a_letter_that_can_not_be_is_told_and_stays_to_be_mended(book: Books) -> None:
    state = at_letter(book)
    for changes, code in (
        ({"received": "20991120"}, InspectionCode.NOTIFICATION_IN_FUTURE),
        ({"sender": ""}, InspectionCode.NOTIFICATION_INCOMPLETE),
    ):
        with pytest.raises(UserError) as caught:
            told(state, book, **changes)
        assert caught.value.code == code


def test_reason_and_letter_outlast_the_photo_that_the_refusal_asks_for(book: Books) -> None:
    """Another reason of the parcel's own stands before the clerk's: F8 opens with what he had confirmed."""
    state = states(book)["ask"]
    mismatch = state.session.answered(Finding("contents-match", Answer.NO), book.rules.rulebook, book.today)
    state, _ = press(state.with_session(mismatch), book, "F8", "1", "1", keys.LETTER)
    state, effect = press(told(state, book), book, "Enter")
    assert effect is None, "a photo comes first"
    photographed = state.session.photographed("photo-contents", "a" * 64)
    state, _ = press(state.with_session(photographed), book, "F8")
    assert state.chosen == "R11"
    done = press(state, book, "Enter")
    assert letter_of(done) == LETTER
    assert isinstance(done[1], Submit)
    refusal = done[1].submission.session.draft.refusal
    assert refusal is not None
    assert refusal.code == "R11"


def test_nothing_is_handed_in_from_a_letter_half_typed(book: Books) -> None:
    with pytest.raises(UserError):
        press(at_letter(book), book, "F12")
