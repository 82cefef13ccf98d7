"""A watchdog for the event loop: it notes every time the loop does not come round within a limit, with what held it up.

What counts is the time the UI thread worked or was kept waiting by the program. The time it was ready to run and other programs had the
processors (as Linux tells it) is left out, or a busy machine would be taken for a slow window.
"""

from __future__ import annotations

import faulthandler
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from PySide6.QtCore import QObject, Qt, QTimer

BEAT_MS = 5
SAMPLE_S = 0.01


@dataclass(frozen=True)
class Stall:
    """How long the loop was held up, and the stack of its thread while it was."""

    ms: float
    where: str


class Watchdog:
    """Used as a context on the UI thread. `stalls`: every gap over the limit; `beats`: how often the loop came round."""

    def __init__(self, limit_ms: float = 50.0) -> None:
        self._limit_s = limit_ms / 1000
        self._thread_id = threading.get_ident()
        self._schedule = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat")
        self._last, self._queued = time.perf_counter(), self._queued_s()
        self._where = ""
        self._ended = threading.Event()
        self.stalls: list[Stall] = []
        self.longest_ms = 0.0
        self.beats = 0
        self._owner = QObject()
        self._timer = QTimer(self._owner)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self._beat)
        self._watcher = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def _queued_s(self) -> float:
        """How long this thread was ready and not running, in all."""
        try:
            return int(self._schedule.read_text("ascii").split()[1]) / 1e9
        except OSError:  # another system: then every delay counts
            return 0.0

    def _beat(self) -> None:
        now, queued = time.perf_counter(), self._queued_s()
        gap = now - self._last - (queued - self._queued)
        self._queued = queued
        self.longest_ms = max(self.longest_ms, gap * 1000)
        if gap > self._limit_s:
            self.stalls.append(Stall(gap * 1000, self._where))
        self._last, self._where = now, ""
        self.beats += 1

    def _watch(self) -> None:
        """Stacks are taken by faulthandler, which keeps no references: a frame held by this thread would keep that frame's Qt objects alive
        and destroy them here, on the wrong thread."""
        while not self._ended.wait(SAMPLE_S):
            if time.perf_counter() - self._last > self._limit_s * 0.6:
                with tempfile.TemporaryFile("w+") as stacks:
                    faulthandler.dump_traceback(stacks, all_threads=True)
                    stacks.seek(0)
                    told = stacks.read()
                own = [part for part in told.split("\n\n") if f"0x{self._thread_id:016x}" in part]
                self._where = own[0] if own else told

    def __enter__(self) -> Self:
        self._last, self._queued = time.perf_counter(), self._queued_s()
        self._timer.start()
        self._watcher.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._timer.stop()
        self._ended.set()
        self._watcher.join()
