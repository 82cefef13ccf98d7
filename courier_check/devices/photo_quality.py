"""照片画质: whether a picture of a parcel shows enough of it — sharp, bright enough, not washed out.

Other limits than for documents (`quality`): a parcel has no size, white labels and dark goods are no faults, and most of it is plain. The
limits were set on the training half of a made-up set (`benchmarks inspection` draws it again and reports the other half); none was tried
on photographs of real parcels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from courier_check.devices.quality import middle, sharpness

if TYPE_CHECKING:
    from courier_check.devices.pictures import Picture

_WASHED_GREY = 250
_LIT = 95
"""Percentile that tells how much light there was: black goods lie on or in something that is not."""
_SMALL_PX = 400


class PhotoFault(StrEnum):
    """Why a photo should be taken again; the sentences are in resources/wording/devices.json."""

    DARK = "photo-dark"
    CLIPPED = "photo-clipped"
    BLURRED = "photo-blurred"


@dataclass(frozen=True, slots=True)
class PhotoQuality:
    """`sharpness` as `quality` has it; `lit` the grey (0–255) that only the brightest twentieth exceeds; `washed` the share (0–1) of points
    that are as white as can be."""

    sharpness: float
    lit: float
    washed: float


@dataclass(frozen=True, slots=True)
class PhotoGate:
    """The limits; a photo within them is good enough. That of `most_washed` lies at the upper end of the gap that the training half leaves
    (washed out ones have 0.56 and more): a white label that fills the view is no fault."""

    least_sharpness: float = 73.0
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
    return PhotoQuality(sharpness(picture), float(np.percentile(small, _LIT)), washed)
