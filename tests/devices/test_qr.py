"""QR codes to print are read by the reader that reads everything else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.devices.barcodes import decode_codes
from courier_check.devices.codes import VisionCode
from courier_check.devices.qr import QUIET_ZONE, qr_modules
from courier_check.errors import DeviceError


def drawn(text: str, scale: int = 4) -> np.ndarray:
    modules = qr_modules(text)
    assert all(len(row) == len(modules) for row in modules)
    dark = np.pad(np.array(modules), QUIET_ZONE)
    return np.kron(np.where(dark, 0, 255).astype(np.uint8), np.ones((scale, scale), np.uint8))


@given(st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=12, max_size=1400))
def test_what_is_drawn_is_read(text: str) -> None:
    codes = decode_codes(np.repeat(drawn(text)[:, :, None], 3, axis=2))
    assert [(code.symbology, code.text) for code in codes] == [("QRCode", text)]


def test_a_text_no_code_holds_is_refused() -> None:
    with pytest.raises(DeviceError) as caught:
        qr_modules("a" * 5000)
    assert caught.value.code == VisionCode.CODE_NOT_MADE
