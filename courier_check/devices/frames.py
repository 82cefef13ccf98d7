"""画面: what lies under the camera, wherever it comes from. Nothing here decodes pictures; the screen and the reading process do.

Every source keeps to one rule of threads: `open`, `still` and `close` may touch a disk or a device and belong off the window's thread;
`latest` and `trouble` are instant and may be asked at every tick.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Protocol

from courier_check.clock import Clock
from courier_check.devices.codes import PictureCode
from courier_check.devices.pictures import read_picture_file
from courier_check.devices.still_gate import StillFault
from courier_check.errors import CourierCheckError, DeviceError

PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"})


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture. `encoded`: a picture file's bytes, otherwise rows of blue-green-red bytes without padding.

    `width` and `height` as stored, 0 for encodings whose header is not looked into; `taken_ms`: wall time; `label`: what to call it.
    `faults`: of a camera's still that did not become good in time; a picture that somebody saved is what it is.
    """

    width: int
    height: int
    data: bytes = field(repr=False)
    encoded: bool
    taken_ms: int
    label: str
    faults: tuple[StillFault, ...] = ()


class FrameSource(Protocol):
    """A camera or what stands for one. `latest` gives the same object until there is a newer frame, so `is` tells whether to paint."""

    @property
    def name(self) -> str: ...

    @property
    def trouble(self) -> CourierCheckError | None:
        """Why there is no picture; None while all is well or the source is only just opening."""

    def open(self) -> None:
        """Begin. Never raises for what `trouble` can tell; a source that was closed may be opened again."""

    def latest(self) -> Frame | None:
        """The newest frame, for the screen; None while there is none."""

    def still(self) -> Frame | None:
        """A full-size picture taken now, encoded, for reading and as evidence; None where there is none.

        A camera waits a moment for one that is steady, sharp and well lit; `faults` tells what the best it got was lacking.
        """

    def close(self) -> None:
        """End at once and forget the last frame. Safe to call twice."""


class StillSource:
    """One picture file as the source: a picture someone chose."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._frame: Frame | None = None
        self._trouble: CourierCheckError | None = None

    @property
    def name(self) -> str:
        return self._path.name

    @property
    def trouble(self) -> CourierCheckError | None:
        return self._trouble

    def open(self) -> None:
        self._frame = self._trouble = None
        try:
            self._frame = encoded_frame(read_picture_file(self._path), self._path.name, self._clock.read().wall_ms)
        except CourierCheckError as told:
            self._trouble = told

    def latest(self) -> Frame | None:
        return self._frame

    def still(self) -> Frame | None:
        return self._frame

    def close(self) -> None:
        self._frame = self._trouble = None


class FolderSource:
    """高拍仪 that saves into a folder: the newest picture saved since opening.

    Pictures from before are never shown: they are another customer's. For the same reason close and open it between customers.
    """

    def __init__(self, folder: Path, clock: Clock, *, every_s: float = 0.4) -> None:
        self._folder = folder
        self._clock = clock
        self._every_s = every_s
        self._frame: Frame | None = None
        self._trouble: CourierCheckError | None = None
        self._watch: _Watch | None = None

    @property
    def name(self) -> str:
        return self._folder.name

    @property
    def trouble(self) -> CourierCheckError | None:
        return self._trouble

    def open(self) -> None:
        self.close()
        self._watch = _Watch(self, self._folder, self._every_s)
        self._watch.start()

    def latest(self) -> Frame | None:
        return self._frame

    def still(self) -> Frame | None:
        return self._frame

    def close(self) -> None:
        if self._watch is not None:
            self._watch.end()
            self._watch = None
        self._frame = self._trouble = None

    def saved(self, path: Path) -> None:
        """Take up a picture that is wholly written. One that can't be read is told and is not shown."""
        try:
            self._frame = encoded_frame(read_picture_file(path), path.name, self._clock.read().wall_ms)
            self._trouble = None
        except CourierCheckError as told:
            self._frame, self._trouble = None, told

    def folder_failed(self, told: CourierCheckError | None) -> None:
        """The folder itself can't be looked into, or (None) can be again."""
        self._trouble = told


Saved = tuple[int, int]  # time of change in ns, size


class _Watch:
    """Looks into the folder again and again. A picture counts once two looks agree on it: it is no longer being written."""

    def __init__(self, source: FolderSource, folder: Path, every_s: float) -> None:
        self._source = source
        self._folder = folder
        self._every_s = every_s
        self._ended = Event()
        self._thread = Thread(target=self._run, name="picture-folder", daemon=True)
        self._failing = False
        self._seen: dict[str, Saved] = {}
        self._done: dict[str, Saved] | None = None

    def start(self) -> None:
        """The pictures of before are noted here, not in the thread, so that none saved after `open` can be mistaken for one of them."""
        self._take_in(self._look())
        self._thread.start()

    def end(self) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(self._every_s):
            self._take_in(self._look())

    def _take_in(self, found: dict[str, Saved] | None) -> None:
        if found is None:
            return
        if self._done is None:  # the first look that succeeds: a drive that comes up late brings old pictures
            self._seen = self._done = found
            return
        ready = {name: saved for name, saved in found.items() if saved[1] and saved == self._seen.get(name) != self._done.get(name)}
        self._seen = found
        self._done = {name: saved for name, saved in self._done.items() if name in found} | ready
        if ready:
            self._source.saved(self._folder / max(ready, key=lambda name: (ready[name], name)))

    def _look(self) -> dict[str, Saved] | None:
        told: CourierCheckError | None = None
        found = None
        try:
            found = dict(_pictures(self._folder))
        except (FileNotFoundError, NotADirectoryError):
            told = DeviceError(PictureCode.FOLDER_MISSING, folder=str(self._folder))
        except OSError as failed:
            told = DeviceError(PictureCode.FOLDER_FAILED, folder=str(self._folder), detail=failed.strerror or type(failed).__name__)
        if told or self._failing:
            self._source.folder_failed(told)
        self._failing = told is not None
        return found


def _pictures(folder: Path) -> Iterator[tuple[str, Saved]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if Path(entry.name).suffix.lower() in PICTURE_SUFFIXES and entry.is_file():
                status = entry.stat()
                yield entry.name, (status.st_mtime_ns, status.st_size)


def encoded_frame(data: bytes, label: str, taken_ms: int) -> Frame:
    """A picture file's bytes as a frame, whatever they hold; whether they are a picture shows when they are decoded."""
    width, height = picture_size(data)
    return Frame(width, height, data, encoded=True, taken_ms=taken_ms, label=label)


def picture_size(data: bytes) -> tuple[int, int]:
    """Width and height from the header of a JPEG or PNG, as stored; (0, 0) for anything else. Never raises."""
    if data.startswith(b"\x89PNG\r\n\x1a\n") and len(data) >= 24:
        width, height = struct.unpack_from(">II", data, 16)
        return width, height
    if not data.startswith(b"\xff\xd8"):
        return 0, 0
    place = 2
    while place + 9 <= len(data) and data[place] == 0xFF:
        marker, length = data[place + 1], int.from_bytes(data[place + 2 : place + 4])
        if marker in _START_OF_FRAME:
            height, width = struct.unpack_from(">HH", data, place + 5)
            return width, height
        place += 1 if marker == 0xFF else 2 + max(length, 2)
    return 0, 0


_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # ITU T.81 table B.1: tables and reserved codes share the range
