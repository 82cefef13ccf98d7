"""From a finished session to a journal entry: what the header says, and which part holds what.

The header has no personal data and no waybill; the reporting profile (data) decides what the regulator receives; everything else is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import msgspec

from courier_check import typed
from courier_check.acceptance import Draft, HitResolution, Rulebook
from courier_check.acceptance.judgement import answers_in_force, is_confirmed_by_order, match_names
from courier_check.acceptance.pace import fast_streak
from courier_check.desk.before import AFTER_REFUSAL, REFERRED_FOR
from courier_check.desk.leads import Lead
from courier_check.desk.screener import Subject
from courier_check.desk.withheld import is_withheld, kept_of_nobody
from courier_check.identity.documents import DocumentType, IdentityDocument
from courier_check.identity.names import TO_BE_CONFIRMED, NameMatch
from courier_check.identity.numbers import normalise_number
from courier_check.identity.text import plain
from courier_check.inspection.checklist import ChecklistItem, Role
from courier_check.inspection.findings import Answer, FindingKind
from courier_check.inspection.refusals import Refusal
from courier_check.inspection.verdict import Outcome, Verdict
from courier_check.journal.entries import Draft as EntryDraft
from courier_check.journal.entries import EvidenceRef, PackageRef
from courier_check.journal.keys import to_text
from courier_check.journal.parts import PartName
from courier_check.journal.tokens import TokenKind, match_token
from courier_check.parcel.contents import DeclaredItem
from courier_check.parcel.service import ServiceInformation
from courier_check.parcel.tracing import read_epc
from courier_check.privacy import mask_name, mask_number, mask_phone
from courier_check.screening.match import ScreeningStatus
from courier_check.screening.telling import MOST_TOLD, told
from courier_check.store.evidence import KeptPhoto
from courier_check.store.identity import MatchKey
from courier_check.store.leads import ListHeld
from courier_check.store.list_arrivals import EntryHeld
from courier_check.terms import Consequence, MailKind

_TOBACCO = "tobacco"
_COUNTY_DIGITS = 6
_WITH_COUNTY = (DocumentType.RESIDENT_ID, DocumentType.TEMPORARY_ID)
"""Documents whose number begins with a county."""
KINDS = {Outcome.ACCEPT: "acceptance", Outcome.REFUSE: "refusal", Outcome.REFER: "referral"}


class ReportingProfile(msgspec.Struct, frozen=True):
    """上报范围: which of the sender's fields the regulator receives (resources/reporting.json)."""

    name: str
    version: str
    sender: tuple[str, ...]

    @classmethod
    def parse(cls, data: bytes) -> ReportingProfile:
        return typed.decode(data, cls)


@dataclass(frozen=True, slots=True)
class Recording:
    """What an act is recorded with, beside its session and verdict."""

    operator: str
    draft_id: str | None
    packages: tuple[PackageRef, ...]
    photos: tuple[KeptPhoto, ...]
    match_key: MatchKey | None = field(repr=False)
    resolves: tuple[str, int] | None = None
    late_ms: int | None = None
    """补录: when the parcel was taken, where that was before it could be recorded."""
    first_piece: tuple[str, int] | None = None
    """一票多件: where the first piece of the shipment stands, if it was accepted here."""
    dwell_ms: Mapping[str, int] = field(default_factory=dict)
    took_ms: int | None = None
    """How long the parcel was in hand, where that was measured: what an acceptance costs is read from the records (product.md, G-06)."""
    outlet: str | None = None
    """Who takes the parcel over as it was inspected."""
    lead: Lead | None = None
    """线索, where this act makes one."""
    lists_held: tuple[ListHeld, ...] = ()
    """Since when the station has had each list, where the refusal has to say so."""
    entries_held: tuple[EntryHeld, ...] = ()
    """Since when it has had each entry that was hit: the list itself may come anew every day."""


