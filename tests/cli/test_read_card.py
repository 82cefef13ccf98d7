"""read-card and station reader: one read of the simulated reader, and one sentence for whatever is in the way."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from courier_check.devices import serial_ports
from courier_check.devices.simulated_cards import SimulatedCard, SimulatedFault
from courier_check.devices.simulated_reader import SimulatedReader
from courier_check.store.machine import READER_VARIABLE
from support.commands import Command, command_of
from support.readers import BLOCKS, card, plugged_in

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
KEYS = {"type", "name", "number", "sex", "nation", "born_on", "address", "issuer", "valid_from", "valid_until", "nationality"}
NUMBER = "41010519900307123X"


@pytest.fixture
def simulated(tmp_path: Path) -> Iterator[SimulatedReader]:
    with plugged_in(tmp_path) as reader:
        yield reader


def test_a_card_is_read_once_and_told_like_a_picture(command: Command, simulated: SimulatedReader) -> None:
    simulated.lay(card())
    told = command("read-card", "--port", simulated.path, "--json")
    assert (told.code, told.err) == (0, "")
    assert told.line.keys() == {"source", "port", "document", "complete", "warnings", "ms"}
    document = told.line["document"]
    assert document.keys() == KEYS
    assert (told.line["source"], told.line["complete"], told.line["warnings"]) == ("chip", True, [])
    assert (document["name"], document["number"], document["born_on"], document["nationality"]) == ("王思远", NUMBER, "1990-03-07", None)


@pytest.mark.parametrize("name", BLOCKS)
def test_every_layout_is_read(command: Command, simulated: SimulatedReader, name: str) -> None:
    simulated.lay(BLOCKS[name])
    told = command("read-card", "--port", simulated.path, "--json").line
    assert told["document"]["type"] in ("resident-id", "hmt-residence", "fpr-card")
    assert told["warnings"] == (["sex-number-conflict"] if name == "J" else [])


def test_words_for_people_show_nobody_and_ask_to_take_the_card_away(command: Command, simulated: SimulatedReader) -> None:
    simulated.lay(card(valid_until="20991301"))
    told = command("read-card", "--port", simulated.path)
    assert told.code == 0
    assert [secret for secret in (NUMBER, "王思远", "样例市样例路1号", "1990-03-07", "公安局") if secret in told.out] == []
    assert "4***************3X" in told.out
    assert "有效期至：没有读出" in told.out
    assert told.out.rstrip().endswith("请取走证件。")
    simulated.lift()
    simulated.lay(card())
    assert command("read-card", "--port", simulated.path, "--lang", "en").out.rstrip().endswith("Please take the card away.")


def test_no_card_in_time_is_one_sentence(command: Command, simulated: SimulatedReader) -> None:
    told = command("read-card", "--port", simulated.path, "--wait", "0.2", "--json")
    assert told.code == 2
    assert told.sentence.startswith("在等待的时间里没有放上证件")


def test_a_card_that_was_pulled_away_is_what_is_told_at_the_end(command: Command, simulated: SimulatedReader) -> None:
    simulated.fail(SimulatedFault("pull"))
    simulated.lay(card())
    told = command("read-card", "--port", simulated.path, "--wait", "1.5")
    assert told.code == 2
    assert told.sentence.startswith("证件没有读完")


def test_a_card_of_unknown_type_is_one_sentence(command: Command, simulated: SimulatedReader) -> None:
    simulated.lay(SimulatedCard(name="样例", kind="Q").text())
    told = command("read-card", "--port", simulated.path)
    assert told.code == 2
    assert "类型 Q" in told.sentence


def test_a_module_without_licence_is_a_fault_of_the_environment(command: Command, simulated: SimulatedReader) -> None:
    simulated.fail(SimulatedFault("status", on="status", status=0x66))
    told = command("read-card", "--port", simulated.path)
    assert told.code == 3
    assert "没有授权" in told.sentence


def test_no_reader_at_the_port_is_one_sentence(command: Command, tmp_path: Path) -> None:
    told = command("read-card", "--port", tmp_path / "absent", "--json")
    assert told.code == 3
    assert told.sentence.startswith("打不开阅读机的端口")
    assert command("read-card", "--port", tmp_path / "absent", "--lang", "en").sentence.startswith("The reader's port")


def test_a_machine_without_ports_is_one_sentence(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(READER_VARIABLE, raising=False)
    monkeypatch.setattr(serial_ports.list_ports, "comports", list)
    told = command("read-card")
    assert told.code == 3
    assert "没有串口" in told.sentence


@pytest.mark.parametrize("wait", ["-1", "601", "soon"])
def test_a_wait_that_is_none_is_wrong_usage(command: Command, wait: str) -> None:
    assert command("read-card", "--wait", wait).code == 2


def test_the_port_may_come_from_the_environment(command: Command, simulated: SimulatedReader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(READER_VARIABLE, str(simulated.path))
    simulated.lay(card())
    assert command("read-card", "--json").line["port"] == str(simulated.path)


def test_the_port_may_be_a_setting_of_the_station(
    capsys: pytest.CaptureFixture[str], folder: Path, simulated: SimulatedReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(READER_VARIABLE, raising=False)
    monkeypatch.setattr(serial_ports.list_ports, "comports", list)
    command = command_of(capsys, folder)
    assert command("station", "reader", "--json").line == {"reader_port": None, "ports": []}
    assert command("station", "reader", simulated.path, "--json").line["reader_port"] == str(simulated.path)
    simulated.lay(card())
    assert command("read-card", "--json").line["document"]["number"] == NUMBER
    assert str(simulated.path) in command("station", "reader").out
    assert command("station", "reader", "auto", "--json").line["reader_port"] is None


def test_damaged_settings_are_one_sentence_and_a_named_port_needs_none(
    capsys: pytest.CaptureFixture[str], folder: Path, simulated: SimulatedReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(READER_VARIABLE, raising=False)
    command = command_of(capsys, folder)
    for damaged in (b"{", b"[]", b'{"reader_port": 7}', b"\xff"):
        (folder / "devices.json").write_bytes(damaged)
        told = command("read-card")
        assert (told.code, "devices.json" in told.sentence) == (3, True)
    simulated.lay(card())
    assert command("read-card", "--port", simulated.path).code == 0


def test_a_setting_needs_a_station(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    told = command_of(capsys, tmp_path / "absent")("station", "reader", "COM3")
    assert told.code == 3
    assert not (tmp_path / "absent").exists()


def test_nothing_of_a_card_is_left_in_the_station(capsys: pytest.CaptureFixture[str], folder: Path, simulated: SimulatedReader) -> None:
    before = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    simulated.lay(card())
    assert json.loads(command_of(capsys, folder)("read-card", "--port", simulated.path, "--json").out)["source"] == "chip"
    assert {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
