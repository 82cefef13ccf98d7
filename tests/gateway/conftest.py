"""A real gateway in a temporary folder, served on loopback."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from courier_check.gateway.admin import add_system, enrol_code
from courier_check.gateway.app import create_app
from courier_check.gateway.serving import running
from courier_check.gateway.setup import Founding, Gateway, init
from courier_check.wire.certificates import StationPlace
from support.clocks import SetClock
from support.practice import Practice

FOUNDING = Founding("gw-test", "样例网关（虚构）", practice=True)
Enrol = Callable[..., Practice]


class CountedRandom:
    """Bytes that differ from call to call and are the same in every run."""

    def __init__(self) -> None:
        self._numbers = itertools.count()

    def __call__(self, size: int) -> bytes:
        return hashlib.sha256(b"made up for tests: %d" % next(self._numbers)).digest()[:size]


@pytest.fixture
def random() -> CountedRandom:
    return CountedRandom()


@pytest.fixture
def data(tmp_path: Path, clock: SetClock, random: CountedRandom) -> Path:
    """The folder of a new gateway."""
    init(tmp_path / "gateway", FOUNDING, clock, random)
    return tmp_path / "gateway"


@pytest.fixture
def gateway(data: Path, clock: SetClock, random: CountedRandom) -> Iterator[Gateway]:
    with Gateway.open(data, clock, random) as opened:
        yield opened


class Switchboard:
    """One server for all tests of a run, which answers with the app of the test that is running: ending a server takes its time."""

    def __init__(self) -> None:
        self.app: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await self.app(scope, receive, send)


@pytest.fixture(scope="session")
def switchboard() -> Iterator[tuple[Switchboard, str]]:
    board = Switchboard()
    with running(board) as address:
        yield board, address


@pytest.fixture
def url(gateway: Gateway, switchboard: tuple[Switchboard, str]) -> str:
    """Where the gateway is served."""
    board, address = switchboard
    board.app = create_app(gateway)
    return address


@pytest.fixture
def enrol(gateway: Gateway, url: str, clock: SetClock) -> Enrol:
    """Enrol a station over HTTP."""

    def enrolled(station_id: str = "zz-jinshui-01", region: str = "410105", outlet_name: str = "样例金水网点") -> Practice:
        place = StationPlace(outlet_id=f"outlet-{region}", outlet_name=outlet_name, region=region)
        return Practice.enrolled(url, enrol_code(gateway, station_id, place), clock)

    return enrolled


@pytest.fixture
def station(enrol: Enrol) -> Practice:
    return enrol()


@pytest.fixture
def token(gateway: Gateway) -> str:
    """Of a system that sees everything but the reported parts."""
    return add_system(gateway, "tester")
