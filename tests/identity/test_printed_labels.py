"""Permits and cards with labels in two languages: values beside or beneath their labels, by their form."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.identity.documents import DocumentType, Sex
from courier_check.identity.lines import PrintedLine
from courier_check.identity.printed_labels import kind_by_number, parse_labelled, title_of
from courier_check.identity.printed_reading import ReadingWarning


def at(text: str, left: float, row: float, score: float = 0.99) -> PrintedLine:
    wide = sum(0.56 if character.isascii() else 1.0 for character in text) * 30
    top = row * 40
    return PrintedLine(text, score, ((left, top), (left + wide, top), (left + wide, top + 30), (left, top + 30)))


PERMIT = [
    at("港澳居民来往内地通行证", 200, 0),
    at("姓名/Name", 60, 2),
    at("陈晓雯", 60, 3),
    at("出生日期/Date of birth", 60, 4),
    at("1990.03.07", 60, 5),
    at("性别/Sex", 500, 4),
    at("女", 500, 5),
    at("有效期限/Period of validity", 60, 6),
    at("2020.01.02-2030.01.01", 60, 7),
    at("签发机关/Issuing authority", 60, 8),
    at("国家移民管理局", 60, 9),
    at("证件号码/Card No.", 60, 10),
    at("H12345678", 60, 11),
]


def test_a_permit_with_values_beneath_its_labels_is_read_wholly():
    reading = parse_labelled(PERMIT, DocumentType.HM_PERMIT)
    assert reading is not None
    document = reading.document
    assert (document.name, document.number, document.sex) == ("陈晓雯", "H12345678", Sex.FEMALE)
    assert (document.born_on, document.valid_from, document.valid_until) == (date(1990, 3, 7), date(2020, 1, 2), date(2030, 1, 1))
    assert document.issuer == "国家移民管理局"
    assert reading.complete
    assert reading.warnings == ()
    assert len(reading.outline) == 4


def test_values_beside_their_labels_are_read_too():
    beside = [
        at("NAME", 60, 2),
        at("MARTIN,ALICE", 300, 2),
        at("ID No.", 60, 4),
        at("CAN110081080310", 300, 4),
        at("国籍/Nationality CAN", 60, 6),
    ]
    reading = parse_labelled(beside, DocumentType.FPR_CARD)
    assert reading is not None
    document = reading.document
    assert (document.name, document.number, document.nationality) == ("MARTIN, ALICE", "CAN110081080310", "CAN")
    assert ReadingWarning.BIRTH_UNREADABLE in reading.warnings
    assert not reading.complete


def test_dates_with_months_in_letters_are_dates():
    reading = parse_labelled([*PERMIT[:3], at("Date of birth 07 3月/MAR 1990", 60, 5), *PERMIT[7:]], DocumentType.HM_PERMIT)
    assert reading is not None
    assert reading.document.born_on == date(1990, 3, 7)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("外国人永久居留身份证", DocumentType.FPR_CARD),
        ("往来港澳通行证", DocumentType.TWO_WAY_PERMIT),
        ("台湾居民来往大陆通行证", DocumentType.TW_PERMIT),
        ("护照 PASSPORT", DocumentType.FOREIGN_PASSPORT),
        ("居民身份证", None),
    ],
)
def test_titles_name_the_kind(words, kind):
    assert title_of([at(words, 0, 0)]) is kind


def test_a_number_tells_the_kind_only_among_a_persons_fields():
    assert kind_by_number(PERMIT[1:]) is DocumentType.HM_PERMIT
    assert kind_by_number([at("签发次数", 0, 0), at("H12345678", 0, 1)]) is None


def test_faint_print_is_doubted():
    faint = [PrintedLine(line.text, 0.7, line.box) for line in PERMIT]
    reading = parse_labelled(faint, DocumentType.HM_PERMIT)
    assert reading is not None
    assert {ReadingWarning.NAME_UNCERTAIN, ReadingWarning.NUMBER_UNCERTAIN, ReadingWarning.BIRTH_UNCERTAIN} <= set(reading.warnings)


@given(st.lists(st.text(max_size=30), max_size=8), st.sampled_from(DocumentType))
def test_any_lines_give_a_reading_or_none(texts, kind):
    found = [at(text, 20.0 * place, place) for place, text in enumerate(texts)]
    reading = parse_labelled(found, kind)
    assert reading is None or reading.document.type is kind
    title_of(found)
