"""证件 from a picture: whichever document and whichever face it shows, any way up, with what is doubtful about every field."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from courier_check.devices.closer import cut_out
from courier_check.devices.codes import VisionCode
from courier_check.devices.ocr import TextReader
from courier_check.devices.pictures import load_picture
from courier_check.errors import UserError
from courier_check.identity.cross_checks import References, cross_checked, joined, term_warnings
from courier_check.identity.documents import DocumentType, IdentityDocument
from courier_check.identity.lines import hull_box, slant, turned
from courier_check.identity.mrz_lines import find_zones, zone_rows
from courier_check.identity.printed import PrintedLine, parse_resident_back, plain_print, resident_fronts
from courier_check.identity.printed_labels import kind_by_number, parse_labelled, title_of
from courier_check.identity.printed_reading import Face, PrintedReading, ReadingWarning, doubts_of
from courier_check.identity.printed_zone import read_zone
from courier_check.identity.readings import Field, FieldDoubt, SourceReading
from courier_check.identity.second_look import fuller, merged, name_seen_alone

if TYPE_CHECKING:
    from courier_check.devices.pictures import GivenPicture, Picture

LONGEST_PX = 2400
"""Recognition itself takes no more than 2000 pixels a side; what a picture has beyond costs only memory."""
_CLOSER_CARD_PX, _CLOSER_ZONE_PX = 1250, 1500
_SURE_NAME, _NAME_STRIP_PX = 97, 720
"""Beside its label and a gap a name scores 90 to 97 whether it is right or not; alone, right ones score 99 and rare characters under 93."""
_RESIDENT_KINDS = frozenset({DocumentType.RESIDENT_ID, DocumentType.TEMPORARY_ID, DocumentType.HMT_RESIDENCE})
_WORTH_A_LOOK = frozenset({Field.NAME, Field.NUMBER, Field.ADDRESS, Field.BORN_ON})
"""Doubts about sex and nation alone are not worth another third of a second: nobody keeps them."""
_CARD_WORDS = ("公民身份", "姓名", "性别", "民族", "住址", "出生")


@dataclass(frozen=True, slots=True)
class DocumentReading:
    """What a picture of a document gave. `complete`: every field of that face was read from print; `warnings` name what to look at.

    `confidence` in percent; `missing`: fields of the face that were not read; `outline`: the document's corners as shares of the picture's
    width and height, from the upper left as the document is read, clockwise; empty where its place is not known.
    """

    document: IdentityDocument
    complete: bool
    warnings: tuple[str, ...]
    ms: int
    doubts: tuple[FieldDoubt, ...] = ()
    confidence: Mapping[Field, int] = field(default_factory=dict)
    missing: tuple[Field, ...] = ()
    outline: tuple[tuple[float, float], ...] = ()
    face: Face = Face.FRONT

    @property
    def reading(self) -> SourceReading:
        """As the sources of a visit are compared."""
        return SourceReading(self.document.source, self.document, self.doubts, dict(self.confidence))


Faces = Callable[["Picture"], PrintedReading | None]


class DocumentReader:
    """Reads documents with one text reader. Without `references` nothing is checked against tables. Not for two threads at once."""

    def __init__(self, ocr: TextReader, references: References | None = None, today: Callable[[], date] = date.today) -> None:
        self._ocr = ocr
        self._references = references or References()
        self._today = today

    def read(self, source: Path | GivenPicture, kind: DocumentType | None = None) -> DocumentReading:
        """Whichever face of whichever document is shown; `kind` is what the clerk says it is.

        UserError for a bad file, a picture without a document, with half of one or with several; DeviceError without OCR.
        """
        return self._read(source, lambda picture: self._any_face(picture, kind))

    def read_both(self, front: Path | GivenPicture, back: Path | GivenPicture, kind: DocumentType | None = None) -> DocumentReading:
        """Two pictures of one document as one reading, whichever of its faces is shown first. Errors as `read`."""
        return self.joined(self.read(front, kind), self.read(back, kind))

    def joined(self, one: DocumentReading, other: DocumentReading) -> DocumentReading:
        """Two faces of one document; the rule of terms is asked once both are known."""
        return join_faces(one, other, self._references)

    def read_front(self, source: Path | GivenPicture) -> DocumentReading:
        """The front of a resident ID only: a picture of its back is no document."""
        return self._read(source, lambda picture: self._resident(picture, self._ocr.read(picture)))

    def read_back(self, source: Path | GivenPicture) -> DocumentReading:
        """The back of a resident ID only."""
        return self._read(source, lambda picture: parse_resident_back(self._ocr.read(picture)))

    # ---- ways up ---------------------------------------------------------------------------------------------------------------------

    def _read(self, source: Path | GivenPicture, faces: Faces) -> DocumentReading:
        picture = load_picture(source, longest_px=LONGEST_PX)
        started = time.perf_counter()
        half = False
        for way in _ways_up(picture):
            try:
                reading = faces(way.picture)
            except _NothingPrintedError:
                break
            except _SeenError as seen:
                if seen.code is not VisionCode.HALF_DOCUMENT:
                    raise UserError(seen.code, file=source.name) from None
                half = True  # turned another way the missing half may be read
                continue
            if reading is not None:
                return _told(reading, way, round((time.perf_counter() - started) * 1000))
        raise UserError(VisionCode.HALF_DOCUMENT if half else VisionCode.NO_DOCUMENT, file=source.name)

    # ---- one way up ------------------------------------------------------------------------------------------------------------------

    def _any_face(self, picture: Picture, kind: DocumentType | None) -> PrintedReading | None:
        lines = self._ocr.read(picture)
        if not lines:
            raise _NothingPrintedError
        titled = title_of(lines) or (kind if kind not in _RESIDENT_KINDS else None)
        reading = self._zoned(picture, lines, titled) or self._printed(picture, lines, titled)
        if reading is None:
            if sum(any(word in plain_print(line.text) for line in lines) for word in _CARD_WORDS) >= 2:
                raise _SeenError(VisionCode.HALF_DOCUMENT)
            return None
        if kind is not None and not _same_kind(kind, reading.document.type):
            return reading.warned([ReadingWarning.KIND_DIFFERS])
        return reading

    def _zoned(self, picture: Picture, lines: Sequence[PrintedLine], titled: DocumentType | None) -> PrintedReading | None:
        zones = find_zones(lines)
        parts = zone_rows(lines)
        if parts and not any(not zone.zone.failed and not zone.mended for zone in zones):
            close = self._ocr.read(cut_out(picture, _zone_box(parts), width_px=_CLOSER_ZONE_PX))
            closer = find_zones(close)
            zones = closer if closer and (not zones or len(closer[0].zone.failed) <= len(zones[0].zone.failed)) else zones
        if len({zone.zone.number for zone in zones if not zone.zone.failed}) > 1:
            raise _SeenError(VisionCode.SEVERAL_DOCUMENTS)
        if not zones:
            return None
        today, codes, page_kind = self._today(), self._references.zone_codes, titled or DocumentType.FOREIGN_PASSPORT
        printed = parse_labelled(_besides(lines, parts), page_kind)
        reading = read_zone(zones[0], printed, titled, codes, today)
        if not zones[0].zone.failed and reading.document.type is DocumentType.OVERSEAS_PASSPORT and (reading.document.name or "").isascii():
            close = self._ocr.read(cut_out(picture, _wider(hull_box(lines, 0.0, 1.5)), width_px=_CLOSER_ZONE_PX))
            printed = parse_labelled(_besides(close, zone_rows(close)), page_kind) or printed
            reading = read_zone(zones[0], printed, titled, codes, today)
        outline = hull_box(lines, 0.0, 1.5) if not printed or not printed.outline else printed.outline
        return cross_checked(replace(reading, outline=outline), self._references, today)

    def _printed(self, picture: Picture, lines: Sequence[PrintedLine], titled: DocumentType | None) -> PrintedReading | None:
        reading = None if titled in _LABELLED else self._resident(picture, lines)
        if reading is not None and reading.document.type is not DocumentType.FPR_CARD:
            back = parse_resident_back([line for line in lines if not _inside(line, reading)])
            return reading if back is None else _rechecked(joined(reading, back), self._references)
        kind = titled or (DocumentType.FPR_CARD if reading is not None else kind_by_number(lines))
        if kind is None or kind not in _LABELLED:
            return parse_resident_back(lines)
        return self._labelled(picture, lines, kind) or parse_resident_back(lines)

    def _labelled(self, picture: Picture, lines: Sequence[PrintedLine], kind: DocumentType) -> PrintedReading | None:
        first = parse_labelled(lines, kind)
        if first is None:
            return None
        if first.missing:
            close = self._ocr.read(cut_out(picture, _wider(first.outline), width_px=_CLOSER_CARD_PX))
            first = fuller(first, parse_labelled(close, kind))
        return cross_checked(first, self._references, self._today())

    def _resident(self, picture: Picture, lines: Sequence[PrintedLine]) -> PrintedReading | None:
        """A resident front, with a closer look where the first left doubts. _SeenError where two numbers hold."""
        fronts = resident_fronts(lines)
        if len(fronts) > 1:
            raise _SeenError(VisionCode.SEVERAL_DOCUMENTS)
        if not fronts:
            return None
        reading = cross_checked(fronts[0], self._references, self._today())
        if not _WORTH_A_LOOK.isdisjoint(found.field for found in doubts_of(reading.warnings)):
            closer = resident_fronts(self._ocr.read(cut_out(picture, _wider(reading.outline), width_px=_CLOSER_CARD_PX)))
            if closer:
                reading = merged(reading, cross_checked(closer[0], self._references, self._today()))
        if reading.document.name is not None and reading.confidence.get(Field.NAME, 0) < _SURE_NAME:
            reading = name_seen_alone(reading, self._ocr.read(cut_out(picture, _name_strip(reading.outline), width_px=_NAME_STRIP_PX)))
        return reading


_LABELLED = frozenset(
    {
        DocumentType.FPR_CARD,
        DocumentType.HM_PERMIT,
        DocumentType.TW_PERMIT,
        DocumentType.TWO_WAY_PERMIT,
        DocumentType.FOREIGN_PASSPORT,
        DocumentType.OVERSEAS_PASSPORT,
    }
)


class _SeenError(Exception):
    """What is wrong with what a picture shows; whoever knows the picture's name says it."""

    def __init__(self, code: VisionCode) -> None:
        super().__init__(code)
        self.code = code


