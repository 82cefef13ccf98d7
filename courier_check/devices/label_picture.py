"""验视标识: a label drawn once, to black and white dots, whatever language its printer speaks. It is given no personal data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from courier_check.devices.bitmap import Bitmap, LabelSize
from courier_check.devices.codes import PrinterCode
from courier_check.devices.qr import QUIET_ZONE, qr_modules
from courier_check.errors import UserError

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

_MARGIN_MM = 2.0
_MARK_SHARE = 0.2
"""Of the label's height."""
_LARGEST_MM = 3.4
_SMALLEST_MM = 1.3
"""Heights of type: Chinese below that is no longer read at 203 dots an inch."""
_MODULE_MM = 0.24
"""The smallest module of a code that guns read off thermal paper: two dots at 203 dpi."""
_CODE_SHARE = 0.5
"""Of the label's width, at most."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One of the marks at the top: white on black where it was `made`, else in a thin box."""

    text: str
    made: bool


@dataclass(frozen=True, slots=True)
class Label:
    """What stands on a label: marks, lines of text beside the code, and the text of the code."""

    marks: tuple[Mark, ...]
    lines: tuple[str, ...]
    code: str


def draw_label(label: Label, size: LabelSize, font: Path) -> Bitmap:
    """The label as dots. `font` has Chinese characters. UserError where the paper is too small for the code; DeviceError without a
    maker of codes."""
    from PIL import Image, ImageDraw

    image = Image.new("1", (size.width, size.height), 1)
    draw = ImageDraw.Draw(image)
    draw.fontmode = "1"  # no grey edges: a printer would lose or thicken them
    pen = _Pen(draw, size, font)
    margin = size.dots(_MARGIN_MM)
    top = margin + pen.marks(label.marks, margin)
    left = pen.code(image, label.code, top)
    pen.lines(label.lines, (margin, top + margin // 2, left - margin // 2, size.height - margin))
    return bitmap_of(image)


def bitmap_of(image: Image) -> Bitmap:
    """The dots of a picture of mode `1`."""
    width, height = image.size
    row_bytes, filling = (width + 7) // 8, -width % 8
    kept = 0xFF << filling & 0xFF
    data = bytearray(byte ^ 0xFF for byte in image.tobytes())  # Pillow: 1 is white, rows filled up to bytes
    for last in range(row_bytes - 1, len(data), row_bytes):
        data[last] &= kept
    return Bitmap(width, height, bytes(data))


@dataclass(frozen=True, slots=True)
class _Pen:
    draw: ImageDraw
    size: LabelSize
    font: Path

    def marks(self, marks: Sequence[Mark], margin: int) -> int:
        """Boxes side by side over the width of the label; returns how high they are."""
        height, gap = round(self.size.height * _MARK_SHARE), max(2, margin // 2)
        width = (self.size.width - 2 * margin - gap * (len(marks) - 1)) // len(marks)
        fonts = [self.fitting(mark.text, width - gap, height * 3 // 4) for mark in marks]
        font = min(fonts, key=lambda each: each.size)
        for number, mark in enumerate(marks):
            left = margin + number * (width + gap)
            box = (left, margin, left + width - 1, margin + height - 1)
            self.draw.rectangle(box, fill=0 if mark.made else 1, outline=0, width=1)
            middle = ((box[0] + box[2]) // 2, (box[1] + box[3]) // 2)
            self.draw.text(middle, mark.text, font=font, fill=1 if mark.made else 0, anchor="mm")
        return height

    def code(self, image: Image, text: str, top: int) -> int:
        """A QR code of medium correction at the right lower corner, its quiet zone on the label; returns where that begins."""
        modules = qr_modules(text, correction="M")
        across = len(modules) + 2 * QUIET_ZONE
        scale = min(self.size.height - top, round(self.size.width * _CODE_SHARE)) // across
        if scale * 254 < _MODULE_MM * 10 * self.size.dpi:
            raise UserError(PrinterCode.LABEL_TOO_SMALL, width=self.size.width_mm, height=self.size.height_mm, dpi=self.size.dpi)
        left, upper = self.size.width - across * scale, self.size.height - across * scale
        for row, dark_ones in enumerate(modules):
            for column, dark in enumerate(dark_ones):
                if dark:
                    x, y = left + (column + QUIET_ZONE) * scale, upper + (row + QUIET_ZONE) * scale
                    image.paste(0, (x, y, x + scale, y + scale))
        return left

    def lines(self, lines: Sequence[str], box: tuple[int, int, int, int]) -> None:
        """Lines of text from the top of a box, evenly; one that is too long is set smaller, and then cut short."""
        left, top, right, bottom = box
        step = (bottom - top) // max(1, len(lines))
        for number, line in enumerate(lines):
            font = self.fitting(line, right - left, min(step * 4 // 5, self.size.dots(_LARGEST_MM)))
            middle = (left, top + number * step + step // 2)
            self.draw.text(middle, _cut(line, font, right - left), font=font, fill=0, anchor="lm")

    def fitting(self, text: str, width: int, height: int) -> FreeTypeFont:
        """The largest type of at most this height in which the text is no wider."""
        from PIL import ImageFont

        font = ImageFont.truetype(str(self.font), max(height, self._least))
        length = font.getlength(text)
        if length <= width:
            return font
        return ImageFont.truetype(str(self.font), max(self._least, int(font.size * width / length)))

    @property
    def _least(self) -> int:
        return self.size.dots(_SMALLEST_MM)


def _cut(text: str, font: FreeTypeFont, width: int) -> str:
    if font.getlength(text) <= width:
        return text
    return next((f"{text[:end]}…" for end in range(len(text) - 1, 0, -1) if font.getlength(f"{text[:end]}…") <= width), "…")


def has_glyphs(text: str, font: Path) -> bool:
    """Whether a font can draw every character of a text: what it lacks would come out as an empty box."""
    from PIL import ImageFont

    face = ImageFont.truetype(str(font), 24)
    lacking = bytes(face.getmask("\uffff", mode="1"))
    return all(each.isspace() or bytes(face.getmask(each, mode="1")) != lacking for each in text)
