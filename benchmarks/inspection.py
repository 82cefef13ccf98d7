"""inspection: how soon labels and new checklists come, how many keys an acceptance takes; how evidence photos are told good from bad,
documents in them found, and how large they are kept."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks import inspecting, photos
from benchmarks.bench import Bench
from benchmarks.figures import Measured


def measure(bench: Bench) -> Iterator[Measured]:
    """Every figure of the inspection."""
    yield from inspecting.measure(bench)
    yield from photos.measure(bench)
