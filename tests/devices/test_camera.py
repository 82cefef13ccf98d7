"""The camera's process, on video files played as cameras: newest frame, lost and found again, killed, closed; and no camera at all."""

from __future__ import annotations

import contextlib
import itertools
import json
import multiprocessing
import os
import subprocess
import sys
import threading
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from courier_check.clock import SystemClock
from courier_check.devices.camera import Camera, CameraPlan, CameraSource, cameras
from courier_check.devices.camera_child import PREVIEW_SIDE_PX, Absent, Live, Still
from courier_check.devices.codes import CameraCode
from courier_check.devices.opencv import cv2
from courier_check.devices.shared_frames import SharedFrames
from courier_check.errors import DeviceError
from courier_check.store.resources import read_resource, resource_path
from support.processes import Running, Stopwatch, children_named, eventually

FRAMES = 10


def film(path: Path, size: tuple[int, int] = (320, 240), frames: int = FRAMES) -> Path:
    """A little MJPG film, each frame brighter than the last."""
    unfinished = path.with_name("unfinished.avi")
    writer = cv2.VideoWriter(str(unfinished), cv2.CAP_OPENCV_MJPEG, cv2.VideoWriter.fourcc(*"MJPG"), 25.0, size)
    for number in range(frames):
        writer.write(np.full((size[1], size[0], 3), 20 + number * 20, np.uint8))
    writer.release()
    return unfinished.rename(path)


@contextlib.contextmanager
def opened(device: int | Path, **options):
    source = CameraSource(CameraPlan(device, retry_s=0.2), SystemClock(), **options)
    source.open()
    try:
        yield source
    finally:
        source.close()


