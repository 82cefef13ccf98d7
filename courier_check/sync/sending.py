"""Batches on their way: while the gateway checks and stores one, the next is on the line already."""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import Executor, Future
from dataclasses import dataclass

from courier_check.sync.client import GatewayClient, NoAnswer, Refusal
from courier_check.sync.codes import SyncCode
from courier_check.sync.outgoing import MOST_ENTRIES
from courier_check.wire.batches import Answer, Batch
from courier_check.wire.problems import ProblemCode

MOST_AT_ONCE = 2
"""One is checked while the other is stored; a third would only wait."""

TRAVELS_S = 10.0
"""How long a batch may take to be sent and answered; longer ones are made smaller before an answer is given up (`Timeouts.read_s`)."""
FEWEST_ENTRIES = 16
"""What a batch has at least, however slow the line: 17 kB, which go over 9.6 kbit/s in 15 s. Fewer tell nothing of a line."""

Said = Answer | Refusal | NoAnswer


@dataclass(frozen=True, slots=True)
class _Flight:
    batch: Batch
    beside: bool
    said: Future[tuple[Said, float]]


class Sending:
    """The batches of one journal on the line, answered in order. One at first: a line that does not work is not tried twice at a time.

    `line` has a thread more than batches travel at once, so that the one that follows is packed meanwhile. `most`: how many entries a batch
    may have on this line; every answer and every silence tells it anew."""

    def __init__(self, client: GatewayClient, line: Executor, most: int = MOST_ENTRIES) -> None:
        self._client, self._line = client, line
        self.most = most
        self._taken = MOST_ENTRIES
        self._flights: deque[_Flight] = deque()
        self._made: Batch | None = None
        self.at_once = 1

    @property
    def idle(self) -> bool:
        return not self._flights

    def has_room(self, batch: Batch) -> bool:
        """Whether a batch may set off. On a slow line a shorter one would be there before the one in front of it, and come for nothing."""
        if self._flights and self._client.line_is_slow and len(batch.entries) < len(self._flights[-1].batch.entries):
            return False
        return len(self._flights) < self.at_once

    @property
    def next(self) -> tuple[Batch, bool]:
        """The batch whose answer comes next, and whether it was sent beside one that was not answered yet."""
        return self._flights[0].batch, self._flights[0].beside

    def begin(self, batch: Batch) -> None:
        """Send a batch."""
        self._flights.append(_Flight(batch, not self.idle, self._line.submit(self._timed, batch)))

    def keep(self, batch: Batch | None) -> None:
        """A batch that was made ahead, for when there is room; it is packed meanwhile."""
        if batch is not None and batch is not self._made:
            self._line.submit(self._client.pack_ahead, batch)
        self._made = batch

    def ahead(self, start: int) -> Batch | None:
        """The batch made ahead, if it is the one to follow what is on its way or, where nothing is, the one from `start`."""
        last = self._flights[-1].batch if self._flights else None
        follows = start if last is None else last.first_seq + len(last.entries)
        return self._made if self._made is not None and self._made.first_seq == follows else None

    def answer(self) -> Said:
        """Wait for the next answer."""
        flight = self._flights.popleft()
        said, seconds = flight.said.result()
        self._learn(len(flight.batch.entries), said, seconds)
        return said

    def _timed(self, batch: Batch) -> tuple[Said, float]:
        began = time.monotonic()
        said = self._client.send(batch)
        return said, time.monotonic() - began

    def _learn(self, entries: int, said: Said, seconds: float) -> None:
        if isinstance(said, NoAnswer):
            if said.code in (SyncCode.TIMED_OUT, SyncCode.CUT_OFF):  # it may have been too much for the line: the same would fail again
                self.most = min(self.most, max(FEWEST_ENTRIES, entries // 2))
        elif is_too_large(said):  # for this gateway, whatever the line carries; it is not tried with more while this goes on
            self.most = self._taken = min(self._taken, max(1, entries // 2))
        elif entries >= min(FEWEST_ENTRIES, self.most):  # as many as were to be tried, where that is fewer
            in_time = int(entries * TRAVELS_S / max(seconds, 0.001))
            # Doubled at most: what has just failed is not tried again at once.
            self.most = min(self._taken, max(FEWEST_ENTRIES, min(in_time, max(self.most, 2 * entries))))

    def drop(self) -> None:
        """Forget what else is on its way, once it has arrived somewhere, and go on with one at a time: those batches come again."""
        while self._flights:
            flight = self._flights.popleft()
            if not flight.said.cancel():
                flight.said.result()
        self._made, self.at_once = None, 1


def is_too_large(said: Said) -> bool:
    """Whether the gateway refused a batch because it is larger than its limits, which may have changed since its document was fetched."""
    return isinstance(said, Refusal) and said.problem.code == ProblemCode.TOO_LARGE
