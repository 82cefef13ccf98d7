"""What every key, scan, form and reading does to the counter. Pure: nothing here needs a window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import msgspec
import pytest

from courier_check.acceptance import Contact, HitResolution, ResolutionKind, Session
from courier_check.acceptance.tasks import TaskKind
from courier_check.errors import UserError
from courier_check.identity.documents import DocumentType, IdentityDocument, Source
from courier_check.identity.readings import SourceReading
from courier_check.inspection.findings import Answer, ContentsFinding, Finding, FindingKind
from courier_check.inspection.verdict import Outcome
from courier_check.parcel.waybills import CodeKind, WaybillCheck
from courier_check.screening.codes import MatchReason
from courier_check.screening.entries import Action
from courier_check.store.evidence import Photo
from courier_check.terms import MailKind
from support.counter_states import FRESH, all_yes, answered, kind, several, state_of, states
from support.counters import AMBIGUOUS, LABEL, OTHER_LABEL, SUPERVISOR, Stand, books
from support.parcels import DOCUMENT, EXPIRED, WAYBILL, complete, filled, hit, screening
from ui import keys
from ui.counter import acts, decisions, evidence, goods, inputs
from ui.counter.effects import Effect, Fresh, NextSource, Now, ReadDocument, ReadLabel, Submit, TakePhoto
from ui.counter.evidence import INSISTED_MS
from ui.counter.inputs import LabelRead, Parties
from ui.counter.state import Books, CounterState, FoundGoods, Panel, Wanting

EVERY_KEY = (
    *(f"F{number}" for number in range(1, 13)),
    *keys.DIGITS,
    *("Enter", "Space", "Backspace", "Esc", "Up", "Down", "Left", "Right", "PageUp", "PageDown", "Home", "End", "Delete", "Tab"),
    *("Ctrl+K", "Ctrl+R", "Ctrl+L", "Ctrl+Enter", "a", "x", "+", "04"),
)


def said(document: IdentityDocument) -> SourceReading:
    """What one source said of a document, without a doubt."""
    return SourceReading(document.source, document)


def pressed(state: CounterState, book: Books, *names: str) -> CounterState:
    """The state after keys that all mean something and cause nothing outside."""
    for name in names:
        done = acts.press(Now.of(state, book, 1_000), name)
        assert done is not None, name
        assert done[1] is None, done[1]
        state = done[0]
    return state


def effect(state: CounterState, book: Books, name: str) -> Effect:
    done = acts.press(Now.of(state, book, 1_000), name)
    assert done is not None
    return done[1]


@pytest.mark.slow
def test_every_key_in_every_task_and_panel_either_acts_or_says_why_not(book: Books) -> None:
    """No key raises anything but a sentence; only F12 and the keys of a refusal hand anything in; F-keys never pass through unused."""
    for name, state in states(book).items():
        for key in EVERY_KEY:
            try:
                done = acts.press(Now.of(state, book, 1_000), key)
            except UserError:
                assert key in (*acts._EVERYWHERE, "Enter"), (name, key)
                continue
            if done is None:
                assert key not in acts._EVERYWHERE, (name, key)
            elif isinstance(done[1], Submit):
                whole = (
                    "ready",
                    "referred",
                    "hits",
                    "panel supervisor",
                    "panel hit-code",
                    "panel decide",
                )  # a referral waits for a supervisor elsewhere
                assert (key == "F12" and name in whole) or (key in ("Enter", "F8") and name == "panel refuse"), (name, key)


@pytest.mark.slow
def test_while_an_act_is_saved_no_key_does_anything(book: Books) -> None:
    for state in states(book).values():
        saving = replace(state, saving=True)
        for key in EVERY_KEY:
            assert acts.press(Now.of(saving, book, 0), key) == (saving, None)


# Keys of the counter ----------------------------------------------------------------------------------------------------------------------


def test_enter_reads_what_is_asked_for(book: Books) -> None:
    every = states(book)
    assert isinstance(effect(every["document"], book, "Enter"), ReadDocument)
    assert isinstance(effect(every["agent-document"], book, "Enter"), ReadDocument)
    assert effect(every["waybill"], book, "Enter") == ReadLabel()
    assert acts.press(Now.of(every["ask"], book, 0), "Enter") is None


def test_enter_at_a_question_reads_the_back_of_a_card_whose_front_was_read(book: Books) -> None:
    front = replace(DOCUMENT, source=Source.PICTURE, valid_from=None, valid_until=None)
    assert isinstance(effect(state_of(Session.started("s1", MailKind.PARCEL).identified(front)), book, "Enter"), ReadDocument)


@pytest.mark.parametrize(("key", "answer"), [("1", Answer.YES), ("Space", Answer.YES), ("2", Answer.NO), ("3", Answer.DOUBT)])
def test_digits_and_space_answer_the_question(book: Books, key: str, answer: Answer) -> None:
    state = states(book)["ask"].beside(asked_ms=400)
    after = pressed(state, book, key)
    assert after.draft.answers[-1].finding == Finding("person-matches", answer)
    assert after.aside.dwell_ms == {"person-matches": 600}
    assert after.undone().draft == state.draft


def test_a_carrier_is_chosen_by_its_digit(book: Books) -> None:
    state = states(book)["carrier"]
    assert pressed(state, book, "2").draft.waybill.carrier == "sf"  # type: ignore[union-attr]
    assert acts.press(Now.of(state, book, 0), "9") is None


def test_f2_waits_until_the_parcel_in_hand_is_done_with(book: Books) -> None:
    assert effect(FRESH, book, "F2") == Fresh()
    with pytest.raises(UserError, match="window-parcel-in-hand"):
        effect(states(book)["ask"], book, "F2")


def test_f3_changes_the_source_where_a_document_is_asked_for_and_asks_for_another_elsewhere(book: Books) -> None:
    assert isinstance(effect(FRESH, book, "F3"), NextSource)
    ready = states(book)["ready"]
    assert pressed(ready, book, "F3").panel is Panel.DOCUMENT
    assert isinstance(effect(ready.opened(Panel.DOCUMENT), book, "F3"), NextSource)
    assert isinstance(effect(ready.opened(Panel.TYPED_DOCUMENT), book, "F3"), NextSource)


def test_f4_needs_a_last_sender_and_an_empty_hand(book: Books) -> None:
    with pytest.raises(UserError, match="window-no-last-sender"):
        effect(FRESH, book, "F4")
    known = replace(FRESH, previous=filled())
    assert effect(known, book, "F4") == Fresh(same_sender=True)
    with pytest.raises(UserError, match="window-no-last-sender"):
        effect(replace(states(book)["ask"], previous=filled()), book, "F4")


def test_f6_photographs_what_the_rules_ask_for_next(book: Books) -> None:
    state = states(book)["photo"]
    assert effect(state, book, "F6") == TakePhoto("photo-contents")
    opened = state.with_session(state.session.photographed("photo-contents", "ab" * 32))
    assert effect(opened, book, "F6") == TakePhoto("photo-sealed", sealed=True)
    assert effect(states(book)["ready"], book, "F6") == TakePhoto("photo-sealed", sealed=True)  # it lies there sealed
    assert effect(states(book)["found"], book, "F6") == TakePhoto("photo-contents")
    with pytest.raises(UserError, match="window-no-parcel"):
        effect(FRESH, book, "F6")


def test_f7_puts_hits_off_until_the_checklist_is_done(book: Books) -> None:
    session = filled().screened(screening(hit(Action.BLOCK)))
    person = answered(session, book, "person-matches")
    state = state_of(answered(person, book, "number-not-on-label"))
    assert kind(state, book) is TaskKind.HITS
    later = pressed(state, book, "F7")
    while kind(later, book) is TaskKind.ASK:
        later = pressed(later, book, "1")
    assert later.draft.answers
    if kind(later, book) is TaskKind.PHOTO:
        later = later.with_session(later.session.photographed("photo-contents", "ab" * 32))
    assert kind(later, book) is TaskKind.HITS  # nothing is left but the supervisor
    assert pressed(later, book, "3").panel is Panel.SUPERVISOR


def test_f10_puts_aside_and_takes_up(book: Books) -> None:
    assert effect(states(book)["ask"], book, "F10") == Fresh(hold=True)
    with pytest.raises(UserError, match="window-nothing-held"):
        effect(FRESH, book, "F10")
    one = states(book)["ask"].held("s2", "d2")
    assert pressed(one, book, "F10").session.session_id == "s1"
    two = one.with_session(one.session.identified(EXPIRED)).held("s3", "d3")
    chosen = pressed(two, book, "F10")
    assert chosen.panel is Panel.HELD
    assert pressed(chosen, book, "2").draft.document == EXPIRED
    assert acts.press(Now.of(chosen, book, 0), "3") is None
    assert pressed(chosen, book, "Esc").untouched


def test_f12_hands_in_only_what_is_whole(book: Books) -> None:
    every = states(book)
    handed = effect(every["ready"], book, "F12")
    assert isinstance(handed, Submit)
    assert (handed.submission.draft_id, handed.submission.by) == ("d1", book.operator)
    assert isinstance(effect(every["referred"], book, "F12"), Submit)
    for name, code in {
        "document": "window-no-parcel",
        "ask": "window-still-missing",
        "hits": None,
        "stopped": "window-refuse-instead",
    }.items():
        if code is not None:
            with pytest.raises(UserError, match=code):
                effect(every[name], book, "F12")
    with pytest.raises(UserError, match="window-still-missing"):
        effect(every["photo"], book, "F12")
    with pytest.raises(UserError, match="window-still-missing"):
        effect(every["looking-up"], book, "F12")


def test_a_referral_with_something_missing_is_not_handed_in(book: Books) -> None:
    doubted = answered(filled(), book, "person-matches", Answer.DOUBT)
    with pytest.raises(UserError, match="window-still-missing"):
        effect(state_of(doubted), book, "F12")


def test_two_presses_of_esc_give_a_parcel_up_and_any_other_key_keeps_it(book: Books) -> None:
    state = states(book)["ask"]
    once = pressed(state, book, "Esc")
    assert "再按一次 Esc" in once.said
    assert once.draft == state.draft
    assert effect(once, book, "Esc") == Fresh()
    other = pressed(once, book, "1")
    assert (other.abandoning, other.said) == (False, "")
    assert effect(other, book, "Esc") is None
    assert pressed(once, book, "F7").abandoning is False


def test_esc_closes_a_panel_before_it_gives_anything_up(book: Books) -> None:
    for panel in (Panel.REFUSE, Panel.CONTENTS, Panel.TYPED_DOCUMENT, Panel.TYPED_PARTIES, Panel.SUPERVISOR, Panel.DECIDE, Panel.DOCUMENT):
        closed = pressed(states(book)["ready"].opened(panel), book, "Esc")
        assert (closed.panel, closed.chosen, closed.abandoning) == (Panel.TASK, "", False)
    assert pressed(FRESH.saying("x"), book, "Esc") == FRESH


# After an act -----------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def recorded(book: Books) -> CounterState:
    from courier_check.desk.acceptances import Recorded
    from courier_check.inspection.verdict import Verdict

    return states(book)["ready"].recorded_as(Recorded(Outcome.ACCEPT, Verdict(Outcome.ACCEPT), 7, "ab"), (), keeps_identity=True)


def test_after_an_act_no_key_leads_back_to_it(book: Books, recorded: CounterState) -> None:
    """Only the next parcel, the same sender, or one that was put aside."""
    for key in EVERY_KEY:
        try:
            done = acts.press(Now.of(recorded, book, 0), key)
        except UserError:
            continue
        if done is not None:
            assert isinstance(done[1], Fresh) or done[0].panel is Panel.RECORDED, key
            assert not isinstance(done[1], Submit)


def test_after_an_act_f10_takes_up_what_was_put_aside(book: Books, recorded: CounterState) -> None:
    with pytest.raises(UserError, match="window-nothing-held"):
        effect(recorded, book, "F10")
    one = replace(recorded, counter=replace(recorded.counter, held=(Session.started("s8", MailKind.PARCEL).identified(EXPIRED),)))
    one = replace(one, asides={**one.asides, "s8": one.aside})
    back = pressed(one, book, "F10")
    assert (back.draft.document, back.counter.held) == (EXPIRED, ())
    two = replace(one, counter=replace(one.counter, held=(*one.counter.held, Session.started("s9", MailKind.PARCEL))))
    assert effect(two, book, "F10") == Fresh(choose=True)


# Refusing ---------------------------------------------------------------------------------------------------------------------------------


def test_f8_offers_what_the_verdict_gives_and_enter_records_it(book: Books) -> None:
    stopped = pressed(states(book)["stopped"], book, "F8")
    assert (stopped.panel, stopped.chosen) == (Panel.REFUSE, "R02")
    handed = effect(stopped, book, "Enter")
    assert isinstance(handed, Submit)
    assert handed.submission.session.draft.refusal is None  # the verdict's own reason
    assert effect(stopped, book, "F8") is None  # a key that bounces records nothing


def test_a_refusal_is_chosen_by_two_digits(book: Books) -> None:
    state = pressed(states(book)["ask"], book, "F8", "0")
    assert (state.digits, state.chosen) == ("0", "")
    state = pressed(state, book, "6")
    assert (state.digits, state.chosen) == ("", "R06")
    handed = effect(state, book, "Enter")
    assert isinstance(handed, Submit)
    refusal = handed.submission.session.draft.refusal
    assert refusal is not None
    assert (refusal.code, refusal.note) == ("R06", "")
    assert "没有拒收原因 R77" in pressed(state, book, "7", "7").said
    assert pressed(state, book, "7", "7").chosen == "R06"


def test_a_button_of_two_digits_is_both_of_them(book: Books) -> None:
    state = pressed(states(book)["ask"], book, "F8", "07")
    assert (state.chosen, state.digits) == ("R07", "")
    assert pressed(pressed(states(book)["ask"], book, "F8", "0"), book, "12").chosen == "R12"


def test_a_refusal_is_chosen_by_arrows_round_the_list(book: Books) -> None:
    codes = acts.refusal_codes(book)
    state = pressed(states(book)["ask"], book, "F8", "Down")
    assert state.chosen == codes[0]
    assert pressed(state, book, "Up").chosen == codes[-1]
    assert pressed(state, book, "Down", "Down").chosen == codes[2]


def test_a_refusal_that_owes_a_note_is_recorded_with_it_only(book: Books) -> None:
    state = pressed(states(book)["ask"], book, "F8", "9", "9")
    with pytest.raises(UserError, match="note-needed"):
        effect(state, book, "Enter")
    done = acts.refuse(Now.of(state, book, 0), " 寄件人中途离开 ")
    assert isinstance(done[1], Submit)
    refusal = done[1].submission.session.draft.refusal
    assert refusal is not None
    assert (refusal.code, refusal.note) == ("R99", "寄件人中途离开")


def test_nothing_is_refused_without_a_reason(book: Books) -> None:
    with pytest.raises(UserError, match="window-no-refusal-chosen"):
        effect(pressed(states(book)["ask"], book, "F8"), book, "Enter")


def test_who_shows_no_document_at_all_can_be_refused(book: Books) -> None:
    handed = effect(pressed(FRESH, book, "F8", "0", "1"), book, "Enter")
    assert isinstance(handed, Submit)
    assert handed.submission.session.verdict(book.rules.rulebook, book.rules.policy, book.today).outcome is Outcome.REFUSE


# Found goods ------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("key", "concealed"), [("1", False), ("2", True)])
def test_goods_are_found_by_class_name_and_how_they_were_carried(book: Books, key: str, concealed: bool) -> None:
    state = pressed(states(book)["found"], book, "0", "4")
    assert acts.press(Now.of(state, book, 0), "1") is None  # the name comes first
    with pytest.raises(UserError, match="window-name-needed"):
        inputs.goods_named(Now.of(state, book, 0), "  ")
    named = inputs.goods_named(Now.of(state, book, 0), " 打火机 ")
    after = pressed(named, book, key)
    assert after.draft.contents_findings == (ContentsFinding(FindingKind.PROHIBITED, "打火机", "04", concealed=concealed),)
    assert after.aside.found == FoundGoods()
    assert kind(after, book) is TaskKind.PHOTO
    photographed = evidence.kept(Now.of(after, book, 0), Photo("photo-contents-1", "image/jpeg", b"x"), ("photo-contents", ()))
    assert kind(photographed, book) is TaskKind.STOPPED


def test_a_class_the_question_is_not_about_is_not_taken(book: Books) -> None:
    state = pressed(states(book)["found"], book, "1", "6")
    assert "这里没有第 16 类" in state.said
    assert (state.digits, state.aside.found) == ("", FoundGoods())
    assert pressed(states(book)["found"], book, "04").aside.found == FoundGoods("04")


def test_what_was_half_named_does_not_outlive_the_contents_it_was_found_in(book: Books) -> None:
    state = pressed(states(book)["found"], book, "0", "4")
    now = Now.of(state, book, 0)
    assert goods.declared(now, {"category": "documents", "name": "旧书"}).aside.found == FoundGoods()
    assert inputs.kind_changed(now, MailKind.LETTER).aside.found == FoundGoods()


# Photos -----------------------------------------------------------------------------------------------------------------------------------


def test_a_photo_is_excused_by_a_digit_and_a_reason_of_the_rules(book: Books) -> None:
    state = states(book)["photo"]
    asked = pressed(state, book, "1")
    assert (asked.draft.exemptions, asked.aside.exempting) == ((), "private-article")
    assert pressed(asked, book, "Backspace").aside.exempting == pressed(asked, book, "Esc").aside.exempting == ""
    after = evidence.exempted(Now.of(asked, book, 0), " 贴身衣物 ")
    assert [(one.rule, one.reason, one.note) for one in after.draft.exemptions] == [("photo-contents", "private-article", "贴身衣物")]
    assert after.aside.exempting == ""
    sealed = Now.of(after, book, 0)
    assert (sealed.task.kind, sealed.task.photo and sealed.task.photo.id) == (TaskKind.PHOTO, "photo-sealed")
    assert acts.press(Now.of(state, book, 0), "9") is None
    assert evidence.exempted(Now.of(state, book, 0), "no reason was chosen") == state


def test_a_reason_that_says_little_must_be_explained(book: Books) -> None:
    state = pressed(states(book)["photo"], book, "4")
    with pytest.raises(UserError, match="exemption-note-needed"):
        evidence.exempted(Now.of(state, book, 0), "")
    assert evidence.exempted(Now.of(state, book, 0), "摄像头坏了").draft.exemptions[0].note == "摄像头坏了"


def test_only_a_photo_nobody_requires_may_be_insisted_on(book: Books) -> None:
    required, free = states(book)["photo"], states(book)["ask"]
    for state, again in ((required, False), (free, True)):
        was = state.beside(wanting=Wanting("photo-contents", 1_000))
        assert evidence.take(Now.of(was, book, 1_000 + INSISTED_MS)).insisted is again
        assert not evidence.take(Now.of(was, book, 1_001 + INSISTED_MS)).insisted
        assert not evidence.take(Now.of(state.beside(wanting=Wanting("photo-sealed", 1_000)), book, 1_000)).insisted


def test_a_photo_leaves_the_open_panel_as_it_is(book: Books) -> None:
    state = pressed(states(book)["ask"], book, "F8", "0", "7")
    photo = Photo("photo-contents-1", "image/jpeg", b"x")
    after = evidence.kept(Now.of(state, book, 0), photo, ("photo-contents", ()))
    assert (after.panel, after.chosen, after.aside.photos) == (Panel.REFUSE, "R07", (photo,))


# A supervisor decides ---------------------------------------------------------------------------------------------------------------------


EVIDENCE = {ResolutionKind.SAME: "营业执照（样本）", ResolutionKind.OVERRIDE: "电话记录（样本）"}


def decided(book: Books, state: CounterState, how: ResolutionKind, reason: str = "核对了证件（样本）") -> CounterState:
    return decisions.decide(Now.of(state, book, 0), how, {"reason": reason, "evidence": EVIDENCE.get(how, "")})[0]


def test_a_clerk_calls_a_supervisor_and_a_supervisor_decides_at_once(book: Books) -> None:
    hits = states(book)["hits"]
    assert pressed(hits, book, "3").panel is Panel.SUPERVISOR
    assert pressed(hits, books(book.rules, SUPERVISOR), "3").panel is Panel.DECIDE
    odd = state_of(all_yes(complete(book.rules.rulebook).waybill_scanned(replace(WAYBILL, valid=False), "张三丰"), book))
    assert pressed(odd, book, "3").panel is Panel.SUPERVISOR
    assert acts.press(Now.of(states(book)["referred"], book, 0), "3") is None  # a doubt of the clerk's own is for F12
    assert acts.press(Now.of(hits, book, 0), "1") is None  # 1 and 2 decide nothing without a supervisor


def test_a_hit_is_chosen_and_then_decided_on(book: Books) -> None:
    panel = states(book)["panel decide"]
    state = pressed(panel, book, "1")
    assert (state.kind, state.chosen) == (decisions.HIT, "practice/e1/1")
    after = decided(book, state, ResolutionKind.NOT_SAME)
    assert after.draft.resolutions == (HitResolution("practice", "e1", 1, ResolutionKind.NOT_SAME, "0001", "核对了证件（样本）"),)
    assert (kind(after, book), after.panel) == (TaskKind.READY, Panel.TASK)
    assert decisions.decisions(Now.of(after, book, 0)) == ()
    with pytest.raises(UserError, match="reason-empty"):
        decided(book, state, ResolutionKind.NOT_SAME, "  ")


def _alike(book: Books) -> CounterState:
    """A hit by names that are alike, on a firm whose code the list has."""
    ready = states(book)["ready"]
    alike = replace(hit(Action.REVIEW), reasons=(MatchReason.SIMILAR_NAME,), organisation="MA9YB0A16")
    return ready.with_session(ready.session.screened(screening(alike)))


def test_a_clerk_tells_a_firm_apart_by_its_code_and_for_how_long(book: Books) -> None:
    panel = pressed(_alike(book), book, "Enter")
    assert panel.panel is Panel.HIT_CODE
    after = decisions.told_apart(Now.of(panel, book, 0), {"code": "91410100MA9YB0C35U", "until": "30"})[0]
    (resolution,) = after.draft.resolutions
    assert (resolution.supervisor, resolution.until_on) == ("", book.today + timedelta(days=30))
    assert kind(after, book) is TaskKind.READY
    dated = decisions.told_apart(Now.of(panel, book, 0), {"code": "91410100MA9YB0C35U", "until": "2026-12-31"})[0]
    assert dated.draft.resolutions[0].until_on == date(2026, 12, 31)
    for typed, code in (
        ({"code": "91410100MA9YB0A16H"}, "hit-code-is-listed"),
        ({"code": "1"}, "hit-code-bad"),
        ({"code": ""}, "hit-code-needed"),
        ({"code": "91410100MA9YB0C35U", "until": "明天"}, "decision-scope-day"),
        ({"code": "91410100MA9YB0C35U", "until": "999"}, "decision-scope-day"),
    ):
        with pytest.raises(UserError, match=code):
            decisions.told_apart(Now.of(panel, book, 0), typed)


def test_a_number_is_not_asked_for_where_it_tells_nothing(book: Books) -> None:
    assert acts.press(Now.of(states(book)["hits"], book, 0), "Enter") is None
    with pytest.raises(UserError, match="window-no-matter-chosen"):  # the lists changed while it was typed
        decisions.told_apart(Now.of(states(book)["ready"], book, 0), {"code": "91410100MA9YB0C35U"})


def test_the_same_person_on_a_barring_list_is_refused(book: Books) -> None:
    barred = states(book)["ready"]
    barred = barred.with_session(barred.session.screened(screening(hit(Action.BLOCK))))
    state = pressed(barred.opened(Panel.DECIDE, present=SUPERVISOR), book, "1")
    after = decided(book, state, ResolutionKind.SAME)
    assert kind(after, book) is TaskKind.STOPPED
    assert acts.refusal_of(after.verdict(book)) == "R12"


def test_a_release_takes_another_person_than_the_operator(book: Books) -> None:
    panel = states(book)["panel decide"]
    assert decided(book, pressed(panel, book, "1"), ResolutionKind.OVERRIDE).draft.resolutions
    alone = books(book.rules, SUPERVISOR)
    state = pressed(states(book)["hits"].opened(Panel.DECIDE), alone, "1")
    with pytest.raises(UserError, match="window-two-persons"):
        decided(alone, state, ResolutionKind.OVERRIDE)
    with pytest.raises(UserError, match="window-two-persons"):  # nor by signing in a second time
        decided(alone, replace(state, present=SUPERVISOR), ResolutionKind.OVERRIDE)


def test_nobody_decides_without_a_supervisor_or_on_nothing(book: Books) -> None:
    panel = states(book)["panel decide"]
    with pytest.raises(UserError, match="window-no-matter-chosen"):
        decided(book, panel, ResolutionKind.NOT_SAME)
    with pytest.raises(UserError, match="window-no-supervisor"):
        decided(book, replace(pressed(panel, book, "1"), present=None), ResolutionKind.NOT_SAME)


def test_a_referral_is_settled_by_its_code(book: Books) -> None:
    odd = complete(book.rules.rulebook).waybill_scanned(replace(WAYBILL, valid=False), "张三丰")
    state = state_of(all_yes(odd, book)).opened(Panel.DECIDE, present=SUPERVISOR)
    state = pressed(state, book, "1")
    assert (state.kind, state.chosen) == (decisions.SETTLE, "waybill-check-failed")
    after = decided(book, state, ResolutionKind.SAME)
    assert after.draft.settlements[0].supervisor == "0001"
    assert kind(after, book) is TaskKind.READY


# Scans ------------------------------------------------------------------------------------------------------------------------------------


def test_a_waybill_is_taken_wherever_the_clerk_is(book: Books) -> None:
    for name, state in states(book).items():
        if state.draft.waybill is None:
            taken, wanted = inputs.scanned(Now.of(state, book, 0), LABEL)
            assert wanted == ReadLabel(LABEL), name
            assert taken.draft.waybill is not None
            assert taken.draft.waybill.text == LABEL


@pytest.mark.parametrize("text", ["6901234567892", "https://example.invalid/a?b=1", "", "x", "样" * 50, "0" * 60])
def test_any_other_code_is_named_and_changes_nothing(book: Books, text: str) -> None:
    for state in states(book).values():
        if text.isdigit() and goods.are_asked(Now.of(state, book, 0)):
            continue  # there it is the goods' own
        with pytest.raises(UserError, match="window-wrong-scan"):
            inputs.scanned(Now.of(state, book, 0), text)


def test_another_waybill_never_replaces_the_one_in_hand(book: Books) -> None:
    state, _ = inputs.scanned(Now.of(FRESH, book, 0), LABEL)
    with pytest.raises(UserError, match="window-another-waybill") as told:
        inputs.scanned(Now.of(state, book, 0), OTHER_LABEL)
    assert (told.value.facts["held"], told.value.facts["scanned"]) == (LABEL, OTHER_LABEL)
    again, wanted = inputs.scanned(Now.of(state, book, 0), LABEL)
    assert (wanted, again.draft, again.said) == (None, state.draft, "这个单号已经扫过。")


# Labels -----------------------------------------------------------------------------------------------------------------------------------


def label(text: str | None = LABEL, carriers: Sequence[str] = ("sf",), **said: str) -> LabelRead:
    check = None if text is None else WaybillCheck(text, CodeKind.WAYBILL, tuple(carriers), carriers[0] if len(carriers) == 1 else None)
    sender = Contact(said.get("name", "张三丰"), said.get("phone", "13800001234"), "郑州市某路 1 号")
    return LabelRead(check, "Code128", sender, Contact("李四", "13900005678", "某市某路 2 号"))


def read(book: Books, state: CounterState, picture: LabelRead, expect: str | None) -> CounterState:
    return inputs.label_read(Now.of(state, book, 0), picture, expect)


@pytest.fixture
def scanned(book: Books) -> CounterState:
    return inputs.scanned(Now.of(FRESH, book, 0), LABEL)[0]


def test_a_label_brings_phone_and_addressee_and_belongs_to_the_scan(book: Books, scanned: CounterState) -> None:
    after = read(book, scanned, label(), LABEL)
    assert (after.draft.sender.phone, after.draft.addressee.name, after.draft.waybill_sender_name) == ("13800001234", "李四", "张三丰")
    assert after.aside.phone_from_label
    assert after.undone().draft == FRESH.draft


def test_a_label_read_by_hand_is_one_step(book: Books) -> None:
    after = read(book, FRESH, label(), None)
    assert after.draft.waybill is not None
    assert after.draft.addressee.name == "李四"
    assert after.undone().draft == FRESH.draft


def test_a_picture_of_another_label_brings_nothing(book: Books, scanned: CounterState) -> None:
    assert read(book, scanned, label(OTHER_LABEL), LABEL) == scanned
    assert read(book, scanned, label(None), LABEL) == scanned
    with pytest.raises(UserError, match="window-another-waybill"):
        read(book, scanned, label(OTHER_LABEL), None)


def test_a_label_that_comes_after_its_scan_was_taken_back_brings_nothing(book: Books, scanned: CounterState) -> None:
    assert read(book, scanned.undone(), label(), LABEL) == scanned.undone()
    other, _ = inputs.scanned(Now.of(scanned.undone(), book, 0), OTHER_LABEL)
    assert read(book, other, label(), LABEL) == other


def test_a_label_never_overwrites_what_was_typed(book: Books, scanned: CounterState) -> None:
    typed = inputs.parties_typed(
        Now.of(scanned, book, 0), Parties("张样例", "13700007777", "样例路 9 号", Contact("王五", "13600006666", ""))
    )
    after = read(book, typed, label(), LABEL)
    assert after.draft == typed.draft
    partly = scanned.with_session(scanned.session.addressed(Contact("王五")))
    after = read(book, partly, label(), LABEL)
    assert (after.draft.addressee.name, after.draft.sender.phone) == ("王五", "13800001234")


def test_a_label_never_overwrites_the_carrier_that_was_chosen_or_what_was_answered(book: Books) -> None:
    person = all_yes(Session.started("s1", MailKind.PARCEL).identified(DOCUMENT), book)
    state = pressed(state_of(several(person)), book, "2")
    state = state_of(answered(state.session, book, "number-not-on-label"))
    after = read(book, state, label(AMBIGUOUS, ("zto", "sf", "sto"), name="张三丰"), AMBIGUOUS)
    assert after.draft.waybill is not None
    assert after.draft.waybill.carrier == "sf"
    assert [one.finding.item for one in after.draft.answers] == ["person-matches", "number-not-on-label"]


def test_a_label_settles_a_carrier_that_the_gun_could_not(book: Books) -> None:
    state, _ = inputs.scanned(Now.of(FRESH, book, 0), AMBIGUOUS)
    after = read(book, state, label(AMBIGUOUS, ("sto",)), AMBIGUOUS)
    assert after.draft.waybill is not None
    assert after.draft.waybill.carrier == "sto"


def test_a_label_that_comes_after_another_step_is_a_step_of_its_own(book: Books, scanned: CounterState) -> None:
    """One key takes back what came last, never the clerk's step with it."""
    later = scanned.with_session(scanned.session.identified(DOCUMENT))
    after = read(book, later, label(), LABEL)
    assert after.undone().draft == later.draft


