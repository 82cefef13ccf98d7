"""A serial gun's thread on a pseudo-terminal: scans, slow lines, unplugged and back, several guns, closed; ports known again by device."""

from __future__ import annotations

import logging
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from serial.tools.list_ports_common import ListPortInfo

from courier_check.clock import SystemClock
from courier_check.devices import serial_ports
from courier_check.devices.codes import ScannerCode
from courier_check.devices.scans import Ending, GunLine, LineScan
from courier_check.devices.serial_ports import LineLostError, device_at, port_finder, port_of
from courier_check.devices.serial_scanner import Gun, GunFound, SerialScanner, open_gun
from courier_check.devices.simulated_scanner import SimulatedScanner
from courier_check.errors import DeviceError
from support.scanners import Heard, listening

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")

CODE = "SF1234567890123"


@pytest.mark.parametrize("ending", [b"\r", b"\n", b"\r\n", b"\t", b""])
def test_a_scan_comes_once_whatever_ends_it(tmp_path: Path, ending: bytes) -> None:
    with SimulatedScanner(tmp_path / "gun", ending=ending) as gun, listening(gun.path) as heard:
        assert heard.wait_for_found() == GunFound(str(gun.path), back=False)
        gun.scan(CODE)
        assert heard.wait_for_texts(1) == [CODE]
        gun.scan("YT7766554433221")
        assert heard.wait_for_texts(2) == [CODE, "YT7766554433221"]
        assert heard.codes == []


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_a_label_with_chinese_comes_as_it_is_printed(tmp_path: Path, encoding: str) -> None:
    with SimulatedScanner(tmp_path / "gun", encoding=encoding) as gun, listening(gun.path) as heard:
        heard.wait_for_found()
        gun.scan("运单SF1234567890123，收件人李样例")
        assert heard.wait_for_texts(1) == ["运单SF1234567890123,收件人李样例"]


def test_a_slow_line_parts_nothing(tmp_path: Path) -> None:
    line = GunLine(quiet_ms=500)
    with SimulatedScanner(tmp_path / "gun") as gun, listening(gun.path, line) as heard:
        heard.wait_for_found()
        gun.send(b"SF1234567890123\r", gap_ms=30)
        assert heard.wait_for_texts(1) == [CODE]
        (scan,) = [told for told in heard.told if isinstance(told, LineScan)]
        assert scan.ended_ms - scan.began_ms >= 25


def test_half_noise_short_and_long_are_named_one_after_the_other(tmp_path: Path) -> None:
    with SimulatedScanner(tmp_path / "gun") as gun, listening(gun.path, GunLine(ending=Ending.CR)) as heard:
        heard.wait_for_found()
        for number, (data, code) in enumerate(
            [
                (b"SF12345", ScannerCode.HALF),
                (b"\xff\xff\xff\xff\r", ScannerCode.NOISE),
                (b"06\r", ScannerCode.TOO_SHORT),
                (b"7" * 4_097 + b"\r", ScannerCode.TOO_LONG),
            ]
        ):
            gun.send(data)
            heard.wait_for_code(code.value)
            assert len(heard.codes) == number + 1
        gun.scan(CODE)
        assert heard.wait_for_texts(1) == [CODE]


def test_unplugged_and_back_without_a_restart(tmp_path: Path) -> None:
    with SimulatedScanner(tmp_path / "gun") as gun, listening(gun.path) as heard:
        heard.wait_for_found()
        gun.close()
        heard.wait_for_code(ScannerCode.LOST.value)
        heard.wait_for_code(ScannerCode.PORT_FAILED.value)
        time_of_failures = list(heard.codes)
        gun.open()
        assert heard.wait_for_found(2).back
        gun.scan(CODE)
        assert heard.wait_for_texts(1) == [CODE]
        assert time_of_failures == [ScannerCode.LOST.value, ScannerCode.PORT_FAILED.value]  # each cause once, however often it was tried


def test_the_cable_goes_in_the_middle_of_a_scan(tmp_path: Path) -> None:
    with SimulatedScanner(tmp_path / "gun") as gun, listening(gun.path, GunLine(quiet_ms=1_000)) as heard:
        heard.wait_for_found()
        gun.send(b"SF1234567")
        gun.close()
        heard.wait_for_code(ScannerCode.LOST.value)
        assert heard.texts == []
        assert heard.codes in ([ScannerCode.HALF.value, ScannerCode.LOST.value], [ScannerCode.LOST.value])


