"""Public-key work of a large batch beside reading it: it takes half of the time of intake and does not release the interpreter lock, so
another process does it meanwhile."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from threading import Lock
from typing import Generic, TypeVar

from courier_check.side_processes import pool

K = TypeVar("K")
T = TypeVar("T")
R = TypeVar("R")
LEAST = 64
"""Items that are worth another process: some 7 ms of work."""


class Checkers:
    """Other processes, begun when the first large batch comes at the latest. Used by any number of threads at once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._pool: ProcessPoolExecutor | None = None
        self._begun: Future[int] | None = None

    def prepare(self) -> None:
        """Begin the other processes, so that they are there when the first large batch comes."""
        if _has_others():
            self._running()

    def begin(self, work: Callable[[K, list[T]], R], key: K, items: Sequence[T]) -> Meanwhile[K, T, R]:
        """Begin a work of this key on all items. `work`: a function of a module, since another process looks it up by name."""
        mine = Meanwhile(work, key, items, None)
        if len(items) < LEAST or not _has_others():
            return mine
        try:
            running = self._running()
            return mine if running is None else Meanwhile(work, key, items, running.submit(work, key, list(items)))
        except (BrokenProcessPool, RuntimeError):  # ended from outside; or closing, and then the batch is stored or not as ever
            self._forget()
            return mine

    def close(self) -> None:
        self._forget()

    def _running(self) -> ProcessPoolExecutor | None:
        """The other processes, once they have begun: that takes half a second, in which they are no help."""
        with self._lock:
            if self._pool is None or self._begun is None:
                self._pool = pool()
                self._begun = self._pool.submit(len, ())
            return self._pool if self._begun.done() else None

    def _forget(self) -> None:
        with self._lock:
            running, self._pool, self._begun = self._pool, None, None
        if running is not None:
            running.shutdown(cancel_futures=True)


def _has_others() -> bool:
    """Whether another process would have a processor."""
    return (os.cpu_count() or 1) > 1


class Meanwhile(Generic[K, T, R]):
    """Work that is being done; or that is still to be done here, where there is no other process or it has gone."""

    def __init__(self, work: Callable[[K, list[T]], R], key: K, items: Sequence[T], there: Future[R] | None) -> None:
        self._work, self._key, self._items, self._there = work, key, items, there

    def result(self) -> R:
        """What the work returned; waits for it."""
        if self._there is not None:
            try:
                return self._there.result()
            except (BrokenProcessPool, CancelledError):
                pass
        return self._work(self._key, list(self._items))
