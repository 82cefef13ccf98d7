"""Readings through the child process: the same values as in this process, every failure told, and nothing heavy in the window's process."""

from __future__ import annotations

import os
import pickle
import struct
import subprocess
import sys
import zlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from courier_check.desk.codes import DeskCode
from courier_check.desk.lists import ListFileError
from courier_check.devices.children import whereabouts
from courier_check.devices.codes import CameraCode, EvidenceCode, PictureCode, VisionCode
from courier_check.devices.documents import join_faces, read_resident_back, read_resident_front
from courier_check.devices.evidence_photos import LARGEST_BYTES
from courier_check.devices.reading import ReadingProcess, UnexpectedReadingError
from courier_check.devices.reading_child import PictureReader, Task, Work, answered
from courier_check.devices.waybill_pictures import read_waybill
from courier_check.errors import CourierCheckError, DeviceError, StoreError, Unavailable, UserError
from courier_check.identity.codes import IdentityCode
from courier_check.journal.codes import JournalCode, JournalError
from courier_check.parcel.carriers import Carriers, CarriersCode
from courier_check.screening.list_files import LineError
from courier_check.store.codes import StoreCode
from support.processes import Stopwatch, children_named

WAIT_S = 60
CODES = [*PictureCode, *VisionCode, *CameraCode, *CarriersCode, *DeskCode, *IdentityCode, *JournalCode, *StoreCode]


@pytest.fixture(scope="module")
def reading(carriers):
    with ReadingProcess(carriers) as process:
        yield process


def without_ms(value):
    return [getattr(value, name) for name in value.__slots__ if name != "ms"]


def png_header(width: int, height: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + chunk(b"IDAT", b"")


@pytest.mark.slow
def test_both_faces_read_as_in_this_process(reading, samples, ocr):
    front, back = samples / "id-wang-front.jpg", samples / "id-wang-back.jpg"
    there = reading.read_document(front.read_bytes(), back.read_bytes(), front_name="正面", back_name="背面").result(WAIT_S)
    here = join_faces(read_resident_front(front, ocr), read_resident_back(back, ocr))
    assert there.document.name == "王思远"
    assert without_ms(there) == without_ms(here)


@pytest.mark.slow
def test_a_single_face_is_read_whichever_it_is(reading, samples):
    front = reading.read_document((samples / "id-chen-front.jpg").read_bytes(), front_name="x").result(WAIT_S)
    back = reading.read_document_face((samples / "id-chen-back.jpg").read_bytes(), "x").result(WAIT_S)
    assert (front.document.name, back.document.issuer) == ("陈晓雯", "郑州市公安局中原分局")


@pytest.mark.slow
def test_a_label_reads_as_in_this_process(reading, samples, carriers, ocr):
    path = samples / "waybill-yt-chen.jpg"
    there = reading.read_waybill(path.read_bytes(), path.name, ("yto",)).result(WAIT_S)
    assert there.waybill == "YT9900000000028"
    assert without_ms(there) == without_ms(read_waybill(path, carriers, ("yto",), ocr))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", PictureCode.EMPTY),
        (b"no picture at all", PictureCode.NOT_A_PICTURE),
        (b"\xff\xd8\xff\xe0" + b"\x00" * 40, PictureCode.NOT_A_PICTURE),
        (png_header(8_000, 6_250), PictureCode.TRUNCATED),
        (png_header(9_000, 9_000), PictureCode.TOO_MANY_PIXELS),
        (b"\x00\x00\x00\x18ftypheic" + b"\x00" * 40, PictureCode.HEIC),
    ],
)
def test_what_is_no_usable_picture_is_told(reading, data, code):
    refused = [
        reading.read_document(data, front_name="图"),
        reading.read_document_face(data, "图"),
        reading.read_waybill(data, "图", ()),
        reading.make_jpeg(data, "图", longest_side_px=100),
        reading.make_evidence(data, "图"),
    ]
    told = [future.exception(WAIT_S) for future in refused]
    assert [(type(each), each.code) for each in told] == [(UserError, code)] * 5
    assert {each.facts["file"] for each in told} == {"图"}


def test_a_picture_becomes_a_small_upright_jpeg_without_its_notes(reading):
    notes = Image.Exif()
    notes[0x0112], notes[0x010F] = 6, "a phone"  # lying on its side; the maker
    written = BytesIO()
    Image.new("RGB", (400, 200), "red").save(written, "JPEG", exif=notes)
    jpeg = reading.make_jpeg(written.getvalue(), "x", longest_side_px=100).result(WAIT_S)
    assert (jpeg.width, jpeg.height) == (50, 100)
    with Image.open(BytesIO(jpeg.data)) as opened:
        assert (opened.format, opened.size, dict(opened.getexif())) == ("JPEG", (50, 100), {})


@pytest.mark.slow
def test_a_parcel_is_kept_as_evidence_and_a_card_is_not(reading, samples):
    photo = reading.make_evidence((samples / "contents-tea.jpg").read_bytes(), "x").result(WAIT_S)
    assert (photo.faults, len(photo.data) <= LARGEST_BYTES) == ((), True)
    assert Image.open(BytesIO(photo.small)).width <= 240
    told = reading.make_evidence((samples / "id-hard-sideways.jpg").read_bytes(), "x").exception(WAIT_S)
    assert (type(told), told.code) == (UserError, EvidenceCode.DOCUMENT_SEEN)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "getpriority"), reason="POSIX priorities")
def test_recognition_gives_way_to_the_window(carriers):
    with ReadingProcess(carriers) as process:
        others = children_named("reading")
        process.start().result(WAIT_S)
        (child,) = children_named("reading") - others
        assert os.getpriority(os.PRIO_PROCESS, child.pid) > os.getpriority(os.PRIO_PROCESS, 0)


