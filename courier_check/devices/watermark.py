"""证件复印件水印: a copy of a document that says on all of its face what it may be used for, and no more detail than that needs."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from courier_check.devices.pictures import decode_picture

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

PURPOSE = "仅供寄递协议备案"
LONGEST_PX = 1600
"""Enough to read a card by eye; a copy is no scan."""
_TILT = 24
_OPACITY = 110
_QUALITY = 82


def watermarked(data: bytes, *, name: str, font: Path, note: str = "") -> bytes:
    """The picture as a JPEG without its metadata, `仅供寄递协议备案` and the note (a day, an outlet) all over it in slanting lines.

    UserError for what is no picture, as for every picture; `name` is what people are told it is called; `font` has Chinese characters.
    """
    from PIL import Image  # loading it costs 60 ms, and copies are rare

    pixels = decode_picture(data, name=name, longest_px=LONGEST_PX)
    picture = Image.fromarray(pixels[:, :, ::-1].copy(), "RGB")
    marked = Image.alpha_composite(picture.convert("RGBA"), _pattern(picture.size, f"{PURPOSE}　{note}".strip(), font))
    out = io.BytesIO()
    marked.convert("RGB").save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def _pattern(size: tuple[int, int], text: str, font_file: Path) -> Image:
    """Lines of the text close enough that no field of a card lies between them, each line beginning elsewhere."""
    from PIL import Image, ImageDraw, ImageFont

    height = max(14, min(size) // 14)
    font: FreeTypeFont = ImageFont.truetype(str(font_file), height)
    side = int((size[0] ** 2 + size[1] ** 2) ** 0.5) + 2 * height
    layer = Image.new("RGBA", (side, side))
    draw = ImageDraw.Draw(layer)
    line = text + "　　"
    length = max(1, round(font.getlength(line)))
    repeats = side // length + 2
    for number, y in enumerate(range(0, side, height * 2)):
        begin = -(number * length // 3) % length - length
        for ink, shift in (((255, 255, 255, _OPACITY), 1), ((178, 24, 24, _OPACITY), 0)):  # readable on dark and on light
            draw.text((begin + shift, y + shift), line * repeats, font=font, fill=ink)
    turned = layer.rotate(_TILT, resample=Image.Resampling.BILINEAR)
    left, top = (side - size[0]) // 2, (side - size[1]) // 2
    return turned.crop((left, top, left + size[0], top + size[1]))
