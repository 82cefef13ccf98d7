"""The camera's process, on video files played as cameras: newest frame, lost and found again, killed, closed; and no camera at all."""

from __future__ import annotations

import contextlib
import itertools
import json
import multiprocessing
import os
import shutil
import subprocess
import sys
import threading
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from courier_check.clock import SystemClock
from courier_check.devices.camera import Camera, CameraPlan, CameraSource, cameras, remembered_first
from courier_check.devices.camera_child import PREVIEW_SIDE_PX, Absent, Live, Still
from courier_check.devices.camera_names import find_camera
from courier_check.devices.codes import CameraCode, StillCode
from courier_check.devices.opencv import cv2
from courier_check.devices.quality import QualityReason
from courier_check.devices.shared_frames import SharedFrames
from courier_check.devices.still_gate import FreezeGate, StillGate, faults_of
from courier_check.errors import DeviceError
from courier_check.store.resources import read_resource, resource_path
from support.processes import Running, Stopwatch, children_named, eventually
from tools.samples.coded import Shot, label, photographed

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
        assert (preview.width, preview.height) == (PREVIEW_SIDE_PX, 405)
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


def showing(path: Path, picture: np.ndarray, frames: int = 12) -> Path:
    """A film of one picture with a sensor's noise."""
    unfinished = path.with_name("unfinished.avi")
    size = (picture.shape[1], picture.shape[0])
    writer = cv2.VideoWriter(str(unfinished), cv2.CAP_OPENCV_MJPEG, cv2.VideoWriter.fourcc(*"MJPG"), 25.0, size)
    chance = np.random.default_rng(3)
    for _ in range(frames):
        writer.write(np.clip(picture + chance.normal(0, 3, picture.shape), 0, 255).astype(np.uint8))
    writer.release()
    return unfinished.rename(path)


@pytest.mark.slow
def test_codes_in_view_are_told_while_they_are_wanted_and_withdrawn_when_the_camera_goes(tmp_path):
    shot = Shot(size=(1280, 720), module_px=2.5, tilt=35)
    path = showing(tmp_path / "x.avi", photographed(label("SF1234567890123", "Code128", 3), shot, 3))
    with opened(path) as camera:
        eventually(camera.latest)
        assert camera.codes.codes == ()
        camera.watch_codes(wanted=True)
        eventually(lambda: camera.codes.codes)
        assert camera.codes.texts == (("SF1234567890123", "Code128"),)
        camera.watch_codes(wanted=False)
        assert camera.codes.codes == ()
        camera.watch_codes(wanted=True)
        eventually(lambda: camera.codes.codes)
        path.rename(tmp_path / "unplugged.avi")
        eventually(lambda: camera.trouble)
        assert camera.codes.codes == ()
        (tmp_path / "unplugged.avi").rename(path)
        eventually(lambda: camera.codes.codes)


@pytest.mark.slow
def test_codes_are_watched_for_again_after_the_process_was_killed(tmp_path):
    path = showing(tmp_path / "x.avi", photographed(label("SF1234567890123", "Code128", 3), Shot(size=(1280, 720)), 3))
    with opened(path) as camera:
        camera.watch_codes(wanted=True)
        eventually(lambda: camera.codes.codes)
        (child,) = children_named("camera")
        child.kill()
        eventually(lambda: not camera.codes.codes)
        eventually(lambda: camera.codes.codes)


@pytest.mark.slow
def test_a_picture_that_does_not_change_at_all_is_told_and_no_longer_shown(tmp_path):
    still = np.full((240, 320, 3), 90, np.uint8)
    still[60:120] = 200
    path = tmp_path / "x.avi"
    writer = cv2.VideoWriter(str(path), cv2.CAP_OPENCV_MJPEG, cv2.VideoWriter.fourcc(*"MJPG"), 25.0, (320, 240))
    for _ in range(5):
        writer.write(still)
    writer.release()
    source = CameraSource(CameraPlan(path, retry_s=0.2, frozen_s=1.0), SystemClock())
    source.open()
    try:
        eventually(source.latest)
        assert eventually(lambda: source.trouble).code is CameraCode.FROZEN
        assert (source.latest(), source.codes.codes) == (None, ())
        path.unlink()
        film(path)
        eventually(source.latest)
        assert source.trouble is None
    finally:
        source.close()