class _NothingPrintedError(Exception):
    """No text at all: turning the picture would find none either."""


# ---- as callers without tables read --------------------------------------------------------------------------------------------------


def read_resident_front(source: Path | GivenPicture, ocr: TextReader) -> DocumentReading:
    """The front, in any orientation. UserError for a bad file or a picture without an ID number; DeviceError without OCR."""
    return DocumentReader(ocr).read_front(source)


def read_resident_back(source: Path | GivenPicture, ocr: TextReader) -> DocumentReading:
    """The back: issuer and validity. UserError and DeviceError as for the front."""
    return DocumentReader(ocr).read_back(source)


def read_resident_face(source: Path | GivenPicture, ocr: TextReader) -> DocumentReading:
    """Whichever face the picture shows."""
    return DocumentReader(ocr).read(source)


def join_faces(front: DocumentReading, back: DocumentReading, references: References | None = None) -> DocumentReading:
    """Both faces of one card as one document; given the wrong way round, they are turned over."""
    if front.face is Face.BACK and back.face is not Face.BACK:
        front, back = back, front
    both = _rechecked(joined(_as_read(front), _as_read(back)), references or References())
    whole = _told(both, _Way(None), front.ms + back.ms)
    return replace(whole, outline=front.outline)


def _rechecked(reading: PrintedReading, references: References) -> PrintedReading:
    return reading.warned(term_warnings(reading.document, references))


