"""练习打印机: a label printer behind a TCP port, or a file it printed into. It understands what it gets, and can be in trouble."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self

from courier_check.devices.bitmap import Bitmap
from courier_check.devices.label_languages import PrinterLanguage
from courier_check.devices.label_readings import NotUnderstoodError, Reading, read_bytes

_POLL_S = 0.05


class PrinterTrouble(StrEnum):
    NONE = "none"
    PAPER_OUT = "paper-out"
    COVER_OPEN = "cover-open"
    GARBAGE = "garbage"  # it answers, but nonsense
    SILENT = "silent"  # it takes everything and answers nothing
    HANGS = "hangs"  # it takes nothing
    CUT_OFF = "cut-off"  # it hangs up in the middle of a label
    PAPER_ENDS = "paper-ends"  # with the label that is being printed: nothing comes out, and it says so afterwards


_TSPL: Mapping[PrinterTrouble, bytes] = {PrinterTrouble.PAPER_OUT: b"\x04", PrinterTrouble.COVER_OPEN: b"\x01"}
_ESCPOS: Mapping[PrinterTrouble, Mapping[bytes, bytes]] = {
    PrinterTrouble.PAPER_OUT: {b"\x10\x04\x04": b"\x7e", b"\x10\x04\x02": b"\x32"},
    PrinterTrouble.COVER_OPEN: {b"\x10\x04\x02": b"\x16"},
}


def _zpl(trouble: PrinterTrouble) -> bytes:
    paper, head = int(trouble is PrinterTrouble.PAPER_OUT), int(trouble is PrinterTrouble.COVER_OPEN)
    strings = (f"030,{paper},0,0320,000,0,0,0,000,0,0,0", f"000,0,{head},0,0,2,4,0,00000000,1,000", "1234,0")
    return "".join(f"\x02{each}\x03\r\n" for each in strings).encode("ascii")


def answer_of(language: PrinterLanguage, asked: bytes, trouble: PrinterTrouble) -> bytes:
    """What a printer in that state answers."""
    if trouble is PrinterTrouble.GARBAGE:
        return b"\xff\x00HTTP/1.1 400\r\n\x03\x03\x03"
    if trouble is PrinterTrouble.SILENT:
        return b""
    if language is PrinterLanguage.ZPL:
        return _zpl(trouble)
    if language is PrinterLanguage.TSPL:
        return _TSPL.get(trouble, b"\x00")
    return _ESCPOS.get(trouble, {}).get(asked, b"\x12")


def labels_in(path: Path, language: PrinterLanguage) -> list[Bitmap]:
    """The labels in a file that was printed into. Raises NotUnderstoodError, also where the last one is not whole."""
    reading = Reading()
    read_bytes(reading, language, path.read_bytes())
    if reading.buffer:
        raise NotUnderstoodError(bytes(reading.buffer[:64]))
    return reading.labels


class SimulatedPrinter:
    """Listens on a port of this machine, one caller after another, on a thread of its own. `labels`: what was printed; `faults`: what was
    not understood. `trouble` may be set at any time. `told` is called on that thread for each label."""

    def __init__(self, language: PrinterLanguage, *, port: int = 0, told: Callable[[Bitmap], None] = lambda _: None) -> None:
        self.language = language
        self.trouble = PrinterTrouble.NONE
        self.labels: list[Bitmap] = []
        self.faults: list[bytes] = []
        self._told = told
        self._listening = socket.create_server(("127.0.0.1", port))
        self._listening.settimeout(_POLL_S)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="simulated-printer", daemon=True)

    @property
    def port(self) -> int:
        return int(self._listening.getsockname()[1])

    @property
    def address(self) -> str:
        return f"tcp:127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._ended.set()
        self._thread.join()
        self._listening.close()

    def _serve(self) -> None:
        while not self._ended.is_set():
            try:
                connection, _ = self._listening.accept()
            except TimeoutError:
                continue
            with connection, contextlib.suppress(ConnectionError):  # the caller has gone
                connection.settimeout(_POLL_S)
                self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        reading = Reading()
        while not self._ended.is_set():
            if self.trouble is PrinterTrouble.HANGS:
                self._ended.wait(_POLL_S)
                continue
            try:
                data = connection.recv(4096)
            except TimeoutError:
                continue
            if not data:
                return
            try:
                read_bytes(reading, self.language, data)
            except NotUnderstoodError as wrong:
                self.faults.append(wrong.args[0])
                return
            if self.trouble is PrinterTrouble.CUT_OFF and reading.buffer:
                return
            self._printed(reading)
            for asked in reading.asked:
                connection.sendall(answer_of(self.language, asked, self.trouble))
            reading.asked.clear()

    def _printed(self, reading: Reading) -> None:
        if reading.labels and self.trouble is PrinterTrouble.PAPER_ENDS:
            self.trouble = PrinterTrouble.PAPER_OUT
            reading.labels.clear()
        for label in reading.labels:
            self.labels.append(label)
            self._told(label)
        reading.labels.clear()
