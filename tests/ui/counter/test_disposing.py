"""处置 at the counter: steps while a refusal is recorded and after it; what is guarded is not given back; G and J lead on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from courier_check.acceptance import Session
from courier_check.desk.acceptances import Recorded
from courier_check.inspection.findings import ContentsFinding, FindingKind
from courier_check.inspection.verdict import Outcome
from courier_check.wording import Language, Wording
from support.counter_states import state_of, states
from support.parcels import complete
from ui import keys
from ui.counter import acts
from ui.counter.effects import Dispose, Now
from ui.counter.panelview import task_shown
from ui.counter.state import Books, CounterState, Panel
from ui.counter.view import Surroundings, TaskShown
from ui.shown import Tone

AROUND = Surroundings(Wording(Language.CHINESE), "", "", False)
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
