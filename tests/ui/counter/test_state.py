"""收寄台's state without a window: steps, undo, parcels put aside, what remains of an act."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.acceptance import Contact, Session
from courier_check.desk.acceptances import Recorded
from courier_check.errors import UserError
from courier_check.inspection.verdict import Outcome, Verdict
from courier_check.parcel.contents import DeclaredItem, ParcelSize
from courier_check.store.evidence import Photo
from courier_check.terms import MailKind
from support.counters import CLERK, SUPERVISOR, books
from support.parcels import BOOKS, CLEAR, DOCUMENT, WAYBILL, filled
from ui.counter.state import (
    Aside,
    Books,
    CounterState,
    FoundGoods,
    Panel,
    as_one_step,
    lookup_key,
    may_decide,
    needs_lookup,
)

FRESH = CounterState.fresh("s1", "d1")
PHOTO = Photo("photo-contents-1", "image/jpeg", b"a picture")


def taken(state: CounterState, session: Session) -> CounterState:
    return state.with_session(replace(session, session_id=state.session.session_id))


def test_a_fresh_counter_holds_one_empty_parcel() -> None:
    assert FRESH.untouched
    assert (FRESH.panel, FRESH.aside.draft_id, FRESH.counter.held) == (Panel.TASK, "d1", ())


def test_a_step_closes_the_panel_and_what_was_half_typed() -> None:
    state = replace(FRESH.opened(Panel.CONTENTS, chosen="food"), digits="0", said="x", abandoning=True)
    stepped = state.with_session(state.session.identified(DOCUMENT))
    assert (stepped.panel, stepped.chosen, stepped.digits, stepped.said, stepped.abandoning) == (Panel.TASK, "", "", "", False)
    assert not stepped.untouched


# Backspace --------------------------------------------------------------------------------------------------------------------------------


def test_backspace_takes_back_the_half_typed_code_then_the_panel_then_the_step() -> None:
    step = FRESH.with_session(FRESH.session.identified(DOCUMENT))
    open_panel = replace(step.opened(Panel.REFUSE, chosen="R07"), digits="0")
    once = open_panel.undone()
    assert (once.digits, once.panel) == ("", Panel.REFUSE)
    twice = once.undone()
    assert (twice.panel, twice.chosen, twice.draft) == (Panel.TASK, "", step.draft)
    assert twice.undone().draft == FRESH.draft
    with pytest.raises(UserError, match="nothing-to-undo"):
        twice.undone().undone()


def test_backspace_takes_back_what_was_half_named_before_any_step() -> None:
    step = FRESH.with_session(FRESH.session.identified(DOCUMENT)).beside(found=FoundGoods("04", "打火机"))
    once = step.undone()
    assert (once.aside.found, once.draft) == (FoundGoods(), step.draft)


def test_a_photo_taken_back_is_not_handed_in() -> None:
    state = taken(FRESH, filled()).beside(photos=())
    shot = state.with_session(state.session.photographed("photo-contents", "ab" * 32)).beside(photos=(PHOTO,))
    again = shot.with_session(shot.session.photographed("photo-contents", "cd" * 32)).beside(photos=(PHOTO, replace(PHOTO, data=b"b")))
    assert again.undone().aside.photos == (PHOTO,)
    assert again.undone().undone().aside.photos == ()


STEPS = (
    lambda s: s.identified(DOCUMENT),
    lambda s: s.sender_known("13800001234"),
    lambda s: s.waybill_scanned(WAYBILL, "张三丰"),
    lambda s: s.addressed(Contact("李四")),
    lambda s: s.declared([BOOKS], ParcelSize(1000)),
)


@given(st.lists(st.sampled_from(STEPS), max_size=12))
def test_every_backspace_returns_to_the_draft_before(steps: list) -> None:  # type: ignore[type-arg]
    state, drafts = FRESH, []
    for step in steps:
        drafts.append(state.draft)
        state = state.with_session(step(state.session))
    for former in reversed(drafts):
        state = state.undone()
        assert state.draft == former
    assert state.untouched


def test_one_picture_is_one_step_however_much_it_brought() -> None:
    before = FRESH.session
    after = before.waybill_scanned(WAYBILL, "张三丰").sender_known("13800001234").addressed(Contact("李四"))
    joined = as_one_step(before, after)
    assert (joined.draft, joined.undo().draft) == (after.draft, before.draft)
    assert as_one_step(before, Session(before.session_id, before.draft, (before.draft,))) is before


# Parcels put aside ------------------------------------------------------------------------------------------------------------------------


def test_each_parcel_put_aside_keeps_its_own_data() -> None:
    first = FRESH.with_session(FRESH.session.identified(DOCUMENT)).beside(source="图像识别", photos=(PHOTO,), supervisor=SUPERVISOR)
    second = first.held("s2", "d2")
    assert second.untouched
    assert second.aside == Aside("d2")
    second = second.with_session(second.session.waybill_scanned(WAYBILL)).beside(symbology="Code128")
    third = second.held("s3", "d3").with_session(Session.started("s3", MailKind.PARCEL).sender_known("13800001234"))
    back = third.resumed("s1")
    assert (back.draft, back.aside) == (first.draft, first.aside)
    assert [one.session_id for one in back.counter.held] == ["s2", "s3"]
    assert back.resumed("s2").aside.symbology == "Code128"
    assert back.resumed("s3").draft.sender.phone == "13800001234"


def test_an_untouched_parcel_is_dropped_for_the_one_taken_up() -> None:
    held = FRESH.with_session(FRESH.session.identified(DOCUMENT)).held("s2", "d2")
    back = held.resumed("s1")
    assert (back.session.session_id, back.counter.held, set(back.asides)) == ("s1", (), {"s1"})


def test_a_recorded_parcel_is_never_put_aside() -> None:
    held = FRESH.with_session(FRESH.session.identified(DOCUMENT)).held("s2", "d2")
    recorded = taken(held, filled()).recorded_as(Recorded(Outcome.ACCEPT, Verdict(Outcome.ACCEPT), 2, "ab"), (), keeps_identity=True)
    back = recorded.resumed("s1")
    assert (back.counter.held, back.panel, set(back.asides)) == ((), Panel.TASK, {"s1"})


def test_a_new_parcel_keeps_those_put_aside_and_nothing_of_the_former() -> None:
    held = FRESH.with_session(FRESH.session.identified(DOCUMENT)).held("s2", "d2").beside(photos=(PHOTO,), source="图像识别")
    fresh = held.renewed(Session.started("s3", MailKind.PARCEL), "d3")
    assert set(fresh.asides) == {"s1", "s3"}
    assert fresh.aside == Aside("d3", source="图像识别")


# After an act -----------------------------------------------------------------------------------------------------------------------------


def test_after_an_act_only_masks_are_shown_and_the_sender_is_kept_unseen() -> None:
    state = taken(FRESH, filled())
    recorded = state.recorded_as(Recorded(Outcome.ACCEPT, Verdict(Outcome.ACCEPT), 7, "ab"), ("理由",), keeps_identity=True)
    shown = recorded.recorded
    assert shown is not None
    assert (shown.name, shown.number, shown.seq, shown.reasons) == ("张**", "4***************3X", 7, ("理由",))
    assert recorded.previous is state.session
    assert "张三丰" not in repr(recorded)
    assert "41010519900307123X" not in repr(recorded)
    assert (recorded.forgotten().previous, recorded.forgotten().recorded) == (None, None)


def test_a_refusal_that_keeps_no_identity_leaves_none_on_screen_nor_for_the_next_parcel() -> None:
    recorded = taken(FRESH, filled()).recorded_as(Recorded(Outcome.REFUSE, Verdict(Outcome.REFUSE), 7, "ab"), (), keeps_identity=False)
    assert recorded.recorded is not None
    assert (recorded.recorded.name, recorded.recorded.number, recorded.previous) == ("", "", None)


def test_a_supervisor_stays_for_one_decision() -> None:
    present = FRESH.opened(Panel.DECIDE, present=SUPERVISOR)
    assert present.with_session(present.session.identified(DOCUMENT)).present is None
    assert present.opened(Panel.TASK).present is None


def test_who_may_decide_is_the_supervisor_who_came_or_the_operator(book: Books) -> None:
    assert may_decide(FRESH, book) is None
    assert may_decide(FRESH, books(book.rules, SUPERVISOR)) == SUPERVISOR
    assert may_decide(FRESH.opened(Panel.DECIDE, present=SUPERVISOR), book) == SUPERVISOR
    assert may_decide(FRESH, books(book.rules, CLERK)) is None


# Look-ups ---------------------------------------------------------------------------------------------------------------------------------


def test_a_look_up_is_needed_for_other_facts_only() -> None:
    draft = filled().draft
    assert not needs_lookup(draft, filled().measured(ParcelSize(5)).draft)
    others = (
        filled().identified(replace(DOCUMENT, number="410105199003071248")),
        filled().sender_known("13800009999"),
        filled().waybill_scanned(replace(WAYBILL, text="SF1000000000022")),
        filled().declared([DeclaredItem(name="卷烟", category="tobacco", cigarette_sticks=200)]),
        filled().kind_changed(MailKind.LETTER),
        filled().brought_by_agent(),
    )
    for other in others:
        assert lookup_key(other.draft) != lookup_key(draft)
        assert needs_lookup(draft, other.draft)


def test_the_same_facts_entered_once_more_are_looked_up_once_more() -> None:
    """A step voids what was found about its facts even where they stay the same: nothing would bring it back."""
    before = filled().screened(CLEAR)
    again = before.sender_known(before.draft.sender.phone, before.draft.sender.address)
    assert lookup_key(before.draft) == lookup_key(again.draft)
    assert again.draft.screening is None
    assert needs_lookup(before.draft, again.draft)
    assert not needs_lookup(again.draft, again.screened(CLEAR).draft)
