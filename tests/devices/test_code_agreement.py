"""What counts as agreement on a still: votes, traps of each symbology, places."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.devices.code_agreement import agreed, away, near, unsettled
from courier_check.devices.decoders import Engine, Read

SIZE = (1000, 800)
SQUARE = ((100, 100), (400, 100), (400, 160), (100, 160))
ELSEWHERE = ((100, 510), (400, 510), (400, 560), (100, 560))


def read(text: str, symbology: str = "Code128", view: str = "full", **options) -> Read:
    given = {"position": SQUARE, "engine": Engine.ZXING, **options}
    return Read(text, symbology, view=view, **given)


def by_zbar(text: str, symbology: str = "Code128", view: str = "full", **options) -> Read:
    return read(text, symbology, view, engine=Engine.ZBAR, **options)


def told(*reads: Read):
    return [(code.text, code.confirmed) for code in agreed(reads, SIZE)]


def test_one_read_of_a_checked_code_is_not_confirmed_two_views_or_engines_are():
    once = read("SF1234567890123")
    assert told(once) == [("SF1234567890123", False)]
    assert told(once, once) == [("SF1234567890123", False)]
    assert told(once, read("SF1234567890123", view="enlarged")) == [("SF1234567890123", True)]
    assert told(once, by_zbar("SF1234567890123")) == [("SF1234567890123", True)]


def test_two_printed_copies_confirm_each_other():
    assert told(read("SF1234567890123"), read("SF1234567890123", position=ELSEWHERE)) == [("SF1234567890123", True)]


def test_pyzbar_alone_needs_three_views():
    """It reads 1040183002834 for 5000213002834, which passes the check digit."""
    views = [by_zbar("5000213002834", "EAN13", view) for view in ("full", "enlarged", "half")]
    assert told(by_zbar("1040183002834", "EAN13")) == told(*views[:2]) == []
    assert told(*views, by_zbar("1040183002834", "EAN13", "smoothed")) == [("5000213002834", True)]


def test_what_pyzbar_reads_on_many_lines_weighs_more():
    assert told(by_zbar("5000213002834", "EAN13", lines=10)) == []
    assert told(by_zbar("5000213002834", "EAN13", lines=40)) == [("5000213002834", True)]
    assert told(by_zbar("5000213002834", "EAN13", lines=10), by_zbar("5000213002834", "EAN13", "half")) == [("5000213002834", True)]
    assert told(by_zbar("5000213002834", "EAN13", "sharpened", derived=True, lines=40)) == []
    assert told(by_zbar("123456", "ITF", lines=40)) == []


def test_averaged_rows_are_one_witness_whoever_reads_them():
    averaged = read("0084200006314", "EAN13", "patch-1-averaged", derived=True)
    assert told(averaged, replace(averaged, engine=Engine.ZBAR)) == []
    assert told(averaged, read("0084200006314", "EAN13", "patch-1")) == [("0084200006314", True)]


@pytest.mark.parametrize("symbology", ["Code39", "ITF", "EAN8", "UPCE"])
def test_little_or_no_check_needs_two_reads(symbology):
    assert told(read("12345670", symbology)) == []
    assert [text for text, _ in told(read("12345670", symbology), read("12345670", symbology, "enlarged"))] == ["12345670"]


@pytest.mark.parametrize("symbology", ["Code39", "ITF"])
def test_without_check_digit_pyzbar_never_stands_alone(symbology):
    assert told(by_zbar("123456", symbology), by_zbar("123456", symbology, "enlarged")) == []


def test_interleaved_codes_of_any_length_are_given_and_only_a_carton_is_confirmed():
    for text, confirmed in (("16901234567899", True), ("16901234567895", False), ("123456", False), ("12" * 12, False)):
        assert told(read(text, "ITF"), by_zbar(text, "ITF")) == [(text, confirmed)]


@pytest.mark.parametrize("place", [((2, 100), (300, 100), (300, 160), (2, 160)), ((998, 160), (700, 160), (700, 100), (998, 100))])
def test_an_interleaved_code_at_the_edge_may_be_cut_off(place):
    assert told(read("1234567890", "ITF", position=place), read("1234567890", "ITF", "enlarged", position=place)) == []


def test_an_interleaved_code_along_the_edge_is_whole():
    place = ((300, 0), (700, 0), (700, 90), (300, 90))
    assert told(read("123456", "ITF", position=place), by_zbar("123456", "ITF", position=place)) == [("123456", False)]


def test_the_longer_of_two_interleaved_readings_is_the_whole_one():
    whole, part = read("64481623763097", "ITF"), read("763097", "ITF", position=((250, 100), (400, 100), (400, 160), (250, 160)))
    views = [replace(each, view=view) for each in (whole, part) for view in ("full", "enlarged", "half")]
    assert [text for text, _ in told(*views, *views[3:])] == ["64481623763097"]


def test_a_lone_misread_at_the_place_of_a_confirmed_code_is_dropped():
    right, wrong = "786981029386773", "786981029386771503"
    assert told(read(right), by_zbar(right), read(wrong, view="enlarged")) == [(right, True)]


def test_two_readings_that_are_as_good_as_each_other_leave_none():
    assert told(read("EA988178209CN"), read("EA988178209EN", view="enlarged")) == []


def test_codes_beside_each_other_are_both_given():
    below = read("YT1234567890123", position=ELSEWHERE)
    assert told(read("SF1234567890123"), below) == [("SF1234567890123", False), ("YT1234567890123", False)]


def test_tilted_codes_one_below_the_other_are_both_given():
    upper = ((100, 100), (400, 400), (370, 430), (70, 130))
    lower = tuple((x - 90, y + 90) for x, y in upper)
    assert len(told(read("SF1234567890123", position=upper), read("YT1234567890123", position=lower))) == 2


def test_the_same_goods_number_by_two_names_is_one_code():
    (code,) = agreed([by_zbar("0012345000065", "EAN13"), read("0012345000065", "UPCE")], SIZE)
    assert (code.symbology, code.confirmed) == ("UPCE", True)


def test_a_matrix_code_corrects_its_own_errors():
    assert told(read("x", "QRCode")) == [("x", True)]
    assert told(by_zbar("x", "QRCode")) == [("x", True)]


def test_what_pyzbar_made_of_letters_beyond_ascii_is_a_guess():
    assert told(by_zbar("ｦﾊ", "QRCode")) == []
    assert told(by_zbar("ｦﾊ", "QRCode"), read("样本", "QRCode")) == [("样本", True)]


def test_pdf417_of_pixels_made_clearer_needs_two_reads():
    assert told(read("23156", "PDF417", "sharpened", derived=True)) == []
    assert told(read("23156", "PDF417")) == [("23156", False)]


def test_reads_that_are_held_back_leave_a_picture_unsettled():
    assert unsettled([], SIZE)
    assert unsettled([read("x", "QRCode"), by_zbar("123456", "ITF", position=ELSEWHERE)], SIZE)
    assert not unsettled([read("SF1234567890123"), by_zbar("SF1234567890123")], SIZE)


points = st.tuples(st.integers(-2000, 2000), st.integers(-2000, 2000))


@given(st.tuples(points, points, points, points), st.tuples(points, points, points, points))
def test_nearness_takes_any_corners_and_is_mutual(one, other):
    assert near(one, other) == near(other, one)
    assert away(one[0], one) == 0
    assert near(one, one) or away((sum(x for x, _ in one) / 4, sum(y for _, y in one) / 4), one) > 0
