"""What a source of pictures is named by, for one run or a trial: a camera, a folder, a film, a picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from courier_check.clock import Clock
from courier_check.devices.camera import Camera, CameraPlan, CameraSource, cameras
from courier_check.devices.frames import PICTURE_SUFFIXES, FolderSource, FrameSource, StillSource

SOURCE_VARIABLE = "COURIER_CHECK_CAMERA"
"""Names the window's first source for one run, above what the station remembers."""


def named_source(text: str, clock: Clock) -> FrameSource:
    """A folder is watched for new pictures, a picture file shown, any other file played as a film again and again; the rest is a camera's
    name or number, waited for where it is not there. Never raises: what is wrong is the source's `trouble`."""
    path = Path(text)
    if _holds(path.is_dir):
        return FolderSource(path, clock)
    if path.suffix.lower() in PICTURE_SUFFIXES:
        return StillSource(path, clock)
    if _holds(path.is_file):
        return CameraSource(CameraPlan(path), clock)
    known = next((each for each in cameras() if text in (each.name, str(each.index))), None)
    number = int(text) if text.isdecimal() and len(text) < 4 else None
    return CameraSource(CameraPlan(known or (number if number is not None else Camera(-1, text))), clock)


def _holds(asked: Callable[[], bool]) -> bool:
    try:
        return asked()
    except (OSError, ValueError):  # no name that a file could have
        return False
