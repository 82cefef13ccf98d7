"""Which cameras this machine has, and which of them is the one used before. All that differs between systems stands here.

Linux tells names and where each is plugged in. Windows (DirectShow first) and macOS are opened by number: what OpenCV counts there has no
names, and none are guessed. Neither was ever run with a camera; Linux only with a made-up listing and films.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

LISTING = Path("/sys/class/video4linux")
NODES = Path("/dev")
_TRIED = 4
"""How many numbers are tried where there is no list."""


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera of this machine. `name` is empty where the system does not tell it; `place`: where it is plugged in, likewise.

    `index` is good until something is unplugged: name and place are what it is known by.
    """

    index: int
    name: str = ""
    place: str = ""

    @property
    def called(self) -> str:
        """What people call it."""
        return self.name or f"摄像头 {self.index}"


def cameras(listing: Path = LISTING) -> tuple[Camera, ...]:
    """Linux: those that are there, with their names. Elsewhere only numbers to try, since OpenCV knows no more."""
    if not sys.platform.startswith("linux"):
        return tuple(Camera(index) for index in range(_TRIED))
    found = []
    with suppress(OSError):  # no such folder: no camera was ever plugged in
        for device in listing.iterdir():
            number, role = device.name.removeprefix("video"), _line(device / "index")
            if number.isdecimal() and role in ("0", ""):  # other roles of a USB camera carry notes on frames, not frames
                found.append(Camera(int(number), _line(device / "name"), _place(device)))
    return tuple(sorted(found, key=lambda camera: camera.index))


def find_camera(found: Sequence[Camera], known: Camera) -> Camera | None:
    """The camera that was known before, whatever its number is now: the same name at the same place, else the same name elsewhere.

    One without a name is known by its number only, and never taken for one that has a name.
    """
    named = [camera for camera in found if camera.name == known.name]
    if not known.name:
        return next((camera for camera in named if camera.index == known.index), None)
    return next((camera for camera in named if camera.place == known.place), named[0] if named else None)


def remembered_first(found: Sequence[Camera], known: Camera | None) -> tuple[Camera, ...]:
    """The cameras in the order in which they are offered. The known one comes first, and also while it is not plugged in."""
    if known is None:
        return tuple(found)
    now = find_camera(found, known)
    return (now or known, *(camera for camera in found if camera is not now))


def opened_as(camera: Camera, nodes: Path = NODES) -> int | Path:
    """What OpenCV opens it by. A node that is a file is a film: a listing made up for tests and trials."""
    node = nodes / f"video{camera.index}"
    return node if node.is_file() else camera.index


def _place(device: Path) -> str:
    """`1-2:1.0`: the USB port behind the node."""
    with suppress(OSError):
        return (device / "device").readlink().name
    return ""


def _line(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""