@pytest.mark.slow
def test_a_child_that_was_killed_is_told_and_replaced(carriers, samples):
    front = (samples / "id-wang-front.jpg").read_bytes()
    with ReadingProcess(carriers) as process:
        others = children_named("reading")
        process.start().result(WAIT_S)
        (child,) = children_named("reading") - others
        lost = process.read_document(front, front, front_name="x", back_name="y")
        child.kill()
        told = lost.exception(WAIT_S)
        assert isinstance(told, DeviceError)
        assert told.code is VisionCode.READER_STOPPED
        assert process.make_jpeg(front, "x", longest_side_px=64).result(WAIT_S).width == 64


@pytest.mark.slow
def test_a_child_that_does_not_answer_is_replaced(carriers, samples):
    with ReadingProcess(carriers, longest_s=0.05) as process:
        told = process.read_document_face((samples / "id-wang-front.jpg").read_bytes(), "x").exception(WAIT_S)
    assert told.code is VisionCode.READER_STOPPED


@pytest.mark.slow
def test_closing_is_prompt_while_pictures_are_read(carriers, samples):
    front = (samples / "id-wang-front.jpg").read_bytes()
    process = ReadingProcess(carriers)
    process.start().result(WAIT_S)
    asked = [process.read_document_face(front, "x") for _ in range(5)]
    with Stopwatch() as taken:
        process.close()
    assert taken.s < 1
    assert {future.exception(0).code for future in asked} == {VisionCode.READER_STOPPED}


def test_closed_it_refuses_and_closes_again(carriers):
    process = ReadingProcess(carriers)
    process.close()
    process.close()
    assert process.start().exception(0).code is VisionCode.READER_STOPPED


class Blunder:
    """An OCR with a fault that speaks of what it read."""

    def read(self, _):
        raise ValueError("王思远 41010519900307123X")


def test_a_fault_of_ours_says_where_but_not_what_was_read(carriers):
    picture = BytesIO()
    Image.new("RGB", (96, 64), "white").save(picture, "PNG")
    answer = answered(PictureReader(Blunder(), carriers), Work(Task.WARM_UP))
    assert answer.where is not None
    assert answer.where.startswith("ValueError at test_reading.py:")
    assert "王" not in repr(answer)


def test_a_fault_of_ours_reaches_the_window(reading):
    failed = reading.make_jpeg(png_bytes(), "x", longest_side_px="wide")
    assert isinstance(failed.exception(WAIT_S), UnexpectedReadingError)
    assert reading.make_jpeg(png_bytes(), "x", longest_side_px=64).result(WAIT_S).height == 43


def png_bytes() -> bytes:
    written = BytesIO()
    Image.new("RGB", (96, 64), "white").save(written, "PNG")
    return written.getvalue()


def test_whereabouts_name_the_innermost_place():
    with pytest.raises(ZeroDivisionError) as told:
        whereabouts(1 / 0)  # type: ignore[arg-type]
    assert whereabouts(told.value).startswith("ZeroDivisionError at test_reading.py:")


WINDOW = """
import sys
from pathlib import Path
from courier_check.devices import camera, frames, scene
from courier_check.devices.reading import ReadingProcess
from courier_check.parcel.carriers import Carriers

if __name__ == "__main__":
    root = Path(sys.argv[1])
    with ReadingProcess(Carriers.parse((root / "carriers.json").read_bytes())) as reading:
        read = reading.read_document((root / "samples/id-wang-front.jpg").read_bytes(), front_name="x").result(60)
        label = reading.read_waybill((root / "samples/waybill-sf-wang.jpg").read_bytes(), "x", ("sf",)).result(60)
        print(read.document.name, label.waybill)
    print([name for name in ("numpy", "cv2", "PIL", "rapidocr", "onnxruntime", "zxingcpp", "pyzbar") if name in sys.modules])
"""


@pytest.mark.slow
def test_the_windows_process_loads_no_vision_library_and_nothing_is_printed_or_left(tmp_path, samples):
    program = tmp_path / "window.py"
    program.write_text(WINDOW, encoding="utf-8")
    elsewhere = tmp_path / "empty"
    elsewhere.mkdir()
    environment = os.environ | {
        "PYTHONPATH": str(samples.parents[1]),
        "TMPDIR": str(elsewhere),
        "HOME": str(elsewhere),
        "PYTHONIOENCODING": "utf-8",
    }
    run = subprocess.run(
        [sys.executable, program, samples.parent],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=elsewhere,
        env=environment,
        check=False,
    )
    assert (run.stdout, run.stderr, run.returncode) == ("王思远 SF1010000000015\n[]\n", "", 0)
    assert list(elsewhere.iterdir()) == []


# ---- errors travel ----------------------------------------------------------------------------------------------------------------------

facts = st.dictionaries(
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=8).filter(lambda name: name not in ("code", "self")),
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8"), max_size=20),
    max_size=4,
)


@given(st.sampled_from([CourierCheckError, UserError, DeviceError, StoreError, Unavailable, JournalError]), st.sampled_from(CODES), facts)
def test_errors_come_through_pickling_whole(kind, code, told):
    error = kind(code, **told)
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - of our own making
    assert (type(again), again.code, again.facts, again.args, str(again)) == (kind, code, told, error.args, str(error))
    assert again.code is code


def test_an_error_with_arguments_of_its_own_comes_through_too():
    error = ListFileError((LineError(3, "phone", "bad"),))
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - of our own making
    assert (again.code, again.facts, again.errors) == (error.code, error.facts, error.errors)


def test_carriers_travel(carriers):
    assert isinstance(pickle.loads(pickle.dumps(carriers)), Carriers)  # noqa: S301 - of our own making
