"""The sample labels and parcel photos are read right: numbers, parties, masks as printed, goods never as waybills."""

from __future__ import annotations

import pytest
from PIL import Image

from courier_check.devices.barcodes import Code
from courier_check.devices.codes import VisionCode
from courier_check.devices.waybill_labels import LabelWarning
from courier_check.devices.waybill_pictures import WaybillWarning, read_waybill, scan_codes, settle_waybill
from courier_check.errors import UserError
from courier_check.parcel.waybills import CodeKind, WaybillCheck

pytestmark = pytest.mark.slow  # the models take seconds to load

PLACE = ((0, 0), (9, 0), (9, 9), (0, 9))
SAMPLES = ("yt-chen", "hard-tilted", "sf-wang", "s10-zhao", "jt-zhang", "jd-li", "ems-liu", "zt-zhou", "sf-wang-2", "hard-dark")
SIGN_MISSED = {LabelWarning.SENDER_UNCERTAIN, LabelWarning.ADDRESSEE_UNCERTAIN}
"""What a label may warn of when the circled 收 or 寄 was not recognised; its parties are then still told apart."""
PARTS = ("name", "phone", "address")


@pytest.mark.parametrize("key", SAMPLES)
def test_every_label_is_read_right(samples, labels, carriers, ocr, key):
    truth = labels[key]
    reading = read_waybill(samples / truth["picture"], carriers, (truth["carrier"],), ocr)
    assert reading.waybill == truth["number"]
    assert {check.carrier for check in reading.checks if check.kind is CodeKind.WAYBILL} == {truth["carrier"]}
    assert [getattr(reading, f"sender_{part}") for part in PARTS] == [truth["sender"][part] for part in PARTS]
    assert [getattr(reading, f"addressee_{part}") for part in PARTS] == [truth["addressee"][part] for part in PARTS]
    assert set(reading.warnings) <= SIGN_MISSED


def test_a_goods_barcode_in_a_parcel_photo_is_goods(samples, carriers):
    ((code, check),) = scan_codes(samples / "contents-tea.jpg", carriers, ("yunda",))
    assert (code.symbology, check.kind, check.text) == ("EAN13", CodeKind.GOODS, "6901234567892")


def test_a_picture_that_is_no_label_is_told(tmp_path, carriers, ocr):
    path = tmp_path / "白纸.png"
    Image.new("RGB", (96, 64), "white").save(path)
    with pytest.raises(UserError) as told:
        read_waybill(path, carriers, (), ocr)
    assert told.value.code is VisionCode.NO_WAYBILL_LABEL


def seen(text: str, *, confirmed: bool = True, kind: CodeKind = CodeKind.WAYBILL, valid: bool | None = None):
    return Code(text, "Code128", PLACE, confirmed), WaybillCheck(text, kind, valid=valid)


def settled(*found):
    return settle_waybill([code for code, _ in found], [check for _, check in found])


def test_one_confirmed_number_settles_the_waybill():
    assert settled(seen("SF1234567890123"), seen("https://a", kind=CodeKind.URL)) == ("SF1234567890123", ())


def test_a_confirmed_number_outweighs_a_lone_read():
    assert settled(seen("SF1234567890123"), seen("SF1234567890129", confirmed=False)) == ("SF1234567890123", ())


def test_a_number_read_once_is_told():
    assert settled(seen("SF1234567890123", confirmed=False)) == ("SF1234567890123", (WaybillWarning.READ_ONCE,))


def test_two_labels_in_one_picture_settle_nothing():
    assert settled(seen("SF1234567890123"), seen("SF1234567890124")) == (None, (WaybillWarning.SEVERAL_WAYBILLS,))


def test_goods_alone_settle_nothing():
    assert settled(seen("6901234567892", kind=CodeKind.GOODS)) == (None, (WaybillWarning.NO_WAYBILL,))


def test_a_wrong_check_digit_is_told():
    assert settled(seen("EE123456784CN", valid=False)) == ("EE123456784CN", (WaybillWarning.CHECK_DIGIT,))
