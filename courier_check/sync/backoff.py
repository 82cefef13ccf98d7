"""When to try again: full jitter, doubling from one second to a quarter of an hour, never before the gateway asked for, up to an hour."""

from __future__ import annotations

from collections.abc import Callable

FIRST_S = 1.0
LONGEST_S = 900.0
LONGEST_ASKED_S = 3_600.0
"""Retry-After is not signed: any box on the way can ask for a day, or a year. So much of it is believed."""


def wait_seconds(attempts: int, asked_s: float | None, uniform: Callable[[float, float], float]) -> float:
    """Seconds until the next try after `attempts` failures in a row (≥ 1). `asked_s`: the gateway's Retry-After, kept to an hour."""
    ceiling = min(LONGEST_S, FIRST_S * 2.0 ** min(attempts - 1, 20))
    jittered = uniform(0.0, ceiling)
    return max(jittered, min(asked_s, LONGEST_ASKED_S)) if asked_s is not None else jittered
