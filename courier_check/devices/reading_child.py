"""读图 in a process of its own: the only place of a running window where OCR and the decoders are loaded. Pictures stay in memory."""

from __future__ import annotations

import io
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from courier_check.clock import SystemClock, at
from courier_check.devices.children import give_way, whereabouts
from courier_check.devices.codes import VisionCode
from courier_check.errors import CourierCheckError, DeviceError

if TYPE_CHECKING:
    from datetime import date
    from multiprocessing.connection import Connection

    from courier_check.devices.documents import DocumentReading
    from courier_check.devices.evidence_photos import EvidencePhoto
    from courier_check.devices.ocr import TextReader
    from courier_check.devices.pictures import GivenPicture
    from courier_check.devices.waybill_pictures import WaybillReading
    from courier_check.identity.cross_checks import References
    from courier_check.identity.documents import DocumentType
    from courier_check.parcel.carriers import Carriers

JPEG_QUALITY = 90


class Task(StrEnum):
    """What the process can be asked."""

    WARM_UP = "warm-up"
    DOCUMENT = "document"
    FACE = "face"
    WAYBILL = "waybill"
    JPEG = "jpeg"
    EVIDENCE = "evidence"


@dataclass(frozen=True, slots=True)
class Work:
    task: Task
    arguments: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a work: a value, a condition that is told, or `where` a fault of ours is; its text may hold what was read."""

    value: object = None
    told: CourierCheckError | None = None
    where: str | None = None


@dataclass(frozen=True, slots=True)
class Jpeg:
    """A picture written anew: upright, without what cameras and phones add (place, time, device)."""

    width: int
    height: int
    data: bytes = field(repr=False)


class UnexpectedReadingError(RuntimeError):
    """A fault of ours while reading: kind and place only, since messages may hold what was read."""


class PictureReader:
    """Does the work, one after the other, with one OCR engine."""

    def __init__(self, ocr: TextReader, carriers: Carriers, references: References | None = None) -> None:
        from courier_check.devices.documents import DocumentReader

        self._ocr = ocr
        self._carriers = carriers
        self._documents = DocumentReader(ocr, references, _today)

    def tasks(self) -> Mapping[Task, Callable[..., object]]:
        return {
            Task.WARM_UP: self.warm_up,
            Task.DOCUMENT: self.document,
            Task.FACE: self.face,
            Task.WAYBILL: self.waybill,
            Task.JPEG: self.jpeg,
            Task.EVIDENCE: self.evidence,
        }

    def warm_up(self) -> None:
        """Load the models and run them once: the first run is several times slower than the next ones."""
        import numpy as np

        picture = np.full((480, 736, 3), 255, np.uint8)
        picture[200:240, 100:600:8] = 0
        self._ocr.read(picture)

    def document(self, front: GivenPicture, back: GivenPicture | None, kind: DocumentType | None) -> DocumentReading:
        return self._documents.read(front, kind) if back is None else self._documents.read_both(front, back, kind)

    def face(self, picture: GivenPicture, kind: DocumentType | None) -> DocumentReading:
        return self._documents.read(picture, kind)

    def waybill(self, picture: GivenPicture, outlet_carriers: tuple[str, ...]) -> WaybillReading:
        from courier_check.devices.waybill_pictures import read_waybill

        return read_waybill(picture, self._carriers, outlet_carriers, self._ocr)

    def jpeg(self, picture: GivenPicture, longest_side_px: int) -> Jpeg:
        from PIL import Image

        from courier_check.devices.pictures import load_picture

        image = Image.fromarray(load_picture(picture)[:, :, ::-1])
        image.thumbnail((longest_side_px, longest_side_px))
        written = io.BytesIO()
        image.save(written, "JPEG", quality=JPEG_QUALITY)
        return Jpeg(image.width, image.height, written.getvalue())

    def evidence(self, picture: GivenPicture) -> EvidencePhoto:
        from courier_check.devices.evidence_photos import evidence_photo

        return evidence_photo(picture, self._ocr)


def _today() -> date:
    return at(SystemClock().read().wall_ms).date()


def answered(reader: PictureReader, work: Work) -> Answer:
    """The work done, whatever comes of it."""
    try:
        return Answer(reader.tasks()[work.task](*work.arguments))
    except CourierCheckError as told:
        return Answer(told=told)
    except MemoryError:
        return Answer(told=DeviceError(VisionCode.READER_STOPPED))
    except Exception as fault:  # noqa: BLE001 - told to the window's process, which logs it; the next picture is read all the same
        return Answer(where=whereabouts(fault))


def serve(connection: Connection, carriers: Carriers, references: References | None = None) -> None:
    """The process's main function: answers until the window's end of the connection is closed or gone."""
    from courier_check.devices.ocr import RapidTextReader

    give_way()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal reaches every process; the window decides
    reader = PictureReader(RapidTextReader(), carriers, references)
    with suppress(EOFError, OSError):  # the window is gone: nothing is left to answer
        while True:
            connection.send(answered(reader, connection.recv()))
