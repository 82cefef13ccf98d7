"""The reader's thread on a pseudo-terminal: cards, faults of the line, unplugged and back, wrong rates, closed; the simulated reader."""

from __future__ import annotations

import contextlib
import logging
import random
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.clock import SystemClock
from courier_check.devices.card_reader import CardReader, Fault, Found, Gone, Missing, Read, Reading, Removed, TakeAway
from courier_check.devices.codes import ReaderCode
from courier_check.devices.sam import STATUS_CODES, Command
from courier_check.devices.sam_line import SamLine, UnansweredError
from courier_check.devices.serial_ports import BAUD_RATES, LineLostError, SerialPort, likely_ports, port_finder
from courier_check.devices.simulated_cards import Script, SimulatedCard, SimulatedFault
from courier_check.devices.simulated_reader import SimulatedReader
from courier_check.errors import DeviceError, UserError
from courier_check.identity.documents import DocumentType
from courier_check.store.resources import read_resource
from support.processes import eventually
from support.readers import BLOCKS, QUICK, READ_FRAME, Heard, card, plugged_in, watching

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")


def read_number(told: Read) -> str | None:
    return told.reading.document.number


# ---- cards -----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BLOCKS)
def test_a_card_of_each_layout_is_read(tmp_path, name):
    with plugged_in(tmp_path) as simulated, watching(simulated.path) as heard:
        heard.wait_for(Found)
        simulated.lay(BLOCKS[name])
        read = heard.wait_for(Read)
        assert read.reading.document.type in (DocumentType.RESIDENT_ID, DocumentType.HMT_RESIDENCE, DocumentType.FPR_CARD)
        heard.wait_for(TakeAway)
        assert heard.kinds[:4] == ["Found", "Reading", "Read", "TakeAway"]
        assert heard.told[0] == Found(str(simulated.path), 115_200, back=False)


def test_a_card_left_on_the_reader_is_read_once(tmp_path):
    with plugged_in(tmp_path, lying="found") as simulated, watching(simulated.path) as heard:
        simulated.lay(card())
        heard.wait_for(TakeAway)
        assert simulated.wait_for("find", 10)
        assert heard.kinds == ["Found", "Reading", "Read", "TakeAway"]
        simulated.lift()
        heard.wait_for(Removed)
        simulated.lay(card(number="410102199605212467"))
        assert read_number(heard.wait_for(Read, 2)) == "410102199605212467"
        heard.wait_for(TakeAway, 2)


def test_a_reader_that_is_silent_about_a_card_it_has_read_reads_it_once_too(tmp_path):
    with plugged_in(tmp_path, lying="silent") as simulated, watching(simulated.path) as heard:
        simulated.lay(card())
        heard.wait_for(Removed)
        assert simulated.wait_for("find", 10)
        assert heard.kinds == ["Found", "Reading", "Read", "TakeAway", "Removed"]


def test_a_card_pulled_away_is_told_and_read_when_it_is_back(tmp_path):
    with plugged_in(tmp_path) as simulated, watching(simulated.path) as heard:
        heard.wait_for(Found)
        simulated.fail(SimulatedFault("pull"))
        simulated.lay(card())
        assert heard.wait_for(Fault).error.code is ReaderCode.NOT_READ_THROUGH
        assert heard.of(Read) == []
        simulated.lay(card())
        heard.wait_for(Read)
        heard.wait_for(TakeAway)
        assert heard.kinds[:6] == ["Found", "Reading", "Fault", "Reading", "Read", "TakeAway"]


def test_a_card_of_unknown_type_is_told_once_and_is_to_be_taken_away(tmp_path):
    with plugged_in(tmp_path, lying="found") as simulated, watching(simulated.path) as heard:
        simulated.lay(SimulatedCard(name="样例", kind="Q").text())
        heard.wait_for(TakeAway)
        assert simulated.wait_for("find", 5)
        assert [told.error.code for told in heard.of(Fault)] == [ReaderCode.TYPE_UNKNOWN]
        assert heard.of(Fault)[0].error.facts == {"kind": "Q"}
        assert heard.kinds == ["Found", "Reading", "Fault", "TakeAway"]
        assert simulated.answered["read"] == 1


def test_dates_and_numbers_that_are_none_are_doubts_of_a_reading(tmp_path):
    with plugged_in(tmp_path) as simulated, watching(simulated.path) as heard:
        simulated.lay(card(born_on="19900230", number="12"))
        assert {each.field.value for each in heard.wait_for(Read).reading.doubts} == {"born_on", "number"}


