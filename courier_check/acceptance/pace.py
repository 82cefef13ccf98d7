"""验视的快慢: how long each question stood before it was answered, and whether anybody can have looked (product.md, G-11). Pure."""

from __future__ import annotations

from collections.abc import Iterable

FAST_MS = 300
"""Nobody reads a question, looks into a parcel and answers in less."""
STREAK = 3
"""So many answers in a row, each faster than that: one or two may be a question that was read before its turn."""


def fast_streak(dwell_ms: Iterable[int]) -> int:
    """The longest run of answers under 300 ms, in the order they were given; 0 where no run is long enough to mean anything."""
    longest = run = 0
    for ms in dwell_ms:
        run = run + 1 if ms < FAST_MS else 0
        longest = max(longest, run)
    return longest if longest >= STREAK else 0
