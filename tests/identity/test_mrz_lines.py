"""Recognised lines of machine-readable zones: what recognition does to `<` and to letters is put right, or told, or left alone."""

from __future__ import annotations

import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.identity.codes import NumberReason
from courier_check.identity.documents import DocumentType, Sex, Source
from courier_check.identity.lines import PrintedLine, turned
from courier_check.identity.mrz_lines import find_zones, zone_rows
from courier_check.identity.printed_reading import ReadingWarning
from courier_check.identity.printed_zone import read_zone
from courier_check.identity.zone_codes import ZoneCodes
from courier_check.store.resources import read_resource

TODAY = date(2026, 11, 26)
NAMES = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"
BELOW = "L898902C36UTO7408122F1204159ZE184226B<<<<<10"
TD1 = ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")
CODES = ZoneCodes.parse(read_resource("machine_readable.json"))


def lines(*texts: str, score: float = 0.99) -> list[PrintedLine]:
    found = []
    for row, text in enumerate(texts):
        top, wide = row * 30.0, len(text) * 15.0
        found.append(PrintedLine(text, score, ((0.0, top), (wide, top), (wide, top + 16), (0.0, top + 16))))
    return found


def only(*texts: str):
    (found,) = find_zones(lines(*texts))
    return found


def test_clean_zones_are_found_whole():
    assert only(NAMES, BELOW).zone.number == "L898902C3"
    assert only(NAMES, BELOW).zone.surname == "ERIKSSON"
    assert (only(*TD1).zone.number, only(*TD1).zone.given_names) == ("D23145890", "ANNA MARIA")


@pytest.mark.parametrize("first", [NAMES[:-6], NAMES + "<<<", NAMES.replace("<<<<<<", "《《《"), NAMES.lower()])
def test_runs_of_fillers_may_be_longer_or_shorter(first):
    assert only(first, BELOW).zone.names == only(NAMES, BELOW).zone.names


def test_letters_where_only_digits_can_stand_are_digits():
    found = only(NAMES, BELOW.replace("7408122F1204159", "74O8I22F12O4IS9"))
    assert found.zone.failed == ()
    assert found.zone.born_on(TODAY) == date(1974, 8, 12)


def test_a_look_alike_in_the_number_is_mended_and_told():
    found = only(NAMES, BELOW.replace("L898902C3", "L8989O2C3"))
    assert found.zone.number == "L898902C3"
    assert found.mended == {NumberReason.MRZ_CHECK_NUMBER}
    assert ReadingWarning.NUMBER_UNCERTAIN in read_zone(found, None, None, CODES, TODAY).warnings


def test_a_wrong_digit_is_told_not_mended():
    found = only(NAMES, BELOW.replace("L898902C3", "L898903C3"))
    assert NumberReason.MRZ_CHECK_NUMBER in found.zone.failed
    reading = read_zone(found, None, None, CODES, TODAY)
    assert ReadingWarning.NUMBER_CHECK_DIGIT in reading.warnings
    assert not reading.complete


def test_a_card_whose_second_line_lost_its_fillers_is_read():
    assert only(TD1[0], "7408122F1204159UTO6", TD1[2]).zone.failed == ()


def test_upside_down_is_read_too():
    (found,) = find_zones(turned(lines(NAMES, BELOW), math.pi))
    assert found.zone.number == "L898902C3"


def test_a_line_of_names_is_no_second_line():
    assert find_zones(lines(TD1[0], TD1[2])) == ()


def test_two_passports_are_two_zones():
    other = "EA12345676CHN9003071F3003068<<<<<<<<<<<<<<08"
    assert {found.zone.number for found in find_zones(lines(NAMES, BELOW, "P<CHNWANG<<XIAO" + "<" * 29, other))} == {
        "L898902C3",
        "EA1234567",
    }


def test_a_zone_tells_kind_name_and_dates():
    reading = read_zone(only(NAMES, BELOW), None, None, CODES, TODAY)
    document = reading.document
    assert (document.type, document.source) == (DocumentType.FOREIGN_PASSPORT, Source.MRZ)
    assert (document.name, document.sex, document.nationality) == ("ERIKSSON ANNA MARIA", Sex.FEMALE, "UTO")
    assert (document.born_on, document.valid_until) == (date(1974, 8, 12), date(2012, 4, 15))
    assert reading.complete


def test_a_permits_code_from_memory_is_told_unless_its_title_was_read():
    (found,) = find_zones(lines("CRCHNH12345678<4<<<<<<<<<<<<<<", "7408122F1204159CHN<<<<<<<<<<<8"))
    untitled = read_zone(found, None, None, CODES, TODAY)
    assert untitled.document.type is DocumentType.HM_PERMIT
    assert ReadingWarning.KIND_UNSURE in untitled.warnings
    assert ReadingWarning.KIND_UNSURE not in read_zone(found, None, DocumentType.HM_PERMIT, CODES, TODAY).warnings


def test_parts_of_a_zone_say_where_to_look_closer():
    assert len(zone_rows(lines("姓名", NAMES[:40], "L898902C36UTO7408122F12"))) == 1


@given(st.lists(st.text(alphabet="PIAC<0O1I5SXU2Z< 姓名é", max_size=60), max_size=6))
def test_any_lines_give_zones_or_none(texts):
    for found in find_zones(lines(*(text or "-" for text in texts))):
        assert found.lines
        read_zone(found, None, None, CODES, TODAY)
