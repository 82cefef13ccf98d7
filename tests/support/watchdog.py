"""The watchdog of the event loop, which the benchmarks use as well."""

from __future__ import annotations

from benchmarks.watchdog import BEAT_MS, Stall, Watchdog

__all__ = ["BEAT_MS", "Stall", "Watchdog"]
