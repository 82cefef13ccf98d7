"""Case files of `accept`: one parcel as JSON, documents and waybill as fields or as pictures (docs/operating.md, *Case files*)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

from courier_check import typed
from courier_check.acceptance import AcceptanceCode, Contact, HitResolution, ResolutionKind, Session, Settlement
from courier_check.acceptance.session import MOST_PHOTOS
from courier_check.cli.files import read_file, read_text
from courier_check.cli.service_forms import CustomsForm, ServiceForm
from courier_check.clock import CHINA, wall_ms
from courier_check.desk.acceptances import DocumentCopy, Rules
from courier_check.desk.codes import DeskCode
from courier_check.devices.ocr import TextReader
from courier_check.errors import CourierCheckError, UserError
from courier_check.identity.documents import IdentityDocument, Source
from courier_check.identity.organisations import Office, Organisation
from courier_check.identity.readings import Doubt, Field, FieldDoubt, SourceReading
from courier_check.inspection.findings import Answer, ContentsFinding, Finding, FindingKind
from courier_check.inspection.notification import notification
from courier_check.parcel.carriers import Carriers
from courier_check.parcel.contents import DeclaredItem, ParcelSize
from courier_check.parcel.label_codes import read_label_code
from courier_check.parcel.waybills import check_waybill
from courier_check.store.evidence import Photo
from courier_check.terms import MailKind

LARGEST_CASE = 1_000_000
EARLIEST_YEAR = 2000
LARGEST_PHOTO = 20_000_000


class _Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a case file. It holds people's data unmasked, so it shows nothing of itself."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"


class Claimed(StrEnum):
    """The sources whose word a file may pass on. That a chip or a signed credential was read only the program that read it can say: the
    rate of documents read by machine rests on it."""

    MRZ = "mrz"
    PICTURE = "picture"
    TYPED = "typed"


class SourceForm(_Form, frozen=True, forbid_unknown_fields=True):
    """What another source says of the same document: its fields, and which of them it was unsure of, with why."""

    source: Claimed
    document: dict[str, Any]
    doubtful: dict[Field, Doubt] = {}


class PersonForm(_Form, frozen=True, forbid_unknown_fields=True):
    """寄件人, 代寄人 or 监护人. `document`: fields as `read-id` gives them, or `{"picture": front, "back": back}`; `sources`: others."""

    document: dict[str, Any] | None = None
    sources: tuple[SourceForm, ...] = ()
    phone: str | None = None
    address: str | None = None
    business: bool = False


class WaybillForm(_Form, frozen=True, forbid_unknown_fields=True):
    """运单: a picture, or what it says. Fields beside a picture are what the clerk corrected."""

    picture: str | None = None
    text: str | None = None
    symbology: str | None = None
    payload: str | None = None
    carrier: str | None = None
    sender_name: str | None = None
    order_sender_name: str | None = None


class OrganisationForm(_Form, frozen=True, forbid_unknown_fields=True):
    """寄件单位; the sender's document is its responsible person's, and `copy` a picture of it."""

    name: str
    uscc: str
    responsible: str
    office: Office = Office.IN_CHARGE
    copy: str | None = None


class ContactForm(_Form, frozen=True, forbid_unknown_fields=True):
    name: str = ""
    phone: str = ""
    address: str = ""


class SizeForm(_Form, frozen=True, forbid_unknown_fields=True):
    weight_g: int | None = None
    sides_mm: tuple[int, int, int] | None = None


class FindingForm(_Form, frozen=True, forbid_unknown_fields=True):
    item: str
    answer: Answer
    note: str = ""


class FoundForm(_Form, frozen=True, forbid_unknown_fields=True):
    kind: FindingKind
    name: str
    category: str | None = None
    concealed: bool = False
    note: str = ""


class PhotoForm(_Form, frozen=True, forbid_unknown_fields=True):
    """`keep_anyway`: also where it is not good enough, which then stands in the entry; no rule is met by such a photo."""

    picture: str
    rule: str = "photo-contents"
    keep_anyway: bool = False


class ExemptionForm(_Form, frozen=True, forbid_unknown_fields=True):
    """免拍: the reason of the rule, and a word of explanation."""

    reason: str
    note: str = ""


class ResolutionForm(_Form, frozen=True, forbid_unknown_fields=True):
    """The decision on a hit. `entry` and `list` as the verdict named them; `code`: the credit code or licence number that was shown, with
    which a clerk may say `not-same`; `evidence`: what was looked at; `until`: it holds for this client up to that day."""

    list: str
    entry: str
    kind: ResolutionKind
    reason: str = ""
    code: str = ""
    evidence: str = ""
    until: date | None = None


class SettlementForm(_Form, frozen=True, forbid_unknown_fields=True):
    code: str
    reason: str


class NotificationForm(_Form, frozen=True, forbid_unknown_fields=True):
    """通知: an authority's or a rights holder's letter that the refusal goes by. `received`: the day it came, like 2026-11-20."""

    sender: str
    received: str
    number: str = ""


class RefusalForm(_Form, frozen=True, forbid_unknown_fields=True):
    """`notification`: of suspected infringement, and of what a list bars."""

    code: str
    note: str = ""
    notification: NotificationForm | None = None


class PieceForm(_Form, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What each piece of a shipment has of its own. `findings` is a list, or an object of item → answer."""

    waybill: WaybillForm = WaybillForm()
    contents: tuple[dict[str, Any], ...] = ()
    size: SizeForm = SizeForm()
    findings: tuple[FindingForm, ...] | dict[str, Answer] = ()
    found: tuple[FoundForm, ...] = ()
    photos: tuple[PhotoForm, ...] = ()
    exemptions: dict[str, str | ExemptionForm] = {}
    resolutions: tuple[ResolutionForm, ...] = ()
    settlements: tuple[SettlementForm, ...] = ()
    refusal: RefusalForm | None = None
    reserved: str = ""
    draft_id: str | None = None


