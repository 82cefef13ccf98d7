"""Picture files: every bad one gets its own code, good ones come upright."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from courier_check.devices.codes import PictureCode
from courier_check.devices.pictures import LARGEST_FILE_BYTES, decode_picture, load_picture
from courier_check.errors import CourierCheckError, UserError


def encoded(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds nothing."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))


LEFT_RED = Image.fromarray(np.repeat(np.array([[[250, 10, 10]] * 32 + [[10, 10, 250]] * 48], np.uint8), 40, axis=0))
JPEG = encoded(LEFT_RED)
PNG = encoded(LEFT_RED, "PNG")


def code_of(data: bytes) -> object:
    with pytest.raises(UserError) as told:
        decode_picture(data, name="x.jpg")
    return told.value.code


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", PictureCode.EMPTY),
        ("这是文字，不是图片".encode(), PictureCode.NOT_A_PICTURE),
        (b"%PDF-1.7 not a picture", PictureCode.NOT_A_PICTURE),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", PictureCode.HEIC),
        (JPEG[: len(JPEG) // 2], PictureCode.TRUNCATED),
        (PNG[: len(PNG) // 2], PictureCode.TRUNCATED),
        (encoded(Image.new("RGB", (1, 1))), PictureCode.TOO_SMALL),
        (encoded(Image.new("RGB", (2000, 3)), "PNG"), PictureCode.TOO_SMALL),
        (png_header(10_000, 10_000), PictureCode.TOO_MANY_PIXELS),
        (png_header(60_000, 60_000), PictureCode.TOO_MANY_PIXELS),
        (png_header(200, 200), PictureCode.TRUNCATED),
    ],
)
def test_each_bad_file_has_its_own_code(data, code):
    assert code_of(data) is code


def test_a_missing_file_and_a_folder_are_told(tmp_path):
    for path, code in (
        (tmp_path / "没有.jpg", PictureCode.MISSING),
        (tmp_path, PictureCode.NOT_A_FILE),
        (tmp_path / "a\0b", PictureCode.MISSING),
    ):
        with pytest.raises(UserError) as told:
            load_picture(path)
        assert told.value.code is code


def test_a_huge_file_is_refused_unread(tmp_path):
    path = tmp_path / "huge.jpg"
    with path.open("wb") as file:
        os.truncate(file.fileno(), LARGEST_FILE_BYTES + 1)
    with pytest.raises(UserError) as told:
        load_picture(path)
    assert told.value.code is PictureCode.FILE_TOO_LARGE


def test_a_chinese_path_is_read(tmp_path):
    path = tmp_path / "身份证 正面.jpg"
    path.write_bytes(JPEG)
    assert load_picture(path).shape == (40, 80, 3)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "TIFF"])
def test_common_formats_come_blue_green_red(kind):
    blue, _, red = decode_picture(encoded(LEFT_RED, kind), name="x")[20, 5]
    assert red > 200
    assert blue < 60


def test_a_phones_orientation_mark_is_honoured():
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned by 90° clockwise
    picture = decode_picture(encoded(LEFT_RED, exif=exif), name="x")
    assert picture.shape == (80, 40, 3)
    assert picture[5, 20, 2] > 200


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "CMYK", "1", "I;16", "F"])
def test_any_colour_mode_becomes_three_channels(mode):
    image = Image.new("I;16", (64, 48)) if mode == "I;16" else LEFT_RED.convert(mode)
    picture = decode_picture(encoded(image, "TIFF"), name="x")
    assert picture.shape[2] == 3
    assert picture.dtype == np.uint8


def test_transparency_shows_white():
    assert decode_picture(encoded(Image.new("RGBA", (64, 48), (0, 0, 0, 0)), "PNG"), name="x").min() == 255


@given(st.sampled_from([JPEG, PNG]), st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=8), st.integers(1, 10_000))
def test_a_damaged_file_is_a_picture_or_told(data, changes, length):
    spoilt = bytearray(data)
    for place, value in changes:
        spoilt[place % len(spoilt)] = value
    try:
        picture = decode_picture(bytes(spoilt[:length]), name="x")
    except CourierCheckError as refused:
        told = refused.code
        picture = None
    assert picture.ndim == 3 if picture is not None else isinstance(told, PictureCode)


def test_a_damaged_file_makes_no_noise():
    program = "import sys; from courier_check.devices.pictures import decode_picture as read\n"
    program += "try: read(sys.stdin.buffer.read(), name='x')\nexcept Exception: pass"
    run = subprocess.run([sys.executable, "-c", program], input=JPEG[:-100], capture_output=True, check=True)
    assert run.stderr == b""


def test_importing_the_devices_loads_no_vision_library():
    modules = ["pictures", "barcodes", "bars", "camera", "live_codes", "ocr", "documents", "waybill_pictures", "waybill_labels"]
    program = "import sys\n" + "".join(f"import courier_check.devices.{name}\n" for name in modules)
    program += "print([name for name in ('cv2', 'numpy', 'PIL', 'rapidocr', 'onnxruntime', 'zxingcpp', 'pyzbar') if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert run.stdout.strip() == "[]"


def test_opencv_leaves_the_qt_variables_as_they_were():
    names = "('QT_QPA_PLATFORM_PLUGIN_PATH', 'QT_QPA_FONTDIR')"
    program = f"import os; from courier_check.devices.opencv import cv2; print([os.environ.get(name) for name in {names}])"
    environment = {key: value for key, value in os.environ.items() if not key.startswith("QT_")} | {"QT_QPA_FONTDIR": "/mine"}
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True, env=environment)
    assert run.stdout.strip() == "[None, '/mine']"
