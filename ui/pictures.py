"""What lies under the camera, for the screen, for reading and as evidence. Sources and the reading process do the work elsewhere; answers
come back on the UI thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QBuffer, QByteArray, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QImageReader

from courier_check.devices.frames import Frame, FrameSource
from courier_check.devices.live_codes import CodeSource, CodesSeen
from courier_check.devices.scene import PracticeScene, View
from courier_check.errors import CourierCheckError, EnvironmentFault, UserError
from courier_check.wording import Wording
from ui.background import BackgroundCode, Worker
from ui.counter.codes import CounterCode
from ui.design import blurred

if TYPE_CHECKING:
    from courier_check.devices.documents import DocumentReading
    from courier_check.devices.evidence_photos import EvidencePhoto
    from courier_check.devices.reading import ReadingProcess
    from courier_check.devices.reading_child import Jpeg
    from courier_check.devices.waybill_pictures import WaybillReading

TICK_MS = 33
SHOWN_PX = 720
LONGEST_SIDE_PX = 1600
"""A copy of a document no larger than this: a card can be read by eye from it."""

INSISTED_S = 10.0
"""Asked again so soon after a picture was found wanting, it is read as it is: the clerk sees it and knows better."""

Failed = Callable[[CourierCheckError], None]


class _Sources:
    """The resource of the picture thread: sources are opened, asked for stills and closed there."""

    def __init__(self, sources: Sequence[FrameSource]) -> None:
        self.sources = sources

    def close(self) -> None:
        for source in self.sources:
            source.close()


@dataclass(frozen=True, slots=True)
class _Shot:
    """Stills of one document: its faces, or one of them."""

    front: Frame
    back: Frame | None


class Pictures(QObject):
    """`changed`: another picture is to be shown, or the source has something to say. `seen`: other codes than before are in view."""

    changed = Signal()
    seen = Signal(object)
    _settled = Signal(object)

    def __init__(self, sources: Sequence[FrameSource], names: Sequence[str], reading: ReadingProcess, wording: Wording) -> None:
        super().__init__()
        self._sources, self._names = tuple(sources), tuple(names)
        self._reading = reading
        self._wording = wording
        self._at = 0
        self._frame: Frame | None = None
        self._shown: QImage | None = None
        self._said = ""
        self._blurred = False
        self._refused_s: float | None = None
        self._codes_wanted, self._codes = False, CodesSeen()
        self._worker: Worker[_Sources] = Worker("pictures", lambda: _Sources(self._sources))
        self._settled.connect(lambda settle: settle())
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self._look)

    # Sources ----------------------------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Open the first source and load the reading models."""
        if self._sources:
            self._worker.run(self, lambda held: held.sources[self._at].open(), lambda _: self._timer.start(), self._ignore)
            self._reading.start().add_done_callback(_quiet)

    @property
    def source(self) -> FrameSource | None:
        return self._sources[self._at] if self._sources else None

    @property
    def scene(self) -> PracticeScene | None:
        """The practice scene, where it is the source."""
        return self.source if isinstance(self.source, PracticeScene) else None

    @property
    def name(self) -> str:
        return self._names[self._at] if self._sources else "没有摄像头"

    @property
    def says(self) -> str:
        """Why there is no picture, or who stands at the practice counter."""
        if self._said:
            return self._said
        scene = self.scene
        return f"{scene.customer.name}（虚构）· {scene.customer.remark}" if scene is not None else ""

    def next_source(self) -> bool:
        """The next source; False at the end of the round, where typing comes next."""
        if self._at + 1 >= len(self._sources):
            return False
        self._move(self._at + 1)
        return True

    def first_source(self) -> None:
        if self._sources and self._at != 0:
            self._move(0)

    def _move(self, place: int) -> None:
        wanted = self._codes_wanted
        self.watch_codes(wanted=False)
        before, self._at = self._at, place
        self._frame, self._shown, self._said = None, None, ""
        self.watch_codes(wanted=wanted)

        def change(held: _Sources) -> None:
            held.sources[before].close()
            held.sources[place].open()

        self._worker.run(self, change, lambda _: self.changed.emit(), self._ignore)

    def close(self) -> None:
        """End at once: the child processes with their cameras and models, too."""
        self._timer.stop()
        self._reading.close()
        self._worker.close(2.0)

    # The screen -------------------------------------------------------------------------------------------------------------------------

    def picture(self) -> QImage | None:
        """What to paint: blurred after a document was read from it."""
        return self._shown

    @property
    def is_blurred(self) -> bool:
        """What is shown is a copy in which nothing can be read."""
        return self._blurred

    def hide_picture(self) -> None:
        """证件画面核验后模糊: what was read stays on screen as coloured cells only, and the sharp frame is let go."""
        if not self._blurred:
            self._blurred = True  # also where nothing is shown yet: a picture may be on its way
            self._shown = blurred(self._shown) if self._shown is not None else None
            self.changed.emit()

    def show_live(self) -> None:
        """The live picture again."""
        if self._blurred:
            self._blurred, self._frame = False, None
            self._look()

    def show_view(self, view: View) -> None:
        """Practice: put something else under the camera."""
        if self.scene is not None:
            self.scene.show(view)
            self.show_live()

    def show_person(self, *, another: bool) -> None:
        """The live picture for the next parcel. Practice: the customer's card, `another` customer's where the last one is done with."""
        if self.scene is not None and another:
            self.next_customer()
        else:
            self.show_view(View.FRONT)
            self.show_live()

    def next_customer(self) -> None:
        """Practice: the next made-up customer steps up."""
        if self.scene is not None:
            self.scene.next_customer()
            self.show_live()
            self.changed.emit()

    def pick_waybill(self, number: str) -> None:
        """Practice: whose label was scanned lies under the camera."""
        scene = self.scene
        places = [place for place, customer in enumerate(scene.customers) if customer.waybill == number] if scene is not None else []
        if scene is not None and places:
            if scene.customer.waybill != number:
                scene.pick(places[0])
            scene.show(View.WAYBILL)

    def watch_codes(self, *, wanted: bool) -> None:
        """Whether codes in view are told, where the source can read them; from a hidden picture as well."""
        self._codes_wanted = wanted
        if (source := self._code_source()) is not None:
            source.watch_codes(wanted=wanted)
            self._codes = source.codes

    def _code_source(self) -> CodeSource | None:
        source: object = self.source
        return source if isinstance(source, CodeSource) else None

    @property
    def is_live(self) -> bool:
        """The source has no trouble: what is not in view was taken away."""
        return self.source is not None and self.source.trouble is None

    def _look_for_codes(self) -> None:
        source = self._code_source() if self._codes_wanted else None
        if source is not None and source.codes is not self._codes:
            self._codes = source.codes
            self.seen.emit(self._codes)

    def _look(self) -> None:
        self._look_for_codes()
        source = self.source
        if source is None or self._blurred:
            return
        trouble = source.trouble
        said = self._wording.said(trouble) if trouble is not None else ""
        frame = source.latest()
        if frame is self._frame and said == self._said:
            return
        changed = frame is not self._frame
        self._frame, self._said = frame, said
        if changed and frame is not None and frame.encoded:
            self._worker.run(self, lambda _: _decoded(frame), lambda picture: self._show(frame, picture), self._ignore)
            return
        if changed:
            self._shown = _raw(frame) if frame is not None else None
        self.changed.emit()

    def _show(self, frame: Frame, picture: QImage) -> None:
        """A decoded picture, unless another one lies there by now or it was read meanwhile."""
        if frame is self._frame and not self._blurred:
            self._shown = picture
            self.changed.emit()

    # Reading ----------------------------------------------------------------------------------------------------------------------------

    def read_document(self, done: Callable[[DocumentReading], None], failed: Failed) -> None:
        """Both faces where the source has both, else whichever face is shown. UserError where there is no picture."""

        def read(shot: _Shot) -> None:
            front, back = shot.front, shot.back
            if back is not None:
                future: Future[DocumentReading] = self._reading.read_document(
                    front.data, back.data, front_name=front.label, back_name=back.label
                )
            else:
                future = self._reading.read_document_face(front.data, front.label)
            self._follow(future, done, failed)

        self._worker.run(self, self._shoot_document, read, failed)

    def _shoot_document(self, held: _Sources) -> _Shot:
        source = held.sources[self._at] if held.sources else None
        if isinstance(source, PracticeScene):
            source.show(View.FRONT)
            front = _required(source.still())
            source.show(View.BACK)
            back = source.still()
            source.show(View.FRONT)
            return _Shot(front, back)
        return _Shot(self._fit(_required(source.still() if source is not None else None)), None)

    def read_label(self, carriers: tuple[str, ...], done: Callable[[WaybillReading], None], failed: Failed) -> None:
        def read(frame: Frame) -> None:
            self._follow(self._reading.read_waybill(frame.data, frame.label, carriers), done, failed)

        self._worker.run(self, lambda held: self._fit(self._shoot(held, view=View.WAYBILL)), read, failed)

    def take_photo(self, done: Callable[[EvidencePhoto], None], failed: Failed, *, sealed: bool = False) -> None:
        """凭证照片 of the opened parcel, or of the sealed one: looked at for documents, within 200 kB, without what cameras add."""

        def look(frame: Frame) -> None:
            self._follow(self._reading.make_evidence(frame.data, frame.label), done, failed)

        self.show_view(View.WAYBILL if sealed else View.CONTENTS)
        self._worker.run(self, partial(self._shoot, view=View.WAYBILL if sealed else View.CONTENTS), look, failed)

    def take_copy(self, done: Callable[[Jpeg], None], failed: Failed) -> None:
        """证件复印件: the document as it lies there, sharp enough to be read. Only where a copy is to be kept."""

        def shrink(frame: Frame) -> None:
            self._follow(self._reading.make_jpeg(frame.data, frame.label, longest_side_px=LONGEST_SIDE_PX), done, failed)

        self._worker.run(self, lambda held: self._fit(self._shoot(held, view=View.FRONT)), shrink, failed)

    def _shoot(self, held: _Sources, view: View) -> Frame:
        source = held.sources[self._at] if held.sources else None
        if isinstance(source, PracticeScene):
            source.show(view)
        return _required(source.still() if source is not None else None)

    def _fit(self, frame: Frame) -> Frame:
        """A frame that can be read, or one that is asked for again. UserError says what it lacks. In the pictures' thread."""
        now_s, refused_s = time.monotonic(), self._refused_s
        self._refused_s = None
        if frame.faults and (refused_s is None or now_s - refused_s > INSISTED_S):
            self._refused_s = now_s
            raise UserError(frame.faults[0])
        return frame

    def _follow(self, future: Future[Any], done: Callable[[Any], None], failed: Failed) -> None:
        """The future ends in another thread; its answer is given here, on the UI thread."""

        def ended(future: Future[Any]) -> None:
            error = future.exception()
            told = error if isinstance(error, CourierCheckError) else EnvironmentFault(BackgroundCode.INTERNAL)
            settle = partial(done, future.result()) if error is None else partial(failed, told)
            try:
                self._settled.emit(settle)
            except RuntimeError:  # the window is gone
                return

        future.add_done_callback(ended)

    def _ignore(self, error: CourierCheckError) -> None:
        self._said = self._wording.said(error)
        self.changed.emit()


def _required(frame: Frame | None) -> Frame:
    if frame is None:
        raise UserError(CounterCode.NO_PICTURE)
    return frame


def _quiet(future: Future[None]) -> None:
    """Warming up failed: the first reading will say why."""
    future.exception()


def _raw(frame: Frame) -> QImage:
    """A camera's frame as a picture that owns its pixels."""
    return QImage(frame.data, frame.width, frame.height, 3 * frame.width, QImage.Format.Format_BGR888).copy()


def _decoded(frame: Frame) -> QImage:
    """An encoded picture, no larger than the screen shows it: a JPEG is decoded at that size, which is many times quicker. It still takes a
    frame's time or two, so it is done in the pictures' thread."""
    buffer = QBuffer()
    buffer.setData(QByteArray(frame.data))
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    size = reader.size()
    if size.width() > SHOWN_PX:
        reader.setScaledSize(size.scaled(SHOWN_PX, SHOWN_PX, Qt.AspectRatioMode.KeepAspectRatio))
    return reader.read()
