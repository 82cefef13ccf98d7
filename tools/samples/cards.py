"""Resident ID cards as drawings: the fields stand where they stand on a card, but without emblem, portrait or guilloche — nobody could take
one for a document — and 样本 is on every one."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw

from tools.samples.photo import font
from tools.samples.truth import Person

PX_PER_MM = 12
CARD_MM = (85.6, 54.0)
LABEL_INK = (70, 110, 160)
INK = (25, 25, 25)
MARK_INK = (215, 120, 120)


class Sheet:
    """A drawing measured in millimetres."""

    def __init__(self, ground: tuple[int, int, int], size_mm: tuple[float, float] = CARD_MM) -> None:
        size = (round(size_mm[0] * PX_PER_MM), round(size_mm[1] * PX_PER_MM))
        self.image = Image.new("RGBA", size, (0, 0, 0, 0))
        self.draw = ImageDraw.Draw(self.image)
        self.draw.rounded_rectangle((0, 0, size[0] - 1, size[1] - 1), radius=36, fill=ground)

    def text(self, x: float, y: float, words: str, *, size: float = 3.4, ink: tuple[int, int, int] = INK) -> None:
        self.draw.text((x * PX_PER_MM, y * PX_PER_MM), words, font=font(size * PX_PER_MM), fill=ink)

    def spaced(self, x: float, y: float, words: str, *, size: float, pitch: float) -> None:
        for place, character in enumerate(words):
            self.text(x + place * pitch, y, character, size=size)


def front(person: Person) -> Image.Image:
    sheet = Sheet((226, 234, 240))
    for x, y, words in (
        (6, 7.6, "姓名"),
        (6, 14.8, "性别"),
        (28, 14.8, "民族"),
        (6, 22, "出生"),
        (6, 29.2, "住址"),
        (6, 46.2, "公民身份号码"),
    ):
        if words != "民族" or person.nation:
            sheet.text(x, y, words, size=2.9, ink=LABEL_INK)
    sheet.text(15, 6.9, person.name, size=4)
    sheet.text(15, 14.3, person.sex)
    sheet.text(36.5, 14.3, person.nation)
    _birth(sheet, person.born_on)
    for row, words in enumerate(_wrapped(person.address, 11)):
        sheet.text(15, 28.7 + row * 4.9, words)
    sheet.spaced(29.5, 45.4, person.number, size=4.2, pitch=2.8)
    _silhouette(sheet)
    sheet.text(22, 1.2, "样本 SAMPLE 虚构人物", size=2.6, ink=MARK_INK)
    return sheet.image


def back(person: Person, *, title: str = "居民身份证", more: Sequence[tuple[str, str]] = ()) -> Image.Image:
    """`more`: labels and values below the two that every back has."""
    sheet = Sheet((232, 232, 238))
    sheet.text(30, 8, "样本国徽位置", size=3, ink=MARK_INK)
    sheet.text(28, 15, title, size=7 if len(title) < 6 else 5, ink=(60, 60, 60))
    sheet.text(30, 26, "样本 SAMPLE 虚构", size=3, ink=MARK_INK)
    step = 7 if not more else 5
    for row, (label, value) in enumerate((("签发机关", person.issuer), ("有效期限", _validity(person)), *more)):
        y = 45.2 - 7 + row * step
        sheet.text(14, y, label, size=3, ink=LABEL_INK)
        sheet.text(30 if len(label) < 5 else 33, y - 0.5, value)
    return sheet.image


def _birth(sheet: Sheet, born_on: str) -> None:
    year, month, day = born_on.split("-")
    for x, words, ink in (
        (15, year, INK),
        (24.2, "年", LABEL_INK),
        (29.5, str(int(month)), INK),
        (34.2, "月", LABEL_INK),
        (38.6, str(int(day)), INK),
        (43.4, "日", LABEL_INK),
    ):
        sheet.text(x, 21.5, words, size=3.4 if ink is INK else 2.9, ink=ink)


def _wrapped(words: str, width: int) -> list[str]:
    """The card breaks the address after some eleven Han characters; two digits or letters count as one."""
    rows: list[str] = []
    row, used = "", 0.0
    for character in words:
        wide = 0.55 if character.isascii() else 1.0
        if used + wide > width:
            rows, row, used = [*rows, row], "", 0.0
        row, used = row + character, used + wide
    return [*rows, row]


def _silhouette(sheet: Sheet) -> None:
    left, top, right, bottom = (side * PX_PER_MM for side in (57, 7, 80, 37))
    middle = (left + right) / 2
    sheet.draw.rectangle((left, top, right, bottom), fill=(208, 214, 220))
    sheet.draw.ellipse((middle - 60, top + 50, middle + 60, top + 180), fill=(168, 176, 184))
    sheet.draw.pieslice((middle - 120, top + 200, middle + 120, bottom + 130), 180, 360, fill=(168, 176, 184))
    sheet.text(63.5, 30, "样本", size=5, ink=MARK_INK)


def _validity(person: Person) -> str:
    return f"{person.valid_from.replace('-', '.')}-{person.valid_until.replace('-', '.')}"
