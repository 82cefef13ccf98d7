"""When to try again: full jitter, doubling from one second to a quarter of an hour, never before the gateway asked for."""

from __future__ import annotations

from collections.abc import Callable

FIRST_S = 1.0
LONGEST_S = 900.0
LONGEST_ASKED_S = 86_400.0


def wait_seconds(attempts: int, asked_s: float | None, uniform: Callable[[float, float], float]) -> float:
    """Seconds until the next try after `attempts` failures in a row (≥ 1). `asked_s`: the gateway's Retry-After, kept to a day."""
    ceiling = min(LONGEST_S, FIRST_S * 2.0 ** min(attempts - 1, 20))
    jittered = uniform(0.0, ceiling)
    return max(jittered, min(asked_s, LONGEST_ASKED_S)) if asked_s is not None else jittered
