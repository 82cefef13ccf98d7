"""`station camera`: which cameras there are, and the one the window opens first."""

from __future__ import annotations

from pathlib import Path

import pytest

from courier_check.cli.stations import known_camera
from courier_check.devices.camera_names import Camera
from courier_check.errors import UserError
from courier_check.store.machine import KnownCamera, Machine, load_machine, save_machine
from support.commands import Command

THERE = (Camera(0, "WebCam", "1-1"), Camera(2, "高拍仪", "1-2"), Camera(3))


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("高拍仪", KnownCamera(name="高拍仪", place="1-2", index=2)),
        ("0", KnownCamera(name="WebCam", place="1-1")),
        ("3", KnownCamera(index=3)),
    ],
)
def test_a_camera_is_meant_by_its_name_or_its_number(text: str, known: KnownCamera) -> None:
    assert known_camera(text, THERE) == known


def test_a_camera_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(UserError) as caught:
        known_camera("gone", THERE)
    assert caught.value.facts == {"camera": "gone", "known": "WebCam、高拍仪、摄像头 3"}


def test_what_is_remembered_is_shown_and_forgotten(station_command: Command, folder: Path) -> None:
    save_machine(folder, Machine(reader_port="COM3", camera=KnownCamera(name="高拍仪", place="1-2", index=2)))
    told = station_command("station", "camera", "--json")
    assert (told.code, told.line["camera"]) == (0, {"index": 2, "name": "高拍仪", "place": "1-2"})
    assert "高拍仪" in station_command("station", "camera").out
    assert station_command("station", "camera", "auto", "--json").line["camera"] is None
    assert load_machine(folder) == Machine(reader_port="COM3")


def test_the_readers_port_leaves_the_camera_alone(station_command: Command, folder: Path) -> None:
    save_machine(folder, Machine(camera=KnownCamera(name="WebCam")))
    assert station_command("station", "reader", "COM4").code == 0
    assert load_machine(folder) == Machine(reader_port="COM4", camera=KnownCamera(name="WebCam"))


def test_an_unknown_camera_is_one_sentence_and_changes_nothing(station_command: Command, folder: Path) -> None:
    told = station_command("station", "camera", "no such camera")
    assert told.code == 2
    assert "no such camera" in told.sentence
    assert load_machine(folder) == Machine()
