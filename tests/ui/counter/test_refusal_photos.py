"""拒收 at the counter with the photo it asks for: F6 on the panel, or 免拍 with its reason; never a way that leads nowhere."""

from __future__ import annotations

import pytest

from courier_check.acceptance.tasks import TaskKind
from courier_check.errors import UserError
from courier_check.inspection.findings import Answer, ContentsFinding, FindingKind
from courier_check.screening.entries import Action
from courier_check.store.evidence import Photo
from courier_check.wording import Language, Wording
from support.counter_states import FRESH, answered, kind, state_of, states
from support.parcels import complete, hit, screening
from ui import keys
from ui.counter import acts, evidence
from ui.counter.effects import Done, Now, Submit, TakePhoto
from ui.counter.evidence import INSISTED_MS
from ui.counter.panelview import task_shown
from ui.counter.state import Books, CounterState, Panel, Wanting
from ui.counter.view import Surroundings, TaskShown

AROUND = Surroundings(Wording(Language.CHINESE), "", "", False)
PHOTO = Photo("photo-contents-1", "image/jpeg", b"x")
POWDER = ContentsFinding(FindingKind.UNIDENTIFIED, "白色粉末")
NO_CAMERA = "5"
"""The digit of 没有摄像头, after the four reasons of the shipped rules."""


def press(state: CounterState, book: Books, *names: str) -> Done:
    done: Done = (state, None)
    for name in names:
        pressed = acts.press(Now.of(done[0], book, 1_000), name)
        assert pressed is not None, name
        done = pressed
    return done


def photographed(state: CounterState, book: Books, faults: tuple[str, ...] = ()) -> CounterState:
    return evidence.kept(Now.of(state, book, 1_000), PHOTO, ("photo-contents", faults))


def shown(state: CounterState, book: Books) -> TaskShown:
    return task_shown(state, book, state.verdict(book), AROUND)


def test_five_keys_refuse_what_was_seen_its_photo_included(book: Books) -> None:
    names = ("F8", "0", "7", "F6", "Enter")
    state, effect = press(states(book)["ready"], book, *names[:4])
    assert effect == TakePhoto("photo-contents")
    state = photographed(state, book)
    assert (state.panel, state.chosen) == (Panel.REFUSE, "R07")
    state, effect = press(state, book, names[4])
    assert isinstance(effect, Submit)
    assert [(one.rule, one.faults) for one in effect.submission.session.draft.photos] == [("photo-contents", ())]
    assert effect.submission.photos == (PHOTO,)


def test_the_panel_says_what_is_owed_and_how_it_is_met(book: Books) -> None:
    state, _ = press(states(book)["ready"], book, "F8", "0", "9")
    told = shown(state, book)
    assert "还差：内件开箱照片" in [line.text for line in told.below]
    assert [answer.key for answer in told.question.answers] == [keys.F6, keys.ENTER, keys.ESC]
    met = shown(photographed(state, book), book)
    assert "还差：内件开箱照片" not in [line.text for line in met.below]
    assert [answer.key for answer in met.question.answers] == [keys.ENTER, keys.ESC]


def test_without_a_camera_a_digit_says_so_and_the_refusal_is_before_the_clerk_again(book: Books) -> None:
    state, effect = press(states(book)["ready"], book, "F8", "0", "7", "Enter")
    assert (effect, kind(state, book), state.panel) == (None, TaskKind.PHOTO, Panel.TASK)
    assert "按 F6 拍" in state.said
    assert shown(state, book).question.answers[-1].text == "免拍：没有摄像头"
    state, _ = press(state, book, NO_CAMERA)
    state = evidence.exempted(Now.of(state, book, 0), "")
    assert (state.panel, state.chosen) == (Panel.REFUSE, "R07")
    _, effect = press(state, book, "Enter")
    assert isinstance(effect, Submit)
    assert [(one.rule, one.reason) for one in effect.submission.session.draft.exemptions] == [("photo-contents", "no-camera")]