# ---- the line --------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        SimulatedFault("delay", ms=100),
        SimulatedFault("truncate", bytes=700),
        SimulatedFault("truncate", bytes=3),
        SimulatedFault("noise-before", bytes=40),
        SimulatedFault("noise-within", bytes=3),
        SimulatedFault("checksum"),
        SimulatedFault("checksum", times=2),
        SimulatedFault("status", status=0x41),
        SimulatedFault("status", status=0x10),
        SimulatedFault("silent", on="select"),
        SimulatedFault("status", on="select", status=0x81),
        SimulatedFault("checksum", on="find"),
        SimulatedFault("silent", on="find"),
        SimulatedFault("noise-before", on="find"),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.on}-{fault.times}-{fault.bytes}",
)
def test_a_stumble_of_the_line_or_the_chip_costs_a_second_try_only(tmp_path, fault):
    with plugged_in(tmp_path, lying="found") as simulated, watching(simulated.path) as heard:
        heard.wait_for(Found)
        simulated.fail(fault)
        simulated.lay(card())
        assert read_number(heard.wait_for(Read)) == "41010519900307123X"
        assert (heard.of(Fault), heard.of(Gone)) == ([], [])
        assert len(heard.of(Reading)) == 1


def test_an_answer_spoilt_by_a_module_that_then_finds_no_card_asks_for_the_card_again(tmp_path):
    with plugged_in(tmp_path, lying="silent") as simulated, watching(simulated.path) as heard:
        heard.wait_for(Found)
        simulated.fail(SimulatedFault("checksum"))
        simulated.lay(card())
        assert heard.wait_for(Fault).error.code is ReaderCode.NOT_READ_THROUGH
        simulated.lay(card())
        heard.wait_for(Read)


@pytest.mark.parametrize("status", [0x31, 0x32, 0x33, 0x40, 0x41, 0x47])
def test_a_card_that_can_never_be_read_is_told_once_with_the_modules_reason(tmp_path, status):
    with plugged_in(tmp_path, lying="found") as simulated, watching(simulated.path) as heard:
        heard.wait_for(Found)
        simulated.fail(SimulatedFault("status", times=100, status=status))
        simulated.lay(card())
        heard.wait_for(TakeAway)
        assert simulated.wait_for("find", 3)
        assert [told.error.code for told in heard.of(Fault)] == [STATUS_CODES[status]]
        assert simulated.answered["read"] == (1 if status == 0x40 else 3)
        assert heard.of(Read) == []


def test_a_line_that_spoils_everything_is_told_as_such(tmp_path):
    with plugged_in(tmp_path, lying="found") as simulated, watching(simulated.path) as heard:
        heard.wait_for(Found)
        simulated.fail(SimulatedFault("checksum", times=3))
        simulated.lay(card())
        assert heard.wait_for(Fault).error.code is ReaderCode.GARBLED
        heard.wait_for(TakeAway)


def test_a_module_in_trouble_while_it_looks_for_cards_is_told_once(tmp_path):
    with plugged_in(tmp_path) as simulated, watching(simulated.path) as heard:
        heard.wait_for(Found)
        simulated.fail(SimulatedFault("status", on="find", status=0x66, times=5))
        assert simulated.wait_for("find", 8)
        assert [told.error.code for told in heard.of(Fault)] == [ReaderCode.UNLICENSED]
        simulated.lay(card())
        heard.wait_for(Read)


def test_a_module_that_falls_silent_is_told_and_found_again(tmp_path):
    with plugged_in(tmp_path) as simulated, watching(simulated.path) as heard:
        heard.wait_for(Found)
        simulated.fail(SimulatedFault("silent", on="find"))
        simulated.fail(SimulatedFault("silent", on="status"))
        assert heard.wait_for(Gone).error.code is ReaderCode.SILENT
        assert heard.wait_for(Found, 2).back
        simulated.lay(card())
        heard.wait_for(Read)


