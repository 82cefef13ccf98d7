"""Barcodes in stills: made ones under hard conditions."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageFilter, ImageOps

from courier_check.devices.barcodes import decode_codes
from courier_check.devices.codes import VisionCode
from courier_check.errors import DeviceError

ROOT = Path(__file__).resolve().parents[2]


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


@pytest.mark.parametrize(
    ("symbology", "text"), [("ITF", "123456"), ("ITF", "16901234567899"), ("ITF", "12345678" * 4), ("PDF417", "样本 SF1234567890123")]
)
def test_interleaved_codes_of_any_length_and_stacked_ones_are_read(symbology, text):
    (code,) = decode_codes(picture(drawn(text, symbology)))
    assert (code.symbology, code.text) == (symbology, text)


def test_an_interleaved_code_that_the_picture_cuts_off_is_not_read_as_a_shorter_one():
    whole = drawn("12345678901234", "ITF")
    for cut in (475, 490, 505, 530, 585):
        shown = whole.crop((0, 0, cut, 800))
        assert [code.text for code in decode_codes(picture(shown)) if code.symbology == "ITF"] in ([], ["12345678901234"])


def test_light_on_dark_is_read():
    assert texts(decode_codes(picture(ImageOps.invert(drawn("6901234567892", "EAN13"))))) == [("EAN13", "6901234567892")]


def test_every_code_of_a_picture_is_given():
    sheet = drawn("SF1234567890123")
    sheet.paste(drawn("6901234567892", "EAN13").crop((400, 330, 700, 470)).rotate(90, expand=True), (60, 60))
    sheet.paste(drawn("https://e.example/1", "QRCode").crop((480, 330, 620, 470)), (850, 40))
    assert {code.symbology for code in decode_codes(picture(sheet))} == {"Code128", "EAN13", "QRCode"}


@pytest.mark.slow
def test_fifty_megapixels_are_read_in_bounded_memory(tmp_path):
    path = tmp_path / "large.jpg"
    sheet = Image.new("L", (8660, 5774), 235)
    sheet.paste(drawn("SF1234567890123"), (7000, 4500))
    sheet.save(path, quality=80)
    done = subprocess.run([sys.executable, "-c", _PEAK, str(path)], capture_output=True, text=True, check=True, cwd=ROOT)
    text, peak_mb = done.stdout.split()
    assert text == "SF1234567890123"
    assert float(peak_mb) < 1000


_PEAK = """
import re, sys
from pathlib import Path
from courier_check.devices.barcodes import decode_codes
from courier_check.devices.pictures import load_picture
print(decode_codes(load_picture(Path(sys.argv[1])))[0].text)
print(int(re.search(r"VmHWM:[^0-9]*([0-9]+)", Path("/proc/self/status").read_text())[1]) / 1024)
"""
