"""凭证照片 by commands: what `sync` says of them, how fast they may go, what the gateway holds and gives out."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import pytest

from courier_check.clock import SystemClock
from courier_check.gateway.admin import revoke_station
from courier_check.journal.entries import Draft
from courier_check.journal.keys import to_text
from courier_check.journal.parts import PartName
from courier_check.store.evidence import Photo, save_photo
from courier_check.store.machine import DEFAULT_PHOTO_KB_S
from courier_check.wire.evidence import CHUNK_BYTES
from support.commands import Command, command_of
from support.gateways import Practice
from support.stations import append, station_in


@pytest.fixture
def command(enrolled_there: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    return command_of(capsys, enrolled_there)


def photograph(folder: Path, *photos: bytes) -> list[Path]:
    """One entry for each photo; where their files are."""
    with station_in(folder, SystemClock()) as station:
        for data in photos:
            kept = save_photo(station.evidence, Photo("photo-1", "image/jpeg", data), station.random)
            parts = {PartName.KEPT: {"v": 1, "photo_keys": {"photo-1": to_text(kept.key)}}}
            append(station, Draft("acceptance", "0142", {}, parts, evidence=(kept.ref,)))
        station.keep_head()
        return sorted(station.evidence.glob("*/*.bin"))


def test_sync_says_of_photos_what_it_says_of_entries(command: Command, tmp_path: Path) -> None:
    photograph(tmp_path / "station", b"one", b"two")
    told = command("sync", "status", "--json").line
    assert (told["photos_sent"], told["photos_pending"], told["photos_failed"]) == (0, 2, 0)
    told = command("sync", "--json").line
    assert (told["state"], told["pending"], told["photos_sent"], told["photos_pending"]) == ("synchronised", 0, 2, 0)
    assert "photos_code" not in told
    (gone,) = set(photograph(tmp_path / "station", b"three")) - {
        path for path in (tmp_path / "station" / "evidence").glob("*/*.bin") if path.stat().st_size != 5 + 28
    }
    gone.unlink()
    told = command("sync", "--json").line
    assert (told["photos_sent"], told["photos_failed"], told["photos_failures"]) == (0, 1, {"evidence-missing": 1})
    text = command("sync", "status").out
    assert "凭证照片：待传 0，已传 2，出错 1" in text
    assert "照片文件不见了" in text


@pytest.mark.slow
def test_one_sync_goes_on_until_all_photos_are_there(command: Command, tmp_path: Path, served: Practice) -> None:
    """What may be sent at once is less than what there is: it goes on as fast as it may."""
    assert command("station", "photo-rate", "100", "--json").line == {"photo_kb_s": 100}
    photograph(tmp_path / "station", secrets.token_bytes(3 * CHUNK_BYTES), secrets.token_bytes(CHUNK_BYTES))
    told = command("sync", "--json")
    assert (told.line["photos_sent"], told.line["photos_pending"]) == (2, 0)
    assert told.err == ""


@pytest.mark.slow
def test_an_alarm_is_told_though_later_runs_for_photos_went_well(command: Command, tmp_path: Path, served: Practice) -> None:
    command("station", "photo-rate", "100")
    photograph(tmp_path / "station", secrets.token_bytes(3 * CHUNK_BYTES), secrets.token_bytes(CHUNK_BYTES))
    revoke_station(served.gateway, "zz-jinshui-01")
    told = command("sync", "--json")
    assert (told.code, told.line["state"], told.line["photos_sent"]) == (3, "alarm", 2)


def test_the_rate_is_a_setting_of_the_machine(command: Command) -> None:
    assert command("station", "photo-rate", "--json").line == {"photo_kb_s": DEFAULT_PHOTO_KB_S}
    assert command("station", "photo-rate", "0").out.strip() == "上传凭证照片不限速"
    assert command("station", "photo-rate", "--json").line == {"photo_kb_s": 0}
    assert command("station", "photo-rate", "-1").code == 2


def test_the_gateway_tells_what_is_held_and_gives_out_copies(command: Command, tmp_path: Path) -> None:
    gateway = ("--data", tmp_path / "gateway")
    assert command("gateway", "evidence", *gateway, "--json").lines == []
    files = photograph(tmp_path / "station", b"one", b"two")
    files[0].unlink()
    command("sync")
    line, missing = command("gateway", "evidence", *gateway, "--missing", "--json").lines
    assert line == {"station": "zz-jinshui-01", "named": 2, "held": 1, "missing": 1, "bytes": 31}
    assert (missing["photo"], missing["announced"]) == ("photo-1", False)
    target = tmp_path / "copies"
    _, told = command("gateway", "evidence", *gateway, "--station", "zz-jinshui-01", "--out", target, "--json").lines
    assert told["files"] == 1
    (copied,) = target.glob("*.bin")
    assert copied.read_bytes() == files[1].read_bytes()
    index = json.loads((target / "index.jsonl").read_text(encoding="utf-8"))
    assert index["file"] == copied.name
    assert json.loads(index["statement"]["body"])["kind"] == "evidence-file"
    again = command("gateway", "evidence", *gateway, "--out", target)
    assert again.code == 2
    assert "copies" in again.err
    assert command("gateway", "evidence", *gateway, "--station", "zz-nobody").out.strip() == "所收的条目没有写明凭证照片"
