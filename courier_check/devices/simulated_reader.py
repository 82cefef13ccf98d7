"""练习阅读机: speaks the SAM protocol on a pseudo-terminal, which a program opens like a serial port. Not on Windows, which has none.

It knows what it was told and what is asked of it, and nothing of how it is read: tests hold one against the other.
"""

from __future__ import annotations

import itertools
import os
import select
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Condition, Event, Thread
from types import MappingProxyType, TracebackType
from typing import Literal, Self, assert_never

from courier_check.devices.codes import ReaderCode
from courier_check.devices.sam import PREAMBLE, Command, FrameParser, frame
from courier_check.devices.simulated_cards import Asked, Await, Lay, Lift, Plug, Script, SimulatedFault, Unplug, Wait
from courier_check.errors import DeviceError

_CHUNK = 32
_LOOK_S = 0.05
_LONGEST_AWAIT_S = 60.0
_PHOTO = bytes(range(256)) * 4
"""1024 bytes as long as a card's photo and nobody's."""
_ASKED: Mapping[bytes, Asked] = MappingProxyType(
    {Command.STATUS.value: "status", Command.FIND.value: "find", Command.SELECT.value: "select", Command.READ.value: "read"}
)
_OK, _FOUND, _NO_CARD, _NOT_SELECTED, _NOT_READ, _UNKNOWN = 0x90, 0x9F, 0x80, 0x81, 0x41, 0x21


class _Board:
    """The module: one card at most, found, selected, read. Bytes asked, bytes answered."""

    def __init__(self, lying: Literal["silent", "found"]) -> None:
        self._lying = lying
        self.card: bytes | None = None
        self._stage: Literal["laid", "found", "selected", "read"] = "laid"

    def lay(self, text: bytes | None) -> None:
        self.card, self._stage = text, "laid"

    def answer(self, asked: bytes) -> bytes:
        match asked:
            case Command.STATUS.value | Command.RESET.value:
                return _said(_OK)
            case Command.MODULE_NUMBER.value:
                return _said(_OK, bytes([5, 0, 3, 0]) + (20_260_101).to_bytes(4, "little") + bytes(8))
            case Command.FIND.value:
                return self._find()
            case Command.SELECT.value:
                return self._select()
            case Command.READ.value:
                return self._read()
        return _said(_UNKNOWN)

    def _find(self) -> bytes:
        if self.card is None or (self._stage == "read" and self._lying == "silent"):
            return _said(_NO_CARD)
        self._stage = "found"
        return _said(_FOUND, bytes(4))

    def _select(self) -> bytes:
        if self.card is None or self._stage != "found":
            return _said(_NOT_SELECTED)
        self._stage = "selected"
        return _said(_OK, bytes(8))

    def _read(self) -> bytes:
        if self.card is None or self._stage != "selected":
            return _said(_NOT_READ)
        self._stage = "read"
        lengths = len(self.card).to_bytes(2, "big") + len(_PHOTO).to_bytes(2, "big")
        return _said(_OK, lengths + self.card + _PHOTO)


def _said(status: int, data: bytes = b"") -> bytes:
    return bytes([0, 0, status]) + data


