"""Labels as printers get them: every language's bytes turn back into the same dots, and stand as the makers' manuals say."""

from __future__ import annotations

import random
import re
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.devices.bitmap import Bitmap, LabelSize
from courier_check.devices.label_languages import PrinterLanguage, encoded
from courier_check.devices.label_readings import NotUnderstoodError, Reading, read_bytes

LANGUAGES = (PrinterLanguage.TSPL, PrinterLanguage.ZPL, PrinterLanguage.ESCPOS)
SIZE = LabelSize()


def bitmap_of(rows: list[list[bool]]) -> Bitmap:
    """Dots given one by one."""
    width = len(rows[0])
    text = "".join("".join("1" if dot else "0" for dot in row).ljust((width + 7) // 8 * 8, "0") for row in rows)
    return Bitmap(width, len(rows), int(text, 2).to_bytes(len(text) // 8))


@st.composite
def bitmaps(draw: st.DrawFn) -> Bitmap:
    width, height, seed = draw(st.integers(1, 70)), draw(st.integers(1, 600)), draw(st.integers(0, 2**32))
    row_bytes, kept = (width + 7) // 8, 0xFF << (-width % 8) & 0xFF
    data = bytearray(random.Random(seed).randbytes(row_bytes * height))  # noqa: S311 - dots
    for last in range(row_bytes - 1, len(data), row_bytes):
        data[last] &= kept
    return Bitmap(width, height, bytes(data))


def decoded(data: bytes, language: PrinterLanguage, pieces: int = 10_000) -> list[Bitmap]:
    reading = Reading()
    for start in range(0, len(data), pieces):
        read_bytes(reading, language, data[start : start + pieces])
    assert not reading.buffer, "a printer would wait for the rest"
    return reading.labels


@pytest.mark.parametrize("language", LANGUAGES)
@given(bitmap=bitmaps(), pieces=st.integers(1, 900))
def test_what_is_sent_is_what_is_printed_bit_for_bit(language: PrinterLanguage, bitmap: Bitmap, pieces: int) -> None:
    (printed,) = decoded(encoded(bitmap, SIZE, language), language, pieces)
    assert (printed.data, printed.height, printed.row_bytes) == (bitmap.data, bitmap.height, bitmap.row_bytes)
    if language is PrinterLanguage.ZPL:  # the only one that is told the width in dots
        assert printed == bitmap


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_that_follow_each_other_are_as_many(language: PrinterLanguage) -> None:
    one, two = bitmap_of([[True, False, True]]), bitmap_of([[False] * 9, [True] * 9])
    sent = encoded(one, SIZE, language) + encoded(two, SIZE, language)
    assert [each.data for each in decoded(sent, language, 7)] == [one.data, two.data]


CORNER = bitmap_of([[True, *[False] * 8], [False] * 9])
"""Two bytes a row, two rows, the left upper dot black."""


def test_tspl_is_black_where_a_bit_is_0() -> None:
    assert encoded(CORNER, LabelSize(60, 40, 203, 3), PrinterLanguage.TSPL) == (
        b"SIZE 60 mm,40 mm\r\nGAP 3 mm,0 mm\r\nCLS\r\nBITMAP 0,0,2,2,0,\x7f\xff\xff\xff\r\nPRINT 1,1\r\n"
    )


def test_zpl_is_hexadecimal_and_black_where_a_bit_is_1() -> None:
    assert encoded(CORNER, SIZE, PrinterLanguage.ZPL) == b"^XA^PW9^LL2^LH0,0^FO0,0^GFA,4,4,2,80000000^FS^PQ1^XZ"


def test_escpos_is_a_raster_in_bytes_and_rows() -> None:
    assert encoded(CORNER, SIZE, PrinterLanguage.ESCPOS) == b"\x1b@\x1dv0\x00\x02\x00\x02\x00\x80\x00\x00\x00\x1bd\x04"


def test_a_picture_too_large_for_one_field_or_stripe_is_several() -> None:
    large = Bitmap(1200, 1800, b"\xa5" * (150 * 1800))
    zpl, escpos = encoded(large, SIZE, PrinterLanguage.ZPL), encoded(large, SIZE, PrinterLanguage.ESCPOS)
    assert zpl.count(b"^GFA") == 3
    assert escpos.count(b"\x1dv0\x00") == 8
    assert decoded(zpl, PrinterLanguage.ZPL) == decoded(escpos, PrinterLanguage.ESCPOS) == [large]


@given(bitmap=bitmaps())
def test_a_pdf_holds_the_same_dots_on_a_page_of_the_labels_size(bitmap: Bitmap) -> None:
    data = encoded(bitmap, LabelSize(60, 40), PrinterLanguage.PDF)
    assert data.startswith(b"%PDF-1.4\n")
    assert b"/MediaBox[0 0 170.08 113.39]" in data  # 60 and 40 mm in points
    start = int(re.search(rb"startxref\n(\d+)\n%%EOF\n$", data)[1])  # type: ignore[index]  # None fails as well
    table = data[start:].splitlines()[3:]
    for number, line in enumerate(table[: table.index(b"trailer")], 1):
        assert data[int(line[:10]) :].startswith(b"%d 0 obj\n" % number)
    image = data[data.index(b"5 0 obj") :]
    width, height, length = (int(re.search(rb"/%s (\d+)" % name, image)[1]) for name in (b"Width", b"Height", b"Length"))  # type: ignore[index]
    stream = image.split(b"stream\n", 1)[1][:length]
    assert (width, height, zlib.decompress(stream)) == (bitmap.width, bitmap.height, bitmap.inverted())


@pytest.mark.parametrize(
    ("language", "wrong"),
    [
        (PrinterLanguage.TSPL, b"\x1b!@"),
        (PrinterLanguage.TSPL, b"^XA^PW9^LL2^LH0,0" + b" " * 80),
        (PrinterLanguage.ZPL, b"SIZE 60 mm"),
        (PrinterLanguage.ZPL, b"~JA"),
        (PrinterLanguage.ZPL, b"^XA^PW9^LL2^LH0,0^FO0,0^GFA,4,4,1,80000000^FS^PQ1^XZ"),
        (PrinterLanguage.ZPL, b"^XA^PW9^LL2^LH0,0^FO0,0^GFA,5,5,2,80000000^FS^PQ1^XZ"),
        (PrinterLanguage.ZPL, b"^XA^PW9^XZ"),
        (PrinterLanguage.ESCPOS, b"^XA"),
        (PrinterLanguage.ESCPOS, b"\x1dv0\x01\x02\x00\x02\x00"),
    ],
)
def test_the_simulated_printer_does_not_guess(language: PrinterLanguage, wrong: bytes) -> None:
    with pytest.raises(NotUnderstoodError):
        read_bytes(Reading(), language, wrong)


@pytest.mark.parametrize("language", LANGUAGES)
@given(data=st.binary(max_size=300))
def test_no_bytes_end_a_reading_otherwise(language: PrinterLanguage, data: bytes) -> None:
    """Anything is understood, waited for or refused."""
    reading = Reading()
    try:
        read_bytes(reading, language, data)
    except NotUnderstoodError:
        return
    assert reading.labels == [] or data


def test_a_bitmap_is_of_its_size() -> None:
    with pytest.raises(ValueError, match="size"):
        Bitmap(8, 2, b"\x00")
    with pytest.raises(ValueError, match="filling"):
        Bitmap(7, 1, b"\x01")
    with pytest.raises(ValueError, match="size"):
        Bitmap(0, 1, b"")
