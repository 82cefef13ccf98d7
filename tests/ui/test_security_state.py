"""The stream of security checks: marks hold for one parcel, pictures are counted, and what stops it stops those behind."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.desk.security_checks import Checked, Parcel
from courier_check.inspection.security import SecurityOutcome, SecurityRules
from courier_check.store.resources import read_resource
from ui import keys
from ui.security_state import MOST_RECENT, Images, Piece, SecurityState
from ui.security_view import security_shown
from ui.shown import Tone

PASS, FAIL, RECHECK = SecurityOutcome.PASS, SecurityOutcome.FAIL, SecurityOutcome.RECHECK
RULES = SecurityRules.parse(read_resource("security.json"))
FIRST, SECOND = "SF1000000000014", "SF1000000000028"


def begun(image: str = "") -> SecurityState:
    state = SecurityState(rules=RULES).chosen(1).begun(image)
    assert state.running
    return state


def told(piece: Piece, parcel: Parcel = Parcel.ACCEPTED, *, repeated: bool = False, number: int = 1) -> Checked:
    return Checked(7, "0f" * 32, piece.outcome, parcel, piece.scan, ("0f" * 16, 3), number, repeated=repeated)


def recorded(state: SecurityState, parcel: Parcel = Parcel.ACCEPTED, *, repeated: bool = False) -> SecurityState:
    """The piece whose turn it is, recorded."""
    state = state.next_piece()
    assert state.busy is not None
    return state.recorded(told(state.busy, parcel, repeated=repeated))


def test_nothing_is_chosen_beforehand_and_nothing_begins_without_a_method() -> None:
    fresh = SecurityState(rules=RULES)
    assert (fresh.method, fresh.begun("").running) == ("", False)
    assert "先按数字" in fresh.begun("").said
    assert "还没有开始" in fresh.scanned(FIRST).said
    assert fresh.scanned(FIRST).waiting == ()
    assert fresh.chosen(9).method == "" == fresh.chosen(0).method
    assert fresh.chosen(2).method == RULES.methods[1].id


def test_a_mark_holds_for_the_next_parcel_only() -> None:
    state = recorded(begun().marked(RECHECK).scanned(FIRST))
    assert state.last is not None
    assert (state.last.checked.outcome, state.mark) == (RECHECK, PASS)
    state = recorded(state.scanned(SECOND))
    assert dict(state.counts) == {PASS: 1, FAIL: 0, RECHECK: 1}
    assert recorded(begun().marked(FAIL).marked(PASS).scanned(FIRST)).stopped is None


def test_a_failed_parcel_stops_the_stream_until_enter_and_nothing_behind_it_is_recorded() -> None:
    state = recorded(begun().marked(FAIL).scanned(FIRST).scanned(SECOND))
    assert state.stopped is not None
    assert "停止分拣、运输、投递" in state.stopped.why
    assert "后面扫的 1 件没有记" in state.stopped.why
    assert (state.waiting, state.next_piece()) == ((), state)
    held = state.scanned(SECOND)
    assert (held.waiting, "没有记" in held.said) == ((), True)
    assert security_shown(held, "0142").result.tone is Tone.STOP
    assert recorded(held.going_on().scanned(SECOND)).stopped is None


@pytest.mark.parametrize("parcel", [Parcel.WITHDRAWN, Parcel.REFUSED, Parcel.REFERRED, Parcel.ELSEWHERE])
def test_parcels_that_should_not_be_here_stop_the_stream(parcel: Parcel) -> None:
    state = recorded(begun().scanned(FIRST), parcel)
    assert state.stopped is not None
    assert FIRST.replace(" ", "") in security_shown(state, "").result.words.replace(" ", "")


def test_a_depot_says_that_parcels_of_others_are_its_business() -> None:
    from dataclasses import replace

    state = replace(SecurityState(rules=RULES), elsewhere=True).chosen(1).begun("")
    assert recorded(state.scanned(FIRST), Parcel.ELSEWHERE).stopped is None
    assert recorded(state.scanned(FIRST), Parcel.WITHDRAWN).stopped is not None


def test_the_last_piece_is_judged_anew_with_its_own_picture() -> None:
    state = recorded(begun("XR-0009").scanned(FIRST))
    state = state.about_last().marked(FAIL).next_piece()
    assert state.busy == Piece(FIRST, FAIL, again=True, image="XR-0009")
    assert state.images.current == "XR-0010"
    assert state.recorded(told(state.busy, number=2)).images.current == "XR-0010"
    assert begun().about_last().said == "还没有上一件。"


def test_pictures_are_counted_as_the_machine_counts_them() -> None:
    state = recorded(begun("XR1-0099").scanned(FIRST))
    assert state.last is not None
    assert (state.last.piece.image, state.images.current) == ("XR1-0099", "XR1-0100")
    again = recorded(state.scanned(FIRST), repeated=True)
    assert (again.images.current, again.repeats, dict(again.counts)[PASS]) == ("XR1-0100", 1, 1)
    failed = state.scanned("x").next_piece().failed("不是运单号")
    assert (failed.images.current, failed.stopped is not None) == ("XR1-0100", True)


@pytest.mark.parametrize("text", ["图 1", "XR-", "a b1", "1" * 65])
def test_a_picture_has_a_number(text: str) -> None:
    assert Images.parse(text) is None
    state = SecurityState(rules=RULES).chosen(1).begun(text)
    assert (state.running, "图像编号" in state.said) == (False, True)


@given(st.text(max_size=80))
def test_any_text_names_pictures_or_does_not(text: str) -> None:
    images = Images.parse(text)
    if images is not None and images.current is not None:
        assert images.current == text.strip()


def test_the_last_five_are_shown_newest_first() -> None:
    state = begun()
    for number in range(7):
        state = recorded(state.scanned(f"SF10000000000{number:02d}"))
    shown = security_shown(state, "0142")
    assert len(shown.recent) == MOST_RECENT
    assert shown.recent[0].text.replace(" ", "") == "SF1000000000006"
    assert shown.counts == (("合格", "7"), ("不合格", "0"), ("待复检", "0"))


ACTS = st.one_of(
    st.sampled_from([("mark", FAIL), ("mark", RECHECK), ("mark", PASS), ("last", None), ("enter", None), ("answer", None)]),
    st.tuples(st.just("scan"), st.sampled_from([FIRST, SECOND])),
)


@given(st.lists(ACTS, max_size=40))
def test_whatever_is_done_a_fail_mark_never_becomes_a_pass_and_no_scan_is_dropped_unsaid(acts: list[tuple[str, object]]) -> None:
    state, scanned, answered, dropped = begun(), 0, 0, 0
    for name, value in acts:
        if name == "mark":
            before = state
            state = state.marked(value)  # type: ignore[arg-type]  # an outcome
            scanned += len(state.waiting) - len(before.waiting)
        elif name == "last":
            state = state.about_last()
        elif name == "enter":
            state = state.going_on()
        elif name == "scan":
            mark, taken = state.mark, state.scanned(str(value))
            assert (len(taken.waiting) == len(state.waiting) + 1) is not bool(taken.said)
            if not taken.said:
                assert taken.waiting[-1].outcome is mark
                scanned += 1
            state = taken
        else:
            turn = state.next_piece()
            if turn.busy is not None:
                state = turn.recorded(told(turn.busy))
                answered += 1
                if state.stopped is not None:
                    assert ("没有记" in state.stopped.why) is bool(turn.waiting)
                    dropped += len(turn.waiting)
    assert scanned == answered + dropped + len(state.waiting)
    assert security_shown(state, "").question.answers[0].key in (keys.ENTER, keys.YES)
