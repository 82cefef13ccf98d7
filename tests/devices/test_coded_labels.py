"""A label whose two-dimensional code names the parties, read from a picture without any printed text."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from courier_check.devices.waybill_labels import LabelWarning
from courier_check.devices.waybill_pictures import read_waybill
from courier_check.parcel.carriers import Carriers
from courier_check.store.resources import read_resource

GS = "\x1d"
LABEL = "00106141412345678908" + GS.join(
    [f"4301{quote('李样例')}", f"4302{quote('样例路 2 号')}", "4308+8613900005678", f"4311{quote('王思远')}"]
)


class Blind:
    """An OCR that reads nothing."""

    def read(self, picture: object) -> tuple[()]:  # noqa: ARG002 - a reader's form
        return ()


@pytest.fixture
def label(tmp_path: Path) -> Path:
    code = zxingcpp.create_barcode(LABEL, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    drawn = np.array(zxingcpp.write_barcode_to_image(code, scale=6, add_quiet_zones=True))
    path = tmp_path / "label.png"
    Image.fromarray(drawn).save(path)
    return path


def test_the_parties_come_from_the_code(label: Path) -> None:
    reading = read_waybill(label, Carriers.parse(read_resource("carriers.json")), ("sf",), Blind())
    assert (reading.addressee_name, reading.addressee_phone, reading.addressee_address) == ("李样例", "+8613900005678", "样例路 2 号")
    assert reading.sender_name == "王思远"
    assert reading.waybill is None, "an SSCC is no waybill of these carriers"
    assert LabelWarning.ADDRESSEE_UNREADABLE not in reading.warnings
