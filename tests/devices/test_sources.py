"""What a source is named by."""

from __future__ import annotations

from pathlib import Path

import pytest

from courier_check.devices.camera import CameraSource
from courier_check.devices.frames import FolderSource, StillSource
from courier_check.devices.sources import named_source
from support.clocks import SetClock


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (".", FolderSource),
        ("card.jpg", StillSource),
        ("card.PNG", StillSource),
        ("film.avi", CameraSource),
        ("高拍仪", CameraSource),
        ("7", CameraSource),
        ("", FolderSource),
        ("7" * 400, CameraSource),
    ],
)
def test_a_source_is_what_its_name_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, kind: type) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "film.avi").write_bytes(b"")
    source = named_source(name, SetClock())
    assert type(source) is kind
    assert source.trouble is None


def test_a_camera_keeps_the_name_it_was_asked_by() -> None:
    assert named_source("no such camera", SetClock()).name == "no such camera"
