"""The window's serial guns on pseudo-terminals: scans arrive on the UI thread, a lost gun is named in the status bar until it is back."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from courier_check.clock import SystemClock
from courier_check.devices.scans import GunLine, LineScan
from courier_check.devices.serial_scanner import Gun
from courier_check.devices.simulated_scanner import SimulatedScanner
from courier_check.store.machine import SCANNER_VARIABLE, KnownScanner, Machine, save_machine
from courier_check.wording import Language, Wording
from ui.guns import Guns, guns_of
from ui.shown import StatusShown

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals on Windows")

CODE = "SF1234567890123"
WORDING = Wording(Language.CHINESE)


class Told:
    """What the guns told the window."""

    def __init__(self, guns: Guns) -> None:
        self.scans: list[str] = []
        self.sentences: list[tuple[str, bool]] = []
        guns.scanned.connect(self._scanned)
        guns.told.connect(lambda text, wrong: self.sentences.append((text, wrong)))

    def _scanned(self, scan: LineScan) -> None:
        self.scans.append(scan.text)


@pytest.fixture
def line(tmp_path: Path) -> Iterator[SimulatedScanner]:
    with SimulatedScanner(tmp_path / "ttyGUN0") as line:
        yield line


def opened(qtbot: QtBot, *lines: SimulatedScanner) -> tuple[Guns, Told]:
    guns = Guns([Gun(str(line.path), GunLine()) for line in lines], SystemClock(), WORDING, retry_ms=30)
    told, found = Told(guns), list[int]()
    guns.changed.connect(lambda: found.append(1))
    guns.open()
    qtbot.waitUntil(lambda: len(found) == len(lines), timeout=10_000)
    return guns, told


def test_a_scan_arrives_and_a_wrong_one_is_said(qtbot: QtBot, line: SimulatedScanner) -> None:
    guns, told = opened(qtbot, line)
    line.scan(CODE)
    line.scan("06")
    qtbot.waitUntil(lambda: bool(told.scans and told.sentences), timeout=10_000)
    assert told.scans == [CODE]
    assert told.sentences == [("扫到的只有 2 个字符，不是运单号，没有采用。请扫运单上的条码。", True)]
    guns.close()


def test_a_lost_gun_is_said_once_named_in_the_status_and_back_without_a_restart(
    qtbot: QtBot, line: SimulatedScanner, tmp_path: Path
) -> None:
    with SimulatedScanner(tmp_path / "ttyGUN1") as other:
        guns, told = opened(qtbot, line, other)
        before = StatusShown(True, "在线", (("待传", "0"),))
        assert guns.beside(before) is before
        line.close()
        qtbot.waitUntil(lambda: guns.gone == (str(line.path),), timeout=10_000)
        assert guns.beside(before).counts == (("待传", "0"), ("扫码枪断开", "ttyGUN0"))
        other.scan(CODE)
        qtbot.waitUntil(lambda: told.scans == [CODE], timeout=10_000)  # the other one works meanwhile
        line.open()
        qtbot.waitUntil(lambda: guns.gone == (), timeout=10_000)
        line.scan("YT7766554433221")
        qtbot.waitUntil(lambda: len(told.scans) == 2, timeout=10_000)
        assert [wrong for _, wrong in told.sentences] == [True, False]
        assert "断开了" in told.sentences[0][0]
        assert told.sentences[1][0] == f"扫码枪（{line.path}）已接好。"
        started = time.monotonic()
        guns.close()
        assert time.monotonic() - started < 1.5


def test_guns_are_those_that_the_station_has_set(folder_with: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SCANNER_VARIABLE, raising=False)
    assert guns_of(folder_with, SystemClock(), WORDING).gone == ()
    save_machine(folder_with, Machine(scanners=(KnownScanner(port="COM5"), KnownScanner(port="COM6", line="fast"))))
    guns = guns_of(folder_with, SystemClock(), WORDING)
    told = Told(guns)
    guns.open()
    guns.close()
    assert len(told.sentences) == 1
    assert "fast" in told.sentences[0][0]
    (folder_with / "devices.json").write_bytes(b"{")
    guns = guns_of(folder_with, SystemClock(), WORDING)
    guns.open()
    guns.close()


@pytest.fixture
def folder_with(tmp_path: Path) -> Path:
    folder = tmp_path / "station"
    folder.mkdir()
    return folder
