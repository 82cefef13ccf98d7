"""The sample ID pictures are read right, whichever way up, and pictures without an ID are told."""

from __future__ import annotations

from datetime import date

import pytest
from PIL import Image

from courier_check.devices.codes import PictureCode, VisionCode
from courier_check.devices.documents import join_faces, read_resident_back, read_resident_face, read_resident_front
from courier_check.errors import UserError
from courier_check.identity.documents import Source

pytestmark = pytest.mark.slow  # the models take seconds to load, and recognition a third of a second a picture

FRONT_FIELDS = ("name", "number", "sex", "nation", "born_on", "address")


@pytest.mark.parametrize("key", ["wang", "chen", "zhang", "zhao", "li", "liu", "zhou"])
def test_every_front_is_read_right_and_wholly(samples, people, ocr, key):
    reading = read_resident_front(samples / f"id-{key}-front.jpg", ocr)
    assert {field: reading.document.to_mapping()[field] for field in FRONT_FIELDS} == {field: people[key][field] for field in FRONT_FIELDS}
    assert reading.complete
    assert reading.document.source is Source.PICTURE


@pytest.mark.parametrize("key", ["li", "zhao", "wang", "chen", "zhang", "liu", "zhou"])
def test_backs_give_issuer_and_validity(samples, people, ocr, key):
    told = read_resident_back(samples / f"id-{key}-back.jpg", ocr).document.to_mapping()
    assert [told[field] for field in ("issuer", "valid_from", "valid_until")] == [
        people[key][field] for field in ("issuer", "valid_from", "valid_until")
    ]


@pytest.mark.parametrize("way", ["tilted", "upside-down", "sideways", "dark"])
def test_hard_pictures_are_read_too(samples, people, ocr, way):
    read = read_resident_front(samples / f"id-hard-{way}.jpg", ocr).document.to_mapping()
    assert [read[field] for field in FRONT_FIELDS] == [people["wang"][field] for field in FRONT_FIELDS]


def test_both_faces_join_to_the_expired_card(samples, ocr):
    front = read_resident_face(samples / "id-li-front.jpg", ocr)
    back = read_resident_face(samples / "id-li-back.jpg", ocr)
    joined = join_faces(front, back)
    assert (joined.document.name, joined.document.valid_until) == ("李若兰", date(2016, 5, 20))
    assert joined.complete


@pytest.mark.parametrize("size", [(96, 64), (9000, 64), (40, 900)])
def test_a_picture_without_an_id_is_told(tmp_path, ocr, size):
    path = tmp_path / "白纸.png"
    Image.new("RGB", size, "white").save(path)
    with pytest.raises(UserError) as told:
        read_resident_front(path, ocr)
    assert told.value.code is VisionCode.NO_DOCUMENT


def test_a_back_is_no_front(samples, ocr):
    with pytest.raises(UserError) as told:
        read_resident_front(samples / "id-wang-back.jpg", ocr)
    assert told.value.code is VisionCode.NO_DOCUMENT


def test_a_bad_file_is_told_before_the_reader_is_loaded(tmp_path, ocr):
    path = tmp_path / "空.jpg"
    path.write_bytes(b"")
    with pytest.raises(UserError) as told:
        read_resident_front(path, ocr)
    assert told.value.code is PictureCode.EMPTY
