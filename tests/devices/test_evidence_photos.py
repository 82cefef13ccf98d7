"""凭证照片: what is kept of any picture, and which pictures are not kept at all."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from courier_check.devices.codes import EvidenceCode, PictureCode
from courier_check.devices.evidence_photos import LARGEST_BYTES, LONGEST_SIDE_PX, SMALL_PX, evidence_photo
from courier_check.devices.ocr import TextReader
from courier_check.devices.photo_quality import PhotoFault, PhotoGate, PhotoQuality, photo_quality
from courier_check.devices.pictures import GivenPicture
from courier_check.devices.seen_documents import shows_document
from courier_check.errors import UserError
from courier_check.identity.printed import PrintedLine
from courier_check.store.resources import resource_path
from courier_check.wording import Language, Wording

if TYPE_CHECKING:
    from courier_check.devices.pictures import Picture

CONTENTS = resource_path("samples/contents-books.jpg")
NUMBER = "41010519900307123X"


@dataclass
class Printed:
    """A text reader that reads these lines in every picture."""

    texts: tuple[str, ...] = ()
    looks: int = 0

    def read(self, picture: Picture) -> tuple[PrintedLine, ...]:  # noqa: ARG002 - as the real one is called
        self.looks += 1
        boxes = [((10.0, 40.0 * row), (400.0, 40.0 * row), (400.0, 40.0 * row + 30), (10.0, 40.0 * row + 30)) for row in range(20)]
        return tuple(PrintedLine(text, 0.99, box) for text, box in zip(self.texts, boxes, strict=False))


def kept(image: Image.Image, kind: str = "PNG", **options: object) -> Image.Image:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return Image.open(io.BytesIO(evidence_photo(GivenPicture("photo", out.getvalue()), Printed()).data))


def sample() -> Image.Image:
    with Image.open(CONTENTS) as opened:
        return opened.convert("RGB")


def code_of(data: bytes, ocr: TextReader | None = None) -> str:
    with pytest.raises(UserError) as caught:
        evidence_photo(GivenPicture("photo.jpg", data), ocr or Printed())
    assert caught.value.facts["file"] == "photo.jpg"
    return caught.value.code.value


def noise(width: int, height: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8))


# What is kept -----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(640, 480), (4000, 3000), (300, 2400)])
def test_whatever_the_camera_gives_a_photo_is_kept_in_200_kb(size: tuple[int, int]) -> None:
    out = io.BytesIO()
    noise(*size).save(out, "JPEG", quality=95)
    photo = evidence_photo(GivenPicture("photo", out.getvalue()), Printed())
    assert len(photo.data) <= LARGEST_BYTES
    assert max(photo.width, photo.height) <= LONGEST_SIDE_PX
    assert abs(photo.width / photo.height - size[0] / size[1]) < 0.05 * size[0] / size[1]
    assert max(Image.open(io.BytesIO(photo.small)).size) <= SMALL_PX


def test_a_plain_photo_keeps_its_size_and_a_good_quality() -> None:
    photo = evidence_photo(CONTENTS, Printed())
    assert (photo.width, photo.height) == sample().size
    assert photo.faults == ()


def test_nothing_of_what_cameras_add_is_kept() -> None:
    exif = Image.Exif()
    exif[0x010F] = "样本相机"
    exif[0x8825] = {1: "N", 2: (34.0, 45.0, 0.0)}  # where it was taken
    exif[0x0112] = 6  # turned by a quarter
    out = io.BytesIO()
    sample().save(out, "JPEG", exif=exif, comment=b"taken by nobody")
    assert b"Exif" in out.getvalue()
    data = evidence_photo(GivenPicture("photo", out.getvalue()), Printed()).data
    assert not any(word in data for word in (b"Exif", b"GPS", b"nobody", "样本相机".encode()))
    written = Image.open(io.BytesIO(data))
    assert dict(written.getexif()) == {}
    assert written.size == sample().size[::-1]  # upright


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "BMP", "GIF", "WEBP", "TIFF"])
def test_every_format_that_is_read_is_kept_as_a_jpeg(kind: str) -> None:
    written = kept(sample().resize((500, 390)), kind)
    assert (written.format, written.mode, written.size) == ("JPEG", "RGB", (500, 390))


def test_cmyk_sixteen_bits_transparency_and_films_are_kept_as_they_look() -> None:
    grey = np.full((200, 300), 30_000, np.uint16)
    assert abs(int(np.median(np.asarray(kept(Image.fromarray(grey))))) - 30_000 // 256) <= 2  # not clipped to white
    red = Image.new("RGB", (300, 200), (200, 30, 30))
    for told in (kept(red.convert("CMYK"), "JPEG"), kept(red, "GIF", save_all=True, append_images=[Image.new("RGB", (300, 200))])):
        assert np.asarray(told)[100, 150, 0] > 150
        assert np.asarray(told)[100, 150, 2] < 90
    assert np.asarray(kept(Image.new("RGBA", (300, 200), (0, 0, 0, 0))))[100, 150].min() > 240


def test_a_picture_of_fifty_megapixels_is_kept() -> None:
    out = io.BytesIO()
    sample().resize((8660, 5774)).save(out, "JPEG", quality=70)
    photo = evidence_photo(GivenPicture("photo", out.getvalue()), Printed())
    assert (max(photo.width, photo.height), len(photo.data) <= LARGEST_BYTES) == (LONGEST_SIDE_PX, True)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"a letter, not a picture", PictureCode.NOT_A_PICTURE),
        (b"", PictureCode.EMPTY),
        (CONTENTS.read_bytes()[:3_000], PictureCode.TRUNCATED),
        (b"\x00\x00\x00\x18ftypheic" + bytes(100), PictureCode.HEIC),
    ],
)
def test_what_is_no_picture_says_so(data: bytes, code: PictureCode) -> None:
    assert code_of(data) == code


@given(cut=st.integers(1, 20_000), flipped=st.integers(0, 20_000))
def test_damaged_pictures_are_kept_or_refused_never_a_fault_of_ours(cut: int, flipped: int) -> None:
    data = bytearray(SMALL[:cut])
    if flipped < len(data):
        data[flipped] ^= 0x5A
    try:
        photo = evidence_photo(GivenPicture("photo", bytes(data)), Printed())
    except UserError:
        return
    assert len(photo.data) <= LARGEST_BYTES


def _small() -> bytes:
    out = io.BytesIO()
    sample().resize((160, 120)).save(out, "JPEG")
    return out.getvalue()


SMALL = _small()

# Documents --------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "texts",
    [
        (f"公民身份号码{NUMBER}",),
        (NUMBER,),
        ("姓名 王样例", "性别 男 民族 汉"),
        ("中华人民共和国", "居民身份证", "签发机关 样本市公安局"),
        ("P<CHNWANG<<YANGLI<<<<<<<<<<<<<<<<<<<<<<<<<<<",),
        ("港澳居民来往内地通行证",),
        ("台湾据民来往大场通行证",),  # as small print is read
        ("2018.07.26-2028.07.26", "国家移民管理局"),
    ],
)
def test_a_picture_that_shows_a_document_is_not_kept(texts: tuple[str, ...]) -> None:
    assert code_of(CONTENTS.read_bytes(), Printed(texts)) == EvidenceCode.DOCUMENT_SEEN


@pytest.mark.parametrize(
    "texts",
    [
        ("收 诸葛样例 139****5678", "寄 样本 138****1234", "SF1010000000015"),
        ("410105199003071231",),  # the check digit does not hold
        ("410105900307123",),  # fifteen digits, as waybills have
        ("生产日期 2026.03.01", "保质期 12个月", "净含量 500ml"),
    ],
)
def test_labels_and_packages_are_no_documents(texts: tuple[str, ...]) -> None:
    assert evidence_photo(CONTENTS, Printed(texts)).data


def test_a_card_in_the_picture_is_looked_at_closer() -> None:
    plain, carded = Printed(), Printed()
    desk = np.full((900, 1200, 3), 90, np.uint8)
    shows_document(desk, plain)
    with_card = desk.copy()
    with_card[300:540, 400:780] = 235  # 1.58 : 1
    shows_document(with_card, carded)
    assert (plain.looks, carded.looks) == (2, 3)  # as it is, on its side, and the card


@pytest.mark.slow
def test_sample_documents_are_seen_and_sample_parcels_are_not(ocr: TextReader, samples: Path) -> None:
    cards = sorted(samples.glob("id-*.jpg"))
    others = sorted((*samples.glob("contents-*.jpg"), samples / "waybill-sf-wang.jpg", samples / "waybill-yt-chen.jpg"))
    assert [path.name for path in cards if not _is_refused(path, ocr)] == []
    assert [path.name for path in others if _is_refused(path, ocr)] == []


def _is_refused(path: Path, ocr: TextReader) -> bool:
    try:
        evidence_photo(path, ocr)
    except UserError as error:
        return error.code is EvidenceCode.DOCUMENT_SEEN
    return False


# How good it is ---------------------------------------------------------------------------------------------------------------------------


def faults(image: Image.Image) -> tuple[PhotoFault, ...]:
    out = io.BytesIO()
    image.save(out, "PNG")
    return evidence_photo(GivenPicture("photo", out.getvalue()), Printed()).faults


@pytest.mark.parametrize("name", ["books", "clothes", "lighter", "tea"])
def test_sample_photos_are_good_and_spoilt_they_are_not(samples: Path, name: str) -> None:
    with Image.open(samples / f"contents-{name}.jpg") as opened:
        good = opened.convert("RGB")
    assert faults(good) == ()
    assert faults(good.filter(ImageFilter.GaussianBlur(9))) == (PhotoFault.BLURRED,)
    assert faults(good.point(lambda grey: grey * 0.15)) == (PhotoFault.DARK,)
    assert faults(good.point(lambda grey: min(255, grey * 4))) == (PhotoFault.CLIPPED,)


def test_a_few_sharp_edges_are_sharp_and_those_along_a_movement_are_not() -> None:
    """A plain sealed carton with one label, of little contrast; what moved has its edges along the way as steep as ever."""
    plain = np.full((1080, 1920, 3), 120, np.uint8)
    plain[230:850, 400:1520] = 150
    plain[400:700, 700:1200] = 190
    moved = np.mean([np.roll(plain, shift, axis=1) for shift in range(45)], axis=0).astype(np.uint8)
    gate = PhotoGate()
    assert gate.faults(photo_quality(plain)) == ()
    assert gate.faults(photo_quality(moved)) == (PhotoFault.BLURRED,)
    assert gate.faults(photo_quality(np.full((1080, 1920, 3), 150, np.uint8))) == (PhotoFault.BLURRED,)


def test_every_fault_has_a_sentence_in_both_languages() -> None:
    for language in Language:
        said = {Wording(language).of(fault) for fault in PhotoFault}
        assert len(said) == len(PhotoFault)
        assert not any(fault.value in said for fault in PhotoFault)


@given(sharpness=st.floats(0, 500), lit=st.floats(0, 255), washed=st.floats(0, 1))
def test_the_margin_is_below_nothing_exactly_where_something_is_wrong(sharpness: float, lit: float, washed: float) -> None:
    gate, found = PhotoGate(), PhotoQuality(sharpness, lit, washed)
    near = abs(sharpness - gate.least_sharpness) <= 1 or abs(lit - gate.least_lit) <= 1 or abs(washed - gate.most_washed) < 1e-6
    if not near:
        assert (gate.margin(found) < 0) is bool(gate.faults(found))
