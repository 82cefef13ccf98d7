"""The stream of security checks: nothing is chosen beforehand, marks hold for one parcel, every picture is its parcel's own, and what stops
the stream stops those behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from courier_check.desk.security_checks import Checked, Parcel
from courier_check.inspection.security import SecurityOutcome, SecurityRules
from courier_check.store.resources import read_resource
from ui import keys
from ui.security_state import MOST_RECENT, Images, Piece, SecurityState
from ui.security_view import SAME_PICTURE, security_shown
from ui.shown import Tone

PASS, FAIL, RECHECK = SecurityOutcome.PASS, SecurityOutcome.FAIL, SecurityOutcome.RECHECK
RULES = SecurityRules.parse(read_resource("security.json"))
FIRST, SECOND = "SF1000000000014", "SF1000000000028"


def begun(image: str = "", mark: SecurityOutcome | None = PASS) -> SecurityState:
    """A stream that has begun, with what the first scan is already chosen by a key."""
    state = SecurityState(rules=RULES).chosen(1).begun(image)
    assert (state.running, state.mark) == (True, None)
    return state if mark is None else state.marked(mark)


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


def test_a_scan_is_not_recorded_before_a_key_has_said_what_it_is() -> None:
    state = begun(mark=None).scanned(FIRST)
    assert (state.waiting, state.next_piece()) == ((), state)
    shown = security_shown(state, "0142")
    assert (shown.result.words, shown.result.tone) == ("没有记", Tone.REFER)
    assert "先按 1 合格、2 不合格或 3 待复检" in shown.result.reason
    assert "先按 1 合格" in shown.question.question
    assert [answer.text for answer in shown.question.answers][:3] == ["合格", "不合格", "待复检"]
    state = recorded(state.marked(PASS).scanned(FIRST).scanned(SECOND))
    assert (state.missed, dict(state.counts)[PASS]) == ("", 1)
    assert "扫到就记合格" in security_shown(state, "").question.question
    assert dict(recorded(state).counts)[PASS] == 2, "one key for a whole stretch"


@pytest.mark.parametrize("outcome", [FAIL, RECHECK])
def test_after_what_did_not_pass_nothing_is_chosen(outcome: SecurityOutcome) -> None:
    state = begun().scanned(FIRST)
    state = recorded(recorded(state).marked(outcome).scanned(SECOND)).going_on()
    assert state.mark is None
    assert recorded(state.scanned(FIRST).marked(PASS).scanned(FIRST)).last is not None


@pytest.mark.parametrize(
    "step",
    [
        lambda state: recorded(state.scanned(FIRST), Parcel.WITHDRAWN).going_on(),
        lambda state: state.scanned("x").next_piece().failed("不是运单号").going_on(),
        lambda state: recorded(state.scanned(FIRST)).about_last().about_last(),
        lambda state: recorded(recorded(state.scanned(FIRST)).about_last().marked(PASS)),
        lambda state: state.ended().begun(""),
        lambda state: state.looked_away(),
    ],
)
def test_what_was_chosen_ends_with_a_stop_another_judgement_or_another_page(step: Callable[[SecurityState], SecurityState]) -> None:
    assert step(begun()).mark is None


def test_a_key_after_a_scan_that_was_not_taken_is_about_the_next_one_and_not_the_last() -> None:
    state = recorded(begun().marked(RECHECK).scanned(FIRST)).about_last().scanned(SECOND)
    assert state.missed
    state = state.marked(PASS)
    assert (state.waiting, state.mark) == ((), PASS)


def test_a_mark_holds_for_the_next_parcel_only() -> None:
    state = recorded(begun().marked(RECHECK).scanned(FIRST))
    assert state.last is not None
    assert (state.last.checked.outcome, state.mark) == (RECHECK, None)
    state = recorded(state.marked(PASS).scanned(SECOND))
    assert dict(state.counts) == {PASS: 1, FAIL: 0, RECHECK: 1}
    assert recorded(begun().marked(FAIL).marked(PASS).scanned(FIRST)).stopped is None


def test_a_failed_parcel_stops_the_stream_until_enter_and_nothing_behind_it_is_recorded() -> None:
    state = recorded(begun().marked(FAIL).scanned(FIRST).marked(PASS).scanned(SECOND))
    assert state.stopped is not None
    assert "停止分拣、运输、投递" in state.stopped.why
    assert "后面扫的 1 件没有记" in state.stopped.why
    assert (state.waiting, state.next_piece()) == ((), state)
    held = state.scanned(SECOND)
    assert (held.waiting, "没有记" in held.missed) == ((), True)
    assert security_shown(held, "0142").result.tone is Tone.STOP
    assert "先按 Enter 继续" in security_shown(held, "0142").question.help
    assert recorded(held.going_on().marked(PASS).scanned(SECOND)).stopped is None


@pytest.mark.parametrize("parcel", [Parcel.WITHDRAWN, Parcel.REFUSED, Parcel.REFERRED, Parcel.ELSEWHERE])
def test_parcels_that_should_not_be_here_stop_the_stream(parcel: Parcel) -> None:
    state = recorded(begun().scanned(FIRST), parcel)
    assert state.stopped is not None
    assert FIRST.replace(" ", "") in security_shown(state, "").result.words.replace(" ", "")


def test_a_depot_says_that_parcels_of_others_are_its_business() -> None:
    from dataclasses import replace

    state = replace(SecurityState(rules=RULES), elsewhere=True).chosen(1).begun("").marked(PASS)
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
    state = recorded(state.scanned(SECOND))
    assert state.last is not None
    assert (state.last.piece.image, state.images.current, state.unsure) == ("XR1-0100", "XR1-0101", False)


def test_a_check_that_was_recorded_already_has_its_picture() -> None:
    state = recorded(begun("XR1-0099").scanned(FIRST), repeated=True)
    assert (state.images.current, state.repeats, dict(state.counts)[PASS], state.unsure) == ("XR1-0100", 1, 0, False)


def test_a_parcel_scanned_twice_with_pictures_is_asked_for_and_nothing_is_recorded_before() -> None:
    state = recorded(begun("XR1-0099").scanned(FIRST)).scanned(FIRST)
    assert (state.asked, state.next_piece()) == (Piece(FIRST, PASS), state)
    assert "重新过机了吗" in security_shown(state, "").question.question
    assert "答上一件" in state.scanned(SECOND).missed
    once = state.without_picture()
    assert (once.images.current, once.repeats, once.next_piece(), once.unsure) == ("XR1-0100", 1, once, False)
    twice = state.with_picture().next_piece()
    assert twice.busy == Piece(FIRST, PASS, image="XR1-0100")
    anew = recorded(begun("XR1-0099").scanned(FIRST)).marked(RECHECK).scanned(FIRST).without_picture().next_piece()
    assert anew.busy == Piece(FIRST, RECHECK, again=True, image="XR1-0099")


@pytest.mark.parametrize(
    "miss",
    [
        lambda state: state.scanned("x").next_piece().failed("不是运单号").going_on(),
        lambda state: state.looked_away().scanned(SECOND),
        lambda state: recorded(state.scanned(SECOND), Parcel.WITHDRAWN).scanned("SF1000000000031").going_on(),
    ],
)
def test_after_a_scan_that_was_not_recorded_the_number_of_the_next_picture_is_confirmed(
    miss: Callable[[SecurityState], SecurityState],
) -> None:
    state = miss(recorded(begun("XR1-0099").scanned(FIRST))).marked(PASS)
    here, after = state.images.current, state.images.after().current
    assert state.unsure
    assert f"下一张图像是 {here} 吗" in security_shown(state, "").question.question
    held = state.scanned("SF1000000000045")
    assert (held.waiting, "先核对下一张图像的编号" in held.missed) == ((), True)
    for answered, image in ((state.without_picture(), here), (state.with_picture(), after)):
        piece = answered.scanned("SF1000000000045").next_piece().busy
        assert piece is not None
        assert piece.image == image
    other = state.other_picture()
    assert (other.running, other.images.current) == (False, here)
    assert not other.begun("XR1-0200").unsure


def test_without_pictures_nobody_is_asked_for_their_number() -> None:
    state = recorded(begun().scanned(FIRST)).scanned(FIRST)
    assert (state.asked, len(state.waiting)) == (None, 1)
    assert not begun().looked_away().scanned(FIRST).unsure


def test_each_of_several_scans_that_were_not_recorded_is_confirmed_once() -> None:
    state = begun("7").looked_away()
    for text in (FIRST, FIRST, SECOND):
        state = state.scanned(text)
    state = state.marked(PASS)
    for text in (FIRST, SECOND):
        assert state.unsure
        state = recorded(state.without_picture().scanned(text))
    assert (state.unsure, state.images.current) == (False, "9")


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


KEYS = [*(("mark", outcome) for outcome in (PASS, FAIL, RECHECK)), *((name, None) for name in ("last", "enter", "answer", "same", "next"))]
ACTS = st.one_of(st.sampled_from(KEYS), st.tuples(st.just("scan"), st.sampled_from([FIRST, SECOND])))


@dataclass
class Ledger:
    """A stream, and what became of everything scanned at it."""

    state: SecurityState
    taken: int = 0
    answered: int = 0
    told: int = 0

    def does(self, name: str, value: object) -> None:
        before = self.state
        match name:
            case "mark":
                self.state = before.marked(value)  # type: ignore[arg-type]  # an outcome
                self.taken += len(self.state.waiting) - len(before.waiting)
            case "last":
                self.state = before.about_last()
            case "enter":
                self.state = before.going_on()
            case "same" | "next":
                self.state = before.without_picture() if name == "same" else before.with_picture()
                self._ended(before)
            case "scan":
                self._scanned(str(value))
            case _:
                self._recorded()

    def _ended(self, before: SecurityState) -> None:
        """What was asked about a parcel is answered: it is recorded, counted once, or to be scanned again."""
        if len(self.state.undone) < len(before.undone):
            repeated = self.state.repeats > before.repeats
            assert repeated or "没有记" in self.state.missed
            self.answered, self.told = self.answered + repeated, self.told + (not repeated)

    def _scanned(self, text: str) -> None:
        before, self.state = self.state, self.state.scanned(text)
        assert (len(self.state.undone) == len(before.undone) + 1) is not bool(self.state.missed)
        assert before.mark is not None or self.state.missed, "nobody has said what it is"
        if not self.state.missed:
            assert self.state.undone[-1].outcome is before.mark
            self.taken += 1

    def _recorded(self) -> None:
        turn = self.state.next_piece()
        if turn.busy is None:
            return
        self.state = turn.recorded(told(turn.busy))
        self.answered += 1
        if self.state.stopped is not None:
            assert ("没有记" in self.state.stopped.why) is bool(turn.undone)
            self.told += len(turn.undone)


@given(st.lists(ACTS, max_size=40), st.sampled_from(["", "XR-01"]))
def test_whatever_is_done_a_fail_mark_never_becomes_a_pass_and_no_scan_is_dropped_unsaid(
    acts: list[tuple[str, object]], image: str
) -> None:
    ledger = Ledger(begun(image, None))
    for name, value in acts:
        ledger.does(name, value)
    assert ledger.taken == ledger.answered + ledger.told + len(ledger.state.undone)
    assert security_shown(ledger.state, "").question.answers[0].key in (keys.ENTER, keys.YES, SAME_PICTURE)


@dataclass
class Belt:
    """A machine that counts what passes it, and a truthful operator: parcels that were not recorded are scanned again in their order,
    before new ones, and every question is answered by what the machine shows."""

    state: SecurityState
    counter: int = 1
    pictures: dict[str, int] = field(default_factory=dict)
    owners: dict[int, str] = field(default_factory=dict)
    named: dict[str, int] = field(default_factory=dict)
    in_hand: list[str] = field(default_factory=list)
    scans: list[tuple[str, int]] = field(default_factory=list)

    def passes(self, text: str) -> None:
        """The parcel goes through the machine and is scanned, whatever the screen says."""
        self.pictures[text] = self.counter
        self.owners[self.counter] = text
        self.counter += 1
        self.in_hand = [*(one for one in self.in_hand if one != text), text]
        self.scan(text)

    def scan(self, text: str) -> None:
        self.scans.append((text, self.pictures[text]))
        self.state = self.state.scanned(text)
        if self.state.asked is not None and self.state.settled:
            self.answer_asked()

    def answer_asked(self) -> None:
        assert self.state.asked is not None
        text = self.state.asked.scan
        if text in self.state.aside:  # the picture of its last scan has been passed over
            passed_anew = self.scans.count((text, self.pictures[text])) == 1
        else:
            passed_anew = self.named.get(text) != self.pictures[text]
        if not passed_anew:
            self.in_hand = [one for one in self.in_hand if one != text]
        self.state = self.state.with_picture() if passed_anew else self.state.without_picture()

    def answered(self, fate: str) -> None:
        """The desk answers for the piece whose turn it is."""
        state = self.state.next_piece()
        if state.busy is None:
            return
        piece = state.busy
        if fate == "refused":
            self.state = state.failed("这件安检不合格")
        else:
            parcel = Parcel.WITHDRAWN if fate == "stops" else Parcel.ACCEPTED
            self.state = state.recorded(told(piece, parcel, repeated=fate == "repeated"))
        if fate != "refused" and piece.image is None:
            self.named[piece.scan] = self.pictures[piece.scan]
        elif fate != "refused":
            number = int(str(piece.image)[1:])
            assert self.owners.get(number) == piece.scan, "the picture of another parcel, or of none"
            self.named[piece.scan] = number
        self.in_hand = [one for one in self.in_hand if one != piece.scan or self.named.get(one) != self.pictures[one]]

    def is_up_to_date(self) -> None:
        """Before a new parcel: nothing is left in hand, and the number is that of the machine."""
        for _ in range(20):
            if not self.in_hand and self.state.settled and self.state.asked is None and self.state.stopped is None:
                break
            self.catches_up()
        self.state = self.state.marked(PASS)
        if self.state.unsure:
            self.confirm(self.counter)

    def catches_up(self) -> None:
        """What was not recorded is scanned again."""
        while not self.state.settled:
            self.answered("recorded")
        if self.state.asked is not None:
            self.answer_asked()
            return
        self.state = self.state.going_on().marked(PASS)
        if not self.in_hand:
            return
        text = self.in_hand[0]
        if self.state.unsure:
            self.confirm(self.pictures[text])
        self.scan(text)
        self.answered("recorded")

    def confirm(self, number: int) -> None:
        ahead = number - (self.state.images.number or 0)
        if ahead not in (0, 1):
            self.state = self.state.other_picture().begun(f"X{number}").marked(PASS)
        else:
            self.state = self.state.with_picture() if ahead else self.state.without_picture()


PARCELS = [FIRST, SECOND, "SF1000000000031"]
PASSING = st.one_of(
    st.tuples(st.sampled_from(["pass", "scan"]), st.sampled_from(PARCELS)),
    st.tuples(st.just("answer"), st.sampled_from(["recorded", "recorded", "stops", "refused", "repeated"])),
    st.tuples(st.just("rush"), st.sampled_from(PARCELS)),
    st.sampled_from([("away", ""), ("aside", "")]),
)


LATER = (("aside", ""), ("pass", SECOND), ("answer", "recorded"))


@settings(max_examples=200)
@given(st.lists(PASSING, max_size=30))
@example([("pass", FIRST), ("answer", "repeated"), ("scan", FIRST), ("pass", SECOND)])
@example([("pass", FIRST), ("answer", "refused"), *LATER, ("scan", FIRST), ("answer", "recorded")])
@example(
    [("pass", FIRST), ("answer", "refused"), *LATER, ("pass", FIRST), ("answer", "recorded"), ("pass", PARCELS[2]), ("answer", "recorded")]
)
def test_no_reference_ever_names_the_picture_of_another_parcel(acts: list[tuple[str, str]]) -> None:
    belt = Belt(begun("X1"))
    for name, value in acts:
        if name == "answer":
            belt.answered(value)
        elif name == "away":
            belt.state = belt.state.looked_away()
        elif name == "scan" and value in belt.pictures:
            belt.scan(value)
        elif name == "pass":
            belt.is_up_to_date()
            belt.passes(value)
        elif name == "rush":
            belt.passes(value)
        elif name == "aside":
            belt.in_hand = belt.in_hand[1:]


def test_what_was_scanned_during_a_stop_is_counted_until_it_is_scanned_again() -> None:
    state = recorded(begun(mark=FAIL).scanned(FIRST))
    assert state.stopped is not None
    others = ("SF1000000000031", "SF1000000000045")
    for scan in (SECOND, *others, SECOND):
        state = state.scanned(scan)
    state = state.going_on()
    shown = security_shown(state, "0142")
    assert state.left == (SECOND, *others)
    assert "3 件扫过没有记" in shown.question.help
    assert all(f"…{scan[-4:]}" in shown.question.help for scan in state.left)
    assert ("待重扫", "3 件") in [(fact.name, fact.value) for fact in shown.facts]
    state = recorded(state.marked(PASS).scanned(SECOND))
    assert state.left == others
    for scan in others:
        state = recorded(state.scanned(scan))
    assert state.left == ()
    assert "待重扫" not in [fact.name for fact in security_shown(state, "").facts]


def test_what_waited_behind_a_stop_is_to_be_scanned_again() -> None:
    state = recorded(begun().scanned(FIRST).scanned(SECOND), Parcel.INTERCEPTED)
    assert state.left == (SECOND,)


def test_an_intercept_is_offered_where_there_is_none() -> None:
    for parcel, offered in ((Parcel.ACCEPTED, True), (Parcel.INTERCEPTED, False), (Parcel.REFUSED, False)):
        state = recorded(begun(mark=FAIL).scanned(FIRST), parcel)
        assert any(answer.key == keys.INTERCEPT for answer in security_shown(state, "").question.answers) is offered


def test_a_parcel_put_aside_after_a_failure_gets_no_picture_of_a_later_one() -> None:
    state = begun("X1").scanned(FIRST).next_piece().failed("没有记").going_on().marked(PASS)
    state = recorded(state.with_picture().scanned(SECOND))
    assert state.aside == (FIRST,)
    asked = state.scanned(FIRST)
    assert asked.asked is not None
    assert "没有记上" in security_shown(asked, "").question.question
    without = asked.without_picture().next_piece()
    assert without.busy is not None
    assert without.busy.image is None
    assert recorded(asked.without_picture()).images == asked.images
    anew = asked.with_picture().next_piece()
    assert anew.busy is not None
    assert anew.busy.image == asked.images.current
    assert recorded(asked.with_picture()).aside == ()
