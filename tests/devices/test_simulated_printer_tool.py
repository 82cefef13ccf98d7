"""`python -m tools.simulated_printer`: tells its address and its labels, is in the trouble it is told, reads files."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from courier_check.devices.bitmap import Bitmap, LabelSize
from courier_check.devices.codes import PrinterCode
from courier_check.devices.label_languages import PrinterLanguage, encoded
from courier_check.devices.label_printer import PrinterPlan, Waits, print_bitmap
from courier_check.errors import DeviceError
from tools.simulated_printer import main

LABEL = Bitmap(16, 2, b"\xa5\x00\xff\x01")


def printed(address: str) -> str | None:
    try:
        print_bitmap(LABEL, PrinterPlan(address, PrinterLanguage.ZPL, LabelSize()), "label", Waits())
    except DeviceError as error:
        return error.code.value
    return None


def test_it_prints_and_is_in_trouble(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    codes: list[str | None] = []

    def typed() -> Iterator[str]:
        """Somebody at its terminal, and somebody who prints meanwhile."""
        address = capsys.readouterr().out.strip()
        yield "paper-out\n"
        codes.append(printed(address))
        yield "nonsense\n"
        yield "none\n"
        codes.append(printed(address))

    monkeypatch.setattr(sys, "stdin", typed())
    assert main(["--language", "zpl", "--out", str(tmp_path / "out")]) == 0
    assert codes == [PrinterCode.PAPER_OUT, None]
    said = capsys.readouterr()
    assert said.out == f"1: 16x2 {tmp_path / 'out' / 'label-1.png'}\n"
    assert said.err.startswith("nonsense: none, paper-out")
    with Image.open(tmp_path / "out" / "label-1.png") as picture:
        assert bytes(byte ^ 0xFF for byte in picture.convert("1").tobytes()) == LABEL.data


def test_a_file_is_read_or_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "label.tspl").write_bytes(encoded(LABEL, LabelSize(), PrinterLanguage.TSPL))
    assert main(["--file", str(tmp_path / "label.tspl")]) == 0
    assert capsys.readouterr().out == "1: 16x2\n"
    assert main(["--file", str(tmp_path / "label.tspl"), "--language", "zpl"]) == 2
    assert main(["--file", str(tmp_path / "absent")]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2
