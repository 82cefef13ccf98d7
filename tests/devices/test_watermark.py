"""Copies of documents say what they are for; pages are drawn without a window."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from PIL import Image

from courier_check.devices.printed_pages import pdf_of
from courier_check.devices.watermark import LONGEST_PX, watermarked
from courier_check.errors import UserError
from courier_check.store.resources import resource_path

FONT = resource_path("fonts/NotoSansCJKsc-Regular-subset.otf")
NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


def picture(size: tuple[int, int], colour: str, form: str = "PNG") -> bytes:
    data = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "made up description"
    Image.new("RGB", size, colour).save(data, form, exif=exif)
    return data.getvalue()


def marked(size: tuple[int, int], colour: str, note: str = "") -> Image.Image:
    return Image.open(io.BytesIO(watermarked(picture(size, colour), name="x.png", font=FONT, note=note)))


@pytest.mark.parametrize(
    ("size", "colour"),
    [((1200, 760), "white"), ((760, 1200), "black"), ((300, 190), "#b21818"), ((190, 300), "#808080"), ((90, 60), "white")],
)
def test_no_colour_and_no_shape_hides_the_mark(size: tuple[int, int], colour: str) -> None:
    grey = marked(size, colour).convert("L")
    assert grey.size == size
    low, high = grey.getextrema()
    assert isinstance(low, int)
    assert isinstance(high, int)
    assert high - low > 40


def test_a_copy_is_no_scan_and_tells_nothing_beside_the_picture() -> None:
    copy = marked((4000, 2500), "white")
    assert max(copy.size) == LONGEST_PX
    assert (copy.format, len(copy.getexif())) == ("JPEG", 0)


def test_the_note_is_part_of_the_mark() -> None:
    assert marked((600, 400), "white", "2026-11-26").tobytes() != marked((600, 400), "white").tobytes()


@pytest.mark.parametrize("data", [b"", b"no picture", picture((300, 200), "white")[:200]])
def test_what_is_no_picture_is_refused_with_its_sentence(data: bytes) -> None:
    with pytest.raises(UserError):
        watermarked(data, name="x.png", font=FONT)


def test_pages_hold_as_many_lines_as_fit() -> None:
    short = pdf_of("样例", ["一段。"], FONT, NOW)
    long = pdf_of("样例", ["很长的一段话，" * 400 + "with some Latin words between " * 40] * 3, FONT, NOW)
    assert short.startswith(b"%PDF-")
    assert b"/Count 1" in short
    assert b"/Count 1\n" not in long
    assert pdf_of("样例", [], FONT, NOW).startswith(b"%PDF-")
