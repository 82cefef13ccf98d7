"""摄像头 as a source of frames: a child process takes them (`camera_child`), the newest one lies in shared memory.

A process, not a thread: importing cv2 holds up every other thread for up to a third of a second from a cold disk, and a driver that hangs
can only be got rid of with its process.
"""

from __future__ import annotations

import logging
import multiprocessing
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from threading import Event, Lock, Thread

from courier_check.clock import Clock
from courier_check.devices.camera_child import LARGEST_PREVIEW, Absent, Asked, CameraPlan, Frozen, Live, SharedPlace, Still, Told, serve
from courier_check.devices.camera_names import Camera, cameras, remembered_first
from courier_check.devices.children import Child, ChildGoneError
from courier_check.devices.codes import CameraCode
from courier_check.devices.frames import Frame
from courier_check.devices.live_codes import CodesSeen
from courier_check.devices.shared_frames import SharedFrames
from courier_check.errors import DeviceError

__all__ = ["Camera", "CameraPlan", "CameraSource", "cameras", "remembered_first"]

STALE_MS = 3_000
"""Without a sign of life for so long, the last frame is no longer shown."""
HUNG_MS = 15_000
"""Opening a camera may take 12 s on some Windows drivers; a process that is silent for longer is replaced."""
LONGEST_STILL_S = 4.0
_LOOK_S = 0.25
_GRACE_S = 0.5  # for a driver to let its camera go

_log = logging.getLogger(__name__)


class CameraSource:
    """A camera, or a video file played as one. A lost camera comes back by itself; so does its process, should it die or hang."""

    def __init__(self, plan: CameraPlan, clock: Clock, *, name: str = "") -> None:
        self._plan = plan
        self._clock = clock
        self.name = name or _called(plan.device)
        self._lock = Lock()  # over all below; held for no longer than copying a frame takes
        self._child: Child | None = None
        self._frames: SharedFrames | None = None
        self._frame: Frame | None = None
        self._number = 0
        self._trouble: DeviceError | None = None
        self._stills: list[Future[Still | None]] = []
        self._codes_wanted = False
        self._codes = CodesSeen()
        self._closing = Event()
        self._thread: Thread | None = None

    @property
    def trouble(self) -> DeviceError | None:
        return self._trouble

    @property
    def codes(self) -> CodesSeen:
        """The codes in view that several frames agree on, the first seen first; the same object until they change. None while there is a
        trouble."""
        return self._codes

    def watch_codes(self, *, wanted: bool) -> None:
        """Whether codes are read from the live picture; they are not at first. It holds on when the camera is opened anew."""
        with self._lock:
            self._codes_wanted = wanted
            if not wanted:
                self._codes = CodesSeen()
            if self._child is not None:
                with suppress(OSError):  # it just died: the next one is told when it starts
                    self._child.connection.send(Asked.CODES if wanted else Asked.NO_CODES)

    def open(self) -> None:
        self.close()
        self._closing = Event()
        self._thread = Thread(target=self._run, name="camera", daemon=True)
        self._thread.start()

    def latest(self) -> Frame | None:
        with self._lock:
            if self._frames is None or self._trouble is not None:
                return None
            shot = self._frames.newest(self._number)
            if shot is not None:
                self._number = shot.number
                self._frame = Frame(shot.width, shot.height, shot.data, encoded=False, taken_ms=shot.taken_ms, label=self.name)
            return self._frame

    def still(self) -> Frame | None:
        """Waits for a good frame, up to a second and a half; up to four seconds with a camera that hangs."""
        wanted: Future[Still | None] = Future()
        with self._lock:
            if self._child is None or self._trouble is not None:
                return None
            self._stills.append(wanted)
            with suppress(OSError):  # it just died: the watch answers
                self._child.connection.send(Asked.STILL)
        try:
            still = wanted.result(LONGEST_STILL_S)
        except TimeoutError:
            return None
        if still is None or not still.data:
            return None
        label = f"{self.name}.jpg"
        return Frame(still.width, still.height, still.data, encoded=True, taken_ms=still.taken_ms, label=label, faults=still.faults)

    def close(self) -> None:
        self._closing.set()
        with self._lock:
            if self._child is not None:
                with suppress(OSError):  # it just died
                    self._child.connection.send(Asked.STOP)
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._trouble = None

    # ---- the thread that watches the child ----------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                child = self._started()
            except (ChildGoneError, OSError):  # no memory for a process or for frames
                self._set_trouble(CameraCode.STOPPED)
            else:
                self._watch(child)
                self._end(child)
            if not self._closing.is_set():
                self._closing.wait(self._plan.retry_s)

    def _started(self) -> Child:
        lock = multiprocessing.get_context("spawn").Lock()
        frames = SharedFrames.made(lock, LARGEST_PREVIEW)
        try:
            child = Child.started(serve, self._plan, SharedPlace(frames.name, lock), self._clock, name="camera")
        except ChildGoneError:
            frames.remove()
            raise
        with self._lock:
            self._child, self._frames, self._number = child, frames, 0
            if self._codes_wanted:
                with suppress(OSError):  # it died at once: the watch tells
                    child.connection.send(Asked.CODES)
        return child

    def _watch(self, child: Child) -> None:
        """Until the child ends, hangs or is no longer wanted."""
        heard_ms = self._clock.read().mono_ms
        live = False
        while not self._closing.is_set():
            try:
                told = child.connection.recv() if child.connection.poll(_LOOK_S) else None
            except (EOFError, OSError):
                self._set_trouble(CameraCode.STOPPED)
                return
            now_ms = self._clock.read().mono_ms
            if told is not None:
                heard_ms, live = now_ms, self._told(told, live=live)
            elif now_ms - heard_ms > HUNG_MS:
                self._set_trouble(CameraCode.LOST if live else CameraCode.NOT_FOUND)
                return
            elif live and now_ms - heard_ms > STALE_MS:
                self._set_trouble(CameraCode.LOST)

    def _told(self, told: Told, *, live: bool) -> bool:
        """Take what the child says; whether the camera is live."""
        match told:
            case Live():
                self._trouble = None
                return True
            case Absent(was_live, where):
                if where is not None:
                    _log.error("camera: %s", where)
                self._set_trouble(CameraCode.LOST if was_live else CameraCode.NOT_FOUND)
                return False
            case Frozen():
                self._set_trouble(CameraCode.FROZEN)
                return False
            case CodesSeen():
                with self._lock:
                    self._codes = told if self._codes_wanted else CodesSeen()
                return live
            case Still():
                self._answer(told)
                return live

    def _set_trouble(self, code: CameraCode) -> None:
        if self._trouble is None or self._trouble.code is not code:
            self._trouble = DeviceError(code, camera=self.name)
        self._codes = CodesSeen()  # after the trouble: who looks now does not think that somebody took the label away

    def _answer(self, still: Still | None) -> None:
        with self._lock:
            waiting, self._stills = self._stills, []
        for wanted in waiting:
            wanted.set_result(still)

    def _end(self, child: Child) -> None:
        with self._lock:
            frames, self._child, self._frames, self._frame = self._frames, None, None, None
            self._codes = CodesSeen()
        self._answer(None)
        child.end(_GRACE_S if self._closing.is_set() else 0.0)
        if frames is not None:
            frames.remove()


def _called(device: int | Path | Camera) -> str:
    match device:
        case Camera():
            return device.called
        case Path():
            return device.name
    return str(device)
