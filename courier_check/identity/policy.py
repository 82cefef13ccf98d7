"""证件审查: whether a document identifies a sender for a kind of mail on a day. Rules are data from resources/documents.json."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import msgspec

from courier_check import typed
from courier_check.errors import Fact, UserError
from courier_check.identity.codes import DocumentReason, IdentityCode, NumberReason
from courier_check.identity.document_rules import (
    CredentialRule,
    DocumentRule,
    GuardianRule,
    MailRule,
    NationalityRule,
    NoticeRule,
    OrganisationRule,
    PolicyFile,
    ResidentValidity,
    Standing,
    TemporaryRule,
    ValidityRule,
)
from courier_check.identity.documents import DocumentType, IdentityDocument, Source
from courier_check.identity.numbers import check_document_number
from courier_check.identity.permits import check_two_way_permit
from courier_check.identity.regions import Regions
from courier_check.identity.resident import ResidentNumber, age_on
from courier_check.privacy import mask_number
from courier_check.terms import Consequence, MailKind, Reason

_INVALID = "R02"  # 证件无效、过期
_RESIDENT_NUMBERS = frozenset(
    {DocumentType.RESIDENT_ID, DocumentType.TEMPORARY_ID, DocumentType.HUKOU, DocumentType.HMT_RESIDENCE, DocumentType.FPR_CARD}
)
_CHINESE_NATIONALITIES = frozenset({"CHN", "HKG", "MAC", "TWN", "中国"})


@dataclass(frozen=True, slots=True)
class DocumentPolicy:
    """The rules for documents, whole: every type and every kind of mail has exactly one."""

    version: str
    documents: Mapping[DocumentType, DocumentRule]
    mail: Mapping[MailKind, MailRule]
    guardian: GuardianRule
    temporary_id: TemporaryRule
    resident_validity: ResidentValidity
    credential: CredentialRule
    organisation: OrganisationRule
    notice: NoticeRule

    @classmethod
    def parse(cls, data: bytes) -> DocumentPolicy:
        """From resources/documents.json; UserError with the path of the fault."""
        try:
            given = typed.decode(data, PolicyFile)
        except msgspec.DecodeError as error:
            raise UserError(IdentityCode.DOCUMENT_POLICY_UNREADABLE, fault=str(error)) from None
        documents = {rule.type: rule for rule in given.documents}
        mail = {rule.kind: rule for rule in given.mail_kinds}
        _expect_each_once("$.documents", [rule.type for rule in given.documents], list(DocumentType))
        _expect_each_once("$.mail_kinds", [rule.kind for rule in given.mail_kinds], list(MailKind))
        return cls(
            version=given.version,
            documents=documents,
            mail=mail,
            guardian=given.guardian,
            temporary_id=given.temporary_id,
            resident_validity=given.resident_validity,
            credential=given.credential,
            organisation=given.organisation,
            notice=given.notice,
        )

    def in_practice(self) -> DocumentPolicy:
        """The rules of a practice station, whose credentials are of made-up people."""
        credential = msgspec.structs.replace(self.credential, accepted=self.credential.practice)
        return replace(self, credential=credential)


def needs_document(policy: DocumentPolicy, mail_kind: MailKind) -> bool:
    """Whether mail of this kind is accepted only against a valid document.

    A document not shown yet makes the acceptance incomplete; that the sender refuses to show one (R01) is the clerk's finding.
    """
    return policy.mail[mail_kind].needs_document


def review_document(
    policy: DocumentPolicy, document: IdentityDocument, mail_kind: MailKind, today: date, regions: Regions | None = None
) -> tuple[Reason, ...]:
    """Every reason the document gives; none at all, or notes alone, means that it is valid. The last day of validity is valid.

    Mail that needs no document is never judged by one: the only reason is then that its details need not be kept.
    """
    rule = policy.documents[document.type]
    if not needs_document(policy, mail_kind):
        return (_reason(DocumentReason.NOT_NEEDED),)
    if rule.standing is Standing.REFUSED:
        wrong = DocumentReason.TWO_WAY_PERMIT if document.type is DocumentType.TWO_WAY_PERMIT else DocumentReason.NOT_ACCEPTED
        return (_refusal(wrong, document=rule.zh, document_en=rule.en),)
    return (
        *_review_standing(policy, rule, document, mail_kind),
        *_review_fields(rule, document),
        *_review_number(rule, document, today, regions),
        *_review_birth_and_sex(document, today),
        *_review_age(policy, rule, document, today),
        *_review_validity(policy, rule, document, today),
    )


def needs_guardian(policy: DocumentPolicy, document: IdentityDocument, mail_kind: MailKind, today: date) -> bool:
    """Whether the sender is so young that a guardian comes along, with a document of his own."""
    age = age_of(document, today)
    rule = policy.guardian
    return rule.shows_document and age is not None and age < rule.consent_under and needs_document(policy, mail_kind)


def is_grown_up(policy: DocumentPolicy, document: IdentityDocument | None, today: date) -> bool:
    """Whether a document says that its holder is of full age; what says nothing of the age does not."""
    age = age_of(document, today) if document is not None else None
    return age is not None and age >= policy.guardian.adult_age


def review_guardian(
    policy: DocumentPolicy, guardian: IdentityDocument, mail_kind: MailKind, today: date, regions: Regions | None = None
) -> tuple[Reason, ...]:
    """监护人的证件: as a sender's, and he is grown up himself."""
    age = age_of(guardian, today)
    reasons = review_document(policy, guardian, mail_kind, today, regions)
    if age is None or age >= policy.guardian.adult_age or not needs_document(policy, mail_kind):
        return reasons
    return (*reasons, _referral(DocumentReason.GUARDIAN_NOT_ADULT, age=policy.guardian.adult_age))


