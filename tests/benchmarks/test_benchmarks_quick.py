"""The benchmarks' lines keep their form; what they measure is not judged here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import sync
from benchmarks.figures import Goal, Measured, Peer, percentile
from benchmarks.stations import fill, practice_station

ROOT = Path(__file__).resolve().parents[2]
MEMBERS = ["bench", "figure", "value", "unit", "runs", "spread", "peer", "peer_value", "ratio", "goal", "met"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=300)


def check_line(line: dict[str, Any], bench: str) -> None:
    assert list(line) == MEMBERS
    assert line["bench"] == bench
    assert line["figure"].endswith("(quick)")
    assert line["runs"] >= 1
    assert line["spread"] >= 0
    assert (line["peer"] is None) == (line["peer_value"] is None)
    assert (line["ratio"] is None) == (not line["peer_value"])  # nothing is a multiple of a peer that gets nothing right
    assert (line["goal"] is None) == (line["met"] is None)


@pytest.mark.slow
@pytest.mark.parametrize(("bench", "figures"), [("core", 5), ("reader", 3), ("credential", 3), ("preview", 3)])
def test_a_quick_run_gives_one_line_of_json_a_figure(bench: str, figures: int) -> None:
    before = set((ROOT / "build").glob("benchmark-*"))
    done = run(bench, "--quick", "--json")
    assert "cores, load average" in done.stderr, "it tells the machine"
    assert set((ROOT / "build").glob(f"benchmark-{bench}-*")) <= before, "and leaves nothing behind"
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stderr
    assert len(lines) == figures
    for line in lines:
        check_line(line, bench)


@pytest.mark.slow
def test_what_is_sent_is_measured_over_a_line_to_a_gateway_of_its_own(tmp_path: Path) -> None:
    """The part that all figures of `sync` about replication are made of; all of a quick run takes minutes."""
    with practice_station(tmp_path / "made") as staffed:
        fill(staffed, range(20))
    sent = sync._sent(tmp_path / "made", sync.MOST_ENTRIES, rtt_ms=2)
    assert sent.entries > 20
    assert 0 < sent.bytes_each < 10_000
    assert sent.rate > 0
    assert [each.name for each in tmp_path.iterdir()] == ["made"], "nothing is left behind"


def test_a_name_without_figures_is_wrong_usage() -> None:
    done = run("gateway", "--json")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "gateway" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_goal_may_be_about_the_ratio() -> None:
    peer = Peer("twice as fast", [200.0, 210.0, 190.0])
    told = Measured("f", "entries/s", [100.0, 150.0, 90.0], Goal(0.6, at_least=True, of_ratio=True), peer).told("core")
    assert (told.value, told.peer_value, told.ratio, told.met) == (100.0, 200.0, 0.5, False)
    assert told.goal == "≥ 0.6 × peer"


def test_a_goal_is_judged_on_the_value_that_is_told() -> None:
    assert Measured("f", "entries/s", [1999.99], Goal(2000, at_least=True)).told("sync").met is True
    assert Measured("f", "ms", [20.3], Goal(20)).told("core").met is False


def test_percentiles_are_values_that_were_measured() -> None:
    values = [float(n) for n in range(100, 0, -1)]
    assert (percentile(values, 0.5), percentile(values, 0.99), percentile(values, 1), percentile([7.0], 0.99)) == (50, 99, 100, 7)