def entry_of(draft: Draft, verdict: Verdict, rulebook: Rulebook, profile: ReportingProfile, recording: Recording) -> EntryDraft:
    """The journal entry of an act."""
    identity = keeps_identity(draft, verdict, rulebook)
    parts: dict[PartName, dict[str, Any]] = {
        PartName.INDEX: _index(draft, recording.match_key, identity=identity),
        PartName.KEPT: _kept(draft, verdict, rulebook, recording, identity=identity),
    }
    if identity and draft.document is not None:
        parts[PartName.REPORTED] = {"v": 1, "sender": _reported(draft.document, profile)}
    evidence: tuple[EvidenceRef, ...] = tuple(photo.ref for photo in recording.photos)
    facts = {**_facts(draft, verdict, rulebook), **_refusal_facts(draft, verdict, recording), "resolves": _place(recording.resolves)}
    withheld = is_withheld(verdict, rulebook)
    facts["inspection"] = _inspection(draft, verdict, recording, inspected=bool(facts["inspected"]))
    facts |= _pace(draft, recording)
    if draft.taken_back:
        facts["taken_back"] = dict(draft.taken_back)
    if draft.service is not None:
        product = {"product": ""} if withheld else {}  # a name that anybody may have typed
        facts["service"] = _service(draft.service, draft.weight_g) | product
    if draft.shipment is not None:
        first = None if withheld else _place(recording.first_piece)  # whose acceptance says who sends
        facts["shipment"] = {"piece": draft.shipment.piece, "pieces": draft.shipment.pieces, "first": first}
    if verdict.outcome is Outcome.REFER:
        referring = (reason.code for reason in verdict.reasons if reason.consequence is Consequence.REFER)
        facts[REFERRED_FOR] = list(dict.fromkeys(referring))
    if draft.refused_before is not None and not withheld:  # of whom nothing is kept, no entry that says more is named either
        facts[AFTER_REFUSAL] = _place(draft.refused_before.place)
    if draft.reserved:
        facts["reserved"] = draft.reserved
    if recording.late_ms is not None:  # both times: when it was done here, when it was recorded in the header
        facts |= {"late": True, "late_ms": recording.late_ms}
    return EntryDraft(KINDS[verdict.outcome], recording.operator, facts, parts, recording.packages, evidence)


def subject_of(draft: Draft, document: IdentityDocument | None) -> Subject:
    """Who of a session is screened."""
    number = normalise_number(document.type, document.number) if document and document.number else None
    return Subject(
        name=document.name if document else None,
        id_number=number,
        phone=draft.sender.phone or None,
        address=draft.sender.address or None,
    )


def _facts(draft: Draft, verdict: Verdict, rulebook: Rulebook) -> dict[str, Any]:
    document, match = draft.document, match_names(draft, rulebook)
    answers = {answered.finding.item: answered.finding.answer.value for answered in answers_in_force(draft, rulebook.rules)}
    # Which list and entry stays in the kept part: whoever has the list could tell from it who the sender was.
    withheld = is_withheld(verdict, rulebook)
    decided = [_resolution_facts(one, lasting=not withheld) for one in draft.resolutions]
    settled = [{"code": one.code, "supervisor": one.supervisor} for one in draft.settlements]
    categories = {item.category for item in draft.items} | {_TOBACCO for item in draft.items if item.is_tobacco}
    return {
        "mail_kind": draft.mail_kind.value,
        "carrier": draft.waybill.carrier if draft.waybill else None,
        "letter": draft.is_letter,
        "real_name": _real_name(draft, verdict),
        "document_type": document.type.value if document else None,
        "document_source": document.source.value if document else None,
        "document_sources": [reading.source.value for reading in draft.readings],
        "name_match": match.value if match else None,
        "name_confirmed": _name_confirmed(draft, match, rulebook, answers),
        "agent": draft.with_agent,
        "guardian": draft.guardian_document is not None,
        "organisation": draft.organisation is not None,
        "copied": draft.copied and verdict.outcome is not Outcome.REFUSE,
        "notice": draft.notice,
        "inspected": any(answers.get(item.id) == Answer.YES.value for item in _opened(rulebook)),
        "categories": sorted(categories),
        "goods": sorted({item.goods for item in draft.items if item.goods}),
        "pieces": sum(item.quantity for item in draft.items),
        "weight_g": draft.weight_g,
        "screening": draft.screening.level.value if draft.screening else None,
        "reasons": [{"code": reason.code, "refusal": reason.refusal} for reason in verdict.reasons],
        "answers": answers,
        "resolutions": decided + settled,
        "late": False,
    }


