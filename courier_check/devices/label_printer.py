"""标签打印机: one label to a printer over the network, a serial port or a device file, through the system's queue, or into a folder. Every
wait ends.

What comes back is a DeviceError with a PrinterCode, or nothing: then the printer took all bytes and reported no fault before or after. That
paper came out is for people to see (已贴标).
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

from courier_check.devices.bitmap import Bitmap, LabelSize
from courier_check.devices.codes import PrinterCode
from courier_check.devices.hosts import reached
from courier_check.devices.label_languages import PrinterLanguage, encoded
from courier_check.devices.printer_status import QUESTIONS, Question
from courier_check.devices.system_printer import SYSTEM, LabelSheet, SystemPrinter
from courier_check.errors import DeviceError, UserError

if TYPE_CHECKING:
    from serial import Serial

PORT = 9100
"""Where label printers listen for raw bytes."""
BAUD_RATE = 9600
_WORDS = ("tcp", "serial", "device", "file", SYSTEM)


@dataclass(frozen=True, slots=True)
class Waits:
    """How long a printer is waited for: to be found by its name and reached, to take the bytes, to answer; `queue_s`: a label's way into
    the system's queue, what is loaded for it included."""

    connect_s: float = 2.0
    write_s: float = 10.0
    answer_s: float = 2.0
    queue_s: float = 20.0


@dataclass(frozen=True, slots=True)
class PrinterPlan:
    """A printer as it is set. `address`: `tcp:HOST[:PORT]`, `serial:PORT[@RATE]`, `device:PATH`, `file:FOLDER`, `system:NAME`, or `system:`
    for the system's default printer. `asks`: whether its state is asked before and after a label; some have a way in only."""

    address: str
    language: PrinterLanguage
    size: LabelSize
    asks: bool = True

    @classmethod
    def parse(cls, address: str, language: str, size: LabelSize, *, asks: bool) -> Self:
        """UserError for an address of no known form, for PDF to a printer, and for a printer's own language to the system's queue."""
        word, colon, rest = address.partition(":")
        if not colon or word not in _WORDS or not (rest.strip() or word == SYSTEM) or not _is_text(address):
            raise UserError(PrinterCode.ADDRESS_ODD, address=address[:60])
        if word == "tcp":
            _host_and_port(rest)
        if word == "serial":
            _port_and_rate(rest)
        if language not in _spoken(word):
            raise UserError(PrinterCode.LANGUAGE_NOT_THERE, language=language[:20], known="、".join(_spoken(word)))
        return cls(address, PrinterLanguage(language), size, asks)

    @property
    def is_system(self) -> bool:
        return self.address.partition(":")[0] == SYSTEM

    @property
    def queue(self) -> str:
        """The system's name of the printer; empty for its default one."""
        return self.address.partition(":")[2].strip()


def _is_text(address: str) -> bool:
    """Whether it can be kept and shown: no control characters, and no bytes that are no text, as a command line may bring."""
    return not any(each < " " or each == "\x7f" or "\ud800" <= each <= "\udfff" for each in address)


def _spoken(word: str) -> tuple[PrinterLanguage, ...]:
    """The languages that are understood at such an address."""
    if word == SYSTEM:
        return (PrinterLanguage.DRIVER,)
    own = (PrinterLanguage.TSPL, PrinterLanguage.ZPL, PrinterLanguage.ESCPOS)
    return (*own, PrinterLanguage.PDF) if word == "file" else own


class Line(Protocol):
    """A way to a printer. Both methods raise OSError where it is gone and TimeoutError where it hangs."""

    def write(self, data: bytes, timeout_s: float) -> None: ...

    def read(self, timeout_s: float) -> bytes:
        """What has come, or the first that comes in this time; empty if nothing does."""

    def close(self) -> None: ...


def print_bitmap(
    bitmap: Bitmap, plan: PrinterPlan, name: str, waits: Waits | None = None, system: SystemPrinter | None = None
) -> str | None:
    """Print one label, once. `name` is what its file is called where the plan is a folder, and its job in the system's queue. Returns the
    system's name of the printer, None where the address is all there is to say. Raises DeviceError."""
    patience = waits or Waits()
    if plan.is_system:
        if system is None:
            raise DeviceError(PrinterCode.NO_SYSTEM_PRINTING, detail="")
        return system.print_label(LabelSheet(plan.queue, bitmap, plan.size, name, plan.asks), patience.queue_s)
    data = encoded(bitmap, plan.size, plan.language)
    word, _, rest = plan.address.partition(":")
    if word == "file":
        _into(Path(rest), f"{name}.{plan.language.value}", data)
    else:
        _over_line(data, plan, patience)
    return None


def _over_line(data: bytes, plan: PrinterPlan, patience: Waits) -> None:
    line = _opened(plan, patience)
    try:
        _ask(line, plan, patience)
        line.write(data, patience.write_s)
        _ask(line, plan, patience)
    except TimeoutError as error:
        raise DeviceError(PrinterCode.HANGS, printer=plan.address) from error
    except OSError as error:
        raise DeviceError(PrinterCode.LOST, printer=plan.address) from error
    finally:
        line.close()


def _ask(line: Line, plan: PrinterPlan, waits: Waits) -> None:
    """Raises DeviceError for whatever keeps it from printing, and where it answers nothing or nonsense."""
    for question in QUESTIONS[plan.language] if plan.asks else ():
        line.write(question.asked, waits.answer_s)
        code = question.told(_answer(line, question, waits.answer_s))
        if code is not None:
            raise DeviceError(code, printer=plan.address)


