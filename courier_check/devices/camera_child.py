"""摄像头 in a process of its own: cv2 is loaded and frames are taken, shrunk and encoded here; a driver that hangs hangs only this."""

from __future__ import annotations

import math
import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING

from courier_check.devices.camera_names import LISTING, NODES, Camera, cameras, find_camera, opened_as
from courier_check.devices.children import whereabouts
from courier_check.devices.live_codes import CodeReading, CodesSeen
from courier_check.devices.shared_frames import SharedFrames
from courier_check.devices.still_gate import FreezeGate, StillFault, StillGate, faults_of

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.synchronize import Lock

    import cv2

    from courier_check.clock import Clock, Reading
    from courier_check.devices.pictures import Picture

PREVIEW_SIDE_PX = 720
"""What the picture pane shows at most, on a screen of double density too: the window's thread pays for every pixel, at every frame."""
LARGEST_PREVIEW = PREVIEW_SIDE_PX * PREVIEW_SIDE_PX * 3
STILL_QUALITY = 92
LIVE_EVERY_MS = 1_000
RETRIED_READ_S = 0.1
STILL_PATIENCE_MS = 1_500
"""How long a still is waited for that nothing speaks against."""
FROZEN_MS = 5_000.0
MOST_FAILED_READS = 5
"""Cameras drop single frames while they set their exposure; a row of them means that it is gone."""


@dataclass(frozen=True, slots=True)
class CameraPlan:
    """What to open: a camera, or a video file that is played again and again. `retry_s`: how often a lost one is tried.

    A `Camera` is looked up anew at every try, because its number changes when it is plugged in again. `listing`, `nodes`: where Linux
    tells of cameras. `frozen_s`: how long a picture may not change at all, not even by noise, before the camera counts as frozen; None for
    five seconds of a camera, and never of a film.
    """

    device: int | Path | Camera
    width: int = 1920
    height: int = 1080
    retry_s: float = 2.0
    listing: Path = LISTING
    nodes: Path = NODES
    frozen_s: float | None = None

    @property
    def frozen_ms(self) -> float:
        if self.frozen_s is not None:
            return self.frozen_s * 1000
        return math.inf if isinstance(self.device, Path) else FROZEN_MS

    def opened(self) -> int | Path | None:
        """What OpenCV is to open now; None while the camera is not there."""
        if not isinstance(self.device, Camera):
            return self.device
        found = find_camera(cameras(self.listing), self.device)
        return None if found is None else opened_as(found, self.nodes)


class Asked(Enum):
    """What the window asks of the process. `CODES` and `NO_CODES`: whether codes in the picture are to be read."""

    STILL = auto()
    CODES = auto()
    NO_CODES = auto()
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
class Frozen:
    """It gives the same frame again and again: what is shown is not what lies there. It is opened anew."""


@dataclass(frozen=True, slots=True)
class Still:
    """A frame in full size as JPEG; empty where there was none. `faults`: what it lacks, none where it is good."""

    width: int
    height: int
    taken_ms: int
    data: bytes = field(repr=False)
    faults: tuple[StillFault, ...] = ()


Told = Live | Absent | Frozen | Still | CodesSeen


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


@dataclass(frozen=True, slots=True)
class Best:
    """The frame with the fewest faults so far."""

    picture: Picture = field(repr=False)
    taken_ms: int
    faults: tuple[StillFault, ...]