def test_a_gun_that_comes_later_is_found(tmp_path: Path) -> None:
    gun = SimulatedScanner(tmp_path / "gun")
    with listening(gun.path) as heard:
        heard.wait_for_code(ScannerCode.PORT_FAILED.value)
        with gun:
            assert heard.wait_for_found().back
            gun.scan(CODE)
            assert heard.wait_for_texts(1) == [CODE]


def test_several_guns_at_once_lose_nothing_and_mix_nothing(tmp_path: Path) -> None:
    rng = random.Random(6)  # noqa: S311 - a seed, no secret
    with (
        SimulatedScanner(tmp_path / "a") as one,
        SimulatedScanner(tmp_path / "b", ending=b"\r\n") as two,
        listening(one.path) as heard_one,
        listening(two.path) as heard_two,
    ):
        heard_one.wait_for_found()
        heard_two.wait_for_found()
        sent: dict[str, list[str]] = {"a": [], "b": []}
        for number in range(200):
            gun, name = rng.choice([(one, "a"), (two, "b")])
            code = f"SF{number:013}"
            gun.scan(code)
            sent[name].append(code)
        assert heard_one.wait_for_texts(len(sent["a"])) == sent["a"]
        assert heard_two.wait_for_texts(len(sent["b"])) == sent["b"]


def test_nothing_is_told_after_the_end(tmp_path: Path) -> None:
    heard = Heard()
    with SimulatedScanner(tmp_path / "gun") as gun:
        scanner = SerialScanner(Gun(str(gun.path), GunLine()), SystemClock(), heard)
        scanner.open()
        heard.wait_for_found()
        started = time.monotonic()
        scanner.close()
        assert time.monotonic() - started < 1.5
        told = list(heard.told)
        gun.scan(CODE)
        scanner.open()
        heard.wait_for_found(2)
        assert heard.told[: len(told)] == told
        scanner.close()


class FailingPort:
    """A port whose driver does what is asked of it in turn."""

    def __init__(self, *answers: bytes | Exception) -> None:
        self._answers = iter(answers)
        self.closed = False

    def write(self, data: bytes) -> None:
        raise AssertionError(data)

    def read(self, timeout_s: float) -> bytes:  # noqa: ARG002 - nothing is waited for
        answer = next(self._answers, LineLostError())
        if isinstance(answer, Exception):
            raise answer
        return answer

    def discard(self) -> None:
        raise AssertionError

    def close(self) -> None:
        self.closed = True


def test_a_fault_of_ours_is_survived_and_shows_nothing_of_a_scan(caplog: pytest.LogCaptureFixture) -> None:
    heard = Heard()
    ports = [FailingPort(b"SF123", RuntimeError("SF1234567890123")), FailingPort(b"YT7766554433221\r")]
    given = iter(ports)
    scanner = SerialScanner(
        Gun("COM3", GunLine()), SystemClock(), heard, retry_ms=20, open_port=lambda _name, _line: next(given, FailingPort())
    )
    with caplog.at_level(logging.DEBUG):
        scanner.open()
        assert heard.wait_for_texts(1) == ["YT7766554433221"]
        scanner.close()
    assert ScannerCode.STOPPED.value in heard.codes
    assert "SF123" not in caplog.text
    assert all(port.closed for port in ports)


def test_a_port_that_cannot_be_opened_names_the_gun_not_the_card_reader(tmp_path: Path) -> None:
    with pytest.raises(DeviceError) as caught:
        open_gun(str(tmp_path / "absent"), GunLine())
    assert caught.value.code is ScannerCode.PORT_FAILED
    assert caught.value.facts["port"] == str(tmp_path / "absent")


def test_a_line_is_opened_as_it_is_set(tmp_path: Path) -> None:
    with SimulatedScanner(tmp_path / "gun") as gun:
        port = open_gun(str(gun.path), GunLine.parse("19200-7E2"))
        try:
            assert isinstance(port, serial_ports.SerialPort)
            settings = port._port.get_settings()
            assert [settings[name] for name in ("baudrate", "bytesize", "parity", "stopbits")] == [19_200, 7, "E", 2]
        finally:
            port.close()


# ---- known again -------------------------------------------------------------------------------------------------------------------------


