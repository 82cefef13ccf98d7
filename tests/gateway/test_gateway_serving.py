"""Running the gateway as a process of its own."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from courier_check.errors import StoreError
from courier_check.gateway.app import create_app
from courier_check.gateway.codes import GatewayCode
from courier_check.gateway.serving import running, serve
from support.processes import Running

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import os, sys
from pathlib import Path
from courier_check.clock import SystemClock
from courier_check.gateway.app import create_app
from courier_check.gateway.serving import serve
from courier_check.gateway.setup import Gateway

with Gateway.open(Path(sys.argv[1]), SystemClock(), os.urandom) as gateway:
    serve(create_app(gateway), "127.0.0.1", 0, lambda url: print(url, flush=True))
print("closed", flush=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_tells_its_address_serves_and_ends_in_order(data, number):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with Running([sys.executable, "-c", PROGRAM, str(data)], stdout=subprocess.PIPE, text=True, env=environment) as process:
        url = process.stdout.readline().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:[1-9][0-9]*", url)
        assert requests.get(f"{url}/healthz", timeout=30).status_code == 200
        process.send_signal(number)
        assert process.stdout.read() == "closed\n"
        assert process.wait(30) == 0


def test_an_address_in_use_is_said_to_be_taken(gateway):
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(StoreError) as raised:
        serve(create_app(gateway), "127.0.0.1", taken.getsockname()[1], print)
    assert raised.value.code == GatewayCode.ADDRESS_TAKEN


def test_after_the_block_nobody_answers(gateway):
    with running(create_app(gateway)) as url:
        assert requests.get(f"{url}/healthz", timeout=30).status_code == 200
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{url}/healthz", timeout=5)
