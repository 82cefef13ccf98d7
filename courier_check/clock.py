"""Time as a station knows it: wall clock, monotonic clock with the boot it belongs to, and the last trusted gateway time."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Protocol

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China Standard Time has had no daylight saving since 1991; a fixed offset needs no zone database on Windows."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at the clocks. `wall_ms`: milliseconds since 1970-01-01 UTC; `mono_ms`: milliseconds since some point of this boot."""

    wall_ms: int
    mono_ms: int
    boot_id: str

    @property
    def at(self) -> datetime:
        return at(self.wall_ms)


class Clock(Protocol):
    def read(self) -> Reading: ...


def at(wall_ms: int) -> datetime:
    """An aware datetime, China Standard Time, exact to the millisecond."""
    seconds, ms = divmod(wall_ms, 1000)
    return datetime.fromtimestamp(seconds, UTC).astimezone(CHINA) + timedelta(milliseconds=ms)


def wall_ms(moment: datetime) -> int:
    """Milliseconds since the epoch of an aware datetime."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def day_bounds_ms(day: date) -> tuple[int, int]:
    """First millisecond of a China day and of the day after it."""
    start = datetime(day.year, day.month, day.day, tzinfo=CHINA)
    return wall_ms(start), wall_ms(start + timedelta(days=1))


class SystemClock:
    """The machine's clocks. Where the system names its boot (Linux), every process of one boot shares that id; elsewhere an id drawn at
    start tells processes apart, since their monotonic clocks can't be assumed to share a zero."""

    def __init__(self) -> None:
        self._boot_id = _system_boot_id() or uuid.uuid4().hex

    def read(self) -> Reading:
        return Reading(time.time_ns() // 1_000_000, time.monotonic_ns() // 1_000_000, self._boot_id)


def _system_boot_id() -> str | None:
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as source:  # noqa: PTH123 - one line of procfs
            return source.read().strip().replace("-", "") or None
    except OSError:
        return None
