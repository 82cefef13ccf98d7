"""Labels from recorded lines: blocks with words or single signs, masks, any way up."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.devices.waybill_labels import LabelWarning, PrintedParty, parse_label
from courier_check.identity.lines import PrintedLine, turned

RECORDED = json.loads((Path(__file__).parent / "label_lines.json").read_text("utf-8"))


def recorded(name: str) -> list[PrintedLine]:
    return [PrintedLine(text, score, tuple((x, y) for x, y in box)) for text, score, box in RECORDED[name]]


def line(text: str, x: float, y: float, width: float = 400, height: float = 40, score: float = 0.99) -> PrintedLine:
    return PrintedLine(text, score, ((x, y), (x + width, y), (x + width, y + height), (x, y + height)))


def test_masks_stay_as_printed():
    label = parse_label(recorded("waybill-yt-chen"))
    assert label.sender == PrintedParty("陈**", "139****2345", "河南省郑州市中原区建设路***")
    assert label.addressee == PrintedParty("罗**", "187****3333", "广东省广州市天河区体育西路***")
    assert label.warnings == ()


@pytest.mark.parametrize("quarters", [1, 2, 3])
@pytest.mark.parametrize("name", ["waybill-yt-chen", "waybill-jd-li"])
def test_a_label_reads_the_same_whichever_way_it_lies(name, quarters):
    assert parse_label(turned(recorded(name), quarters * math.pi / 2)) == parse_label(recorded(name))


def test_an_address_over_two_rows_is_joined():
    label = parse_label(
        [
            line("寄件人：王思远 13800001234", 0, 0),
            line("河南省郑州市金水区花园路1号院3号", 100, 60),
            line("楼12号", 100, 110, 120),
            line("品名：图书", 0, 200),
        ]
    )
    assert label.sender == PrintedParty("王思远", "13800001234", "河南省郑州市金水区花园路1号院3号楼12号", sure=False)
    assert LabelWarning.ADDRESSEE_UNREADABLE in label.warnings


def test_a_block_whose_sign_was_not_recognised_is_parted_at_its_phone_and_told():
    lines = [entry for entry in recorded("waybill-yt-chen") if entry.text != "寄"]
    label = parse_label(lines)
    assert (label.sender.name, label.addressee.name) == ("陈**", "罗**")
    assert label.warnings == (LabelWarning.SENDER_UNCERTAIN, LabelWarning.ADDRESSEE_UNCERTAIN)


@pytest.mark.parametrize("phone", ["13800001234", "138****1234", "0371-60000000", "13800001234-8023", "400-800-1234", "+8613800001234"])
def test_phones_of_many_forms_are_found(phone):
    label = parse_label(
        [
            line(f"寄件人：王思远 {phone}", 0, 0),
            line("河南省郑州市", 100, 60),
            line("收件人：何静怡 18700002222", 0, 200),
            line("上海市", 100, 260),
        ]
    )
    assert label.sender.phone == phone.removeprefix("+86")
    assert (label.sender.name, label.sender.address) == ("王思远", "河南省郑州市")


def test_a_faint_line_is_told():
    label = parse_label(
        [
            line("寄件人：王思远 13800001234", 0, 0, score=0.6),
            line("郑州", 99, 60),
            line("收件人：何静怡 18700002222", 0, 200),
            line("上海", 99, 260),
        ]
    )
    assert label.warnings == (LabelWarning.SENDER_UNCERTAIN,)


def test_nothing_is_found_in_nothing():
    assert parse_label([]).warnings == (LabelWarning.SENDER_UNREADABLE, LabelWarning.ADDRESSEE_UNREADABLE)


NUMBERS = st.floats(-1e4, 1e4, allow_nan=False)
WORDS = st.one_of(st.text(max_size=30), st.sampled_from(["收", "寄", "收件人：", "寄件人 王** 138****1234", "品名：书", "13800001234"]))
LINES = st.builds(PrintedLine, WORDS, st.floats(0, 1), st.tuples(*[st.tuples(NUMBERS, NUMBERS)] * 4))


@given(st.lists(LINES, max_size=10))
def test_any_lines_are_a_label(lines):
    parse_label(lines)
    assert "138" not in repr(parse_label(lines))
