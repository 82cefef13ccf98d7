"""画质: whether a picture of a document is good enough to be read — sharp, bright enough, not washed out, the card large enough.

Thresholds started from measured/vision.md §4 and were set against the drawn levels of tools/samples (benchmarks identity, "quality gate");
none was tried on photographs of real cards. Sharpness is measured after the noise is smoothed away: noise props up what blur has taken.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from courier_check.devices.pictures import Picture
    from courier_check.identity.lines import Point

WIDE_PX = 1000
"""Width to which the part that is looked at is brought before its sharpness is measured."""
_SMOOTH_PX = 1.2
_EDGES, _EDGES_OF_NOISE, _NORMAL = 99.5, 2.81, 1.4826
"""A percentile, where it lies for normal noise in standard deviations, and a standard deviation in median deviations."""
_MIDDLE = 0.7
"""Share of each side that is looked at where the document's place is not known: the guide frame."""
_CLIPPED_GREY = 250


class QualityReason(StrEnum):
    """Why a picture should be taken again; the sentences are in resources/wording/devices.json."""

    DARK = "quality-dark"
    BRIGHT = "quality-bright"
    CLIPPED = "quality-clipped"
    BLURRED = "quality-blurred"
    SMALL = "quality-small"


@dataclass(frozen=True, slots=True)
class Quality:
    """What was measured: `grey` the median (0–255), `clipped` a share, `sharpness` see above, `card_px` 0 where no outline was given."""

    sharpness: float
    grey: float
    clipped: float
    card_px: int


@dataclass(frozen=True, slots=True)
class Gate:
    """The limits; a picture within them is good enough."""

    least_sharpness: float = 30.0
    least_grey: float = 40.0
    most_grey: float = 235.0
    most_clipped: float = 0.10
    least_card_px: int = 640

    def reasons(self, picture: Picture, outline: Sequence[Point] = ()) -> tuple[QualityReason, ...]:
        """Why not, worst first; empty for a good one. `outline`: the document's corners as shares of the picture, if known."""
        found = measured(picture, outline)
        wrong = {
            QualityReason.DARK: found.grey < self.least_grey,
            QualityReason.BRIGHT: found.grey > self.most_grey,
            QualityReason.CLIPPED: found.clipped > self.most_clipped,
            QualityReason.BLURRED: found.sharpness < self.least_sharpness,
            QualityReason.SMALL: 0 < found.card_px < self.least_card_px,
        }
        return tuple(reason for reason, is_so in wrong.items() if is_so)


def measured(picture: Picture, outline: Sequence[Point] = ()) -> Quality:
    """The picture's qualities in the document's place, or in the middle."""
    import numpy as np

    part = _part(picture, outline)
    grey = _grey(part)
    clipped = float(np.count_nonzero(grey >= _CLIPPED_GREY) / grey.size)
    return Quality(_sharpness(grey), float(np.median(grey)), clipped, _card_px(picture, outline))


def sharpness(picture: Picture, outline: Sequence[Point] = ()) -> float:
    """How sharply the print bends, per mille of the picture's contrast: dark pictures are not unsharp for being dark."""
    return _sharpness(_grey(_part(picture, outline)))


def _sharpness(grey: NDArray[np.uint8]) -> float:
    import numpy as np

    from courier_check.devices.opencv import cv2

    smooth = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), _SMOOTH_PX)
    bends = np.abs(cv2.Laplacian(smooth, cv2.CV_32F))
    # Print is sparse, noise is everywhere: what half of all points have is noise, and print stands out from it.
    noise = _NORMAL * float(np.median(bends))
    edges = float(np.percentile(bends, _EDGES)) - _EDGES_OF_NOISE * noise
    contrast = float(np.percentile(smooth, 95) - np.percentile(smooth, 5))
    return max(0.0, 1000 * edges / max(contrast, 16.0))


def _grey(part: Picture) -> NDArray[np.uint8]:
    import numpy as np

    from courier_check.devices.opencv import cv2

    grey = cv2.cvtColor(np.ascontiguousarray(part), cv2.COLOR_BGR2GRAY)
    if grey.shape[1] != WIDE_PX:
        size = (WIDE_PX, max(1, round(grey.shape[0] * WIDE_PX / grey.shape[1])))
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA if grey.shape[1] > WIDE_PX else cv2.INTER_LINEAR)
    return np.asarray(grey, np.uint8)


def _part(picture: Picture, outline: Sequence[Point]) -> Picture:
    height, width = picture.shape[:2]
    if outline:
        left, right = min(x for x, _ in outline) * width, max(x for x, _ in outline) * width
        top, bottom = min(y for _, y in outline) * height, max(y for _, y in outline) * height
        part = picture[int(top) : math.ceil(bottom), int(left) : math.ceil(right)]
        if min(part.shape[:2]) > 0:
            return part
    return middle(picture)


def middle(picture: Picture) -> Picture:
    """Where the guide frame is: whose hand lies at the edge does not matter."""
    height, width = picture.shape[:2]
    over, beside = round(height * (1 - _MIDDLE) / 2), round(width * (1 - _MIDDLE) / 2)
    return picture[over : height - over, beside : width - beside]


def _card_px(picture: Picture, outline: Sequence[Point]) -> int:
    """The longer side of the document, in pixels."""
    if len(outline) != 4:
        return 0
    height, width = picture.shape[:2]
    corners = [(x * width, y * height) for x, y in outline]
    return round(max(math.dist(corners[0], corners[1]), math.dist(corners[1], corners[2])))
