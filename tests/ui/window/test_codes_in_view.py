"""Labels under the live camera: films played through the camera's own process into the real window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from courier_check.acceptance.tasks import TaskKind
from courier_check.devices.sources import SOURCE_VARIABLE
from support.films import lying, played
from support.windows import ADDRESSEE, SENDER, Counter, acts_of
from ui.counter.state import Panel

pytestmark = pytest.mark.slow
"""Each starts the camera's process and the reading process."""

FIRST, SECOND = "SF1000000000014", "SF1000000000028"
UNSETTLED = ("999000000112", "999000000138")
"""Numbers that carriers of this outlet share."""
GTIN = "6901234567892"
READING_MS = 120_000  # the words of a label: the reading process loads its models first


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A film as the window's camera: an empty table at first."""
    path = played(tmp_path / "桌面.avi", lying())
    monkeypatch.setenv(SOURCE_VARIABLE, str(path))
    return path


@pytest.fixture
def counter(table: Path, opened: Callable[[Path], Counter], folder: Path) -> Counter:
    counter = opened(folder).enter()
    pictures = counter.window.pictures
    assert pictures is not None
    counter.hand.until(lambda: pictures.picture() is not None, "no picture")
    return counter


def asked(counter: Counter) -> None:
    """Identified by hand, and asked for the waybill."""
    counter.identify()
    counter.answer_all()
    counter.hand.until(lambda: counter.task.kind is TaskKind.WAYBILL, f"not the waybill, but {counter.task}")


def held(counter: Counter) -> str:
    waybill = counter.conductor.state.draft.waybill
    return waybill.text if waybill is not None else ""


def caption(counter: Counter) -> str:
    """What stands at the picture, as the page shows it."""
    return counter.window.widget("accept").picture.accessibleDescription()  # type: ignore[attr-defined]  # the acceptance page has one


def parties(counter: Counter) -> None:
    """What the film's label does not say, by hand."""
    counter.hand.until(lambda: not counter.conductor.state.reading, "the label is being read", READING_MS)
    counter.hand.until(lambda: counter.task.kind is TaskKind.PARTIES, f"no form, but {counter.task}")
    texts = (SENDER.name, SENDER.phone, SENDER.address, ADDRESSEE.name, ADDRESSEE.phone, ADDRESSEE.address)
    names = ("sender-name", "sender-phone", "sender-address", "addressee-name", "addressee-phone", "addressee-address")
    for name, text in zip(names, texts, strict=True):
        counter.field(name).setFocus()
        counter.field(name).clear()
        counter.hand.compose(text)
    counter.hand.press("Enter")
    counter.hand.until(lambda: bool(counter.conductor.state.draft.addressee.name), "the label was not taken")


def finished(counter: Counter) -> None:
    parties(counter)
    counter.answer_all()
    counter.declare()
    counter.hand.until(lambda: counter.task.kind is not TaskKind.LOOKING_UP, "the look-up did not end")
    counter.answer_all()
    counter.submit()


def test_a_label_left_lying_over_two_parcels_is_the_first_ones_only(counter: Counter, table: Path, folder: Path) -> None:
    hand = counter.hand
    asked(counter)
    played(table, lying(FIRST))
    hand.until(lambda: held(counter) == FIRST, "the label was not read")
    assert FIRST in counter.window.told()
    hand.until(lambda: FIRST in caption(counter), "not said at the picture")
    finished(counter)
    hand.press("Enter")
    asked(counter)
    hand.until(lambda: "已经用过" in caption(counter), f"not told, but {caption(counter)}")
    assert held(counter) == ""
    played(table, lying(FIRST, SECOND))
    hand.until(lambda: held(counter) == SECOND, "the second label was not read")
    finished(counter)
    counter.end()
    assert [(act.kind, act.waybill) for act in acts_of(folder)] == [("acceptance", FIRST), ("acceptance", SECOND)]


def test_a_number_that_was_taken_wrongly_is_taken_back_from_the_form_that_opened(counter: Counter, table: Path) -> None:
    hand = counter.hand
    asked(counter)
    played(table, lying(FIRST))
    hand.until(lambda: held(counter) == FIRST, "the label was not read")
    hand.until(lambda: not counter.conductor.state.reading and counter.task.kind is TaskKind.PARTIES, "no form", READING_MS)
    counter.field("sender-name").setFocus()
    hand.press("Backspace")
    assert held(counter) == ""
    hand.until(lambda: "已经用过" in caption(counter), f"not told, but {caption(counter)}")
    assert held(counter) == ""
    hand.press("Enter")
    hand.until(lambda: held(counter) == FIRST, "Enter did not read it")
    hand.until(lambda: counter.task.kind is TaskKind.PARTIES, "no form", READING_MS)
    counter.field("sender-name").setFocus()
    hand.compose("错")
    hand.press("Backspace", "Backspace")
    assert held(counter) == FIRST  # something was typed: rubbing it out takes nothing else back


def test_several_numbers_in_view_are_chosen_by_number_keys(counter: Counter, table: Path) -> None:
    hand = counter.hand
    asked(counter)
    played(table, lying(*UNSETTLED))
    hand.until(lambda: counter.panel is Panel.CODES, "not listed")
    shown = [check.text for check in counter.conductor.state.aside.codes]
    assert sorted(shown) == sorted(UNSETTLED)
    hand.press("2")
    assert held(counter) == shown[1]


def test_a_camera_that_vanishes_says_so_and_loses_nothing(counter: Counter, table: Path) -> None:
    hand = counter.hand
    asked(counter)
    played(table, lying(FIRST))
    hand.until(lambda: held(counter) == FIRST, "the label was not read")
    parties(counter)
    away = table.rename(table.with_name("unplugged.avi"))
    hand.until(lambda: "断开" in caption(counter) or "摄像头" in caption(counter), f"not told, but {caption(counter)}")
    state = counter.conductor.state
    assert (state.draft.document is not None, held(counter), state.draft.addressee.name) == (True, FIRST, ADDRESSEE.name)
    away.rename(table)
    pictures = counter.window.pictures
    assert pictures is not None
    hand.until(lambda: pictures.is_live and pictures.picture() is not None, "the camera did not come back")


def test_a_label_is_not_taken_under_somebodys_typing(counter: Counter, table: Path) -> None:
    hand = counter.hand
    asked(counter)
    field = counter.field("waybill-number")
    field.setFocus()
    hand.type("SF10")
    played(table, lying(FIRST))
    pictures = counter.window.pictures
    assert pictures is not None
    hand.until(lambda: any(code.text == FIRST for code in pictures._codes.codes), "not in view")
    hand.rest(300)
    assert (held(counter), field.text()) == ("", "SF10")
    field.clear()
    hand.until(lambda: held(counter) == FIRST, "not taken afterwards")


def test_a_goods_barcode_in_view_is_noted_for_the_contents(counter: Counter, table: Path) -> None:
    hand = counter.hand
    asked(counter)
    hand.scan(FIRST)
    hand.until(lambda: held(counter) == FIRST, "the gun's scan was not taken")
    parties(counter)
    counter.answer_all()
    hand.until(lambda: counter.task.kind is TaskKind.CONTENTS, f"not the contents, but {counter.task}")
    played(table, lying(GTIN, symbology="EAN13"))
    hand.until(lambda: counter.conductor.state.aside.item.gtin == GTIN, "the barcode was not read")
    assert GTIN in counter.window.told()
