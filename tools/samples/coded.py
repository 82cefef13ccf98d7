"""Labels with one code each, as photographs of every badness: far, turned, seen from aside, bent, dark, glaring, soft, on busy ground.

The same seed gives the same picture. All numbers are drawn by chance and belong to nobody.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import zxingcpp
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from courier_check.devices.opencv import cv2
from tools.samples.photo import font

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]

FRAME = (1920, 1080)
PHOTOGRAPH = (800, 600)
MODULE_PX = 4
"""Of a drawing, before it is photographed."""
_WORDS = "样本 收件人 寄件人 品名 书 0123456789 SAMPLE"
_LINEAR_ASPECT = {"Code128": 0.24, "Code39": 0.22, "ITF": 0.3, "EAN13": 0.68, "EAN8": 0.7, "UPCA": 0.68, "UPCE": 0.8}
"""Height of the bars by their width."""


@dataclass(frozen=True)
class Shot:
    """How a label is photographed. `module_px`: pixels for the thinnest bar; `tilt`: degrees; `lean`: perspective as a share of the side;
    `bend`: the angle (radians) that the label takes of a round body; `blur_px`, `motion_px`, `noise`: of the sensor; `gain`: 1 well lit;
    `glare`: radius of a white spot, in 30 modules; `contrast`: of print to paper; `inverted`: light on dark; `busy`: the ground is full of
    things; `cut`: the share of the code that lies beyond the picture's edge; `jpeg`: quality.
    """

    size: tuple[int, int] = FRAME
    module_px: float = 2.5
    tilt: float = 0.0
    lean: float = 0.02
    bend: float = 0.0
    blur_px: float = 0.6
    motion_px: float = 0.0
    noise: float = 3.0
    gain: float = 1.0
    glare: float = 0.0
    contrast: float = 0.9
    inverted: bool = False
    busy: bool = False
    cut: float = 0.0
    jpeg: int = 88


def label(text: str, symbology: str, seed: int) -> Image.Image:
    """The code on white paper with print around it, four pixels a module."""
    chance = np.random.default_rng(seed)
    code = _symbol(text, symbology)
    margin = 22 * MODULE_PX
    paper = Image.new("L", (code.width + 2 * margin, code.height + 3 * margin), 255)
    pen = ImageDraw.Draw(paper)
    for y in (margin // 5, paper.height - margin * 6 // 5, paper.height - margin * 3 // 5):
        words = "".join(chance.choice(list(_WORDS), 60))
        pen.text((margin // 4, y), words, font=font(MODULE_PX * 7), fill=20)
    paper.paste(255, (margin // 2, margin // 5 + MODULE_PX * 12, paper.width - margin // 2, code.height + margin * 7 // 4))
    paper.paste(code, (margin, margin))
    return paper


def photographed(drawing: Image.Image, shot: Shot, seed: int) -> Pixels:
    """The drawing as a camera sees it: blue, green, red."""
    chance = np.random.default_rng(seed)
    print_: Floats = np.asarray(drawing, np.float32)
    if shot.inverted:
        print_ = 255 - print_
    light = chance.uniform(205, 245)
    print_ = np.asarray(light - (255 - print_) / 255 * light * shot.contrast, np.float32)
    if shot.bend:
        print_ = _bent(print_, shot.bend)
    ground = _ground(shot, shot.size, chance)
    _lay(print_, _corners(print_, shot, chance), ground)
    return _sensed(ground, shot, chance)


def _lay(print_: Floats, corners: Floats, ground: Floats) -> None:
    """Put the drawing on the ground, its corners there. It is drawn twice as large and shrunk: what a lens does to fine print."""
    height, width = ground.shape
    left, top = (max(0, int(low)) for low in np.floor(corners.min(axis=0)))
    right, bottom = (min(most, int(high) + 1) for most, high in zip((width, height), corners.max(axis=0), strict=True))
    size = (right - left, bottom - top)
    warp = cv2.getPerspectiveTransform(_outline(print_.shape[1], print_.shape[0]), (corners - np.array([left, top], np.float32)) * 2)
    grown = (size[0] * 2, size[1] * 2)
    laid = cv2.warpPerspective(print_, warp, grown, flags=cv2.INTER_AREA)
    alpha = cv2.warpPerspective(np.ones_like(print_), warp, grown)
    laid, alpha = (cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in (laid * alpha, alpha))
    part = ground[top:bottom, left:right]
    part[:] = part * (1 - alpha) + laid


def _symbol(text: str, symbology: str) -> Image.Image:
    made = zxingcpp.create_barcode(text, zxingcpp.barcode_format_from_str(symbology))
    modules = np.asarray(zxingcpp.write_barcode_to_image(made, scale=1, add_quiet_zones=True, add_hrt=False))
    aspect = _LINEAR_ASPECT.get(symbology)
    if aspect is not None:
        row = modules[modules.shape[0] // 2]
        modules = np.repeat(row[None, :], max(8, round(modules.shape[1] * aspect)), axis=0)
    image = Image.fromarray(modules).convert("L")
    return image.resize((image.width * MODULE_PX, image.height * MODULE_PX), Image.Resampling.NEAREST)


def _bent(print_: Floats, angle: float) -> Floats:
    """Wound around an upright cylinder: narrower towards both sides."""
    height, width = print_.shape
    radius = width / angle
    across = np.linspace(-math.sin(angle / 2), math.sin(angle / 2), width)
    columns = (np.arcsin(across) * radius + width / 2).astype(np.float32)
    where = np.meshgrid(columns, np.arange(height, dtype=np.float32))
    return np.asarray(cv2.remap(print_, where[0], where[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)


def _outline(width: int, height: int) -> Floats:
    return np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)


def _corners(print_: Floats, shot: Shot, chance: np.random.Generator) -> Floats:
    frame = shot.size
    scale = shot.module_px / MODULE_PX
    width, height = print_.shape[1] * scale, print_.shape[0] * scale
    angle = math.radians(shot.tilt)
    cosine, sine = math.cos(angle), math.sin(angle)
    free = [max(0.0, each - spread) / 2 for each, spread in zip(frame, _spread(width, height, cosine, sine), strict=True)]
    middle = [each / 2 + chance.uniform(-0.8, 0.8) * room for each, room in zip(frame, free, strict=True)]
    if shot.cut:
        middle[0] = width * (0.5 - shot.cut) * chance.choice([1, -1]) % frame[0]
    push = shot.lean * min(width, height)
    corners = []
    for x, y in ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)):
        across, down = x * width, y * height
        dx, dy = chance.uniform(-push, push, 2)
        corners.append([middle[0] + across * cosine - down * sine + dx, middle[1] + across * sine + down * cosine + dy])
    return np.array(corners, np.float32)


def _spread(width: float, height: float, cosine: float, sine: float) -> tuple[float, float]:
    return abs(width * cosine) + abs(height * sine), abs(width * sine) + abs(height * cosine)


def _ground(shot: Shot, frame: tuple[int, int], chance: np.random.Generator) -> Floats:
    """A desk with soft grain; `busy`: covered with boxes, lines and print."""
    width, height = frame
    grain = cv2.resize(chance.normal(0, 12, (height // 12 + 1, width // 60 + 1)).astype(np.float32), frame, interpolation=cv2.INTER_CUBIC)
    ground = np.asarray(chance.uniform(50, 170) + grain, np.float32)
    if not shot.busy:
        return ground
    things = Image.fromarray(np.clip(ground, 0, 255).astype(np.uint8))
    pen = ImageDraw.Draw(things)
    for _ in range(40):
        x, y = int(chance.uniform(0, width)), int(chance.uniform(0, height))
        w, h, grey = int(chance.uniform(6, width / 4)), int(chance.uniform(6, height / 4)), int(chance.uniform(20, 240))
        match chance.integers(4):
            case 0:
                pen.rectangle((x, y, x + w, y + h), fill=grey)
            case 1:
                pen.line((x, y, x + w, y + h), fill=grey, width=int(chance.uniform(1, 7)))
            case 2:
                pen.text((x, y), "".join(chance.choice(list(_WORDS), 24)), font=font(chance.uniform(10, 30)), fill=grey)
            case _:  # something with ribs, which is no code
                for rib in range(x, x + w, 2 * max(2, w // 40)):
                    pen.rectangle((rib, y, rib + max(2, w // 40) - 1, y + h), fill=grey)
    return np.array(things, np.float32)


def _sensed(picture: Floats, shot: Shot, chance: np.random.Generator) -> Pixels:
    height, width = picture.shape
    if shot.glare:
        picture = np.minimum(picture + _spot(shot, (width, height), chance), 255.0)
    if shot.blur_px:
        picture = cv2.GaussianBlur(picture, (0, 0), shot.blur_px)
    if shot.motion_px > 1:
        picture = cv2.filter2D(picture, -1, _stroke(shot.motion_px, chance.uniform(0, math.pi)))
    across = np.linspace(-1, 1, width, dtype=np.float32)[None, :] * chance.uniform(-0.15, 0.15)
    down = np.linspace(-1, 1, height, dtype=np.float32)[:, None] * chance.uniform(-0.15, 0.15)
    lit = picture * (shot.gain * (1 + across + down)) + chance.normal(0, shot.noise, picture.shape)
    grey = np.clip(lit, 0, 255).astype(np.uint8)
    _, data = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, shot.jpeg])
    return np.asarray(cv2.cvtColor(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), cv2.COLOR_GRAY2BGR), np.uint8)


def _spot(shot: Shot, frame: tuple[int, int], chance: np.random.Generator) -> Floats:
    """A lamp's reflection near the middle, with a soft rim."""
    radius = shot.glare * 30 * shot.module_px
    x, y = frame[0] / 2 + chance.uniform(-1, 1) * 2 * radius, frame[1] / 2 + chance.uniform(-1, 1) * 2 * radius
    columns, rows = np.meshgrid(np.arange(frame[0]), np.arange(frame[1]))
    away = np.hypot((columns - x) / 1.4, rows - y) / radius
    return np.asarray(np.clip(1.5 - away, 0, 1) * 400, np.float32)


def _stroke(length: float, angle: float) -> Floats:
    side = 2 * math.ceil(length / 2) + 1
    kernel = np.zeros((side, side), np.float32)
    reach = length / 2 * np.array([math.cos(angle), math.sin(angle)])
    middle = side // 2
    begin, end = ((round(middle + sign * float(reach[0])), round(middle + sign * float(reach[1]))) for sign in (-1, 1))
    cv2.line(kernel, begin, end, (1.0,))
    return np.asarray(kernel / kernel.sum(), np.float32)
