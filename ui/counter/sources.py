"""The sources of documents at the counter: the reader that reads by itself, credentials that are scanned, and which source F3 turns to.
Pictures are read by the conductor, which this one asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from courier_check.acceptance.tasks import TaskKind
from courier_check.errors import CourierCheckError, UserError
from courier_check.identity.codes import CredentialCode
from courier_check.identity.readings import SourceReading
from ui import people_work, work
from ui.counter import acts, identity, inputs, people
from ui.counter.codes import CounterCode
from ui.counter.effects import Done, Now
from ui.counter.identity import ReaderShown
from ui.counter.state import CounterState, Panel
from ui.counter.view import SOURCES

if TYPE_CHECKING:
    from courier_check.devices.card_reader import Read
    from ui.counter.conductor import Means

CAMERA_INSTEAD_MS = 3_000
"""A reader that is asked for a card and finds none for so long leaves its place to the camera (product.md ID-01)."""
PERSONS = (TaskKind.DOCUMENT, TaskKind.AGENT_DOCUMENT, TaskKind.GUARDIAN_DOCUMENT)


@dataclass(frozen=True, slots=True)
class AtCounter:
    """What a source does to the counter. `takes_more`: begins the next parcel after an act; False while one is being saved."""

    now: Callable[[], Now]
    become: Callable[[CounterState], None]
    attempt: Callable[[Callable[[], CounterState | Done]], None]
    deliver: Callable[[str, Callable[[Now], CounterState]], None]
    tell: Callable[[str, bool], None]
    say: Callable[[CourierCheckError], None]
    takes_more: Callable[[], bool]
    read_picture: Callable[[], None]


class Sources(QObject):
    """One reader at most; a counter without one has its pictures and the keyboard."""

    def __init__(self, means: Means, counter: AtCounter) -> None:
        super().__init__()
        self._means = means
        self._counter = counter
        self._card: Read | None = None
        """A card that was read before the notice was shown, or while an act was being saved."""
        self._laid_ms = 0
        """When the reader began to read the newest card, by the clock of dwell times."""
        self._informed: tuple[Read, str] | None = None
        """A card whose owner was shown this version of the notice before."""
        self._camera_instead = QTimer(self, singleShot=True, interval=CAMERA_INSTEAD_MS)
        self._camera_instead.timeout.connect(self.use_camera)
        if means.reader is not None:
            means.reader.read.connect(self._card_read)
            means.reader.stumbled.connect(self._stumbled)
            means.reader.back.connect(lambda: self._told(CounterCode.READER_BACK))

    @property
    def reader(self) -> ReaderShown | None:
        return self._means.reader.shown if self._means.reader is not None else None

    def _told(self, code: CounterCode) -> None:
        self._counter.tell(self._means.wording.of(code.value), False)

    # Which source -----------------------------------------------------------------------------------------------------------------------

    def read_document(self, *, noticed: bool) -> None:
        """Enter where a document is asked for. A reader reads by itself: only a practice card must be laid down. `noticed`: the key also
        said that the notice was shown, and a reader may go on from there."""
        reader, pictures = self._means.reader, self._means.pictures
        on_reader = reader is not None and reader.in_use
        if self._card is not None or (noticed and pictures.source is None and not on_reader):
            return  # a card that lay there already is taken now; with neither reader nor camera it is typed
        if reader is None or not on_reader or acts.half_read(self._counter.now().state):
            self._counter.read_picture()
            return
        owner = pictures.scene.customer.key.split("-")[1] if pictures.scene is not None else ""
        if not reader.lay(owner) and not noticed:
            self._camera_instead.start()
            self._counter.say(UserError(CounterCode.NO_CARD))

    def next_source(self) -> None:
        """F3: the reader, if there is one, then the sources of pictures, then typing, then the first again."""
        reader, pictures, state = self._means.reader, self._means.pictures, self._counter.now().state
        self._camera_instead.stop()
        if state.panel is Panel.TYPED_DOCUMENT:
            pictures.first_source()
            self.use_reader()
            self._counter.become(state.opened(Panel.DOCUMENT if state.draft.document is not None else Panel.TASK))
        elif reader is not None and reader.in_use and pictures.source is not None:
            reader.choose(chosen=False)
        elif pictures.next_source():
            self._counter.become(state)
        else:
            self._counter.become(state.opened(Panel.TYPED_DOCUMENT))

    def use_reader(self) -> None:
        if self._means.reader is not None:
            self._means.reader.choose(chosen=True)

    def use_camera(self) -> None:
        """No card came: the camera takes the reader's place, where there is one."""
        reader = self._means.reader
        if reader is not None and reader.in_use and self._means.pictures.source is not None:
            reader.choose(chosen=False)
            self._counter.become(self._counter.now().state.saying(""))

    # Cards on the reader ----------------------------------------------------------------------------------------------------------------

    def begin_again(self) -> None:
        """Another parcel: the card that waited was the last one's."""
        self._card = self._informed = None
        self._camera_instead.stop()
        self.use_reader()

    def waiting_taken(self, now: Now) -> None:
        """The state has changed: a card that waits may be taken, after what is being done."""
        if self._card is not None and not now.state.saving and not identity.notice_waits(now):
            QTimer.singleShot(0, self, self._take_card)

    def _card_read(self, read: Read) -> None:
        self._camera_instead.stop()
        self._card, self._laid_ms = read, self._means.mono_ms() - read.ms
        self._take_card()

    def _take_card(self) -> None:
        """A card was laid down: it is the next sender's after an act, and waits for the end of one, or for the notice where it is due."""
        read = self._card
        if read is None or not self._counter.takes_more():
            return
        now, version = self._counter.now(), self._version
        informed = self._informed == (read, version) and identity.notice_waits(now)
        if identity.notice_waits(now) and not informed:
            self._ask_whether_informed(read)
            return
        self._card = self._informed = None
        said, before = now.state.said, now.state.draft

        def identify(now: Now) -> CounterState:
            identity.check_laid(now, read.reading)
            state = inputs.identified(now, read.reading, SOURCES[read.reading.source])
            state = people.noted(state, version) if informed else state
            began_ms = self._laid_ms if state.aside.began_ms is None else state.aside.began_ms  # the reader began by itself
            state = state.beside(began_ms=began_ms, took_ms={**state.aside.took_ms, "read": read.ms}, warnings=(), outline=())
            return state.saying("") if state.said == said else state

        self._counter.deliver(now.state.session.session_id, identify)
        if self._counter.now().state.draft != before:
            self._told(CounterCode.CARD_READ)

    @property
    def _version(self) -> str:
        return self._counter.now().books.rules.notice.version

    def _ask_whether_informed(self, read: Read) -> None:
        """The notice is due before the first reading (domain.md §11.6): whoever agreed to be known and was shown this version then is not
        shown it again. Anybody else's card waits for it, and so does one nobody can look up."""
        self._card, version = read, self._version

        def told(informed: bool) -> None:
            if self._card is not read:
                return  # another card, another parcel, or Enter has said meanwhile that it was shown
            if informed:
                self._informed = (read, version)
                self._take_card()
            else:
                self._counter.say(UserError(CounterCode.CARD_WAITS))

        def untold(_error: CourierCheckError) -> None:
            told(informed=False)

        self._means.desk.run(self, lambda station: people_work.is_informed(station, read.reading.document), told, untold)

    def _stumbled(self, error: CourierCheckError) -> None:
        """Under the question where a document is asked for; elsewhere it only passes by."""
        now = self._counter.now()
        asked = now.task.kind in PERSONS or now.state.panel is Panel.DOCUMENT
        if asked and not now.state.saving and now.state.panel is not Panel.RECORDED:
            self._counter.say(error)
        else:
            self._counter.tell(self._means.wording.said(error), True)

    # Codes that are scanned -------------------------------------------------------------------------------------------------------------

    def take_credential(self, text: str) -> None:
        """实名码: used up by this, whatever becomes of the parcel: nobody can show it a second time."""
        asked = self._counter.now()
        if identity.notice_waits(asked):
            self._counter.say(UserError(CounterCode.NOTICE_FIRST))
            return
        session_id = asked.state.session.session_id

        def taken(found: SourceReading) -> None:
            self._counter.deliver(session_id, lambda now: inputs.identified(now, found, SOURCES[found.source], asked=asked.task.kind))
            self._told(CounterCode.CREDENTIAL_READ)

        def refused(error: CourierCheckError) -> None:
            if error.code == CredentialCode.UNKNOWN:
                self._counter.deliver(session_id, lambda now: self.reference_kept(now, text))
            else:
                self._counter.say(error)

        self._means.desk.run(self, lambda station: work.take_credential(station, text), taken, refused)

    def reference_kept(self, now: Now, text: str) -> CounterState:
        """A code nobody can read is kept as it is, and that is said."""
        told = self._means.wording.of(CredentialCode.UNKNOWN.value)
        self._counter.tell(told, True)
        return identity.reference_kept(now, text).saying(told)
