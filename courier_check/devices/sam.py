"""阅读机的 SAM 串口协议: frames both ways, and what a module's answers say. Bytes in, values out; the line is card_reader's.

A frame is `AA AA AA 96 69 | length, 2 bytes | what is said | check`: the length counts all that follows it, high byte first; the check is
all bytes from the length on, combined by exclusive or (domain.md §7, from published descriptions of the protocol and published code).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import reduce
from operator import xor
from types import MappingProxyType

from courier_check.devices.codes import ReaderCode
from courier_check.errors import CourierCheckError, DeviceError, UserError

PREAMBLE = b"\xaa\xaa\xaa\x96\x69"
TEXT_BYTES = 256
SHORTEST = 3
"""A request: command, parameter and check."""
LONGEST = 0x090A
"""Text, photo and two fingerprints: no answer is longer. What claims to be is noise."""
_HEAD = len(PREAMBLE) + 2

FOUND = 0x9F
DONE = 0x90
NOT_FOUND = 0x80


class Command(Enum):
    """What a module is asked. Reading fingerprints and the extra address is never asked: nothing here needs them (domain.md §11.4)."""

    RESET = b"\x10\xff"
    STATUS = b"\x11\xff"
    MODULE_NUMBER = b"\x12\xff"
    FIND = b"\x20\x01"
    SELECT = b"\x20\x02"
    READ = b"\x30\x01"

    @property
    def frame(self) -> bytes:
        return frame(self.value)

    def fits(self, answer: Answer) -> bool:
        """Whether this may be the answer: what comes too late for an earlier question must never be taken for this one's."""
        if answer.status not in (DONE, FOUND):
            of_an_earlier_question = self in _OF_THE_MODULE and answer.status in _OF_THE_CARD
            return not answer.data and not of_an_earlier_question
        wanted, lengths = _SHAPES[self]
        return answer.status == wanted and len(answer.data) in lengths


_SHAPES: Mapping[Command, tuple[int, range]] = MappingProxyType(
    {
        Command.RESET: (DONE, range(1)),
        Command.STATUS: (DONE, range(1)),
        Command.MODULE_NUMBER: (DONE, range(16, 17)),
        Command.FIND: (FOUND, range(16)),
        Command.SELECT: (DONE, range(1, 16)),
        Command.READ: (DONE, range(TEXT_BYTES, LONGEST)),
    }
)
"""Status and length of the data with which each command succeeds. FIND gives 4 bytes and SELECT 8 in every description; how many some
module gives matters to nobody, only that no two commands' answers can be mistaken for each other's."""


@dataclass(frozen=True, slots=True)
class Answer:
    """SW3, the byte that says how it went, and the data. The data may be a person's: it is never shown."""

    status: int
    data: bytes = field(default=b"", repr=False)

    @classmethod
    def parse(cls, said: bytes) -> Answer | None:
        """None where it does not begin as an answer does."""
        return cls(said[2], said[3:]) if len(said) >= 3 and said[:2] == b"\x00\x00" else None


def frame(said: bytes) -> bytes:
    """What is said, as it goes over the line."""
    body = (len(said) + 1).to_bytes(2, "big") + said
    return PREAMBLE + body + bytes([check(body)])


def check(body: bytes) -> int:
    """The check byte over length and what is said."""
    return reduce(xor, body, 0)