def _as_read(reading: DocumentReading) -> PrintedReading:
    warnings = tuple(ReadingWarning(code) for code in reading.warnings)
    return PrintedReading(reading.document, reading.complete, warnings, reading.confidence, reading.missing, reading.outline, reading.face)


# ---- ways up -------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Way:
    """A picture as it is tried: turned by quarters against the clock, and mirrored before that."""

    held: Picture | None
    quarters: int = 0
    mirrored: bool = False

    @property
    def picture(self) -> Picture:
        assert self.held is not None  # noqa: S101 - only a way without a picture, for readings already told, has none
        return self.held

    def back_to_original(self, across: float, down: float) -> tuple[float, float]:
        """A place in the turned picture as a place in the one that was given, both as shares of width and height."""
        x, y = [(across, down), (1 - down, across), (1 - across, 1 - down), (down, 1 - across)][self.quarters]
        return (1 - x if self.mirrored else x), y


def _ways_up(picture: Picture) -> Iterator[_Way]:
    """As it is first: recognition copes with most orientations by itself. Then turned by quarters, then as a mirror shows it."""
    import numpy as np

    yield _Way(picture)
    for quarters in (1, 2, 3):
        yield _Way(np.ascontiguousarray(np.rot90(picture, quarters)), quarters)
    flipped = np.ascontiguousarray(picture[:, ::-1])
    yield _Way(flipped, 0, mirrored=True)
    yield _Way(np.ascontiguousarray(np.rot90(flipped, 1)), 1, mirrored=True)