def _opened(rulebook: Rulebook) -> tuple[ChecklistItem, ...]:
    """The items by which a clerk says that a parcel was opened, whatever their names."""
    return tuple(item for item in rulebook.rules.checklists.items if item.role is Role.OPENED_INSPECTION)


def _resolution_facts(resolution: HitResolution, *, lasting: bool) -> dict[str, Any]:
    """`supervisor` null: a credit code or licence number told the two apart. `until_on`: where it holds beyond this parcel; of nobody whose
    identity is kept it does not."""
    facts: dict[str, Any] = {"kind": resolution.kind.value, "supervisor": resolution.supervisor or None}
    return facts | ({"until_on": resolution.until_on.isoformat()} if lasting and resolution.until_on is not None else {})


_CONFIRMING = ("privacy-label-confirmed", "name-in-letters-confirmed")
"""Items of checklists.json by which a clerk says that the waybill's sender is the person of the document."""


def _inspection(draft: Draft, verdict: Verdict, recording: Recording, *, inspected: bool) -> dict[str, Any]:
    """验视 after the boxes of the security declaration (product.md §6): how it was looked at, or why it was not, and who takes the parcel
    over with that. Codes of resources/security.json; who looked, and when, are the header's."""
    exemption = "letter" if draft.is_letter else "sampled-out" if draft.is_spared else None
    sampling = {"document": draft.sampling.document, "clause": draft.sampling.clause, "drawn": draft.is_drawn} if draft.sampling else {}
    sampled = {"sampling": sampling} if sampling and draft.mail_kind is MailKind.AGREEMENT else {}
    return {
        "methods": ["visual"] if inspected else [],
        "exemption": None if inspected else exemption,
        "accepted_by": recording.outlet if verdict.outcome is Outcome.ACCEPT else None,
        **sampled,
    }


def _pace(draft: Draft, recording: Recording) -> dict[str, Any]:
    """What was measured: how long the parcel was in hand and each answered question stood, and the longest run of answers that nobody can
    have looked for (0: none)."""
    took = {} if recording.took_ms is None else {"took_ms": recording.took_ms}
    if not recording.dwell_ms:
        return took
    stood = recording.dwell_ms
    asked = {answered.finding.item: stood[answered.finding.item] for answered in draft.answers if answered.finding.item in stood}
    return {**took, "dwell_ms": asked, "hurried": fast_streak(asked.values())}


def _name_confirmed(draft: Draft, match: NameMatch | None, rulebook: Rulebook, answers: Mapping[str, str]) -> str | None:
    """隐私面单 (domain.md §11.11), or a name in letters: whether the order or the clerk's word made it whole; None where nobody did or had
    to."""
    if match not in TO_BE_CONFIRMED:
        return None
    if is_confirmed_by_order(draft, rulebook):
        return "order"
    return "clerk" if any(answers.get(item) == Answer.YES.value for item in _CONFIRMING) else None


def refusals_of(verdict: Verdict, rulebook: Rulebook) -> tuple[Refusal, ...]:
    """What an act refuses with: the verdict's reasons, the clerk's own among them. Empty where it does not refuse."""
    if verdict.outcome is not Outcome.REFUSE:
        return ()
    codes = [reason.refusal for reason in verdict.reasons if reason.consequence is Consequence.REFUSE and reason.refusal]
    return tuple(rulebook.rules.refusal(code) for code in dict.fromkeys(codes))


