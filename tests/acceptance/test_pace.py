"""The streak of answers nobody can have looked for: every speeder is told, ordinary clerks are not (product.md, G-11)."""

from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.acceptance.pace import FAST_MS, STREAK, fast_streak

QUESTIONS = 14
TRACES = 500


def clerk(random: Random) -> list[int]:
    """An ordinary clerk: most questions take a second or two, some take none (read before their turn), some take the time of the knife."""
    median_ms = random.uniform(700, 2500)  # a quick clerk, or a slow one
    dwell = [math.exp(random.gauss(math.log(median_ms), 0.5)) for _ in range(QUESTIONS)]
    for place in random.sample(range(QUESTIONS), 2):
        dwell[place] = random.choice([random.uniform(120, 400), random.uniform(8_000, 25_000)])
    return [round(ms) for ms in dwell]


def speeder(random: Random) -> list[int]:
    """Somebody who holds the key or drums on it: through the whole list, or through its last questions."""
    dwell = clerk(random)
    first = random.choice([0, 0, random.randrange(1, QUESTIONS - STREAK)])
    held = random.random() < 0.3
    for place in range(first, QUESTIONS):
        dwell[place] = round(random.uniform(25, 40) if held else random.uniform(90, 280))
    return dwell


def test_every_injected_speeder_is_told_and_of_500_ordinary_clerks_less_than_one_in_a_hundred() -> None:
    random = Random(20261126)  # noqa: S311 - made-up traces, the same at every run
    assert all(fast_streak(speeder(random)) >= STREAK for _ in range(TRACES))
    wronged = sum(fast_streak(clerk(random)) > 0 for _ in range(TRACES))
    assert wronged / TRACES < 0.01


@pytest.mark.parametrize(
    ("dwell", "streak"),
    [([], 0), ([10, 10], 0), ([10, 10, 10], 3), ([10, 10, 300, 10, 10], 0), ([1000, *[299] * 5, 400, 10, 10, 10], 5), ([FAST_MS] * 9, 0)],
)
def test_the_longest_run_counts(dwell: list[int], streak: int) -> None:
    assert fast_streak(dwell) == streak


@given(st.lists(st.integers(0, 2_000)))
def test_it_equals_a_plain_count(dwell: list[int]) -> None:
    runs = "".join("f" if ms < FAST_MS else " " for ms in dwell).split()
    assert fast_streak(dwell) == max((len(run) for run in runs if len(run) >= STREAK), default=0)
