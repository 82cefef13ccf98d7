"""照片画质: whether a picture of a parcel shows enough of it — sharp, bright enough, not washed out.

Other limits than for documents (`quality`): a parcel has no size, white labels and dark goods are no faults, and most of it is plain. Its
sharpness is that of its steepest edges, whatever their contrast, in every direction on its own: what moved keeps the edges that lie along
its way.

The limits were set on the training half of a made-up set (`benchmarks inspection` draws it again and reports the other half); none was
tried on photographs of real parcels.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from courier_check.devices.quality import WIDE_PX, middle

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from courier_check.devices.pictures import Picture

_WASHED_GREY = 250
_LIT = 95
"""Percentile that tells how much light there was: black goods lie on or in something that is not."""
_SMALL_PX = 400
_FINE_PX, _COARSE_PX = 1.2, 5.0
"""Steps are measured after smoothing by the one, which takes the noise, and by the other, which takes the sharpness too."""
_EDGES, _NOISE, _PLAIN = 99.5, 3.75, 1.0
"""A percentile, what noise has there in medians of all steps, and a step (0–255) that is none."""


class PhotoFault(StrEnum):
    """Why a photo should be taken again; the sentences are in resources/wording/devices.json."""

    DARK = "photo-dark"
    CLIPPED = "photo-clipped"
    BLURRED = "photo-blurred"


@dataclass(frozen=True, slots=True)
class PhotoQuality:
    """`sharpness`: how steep the edges are, in percent of what they are after blurring, in the direction where that is least (some 400 for
    a perfect edge, 100 for one that was blurred before); `lit` the grey (0–255) that only the brightest twentieth exceeds; `washed` the
    share (0–1) of points that are as white as can be."""

    sharpness: float
    lit: float
    washed: float


@dataclass(frozen=True, slots=True)
class PhotoGate:
    """The limits; a photo within them is good enough. That of `least_sharpness` lies midway between what the good and the blurred photos of
    the training half have (203 and more, 146 and less); that of `most_washed` at the upper end of the gap that the training half leaves
    (washed out ones have 0.56 and more): a white label that fills the view is no fault."""

    least_sharpness: float = 172.0
    least_lit: float = 73.0
    most_washed: float = 0.45

    def faults(self, found: PhotoQuality) -> tuple[PhotoFault, ...]:
        """Why not, worst first; empty for a good one. What is dark or washed out is not called blurred besides: light comes first."""
        dark, washed = found.lit < self.least_lit, found.washed > self.most_washed
        if dark or washed:
            return (PhotoFault.DARK,) if dark else (PhotoFault.CLIPPED,)
        return (PhotoFault.BLURRED,) if found.sharpness < self.least_sharpness else ()

    def margin(self, found: PhotoQuality) -> float:
        """How far within the limits, 0 at the nearest one and below it outside: one figure to order photos by."""
        washed = math.log((self.most_washed + 0.05) / (found.washed + 0.05))
        return min(math.log((found.sharpness + 1) / self.least_sharpness), math.log((found.lit + 1) / self.least_lit), washed)


def photo_quality(picture: Picture) -> PhotoQuality:
    """What can be measured of a photo, in the middle of the picture, where the parcel is."""
    import numpy as np

    from courier_check.devices.opencv import cv2

    part = np.ascontiguousarray(middle(picture))
    grey = cv2.cvtColor(part, cv2.COLOR_BGR2GRAY)
    scale = _SMALL_PX / max(grey.shape)
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else grey
    washed = float(np.count_nonzero(small >= _WASHED_GREY) / small.size)
    return PhotoQuality(_sharpness(grey), float(np.percentile(small, _LIT)), washed)


def _sharpness(grey: NDArray[np.uint8]) -> float:
    import numpy as np

    from courier_check.devices.opencv import cv2

    size = (WIDE_PX, max(3, round(grey.shape[0] * WIDE_PX / grey.shape[1])))
    level = cv2.resize(grey, size, interpolation=cv2.INTER_AREA if grey.shape[1] > WIDE_PX else cv2.INTER_LINEAR).astype(np.float32)
    fine, coarse = (cv2.GaussianBlur(level, (0, 0), width) for width in (_FINE_PX, _COARSE_PX))

    def steepness(sharp: NDArray[np.float32], blurred: NDArray[np.float32]) -> float:
        edges = float(np.percentile(sharp, _EDGES)) - _NOISE * float(np.median(sharp))
        return max(0.0, 100 * edges / max(float(np.percentile(blurred, _EDGES)), _PLAIN))

    return min(map(steepness, _steps(fine), _steps(coarse)))


def _steps(level: NDArray[np.float32]) -> Iterator[NDArray[np.float32]]:
    """How much every fourth point differs from one side to the other: across, down, and both ways between."""
    import numpy as np

    ahead, behind, even = slice(2, None, 2), slice(None, -2, 2), slice(1, -1, 2)
    for one, other, apart in (
        ((even, ahead), (even, behind), 1.0),
        ((ahead, even), (behind, even), 1.0),
        ((ahead, ahead), (behind, behind), math.sqrt(2)),
        ((ahead, behind), (behind, ahead), math.sqrt(2)),
    ):
        yield np.abs(level[one] - level[other]) / apart
