"""居民身份证 from a picture: the front, the back, or whichever is shown."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from courier_check.devices.codes import VisionCode
from courier_check.devices.ocr import TextReader
from courier_check.devices.pictures import load_picture
from courier_check.errors import UserError
from courier_check.identity.documents import IdentityDocument
from courier_check.identity.printed import PrintedLine, PrintedReading, parse_resident_back, parse_resident_front

if TYPE_CHECKING:
    from courier_check.devices.pictures import GivenPicture, Picture


@dataclass(frozen=True, slots=True)
class DocumentReading:
    """What a picture of a document gave. `complete`: every field of that face was read from print; `warnings` name what to look at."""

    document: IdentityDocument
    complete: bool
    warnings: tuple[str, ...]
    ms: int


Face = Callable[[Sequence[PrintedLine]], PrintedReading | None]


def read_resident_front(source: Path | GivenPicture, ocr: TextReader) -> DocumentReading:
    """The front, in any orientation. UserError for a bad file or a picture without an ID number; DeviceError without OCR."""
    return _read(source, ocr, parse_resident_front)


def read_resident_back(source: Path | GivenPicture, ocr: TextReader) -> DocumentReading:
    """The back: issuer and validity. UserError and DeviceError as for the front."""
    return _read(source, ocr, parse_resident_back)


def read_resident_face(source: Path | GivenPicture, ocr: TextReader) -> DocumentReading:
    """Whichever face the picture shows."""
    return _read(source, ocr, lambda lines: parse_resident_front(lines) or parse_resident_back(lines))


def join_faces(front: DocumentReading, back: DocumentReading) -> DocumentReading:
    """Both faces of one card: the front's document with the back's issuer and validity."""
    document = replace(
        front.document,
        issuer=back.document.issuer,
        valid_from=back.document.valid_from,
        valid_until=back.document.valid_until,
        long_term=back.document.long_term,
    )
    return DocumentReading(document, front.complete and back.complete, front.warnings + back.warnings, front.ms + back.ms)


def _read(source: Path | GivenPicture, ocr: TextReader, face: Face) -> DocumentReading:
    picture = load_picture(source)
    started = time.perf_counter()
    for way in _ways_up(picture):
        reading = face(ocr.read(way))
        if reading is not None:
            warnings = tuple(warning.value for warning in reading.warnings)
            return DocumentReading(reading.document, reading.complete, warnings, round((time.perf_counter() - started) * 1000))
    raise UserError(VisionCode.NO_DOCUMENT, file=source.name)


def _ways_up(picture: Picture) -> Iterator[Picture]:
    """As it is first: recognition copes with most orientations by itself. Then turned by quarters."""
    import numpy as np

    yield picture
    for quarters in (1, 2, 3):
        yield np.ascontiguousarray(np.rot90(picture, quarters))