def test_an_answer_that_comes_too_late_is_never_another_cards(tmp_path):
    """The first card's answer is still on its way when the second card lies there."""
    with plugged_in(tmp_path) as simulated:
        port = SerialPort(str(simulated.path), 115_200)
        line = SamLine(port, SystemClock(), 200, threading.Event())
        simulated.lay(card(number="410102199605212467"))
        line.ask(Command.FIND, 1000)
        line.ask(Command.SELECT, 1000)
        simulated.fail(SimulatedFault("delay", ms=600))
        with pytest.raises(UnansweredError):
            line.ask(Command.READ, 100)
        simulated.lay(card())
        line.settle(3000)
        assert port.read(1.0) == b""
        for command in (Command.FIND, Command.SELECT):
            line.ask(command, 1000)
        answer = line.ask(Command.READ, 2000)
        assert "410102199605212467".encode("utf-16-le") not in answer.data
        assert "41010519900307123X".encode("utf-16-le") in answer.data
        port.close()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_whatever_goes_wrong_on_the_line_every_reading_is_of_the_card_that_lies_there(tmp_path, seed):
    chance = random.Random(seed)  # noqa: S311 - a schedule of faults, no secret
    numbers = [each.number for each in Script.parse(read_resource("samples/reader.json")).cards.values() if each.number]
    lying: list[str | None] = [None]
    strangers: list[str | None] = []
    heard = Heard()

    def tell(told: object) -> None:
        if isinstance(told, Read) and read_number(told) != lying[-1]:
            strangers.append(lying[-1])
        heard(told)

    with plugged_in(tmp_path, lying=chance.choice(["silent", "found"])) as simulated:
        reader = CardReader(port_finder(str(simulated.path)), SystemClock(), tell, timing=replace(QUICK, read_ms=400, answer_ms=300))
        reader.open()
        heard.wait_for(Found)
        for number in chance.choices(numbers, k=8):
            for _ in range(chance.randrange(4)):
                kind = chance.choice(["delay", "truncate", "noise-before", "noise-within", "checksum", "silent", "pull"])
                on = chance.choice(["find", "select", "read", "status"])
                simulated.fail(SimulatedFault(kind, on=on, ms=chance.randrange(700), bytes=chance.randrange(1, 40)))
            reads = len(heard.of(Read))
            lying.append(number)
            for _ in range(20):  # a clerk who lays the card down again until it is read
                simulated.lay(card(number=number))
                if waited(lambda reads=reads: len(heard.of(Read)) > reads, 2.0):
                    break
            assert len(heard.of(Read)) > reads
            lying.append(None)
            simulated.lift()
            assert simulated.wait_for("find", 2)
        reader.close()
    assert strangers == []


def waited(ask: Callable[[], bool], within_s: float) -> bool:
    """Whether it came true in time."""
    with contextlib.suppress(AssertionError):
        return eventually(ask, within_s=within_s)
    return False


# ---- the reader itself -----------------------------------------------------------------------------------------------------------------


def test_a_reader_unplugged_and_back_is_found_again(tmp_path):
    with plugged_in(tmp_path) as simulated, watching(simulated.path) as heard:
        heard.wait_for(Found)
        simulated.close()
        assert heard.wait_for(Gone).error.facts == {"port": str(simulated.path)}
        assert heard.of(Gone)[0].error.code is ReaderCode.LOST
        assert heard.wait_for(Missing).error.code is ReaderCode.PORT_FAILED
        simulated.open()
        assert heard.wait_for(Found, 2) == Found(str(simulated.path), 115_200, back=True)
        simulated.lay(card())
        heard.wait_for(Read)


def test_a_reader_unplugged_while_it_reads_gives_nothing_and_reads_the_card_when_it_is_back(tmp_path):
    with plugged_in(tmp_path, paced=True) as simulated, watching(simulated.path) as heard:
        heard.wait_for(Found)
        simulated.fail(SimulatedFault("delay", ms=10_000))
        simulated.lay(card())
        heard.wait_for(Reading)
        eventually(lambda: simulated.answered["select"])
        simulated.close()
        heard.wait_for(Gone)
        assert heard.of(Read) == []
        simulated.open()
        assert read_number(heard.wait_for(Read)) == "41010519900307123X"


@pytest.mark.parametrize("rate", [57_600, 9_600])
def test_a_reader_set_to_another_rate_is_found_and_read(tmp_path, rate):
    with plugged_in(tmp_path, baud_rate=rate) as simulated, watching(simulated.path) as heard:
        assert heard.wait_for(Found) == Found(str(simulated.path), rate, back=False)
        simulated.lay(card())
        heard.wait_for(Read)


