"""The acceptance page's conduct: it takes keys, scans, forms and readings, changes the state, and has the workers do what is to be done
outside. It knows no widgets; the page shows `view()` after every `changed`, the picture alone after `pictured`."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from courier_check.acceptance import Contact, ResolutionKind, Session
from courier_check.acceptance.tasks import Task, TaskKind
from courier_check.desk.rights import Role, SignedIn
from courier_check.devices.scene import View
from courier_check.errors import CourierCheckError, UserError
from courier_check.identity.documents import IdentityDocument, Source
from courier_check.identity.readings import SourceReading
from courier_check.inspection.refusals import IdentityKept
from courier_check.inspection.verdict import Outcome, Verdict
from courier_check.terms import MailKind
from courier_check.wording import Wording
from courier_check.wording.verdicts import reason_text
from ui import work
from ui.background import Worker
from ui.counter import acts, decisions, evidence, goods, identity, inputs, people, scans
from ui.counter.codes import CounterCode
from ui.counter.effects import (
    Dispose,
    Done,
    Effect,
    Fresh,
    KeepSender,
    LookUp,
    NextSource,
    Now,
    PrintNotice,
    ReadDocument,
    ReadLabel,
    Submit,
    TakeCopy,
    TakeCredential,
    TakePhoto,
)
from ui.counter.evidence import EvidencePhotos
from ui.counter.in_view import CodesInView
from ui.counter.inputs import Parties
from ui.counter.parcels import FIELDS, Parcels
from ui.counter.sources import PERSONS, AtCounter, Sources
from ui.counter.state import Books, CounterState, Known, Panel, needs_lookup
from ui.counter.view import SOURCES, AcceptanceView, Form, PictureView, Surroundings, picture_view, view_of
from ui.counter.visitors import Answers, Visitors
from ui.pictures import Pictures
from ui.work import LookedUp

if TYPE_CHECKING:
    from courier_check.desk.acceptances import Recorded
    from courier_check.devices.documents import DocumentReading
    from courier_check.station import Station
    from ui.reader import Reader
    from ui.shown import LineShown

CLEAR_MS = 20_000
FORGET_MS = 120_000
"""How long the last sender is kept for F4 after a commit, unseen."""
_NOT_KEPT = ("nation-", "address-", "issuer-", "sex-from", "birth-from")
"""Warnings about fields that are used for checks and then discarded (domain.md §11.4): nobody has to look at them."""


@dataclass(frozen=True, slots=True)
class Means:
    """What the conductor works with. `mono_ms`: a clock for dwell times; `new_id`: 32 hexadecimal digits, random."""

    desk: Worker[Station]
    pictures: Pictures
    wording: Wording
    mono_ms: Callable[[], int]
    new_id: Callable[[], str]
    reader: Reader | None = None


class Conductor(QObject):
    """`told`: a sentence for the toast (and whether it is about something wrong). `recorded`: an act is durable."""

    changed = Signal()
    pictured = Signal()
    told = Signal(str, bool)
    recorded = Signal()
    disposal_wanted = Signal(int, str)

    def __init__(self, means: Means, books: Books) -> None:
        super().__init__()
        self._means = means
        self.books = books
        self.state = CounterState.fresh(means.new_id(), means.new_id())
        self._judged: tuple[Session, object, Verdict] | None = None
        self._before_key: CounterState | None = None
        self._later: tuple[str, ...] = ()
        self._asked: Task | None = None
        self._look_ups, self._of_scan = 0, False
        self._together, self._owed = 0, False
        self.newest: Recorded | None = None
        self._label: LineShown | None = None
        self._forget = QTimer(self, singleShot=True, interval=FORGET_MS)
        self._forget.timeout.connect(lambda: self._become(replace(self.state, previous=None)))
        self._clear = QTimer(self, singleShot=True, interval=CLEAR_MS)
        self._clear.timeout.connect(self._clear_recorded)
        self._visitors = Visitors(means, Answers(self._deliver, self.told.emit, self._say, lambda: self._now))
        means.pictures.changed.connect(self._pictured)
        if means.reader is not None:
            means.reader.changed.connect(self._show)
        acting = AtCounter(
            lambda: self._now,
            self._become,
            self._attempt,
            self._deliver,
            self.told.emit,
            self._say,
            self._takes_more,
            self._read_picture,
        )
        self.sources, self.parcels = Sources(means, acting), Parcels(means, acting)
        self._photos = EvidencePhotos(means, acting)
        self.in_view = CodesInView(means, acting, self.scanned, self.parcels.read_label)

    # What is shown ------------------------------------------------------------------------------------------------------------------------

    @property
    def verdict(self) -> Verdict:
        """Judged once for each session value and day."""
        session, judged_by = self.state.session, (self.books.today, self.books.rules)
        if self._judged is None or self._judged[0] is not session or self._judged[1] != judged_by:
            self._judged = (session, judged_by, self.state.verdict(self.books))
        return self._judged[2]

    def view(self) -> AcceptanceView:
        return view_of(self.state, self.books, self.verdict, self._around)

    def picture_view(self) -> PictureView:
        return picture_view(self.state, self._around)

    @property
    def _around(self) -> Surroundings:
        pictures = self._means.pictures
        return Surroundings(
            self._means.wording,
            pictures.name,
            pictures.says,
            pictures.is_blurred,
            reader=self.sources.reader,
            camera=pictures.source is not None,
            codes=self.in_view.caption,
            code_outline=self.in_view.outline,
            label=self._label,
        )

    @property
    def _now(self) -> Now:
        return Now(self.state, self.books, self.verdict, self.state.task(self.books, self.verdict), self._means.mono_ms())

    @property
    def has_parcel(self) -> bool:
        """Whether a parcel stands before the clerk that was begun and is not recorded."""
        return self.state.panel is not Panel.RECORDED and not self.state.untouched

    @property
    def in_hand(self) -> int:
        """Parcels begun and not done with: the one in hand, if it was touched, those put aside, and a shipment whose next piece is due."""
        touched = self.state.continuing is not None or self.has_parcel
        return len(self.state.counter.held) + (1 if touched else 0)

    def show_label(self, line: LineShown | None) -> None:
        """How the label of the parcel that was recorded last stands."""
        if line != self._label:
            self._label = line
            self._show()

    def take_books(self, books: Books) -> None:
        """Somebody else stands at the counter, or the rules have changed. The last sender is nobody else's business."""
        if books.operator.code != self.books.operator.code:
            self._before_key = None
            self.state = replace(self.state, previous=None)
        self.books = books
        self._judged = None
        self._show()

    # What comes in ------------------------------------------------------------------------------------------------------------------------

    def press(self, key: str) -> bool:
        """A key that is no text. False: it means nothing here."""
        try:
            done = acts.press(self._now, key)
        except CourierCheckError as error:
            self._say(error)
            return True
        if done is None:
            return False
        self._take(done)
        return True

    def scanned(self, text: str) -> None:
        """A gun's scan, wherever the focus is. After an act it begins the next parcel; during one it waits for its end."""
        before = self.state.draft.waybill
        if self.state.saving:
            self._later = (*self._later, text)
        elif self.state.continuing is not None and not self.is_credential(text):
            self._attempt(lambda: self.parcels.next_piece(text))
        elif self._takes_more():
            self._attempt(lambda: self._scan_taken(text))
        if self.state.draft.waybill is not before and (other := scans.other_carrier(self._now)) is not None:
            self._say(other)

    def is_credential(self, text: str) -> bool:
        """A code that claims to be a 实名码."""
        return identity.is_credential(self.books, text)

    def _scan_taken(self, text: str) -> CounterState | Done:
        """A 实名码 says who sends; what nobody can read where one is asked for is kept as a reference; the rest should be a waybill."""
        if self.is_credential(text):
            return self.state, TakeCredential(text)
        if identity.is_reference(self._now, text):
            return self.sources.reference_kept(self._now, text)
        if self.parcels.goes_on(text):
            return self.state
        return inputs.scanned(self._now, text)

    @property
    def _in_hand(self) -> bool:
        """Whether there is a parcel to change: not one that is being saved, nor one that is recorded."""
        return not self.state.saving and self.state.panel is not Panel.RECORDED

    def _takes_more(self) -> bool:
        """False while an act is being saved: what is handed in stays as it is. After an act the next parcel is taken up."""
        if self.state.saving:
            return False
        if self.state.continuing is not None:
            self._say(UserError(CounterCode.SHIPMENT_OPEN, left=acts.left_of(self.state)))
            return False
        if self.state.panel is Panel.RECORDED:
            self._fresh(Fresh())
        return True

    def confirm(self, form: Form, typed: Mapping[str, str]) -> None:
        """A form was filled in."""
        if not self._in_hand:
            return
        ways: dict[Form, Callable[[Mapping[str, str]], CounterState | Done]] = {
            Form.WAYBILL: self._waybill_typed,
            Form.DOCUMENT: self._document_typed,
            Form.PARTIES: self._parties_typed,
            **self.parcels.ways,
            Form.GOODS_NAME: lambda typed: inputs.goods_named(self._now, typed["name"]),
            Form.EXEMPTION_NOTE: lambda typed: evidence.exempted(self._now, typed["note"]),
            Form.REFUSAL_NOTE: lambda typed: acts.refuse(self._now, typed["note"]),
            Form.LETTER: lambda typed: acts.told_by_letter(self._now, typed),
            Form.ORGANISATION: lambda typed: people.organised(self._now, typed),
            Form.HIT_CODE: lambda typed: decisions.told_apart(self._now, typed),
            Form.ORDER_NAME: lambda typed: people.ordered(self._now, typed["order_name"]),
        }
        taken = ways.get(form)
        if form is Form.SUPERVISOR:
            self._supervisor_typed(typed)
        elif form is Form.LATE:
            self._late_typed(typed["taken"].strip())
        elif taken is not None:
            self._attempt(partial(taken, typed))

    def confirm_named(self, form: str, typed: dict[str, str]) -> None:
        self.confirm(Form(form), typed)

    def decided(self, kind: str, typed: Mapping[str, str]) -> None:
        """A supervisor's decision, by its button or digit. Where it takes another person, that one is asked to sign in."""
        resolution = ResolutionKind.SAME if kind == decisions.SETTLE else ResolutionKind(kind)
        if not self._in_hand:
            return
        try:
            self._take(decisions.decide(self._now, resolution, typed))
        except CourierCheckError as error:
            if error.code == CounterCode.TWO_PERSONS:
                self._become(self.state.opened(Panel.SUPERVISOR, chosen="", kind=""))
            self._say(error)

    def change_kind(self, kind: MailKind, *, mailbox_letter: bool = False) -> None:
        if self._takes_more():
            self._attempt(lambda: inputs.kind_changed(self._now, kind, mailbox_letter=mailbox_letter))

    def by_agent(self) -> None:
        if self._takes_more():
            self._attempt(lambda: inputs.by_agent(self._now))

    def open_panel(self, panel: Panel) -> None:
        """告知、回头客、单位、订单姓名."""
        if not self.state.saving:
            self._attempt(lambda: people.opened(self._now, panel))

    def take_copy(self) -> None:
        """翻拍负责人证件."""
        if not self.state.saving:
            self._attempt(lambda: people.copy_wanted(self._now))

    def as_business(self) -> None:
        """经营性寄件人: brand papers may be asked for."""

        def change() -> CounterState:
            sender = self.state.draft.sender
            return self.state.with_session(self.state.session.sender_known(sender.phone, sender.address, business=True))

        if self._takes_more():
            self._attempt(change)

    def edit_contents(self) -> None:
        """改内件: what is confirmed next replaces what was declared."""
        if self._takes_more():
            items = self.state.draft.items
            self._become(self.state.opened(Panel.CONTENTS, chosen=items[0].category if items else "", kind=goods.REPLACE))

    def declare_another(self, typed: Mapping[str, str]) -> None:
        """This item, and one more after it."""
        before = self.state.session
        self.confirm(Form.CONTENTS, typed)
        if self.state.session is not before:
            self._become(self.state.opened(Panel.CONTENTS, chosen="", kind=goods.ADD))

    def edit_parties(self) -> None:
        if self._takes_more():
            self._become(self.state.opened(Panel.TYPED_PARTIES, chosen=""))

    def checkpoint(self) -> object:
        """The state before a printable key; what workers deliver from now on is put into it as well."""
        self._before_key = self.state
        return self.state

    def restore(self) -> None:
        """Take back a key that was the first letter of a scan. Nothing durable hangs on a printable key."""
        before, self._before_key = self._before_key, None
        if before is not None:
            self._become(replace(before, reading=self.state.reading))

    # What has changed ---------------------------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        """Something else is to be shown: at once, or when everything that belongs together has been done."""
        if self._together:
            self._owed = True
        else:
            self.changed.emit()

    def _pictured(self) -> None:
        """Pictures come on their own, many in a second."""
        if self._together:
            self._owed = True
        else:
            self.pictured.emit()

    @contextlib.contextmanager
    def _at_once(self) -> Iterator[None]:
        """All changes meanwhile are shown as one: a key changes the parcel, the picture and the question, and a page takes 10 ms."""
        self._together += 1
        try:
            yield
        finally:
            self._together -= 1
            if not self._together and self._owed:
                self._owed = False
                self.changed.emit()

    # Effects ------------------------------------------------------------------------------------------------------------------------------

    def _attempt(self, act: Callable[[], CounterState | Done]) -> None:
        try:
            done = act()
        except CourierCheckError as error:
            self._say(error)
            return
        self._take(done if isinstance(done, tuple) else (done, None))

    def _take(self, done: Done) -> None:
        if isinstance(done[1], Submit) and self._photos.are_under_way(done[0].session.session_id):
            self._say(UserError(CounterCode.PHOTO_UNDER_WAY))
            return
        with self._at_once():
            self._become(done[0])
            self._effect(done[1])

    def _effect(self, effect: Effect) -> None:
        match effect:
            case ReadDocument(noticed):
                self.sources.read_document(noticed=noticed)
            case PrintNotice() | KeepSender() | TakeCopy():
                self._visitors.do(effect, self._now)
            case ReadLabel(expect):
                self.parcels.read_label(expect)
            case TakePhoto():
                self._photos.take(effect)
            case Submit(submission):
                self._means.desk.run(self, lambda station: work.submit(station, submission), self._recorded, self._not_recorded)
            case LookUp():
                self.state = replace(self.state, unanswered=False, said="")
                self._look_up()
                self._show()
            case NextSource():
                self.sources.next_source()
            case TakeCredential(text):
                self.sources.take_credential(text)
            case Fresh() | Dispose():
                self._after_act(effect)

    def _after_act(self, effect: Fresh | Dispose) -> None:
        if isinstance(effect, Dispose):
            self.disposal_wanted.emit(effect.seq, effect.key)
        else:
            self._fresh(effect)

    def _become(self, state: CounterState) -> None:
        """The new state; a look-up is asked for where it is about something else than before."""
        with self._at_once():
            before, self.state = self.state, self._timed(state)
            if state.session is not before.session and needs_lookup(before.draft, state.draft):
                self._of_scan = state.draft.waybill not in (None, before.draft.waybill)
                self._look_up()
            if any(
                card is not None and card is not was
                for card, was in (
                    (state.draft.document, before.draft.document),
                    (state.draft.agent_document, before.draft.agent_document),
                    (state.draft.guardian_document, before.draft.guardian_document),
                )
            ):
                self._means.pictures.hide_picture()
            self.sources.waiting_taken(self._now)
            task = state.task(self.books, self.verdict)
            if task != self._asked:
                self._asked = task
                self.state = self.state.beside(asked_ms=self._means.mono_ms())
                self._show_next()
            self.in_view.follow(before)
            self._show()

    def _timed(self, state: CounterState) -> CounterState:
        """Since when the parcel in hand is worked on is kept beside it; not since a key that came to nothing."""
        if state.begun is (state.aside.began_ms is not None):
            return state
        return state.beside(began_ms=self._means.mono_ms() if state.begun else None)

    def _show_next(self) -> None:
        """The live picture where something is to be laid under the camera: a document, then the label. A card that was read stays blurred
        until then."""
        if self.state.panel is Panel.DOCUMENT or (self._asked is not None and self._asked.kind in PERSONS):
            self._means.pictures.show_view(View.FRONT)
            self._means.pictures.show_live()
        elif self._asked is not None and self._asked.kind is TaskKind.WAYBILL:
            self._means.pictures.show_view(View.WAYBILL)
            self._means.pictures.show_live()

    def _deliver(self, session_id: str, change: Callable[[Now], CounterState]) -> None:
        """What a worker brought, put into the parcel it was asked for, if that is still in hand; UserErrors are said."""
        if session_id != self.state.session.session_id or self.state.panel is Panel.RECORDED:
            return
        before = self._before_key
        self._attempt(lambda: change(self._now))
        if before is not None and before.session.session_id == session_id:
            with contextlib.suppress(UserError):  # the key that is taken back may have been what made it fit
                self._before_key = change(Now.of(before, self.books, self._means.mono_ms()))

    def _say(self, error: CourierCheckError) -> None:
        facts = dict(error.facts)
        if error.code == CounterCode.WRONG_SCAN:
            facts |= scans.in_words(facts, self._means.wording)
        facts |= {"field": FIELDS[field]} if (field := str(facts.get("field"))) in FIELDS else {}
        text = self._means.wording.of(error.code.value, facts)
        self.state = self.state.saying(text)
        self.told.emit(text, True)
        self._show()

    @property
    def awaits_verdict(self) -> bool:
        """Whether the station was asked about a waybill that was just told, and has not answered."""
        return self._look_ups > 0 and self._of_scan

    def _look_up(self) -> None:
        session = self.state.session
        self._look_ups += 1
        self._means.desk.run(self, lambda station: work.look_up(station, session), self._looked_up, self._not_looked_up)

    def _not_looked_up(self, error: CourierCheckError) -> None:
        self._look_ups -= 1
        self.state = replace(self.state, unanswered=True)
        self._say(error)

    def _looked_up(self, found: LookedUp) -> None:
        """What the station knows, put into the parcel it was asked for; one that is put aside meanwhile is asked about again."""
        self._look_ups -= 1
        self.books = replace(self.books, today=found.today)

        def inform(now: Now) -> CounterState:
            state = replace(now.state, counter=now.state.counter.put(now.state.session.informed_by(found.session)), unanswered=False)
            known = Known(found.session.draft.document, found.known)
            return state.beside(took_ms={**state.aside.took_ms, "look-up": found.ms}, visits=found.visits, known=known)

        self._deliver(found.session.session_id, inform)

    def _read_picture(self) -> None:
        asked, started = self._now, self._means.mono_ms()
        if identity.notice_waits(asked):
            self._say(UserError(CounterCode.NOTICE_FIRST))
            return
        self.state = self._timed(replace(self.state, reading=True, said=""))
        self._means.pictures.read_document(
            lambda found: self._document_read(asked, started, found),
            lambda error: self._reading_failed(asked.state.session.session_id, error),
        )
        self._show()

    def _document_read(self, asked: Now, started: int, found: DocumentReading) -> None:
        self.state = replace(self.state, reading=False)
        warnings = tuple(self._means.wording.of(one) for one in found.warnings if not one.startswith(_NOT_KEPT))
        took = self._means.mono_ms() - started

        def identify(now: Now) -> CounterState:
            state = inputs.identified(now, found.reading, SOURCES[found.document.source], asked=asked.task.kind)
            state = state.beside(took_ms={**state.aside.took_ms, "read": took}, warnings=warnings, outline=found.outline)
            half = acts.half_read(state)
            return state.saying(self._means.wording.of(CounterCode.TURN_OVER.value) if half else "；".join(warnings))

        self._deliver(asked.state.session.session_id, identify)
        self._show_next()
        self._show()

    def _reading_failed(self, asked: str, error: CourierCheckError, *, quiet: bool = False) -> None:
        """Nothing was read; everything entered stays. `quiet`: a gun has read the number already, so the picture is only a help."""
        self.state = self._timed(replace(self.state, reading=False))
        if asked == self.state.session.session_id and not quiet:
            self._say(error)
        self._show()

    def _fresh(self, wanted: Fresh, *, forget: bool = True) -> None:
        """The next parcel: an empty one, the last sender's, or an empty one beside the one that is put aside."""
        session_id, draft_id = self._means.new_id(), self._means.new_id()
        if wanted.hold:
            state = self.state.held(session_id, draft_id)
        elif wanted.same_sender and self.state.previous is not None:
            source = self.state.aside.source
            late_ms = None if self.state.panel is Panel.RECORDED else self.state.aside.late_ms  # 补录 was begun before F4
            state = self.state.renewed(self.state.previous.again(session_id), draft_id)
            state = state.beside(source=source, phone_from_label=False, late_ms=late_ms)
        else:
            state = self.state.renewed(Session.started(session_id, MailKind.PARCEL), draft_id)
            state = state.forgotten() if forget else state
        done = wanted.hold or (self.state.panel is Panel.RECORDED and not wanted.same_sender)
        panel = Panel.HELD if wanted.choose else Panel.LATE if wanted.late else Panel.TASK
        state = replace(state, recorded=None, panel=panel)
        self._means.pictures.show_person(another=done)
        self.sources.begin_again()
        self._become(state)

    # The durable act ----------------------------------------------------------------------------------------------------------------------

    def _recorded(self, recorded: Recorded) -> None:
        reasons = tuple(reason_text(self._means.wording, reason) for reason in recorded.verdict.reasons if reason.refusal)
        self._become(self.state.recorded_as(recorded, tuple(dict.fromkeys(reasons)), keeps_identity=self._keeps_identity(recorded)))
        self._means.pictures.hide_picture()
        for timer in (self._forget, self._clear):  # the sender of a shipment stays for its next piece
            if timer is self._clear and recorded.lead is not None:
                timer.stop()  # what is to be done with it stays in view until somebody has read it
            elif self.state.continuing is None:
                timer.start()
            else:
                timer.stop()
        self._saved()
        self.newest = recorded
        self.recorded.emit()

    def _not_recorded(self, error: CourierCheckError) -> None:
        """Nothing was written: everything entered stays, and the same key tries again under the same draft id."""
        self.state = replace(self.state, saving=False)
        self._say(error)
        self._look_up()
        self._saved()

    def _saved(self) -> None:
        """No key from before the act can be taken back after it; scans that came meanwhile are taken now, each in its turn."""
        self._before_key = None
        later, self._later = self._later, ()
        for text in later:
            self.scanned(text)

    def _keeps_identity(self, recorded: Recorded) -> bool:
        """Some refusals keep no identity of the person (domain.md §11.13): nothing of it stays on screen or for F4 either."""
        refusals = self.books.rules.rulebook.rules.refusals
        found = [held for reason in recorded.verdict.reasons if reason.refusal and (held := refusals.refusal(reason.refusal))]
        return recorded.outcome is not Outcome.REFUSE or any(one.identity is IdentityKept.KEPT for one in found)

    def _clear_recorded(self) -> None:
        """What was recorded leaves the screen by itself, for the next in the queue reads along (product.md J1). F4 still works."""
        if self.state.panel is Panel.RECORDED:
            self._fresh(Fresh(), forget=False)

    # Forms --------------------------------------------------------------------------------------------------------------------------------

    def _waybill_typed(self, typed: Mapping[str, str]) -> CounterState | Done:
        text = typed["waybill"].strip()
        return self._scan_taken(text) if text else (self.state, ReadLabel())

    def _document_typed(self, typed: Mapping[str, str]) -> CounterState:
        given = {name: value for name, value in typed.items() if value.strip()}
        document = IdentityDocument.from_mapping(given, source=Source.TYPED)
        if not document.number or not document.name:
            raise UserError(CounterCode.FIELD_EMPTY, field="姓名和证件号码")
        return inputs.identified(people.read_after_notice(self._now), SourceReading(Source.TYPED, document), SOURCES[Source.TYPED])

    def _parties_typed(self, typed: Mapping[str, str]) -> CounterState:
        addressee = Contact(typed["addressee_name"].strip(), typed["addressee_phone"].strip(), typed["addressee_address"].strip())
        return inputs.parties_typed(self._now, Parties(typed["sender_name"], typed["sender_phone"], typed["sender_address"], addressee))

    def _late_typed(self, text: str) -> None:
        """The station's clock and its beginning say what may be. An emptied field: it is no late registration."""
        asked = self.state.session.session_id

        def taken(late_ms: int | None) -> None:
            self._deliver(asked, lambda now: inputs.taken_late(now, late_ms))

        if text:
            self._means.desk.run(self, lambda station: work.late_ms(station, text), taken, self._say)
        else:
            taken(None)

    def _supervisor_typed(self, typed: Mapping[str, str]) -> None:
        asked = self.state.session.session_id

        def came(who: SignedIn) -> None:
            if who.role is not Role.SUPERVISOR:
                self._say(UserError(CounterCode.NO_SUPERVISOR))
            elif asked == self.state.session.session_id and self.state.panel is Panel.SUPERVISOR:
                self._become(self.state.beside(supervisor=who).opened(Panel.DECIDE, chosen="", kind="", present=who))

        self._means.desk.run(self, lambda station: work.sign_in(station, typed["code"].strip(), typed["password"]), came, self._say)
