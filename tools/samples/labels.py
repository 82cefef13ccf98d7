"""Waybill labels (100 × 150 mm) as drawings: the number twice as Code 128, once as a QR code, 收 and 寄 blocks, contents, 样本."""

from __future__ import annotations

import numpy as np
import zxingcpp
from PIL import Image, ImageDraw

from tools.samples.photo import font
from tools.samples.truth import Label, Party

PX_PER_MM = 10
SIZE = (100 * PX_PER_MM, 150 * PX_PER_MM)
INK = (15, 15, 15)


def draw(label: Label) -> Image.Image:
    image = Image.new("RGB", SIZE, (250, 250, 247))
    pen = ImageDraw.Draw(image)
    _text(pen, 4, 3, label.heading, 7)
    _text(pen, 72, 4, "样本 SAMPLE", 3.6, (190, 60, 60))
    image.paste(_code(label.number, zxingcpp.BarcodeFormat.Code128, 3, 190), (60, 140))
    _text(pen, 18, 34, " ".join(label.number[at : at + 4] for at in range(0, len(label.number), 4)), 4.6)
    for y in (41, 63, 85, 112):
        pen.line((20, y * PX_PER_MM, 980, y * PX_PER_MM), fill=INK, width=3)
    _party(pen, 43, "收件人" if label.words else "收", label.addressee)
    _party(pen, 65, "寄件人" if label.words else "寄", label.sender)
    _text(pen, 4, 88, f"品名：{label.contents}", 4.4)
    _text(pen, 4, 95, "付款方式：寄付", 4.4)
    _text(pen, 4, 102, "样本面单，人物与单号均为虚构", 3.6, (190, 60, 60))
    if label.qr:
        image.paste(_code(label.qr, zxingcpp.BarcodeFormat.QRCode, 7, 0), (700, 860))
    image.paste(_code(label.number, zxingcpp.BarcodeFormat.Code128, 3, 130), (60, 1160))
    _text(pen, 18, 130.5, label.number, 4.2)
    return image


def _party(pen: ImageDraw.ImageDraw, y: float, heading: str, party: Party) -> None:
    if len(heading) == 1:
        pen.ellipse((30, (y + 2) * PX_PER_MM, 130, (y + 12) * PX_PER_MM), outline=INK, width=4)
        _text(pen, 4.9, y + 3.3, heading, 6.2)
        left = 17.0
    else:
        _text(pen, 3.5, y + 1.5, f"{heading}：", 4.6)
        left = 23.0
    _text(pen, left, y + 1.2, f"{party.name}  {party.phone}", 5)
    for row, start in enumerate(range(0, len(party.address), 16)):
        _text(pen, left, y + 8.4 + row * 5.8, party.address[start : start + 16], 4.6)


def _text(pen: ImageDraw.ImageDraw, x: float, y: float, words: str, size: float, ink: tuple[int, int, int] = INK) -> None:
    pen.text((x * PX_PER_MM, y * PX_PER_MM), words, font=font(size * PX_PER_MM), fill=ink)


def _code(text: str, symbology: zxingcpp.BarcodeFormat, module_px: int, height: int) -> Image.Image:
    """A printed symbol with `module_px` pixels for its thinnest bar; `height` only stretches linear ones."""
    symbol = np.asarray(
        zxingcpp.write_barcode_to_image(zxingcpp.create_barcode(text, symbology), scale=1, add_quiet_zones=True, add_hrt=False)
    )
    if height:
        symbol = symbol[symbol.shape[0] // 2 : symbol.shape[0] // 2 + 1]
    image = Image.fromarray(symbol)
    size = (image.width * module_px, height or image.height * module_px)
    return image.resize(size, Image.Resampling.NEAREST).convert("RGB")


def goods_code(text: str) -> Image.Image:
    return _code(text, zxingcpp.BarcodeFormat.EAN13, 3, 120)
