"""Regions of parallel bars, cut out and turned upright: decoders lose linear codes beyond some 20° of tilt, these patches do not."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from courier_check.devices.pictures import Picture

    Floats = NDArray[np.float32]

_SEARCH_SIDE_PX = 1000
_WINDOW_PX = 25  # of the structure tensor, at search size: a few bars wide
_LEAST_COHERENCE = 0.55
_LEAST_AREA = 0.0008  # of the search picture
_MOST_REGIONS = 8


@dataclass(frozen=True, slots=True)
class Patch:
    """An upright cut-out and how its pixels lie in the picture."""

    picture: Picture
    matrix: NDArray[np.float64]

    def back(self, x: float, y: float) -> tuple[float, float]:
        """A point of the patch as a point of the picture."""
        (a, b, c), (d, e, f) = self.matrix
        return float(a * x + b * y + c), float(d * x + e * y + f)


def straightened_bars(picture: Picture) -> Iterator[Patch]:
    """For each likely barcode, largest first: the patch as it is, then averaged along the bars, which lifts it out of noise and dark."""
    from courier_check.devices.opencv import cv2

    scale = min(1.0, _SEARCH_SIDE_PX / max(picture.shape[:2]))
    gray = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    small = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    for centre, size, angle in _bar_regions(small):
        patch = _cut(gray, (centre[0] / scale, centre[1] / scale), (size[0] / scale, size[1] / scale), angle)
        stretched = cv2.normalize(patch.picture, None, 0, 255, cv2.NORM_MINMAX)
        yield Patch(stretched, patch.matrix)
        along = max(3, round(stretched.shape[0] * 0.2))
        yield Patch(cv2.normalize(cv2.blur(stretched, (1, along)), None, 0, 255, cv2.NORM_MINMAX), patch.matrix)


Region = tuple[tuple[float, float], tuple[float, float], float]


def _bar_regions(small: Picture) -> list[Region]:
    """Centre, size across and along the bars, and angle (radians) across the bars, largest region first."""
    import numpy as np

    from courier_check.devices.opencv import cv2

    xx, yy, xy, energy = _structure(small)
    coherence = np.hypot(xx - yy, 2 * xy) / np.maximum(energy, 1e-3)
    mask = ((coherence > _LEAST_COHERENCE) & (energy > np.percentile(energy, 75))).astype(np.uint8)
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8))
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    large = [label for label in range(1, count) if stats[label, cv2.CC_STAT_AREA] >= _LEAST_AREA * small.size]
    large.sort(key=lambda label: -int(stats[label, cv2.CC_STAT_AREA]))
    return [_region(labels == label, xx, yy, xy) for label in large[:_MOST_REGIONS]]


def _structure(small: Picture) -> tuple[Floats, Floats, Floats, Floats]:
    """The smoothed structure tensor (xx, yy, xy) and its trace."""
    from courier_check.devices.opencv import cv2

    soft = cv2.GaussianBlur(small, (0, 0), 1.0)
    across, down = cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1)
    window = (_WINDOW_PX, _WINDOW_PX)
    xx, yy, xy = cv2.blur(across * across, window), cv2.blur(down * down, window), cv2.blur(across * down, window)
    return xx, yy, xy, xx + yy


def _region(inside: NDArray[np.bool_], xx: Floats, yy: Floats, xy: Floats) -> Region:
    import numpy as np

    angle = 0.5 * math.atan2(2 * float(xy[inside].sum()), float((xx[inside] - yy[inside]).sum()))
    rows, columns = np.nonzero(inside)
    across = columns * math.cos(angle) + rows * math.sin(angle)
    along = rows * math.cos(angle) - columns * math.sin(angle)
    middle_across, middle_along = float(across.min() + across.max()) / 2, float(along.min() + along.max()) / 2
    centre = (
        middle_across * math.cos(angle) - middle_along * math.sin(angle),
        middle_across * math.sin(angle) + middle_along * math.cos(angle),
    )
    return centre, (float(np.ptp(across)), float(np.ptp(along))), angle


def _cut(gray: Picture, centre: tuple[float, float], size: tuple[float, float], angle: float) -> Patch:
    """Turned so that the bars stand upright, with room for the quiet zones; small patches are enlarged."""
    import numpy as np

    from courier_check.devices.opencv import cv2

    width, height = size[0] * 1.25 + 40, max(size[1], 16.0)
    enlarge = 2.0 if width < 900 else 1.0
    cosine, sine = math.cos(angle) / enlarge, math.sin(angle) / enlarge
    across, down = width * enlarge / 2, height * enlarge / 2
    matrix = np.array(
        [
            [cosine, -sine, centre[0] - cosine * across + sine * down],
            [sine, cosine, centre[1] - sine * across - cosine * down],
        ]
    )
    shape = (max(1, round(width * enlarge)), max(1, round(height * enlarge)))
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    picture = cv2.warpAffine(gray, matrix, shape, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return Patch(picture, matrix)
