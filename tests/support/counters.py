"""A counter without a window: the conductor with a desk that answers when told, a station that knows what the test says, and pictures that
are read when the test reads them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date
from typing import Any

from PySide6.QtCore import QObject, Signal

from courier_check.acceptance import EarlierAcceptance, FailedCheck, Session
from courier_check.acceptance.tasks import Task, TaskKind
from courier_check.desk.acceptances import Recorded, Rules, Submission
from courier_check.desk.codes import DeskCode
from courier_check.desk.rights import Role, SignedIn
from courier_check.desk.senders import KnownSender
from courier_check.devices.barcodes import Code
from courier_check.devices.card_reader import Read
from courier_check.devices.documents import DocumentReading
from courier_check.devices.evidence_photos import EvidencePhoto
from courier_check.devices.photo_quality import PhotoFault
from courier_check.devices.reading_child import Jpeg
from courier_check.devices.waybill_pictures import WaybillReading
from courier_check.errors import CourierCheckError, UserError
from courier_check.identity.codes import CredentialCode
from courier_check.identity.documents import IdentityDocument, Source
from courier_check.identity.readings import SourceReading
from courier_check.inspection.verdict import Outcome
from courier_check.parcel.service import Shipment
from courier_check.parcel.waybills import CodeKind, WaybillCheck
from courier_check.screening.match import Screening
from courier_check.store.senders import StoredProfile
from courier_check.wording import Language, Wording
from support.clocks import SetClock
from support.pages import Asked, PatientWorker
from support.parcels import CLEAR, DOCUMENT, TODAY
from ui.counter.conductor import Conductor, Means
from ui.counter.identity import ReaderShown, ReaderState
from ui.counter.state import Books, CounterState
from ui.counter.view import AcceptanceView, Form

CLERK, SUPERVISOR = SignedIn("0142", Role.CLERK), SignedIn("0001", Role.SUPERVISOR)
WORDING = Wording(Language.CHINESE)
CARD = replace(DOCUMENT, source=Source.PICTURE)
LABEL = "SF1010000000015"
OTHER_LABEL = "SF1010000000072"
AMBIGUOUS = "999000000112"
"""A number that several carriers' shapes share."""


def books(rules: Rules, operator: SignedIn = CLERK) -> Books:
    return Books(rules, (), operator, TODAY)


# The station ------------------------------------------------------------------------------------------------------------------------------


@dataclass
class Credentials:
    """Credentials that the station believes, by their text, each once."""

    good: dict[str, SourceReading] = field(default_factory=dict)
    refuses: UserError = field(default_factory=lambda: UserError(CredentialCode.USED))

    def take(self, text: str) -> SourceReading:
        if text not in self.good:
            raise self.refuses
        return self.good.pop(text)


