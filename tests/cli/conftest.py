"""A practice station ready to accept, copied for each test, and commands on it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from support.commands import Command, command_of
from support.ready import ready_station


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
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Commands that need no station."""
    return command_of(capsys)


@pytest.fixture
def station_command(capsys: pytest.CaptureFixture[str], folder: Path) -> Command:
    """Commands on the station in `folder`."""
    return command_of(capsys, folder)
