"""Checking the signatures of a large batch beside reading it: Ed25519 takes a quarter of the time of intake and does not release the
interpreter lock, so another process does it meanwhile."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from threading import Lock, Thread

from courier_check.journal.verify import SignedBytes, failing

LEAST = 64
"""Signatures that are worth another process: 7 ms of work."""
MOST_PROCESSES = 4


class Checkers:
    """Other processes, begun when the first large batch comes. Used by any number of threads at once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._pool: ProcessPoolExecutor | None = None

    def begin(self, public: bytes, signed: Sequence[SignedBytes]) -> Checking:
        """Begin to check signatures of one key."""
        if len(signed) < LEAST or (os.cpu_count() or 1) < 2:
            return Checking(public, signed, None)
        try:
            return Checking(public, signed, self._running().submit(failing, public, list(signed)))
        except (BrokenProcessPool, RuntimeError):  # ended from outside; or closing, and then the batch is stored or not as ever
            self._forget()
            return Checking(public, signed, None)

    def close(self) -> None:
        self._forget()

    def _running(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._pool is None:
                processes = max(1, min(MOST_PROCESSES, (os.cpu_count() or 2) - 1))
                # Spawned, not forked: this process has threads, and Windows knows no fork.
                spawn = multiprocessing.get_context("spawn")
                self._pool = ProcessPoolExecutor(processes, mp_context=spawn, initializer=_end_with_the_gateway)
            return self._pool

    def _forget(self) -> None:
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(cancel_futures=True)


class Checking:
    """Signatures being checked."""

    def __init__(self, public: bytes, signed: Sequence[SignedBytes], there: Future[list[int]] | None) -> None:
        self._public, self._signed, self._there = public, signed, there

    def failed(self) -> list[int]:
        """Indices of the signatures that do not hold; waits for them. Checked here where the other process has gone."""
        if self._there is not None:
            try:
                return self._there.result()
            except (BrokenProcessPool, CancelledError):
                pass
        return failing(self._public, list(self._signed))


def _end_with_the_gateway() -> None:
    """In another process: end where the gateway was killed. A pool's process holds both ends of its queue and would wait for ever."""
    gateway = multiprocessing.parent_process()
    assert gateway is not None  # noqa: S101 - begun by a pool

    def wait() -> None:
        gateway.join()
        os._exit(1)

    Thread(target=wait, name="gateway-gone", daemon=True).start()
