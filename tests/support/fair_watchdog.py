"""The watchdog for machines that others work on: it also leaves out the time in which another thread of this program was ready to run
and did not get a processor. Such a thread may hold the interpreter's lock; that it holds up the window is not the window's fault."""

from __future__ import annotations

import os
import time
from pathlib import Path

from support.watchdog import Stall, Watchdog

_TASKS = Path("/proc/self/task")


def _schedules() -> dict[str, tuple[int, int]]:
    """(ns on a processor, ns ready and without one) of each thread of this process."""
    told = {}
    for task in os.listdir(_TASKS):  # noqa: PTH208 - a hundred times a second
        try:
            worked, queued, _ = (_TASKS / task / "schedstat").read_bytes().split()
        except (OSError, ValueError):  # it has ended meanwhile
            continue
        told[task] = int(worked), int(queued)
    return told


class FairWatchdog(Watchdog):
    """`worked_ms` in `Stall.where`'s first line: what the UI thread itself had of a processor meanwhile."""

    def __enter__(self) -> FairWatchdog:
        self._own = str(threading_id())
        self._before = _schedules() if _TASKS.exists() else {}
        super().__enter__()
        return self

    def _beat(self) -> None:
        now = time.perf_counter()
        gap = now - self._last
        schedules = _schedules() if gap > 0.02 or not self._before else self._before
        if gap > self._limit_s:
            worked, waited = self._parts(schedules)
            held_up = max(worked, gap - waited)
            self.longest_ms = max(self.longest_ms, held_up * 1000)
            if held_up > self._limit_s:
                self.stalls.append(Stall(held_up * 1000, f"gap {gap * 1000:.0f} worked {worked * 1000:.0f} ms\n{self._where}"))
        else:
            self.longest_ms = max(self.longest_ms, gap * 1000)
        self._before = _schedules()
        self._last, self._where = time.perf_counter(), ""
        self.beats += 1

    def _parts(self, after: dict[str, tuple[int, int]]) -> tuple[float, float]:
        """Seconds the UI thread worked, and the longest any thread of the program waited for a processor, since the last beat."""
        none = (0, 0)
        worked = after.get(self._own, none)[0] - self._before.get(self._own, none)[0]
        waits = [queued - self._before.get(task, none)[1] for task, (_, queued) in after.items()]
        own = after.get(self._own, none)[1] - self._before.get(self._own, none)[1]
        return worked / 1e9, (own + max(waits, default=0)) / 1e9


def threading_id() -> int:
    import threading

    return threading.get_native_id()
