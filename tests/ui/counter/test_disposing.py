"""处置 at the counter: steps while a refusal is recorded and after it; what is guarded is not given back; G and J lead on."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from courier_check.acceptance import Session
from courier_check.acceptance.tasks import TaskKind
from courier_check.desk.acceptances import Recorded, Submission
from courier_check.inspection.findings import ContentsFinding, FindingKind
from courier_check.inspection.verdict import Outcome
from courier_check.store.evidence import Photo
from courier_check.wording import Language, Wording
from support.counter_states import state_of, states
from support.parcels import answer_all, complete, filled
from ui import keys
from ui.counter import acts, evidence
from ui.counter.effects import Dispose, Now, Submit, TakePhoto
from ui.counter.panelview import task_shown
from ui.counter.state import Books, CounterState, Panel
from ui.counter.view import Surroundings, TaskShown
from ui.shown import Tone

AROUND = Surroundings(Wording(Language.CHINESE), "", "", False)
PHOTO = Photo("photo-contents-1", "image/jpeg", b"x")
KNIFE = ContentsFinding(FindingKind.PROHIBITED, "弹簧刀(跳刀)", "02")
LIGHTER = ContentsFinding(FindingKind.PROHIBITED, "打火机", "04")


def found(book: Books, finding: ContentsFinding) -> CounterState:
    session: Session = complete(book.rules.rulebook).found(finding, book.rules.rulebook)
    return state_of(session)


def shown(state: CounterState, book: Books) -> TaskShown:
    return task_shown(state, book, state.verdict(book), AROUND)


def recorded(state: CounterState, book: Books, lead: str | None) -> CounterState:
    verdict = state.verdict(book)
    assert verdict.outcome is Outcome.REFUSE
    return state.recorded_as(Recorded(verdict.outcome, verdict, 12, "ab" * 32, lead=lead), ("原因",), keeps_identity=True)


def test_steps_stand_under_the_refusal_in_order_with_whom_to_tell(book: Books) -> None:
    below = shown(found(book, KNIFE).opened(Panel.REFUSE, chosen="R07"), book).below
    assert [line.text[:3] for line in below[:4]] == ["1. ", "2. ", "3. ", "4. "]
    assert below[1].text.startswith("2. 暂停处理，两人看护")
    assert below[4].text == "报告：公安机关、所在地邮政管理部门（公安 110，邮政 12305 待核实）。"


def test_what_is_guarded_is_not_given_back_and_its_lead_is_named(book: Books) -> None:
    state = recorded(found(book, KNIFE), book, "XS410105-20261126-3F9A0C12E7B4-1")
    told = shown(state, book)
    assert told.question.tone is Tone.STOP
    assert "不退还" in told.question.question
    assert "交还" not in told.question.help
    assert [fact.value for fact in told.facts if fact.name == "线索"] == ["XS410105-20261126-3F9A0C12E7B4-1"]
    assert {answer.key for answer in told.question.answers} == {keys.ENTER, keys.SLIP, keys.PRINT, keys.REPORT}


def test_an_ordinary_lighter_is_given_back_and_nobody_is_told(book: Books) -> None:
    told = shown(recorded(found(book, LIGHTER), book, None), book)
    assert told.question.tone is not Tone.STOP
    assert "当场退还寄件人" in told.question.help
    assert keys.REPORT not in {answer.key for answer in told.question.answers}
    assert [fact for fact in told.facts if fact.name == "线索"] == []


def handed_in(state: CounterState, book: Books, *names: str) -> tuple[CounterState, Submission]:
    """Keys up to the refusal that is recorded; F6 takes a photo that is good."""
    effect: object = None
    for name in names:
        pressed = acts.press(Now.of(state, book, 1_000), name)
        assert pressed is not None, name
        state, effect = pressed
        if isinstance(effect, TakePhoto):
            state = evidence.kept(Now.of(state, book, 1_000), PHOTO, (effect.rule, ()))
    assert isinstance(effect, Submit), names
    return state, effect.submission


def asked(book: Books, item: str) -> CounterState:
    """A counter at this question, all before it answered yes."""
    session = answer_all(filled(), book.rules.rulebook, but=(item,))
    state = state_of(session)
    assert Now.of(state, book, 0).task.item == book.rules.rulebook.rules.item(item)
    return state


@pytest.mark.parametrize(
    ("item", "names"),
    [
        ("nothing-prohibited", ("F8", "0", "7", "F6", "Enter")),
        ("nothing-prohibited", ("2", "F8", "F6", "Enter")),
        ("nothing-prohibited", ("2", "F8", "0", "7", "F6", "Enter")),
        ("nothing-unidentified", ("2", "F6", "F8", "Enter")),
        ("nothing-unidentified", ("2", "F8", "F6", "Enter")),
    ],
)
def test_what_is_refused_unnamed_is_guarded_and_reported_in_at_most_six_keys(book: Books, item: str, names: tuple[str, ...]) -> None:
    """From the question on, its answer and the photo included: the shortest way to refuse what may not be sent."""
    _, submission = handed_in(asked(book, item), book, *names)
    verdict = submission.session.verdict(book.rules.rulebook, book.rules.policy, book.today)
    assert [one.rule.id for one in verdict.dispositions] == ["evacuate-and-report"]
    assert len(names) <= 6


@pytest.mark.parametrize("names", [("2", "3", "1", "F6", "F8", "Enter"), ("2", "3", "1", "F8", "F6", "Enter")])
def test_an_everyday_article_is_named_by_one_digit_and_refused_in_six_keys(book: Books, names: tuple[str, ...]) -> None:
    """From the question on: its answer, what it is, how it was carried, the photo, the refusal, its confirmation."""
    _, submission = handed_in(asked(book, "nothing-prohibited"), book, *names)
    assert submission.session.draft.contents_findings == (LIGHTER,)
    verdict = submission.session.verdict(book.rules.rulebook, book.rules.policy, book.today)
    assert ([one.rule.id for one in verdict.dispositions], verdict.reasons[0].refusal) == (["hand-back"], "R07")
    assert len(names) <= 6


def test_every_digit_that_is_offered_names_an_article_of_the_list_and_the_one_that_answered_names_none(book: Books) -> None:
    state, _ = acts.press(Now.of(asked(book, "nothing-prohibited"), book, 0), keys.NO) or (None, None)
    assert state is not None
    prohibited = book.rules.rulebook.rules.prohibited
    offered = re.findall(r"(\d) (\S+)", shown(state, book).question.help)
    assert [key for key, _ in offered] == list("345678")
    for key, name in offered:
        done, _ = acts.press(Now.of(state, book, 0), key) or (None, None)
        assert done is not None
        category = prohibited.category(done.aside.found.category or "")
        assert category is not None
        assert (done.aside.found.name, name in category.ordinary) == (name, True)
        assert [answer.key for answer in shown(done, book).question.answers] == [keys.YES, keys.NO]
        again, _ = acts.press(Now.of(done, book, 0), keys.BACKSPACE) or (None, None)
        assert again is not None
        assert again.aside.found.category is None
    bounced, _ = acts.press(Now.of(state, book, 0), keys.NO) or (None, None)
    assert bounced is not None
    assert bounced.aside.found.category is None
    fakes, _ = acts.press(Now.of(asked(book, "nothing-infringing"), book, 0), keys.NO) or (None, None)
    assert fakes is not None
    assert "常见的" not in shown(fakes, book).note


def test_what_is_refused_unnamed_without_a_camera_is_spared_its_photo_and_names_nothing(book: Books) -> None:
    state, effect = asked(book, "nothing-prohibited"), None
    for key in ("2", "F8", "Enter"):
        state, effect = acts.press(Now.of(state, book, 0), key) or (state, None)
    assert (effect, Now.of(state, book, 0).task.kind) == (None, TaskKind.PHOTO)
    assert "疏散人员" in shown(state, book).question.help
    assert shown(state, book).question.answers[-1].text == "免拍：没有摄像头"
    spared, _ = acts.press(Now.of(state, book, 0), shown(state, book).question.answers[-1].key) or (state, None)
    spared = evidence.exempted(Now.of(spared, book, 0), "")
    assert (spared.panel, spared.chosen, spared.draft.contents_findings) == (Panel.REFUSE, "R07", ())
    _, submission = handed_in(spared, book, "Enter")
    assert submission.session.draft.refusal is not None
    back, _ = acts.press(Now.of(state, book, 0), keys.BACKSPACE) or (state, None)
    assert Now.of(back, book, 0).task.kind is TaskKind.FOUND


def test_the_refusal_says_beforehand_what_an_unnamed_find_comes_to_and_where_to_name_it(book: Books) -> None:
    state, _ = acts.press(Now.of(asked(book, "nothing-prohibited"), book, 0), "2") or (None, None)
    assert state is not None
    for opened in (state.opened(Panel.REFUSE, chosen="R07"), states(book)["ready"].opened(Panel.REFUSE, chosen="R07")):
        below = [line.text for line in shown(opened, book).below]
        assert below[0].startswith("没有写明是什么，按不明物处置")
        assert any("疏散人员" in text for text in below)
        assert any(text.startswith("报告：公安机关、应急管理部门") for text in below)
    for named in (found(book, LIGHTER).opened(Panel.REFUSE, chosen="R07"), states(book)["ready"].opened(Panel.REFUSE, chosen="R04")):
        assert not any("不明物" in line.text or "疏散" in line.text for line in shown(named, book).below)


def test_what_nobody_could_tell_is_not_given_back_by_the_window_either(book: Books) -> None:
    state, submission = handed_in(asked(book, "nothing-unidentified"), book, "2", "F6", "F8", "Enter")
    told = shown(recorded(state.with_session(submission.session), book, "XS-1"), book)
    assert "不退还" in told.question.question
    assert keys.REPORT in {answer.key for answer in told.question.answers}


@pytest.mark.parametrize("key", [keys.SLIP, keys.REPORT, keys.PRINT])
def test_the_slip_and_the_report_are_asked_for_by_one_key(book: Books, key: str) -> None:
    state = recorded(found(book, KNIFE), book, "XS-1")
    done = acts.press(Now.of(state, book, 0), key)
    assert done == (state, Dispose(12, key))


def test_what_was_not_written_or_was_accepted_has_neither(book: Books) -> None:
    state = recorded(found(book, KNIFE), book, None)
    assert state.recorded is not None
    unwritten = replace(state, recorded=replace(state.recorded, seq=None))
    accepted = replace(state, recorded=replace(state.recorded, outcome=Outcome.ACCEPT))
    for each in (unwritten, accepted):
        assert acts.press(Now.of(each, book, 0), keys.SLIP) is None
    assert acts.press(Now.of(states(book)["ask"], book, 0), keys.REPORT) is None
