"""Films of labels under a counter's camera, played by the camera's process: what lies there is changed by putting another in its place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from courier_check.devices.opencv import cv2
from tools.samples.coded import MODULE_PX, Shot, label, photographed

Picture = NDArray[np.uint8]
_FPS, _FRAMES = 25.0, 10
_HEIGHT, _WIDTH = 720, 1280


def lying(*codes: str, symbology: str = "Code128") -> Picture:
    """Labels with one code each, beside each other; without one an empty table."""
    if not codes:
        return np.full((_HEIGHT, _WIDTH, 3), 120, np.uint8)
    width = _WIDTH // len(codes) // 2 * 2
    shot = Shot(size=(width, _HEIGHT), module_px=2.4 if len(codes) == 1 else 2.0, tilt=8)
    return np.hstack([photographed(_bare(label(code, symbology, place)), shot, place + 3) for place, code in enumerate(codes)])


def _bare(drawing: Image.Image) -> Image.Image:
    """Without the print around the code, which takes many seconds to be read and says nothing."""
    margin = 22 * MODULE_PX
    drawing.paste(255, (0, 0, drawing.width, margin - MODULE_PX))
    drawing.paste(255, (0, drawing.height - 2 * margin + MODULE_PX, drawing.width, drawing.height))
    return drawing


def played(path: Path, picture: Picture) -> Path:
    """A film of this picture with a sensor's noise, at once in the place of the one before."""
    unfinished = path.with_name("unfinished.avi")
    size = (picture.shape[1], picture.shape[0])
    writer = cv2.VideoWriter(str(unfinished), cv2.CAP_OPENCV_MJPEG, cv2.VideoWriter.fourcc(*"MJPG"), _FPS, size)
    chance = np.random.default_rng(3)
    for _ in range(_FRAMES):
        writer.write(np.clip(picture + chance.normal(0, 3, picture.shape), 0, 255).astype(np.uint8))
    writer.release()
    return unfinished.replace(path)
