"""条码 in a still picture: a cascade of passes, cheap ones first, until what was read is settled or nothing more can be done for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from courier_check.devices.code_agreement import Code, agreed, is_cut_off, near, unsettled
from courier_check.devices.decoders import LINEAR, LINEAR_NAMES, Effort, Engines, Quad, Read

if TYPE_CHECKING:
    from courier_check.devices.bars import Patch
    from courier_check.devices.decoders import Grey
    from courier_check.devices.pictures import Picture

__all__ = ["LINEAR", "Code", "Quad", "decode_codes"]

LARGEST_PX = 12_000_000
"""Larger pictures are looked at once as they are; the passes after that get them made smaller."""
LARGEST_ENLARGED_PX = 8_000_000
LONGEST_CPU_S = 2.5
"""No further pass begins after so much of this thread's time. Pictures of some two megapixels never come near it."""
_SMALL_PX = 1_600_000
_LARGE = Effort((*LINEAR_NAMES, "QRCode"), invert=False)
_PATCH = Effort(LINEAR_NAMES, invert=False, lines_only=True)


@dataclass(frozen=True, slots=True)
class _View:
    """A picture made from the one given, and how many of its pixels one of that one's is."""

    grey: Grey
    scale: float = 1.0

    def back(self, x: float, y: float) -> tuple[float, float]:
        return x / self.scale, y / self.scale

    @property
    def size(self) -> tuple[int, int]:
        return self.grey.shape[1], self.grey.shape[0]


def decode_codes(picture: Picture) -> tuple[Code, ...]:
    """Every code found, top to bottom. DeviceError where zxing-cpp is not usable; pyzbar may be missing."""
    from courier_check.devices.opencv import cv2

    whole = _View(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY))
    return _Still(Engines.loaded(), whole, _no_larger(whole, LARGEST_PX)).codes()


