"""Sources of pictures from files: sizes from headers, and a folder whose old pictures are never taken for a new customer's."""

from __future__ import annotations

import os
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from courier_check.devices.codes import PictureCode
from courier_check.devices.frames import FolderSource, StillSource, encoded_frame, picture_size
from courier_check.errors import DeviceError, UserError
from support.processes import Stopwatch, eventually

EVERY_S = 0.02


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 48), colour: str = "white", **options) -> bytes:
    written = BytesIO()
    Image.new("RGB", size, colour).save(written, kind, **options)
    return written.getvalue()


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "高拍仪"
    made.mkdir()
    return made


@pytest.fixture
def source(folder, clock):
    made = FolderSource(folder, clock, every_s=EVERY_S)
    yield made
    made.close()


# ---- sizes -----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"comment": b"x" * 300}, {"exif": b"Exif\x00\x00" + b"\xff" * 50}])
def test_the_size_of_a_jpeg_is_in_its_header(options):
    assert picture_size(picture("JPEG", (301, 77), **options)) == (301, 77)


@given(st.integers(1, 300), st.integers(1, 300), st.sampled_from(["JPEG", "PNG"]))
def test_sizes_are_read_from_headers(width, height, kind):
    assert picture_size(picture(kind, (width, height))) == (width, height)


@given(st.binary(max_size=60), st.sampled_from([b"", b"\xff\xd8", b"\xff\xd8\xff\xc0", b"\x89PNG\r\n\x1a\n"]))
def test_any_bytes_have_a_size_or_none(data, start):
    width, height = picture_size(start + data)
    assert width >= 0
    assert height >= 0


@pytest.mark.parametrize("kind", ["BMP", "GIF", "WEBP"])
def test_other_kinds_have_no_size_here(kind):
    assert encoded_frame(picture(kind), "x", 1).width == 0


def test_a_frame_does_not_show_its_picture_in_logs():
    assert "data" not in repr(encoded_frame(picture(), "x", 1))


# ---- one file --------------------------------------------------------------------------------------------------------------------------


def test_a_chosen_picture_is_shown_until_closed(folder, clock):
    path = folder / "身份证.jpg"
    path.write_bytes(picture(size=(90, 60)))
    source = StillSource(path, clock)
    assert source.latest() is None
    source.open()
    frame = source.latest()
    assert frame is source.still()
    assert (frame.width, frame.height, frame.data, frame.label, source.name) == (90, 60, path.read_bytes(), "身份证.jpg", "身份证.jpg")
    source.close()
    assert (source.latest(), source.still()) == (None, None)


def test_a_chosen_picture_that_is_not_there_is_told(folder, clock):
    source = StillSource(folder / "x.jpg", clock)
    source.open()
    assert isinstance(source.trouble, UserError)
    assert (source.trouble.code, source.latest()) == (PictureCode.MISSING, None)
    (folder / "x.jpg").write_bytes(picture())
    source.open()
    assert source.trouble is None
    assert source.latest() is not None


# ---- a folder --------------------------------------------------------------------------------------------------------------------------


def test_a_folder_shows_each_new_picture(source, folder):
    source.open()
    for number, colour in enumerate(("red", "green")):
        data = picture(colour=colour)
        (folder / f"{number}.JPG").write_bytes(data)
        frame = eventually(lambda data=data: (shown := source.latest()) and shown.data == data and shown)
        assert frame is source.latest()


def test_pictures_of_earlier_customers_are_not_shown(source, folder, clock):
    (folder / "old.jpg").write_bytes(picture(colour="red"))
    source.open()
    (folder / "notes.txt").write_text("x", encoding="utf-8")
    new = picture(colour="blue")
    (folder / "new.jpg").write_bytes(new)
    seen = set()
    eventually(lambda: (shown := source.latest()) and (seen.add(shown.label) or shown.data == new))
    assert seen == {"new.jpg"}
    source.open()
    assert source.latest() is None


def test_a_picture_saved_again_under_its_name_is_new(source, folder):
    (folder / "scan.jpg").write_bytes(picture(colour="red"))
    source.open()
    new = picture(size=(70, 50))
    (folder / "scan.jpg").write_bytes(new)
    assert eventually(source.latest).data == new


def test_a_drive_that_comes_up_late_brings_no_old_pictures(folder, clock):
    source = FolderSource(folder / "late", clock, every_s=EVERY_S)
    source.open()
    assert isinstance(source.trouble, DeviceError)
    assert source.trouble.code is PictureCode.FOLDER_MISSING
    (folder / "being-made").mkdir()
    (folder / "being-made" / "old.jpg").write_bytes(picture())
    (folder / "being-made").rename(folder / "late")
    eventually(lambda: source.trouble is None)
    new = picture(size=(80, 50))
    (folder / "late" / "new.jpg").write_bytes(new)
    assert eventually(source.latest).data == new
    source.close()


def test_a_picture_counts_once_it_is_wholly_written(source, folder):
    source.open()
    data = picture(size=(400, 300))
    growing = (folder / "x.jpg").open("wb")
    with growing:
        for place in range(0, len(data), 64):
            growing.write(data[place : place + 64])
            growing.flush()
            assert source.latest() is None or place == 0
    assert eventually(source.latest).data == data


def test_an_empty_picture_waits_and_a_huge_one_is_told(source, folder):
    source.open()
    (folder / "empty.jpg").write_bytes(b"")
    with (folder / "huge.jpg").open("wb") as huge:
        huge.truncate(50_000_000)
    told = eventually(lambda: source.trouble)
    assert (told.code, source.latest()) == (PictureCode.FILE_TOO_LARGE, None)


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "geteuid"), reason="folders are files nowhere else")
def test_a_file_in_place_of_the_folder_is_told(folder, clock):
    (folder / "file").write_bytes(b"x")
    source = FolderSource(folder / "file", clock, every_s=EVERY_S)
    source.open()
    assert source.trouble.code is PictureCode.FOLDER_MISSING
    source.close()
    assert source.trouble is None


def test_a_folder_closes_at_once(folder, clock):
    source = FolderSource(folder, clock, every_s=60)
    source.open()
    with Stopwatch() as taken:
        source.close()
    assert taken.s < 0.5
