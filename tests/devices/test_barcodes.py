"""Barcodes in stills: made ones under hard conditions, and what counts as agreement."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageFilter

from courier_check.devices.barcodes import Code, _agreed, decode_codes
from courier_check.devices.codes import VisionCode
from courier_check.errors import DeviceError

SQUARE = ((10, 10), (110, 10), (110, 60), (10, 60))
ELSEWHERE = ((10, 510), (110, 510), (110, 560), (10, 560))


def drawn(text: str, symbology: str = "Code128", module_px: int = 3) -> Image.Image:
    """A symbol on a white sheet of 1100 × 800."""
    made = zxingcpp.create_barcode(text, zxingcpp.barcode_format_from_str(symbology))
    symbol = Image.fromarray(np.asarray(zxingcpp.write_barcode_to_image(made, scale=module_px, add_quiet_zones=True)))
    sheet = Image.new("RGB", (1100, 800), (235, 235, 230))
    sheet.paste(symbol, ((1100 - symbol.width) // 2, (800 - symbol.height) // 2))
    return sheet


def picture(image: Image.Image, *, gain: float = 1.0, noise: float = 0.0):
    noisy = np.asarray(image, float) * gain + np.random.default_rng(7).normal(0, noise, (image.height, image.width, 1))
    return np.ascontiguousarray(np.clip(noisy, 0, 255).astype(np.uint8)[:, :, ::-1])


def texts(codes):
    return [(code.symbology, code.text) for code in codes]


@pytest.mark.parametrize(
    ("symbology", "text"),
    [
        ("Code128", "SF1234567890123"),
        ("Code39", "EA900000019CN"),
        ("QRCode", "顺丰 SF1234567890123"),
        ("EAN13", "6901234567892"),
        ("EAN8", "69012341"),
        ("DataMatrix", "样本"),
    ],
)
def test_each_symbology_is_read_under_its_name(symbology, text):
    (code,) = decode_codes(picture(drawn(text, symbology, 6 if symbology == "DataMatrix" else 3)))
    assert (code.symbology, code.text) == (symbology, text)
    assert code.confirmed


@pytest.mark.slow
@pytest.mark.parametrize("angle", [0, 20, 33, 45, 60, 90, 140, 180])
def test_a_tilted_code_is_read(angle):
    turned = drawn("YT1234567890123").rotate(angle, Image.Resampling.BICUBIC, fillcolor=(235, 235, 230))
    assert texts(decode_codes(picture(turned, noise=4))) == [("Code128", "YT1234567890123")]


@pytest.mark.parametrize("gain", [0.5, 0.25, 0.15])
def test_a_dark_code_is_read(gain):
    assert texts(decode_codes(picture(drawn("JT000696832695"), gain=gain, noise=2))) == [("Code128", "JT000696832695")]


def test_a_blurred_code_is_read():
    assert texts(decode_codes(picture(drawn("JDVA11408814483").filter(ImageFilter.GaussianBlur(1.8)), noise=2))) == [
        ("Code128", "JDVA11408814483")
    ]


def test_the_position_is_where_the_code_lies_also_when_tilted():
    (code,) = decode_codes(picture(drawn("YT1234567890123").rotate(40, Image.Resampling.BICUBIC, fillcolor=(235, 235, 230))))
    middle = np.mean(np.array(code.position), axis=0)
    assert np.linalg.norm(middle - (550, 400)) < 40


def test_a_picture_without_codes_has_none():
    assert decode_codes(picture(Image.new("RGB", (640, 480), (120, 120, 120)), noise=20)) == ()
    assert decode_codes(picture(Image.new("RGB", (32, 32)))) == ()


def test_without_the_second_engine_the_first_goes_on(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyzbar", None)
    assert texts(decode_codes(picture(drawn("SF1234567890123")))) == [("Code128", "SF1234567890123")]
    assert decode_codes(picture(Image.new("RGB", (200, 200)))) == ()


def test_without_the_first_engine_the_remedy_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "zxingcpp", None)
    with pytest.raises(DeviceError) as told:
        decode_codes(picture(Image.new("RGB", (200, 200))))
    assert told.value.code is VisionCode.DECODER_UNAVAILABLE


# ---- agreement ----------------------------------------------------------------------------------------------------


def test_one_read_of_a_linear_code_is_not_confirmed_two_passes_are():
    once = ("full", Code("SF1234567890123", "Code128", SQUARE))
    assert [code.confirmed for code in _agreed([once])] == [False]
    assert [code.confirmed for code in _agreed([once, ("zbar", once[1])])] == [True]


def test_two_printed_copies_confirm_each_other():
    found = [("full", Code("SF1234567890123", "Code128", place)) for place in (SQUARE, ELSEWHERE)]
    assert [code.confirmed for code in _agreed(found)] == [True]


def test_a_matrix_code_corrects_its_own_errors():
    assert [code.confirmed for code in _agreed([("full", Code("x", "QRCode", SQUARE))])] == [True]


def test_a_lone_misread_at_the_place_of_a_confirmed_code_is_dropped():
    right = Code("786981029386773", "Code128", SQUARE)
    wrong = Code("786981029386771503", "Code128", SQUARE)
    assert texts(_agreed([("full", right), ("zbar", right), ("straightened", wrong)])) == [("Code128", "786981029386773")]


def test_interleaved_codes_need_their_fixed_length_and_two_reads():
    carton, cut_off = Code("16901234567899", "ITF", SQUARE), Code("1234567890", "ITF", SQUARE)
    assert _agreed([("full", carton)]) == ()
    assert _agreed([("full", cut_off), ("zbar", cut_off)]) == ()
    assert [code.confirmed for code in _agreed([("full", carton), ("zbar", carton)])] == [False]