@dataclass
class KnowingStation:
    """What a station knows, as the test says. `refuses`: errors of the next acts, one each."""

    rules: Rules
    screening: Screening = CLEAR
    earlier: dict[str, EarlierAcceptance] = field(default_factory=dict)
    failed: dict[str, FailedCheck] = field(default_factory=dict)
    tobacco_today: int = 0
    credentials: Credentials = field(default_factory=Credentials)
    staff: dict[str, SignedIn] = field(default_factory=lambda: {one.code: one for one in (CLERK, SUPERVISOR)})
    refuses: list[CourierCheckError] = field(default_factory=list)
    submitted: list[Submission] = field(default_factory=list)
    clock_day: date = TODAY
    clock: SetClock = field(default_factory=SetClock)
    known: dict[str, KnownSender] = field(default_factory=dict)
    begun: dict[str, Shipment] = field(default_factory=dict)
    """The next piece of shipments, by the waybill of a piece that was accepted."""
    gone: bool = True

    def desk(self) -> KnowingStation:
        return self

    @property
    def acceptances(self) -> KnowingStation:
        return self

    @property
    def shipments(self) -> KnowingStation:
        return self

    def next_piece(self, waybill: str, _: object) -> Shipment:
        if waybill not in self.begun:
            raise UserError(DeskCode.SHIPMENT_UNKNOWN, waybill=waybill)
        return self.begun[waybill]

    @property
    def operators(self) -> KnowingStation:
        return self

    def today(self) -> date:
        return self.clock_day

    @property
    def lates(self) -> KnowingStation:
        return self

    def taken_ms(self, text: str) -> int:
        """A time of 补录 is the number that was typed; anything else can't be read."""
        if not text.isdigit():
            raise UserError(DeskCode.LATE_UNREADABLE, given=text)
        return int(text)

    def keep_head(self) -> None:
        pass

    @property
    def senders(self) -> KnowingStation:
        return self

    def find(self, document: IdentityDocument) -> KnownSender:
        """Known is who was told of; everybody else was never here."""
        return self.known.get(document.number or "", KnownSender(0, 0, 0, None))

    def is_informed(self, document: IdentityDocument) -> bool:
        """Whoever agreed was shown the notice then."""
        profile = self.find(document).profile
        return profile is not None and profile.consented

    def consent(self, document: IdentityDocument, phone: str, _by: object) -> None:
        if self.refuses:
            raise self.refuses.pop(0)
        profile = StoredProfile("ab" * 16, document.name, phone)
        self.known[document.number or ""] = replace(self.find(document), profile=profile)

    def withdraw(self, document: IdentityDocument, _by: object) -> KnowingStation:
        self.known[document.number or ""] = replace(self.find(document), profile=StoredProfile("ab" * 16, None, None))
        return self

    def forget(self, document: IdentityDocument, _by: object) -> KnowingStation:
        self.known[document.number or ""] = replace(self.find(document), profile=None)
        return self

    def visits(self, _: object) -> tuple[int, int]:
        return 1, 3

    def sign_in(self, code: str, _password: str) -> SignedIn:
        return self.staff[code]

    def prepare(self, session: Session) -> Session:
        """As the desk prepares: lists for known people, an earlier acceptance for a known number, a count for tobacco."""
        draft = session.draft
        known = draft.document is not None or bool(draft.sender.phone)
        if not draft.is_letter and known and self.screening != draft.screening:
            session = session.screened(self.screening)
        if draft.waybill is not None:
            session = session.already_accepted(self.earlier.get(draft.waybill.text))
            session = session.security_looked_up(self.failed.get(draft.waybill.text))
        return session.tobacco_counted(self.tobacco_today) if any(item.is_tobacco for item in draft.items) else session

    def submit(self, submission: Submission) -> Recorded:
        if self.refuses:
            raise self.refuses.pop(0)
        self.submitted.append(submission)
        verdict = submission.session.verdict(self.rules.rulebook, self.rules.policy, self.clock_day)
        return Recorded(verdict.outcome, verdict, len(self.submitted), "ab" * 32)


class ScriptedDesk(PatientWorker):
    """Answers the oldest job when told, or a chosen one out of order."""

    def answer(self, station: KnowingStation, place: int = 0) -> None:
        self.settle(self.asked.pop(place), station)

    def answer_all(self, station: KnowingStation) -> None:
        while self.asked:
            self.answer(station)

    @staticmethod
    def settle(job: Asked, station: KnowingStation) -> None:
        try:
            result = job.work(station)
        except CourierCheckError as error:
            job.failed(error)
        else:
            job.done(result)


# Pictures ---------------------------------------------------------------------------------------------------------------------------------


@dataclass
class Reading:
    """A reading under way. `kind`: document, label or photo."""

    kind: str
    done: Callable[[Any], None]
    failed: Callable[[CourierCheckError], None]


