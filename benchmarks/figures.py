"""A figure as it is told: one line, with its peer and its goal."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One line. `value` and `peer_value` are medians over `runs`; `spread` is the highest less the lowest run; `ratio` is value ÷ peer."""

    bench: str
    figure: str
    value: float
    unit: str
    runs: int
    spread: float
    peer: str | None
    peer_value: float | None
    ratio: float | None
    goal: str | None
    met: bool | None


@dataclass(frozen=True, slots=True)
class Goal:
    """What an issue asks: a limit of the value, or of the ratio to the peer."""

    limit: float
    at_least: bool = False
    of_ratio: bool = False

    def text(self, unit: str) -> str:
        sign = "≥" if self.at_least else "≤"
        return f"{sign} {self.limit:g} × peer" if self.of_ratio else f"{sign} {self.limit:g} {unit}"

    def is_met(self, value: float) -> bool:
        return value >= self.limit if self.at_least else value <= self.limit


@dataclass(frozen=True, slots=True)
class Peer:
    """What a figure is measured against in the same run; one value a run."""

    name: str
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class Measured:
    """The values of all runs, one a run."""

    figure: str
    unit: str
    values: Sequence[float]
    goal: Goal | None = None
    peer: Peer | None = None

    def told(self, bench: str) -> Figure:
        value = _rounded(statistics.median(self.values))
        peer_value = _rounded(statistics.median(self.peer.values)) if self.peer else None
        ratio = _rounded(value / peer_value) if peer_value else None
        compared = ratio if self.goal and self.goal.of_ratio else value
        return Figure(
            bench=bench,
            figure=self.figure,
            value=value,
            unit=self.unit,
            runs=len(self.values),
            spread=_rounded(max(self.values) - min(self.values)),
            peer=self.peer.name if self.peer else None,
            peer_value=peer_value,
            ratio=ratio,
            goal=self.goal.text(self.unit) if self.goal else None,
            met=None if self.goal is None else compared is not None and self.goal.is_met(compared),
        )


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0–1) of all values do not exceed: nearest rank."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def _rounded(value: float) -> float:
    """Four significant digits: more would claim what no run repeats."""
    return float(f"{value:.4g}")
