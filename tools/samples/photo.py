"""A flat drawing made to look photographed: on a desk, turned, seen from aside, unevenly lit, blurred, noisy. Same seed, same picture."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageFont

FONT = Path(__file__).resolve().parents[2] / "resources" / "fonts" / "NotoSansCJKsc-Regular-subset.otf"


@dataclass(frozen=True)
class View:
    """How the drawing is photographed. `tilt`: degrees; `lean`: perspective as a share of the side; `gain`: 1 well lit, 0.2 dark."""

    size: tuple[int, int]
    seed: int
    tilt: float = 2.0
    lean: float = 0.02
    gain: float = 1.0
    blur: float = 0.6
    noise: float = 2.2
    desk: tuple[int, int, int] = (118, 96, 74)


def font(size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONT), round(size))


def photograph(drawing: Image.Image, view: View) -> Image.Image:
    random = np.random.default_rng(view.seed)
    desk = _desk(view, random)
    corners = _corners(drawing.size, view, random)
    coefficients = _perspective(corners, drawing.size)
    laid = drawing.convert("RGBA").transform(view.size, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC)
    shadow = laid.getchannel("A").point(lambda alpha: int(alpha * 0.45)).filter(ImageFilter.GaussianBlur(9))
    desk.paste((20, 16, 12), (6, 8), shadow)
    desk.paste(laid, (0, 0), laid)
    return _lit(desk.filter(ImageFilter.GaussianBlur(view.blur)), view, random)


def save(picture: Image.Image, path: Path) -> None:
    picture.save(path, "JPEG", quality=74, optimize=True)


def _desk(view: View, random: np.random.Generator) -> Image.Image:
    """Wood: long soft stripes with grain."""
    width, height = view.size
    stripes = np.repeat(np.cumsum(random.normal(0, 1.2, height // 4 + 1)), 4)[:height]
    stripes -= np.linspace(stripes[0], stripes[-1], height)
    wave = 6 * np.sin(np.linspace(0, 9, width))[None, :]
    grain = np.clip(stripes, -28, 28)[:, None] + wave + random.normal(0, 2, (height, width))
    wood = np.clip(np.array(view.desk)[None, None, :] + grain[:, :, None], 0, 255).astype(np.uint8)
    return Image.fromarray(wood)


def _corners(drawn: tuple[int, int], view: View, random: np.random.Generator) -> list[tuple[float, float]]:
    """Where the drawing's corners land: as large as the picture allows, turned by the tilt, each pushed a little."""
    angle = math.radians(view.tilt)
    cosine, sine = math.cos(angle), math.sin(angle)
    width, height = drawn
    spread = (width * abs(cosine) + height * abs(sine), width * abs(sine) + height * abs(cosine))
    scale = 0.9 * min(view.size[0] / spread[0], view.size[1] / spread[1])
    push = view.lean * min(drawn) * scale
    corners = []
    for x, y in ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)):
        across, down = x * width * scale, y * height * scale
        dx, dy = random.uniform(-push, push, 2)
        corners.append((view.size[0] / 2 + across * cosine - down * sine + dx, view.size[1] / 2 + across * sine + down * cosine + dy))
    return corners


def _perspective(corners: list[tuple[float, float]], drawn: tuple[int, int]) -> list[float]:
    """Pillow's eight coefficients: from a point of the picture back to a point of the drawing."""
    width, height = drawn
    rows, values = [], []
    for (x, y), (u, v) in zip(corners, [(0, 0), (width, 0), (width, height), (0, height)], strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    solved = np.linalg.solve(np.array(rows, dtype=float), np.array(values, dtype=float))
    return cast("list[float]", solved.tolist())


def _lit(picture: Image.Image, view: View, random: np.random.Generator) -> Image.Image:
    width, height = view.size
    across = np.linspace(-1, 1, width)[None, :] * random.uniform(-0.08, 0.08)
    down = np.linspace(-1, 1, height)[:, None] * random.uniform(-0.08, 0.08)
    light: NDArray[np.float64] = (view.gain * (1 + across + down))[:, :, None]
    pixels = np.asarray(picture, dtype=float) * light + random.normal(0, view.noise, (height, width, 1))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
