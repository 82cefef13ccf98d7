"""Codes in view of the live camera at a counter without a window: which counts as a scan, and what lies there is never taken twice."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from courier_check.acceptance.tasks import TaskKind
from courier_check.devices.barcodes import Code
from courier_check.devices.codes import VisionCode
from courier_check.devices.live_codes import CodesSeen, SeenCode
from courier_check.errors import DeviceError
from courier_check.parcel.waybills import CodeKind, WaybillCheck
from courier_check.terms import MailKind
from support.counters import AMBIGUOUS, LABEL, OTHER_LABEL, Stand, label_reading
from ui.counter.in_view import AGAIN_MS, SETTLE_MS
from ui.counter.state import Panel
from ui.counter.view import Form

_CORNERS = ((0.1, 0.1), (0.4, 0.1), (0.4, 0.2), (0.1, 0.2))
ALSO_AMBIGUOUS = "999000000138"
THIRD_LABEL = "SF1010000000039"
GTIN, OTHER_GTIN = "6901234567892", "6903244981057"


def shows(stand: Stand, *texts: str, symbology: str = "Code128") -> None:
    """The camera has these in view now, and nothing else."""
    stand.pictures.seen.emit(CodesSeen(tuple(SeenCode(text, symbology, _CORNERS, 2) for text in texts)))


def held(stand: Stand) -> str:
    waybill = stand.state.draft.waybill
    return waybill.text if waybill is not None else ""


def caption(stand: Stand) -> str:
    return stand.conductor.picture_view().line


def done_with(stand: Stand) -> None:
    """The rest of a parcel whose number was just taken, and the next sender's document."""
    stand.label(held(stand))
    stand.look_up()
    stand.declare()
    stand.answer("inspection")
    stand.press("F12")
    stand.look_up()
    assert stand.state.panel is Panel.RECORDED
    stand.press("Enter")
    stand.identify()


@pytest.fixture
def asked(stand: Stand) -> Stand:
    """Identified, and asked for the waybill."""
    stand.identify()
    assert stand.task.kind is TaskKind.WAYBILL
    return stand


def test_codes_are_read_only_while_one_is_wanted(stand: Stand) -> None:
    assert not stand.pictures.watched
    stand.identify()
    assert stand.pictures.watched
    shows(stand, LABEL)
    assert not stand.pictures.watched  # the rest of the label is being read
    stand.label()
    stand.look_up()
    assert stand.task.kind is TaskKind.CONTENTS
    assert stand.pictures.watched
    stand.declare()
    assert not stand.pictures.watched


def test_while_a_document_is_asked_for_a_label_that_lies_there_is_none(stand: Stand) -> None:
    shows(stand, LABEL)
    assert held(stand) == ""


def test_one_code_is_taken_as_a_scan_with_sound_mark_and_words(asked: Stand, qtbot: QtBot) -> None:
    with qtbot.waitSignal(asked.conductor.in_view.taken):
        shows(asked, LABEL)
    assert held(asked) == LABEL
    assert asked.state.aside.symbology == "Code128"
    assert asked.told == [f"摄像头读到单号 {LABEL}。"]
    assert asked.conductor.picture_view().outline == _CORNERS
    assert [reading.kind for reading in asked.pictures.readings] == ["label"]
    asked.label()
    assert LABEL in caption(asked)
    qtbot.waitUntil(lambda: asked.conductor.picture_view().outline == ())


def test_the_same_number_in_two_codes_is_one(asked: Stand) -> None:
    linear = SeenCode(LABEL, "Code128", _CORNERS, 2)
    matrix = SeenCode(f'{{"mailNo":"{LABEL}"}}', "QRCode", _CORNERS, 2)
    asked.pictures.seen.emit(CodesSeen((linear, matrix)))
    assert held(asked) == LABEL
    assert asked.state.panel is Panel.TASK


def test_the_carriers_pattern_chooses_and_the_rest_is_listed_by_number_keys(asked: Stand) -> None:
    asked.conductor.books = replace(asked.conductor.books, outlet_carriers=("sf",))
    shows(asked, AMBIGUOUS, LABEL)
    assert held(asked) == LABEL
    assert "还有 1 个别的号码" in asked.told[-1]
    asked.label(None)
    asked.press("Backspace")
    assert held(asked) == ""
    shows(asked, AMBIGUOUS, LABEL)
    asked.mono_ms += SETTLE_MS
    asked.conductor.in_view._consider()
    assert asked.state.panel is Panel.CODES
    asked.press("1")
    assert held(asked) == AMBIGUOUS


