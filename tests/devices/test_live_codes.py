"""Codes under a live camera: agreement over sequences of frames, and the thread that never queues."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.devices.codes import VisionCode
from courier_check.devices.decoders import Engine, Engines, Read
from courier_check.devices.live_codes import MEMORY_MS, CodeReading, CodeWatch, FrameReader
from support.processes import eventually
from tools.samples.coded import Shot, label, photographed

SIZE = (1920, 1080)
PLACE = ((100, 100), (500, 100), (500, 160), (100, 160))
BESIDE = ((100, 600), (500, 600), (500, 660), (100, 660))
FRAME_MS = 33


def read(text: str, symbology: str = "Code128", position=PLACE) -> Read:
    return Read(text, symbology, position, Engine.ZXING)


def watched(*frames: tuple[Read, ...]):
    """What counts after each frame."""
    watch = CodeWatch()
    return [[code.text for code in watch.frame(reads, SIZE, number * FRAME_MS)] for number, reads in enumerate(frames)]


def test_a_code_counts_when_a_second_frame_agrees():
    assert watched((read("SF1"),), (), (read("SF1"),), ()) == [[], [], ["SF1"], ["SF1"]]


def test_a_misread_of_one_frame_never_counts():
    right, wrong = read("786981029386773"), read("786981029386771503")
    assert watched((right,), (wrong,), (right,), (right,))[-1] == ["786981029386773"]


def test_readings_of_one_place_that_differ_as_often_leave_none():
    assert watched(*[(read("SF1"),), (read("SF7"),)] * 3)[-1] == []


@pytest.mark.parametrize("symbology", ["ITF", "Code39", "EAN8", "UPCE"])
def test_little_or_no_check_takes_three_frames(symbology):
    assert watched(*[(read("12345670", symbology),)] * 3) == [[], [], ["12345670"]]


def test_an_interleaved_code_that_slides_into_view_is_not_taken_for_its_part():
    part, whole = read("1234567890", "ITF"), read("12345678901234", "ITF", BESIDE)
    assert watched(*[(part,)] * 2, *[(whole,)] * 6)[-1] == ["12345678901234"]


def test_a_code_that_is_taken_away_is_forgotten():
    watch = CodeWatch()
    for number in range(3):
        watch.frame((read("SF1"),), SIZE, number * FRAME_MS)
    assert [code.text for code in watch.frame((), SIZE, MEMORY_MS)] == ["SF1"]
    assert watch.frame((), SIZE, MEMORY_MS + 3 * FRAME_MS) == ()


def test_codes_keep_the_order_they_were_first_seen_in():
    first, second = read("SF1"), read("YT2", position=BESIDE)
    assert watched((first,), (second, first), (second, first), (second,))[-1] == ["SF1", "YT2"]


def test_a_second_copy_in_the_same_frame_is_no_second_frame():
    assert watched((read("SF1"), read("SF1", position=BESIDE))) == [[]]


def test_it_is_told_where_a_code_lies_and_how_many_frames_agree():
    watch = CodeWatch()
    for number in range(3):
        (*_, code) = (None, *watch.frame((read("SF1"),), SIZE, number * FRAME_MS))
    assert (code.frames, code.outline[0], code.outline[2]) == (3, (100 / 1920, 100 / 1080), (500 / 1920, 160 / 1080))


reads = st.builds(read, st.text("12AB", min_size=1, max_size=8), st.sampled_from(["Code128", "ITF", "Code39", "QRCode", "EAN8"]))


@given(st.lists(st.lists(reads, max_size=4), max_size=12))
def test_whatever_counts_was_read_in_two_frames_at_least(frames):
    watch = CodeWatch()
    for number, found in enumerate(frames):
        for code in watch.frame(found, SIZE, number * FRAME_MS):
            agreeing = [each for each in frames[: number + 1] if any((r.symbology, r.text) == (code.symbology, code.text) for r in each)]
            assert len(agreeing) >= 2


# ---- frames -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("symbology", "text", "shot"),
    [
        ("Code128", "SF1234567890123", Shot(module_px=2.5)),
        ("Code128", "SF1234567890123", Shot(module_px=2.5, tilt=40)),
        ("Code128", "SF1234567890123", Shot(module_px=2.5, tilt=40, gain=0.3)),
        ("DataMatrix", "SF1234567890123", Shot(module_px=5)),
        ("PDF417", "SF1234567890123", Shot(module_px=4)),
        ("QRCode", "SF1234567890123", Shot(module_px=5, tilt=30)),
    ],
)
def test_a_label_counts_within_a_dozen_frames(symbology, text, shot):
    frame = photographed(label(text, symbology, 3), shot, 3)
    reader, watch = FrameReader(Engines.loaded()), CodeWatch()
    seen = [watch.frame(reader.read(frame), SIZE, number * FRAME_MS) for number in range(12)]
    assert [(code.symbology, code.text) for code in seen[-1]] == [(symbology, text)]


def test_a_frame_of_a_large_camera_is_told_in_its_own_pixels():
    frame = np.full((2160, 3840, 3), 235, np.uint8)
    frame[1080:, 1920:] = photographed(label("SF1234567890123", "Code128", 3), Shot(module_px=4), 3)
    (found,) = {read.text: read for read in FrameReader(Engines.loaded()).read(frame)}.values()
    assert all(1920 <= x <= 3840 and 1080 <= y <= 2160 for x, y in found.position)


def test_frames_are_dropped_and_never_queued():
    class Slow:
        """A reader that takes as long as the test wants."""

        def __init__(self) -> None:
            self.free, self.taken = threading.Event(), []

        def read(self, frame):
            self.taken.append(int(frame[0, 0, 0]))
            self.free.wait(20)
            return ()

    slow = Slow()
    reading = CodeReading(lambda: slow)
    reading.offer(np.full((9, 9, 3), 0, np.uint8), 0)
    eventually(lambda: slow.taken)
    for number in range(1, 50):
        reading.offer(np.full((9, 9, 3), number, np.uint8), number)
    slow.free.set()
    eventually(lambda: len(slow.taken) == 2)
    reading.close()
    assert slow.taken == [0, 49]


def test_codes_are_told_once_until_they_change():
    frame = photographed(label("SF1234567890123", "Code128", 3), Shot(size=(800, 600), module_px=3), 3)
    reading = CodeReading()
    told = []
    number = 0
    while not told:
        reading.offer(frame, number)
        number += 1
        told += [news for news in [reading.news()] if news is not None]
        threading.Event().wait(0.005)
        assert number < 4000
    assert told[0].texts == (("SF1234567890123", "Code128"),)
    for more in range(20):
        reading.offer(frame, number + more)
    assert reading.news() is None
    reading.close()


def test_without_a_decoder_the_remedy_is_told(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "zxingcpp", None)
    reading = CodeReading()
    assert eventually(reading.news).told.code is VisionCode.DECODER_UNAVAILABLE
    reading.close()


def test_a_fault_of_ours_reaches_who_offers_frames():
    reading = CodeReading()
    reading.offer(np.zeros((3,), np.uint8), 0)

    def told() -> bool:
        try:
            reading.news()
        except Exception:  # noqa: BLE001 - whatever the fault was
            return True
        return False

    assert eventually(told)
    reading.close()
