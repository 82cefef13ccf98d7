"""Whose turn it is: a station sends a batch before the one in front of it is answered, and they are stored in order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

PATIENCE_S = 10.0
"""Longer than any batch takes. After it a batch is looked at as it comes, and found to be behind."""


class Turns:
    """Batches that are being taken in, by journal of a station. Used by any number of threads at once; other processes' batches are not
    seen, and a batch that overtakes one of those is answered with `behind` and sent again."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._under_way: dict[str, list[int]] = {}

    @contextmanager
    def under_way(self, lane: str, first_seq: int) -> Iterator[None]:
        """From a batch's arrival until it is stored or refused."""
        with self._changed:
            self._under_way.setdefault(lane, []).append(first_seq)
        try:
            yield
        finally:
            with self._changed:
                rest = self._under_way[lane]
                rest.remove(first_seq)
                if not rest:
                    del self._under_way[lane]
                self._changed.notify_all()

    def wait(self, lane: str, first_seq: int, patience_s: float = PATIENCE_S) -> None:
        """Until no batch that begins earlier is under way."""
        with self._changed:
            self._changed.wait_for(lambda: min(self._under_way.get(lane, (first_seq,))) >= first_seq, patience_s)
