"""Drawn documents of every kind are read, and what is wrong with a picture is told instead of guessed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from PIL import Image

from courier_check.desk.rules import shipped_references
from courier_check.devices.codes import VisionCode
from courier_check.devices.documents import DocumentReader
from courier_check.devices.opencv import cv2
from courier_check.devices.pictures import GivenPicture
from courier_check.errors import UserError
from courier_check.identity.documents import DocumentType, Source
from courier_check.identity.readings import Doubt, Field
from tools.samples import cards, crowd, documents
from tools.samples.levels import LEVELS, corners, taken
from tools.samples.truth import resident_number

pytestmark = pytest.mark.slow  # recognition takes a third of a second a picture

TODAY = date(2026, 11, 26)
ONE, OTHER = crowd.people(2, 3)
NEAR = replace(LEVELS[0], card_px=900)
NO_OCR_B = pytest.mark.skipif(not documents.OCR_B.exists(), reason="zones are drawn with Debian's fonts-ocr-b")


@pytest.fixture(scope="module")
def reader(ocr):
    return DocumentReader(ocr, shipped_references(), lambda: TODAY)


@pytest.fixture(scope="module")
def front():
    return taken(cards.front(ONE), LEVELS[0], "front")


def given(picture) -> GivenPicture:
    return GivenPicture("图.jpg", cv2.imencode(".jpg", np.ascontiguousarray(picture))[1].tobytes())


def side_by_side(*drawings) -> np.ndarray:
    return np.hstack([taken(drawing, NEAR, f"beside {place}", frame=(960, 700)) for place, drawing in enumerate(drawings)])


def made(kind: str) -> documents.Made:
    return next(one for one in documents.documents(1, 5) if one.kind == kind)


def told(reading) -> dict[str, str | None]:
    return reading.document.to_mapping()


@pytest.mark.parametrize("kind", ["hmt-residence", "fpr-2017", "fpr-2023"])
def test_cards_without_a_zone_are_read_wholly(reader, kind):
    card = made(kind)
    faces = [given(taken(face, LEVELS[0], kind)) for face in card.faces]
    reading = reader.read(faces[0]) if len(faces) == 1 else reader.read_both(*faces)
    assert {key: told(reading)[key] for key in card.told} == card.told
    assert reading.complete
    assert reading.document.source is Source.PICTURE


@NO_OCR_B
@pytest.mark.parametrize("kind", ["hm-permit", "tw-permit", "passport", "passport-chn"])
def test_documents_with_a_zone_are_read_wholly(reader, kind):
    document = made(kind)
    faces = [given(taken(face, LEVELS[0], kind)) for face in document.faces]
    reading = reader.read(faces[0]) if len(faces) == 1 else reader.read_both(*faces)
    assert {key: told(reading)[key] for key in document.told} == document.told
    assert reading.document.source is Source.MRZ
    assert reading.reading.source is Source.MRZ


@NO_OCR_B
def test_a_zone_alone_says_that_its_kind_is_from_memory(reader):
    reading = reader.read(given(taken(made("tw-permit").faces[1], LEVELS[0], "zone")))
    assert reading.document.type is DocumentType.TW_PERMIT
    assert "document-kind-unsure" in reading.warnings


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_whichever_way_up_the_outline_is_where_the_card_is(reader, front, quarters):
    reading = reader.read(given(np.rot90(front, quarters)))
    assert (reading.document.number, reading.document.name) == (ONE.number, ONE.name)
    turns = (lambda x, y: (x, y), lambda x, y: (y, 1 - x), lambda x, y: (1 - x, 1 - y), lambda x, y: (1 - y, x))
    for found, truth in zip(reading.outline, corners(cards.front(ONE), LEVELS[0], "front"), strict=True):
        assert found == pytest.approx(turns[quarters](*truth), abs=0.05)


def test_a_mirrored_picture_is_read_and_told(reader, front):
    reading = reader.read(given(front[:, ::-1]))
    assert reading.document.number == ONE.number
    assert "picture-mirrored" in reading.warnings
    assert not reading.complete


def test_two_cards_are_not_mixed_up_but_told(reader):
    with pytest.raises(UserError) as refused:
        reader.read(given(side_by_side(cards.front(ONE), cards.front(OTHER))))
    assert refused.value.code is VisionCode.SEVERAL_DOCUMENTS


def test_both_faces_in_one_picture_are_one_document(reader):
    reading = reader.read(given(side_by_side(cards.back(ONE), cards.front(ONE))))
    mapping = told(reading)
    assert {key: mapping[key] for key in ("name", "number", "address", "issuer", "valid_from", "valid_until")} == {
        key: getattr(ONE, key) for key in ("name", "number", "address", "issuer", "valid_from", "valid_until")
    }
    assert reading.complete


def test_the_half_without_the_number_is_told_as_half_a_card(reader, front):
    with pytest.raises(UserError) as refused:
        reader.read(given(front[: front.shape[0] // 2]))
    assert refused.value.code is VisionCode.HALF_DOCUMENT


def test_the_half_with_the_number_says_what_is_missing(reader, front):
    reading = reader.read(given(front[front.shape[0] // 2 :]))
    assert reading.document.number == ONE.number
    assert Field.NAME in reading.missing
    assert Doubt.UNREADABLE in reading.reading.doubts_about(Field.NAME)
    assert not reading.complete


def test_an_empty_desk_is_told(reader):
    with pytest.raises(UserError) as refused:
        reader.read(given(taken(cards.front(ONE), replace(LEVELS[0], card_px=4), "empty")))
    assert refused.value.code is VisionCode.NO_DOCUMENT


def test_fifty_megapixels_are_read_like_any_other(reader, front):
    reading = reader.read(given(cv2.resize(front, (9420, 5300))))
    assert (reading.document.number, reading.document.name) == (ONE.number, ONE.name)


@pytest.mark.parametrize("name", ["张䶮", "王㛃", "李𬎆", "李𬎆文"])
def test_a_rare_character_is_read_right_or_doubted(reader, name):
    reading = reader.read(given(taken(cards.front(replace(ONE, name=name)), LEVELS[0], name)))
    assert reading.document.name == name or Doubt.LOW_CONFIDENCE in reading.reading.doubts_about(Field.NAME)


def test_a_county_whose_name_is_misread_is_put_right_by_the_number(reader):
    number = resident_number("341226", ONE.born_on, "123")
    person = replace(ONE, number=number, sex="男", address="安徽省阜阳市颍上县人民路1号")
    assert reader.read(given(taken(cards.front(person), LEVELS[0], "颍"))).document.address == person.address


def test_a_birth_date_that_differs_from_the_number_is_doubted(reader):
    reading = reader.read(given(taken(cards.front(replace(ONE, born_on="1970-01-01")), LEVELS[0], "conflict")))
    assert Doubt.NUMBER_CONFLICT in reading.reading.doubts_about(Field.BORN_ON)
    assert Doubt.NUMBER_CONFLICT in reading.reading.doubts_about(Field.NUMBER)


def test_a_term_that_the_age_does_not_give_is_doubted(reader):
    odd = replace(ONE, valid_from="2020-01-01", valid_until="2027-01-01")
    faces = [given(taken(drawing, LEVELS[0], "term")) for drawing in (cards.back(odd), cards.front(odd))]
    reading = reader.read_both(*faces)  # whichever face comes first
    assert reading.document.number == ONE.number
    assert Doubt.TERM_UNLIKELY in reading.reading.doubts_about(Field.VALID_UNTIL)


def test_another_kind_than_the_clerk_said_is_told(reader, front):
    assert "document-kind-differs" in reader.read(given(front), DocumentType.HMT_RESIDENCE).warnings
    assert "document-kind-differs" not in reader.read(given(front), DocumentType.RESIDENT_ID).warnings


def test_a_large_picture_is_made_smaller_before_it_is_read(tmp_path):
    from courier_check.devices.pictures import load_picture

    for name in ("large.jpg", "large.png"):
        Image.new("RGB", (5000, 2500), "white").save(tmp_path / name)
        assert load_picture(tmp_path / name, longest_px=1000).shape == (500, 1000, 3)
        assert load_picture(tmp_path / name).shape == (2500, 5000, 3)