def _answer(line: Line, question: Question, timeout_s: float) -> bytes:
    """What came until the answer was whole or the time was over; at most what a garrulous device says in that time, cut at 1 kB."""
    got, until = b"", time.monotonic() + timeout_s
    while not question.is_answered(got) and len(got) < 1024:
        left = until - time.monotonic()
        more = line.read(left) if left > 0 else b""
        if not more:
            break
        got += more
    return got


def _opened(plan: PrinterPlan, waits: Waits) -> Line:
    word, _, rest = plan.address.partition(":")
    try:
        match word:
            case "tcp":
                return SocketLine(reached(*_host_and_port(rest), waits.connect_s))
            case "serial":
                return SerialLine(*_port_and_rate(rest))
            case _:
                return DeviceFileLine(Path(rest))
    except (OSError, UnicodeError) as error:  # a host's name that is none is a UnicodeError
        raise DeviceError(PrinterCode.NOT_THERE, printer=plan.address) from error


class SocketLine:
    """TCP, usually to port 9100."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def write(self, data: bytes, timeout_s: float) -> None:
        self._connection.settimeout(timeout_s)
        self._connection.sendall(data)

    def read(self, timeout_s: float) -> bytes:
        self._connection.settimeout(timeout_s)
        try:
            got = self._connection.recv(1024)
        except TimeoutError:
            return b""
        if not got:
            raise ConnectionResetError
        return got

    def close(self) -> None:
        """What came and nobody read is read first: with it unread the system would reset the line, and the printer lose the label's end."""
        with contextlib.suppress(OSError):  # it is gone already
            self._connection.shutdown(socket.SHUT_WR)
            self._connection.setblocking(False)
            self._connection.recv(65_536)
        self._connection.close()


class SerialLine:
    """A serial port: eight bits, no parity, one stop bit. `opener`: what opens it, as serial.Serial does."""

    def __init__(self, port: str, rate: int, opener: Callable[..., Serial] | None = None) -> None:
        import serial

        from courier_check.devices.serial_ports import LINE_FAULTS

        self._faults = LINE_FAULTS
        try:
            self._port = (opener or serial.Serial)(port, rate, timeout=0, write_timeout=1.0)
        except (*LINE_FAULTS, ValueError) as error:  # a driver that takes no such rate is a ValueError
            raise ConnectionError from error

    def write(self, data: bytes, timeout_s: float) -> None:
        import serial

        # 10 bits a byte on the line: a label of 20 kB takes 20 s at 9600, and that is no hanging printer.
        self._port.write_timeout = timeout_s + len(data) * 10 / self._port.baudrate
        try:
            self._port.write(data)
            self._port.flush()
        except serial.SerialTimeoutException as error:
            raise TimeoutError from error
        except self._faults as error:
            raise ConnectionError from error

    def read(self, timeout_s: float) -> bytes:
        try:
            self._port.timeout = timeout_s
            return bytes(self._port.read(1)) + bytes(self._port.read(self._port.in_waiting))
        except self._faults as error:
            raise ConnectionError from error

    def close(self) -> None:
        with contextlib.suppress(*self._faults):  # it is gone already
            self._port.close()


class DeviceFileLine:
    """A device file such as `/dev/usb/lp0`. Not on Windows, which can't wait for one with an end."""

    def __init__(self, path: Path) -> None:
        if os.name != "posix":
            raise DeviceError(PrinterCode.NOT_ON_THIS_SYSTEM, printer=str(path))
        self._file = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY)

    def write(self, data: bytes, timeout_s: float) -> None:
        until, rest = time.monotonic() + timeout_s, memoryview(data)
        while rest:
            _, ready, _ = select.select([], [self._file], [], max(0.0, until - time.monotonic()))
            if not ready:
                raise TimeoutError
            try:
                rest = rest[os.write(self._file, rest) :]
            except BlockingIOError:  # it was ready for fewer bytes than a page
                continue

    def read(self, timeout_s: float) -> bytes:
        ready, _, _ = select.select([self._file], [], [], timeout_s)
        return os.read(self._file, 1024) if ready else b""

    def close(self) -> None:
        with contextlib.suppress(OSError):  # it is gone already
            os.close(self._file)


def _into(folder: Path, name: str, data: bytes) -> None:
    """Beside it first, then under its name: whoever watches the folder sees whole labels only."""
    beside = folder / f"{name}.new"
    try:
        beside.write_bytes(data)
        beside.replace(folder / name)
    except OSError as error:
        raise DeviceError(PrinterCode.FOLDER_FAILED, folder=str(folder), detail=error.strerror or "") from error


def _host_and_port(rest: str) -> tuple[str, int]:
    """`host`, `host:9100`, `[fe80::1]:9100`. UserError."""
    host, colon, port = rest.rpartition(":") if not rest.endswith("]") else (rest, "", "")
    if not colon:
        host, port = rest, str(PORT)
    host = host.removeprefix("[").removesuffix("]")
    if not host or not (port.isascii() and port.isdigit()) or not 0 < int(port[:6]) < 65_536:
        raise UserError(PrinterCode.ADDRESS_ODD, address=f"tcp:{rest}"[:60])
    return host, int(port)


def _port_and_rate(rest: str) -> tuple[str, int]:
    """`COM3`, `/dev/ttyUSB0@115200`. UserError."""
    port, at, rate = rest.rpartition("@")
    if not at:
        return rest, BAUD_RATE
    if not port or not (rate.isascii() and rate.isdigit()) or not 300 <= int(rate[:8]) <= 1_000_000:
        raise UserError(PrinterCode.ADDRESS_ODD, address=f"serial:{rest}"[:60])
    return port, int(rate)
