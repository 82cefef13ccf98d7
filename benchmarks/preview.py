"""preview: what a live 1080p picture costs the window's thread, frame after frame, drawn as the acceptance page draws it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, cast

from benchmarks.bench import RUNS, Bench
from benchmarks.figures import Goal, Measured, Peer, percentile
from courier_check.clock import SystemClock
from courier_check.devices.camera import CameraPlan, CameraSource
from courier_check.wording import Language, Wording

if TYPE_CHECKING:
    from courier_check.devices.reading import ReadingProcess

FRAMES = (300, 60)
FPS = 30
SIZE = (1920, 1080)
PANE_PX = (640, 206)
FRAME_MS = Goal(2)
LONGEST_WAIT_S = 20.0


def measure(bench: Bench) -> Iterator[Measured]:
    """Each new frame is taken up, made a picture and painted; time of that thread only. Beside it a copy of a 1080p frame's bytes."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    film = _film(bench.folder / "counter.avi", bench.size(90, 30))
    taken: list[list[float]] = []
    fps: list[float] = []
    source = CameraSource(CameraPlan(film), SystemClock(), name="film")
    source.open()
    try:
        drawing = _Drawing(source)
        drawing.next_frame()  # the child starts, Qt makes its fonts
        for _ in range(RUNS):
            began = time.perf_counter()
            taken.append([drawing.next_frame() for _ in range(bench.size(*FRAMES) // RUNS)])
            fps.append(len(taken[-1]) / (time.perf_counter() - began))
    finally:
        source.close()
    copied = bytearray(SIZE[0] * SIZE[1] * 3)
    copies = [percentile([_cpu_ms(lambda: bytes(copied)) for _ in range(50)], 0.5) for _ in range(RUNS)]
    peer = Peer("a copy of the 1080p frame's bytes", copies)
    yield Measured(bench.named("one frame in the window's thread, p50"), "ms", [percentile(run, 0.5) for run in taken], FRAME_MS, peer)
    yield Measured(bench.named("one frame in the window's thread, p95"), "ms", [percentile(run, 0.95) for run in taken], FRAME_MS, peer)
    yield Measured(bench.named(f"frames drawn of a film of {FPS} a second"), "frames/s", fps)


class _NoReading:
    """Stands in for the reading process, which the live picture does not need."""

    def start(self) -> Future[None]:
        done: Future[None] = Future()
        done.set_result(None)
        return done

    def close(self) -> None:
        return


class _Drawing:
    """The window's own way from a source to the screen, one step at a time."""

    def __init__(self, source: CameraSource) -> None:
        from PySide6.QtWidgets import QApplication

        from ui.design.acceptance import PicturePane
        from ui.pictures import Pictures

        self._app = QApplication.instance() or QApplication([])
        reading = cast("ReadingProcess", _NoReading())
        self._pictures = Pictures([source], [source.name], reading, Wording(Language.CHINESE))
        self._pane = PicturePane()
        self._pane.resize(*PANE_PX)
        self._pane.show()
        self._app.processEvents()

    def next_frame(self) -> float:
        """Wait for a newer frame and draw it; the milliseconds of this thread that taking it up and painting it took."""
        before, until = self._pictures.picture(), time.monotonic() + LONGEST_WAIT_S
        while time.monotonic() < until:
            began = time.thread_time_ns()
            self._pictures._look()
            picture = self._pictures.picture()
            if picture is not None and picture is not before:
                self._pane.show_picture(picture, "请出示证件")
                self._pane.repaint()
                return (time.thread_time_ns() - began) / 1e6
            time.sleep(0.002)
        raise RuntimeError("no frame")


def _film(path: Path, frames: int) -> Path:
    """A card moving over a grained table."""
    import numpy as np

    from courier_check.devices.opencv import cv2

    writer = cv2.VideoWriter(str(path), cv2.CAP_OPENCV_MJPEG, cv2.VideoWriter.fourcc(*"MJPG"), float(FPS), SIZE)
    table = np.random.default_rng(1).integers(90, 160, (SIZE[1], SIZE[0], 3), np.uint8)
    for number in range(frames):
        picture = table.copy()
        cv2.rectangle(picture, (300 + 4 * number, 200), (1300 + 4 * number, 830), (230, 225, 220), -1)
        writer.write(picture)
    writer.release()
    return path


def _cpu_ms(act: Callable[[], object]) -> float:
    began = time.thread_time_ns()
    act()
    return (time.thread_time_ns() - began) / 1e6
