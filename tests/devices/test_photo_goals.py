"""What `python -m benchmarks inspection` measures of evidence photos beside times, held to its goals on a part of the same made-up set."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from benchmarks.photos import Looked, auc, looked_at, made, with_documents
from courier_check.devices.evidence_photos import LARGEST_BYTES, evidence_photo
from courier_check.devices.ocr import TextReader
from courier_check.devices.opencv import cv2
from courier_check.devices.photo_quality import PhotoGate
from courier_check.devices.pictures import GivenPicture
from courier_check.devices.seen_documents import shows_document
from courier_check.identity.printed import PrintedLine
from tools.samples.parcels import Spoilt

if TYPE_CHECKING:
    from courier_check.devices.pictures import Picture

pytestmark = pytest.mark.slow

A_KIND, LEAST_AUC = 8, 0.95
DOCUMENTS, LEAST_FOUND, ALONE = 12, 0.95, 4


class Blank:
    """A text reader that finds nothing to read."""

    def read(self, picture: Picture) -> tuple[PrintedLine, ...]:  # noqa: ARG002 - as the real one is called
        return ()


@pytest.fixture(scope="module")
def looked() -> list[Looked]:
    return looked_at(A_KIND, "reported")


@pytest.mark.parametrize(
    "kinds",
    [(Spoilt.OUT_OF_FOCUS, Spoilt.MOVED), (Spoilt.DARK,), (Spoilt.WASHED_OUT,), tuple(Spoilt)],
    ids=["blurred", "dark", "clipped", "all"],
)
def test_spoilt_photos_are_told_from_good_ones(looked: list[Looked], kinds: tuple[Spoilt, ...]) -> None:
    gate = PhotoGate()
    good = [gate.margin(each.quality) for each in looked if each.spoilt is None]
    bad = [gate.margin(each.quality) for each in looked if each.spoilt in kinds]
    assert auc(good, bad) >= LEAST_AUC


def test_documents_that_lie_on_parcels_are_found(ocr: TextReader) -> None:
    found = sum(shows_document(frame, ocr) for frame in with_documents(DOCUMENTS))
    assert found >= LEAST_FOUND * DOCUMENTS


def test_parcels_alone_are_no_documents(ocr: TextReader) -> None:
    assert [place for place, frame in enumerate(made(ALONE, None, "alone")) if shows_document(frame, ocr)] == []


@pytest.mark.parametrize(("count", "place"), [(8, 3), (20, 8)])
def test_a_document_in_dim_light_is_found(ocr: TextReader, count: int, place: int) -> None:
    """Grey print on grey: text was found in neither until the greys were spread."""
    assert shows_document(next(itertools.islice(with_documents(count), place, None)), ocr)


def test_a_photo_is_kept_in_200_kb_however_large_it_was() -> None:
    for frame in made(3, None, "kept"):
        for picture in (frame, cv2.resize(frame, (8000, 6000))):
            data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()
            assert len(evidence_photo(GivenPicture("photo", data), Blank()).data) <= LARGEST_BYTES <= 200_000
