"""Waybills: every vector of domain.md §6.1–6.2, ambiguity settled by the outlet, goods never taken for waybills."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.errors import UserError
from courier_check.parcel.carriers import CERTAINTIES, Carriers, CarriersCode
from courier_check.parcel.numbers import check_parcel_number
from courier_check.parcel.waybills import CodeKind, WaybillReason, check_waybill, s10_check_digit
from courier_check.store.resources import read_resource

CARRIERS = Carriers.parse(read_resource("carriers.json"))
EVERYONE = tuple(carrier.code for carrier in CARRIERS.carriers)


def check(text, symbology="Code128", outlet=()):
    return check_waybill(CARRIERS, text, symbology, outlet)


@pytest.mark.parametrize("number", ["RB123456785GB", "RR473124829GB", "EE123456785CN", "LX123456785CN"])
def test_s10_numbers_with_a_sound_check_digit_hold(number):
    found = check(number)
    assert (found.kind, found.carriers, found.carrier, found.valid) == (CodeKind.WAYBILL, ("ems",), "ems", True)


@pytest.mark.parametrize(("serial", "digit"), [("12345678", 5), ("47312482", 9), ("00000000", 5), ("10000001", 7)])
def test_s10_check_digits(serial, digit):
    assert s10_check_digit(serial) == digit


def test_a_wrong_s10_check_digit_is_told():
    found = check("EE123456784CN")
    assert (found.kind, found.valid) == (CodeKind.WAYBILL, False)
    assert WaybillReason.S10_CHECK_DIGIT in found.reasons


def test_an_s10_number_of_another_country_is_told():
    assert WaybillReason.S10_FOREIGN in check("RB123456785GB").reasons
    assert WaybillReason.S10_FOREIGN not in check("EE123456785CN").reasons


@pytest.mark.parametrize(
    ("number", "carrier"),
    [
        ("SF1234567890123", "sf"),
        ("YT1234567890123", "yto"),
        ("STO1234567890", "sto"),
        ("JT0006968326954", "jt"),
        ("JDVA11408814483", "jd"),
        ("JDVA11408814483-1-1-", "jd"),
        ("JDX123456789012", "jd"),
        ("DPK364112047425", "deppon"),
        ("462598779470531", "yunda"),
        ("432542035598773", "yunda"),
        ("12345678901234", "zto"),
        ("XA12345678941", "ems"),
    ],
)
def test_numbers_only_one_carrier_issues_are_settled(number, carrier):
    found = check(number)
    assert (found.kind, found.carriers, found.carrier, found.valid) == (CodeKind.WAYBILL, (carrier,), carrier, None)


@pytest.mark.parametrize(
    ("number", "candidates"),
    [
        ("773165231258960", ("sto", "yunda")),
        ("1240921381750", ("ems", "yunda")),
        ("123456789012", ("zto", "sf", "sto")),
        ("8881234567890", ("yunda", "sto")),
    ],
)
def test_overlapping_shapes_leave_candidates_best_first_and_settle_nothing(number, candidates):
    found = check(number)
    assert (found.carriers, found.carrier) == (candidates, None)
    assert WaybillReason.SEVERAL_CARRIERS in found.reasons


def test_the_outlets_carriers_settle_an_ambiguity():
    assert check("1240921381750", outlet=("ems", "sf")).carrier == "ems"
    assert check("773165231258960", outlet=("yunda",)).carrier == "yunda"
    assert check("1240921381750", outlet=("ems", "yunda")).carrier is None


def test_a_waybill_of_a_carrier_the_outlet_does_not_work_for_is_told():
    lettered = check("SF1234567890123", outlet=("ems",))
    digits = check("462598779470531", outlet=("ems",))
    assert (lettered.carrier, digits.carrier) == ("sf", None)
    assert WaybillReason.NOT_OUTLET_CARRIER in lettered.reasons
    assert WaybillReason.NOT_OUTLET_CARRIER in digits.reasons


def test_an_old_shape_is_told():
    assert WaybillReason.FORMER_SHAPE in check("12345678").reasons
    assert WaybillReason.FORMER_SHAPE in check("123456789012", outlet=("sf",)).reasons
    assert WaybillReason.FORMER_SHAPE not in check("123456789012", outlet=("zto",)).reasons


@pytest.mark.parametrize("symbology", ["EAN13", "EAN8", "UPCA", "UPCE", "ITF14", "DataBarOmni", "ISBN"])
@pytest.mark.parametrize("digits", ["6901234567892", "1240921381750", "69012341", "036000291452", "462598779470531"])
def test_retail_symbols_are_goods_whatever_their_digits_look_like(symbology, digits):
    found = check(digits, symbology, EVERYONE)
    assert (found.kind, found.carrier, found.carriers) == (CodeKind.GOODS, None, ())


def test_a_carton_code_is_goods_also_when_the_decoder_calls_it_itf():
    assert check("16901234567899", "ITF").kind is CodeKind.GOODS
    assert check("16901234567899", "Code128").kind is CodeKind.WAYBILL


def test_a_gs1_element_string_is_goods():
    assert check("(01)16901234567899(10)A1", "Code128").kind is CodeKind.GOODS


def test_thirteen_digits_in_code_128_are_a_waybill():
    found = check("6901234567892", "Code128", ("yunda",))
    assert (found.kind, found.carrier) == (CodeKind.WAYBILL, "yunda")


@pytest.mark.parametrize("number", ["6901234567892", "9787111128069"])
def test_typed_goods_numbers_are_never_taken_for_waybills(number):
    found = check(number, None, ("yunda", "ems"))
    assert (found.kind, found.carrier, found.valid) == (CodeKind.GOODS, None, True)
    assert WaybillReason.COULD_BE_WAYBILL in found.reasons
    assert "yunda" in found.carriers


def test_other_typed_digits_that_are_sound_goods_numbers_stay_open():
    found = check("4006381333931", None, ("yunda",))
    assert (found.kind, found.carriers, found.carrier) == (CodeKind.WAYBILL, ("yunda",), None)
    assert found.reasons == (WaybillReason.COULD_BE_GOODS,)


def test_what_scanners_and_people_send_is_cleaned():
    assert check("\x02ｓｆ１２３ 4567 890123\r\n", None).text == "SF1234567890123"
    assert check("ee\u200b123456785cn").valid is True


@pytest.mark.parametrize("text", ["", " \r\n", "\x00\x1d"])
def test_nothing_to_read_is_told(text):
    assert check(text).reasons == (WaybillReason.EMPTY,)


@pytest.mark.parametrize(
    "text", ["https://example.com/w?no=SF1234567890123", "HTTP://A.CN/1", "www.example.com/SF1234567890123", "weixin://x/y"]
)
def test_links_are_links(text):
    assert check(text, "QRCode").kind is CodeKind.URL


def test_a_qr_code_with_just_the_number_is_a_waybill():
    assert check("YT1234567890123", "QRCode").reasons == ()


@pytest.mark.parametrize(
    "payload",
    [
        '{"mailNo":"SF1234567890123","phone":"13800001234","at":"20261123094500"}',
        "SF1234567890123|王小明|13800001234|郑州",
        '{"no":"462598779470531","ts":1700000000000}',
    ],
)
def test_a_payload_with_exactly_one_waybill_gives_it(payload):
    found = check(payload, "QRCode")
    assert found.kind is CodeKind.WAYBILL
    assert found.text in ("SF1234567890123", "462598779470531")
    assert WaybillReason.FROM_PAYLOAD in found.reasons


def test_a_payload_with_two_waybills_gives_none():
    found = check("SF1234567890123,SF1234567890124", "QRCode")
    assert (found.kind, found.reasons) == (CodeKind.OTHER, (WaybillReason.SEVERAL_WAYBILLS,))


def test_a_payload_without_a_waybill_is_other():
    assert check('{"name":"样本"}', "QRCode").reasons == (WaybillReason.NO_WAYBILL_IN_PAYLOAD,)


def test_only_a_code_that_says_so_is_a_credential():
    assert check("安易递 样本 0001", "QRCode").kind is CodeKind.CREDENTIAL
    assert check("A1B2C3D4-E5F6", "QRCode").kind is CodeKind.OTHER


def test_a_text_too_long_for_a_number_is_told():
    assert check("7" * 65).reasons == (WaybillReason.TOO_LONG,)
    assert check("DPK" + "1" * 60 + "X").reasons == (WaybillReason.NO_SHAPE,)


@given(st.text(), st.sampled_from([None, "Code128", "QRCode", "EAN13", "UPCE", "ITF", "没有"]))
def test_any_text_is_judged(text, symbology):
    found = check_waybill(CARRIERS, text, symbology, ("ems",))
    assert found.kind in set(CodeKind)
    assert found.carrier is None or found.carrier in found.carriers


@given(st.from_regex(r"[A-Z]{0,3}[0-9]{8,15}(-1){0,3}", fullmatch=True))
def test_judging_a_number_twice_changes_nothing(number):
    once = check_waybill(CARRIERS, number, None, EVERYONE)
    assert check_waybill(CARRIERS, once.text, None, EVERYONE) == once


@given(st.text("0123456789", min_size=8, max_size=8), st.integers(1, 9))
def test_one_wrong_digit_breaks_an_s10_number(serial, off):
    right = s10_check_digit(serial)
    assert check(f"EA{serial}{right}CN").valid is True
    assert check(f"EA{serial}{(right + off) % 10}CN").valid is False


# ---- check-number ------------------------------------------------------------------------------------------------------------------------


def test_a_goods_number_is_goods_first_and_a_doubtful_waybill_second():
    goods, waybill = check_parcel_number("6901234567892", CARRIERS, ())
    assert (goods.kind, goods.valid, goods.facts["form"], goods.facts["certainty"]) == ("goods", True, "GTIN-13", "忆")
    assert (waybill.kind, waybill.valid, waybill.reasons) == ("waybill", False, ("could-be-goods",))


def test_an_s10_number_tells_its_service_and_country():
    (waybill,) = check_parcel_number("EE123456785CN", CARRIERS, ())
    assert (waybill.valid, waybill.facts["country"], waybill.facts["carrier"]) == (True, "CN", "ems")
    assert "EMS" in str(waybill.facts["service"])


def test_a_number_that_is_neither_has_no_reading():
    assert check_parcel_number("41010519900307123X", CARRIERS, ()) == ()
    assert check_parcel_number("", CARRIERS, ()) == ()


@given(st.text())
def test_any_text_has_readings_or_none(text):
    check_parcel_number(text, CARRIERS, ("ems",))


# ---- the data file -----------------------------------------------------------------------------------------------------------------------


def test_every_shape_has_a_source_and_a_certainty_and_matches_its_examples():
    for carrier in json.loads(read_resource("carriers.json"))["carriers"]:
        for shape in carrier["shapes"]:
            assert shape["source"]
            assert shape["certainty"] in CERTAINTIES
            for example in shape.get("examples", ()):
                assert carrier["code"] in check(example).carriers


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda data: data.pop("version"), CarriersCode.UNREADABLE),
        (lambda data: data["carriers"][0]["shapes"][0].update(pattern="("), CarriersCode.BAD_PATTERN),
        (lambda data: data["carriers"][0]["shapes"][0].update(certainty="?"), CarriersCode.UNREADABLE),
        (lambda data: data["carriers"][0].update(colour="green"), CarriersCode.UNREADABLE),
    ],
)
def test_a_mistake_in_the_file_is_told_with_its_place(change, code):
    data = json.loads(read_resource("carriers.json"))
    change(data)
    with pytest.raises(UserError) as told:
        Carriers.parse(json.dumps(data).encode())
    assert told.value.code is code
    assert "$" in str(told.value.facts["detail"]) or "version" in str(told.value.facts["detail"])


@given(st.binary(max_size=200))
def test_any_bytes_are_a_file_or_an_error(data):
    with pytest.raises(UserError):
        Carriers.parse(data)


def test_an_outlets_unknown_carrier_is_told():
    assert CARRIERS.check_outlet(("ems", "sf")) == ("ems", "sf")
    with pytest.raises(UserError) as told:
        CARRIERS.check_outlet(("pigeon",))
    assert told.value.code is CarriersCode.UNKNOWN_CARRIER


def test_somebodys_phone_in_a_payload_is_no_waybill():
    payload = '{"receiver": "样例", "phone": "+8613900005678"}'
    assert check(payload, "QRCode").kind is CodeKind.OTHER
    with_number = '{"phone": "8613900005678", "no": "SF1000000000014"}'
    assert check(with_number, "QRCode").text == "SF1000000000014"


def test_a_code_that_names_the_parties_is_no_waybill():
    found = check("001061414123456789084301A\x1d4308+8613900005678", "QRCode")
    assert (found.kind, found.reasons) == (CodeKind.OTHER, (WaybillReason.LABEL_CODE,))
