"""Goods barcodes: the vectors of domain.md §6.4 and what their digits say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.parcel.goods import expand_upce, gtin_check_digit, read_gs1_element, read_gtin


@pytest.mark.parametrize("digits", ["6901234567892", "9787111128069", "4006381333931", "69012341", "036000291452", "16901234567899"])
def test_known_goods_numbers_hold(digits):
    gtin = read_gtin(digits)
    assert gtin is not None
    assert gtin.valid


@pytest.mark.parametrize(
    ("digits", "kind", "prefix"), [("6901234567892", "GTIN-13", "690"), ("69012341", "GTIN-8", "690"), ("036000291452", "GTIN-12", "003")]
)
def test_length_gives_the_kind_and_the_prefix(digits, kind, prefix):
    gtin = read_gtin(digits)
    assert gtin is not None
    assert (gtin.kind, gtin.prefix) == (kind, prefix)


def test_a_carton_number_has_the_prefix_of_the_goods_inside():
    gtin = read_gtin("16901234567899")
    assert gtin is not None
    assert gtin.prefix == "690"


@given(st.sampled_from([7, 11, 12, 13]).flatmap(lambda length: st.text("0123456789", min_size=length, max_size=length)), st.integers(1, 9))
def test_exactly_one_check_digit_completes_a_body(body, off):
    check = gtin_check_digit(body)
    completed, spoilt = read_gtin(f"{body}{check}"), read_gtin(f"{body}{(check + off) % 10}")
    assert completed is not None
    assert completed.valid
    assert spoilt is not None
    assert not spoilt.valid


@given(st.text())
def test_any_text_is_a_goods_number_or_none(text):
    read_gtin(text)
    read_gs1_element(text)
    expand_upce(text)


def test_full_width_digits_are_not_digits_here():
    assert read_gtin("６９０１２３４５６７８９２") is None


def test_an_upc_e_is_checked_as_the_upc_a_it_abbreviates():
    expanded = expand_upce("04252614")
    gtin = read_gtin(expanded)
    assert expanded == "042100005264"
    assert gtin is not None
    assert gtin.valid


def test_a_gs1_element_string_holds_its_goods_number():
    gtin = read_gs1_element("(01)16901234567899(10)A1")
    assert gtin is not None
    assert gtin.digits == "16901234567899"
    assert read_gs1_element("0116901234567890") is None