class PatientPictures(QObject):
    """Pictures that are read when the test reads them. `sources`: how many there are before typing comes; `watched`: whether codes are."""

    changed = Signal()
    seen = Signal(object)

    def __init__(self, sources: int = 1) -> None:
        super().__init__()
        self.name, self.says, self.source = "练习画面", "", object() if sources else None
        self.scene = None
        self.is_blurred = False
        self.is_live, self.watched = bool(sources), False
        self.readings: list[Reading] = []
        self._sources, self._at = sources, 0

    def read_document(self, done: Callable[[Any], None], failed: Callable[[CourierCheckError], None]) -> None:
        self.readings.append(Reading("document", done, failed))

    def read_label(self, _: object, done: Callable[[Any], None], failed: Callable[[CourierCheckError], None]) -> None:
        self.readings.append(Reading("label", done, failed))

    def take_photo(self, done: Callable[[Any], None], failed: Callable[[CourierCheckError], None], *, sealed: bool = False) -> None:
        self.readings.append(Reading("photo", done, failed))
        self.sealed = sealed

    def take_copy(self, done: Callable[[Any], None], failed: Callable[[CourierCheckError], None]) -> None:
        self.readings.append(Reading("copy", done, failed))

    def next_source(self) -> bool:
        self._at += 1
        return self._at < self._sources

    def first_source(self) -> None:
        self._at = 0

    def hide_picture(self) -> None:
        self.is_blurred = True

    def show_live(self) -> None:
        self.is_blurred = False

    def show_view(self, _: object) -> None:
        pass

    def show_person(self, *, another: bool) -> None:  # noqa: ARG002 - as the real ones are called
        self.is_blurred = False

    def pick_waybill(self, _: str) -> None:
        pass

    def watch_codes(self, *, wanted: bool) -> None:
        self.watched = wanted


class PatientReader(QObject):
    """A chip reader that tells what the test says. `laid`: whose cards were laid on it by Enter, as practice does."""

    changed = Signal()
    read = Signal(object)
    stumbled = Signal(object)
    back = Signal()

    def __init__(self, *, practice: bool = False) -> None:
        super().__init__()
        self.state, self.says, self.practice = ReaderState.READY, "", practice
        self.chosen = True
        self.laid: list[str] = []

    @property
    def shown(self) -> ReaderShown:
        return ReaderShown(self.state, self.in_use, self.says, self.practice)

    @property
    def in_use(self) -> bool:
        return self.chosen and self.state not in (ReaderState.SEARCHING, ReaderState.ABSENT, ReaderState.GONE)

    def choose(self, *, chosen: bool) -> None:
        self.chosen = chosen
        self.changed.emit()

    def lay(self, owner: str) -> bool:
        self.laid.append(owner)
        return self.practice

    def become(self, state: ReaderState, says: str = "") -> None:
        self.state, self.says = state, says
        self.changed.emit()

    def tell(self, reading: SourceReading, ms: int = 420) -> None:
        """A card was read."""
        self.read.emit(Read(reading, ms))


def label_reading(waybill: str | None = LABEL, **said: str) -> WaybillReading:
    """A label as a picture gives it: number, a sender with a phone, an addressee."""
    usual = {
        "sender_name": "张三丰",
        "sender_phone": "13800001234",
        "sender_address": "郑州市某路 1 号",
        "addressee_name": "诸葛样例",
        "addressee_phone": "13900005678",
        "addressee_address": "某市某路 2 号",
        **said,
    }
    codes = () if waybill is None else (Code(waybill, "Code128", ((0, 0), (1, 0), (1, 1), (0, 1)), confirmed=True),)
    checks = () if waybill is None else (WaybillCheck(waybill, CodeKind.WAYBILL, ("sf",), "sf"),)
    return WaybillReading(codes, checks, waybill, **usual, warnings=(), ms=900)  # type: ignore[arg-type]  # names of fields, as above


# The counter ------------------------------------------------------------------------------------------------------------------------------


