"""A full disk: said so, nothing half-written, and work goes on when there is space again."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from courier_check.store.resources import resource_path
from support.commands import Command, case_file, command_of
from support.disks import fill_up, small_disk
from support.ready import ready_station
from support.state import accepted_waybills, entry_count, settle

pytestmark = pytest.mark.slow

SIZE = "6m"
FULL = "磁盘已满，这一笔没有写入"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", SIZE) as place:
        yield place


@pytest.fixture
def folder(disk: Path) -> Path:
    ready_station(disk / "station")
    return disk / "station"


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], folder: Path) -> Command:
    return command_of(capsys, folder)


def test_a_full_disk_writes_nothing_and_loses_nothing(command: Command, disk: Path, folder: Path, tmp_path: Path) -> None:
    shutil.copy(resource_path("samples/contents-books.jpg"), tmp_path / "books.jpg")
    assert command("accept", case_file(tmp_path)).code == 0
    settle(folder)
    before = entry_count(folder)
    filler = fill_up(disk)
    for case in (case_file(tmp_path, "SF1010000000024"), case_file(tmp_path, "SF1010000000033", photos=[{"picture": "books.jpg"}])):
        told = command("accept", case)
        assert told.code == 3
        assert told.sentence.startswith(FULL) or "数据文件夹无法写入" in told.sentence
    filler.unlink()
    assert entry_count(folder) == before
    assert accepted_waybills(folder) == ["SF1010000000015"]
    assert [path for path in (folder / "evidence").rglob("*") if path.is_file()] == []  # no photo, nor half of one
    for number in ("SF1010000000024", "SF1010000000033"):
        assert command("accept", tmp_path / f"{number}.json").code == 0
    assert accepted_waybills(folder) == ["SF1010000000015", "SF1010000000024", "SF1010000000033"]


def test_an_act_counts_as_done_only_if_it_is_on_disk(command: Command, disk: Path, folder: Path, tmp_path: Path) -> None:
    """The disk fills up in the middle of a batch: every line says what became of its parcel."""
    filler = fill_up(disk)
    with filler.open("r+b") as target:
        target.truncate(filler.stat().st_size - 700_000)
    cases = [case_file(tmp_path, f"SF10100000{number:05d}") for number in range(150)]
    told = command("accept", *cases, "--json")
    assert told.code == 3
    assert len(told.err.splitlines()) == 1
    done = [Path(line["case"]).stem for line in told.lines if line["verdict"] == "accept"]
    assert 0 < len(done) < len(cases)
    filler.unlink()
    assert accepted_waybills(folder) == done
    again = command("accept", *cases, "--json")
    assert again.code == 0
    assert sorted(accepted_waybills(folder)) == sorted(path.stem for path in cases)


def test_a_station_can_not_be_made_on_a_full_disk(disk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    filler = fill_up(disk)
    told = command_of(capsys, disk / "new")("station", "init", "--practice")
    assert told.code == 3
    assert told.sentence
    filler.unlink()


def test_a_read_only_folder_is_said_to_be(command: Command, disk: Path, folder: Path, tmp_path: Path) -> None:
    settle(folder)
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    for arguments in (("accept", case_file(tmp_path)), ("sync",), ("operators", "disable", "0142")):
        told = command(*arguments)
        assert (told.code, told.sentence[:8]) == (3, "数据文件夹无法写"), arguments
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    assert accepted_waybills(folder) == []
    assert command("accept", case_file(tmp_path)).code == 0