def test_no_reader_is_told_once_and_it_is_found_when_it_is_plugged_in(tmp_path):
    simulated = SimulatedReader(tmp_path / "reader", paced=False)
    with watching(simulated.path) as heard:
        told = heard.wait_for(Missing).error
        assert (type(told), told.code) == (DeviceError, ReaderCode.PORT_FAILED)
        threading.Event().wait(QUICK.retry_ms * 4 / 1000)
        assert heard.kinds == ["Missing"]
        with simulated:
            assert not heard.wait_for(Found).back
        heard.wait_for(Gone)


def test_a_machine_without_ports_is_told_so(tmp_path):
    heard = Heard()
    reader = CardReader(lambda: (), SystemClock(), heard, timing=QUICK)
    reader.open()
    assert heard.wait_for(Missing).error.code is ReaderCode.NO_PORT
    assert eventually(lambda: reader.trouble).code is ReaderCode.NO_PORT
    reader.close()
    assert reader.trouble is None


def test_something_else_on_the_port_is_no_reader(tmp_path):
    class Talker:
        """A scale, say: answers whatever it is sent with a weight."""

        def write(self, data: bytes) -> None: ...

        def read(self, timeout_s: float) -> bytes:
            threading.Event().wait(min(timeout_s, 0.01))
            return b"  1.250 kg\r\n"

        def discard(self) -> None: ...

        def close(self) -> None: ...

    heard = Heard()
    reader = CardReader(port_finder("COM7"), SystemClock(), heard, timing=QUICK, open_port=lambda *_: Talker())
    reader.open()
    told = heard.wait_for(Missing).error
    reader.close()
    assert (told.code, told.facts) == (ReaderCode.NOT_FOUND, {"ports": "COM7"})


def test_a_module_that_fails_its_self_test_is_told_and_not_used(tmp_path):
    with plugged_in(tmp_path) as simulated:
        simulated.fail(SimulatedFault("status", on="status", status=0x60))
        with watching(simulated.path) as heard:
            assert heard.wait_for(Missing).error.code is ReaderCode.SELF_TEST_FAILED
            assert heard.wait_for(Found)


def test_the_port_where_the_reader_was_is_tried_first(tmp_path):
    tried = []

    def opener(name: str, rate: int) -> SerialPort:
        tried.append((Path(name).name, rate))
        return SerialPort(name, rate)

    with plugged_in(tmp_path, baud_rate=19_200) as simulated:
        heard = Heard()
        ports = (str(tmp_path / "absent"), str(simulated.path))
        reader = CardReader(lambda: ports, SystemClock(), heard, timing=QUICK, open_port=opener)
        reader.open()
        heard.wait_for(Found)
        assert tried == [("absent", 115_200), *(("reader", rate) for rate in BAUD_RATES[:4])]
        tried.clear()
        simulated.close()
        heard.wait_for(Gone)
        simulated.open()
        heard.wait_for(Found, 2)
        reader.close()
        assert tried[0] == ("reader", 19_200)


# ---- threads ---------------------------------------------------------------------------------------------------------------------------


def test_nothing_is_told_after_close_and_a_closed_reader_opens_again(tmp_path):
    with plugged_in(tmp_path) as simulated:
        heard = Heard()
        reader = CardReader(port_finder(str(simulated.path)), SystemClock(), heard, timing=QUICK)
        for times in (1, 2):
            reader.open()
            heard.wait_for(Found, times)
            reader.close()
            count = len(heard.told)
            simulated.lay(card())
            threading.Event().wait(0.1)
            assert len(heard.told) == count
            simulated.lift()
        reader.close()
        assert [thread for thread in threading.enumerate() if thread.name == "card-reader"] == []


def test_closing_does_not_wait_for_an_answer(tmp_path):
    with plugged_in(tmp_path) as simulated:
        heard = Heard()
        reader = CardReader(port_finder(str(simulated.path)), SystemClock(), heard, timing=QUICK)
        reader.open()
        heard.wait_for(Found)
        simulated.fail(SimulatedFault("silent", times=9))
        simulated.lay(card())
        heard.wait_for(Reading)
        reader.close()
        assert [thread for thread in threading.enumerate() if thread.name == "card-reader"] == []
        assert heard.of(Read) == heard.of(Fault) == []


