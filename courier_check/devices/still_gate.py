"""Whether a camera's picture is good enough for a still: steady, which is told between frames, here; and sharp and well lit (`quality`).

Only the middle is looked at, where the guide frame is: whose hand lies at the edge does not matter.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from courier_check.devices.codes import StillCode
from courier_check.devices.quality import Gate, QualityReason, middle

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from courier_check.devices.pictures import Picture

StillFault: TypeAlias = StillCode | QualityReason
"""What keeps a picture from being taken as a still."""

_SMALL = (64, 48)
_EVERY_ROW = 8
_FLAT_GREY = 24
_MOVED_GREY = 14
_MOVED_SHARE = 0.02
"""Moved: so many points of the small picture changed by so much since the frame before. Noise is gone at that size."""


@dataclass(slots=True)
class StillGate:
    """Looks at every frame of one camera, in order."""

    _before: NDArray[np.uint8] | None = None

    def forget(self) -> None:
        """The next frame follows none: the camera was away."""
        self._before = None

    def is_steady(self, frame: Picture) -> bool:
        """Whether this frame shows what the one before showed; cheap enough for every frame. The first is not yet."""
        import numpy as np

        from courier_check.devices.opencv import cv2

        small = cv2.resize(cv2.cvtColor(middle(frame), cv2.COLOR_BGR2GRAY), _SMALL, interpolation=cv2.INTER_AREA)
        before, self._before = self._before, small
        if before is None:
            return False
        moved = np.count_nonzero(cv2.absdiff(small, before) > _MOVED_GREY)
        return bool(moved <= _MOVED_SHARE * small.size)


class FreezeGate:
    """Whether a camera gives the same frame again and again. The noise of a sensor changes every frame, but not a frame that is all black
    or all white."""

    def __init__(self, longest_ms: float) -> None:
        self._longest_ms = longest_ms
        self._sum: int | None = None
        self._since_ms = 0

    def forget(self) -> None:
        """What comes next is another camera's, or the same one's after it was away."""
        self._sum = None

    def is_frozen(self, frame: Picture, mono_ms: int) -> bool:
        """Whether this frame is what all frames have been for too long. Of films, which may be of one picture, it is not asked."""
        if self._longest_ms == math.inf:
            return False
        rows = frame[::_EVERY_ROW]
        found = zlib.crc32(rows.tobytes())
        if found != self._sum or int(rows.max()) - int(rows.min()) < _FLAT_GREY:
            self._sum, self._since_ms = found, mono_ms
        return mono_ms - self._since_ms >= self._longest_ms


def faults_of(frame: Picture, *, steady: bool) -> tuple[StillFault, ...]:
    """What keeps this frame from being a still, the worst first; empty where nothing does. What moves is blurred for that."""
    reasons = Gate().reasons(frame)
    if steady:
        return reasons
    return (StillCode.MOVING, *(reason for reason in reasons if reason is not QualityReason.BLURRED))
