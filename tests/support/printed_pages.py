"""What Qt printed into a PDF, read back: the page and the one picture on it, as dots where they lie."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from courier_check.devices.barcodes import decode_codes
from courier_check.devices.bitmap import Bitmap

_MM_PER_POINT = 25.4 / 72


@dataclass(frozen=True)
class PrintedPage:
    """A page and its picture, in millimetres from the left upper corner. `bits`: a dot of the picture; `black`: its dots."""

    width_mm: float
    height_mm: float
    left_mm: float
    top_mm: float
    dot_mm: float
    bits: int
    black: Bitmap


def printed_page(path: Path) -> PrintedPage:
    """The only page of a PDF with one picture that is neither turned nor sheared."""
    data = path.read_bytes()
    ((width, height),) = re.findall(rb"/MediaBox \[0 0 ([0-9.]+) ([0-9.]+)\]", data)
    pictures, drawings = [], []
    for found in re.finditer(rb"<<([^<>]*)>>\s*stream\r?\n(.*?)endstream", data, re.DOTALL):
        words, content = found[1], found[2]
        if b"/FlateDecode" in words and b"/FontFile" not in words:
            (pictures if b"/Subtype /Image" in words else drawings).append((words, zlib.decompressobj().decompress(content)))
    ((words, pixels),) = pictures
    across, down, bits = (int(re.search(rb"/%s (\d+)" % name, words)[1]) for name in (b"Width", b"Height", b"BitsPerComponent"))  # type: ignore[index]
    a, b, c, d, e, f = _placed(next(content for _, content in drawings if b" Do" in content))
    assert (b, c) == (0, 0)
    assert abs(a / across - d / down) < 1e-6  # dots are square
    row_bytes, filling = (across + 7) // 8, -across % 8
    every, kept = (1 << row_bytes * 8) - 1, -1 << filling  # 0 is black there, and what fills a row up is nobody's
    rows = [int.from_bytes(pixels[start : start + row_bytes], "big") for start in range(0, len(pixels), row_bytes)] if bits == 1 else []
    black = b"".join(((row ^ every) & kept).to_bytes(row_bytes, "big") for row in rows)
    return PrintedPage(
        width_mm=float(width) * _MM_PER_POINT,
        height_mm=float(height) * _MM_PER_POINT,
        left_mm=e * _MM_PER_POINT,
        top_mm=(float(height) - f - d) * _MM_PER_POINT,
        dot_mm=a / across * _MM_PER_POINT,
        bits=bits,
        black=Bitmap(across, down, black),
    )


def _placed(content: bytes) -> tuple[float, ...]:
    """The matrix that the picture's unit square is drawn with."""
    now: tuple[float, ...] = (1, 0, 0, 1, 0, 0)
    kept: list[tuple[float, ...]] = []
    numbers: list[float] = []
    for word in content.split():
        match word:
            case b"q":
                kept.append(now)
            case b"Q":
                now = kept.pop()
            case b"cm":
                now = _times(tuple(numbers[-6:]), now)
            case b"Do":
                return now
            case _ if re.fullmatch(rb"-?[0-9.]+", word):
                numbers.append(float(word))
    raise AssertionError("no picture is drawn")


def _times(one: tuple[float, ...], other: tuple[float, ...]) -> tuple[float, ...]:
    a, b, c, d, e, f = one
    g, h, i, j, k, m = other
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


def codes_on(bitmap: Bitmap) -> list[str]:
    """The codes that are read off the dots."""
    rows = np.unpackbits(np.frombuffer(bitmap.data, np.uint8).reshape(bitmap.height, bitmap.row_bytes), axis=1)[:, : bitmap.width]
    grey = np.where(rows.astype(bool), 0, 255).astype(np.uint8)
    return [code.text for code in decode_codes(np.repeat(np.kron(grey, np.ones((2, 2), np.uint8))[:, :, None], 3, axis=2))]
