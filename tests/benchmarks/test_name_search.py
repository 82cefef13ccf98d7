"""What the engine finds among made-up names does not get worse unseen; the names and the mistakes in them come from a seed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import name_search
from benchmarks.name_search import Sizes

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_misspelt_names_are_found_at_few_false_alarms(tmp_path: Path) -> None:
    """A list a fifth as long as that of the benchmark, so what is asked for is the issue's figure with nothing to spare."""
    name_search.build(tmp_path, Sizes("crowded", 2_000, 1_000, 200, 40))
    found = name_search.ask(tmp_path, peers=False)
    many, few = found.levels["20"], found.levels["5"]
    assert found.candidates >= 0.995
    assert many.recall >= 0.96
    assert few.recall >= 0.90
    assert few.hard <= 30
    assert {kind: share for kind, share in many.kinds.items() if kind in ("lookalike1", "combo2", "homophone2") and share < 0.9} == {}


def test_the_same_seed_draws_the_same_names_in_every_process() -> None:
    code = (
        "import random; from benchmarks.names import Tables, crowded, misspellings\n"
        "draw, tables = random.Random(3), Tables()\n"
        "names = crowded(draw, tables, 40)\n"
        "print([name.whole for name in names], [change(names[0], draw, tables) for change in misspellings(tables).values()])"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1