def makes_lead(verdict: Verdict, rulebook: Rulebook) -> bool:
    """线索: by the disposition of what was found, or by the refusal itself. An ordinary lighter handed back makes none (§11.9)."""
    refusals = refusals_of(verdict, rulebook)
    return bool(refusals) and (any(one.rule.lead for one in verdict.dispositions) or any(one.lead for one in refusals))


def dates_lists(verdict: Verdict, rulebook: Rulebook) -> bool:
    """Whether it matters later since when the station has had its lists: suspected infringement, and what a list bars."""
    return any(one.dates_lists for one in refusals_of(verdict, rulebook))


def _refusal_facts(draft: Draft, verdict: Verdict, recording: Recording) -> dict[str, Any]:
    if verdict.outcome is not Outcome.REFUSE:
        return {}
    refusals = list(dict.fromkeys(r.refusal for r in verdict.reasons if r.consequence is Consequence.REFUSE and r.refusal))
    chosen = draft.refusal.code if draft.refusal else None
    told_by = draft.refusal.notification if draft.refusal else None
    prohibited = {found.category for found in draft.contents_findings if found.kind is FindingKind.PROHIBITED and found.category}
    return {
        "refusal": chosen or (refusals[0] if refusals else "R99"),
        "refusals": refusals,
        "chosen": chosen is not None,
        "prohibited": sorted(prohibited),
        "dispositions": [disposition.rule.id for disposition in verdict.dispositions],
        "report_to": list(dict.fromkeys(told.id for disposition in verdict.dispositions for told in disposition.report_to)),
        **({"lead": recording.lead.facts()} if recording.lead is not None else {}),
        **({"lists_held": [asdict(one) for one in recording.lists_held]} if recording.lists_held else {}),
        **({"notification": {"received_on": told_by.received_on.isoformat()}} if told_by is not None else {}),
    }


def _place(entry: tuple[str, int] | None) -> dict[str, Any] | None:
    """An entry as facts name it."""
    return {"journal_id": entry[0], "seq": entry[1]} if entry else None


def _service(service: ServiceInformation, weight_g: int | None) -> dict[str, Any]:
    """服务信息 as far as it says nothing of anybody; amounts, place and customs lines stay in the kept part."""
    return {
        "product": service.product,
        "payer": service.payer.value if service.payer else None,
        "insured": service.declared_fen is not None,
        "way": service.way.value,
        "country": service.country,
        "customs": service.customs.category.value if service.customs else None,
        "complete": service.is_complete(weight_g),
    }


def _kept_service(service: ServiceInformation) -> dict[str, Any]:
    part: dict[str, Any] = {"place": service.place, "declared_fen": service.declared_fen}
    if service.customs is not None:
        lines = [{key: value for key, value in asdict(item).items() if value != ""} for item in service.customs.items]
        part["customs"] = {"currency": service.customs.currency, "items": lines}
    return {key: value for key, value in part.items() if value not in (None, "")}


def _real_name(draft: Draft, verdict: Verdict) -> str:
    """How the real-name rule was met; `verified` only where the parcel was accepted on it."""
    if draft.identity_kind is not MailKind.PARCEL:
        return "agreement" if draft.mail_kind is MailKind.AGREEMENT else "exempt"
    if draft.document is None:
        return "none"
    return "verified" if verdict.outcome is Outcome.ACCEPT else "shown"


def keeps_identity(draft: Draft, verdict: Verdict, rulebook: Rulebook) -> bool:
    """Minimal collection: nothing of who needs no real name, nothing of R01 and R06 unless a report is due (domain.md §11.4, §11.13)."""
    if draft.identity_kind is not MailKind.PARCEL:
        return False
    return not is_withheld(verdict, rulebook)


