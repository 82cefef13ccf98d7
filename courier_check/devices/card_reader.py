"""证件阅读机 on a thread of its own: finds it, watches for cards, reads each that is laid down once, tells what happens.

Nothing of a card is kept or logged here: a reading is told and forgotten.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Thread

from courier_check.clock import Clock
from courier_check.devices.card_layouts import read_card_text
from courier_check.devices.children import whereabouts
from courier_check.devices.codes import ReaderCode
from courier_check.devices.sam import DONE, FOUND, NOT_FOUND, Answer, Command, card_text, trouble
from courier_check.devices.sam_line import SamLine, UnansweredError
from courier_check.devices.serial_ports import BAUD_RATES, LineLostError, PortFinder, PortOpener, SerialPort
from courier_check.errors import CourierCheckError, DeviceError, UserError
from courier_check.identity.readings import SourceReading

_log = logging.getLogger(__name__)

_LONGEST_CLOSE_S = 1.0
_TRIES = 3
"""So often is a card that stays where it is read, before another try is left to people."""
_FINAL = frozenset({ReaderCode.TYPE_UNKNOWN, ReaderCode.WRONG_CARD})
"""What another try with the same card can't change."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds. Polling and the time for a read as domain.md §7 has them; the others are ours.

    `answer_ms`: for what needs no long talk with a card. `quiet_ms`: a frame that stops in its middle for so long is not going on.
    `probe_ms`: a module that answers at all has answered by then.
    """

    poll_ms: int = 300
    read_ms: int = 3_000
    answer_ms: int = 1_000
    quiet_ms: int = 500
    probe_ms: int = 500
    retry_ms: int = 1_000


# ---- what is told ------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Found:
    """A reader answers. `back`: the one that was gone."""

    port: str
    baud_rate: int
    back: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """A card was laid down and is being read: 请勿移动."""


@dataclass(frozen=True, slots=True)
class Read:
    """What the chip holds; `ms` from the moment the card was found."""

    reading: SourceReading
    ms: int


@dataclass(frozen=True, slots=True)
class TakeAway:
    """请取走证件: told once, right after a card was read or can't be."""


@dataclass(frozen=True, slots=True)
class Removed:
    """The reader no longer tells of the card. Many tell so at once although a card they have read still lies there [转]."""


@dataclass(frozen=True, slots=True)
class Gone:
    """The reader that was there is unplugged or silent; it is looked for until it is back."""

    error: CourierCheckError


@dataclass(frozen=True, slots=True)
class Missing:
    """No reader that works was found, told once for each cause; it is looked for until there is one."""

    error: CourierCheckError


@dataclass(frozen=True, slots=True)
class Fault:
    """A card that was pulled away or can't be read (UserError), or a reader that stumbles (DeviceError). Work goes on by itself."""

    error: CourierCheckError


Told = Found | Missing | Gone | Reading | Read | TakeAway | Removed | Fault