def test_a_driver_that_hangs_is_left_behind(tmp_path):
    released = threading.Event()

    def hanging(name: str, rate: int) -> SerialPort:
        released.wait()
        raise DeviceError(ReaderCode.PORT_FAILED, port=name, detail="")

    heard = Heard()
    reader = CardReader(port_finder("COM9"), SystemClock(), heard, timing=QUICK, open_port=hanging)
    reader.open()
    reader.close()
    released.set()
    eventually(lambda: not [thread for thread in threading.enumerate() if thread.name == "card-reader"])
    assert heard.told == []


def test_a_fault_of_ours_is_told_without_what_was_read_and_work_goes_on(tmp_path, caplog):
    heard = Heard()
    failing = [RuntimeError("41010519900307123X")]

    def opener(name: str, rate: int) -> SerialPort:
        if failing:
            raise failing.pop()
        return SerialPort(name, rate)

    with plugged_in(tmp_path) as simulated, caplog.at_level(logging.ERROR):
        reader = CardReader(port_finder(str(simulated.path)), SystemClock(), heard, timing=QUICK, open_port=opener)
        reader.open()
        assert heard.wait_for(Missing).error.code is ReaderCode.STOPPED
        heard.wait_for(Found)
        reader.close()
    assert "41010519900307123X" not in caplog.text
    assert "RuntimeError at test_card_reader.py" in caplog.text


def test_nothing_of_a_card_is_logged(tmp_path, caplog):
    with caplog.at_level(logging.DEBUG), plugged_in(tmp_path) as simulated, watching(simulated.path) as heard:
        simulated.lay(card())
        heard.wait_for(Read)
        shown = repr(heard.told)
    assert [secret for secret in ("41010519900307123X", "王思远", "样例路", "1990-03-07") if secret in caplog.text + shown] == []


# ---- ports -----------------------------------------------------------------------------------------------------------------------------


def test_a_port_is_not_shared(tmp_path):
    with plugged_in(tmp_path) as simulated:
        first = SerialPort(str(simulated.path), 115_200)
        with pytest.raises(DeviceError) as refused:
            SerialPort(str(simulated.path), 115_200)
        assert refused.value.code is ReaderCode.PORT_FAILED
        first.close()


def test_a_port_whose_cable_is_pulled_says_so_in_every_method(tmp_path):
    with plugged_in(tmp_path) as simulated:
        port = SerialPort(str(simulated.path), 115_200)
        simulated.close()
        for use in (lambda: port.write(b"x"), lambda: port.read(0.1), port.discard):
            with pytest.raises(LineLostError):
                use()
        port.close()
        port.close()


def test_ports_on_usb_come_first_and_bluetooth_not_at_all(monkeypatch):
    from serial.tools import list_ports
    from serial.tools.list_ports_common import ListPortInfo

    def listed(name: str, hardware: str, vendor: int | None) -> ListPortInfo:
        port = ListPortInfo(name)
        port.hwid, port.vid = hardware, vendor
        return port

    there = [listed("COM1", "ACPI", None), listed("COM5", "BTHENUM\\1", None), listed("COM4", "USB", 0x1A86), listed("COM3", "USB", 0x0403)]
    monkeypatch.setattr(list_ports, "comports", lambda: there)
    assert likely_ports() == ("COM3", "COM4", "COM1")
    assert port_finder("COM9")() == ("COM9",)


# ---- the simulated reader and its scripts ------------------------------------------------------------------------------------------------


def test_the_simulated_reader_sends_the_reference_frame_but_for_the_photo(tmp_path):
    with plugged_in(tmp_path) as simulated:
        port = SerialPort(str(simulated.path), 115_200)
        simulated.lay(BLOCKS["resident"])
        for command in (Command.FIND, Command.SELECT, Command.READ):
            port.discard()
            port.write(command.frame)
            said = bytearray()
            eventually(lambda said=said: said.extend(port.read(0.1)) or len(said) in (15, 19, 1295))
        port.close()
        assert bytes(said[:270]) == READ_FRAME[:270]
        assert len(said) == 1295


@pytest.mark.parametrize(("name", "layout"), [("resident", "resident"), ("I", "I"), ("Y", "Y")])
def test_cards_by_fields_are_the_reference_blocks(name, layout):
    fields = {
        "resident": {"name": "张三丰", "nation": "01", "address": "河南省郑州市金水区花园路１号", "issuer": "郑州市公安局金水分局"}
        | {"born_on": "1990-03-07", "number": "41010519900307123X", "valid_from": "2020-01-01", "valid_until": "2040-01-01"},
        "I": {"name": "SMITH, JOHN", "chinese_name": "史密斯", "number": "CAN110081080310", "nationality": "CAN"}
        | {"born_on": "1981-08-03", "valid_from": "2018-01-01", "valid_until": "2028-01-01"},
        "Y": {"name": "SMITH, JOHN", "chinese_name": "史密斯", "number": "911124198108030024", "nationality": "CAN"}
        | {"born_on": "1981-08-03", "valid_from": "2023-12-01", "valid_until": "2033-12-01"},
    }[name]
    assert SimulatedCard(layout=layout, sex="男", **fields).text() == BLOCKS[name]