def test_frozen_is_what_stays_the_same_to_the_last_bit_for_too_long():
    chance = np.random.default_rng(5)
    still = chance.integers(0, 255, (90, 160, 3), np.uint8)
    gate = FreezeGate(1000)
    assert [gate.is_frozen(still, ms) for ms in (0, 500, 999, 1000, 1500)] == [False, False, False, True, True]
    assert not gate.is_frozen(still + 1, 2000)
    gate.is_frozen(still, 3000)
    gate.forget()
    assert not gate.is_frozen(still, 9000)


def test_a_covered_lens_is_not_frozen_and_a_film_never_is():
    black, still = np.full((90, 160, 3), 3, np.uint8), np.arange(90 * 160 * 3, dtype=np.uint8).reshape(90, 160, 3)
    assert not any(FreezeGate(1000).is_frozen(black, ms) for ms in (0, 5000, 9000))
    gate = FreezeGate(CameraPlan(Path("x.avi")).frozen_ms)
    assert not any(gate.is_frozen(still, ms) for ms in (0, 50_000, 900_000))
    assert CameraPlan(0).frozen_ms == CameraPlan(Camera(0, "x")).frozen_ms == 5000


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


def plugged(listing: Path, number: int, name: str, place: str, role: str = "0") -> None:
    """A camera in a made-up listing, as the kernel shows one."""
    node = listing / f"video{number}"
    node.mkdir(parents=True)
    (node / "index").write_text(role + "\n", encoding="utf-8")
    (node / "name").write_text(name + "\n", encoding="utf-8")
    (node / "device").symlink_to(f"../../../{place}")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux names cameras")
def test_cameras_have_the_names_the_system_gives_them(tmp_path):
    plugged(tmp_path, 0, "HD WebCam", "1-1:1.0")
    plugged(tmp_path, 1, "HD WebCam", "1-1:1.0", role="1")
    plugged(tmp_path, 10, "高拍仪", "1-2:1.0")
    (tmp_path / "v4l-touch0").mkdir()
    (tmp_path / "video2").mkdir()
    assert cameras(tmp_path) == (Camera(0, "HD WebCam", "1-1:1.0"), Camera(2), Camera(10, "高拍仪", "1-2:1.0"))
    assert cameras(tmp_path / "none") == ()
    assert [each.called for each in cameras(tmp_path)] == ["HD WebCam", "摄像头 2", "高拍仪"]


def test_a_camera_is_known_again_by_name_and_place_whatever_its_number():
    here, there, other = Camera(0, "高拍仪", "1-1"), Camera(2, "高拍仪", "1-2"), Camera(4, "WebCam", "1-3")
    assert find_camera([here, there, other], Camera(9, "高拍仪", "1-2")) is there
    assert find_camera([other, here], Camera(9, "高拍仪", "2-2")) is here  # plugged in elsewhere
    assert find_camera([other], Camera(4, "高拍仪", "1-3")) is None
    assert find_camera([], here) is None


def test_a_camera_without_a_name_is_known_by_its_number_only():
    assert find_camera([Camera(0), Camera(1)], Camera(1)) == Camera(1)
    assert find_camera([Camera(1, "WebCam")], Camera(1)) is None


def test_the_remembered_camera_is_offered_first_even_while_it_is_away():
    one, two = Camera(0, "WebCam", "1-1"), Camera(2, "高拍仪", "1-2")
    assert remembered_first([one, two], None) == (one, two)
    assert remembered_first([one, two], Camera(7, "高拍仪", "1-2")) == (two, one)
    away = Camera(2, "away", "1-9")
    assert remembered_first([one, two], away) == (away, one, two)


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux names cameras")
def test_an_unplugged_camera_is_found_again_under_another_number(tmp_path):
    listing, nodes = tmp_path / "listing", tmp_path / "nodes"
    nodes.mkdir()
    plugged(listing, 0, "高拍仪", "1-2:1.0")
    film(nodes / "video0")
    plan = CameraPlan(Camera(0, "高拍仪", "1-2:1.0"), retry_s=0.1, listing=listing, nodes=nodes)
    source = CameraSource(plan, SystemClock())
    source.open()
    try:
        assert eventually(source.latest).label == source.name == "高拍仪"
        shutil.rmtree(listing / "video0")
        (nodes / "video0").rename(nodes / "away")
        assert eventually(lambda: source.trouble).code is CameraCode.LOST
        plugged(listing, 0, "another", "1-3:1.0")  # its number is somebody else's now
        film(nodes / "video0", (160, 120))
        plugged(listing, 3, "高拍仪", "1-2:1.0")
        (nodes / "away").rename(nodes / "video3")
        assert eventually(source.latest).width == 320
        assert source.trouble is None
    finally:
        source.close()