def _index(draft: Draft, match_key: MatchKey | None, *, identity: bool) -> dict[str, Any]:
    waybill, document = draft.waybill, draft.document
    part: dict[str, Any] = {
        "v": 1,
        "waybill": waybill.text if waybill else None,
        "carrier": waybill.carrier if waybill else None,
        "match_key_id": match_key.match_key_id if match_key and identity else None,
        "sender": {},
        "tokens": {},
    }
    if identity:
        part["sender"] = sender_masks(document.name if document else None, document.number if document else None, draft.sender.phone)
        part["tokens"] = tokens_of(subject_of(draft, document), match_key)
    return part


def sender_masks(name: str | None, number: str | None, phone: str | None) -> dict[str, str]:
    """The masked display of a sender; absent fields are left out."""
    masks = {
        "name_mask": mask_name(name or ""),
        "number_mask": mask_number("".join((number or "").split())),
        "phone_mask": mask_phone(phone or ""),
    }
    return {key: mask for key, mask in masks.items() if mask}


def tokens_of(subject: Subject, match_key: MatchKey | None) -> dict[str, str]:
    """Match tokens of a subject under one key, by kind. A virtual phone is no identity: it gets none."""
    if match_key is None:
        return {}
    values = {kind: value for kind, value in subject.token_values().items() if kind is not TokenKind.PHONE or not subject.phone_is_virtual}
    return {kind.value: match_token(match_key.key, kind, value) for kind, value in values.items()}


def _reported(document: IdentityDocument, profile: ReportingProfile) -> dict[str, str]:
    fields = {
        "name": document.name,
        "document_type": document.type.value,
        "number": normalise_number(document.type, document.number) if document.number else None,
        "nationality": document.nationality,
    }
    return {name: value for name, value in fields.items() if name in profile.sender and value}


def _kept(draft: Draft, verdict: Verdict, rulebook: Rulebook, recording: Recording, *, identity: bool) -> dict[str, Any]:
    withheld = is_withheld(verdict, rulebook)
    part = kept_of_nobody(draft, verdict, rulebook) if withheld else _said(draft, verdict, identity=identity)
    if recording.entries_held and not withheld:  # an entry is somebody
        part["entries_held"] = [asdict(one) for one in recording.entries_held]
    part["photo_keys"] = {photo.ref.name: to_text(photo.key) for photo in recording.photos}
    part |= _photo_faults(draft, recording.photos)
    if draft.screening is not None and (draft.screening.hits or draft.screening.status is not ScreeningStatus.SCREENED):
        part["list_versions"] = dict(draft.screening.lists)
    if draft.screening is not None and draft.screening.status is not ScreeningStatus.SCREENED:
        part["screening_status"] = draft.screening.status.value
    if recording.lead is not None:
        part["lead"] = recording.lead.facts() | (_counties(draft) if identity else {})
    if recording.draft_id is not None:
        part["draft_id"] = recording.draft_id
    return part


def _said(draft: Draft, verdict: Verdict, *, identity: bool) -> dict[str, Any]:
    """What was said of parcel, hits and people."""
    part: dict[str, Any] = {
        "v": 1,
        "items": [_item(item) for item in draft.items],
        "notes": {answered.finding.item: answered.finding.note for answered in draft.answers if answered.finding.note},
        "found": [
            {"kind": found.kind.value, "name": found.name, "category": found.category, "concealed": found.concealed, "note": found.note}
            for found in draft.contents_findings
        ],
        "reasons_given": _reasons_given(draft),
        "exemptions": {exemption.rule: exemption.reason for exemption in draft.exemptions},
    }
    if notes := {exemption.rule: exemption.note for exemption in draft.exemptions if exemption.note}:
        part["exemption_notes"] = notes
    if draft.service is not None and (service := _kept_service(draft.service)):
        part["service"] = service
    if draft.shipment is not None:
        part["first_waybill"] = draft.shipment.first_waybill
    if verdict.outcome is Outcome.REFUSE and draft.refusal is not None and (told_by := draft.refusal.notification) is not None:
        said = {"number": told_by.number, "sender": told_by.sender, "received_on": told_by.received_on.isoformat()}
        part["notification"] = {key: value for key, value in said.items() if value}
    if draft.screening is not None and draft.screening.hits:
        nameless: dict[str, Any] = {} if identity else {"steps": []}  # both names side by side would name the sender
        part["hits"] = [told(hit) | nameless for hit in draft.screening.hits[:MOST_TOLD]]
    if identity or (verdict.outcome is Outcome.ACCEPT and not draft.is_letter):
        part["addressee"] = _contact(draft.addressee.name, draft.addressee.phone, draft.addressee.address)
    if identity:
        part["sender"] = _contact("", draft.sender.phone, draft.sender.address)
        part |= _companions(draft)
        if draft.credential_ref:
            part["e_credential_ref"] = draft.credential_ref
    return part