def usb(device: str, *, serial_number: str | None = None, location: str = "1-2", vid: int | None = 0x0C2E) -> ListPortInfo:
    info = ListPortInfo(device, skip_link_detection=True)
    info.vid, info.pid, info.serial_number, info.location = vid, 0x0206, serial_number, location
    return info


def test_a_gun_is_known_again_at_another_port(monkeypatch: pytest.MonkeyPatch) -> None:
    there = [usb("/dev/ttyUSB0", serial_number="A1"), usb("/dev/ttyUSB1", location="1-3"), usb("/dev/ttyS0", vid=None)]
    monkeypatch.setattr(serial_ports.list_ports, "comports", lambda: there)
    first, second = device_at("/dev/ttyUSB0"), device_at("/dev/ttyUSB1")
    assert (first, second, device_at("/dev/ttyS0"), device_at("/dev/absent")) == ("0c2e:0206:A1", "0c2e:0206:@1-3", "", "")
    there[:2] = [usb("/dev/ttyUSB1", serial_number="A1"), usb("/dev/ttyUSB0", serial_number="B7")]
    assert (port_of(first), port_of(second)) == ("/dev/ttyUSB1", None)


def test_another_device_under_the_old_name_is_not_taken_for_the_gun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serial_ports.list_ports, "comports", lambda: [usb("/dev/ttyUSB0", serial_number="B7")])
    heard, opened = Heard(), list[str]()

    def open_port(name: str, line: GunLine) -> FailingPort:
        opened.append(name)
        return FailingPort()

    scanner = SerialScanner(Gun("/dev/ttyUSB0", GunLine(), device="0c2e:0206:A1"), SystemClock(), heard, retry_ms=20, open_port=open_port)
    scanner.open()
    heard.wait_for_code(ScannerCode.NOT_THERE.value)
    assert opened == []
    monkeypatch.setattr(serial_ports.list_ports, "comports", lambda: [usb("/dev/ttyUSB5", serial_number="A1")])
    heard.wait_for_found()
    scanner.close()
    assert set(opened) == {"/dev/ttyUSB5"}


def test_the_card_reader_is_not_looked_for_at_a_guns_port(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "by-id").symlink_to("/dev/ttyUSB0")
    monkeypatch.setattr(serial_ports.list_ports, "comports", lambda: [usb("/dev/ttyUSB0"), usb("/dev/ttyUSB1")])
    assert port_finder(None, [str(tmp_path / "by-id")])() == ("/dev/ttyUSB1",)
    assert port_finder("/dev/ttyUSB0", ["/dev/ttyUSB0"])() == ("/dev/ttyUSB0",)
    monkeypatch.setattr(serial_ports.list_ports, "comports", lambda: [usb("/dev/ttyUSB0"), usb("/dev/ttyUSB1", serial_number="A1")])
    assert port_finder(None, ["0c2e:0206:A1"])() == ("/dev/ttyUSB0",)  # wherever the gun is now


# ---- the simulated gun -------------------------------------------------------------------------------------------------------------------


def test_a_simulated_gun_leaves_nothing_behind(tmp_path: Path) -> None:
    with SimulatedScanner(tmp_path / "gun") as gun:
        gun.scan(CODE)
        assert gun.path.is_symlink()
    assert list(tmp_path.iterdir()) == []
    gun.scan(CODE)  # into the air


@pytest.mark.slow
def test_the_command_scans_what_it_is_told(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tools.simulated_scanner", "--port", str(tmp_path / "gun"), "--ending", "crlf"]
    with (
        subprocess.Popen(
            command,
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        ) as process,
        listening(tmp_path / "gun") as heard,
    ):
        assert process.stdin is not None
        heard.wait_for_found()
        acts = ("!hex ffffffff0d", "!wait soon", "!half SF123", "!wait 300", "!unplug", "!wait 300", "!plug", "!wait 500")
        process.stdin.write("\n".join((CODE, *acts, "YT7766554433221", "!wait 200", "")))
        process.stdin.close()
        assert heard.wait_for_texts(2) == [CODE, "YT7766554433221"]
        assert process.wait(timeout=30) == 0
        assert process.stderr is not None
        assert process.stderr.read().startswith("!wait soon: ")
        assert ScannerCode.NOISE.value in heard.codes
        assert ScannerCode.LOST.value in heard.codes
