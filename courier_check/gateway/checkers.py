"""Checking the signatures of a large batch beside reading it: Ed25519 takes a quarter of the time of intake and does not release the
interpreter lock, so another process does it meanwhile."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from threading import Lock

from courier_check.journal.verify import SignedBytes, failing
from courier_check.side_processes import pool

_SOME_KEY = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")  # RFC 8032 §7.1, test 1
LEAST = 64
"""Signatures that are worth another process: 7 ms of work."""


class Checkers:
    """Other processes, begun when the first large batch comes. Used by any number of threads at once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._pool: ProcessPoolExecutor | None = None
        self._begun: Future[list[int]] | None = None

    def begin(self, public: bytes, signed: Sequence[SignedBytes]) -> Checking:
        """Begin to check signatures of one key."""
        if len(signed) < LEAST or (os.cpu_count() or 1) < 2:
            return Checking(public, signed, None)
        try:
            running = self._running()
            if running is None:
                return Checking(public, signed, None)
            return Checking(public, signed, running.submit(failing, public, list(signed)))
        except (BrokenProcessPool, RuntimeError):  # ended from outside; or closing, and then the batch is stored or not as ever
            self._forget()
            return Checking(public, signed, None)

    def close(self) -> None:
        self._forget()

    def _running(self) -> ProcessPoolExecutor | None:
        """The other processes, once they have begun: that takes half a second, in which they are no help."""
        with self._lock:
            if self._pool is None or self._begun is None:
                self._pool = pool()
                self._begun = self._pool.submit(failing, _SOME_KEY, [])
            return self._pool if self._begun.done() else None

    def _forget(self) -> None:
        with self._lock:
            running, self._pool, self._begun = self._pool, None, None
        if running is not None:
            running.shutdown(cancel_futures=True)


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