@pytest.mark.slow
def test_a_film_plays_on_and_on_as_a_camera(tmp_path):
    with opened(film(tmp_path / "柜台.avi")) as camera:
        first = eventually(camera.latest)
        assert ((first.width, first.height), len(first.data), first.encoded, first.label) == ((320, 240), 320 * 240 * 3, False, "柜台.avi")
        shades = set()
        eventually(lambda: shades.add(camera.latest().data[0] // 20) or len(shades) >= FRAMES - 2)
        assert camera.latest().taken_ms > first.taken_ms
        assert camera.trouble is None


def test_a_frame_stays_the_same_object_until_there_is_a_newer_one(tmp_path):
    with opened(film(tmp_path / "x.avi")) as camera:
        seen = [eventually(camera.latest)]
        eventually(lambda: seen.append(camera.latest()) or len({id(frame) for frame in seen}) > 3)
        assert all(earlier is later or earlier.taken_ms <= later.taken_ms for earlier, later in itertools.pairwise(seen))


def test_a_still_is_a_jpeg_in_full_size_and_the_screen_gets_a_smaller_frame(tmp_path):
    with opened(film(tmp_path / "large.avi", (1920, 1080), 3), name="高拍仪") as camera:
        preview = eventually(camera.latest)
        assert (preview.width, preview.height) == (PREVIEW_SIDE_PX, 720)
        still = camera.still()
        assert (still.width, still.height, still.encoded, still.label) == (1920, 1080, True, "高拍仪.jpg")
        with Image.open(BytesIO(still.data)) as picture:
            assert (picture.format, picture.size) == ("JPEG", (1920, 1080))


def test_stills_asked_for_at_once_are_all_answered(tmp_path):
    with opened(film(tmp_path / "x.avi")) as camera:
        eventually(camera.latest)
        stills = []
        asking = [threading.Thread(target=lambda: stills.append(camera.still())) for _ in range(5)]
        for thread in asking:
            thread.start()
        for thread in asking:
            thread.join()
        assert len(stills) == 5
        assert all(still is not None for still in stills)


@pytest.mark.slow
def test_a_camera_that_goes_is_told_and_comes_back_by_itself(tmp_path):
    path = film(tmp_path / "x.avi")
    with opened(path) as camera:
        eventually(camera.latest)
        path.rename(tmp_path / "unplugged.avi")
        told = eventually(lambda: camera.trouble)
        assert (type(told), told.code, told.facts) == (DeviceError, CameraCode.LOST, {"camera": "x.avi"})
        assert (camera.latest(), camera.still()) == (None, None)
        (tmp_path / "unplugged.avi").rename(path)
        eventually(camera.latest)
        assert camera.trouble is None
        assert camera.still() is not None


@pytest.mark.slow
def test_a_process_that_is_killed_is_told_and_started_again(tmp_path):
    with opened(film(tmp_path / "x.avi")) as camera:
        eventually(camera.latest)
        (child,) = children_named("camera")
        child.kill()
        assert eventually(lambda: camera.trouble).code is CameraCode.STOPPED
        assert eventually(camera.latest) is not None
        assert camera.trouble is None


@pytest.mark.slow
def test_closing_is_prompt_and_final_and_opening_again_works(tmp_path):
    with opened(film(tmp_path / "x.avi")) as camera:
        for _ in range(2):
            eventually(camera.latest)
            with Stopwatch() as taken:
                camera.close()
            assert taken.s < 1
            assert (camera.latest(), camera.still(), camera.trouble) == (None, None, None)
            assert children_named("camera") == set()
            camera.open()


@pytest.mark.slow
def test_closing_while_it_starts_is_prompt_too(tmp_path):
    camera = CameraSource(CameraPlan(film(tmp_path / "x.avi")), SystemClock())
    camera.open()
    with Stopwatch() as taken:
        camera.close()
    assert taken.s < 1.5
    camera.close()


@pytest.mark.skipif(Path("/dev/video0").exists(), reason="this machine has a camera")
def test_no_camera_is_told_soon():
    with opened(0, name="摄像头 1") as camera, Stopwatch() as taken:
        told = eventually(lambda: camera.trouble)
    assert (told.code, told.facts) == (CameraCode.NOT_FOUND, {"camera": "摄像头 1"})
    assert taken.s < 4  # about one second on a machine with nothing else to do


WINDOW = """
import sys, threading
from pathlib import Path
from courier_check.clock import SystemClock
from courier_check.devices.camera import CameraSource
from courier_check.devices.camera_child import CameraPlan

def wait_for(ask):
    pause = threading.Event()
    while not (answer := ask()):
        pause.wait(0.01)
    return answer

if __name__ == "__main__":
    absent = CameraSource(CameraPlan(Path(sys.argv[1]) / "none.avi"), SystemClock())
    absent.open()
    print(wait_for(lambda: absent.trouble).code.value)
    absent.close()
    for film in ("whole.avi", "spoilt.avi"):
        camera = CameraSource(CameraPlan(Path(sys.argv[1]) / film, retry_s=0.1), SystemClock())
        camera.open()
        print(bool(wait_for(lambda: camera.latest() or camera.trouble)))
        camera.close()
    print([name for name in ("numpy", "cv2", "PIL") if name in sys.modules])
"""


@pytest.mark.slow
def test_the_windows_process_loads_no_cv2_and_nothing_is_printed(tmp_path):
    whole = film(tmp_path / "whole.avi")
    (tmp_path / "spoilt.avi").write_bytes(whole.read_bytes()[:3_000] + b"\xff\xd8junk" * 50)
    program = tmp_path / "window.py"
    program.write_text(WINDOW, encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    run = subprocess.run([sys.executable, program, tmp_path], capture_output=True, text=True, env=environment, check=False)
    assert (run.stdout, run.stderr, run.returncode) == ("camera-not-found\nTrue\nTrue\n[]\n", "", 0)


LEFT_ALONE = """
import sys, threading
from pathlib import Path
from courier_check.clock import SystemClock
from courier_check.devices.camera import CameraSource
from courier_check.devices.camera_child import CameraPlan
from courier_check.devices.reading import ReadingProcess
from courier_check.parcel.carriers import Carriers

if __name__ == "__main__":
    camera = CameraSource(CameraPlan(Path(sys.argv[1])), SystemClock())
    camera.open()
    reading = ReadingProcess(Carriers.parse(Path(sys.argv[2]).read_bytes()))
    reading.start().result()
    print("ready" if camera.still() else "no picture", flush=True)
    threading.Event().wait()
"""


@pytest.mark.slow
def test_no_process_outlives_a_window_that_is_killed(tmp_path):
    program = tmp_path / "window.py"
    program.write_text(LEFT_ALONE, encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    arguments = [sys.executable, program, film(tmp_path / "x.avi"), resource_path("carriers.json")]
    with Running(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment) as window:
        assert window.stdout.readline() == "ready\n"
        window.kill()
        window.communicate(timeout=10)  # its end comes when the last process that shares the output is gone


# ---- which cameras there are ------------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux names cameras")
def test_cameras_have_the_names_the_system_gives_them(tmp_path):
    for node, index, name in (
        ("video0", "0", "HD WebCam"),
        ("video1", "1", "HD WebCam"),
        ("video10", "0", "高拍仪"),
        ("v4l-touch0", "0", "x"),
    ):
        (tmp_path / node).mkdir()
        (tmp_path / node / "index").write_text(index + "\n", encoding="utf-8")
        (tmp_path / node / "name").write_text(name + "\n", encoding="utf-8")
    (tmp_path / "video2").mkdir()
    assert cameras(tmp_path) == (Camera(0, "HD WebCam"), Camera(2, ""), Camera(10, "高拍仪"))
    assert cameras(tmp_path / "none") == ()


@pytest.mark.parametrize("code", CameraCode)
def test_every_code_has_a_sentence_that_names_the_camera(code):
    sentences = json.loads(read_resource("wording/devices.json"))[code.value]
    assert set(sentences) == {"zh", "en"}
    assert all("{camera}" in sentence for sentence in sentences.values())


def test_pictures_do_not_show_in_logs():
    assert "data" not in repr(Still(1, 1, 1, b"x"))
    assert repr(Live()) != repr(Absent(was_live=True))


# ---- the shared memory -----------------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def both_ends(largest: int = 300):
    lock = multiprocessing.get_context("spawn").Lock()
    reader = SharedFrames.made(lock, largest)
    writer = SharedFrames.attached(reader.name, lock, largest)
    try:
        yield writer, reader, lock
    finally:
        writer.close()
        reader.remove()


@given(st.lists(st.integers(1, 9) | st.none(), max_size=30))
def test_the_reader_always_gets_the_newest_frame_and_each_only_once(steps):
    with both_ends() as (writer, reader, _):
        put, read = 0, 0
        for width in steps:
            if width is not None:
                put += 1
                writer.put(bytes([put]) * width * 3, width, 1, put * 10)
                continue
            shot = reader.newest(read)
            assert (shot is None) == (read == put)
            if shot is not None:
                assert (shot.number, shot.taken_ms, set(shot.data), len(shot.data)) == (put, put * 10, {put}, shot.width * 3)
                read = shot.number


def test_frames_are_never_torn_while_both_are_busy():
    size = 300 * 300 * 3
    with both_ends(size) as (writer, reader, _):
        enough = threading.Event()

        def write():
            for number in itertools.takewhile(lambda _: not enough.is_set(), itertools.count(1)):
                writer.put(bytes([number % 251]) * size, 300, 300, number)

        thread = threading.Thread(target=write)
        thread.start()
        whole, last = [], 0
        while len(whole) < 100:
            shot = reader.newest(last)
            if shot is not None:
                last = shot.number
                whole.append(shot.data == bytes([shot.taken_ms % 251]) * size)
        enough.set()
        thread.join()
        assert all(whole)


def test_a_writer_that_died_with_the_lock_does_not_hold_up_the_reader():
    with both_ends() as (writer, reader, lock):
        writer.put(b"abc", 1, 1, 1)
        with lock, Stopwatch() as taken:
            assert reader.newest() is None
        assert taken.s < 0.2
        assert reader.newest().data == b"abc"


def test_a_frame_larger_than_agreed_is_refused():
    with both_ends(30) as (writer, _, _), pytest.raises(ValueError, match="31"):
        writer.put(b"x" * 31, 1, 1, 1)
