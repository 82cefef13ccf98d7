"""Several codes in view: the carrier's pattern chooses, the rest is offered in a steady order."""

from __future__ import annotations

import pytest

from courier_check.parcel.carriers import Carriers
from courier_check.parcel.codes_in_view import MOST_OFFERED, CodesInView, codes_in_view
from courier_check.store.resources import read_resource

CARRIERS = Carriers.parse(read_resource("carriers.json"))
SF, OTHER_SF, YT = ("SF1234567890123", "Code128"), ("SF1234567890131", "Code128"), ("YT1234567890123", "Code128")
GOODS, LINK = ("6901234567892", "EAN13"), ("https://e.example/1", "QRCode")


def told(*codes: tuple[str, str], ours: tuple[str, ...] = ("sf",)):
    found = codes_in_view(codes, CARRIERS, ours)
    return (found.chosen.text if found.chosen else None), [check.text for check in found.others]


def test_nothing_in_view_chooses_nothing():
    assert codes_in_view((), CARRIERS, ("sf",)) == CodesInView()


def test_the_waybill_is_chosen_among_goods_and_links_and_these_are_offered():
    assert told(GOODS, LINK, SF) == ("SF1234567890123", ["6901234567892", "https://e.example/1"])


def test_the_outlets_own_carrier_comes_before_another():
    assert told(YT, SF) == ("SF1234567890123", ["YT1234567890123"])
    assert told(YT, SF, ours=("yto",)) == ("YT1234567890123", ["SF1234567890123"])


def test_two_waybills_as_good_as_each_other_are_left_to_the_clerk():
    assert told(SF, OTHER_SF) == (None, ["SF1234567890123", "SF1234567890131"])


def test_the_same_number_in_two_codes_is_one():
    assert told(SF, ('{"no":"SF1234567890123"}', "QRCode"), GOODS) == ("SF1234567890123", ["6901234567892"])


def test_a_wrong_check_digit_is_never_chosen():
    assert told(("EE123456784CN", "Code39"), ours=("ems",)) == (None, ["EE123456784CN"])


def test_goods_alone_choose_nothing():
    assert told(GOODS) == (None, ["6901234567892"])


def test_number_keys_pick_in_order_and_no_other_key_does():
    found = codes_in_view((GOODS, LINK, SF), CARRIERS, ("sf",))
    assert [found.picked(number) and found.picked(number).text for number in (0, 1, 2, 3)] == [
        None,
        "6901234567892",
        "https://e.example/1",
        None,
    ]


def test_no_more_are_offered_than_there_are_number_keys():
    assert len(told(*((f"https://e.example/{number}", "QRCode") for number in range(20)))[1]) == MOST_OFFERED


@pytest.mark.parametrize("text", ["", "\u200b", "\x00", "\u202e", "x" * 5000])
def test_texts_that_are_no_code_do_no_harm(text):
    assert told((text, "QRCode"), SF)[0] == "SF1234567890123"
