"""The resident ID from recognised lines: by labels, by place without labels, any way up; doubts are told."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.identity.documents import DocumentType, Sex, Source
from courier_check.identity.lines import PrintedLine, turned
from courier_check.identity.printed import NATIONS, ReadingWarning, parse_resident_back, parse_resident_front

RECORDED = json.loads((Path(__file__).parent / "printed_lines.json").read_text("utf-8"))
LABELS = ("姓名", "性别", "民族", "出生", "住址", "公民身份号码")


def recorded(name: str) -> list[PrintedLine]:
    return [PrintedLine(text, score, tuple((x, y) for x, y in box)) for text, score, box in RECORDED[name]]


def at(text: str, left_mm: float, middle_mm: float, size_mm: float = 3.4, score: float = 0.99) -> PrintedLine:
    """A line where it stands on a card, ten pixels a millimetre."""
    wide = sum(0.56 if character.isascii() else 1.0 for character in text) * size_mm
    left, right, top, bottom = left_mm * 10, (left_mm + wide) * 10, (middle_mm - size_mm / 2) * 10, (middle_mm + size_mm / 2) * 10
    return PrintedLine(text, score, ((left, top), (right, top), (right, bottom), (left, bottom)))


CARD = {
    "姓名": at("姓名", 6, 9),
    "name": at("王思远", 15, 9),
    "性别": at("性别", 6, 16),
    "sex": at("男", 15, 16),
    "民族": at("民族", 28, 16),
    "nation": at("汉", 36.5, 16),
    "出生": at("出生", 6, 23.2),
    "birth": at("1990年3月7日", 15, 23.2),
    "住址": at("住址", 6, 30.5),
    "address": at("河南省郑州市金水区花园", 15, 30.5),
    "address 2": at("路1号院3号楼12号", 15, 35.4),
    "公民身份号码": at("公民身份号码", 6, 47.5),
    "number": at("41010519900307123X", 29.5, 47.5, 5),
}


def card(**changes: PrintedLine | None) -> list[PrintedLine]:
    return [line for line in (CARD | changes).values() if line is not None]


def said(key: str, text: str, **changes: float) -> PrintedLine:
    return replace(CARD[key], text=text, **changes)


def test_a_recorded_front_is_read_wholly():
    reading = parse_resident_front(recorded("id-wang-front"))
    assert reading is not None
    document = reading.document
    assert (document.type, document.source) == (DocumentType.RESIDENT_ID, Source.PICTURE)
    assert (document.name, document.number, document.sex, document.nation) == ("王思远", "41010519900307123X", Sex.MALE, "汉")
    assert (document.born_on, document.address) == (date(1990, 3, 7), "河南省郑州市金水区花园路1号院3号楼12号")
    assert reading.complete


@pytest.mark.parametrize("degrees", [0, 3, -20, 45, 90, 135, 180, 270])
@pytest.mark.parametrize("name", ["id-wang-front", "id-zhou-front", "id-hard-sideways"])
def test_a_front_reads_the_same_whichever_way_up(name, degrees):
    upright, other = parse_resident_front(recorded(name)), parse_resident_front(turned(recorded(name), math.radians(degrees)))
    assert upright is not None
    assert other is not None
    assert other.document == upright.document


def test_a_clean_card_gives_no_warnings():
    reading = parse_resident_front(card())
    assert reading is not None
    assert (reading.complete, reading.warnings) == (True, ())


def test_without_its_pale_labels_a_card_is_read_by_place_and_told():
    reading = parse_resident_front(card(**dict.fromkeys(LABELS[:1] + LABELS[1:5])))
    assert reading is not None
    assert (reading.document.name, reading.document.nation) == ("王思远", "汉")
    assert reading.document.address == "河南省郑州市金水区花园路1号院3号楼12号"
    assert {ReadingWarning.NAME_UNCERTAIN, ReadingWarning.NATION_UNCERTAIN, ReadingWarning.ADDRESS_UNCERTAIN} <= set(reading.warnings)


def test_unread_birth_and_sex_come_from_the_number_and_are_told():
    reading = parse_resident_front(card(sex=None, birth=None, 性别=None, 民族=None, 出生=None, nation=None))
    assert reading is not None
    assert (reading.document.sex, reading.document.born_on) == (Sex.MALE, date(1990, 3, 7))
    assert {ReadingWarning.SEX_FROM_NUMBER, ReadingWarning.BIRTH_FROM_NUMBER} <= set(reading.warnings)
    assert not reading.complete


def test_print_that_differs_from_the_number_is_kept_and_told():
    reading = parse_resident_front(card(sex=said("sex", "女"), birth=said("birth", "1990年3月8日")))
    assert reading is not None
    assert (reading.document.sex, reading.document.born_on) == (Sex.FEMALE, date(1990, 3, 8))
    assert {ReadingWarning.SEX_DIFFERS, ReadingWarning.BIRTH_DIFFERS} <= set(reading.warnings)


def test_a_number_whose_check_digit_is_wrong_is_kept_and_told():
    reading = parse_resident_front(card(number=said("number", "410105199003071231")))
    assert reading is not None
    assert reading.document.number == "410105199003071231"
    assert ReadingWarning.NUMBER_CHECK_DIGIT in reading.warnings
    assert not reading.complete


def test_letters_for_digits_are_repaired_only_where_the_check_digit_then_holds():
    repaired = parse_resident_front(card(number=said("number", "4IO1O51990O307123x")))
    assert repaired is not None
    assert repaired.document.number == "41010519900307123X"
    assert ReadingWarning.NUMBER_UNCERTAIN in repaired.warnings
    assert parse_resident_front(card(number=said("number", "4IO1O51990O307124x"))) is None


@pytest.mark.parametrize(
    ("key", "warning"),
    [
        ("name", ReadingWarning.NAME_UNCERTAIN),
        ("address", ReadingWarning.ADDRESS_UNCERTAIN),
        ("nation", ReadingWarning.NATION_UNCERTAIN),
        ("number", ReadingWarning.NUMBER_UNCERTAIN),
    ],
)
def test_a_low_score_is_told_for_its_own_field(key, warning):
    reading = parse_resident_front(card(**{key: said(key, CARD[key].text, score=0.7)}))
    assert reading is not None
    assert reading.warnings == (warning,)


def test_stray_signs_in_a_name_are_dropped_and_told():
    reading = parse_resident_front(card(name=said("name", "王思远|")))
    assert reading is not None
    assert (reading.document.name, reading.warnings) == ("王思远", (ReadingWarning.NAME_UNCERTAIN,))


@pytest.mark.parametrize("name", ["阿迪力·买买提", "䶮㛃𬎆"])
def test_dotted_and_rare_names_are_names(name):
    reading = parse_resident_front(card(name=said("name", name)))
    assert reading is not None
    assert (reading.document.name, reading.warnings) == (name, ())


def test_a_nation_that_does_not_exist_is_not_believed():
    reading = parse_resident_front(card(nation=said("nation", "仅")))
    assert reading is not None
    assert reading.document.nation is None
    assert ReadingWarning.NATION_UNREADABLE in reading.warnings


def test_a_traditional_han_is_han_but_told():
    reading = parse_resident_front(card(nation=said("nation", "漢")))
    assert reading is not None
    assert (reading.document.nation, reading.warnings) == ("汉", (ReadingWarning.NATION_UNCERTAIN,))


def test_there_are_56_nations():
    assert len(NATIONS) == 56


def test_the_sample_mark_is_no_part_of_any_field():
    marked = [*card(), at("样本", 40, 30.5), at("样本 SAMPLE", 20, 9)]
    reading = parse_resident_front(marked)
    assert reading is not None
    assert (reading.document.name, reading.document.address) == ("王思远", "河南省郑州市金水区花园路1号院3号楼12号")


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("中华人民共和国机动车驾驶证", DocumentType.DRIVING_LICENCE),
        ("往来港澳通行证", DocumentType.TWO_WAY_PERMIT),
        ("社会保障卡", DocumentType.OTHER),
    ],
)
def test_another_document_with_such_a_number_is_not_taken_for_a_resident_id(title, kind):
    reading = parse_resident_front([at(title, 20, 3), *card()])
    assert reading is not None
    assert reading.document.type is kind
    assert ReadingWarning.NOT_A_RESIDENT_ID in reading.warnings
    assert not reading.complete


def test_a_bare_number_is_told_to_be_no_card():
    reading = parse_resident_front([CARD["number"]])
    assert reading is not None
    assert ReadingWarning.NOT_A_RESIDENT_ID in reading.warnings


def test_a_residence_permit_is_known_by_its_number():
    reading = parse_resident_front(
        card(number=said("number", "810000199408230021"), birth=said("birth", "1994年8月23日"), sex=said("sex", "女"))
    )
    assert reading is not None
    assert reading.document.type is DocumentType.HMT_RESIDENCE


def test_without_a_number_there_is_no_front():
    assert parse_resident_front(card(number=None)) is None
    assert parse_resident_front([]) is None


def test_backs_give_issuer_and_validity():
    expired, long_term = parse_resident_back(recorded("id-li-back")), parse_resident_back(recorded("id-zhao-back"))
    assert expired is not None
    assert long_term is not None
    assert (expired.document.issuer, expired.document.valid_from, expired.document.valid_until) == (
        "郑州市公安局二七分局",
        date(2006, 5, 20),
        date(2016, 5, 20),
    )
    assert (long_term.document.valid_until, long_term.document.long_term) == (None, True)
    assert expired.complete
    assert long_term.complete


def test_a_back_upside_down_reads_the_same():
    upright, turned_over = parse_resident_back(recorded("id-li-back")), parse_resident_back(turned(recorded("id-li-back"), math.pi))
    assert upright is not None
    assert turned_over is not None
    assert turned_over.document == upright.document


def test_an_impossible_validity_is_told():
    reading = parse_resident_back([at("签发机关 新郑市公安局", 14, 38), at("有效期限 2006.13.20-2016.05.20", 14, 45)])
    assert reading is not None
    assert reading.document.valid_from is None
    assert ReadingWarning.VALIDITY_UNREADABLE in reading.warnings


NUMBERS = st.floats(-1e4, 1e4, allow_nan=False)
WORDS = st.one_of(st.text(max_size=30), st.sampled_from([line.text for line in CARD.values()] + ["签发机关", "2006.05.20-长期", "住址"]))
LINES = st.builds(PrintedLine, WORDS, st.floats(0, 1), st.tuples(*[st.tuples(NUMBERS, NUMBERS)] * 4))


@given(st.lists(LINES, max_size=12))
def test_any_lines_are_a_card_or_none(lines):
    parse_resident_front(lines)
    parse_resident_back(lines)


@given(st.lists(st.sampled_from(sorted(CARD)), unique=True), st.floats(-math.pi, math.pi))
def test_any_part_of_a_card_at_any_angle_never_gives_a_wrong_number(keys, angle):
    reading = parse_resident_front(turned([CARD[key] for key in keys], angle))
    assert (reading is not None) == ("number" in keys)
    assert reading is None or reading.document.number == "41010519900307123X"