def age_of(document: IdentityDocument, today: date) -> int | None:
    """The holder's age in whole years, from the birth date or a number whose check holds, the younger where they disagree: whoever typed a
    child's birth date wrong has not made it grow up. None where neither tells."""
    ages = [age_on(born_on, today) for born_on in _births(document) if born_on <= today]
    return min(ages, default=None)


def _review_standing(policy: DocumentPolicy, rule: DocumentRule, document: IdentityDocument, mail_kind: MailKind) -> Iterator[Reason]:
    if document.source is Source.CREDENTIAL and not policy.credential.accepted:
        yield _refusal(DocumentReason.CREDENTIAL_NOT_ACCEPTED)
    if mail_kind not in rule.mail_kinds:
        yield _refusal(DocumentReason.NOT_FOR_MAIL_KIND, document=rule.zh, document_en=rule.en)
    if rule.standing is Standing.SUPERVISOR:
        yield _referral(DocumentReason.NEEDS_SUPERVISOR, document=rule.zh, document_en=rule.en)


def _review_fields(rule: DocumentRule, document: IdentityDocument) -> Iterator[Reason]:
    if not document.name:
        yield _referral(DocumentReason.NAME_MISSING)
    if not document.number:
        yield _referral(DocumentReason.NUMBER_MISSING)
    if rule.nationality is NationalityRule.FOREIGN and not document.nationality:
        yield _referral(DocumentReason.NATIONALITY_MISSING)
    if rule.nationality is not None and document.nationality:
        chinese = document.nationality in _CHINESE_NATIONALITIES
        if chinese is not (rule.nationality is NationalityRule.CHINESE):
            yield _referral(DocumentReason.NATIONALITY_CONFLICT, document=rule.zh, document_en=rule.en)


def _review_number(rule: DocumentRule, document: IdentityDocument, today: date, regions: Regions | None) -> Iterator[Reason]:
    number = document.number or ""
    check = check_document_number(document.type, number, today, regions) if number else None
    if check is None:
        return
    if check_two_way_permit(number) and not check.valid:
        yield _refusal(DocumentReason.TWO_WAY_PERMIT)
        return
    if check_two_way_permit(number) and document.type is DocumentType.TW_PERMIT:
        yield _referral(DocumentReason.TWO_WAY_PERMIT)  # one-time permits of Taiwan may look the same [忆], so a person must look
    for reason in map(NumberReason, check.reasons):
        consequence = Consequence.NOTE if reason.only_warns else rule.number_fault.consequence
        if reason is NumberReason.OLD_15_DIGITS:
            consequence = Consequence.REFER
        refusal = _INVALID if consequence is Consequence.REFUSE else None
        yield Reason(reason.value, consequence, refusal, {"number": mask_number(number)})


def _review_birth_and_sex(document: IdentityDocument, today: date) -> Iterator[Reason]:
    """出生日期、性别与号码一致. A number that fails its own check proves nothing about the other fields."""
    number = _resident_number(document)
    if number is not None and None not in (number.born_on, document.born_on) and number.born_on != document.born_on:
        yield _referral(DocumentReason.BIRTH_CONFLICT)
    if number is not None and None not in (number.sex, document.sex) and number.sex is not document.sex:
        yield _referral(DocumentReason.SEX_CONFLICT)
    if document.born_on is not None and document.born_on > today:
        yield _referral(DocumentReason.BIRTH_FUTURE)


