"""QR codes to print. Reading them is `barcodes`."""

from __future__ import annotations

from typing import Literal

from courier_check.devices.codes import VisionCode
from courier_check.errors import DeviceError

Modules = tuple[tuple[bool, ...], ...]
"""Rows of a code without its quiet zone, True where it is dark."""
QUIET_ZONE = 4
"""Light modules to leave on every side (ISO/IEC 18004)."""


def qr_modules(text: str, *, correction: Literal["L", "M"] = "L") -> Modules:
    """The smallest QR code of a text, by default with the least error correction: what is printed large and flat needs no more. DeviceError
    where zxing-cpp is not usable or the text is too long (2 953 bytes)."""
    try:
        import zxingcpp

        made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=correction)
        image: list[list[int]] = memoryview(made.to_image(scale=1, add_quiet_zones=False)).tolist()  # type: ignore[assignment]  # of two dimensions
    except (ImportError, ValueError, TypeError, RuntimeError) as error:
        raise DeviceError(VisionCode.CODE_NOT_MADE) from error
    return tuple(tuple(value == 0 for value in row) for row in image)