class _Shooting:
    """Takes frames as fast as the camera gives them: a queue of old ones in the driver would show the past."""

    def __init__(self, connection: Connection, plan: CameraPlan, frames: SharedFrames, clock: Clock) -> None:
        self._connection = connection
        self._plan = plan
        self._frames = frames
        self._clock = clock
        self._capture: cv2.VideoCapture | None = None
        self._device: int | Path | None = None  # what is open
        self._pause_s = 0.0  # before the next try
        self._every_ms = 0.0  # a camera paces its reads itself, a film does not
        self._due_ms = 0.0
        self._gate = StillGate()
        self._freeze = FreezeGate(plan.frozen_ms)
        self._codes: CodeReading | None = None  # while codes are wanted
        self._best: Best | None = None  # of the frames since a still was asked for
        self._was_live = False
        self._told_ms: int | None = None  # when Live was told last; None while it is not
        self._failed = 0
        self._wanted_ms: int | None = None  # since when a still is waited for

    def run(self) -> None:
        while self._goes_on():
            if self._capture is None and not self._opened():
                self._gone()
                continue
            self._shoot()
        self._release()
        self._watch_codes(wanted=False)

    def _goes_on(self) -> bool:
        """Take what is asked; while there is nothing to shoot, wait for it until the next try."""
        wait_s = self._wait_s()
        while self._connection.poll(wait_s):
            asked = self._connection.recv()
            wait_s = 0.0
            match asked:
                case Asked.STOP:
                    return False
                case Asked.STILL:
                    self._want_still()
                case _:
                    self._watch_codes(wanted=asked is Asked.CODES)
        return True

    def _want_still(self) -> None:
        if self._wanted_ms is None:
            self._wanted_ms = self._clock.read().mono_ms
        if self._capture is None:
            self._send_still(None)

    def _watch_codes(self, *, wanted: bool) -> None:
        if wanted and self._codes is None:
            self._codes = CodeReading()
        elif not wanted and self._codes is not None:
            self._codes.close()
            self._codes = None

    def _wait_s(self) -> float:
        if self._capture is None:
            return self._pause_s
        if self._failed:
            return RETRIED_READ_S
        return max(0.0, self._due_ms - self._clock.read().mono_ms) / 1000 if self._every_ms else 0.0

    def _opened(self) -> bool:
        from courier_check.devices.opencv import cv2

        self._device = self._plan.opened()
        if self._device is None:
            return False
        for backend in _backends(self._device):
            device = str(self._device) if isinstance(self._device, Path) else self._device
            capture = cv2.VideoCapture(device, backend)
            if capture.isOpened():
                self._capture, self._failed, self._pause_s = capture, 0, 0.0
                self._gate.forget()
                self._set_up(capture)
                return True
            capture.release()
        return False

    def _set_up(self, capture: cv2.VideoCapture) -> None:
        """MJPG is set before the size: raw frames of that size fit no USB 2 line at full speed."""
        from courier_check.devices.opencv import cv2

        if isinstance(self._device, Path):
            self._every_ms = 1000.0 / (capture.get(cv2.CAP_PROP_FPS) or 25.0)
            return
        self._every_ms = 0.0
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._plan.width)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._plan.height)

    def _shoot(self) -> None:
        assert self._capture is not None  # noqa: S101 - `run` opened it
        taken, picture = self._capture.read()
        if not taken:
            self._missed()
            return
        self._failed = 0
        now = self._clock.read()
        self._due_ms = max(self._due_ms + self._every_ms, now.mono_ms)  # a late film goes on from here, it does not hurry
        preview = _preview(picture)
        if self._freeze.is_frozen(preview, now.mono_ms):
            self._lost(Frozen())
            return
        height, width = preview.shape[:2]
        self._frames.put(preview.data.cast("B"), width, height, now.wall_ms)
        if self._told_ms is None or now.mono_ms - self._told_ms >= LIVE_EVERY_MS:
            self._was_live, self._told_ms = True, now.mono_ms
            self._connection.send(Live())
        self._look_for_codes(picture, now)
        steady = self._gate.is_steady(preview)
        if self._wanted_ms is not None:
            self._consider(picture, now, steady=steady)

    def _look_for_codes(self, picture: Picture, now: Reading) -> None:
        if self._codes is not None:
            self._codes.offer(picture, now.mono_ms)
            news = self._codes.news()
            if news is not None:
                self._connection.send(news)

    def _consider(self, picture: Picture, now: Reading, *, steady: bool) -> None:
        """Take this frame if nothing speaks against it; when patience ends, the one that least did."""
        faults = faults_of(picture, steady=steady)
        if self._best is None or len(faults) < len(self._best.faults):
            self._best = Best(picture.copy(), now.wall_ms, faults)
        if not faults or now.mono_ms - (self._wanted_ms or 0) >= STILL_PATIENCE_MS:
            self._send_still(self._best)

    def _missed(self) -> None:
        self._failed += 1
        if isinstance(self._device, Path):
            self._release()  # its end: the next turn opens it again
        elif self._failed >= MOST_FAILED_READS:
            self._gone()

    def _gone(self) -> None:
        self._freeze.forget()
        self._lost(Absent(self._was_live))

    def _lost(self, told: Absent | Frozen) -> None:
        """Tell it, answer who waits for a picture, and wait for the next try."""
        self._release()
        self._told_ms = None
        if self._codes is not None:
            self._codes.forget()
        self._connection.send(told)
        self._pause_s = self._plan.retry_s
        if self._wanted_ms is not None:
            self._send_still(None)

    def _release(self) -> None:
        if self._capture is not None:
            self._capture.release()
            self._capture = None

    def _send_still(self, best: Best | None) -> None:
        self._wanted_ms = self._best = None
        if best is None:
            self._connection.send(Still(0, 0, 0, b""))
            return
        from courier_check.devices.opencv import cv2

        height, width = best.picture.shape[:2]
        _, encoded = cv2.imencode(".jpg", best.picture, [cv2.IMWRITE_JPEG_QUALITY, STILL_QUALITY])
        self._connection.send(Still(width, height, best.taken_ms, encoded.tobytes(), best.faults))


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