def test_a_masked_phone_on_a_label_is_no_phone(book: Books, scanned: CounterState) -> None:
    after = read(book, scanned, label(phone="138****1234"), LABEL)
    assert after.draft.sender.phone == ""
    assert not after.aside.phone_from_label


def test_a_label_leaves_an_open_panel_open(book: Books, scanned: CounterState) -> None:
    refusing = pressed(scanned, book, "F8", "0", "6")
    after = read(book, refusing, label(), LABEL)
    assert (after.panel, after.chosen) == (Panel.REFUSE, "R06")


# Documents and forms ----------------------------------------------------------------------------------------------------------------------

AGENT = IdentityDocument(type=DocumentType.RESIDENT_ID, name="李样例", number="410105199003071248", long_term=True)
CHILD = IdentityDocument(type=DocumentType.RESIDENT_ID, name="张小样", number="410105201503071236", valid_until=date(2028, 1, 1))


def test_a_document_is_the_senders_unless_the_agents_was_asked_for(book: Books) -> None:
    state = inputs.by_agent(Now.of(FRESH, book, 0))
    state = inputs.identified(Now.of(state, book, 0), said(DOCUMENT), "图像识别")
    assert (state.draft.document, state.draft.agent_document) == (DOCUMENT, None)
    assert kind(state, book) is TaskKind.AGENT_DOCUMENT
    other = said(replace(DOCUMENT, name="张三"))
    late = inputs.identified(Now.of(state, book, 0), other, "图像识别", asked=TaskKind.DOCUMENT)  # asked for before
    assert late.draft.agent_document is None
    state = inputs.identified(Now.of(state, book, 0), said(AGENT), "手工输入")
    assert state.draft.agent_document == AGENT