def test_a_photo_taken_when_it_was_asked_for_leads_back_to_the_refusal(book: Books) -> None:
    state, _ = press(states(book)["ready"], book, "F8", "1", "0", "Enter")
    assert photographed(state, book, ("photo-dark",)).panel is Panel.TASK, "one that meets no rule does not"
    back = photographed(state, book)
    assert (back.panel, back.chosen) == (Panel.REFUSE, "R10")
    assert isinstance(press(back, book, "Enter")[1], Submit)


def test_a_refusal_that_was_not_meant_is_taken_back_with_its_photo_task(book: Books) -> None:
    state, _ = press(states(book)["ready"], book, "F8", "0", "7", "Enter", "Backspace")
    assert (state.draft.refusal, kind(state, book)) == (None, TaskKind.READY)


@pytest.mark.parametrize("code", ["R01", "R06", "R15"])
def test_what_shows_nothing_is_refused_in_four_keys(book: Books, code: str) -> None:
    """No photo is asked for, whatever the parcel holds and wherever the clerk is."""
    for state in (FRESH, states(book)["photo"], states(book)["ready"]):
        _, effect = press(state, book, "F8", *code[1:], "Enter")
        assert isinstance(effect, Submit), code


def test_goods_may_be_photographed_for_a_refusal_before_anything_else_was_asked(book: Books) -> None:
    """What lies there else is the sender's card, and then F6 takes nothing."""
    with pytest.raises(UserError, match="window-nothing-to-photograph"):
        press(states(book)["waybill"], book, "F6")
    assert press(states(book)["waybill"], book, "F8", "0", "7", "F6")[1] == TakePhoto("photo-contents")
    with pytest.raises(UserError, match="window-nothing-to-photograph"):
        press(states(book)["waybill"], book, "F8", "0", "3", "F6")


def test_what_a_refusal_asks_for_is_not_insisted_on_and_shows_the_contents(book: Books) -> None:
    sealed, _ = press(states(book)["ready"], book, "F8", "0", "7")
    for state, rule, insisted in ((sealed, "photo-contents", False), (states(book)["ready"], "photo-sealed", True)):
        again = evidence.take(Now.of(state.beside(wanting=Wanting(rule, 1_000)), book, 1_000 + INSISTED_MS))
        assert (again.rule, again.insisted) == (rule, insisted)


def test_what_must_be_done_at_once_stays_in_view_while_the_photo_is_owed(book: Books) -> None:
    state = state_of(complete(book.rules.rulebook).found(POWDER, book.rules.rulebook))
    told = shown(state, book)
    assert kind(state, book) is TaskKind.PHOTO
    assert "疏散人员" in told.question.help
    assert "内件开箱照片" in told.note
    assert [answer.key for answer in told.question.answers] == [keys.F6, "1", "2", "3", "4", NO_CAMERA]
    state, _ = press(state, book, "3")
    spared = evidence.exempted(Now.of(state, book, 0), "")
    assert [one.reason for one in spared.draft.exemptions] == ["danger-nearby"]
    assert kind(spared, book) is TaskKind.STOPPED


def test_a_hit_beside_it_does_not_hide_the_photo(book: Books) -> None:
    whole = complete(book.rules.rulebook).found(POWDER, book.rules.rulebook)
    assert kind(state_of(whole.screened(screening(hit(Action.REVIEW)))), book) is TaskKind.PHOTO


def test_no_camera_is_offered_for_what_is_stopped_only(book: Books) -> None:
    pills = states(book)["photo"]
    assert NO_CAMERA not in [answer.key for answer in shown(pills, book).question.answers]
    assert acts.press(Now.of(pills, book, 0), NO_CAMERA) is None
    doubtful = state_of(answered(complete(book.rules.rulebook), book, "contents-match", Answer.DOUBT))
    assert kind(doubtful, book) is TaskKind.PHOTO
    assert shown(doubtful, book).question.answers[-1].key == NO_CAMERA
