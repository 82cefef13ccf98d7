"""One label to a printer: over the network, a serial line, a device file, into a folder; every trouble has its name and ends by itself."""

from __future__ import annotations

import os
import socket
import termios
import threading
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import serial

from courier_check.devices.bitmap import Bitmap, LabelSize
from courier_check.devices.codes import PrinterCode
from courier_check.devices.hosts import reached
from courier_check.devices.label_languages import PrinterLanguage
from courier_check.devices.label_printer import PrinterPlan, SerialLine, Waits, print_bitmap
from courier_check.devices.printer_status import QUESTIONS
from courier_check.devices.simulated_printer import PrinterTrouble, SimulatedPrinter, answer_of, labels_in
from courier_check.errors import DeviceError, UserError

LANGUAGES = (PrinterLanguage.TSPL, PrinterLanguage.ZPL, PrinterLanguage.ESCPOS)
SIZE = LabelSize()
LABEL = Bitmap(480, 320, b"\xa5" * (60 * 320))
SHORT = Waits(connect_s=0.5, write_s=0.3, answer_s=0.3)
"""For printers that will not answer. Others are given time: the machine may be busy."""
PATIENT = Waits(connect_s=20, write_s=20, answer_s=20)


def plan_of(address: str, language: PrinterLanguage = PrinterLanguage.TSPL, *, asks: bool = True) -> PrinterPlan:
    return PrinterPlan.parse(address, language.value, SIZE, asks=asks)


def said(plan: PrinterPlan, label: Bitmap = LABEL, waits: Waits = PATIENT) -> PrinterCode | None:
    try:
        print_bitmap(label, plan, "label-1", waits)
    except DeviceError as error:
        return PrinterCode(error.code)
    return None


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_label_is_printed_once_as_it_was_drawn(language: PrinterLanguage) -> None:
    with SimulatedPrinter(language) as printer:
        assert said(plan_of(printer.address, language)) is None
        assert said(plan_of(printer.address, language)) is None
    assert (printer.labels, printer.faults) == ([LABEL, LABEL], [])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (PrinterTrouble.PAPER_OUT, PrinterCode.PAPER_OUT),
        (PrinterTrouble.COVER_OPEN, PrinterCode.COVER_OPEN),
        (PrinterTrouble.GARBAGE, PrinterCode.GARBLED),
        (PrinterTrouble.SILENT, PrinterCode.SILENT),
        (PrinterTrouble.HANGS, PrinterCode.SILENT),
        (PrinterTrouble.CUT_OFF, PrinterCode.LOST),
        (PrinterTrouble.PAPER_ENDS, PrinterCode.PAPER_OUT),
    ],
)
def test_each_trouble_has_its_name_and_nothing_comes_out(language: PrinterLanguage, trouble: PrinterTrouble, code: PrinterCode) -> None:
    with SimulatedPrinter(language) as printer:
        printer.trouble = trouble
        waits = SHORT if code is PrinterCode.SILENT else PATIENT
        assert said(plan_of(printer.address, language), waits=waits) == code
        assert printer.labels == []


def test_a_printer_that_stops_taking_bytes_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:  # nobody ever reads what the system takes for it
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        huge = Bitmap(8000, 16_000, bytes(16_000_000))
        assert said(plan_of(f"tcp:127.0.0.1:{deaf.getsockname()[1]}", asks=False), huge, SHORT) == PrinterCode.HANGS


def test_a_printer_with_a_way_in_only_is_not_asked() -> None:
    came = threading.Event()
    with SimulatedPrinter(PrinterLanguage.TSPL, told=lambda _: came.set()) as printer:
        printer.trouble = PrinterTrouble.SILENT
        assert said(plan_of(printer.address, asks=False)) is None
        assert came.wait(10)
    assert printer.labels == [LABEL]


def test_nobody_at_the_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert said(plan_of(f"tcp:127.0.0.1:{port}")) == PrinterCode.NOT_THERE
    assert said(plan_of("tcp:" + "x" * 70)) == PrinterCode.NOT_THERE
    assert said(plan_of("device:/nonexistent/lp0")) == PrinterCode.NOT_THERE
    assert said(plan_of("serial:/nonexistent/ttyUSB0")) == PrinterCode.NOT_THERE


