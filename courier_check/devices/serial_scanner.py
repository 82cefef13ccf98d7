"""串口扫码枪、RFID 读写器 on a thread of its own: opens the gun's port, takes what it sends, opens it again when it was unplugged.

A gun has no question to be asked by, so it is never looked for at ports that nobody has named: scales and card readers talk on serial lines
too. What is scanned is told and forgotten; nothing of it is kept or logged here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Event, Thread

from courier_check.clock import Clock
from courier_check.devices.children import whereabouts
from courier_check.devices.codes import ScannerCode
from courier_check.devices.scans import GunLine, LineScan, ScanFramer, WrongScan
from courier_check.devices.serial_ports import LineLostError, Port, SerialPort, port_of
from courier_check.errors import CourierCheckError, DeviceError

_log = logging.getLogger(__name__)

_LONGEST_CLOSE_S = 1.0
_IDLE_S = 0.2
"""How long a wait for bytes goes on without looking whether the gun is still wanted."""
RETRY_MS = 1_000


@dataclass(frozen=True, slots=True)
class Gun:
    """`port`: where it was when it was chosen; `device`: by what it is known again at another one, empty where the system tells nothing."""

    port: str
    line: GunLine
    device: str = ""


@dataclass(frozen=True, slots=True)
class GunFound:
    """The gun's port is open. `back`: after it was gone or missing."""

    port: str
    back: bool


@dataclass(frozen=True, slots=True)
class GunGone:
    """The gun is unplugged, was never there, or its port can't be opened; told once for each cause. It is tried again until it works."""

    error: CourierCheckError


GunTold = GunFound | GunGone | LineScan | WrongScan
GunOpener = Callable[[str, GunLine], Port]
"""Raises DeviceError."""


def open_gun(port: str, line: GunLine) -> Port:
    """The port as the gun is set. Raises DeviceError(PORT_FAILED)."""
    try:
        return SerialPort(port, line.baud_rate, data_bits=line.data_bits, parity=line.parity, stop_bits=line.stop_bits)
    except DeviceError as failed:
        raise DeviceError(ScannerCode.PORT_FAILED, **failed.facts) from failed


class SerialScanner:
    """`tell` is called on the gun's thread and must not wait. `open` returns at once, `close` within a second; nothing is told after it."""

    def __init__(
        self, gun: Gun, clock: Clock, tell: Callable[[GunTold], None], *, retry_ms: int = RETRY_MS, open_port: GunOpener = open_gun
    ) -> None:
        self.gun = gun
        self._clock = clock
        self._tell = tell
        self._retry_ms = retry_ms
        self._open_port = open_port
        self._closing = Event()
        self._thread: Thread | None = None

    def open(self) -> None:
        self.close()
        # Of this opening alone: a thread that hung when it was closed must still find that it is not wanted.
        self._closing = Event()
        watch = _Watch(self.gun, self._clock, self._tell, self._open_port, self._closing)
        self._thread = Thread(target=watch.run, args=(self._retry_ms,), name="scanner", daemon=True)
        self._thread.start()

    def leave(self) -> None:
        """Ask it to end, at once."""
        self._closing.set()

    def close(self) -> None:
        """A driver that hangs is left behind with its thread."""
        self.leave()
        if self._thread is not None:
            self._thread.join(_LONGEST_CLOSE_S)
            self._thread = None


class _Watch:
    """One opening of a gun, on its thread."""

    def __init__(self, gun: Gun, clock: Clock, tell: Callable[[GunTold], None], open_port: GunOpener, closing: Event) -> None:
        self._gun = gun
        self._clock = clock
        self._tell = tell
        self._open_port = open_port
        self._closing = closing
        self._missed = ""

    def run(self, retry_ms: int) -> None:
        while not self._closing.is_set():
            try:
                self._life()
            except DeviceError as error:
                self._gone(error)
            except Exception as fault:  # noqa: BLE001 - the watch must outlive faults of ours; text and traceback could hold a scan
                _log.error("scanner: %s", whereabouts(fault))
                self._gone(DeviceError(ScannerCode.STOPPED, port=self._gun.port))
            self._closing.wait(retry_ms / 1000)

    def _life(self) -> None:
        """From opening the port to losing it. Raises DeviceError."""
        name = self._port()
        port = self._open_port(name, self._gun.line)
        framer = ScanFramer(self._gun.line)
        try:
            self._told(GunFound(name, back=bool(self._missed)))
            self._missed = ""
            while not self._closing.is_set():
                self._tell_all(self._heard(port, framer))
        except LineLostError as lost:
            self._tell_all(framer.cut())
            raise DeviceError(ScannerCode.LOST, port=name) from lost
        finally:
            port.close()

    def _port(self) -> str:
        """Where the gun is now. Raises DeviceError: under its old name another device may be plugged in meanwhile."""
        if not self._gun.device:
            return self._gun.port
        found = port_of(self._gun.device)
        if found is None:
            raise DeviceError(ScannerCode.NOT_THERE, port=self._gun.port)
        return found

    def _heard(self, port: Port, framer: ScanFramer) -> Iterator[LineScan | WrongScan]:
        """What comes in one wait. Silence counts only where a whole wait brought nothing: after a stall bytes lie ready."""
        data = port.read(self._gun.line.quiet_ms / 1000 if framer.open else _IDLE_S)
        now_ms = self._clock.read().mono_ms
        yield from framer.feed(data, now_ms) if data else framer.tick(now_ms)

    def _gone(self, error: DeviceError) -> None:
        """A search that fails again and again for one cause is told once."""
        if str(error) != self._missed:
            self._missed = str(error)
            self._told(GunGone(error))

    def _tell_all(self, told: Iterator[LineScan | WrongScan]) -> None:
        for each in told:
            self._told(each)

    def _told(self, told: GunTold) -> None:
        if not self._closing.is_set():
            self._tell(told)
