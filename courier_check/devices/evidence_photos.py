"""凭证照片: any readable picture made into what is kept of it: looked at for documents, its quality told, and written anew as a JPEG of at
most 200 kB without what cameras and phones add (place, time, device)."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from courier_check.devices.codes import EvidenceCode
from courier_check.devices.photo_quality import PhotoFault, PhotoGate, photo_quality
from courier_check.devices.pictures import load_picture
from courier_check.devices.seen_documents import shows_document
from courier_check.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path

    from PIL.Image import Image

    from courier_check.devices.ocr import TextReader
    from courier_check.devices.pictures import GivenPicture

MEDIA_TYPE = "image/jpeg"
LARGEST_BYTES = 200_000
LONGEST_SIDE_PX = 1600
"""What is in a parcel can be told from it, and most photos stay within the bytes at a good quality."""
SMALL_PX = 240
_QUALITIES = (86, 78, 70, 62, 54)
_SHRINK = 0.82
_SMALL_QUALITY = 70


@dataclass(frozen=True, slots=True)
class EvidencePhoto:
    """A photo as it is kept, and `small`: the same as a JPEG no larger than a thumbnail. `faults`: why it should be taken again."""

    width: int
    height: int
    data: bytes = field(repr=False)
    small: bytes = field(repr=False)
    faults: tuple[PhotoFault, ...] = ()


def evidence_photo(source: Path | GivenPicture, ocr: TextReader) -> EvidencePhoto:
    """UserError for a bad file (as `load_picture`) and for a picture in which a document is found; DeviceError without OCR: a picture that
    nobody looked at is never kept."""
    from PIL import Image as Images

    picture = load_picture(source, longest_px=LONGEST_SIDE_PX)
    if shows_document(picture, ocr):
        raise UserError(EvidenceCode.DOCUMENT_SEEN, file=source.name)
    faults = PhotoGate().faults(photo_quality(picture))
    image = Images.fromarray(picture[:, :, ::-1].copy(), "RGB")
    small = image.copy()
    small.thumbnail((SMALL_PX, SMALL_PX))
    image, data = _within(image)
    return EvidencePhoto(image.width, image.height, data, _written(small, _SMALL_QUALITY), faults)


def _within(image: Image) -> tuple[Image, bytes]:
    """The picture written in at most `LARGEST_BYTES`: by quality first, then by size. 50 pixels of noise fit, so there is an end."""
    while True:
        for quality in _QUALITIES:
            data = _written(image, quality)
            if len(data) <= LARGEST_BYTES:
                return image, data
        image = image.resize((max(1, round(image.width * _SHRINK)), max(1, round(image.height * _SHRINK))))


def _written(image: Image, quality: int) -> bytes:
    written = io.BytesIO()
    image.save(written, "JPEG", quality=quality, optimize=True)
    return written.getvalue()