def test_a_number_that_only_the_still_shows_beside_it_is_said(asked: Stand) -> None:
    shows(asked, LABEL)
    assert "别的号码" not in asked.state.said
    codes = tuple(Code(number, "Code128", ((0, 0), (1, 0), (1, 1), (0, 1)), confirmed=True) for number in (LABEL, OTHER_LABEL))
    checks = tuple(WaybillCheck(code.text, CodeKind.WAYBILL, ("sf",), "sf") for code in codes)
    asked._settle("label", replace(label_reading(None), codes=codes, checks=checks))
    assert held(asked) == LABEL
    assert "还有 1 个别的号码" in asked.state.said


def test_what_was_read_is_not_said_of_the_next_parcel(asked: Stand) -> None:
    shows(asked, LABEL)
    asked.label()
    assert LABEL in caption(asked)
    asked.press("F10")
    assert LABEL not in caption(asked)


def test_several_that_nothing_settles_are_chosen_by_number(asked: Stand, qtbot: QtBot) -> None:
    shows(asked, AMBIGUOUS, ALSO_AMBIGUOUS)
    assert asked.state.panel is Panel.TASK
    asked.mono_ms += SETTLE_MS
    qtbot.waitUntil(lambda: asked.state.panel is Panel.CODES)
    assert "2 个单号" in asked.told[-1]
    assert not asked.pictures.watched
    asked.press("2")
    assert held(asked) == ALSO_AMBIGUOUS


def test_a_list_that_was_closed_does_not_open_again_by_itself(asked: Stand, qtbot: QtBot) -> None:
    shows(asked, AMBIGUOUS, ALSO_AMBIGUOUS)
    asked.mono_ms += SETTLE_MS
    qtbot.waitUntil(lambda: asked.state.panel is Panel.CODES)
    asked.press("Esc")
    shows(asked, AMBIGUOUS, ALSO_AMBIGUOUS)
    asked.mono_ms += SETTLE_MS
    asked.conductor.in_view._consider()
    assert asked.state.panel is Panel.TASK
    assert "2 个单号" in caption(asked)


def test_a_number_no_carrier_claims_waits_for_what_else_is_read(asked: Stand, qtbot: QtBot) -> None:
    asked.conductor.books = replace(asked.conductor.books, outlet_carriers=("sf",))
    shows(asked, AMBIGUOUS)
    assert held(asked) == ""
    shows(asked, AMBIGUOUS, LABEL)
    assert held(asked) == LABEL


def test_a_number_no_carrier_claims_is_taken_when_nothing_else_comes(asked: Stand, qtbot: QtBot) -> None:
    shows(asked, AMBIGUOUS)
    asked.mono_ms += SETTLE_MS
    qtbot.waitUntil(lambda: held(asked) == AMBIGUOUS)


def test_a_label_left_lying_is_not_the_next_parcels(asked: Stand) -> None:
    shows(asked, LABEL)
    done_with(asked)
    shows(asked, LABEL)
    assert held(asked) == ""
    assert f"{LABEL} 已经用过" in caption(asked)
    asked.mono_ms += 60_000  # a hand covered it for a minute
    shows(asked)
    asked.mono_ms += 60_000
    shows(asked, LABEL)
    assert held(asked) == ""
    shows(asked, LABEL, OTHER_LABEL)
    assert held(asked) == OTHER_LABEL


def test_a_label_left_lying_is_taken_by_a_gun_or_by_enter_all_the_same(asked: Stand) -> None:
    shows(asked, LABEL)
    done_with(asked)
    shows(asked, LABEL)
    asked.press("Enter")
    asked.label(LABEL)
    assert held(asked) == LABEL


def test_what_a_gun_scanned_for_the_parcel_before_is_not_taken_from_the_picture(stand: Stand) -> None:
    stand.accept()
    stand.press("Enter")
    stand.identify()
    shows(stand, LABEL)
    assert held(stand) == ""


@pytest.mark.parametrize("keys", [("F10",), ("Esc", "Esc")])
def test_a_label_of_a_parcel_put_aside_or_given_up_is_not_the_next_ones(asked: Stand, keys: tuple[str, ...]) -> None:
    shows(asked, LABEL)
    asked.label()
    asked.look_up()
    asked.press(*keys)
    asked.identify()
    shows(asked, LABEL)
    assert held(asked) == ""


def test_a_number_taken_back_stays_back_until_it_was_taken_away(asked: Stand) -> None:
    shows(asked, LABEL)
    asked.label(None)
    asked.press("Backspace")
    assert held(asked) == ""
    shows(asked, LABEL)
    assert held(asked) == ""
    shows(asked)
    asked.mono_ms += AGAIN_MS
    shows(asked, LABEL)
    assert held(asked) == LABEL


