"""The counter as one frozen value: the parcels in hand and put aside, what is kept beside each, and which panel is open. No Qt.

Every step returns a new value: a key that turns out to be the first letter of a scan is taken back by putting the old value in place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from courier_check.acceptance import Counter, Draft, Session
from courier_check.acceptance.tasks import Task, next_task
from courier_check.desk.acceptances import DocumentCopy, Recorded, Rules
from courier_check.desk.rights import Role, SignedIn
from courier_check.desk.senders import KnownSender
from courier_check.identity.documents import IdentityDocument
from courier_check.inspection.catalogue import Disposition
from courier_check.inspection.notification import Notification
from courier_check.inspection.verdict import Outcome, Verdict
from courier_check.parcel.service import CustomsItem, ServiceInformation, Shipment, Way
from courier_check.parcel.waybills import WaybillCheck
from courier_check.privacy import mask_name, mask_number
from courier_check.store.evidence import Photo
from courier_check.terms import MailKind
from ui.counter.finding import Finders, Sought


class Panel(StrEnum):
    """What the middle column shows: the next task, unless the clerk has opened something else."""

    TASK = "task"
    DOCUMENT = "document"  # another document instead of the one that was read
    TYPED_DOCUMENT = "typed-document"
    TYPED_PARTIES = "typed-parties"
    LATE = "late"
    NOTICE = "notice"  # 告知全文
    SENDER = "sender"  # 回头客
    ORGANISATION = "organisation"
    ORDER_NAME = "order-name"
    CONTENTS = "contents"
    REFUSE = "refuse"
    LETTER = "letter"  # 机关、权利人的通知
    HELD = "held"
    SUPERVISOR = "supervisor"
    DECIDE = "decide"
    HIT_CODE = "hit-code"  # 不是同一家，凭信用代码
    RECORDED = "recorded"
    PAPERS = "papers"  # 随附单证、个人自用
    SERVICE = "service"  # 服务信息
    CUSTOMS = "customs"
    PIECES = "pieces"  # 一票多件
    PROHIBITED = "prohibited"  # 查禁寄物品
    RESERVED = "reserved"  # 国家机关公文、专营信件
    CODES = "codes"  # 画面里不止一个单号


_TYPED = (Panel.TYPED_DOCUMENT, Panel.TYPED_PARTIES, Panel.ORGANISATION, Panel.CONTENTS)
"""Forms of a parcel that may come before anything else is told of it."""


@dataclass(frozen=True, slots=True)
class Books:
    """What the counter is judged by, and who stands at it."""

    rules: Rules
    outlet_carriers: tuple[str, ...]
    operator: SignedIn
    today: date
    outlet: str = ""
    finders: Finders | None = None
    installed: str | None = None
    """The digest of the installed checklists these are; None of the shipped ones."""


@dataclass(frozen=True, slots=True)
class Visits:
    """How often the sender's document was seen here: acceptances today and in seven days, this one not counted."""

    today: int = 0
    week: int = 0


@dataclass(frozen=True, slots=True)
class FoundGoods:
    """禁寄物 being named: the category by its two digits, then the name, then whether it was hidden."""

    category: str | None = None
    name: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Known:
    """Who was here before, as it was looked up for one document; `sender` None where nobody can be known again by it."""

    of: IdentityDocument | None
    sender: KnownSender | None


@dataclass(frozen=True, slots=True, repr=False)
class CopyTaken:
    """证件复印件 as it was photographed, and of which document."""

    of: IdentityDocument
    copy: DocumentCopy


