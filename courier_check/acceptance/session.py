"""收寄会话: one parcel from the first scan to the verdict. Every step is pure, in any order, and can be undone.

What the station knows (lists, earlier acceptances, tobacco counts) is looked up, not done by the clerk: look-ups change the draft and are
no steps, so that one key takes back exactly what the clerk did last.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from courier_check.acceptance.codes import AcceptanceCode
from courier_check.acceptance.draft import (
    Answered,
    ClerkRefusal,
    Contact,
    Draft,
    EarlierAcceptance,
    FailedCheck,
    HitResolution,
    Photo,
    PhotoExemption,
    ReferredBefore,
    RefusedBefore,
    Sampling,
    Settlement,
    Visitor,
)
from courier_check.acceptance.judgement import Rulebook, case_of, judge, may_be_copied, settleable
from courier_check.acceptance.resolving import checked_resolution
from courier_check.errors import UserError
from courier_check.identity.comparison import Combined, combine, doubtful_fields
from courier_check.identity.documents import IdentityDocument
from courier_check.identity.names import NameMatch, compare_names
from courier_check.identity.numbers import normalise_number
from courier_check.identity.organisations import Organisation
from courier_check.identity.policy import DocumentPolicy
from courier_check.identity.readings import Field, SourceReading
from courier_check.identity.text import reference
from courier_check.inspection.case import CLIENT_FACTS, DESTINATION_FACTS
from courier_check.inspection.checklist import OF_THE_LABEL, PHOTO_ID, ItemMoment, LeadsTo
from courier_check.inspection.codes import InspectionCode
from courier_check.inspection.findings import Answer, ContentsFinding, Finding
from courier_check.inspection.notification import Notification
from courier_check.inspection.verdict import Verdict
from courier_check.parcel.contents import DeclaredItem, ParcelSize
from courier_check.parcel.service import ServiceInformation, Shipment
from courier_check.parcel.waybills import CodeKind, WaybillCheck
from courier_check.screening.match import Screening
from courier_check.terms import ClientKind, MailKind, Reason

_SHA256 = re.compile(r"[0-9a-f]{64}")
MOST_PHOTOS = 12
"""Of one parcel. Whoever looks at it later sees them all; a header could name some eighty."""
_LONGEST_NOTE = 200


@dataclass(frozen=True, slots=True)
class Session:
    """The parcel being accepted: the draft as it stands, and the drafts before each step of the clerk, oldest first."""

    session_id: str
    draft: Draft
    history: tuple[Draft, ...] = field(default=(), repr=False)

    @classmethod
    def started(cls, session_id: str, mail_kind: MailKind, *, mailbox_letter: bool = False, sampled: bool = False) -> Session:
        """A new parcel. `mailbox_letter` must be said of letters to an inspection mailbox; otherwise they count as parcels."""
        return cls(session_id, Draft(mail_kind=mail_kind, mailbox_letter=mailbox_letter, sampled=sampled))

    def again(self, session_id: str) -> Session:
        """同一寄件人再寄: the next parcel of the same sender in one visit. The document shown once serves: a yes to what is asked of the
        person stands, without a dwell time in the entry. Every check of the parcel is made anew, the screening too."""
        draft = self.draft
        shown = _shown_once(draft.without_answers_because_of(DESTINATION_FACTS))  # where the next parcel goes, nobody has said yet
        kept = Draft(
            mail_kind=draft.mail_kind,
            business_sender=draft.business_sender,
            document=draft.document,
            readings=draft.readings,
            with_agent=draft.with_agent,
            agent_document=draft.agent_document,
            agent_readings=draft.agent_readings,
            guardian_document=draft.guardian_document,
            guardian_readings=draft.guardian_readings,
            organisation=draft.organisation,
            notice=draft.notice,
            visitor=Visitor(draft.document, draft.sender) if draft.document is not None else draft.visitor,
            credential_ref=draft.credential_ref,
            sender=draft.sender,
            client_id=draft.client_id,
            client_kind=draft.client_kind,
            client_reasons=draft.client_reasons,
            answers=shown,
        )
        return Session(session_id, kept)

    def next_piece(self, session_id: str, waybill: WaybillCheck, sender_name: str = "") -> Session:
        """一票多件: the next piece of a shipment, under its own waybill. Identity, addressee and service hold for all pieces; what is asked
        of label and contents, and what the customs are told of them, is asked of each. UserError after the last piece, and for a waybill
        that is none or that of the piece before.
        """
        draft, shipment = self.draft, self.draft.shipment
        if shipment is None or shipment.piece >= shipment.pieces or draft.waybill is None:
            raise UserError(AcceptanceCode.NO_FIRST_PIECE)
        if waybill.text in (draft.waybill.text, shipment.first_waybill):
            raise UserError(AcceptanceCode.PIECE_REPEATED, waybill=waybill.text)
        kept = replace(
            self.again(session_id).draft,
            mailbox_letter=draft.mailbox_letter,
            copied=False,
            addressee=draft.addressee,
            service=_undeclared(draft.service),
            shipment=replace(shipment, piece=shipment.piece + 1),
            answers=_shown_once(draft),
        )
        return Session(session_id, kept).waybill_scanned(waybill, sender_name)

    # Steps ------------------------------------------------------------------------------------------------------------------------------

    def kind_changed(self, mail_kind: MailKind, *, mailbox_letter: bool = False) -> Session:
        """Another kind of mail has other rules: all answers and the client are void, and a copy that was the client's."""
        draft = self.draft.without_answers(*ItemMoment)
        draft = replace(draft, mail_kind=mail_kind, mailbox_letter=mailbox_letter, client_id=None, client_kind=None, client_reasons=())
        return self._now(replace(draft, copied=draft.copied and may_be_copied(draft)))

    def notice_shown(self, version: str) -> Session:
        """告知: the notice of this version was shown, as is due before the first document of a visit is read."""
        return self._now(replace(self.draft, notice=version))

    def identified(self, document: IdentityDocument) -> Session:
        """证件已读, in place of all that was read before. Another document voids what was answered about the former, and its screening."""
        draft = _welcoming(self.draft, document).without_answers(ItemMoment.IDENTITY, *OF_THE_LABEL).without_screening()
        readings = (SourceReading(document.source, document),)
        return self._now(replace(draft, document=document, readings=readings, copied=False, tobacco_parcels_today=None))

    def credential_kept(self, text: str) -> Session:
        """e_credential_ref: a QR text that says it is somebody's, kept as it is, never guessed at (domain.md §8.3). It answers nothing."""
        return self._now(replace(self.draft, credential_ref=reference(text)))

    def read_from(self, reading: SourceReading, *, agent: bool = False) -> Session:
        """又一个来源: what another source says of the document in hand, in place of what the same source said before; the back of a card
        joins its front. The document is then what all sources say together.

        What was answered and looked up stands as long as type, name and number do, and what is doubtful is as it was; what a supervisor
        settled never does.
        """
        held = self.draft.agent_readings if agent else self.draft.readings
        former = self.draft.agent_document if agent else self.draft.document
        same = next((one for one in held if one.source is reading.source), None)
        others = tuple(one for one in held if one.source is not reading.source)
        readings = (*others, same.joined_with(reading) if same is not None else reading)
        combined = combine(readings)
        document = combined.document
        draft = replace(self.draft if agent else _welcoming(self.draft, document), settlements=())
        if former is None or not _is_same_document(former, document):
            draft = draft.without_answers(ItemMoment.IDENTITY, *(() if agent else OF_THE_LABEL)).without_screening()
            draft = draft if agent else replace(draft, copied=False, tobacco_parcels_today=None)
        elif not held or _in_doubt(combined) != _in_doubt(combine(held)):
            draft = draft.without_answers(ItemMoment.IDENTITY)
        if agent:
            return self._now(replace(draft, with_agent=True, agent_document=document, agent_readings=readings))
        return self._now(replace(draft, document=document, readings=readings))

    def brought_by_agent(self, agent_document: IdentityDocument | None = None) -> Session:
        """代寄: someone else hands it in; `agent_document` may follow later."""
        draft = self.draft.without_answers(ItemMoment.IDENTITY).without_screening()
        readings = () if agent_document is None else (SourceReading(agent_document.source, agent_document),)
        return self._now(replace(draft, with_agent=True, agent_document=agent_document, agent_readings=readings))

    def accompanied_by(self, *readings: SourceReading) -> Session:
        """监护人 of a sender under the age of consent, with a document of his own: what its sources say. ValueError for none."""
        draft = self.draft.without_answers(ItemMoment.IDENTITY)
        return self._now(replace(draft, guardian_document=combine(readings).document, guardian_readings=readings))

    def unaccompanied(self) -> Session:
        """The sender turned out to be grown up: whoever came along is nobody to be registered."""
        if not self.draft.guardian_readings:
            return self
        return self._looked_up(replace(self.draft, guardian_document=None, guardian_readings=()))

    def sent_by(self, organisation: Organisation) -> Session:
        """寄件人是单位; the document in hand is then its responsible person's. UserError without name, code or responsible person."""
        if not (organisation.name.strip() and organisation.uscc.strip() and organisation.responsible.strip()):
            raise UserError(AcceptanceCode.ORGANISATION_INCOMPLETE)
        draft = self.draft.without_answers(ItemMoment.IDENTITY, *OF_THE_LABEL).without_screening()
        return self._now(replace(draft, organisation=organisation, business_sender=True))

    def copy_taken(self) -> Session:
        """证件复印件, watermarked when stored. UserError but for an organisation's responsible person and an agreement client."""
        if not may_be_copied(self.draft):
            raise UserError(AcceptanceCode.COPY_NOT_ALLOWED)
        return self._now(replace(self.draft, copied=True))

    def order_known(self, sender_name: str) -> Session:
        """订单里的寄件人全名, where the label hides a part of it. UserError for a name that is hidden itself."""
        if compare_names(sender_name, sender_name) is not NameMatch.EQUAL:
            raise UserError(AcceptanceCode.NAME_NOT_HIDDEN)
        return self._now(replace(self.draft.without_answers(*OF_THE_LABEL), order_sender_name=sender_name.strip()))

    def sender_known(self, phone: str, address: str = "", *, business: bool = False) -> Session:
        """The sender's phone and address, which are screened too. UserError for an empty phone."""
        if not phone.strip():
            raise UserError(AcceptanceCode.PHONE_EMPTY)
        sender = Contact(phone=phone.strip(), address=address.strip())
        draft = replace(self.draft.without_screening(), settlements=())
        return self._now(replace(draft, sender=sender, business_sender=business or draft.organisation is not None))

    def waybill_scanned(self, waybill: WaybillCheck, sender_name: str = "") -> Session:
        """运单已扫, with the sender's name as the label shows it. UserError for any code that is no waybill: nothing changes then."""
        if waybill.kind is not CodeKind.WAYBILL:
            raise UserError(AcceptanceCode.NOT_A_WAYBILL, kind=waybill.kind.value)
        draft = self.draft.without_answers(*OF_THE_LABEL)
        if draft.shipment is not None and draft.shipment.piece == 1:
            draft = replace(draft, shipment=replace(draft.shipment, first_waybill=waybill.text))
        draft = replace(draft, waybill=waybill, waybill_sender_name=sender_name.strip(), order_sender_name="")
        return self._now(replace(draft, earlier=None, failed_check=None, refused_before=None, referred_before=None))

    def in_pieces(self, pieces: int) -> Session:
        """一票多件: this is the first of several pieces. UserError before its waybill is scanned, and for a number that can't be."""
        if self.draft.waybill is None:
            raise UserError(AcceptanceCode.NO_WAYBILL)
        return self._now(replace(self.draft, shipment=Shipment(1, pieces, self.draft.waybill.text)))

    def piece_of(self, shipment: Shipment) -> Session:
        """一票多件, gone on with: this is a later piece of a shipment that was begun before. UserError before its waybill is scanned, and
        for one that was a piece already."""
        if self.draft.waybill is None:
            raise UserError(AcceptanceCode.NO_WAYBILL)
        if self.draft.waybill.text == shipment.first_waybill:
            raise UserError(AcceptanceCode.PIECE_REPEATED, waybill=shipment.first_waybill)
        return self._now(replace(self.draft, shipment=shipment))

    def served(self, service: ServiceInformation) -> Session:
        """服务信息 as agreed with the sender. What a supervisor settled about another one is void, and so is what was answered because a
        parcel went to another country."""
        elsewhere = self.draft.destination != service.country
        draft = self.draft.without_answers_because_of(DESTINATION_FACTS) if elsewhere else self.draft
        return self._now(replace(draft, service=service, settlements=()))

    def reserved_as(self, mail_id: str, rulebook: Rulebook) -> Session:
        """国家机关公文, 专营信件, by its id; empty takes it back. UserError for one that the carriers file does not have."""
        if mail_id and rulebook.carriers is not None:
            rulebook.carriers.reserved(mail_id)
        return self._now(replace(self.draft, reserved=mail_id))

    def carrier_chosen(self, carrier: str) -> Session:
        """The clerk settles between the carriers a number may belong to. UserError for any other carrier."""
        waybill = self.draft.waybill
        if waybill is None:
            raise UserError(AcceptanceCode.NO_WAYBILL)
        if carrier not in waybill.carriers:
            raise UserError(AcceptanceCode.CARRIER_NOT_POSSIBLE, carrier=carrier[:20], possible=", ".join(waybill.carriers))
        return self._now(replace(self.draft, waybill=replace(waybill, carrier=carrier)))

    def addressed(self, addressee: Contact) -> Session:
        """收件人. UserError without a name."""
        if not addressee.name.strip():
            raise UserError(AcceptanceCode.ADDRESSEE_EMPTY)
        return self._now(replace(self.draft, addressee=addressee))

    def declared(self, items: Sequence[DeclaredItem], size: ParcelSize | None = None) -> Session:
        """内件已申报. Voids what was answered about other contents, and their customs declaration; UserError for none."""
        if not items:
            raise UserError(AcceptanceCode.CONTENTS_EMPTY)
        draft = self.draft.without_answers(ItemMoment.CONTENTS)
        return self._now(replace(draft, items=tuple(items), size=size or draft.size, service=_undeclared(draft.service)))

    def proved(self, place: int, *, papers: Sequence[str], personal_use: bool) -> Session:
        """随附单证已看, 个人自用: the goods are as they were, so all answers about them stand. UserError where no item has this place."""
        items = list(self.draft.items)
        if not 0 <= place < len(items):
            raise UserError(AcceptanceCode.CONTENTS_EMPTY)
        items[place] = replace(items[place], papers=tuple(papers), personal_use=personal_use)
        return self._now(replace(self.draft, items=tuple(items), settlements=()))

    def measured(self, size: ParcelSize) -> Session:
        """重量、尺寸, which letters have as well. What a supervisor settled was about another size."""
        return self._now(replace(self.draft, size=size, settlements=()))

    def client_reviewed(self, client_id: str, reasons: Sequence[Reason] = (), *, kind: ClientKind | None = None) -> Session:
        """协议客户: who it is, of what kind, and what the review of its agreement found. What was answered because of another client is
        void. UserError for mail that is not agreement mail."""
        if self.draft.mail_kind is not MailKind.AGREEMENT or not client_id.strip():
            raise UserError(AcceptanceCode.CLIENT_NOT_EXPECTED)
        another = (client_id.strip(), kind) != (self.draft.client_id, self.draft.client_kind)
        draft = self.draft.without_answers_because_of(CLIENT_FACTS) if another else self.draft
        return self._now(replace(draft, client_id=client_id.strip(), client_kind=kind, client_reasons=tuple(reasons), settlements=()))

    def answered(self, finding: Finding, rulebook: Rulebook, today: date) -> Session:
        """A checklist item answered; a later answer replaces it. UserError for an item not asked here or an answer it does not take."""
        item = rulebook.rules.check_finding(finding, case_of(self.draft, rulebook, today))
        effect = item.effect(finding.answer)
        stops = effect is not None and effect.leads_to is not LeadsTo.OK
        others = tuple(answered for answered in self.draft.answers if answered.finding.item != finding.item)
        because_of = item.when.named() if item.when is not None else frozenset()
        given = Answered(finding, item.moment, item.question.zh, stops, because_of)
        return self._now(replace(self.draft, answers=(*others, given)))

    def found(self, finding: ContentsFinding, rulebook: Rulebook) -> Session:
        """Something found among the contents. UserError for prohibited goods without a known category."""
        rulebook.rules.check_contents_finding(finding)
        return self._now(replace(self.draft, contents_findings=(*self.draft.contents_findings, finding)))

    def photographed(self, rule: str, sha256: str, faults: Sequence[str] = ()) -> Session:
        """凭证照片. UserError unless the name and the digest have their form, and for more than a parcel may have."""
        if not PHOTO_ID.fullmatch(rule) or not _SHA256.fullmatch(sha256):
            raise UserError(AcceptanceCode.BAD_PHOTO)
        if len(self.draft.photos) >= MOST_PHOTOS:
            raise UserError(AcceptanceCode.TOO_MANY_PHOTOS, limit=MOST_PHOTOS)
        return self._now(replace(self.draft, photos=(*self.draft.photos, Photo(rule, sha256, tuple(faults)))))

    def photo_exempted(self, rule: str, reason: str, rulebook: Rulebook, note: str = "") -> Session:
        """免拍; said again, the later reason holds. UserError for a picture no rule asks for, a reason the rule does not know, or a reason
        that is to be explained and is not."""
        photo = rulebook.rules.checklists.photo(rule)
        if photo is None:
            raise UserError(InspectionCode.UNKNOWN_PHOTO, photo=rule[:40])
        known = next((each for each in photo.stop_exemptions if each.id == reason), None)
        if known is None:
            raise UserError(InspectionCode.UNKNOWN_EXEMPTION, reason=reason[:40])
        if known.note_required and not note.strip():
            raise UserError(InspectionCode.EXEMPTION_NOTE_NEEDED, reason_zh=known.zh, reason_en=known.en)
        others = tuple(one for one in self.draft.exemptions if one.rule != rule)
        exemption = PhotoExemption(rule, reason, note.strip()[:_LONGEST_NOTE])
        return self._now(replace(self.draft, exemptions=(*others, exemption)))

    def resolved(self, resolution: HitResolution) -> Session:
        """Somebody decides on one hit. UserError for a hit that is not there, and for what the decision lacks (resolving.py)."""
        if self.draft.screening is None:
            raise UserError(AcceptanceCode.NOT_SCREENED_YET)
        key = (resolution.list_id, resolution.entry_id, resolution.revision)
        hit = next((hit for hit in self.draft.screening.hits if (hit.list_id, hit.entry_id, hit.revision) == key), None)
        if hit is None:
            raise UserError(AcceptanceCode.NO_SUCH_HIT, list=resolution.list_id[:64], entry=resolution.entry_id[:64])
        checked_resolution(hit, resolution)
        others = tuple(one for one in self.draft.resolutions if (one.list_id, one.entry_id, one.revision) != key)
        return self._now(replace(self.draft, resolutions=(*others, resolution)))

    def settled(self, settlement: Settlement, rulebook: Rulebook, policy: DocumentPolicy, today: date) -> Session:
        """A supervisor settles a referral. UserError if nothing refers with this code, or without supervisor and reason."""
        if settlement.code not in settleable(self.draft, rulebook, policy, today):
            raise UserError(AcceptanceCode.NOTHING_TO_SETTLE, reason=settlement.code[:40])
        _require(settlement.supervisor, settlement.reason)
        others = tuple(one for one in self.draft.settlements if one.code != settlement.code)
        return self._now(replace(self.draft, settlements=(*others, settlement)))

    def refused(self, code: str, rulebook: Rulebook, note: str = "", notification: Notification | None = None) -> Session:
        """拒收 by the clerk. UserError for an unknown code, where the code asks for a note and there is none, or for a notice where the
        code takes none: only where it matters since when the outlet knew."""
        refusal = rulebook.rules.refusal(code)
        if refusal.note_required and not note.strip():
            raise UserError(InspectionCode.NOTE_NEEDED, refusal=code)
        if notification is not None and not refusal.dates_lists:
            raise UserError(InspectionCode.NOTIFICATION_NOT_TAKEN, refusal=code)
        return self._now(replace(self.draft, refusal=ClerkRefusal(code, note.strip(), notification)))

    def undo(self) -> Session:
        """退回一步: the parcel as before the clerk's last step, knowing what has been looked up since, and that it was judged otherwise.
        UserError at the start."""
        if not self.history:
            raise UserError(AcceptanceCode.NOTHING_TO_UNDO)
        return Session(self.session_id, self.history[-1].succeeding(self.draft), self.history[:-1]).informed_by(self)

    # Look-ups -----------------------------------------------------------------------------------------------------------------------------

    def screened(self, screening: Screening) -> Session:
        """名单核查的结果; a new one voids what was resolved about the old."""
        return self._looked_up(self.draft.with_screening(screening))

    def already_accepted(self, earlier: EarlierAcceptance | None) -> Session:
        """What the journal says about this waybill: None if it is new. UserError before a waybill is scanned."""
        if self.draft.waybill is None:
            raise UserError(AcceptanceCode.NO_WAYBILL)
        return self._looked_up(replace(self.draft, earlier=earlier))

    def security_looked_up(self, failed: FailedCheck | None) -> Session:
        """安检: the newest check of this waybill, where it failed; None else. UserError before a waybill is scanned."""
        if self.draft.waybill is None:
            raise UserError(AcceptanceCode.NO_WAYBILL)
        return self if failed == self.draft.failed_check else self._looked_up(replace(self.draft, failed_check=failed))

    def before_looked_up(self, refused: RefusedBefore | None, referred: ReferredBefore | None) -> Session:
        """What this station did with the waybill before: a refusal, a referral that still waits; None where nothing stands. UserError
        before a waybill is scanned."""
        if self.draft.waybill is None:
            raise UserError(AcceptanceCode.NO_WAYBILL)
        draft = self.draft.done_before(refused, referred)
        return self if draft == self.draft else self._looked_up(draft)

    def sampling_looked_up(self, sampling: Sampling | None, *, spared: bool = False) -> Session:
        """抽检: what allows agreement mail to be inspected by sampling here, None where nothing does; `spared`: the draw for this waybill
        left it out."""
        waybill = self.draft.waybill
        draft = replace(self.draft, sampling=sampling, spared_waybill=waybill.text if spared and waybill is not None else None)
        return self if draft == self.draft else self._looked_up(draft)

    def tobacco_counted(self, parcels_today: int) -> Session:
        """How many parcels with tobacco this sender has sent today already; asked anew for another sender. UserError below 0."""
        if parcels_today < 0:
            raise UserError(AcceptanceCode.COUNT_BAD)
        return self._looked_up(replace(self.draft, tobacco_parcels_today=parcels_today))

    def informed_by(self, looked_up: Session) -> Session:
        """This session with what was looked up for another state of it, as far as that is about the same facts. Screens look up on another
        thread while the clerk goes on; undoing is the same question, asked of the state left behind."""
        return self._looked_up(self.draft.informed_by(looked_up.draft))

    # Questions --------------------------------------------------------------------------------------------------------------------------

    def verdict(self, rulebook: Rulebook, policy: DocumentPolicy, today: date) -> Verdict:
        """结论 as things stand."""
        return judge(self.draft, rulebook, policy, today)

    def missing(self, rulebook: Rulebook, policy: DocumentPolicy, today: date) -> tuple[str, ...]:
        """What is still owed: `Lack` values, item ids, photo ids, `found:ITEM`."""
        return self.verdict(rulebook, policy, today).missing

    def _now(self, draft: Draft) -> Session:
        return Session(self.session_id, draft.succeeding(self.draft), (*self.history, self.draft))

    def _looked_up(self, draft: Draft) -> Session:
        return Session(self.session_id, draft, self.history)