def test_a_script_is_played_to_its_end(tmp_path):
    script = Script.parse(
        b"""{"lying": "found", "cards": {"a": {"name": "A"}, "b": {"name": "B"}}, "steps": [
        {"do": "await", "what": "find"}, {"do": "lay", "card": "a"}, {"do": "await", "what": "read"}, {"do": "lift"},
        {"do": "await", "what": "find", "times": 2}, {"do": "fault", "kind": "delay", "ms": 1}, {"do": "wait", "ms": 1},
        {"do": "unplug"}, {"do": "plug"}, {"do": "await", "what": "find", "times": 2}, {"do": "lay", "card": "b"},
        {"do": "await", "what": "read"}]}"""
    )
    with SimulatedReader.of_script(script, tmp_path / "reader") as simulated, watching(simulated.path) as heard:
        simulated.play(script, threading.Event())
        assert [told.reading.document.name for told in (heard.wait_for(Read), heard.wait_for(Read, 2))] == ["A", "B"]
        assert len(heard.of(Gone)) == 1


def test_the_script_of_the_samples_is_one_and_its_people_are_the_samples():
    script = Script.parse(read_resource("samples/reader.json"))
    people = read_resource("samples/people.json").decode()
    residents = [each for each in script.cards.values() if each.layout == "resident" and each.kind is None]
    assert len(residents) >= 2
    assert all(each.name in people and each.number in people and each.address in people for each in residents)


@given(st.binary(max_size=80) | st.text(max_size=80).map(str.encode))
def test_no_script_crashes(data):
    with pytest.raises(UserError) as refused:
        Script.parse(data)
    assert refused.value.code is ReaderCode.SCRIPT_UNUSABLE


@pytest.mark.parametrize(
    "script",
    [
        '{"steps": [{"do": "lay", "card": "nobody"}]}',
        '{"steps": [{"do": "jump"}]}',
        '{"steps": [], "cards": {"a": {"name": "一二三四五六七八九十一二三四五六"}}}',
        '{"steps": [], "cards": {"a": {"hex": "zz"}}}',
        '{"steps": [], "colour": 1}',
    ],
)
def test_a_script_that_can_not_be_played_is_refused(script):
    with pytest.raises(UserError) as refused:
        Script.parse(script.encode())
    assert refused.value.code is ReaderCode.SCRIPT_UNUSABLE


def test_where_there_are_no_pseudo_terminals_the_simulated_reader_says_so(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pty", None)
    with pytest.raises(DeviceError) as refused:
        SimulatedReader(tmp_path / "reader").open()
    assert refused.value.code is ReaderCode.NOT_ON_THIS_SYSTEM


def test_a_simulated_reader_leaves_nothing_behind(tmp_path):
    threads = threading.active_count()
    with plugged_in(tmp_path) as simulated:
        terminal = simulated.path.readlink()
        assert terminal.exists()
        assert threading.active_count() == threads + 1
    assert list(tmp_path.iterdir()) == []
    assert threading.active_count() == threads
    assert not terminal.exists()


@pytest.mark.slow
def test_the_tool_plays_a_script_and_ends(tmp_path):
    script = tmp_path / "script.json"
    script.write_text('{"steps": [{"do": "wait", "ms": 10}]}', encoding="utf-8")
    command = [sys.executable, "-m", "tools.simulated_reader"]
    done = subprocess.run([*command, str(script), "--port", str(tmp_path / "p")], capture_output=True, encoding="utf-8", timeout=60)
    assert (done.returncode, done.stdout.split()) == (0, [str(tmp_path / "p"), "end"])
    script.write_text("{", encoding="utf-8")
    refused = subprocess.run([*command, str(script)], capture_output=True, encoding="utf-8", timeout=60)
    assert (refused.returncode, refused.stdout, len(refused.stderr.splitlines())) == (2, "", 1)
