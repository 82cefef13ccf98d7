"""Five levels of bad pictures of a drawing, as frames of 1080p: ever farther, softer, darker, noisier, more askew.

The same seed gives the same frame."""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from courier_check.devices.opencv import cv2

FRAME = (1920, 1080)

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Level:
    """`card_px`: width of the card in the frame; `blur_px`: sigma; `lean`: perspective as a share of its height; `jpeg`: quality."""

    card_px: int
    blur_px: float
    noise: float
    gain: float
    tilt: float
    lean: float
    jpeg: int


LEVELS = (
    Level(card_px=1540, blur_px=0.6, noise=2, gain=1.0, tilt=2, lean=0.01, jpeg=92),
    Level(card_px=1350, blur_px=1.1, noise=3, gain=0.95, tilt=4, lean=0.02, jpeg=88),
    Level(card_px=1120, blur_px=2.0, noise=5, gain=0.85, tilt=6, lean=0.03, jpeg=80),
    Level(card_px=880, blur_px=2.5, noise=8, gain=0.65, tilt=9, lean=0.04, jpeg=70),
    Level(card_px=710, blur_px=2.3, noise=9, gain=0.5, tilt=12, lean=0.05, jpeg=60),
)
"""Card widths as in the trials that chose the recogniser (1561, 1368, 1122, 884, 710 pixels)."""


def taken(drawing: Image.Image, level: Level, seed: str, *, turned: float = 0.0, frame: tuple[int, int] = FRAME) -> Pixels:
    """The drawing as a camera above the counter sees it: blue, green, red. `turned`: degrees on top of the level's tilt."""
    chance = np.random.default_rng(zlib.crc32(seed.encode()))
    rgba = np.asarray(drawing.convert("RGBA"))
    warp = cv2.getPerspectiveTransform(_outline(rgba.shape[1], rgba.shape[0]), _corners(drawing.size, level, chance, turned, frame))
    shrink = level.card_px / drawing.width
    if shrink < 0.9:  # what a lens does by itself: no finer detail than the sensor has
        rgba = cv2.GaussianBlur(rgba, (0, 0), 0.4 / shrink)
    laid = cv2.warpPerspective(rgba, warp, frame, flags=cv2.INTER_LINEAR).astype(np.float32)
    alpha = laid[:, :, 3:] / 255
    picture = _desk(frame, chance) * (1 - alpha) + laid[:, :, 2::-1] * alpha
    picture = cv2.GaussianBlur(picture, (0, 0), level.blur_px)
    picture *= _light(frame, level, chance)
    picture += chance.normal(0, level.noise, picture.shape[:2]).astype(np.float32)[:, :, None]
    _, data = cv2.imencode(".jpg", np.clip(picture, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, level.jpeg])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def corners(drawing: Image.Image, level: Level, seed: str, *, frame: tuple[int, int] = FRAME) -> list[tuple[float, float]]:
    """Where the drawing's corners lie in the frame that `taken` gives for the same seed, as shares of its width and height."""
    found = _corners(drawing.size, level, np.random.default_rng(zlib.crc32(seed.encode())), 0.0, frame)
    return [(float(x) / frame[0], float(y) / frame[1]) for x, y in found]


def _outline(width: int, height: int) -> NDArray[np.float32]:
    return np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)


def _corners(
    size: tuple[int, int], level: Level, chance: np.random.Generator, turned: float, frame: tuple[int, int]
) -> NDArray[np.float32]:
    width, height = level.card_px, level.card_px * size[1] / size[0]
    angle = math.radians(turned + chance.uniform(-level.tilt, level.tilt))
    cosine, sine = math.cos(angle), math.sin(angle)
    spread = (abs(width * cosine) + abs(height * sine), abs(width * sine) + abs(height * cosine))
    scale = min(1.0, 0.97 * frame[0] / spread[0], 0.97 * frame[1] / spread[1])
    free = ((frame[0] - spread[0] * scale) / 2, (frame[1] - spread[1] * scale) / 2)
    middle = (frame[0] / 2 + chance.uniform(-0.5, 0.5) * free[0], frame[1] / 2 + chance.uniform(-0.5, 0.5) * free[1])
    push = level.lean * height * scale
    corners = []
    for x, y in ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)):
        across, down = x * width * scale, y * height * scale
        dx, dy = chance.uniform(-push, push, 2)
        corners.append([middle[0] + across * cosine - down * sine + dx, middle[1] + across * sine + down * cosine + dy])
    return np.array(corners, np.float32)


def _desk(frame: tuple[int, int], chance: np.random.Generator) -> NDArray[np.float32]:
    """A mat or a wooden top, of any colour."""
    colour = chance.uniform(40, 170, 3).astype(np.float32)
    small = chance.normal(0, 14, (frame[1] // 12 + 1, frame[0] // 60 + 1, 1)).astype(np.float32)
    grain = cv2.resize(small, frame, interpolation=cv2.INTER_CUBIC)
    return np.asarray(colour[None, None, :] + grain[:, :, None], np.float32)


def _light(frame: tuple[int, int], level: Level, chance: np.random.Generator) -> NDArray[np.float32]:
    across = np.linspace(-1, 1, frame[0], dtype=np.float32)[None, :] * chance.uniform(-0.12, 0.12)
    down = np.linspace(-1, 1, frame[1], dtype=np.float32)[:, None] * chance.uniform(-0.12, 0.12)
    return np.asarray(level.gain * (1 + across + down), np.float32)[:, :, None]
