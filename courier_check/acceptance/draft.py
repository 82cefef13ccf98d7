"""收寄草稿: everything known of one parcel at the window, as one frozen value. Personal data never shows in a repr."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime

from courier_check.acceptance.codes import AcceptanceReason
from courier_check.identity.documents import IdentityDocument
from courier_check.identity.organisations import Organisation
from courier_check.identity.readings import SourceReading
from courier_check.inspection.checklist import ChecklistItem, ItemMoment
from courier_check.inspection.findings import ContentsFinding, Finding
from courier_check.inspection.notification import Notification
from courier_check.parcel.contents import DeclaredItem, ParcelSize
from courier_check.parcel.service import ServiceInformation, Shipment
from courier_check.parcel.waybills import WaybillCheck
from courier_check.privacy import mask_name, mask_phone
from courier_check.screening.entries import Action
from courier_check.screening.match import Screening
from courier_check.screening.standing import ResolutionKind
from courier_check.terms import ClientKind, MailKind, Reason

FOUND = "found"
CLERK_REFUSAL = "refusal"
"""What was named as found, and 拒收 chosen by the clerk, where they are counted beside items."""


@dataclass(frozen=True, slots=True)
class Contact:
    """寄件人 or 收件人 as the waybill may state them: name, phone, address."""

    name: str = ""
    phone: str = ""
    address: str = ""

    def __repr__(self) -> str:
        return f"Contact({mask_name(self.name)}, {mask_phone(self.phone)})"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whose visit a parcel goes on with (同一寄件人再寄), and how that sender can be reached."""

    document: IdentityDocument
    sender: Contact


@dataclass(frozen=True, slots=True)
class Answered:
    """An item's answer with the moment it belongs to, so that a change at that moment can void it, and the question as it was put (in
    Chinese): under other rules an item of the same name may ask something else. `stops`: it refuses or refers. `because_of`: the facts that
    the item's condition asked about then."""

    finding: Finding
    moment: ItemMoment
    question: str
    stops: bool = False
    because_of: frozenset[str] = frozenset()

    def is_about(self, item: ChecklistItem) -> bool:
        """Whether this item asks what was answered."""
        return (self.finding.item, self.moment, self.question) == (item.id, item.moment, item.question.zh)


@dataclass(frozen=True, slots=True)
class Photo:
    """凭证照片: the id of the photo rule it is for (or another name) and the digest of its bytes. `faults`: what is wrong with it, where it
    was kept all the same; such a photo meets no rule."""

    rule: str
    sha256: str
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PhotoExemption:
    """免拍: which picture is not taken, and why: a reason of the rule, and what was said besides."""

    rule: str
    reason: str
    note: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class HitResolution:
    """The decision on one hit, with the reason given; the desk checks that `supervisor` is one. `code`: the credit code or licence number
    that was shown, by which a clerk tells two firms apart without a supervisor. `evidence`: what was looked at. `until_on`: it holds for
    this client up to and on that day; None: for this parcel only."""

    list_id: str
    entry_id: str
    revision: int
    kind: ResolutionKind
    supervisor: str
    reason: str
    code: str = field(default="", repr=False)
    evidence: str = ""
    until_on: date | None = None


@dataclass(frozen=True, slots=True)
class Settlement:
    """A supervisor settles a referring reason by its code. Hits, checklist items and refusals are never settled this way."""

    code: str
    supervisor: str
    reason: str


@dataclass(frozen=True, slots=True)
class EarlierAcceptance:
    """The same waybill, accepted before: where and when."""

    outlet: str
    window: str
    accepted_at: datetime
    intercepted: bool = False


@dataclass(frozen=True, slots=True)
class FailedCheck:
    """安检不合格: the newest security check of the waybill, of whatever act, failed: when, and which entry says so."""

    at: datetime
    seq: int


@dataclass(frozen=True, slots=True)
class RefusedBefore:
    """拒收过: a refusal of the waybill that no acceptance has named since: when, which entry says so, its refusal code, its 线索.
    `unsettled`: what was found was not to be given back, or made a lead: only a supervisor knows what became of it (domain.md §11.9)."""

    at: datetime
    place: tuple[str, int]
    refusal: str
    lead: str | None = None
    unsettled: bool = False


@dataclass(frozen=True, slots=True)
class ReferredBefore:
    """还在复核: the newest referral of the waybill, which no acceptance has settled. `why`: the code of its weightiest reason; `doubted`:
    ids of the items that were not answered yes, where that is one of the checklist. `about`: the codes of all it was referred for; empty
    where its entry does not say. `hits`: list and entry of the hits it was referred for."""

    at: datetime
    place: tuple[str, int]
    why: str
    doubted: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    hits: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Sampling:
    """抽检: what allows agreement mail to be inspected by sampling — the local authority's document (文号), and the agreement's clause —
    and how many parcels in a hundred are drawn. Without all three, every parcel is inspected (domain.md §11.10)."""

    document: str
    clause: str
    share_percent: int | None = None
    """None: as it was said before a share was asked for."""


