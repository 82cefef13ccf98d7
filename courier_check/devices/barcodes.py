"""条码 in a still picture: a cascade of passes, cheap ones first, and how far the reads agree (measured in the vision notes).

zxing-cpp reads; pyzbar, where its library is installed, is asked only when zxing finds nothing or finds it once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from courier_check.devices.codes import VisionCode
from courier_check.errors import DeviceError

if TYPE_CHECKING:
    from types import ModuleType

    from courier_check.devices.pictures import Picture

Point = tuple[int, int]
Quad = tuple[Point, Point, Point, Point]

LINEAR = frozenset({"Code128", "Code39", "ITF", "EAN13", "EAN8", "UPCA", "UPCE"})
ITF_LENGTH = 14
"""ITF has no end mark: a cut-off view reads as a shorter number. Only the carton's ITF-14 is taken, and only when read twice."""
_ZBAR_NAMES = {
    "CODE128": "Code128",
    "CODE39": "Code39",
    "I25": "ITF",
    "EAN13": "EAN13",
    "EAN8": "EAN8",
    "UPCA": "UPCA",
    "UPCE": "UPCE",
    "QRCODE": "QRCode",
}
_LARGEST_ENLARGED_PX = 12_000_000


@dataclass(frozen=True, slots=True)
class Code:
    """One code in a picture. `symbology` in zxing-cpp's names; `position`: its corners in the picture's pixels.

    `confirmed`: two reads agree (two passes, two engines or two printed copies), or the symbology corrects its own errors. ITF never is:
    that takes two frames.
    """

    text: str
    symbology: str
    position: Quad
    confirmed: bool = False


def decode_codes(picture: Picture) -> tuple[Code, ...]:
    """Every code found, top to bottom. DeviceError where zxing-cpp is not usable; pyzbar may be missing."""
    found: list[tuple[str, Code]] = []
    for name, read, wanted in _passes(_zxing()):
        if wanted(found):
            found += [(name, code) for code in read(picture) if code.text.strip()]
    return _agreed(found)


Found = list[tuple[str, Code]]
Pass = tuple[str, Callable[["Picture"], Iterable[Code]], Callable[[Found], bool]]


def _passes(zxing: ModuleType) -> tuple[Pass, ...]:
    everyday = ["Code128", "Code39", "ITF", "EAN13", "EAN8", "UPCA", "UPCE", "QRCode"]

    def full(picture: Picture) -> Iterable[Code]:
        return _zxing_read(zxing, picture, everyday)

    def enlarged(picture: Picture) -> Iterable[Code]:
        return _enlarged(zxing, picture, everyday)

    def sharpened(picture: Picture) -> Iterable[Code]:
        return _zxing_read(zxing, _unsharp(picture), everyday)

    def straightened(picture: Picture) -> Iterable[Code]:
        from courier_check.devices.bars import straightened_bars

        return (
            _moved(code, patch.back) for patch in straightened_bars(picture) for code in _zxing_read(zxing, patch.picture, sorted(LINEAR))
        )

    def data_matrix(picture: Picture) -> Iterable[Code]:
        return _zxing_read(zxing, picture, ["DataMatrix"])

    return (
        ("full", full, _always),
        ("straightened", straightened, lambda found: not _linear(found)),
        ("enlarged", enlarged, _unsettled),
        ("sharpened", sharpened, _unsettled),
        ("zbar", _zbar_read, _unsettled),
        ("data-matrix", data_matrix, lambda found: not _matrix(found)),
    )


def _always(_: Found) -> bool:
    return True


def _linear(found: Found) -> bool:
    return any(code.symbology in LINEAR for _, code in found)


def _matrix(found: Found) -> bool:
    return any(code.symbology not in LINEAR for _, code in found)


def _unsettled(found: Found) -> bool:
    """Nothing linear yet, or a linear code that only one read has shown."""
    linear = [code for code in _agreed(found) if code.symbology in LINEAR]
    return not linear or any(not code.confirmed for code in linear)


def _zxing() -> ModuleType:
    try:
        import zxingcpp
    except ImportError as missing:
        raise DeviceError(VisionCode.DECODER_UNAVAILABLE, detail=str(missing)) from missing
    module: ModuleType = zxingcpp
    return module


