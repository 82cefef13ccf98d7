"""串口: which there are and how one is opened. All that differs between systems stands here.

Run on Linux, with pseudo-terminals only: no real reader, no USB adapter and no Windows was at hand. What is said of Windows (names like
COM3, Bluetooth ports that take seconds to open) is pyserial's documentation and common experience.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import Protocol

import serial
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from courier_check.devices.codes import ReaderCode
from courier_check.errors import DeviceError

BAUD_RATES = (115_200, 57_600, 38_400, 19_200, 9_600)
"""Those a module can be set to, the usual one first (domain.md §7)."""
_WRITE_TIMEOUT_S = 1.0

if sys.platform == "win32":
    LINE_FAULTS: tuple[type[Exception], ...] = (OSError,)
else:
    import termios

    LINE_FAULTS = (OSError, termios.error)
"""What an unplugged port raises: pyserial's own errors are OSErrors, of termios (whose error is none) it lets some through."""

PortFinder = Callable[[], Sequence[str]]
"""Names of the ports a reader may be at, the likeliest first. Called again for each search."""


class LineLostError(Exception):
    """The port is gone: unplugged, or its driver failed."""


class Port(Protocol):
    """A line to a reader. Every method but `close` raises LineLostError."""

    def write(self, data: bytes) -> None: ...

    def read(self, timeout_s: float) -> bytes:
        """What has come, or the first that comes in this time; empty if nothing does."""

    def discard(self) -> None:
        """Forget what has come and was not read."""

    def close(self) -> None: ...


PortOpener = Callable[[str, int], Port]
"""Port name and baud rate. Raises DeviceError(PORT_FAILED)."""


class SerialPort:
    """A serial port: eight bits, no parity, one stop bit unless another frame is set; nobody else on it (where the system can keep others
    off)."""

    def __init__(self, name: str, baud_rate: int, *, data_bits: int = 8, parity: str = "N", stop_bits: int = 1) -> None:
        try:
            self._port = serial.Serial(
                name,
                baud_rate,
                bytesize=data_bits,
                parity=parity,
                stopbits=stop_bits,
                timeout=0,
                write_timeout=_WRITE_TIMEOUT_S,
                exclusive=True,
            )
        except (*LINE_FAULTS, ValueError) as failed:
            raise DeviceError(ReaderCode.PORT_FAILED, port=name, detail=_detail(failed)) from failed

    def write(self, data: bytes) -> None:
        try:
            self._port.write(data)
        except LINE_FAULTS as failed:
            raise LineLostError from failed

    def read(self, timeout_s: float) -> bytes:
        try:
            self._port.timeout = timeout_s
            return self._port.read(max(1, self._port.in_waiting))
        except LINE_FAULTS as failed:
            raise LineLostError from failed

    def discard(self) -> None:
        try:
            self._port.timeout = 0
            self._port.read(self._port.in_waiting)
        except LINE_FAULTS as failed:
            raise LineLostError from failed

    def close(self) -> None:
        try:
            self._port.close()
        except LINE_FAULTS:  # it went before
            return


def _detail(failed: Exception) -> str:
    """The system's own word for it, where it has one; the name of the port is told beside."""
    number = getattr(failed, "errno", None)
    return os.strerror(number) if number else type(failed).__name__


def port_finder(chosen: str | None, taken: Sequence[str] = ()) -> PortFinder:
    """The port that was chosen, or every port of this machine but other devices'. `taken`: their ports, or what `device_at` says."""
    if chosen is not None:
        return lambda: (chosen,)
    others = {*taken, *(os.path.realpath(port) for port in taken)}
    return lambda: tuple(port for port in likely_ports() if others.isdisjoint((os.path.realpath(port), device_at(port))))


def device_at(port: str) -> str:
    """What USB says of the device at this port, by which it is known again at another one; empty where it says nothing."""
    here = os.path.realpath(port)
    return next((_device(each) for each in list_ports.comports() if os.path.realpath(each.device) == here), "")


def port_of(device: str) -> str | None:
    """Where the device is plugged in now; None while it is not."""
    return next((each.device for each in list_ports.comports() if _device(each) == device), None)


def _device(port: ListPortInfo) -> str:
    """Maker, model and serial number; where the maker has given none, the socket it is plugged into."""
    if port.vid is None or port.pid is None:
        return ""
    return f"{port.vid:04x}:{port.pid:04x}:{port.serial_number or '@' + (port.location or '')}"


def likely_ports() -> tuple[str, ...]:
    """Ports of this machine, those on USB first. Bluetooth's are left out: opening one takes seconds, and no reader is known to use it."""
    found = (port for port in list_ports.comports() if not _is_bluetooth(port.hwid or "", port.device or ""))
    return tuple(port.device for port in sorted(found, key=lambda port: (port.vid is None, port.device)))


def _is_bluetooth(hardware: str, name: str) -> bool:
    """Windows names the bus, macOS the port; Linux binds such ports only when asked to."""
    return "BTHENUM" in hardware or "bluetooth" in name.lower()
