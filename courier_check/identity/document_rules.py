"""证件规则 as data: the shape of resources/documents.json."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Literal

import msgspec

from courier_check.identity.documents import DocumentType
from courier_check.terms import Consequence, MailKind

Certainty = Literal["原", "转", "算", "忆", "建议"]


class Standing(StrEnum):
    """Whether a type of document may identify a sender."""

    ACCEPTED = "accepted"
    SUPERVISOR = "supervisor"  # 须主管确认
    REFUSED = "refused"


class ValidityRule(StrEnum):
    """What is asked of a document's dates."""

    RESIDENT = "resident"  # printed on the back, and its length follows from the holder's age
    TEMPORARY = "temporary"  # a number of months from the day of issue
    PRINTED = "printed"  # must be known
    IF_PRINTED = "if-printed"  # formats vary; checked where known


class NationalityRule(StrEnum):
    FOREIGN = "foreign"
    CHINESE = "chinese"


class NumberFault(StrEnum):
    """What a number that fails its check, or another shortcoming, does to the verdict."""

    REFUSE = "refuse"
    REFER = "refer"
    NOTE = "note"

    @property
    def consequence(self) -> Consequence:
        return Consequence[self.name]


class Cited(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Every rule says where it is from and how sure that is."""

    source: str
    certainty: Certainty


class TypeCode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A code of GA/T 517-2004 that this type is reported under."""

    code: str
    certainty: Certainty


class DocumentRule(Cited, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One type of document. `asks_birth_date`: the holder may be a minor and the number need not tell, so the date must be known."""

    type: DocumentType
    zh: str
    en: str
    standing: Standing
    mail_kinds: tuple[MailKind, ...]
    validity: ValidityRule
    number_fault: NumberFault
    nationality: NationalityRule | None
    asks_birth_date: bool
    codes: tuple[TypeCode, ...]


class MailRule(Cited, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Whether mail of a kind is accepted only against a document."""

    kind: MailKind
    needs_document: bool


class GuardianRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """监护人: consent below one age, a hint below another (in whole years). `shows_document`: the guardian is identified as well; who is
    younger than `adult_age` is nobody's guardian."""

    consent_under: int
    consent_source: str
    consent_certainty: Certainty
    hint_under: int
    hint_source: str
    hint_certainty: Certainty
    shows_document: bool
    shows_document_source: str
    shows_document_certainty: Certainty
    adult_age: int
    adult_age_source: str
    adult_age_certainty: Certainty


class OrganisationRule(Cited, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """法人或其他组织: what a missing copy of the responsible person's document does."""

    copy_missing: NumberFault


class NoticeRule(Cited, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """告知 (个保法 17 条): whether each visit must be shown the notice at the window before its first document is read. An outlet that has
    it posted may leave that out."""

    required: bool


class TemporaryRule(Cited, frozen=True, forbid_unknown_fields=True, kw_only=True):
    months: int


class Term(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long a card is valid that was issued to someone under an age. `years` None: 长期; `under_age` None: everyone older."""

    under_age: int | None
    years: int | None


class ResidentValidity(Cited, frozen=True, forbid_unknown_fields=True, kw_only=True):
    terms: tuple[Term, ...]

    def years_at(self, age: int) -> int | None:
        """The term of a card issued at an age; None means 长期."""
        return next((term.years for term in self.terms if term.under_age is None or age < term.under_age), None)


class CredentialRule(Cited, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Whether a signed QR credential may stand for the document shown. `practice`: the same for practice stations."""

    accepted: bool
    practice: bool


class PolicyFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file whole. `checked_on`: the day its facts were last compared with their sources."""

    version: str
    checked_on: date
    note: str
    mail_kinds: tuple[MailRule, ...]
    guardian: GuardianRule
    temporary_id: TemporaryRule
    resident_validity: ResidentValidity
    credential: CredentialRule
    organisation: OrganisationRule
    notice: NoticeRule
    documents: tuple[DocumentRule, ...]
