"""补录 at the counter: asked for by one key, in sight until the parcel is handed in, and of that parcel only."""

from __future__ import annotations

from courier_check.acceptance.tasks import TaskKind
from courier_check.clock import at
from support.counters import LABEL, OTHER_LABEL, Stand, strings_of
from ui.counter.state import Panel
from ui.counter.view import Form

TAKEN_MS = 1_795_406_400_000
TAKEN = f"{at(TAKEN_MS):%Y-%m-%d %H:%M}"


def late(stand: Stand, typed: str = str(TAKEN_MS)) -> None:
    stand.press("Ctrl+B")
    stand.confirm(Form.LATE, taken=typed)
    stand.look_up()


def marked(stand: Stand) -> bool:
    """Whether the page says what it must: the time in the parcel's card, the word at the button."""
    view = stand.view
    said = any(fact.name == "补录" and TAKEN in fact.value for fact in view.parcel)
    assert said is view.late is ("补录" in view.submit.text)
    return said


def test_the_mark_is_in_sight_until_the_parcel_is_handed_in(stand: Stand) -> None:
    late(stand)
    assert stand.state.panel is Panel.TASK
    assert marked(stand)
    stand.press("Enter")
    stand.read()
    stand.look_up()
    stand.answer("identity")
    assert marked(stand)
    stand.scan_label()
    assert marked(stand)
    stand.press("F8")
    assert marked(stand)
    stand.press("Esc")
    stand.declare()
    stand.answer("inspection")
    assert stand.task.kind is TaskKind.READY
    assert marked(stand)
    stand.press("F12")
    stand.look_up()
    (handed,) = stand.station.submitted
    assert handed.late_ms == TAKEN_MS
    assert any(TAKEN in text for text in strings_of(stand.view.task))


def test_the_next_parcel_is_not_late_unless_it_is_said_again(stand: Stand) -> None:
    late(stand)
    stand.accept()
    for next_one in ("F4", "Enter"):
        stand.press(next_one)
        assert stand.state.aside.late_ms is None
        assert not marked(stand)
        stand.press("Esc", "Esc")
    stand.accept(OTHER_LABEL)
    assert [handed.late_ms for handed in stand.station.submitted] == [TAKEN_MS, None]


def test_after_an_act_the_key_begins_the_next_late_one(stand: Stand) -> None:
    late(stand)
    stand.accept()
    stand.press("Ctrl+B")
    assert (stand.state.panel, stand.state.aside.late_ms, stand.state.untouched) == (Panel.LATE, None, True)
    assert stand.state.recorded is None
    stand.confirm(Form.LATE, taken=str(TAKEN_MS))
    stand.look_up()
    assert marked(stand)


def test_the_same_sender_may_be_taken_up_after_the_time_was_typed(stand: Stand) -> None:
    stand.accept()
    stand.conductor._clear_recorded()  # as it does by itself after a while, the sender kept for F4
    late(stand)
    stand.press("F4")
    assert stand.state.draft.document is not None
    assert marked(stand)


def test_it_is_of_the_parcel_and_goes_aside_with_it(stand: Stand) -> None:
    late(stand)
    stand.press("Enter")
    stand.read()
    stand.look_up()
    stand.press("F10")
    assert not marked(stand)
    stand.press("F10")
    assert marked(stand)


def test_a_time_that_can_not_be_leaves_the_form_open_with_its_sentence(stand: Stand) -> None:
    late(stand, "昨天")
    assert stand.state.panel is Panel.LATE
    assert "昨天" in stand.state.said
    assert stand.state.aside.late_ms is None


def test_an_emptied_field_takes_the_mark_away(stand: Stand) -> None:
    late(stand)
    stand.press("Ctrl+B")
    assert stand.view.task.first == {"taken": TAKEN}
    stand.confirm(Form.LATE, taken="")
    assert not marked(stand)
    assert stand.state.panel is Panel.TASK


def test_esc_leaves_late_mode_of_an_empty_parcel_and_the_form_first(stand: Stand) -> None:
    late(stand)
    stand.press("Ctrl+B")
    stand.press("Esc")
    assert (stand.state.panel, stand.state.aside.late_ms) == (Panel.TASK, TAKEN_MS)
    stand.press("Esc")
    assert stand.state.aside.late_ms is None


def test_an_answer_for_a_form_that_was_left_is_dropped(stand: Stand) -> None:
    stand.press("Ctrl+B")
    stand.confirm(Form.LATE, taken=str(TAKEN_MS))
    stand.press("Esc")
    stand.look_up()
    assert stand.state.aside.late_ms is None


def test_nothing_is_handed_in_while_the_form_is_open(stand: Stand) -> None:
    stand.fill(LABEL)
    stand.press("Ctrl+B", "F12")
    assert stand.state.panel is Panel.LATE
    assert stand.station.submitted == []
    assert not stand.state.saving


def test_what_is_read_meanwhile_leaves_the_form_as_it_is(stand: Stand) -> None:
    stand.press("Enter", "Ctrl+B")
    stand.read()
    assert stand.state.panel is Panel.LATE
    assert stand.state.draft.document is not None
