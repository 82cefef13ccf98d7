"""The two engines that read codes, zxing-cpp and pyzbar, spoken to in one way. Neither decides here what a read is worth."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from courier_check.devices.codes import VisionCode
from courier_check.errors import DeviceError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    import numpy as np
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]
    """Height × width, one channel."""

Point = tuple[int, int]
Quad = tuple[Point, Point, Point, Point]

CHECKED = frozenset({"Code128", "EAN13", "UPCA"})
"""Linear symbologies whose check digit and form together let few misreads through."""
BARELY_CHECKED = frozenset({"EAN8", "UPCE"})
"""Short, with a check digit: found now and then in print that is no code."""
UNCHECKED = frozenset({"Code39", "ITF"})
LINEAR = CHECKED | BARELY_CHECKED | UNCHECKED
LINEAR_NAMES = ("Code128", "Code39", "ITF", "EAN13", "EAN8", "UPCA", "UPCE")
MATRIX_NAMES = ("QRCode", "MicroQRCode", "DataMatrix", "PDF417")

_ZBAR_NAMES = {"CODE128": "Code128", "CODE39": "Code39", "I25": "ITF", "EAN13": "EAN13", "EAN8": "EAN8", "QRCODE": "QRCode"}
"""Not asked for UPC, it gives them as the EAN-13 they are part of."""
_FAMILIES = ("QRCodeModel", "Code39", "ITF", "PDF417")
"""Variants that count as the symbology they are of."""


class Engine(StrEnum):
    ZXING = "zxing"
    ZBAR = "zbar"


@dataclass(frozen=True, slots=True)
class Read:
    """What one engine read in one pass: `symbology` in zxing-cpp's names, `position` its corners in the picture's pixels.

    `view`: which pass; reads of the same view by the same engine say the same thing twice. `derived`: from pixels that were averaged or
    sharpened, where rows are no longer independent of each other. `lines`: on how many of its scan lines pyzbar read the same; zxing-cpp,
    which asks for two, does not tell.
    """

    text: str
    symbology: str
    position: Quad
    engine: Engine
    view: str = "full"
    derived: bool = False
    lines: int = 2

    def moved(self, back: Callable[[float, float], tuple[float, float]]) -> Read:
        """The same read where it lies in the picture that this one's was made of."""
        return replace(self, position=quad(back(x, y) for x, y in self.position))


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard zxing-cpp looks. `lines_only`: bars that stand upright, for patches that were cut out and turned."""

    names: tuple[str, ...] = (*LINEAR_NAMES, *MATRIX_NAMES)
    invert: bool = True
    global_threshold: bool = False
    lines_only: bool = False


@dataclass(frozen=True, slots=True)
class Engines:
    """zxing-cpp, which must be there, and pyzbar, which may be missing."""

    zxing: ModuleType = field(repr=False)
    zbar: ModuleType | None = field(repr=False)

    @classmethod
    def loaded(cls) -> Engines:
        """DeviceError where zxing-cpp is not usable."""
        try:
            import zxingcpp
        except ImportError as missing:
            raise DeviceError(VisionCode.DECODER_UNAVAILABLE, detail=str(missing)) from missing
        try:
            from pyzbar import pyzbar
        except ImportError:  # libzbar is not installed: go on without a second opinion
            pyzbar = None
        return cls(zxingcpp, pyzbar)

    def by_zxing(self, grey: Grey, effort: Effort = Effort(), *, view: str = "full", derived: bool = False) -> Iterator[Read]:
        binarizer = self.zxing.Binarizer.GlobalHistogram if effort.global_threshold else self.zxing.Binarizer.LocalAverage
        found = self.zxing.read_barcodes(
            grey,
            formats=self.zxing.barcode_formats_from_str(",".join(effort.names)),
            try_rotate=not effort.lines_only,
            try_downscale=not effort.lines_only,
            try_invert=effort.invert,
            text_mode=self.zxing.TextMode.Plain,
            binarizer=binarizer,
        )
        for code in found:
            if code.text.strip():
                place = code.position
                corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
                position = quad((corner.x, corner.y) for corner in corners)
                yield Read(code.text, _family(code.format), position, Engine.ZXING, view, derived)

    def by_zbar(self, grey: Grey, *, view: str = "full", derived: bool = False) -> Iterator[Read]:
        """Nothing where pyzbar is not installed."""
        if self.zbar is None:
            return
        wanted = [self.zbar.ZBarSymbol[name] for name in _ZBAR_NAMES]
        for read in self.zbar.decode(grey, symbols=wanted):
            text = read.data.decode("utf-8", "replace")
            if text.strip() and read.type in _ZBAR_NAMES:
                yield Read(text, _ZBAR_NAMES[read.type], _around(read), Engine.ZBAR, view, derived, int(read.quality))


def _family(symbology: object) -> str:
    """`BarcodeFormat.Code128` → `Code128`; the variants of a symbology count as it."""
    name = str(getattr(symbology, "name", symbology)).rpartition(".")[2]
    return next((family.removesuffix("Model") for family in _FAMILIES if name.startswith(family)), name)


def _around(read: Any) -> Quad:  # pyzbar has no types
    left, top, width, height = read.rect
    return (left, top), (left + width, top), (left + width, top + height), (left, top + height)


def quad(points: Iterable[tuple[float, float]]) -> Quad:
    """Four points as whole pixels."""
    a, b, c, d = ((round(x), round(y)) for x, y in points)
    return a, b, c, d
