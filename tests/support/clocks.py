"""A clock that tests set."""

from __future__ import annotations

from dataclasses import dataclass

from courier_check.clock import Reading, SystemClock


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


@dataclass
class StillClock(SetClock):
    """Stands still until a test lets time pass: what lies between two looks is what the test says, however slow the machine."""

    def read(self) -> Reading:
        return Reading(self.wall_ms, self.mono_ms, self.boot_id)

    @classmethod
    def ahead(cls, ms: int = 0) -> StillClock:
        """So much after the machine's own time, for stations that were made by that."""
        return cls(wall_ms=SystemClock().read().wall_ms + ms)
