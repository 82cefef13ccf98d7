"""`station scanner`: which serial guns a station has, set and forgotten; a port has one device."""

from __future__ import annotations

from pathlib import Path

import pytest

from courier_check.devices import serial_ports
from courier_check.store.machine import SCANNER_VARIABLE, KnownCamera, KnownScanner, Machine, load_machine, save_machine, scanners
from support.commands import Command, command_of


@pytest.fixture(autouse=True)
def no_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serial_ports.list_ports, "comports", list)
    monkeypatch.delenv(SCANNER_VARIABLE, raising=False)


def test_nothing_is_set_at_first(station_command: Command) -> None:
    assert station_command("station", "scanner", "--json").line == {"scanners": [], "ports": []}


def test_guns_are_set_changed_shown_and_forgotten(station_command: Command, folder: Path) -> None:
    save_machine(folder, Machine(reader_port="COM3", camera=KnownCamera(name="高拍仪")))
    assert station_command("station", "scanner", "COM5").code == 0
    told = station_command(
        "station", "scanner", "COM6", "--line", "115200-8n1", "--ending", "crlf", "--encoding", "gbk", "--quiet-ms", "200", "--json"
    )
    six = {"port": "COM6", "line": "115200-8N1", "ending": "crlf", "encoding": "gbk", "quiet_ms": 200}
    assert told.line["scanners"] == [{"port": "COM5", "line": "9600-8N1", "ending": "any", "encoding": "any", "quiet_ms": 60}, six]
    assert "COM5（9600-8N1）、COM6（115200-8N1）" in station_command("station", "scanner").out
    assert station_command("station", "scanner", "COM5", "--line", "19200-7E1").code == 0
    assert {each.port: each.line for each in load_machine(folder).scanners} == {"COM5": "19200-7E1", "COM6": "115200-8N1"}
    assert station_command("station", "scanner", "COM5", "--forget", "--json").line["scanners"] == [six]
    assert station_command("station", "scanner", "none", "--json").line["scanners"] == []
    assert load_machine(folder) == Machine(reader_port="COM3", camera=KnownCamera(name="高拍仪"))


@pytest.mark.parametrize(
    "wrong",
    [
        ("--line", "fast"),
        ("--line", "9601-8N1"),
        ("--ending", "enter"),
        ("--encoding", "big5"),
        ("--quiet-ms", "5"),
    ],
)
def test_a_line_that_is_none_is_one_sentence_and_changes_nothing(station_command: Command, folder: Path, wrong: tuple[str, str]) -> None:
    told = station_command("station", "scanner", "COM5", *wrong)
    assert told.code == 2
    assert wrong[1] in told.sentence
    assert load_machine(folder) == Machine()


def test_a_port_has_one_device(station_command: Command, folder: Path) -> None:
    assert station_command("station", "reader", "COM3").code == 0
    told = station_command("station", "scanner", "COM3")
    assert (told.code, "证件阅读机" in told.sentence) == (2, True)
    assert station_command("station", "scanner", "COM5").code == 0
    told = station_command("station", "reader", "COM5")
    assert (told.code, "扫码枪" in told.sentence) == (2, True)
    assert load_machine(folder) == Machine(reader_port="COM3", scanners=(KnownScanner(port="COM5"),))


def test_forgetting_what_is_not_set_is_one_sentence(station_command: Command, folder: Path) -> None:
    station_command("station", "scanner", "COM5")
    told = station_command("station", "scanner", "COM9", "--forget")
    assert told.code == 2
    assert "COM9" in told.sentence
    assert "COM5" in told.sentence
    assert len(load_machine(folder).scanners) == 1


def test_a_setting_needs_a_station(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    told = command_of(capsys, tmp_path / "absent")("station", "scanner", "COM5")
    assert told.code == 3
    assert not (tmp_path / "absent").exists()


def test_the_environment_names_one_gun_instead(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_machine(folder, Machine(scanners=(KnownScanner(port="COM5"), KnownScanner(port="COM6"))))
    assert [each.port for each in scanners(folder)] == ["COM5", "COM6"]
    monkeypatch.setenv(SCANNER_VARIABLE, "COM9")
    assert scanners(folder) == (KnownScanner(port="COM9"),)


def test_damaged_settings_are_one_sentence(station_command: Command, folder: Path) -> None:
    for damaged in (b'{"scanners": 7}', b'{"scanners": [{"line": "9600-8N1"}]}'):
        (folder / "devices.json").write_bytes(damaged)
        told = station_command("station", "scanner")
        assert (told.code, "devices.json" in told.sentence) == (3, True)