class _Still:
    """One picture on its way through the passes."""

    def __init__(self, engines: Engines, whole: _View, view: _View) -> None:
        self._engines = engines
        self._whole = whole
        self._view = view
        self._reads: list[Read] = []

    def codes(self) -> tuple[Code, ...]:
        if self._view is self._whole:
            self._reads += self._engines.by_zxing(self._whole.grey)
        else:
            self._reads += self._engines.by_zxing(self._whole.grey, _LARGE)
            self._reads += _moved(self._engines.by_zxing(self._view.grey, view="smaller"), self._view)
        self._reads += _moved(self._engines.by_zbar(self._view.grey), self._view)
        self._reads += self._in_patches()
        began = time.thread_time()
        for further in self._further():
            if not unsettled(self._reads, self._whole.size) or time.thread_time() - began > LONGEST_CPU_S:
                break
            further()
        return agreed(self._reads, self._whole.size)

    def _in_patches(self) -> Iterator[Read]:
        """Bars that no confirmed code accounts for, turned upright."""
        from courier_check.devices.bars import straightened_bars

        known = [code.position for code in agreed(self._reads, self._whole.size) if code.confirmed]
        for number, (plain, *averaged) in enumerate(straightened_bars(self._view.grey)):
            outline = _quad_of(plain.outline)
            if any(near(outline, position) for position in known):
                continue
            for patch in (plain, *averaged):
                size = (patch.picture.shape[1], patch.picture.shape[0])
                for read in self._of_patch(patch, f"patch-{number}" + "-averaged" * patch.averaged):
                    if not is_cut_off(read, size):
                        yield read.moved(patch.back).moved(self._view.back)

    def _of_patch(self, patch: Patch, view: str) -> Iterator[Read]:
        """Dark on light; then light on dark, which no engine does by itself for bars."""
        found = [*self._engines.by_zxing(patch.picture, _PATCH, view=view, derived=patch.averaged)]
        found += self._engines.by_zbar(patch.picture, view=view, derived=patch.averaged)
        if not found:
            found += self._engines.by_zxing(255 - patch.picture, _PATCH, view=view, derived=patch.averaged)
        return (read for read in found if read.symbology in LINEAR)

    def _further(self) -> Iterable[Callable[[], None]]:
        larger = 2.0 if self._view.grey.size <= _SMALL_PX else 1.5
        return (
            lambda: self._add("enlarged", self._resized(larger)),
            lambda: self._add("sharpened", _sharpened(self._view, 2.0, 1.2), derived=True),
            lambda: self._add("smoothed", self._smoothed()),
            lambda: self._add("global", self._view, Effort(global_threshold=True)),
            lambda: self._add("turned", self._view, turned=True),
            lambda: self._add("enlarged-sharpened", _sharpened(self._resized(larger), 3.0, 2.0), derived=True),
            lambda: self._add("half", self._resized(0.5)),
            lambda: self._add("levelled", self._levelled()),
            lambda: self._add("larger-still", self._resized(larger * 1.4)),
        )

    def _add(self, name: str, view: _View, effort: Effort = Effort(), *, derived: bool = False, turned: bool = False) -> None:  # noqa: B008
        if view.grey.size > LARGEST_ENLARGED_PX and view is not self._view:
            return
        if turned:
            self._add_turned(name)
            return
        self._reads += _moved(self._engines.by_zxing(view.grey, effort, view=name, derived=derived), view)
        self._reads += _moved(self._engines.by_zbar(view.grey, view=name, derived=derived), view)

    def _add_turned(self, name: str) -> None:
        """A little askew: bars fall on other pixels than before, so that what is read again is no accident of the grid."""
        import numpy as np

        from courier_check.devices.opencv import cv2

        height, width = self._view.grey.shape
        matrix = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), 6.0, 1.15))
        grey = cv2.warpAffine(self._view.grey, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=128)
        (a, b, c), (d, e, f) = cv2.invertAffineTransform(matrix)
        back = self._view.back

        def original(x: float, y: float) -> tuple[float, float]:
            return back(a * x + b * y + c, d * x + e * y + f)

        found = [*self._engines.by_zxing(grey, view=name), *self._engines.by_zbar(grey, view=name)]
        self._reads += [read.moved(original) for read in found if not is_cut_off(read, (width, height))]

    def _resized(self, scale: float) -> _View:
        from courier_check.devices.opencv import cv2

        if self._view.grey.size * scale * scale > LARGEST_ENLARGED_PX and scale > 1:
            return self._view
        how = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
        return _View(cv2.resize(self._view.grey, None, fx=scale, fy=scale, interpolation=how), self._view.scale * scale)

    def _smoothed(self) -> _View:
        from courier_check.devices.opencv import cv2

        return _View(cv2.GaussianBlur(self._view.grey, (0, 0), 0.9), self._view.scale)

    def _levelled(self) -> _View:
        """Contrast evened out from place to place: shade, and pale print."""
        from courier_check.devices.opencv import cv2

        return _View(cv2.createCLAHE(4.0, (12, 12)).apply(self._view.grey), self._view.scale)


def _no_larger(whole: _View, most_px: int) -> _View:
    from courier_check.devices.opencv import cv2

    if whole.grey.size <= most_px:
        return whole
    scale = (most_px / whole.grey.size) ** 0.5
    return _View(cv2.resize(whole.grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), scale)


def _sharpened(view: _View, sigma: float, amount: float) -> _View:
    from courier_check.devices.opencv import cv2

    return _View(cv2.addWeighted(view.grey, 1 + amount, cv2.GaussianBlur(view.grey, (0, 0), sigma), -amount, 0), view.scale)


def _moved(reads: Iterable[Read], view: _View) -> list[Read]:
    return [read.moved(view.back) for read in reads]


def _quad_of(corners: tuple[tuple[float, float], ...]) -> Quad:
    a, b, c, d = ((round(x), round(y)) for x, y in corners)
    return a, b, c, d
