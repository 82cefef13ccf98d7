"""提示音 at the counter: a scan that was taken, an act that is durable, a verdict that stops a parcel or wants a person."""

from __future__ import annotations

import pytest

from courier_check.acceptance.tasks import TaskKind
from courier_check.inspection.verdict import Outcome
from support.sounds import Heard
from support.windows import Counter
from ui.counter.state import Panel
from ui.sounds import Sound

pytestmark = pytest.mark.slow
"""Opens the whole window."""

WAYBILL = "SF1000000000014"


def up_to_the_inspection(counter: Counter) -> None:
    counter.identify()
    counter.answer_all()
    counter.label(WAYBILL)
    counter.answer_all()
    counter.declare()
    counter.hand.until(lambda: counter.task.kind is TaskKind.ASK, f"no question, but {counter.task}")


def test_a_scan_is_heard_when_it_is_taken_and_an_act_when_it_is_durable(counter: Counter, heard: Heard) -> None:
    counter.identify()
    counter.answer_all()
    assert heard.sounds == []
    counter.label(WAYBILL)
    assert heard.sounds[-1:] == [Sound.TAKEN], "behind what the verdict has to say of a label that was not read yet"
    assert heard.sounds.count(Sound.TAKEN) == 1
    heard.sounds.clear()
    counter.answer_all()
    counter.declare()
    counter.hand.until(lambda: counter.task.kind is TaskKind.ASK, f"no question, but {counter.task}")
    counter.answer_all()
    counter.hand.until(lambda: counter.task.kind is TaskKind.READY, f"not ready, but {counter.task}")
    assert heard.sounds == []
    counter.submit()
    counter.hand.until(lambda: Sound.DONE in heard.sounds, "the act is not heard")
    assert heard.sounds.index(Sound.DONE) == 0, "what becomes of the label comes behind it"


def test_a_code_that_the_camera_sees_is_heard_as_a_scan_is(counter: Counter, heard: Heard) -> None:
    counter.conductor.in_view.taken.emit()
    assert heard.sounds == [Sound.TAKEN]


@pytest.mark.parametrize(("key", "outcome", "sound"), [("2", Outcome.REFUSE, Sound.STOP), ("3", Outcome.REFER, Sound.QUESTION)])
def test_a_verdict_that_stops_a_parcel_or_wants_a_person_is_heard_once(
    counter: Counter, heard: Heard, key: str, outcome: Outcome, sound: Sound
) -> None:
    hand = counter.hand
    up_to_the_inspection(counter)
    heard.sounds.clear()
    hand.press(key)
    assert counter.conductor.verdict.outcome is outcome
    hand.until(lambda: heard.sounds == [sound], f"heard {heard.sounds}")
    hand.press("F8")
    hand.until(lambda: counter.panel is Panel.REFUSE, "no reasons for a refusal")
    hand.press("Esc")
    assert heard.sounds == [sound], "told once"
    hand.press("Backspace")
    hand.until(lambda: counter.conductor.verdict.outcome is Outcome.INCOMPLETE, "not taken back")
    hand.press(key)
    hand.until(lambda: heard.sounds == [sound, sound], f"heard {heard.sounds}")
