"""Parcels in any number, opened and sealed, as a camera above the counter sees them: well taken, or out of focus, moved, dark, washed out.
The same seed gives the same picture. Everything in them is made up and marked so."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from courier_check.devices.opencv import cv2
from tools.samples.labels import goods_code
from tools.samples.levels import LEVELS, taken
from tools.samples.photo import font

SIZE = (1400, 1000)
Pixels = NDArray[np.uint8]
Colour = tuple[int, int, int]
_WORDS = (
    "练习读本",
    "茶叶 净含量250克",
    "生产日期 2026.03.01",
    "保质期 12个月",
    "MODEL A-2000",
    "毛衣 100%羊毛",
    "洗护 500ml",
    "配件 3件",
    "易碎品",
)


class Spoilt(StrEnum):
    """What may go wrong when a photo is taken."""

    OUT_OF_FOCUS = "out-of-focus"
    MOVED = "moved"
    DARK = "dark"
    WASHED_OUT = "washed-out"


@dataclass(frozen=True)
class Shot:
    """How one is photographed. `gain`: 1 well lit; `blur_px` and `moved_px` at 1080p."""

    blur_px: float
    noise: float
    gain: float
    moved_px: int = 0


def drawn(chance: random.Random, *, sealed: bool) -> Image.Image:
    """A parcel from above: a carton with goods in it, or taped and labelled."""
    return _sealed(chance) if sealed else _opened(chance)


def shot(chance: random.Random, spoilt: Spoilt | None = None) -> Shot:
    """A photo as clerks take them, or one that is spoilt in one way."""
    usual = Shot(chance.uniform(0.4, 1.6), chance.uniform(1, 6), chance.uniform(0.55, 1.12))
    match spoilt:
        case Spoilt.OUT_OF_FOCUS:
            return replace(usual, blur_px=chance.uniform(4.5, 11))
        case Spoilt.MOVED:
            return replace(usual, moved_px=chance.randrange(22, 70))
        case Spoilt.DARK:
            return replace(usual, gain=chance.uniform(0.06, 0.2))
        case Spoilt.WASHED_OUT:
            return replace(usual, gain=chance.uniform(2.2, 4.0))
        case None:
            return usual


def photographed(drawing: Image.Image, how: Shot, seed: str) -> Pixels:
    """Blue, green, red; 1920 × 1080."""
    chance = random.Random(f"place {seed}")  # noqa: S311 - drawings, no secrets
    level = replace(LEVELS[1], card_px=chance.randrange(900, 1500), blur_px=how.blur_px, noise=how.noise, gain=how.gain, tilt=10.0)
    if not how.moved_px:
        return taken(drawing, level, seed)
    still = taken(drawing, replace(level, noise=0.0), seed)  # the sensor's noise does not move
    smeared = cv2.filter2D(still, -1, _smear(how.moved_px, chance.uniform(0, math.pi))).astype(np.float32)
    smeared += np.random.default_rng(chance.randrange(2**32)).normal(0, how.noise, smeared.shape[:2]).astype(np.float32)[:, :, None]
    return np.asarray(np.clip(smeared, 0, 255), np.uint8)


def with_card(parcel: Image.Image, card: Image.Image, chance: random.Random) -> Image.Image:
    """The same parcel with somebody's card lying on it, as it may be forgotten there: any way round."""
    width = round(parcel.width * chance.uniform(0.34, 0.62))
    small = card.convert("RGBA").resize((width, round(width * card.height / card.width)), Image.Resampling.LANCZOS)
    turned = small.rotate(chance.choice((0, 0, 90, 180, 270)) + chance.uniform(-14, 14), expand=True, resample=Image.Resampling.BICUBIC)
    whole = parcel.copy()
    left = chance.randrange(max(1, parcel.width - turned.width))
    whole.paste(turned, (left, chance.randrange(max(1, parcel.height - turned.height))), turned)
    return whole


def _smear(length: int, angle: float) -> NDArray[np.float32]:
    kernel = np.zeros((length, length), np.float32)
    middle, reach = (length - 1) / 2, (length - 1) / 2
    ends = [(round(middle + sign * reach * math.cos(angle)), round(middle + sign * reach * math.sin(angle))) for sign in (-1, 1)]
    cv2.line(kernel, ends[0], ends[1], 1.0)
    return kernel / max(float(kernel.sum()), 1.0)


