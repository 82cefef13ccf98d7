"""Elsewhere in the world: a machine with another time zone and no language writes and reads the same journal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from courier_check.clock import SystemClock, at
from courier_check.journal.entries import parse_header
from support.commands import case_file
from support.stations import station_in

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
ELSEWHERE = {"TZ": "America/St_Johns", "LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
"""Half an hour beside all others, with daylight saving, and ASCII as the system's own idea of text."""


def elsewhere(*arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG", "PYTHONIOENCODING"))}
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, env=kept | ELSEWHERE, capture_output=True, stdin=subprocess.DEVNULL, timeout=200, check=False)


def told(*arguments: str | Path, folder: Path) -> list[dict[str, Any]]:
    done = elsewhere("main.py", "--data", folder, *arguments, "--json")
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    return [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]


def test_a_journal_written_elsewhere_is_verified_there_and_here(folder: Path, tmp_path: Path) -> None:
    """With a late registration, whose time is China's wherever it is typed, a day's close and an export with all that it says in clear."""
    taken_ms = (SystemClock().read().wall_ms // 60_000 - 120) * 60_000
    late = case_file(tmp_path, "SF1010000000024", late_at=f"{at(taken_ms):%Y-%m-%d %H:%M}")
    assert [each["verdict"] for each in told("accept", case_file(tmp_path), late, folder=folder)] == ["accept", "accept"]
    told("day-close", folder=folder)
    archive = tmp_path / "all.zip"
    told("export", "all", archive, "--reveal", folder=folder)
    (verified,) = told("verify", folder=folder)
    assert verified["ok"]
    checked = elsewhere("resources/verify.py", archive, "--json")
    assert (checked.returncode, json.loads(checked.stdout.decode("utf-8"))["ok"]) == (0, True), checked.stdout
    in_words = elsewhere("resources/verify.py", archive)
    assert (in_words.returncode, "通过" in in_words.stdout.decode("utf-8")) == (0, True), in_words
    with station_in(folder, SystemClock()) as station:
        assert station.verify().ok
        headers = [parse_header(data) for (data,) in station.database.rows("SELECT header FROM journal_entries ORDER BY seq")]
        assert [header.facts["late_ms"] for header in headers if "late_ms" in header.facts] == [taken_ms]
