"""读图 for the window: readings come as futures from one child process, so that neither OCR nor its loading ever holds up the screen.

Nothing here imports numpy, cv2, Pillow or OCR, and what comes back is plain values. A process of our own instead of an executor: an
executor's process can't be ended while it works, and a window must close at once.
"""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, Self

from courier_check.devices.children import Child, ChildGoneError
from courier_check.devices.codes import VisionCode
from courier_check.devices.pictures import GivenPicture
from courier_check.devices.reading_child import Answer, Jpeg, Task, UnexpectedReadingError, Work, serve
from courier_check.errors import DeviceError

if TYPE_CHECKING:
    from courier_check.devices.documents import DocumentReading
    from courier_check.devices.evidence_photos import EvidencePhoto
    from courier_check.devices.waybill_pictures import WaybillReading
    from courier_check.identity.cross_checks import References
    from courier_check.identity.documents import DocumentType
    from courier_check.parcel.carriers import Carriers

__all__ = ["Jpeg", "ReadingProcess", "UnexpectedReadingError"]

LONGEST_READING_S = 45.0
"""A reading takes about a second; one that takes this long never ends, and its process is replaced."""
_CLOSING_S = 1.0


class ReadingProcess:
    """Reads pictures one after the other in a child process, started on first use and again after it died.

    Every method returns at once; futures end in its own thread. They fail with UserError or DeviceError as `documents` and
    `waybill_pictures` say, with DeviceError(READER_STOPPED) when the child died, hung or was closed, and with UnexpectedReadingError for a
    fault of ours. Futures can't be cancelled: who no longer wants an answer drops it.
    """

    def __init__(self, carriers: Carriers, references: References | None = None, *, longest_s: float = LONGEST_READING_S) -> None:
        self._carriers = carriers
        self._references = references
        self._longest_s = longest_s
        self._waiting: SimpleQueue[_Job | None] = SimpleQueue()
        self._lock = Lock()  # over the three below: closing may happen while the thread starts a child
        self._child: Child | None = None
        self._thread: Thread | None = None
        self._closed = False

    def start(self) -> Future[None]:
        """Load the models in the background, before the first picture comes."""
        return self._submit(Task.WARM_UP)

    def read_document(
        self, front: bytes, back: bytes | None = None, *, front_name: str, back_name: str = "", kind: DocumentType | None = None
    ) -> Future[DocumentReading]:
        """证件: one face, or both as one document. `kind` is what the clerk says it is; without one it is found."""
        second = None if back is None else GivenPicture(back_name, back)
        return self._submit(Task.DOCUMENT, GivenPicture(front_name, front), second, kind)

    def read_document_face(self, data: bytes, name: str, kind: DocumentType | None = None) -> Future[DocumentReading]:
        """Whichever face the picture shows."""
        return self._submit(Task.FACE, GivenPicture(name, data), kind)

    def read_waybill(self, data: bytes, name: str, outlet_carriers: tuple[str, ...]) -> Future[WaybillReading]:
        """运单面单: its codes and parties."""
        return self._submit(Task.WAYBILL, GivenPicture(name, data), outlet_carriers)

    def make_evidence(self, data: bytes, name: str) -> Future[EvidencePhoto]:
        """凭证照片: looked at for documents (UserError where one is seen), its faults told, written anew in at most 200 kB."""
        return self._submit(Task.EVIDENCE, GivenPicture(name, data))

    def make_jpeg(self, data: bytes, name: str, *, longest_side_px: int) -> Future[Jpeg]:
        """Any readable picture as an upright JPEG without what devices add, no larger than asked: copies of documents, thumbnails."""
        return self._submit(Task.JPEG, GivenPicture(name, data), longest_side_px)

    def close(self) -> None:
        """End at once, whatever is being read; what was asked fails. Safe to call twice."""
        with self._lock:
            self._closed = True
            thread = self._thread
            if self._child is not None:
                self._child.process.kill()
        self._waiting.put(None)
        if thread is not None:
            thread.join(_CLOSING_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _submit(self, task: Task, *arguments: object) -> Future[Any]:
        job = _Job(Work(task, arguments), Future())
        job.future.set_running_or_notify_cancel()
        with self._lock:
            if self._closed:
                job.future.set_exception(DeviceError(VisionCode.READER_STOPPED))
                return job.future
            if self._thread is None:
                self._thread = Thread(target=self._run, name="reading", daemon=True)
                self._thread.start()
            self._waiting.put(job)
        return job.future

    def _run(self) -> None:
        while (job := self._waiting.get()) is not None:
            try:
                _settle(job.future, self._answer(job.work))
            except ChildGoneError:
                self._bury()
                job.future.set_exception(DeviceError(VisionCode.READER_STOPPED))
        self._bury()

    def _answer(self, work: Work) -> Answer:
        with self._lock:
            if self._closed:
                raise ChildGoneError
            if self._child is None:
                self._child = Child.started(serve, self._carriers, self._references, name="reading")
            child = self._child
        return _asked(child, work, self._longest_s)

    def _bury(self) -> None:
        with self._lock:
            child, self._child = self._child, None
        if child is not None:
            child.end()


@dataclass(frozen=True, slots=True)
class _Job:
    work: Work
    future: Future[Any]


def _asked(child: Child, work: Work, longest_s: float) -> Answer:
    try:
        child.connection.send(work)
        if not child.connection.poll(longest_s):
            raise ChildGoneError
        answer = child.connection.recv()
    except (EOFError, OSError) as gone:
        raise ChildGoneError from gone
    assert isinstance(answer, Answer)  # noqa: S101 - both ends are ours
    return answer


def _settle(future: Future[Any], answer: Answer) -> None:
    if answer.told is not None:
        future.set_exception(answer.told)
    elif answer.where is not None:
        future.set_exception(UnexpectedReadingError(answer.where))
    else:
        future.set_result(answer.value)
