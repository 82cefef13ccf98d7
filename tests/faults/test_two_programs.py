"""Two processes accept on one folder: each waybill once, one chain."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from courier_check.clock import SystemClock
from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings
from support.commands import case_file, command_of, start_main_py
from support.ready import ready_station
from support.state import accepted_waybills

pytestmark = pytest.mark.slow

EACH = 15


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    ready_station(tmp_path / "station")
    return tmp_path / "station"


def both(folder: Path, first: list[Path], second: list[Path]) -> list[list[dict[str, object]]]:
    """What two accepts started together said, line by line."""
    running = [start_main_py("--data", folder, "accept", *cases, "--json") for cases in (first, second)]
    told = [process.communicate(timeout=60) for process in running]
    assert [(process.returncode, err) for process, (_, err) in zip(running, told, strict=True)] == [(0, ""), (0, "")]
    return [[json.loads(line) for line in out.splitlines()] for out, _ in told]


def test_different_waybills_are_all_accepted_in_one_chain(folder: Path, tmp_path: Path) -> None:
    cases = [case_file(tmp_path, f"SF10100000{number:05d}") for number in range(2 * EACH)]
    lines = both(folder, cases[:EACH], cases[EACH:])
    assert {line["verdict"] for each in lines for line in each} == {"accept"}
    assert len({line["seq"] for each in lines for line in each}) == 2 * EACH
    assert sorted(accepted_waybills(folder)) == sorted(path.stem for path in cases)


def test_the_same_waybills_are_accepted_once(folder: Path, tmp_path: Path) -> None:
    cases = [case_file(tmp_path, f"SF10100000{number:05d}") for number in range(EACH)]
    lines = both(folder, cases, cases)
    for one, other in zip(*lines, strict=True):
        assert {one["verdict"], other["verdict"]} == {"accept", "refuse"}
    assert sorted(accepted_waybills(folder)) == sorted(path.stem for path in cases)


def test_reading_goes_on_while_another_program_writes(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = command_of(capsys, folder)
    with Station.open(folder, PRACTICE_PASSPHRASE, Surroundings(SystemClock())) as station, station.database.write():
        assert command("station", "status").code == 0
    assert command("accept", case_file(tmp_path)).code == 0
