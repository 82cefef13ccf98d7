"""The newest frame between two processes: memory they share, three places for a frame, never a queue.

The writer fills a place that is neither the newest nor being read, then says it is the newest; the reader says which one it reads. The lock
covers only those notes, so neither ever waits for the other's copying. It is memory: nothing of a picture reaches a disk.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from multiprocessing.shared_memory import SharedMemory
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from multiprocessing.synchronize import Lock

_NOTES = struct.Struct("<qq")  # the newest place, the place being read; −1 for none
_ABOUT = struct.Struct("<qqqq")  # of each place: number, width, height, taken_ms
_PLACES = 3
_NONE = -1
_HEAD = 256
_LONGEST_WAIT_S = 0.02
"""The lock is held for microseconds; only a writer killed in them leaves it locked, and the reader must not wait for it."""


@dataclass(frozen=True, slots=True)
class Shot:
    """A frame as it lies in the memory: `number` counts from 1, `data` rows of blue-green-red bytes."""

    number: int
    width: int
    height: int
    taken_ms: int
    data: bytes = field(repr=False)


class SharedFrames:
    """One writer, one reader, each with an object of its own on the same memory."""

    def __init__(self, memory: SharedMemory, lock: Lock, largest: int) -> None:
        assert memory.buf is not None  # noqa: S101 - it is only None after closing
        self._memory = memory
        self._bytes = memory.buf  # closing releases it
        self._lock = lock
        self._largest = largest
        self._number = 0

    @classmethod
    def made(cls, lock: Lock, largest: int) -> Self:
        """New memory for frames of up to `largest` bytes; whoever makes it must also remove it."""
        memory = SharedMemory(create=True, size=_HEAD + _PLACES * largest)
        frames = cls(memory, lock, largest)
        _NOTES.pack_into(frames._bytes, 0, _NONE, _NONE)
        return frames

    @classmethod
    def attached(cls, name: str, lock: Lock, largest: int) -> Self:
        """The memory of this name, made in another process."""
        return cls(SharedMemory(name=name), lock, largest)

    @property
    def name(self) -> str:
        return self._memory.name

    def put(self, data: memoryview | bytes, width: int, height: int, taken_ms: int) -> None:
        """Make this the newest frame. ValueError if it is larger than was agreed."""
        if len(data) > self._largest:
            raise ValueError(len(data))
        with self._lock:
            newest, reading = _NOTES.unpack_from(self._bytes, 0)
        place = next(place for place in range(_PLACES) if place not in (newest, reading))
        start = _HEAD + place * self._largest
        self._bytes[start : start + len(data)] = data
        self._number += 1
        _ABOUT.pack_into(self._bytes, self._about(place), self._number, width, height, taken_ms)
        with self._lock:
            _, reading = _NOTES.unpack_from(self._bytes, 0)
            _NOTES.pack_into(self._bytes, 0, place, reading)

    def newest(self, after: int = 0) -> Shot | None:
        """The newest frame if its number is above `after`. None also when the writer died at a bad moment."""
        if not self._lock.acquire(timeout=_LONGEST_WAIT_S):
            return None
        try:
            place, _ = _NOTES.unpack_from(self._bytes, 0)
            if place == _NONE:
                return None
            number, width, height, taken_ms = _ABOUT.unpack_from(self._bytes, self._about(place))
            if number <= after:
                return None
            _NOTES.pack_into(self._bytes, 0, place, place)
        finally:
            self._lock.release()
        start = _HEAD + place * self._largest
        return Shot(number, width, height, taken_ms, bytes(self._bytes[start : start + width * height * 3]))

    def close(self) -> None:
        """Let go of the memory; the other process keeps it."""
        self._memory.close()

    def remove(self) -> None:
        """Let go of it and give it back."""
        self._memory.close()
        self._memory.unlink()

    @staticmethod
    def _about(place: int) -> int:
        return _NOTES.size + place * _ABOUT.size
