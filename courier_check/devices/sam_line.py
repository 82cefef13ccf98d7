"""The line to a SAM module: one question, its answer or none."""

from __future__ import annotations

from threading import Event

from courier_check.clock import Clock
from courier_check.devices.codes import ReaderCode
from courier_check.devices.sam import Answer, Command, FrameParser
from courier_check.devices.serial_ports import Port

_LOOK_MS = 50
"""How long at most a wait for bytes goes on without looking whether the reader is still wanted."""


class UnansweredError(Exception):
    """No answer in time; `garbled` if something came that was none."""

    def __init__(self, *, garbled: bool) -> None:
        super().__init__()
        self.garbled = garbled

    @property
    def code(self) -> ReaderCode:
        return ReaderCode.GARBLED if self.garbled else ReaderCode.SILENT


class SamLine:
    """Questions and answers with the module at one port."""

    def __init__(self, port: Port, clock: Clock, quiet_ms: int, closing: Event) -> None:
        self._port = port
        self._clock = clock
        self._quiet_ms = quiet_ms
        self._closing = closing
        self._parser = FrameParser()

    def ask(self, command: Command, within_ms: int) -> Answer:
        """Raises UnansweredError, LineLostError."""
        self._parser.clear()
        self._port.discard()
        self._port.write(command.frame)
        heard_ms = self._now_ms()
        ends_ms = heard_ms + within_ms
        while not self._closing.is_set() and (now_ms := self._now_ms()) < ends_ms:
            data = self._port.read(min(ends_ms - now_ms, _LOOK_MS) / 1000)
            for said in self._parser.feed(data):
                answer = Answer.parse(said)
                if answer is not None and command.fits(answer):
                    self._parser.clear()  # what it held may be of a card
                    return answer
            if data:
                heard_ms = self._now_ms()
            elif self._parser.broken and self._now_ms() - heard_ms >= self._quiet_ms:
                break
        garbled = self._parser.heard
        self._parser.clear()
        raise UnansweredError(garbled=garbled)

    def settle(self, within_ms: int) -> None:
        """After a question that stayed unanswered, before the next. A module does one thing after the other: once it has answered this,
        nothing that was asked before can still come and be taken for another card's. Raises UnansweredError, LineLostError."""
        self.ask(Command.STATUS, within_ms)

    def close(self) -> None:
        self._port.close()

    def _now_ms(self) -> int:
        return self._clock.read().mono_ms
