"""A few paragraphs as A4 pages in a PDF, drawn without a window. Pages are pictures: they print and read well, and can't be searched."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

DOTS_PER_INCH = 150
_WIDTH, _HEIGHT = 1240, 1754  # A4
_LEFT, _TOP = 130, 140
_TITLE, _BODY = 44, 25
_LEADING, _GAP = 40, 22
_INK = 20


def pdf_of(title: str, paragraphs: Sequence[str], font: Path, made_at: datetime) -> bytes:
    """The title over the paragraphs, whose own line ends are kept; as many pages as it takes. `font` has Chinese characters."""
    from PIL import Image, ImageDraw, ImageFont

    heading, body = ImageFont.truetype(str(font), _TITLE), ImageFont.truetype(str(font), _BODY)
    pages: list[Image.Image] = []
    for lines in _pages(paragraphs, body):
        page = Image.new("L", (_WIDTH, _HEIGHT), 255)
        draw = ImageDraw.Draw(page)
        if not pages:
            draw.text(((_WIDTH - heading.getlength(title)) / 2, _TOP - 60), title, font=heading, fill=_INK)
        for y, line in lines:
            draw.text((_LEFT, y), line, font=body, fill=_INK)
        pages.append(page)
    out = io.BytesIO()
    pages[0].save(
        out, "PDF", resolution=DOTS_PER_INCH, save_all=True, append_images=pages[1:], title=title, creationDate=made_at.timetuple()
    )
    return out.getvalue()


def _pages(paragraphs: Sequence[str], font: FreeTypeFont) -> Iterator[list[tuple[int, str]]]:
    """The lines of each page with their places; at least one page."""
    page: list[tuple[int, str]] = []
    y = _TOP + 40
    for paragraph in paragraphs:
        for line in (line for part in paragraph.splitlines() or [""] for line in _broken(part, font)):
            if y > _HEIGHT - _TOP:
                yield page
                page, y = [], _TOP
            page.append((y, line))
            y += _LEADING
        y += _GAP
    yield page


def _broken(text: str, font: FreeTypeFont) -> Iterator[str]:
    """Lines no wider than the page: between words of Latin letters, and between any two Chinese characters."""
    line = ""
    for word in _words(text):
        if line and font.getlength(line + word) > _WIDTH - 2 * _LEFT:
            yield line.rstrip()
            line = ""
        line += word if line else word.lstrip()
    yield line.rstrip()


def _words(text: str) -> Iterator[str]:
    word = ""
    for sign in text:
        if sign.isascii() and sign != " ":
            word += sign
            continue
        if word:
            yield word
        word = ""
        yield sign
    if word:
        yield word
