"""Labels as they are drawn: their code reads back off the dots, marks differ by what they say, and everything stays on the paper."""

from __future__ import annotations

import os
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from courier_check.devices.barcodes import decode_codes
from courier_check.devices.bitmap import Bitmap, LabelSize
from courier_check.devices.codes import PrinterCode
from courier_check.devices.label_picture import Label, Mark, bitmap_of, draw_label, has_glyphs
from courier_check.errors import UserError
from courier_check.journal.label_text import LabelledEntry, label_text, parse_label_text
from courier_check.store.resources import resource_path

FONT = resource_path("fonts/NotoSansCJKsc-Regular-subset.otf")
ENTRY = LabelledEntry("a1" * 16, 123_456, "0f" * 32)
LABEL = Label(
    (Mark("已验视", made=True), Mark("已实名", made=True), Mark("待安检", made=False)),
    ("样例路营业部", "工号 0142", "2026-11-26 10:15", "运单尾号 000014"),
    label_text(ENTRY),
)
SIZES = [LabelSize(60, 40), LabelSize(40, 30), LabelSize(100, 50, 300), LabelSize(50, 70, 203), LabelSize(76, 130, 600)]


def dots(bitmap: Bitmap) -> np.ndarray:
    """True where black."""
    rows = np.unpackbits(np.frombuffer(bitmap.data, np.uint8).reshape(bitmap.height, bitmap.row_bytes), axis=1)
    return rows[:, : bitmap.width].astype(bool)


def codes_on(bitmap: Bitmap) -> list[str]:
    """As a photo with two pixels a dot would show them; of the finest paper one is as good."""
    grey = np.where(dots(bitmap), 0, 255).astype(np.uint8)
    side = 2 if bitmap.width < 1_200 else 1
    return [code.text for code in decode_codes(np.repeat(np.kron(grey, np.ones((side, side), np.uint8))[:, :, None], 3, axis=2))]


@pytest.mark.parametrize("size", SIZES)
def test_the_code_is_read_off_the_label(size: LabelSize) -> None:
    drawn = draw_label(LABEL, size, FONT)
    assert (drawn.width, drawn.height) == (size.width, size.height)
    assert codes_on(drawn) == [LABEL.code]
    assert parse_label_text(codes_on(drawn)[0]) == ENTRY


LABELS = int(os.environ.get("COURIER_CHECK_LABELS", "150"))
"""`make long` reads a thousand."""


@pytest.mark.slow
def test_every_code_is_read_off_its_label() -> None:
    drawing = Random(14)  # noqa: S311 - made-up entries
    entries = [LabelledEntry(drawing.randbytes(16).hex(), drawing.randint(1, 10**6), drawing.randbytes(32).hex()) for _ in range(LABELS)]
    labels = (draw_label(Label(LABEL.marks, LABEL.lines, label_text(entry)), LabelSize(), FONT) for entry in entries)
    assert [[parse_label_text(text) for text in codes_on(label)] for label in labels] == [[entry] for entry in entries]


@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_cut_off_at_the_edge(size: LabelSize) -> None:
    black, edge = dots(draw_label(LABEL, size, FONT)), size.dots(1)
    assert not black[:edge].any()
    assert not black[-edge:].any()
    assert not black[:, :edge].any()
    assert not black[:, -edge:].any()


def test_a_mark_that_was_made_is_white_on_black_and_one_that_was_not_is_a_thin_box() -> None:
    size = LabelSize()
    black = dots(draw_label(LABEL, size, FONT))
    top, height = size.dots(2), round(size.height * 0.2)
    row = black[top : top + height]
    third = size.width // 3
    made, not_made = row[:, size.dots(3) : third - size.dots(2)].mean(), row[:, 2 * third + size.dots(3) : -size.dots(3)].mean()
    assert made > 0.6
    assert not_made < 0.4
    assert draw_label(LABEL, size, FONT) != draw_label(
        Label((*LABEL.marks[:2], Mark("待安检", made=True)), LABEL.lines, LABEL.code), size, FONT
    )


@given(st.lists(st.text(max_size=60), max_size=9), st.sampled_from(SIZES))
def test_any_text_fits_and_never_reaches_the_code(lines: list[str], size: LabelSize) -> None:
    drawn = draw_label(Label(LABEL.marks, tuple("".join(line.split()) for line in lines), LABEL.code), size, FONT)
    assert codes_on(drawn) == [LABEL.code]


def test_paper_too_small_for_the_code_is_said() -> None:
    with pytest.raises(UserError) as caught:
        draw_label(LABEL, LabelSize(20, 20), FONT)
    assert caught.value.code == PrinterCode.LABEL_TOO_SMALL


def test_a_name_with_a_character_the_font_lacks_is_noticed() -> None:
    assert has_glyphs("样例路营业部 A-1", FONT)
    assert not has_glyphs("样例𪚥路", FONT)


@given(st.integers(1, 40), st.integers(1, 5))
def test_black_is_black_whatever_the_width(width: int, height: int) -> None:
    drawn = bitmap_of(Image.new("1", (width, height), 0))
    assert dots(drawn).all()
    assert not dots(bitmap_of(Image.new("1", (width, height), 1))).any()


@given(st.text())
def test_no_other_text_is_a_labels_code(text: str) -> None:
    assert parse_label_text(text) is None
    assert parse_label_text(f"{LABEL.code}{text}") in (None, ENTRY)


def test_a_gun_that_sends_small_letters_is_understood() -> None:
    assert parse_label_text(f" {LABEL.code.lower()}\r") == ENTRY
    for wrong in (
        LABEL.code.replace("CCL1", "CCL2"),
        LABEL.code[:-1],
        LABEL.code.replace(":123456:", ":0:"),
        LABEL.code.replace("A1", "G1"),
    ):
        assert parse_label_text(wrong) is None
