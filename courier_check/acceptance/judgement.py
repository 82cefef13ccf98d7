"""From a draft to the verdict: asks identity, parcel, screening and the checklists, and adds up what they say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from courier_check.acceptance.codes import AcceptanceReason, Lack
from courier_check.acceptance.draft import Answered, Draft, HitResolution, ReferredBefore
from courier_check.acceptance.settling import UNSETTLEABLE, settle, subject_of
from courier_check.errors import Fact
from courier_check.identity.codes import DocumentReason, NameReason, NumberReason, OrganisationReason
from courier_check.identity.comparison import combine, doubtful_fields, review_readings
from courier_check.identity.documents import DocumentType, IdentityDocument
from courier_check.identity.names import TO_BE_CONFIRMED, NameMatch, compare_names, review_names
from courier_check.identity.numbers import normalise_number
from courier_check.identity.organisations import Organisation, review_organisation
from courier_check.identity.phones import Reach, reach_of
from courier_check.identity.policy import DocumentPolicy, age_of, needs_document, needs_guardian, review_document, review_guardian
from courier_check.identity.readings import SourceReading
from courier_check.identity.regions import Regions
from courier_check.identity.romanised import Spells, cannot_tell, never_denied
from courier_check.inspection.case import Case
from courier_check.inspection.codes import InspectionReason
from courier_check.inspection.declared import review_declared_names
from courier_check.inspection.findings import Findings
from courier_check.inspection.rules import RulePackage, RuleSet
from courier_check.inspection.verdict import Verdict, decide
from courier_check.parcel.carriers import Carriers
from courier_check.parcel.catalogue import GoodsCatalogue, review_goods
from courier_check.parcel.contents import RestrictedGoods, review_contents, review_traces
from courier_check.parcel.reserved import review_reserved
from courier_check.parcel.service import ServiceInformation, review_service
from courier_check.screening.codes import ScreeningCode
from courier_check.screening.entries import Action
from courier_check.screening.match import Hit, Level, Screening, ScreeningStatus
from courier_check.screening.review import review_screening
from courier_check.screening.standing import ResolutionKind, Standing
from courier_check.terms import Consequence, MailKind, Reason, marks_of

_DUPLICATE = "R14"
_BARRED = "R12"
_NOT_AS_DECLARED = "R09"


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The rules of acceptance a session needs beside the document policy. For comparing names, `fold`: traditional to simplified, and
    `spells`: whether letters are a Chinese name in pinyin."""

    rules: RuleSet
    restricted: RestrictedGoods
    regions: Regions | None = None
    fold: Callable[[str], str] = str
    spells: Spells = cannot_tell
    carriers: Carriers | None = None
    goods: GoodsCatalogue | None = None

    @classmethod
    def parse(cls, package: RulePackage) -> Rulebook:
        """UserError if any part is unusable."""
        return cls(RuleSet.parse(package), RestrictedGoods.parse(package.restricted))


def judge(draft: Draft, rulebook: Rulebook, policy: DocumentPolicy, today: date) -> Verdict:
    """The verdict on a draft as it stands, with every reason and everything still missing."""
    findings = _findings(draft, rulebook.rules)
    reasons = tuple(settle(draft, reason) for reason in _reasons(draft, rulebook, policy, today))
    unsettleable = (*_screening_reasons(draft), *_security_reasons(draft), *_clerk_reasons(draft, rulebook))
    lacking = tuple(lack.value for lack in _lacks(draft, policy, today))
    return decide(rulebook.rules, case_of(draft, rulebook, today), findings, (*reasons, *unsettleable), lacking=lacking)


def doubts_about(draft: Draft, rulebook: Rulebook, carrier: str | None) -> tuple[Reason, ...]:
    """What lists and rules say against who sends and what is sent, whatever else a parcel lacks: the reasons that refuse or refer."""
    names = [item.name for item in draft.items]
    found = [*_screening_reasons(draft), *review_declared_names(rulebook.rules.prohibited, names)]
    if draft.screening is not None:
        found += review_screening(replace(draft.screening, hits=()), draft.mail_kind)
    if rulebook.carriers is not None:
        found += review_reserved(rulebook.carriers, carrier, "", names)
    return tuple(reason for reason in found if reason.consequence is not Consequence.NOTE)