def _welcoming(draft: Draft, document: IdentityDocument) -> Draft:
    """The draft for whoever shows this document: another number than in the parcel before is another visit's (or the same person's other
    document, to whom showing the notice once more does no harm)."""
    visitor = draft.visitor
    return draft if visitor is None or _is_same_document(visitor.document, document) else draft.without_visitor()


def _in_doubt(combined: Combined) -> tuple[tuple[Field, object], ...]:
    """What somebody is asked to confirm, with what it says: looking again at one date confirms no other."""
    return tuple((field, getattr(combined.document, field.value)) for field in doubtful_fields(combined))


def _is_same_document(one: IdentityDocument, other: IdentityDocument) -> bool:
    numbers = [normalise_number(each.type, each.number or "") for each in (one, other)]
    return (one.type, one.name) == (other.type, other.name) and numbers[0] == numbers[1]


def _shown_once(draft: Draft) -> tuple[Answered, ...]:
    """What holds for the next parcel of a visit: each yes to what is asked of the person."""
    return tuple(one for one in draft.answers if one.moment is ItemMoment.IDENTITY and one.finding.answer is Answer.YES)


def _undeclared(service: ServiceInformation | None) -> ServiceInformation | None:
    """服务信息 as it was agreed, for other goods than those the customs were told of."""
    return replace(service, customs=None) if service is not None else None


def _require(supervisor: str, reason: str) -> None:
    if not supervisor.strip() or not reason.strip():
        raise UserError(AcceptanceCode.REASON_EMPTY)