def test_the_guardian_of_a_child_is_asked_for_and_read_beside_the_child(book: Books) -> None:
    state = inputs.identified(Now.of(FRESH, book, 0), said(CHILD), "图像识别")
    assert kind(state, book) is TaskKind.GUARDIAN_DOCUMENT
    assert isinstance(effect(state, book, "Enter"), ReadDocument)
    state = inputs.identified(Now.of(state, book, 0), said(AGENT), "图像识别")
    assert (state.draft.document, state.draft.guardian_document, state.draft.agent_document) == (CHILD, AGENT, None)
    assert kind(state, book) is TaskKind.ASK


def test_an_outlet_that_insists_shows_the_notice_before_anything_is_read(book: Books) -> None:
    policy = replace(book.rules.policy, notice=msgspec.structs.replace(book.rules.policy.notice, required=True))
    strict = replace(book, rules=replace(book.rules, policy=policy))
    assert kind(FRESH, strict) is TaskKind.NOTICE
    with pytest.raises(UserError):
        acts.press(Now.of(FRESH, strict, 0), "F6")  # nothing to photograph yet
    shown = pressed(FRESH, strict, "Enter")
    assert shown.draft.notice == book.rules.notice.version
    assert kind(shown, strict) is TaskKind.DOCUMENT
    assert kind(FRESH, book) is TaskKind.DOCUMENT