def _findings(draft: Draft, rules: RuleSet) -> Findings:
    taken = {photo.rule for photo in draft.photos if not photo.faults}
    own = {photo.id: {one.id for one in photo.exempt_reasons} for photo in rules.checklists.photos}
    exempt = {exemption.rule for exemption in draft.exemptions if exemption.reason in own.get(exemption.rule, ())}
    excused = {exemption.rule for exemption in draft.exemptions} - exempt
    answers = tuple(answered.finding for answered in answers_in_force(draft, rules))
    refused = draft.refusal.code if draft.refusal is not None else None
    return Findings(answers, draft.contents_findings, frozenset(taken | exempt), frozenset(excused), refused)


def answers_in_force(draft: Draft, rules: RuleSet) -> tuple[Answered, ...]:
    """What was answered to questions that these rules put too: others may have come into force while the parcel was in hand."""
    items = {item.id: item for item in rules.checklists.items}
    return tuple(one for one in draft.answers if one.finding.item in items and one.is_about(items[one.finding.item]))


def case_of(draft: Draft, rulebook: Rulebook, today: date) -> Case:
    """The facts of a draft, as conditions name them."""
    document, agent = draft.document, draft.agent_document if draft.with_agent else None
    match = match_names(draft, rulebook)
    if match in TO_BE_CONFIRMED and is_confirmed_by_order(draft, rulebook):
        match = NameMatch.EQUAL  # nobody is asked what the order has answered
    return Case(
        mail_kind=draft.mail_kind,
        letter=draft.is_letter,
        document_present=document is not None,
        document_type=document.type.value if document else None,
        document_source=document.source.value if document else None,
        name_match=match.value if match else None,
        sender_age=age_of(document, today) if document else None,
        agent=draft.with_agent,
        agent_document_type=agent.type.value if agent else None,
        doubtful_fields=_doubtful(draft, rulebook),
        business_sender=draft.business_sender,
        contents_categories=tuple(dict.fromkeys(item.category for item in draft.items)),
        item_quantity=max((item.quantity for item in draft.items), default=None),
        weight_g=draft.weight_g,
        sampled=draft.is_drawn,
        spared=draft.is_spared,
        listed_for_inspection=draft.is_listed,
        screened=draft.screening is not None,
        destination=draft.destination,
        client=draft.client_id,
        client_kind=draft.client_kind.value if draft.client_kind is not None else None,
    )


def match_names(draft: Draft, rulebook: Rulebook) -> NameMatch | None:
    """证件姓名与运单寄件人, which may be the organisation's; None until both are there, and for mail that needs no document."""
    if draft.document is None or draft.waybill is None or draft.identity_kind is not MailKind.PARCEL:
        return None
    return _match(draft, draft.waybill_sender_name, rulebook)


def is_confirmed_by_order(draft: Draft, rulebook: Rulebook) -> bool:
    """Whether the order behind a waybill that hides or spells the name has it as it is, and it is the document's."""
    return bool(draft.order_sender_name) and _match(draft, draft.order_sender_name, rulebook) is NameMatch.EQUAL


def may_be_copied(draft: Draft) -> bool:
    """复印件只限法人负责人、协议客户 (domain.md §11.4): of nobody else is a document's picture kept."""
    return draft.organisation is not None or (draft.mail_kind is MailKind.AGREEMENT and draft.client_id is not None)


_BY_CLOSENESS = (
    *(NameMatch.EQUAL, NameMatch.MASKED_COMPATIBLE, NameMatch.ROMANISED),
    *(NameMatch.OTHER_SCRIPT, NameMatch.DIFFERENT, NameMatch.ABSENT),
)
_IN_PINYIN = frozenset({DocumentType.RESIDENT_ID, DocumentType.TEMPORARY_ID, DocumentType.HUKOU, DocumentType.PLA, DocumentType.PAP})
"""Documents of people whose names are spelt in pinyin and in no other way."""


def _match(draft: Draft, sender_name: str, rulebook: Rulebook) -> NameMatch:
    """The closest of the names that the document's sources and the organisation go by: a permit has one in Chinese and one in letters."""
    own = [draft.document.name] if draft.document else []
    own += [reading.document.name for reading in draft.readings]
    own += [draft.organisation.name] if draft.organisation else []
    in_pinyin = draft.document is not None and draft.document.type in _IN_PINYIN and draft.organisation is None
    spells = rulebook.spells if in_pinyin else never_denied(rulebook.spells)
    found = [compare_names(name, sender_name, rulebook.fold, spells) for name in dict.fromkeys(own) if name]
    return min(found, key=_BY_CLOSENESS.index, default=NameMatch.ABSENT)