class FrameParser:
    """Takes a stream as it comes, in any pieces, and gives what whole frames said. Noise is skipped and counted.

    The frames found depend on the bytes alone, never on how they were cut. A frame whose check fails is left by one byte only: the
    frame that is whole may have begun inside it.
    """

    def __init__(self) -> None:
        self._held = bytearray()
        self.skipped = 0
        """Bytes that belonged to no whole frame, since `clear`."""
        self._damaged = False

    @property
    def broken(self) -> bool:
        """Whether a frame has begun and is not whole, or one came since `clear` whose check failed."""
        return self._damaged or len(self._held) >= _HEAD

    @property
    def heard(self) -> bool:
        """Whether anything came since `clear` that was no whole frame."""
        return bool(self.skipped or self._held)

    def feed(self, data: bytes) -> list[bytes]:
        """What the frames that end in `data` say, without preamble, length and check."""
        self._held += data
        found = []
        while (said := self._next()) is not None:
            found.append(said)
        return found

    def clear(self) -> None:
        """Forget what was begun: the next byte begins anew."""
        self._held.clear()
        self.skipped = 0
        self._damaged = False

    def _next(self) -> bytes | None:
        """The next whole frame; None when more bytes are needed. No more is held than one frame may be long."""
        while self._to_preamble() and len(self._held) >= _HEAD:
            length = int.from_bytes(self._held[len(PREAMBLE) : _HEAD], "big")
            if SHORTEST <= length <= LONGEST:
                if len(self._held) < _HEAD + length:
                    return None
                body = bytes(self._held[len(PREAMBLE) : _HEAD + length])
                if check(body) == 0:  # the check byte combined with itself
                    del self._held[: _HEAD + length]
                    return body[2:-1]
                self._damaged = True
            self._skip(1)
        return None

    def _to_preamble(self) -> bool:
        """Skip to where a frame begins, or may begin with bytes to come; whether a whole preamble is there."""
        at = self._held.find(PREAMBLE)
        if at >= 0:
            self._skip(at)
            return True
        kept = next(count for count in range(len(PREAMBLE) - 1, -1, -1) if self._held.endswith(PREAMBLE[:count]))
        self._skip(len(self._held) - kept)
        return False

    def _skip(self, count: int) -> None:
        del self._held[:count]
        self.skipped += count


def card_text(data: bytes) -> bytes:
    """The 256 bytes of text in the answer to READ. Photo and fingerprints are read past: nothing of them is kept.

    Raises UserError(TEXT_LENGTH) where the parts are not as long as they say.
    """
    for parts in (2, 3):  # text and photo, or fingerprints besides
        head, lengths = parts * 2, [int.from_bytes(data[at : at + 2], "big") for at in range(0, parts * 2, 2)]
        if lengths[0] == TEXT_BYTES and len(data) == head + sum(lengths):
            return data[head : head + TEXT_BYTES]
    raise UserError(ReaderCode.TEXT_LENGTH)


STATUS_CODES: Mapping[int, ReaderCode] = MappingProxyType(
    {
        0x10: ReaderCode.CHECKSUM_REFUSED,
        0x11: ReaderCode.LENGTH_REFUSED,
        0x21: ReaderCode.COMMAND_REFUSED,
        0x23: ReaderCode.UNRECOGNISED,
        0x24: ReaderCode.UNRECOGNISED,
        0x31: ReaderCode.CARD_DISTRUSTS_READER,
        0x32: ReaderCode.READER_DISTRUSTS_CARD,
        0x33: ReaderCode.INFORMATION_WRONG,
        0x40: ReaderCode.WRONG_CARD,
        0x41: ReaderCode.READ_FAILED,
        0x47: ReaderCode.RANDOM_FAILED,
        0x60: ReaderCode.SELF_TEST_FAILED,
        0x66: ReaderCode.UNLICENSED,
        0x80: ReaderCode.FIND_FAILED,
        0x81: ReaderCode.SELECT_FAILED,
        0x91: ReaderCode.NO_SUCH_ITEM,
    }
)

_OF_THE_CARD = frozenset({0x31, 0x32, 0x33, 0x40, 0x41, 0x80, 0x81, 0x91})
"""The card, or how it lies; all else is the reader's own trouble."""
_OF_THE_MODULE = frozenset({Command.RESET, Command.STATUS, Command.MODULE_NUMBER})


def trouble(status: int) -> CourierCheckError:
    """A status that is no success, as it is told: UserError where another try or another card helps, DeviceError where the reader fails."""
    code = STATUS_CODES.get(status)
    if code is None:
        return DeviceError(ReaderCode.STATUS_UNKNOWN, status=f"{status:02X}")
    return UserError(code) if status in _OF_THE_CARD else DeviceError(code)
