"""A practice station ready to accept, copied for each test, and commands on it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from courier_check.clock import SystemClock
from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings
from support.commands import Command, command_of
from support.gateways import Practice, practice_gateway
from support.ready import ready_station
from support.stations import CHEAP


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "station"
    ready_station(path)
    return path


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    """The data folder of a station enrolled at a gateway that never answers."""
    return Path(shutil.copytree(template, tmp_path / "station"))


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Practice]:
    """A gateway that runs by the machine's own clock, in the folder `gateway`."""
    with practice_gateway(tmp_path / "gateway", SystemClock()) as running:
        yield running


@pytest.fixture
def enrolled_there(tmp_path: Path, served: Practice) -> Path:
    """The data folder of a station with nobody in it, enrolled at that gateway over the line."""
    folder = tmp_path / "station"
    with Station.init(folder, PRACTICE_PASSPHRASE, Surroundings(SystemClock(), hasher=CHEAP), practice=True) as station:
        station.enrol(served.code(), served.url)
    return folder


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Commands that need no station."""
    return command_of(capsys)


@pytest.fixture
def station_command(capsys: pytest.CaptureFixture[str], folder: Path) -> Command:
    """Commands on the station in `folder`."""
    return command_of(capsys, folder)