def notice_is_due(draft: Draft, policy: DocumentPolicy) -> bool:
    """Whether the notice of 个保法 17 条 is to be shown: nobody has shown it in this visit, and a document is to be read."""
    return draft.notice is None and needs_document(policy, draft.identity_kind)


def settleable(draft: Draft, rulebook: Rulebook, policy: DocumentPolicy, today: date) -> frozenset[str]:
    """Codes of the referring reasons that a supervisor may settle."""
    referring = {reason.code for reason in _reasons(draft, rulebook, policy, today) if reason.consequence is Consequence.REFER}
    return frozenset(referring) - UNSETTLEABLE


def _reasons(draft: Draft, rulebook: Rulebook, policy: DocumentPolicy, today: date) -> Iterator[Reason]:
    """Everything judged from facts, apart from hits and the clerk's own refusal."""
    yield from _people_reasons(draft, rulebook, policy, today)
    if draft.waybill is not None and draft.waybill.valid is False:
        yield Reason(AcceptanceReason.WAYBILL_CHECK_FAILED, Consequence.REFER)
    yield from _before_reasons(draft, rulebook.rules)
    if draft.screening is not None:
        yield from review_screening(replace(draft.screening, hits=()), draft.mail_kind)
    yield from _goods_reasons(draft, rulebook)
    yield from _service_reasons(draft, rulebook)
    yield from draft.client_reasons


def _people_reasons(draft: Draft, rulebook: Rulebook, policy: DocumentPolicy, today: date) -> Iterator[Reason]:
    agent = draft.agent_document if draft.with_agent else None
    for document in (draft.document, agent):
        if document is not None:
            yield from review_document(policy, document, draft.identity_kind, today, rulebook.regions)
    yield from _source_reasons(draft, rulebook, policy, today)
    yield from _guardian_reasons(draft, rulebook, policy, today)
    if draft.document is not None and agent is not None and _is_same_number(draft.document, agent):
        yield Reason(AcceptanceReason.AGENT_IS_SENDER, Consequence.REFER)
    if draft.organisation is not None and draft.identity_kind is MailKind.PARCEL:
        yield from _organisation_reasons(draft, draft.organisation, rulebook, policy, today)
    yield from _name_reasons(draft, rulebook)
    yield from _phone_reasons(draft)


def _source_reasons(draft: Draft, rulebook: Rulebook, policy: DocumentPolicy, today: date) -> Iterator[Reason]:
    """What several sources of one document disagree about, and what is doubtful."""
    if not needs_document(policy, draft.identity_kind):
        return
    young = draft.document is not None and needs_guardian(policy, draft.document, draft.identity_kind, today)
    for readings in (*_readings_of(draft), draft.guardian_readings if young else ()):
        if readings:
            yield from review_readings(combine(readings, rulebook.fold))


def _guardian_reasons(draft: Draft, rulebook: Rulebook, policy: DocumentPolicy, today: date) -> Iterator[Reason]:
    document, guardian = draft.document, draft.guardian_document
    if document is None or guardian is None or not needs_guardian(policy, document, draft.identity_kind, today):
        return
    yield from review_guardian(policy, guardian, draft.identity_kind, today, rulebook.regions)
    if _is_same_number(document, guardian):
        yield Reason(DocumentReason.GUARDIAN_IS_SENDER, Consequence.REFER)


def _organisation_reasons(
    draft: Draft, organisation: Organisation, rulebook: Rulebook, policy: DocumentPolicy, today: date
) -> Iterator[Reason]:
    """统一社会信用代码、负责人及其证件复印件."""
    yield from review_organisation(organisation, today, rulebook.regions)
    shown = draft.document.name if draft.document else None
    if shown and compare_names(shown, organisation.responsible, rulebook.fold) is not NameMatch.EQUAL:
        yield Reason(OrganisationReason.RESPONSIBLE_DIFFERENT, Consequence.REFER)
    later_piece = draft.shipment is not None and draft.shipment.piece > 1  # the copy came with the first one
    if not draft.copied and not later_piece:
        consequence = policy.organisation.copy_missing.consequence
        yield Reason(OrganisationReason.COPY_MISSING, consequence, None, marks_of(policy.organisation.certainty))