@contextmanager
def on_a_line(language: PrinterLanguage) -> Iterator[tuple[str, list[Bitmap]]]:
    """A printer behind a pseudo-terminal: its name, and what it printed. It is told everything through the simulated one's port."""
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    with SimulatedPrinter(language) as printer, socket.create_connection(("127.0.0.1", printer.port)) as wire:

        def inwards() -> None:
            with suppress(OSError):
                while data := os.read(ours, 4096):
                    wire.sendall(data)

        def outwards() -> None:
            with suppress(OSError):
                while data := wire.recv(4096):
                    os.write(ours, data)

        threads = [threading.Thread(target=each, daemon=True) for each in (inwards, outwards)]
        for thread in threads:
            thread.start()
        try:
            yield os.ttyname(theirs), printer.labels
        finally:
            os.close(theirs)  # `inwards` ends with the line, `outwards` with the connection
            threads[0].join()
            wire.shutdown(socket.SHUT_RDWR)
            threads[1].join()
            os.close(ours)


@pytest.mark.parametrize("word", ["serial", "device"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_label_over_a_line(word: str, language: PrinterLanguage) -> None:
    with on_a_line(language) as (port, labels):
        address = f"{word}:{port}@115200" if word == "serial" else f"{word}:{port}"
        assert said(plan_of(address, language)) is None
        assert labels == [LABEL]


@pytest.mark.parametrize("word", ["serial", "device"])
def test_a_line_on_which_nobody_reads_is_given_up(word: str) -> None:
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    try:
        assert said(plan_of(f"{word}:{os.ttyname(theirs)}"), waits=SHORT) == PrinterCode.SILENT
        if word == "device":
            assert said(plan_of(f"{word}:{os.ttyname(theirs)}", asks=False), waits=SHORT) == PrinterCode.HANGS
    finally:
        os.close(ours)
        os.close(theirs)


class UnpluggedPort(serial.Serial):
    """A port whose cable goes once it has taken the bytes: what the system says then is no OSError."""

    def __init__(self, port: str, rate: int, *, timeout: float, write_timeout: float) -> None:
        super().__init__(None, rate, timeout=timeout, write_timeout=write_timeout)
        self.name = port
        self.taken = b""

    def write(self, data: bytes, /) -> int:  # type: ignore[override]  # bytes are all that is written here
        self.taken += data
        return len(data)

    def flush(self) -> None:
        raise termios.error(5, "Input/output error")

    def read(self, _size: int = 1, /) -> bytes:
        raise termios.error(5, "Input/output error")

    def close(self) -> None:
        raise termios.error(5, "Input/output error")


def test_a_serial_printer_unplugged_while_it_prints_is_gone_as_others_are() -> None:
    opened: list[UnpluggedPort] = []

    def opener(*where: Any, **how: Any) -> UnpluggedPort:
        opened.append(UnpluggedPort(*where, **how))
        return opened[-1]

    line = SerialLine("COM3", 9600, opener)
    with pytest.raises(ConnectionError):
        line.write(b"a label", 1.0)
    assert [port.taken for port in opened] == [b"a label"]
    with pytest.raises(ConnectionError):
        line.read(1.0)
    line.close()


@pytest.mark.parametrize("fault", [ValueError("no such rate"), termios.error(22, "Invalid argument")])
def test_a_port_that_can_not_be_set_so_is_not_there(fault: Exception) -> None:
    def opener(*_where: Any, **_how: Any) -> UnpluggedPort:
        raise fault

    with pytest.raises(ConnectionError):
        SerialLine("COM3", 9600, opener)


def test_a_name_that_is_looked_up_for_ever_is_given_up() -> None:
    done = threading.Event()

    def hanging(host: str, port: int) -> list[tuple[object, ...]]:
        done.wait(60)
        return []

    began = time.monotonic()
    with pytest.raises(TimeoutError):
        reached("label-printer.example", 9100, 0.2, hanging)
    assert time.monotonic() - began < 10
    done.set()


def test_every_address_of_a_name_is_tried() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = closed.getsockname()
    with socket.create_server(("127.0.0.1", 0)) as there:

        def both(host: str, port: int) -> list[tuple[object, ...]]:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address) for address in (nobody, there.getsockname())]

        reached("label-printer.example", 9100, 20, both).close()
    with pytest.raises(ConnectionRefusedError):
        reached("label-printer.example", 9100, 20, lambda *_: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", nobody)])


@pytest.mark.parametrize("language", LANGUAGES)
def test_into_a_folder(language: PrinterLanguage, tmp_path: Path) -> None:
    assert said(plan_of(f"file:{tmp_path}", language)) is None
    (only,) = tmp_path.iterdir()
    assert only.name == f"label-1.{language.value}"
    assert labels_in(only, language) == [LABEL]
    assert said(plan_of(f"file:{tmp_path / 'absent'}", language)) == PrinterCode.FOLDER_FAILED


def test_a_pdf_is_a_file_only(tmp_path: Path) -> None:
    assert said(plan_of(f"file:{tmp_path}", PrinterLanguage.PDF)) is None
    assert (tmp_path / "label-1.pdf").read_bytes().startswith(b"%PDF")
    with pytest.raises(UserError) as caught:
        plan_of("tcp:127.0.0.1", PrinterLanguage.PDF)
    assert caught.value.code == PrinterCode.LANGUAGE_NOT_THERE


@pytest.mark.parametrize(
    "address",
    [
        "",
        "tcp:",
        "127.0.0.1:9100",
        "tcp:host:0",
        "tcp:host:99999999999",
        "tcp::9100",
        "usb:1",
        "serial:COM3@fast",
        "serial:@9600",
        "tcp:h:-1",
    ],
)
def test_an_address_that_is_none(address: str) -> None:
    with pytest.raises(UserError) as caught:
        PrinterPlan.parse(address, "tspl", SIZE, asks=True)
    assert caught.value.code == PrinterCode.ADDRESS_ODD


@pytest.mark.parametrize(
    ("size", "dpi"), [("60", 203), ("60x40x3", 203), ("-60x40", 203), ("²x40", 203), ("5x5", 203), ("60x9999999999", 203), ("60x40", 200)]
)
def test_a_size_no_printer_has(size: str, dpi: int) -> None:
    with pytest.raises(UserError):
        LabelSize.parse(size, dpi, 2)


def test_a_size_is_in_dots_as_the_printer_counts_them() -> None:
    assert (LabelSize.parse("60×40", 203, 2).width, LabelSize.parse("60X40", 203, 2).height) == (480, 320)
    assert (LabelSize.parse("100x150", 300, 0).width, LabelSize(100, 150, 300).height) == (1181, 1772)


READY, TAIL = b"\x02030,0,0,0320,000,0,0,0,000,0,0,0\x03\r\n", b"\x03\r\n\x021234,0\x03\r\n"
PAUSED = READY.replace(b"0,0,0320", b"0,1,0320")
ODD_ANSWERS = [
    (PrinterLanguage.TSPL, 0, b"\x20", None),  # printing
    (PrinterLanguage.TSPL, 0, b"\x05", PrinterCode.PAPER_OUT),  # head open as well
    (PrinterLanguage.TSPL, 0, b"\x08", PrinterCode.RIBBON_OUT),
    (PrinterLanguage.TSPL, 0, b"\x02", PrinterCode.FAULT),
    (PrinterLanguage.TSPL, 0, b"\x80", PrinterCode.FAULT),
    (PrinterLanguage.TSPL, 0, b"\x10", PrinterCode.PAUSED),
    (PrinterLanguage.TSPL, 0, b"\xff", PrinterCode.GARBLED),
    (PrinterLanguage.ESCPOS, 0, b"\x1e", None),  # near the end of the paper
    (PrinterLanguage.ESCPOS, 0, b"\x00", PrinterCode.GARBLED),
    (PrinterLanguage.ESCPOS, 1, b"\x52", PrinterCode.FAULT),
    (PrinterLanguage.ESCPOS, 1, b"\x32", PrinterCode.PAPER_OUT),
    (PrinterLanguage.ZPL, 0, PAUSED + b"\x02000,0,0,0,0,2,4,0,00000000,1,000" + TAIL, PrinterCode.PAUSED),
    (PrinterLanguage.ZPL, 0, READY + b"\x02000,0,0,1,0,2,4,0,00000000,1,000" + TAIL, PrinterCode.RIBBON_OUT),
    (PrinterLanguage.ZPL, 0, b"\x02\x03\x02\x03\x02\x03", PrinterCode.GARBLED),
    (PrinterLanguage.ZPL, 0, b"\x02030,0,x,0320,000,0,0,0,000,0,0,0\x03\x02000,0,0,1,0,2,4,0,0,1,0" + TAIL, PrinterCode.GARBLED),
]  # fmt: skip


@pytest.mark.parametrize(("language", "question", "answer", "code"), ODD_ANSWERS)
def test_an_answer_means_what_the_manual_says(language: PrinterLanguage, question: int, answer: bytes, code: PrinterCode | None) -> None:
    asked = QUESTIONS[language][question]
    assert asked.is_answered(answer)
    assert asked.told(answer) == code


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_printer_without_trouble_says_so(language: PrinterLanguage) -> None:
    for question in QUESTIONS[language]:
        answer = answer_of(language, question.asked, PrinterTrouble.NONE)
        assert question.told(answer) is None
        assert question.told(answer[:-3]) in (PrinterCode.SILENT, PrinterCode.GARBLED)
