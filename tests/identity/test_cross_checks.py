"""What the fields of a reading say about each other, and two looks at one card made one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.errors import UserError
from courier_check.identity.codes import IdentityCode
from courier_check.identity.cross_checks import References, cross_checked, joined
from courier_check.identity.documents import DocumentType, IdentityDocument, Source
from courier_check.identity.lines import PrintedLine
from courier_check.identity.policy import DocumentPolicy
from courier_check.identity.printed_reading import DOUBTS, Face, PrintedReading, ReadingWarning, doubts_of
from courier_check.identity.readings import Doubt, Field, FieldDoubt
from courier_check.identity.regions import Regions
from courier_check.identity.resident import upgrade_15
from courier_check.identity.second_look import fuller, merged, name_seen_alone
from courier_check.identity.zone_codes import ZoneCodes
from courier_check.store.resources import read_resource

TODAY = date(2026, 11, 26)
REGIONS = Regions.parse(read_resource("regions.json"))
REFERENCES = References(REGIONS, ZoneCodes(), DocumentPolicy.parse(read_resource("documents.json")).resident_validity)
FRONT = IdentityDocument(
    type=DocumentType.RESIDENT_ID,
    name="王思远",
    number="41010519900307123X",
    born_on=date(1990, 3, 7),
    address="河南省郑州市金水区花园路1号",
    source=Source.PICTURE,
)
BACK = IdentityDocument(
    type=DocumentType.RESIDENT_ID, issuer="郑州市公安局", valid_from=date(2020, 1, 1), valid_until=date(2040, 1, 1), source=Source.PICTURE
)


def front(*warnings: ReadingWarning, confidence: int = 99, **changes: object) -> PrintedReading:
    sure = dict.fromkeys((Field.NAME, Field.NUMBER, Field.ADDRESS), confidence)
    return PrintedReading(replace(FRONT, **changes), not warnings, warnings, sure)  # type: ignore[arg-type]


def back(**changes: object) -> PrintedReading:
    return PrintedReading(replace(BACK, **changes), True, (), {Field.VALID_UNTIL: 99}, face=Face.BACK)  # type: ignore[arg-type]


def checked(**changes: object) -> PrintedReading:
    return cross_checked(front(**changes), REFERENCES, TODAY)


def number_born(day: str) -> str:
    return upgrade_15("410105" + day[2:] + "123") if day.startswith("19") else "410105" + day + "1230"


def test_a_clean_front_stays_clean():
    assert checked().warnings == ()
    assert checked().complete


@pytest.mark.parametrize(
    ("number", "warning"),
    [
        ("410105199003071231", ReadingWarning.NUMBER_CHECK_DIGIT),
        ("110105204912310024", ReadingWarning.NUMBER_BIRTH),
        ("410105188001010028", ReadingWarning.NUMBER_BIRTH),
        (number_born("19900229"), ReadingWarning.NUMBER_BIRTH),
        ("990101199003070016", ReadingWarning.NUMBER_SHAPE),
    ],
)
def test_a_number_that_fails_a_check_is_doubted(number, warning):
    reading = checked(number=number)
    assert warning in reading.warnings
    assert any(found.field is Field.NUMBER for found in doubts_of(reading.warnings))


def test_an_unknown_region_is_doubted_but_complete():
    number = upgrade_15("440599" + "900307" + "123")
    reading = checked(number=number)
    assert FieldDoubt(Field.NUMBER, Doubt.REGION_UNKNOWN) in doubts_of(reading.warnings)
    assert reading.complete


@pytest.mark.parametrize(
    ("code", "read", "mended"),
    [
        ("341226", "安徽省阜阳市颖上县人民路1号", "安徽省阜阳市颍上县人民路1号"),
        ("410105", "安徽省颖上县人民路1号", "安徽省颍上县人民路1号"),  # of another region than the number's, but a known look-alike
        ("410105", "河南省郑州市全水区花园路1号", "河南省郑州市金水区花园路1号"),
        ("530428", "云南省玉溪市元江哈尼族舞族傣族自治县东风街1号", "云南省玉溪市元江哈尼族彝族傣族自治县东风街1号"),
        ("410105", "河南省郑州市中原区建设路1号", "河南省郑州市中原区建设路1号"),  # another county, and a real one
        ("410105", "湖北省武汉市全水区花园路1号", "湖北省武汉市全水区花园路1号"),  # moved: the number says nothing about it
        ("999999", "", ""),
    ],
)
def test_a_regions_misread_character_is_put_right_only_where_it_must_be_that_region(code, read, mended):
    assert REGIONS.mended_address(read, code) == mended


def test_a_mended_address_is_told():
    reading = checked(address="河南省郑州市全水区花园路1号")
    assert reading.document.address == FRONT.address
    assert ReadingWarning.ADDRESS_MENDED in reading.warnings


@given(st.text(max_size=40), st.from_regex(r"[1-9][0-9]{5}", fullmatch=True))
def test_mending_twice_changes_nothing_more(address, code):
    once = REGIONS.mended_address(address, code)
    assert len(once) == len(address)
    assert REGIONS.mended_address(once, code) == once


def test_faces_join_either_way_round_by_what_each_has():
    both = joined(front(), back())
    assert (both.document.name, both.document.issuer, both.document.valid_until) == ("王思远", "郑州市公安局", date(2040, 1, 1))
    assert both.complete


def test_faces_with_different_numbers_are_told():
    zone = back(number="H12345678", source=Source.MRZ)
    both = joined(front(number="H87654321"), zone)
    assert ReadingWarning.FACES_DIFFER in both.warnings
    assert both.document.number == "H12345678"  # check digits count for more than print
    assert not both.complete


def test_a_second_look_fills_what_the_first_missed():
    first = replace(front(ReadingWarning.NAME_UNREADABLE, name=None), missing=(Field.NAME,))
    both = merged(first, front())
    assert both.document.name == "王思远"
    assert both.warnings == ()
    assert both.missing == ()
    assert both.complete


def test_an_enlarged_misreading_keeps_the_first_looks_doubt():
    both = merged(front(ReadingWarning.NAME_UNCERTAIN, confidence=85), front(confidence=92))
    assert ReadingWarning.NAME_UNCERTAIN in both.warnings
    assert ReadingWarning.NAME_UNCERTAIN not in merged(front(ReadingWarning.NAME_UNCERTAIN, confidence=85), front(confidence=98)).warnings


def test_a_number_read_two_ways_is_never_sure():
    other = front(number="11010519491231002X")
    both = merged(front(), other)
    assert both.document.number == FRONT.number
    assert FieldDoubt(Field.NUMBER, Doubt.NOT_ALONE) in doubts_of(both.warnings)
    assert not both.complete
    spoilt = front(ReadingWarning.NUMBER_CHECK_DIGIT, number="410105199003071231")
    assert merged(spoilt, front()).document.number == FRONT.number
    assert merged(front(), spoilt).warnings == ()


def test_of_two_looks_at_a_page_the_fuller_counts():
    lacking = replace(front(name=None), missing=(Field.NAME,))
    assert fuller(lacking, front()).document.name == "王思远"
    assert fuller(lacking, None) is lacking
    assert ReadingWarning.NUMBER_READ_TWO_WAYS in fuller(lacking, front(number="11010519491231002X")).warnings


def test_a_name_seen_alone_is_sure_or_doubted():
    def alone(text: str, score: float) -> PrintedLine:
        return PrintedLine(text, score, ((0, 0), (90, 0), (90, 30), (0, 30)))

    unsure = front(ReadingWarning.NAME_UNCERTAIN, confidence=88)
    assert name_seen_alone(unsure, [alone("样本", 1.0), alone("王思远", 0.99)]).warnings == ()
    assert ReadingWarning.NAME_UNCERTAIN in name_seen_alone(front(confidence=93), [alone("王思远", 0.9)]).warnings
    assert ReadingWarning.NAME_UNCERTAIN in name_seen_alone(front(confidence=93), [alone("王恩远", 0.99)]).warnings
    assert ReadingWarning.NAME_UNCERTAIN in name_seen_alone(front(confidence=93), []).warnings


def test_every_warning_about_a_field_is_a_doubt():
    about_pictures = {
        ReadingWarning.NOT_A_RESIDENT_ID,
        ReadingWarning.KIND_UNSURE,
        ReadingWarning.KIND_DIFFERS,
        ReadingWarning.MIRRORED,
    }
    assert set(ReadingWarning) - set(DOUBTS) == about_pictures


def test_a_table_of_codes_that_is_none_is_told():
    with pytest.raises(UserError) as refused:
        ZoneCodes.parse(b'{"version": "x"}')
    assert refused.value.code is IdentityCode.ZONE_CODES_UNREADABLE