def _name_reasons(draft: Draft, rulebook: Rulebook) -> Iterator[Reason]:
    """A privacy label is compared by what it shows, and then by the order behind it where there is one (domain.md §11.11); a name in
    letters likewise."""
    match = match_names(draft, rulebook)
    if match in TO_BE_CONFIRMED and draft.order_sender_name:
        by_order = _match(draft, draft.order_sender_name, rulebook)
        confirmed = by_order is NameMatch.EQUAL
        yield from (Reason(NameReason.CONFIRMED_BY_ORDER, Consequence.NOTE),) if confirmed else review_names(by_order)
    elif match is not None:
        yield from review_names(match)


def _phone_reasons(draft: Draft) -> Iterator[Reason]:
    reach = Reach.NONE if draft.is_letter else reach_of(draft.sender.phone)
    if reach is Reach.UNFAMILIAR:
        yield Reason(AcceptanceReason.SENDER_PHONE_UNFAMILIAR, Consequence.REFER)
    elif reach is Reach.VIRTUAL:
        yield Reason(NumberReason.PHONE_VIRTUAL, Consequence.NOTE)


def _goods_reasons(draft: Draft, rulebook: Rulebook) -> Iterator[Reason]:
    """邮政法 84 条: a letter is no wrapping for goods, and what exceeds a parcel's limits is no letter either."""
    if draft.is_letter and draft.items:
        yield Reason(AcceptanceReason.LETTER_WITH_GOODS, Consequence.REFUSE, _NOT_AS_DECLARED, {"count": len(draft.items)})
    yield from review_declared_names(rulebook.rules.prohibited, (item.name for item in draft.items))
    yield from review_contents(rulebook.restricted, draft.items, draft.size, tobacco_parcels_today=draft.tobacco_parcels_today or 0)
    if rulebook.goods is not None:
        yield from review_goods(rulebook.goods, draft.items, business=draft.business_sender or draft.mail_kind is MailKind.AGREEMENT)
    yield from review_traces(draft.items)


def _service_reasons(draft: Draft, rulebook: Rulebook) -> Iterator[Reason]:
    """What this carrier may not carry, and services that don't go together with the mail."""
    carrier = draft.waybill.carrier if draft.waybill else None
    if rulebook.carriers is not None:
        yield from review_reserved(rulebook.carriers, carrier, draft.reserved, (item.name for item in draft.items))
    if draft.service is not None:
        mailbox = draft.mail_kind is MailKind.INSPECTION_MAILBOX and draft.is_letter
        value = sum(item.value_fen or 0 for item in draft.items)
        yield from review_service(draft.service, mailbox_letter=mailbox, contents_fen=value, weight_g=draft.weight_g)


def _is_same_number(one: IdentityDocument, other: IdentityDocument) -> bool:
    """Whether two documents are of one person; an identity card and its temporary substitute bear the same number."""
    if not one.number or not other.number:
        return False
    return normalise_number(one.type, one.number) == normalise_number(other.type, other.number)


def _clerk_reasons(draft: Draft, rulebook: Rulebook) -> Iterator[Reason]:
    if draft.earlier is not None:
        where = {"outlet": draft.earlier.outlet, "window": draft.earlier.window}
        accepted = draft.earlier.accepted_at.strftime("%Y-%m-%d %H:%M")
        code = AcceptanceReason.INTERCEPTED if draft.earlier.intercepted else AcceptanceReason.ALREADY_ACCEPTED
        yield Reason(code, Consequence.REFUSE, _DUPLICATE, {**where, "accepted_at": accepted})
    if draft.refusal is not None:
        refusal = rulebook.rules.refusal(draft.refusal.code)
        facts = {"refusal": refusal.code, "refusal_zh": refusal.zh, "refusal_en": refusal.en}
        yield Reason(AcceptanceReason.CLERK_REFUSES, Consequence.REFUSE, refusal.code, facts)