@dataclass(frozen=True, slots=True)
class ItemBegun:
    """An item that is being declared: the class it was found as (goods.json), and the codes scanned for it, of tags one for each piece."""

    goods: str = ""
    gtin: str = ""
    epcs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CustomsBegun:
    """报关单证 half typed: its head, and a line for each item so far."""

    category: str = ""
    currency: str = ""
    lines: tuple[CustomsItem, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanting:
    """A photo that was not kept for what is wrong with it: of which rule, and when."""

    rule: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Aside:
    """What is kept beside a session and never enters its draft: times for the eye, pictures not yet stored, a supervisor who came."""

    draft_id: str
    began_ms: int | None = None
    """When the first thing was told of the parcel, or began to be read, by the clock of dwell times; None before that."""
    asked_ms: int = 0
    dwell_ms: Mapping[str, int] = field(default_factory=dict)
    took_ms: Mapping[str, int] = field(default_factory=dict)
    visits: Visits | None = None
    photos: tuple[Photo, ...] = field(default=(), repr=False)
    smalls: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """Thumbnails of `photos` by name."""
    wanting: Wanting | None = None
    exempting: str = ""
    """免拍: the reason chosen, while it is being explained."""
    source: str = ""
    warnings: tuple[str, ...] = ()
    phone_from_label: bool = False
    symbology: str = ""
    supervisor: SignedIn | None = None
    found: FoundGoods = FoundGoods()
    hits_later: bool = False
    front_read: bool = False
    late_ms: int | None = None
    """补录: when the parcel was taken."""
    outline: tuple[tuple[float, float], ...] = ()
    """Where the document lay in the picture it was read from: corners as shares of width and height."""
    known: Known | None = None
    copies: tuple[CopyTaken, ...] = field(default=(), repr=False)
    item: ItemBegun = ItemBegun()
    customs: CustomsBegun = CustomsBegun()
    letter: Notification | None = None
    """通知 that the refusal goes by, if it goes by one."""
    codes: tuple[WaybillCheck, ...] = ()
    """Waybills in view of the camera, of which one is to be chosen."""


@dataclass(frozen=True, slots=True)
class RecordedShown:
    """What remains on screen of an act: masked, nothing else."""

    outcome: Outcome
    seq: int | None
    name: str
    number: str
    waybill: str
    reasons: tuple[str, ...] = ()
    repeated: bool = False
    late_ms: int | None = None
    shipment: Shipment | None = None
    dispositions: tuple[Disposition, ...] = ()
    """处置: what is to be done now with what was refused."""
    lead: str | None = None


@dataclass(frozen=True, slots=True)
class CounterState:
    """`digits`: of a two-digit code half typed; `chosen`: the refusal code, hit, referral or class of goods that a panel is about, and
    `kind` what sort of thing that is; `present`: the supervisor who stands here for one decision; `unanswered`: the look-up failed;
    `sought`: what is typed to find goods; `usual`: 服务信息 of the parcel before, as far as it may hold for the next one."""

    counter: Counter
    asides: Mapping[str, Aside]
    panel: Panel = Panel.TASK
    digits: str = ""
    chosen: str = ""
    kind: str = ""
    saving: bool = False
    abandoning: bool = False
    recorded: RecordedShown | None = None
    previous: Session | None = field(default=None, repr=False)
    reading: bool = False
    said: str = ""
    present: SignedIn | None = None
    unanswered: bool = False
    sought: Sought = field(default_factory=Sought)
    usual: ServiceInformation | None = None

    @classmethod
    def fresh(cls, session_id: str, draft_id: str, mail_kind: MailKind = MailKind.PARCEL) -> CounterState:
        return cls(Counter(Session.started(session_id, mail_kind)), MappingProxyType({session_id: Aside(draft_id)}))

    # In hand ------------------------------------------------------------------------------------------------------------------------------

    @property
    def session(self) -> Session:
        session = self.counter.current
        assert session is not None  # noqa: S101 - the counter always has a parcel in hand, if only an empty one
        return session

    @property
    def draft(self) -> Draft:
        return self.session.draft

    @property
    def aside(self) -> Aside:
        return self.asides[self.session.session_id]

    @property
    def untouched(self) -> bool:
        """Nothing was done to the parcel in hand yet."""
        return not self.session.history and self.draft.document is None and self.draft.waybill is None

    @property
    def begun(self) -> bool:
        """Whether somebody is at work on the parcel in hand: something was told of it, is being read or being typed."""
        return self.reading or not self.untouched or self.panel in _TYPED

    @property
    def continuing(self) -> Session | None:
        """一票多件: the piece just recorded, where others are still to come."""
        before = self.previous if self.panel is Panel.RECORDED else None
        shipment = before.draft.shipment if before is not None else None
        return before if shipment is not None and shipment.piece < shipment.pieces else None

    def verdict(self, books: Books) -> Verdict:
        return self.session.verdict(books.rules.rulebook, books.rules.policy, books.today)

    def task(self, books: Books, verdict: Verdict) -> Task:
        return next_task(self.draft, verdict, books.rules.rulebook, hits_later=self.aside.hits_later)

    # Steps --------------------------------------------------------------------------------------------------------------------------------

    def with_session(self, session: Session, **changes: object) -> CounterState:
        """The parcel in hand after a step; the panel closes unless `changes` say otherwise."""
        told = {"panel": Panel.TASK, "digits": "", "chosen": "", "kind": "", "abandoning": False, "said": "", "present": None}
        told |= {"sought": Sought(), **changes}
        return replace(self, counter=self.counter.put(session), **told)  # type: ignore[arg-type]  # names of fields, given by callers here

    def beside(self, **changes: object) -> CounterState:
        """Something kept beside the parcel in hand has changed."""
        return self.beside_of(self.session.session_id, **changes)

    def beside_of(self, session_id: str, **changes: object) -> CounterState:
        if session_id not in self.asides:
            return self
        changed = replace(self.asides[session_id], **changes)  # type: ignore[arg-type]  # as above
        return replace(self, asides=MappingProxyType({**self.asides, session_id: changed}))

    def opened(self, panel: Panel, **changes: object) -> CounterState:
        told = {"digits": "", "abandoning": False, "said": "", "present": None, "sought": Sought(), **changes}
        return replace(self, panel=panel, **told)  # type: ignore[arg-type]  # as above

    def saying(self, text: str) -> CounterState:
        """A sentence under the task: what was wrong, or what to do first."""
        return replace(self, said=text)

    def undone(self) -> CounterState:
        """Backspace: what is being typed first, then an open panel closes, then the last step is taken back. UserError at the beginning."""
        if self.digits:
            return replace(self, digits="")
        if self.panel not in (Panel.TASK, Panel.RECORDED):
            return self.opened(Panel.TASK, chosen="")
        if self.aside.found != FoundGoods():
            return self.beside(found=FoundGoods())
        if self.aside.exempting:
            return self.beside(exempting="")
        undone = self.with_session(self.session.undo())
        return undone.beside(photos=undone.aside.photos[: len(undone.draft.photos)])  # one each, in the same order

    # Parcels ------------------------------------------------------------------------------------------------------------------------------

    def renewed(self, session: Session, draft_id: str) -> CounterState:
        """The parcel in hand is done with; another one is taken up. Everything kept of the former goes, what is held stays."""
        held = {one.session_id for one in self.counter.held}
        asides = {name: aside for name, aside in self.asides.items() if name in held}
        return CounterState(
            counter=self.counter.finish().start(session),
            asides=MappingProxyType({**asides, session.session_id: Aside(draft_id, source=self.aside.source)}),
            recorded=self.recorded,
            previous=self.previous,
            usual=self.usual,
        )

    def held(self, session_id: str, draft_id: str) -> CounterState:
        """挂起: the parcel in hand is put aside and an empty one taken up."""
        counter = self.counter.hold().start(Session.started(session_id, MailKind.PARCEL))
        return CounterState(counter, MappingProxyType({**self.asides, session_id: Aside(draft_id)}), said="", usual=self.usual)

    def resumed(self, session_id: str) -> CounterState:
        """取回: a held parcel back in hand; one in hand that is untouched or recorded is dropped, any other is put aside."""
        dropped = self.session.session_id if self.untouched or self.panel is Panel.RECORDED else ""
        counter = self.counter.finish() if dropped else self.counter
        asides = {name: aside for name, aside in self.asides.items() if name != dropped}
        return CounterState(counter.resume(session_id), MappingProxyType(asides), usual=self.usual)

    def recorded_as(self, recorded: Recorded, reasons: tuple[str, ...], *, keeps_identity: bool) -> CounterState:
        """After the commit only masks stay on screen, if those. The session is kept, unseen, for the sender's next parcel until it is
        dropped."""
        document, waybill = self.draft.document if keeps_identity else None, self.draft.waybill
        shown = RecordedShown(
            outcome=recorded.outcome,
            seq=recorded.seq,
            name=mask_name(document.name) if document and document.name else "",
            number=mask_number(document.number) if document and document.number else "",
            waybill=waybill.text if waybill else "",
            reasons=reasons,
            repeated=recorded.repeated,
            late_ms=self.aside.late_ms,
            shipment=self.draft.shipment,
            dispositions=recorded.verdict.dispositions if recorded.outcome is Outcome.REFUSE else (),
            lead=recorded.lead,
        )
        usual = usual_of(self.draft.service) or self.usual
        done = replace(self, recorded=shown, previous=self.session if keeps_identity else None, saving=False, usual=usual)
        return done.opened(Panel.RECORDED, chosen="", kind="")

    def forgotten(self) -> CounterState:
        """Nothing of the last sender stays, not even for F4."""
        return replace(self, previous=None, recorded=None)


def usual_of(service: ServiceInformation | None) -> ServiceInformation | None:
    """What of 服务信息 may hold for the next sender: product and payer, and where this outlet itself takes parcels in. Somebody's door is
    nobody else's; destination and insured value are each parcel's own."""
    if service is None:
        return None
    here = service.way in (Way.COUNTER, Way.AGENCY)
    return ServiceInformation(
        product=service.product,
        payer=service.payer,
        way=service.way if here else Way.COUNTER,
        place=service.place if service.way is Way.AGENCY else "",
    )


def may_decide(state: CounterState, books: Books) -> SignedIn | None:
    """The supervisor who may decide now: the one who signed in for this decision, or the operator."""
    if state.present is not None:
        return state.present
    return books.operator if books.operator.role is Role.SUPERVISOR else None


def as_one_step(before: Session, after: Session) -> Session:
    """What one picture or one form brought is one step to take back, however many facts it held."""
    if after.draft == before.draft:
        return before
    return Session(after.session_id, after.draft, (*before.history, before.draft))


def lookup_key(draft: Draft) -> tuple[object, ...]:
    """What a look-up depends on: another key means that it must be made again."""
    people = (draft.document, draft.with_agent, draft.agent_document, draft.organisation)
    return (*people, draft.sender, draft.waybill, draft.items, draft.is_letter)


def needs_lookup(before: Draft, after: Draft) -> bool:
    """Whether the station must be asked again: about something else, or because a step has voided what it said (the same facts entered once
    more void it, too)."""
    found = [
        (one.screening, one.earlier, one.failed_check, one.refused_before, one.referred_before, one.tobacco_parcels_today)
        for one in (before, after)
    ]
    lost = any(was is not None and now is None for was, now in zip(*found, strict=True))
    return lost or lookup_key(before) != lookup_key(after)