def test_the_same_document_once_more_keeps_what_was_answered(book: Books) -> None:
    state = states(book)["ready"]
    again = inputs.identified(Now.of(state.opened(Panel.DOCUMENT), book, 0), said(DOCUMENT), "图像识别")
    assert (again.draft, again.panel) == (state.draft, Panel.TASK)


def test_a_form_of_parties_is_one_step(book: Books, scanned: CounterState) -> None:
    parties = Parties("张三丰", "13800001234", "某路 1 号", Contact("李四", "13900005678", "某路 2 号"))
    after = inputs.parties_typed(Now.of(scanned, book, 0), parties)
    assert (after.draft.sender.phone, after.draft.addressee.name, after.draft.waybill_sender_name) == ("13800001234", "李四", "张三丰")
    assert not after.aside.phone_from_label
    assert after.undone().draft == scanned.draft


@pytest.mark.parametrize("parties", [Parties("", "", "", Contact("李四")), Parties("", "13800001234", "", Contact(""))])
def test_a_form_of_parties_without_phone_or_addressee_changes_nothing(book: Books, scanned: CounterState, parties: Parties) -> None:
    with pytest.raises(UserError):
        inputs.parties_typed(Now.of(scanned, book, 0), parties)


def test_personal_data_shows_in_no_repr(book: Books) -> None:
    told = repr((label(), Parties("张三丰", "13800001234", "某路 1 号", Contact("李四", "13900005678"))))
    handed = repr(effect(states(book)["ready"], book, "F12"))
    for secret in ("张三丰", "13800001234", "13900005678", "41010519900307123X"):
        assert secret not in told + handed


def test_enter_records_no_refusal_while_its_code_is_half_typed(stand: Stand) -> None:
    """The one that was chosen before is not the one that is being typed."""
    stand.press("F8", "0", "1", "0", "Enter")
    assert stand.state.panel is Panel.REFUSE
    assert not stand.state.saving
    assert "没有记录" in stand.state.said
    stand.press("Backspace", "Enter")
    assert stand.state.saving


def test_f7_before_the_inspection_says_that_it_is_not_yet_its_turn(stand: Stand) -> None:
    stand.press("F7")
    assert "还没有轮到验视" in stand.state.said
    assert not stand.state.aside.hits_later