def _before_reasons(draft: Draft, rules: RuleSet) -> Iterator[Reason]:
    """The waybill was refused here before, or still waits for a supervisor. What can be made good is told only; what was to be guarded, or
    made a lead, and what somebody doubted, a supervisor settles: another scan of the same parcel does not."""
    refused, referred = draft.refused_before, draft.referred_before
    if refused is not None:
        named = rules.refusals.refusal(refused.refusal)
        zh, en = (named.zh, named.en) if named is not None else (refused.refusal, refused.refusal)
        facts: dict[str, Fact] = {"at": _minute(refused.at), "seq": refused.place[1], "lead": refused.lead or "—"}
        facts |= {"refusal": refused.refusal, "refusal_zh": zh, "refusal_en": en}
        unsettled = refused.unsettled
        code = AcceptanceReason.REFUSED_UNSETTLED if unsettled else AcceptanceReason.REFUSED_BEFORE
        yield Reason(code, Consequence.REFER if unsettled else Consequence.NOTE, None, facts)
    if referred is not None and not _is_decided_anew(draft, referred):
        zh, en = _doubted(referred, rules)
        facts = {"at": _minute(referred.at), "seq": referred.place[1], "about_zh": zh, "about_en": en}
        yield Reason(AcceptanceReason.STILL_REFERRED, Consequence.REFER, None, facts)


def _is_decided_anew(draft: Draft, referred: ReferredBefore) -> bool:
    """Whether a supervisor has decided on this parcel all that it was referred for, the very hits too, where it was for some: he need not
    settle the referral besides."""
    decided = {one.code for one in draft.settlements}
    by_supervisor = {(one.list_id, one.entry_id) for one in draft.resolutions if one.supervisor.strip()}
    if referred.hits and by_supervisor.issuperset(referred.hits):
        decided |= _OF_HITS
    return bool(referred.about) and decided.issuperset(referred.about)


_OF_HITS = frozenset({ScreeningCode.HIT_BLOCK, ScreeningCode.HIT_REVIEW, ScreeningCode.HIT_INSPECT, ScreeningCode.OWN_LIST})


def _doubted(referred: ReferredBefore, rules: RuleSet) -> tuple[str, str]:
    """What a referral was about: of the checklist the question as it is put now, where it still is."""
    if referred.why != InspectionReason.ITEM_REFERS:
        return subject_of(referred.why)
    items = [item for each in referred.doubted if (item := rules.checklists.item(each)) is not None]
    return (f"“{items[0].question.zh}”", f"“{items[0].question.en}”") if items else ("验视存疑", "the inspection")