class Stand:
    """A conductor and its hands. Look-ups and acts wait for `look_up()`; readings for `read()`, `label()`, `photo()`."""

    def __init__(self, rules: Rules, operator: SignedIn = CLERK, *, sources: int = 1, reader: PatientReader | None = None) -> None:
        ids = itertools.count(1)
        self.mono_ms = 1_000
        self.station, self.desk, self.pictures = KnowingStation(rules), ScriptedDesk(), PatientPictures(sources)
        means = Means(self.desk, self.pictures, WORDING, lambda: self.mono_ms, lambda: f"{next(ids):032x}", reader)  # type: ignore[arg-type]  # fakes
        self.conductor = Conductor(means, books(rules, operator))
        self.told: list[str] = []
        self.conductor.told.connect(lambda text, _wrong: self.told.append(text))

    @property
    def state(self) -> CounterState:
        return self.conductor.state

    @property
    def task(self) -> Task:
        return self.state.task(self.conductor.books, self.conductor.verdict)

    @property
    def outcome(self) -> Outcome:
        return self.conductor.verdict.outcome

    @property
    def view(self) -> AcceptanceView:
        return self.conductor.view()

    def press(self, *names: str) -> bool:
        """Whether the last key meant something."""
        used = False
        for name in names:
            self.mono_ms += 500
            used = self.conductor.press(name)
        return used

    def look_up(self) -> None:
        """The station answers everything that it was asked."""
        self.desk.answer_all(self.station)

    def confirm(self, form: Form, **typed: str) -> None:
        self.conductor.confirm(form, typed)

    def _settle(self, kind: str, result: object) -> None:
        reading = next(one for one in self.pictures.readings if one.kind == kind)
        self.pictures.readings.remove(reading)
        reading.done(result)

    def read(self, document: IdentityDocument = CARD) -> None:
        """The oldest reading of a document ends."""
        self._settle("document", DocumentReading(document, complete=True, warnings=(), ms=700))

    def label(self, waybill: str | None = LABEL, **said: str) -> None:
        self._settle("label", label_reading(waybill, **said))

    def photo(self, data: bytes = b"a picture", faults: tuple[PhotoFault, ...] = ()) -> None:
        self._settle("photo", EvidencePhoto(4, 3, data, b"small", faults))

    def copy(self, data: bytes = b"a card") -> None:
        self._settle("copy", Jpeg(4, 3, data))

    # Whole stretches of work ------------------------------------------------------------------------------------------------------------

    def identify(self, document: IdentityDocument = CARD) -> None:
        self.press("Enter")
        self.read(document)
        self.look_up()
        self.answer("identity")

    def scan_label(self, waybill: str = LABEL, **said: str) -> None:
        self.conductor.scanned(waybill)
        self.label(waybill, **said)
        self.look_up()
        self.answer("waybill")

    def declare(self, digit: str = "1", name: str = "旧书", **typed: str) -> None:
        self.press(digit)
        self.confirm(Form.CONTENTS, category=self.state.chosen, name=name, **typed)
        self.look_up()

    def answer(self, step: str) -> None:
        while self.task.kind is TaskKind.ASK and self.task.step.value == step:
            self.press("1")

    def fill(self, waybill: str = LABEL) -> None:
        """Everything up to the last key."""
        self.identify()
        self.scan_label(waybill)
        self.declare()
        self.answer("inspection")

    def accept(self, waybill: str = LABEL) -> None:
        self.fill(waybill)
        self.press("F12")
        self.look_up()


def strings_of(value: object) -> Iterator[str]:
    """Every text a view holds, however deep."""
    if isinstance(value, str):
        yield str(value)
    elif is_dataclass(value):
        for each in fields(value):
            yield from strings_of(getattr(value, each.name))
    elif isinstance(value, Mapping):
        for name, held in value.items():
            yield from (*strings_of(name), *strings_of(held))
    elif isinstance(value, tuple | list):
        for held in value:
            yield from strings_of(held)