@dataclass(frozen=True, slots=True)
class ClerkRefusal:
    """拒收 chosen by the clerk: the code, and a note where the code asks for one. `notification`: what the outlet was told of
    it."""

    code: str
    note: str = ""
    notification: Notification | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One parcel as far as it is known. `mailbox_letter`: inspection-mailbox mail that is a letter, a disc or a stick.

    `document` is what all `readings` say together; of an organisation, it is its responsible person's. `order_sender_name`: the whole name
    of an order whose label hides a part of it. `copied`: a copy of the document comes along. `notice`: version of the notice shown.
    `shipment`: which piece of several this is. `service`: 服务信息, None while nobody asked. `reserved`: id of the mail reserved to the
    postal enterprise that the clerk found it to be, or empty.
    `credential_ref`: a 实名码 of another kind than ours, as it was scanned: it identifies nobody here, and is kept only.
    `visitor`: None for the first parcel of a visit.
    `sampled`: somebody says that it is to be inspected; nobody can say that it is not. `spared_waybill`: the waybill for which the
    station's draw said so, which says nothing of any other.
    `taken_back`: how often, by item, an answer that refused or referred this parcel was given and does not stand any more, with what was
    named as found and the clerk's own refusal. It says how the parcel was judged on the way and decides nothing.
    """

    mail_kind: MailKind
    mailbox_letter: bool = False
    business_sender: bool = False
    sampled: bool = False
    document: IdentityDocument | None = None
    readings: tuple[SourceReading, ...] = ()
    with_agent: bool = False
    agent_document: IdentityDocument | None = None
    agent_readings: tuple[SourceReading, ...] = ()
    guardian_document: IdentityDocument | None = None
    guardian_readings: tuple[SourceReading, ...] = ()
    organisation: Organisation | None = None
    copied: bool = False
    notice: str | None = None
    visitor: Visitor | None = None
    credential_ref: str = field(default="", repr=False)
    sender: Contact = Contact()
    waybill: WaybillCheck | None = None
    waybill_sender_name: str = field(default="", repr=False)
    order_sender_name: str = field(default="", repr=False)
    addressee: Contact = Contact()
    shipment: Shipment | None = None
    service: ServiceInformation | None = None
    reserved: str = ""
    items: tuple[DeclaredItem, ...] = ()
    size: ParcelSize = field(default_factory=ParcelSize)
    tobacco_parcels_today: int | None = None
    client_id: str | None = None
    client_kind: ClientKind | None = None
    client_reasons: tuple[Reason, ...] = ()
    answers: tuple[Answered, ...] = ()
    contents_findings: tuple[ContentsFinding, ...] = ()
    photos: tuple[Photo, ...] = ()
    exemptions: tuple[PhotoExemption, ...] = ()
    screening: Screening | None = None
    resolutions: tuple[HitResolution, ...] = ()
    settlements: tuple[Settlement, ...] = ()
    earlier: EarlierAcceptance | None = None
    failed_check: FailedCheck | None = None
    refused_before: RefusedBefore | None = None
    referred_before: ReferredBefore | None = None
    refusal: ClerkRefusal | None = None
    sampling: Sampling | None = None
    spared_waybill: str | None = None
    taken_back: tuple[tuple[str, int], ...] = field(default=(), compare=False)

    @property
    def is_intercepted(self) -> bool:
        """已拦截: the parcel of this waybill goes nowhere, whatever else is known of it."""
        return self.earlier is not None and self.earlier.intercepted

    @property
    def is_spared(self) -> bool:
        """未抽中: agreement mail that was not drawn, where sampling is allowed. Anything else is inspected."""
        return self._may_be_sampled and not self.is_drawn and not self.is_listed

    @property
    def is_drawn(self) -> bool:
        """抽中: by the station's draw among agreement mail, or because somebody says so."""
        return self.sampled or (self._may_be_sampled and self.spared_waybill != self._waybill_text)

    @property
    def _may_be_sampled(self) -> bool:
        return self.mail_kind is MailKind.AGREEMENT and self.sampling is not None and self.waybill is not None

    @property
    def is_listed(self) -> bool:
        """重点验视: a list says that this sender's parcels are inspected."""
        return self.screening is not None and any(hit.action is Action.INSPECT for hit in self.screening.hits)

    @property
    def weight_g(self) -> int | None:
        """As weighed, else as declared; None where neither was."""
        return self.size.weight_g or sum(item.weight_g or 0 for item in self.items) or None

    @property
    def is_letter(self) -> bool:
        return self.mail_kind is MailKind.LETTER or (self.mail_kind is MailKind.INSPECTION_MAILBOX and self.mailbox_letter)

    @property
    def identity_kind(self) -> MailKind:
        """The kind of mail whose real-name rules apply: what goes to an inspection mailbox and is no letter is a parcel."""
        if self.mail_kind is MailKind.INSPECTION_MAILBOX and not self.mailbox_letter:
            return MailKind.PARCEL
        return self.mail_kind

    @property
    def destination(self) -> str | None:
        """寄往: the country, two letters, as 服务信息 says. None while nobody said; an address is free text and tells it of nobody."""
        return self.service.country if self.service is not None else None

    def without_answers_because_of(self, facts: frozenset[str]) -> Draft:
        """What was asked on account of facts that have changed is void, at whatever step; it is asked again where it still applies."""
        kept = tuple(answered for answered in self.answers if answered.because_of.isdisjoint(facts))
        return self if len(kept) == len(self.answers) else replace(self, answers=kept)

    def without_answers(self, *moments: ItemMoment) -> Draft:
        """What was answered about something that has changed is void, and so is what a supervisor settled about it."""
        kept = tuple(answered for answered in self.answers if answered.moment not in moments)
        return replace(self, answers=kept, settlements=())

    def succeeding(self, before: Draft) -> Draft:
        """This draft in place of another one of the same parcel, step or step back, with what that took back of the former."""
        counted = dict(before.taken_back)
        for name in before._stops() - self._stops():
            counted[name] = counted.get(name, 0) + 1
        taken_back = tuple(sorted(counted.items()))
        return self if taken_back == self.taken_back else replace(self, taken_back=taken_back)

    def _stops(self) -> set[str]:
        """What refuses or refers this parcel by somebody's word: items, and the two words for what is no item."""
        stopping = {answered.finding.item for answered in self.answers if answered.stops}
        stopping |= {FOUND} if self.contents_findings else set()
        return stopping | ({CLERK_REFUSAL} if self.refusal is not None else set())

    def without_visitor(self) -> Draft:
        """Somebody else stands here than in the parcel before: the notice was not shown to him, and neither guardian nor phone is his."""
        if self.visitor is None:
            return self
        sender = Contact() if self.sender == self.visitor.sender else self.sender
        draft = replace(self, visitor=None, notice=None, credential_ref="", sender=sender)
        return replace(draft, guardian_document=None, guardian_readings=())

    def without_screening(self) -> Draft:
        """A screening of other facts says nothing about these."""
        return replace(self, screening=None, resolutions=())

    def with_screening(self, screening: Screening) -> Draft:
        """A new screening voids what was decided on the old one."""
        return replace(self, screening=screening, resolutions=(), settlements=())

    def done_before(self, refused: RefusedBefore | None, referred: ReferredBefore | None) -> Draft:
        """This draft with what the station did with the waybill before. What a supervisor settled was about one entry, and no other."""
        other = {AcceptanceReason.REFUSED_UNSETTLED} if refused != self.refused_before else set()
        other |= {AcceptanceReason.STILL_REFERRED} if referred != self.referred_before else set()
        kept = tuple(one for one in self.settlements if one.code not in other)
        return replace(self, refused_before=refused, referred_before=referred, settlements=kept)

    def informed_by(self, other: Draft) -> Draft:
        """This draft with what was looked up for another one, where both ask the same; what was not found there is kept as it stands here.

        A draft's own findings are always about its own facts, since every step that changes the facts drops them: they may be old, never
        wrong in kind, and the next look-up renews them.
        """
        draft = self
        if other.screening not in (None, draft.screening) and other._screened_facts == draft._screened_facts:
            draft = draft.with_screening(other.screening)
        if other.earlier is not None and other._waybill_text == draft._waybill_text:
            draft = replace(draft, earlier=other.earlier)
        if other.failed_check is not None and other._waybill_text == draft._waybill_text:
            draft = replace(draft, failed_check=other.failed_check)
        if other._waybill_text == draft._waybill_text:
            draft = draft.done_before(other.refused_before or draft.refused_before, other.referred_before or draft.referred_before)
        draft = replace(draft, sampling=other.sampling)
        if other._waybill_text == draft._waybill_text:
            draft = replace(draft, spared_waybill=other.spared_waybill)
        if other.tobacco_parcels_today is not None and other.document == draft.document:
            draft = replace(draft, tobacco_parcels_today=other.tobacco_parcels_today)
        return draft

    @property
    def _screened_facts(self) -> tuple[object, ...]:
        return self.is_letter, self.document, self.with_agent, self.agent_document, self.sender, self.organisation

    @property
    def _waybill_text(self) -> str | None:
        return self.waybill.text if self.waybill else None