def _counties(draft: Draft) -> dict[str, str]:
    """County codes a lead goes by besides (domain.md §11.14): where the sender is registered, and the client, as far as numbers say."""
    document, organisation = draft.document, draft.organisation
    codes = {
        "sender_county": document.number[:6] if document and document.number and document.type in _WITH_COUNTY else "",
        "client_county": plain(organisation.uscc)[2:8] if organisation is not None else "",
    }
    return {name: code for name, code in codes.items() if len(code) == _COUNTY_DIGITS and code.isascii() and code.isdigit()}


def _photo_faults(draft: Draft, photos: Sequence[KeptPhoto]) -> dict[str, Any]:
    """What is wrong with photos that were kept all the same; nothing where nothing is."""
    wrong = {photo.sha256: list(photo.faults) for photo in draft.photos if photo.faults}
    faults = {photo.ref.name: wrong[photo.ref.sha256] for photo in photos if photo.ref.sha256 in wrong}
    return {"photo_faults": faults} if faults else {}


def _companions(draft: Draft) -> dict[str, Any]:
    """Who else was identified, and the organisation that sends: of people no more than of the sender."""
    people = {"agent": draft.agent_document, "guardian": draft.guardian_document}
    part: dict[str, Any] = {
        name: {"name": person.name, "type": person.type.value, "number": person.number} for name, person in people.items() if person
    }
    if draft.organisation is not None:
        organisation = draft.organisation
        part["organisation"] = {"name": organisation.name, "uscc": plain(organisation.uscc), "responsible": organisation.responsible}
        part["organisation"]["office"] = organisation.office.value
    return part


def _contact(name: str, phone: str, address: str) -> dict[str, str]:
    return {key: value for key, value in (("name", name), ("phone", phone), ("address", address)) if value}


def _item(item: DeclaredItem) -> dict[str, Any]:
    values: Mapping[str, Any] = {
        "name": item.name,
        "category": item.category,
        "quantity": item.quantity,
        "weight_g": item.weight_g,
        "value_fen": item.value_fen,
        "cigarette_sticks": item.cigarette_sticks,
        "gtin": item.gtin,
        "goods": item.goods,
        "brand": item.brand,
        "personal_use": item.personal_use or None,
        "papers": list(item.papers) or None,
        "org_code": item.org_code,
        "epc": item.epc,
        "more_epcs": list(item.more_epcs) or None,
    }
    tag = read_epc(item.epc) if item.epc else None
    if tag is not None and tag.is_read:  # an unknown tag is kept as it was read, and nothing is guessed from it
        values = {**values, "epc_gtin": tag.gtin, "epc_serial": tag.serial}
    return {key: value for key, value in values.items() if value is not None}


def _resolution_words(resolution: HitResolution) -> dict[str, str]:
    words = {"evidence": resolution.evidence, "code": plain(resolution.code)}
    return {"reason": resolution.reason} | {name: text for name, text in words.items() if text}


def _reasons_given(draft: Draft) -> Sequence[dict[str, str]]:
    given = [{"of": f"{one.list_id}/{one.entry_id}"} | _resolution_words(one) for one in draft.resolutions]
    given += [{"of": one.code, "reason": one.reason} for one in draft.settlements]
    if draft.refusal is not None and draft.refusal.note:
        given.append({"of": draft.refusal.code, "reason": draft.refusal.note})
    return given
