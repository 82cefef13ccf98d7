"""Who works at the window: sign-in, and the change of operators with and without a parcel in hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from courier_check.desk.rights import Role, SignedIn
from courier_check.station import PRACTICE_PASSWORD
from courier_check.store.evidence_sweep import LEAST_AGE_MS
from support.beside import NobodyBeside
from support.clocks import StillClock
from support.orphans import orphan
from support.pages import seen
from support.windows import Counter, acts_of, opened_again
from ui.counter.page import AcceptancePage
from ui.gates import Gate
from ui.opening import Place
from ui.window import Plan

pytestmark = pytest.mark.slow
"""Signs several people in, which is slow on purpose."""

FIRST, SECOND = "SF1000000000014", "SF1000000000022"


def operator(counter: Counter) -> str:
    return counter.conductor.books.operator.code


def test_another_operator_takes_over_an_empty_counter(counter: Counter, folder: Path) -> None:
    counter.accept(FIRST)
    counter.hand.press("Ctrl+L")
    counter.wait_for(Gate.SIGN_IN)
    counter.sign_in("0143")
    counter.hand.until(lambda: operator(counter) == "0143", "the books are still the other's")
    assert "0143" in seen(counter.window)
    counter.accept(SECOND)
    with opened_again(folder) as station:
        rows = station.database.rows("SELECT waybill, operator FROM acts ORDER BY seq")
    assert rows == [(FIRST, "0142"), (SECOND, "0143")]


def test_a_parcel_in_hand_is_taken_over_by_nobody(counter: Counter, folder: Path) -> None:
    counter.identify()
    counter.answer_all()
    before = counter.conductor.state.draft
    counter.hand.press("Ctrl+L")
    counter.wait_for(Gate.SIGN_IN)
    assert counter.field("code").text() == "0142"
    for stranger in ("0143", "0001"):
        counter.sign_in(stranger)
        counter.hand.until(lambda: "0142" in counter.window.told(), "nothing is said")
        assert counter.gate is Gate.SIGN_IN
        assert counter.window.page == ""
    counter.sign_in("0142")
    counter.hand.until(lambda: counter.window.page == "accept", "the same operator does not come back")
    assert operator(counter) == "0142"
    assert counter.conductor.state.draft == before
    counter.label(FIRST)
    counter.answer_all()
    counter.declare()
    counter.answer_all()
    counter.submit()
    assert [act.waybill for act in acts_of(folder)] == [FIRST]


def test_a_parcel_that_is_held_is_taken_over_by_nobody_either(counter: Counter) -> None:
    counter.identify()
    counter.hand.press("F10", "Ctrl+L")
    counter.wait_for(Gate.SIGN_IN)
    counter.sign_in("0143")
    counter.hand.until(lambda: "1 件" in counter.window.told(), "nothing is said")
    counter.sign_in("0142")
    counter.hand.until(lambda: counter.window.page == "accept", "the same operator does not come back")
    counter.hand.press("F10")
    assert counter.conductor.state.draft.document is not None


def test_a_wrong_password_is_said_and_can_be_typed_again(counter: Counter) -> None:
    counter.hand.press("Ctrl+L")
    counter.wait_for(Gate.SIGN_IN)
    counter.sign_in("0143", "wrong-one")
    assert counter.gates[-1].said
    assert counter.field("password").text() == ""
    assert counter.window.page == ""
    counter.sign_in("0143")
    counter.hand.until(lambda: operator(counter) == "0143", "the right password does not help")


def test_no_key_leads_past_the_sign_in(counter: Counter) -> None:
    counter.hand.press("Ctrl+L")
    counter.wait_for(Gate.SIGN_IN)
    counter.field("password").setText("")
    for key in ("Esc", "F2", "F12", "F11", "F10", "Ctrl+K", "Ctrl+R", "Tab", "Enter", "F1", "F11", "Esc", "F1"):
        counter.hand.press(key)
        assert counter.window.page in ("", "help"), key
        assert not counter.window._palette.isVisible(), key


@pytest.fixture
def before_sign_in(opened: Callable[[Path], Counter], folder: Path) -> Counter:
    return opened(folder).unlock()


def test_the_newest_of_two_sign_ins_counts_and_enters_once(before_sign_in: Counter) -> None:
    window, entered = before_sign_in.window, list[str]()
    window.ready.connect(lambda: entered.append(operator(before_sign_in)))
    for code in ("0142", "0143"):
        window._signed_in(SignedIn(code, Role.CLERK))
    before_sign_in.hand.until(lambda: before_sign_in.has("reports"), "no pages")
    before_sign_in.hand.rest(100)
    assert entered == ["0143"]
    assert "0143" in seen(window)


def test_enter_pressed_twice_signs_in_once(before_sign_in: Counter) -> None:
    opening, entered, signed = before_sign_in.window.opening, list[bool](), list[str]()
    before_sign_in.window.ready.connect(lambda: entered.append(True))
    opening.signed_in.connect(lambda who: signed.append(who.code))
    for _ in range(2):
        opening.enter({"code": "0142", "password": PRACTICE_PASSWORD})
    before_sign_in.hand.until(lambda: before_sign_in.has("reports"), "no pages")
    assert (signed, entered) == (["0142"], [True])


def test_a_sign_in_that_comes_late_opens_no_lock(counter: Counter) -> None:
    counter.window._signed_in(SignedIn("0142", Role.CLERK))  # its books are asked for
    counter.hand.press("Ctrl+L")
    counter.wait_for(Gate.SIGN_IN)
    counter.hand.rest(300)
    assert (counter.gate, counter.window.page) == (Gate.SIGN_IN, "")


def test_a_fault_in_making_one_thing_ahead_costs_no_page(before_sign_in: Counter, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> None:
    def failing(_page: AcceptancePage) -> Iterator[None]:
        yield
        raise LookupError("made up")

    monkeypatch.setattr(AcceptancePage, "grow", failing)
    with qtbot.captureExceptions() as caught:
        before_sign_in.sign_in("0142")
        before_sign_in.hand.until(lambda: before_sign_in.has("reports"), "no pages")
    assert [kind for kind, _, _ in caught] == [LookupError]
    before_sign_in.accept(FIRST)


def test_a_sign_in_sweeps_the_photos_that_no_entry_names(folder: Path) -> None:
    clock = StillClock.ahead(3_600_000)  # the station was made just now
    written = (clock.wall_ms - 2 * LEAST_AGE_MS, clock.wall_ms - LEAST_AGE_MS // 2)
    old, young = (orphan(folder / "evidence", written_ms) for written_ms in written)
    counter = Counter(Plan(Place(folder), NobodyBeside(), clock=clock)).open()
    try:
        counter.unlock()
        assert old.exists()
        counter.sign_in("0142")
        counter.hand.until(lambda: not old.exists(), "not swept")
        assert young.exists()
    finally:
        counter.end()
    with opened_again(folder) as station:
        assert station.verify().ok