def _minute(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M")


def _security_reasons(draft: Draft) -> Iterator[Reason]:
    """安检不合格: it waits for a supervisor, who has it checked again; no settlement does instead. Not refused: it is not to be given back
    (domain.md §11.9)."""
    if draft.failed_check is not None:
        facts: dict[str, Fact] = {"at": draft.failed_check.at.strftime("%Y-%m-%d %H:%M"), "seq": draft.failed_check.seq}
        yield Reason(AcceptanceReason.FAILED_CHECK, Consequence.REFER, None, facts)


def _screening_reasons(draft: Draft) -> Iterator[Reason]:
    """Unresolved hits refuse or refer, never pass; a resolved one says what the supervisor found."""
    screening = draft.screening
    if screening is None:
        return
    resolved = {(one.list_id, one.entry_id, one.revision): one for one in draft.resolutions}
    for hit in screening.hits:
        resolution = resolved.get((hit.list_id, hit.entry_id, hit.revision))
        if resolution is not None:
            yield _resolved_hit(hit, resolution)
        elif hit.standing is not None:
            yield _answered_hit(hit, hit.standing)
        else:
            yield from _open_hit(screening, hit, draft.mail_kind)
    told = screening.status is ScreeningStatus.STALE  # a note says so, or where that is the rule a referral (review.py)
    if screening.level is not Level.PASS and not screening.hits and not told and not _refers(screening, draft.mail_kind):
        yield Reason(AcceptanceReason.SCREENING_UNCLEAR, Consequence.REFER)


def _open_hit(screening: Screening, hit: Hit, mail_kind: MailKind) -> Iterator[Reason]:
    """名单≠拒收理由: a list that names no basis may stop a parcel for a supervisor, but not refuse it (domain.md §11.7)."""
    bounded = replace(hit, action=Action.REVIEW) if hit.action is Action.BLOCK and not hit.basis.strip() else hit
    alone = replace(screening, hits=(bounded,), stale=(), unkeyed=())
    shortcomings = len(review_screening(replace(alone, hits=()), mail_kind))
    yield from review_screening(alone, mail_kind)[shortcomings:]


def _resolved_hit(hit: Hit, resolution: HitResolution) -> Reason:
    facts: dict[str, Fact] = {"list": hit.list_title, "entry": hit.entry_id, "supervisor": resolution.supervisor, "basis": hit.basis}
    match resolution.kind:
        case ResolutionKind.NOT_SAME:
            by_code = not resolution.supervisor
            told = AcceptanceReason.HIT_NOT_SAME_BY_CODE if by_code else AcceptanceReason.HIT_NOT_SAME
            return Reason(told, Consequence.NOTE, None, facts)
        case ResolutionKind.OVERRIDE:
            return Reason(AcceptanceReason.HIT_OVERRIDDEN, Consequence.NOTE, None, facts)
        case ResolutionKind.SAME:
            if hit.action is Action.BLOCK and hit.basis.strip():
                return Reason(AcceptanceReason.HIT_SAME_BARRED, Consequence.REFUSE, _BARRED, facts)
            return Reason(AcceptanceReason.HIT_SAME_INSPECTED, Consequence.NOTE, None, facts)


def _answered_hit(hit: Hit, standing: Standing) -> Reason:
    """已核对（到 D）: nobody is asked again, and what was found then counts now, under what the list may do now."""
    facts: dict[str, Fact] = {"list": hit.list_title, "entry": hit.entry_id, "basis": hit.basis}
    facts |= {"until": standing.until_on.isoformat(), "seq": standing.seq, "supervisor": standing.supervisor}
    if standing.kind is ResolutionKind.NOT_SAME:
        return Reason(AcceptanceReason.HIT_STANDING_NOT_SAME, Consequence.NOTE, None, facts)
    if hit.action is Action.BLOCK and hit.basis.strip():
        return Reason(AcceptanceReason.HIT_STANDING_BARRED, Consequence.REFUSE, _BARRED, facts)
    return Reason(AcceptanceReason.HIT_STANDING_SAME, Consequence.NOTE, None, facts)


def _refers(screening: Screening, mail_kind: MailKind) -> bool:
    return any(reason.consequence is not Consequence.NOTE for reason in review_screening(screening, mail_kind))


def _lacks(draft: Draft, policy: DocumentPolicy, today: date) -> Iterator[Lack]:
    if policy.notice.required and notice_is_due(draft, policy):
        yield Lack.NOTICE
    if draft.document is None and needs_document(policy, draft.identity_kind):
        yield Lack.DOCUMENT
    if draft.with_agent and draft.agent_document is None and needs_document(policy, draft.identity_kind):
        yield Lack.AGENT_DOCUMENT
    young = draft.document is not None and needs_guardian(policy, draft.document, draft.identity_kind, today)
    if young and draft.guardian_document is None:
        yield Lack.GUARDIAN_DOCUMENT
    if draft.mail_kind is MailKind.AGREEMENT and draft.client_id is None:
        yield Lack.CLIENT
    if draft.waybill is None:
        yield Lack.WAYBILL
    elif draft.waybill.carrier is None:
        yield Lack.CARRIER
    if not draft.is_letter:
        yield from _goods_lacks(draft)


def _goods_lacks(draft: Draft) -> Iterator[Lack]:
    if reach_of(draft.sender.phone) is Reach.NONE:
        yield Lack.SENDER_PHONE
    if not draft.addressee.name:
        yield Lack.ADDRESSEE
    if not draft.items:
        yield Lack.CONTENTS
    if draft.tobacco_parcels_today is None and any(item.is_tobacco for item in draft.items):
        yield Lack.TOBACCO_COUNT
    if draft.service is not None:
        yield from _service_lacks(draft, draft.service)


def _service_lacks(draft: Draft, service: ServiceInformation) -> Iterator[Lack]:
    """服务信息, once begun, names product, payer and weight (domain.md §11.2); what leaves the country is declared to the customs."""
    if not service.is_named(draft.weight_g):
        yield Lack.SERVICE
    if service.lacks_customs:
        yield Lack.CUSTOMS


def _readings_of(draft: Draft) -> tuple[tuple[SourceReading, ...], ...]:
    """What was read of the sender's document, and of the agent's."""
    return draft.readings, draft.agent_readings if draft.with_agent else ()


def _doubtful(draft: Draft, rulebook: Rulebook) -> tuple[str, ...]:
    """The fields that somebody has to confirm: of sender, agent and guardian."""
    whose = (*_readings_of(draft), draft.guardian_readings)
    in_doubt = (readings for readings in whose if any(reading.doubts for reading in readings))
    fields = (field for readings in in_doubt for field in doubtful_fields(combine(readings, rulebook.fold)))
    return tuple(dict.fromkeys(field.value for field in fields))
