"""摄像头 in a process of its own: cv2 is loaded and frames are taken, shrunk and encoded here; a driver that hangs hangs only this."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING

from courier_check.devices.children import whereabouts
from courier_check.devices.shared_frames import SharedFrames

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.synchronize import Lock

    import cv2

    from courier_check.clock import Clock
    from courier_check.devices.pictures import Picture

PREVIEW_SIDE_PX = 1280
LARGEST_PREVIEW = PREVIEW_SIDE_PX * PREVIEW_SIDE_PX * 3
STILL_QUALITY = 92
LIVE_EVERY_MS = 1_000
RETRIED_READ_S = 0.1
MOST_FAILED_READS = 5
"""Cameras drop single frames while they set their exposure; a row of them means that it is gone."""


@dataclass(frozen=True, slots=True)
class CameraPlan:
    """What to open: a camera by its index, or a video file that is played again and again. `retry_s`: how often a lost one is tried."""

    device: int | Path
    width: int = 1920
    height: int = 1080
    retry_s: float = 2.0


class Asked(Enum):
    """What the window asks of the process."""

    STILL = auto()
    STOP = auto()


@dataclass(frozen=True, slots=True)
class Live:
    """The camera gives frames. Told again every second, so that silence means that it hangs."""


@dataclass(frozen=True, slots=True)
class Absent:
    """It could not be opened, or (`was_live`) no longer gives frames; the next try follows. `where`: set for a fault of ours."""

    was_live: bool
    where: str | None = None


@dataclass(frozen=True, slots=True)
class Still:
    """A frame in full size as JPEG; empty where there was none."""

    width: int
    height: int
    taken_ms: int
    data: bytes = field(repr=False)


Told = Live | Absent | Still


@dataclass(frozen=True, slots=True)
class SharedPlace:
    """Where frames go, in a form that travels to the process."""

    name: str
    lock: Lock


def serve(connection: Connection, plan: CameraPlan, place: SharedPlace, clock: Clock) -> None:
    """The process's main function: frames until told to stop, or until the window's end of the connection is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal reaches every process; the window decides
    _quieten()
    frames = SharedFrames.attached(place.name, place.lock, LARGEST_PREVIEW)
    try:
        _Shooting(connection, plan, frames, clock).run()
    except (EOFError, OSError):
        return  # the window is gone
    except Exception as fault:  # noqa: BLE001 - told to the window's process, which logs it and starts this one anew
        with suppress(OSError):
            connection.send(Absent(was_live=True, where=whereabouts(fault)))
    finally:
        frames.close()


def _quieten() -> None:
    """Drivers, FFmpeg and libjpeg write of damaged frames to stderr, past Python; faults of ours go by the connection."""
    os.environ["OPENCV_LOG_LEVEL"] = "ERROR"
    os.environ["OPENCV_FFMPEG_LOGLEVEL"] = "-8"
    os.environ["OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS"] = "0"  # with them some cameras take 10 s to open (opencv #17687)
    if sys.stderr is not None:  # None in a windowed program
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        os.close(nowhere)


class _Shooting:
    """Takes frames as fast as the camera gives them: a queue of old ones in the driver would show the past."""

    def __init__(self, connection: Connection, plan: CameraPlan, frames: SharedFrames, clock: Clock) -> None:
        self._connection = connection
        self._plan = plan
        self._frames = frames
        self._clock = clock
        self._capture: cv2.VideoCapture | None = None
        self._pause_s = 0.0  # a camera paces its reads itself, a file does not
        self._was_live = False
        self._told_ms: int | None = None  # when Live was told last; None while it is not
        self._failed = 0
        self._still_wanted = False

    def run(self) -> None:
        while self._goes_on():
            if self._capture is None and not self._opened():
                self._gone()
                continue
            self._shoot()
        self._release()

    def _goes_on(self) -> bool:
        """Take what is asked; while there is nothing to shoot, wait for it until the next try."""
        wait_s = self._pause_s or (RETRIED_READ_S if self._failed else 0.0)
        while self._connection.poll(wait_s):
            asked = self._connection.recv()
            if asked is Asked.STOP:
                return False
            self._still_wanted = True
            if self._capture is None:
                self._send_still(None)
            wait_s = 0.0
        return True

    def _opened(self) -> bool:
        from courier_check.devices.opencv import cv2

        for backend in _backends(self._plan.device):
            device = str(self._plan.device) if isinstance(self._plan.device, Path) else self._plan.device
            capture = cv2.VideoCapture(device, backend)
            if capture.isOpened():
                self._capture, self._failed = capture, 0
                self._pause_s = self._set_up(capture)
                return True
            capture.release()
        return False

    def _set_up(self, capture: cv2.VideoCapture) -> float:
        """The pause between reads. MJPG is set before the size: raw frames of that size fit no USB 2 line at full speed."""
        from courier_check.devices.opencv import cv2

        if isinstance(self._plan.device, Path):
            return 1.0 / (capture.get(cv2.CAP_PROP_FPS) or 25.0)
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._plan.width)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._plan.height)
        return 0.0

    def _shoot(self) -> None:
        assert self._capture is not None  # noqa: S101 - `run` opened it
        taken, picture = self._capture.read()
        if not taken:
            self._missed()
            return
        self._failed = 0
        now = self._clock.read()
        preview = _preview(picture)
        height, width = preview.shape[:2]
        self._frames.put(preview.data.cast("B"), width, height, now.wall_ms)
        if self._told_ms is None or now.mono_ms - self._told_ms >= LIVE_EVERY_MS:
            self._was_live, self._told_ms = True, now.mono_ms
            self._connection.send(Live())
        if self._still_wanted:
            self._send_still(picture, now.wall_ms)

    def _missed(self) -> None:
        self._failed += 1
        if isinstance(self._plan.device, Path):
            self._release()  # its end: the next turn opens it again
        elif self._failed >= MOST_FAILED_READS:
            self._gone()

    def _gone(self) -> None:
        """Tell it, answer who waits for a picture, and wait for the next try."""
        self._release()
        self._told_ms = None
        self._connection.send(Absent(self._was_live))
        self._pause_s = self._plan.retry_s
        if self._still_wanted:
            self._send_still(None)

    def _release(self) -> None:
        if self._capture is not None:
            self._capture.release()
            self._capture = None

    def _send_still(self, picture: Picture | None, taken_ms: int = 0) -> None:
        self._still_wanted = False
        if picture is None:
            self._connection.send(Still(0, 0, 0, b""))
            return
        from courier_check.devices.opencv import cv2

        _, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, STILL_QUALITY])
        self._connection.send(Still(picture.shape[1], picture.shape[0], taken_ms, encoded.tobytes()))


def _backends(device: int | Path) -> tuple[int, ...]:
    """Always named: left to itself OpenCV tries every plug-in there is, slowly and loudly."""
    from courier_check.devices.opencv import cv2

    if isinstance(device, Path):
        return cv2.CAP_OPENCV_MJPEG, cv2.CAP_FFMPEG
    if sys.platform == "win32":
        return cv2.CAP_DSHOW, cv2.CAP_MSMF  # DirectShow first: it opens at once, and older document cameras have nothing else
    return (cv2.CAP_AVFOUNDATION,) if sys.platform == "darwin" else (cv2.CAP_V4L2,)


def _preview(picture: Picture) -> Picture:
    """Small enough for the screen, and its rows without gaps."""
    import numpy as np

    from courier_check.devices.opencv import cv2

    longest = max(picture.shape[:2])
    if longest > PREVIEW_SIDE_PX:
        scale = PREVIEW_SIDE_PX / longest
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(picture)