class SimulatedReader:
    """A reader whose port is `path`, a link that comes and goes with its cable. `paced`: as slowly as a line of that rate.

    A program that opens the port at another rate is answered with noise. `open` raises DeviceError on Windows.
    """

    def __init__(
        self,
        path: Path,
        *,
        baud_rate: int = 115_200,
        lying: Literal["silent", "found"] = "silent",
        chip_ms: int = 0,
        paced: bool = True,
    ) -> None:
        self.path = path
        self._baud_rate = baud_rate
        self._chip_ms = chip_ms
        self._paced = paced
        self._changed = Condition()  # over all below
        self._board = _Board(lying)
        self._faults: list[SimulatedFault] = []
        self.answered: Counter[Asked] = Counter()
        """How often each question was answered, well or badly."""
        self._cable: _Cable | None = None

    @classmethod
    def of_script(cls, script: Script, path: Path) -> SimulatedReader:
        return cls(path, baud_rate=script.baud_rate, lying=script.lying, chip_ms=script.chip_ms)

    def open(self) -> None:
        """Plug it in. The module begins anew, whatever it had read before."""
        with self._changed:
            if self._cable is None:
                self._board.lay(self._board.card)
                self._cable = _Cable(self, self.path)
                self._cable.thread.start()

    def close(self) -> None:
        """Unplug it. What is being said is cut off."""
        with self._changed:
            cable, self._cable = self._cable, None
        if cable is not None:
            cable.cut()

    def lay(self, text: bytes) -> None:
        """Put a card on it, in the place of the one that may lie there."""
        with self._changed:
            self._board.lay(text)

    def lift(self) -> None:
        with self._changed:
            self._board.lay(None)

    def fail(self, fault: SimulatedFault) -> None:
        with self._changed:
            self._faults.append(fault)

    def wait_for(self, what: Asked, times: int = 1, within_s: float = _LONGEST_AWAIT_S) -> bool:
        """Until this was answered so many times from now on; whether it was."""
        with self._changed:
            wanted = self.answered[what] + times
            return self._changed.wait_for(lambda: self.answered[what] >= wanted, within_s)

    def play(self, script: Script, stop: Event) -> None:
        """Do what the script says, step after step, until its end or `stop`."""
        for step in script.steps:
            if stop.is_set():
                return
            match step:
                case Lay(card):
                    self.lay(script.cards[card].text())
                case Lift():
                    self.lift()
                case Unplug():
                    self.close()
                case Plug():
                    self.open()
                case Wait(ms):
                    stop.wait(ms / 1000)
                case Await(what, times):
                    self.wait_for(what, times)
                case SimulatedFault():
                    self.fail(step)
                case _ as never:
                    assert_never(never)

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    # ---- what goes over the line --------------------------------------------------------------------------------------------------------

    def said_to(self, asked: bytes, cable: _Cable) -> None:
        """Answer a question, with what is to go wrong."""
        name = _ASKED.get(asked)
        with self._changed:
            fault = self._due(name)
            says_status = fault is not None and fault.kind == "status"  # then the module did nothing else
            answer = b"" if says_status else frame(self._board.answer(asked))
        delay_ms = (self._chip_ms if name == "read" else 0) + (fault.ms if fault is not None and fault.kind == "delay" else 0)
        if delay_ms and cable.was_cut.wait(delay_ms / 1000):
            return
        self._send(answer if fault is None else self._spoilt(answer, fault), cable)
        if name is not None:
            with self._changed:
                self.answered[name] += 1
                self._changed.notify_all()

    def is_in_tune(self, rate: int) -> bool:
        return rate == self._baud_rate

    def _due(self, name: Asked | None) -> SimulatedFault | None:
        for at, fault in enumerate(self._faults):
            if fault.on == name:
                rest = SimulatedFault(fault.kind, fault.on, fault.times - 1, fault.ms, fault.bytes, fault.status)
                self._faults[at : at + 1] = [rest] if rest.times > 0 else []
                return fault
        return None

    def _spoilt(self, answer: bytes, fault: SimulatedFault) -> bytes:
        noise = bytes(itertools.islice(itertools.cycle(b"\x00\xff\xaa\x55\xaa\xaa\x96"), fault.bytes))
        middle = len(answer) // 2
        match fault.kind:
            case "delay":
                return answer
            case "truncate":
                return answer[: fault.bytes]
            case "noise-before":
                return noise + answer
            case "noise-within":
                return answer[:middle] + noise + answer[middle:]
            case "checksum":
                return answer[:-1] + bytes([answer[-1] ^ 0x01])
            case "silent":
                return b""
            case "status":
                return frame(_said(fault.status))
            case "pull":
                self.lift()
                return answer[:middle]
            case _ as never:
                assert_never(never)

    def _send(self, data: bytes, cable: _Cable) -> None:
        if not self._paced:
            cable.write(data)
            return
        for at in range(0, len(data), _CHUNK):
            chunk = data[at : at + _CHUNK]
            if cable.was_cut.wait(len(chunk) * 10 / self._baud_rate):  # a start bit, eight bits, a stop bit
                return
            cable.write(chunk)


class _Cable:
    """A pseudo-terminal from plugging in to unplugging, and the thread that answers on it."""

    def __init__(self, reader: SimulatedReader, path: Path) -> None:
        try:
            import pty
            import termios
            import tty
        except ImportError as absent:  # Windows
            raise DeviceError(ReaderCode.NOT_ON_THIS_SYSTEM) from absent
        self._termios = termios
        self._reader = reader
        self._path = path
        self.was_cut = Event()
        self._ours, self._theirs = pty.openpty()  # theirs stays open here: a program may come and go
        tty.setraw(self._theirs)
        os.set_blocking(self._ours, False)  # where nobody reads, what is said is lost, as on a line
        self.thread = Thread(target=self._serve, name="simulated-reader", daemon=True)
        beside = path.with_name(f"{path.name}.new")
        beside.unlink(missing_ok=True)
        beside.symlink_to(os.ttyname(self._theirs))
        beside.replace(path)

    def write(self, data: bytes) -> None:
        with suppress(OSError):  # nobody reads, and what the system holds for readers is full
            os.write(self._ours, data)

    def cut(self) -> None:
        """The link first, so that nobody finds what is going."""
        self._path.unlink(missing_ok=True)
        self.was_cut.set()
        self.thread.join()
        for end in (self._theirs, self._ours):
            os.close(end)

    def _serve(self) -> None:
        parser = FrameParser()
        while not self.was_cut.is_set():
            ready, _, _ = select.select([self._ours], [], [], _LOOK_S)
            if not ready:
                continue
            data = os.read(self._ours, 256)
            if not self._reader.is_in_tune(self._rate()):
                parser.clear()
                self.write(bytes(each ^ 0x5A for each in data if each not in PREAMBLE))
                continue
            for asked in parser.feed(data):
                self._reader.said_to(asked, self)

    def _rate(self) -> int:
        """What the program at the other end has set."""
        speed = self._termios.tcgetattr(self._ours)[5]
        rates = (115_200, 57_600, 38_400, 19_200, 9_600)
        return next((rate for rate in rates if getattr(self._termios, f"B{rate}") == speed), 0)