# ---- a good still ----------------------------------------------------------------------------------------------------------------------


def card(moved: int = 0, blur: float = 0, gain: float = 1.0) -> np.ndarray:
    """A made-up card with print on it, on a table, 1920 × 1080."""
    picture = np.full((1080, 1920, 3), 120, np.uint8)
    cv2.rectangle(picture, (400 + moved, 200), (1500 + moved, 880), (215, 210, 205), -1)
    for line in range(8):
        cv2.putText(picture, "SAMPLE 0123456789", (440 + moved, 290 + 75 * line), cv2.FONT_HERSHEY_SIMPLEX, 2.2, (60, 60, 60), 5)
    if blur:
        picture = cv2.GaussianBlur(picture, (0, 0), blur)
    return np.clip(picture.astype(np.float32) * gain, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("picture", "steady", "faults"),
    [
        (card, True, ()),
        (card, False, (StillCode.MOVING,)),
        (partial(card, blur=14), True, (QualityReason.BLURRED,)),
        (partial(card, gain=0.15), True, (QualityReason.DARK,)),
        (partial(card, gain=1.3), True, (QualityReason.BRIGHT, QualityReason.CLIPPED)),
        (partial(np.full, (1080, 1920, 3), 255, np.uint8), True, (QualityReason.BRIGHT, QualityReason.CLIPPED, QualityReason.BLURRED)),
        (partial(np.zeros, (32, 32, 3), np.uint8), False, (StillCode.MOVING, QualityReason.DARK)),
    ],
)
def test_what_keeps_a_frame_from_being_a_still_is_told_the_worst_first(picture, steady, faults):
    assert faults_of(picture(), steady=steady) == faults


def test_a_frame_is_steady_when_it_shows_what_the_one_before_showed():
    gate, noise = StillGate(), np.random.default_rng(1)

    def noisy(picture):
        return np.clip(picture + 8 * noise.standard_normal(picture.shape, np.float32), 0, 255).astype(np.uint8)

    assert [gate.is_steady(noisy(card(moved))) for moved in (0, 0, 60, 120, 120, 121)] == [False, True, False, False, True, True]
    gate.forget()
    assert not gate.is_steady(card(121))


def test_what_moves_at_the_edge_does_not_matter():
    gate = StillGate()
    gate.is_steady(card())
    with_hand = card()
    with_hand[:, :200] = 30
    assert gate.is_steady(with_hand)


def carded(path: Path, places: list[int], blur: float = 0) -> Path:
    """A film of a card at these places, one after the other."""
    writer = cv2.VideoWriter(str(path), cv2.CAP_OPENCV_MJPEG, cv2.VideoWriter.fourcc(*"MJPG"), 25.0, (1920, 1080))
    for place in places:
        writer.write(card(place, blur))
    writer.release()
    return path


@pytest.mark.slow
def test_a_still_waits_until_the_card_lies_still(tmp_path):
    places = [30 * step for step in range(8)] + [240] * 8
    with opened(carded(tmp_path / "x.avi", places)) as camera:
        eventually(camera.latest)
        for _ in range(2):
            still = camera.still()
            assert still.faults == ()
            with Image.open(BytesIO(still.data)) as picture:
                row = np.asarray(picture.convert("L"))[540]
            assert abs(int(np.argmax(row > 170)) - 640) < 20  # the card's left edge where it rests


@pytest.mark.slow
@pytest.mark.parametrize(
    ("places", "blur", "fault"), [([40 * step for step in range(12)], 0, StillCode.MOVING), ([0] * 6, 14, QualityReason.BLURRED)]
)
def test_a_still_that_never_gets_good_tells_why(tmp_path, places, blur, fault):
    with opened(carded(tmp_path / "x.avi", places, blur)) as camera:
        eventually(camera.latest)
        still = camera.still()
        assert still.faults == (fault,)
        assert len(still.data) > 10_000


@pytest.mark.parametrize("code", StillCode)
def test_every_fault_of_a_still_has_a_sentence(code):
    assert set(json.loads(read_resource("wording/devices.json"))[code.value]) == {"zh", "en"}


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