def _review_age(policy: DocumentPolicy, rule: DocumentRule, document: IdentityDocument, today: date) -> Iterator[Reason]:
    age, guardian = age_of(document, today), policy.guardian
    if not any(_births(document)) and rule.asks_birth_date:
        yield _referral(DocumentReason.BIRTH_UNKNOWN, document=rule.zh, document_en=rule.en, age=guardian.consent_under)
    if age is None:
        return
    if age < guardian.consent_under:
        yield _referral(DocumentReason.GUARDIAN_CONSENT, age=guardian.consent_under)
    elif age < guardian.hint_under:
        yield _reason(DocumentReason.GUARDIAN_HINT, age=guardian.hint_under)


def _review_validity(policy: DocumentPolicy, rule: DocumentRule, document: IdentityDocument, today: date) -> Iterator[Reason]:
    start, end = document.valid_from, document.valid_until
    if start is not None and start > today:
        yield _refusal(DocumentReason.NOT_YET_VALID, valid_from=start.isoformat())
    if end is not None and end < today:
        yield _refusal(DocumentReason.EXPIRED, valid_until=end.isoformat())
    elif end == today:
        yield _reason(DocumentReason.EXPIRES_TODAY)
    if start is not None and end is not None and start > end:
        yield _referral(DocumentReason.VALIDITY_REVERSED)
    elif rule.validity is ValidityRule.TEMPORARY and start is not None:
        yield from _review_temporary(policy.temporary_id, start, end, today)
    elif end is None and not document.long_term and rule.validity is not ValidityRule.IF_PRINTED:
        yield _referral(DocumentReason.VALIDITY_UNKNOWN)
    elif rule.validity is ValidityRule.RESIDENT and not term_is_likely(policy.resident_validity, document):
        yield _reason(DocumentReason.VALIDITY_UNLIKELY)


def _review_temporary(rule: TemporaryRule, start: date, end: date | None, today: date) -> Iterator[Reason]:
    """The term of months is [忆]: without a printed end it can send the document to a person, never refuse it."""
    last = _months_after(start, rule.months)
    if end is None and last < today:
        yield _referral(DocumentReason.TEMPORARY_TERM_OVER, months=rule.months, valid_from=start.isoformat())
    elif end is not None and end > last:
        yield _reason(DocumentReason.VALIDITY_UNLIKELY)


def term_is_likely(rule: ResidentValidity, document: IdentityDocument) -> bool:
    """Whether the printed term is the one that the holder's age at issue gives; true where that can't be told."""
    start, end = document.valid_from, document.valid_until
    born_on = next(_births(document), None)
    if born_on is None or start is None or born_on > start:
        return True
    years = rule.years_at(age_on(born_on, start))
    if years is None or end is None:
        return document.long_term is (years is None)
    return abs(end - _months_after(start, 12 * years)) <= timedelta(days=1)


def _births(document: IdentityDocument) -> Iterator[date]:
    """What the document says of the day of birth: its date, then its number."""
    number = _resident_number(document)
    yield from (day for day in (document.born_on, number.born_on if number else None) if day is not None)


def _resident_number(document: IdentityDocument) -> ResidentNumber | None:
    number = ResidentNumber.find(document.number) if document.number and document.type in _RESIDENT_NUMBERS else None
    return number if number is not None and number.check_holds else None


def _months_after(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day; the calendar's last day if it would lie beyond it."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _reason(code: DocumentReason, **facts: Fact) -> Reason:
    return Reason(code.value, Consequence.NOTE, None, facts)


def _referral(code: DocumentReason, **facts: Fact) -> Reason:
    return Reason(code.value, Consequence.REFER, None, facts)


def _refusal(code: DocumentReason, **facts: Fact) -> Reason:
    return Reason(code.value, Consequence.REFUSE, _INVALID, facts)


def _expect_each_once(path: str, given: Sequence[str], known: Sequence[str]) -> None:
    wrong = [item for item in known if given.count(item) != 1]
    if wrong:
        raise UserError(IdentityCode.DOCUMENT_POLICY_UNREADABLE, fault=f"not exactly once: {', '.join(wrong)} - at `{path}`")
