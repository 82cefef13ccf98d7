"""练习扫码枪: a serial gun on a pseudo-terminal, which a program opens like a serial port. Not on Windows, which has none."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import Self

from courier_check.devices.codes import ScannerCode
from courier_check.errors import DeviceError

_CHUNK = 8
"""Bytes that a slow line hands over together."""


class SimulatedScanner:
    """A gun whose port is `path`, a link that comes and goes with its cable. What is sent while it is unplugged is lost, as on a line.

    `open` raises DeviceError on Windows.
    """

    def __init__(self, path: Path, *, ending: bytes = b"\r", encoding: str = "utf-8") -> None:
        self.path = path
        self._ending = ending
        self._encoding = encoding
        self._ends: tuple[int, int] | None = None
        self._never = Event()

    def open(self) -> None:
        """Plug it in."""
        if self._ends is not None:
            return
        try:
            import pty
            import tty
        except ImportError as absent:  # Windows
            raise DeviceError(ScannerCode.NOT_ON_THIS_SYSTEM) from absent
        ours, theirs = pty.openpty()  # theirs stays open here: a program may come and go
        tty.setraw(theirs)
        self._ends = ours, theirs
        beside = self.path.with_name(f"{self.path.name}.new")
        beside.unlink(missing_ok=True)
        beside.symlink_to(os.ttyname(theirs))
        beside.replace(self.path)

    def close(self) -> None:
        """Unplug it: the link first, so that nobody finds what is going."""
        if self._ends is None:
            return
        self.path.unlink(missing_ok=True)
        ours, theirs = self._ends
        self._ends = None
        for end in (theirs, ours):
            os.close(end)

    def scan(self, text: str) -> None:
        """The trigger: the code and the line end it is set to."""
        self.send(text.encode(self._encoding) + self._ending)

    def send(self, data: bytes, *, gap_ms: int = 0) -> None:
        """Bytes as they are; with `gap_ms` a few at a time, as on a slow line."""
        if self._ends is None:
            return
        step = _CHUNK if gap_ms else len(data) or 1
        for at in range(0, len(data), step):
            if at:
                self._never.wait(gap_ms / 1000)
            with suppress(OSError):  # nobody reads, and what the system holds for readers is full
                os.write(self._ends[0], data[at : at + step])

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