def _told(reading: PrintedReading, way: _Way, ms: int) -> DocumentReading:
    if way.mirrored:
        reading = reading.warned([ReadingWarning.MIRRORED], complete=False)
    outline: tuple[tuple[float, float], ...] = ()
    if way.held is not None:
        height, width = way.held.shape[:2]
        outline = tuple(way.back_to_original(_share(x, width), _share(y, height)) for x, y in reading.outline)
    return DocumentReading(
        reading.document,
        reading.complete,
        tuple(warning.value for warning in reading.warnings),
        ms,
        doubts_of(reading.warnings),
        dict(reading.confidence),
        reading.missing,
        outline,
        reading.face,
    )


def _share(place: float, whole: int) -> float:
    return round(min(max(place / whole, 0.0), 1.0), 4)


# ---- places --------------------------------------------------------------------------------------------------------------------------


def _wider(outline: Sequence[tuple[float, float]], share: float = 0.05) -> list[tuple[float, float]]:
    """Corners moved out from their middle: the number alone tells a card's place only roughly."""
    x, y = sum(corner[0] for corner in outline) / len(outline), sum(corner[1] for corner in outline) / len(outline)
    return [(x + (left - x) * (1 + 2 * share), y + (top - y) * (1 + 2 * share)) for left, top in outline]


def _name_strip(outline: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Where a resident front has its name, without the label."""
    (x0, y0), (x1, y1), _, (x3, y3) = outline
    left, right, top, bottom = 0.16, 0.65, 0.07, 0.255
    places = ((left, top), (right, top), (right, bottom), (left, bottom))
    return [(x0 + u * (x1 - x0) + v * (x3 - x0), y0 + u * (y1 - y0) + v * (y3 - y0)) for u, v in places]


def _zone_box(parts: Sequence[PrintedLine]) -> tuple[tuple[float, float], ...]:
    angle = slant(parts)
    return hull_box(turned(parts, -angle), -angle, 2.5)


def _besides(lines: Sequence[PrintedLine], parts: Sequence[PrintedLine]) -> list[PrintedLine]:
    zone = {part.box for part in parts}
    return [line for line in lines if line.box not in zone]


def _inside(line: PrintedLine, reading: PrintedReading) -> bool:
    """Whether a line lies on the front that was read: what lies beside it may be the same card's back."""
    corners = _wider(reading.outline)
    (x0, y0), (x1, y1), _, (x3, y3) = corners
    x, y = line.middle[0] - x0, line.middle[1] - y0
    across, down = (x1 - x0, y1 - y0), (x3 - x0, y3 - y0)
    along = (x * across[0] + y * across[1]) / max(across[0] ** 2 + across[1] ** 2, 1.0)
    below = (x * down[0] + y * down[1]) / max(down[0] ** 2 + down[1] ** 2, 1.0)
    return 0 <= along <= 1 and 0 <= below <= 1


def _same_kind(said: DocumentType, read: DocumentType) -> bool:
    passports = {DocumentType.FOREIGN_PASSPORT, DocumentType.OVERSEAS_PASSPORT}
    resident = {DocumentType.RESIDENT_ID, DocumentType.TEMPORARY_ID}
    return said is read or {said, read} <= passports or {said, read} <= resident
