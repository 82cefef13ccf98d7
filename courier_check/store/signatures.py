"""Checking many signatures beside the walk along a chain: Ed25519 takes most of its time and does not release the interpreter lock, so a
long journal's signatures are checked by other processes while this one reads, decrypts, hashes and compares."""

from __future__ import annotations

from concurrent.futures import Future
from types import TracebackType
from typing import Self

from courier_check.journal.keys import VerifyingKey
from courier_check.journal.verify import SignedBytes, failing
from courier_check.side_processes import pool

CHUNK = 1_000
MOST_WAITING = 8  # chunks; about 10 MB at the most


class SideBySideKey(VerifyingKey):
    """A verifying key that takes every signature at once and says in the end which calls failed. Used as a context."""

    def __init__(self, public: bytes) -> None:
        super().__init__(public)
        self.calls = 0
        self._chunk: list[SignedBytes] = []
        self._waiting: list[tuple[int, Future[list[int]]]] = []
        self._failed: set[int] = set()
        self._pool = pool()

    def verify(self, purpose: bytes, message: bytes, signature: bytes) -> None:
        """Take a signature; never raises. The call's number is `calls` − 1 afterwards."""
        self._chunk.append((purpose, message, signature))
        self.calls += 1
        if len(self._chunk) == CHUNK:
            self._send()

    def failed(self) -> set[int]:
        """Numbers of the calls whose signature does not hold; waits for those under way."""
        self._send()
        self._collect(0)
        return self._failed

    def _send(self) -> None:
        if self._chunk:
            first = self.calls - len(self._chunk)
            self._waiting.append((first, self._pool.submit(failing, self.public, self._chunk)))
            self._chunk = []
            self._collect(MOST_WAITING)

    def _collect(self, leave: int) -> None:
        while len(self._waiting) > leave:
            first, future = self._waiting.pop(0)
            self._failed |= {first + index for index in future.result()}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._pool.shutdown(cancel_futures=True)
