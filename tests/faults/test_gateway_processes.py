"""What a gateway begins ends with it, even where it was killed."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from courier_check.clock import SystemClock
from courier_check.gateway import admin
from courier_check.gateway.checkers import LEAST
from courier_check.gateway.setup import Founding, Gateway, init
from courier_check.wire.certificates import StationPlace
from support.practice import Practice
from support.processes import Running

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]


def test_processes_that_check_signatures_end_with_a_gateway_that_was_killed(tmp_path: Path) -> None:
    """They hold its output: as long as one of them lives, nobody who reads that comes to its end."""
    data, clock = tmp_path / "gateway", SystemClock()
    init(data, Founding("gw-test", "样例网关（虚构）", practice=True), clock, secrets.token_bytes)
    with Gateway.open(data, clock, secrets.token_bytes) as gateway:
        place = StationPlace(outlet_id="zz-jinshui", outlet_name="样例金水网点", region="410105")
        code = admin.enrol_code(gateway, "zz-jinshui-01", place)
    command = [sys.executable, "main.py", "gateway", "serve", "--data", str(data), "--port", "0", "--json"]
    with Running(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as served:
        assert served.stdout is not None
        station = Practice.enrolled(json.loads(served.stdout.readline())["url"], code, clock)
        for number in range(LEAST):
            station.accept(f"SF{number:013d}")
        assert station.send()[0].last_seq == LEAST + 1
        served.kill()
        served.communicate(timeout=30)