def _opened(chance: random.Random) -> Image.Image:
    image, pen = _carton(chance)
    pen.rectangle((60, 60, SIZE[0] - 60, SIZE[1] - 60), fill=_shade((214, 178, 134), chance, 18), outline=(140, 104, 66), width=8)
    for _ in range(chance.randrange(2, 6)):
        chance.choice(_GOODS)(pen, image, chance)
    return image


def _sealed(chance: random.Random) -> Image.Image:
    image, pen = _carton(chance)
    middle = SIZE[1] // 2 + chance.randrange(-80, 80)
    pen.rectangle((0, middle - 45, SIZE[0], middle + 45), fill=_shade((206, 176, 128), chance, 12))
    left, top = chance.randrange(120, 700), chance.randrange(80, 380)
    pen.rectangle((left, top, left + 560, top + 500), fill=(247, 247, 244), outline=(180, 180, 176), width=2)
    for row in range(7):
        pen.text(
            (left + 30, top + 30 + row * 56),
            chance.choice(("收 诸葛样例 139****5678", "寄 样本 138****1234", "样本面单", "品名 书")),
            font=font(34),
            fill=(20, 20, 20),
        )
    for x in range(left + 40, left + 520, 6):
        pen.rectangle((x, top + 430, x + chance.choice((1, 2, 3)), top + 485), fill=(15, 15, 15))
    return image


def _carton(chance: random.Random) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("RGB", SIZE, _shade((190, 150, 106), chance, 22))
    return image, ImageDraw.Draw(image)


def _shade(colour: Colour, chance: random.Random, by: int) -> Colour:
    shift = chance.randrange(-by, by + 1)
    red, green, blue = (max(0, min(255, channel + shift)) for channel in colour)
    return red, green, blue


def _any(chance: random.Random) -> Colour:
    return chance.randrange(20, 235), chance.randrange(20, 235), chance.randrange(20, 235)


def _place(chance: random.Random) -> tuple[int, int, int, int]:
    left, top = chance.randrange(90, 900), chance.randrange(90, 600)
    return left, top, left + chance.randrange(200, 460), top + chance.randrange(150, 340)


def _box(pen: ImageDraw.ImageDraw, image: Image.Image, chance: random.Random) -> None:
    left, top, right, bottom = _place(chance)
    pen.rectangle((left, top, right, bottom), fill=_any(chance), outline=(30, 30, 30), width=3)
    pen.text(
        (left + 20, top + 30),
        chance.choice(_WORDS),
        font=font(chance.randrange(28, 60)),
        fill=chance.choice(((20, 20, 20), (245, 240, 225))),
    )
    if chance.random() < 0.3:
        image.paste(goods_code("".join(str(chance.randrange(10)) for _ in range(12))), (left + 10, bottom - 120))


def _cloth(pen: ImageDraw.ImageDraw, image: Image.Image, chance: random.Random) -> None:  # noqa: ARG001 - as the others are drawn
    left, top, right, bottom = _place(chance)
    cloth = _any(chance)
    pen.polygon(
        [(left, top + 30), (left + 60, top), (right - 30, top + 10), (right, bottom - 40), (right - 70, bottom), (left + 20, bottom)],
        fill=cloth,
    )
    for y in range(top + 24, bottom - 20, chance.randrange(18, 44)):
        pen.line((left + 24, y, right - 34, y + chance.randrange(-6, 7)), fill=_shade(cloth, chance, 34), width=4)


def _tin(pen: ImageDraw.ImageDraw, image: Image.Image, chance: random.Random) -> None:  # noqa: ARG001 - as the others are drawn
    left, top, right, _ = _place(chance)
    pen.ellipse((left, top, right, top + right - left), fill=_any(chance), outline=(50, 50, 50), width=4)
    pen.ellipse((left + 40, top + 40, right - 40, top + right - left - 40), outline=(210, 210, 210), width=3)


_GOODS: tuple[Callable[[ImageDraw.ImageDraw, Image.Image, random.Random], None], ...] = (_box, _box, _cloth, _tin)