def _zxing_read(zxing: ModuleType, picture: Picture, names: list[str]) -> Iterator[Code]:
    formats = zxing.barcode_formats_from_str(",".join(names))
    for code in zxing.read_barcodes(picture, formats=formats, try_invert=False, text_mode=zxing.TextMode.Plain):
        place = code.position
        corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
        yield Code(code.text, _name(code.format), _quad((corner.x, corner.y) for corner in corners))


def _name(symbology: object) -> str:
    """`BarcodeFormat.Code128` → `Code128`; the variants of QR codes count as QR codes."""
    name = str(getattr(symbology, "name", symbology)).rpartition(".")[2]
    return "QRCode" if name.startswith("QRCodeModel") else name


def _zbar_read(picture: Picture) -> Iterable[Code]:
    try:
        from pyzbar import pyzbar
    except ImportError:  # libzbar is not installed: go on without a second opinion
        return ()
    wanted = [pyzbar.ZBarSymbol[name] for name in _ZBAR_NAMES]
    return [
        Code(read.data.decode("utf-8", "replace"), _ZBAR_NAMES[read.type], _around(read.rect))
        for read in pyzbar.decode(picture[:, :, 1].copy(), symbols=wanted)
        if read.type in _ZBAR_NAMES
    ]


def _around(rect: tuple[int, int, int, int]) -> Quad:
    left, top, width, height = rect
    return (left, top), (left + width, top), (left + width, top + height), (left, top + height)


def _enlarged(zxing: ModuleType, picture: Picture, names: list[str]) -> Iterator[Code]:
    from courier_check.devices.opencv import cv2

    if picture.shape[0] * picture.shape[1] > _LARGEST_ENLARGED_PX:
        return
    larger = cv2.resize(picture, None, fx=1.5, fy=1.5, interpolation=cv2.INTER_CUBIC)
    for code in _zxing_read(zxing, larger, names):
        yield _moved(code, lambda x, y: (x / 1.5, y / 1.5))


def _unsharp(picture: Picture) -> Picture:
    from courier_check.devices.opencv import cv2

    sharpened: Picture = cv2.addWeighted(picture, 2.2, cv2.GaussianBlur(picture, (0, 0), 2.0), -1.2, 0)
    return sharpened


def _moved(code: Code, back: Callable[[float, float], tuple[float, float]]) -> Code:
    return replace(code, position=_quad(back(x, y) for x, y in code.position))


def _quad(points: Iterable[tuple[float, float]]) -> Quad:
    a, b, c, d = ((round(x), round(y)) for x, y in points)
    return a, b, c, d


# ---- agreement ----------------------------------------------------------------------------------------------------


def _agreed(found: Found) -> tuple[Code, ...]:
    """One code for each symbology and text; a lone read at the place of a confirmed one is a misread and is dropped."""
    codes = [code for code in _merged(found) if code is not None]
    kept = [
        code
        for code in codes
        if code.confirmed or not any(other.confirmed and _same_place(code, other) for other in codes if other is not code)
    ]
    return tuple(sorted(kept, key=lambda code: (min(y for _, y in code.position), min(x for x, _ in code.position), code.text)))


def _merged(found: Found) -> Iterator[Code | None]:
    reads: dict[tuple[str, str], Found] = {}
    for name, code in found:
        reads.setdefault((code.symbology, code.text), []).append((name, code))
    for (symbology, text), same in reads.items():
        first = same[0][1]
        twice = len({name for name, _ in same}) > 1 or any(not _same_place(first, other) for _, other in same[1:])
        if symbology == "ITF":
            yield first if twice and len(text) == ITF_LENGTH else None
        else:
            yield replace(first, confirmed=twice or symbology not in LINEAR)


def _same_place(code: Code, other: Code) -> bool:
    """Whether the middle of one lies within the other's bounds, widened a little: engines report bars with different edges."""
    return _within(_middle(code), other) or _within(_middle(other), code)


def _middle(code: Code) -> tuple[float, float]:
    return sum(x for x, _ in code.position) / 4, sum(y for _, y in code.position) / 4


def _within(point: tuple[float, float], code: Code, margin: int = 12) -> bool:
    xs, ys = [x for x, _ in code.position], [y for _, y in code.position]
    return min(xs) - margin <= point[0] <= max(xs) + margin and min(ys) - margin <= point[1] <= max(ys) + margin
