"""Regions of parallel bars, cut out and turned upright: decoders lose linear codes beyond some 20° of tilt, these patches do not."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from courier_check.devices.decoders import Grey

    Floats = NDArray[np.float32]

SEARCH_SIDE_PX = 960
_STEP = 4
_WINDOW = 6  # of the structure tensor, in steps at search size: a few bars wide
_LEAST_COHERENCE = 0.55
_LEAST_AREA = 0.0008  # of the search picture
MOST_REGIONS = 7
CLUTTER = (75, 90)
"""Shares of the picture (percent) taken for having no bars: a code on an empty desk, and one among print and things."""
_DIRECTIONS = 6
_BAND_ROWS = 36


@dataclass(frozen=True, slots=True)
class Patch:
    """An upright cut-out and how its pixels lie in the picture."""

    picture: Grey
    matrix: NDArray[np.float64]
    averaged: bool = False

    def back(self, x: float, y: float) -> tuple[float, float]:
        """A point of the patch as a point of the picture."""
        (a, b, c), (d, e, f) = self.matrix
        return float(a * x + b * y + c), float(d * x + e * y + f)

    @property
    def outline(self) -> tuple[tuple[float, float], ...]:
        """Its corners as points of the picture."""
        height, width = self.picture.shape
        return tuple(self.back(x, y) for x, y in ((0, 0), (width, 0), (width, height), (0, height)))


def straightened_bars(grey: Grey, most: int = MOST_REGIONS) -> Iterator[tuple[Patch, ...]]:
    """For each likely barcode, the clearest first: the patch as it is; averaged along the bars, which lifts it out of noise and dark; and
    averaged more and sharpened across them, which undoes some blur."""
    from courier_check.devices.opencv import cv2

    for region in _regions(grey, most):
        patch = _cut(grey, region)
        stretched = cv2.normalize(patch.picture, None, 0, 255, cv2.NORM_MINMAX)
        height = stretched.shape[0]
        fine = cv2.normalize(cv2.blur(stretched, (1, max(3, round(height * 0.2)))), None, 0, 255, cv2.NORM_MINMAX)
        coarse = cv2.blur(stretched, (1, max(3, round(height * 0.4))))
        soft = cv2.GaussianBlur(coarse, (0, 0), sigmaX=3.0, sigmaY=0.1)
        sharp = cv2.normalize(cv2.addWeighted(coarse, 3.0, soft, -2.0, 0), None, 0, 255, cv2.NORM_MINMAX)
        yield tuple(Patch(each, patch.matrix, averaged=each is not stretched) for each in (stretched, fine, sharp))


def bar_bands(grey: Grey, most: int) -> Iterator[Patch]:
    """For each likely barcode: a band of few rows, each the average of several, which is read in a fraction of a millisecond."""
    from courier_check.devices.opencv import cv2

    for region in _regions(grey, most):
        patch = _cut(grey, region, rows=_BAND_ROWS)
        averaged = cv2.blur(patch.picture, (1, _BAND_ROWS // 6))
        yield Patch(cv2.normalize(averaged, None, 0, 255, cv2.NORM_MINMAX), patch.matrix, averaged=True)


@dataclass(frozen=True, slots=True)
class Region:
    """`across` and `along` the bars: its extent; `angle` (radians): of the way across them. All in pixels of the picture searched."""

    centre: tuple[float, float]
    across: float
    along: float
    angle: float


def _regions(grey: Grey, most: int) -> list[Region]:
    from courier_check.devices.opencv import cv2

    scale = min(1.0, SEARCH_SIDE_PX / max(grey.shape))
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return [
        Region((found.centre[0] / scale, found.centre[1] / scale), found.across / scale, found.along / scale, found.angle)
        for found in bar_regions(small, most)
    ]


def bar_regions(small: Grey, most: int = MOST_REGIONS) -> list[Region]:
    """Where bars stand close, the clearest region first, up to `most` for each share of `CLUTTER`. Each region is of one direction: what
    lies beside a code runs another way."""
    import numpy as np

    xx, yy, xy, energy = _structure(small)
    cosine, sine = xx - yy, 2 * xy  # of twice the angle
    length = np.maximum(np.sqrt(cosine * cosine + sine * sine), 1e-3)
    coherent = length > _LEAST_COHERENCE * energy
    cosine, sine, strength = cosine / length, sine / length, np.sqrt(energy)
    towards = [
        (cosine * math.cos(turn) + sine * math.sin(turn) > math.cos(2 * math.pi / _DIRECTIONS)) & coherent
        for turn in (number * 2 * math.pi / _DIRECTIONS for number in range(_DIRECTIONS))
    ]
    blobs: list[_Blob] = []
    for limit in np.percentile(energy, CLUTTER):
        found = [each for barred in towards for each in _components(barred & (energy > limit), strength)]
        blobs += [blob for blob in _clearest(found, most, energy.shape) if not any(blob.is_same(other) for other in blobs)]
    return [_region(blob, xx, yy, xy) for blob in blobs]


@dataclass(frozen=True, slots=True)
class _Blob:
    """A connected region: its mask within its box. All there is to do with it is done in the box, a hundredth of the picture as a rule."""

    inside: NDArray[np.bool_]
    left: int
    top: int
    area: int
    strength: float

    @property
    def box(self) -> tuple[slice, slice]:
        height, width = self.inside.shape
        return slice(self.top, self.top + height), slice(self.left, self.left + width)

    def is_same(self, other: _Blob) -> bool:
        """Most of both lies in both."""
        common = self._common(other)
        return common > 0.7 * (self.area + other.area - common)

    def _common(self, other: _Blob) -> int:
        import numpy as np

        (height, width), (other_height, other_width) = self.inside.shape, other.inside.shape
        left, right = max(self.left, other.left), min(self.left + width, other.left + other_width)
        top, bottom = max(self.top, other.top), min(self.top + height, other.top + other_height)
        if left >= right or top >= bottom:
            return 0
        mine, theirs = (one.inside[top - one.top : bottom - one.top, left - one.left : right - one.left] for one in (self, other))
        return int(np.count_nonzero(mine & theirs))


def _clearest(found: list[_Blob], most: int, shape: tuple[int, ...]) -> Iterator[_Blob]:
    """The strongest first, without those that are the same bars again, of the next direction. `shape`: of the whole."""
    import numpy as np

    taken = np.zeros(shape, np.bool_)
    for blob in sorted(found, key=lambda each: -each.strength):
        here = taken[blob.box]
        if np.count_nonzero(here & blob.inside) * 2 <= blob.area:
            here |= blob.inside
            yield blob
            most -= 1
        if not most:
            return


def _components(barred: NDArray[np.bool_], strength: Floats) -> Iterator[_Blob]:
    """Connected regions that are large enough, each with its strength."""
    import numpy as np

    from courier_check.devices.opencv import cv2

    mask = cv2.morphologyEx(barred.astype(np.uint8), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((4, 4), np.uint8))
    # Half the time of 32 bits; at search size there are never as many points as 16 bits have numbers.
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, ltype=cv2.CV_16U)
    for label in np.flatnonzero(stats[1:, cv2.CC_STAT_AREA] >= _LEAST_AREA * mask.size) + 1:
        left, top, width, height, area = stats[label].tolist()
        box = slice(top, top + height), slice(left, left + width)
        inside = labels[box] == label
        yield _Blob(inside, left, top, area, float(strength[box][inside].sum()))


def _structure(small: Grey) -> tuple[Floats, Floats, Floats, Floats]:
    """The structure tensor (xx, yy, xy) and its trace, smoothed, for every fourth pixel each way."""
    from courier_check.devices.opencv import cv2

    across, down = cv2.spatialGradient(cv2.GaussianBlur(small, (3, 3), 0))
    size = (max(1, small.shape[1] // _STEP), max(1, small.shape[0] // _STEP))
    window = (_WINDOW, _WINDOW)
    xx, yy, xy = (
        cv2.blur(cv2.resize(cv2.multiply(one, other, dtype=cv2.CV_32F), size, interpolation=cv2.INTER_AREA), window)
        for one, other in ((across, across), (down, down), (across, down))
    )
    return xx, yy, xy, cv2.max(xx + yy, 0.0)  # smoothing leaves a little less than nothing


def _region(blob: _Blob, xx: Floats, yy: Floats, xy: Floats) -> Region:
    import numpy as np

    box, inside = blob.box, blob.inside
    angle = 0.5 * math.atan2(2 * float(xy[box][inside].sum()), float((xx[box][inside] - yy[box][inside]).sum()))
    found = np.nonzero(inside)
    rows, columns = (found[0] + blob.top + 0.5) * _STEP, (found[1] + blob.left + 0.5) * _STEP
    across = columns * math.cos(angle) + rows * math.sin(angle)
    along = rows * math.cos(angle) - columns * math.sin(angle)
    middle_across, middle_along = float(across.min() + across.max()) / 2, float(along.min() + along.max()) / 2
    centre = (
        middle_across * math.cos(angle) - middle_along * math.sin(angle),
        middle_across * math.sin(angle) + middle_along * math.cos(angle),
    )
    return Region(centre, float(np.ptp(across)) + _STEP, float(np.ptp(along)) + _STEP, angle)


def _cut(grey: Grey, region: Region, rows: int | None = None) -> Patch:
    """Turned so that the bars stand upright, with room for the quiet zones; small patches are enlarged. `rows`: how many it is to have,
    taken from the middle three quarters; otherwise all of its height."""
    import numpy as np

    from courier_check.devices.opencv import cv2

    width, height = region.across * 1.25 + 40, max(region.along, 16.0)
    wide = 2.0 if width < 900 else 1.0
    high = wide if rows is None else rows / (height * 0.75)
    shape = (max(1, round(width * wide)), max(1, round(height * high)) if rows is None else rows)
    cosine, sine = math.cos(region.angle), math.sin(region.angle)
    across, down = shape[0] / 2, shape[1] / 2
    matrix = np.array(
        [
            [cosine / wide, -sine / high, region.centre[0] - cosine / wide * across + sine / high * down],
            [sine / wide, cosine / high, region.centre[1] - sine / wide * across - cosine / high * down],
        ]
    )
    flags = (cv2.INTER_CUBIC if rows is None else cv2.INTER_LINEAR) | cv2.WARP_INVERSE_MAP
    picture = cv2.warpAffine(grey, matrix, shape, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return Patch(picture, matrix)
