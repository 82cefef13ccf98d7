"""拒收过、还在复核、已拦截: what the station did with a waybill before stands on the counter from the scan on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from courier_check.acceptance import AcceptanceReason, EarlierAcceptance, ReferredBefore, RefusedBefore, Session
from courier_check.acceptance.tasks import TaskKind
from courier_check.errors import UserError
from courier_check.inspection.findings import Answer, Finding
from courier_check.inspection.verdict import Outcome
from courier_check.screening.entries import Action
from courier_check.terms import MailKind
from support.counters import SUPERVISOR, WORDING, strings_of
from support.parcels import WAYBILL, complete, filled, hit, screening
from ui.counter import acts
from ui.counter.effects import Now, Submit
from ui.counter.state import Books, CounterState, Panel, needs_lookup
from ui.counter.view import AcceptanceView, Surroundings, view_of
from ui.shown import Sign, Tone

AT = datetime(2026, 11, 22, 9, 12, tzinfo=UTC)
LEAD = "XS410105-20261122-6775C5E3A78F-1"
GUARDED = RefusedBefore(AT, ("j", 14), "R07", LEAD, unsettled=True)
ORDINARY = RefusedBefore(AT, ("j", 15), "R01")
WAITING = ReferredBefore(AT, ("j", 12), "item-refers", ("layers-checked",), ("item-refers",))
STOPPED = EarlierAcceptance("样例网点", "1 号窗口", AT, intercepted=True)
NEW_WAYBILL = "换用新的运单"
"""What is said of a number that was used before, and must never be said of a parcel that is to be stopped."""


def state_of(session: Session) -> CounterState:
    return CounterState.fresh(session.session_id, "d1").with_session(session)


def shown(state: CounterState, book: Books) -> AcceptanceView:
    return view_of(state, book, state.verdict(book), Surroundings(WORDING, "摄像头", ""))


def told(view: AcceptanceView) -> str:
    return "\n".join([view.task.question.question, view.task.question.help, *(line.text for line in (*view.task.above, *view.task.below))])


def waybill_check(view: AcceptanceView) -> tuple[Sign, str]:
    return next((check.sign, check.text) for check in view.checks if check.text.startswith("运单"))


def at_the_label(refused: RefusedBefore | None, referred: ReferredBefore | None) -> CounterState:
    """Scanned first, before anything is known of who sends."""
    session = Session.started("s1", MailKind.PARCEL).waybill_scanned(WAYBILL, "张三丰")
    return state_of(session.before_looked_up(refused, referred))


def test_a_refusal_that_is_not_settled_is_told_at_the_scan(book: Books) -> None:
    view = shown(at_the_label(GUARDED, None), book)
    words = told(view)
    for part in ("14", "禁止寄递物品（R07）", "2026-11-22 09:12", LEAD):
        assert part in words, part
    assert waybill_check(view) == (Sign.STOP, "运单：拒收过（#14），处置未了")
    assert (view.verdict.tone, "14 拒收过" in view.verdict.reason) == (Tone.REFER, True)


def test_a_refusal_that_can_be_made_good_is_told_and_hinders_nothing(book: Books) -> None:
    view = shown(at_the_label(ORDINARY, None), book)
    assert "15" in told(view)
    assert "拒绝出示有效身份证件（R01）" in told(view)
    assert waybill_check(view) == (Sign.DOUBT, "运单：拒收过（#15）")
    ready = state_of(complete(book.rules.rulebook).before_looked_up(ORDINARY, None))
    assert ready.verdict(book).outcome is Outcome.ACCEPT
    assert "15" in told(shown(ready, book))


def test_a_referral_that_waits_is_told_at_the_scan_with_what_it_is_about(book: Books) -> None:
    view = shown(at_the_label(None, WAITING), book)
    item = book.rules.rulebook.rules.checklists.item("layers-checked")
    assert item is not None
    assert "12 还在复核" in told(view)
    assert item.question.zh in told(view)
    assert waybill_check(view) == (Sign.DOUBT, "运单：还在复核（#12）")


@pytest.mark.parametrize(
    ("refused", "referred", "code"), [(GUARDED, None, AcceptanceReason.REFUSED_UNSETTLED), (None, WAITING, AcceptanceReason.STILL_REFERRED)]
)
def test_its_supervisor_has_a_key_and_words(
    book: Books, refused: RefusedBefore | None, referred: ReferredBefore | None, code: AcceptanceReason
) -> None:
    state = state_of(complete(book.rules.rulebook).before_looked_up(refused, referred))
    assert state.task(book, state.verdict(book)).kind is TaskKind.REFERRED
    assert ("3", "请主管") in [(answer.key, answer.text) for answer in shown(state, book).task.question.answers]
    asked = acts.press(Now.of(state, book, 0), "3")
    assert asked is not None
    assert asked[0].panel is Panel.SUPERVISOR
    came = replace(state, present=SUPERVISOR)
    chosen = acts.press(Now.of(came, book, 0), "3")
    assert chosen is not None
    one = acts.press(Now.of(chosen[0], book, 0), "1")
    assert one is not None
    assert one[0].chosen == code


def test_what_waits_without_anything_to_settle_says_how_it_goes_on(book: Books) -> None:
    """A doubt of the clerk's own: nobody settles it on the spot."""
    rulebook = book.rules.rulebook
    session = complete(rulebook).answered(Finding("layers-checked", Answer.DOUBT), rulebook, book.today)
    view = shown(state_of(session.photographed("photo-contents", "ab" * 32)), book)
    assert "再扫这个单号" in view.task.question.help


