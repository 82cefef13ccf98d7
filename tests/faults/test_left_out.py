"""A run of schedules that could not do all of them in its time does not look as if it had."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]


def test_schedules_that_were_left_out_are_counted_and_fail_the_run() -> None:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-n", "1", "tests/faults/test_schedules.py"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    environment |= {"COURIER_CHECK_SCHEDULES": "3", "COURIER_CHECK_SCHEDULES_S": "-1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=250, check=False)
    assert "3 schedules were left out" in done.stdout, done.stdout
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
