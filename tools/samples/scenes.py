"""Opened parcels seen from above, simply drawn: a carton with goods in it."""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image, ImageDraw

from tools.samples.labels import goods_code
from tools.samples.photo import font

SIZE = (1000, 760)
Colour = tuple[int, int, int]


def draw(key: str, words: str, goods_digits: str) -> Image.Image:
    image = Image.new("RGB", SIZE, (181, 141, 98))
    pen = ImageDraw.Draw(image)
    pen.rectangle((40, 40, 960, 720), fill=(203, 166, 122), outline=(140, 104, 66), width=8)
    _GOODS[key](pen)
    if goods_digits:
        image.paste(goods_code(goods_digits), (560, 520))
    pen.text((70, 640), f"样本 {words}", font=font(40), fill=(170, 40, 40))
    return image


def _books(pen: ImageDraw.ImageDraw) -> None:
    for left, cover in ((120, (52, 92, 140)), (540, (150, 58, 52))):
        pen.rectangle((left, 110, left + 360, 480), fill=cover, outline=(30, 30, 30), width=3)
        pen.rectangle((left + 335, 116, left + 358, 474), fill=(240, 236, 224))
        pen.text((left + 60, 200), "练习读本", font=font(56), fill=(245, 240, 225))


def _clothes(pen: ImageDraw.ImageDraw) -> None:
    blue: Colour = (84, 118, 150)
    pen.polygon(
        [
            (300, 140),
            (420, 100),
            (580, 100),
            (700, 140),
            (860, 320),
            (760, 390),
            (690, 300),
            (690, 590),
            (310, 590),
            (310, 300),
            (240, 390),
            (140, 320),
        ],
        fill=blue,
    )
    pen.arc((420, 50, 580, 180), 0, 180, fill=(40, 60, 80), width=14)
    for y in range(330, 590, 32):
        pen.line((312, y, 688, y), fill=(104, 140, 172), width=6)


def _tea(pen: ImageDraw.ImageDraw) -> None:
    pen.rectangle((160, 120, 500, 580), fill=(38, 94, 62), outline=(20, 50, 30), width=4)
    pen.rectangle((200, 210, 460, 480), fill=(226, 214, 178))
    pen.text((250, 230), "茶", font=font(150), fill=(38, 94, 62))
    pen.text((240, 410), "样本 250g", font=font(36), fill=(38, 94, 62))


def _lighter(pen: ImageDraw.ImageDraw) -> None:
    for place, body in enumerate(((200, 40, 40), (40, 120, 60), (50, 80, 170), (220, 170, 30))):
        left = 150 + place * 185
        pen.rounded_rectangle((left, 240, left + 110, 560), radius=22, fill=body, outline=(20, 20, 20), width=3)
        pen.rectangle((left + 8, 170, left + 102, 240), fill=(190, 190, 195), outline=(60, 60, 60), width=3)
        pen.ellipse((left + 60, 130, left + 112, 182), fill=(90, 90, 95), outline=(30, 30, 30), width=3)
        pen.polygon([(left + 30, 168), (left + 18, 128), (left + 34, 88), (left + 46, 130)], fill=(250, 150, 40))
    pen.text((640, 600), "打火机", font=font(52), fill=(60, 20, 20))


_GOODS: dict[str, Callable[[ImageDraw.ImageDraw], None]] = {"books": _books, "clothes": _clothes, "tea": _tea, "lighter": _lighter}
