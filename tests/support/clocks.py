"""A clock that tests set."""

from __future__ import annotations

from dataclasses import dataclass

from courier_check.clock import Reading


@dataclass
class SetClock:
    """Starts at 2026-11-23 12:00:00 China time; each look is one millisecond later unless told otherwise."""

    wall_ms: int = 1_795_406_400_000
    mono_ms: int = 1_000
    boot_id: str = "boot-of-the-tests"

    def read(self) -> Reading:
        self.wall_ms += 1
        self.mono_ms += 1
        return Reading(self.wall_ms, self.mono_ms, self.boot_id)

    def pass_ms(self, ms: int) -> None:
        self.wall_ms += ms
        self.mono_ms += ms
