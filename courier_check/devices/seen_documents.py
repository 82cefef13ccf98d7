"""画面里的证件: whether a picture that is about to be kept shows somebody's document. It is not read: what is found is forgotten at once.

Looked for: a number with its check digit, labels and titles of documents, machine-readable lines, a 实名码; over the whole picture, then
closer in what has the shape of a card. A label's name and phone are no document, nor is a long number alone without a check digit.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from courier_check.devices.closer import cut_out
from courier_check.devices.decoders import Effort, Engines
from courier_check.identity.credential import is_credential
from courier_check.identity.mrz_lines import zone_rows
from courier_check.identity.printed import PrintedLine, plain_print
from courier_check.identity.printed_labels import kind_by_number, title_of
from courier_check.identity.resident import ResidentNumber

if TYPE_CHECKING:
    from courier_check.devices.ocr import TextReader
    from courier_check.devices.pictures import Picture
    from courier_check.identity.lines import Point

_LABELS = ("公民身份", "姓名", "性别", "民族", "住址", "出生")
_LABELS_BACK = ("居民身份证", "签发机关", "有效期限", "居住证", "居留证", "身份证", "通行证", "移民管理")
"""The end of a title and the middle of an office's name as well: of small print seldom every character is read right."""
_NUMBER = re.compile(r"(?<![0-9])[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9X]")
"""18 characters with a day of birth in them. Fifteen digits prove nothing: they have no check digit, and waybills have as many."""
_MOST_CARDS = 3
_CLOSER_PX = 900
_LEAST_SHARE, _MOST_SHARE = 0.012, 0.3
"""Of the picture's area: smaller, nothing on a card can be read; larger, the first look has read it."""
_CARD, _NARROWEST, _WIDEST = 1.586, 1.3, 1.8
"""Sides of a card are 1.586 : 1, of a passport's page 1.42 : 1; seen from aside a little less or more."""
_LOOKED_AT_PX = 800
_ENDS, _EVERY = (1, 99), 8
"""Per cent of the picture that are darker than black and no brighter than white, judged by every eighth pixel of every eighth row."""


def shows_document(picture: Picture, ocr: TextReader) -> bool:
    """Whether a document, or a code that stands for one, is found. DeviceError where OCR or the code reader can't be loaded."""
    import numpy as np

    if _shows_credential(picture):
        return True
    clear = _spread(picture)
    if _tells(ocr.read(clear)) or _tells(ocr.read(np.ascontiguousarray(np.rot90(clear)))):  # lines that stand upright are read badly
        return True
    return any(_tells(ocr.read(cut_out(clear, corners, width_px=_CLOSER_PX))) for corners in _cards(picture))


def _spread(picture: Picture) -> Picture:
    """The picture from black to white, whatever light it was taken in: of grey print on grey, text is often not even looked for."""
    import numpy as np

    from courier_check.devices.opencv import cv2

    darkest, brightest = (float(limit) for limit in np.percentile(picture[::_EVERY, ::_EVERY], _ENDS))
    if brightest - darkest < 1:
        return picture
    scale = 255 / (brightest - darkest)
    spread: Picture = cv2.convertScaleAbs(np.maximum(picture, np.uint8(darkest)), alpha=scale, beta=-darkest * scale)
    return spread


def _shows_credential(picture: Picture) -> bool:
    from courier_check.devices.opencv import cv2

    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    return any(is_credential(read.text) for read in Engines.loaded().by_zxing(grey, Effort(names=("QRCode",))))


def _tells(lines: Sequence[PrintedLine]) -> bool:
    """Whether these lines stand on a document."""
    texts = [plain_print(line.text).upper() for line in lines]
    if any(ResidentNumber(found[0]).check_holds for text in texts for found in _NUMBER.finditer(text)):
        return True
    words = "".join(texts)
    labelled = sum(label in words for label in _LABELS) >= 2 or any(label in words for label in _LABELS_BACK)
    return labelled or bool(zone_rows(lines)) or title_of(lines) is not None or kind_by_number(lines) is not None


def _cards(picture: Picture) -> Iterator[tuple[Point, ...]]:
    """Corners of what has the shape of a card, from the upper left as it lies lengthwise, the likeliest first."""
    import numpy as np

    from courier_check.devices.opencv import cv2

    scale = min(1.0, _LOOKED_AT_PX / max(picture.shape[:2]))
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    grey = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), (5, 5), 0)
    edges = cv2.dilate(cv2.Canny(grey, 40, 120), np.ones((3, 3), np.uint8))
    outlines, _ = cv2.findContours(edges, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    found: list[tuple[float, float, tuple[Point, ...]]] = []
    for outline in outlines:
        (x, y), (width, height), angle = cv2.minAreaRect(outline)
        area = width * height
        if min(width, height) < 1 or not _LEAST_SHARE * grey.size < area < _MOST_SHARE * grey.size:
            continue
        filled = cv2.contourArea(cv2.convexHull(outline)) / area
        sides = max(width, height) / min(width, height)
        if _NARROWEST < sides < _WIDEST and filled > 0.85:
            found.append((abs(math.log(sides / _CARD)), -area, _lengthwise((x, y), (width, height), angle, scale)))
    chosen: list[tuple[Point, ...]] = []
    for _, area, corners in sorted(found):
        apart = 0.1 * math.sqrt(-area) / scale
        if len(chosen) < _MOST_CARDS and all(math.dist(other[0], corners[0]) > apart for other in chosen):  # both edges of one outline
            chosen.append(corners)
    yield from chosen


def _lengthwise(middle: Point, size: tuple[float, float], angle: float, scale: float) -> tuple[Point, ...]:
    """A rectangle's corners in the whole picture, its longer side across and running rightwards."""
    width, height = size
    if width < height:
        width, height, angle = height, width, angle + 90
    turn = math.radians((angle + 90) % 180 - 90)
    cosine, sine = math.cos(turn), math.sin(turn)
    wide = 1.06  # with a little of what lies around it
    halves = [(-width / 2, -height / 2), (width / 2, -height / 2), (width / 2, height / 2), (-width / 2, height / 2)]
    return tuple(
        ((middle[0] + wide * (x * cosine - y * sine)) / scale, (middle[1] + wide * (x * sine + y * cosine)) / scale) for x, y in halves
    )
