"""Other processes that compute beside this one and end with it, however it ends."""

from __future__ import annotations

import multiprocessing
import os
import signal
from concurrent.futures import ProcessPoolExecutor
from threading import Thread

MOST = 4


def pool() -> ProcessPoolExecutor:
    """One for each processor but one, four at most. Spawned, not forked: this process may have threads, and Windows knows no fork."""
    processes = max(1, min(MOST, (os.cpu_count() or 2) - 1))
    return ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn"), initializer=_end_with_parent)


def _end_with_parent() -> None:
    """A pool's process holds both ends of its queue, and would wait for ever once its parent was killed. An interrupt from the keyboard,
    which reaches both, is for the parent alone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None  # noqa: S101 - begun by a pool

    def wait() -> None:
        parent.join()
        os._exit(1)

    Thread(target=wait, name="parent-gone", daemon=True).start()