def test_a_look_up_is_made_again_when_a_step_has_dropped_what_it_said(book: Books) -> None:
    before = at_the_label(None, WAITING).session
    assert needs_lookup(before.draft, before.waybill_scanned(WAYBILL, "张三丰").draft)
    late = before.waybill_scanned(WAYBILL, "张三丰").informed_by(before)
    assert late.draft.referred_before == WAITING


# Intercepted ------------------------------------------------------------------------------------------------------------------------------


def listed(session: Session) -> Session:
    return session.screened(screening(hit(Action.BLOCK)))


@pytest.mark.parametrize("known", ["label only", "listed sender", "everything"])
def test_an_intercepted_parcel_is_that_and_nothing_else(book: Books, known: str) -> None:
    sessions = {
        "label only": Session.started("s1", MailKind.PARCEL).waybill_scanned(WAYBILL),
        "listed sender": listed(filled()),
        "everything": complete(book.rules.rulebook),
    }
    state = state_of(sessions[known].already_accepted(STOPPED))
    view = shown(state, book)
    assert view.verdict.words == "已拦截"
    assert "已拦截" in view.task.question.question
    assert "停止分拣、运输、投递" in view.task.question.question
    assert "不得交出" in view.task.question.help
    assert "主管" in view.task.question.help
    assert waybill_check(view) == (Sign.STOP, "运单：已拦截")
    assert (view.submit.enabled, view.refuse.enabled) == (False, False)
    assert not [text for text in strings_of(view) if NEW_WAYBILL in text]
    for answer in view.task.question.answers:
        assert acts.press(Now.of(state, book, 0), "Backspace" if answer.key == "⌫" else answer.key) is not None


def test_nothing_is_recorded_of_an_intercepted_parcel(book: Books) -> None:
    state = state_of(complete(book.rules.rulebook).already_accepted(STOPPED))
    for key in ("F8", "F12"):
        with pytest.raises(UserError):
            acts.press(Now.of(state, book, 0), key)
    for key in ("1", "2", "3", "Enter"):
        done = acts.press(Now.of(state, book, 0), key)
        assert done is None or not isinstance(done[1], Submit)


def test_a_number_used_before_still_asks_for_a_new_waybill(book: Books) -> None:
    state = state_of(complete(book.rules.rulebook).already_accepted(replace(STOPPED, intercepted=False)))
    assert NEW_WAYBILL in shown(state, book).task.question.help
