"""How fast photos may go: so many bytes a second over any longer time, and for a moment as fast as the line is.

Nothing here waits. A run that has used up what may be sent ends, and says when the next one is worth while: entries that come meanwhile
are sent at once, and the status bar never waits for photos.
"""

from __future__ import annotations

from dataclasses import dataclass

from courier_check.wire.evidence import CHUNK_BYTES

BURST_S = 8
"""What was not used is kept for so long."""
REQUEST_BYTES = 2_048
"""What a question and its answer take, roughly."""
UNLIMITED_AT_ONCE = 64 * 1024 * 1024
"""In one run where there is no limit."""


@dataclass(frozen=True, slots=True)
class Budget:
    """`left`: bytes that may be sent now; below zero by a chunk at most. `at_ms`: wall time when that was so; `rate`: bytes a second,
    0 for no limit."""

    rate: int
    left: int
    at_ms: int

    @classmethod
    def full(cls, rate: int, at_ms: int) -> Budget:
        return cls(rate, _most(rate), at_ms)

    @property
    def is_used_up(self) -> bool:
        return self.left <= 0

    def at(self, now_ms: int) -> Budget:
        """What there is by now. A clock that was set back tells nothing: then it is as if nothing had been sent lately."""
        passed_ms = now_ms - self.at_ms
        if self.rate == 0 or passed_ms < 0:
            return Budget.full(self.rate, now_ms)
        return Budget(self.rate, min(_most(self.rate), self.left + self.rate * passed_ms // 1000), now_ms)

    def less(self, count: int) -> Budget:
        return Budget(self.rate, self.left - count, self.at_ms)

    def wait_ms(self) -> int:
        """Until half of it is there again: runs that send a little each would mostly ask."""
        return 0 if self.rate == 0 else max(0, (_most(self.rate) // 2 - self.left) * 1000 // self.rate)


def _most(rate: int) -> int:
    return UNLIMITED_AT_ONCE if rate == 0 else max(CHUNK_BYTES, rate * BURST_S)
