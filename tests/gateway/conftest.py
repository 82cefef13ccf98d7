"""A real gateway in a temporary folder, served on loopback."""

from __future__ import annotations

import hashlib
import itertools
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from courier_check.gateway.admin import add_system, enrol_code
from courier_check.gateway.setup import Founding, Gateway, init
from courier_check.gateway.store import pulls
from courier_check.wire.certificates import StationPlace
from support.clocks import SetClock
from support.gateways import Switchboard
from support.gateways import switchboard as running_switchboard
from support.practice import Practice

FOUNDING = Founding("gw-test", "样例网关（虚构）", practice=True)
Enrol = Callable[..., Practice]


class CountedRandom:
    """Bytes that differ from call to call and are the same in every run."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._numbers = itertools.count()

    def __call__(self, size: int) -> bytes:
        return hashlib.sha256(f"made up for tests: {self._name} {next(self._numbers)}".encode()).digest()[:size]


@pytest.fixture
def random() -> CountedRandom:
    return CountedRandom("running")


@pytest.fixture(scope="session")
def new_gateway(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a gateway that nobody has opened, to be copied: making one waits for the disk again and again."""
    folder = tmp_path_factory.mktemp("new") / "gateway"
    init(folder, FOUNDING, SetClock(), CountedRandom("new"))
    return folder


@pytest.fixture(scope="session")
def with_station(
    tmp_path_factory: pytest.TempPathFactory, new_gateway: Path, switchboard: tuple[Switchboard, str]
) -> tuple[Path, Practice]:
    """The folder of a gateway where one station has enrolled, to be copied, and that station."""
    folder = shutil.copytree(new_gateway, tmp_path_factory.mktemp("with-station") / "gateway")
    clock, (board, address) = SetClock(SetClock.wall_ms - 500, 500), switchboard
    with Gateway.open(folder, clock, CountedRandom("with a station")) as opened:
        board.answer_for(opened)
        return folder, enrolled_at(opened, address, clock)


@pytest.fixture
def data(request: pytest.FixtureRequest, tmp_path: Path, new_gateway: Path) -> Path:
    """The folder of a new gateway, or of one with the station that the test asks for."""
    made = request.getfixturevalue("with_station")[0] if "station" in request.fixturenames else new_gateway
    return shutil.copytree(made, tmp_path / "gateway")


@pytest.fixture
def gateway(data: Path, clock: SetClock, random: CountedRandom) -> Iterator[Gateway]:
    with Gateway.open(data, clock, random) as opened:
        yield opened


@pytest.fixture(scope="session")
def switchboard() -> Iterator[tuple[Switchboard, str]]:
    with running_switchboard() as made:
        yield made


@pytest.fixture
def url(gateway: Gateway, switchboard: tuple[Switchboard, str]) -> str:
    """Where the gateway is served."""
    board, address = switchboard
    board.answer_for(gateway)
    return address


@dataclass
class Shared:
    """A gateway that many tests share, as long as they leave nothing in it, with one station and one system's token."""

    gateway: Gateway
    station: Practice
    token: str


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, new_gateway: Path, switchboard: tuple[Switchboard, str]) -> Iterator[Shared]:
    folder = shutil.copytree(new_gateway, tmp_path_factory.mktemp("shared") / "gateway")
    clock, (board, address) = SetClock(), switchboard
    with Gateway.open(folder, clock, CountedRandom("shared")) as opened:
        board.answer_for(opened)
        yield Shared(opened, enrolled_at(opened, address, clock), add_system(opened, "tester"))


@pytest.fixture
def untouched(shared: Shared, switchboard: tuple[Switchboard, str]) -> Iterator[Shared]:
    """The shared gateway, served; a test that left an entry in it fails."""
    switchboard[0].answer_for(shared.gateway)
    yield shared
    with shared.gateway.database.read() as tx:
        assert pulls.last_arrival(tx) == 0


@pytest.fixture
def shared_station(untouched: Shared) -> Practice:
    """For tests of which the gateway stores nothing. The station's journal is the test's own."""
    return replace(untouched.station, entries=[*untouched.station.entries], hashes=[*untouched.station.hashes])


@pytest.fixture
def shared_url(untouched: Shared) -> str:
    return untouched.station.url


@pytest.fixture
def shared_token(untouched: Shared) -> str:
    return untouched.token


@pytest.fixture
def enrol(gateway: Gateway, url: str, clock: SetClock) -> Enrol:
    """Enrol a station over HTTP."""

    def enrolled(station_id: str = "zz-jinshui-01", region: str = "410105", outlet_name: str = "样例金水网点") -> Practice:
        return enrolled_at(gateway, url, clock, station_id, region, outlet_name)

    return enrolled


def enrolled_at(
    gateway: Gateway,
    url: str,
    clock: SetClock,
    station_id: str = "zz-jinshui-01",
    region: str = "410105",
    outlet_name: str = "样例金水网点",
) -> Practice:
    place = StationPlace(outlet_id=f"outlet-{region}", outlet_name=outlet_name, region=region)
    return Practice.enrolled(url, enrol_code(gateway, station_id, place), clock)


@pytest.fixture
def station(with_station: tuple[Path, Practice], gateway: Gateway, url: str, clock: SetClock) -> Practice:
    """Of this gateway, with a journal of one entry."""
    _, made = with_station
    return replace(made, url=url, clock=clock, entries=[*made.entries], hashes=[*made.hashes])


@pytest.fixture
def token(gateway: Gateway) -> str:
    """Of a system that sees everything but the reported parts."""
    return add_system(gateway, "tester")