class CardReader:
    """`tell` is called on the reader's thread and must not wait. `open` and `close` are for any thread; `open` returns at once, `close`
    within a second, `trouble` is instant. A reader that was closed may be opened again."""

    def __init__(
        self,
        find_ports: PortFinder,
        clock: Clock,
        tell: Callable[[Told], None],
        *,
        timing: Timing | None = None,
        open_port: PortOpener = SerialPort,
    ) -> None:
        self._find_ports = find_ports
        self._clock = clock
        self._tell = tell
        self._timing = timing or Timing()
        self._open_port = open_port
        self._closing = Event()
        self._thread: Thread | None = None
        self._trouble: CourierCheckError | None = None

    @property
    def trouble(self) -> CourierCheckError | None:
        """Why there is no reader; None while there is one, or while it is first looked for."""
        return self._trouble

    def open(self) -> None:
        self.close()
        # Of this opening alone: a thread that hung when it was closed must still find that it is not wanted.
        self._closing = Event()
        watch = _Watch(self, self._find_ports, self._clock, self._timing, self._open_port, self._closing)
        self._thread = Thread(target=watch.run, name="card-reader", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Nothing is told any more. A driver that hangs is left behind with its thread."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join(_LONGEST_CLOSE_S)
            self._thread = None
        self._trouble = None

    def told(self, told: Told, closing: Event) -> None:
        """From the watch with this `closing`."""
        if closing.is_set():
            return
        match told:
            case Found():
                self._trouble = None
            case Missing(error) | Gone(error):
                self._trouble = error
        self._tell(told)


class _Watch:
    """One opening of a reader, on its thread."""

    def __init__(
        self,
        reader: CardReader,
        find_ports: PortFinder,
        clock: Clock,
        timing: Timing,
        open_port: PortOpener,
        closing: Event,
    ) -> None:
        self._reader = reader
        self._find_ports = find_ports
        self._clock = clock
        self._timing = timing
        self._open_port = open_port
        self._closing = closing
        self._last_port: str | None = None
        self._last_rate = BAUD_RATES[0]
        self._missed = ""
        self._stumbles = 0
        self._done = False
        """Whether the card that lies there needs nothing more: it was read, or it can't be."""

    def run(self) -> None:
        while not self._closing.is_set():
            try:
                self._life()
            except Exception as fault:  # noqa: BLE001 - the watch must outlive faults of ours; text and traceback could hold a card's
                _log.error("card reader: %s", whereabouts(fault))
                self._missing(DeviceError(ReaderCode.STOPPED))
            self._closing.wait(self._timing.retry_ms / 1000)

    def _life(self) -> None:
        """From finding a reader to losing it."""
        line = self._search()
        if line is None:
            return
        self._done = False
        try:
            while not self._closing.is_set():
                self._look(line)
                self._closing.wait(self._timing.poll_ms / 1000)
        except LineLostError:
            self._told(Gone(DeviceError(ReaderCode.LOST, port=self._port)))
        except UnansweredError as silent:
            self._told(Gone(DeviceError(silent.code, port=self._port)))
        finally:
            line.close()

    # ---- finding the reader --------------------------------------------------------------------------------------------------------------

    def _search(self) -> SamLine | None:
        """A reader that answers, at whichever rate; the port and the rate it last had are tried first."""
        ports = self._find_ports()
        unopened: list[DeviceError] = []
        for port in sorted(ports, key=lambda port: port != self._last_port):
            try:
                found = self._at(port)
            except DeviceError as error:
                unopened.append(error)
                continue
            if found is not None:
                return found
        if not ports:
            self._missing(DeviceError(ReaderCode.NO_PORT))
        elif len(unopened) == len(ports):
            self._missing(unopened[0])
        elif not self._closing.is_set():
            self._missing(DeviceError(ReaderCode.NOT_FOUND, ports="、".join(ports)))
        return None

    def _at(self, port: str) -> SamLine | None:
        """The reader at this port, if one answers. Raises DeviceError where the port can't be opened or the module is in trouble."""
        for rate in sorted(BAUD_RATES, key=lambda rate: rate != self._last_rate):
            if self._closing.is_set():
                return None
            line = self._answering(port, rate)
            if line is not None:
                self._told(Found(port, rate, back=self._last_port is not None))
                self._last_port, self._last_rate, self._missed = port, rate, ""
                return line
        return None

    def _answering(self, port: str, rate: int) -> SamLine | None:
        """The line, if a module that works answers there. DeviceError where the port can't be opened or the module is in trouble."""
        line = SamLine(self._open_port(port, rate), self._clock, self._timing.quiet_ms, self._closing)
        try:
            status = line.ask(Command.STATUS, self._timing.probe_ms).status
        except (LineLostError, UnansweredError):
            line.close()
            return None
        if status != DONE:
            line.close()
            raise trouble(status)
        return line

    def _missing(self, error: CourierCheckError) -> None:
        """A search that fails again and again for one cause is told once."""
        if str(error) != self._missed:
            self._missed = str(error)
            self._told(Missing(error))

    # ---- cards ---------------------------------------------------------------------------------------------------------------------------

    def _look(self, line: SamLine) -> None:
        """One look for a card. What comes of a card is told; losing the reader is raised."""
        status = self._status(line)
        if status == FOUND and not self._done:
            self._read(line)
        elif status == NOT_FOUND and self._done:
            self._done = False
            self._told(Removed())

    def _status(self, line: SamLine) -> int | None:
        """FOUND, NOT_FOUND, or None where this look told nothing: its answer was lost, or the module says something else."""
        try:
            status = line.ask(Command.FIND, self._timing.answer_ms).status
        except UnansweredError:
            line.settle(self._timing.probe_ms)
            return None
        if status in (FOUND, NOT_FOUND):
            self._stumbles = 0
            return status
        self._stumbles += 1
        if self._stumbles == _TRIES:  # once or twice is noise on the line
            self._told(Fault(trouble(status)))
        return None

    def _read(self, line: SamLine) -> None:
        """A card that was just laid down: read, and again where the line or the chip stumbled and it still lies there."""
        found_ms = self._clock.read().mono_ms
        self._told(Reading())
        failed: CourierCheckError | None = None
        for _ in range(_TRIES):
            failed = self._try(line, found_ms)
            if failed is None or failed.code in _FINAL:
                break
            if self._status(line) == NOT_FOUND:  # pulled away, or, once the chip was read, a module that tells so of a card that lies there
                self._told(Fault(UserError(ReaderCode.NOT_READ_THROUGH)))
                return
        if failed is not None:
            self._finish(Fault(failed))

    def _try(self, line: SamLine, found_ms: int) -> CourierCheckError | None:
        """Select and read once; what went wrong, or None once the reading is told."""
        try:
            _expect_done(line.ask(Command.SELECT, self._timing.answer_ms))
            answer = _expect_done(line.ask(Command.READ, self._timing.read_ms))
            reading = read_card_text(card_text(answer.data))
        except UnansweredError as unanswered:
            line.settle(self._timing.read_ms)
            return DeviceError(unanswered.code, port=self._port) if unanswered.garbled else UserError(ReaderCode.READ_FAILED)
        except CourierCheckError as told:
            return told
        self._finish(Read(reading, self._clock.read().mono_ms - found_ms))
        return None

    def _finish(self, told: Read | Fault) -> None:
        """The card that lies there needs nothing more."""
        self._done = True
        self._told(told)
        self._told(TakeAway())

    @property
    def _port(self) -> str:
        return self._last_port or ""

    def _told(self, told: Told) -> None:
        self._reader.told(told, self._closing)


def _expect_done(answer: Answer) -> Answer:
    """Raises what the module says instead."""
    if answer.status != DONE:
        raise trouble(answer.status)
    return answer