def test_a_camera_that_goes_takes_no_label_away(asked: Stand) -> None:
    shows(asked, LABEL)
    asked.label(None)
    asked.press("Backspace")
    shows(asked, LABEL)
    asked.pictures.is_live = False
    shows(asked)
    asked.mono_ms += 10 * AGAIN_MS
    asked.pictures.is_live = True
    shows(asked, LABEL)
    assert held(asked) == ""
    assert asked.state.draft.document is not None


def test_nothing_is_taken_under_somebodys_typing(asked: Stand, qtbot: QtBot) -> None:
    typing = [True]
    asked.conductor.in_view.ask_before(lambda: not typing[0])
    shows(asked, LABEL)
    assert held(asked) == ""
    typing[0] = False
    qtbot.waitUntil(lambda: held(asked) == LABEL)


@pytest.mark.parametrize(
    ("text", "symbology"), [("https://e.example/x", "QRCode"), (GTIN, "EAN13"), ("LX 1\u202e2\x1d\x00", "Code128"), ("样" * 4000, "QRCode")]
)
def test_what_is_no_number_is_only_told(asked: Stand, text: str, symbology: str) -> None:
    shows(asked, text, symbology=symbology)
    assert held(asked) == ""
    assert not asked.told
    assert "不是单号" in caption(asked)


def test_a_number_whose_check_digit_is_wrong_was_misread(asked: Stand) -> None:
    shows(asked, "EA000000015CN")
    asked.mono_ms += SETTLE_MS
    asked.conductor.in_view._consider()
    assert held(asked) == ""


def test_where_no_code_can_be_read_it_is_said(asked: Stand) -> None:
    asked.pictures.seen.emit(CodesSeen(told=DeviceError(VisionCode.DECODER_UNAVAILABLE)))
    assert "条码" in caption(asked)


def test_a_taking_survives_the_first_letter_of_a_scan(asked: Stand) -> None:
    asked.conductor.checkpoint()
    shows(asked, LABEL)
    asked.conductor.restore()
    assert held(asked) == LABEL


# A shipment of several pieces -------------------------------------------------------------------------------------------------------------


def test_the_next_piece_is_taken_from_the_picture_and_the_last_one_is_not(asked: Stand, qtbot: QtBot) -> None:
    shows(asked, LABEL)
    asked.label()
    asked.look_up()
    asked.declare()
    asked.conductor.parcels.open(Panel.PIECES)
    asked.confirm(Form.PIECES, pieces="2")
    asked.answer("inspection")
    asked.press("F12")
    asked.look_up()
    assert asked.state.continuing is not None
    assert asked.pictures.watched
    shows(asked, LABEL)
    assert asked.state.continuing is not None
    assert "下一件的面单" in caption(asked)
    shows(asked, LABEL, AMBIGUOUS, ALSO_AMBIGUOUS)
    asked.mono_ms += SETTLE_MS
    qtbot.waitUntil(lambda: "2 个单号" in asked.told[-1])
    shows(asked, LABEL, OTHER_LABEL)
    assert held(asked) == OTHER_LABEL
    assert asked.state.draft.shipment is not None
    assert asked.state.draft.shipment.piece == 2


# Goods ------------------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def contents(asked: Stand) -> Stand:
    shows(asked, LABEL)
    asked.label()
    asked.look_up()
    assert asked.task.kind is TaskKind.CONTENTS
    return asked


def test_a_goods_barcode_in_view_is_noted_once(contents: Stand) -> None:
    shows(contents, GTIN, symbology="EAN13")
    assert contents.state.aside.item.gtin == GTIN
    assert "商品条码" in contents.told[-1]
    contents.declare()
    contents.conductor.edit_contents()
    shows(contents, GTIN, symbology="EAN13")
    assert contents.state.aside.item.gtin == ""
    assert "已经读过" in caption(contents)


def test_another_goods_barcode_takes_no_ones_place(contents: Stand) -> None:
    shows(contents, GTIN, symbology="EAN13")
    shows(contents, GTIN, OTHER_GTIN, symbology="EAN13")
    assert contents.state.aside.item.gtin == GTIN
    assert OTHER_GTIN in caption(contents)


def test_of_several_goods_barcodes_none_is_taken(contents: Stand) -> None:
    shows(contents, GTIN, OTHER_GTIN, symbology="EAN13")
    assert contents.state.aside.item.gtin == ""
    assert "2 个商品条码" in caption(contents)


def test_a_waybill_in_view_is_no_goods(contents: Stand) -> None:
    shows(contents, LABEL, OTHER_LABEL)
    assert contents.state.aside.item.gtin == ""
    assert held(contents) == LABEL


def test_letters_take_a_number_without_a_document(stand: Stand) -> None:
    stand.conductor.change_kind(MailKind.LETTER)
    shows(stand, LABEL)
    assert held(stand) == LABEL
