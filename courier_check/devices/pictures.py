"""Picture files, loaded safely: every bad file gets its own sentence, and nothing is decoded before its size is known to be bearable."""

from __future__ import annotations

import io
import struct
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from courier_check.devices.codes import PictureCode
from courier_check.errors import DeviceError, UserError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

    Picture = NDArray[np.uint8]
    """Height × width × 3, channels blue, green, red: what OpenCV and the decoders expect."""

LARGEST_FILE_BYTES = 40_000_000
LARGEST_PIXELS = 60_000_000
SMALLEST_SIDE_PX = 32
FORMATS = ("JPEG", "PNG", "BMP", "GIF", "WEBP", "TIFF")
"""Those Pillow has at hand before those it loads all its plugins for; multi-picture phone files open as JPEG."""

_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1")
# What Pillow's plugins raise on broken content, besides OSError: their parsers index and unpack raw bytes.
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, struct.error, IndexError, KeyError, TypeError, ZeroDivisionError, OverflowError)


@dataclass(frozen=True, slots=True)
class GivenPicture:
    """A picture file's bytes, from a camera or another process; `name` is what people are told it is called."""

    name: str
    data: bytes = field(repr=False)


def load_picture(source: Path | GivenPicture, *, longest_px: int | None = None) -> Picture:
    """The picture upright (EXIF orientation honoured), 8-bit blue-green-red, transparency on white.

    With `longest_px` larger pictures are made smaller, JPEG already while it is decoded: 50 megapixels need no 150 MB then.
    UserError with a `PictureCode` for a file that is missing, not a file, unreadable by us, empty, too large, no picture, cut short, or of
    too many or too few pixels; DeviceError where the disk fails.
    """
    data = source.data if isinstance(source, GivenPicture) else read_picture_file(source)
    return decode_picture(data, name=source.name, longest_px=longest_px)


def decode_picture(data: bytes, *, name: str, longest_px: int | None = None) -> Picture:
    """As `load_picture`, from the bytes of a file called `name`."""
    if not data:
        raise UserError(PictureCode.EMPTY, file=name)
    with warnings.catch_warnings():  # Pillow warns of odd EXIF blocks and of sizes that are checked right here
        warnings.simplefilter("ignore")
        return _pixels(_open(data, name), name, longest_px)


def read_picture_file(path: Path) -> bytes:
    """The bytes of a picture file as they are. UserError and DeviceError as for `load_picture`, but for what only decoding shows."""
    try:
        if not path.is_file():
            raise UserError(PictureCode.NOT_A_FILE if path.exists() else PictureCode.MISSING, file=path.name)
        size = path.stat().st_size
        if size > LARGEST_FILE_BYTES:
            raise UserError(PictureCode.FILE_TOO_LARGE, file=path.name, megabytes=size // 1_000_000, limit=LARGEST_FILE_BYTES // 1_000_000)
        return path.read_bytes()
    except PermissionError as refused:
        raise UserError(PictureCode.FORBIDDEN, file=path.name) from refused
    except ValueError as wrong:  # a NUL in the name
        raise UserError(PictureCode.MISSING, file=path.name) from wrong
    except OSError as failed:
        raise DeviceError(PictureCode.READ_FAILED, file=path.name, detail=failed.strerror or type(failed).__name__) from failed


def _open(data: bytes, name: str) -> Image:
    """The header only; Pillow decodes on first use."""
    from PIL import Image, UnidentifiedImageError

    if data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS:
        raise UserError(PictureCode.HEIC, file=name)
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError as wrong:
        raise UserError(PictureCode.NOT_A_PICTURE, file=name) from wrong
    except Image.DecompressionBombError as wrong:
        raise UserError(PictureCode.TOO_MANY_PIXELS, file=name, megapixels=None, limit=LARGEST_PIXELS // 1_000_000) from wrong
    except _BROKEN as wrong:
        raise UserError(PictureCode.TRUNCATED, file=name) from wrong
    width, height = image.size
    if width * height > LARGEST_PIXELS:
        megapixels = width * height // 1_000_000
        raise UserError(PictureCode.TOO_MANY_PIXELS, file=name, megapixels=megapixels, limit=LARGEST_PIXELS // 1_000_000)
    if min(width, height) < SMALLEST_SIDE_PX:
        raise UserError(PictureCode.TOO_SMALL, file=name, width=width, height=height, limit=SMALLEST_SIDE_PX)
    return image


def _pixels(image: Image, name: str, longest_px: int | None) -> Picture:
    import numpy as np
    from PIL import Image as Images
    from PIL import ImageOps

    try:
        if longest_px is not None:
            image.draft("RGB", (longest_px, longest_px))  # JPEG only: the nearest size above that decoding gives for free
        image.load()
        if longest_px is not None and max(image.size) > longest_px:
            image.thumbnail((longest_px, longest_px))
        upright = ImageOps.exif_transpose(image)
        if upright.mode.startswith("I;16"):  # Pillow would clip sixteen bits to white
            upright = Images.fromarray((np.asarray(upright, dtype=np.uint16) >> 8).astype(np.uint8), "L")
        if upright.has_transparency_data:
            layered = upright.convert("RGBA")
            upright = Images.new("RGBA", layered.size, "white")
            upright.alpha_composite(layered)
        rgb = np.asarray(upright.convert("RGB"), dtype=np.uint8)
    except _BROKEN as wrong:
        raise UserError(PictureCode.TRUNCATED, file=name) from wrong
    return np.ascontiguousarray(rgb[:, :, ::-1])