class LaterPieceForm(PieceForm, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`customs`: what is declared of this piece, whose service is the first one's."""

    customs: CustomsForm | None = None


class CaseForm(PieceForm, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One parcel, or the first piece of several. `late_at`: 补录, when it was taken on paper; `pieces`: 一票多件, the others."""

    mail_kind: MailKind = MailKind.PARCEL
    mailbox_letter: bool = False
    sampled: bool = False
    operator: str | None = None
    late_at: str | None = None
    sender: PersonForm = PersonForm()
    agent: PersonForm | None = None
    guardian: PersonForm | None = None
    organisation: OrganisationForm | None = None
    notice_shown: bool = False
    addressee: ContactForm | None = None
    service: ServiceForm | None = None
    pieces: tuple[LaterPieceForm, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Reader:
    """What turning cases into sessions needs. Pictures are looked for beside the case file."""

    rules: Rules
    carriers: Carriers
    outlet_carriers: tuple[str, ...]
    ocr: TextReader


@dataclass(frozen=True, slots=True)
class ReadCase:
    """`form`: of the parcel, or of the piece."""

    form: PieceForm
    session: Session
    photos: tuple[Photo, ...]
    copies: tuple[DocumentCopy, ...] = ()


def read_form(path: Path) -> CaseForm:
    """A case file's form. Raises UserError saying where it is wrong; values are not repeated."""
    text = read_text(path, LARGEST_CASE)
    try:
        return typed.decode(text.encode(), CaseForm)
    except (msgspec.MsgspecError, RecursionError) as error:
        detail = str(error) if isinstance(error, msgspec.MsgspecError) else type(error).__name__
        raise UserError(DeskCode.CASE_UNREADABLE, file=path.name, detail=detail[:200]) from error


def late_ms(form: CaseForm) -> int | None:
    """补录: when the parcel was taken; China time where no other is said. Raises UserError."""
    if form.late_at is None:
        return None
    try:
        moment = datetime.fromisoformat(form.late_at.strip())
    except ValueError as error:
        raise UserError(DeskCode.LATE_UNREADABLE, given=form.late_at[:40]) from error
    if moment.year < EARLIEST_YEAR:
        raise UserError(DeskCode.LATE_UNREADABLE, given=form.late_at[:40])
    return wall_ms(moment if moment.tzinfo is not None else moment.replace(tzinfo=CHINA))


def read_case(path: Path, form: CaseForm, reader: Reader) -> ReadCase:
    """A case file's form as a session, its pictures read. Raises UserError or DeviceError for the first thing that is wrong."""
    folder = path.parent
    started = Session.started(form.draft_id or path.stem, form.mail_kind, mailbox_letter=form.mailbox_letter, sampled=form.sampled)
    if form.notice_shown:
        started = started.notice_shown(reader.rules.notice.version)
    session = _with_people(started, form, folder, reader)
    session, copies = _with_organisation(session, form, folder)
    session = _with_waybill(session, form, folder, reader)
    if form.pieces:
        session = session.in_pieces(len(form.pieces) + 1)
    session, photos = _with_contents(session, form, folder, reader)
    if form.service is not None:  # after the contents, which its customs declaration is about
        session = session.served(form.service.read())
    return ReadCase(form, session, photos, copies)


def read_piece(path: Path, form: LaterPieceForm, before: Session, reader: Reader) -> ReadCase:
    """The next piece of a shipment, after the session of the piece before. Its waybill is typed, not a picture. Raises UserError."""
    given = form.waybill
    if given.text is None:
        raise UserError(DeskCode.CASE_UNREADABLE, file=path.name, detail="pieces: waybill.text")
    check = check_waybill(reader.carriers, given.text, given.symbology, reader.outlet_carriers)
    session = before.next_piece(f"{before.session_id}+", check, given.sender_name or before.draft.waybill_sender_name)
    if given.carrier is not None:
        session = session.carrier_chosen(given.carrier)
    order_name = given.order_sender_name or before.draft.order_sender_name
    if order_name:
        session = session.order_known(order_name)
    session, photos = _with_contents(session, form, path.parent, reader)
    if form.customs is not None and session.draft.service is not None:
        session = session.served(replace(session.draft.service, customs=form.customs.read()))
    return ReadCase(form, session, photos)


def answered(session: Session, form: PieceForm, rules: Rules, on: Any) -> Session:
    """The session with the case's answers, findings, exemptions and refusal. After the look-ups, since some items depend on them."""
    rulebook = rules.rulebook
    answers = [FindingForm(item, answer) for item, answer in form.findings.items()] if isinstance(form.findings, Mapping) else form.findings
    for finding in rulebook.rules.as_asked_now([Finding(each.item, each.answer, each.note) for each in answers]):
        session = session.answered(finding, rulebook, on)
    for found in form.found:
        session = session.found(ContentsFinding(found.kind, found.name, found.category, found.concealed, found.note), rulebook)
    for rule, given in form.exemptions.items():
        exemption = ExemptionForm(given) if isinstance(given, str) else given
        session = session.photo_exempted(rule, exemption.reason, rulebook, exemption.note)
    if form.reserved:
        session = session.reserved_as(form.reserved, rulebook)
    if form.refusal is not None:
        letter = form.refusal.notification
        told = notification(letter.number, letter.sender, letter.received, on) if letter is not None else None
        session = session.refused(form.refusal.code, rulebook, form.refusal.note, told)
    return session


def decided(session: Session, form: PieceForm, rules: Rules, supervisor: str, on: Any) -> Session:
    """The session with a supervisor's decisions on hits and referrals."""
    screening = session.draft.screening
    for form_of in form.resolutions:
        hits = screening.hits if screening else ()
        revision = next((hit.revision for hit in hits if (hit.list_id, hit.entry_id) == (form_of.list, form_of.entry)), 0)
        by_code = form_of.code.strip() and form_of.kind is ResolutionKind.NOT_SAME
        decider = "" if by_code else supervisor
        about, words = (form_of.list, form_of.entry, revision), (form_of.reason, form_of.code, form_of.evidence)
        session = session.resolved(HitResolution(*about, form_of.kind, decider, *words, form_of.until))
    for settle in form.settlements:
        session = session.settled(Settlement(settle.code, supervisor, settle.reason), rules.rulebook, rules.policy, on)
    return session


def _with_people(session: Session, form: CaseForm, folder: Path, reader: Reader) -> Session:
    for reading in _readings(form.sender, folder, reader):
        session = session.read_from(reading)
    if form.agent is not None:
        session = session.brought_by_agent()
        for reading in _readings(form.agent, folder, reader):
            session = session.read_from(reading, agent=True)
    if form.guardian is not None and (guardian := _readings(form.guardian, folder, reader)):
        session = session.accompanied_by(*guardian)
    if form.sender.phone:
        session = session.sender_known(form.sender.phone, form.sender.address or "", business=form.sender.business)
    return session


def _with_organisation(session: Session, form: CaseForm, folder: Path) -> tuple[Session, tuple[DocumentCopy, ...]]:
    given = form.organisation
    if given is None:
        return session, ()
    session = session.sent_by(Organisation(given.name, given.uscc, given.responsible, given.office))
    if given.copy is None:
        return session, ()
    path = folder / given.copy
    return session.copy_taken(), (DocumentCopy(path.name, read_file(path, LARGEST_PHOTO)),)


def _readings(person: PersonForm, folder: Path, reader: Reader) -> list[SourceReading]:
    """Everything read of one person's document. The sources are compared when the case is judged."""
    first = _reading(person.document, folder, reader)
    others = [
        SourceReading(
            Source(each.source),
            IdentityDocument.from_mapping(each.document, source=Source(each.source)),
            tuple(FieldDoubt(field, doubt) for field, doubt in each.doubtful.items()),
        )
        for each in person.sources
    ]
    return [*([first] if first is not None else []), *others]


def _reading(given: dict[str, Any] | None, folder: Path, reader: Reader) -> SourceReading | None:
    if given is None:
        return None
    if "picture" not in given:
        return SourceReading(Source.TYPED, IdentityDocument.from_mapping(given, source=Source.TYPED))
    from courier_check.devices.documents import join_faces, read_resident_back, read_resident_front

    unknown = sorted(given.keys() - {"picture", "back"})
    if unknown:
        raise UserError(DeskCode.CASE_UNREADABLE, file="document", detail=unknown[0][:40])
    front = read_resident_front(folder / str(given["picture"]), reader.ocr)
    if given.get("back") is None:
        return front.reading
    return join_faces(front, read_resident_back(folder / str(given["back"]), reader.ocr)).reading


def _with_waybill(session: Session, form: CaseForm, folder: Path, reader: Reader) -> Session:
    given, addressee = form.waybill, form.addressee
    text, symbology, name = given.text, given.symbology, given.sender_name
    if given.picture is not None:
        from courier_check.devices.waybill_pictures import read_waybill

        read = read_waybill(folder / given.picture, reader.carriers, reader.outlet_carriers, reader.ocr)
        agreed = next((code for code in read.codes if read.waybill and code.text == read.waybill), None)
        text, symbology = (text or read.waybill), (symbology or (agreed.symbology if agreed else None))
        name = name or read.sender_name
        addressee = addressee or ContactForm(read.addressee_name or "", read.addressee_phone or "", read.addressee_address or "")
        if not session.draft.sender.phone and read.sender_phone and "*" not in read.sender_phone:
            session = session.sender_known(read.sender_phone, form.sender.address or "", business=form.sender.business)
    coded = read_label_code(given.payload) if given.payload is not None else None
    if coded is not None:
        name = name or coded.sender.name
        addressee = addressee or ContactForm(coded.addressee.name, coded.addressee.phone, coded.addressee.address)
    if text is not None:
        session = session.waybill_scanned(check_waybill(reader.carriers, text, symbology, reader.outlet_carriers), name or "")
        if given.carrier is not None:
            session = session.carrier_chosen(given.carrier)
        if given.order_sender_name is not None:
            session = session.order_known(given.order_sender_name)
    if addressee is not None and addressee.name:
        session = session.addressed(Contact(addressee.name, addressee.phone, addressee.address))
    return session


def _with_contents(session: Session, form: PieceForm, folder: Path, reader: Reader) -> tuple[Session, tuple[Photo, ...]]:
    """Size, contents and photos, which each piece has of its own."""
    rulebook = reader.rules.rulebook
    session = session.measured(ParcelSize(form.size.weight_g, form.size.sides_mm))
    if form.contents:
        session = session.declared(tuple(DeclaredItem.from_mapping(item, rulebook.restricted, rulebook.goods) for item in form.contents))
    return _photographed(session, form, folder, reader)


class PhotosRefusedError(UserError):
    """Photos of a case that can't be kept, each with what is wrong with it; the first one's code and facts are this error's own."""

    def __init__(self, wrong: tuple[tuple[str, CourierCheckError], ...]) -> None:
        super().__init__(wrong[0][1].code, **wrong[0][1].facts)
        self.wrong = wrong


def _photographed(session: Session, form: PieceForm, folder: Path, reader: Reader) -> tuple[Session, tuple[Photo, ...]]:
    """The photos as they are kept. PhotosRefusedError names every one that can't be, DeviceError where none can be looked at."""
    from courier_check.devices.evidence_photos import MEDIA_TYPE, evidence_photo
    from courier_check.devices.pictures import GivenPicture

    if len(form.photos) > MOST_PHOTOS:  # before each is looked at, which takes a second
        raise UserError(AcceptanceCode.TOO_MANY_PHOTOS, limit=MOST_PHOTOS)
    photos: list[Photo] = []
    wrong: list[tuple[str, CourierCheckError]] = []
    for given in form.photos:
        path = folder / given.picture
        try:
            made = evidence_photo(GivenPicture(path.name, read_file(path, LARGEST_PHOTO)), reader.ocr)
            if made.faults and not given.keep_anyway:
                raise UserError(made.faults[0], photo=path.name)
            session = session.photographed(given.rule, hashlib.sha256(made.data).hexdigest(), made.faults)
        except UserError as error:
            wrong.append((given.picture, error))
            continue
        photos.append(Photo(f"{given.rule}-{len(photos) + 1}", MEDIA_TYPE, made.data))
    if wrong:
        raise PhotosRefusedError(tuple(wrong))
    return session, tuple(photos)
