"""Time stamps of key events, brought onto the program's own clock: keyboard guns are stamped by the platform, serial ones by us."""

from __future__ import annotations

_RANGE = 2**32
_LONGEST_LAG_MS = 10_000
"""No window stalls for longer; what seems to is another clock: after a sleep, or when the stamps' 32 bits have wrapped."""


class Stamps:
    """Events arrive late after a stall and never early: the least lag that was seen is the difference of the two clocks."""

    def __init__(self) -> None:
        self._least: int | None = None

    def seen(self, stamp_ms: int, arrived_ms: int) -> None:
        """An event with this stamp has arrived."""
        lag = arrived_ms - stamp_ms
        if self._least is None or not 0 <= lag - self._least <= _LONGEST_LAG_MS:
            self._least = lag

    def on_clock(self, stamp_ms: int) -> int:
        return stamp_ms + (self._least or 0)

    def stamp(self, at_ms: int) -> int:
        """What the platform would stamp at this time: for events that come without one, beside others."""
        return (at_ms - (self._least or 0)) % _RANGE
