"""What can be wrong with a rule package, and why an inspection came out as it did. Sentences: resources/wording/inspection.json."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from courier_check.errors import Fact


class RuleCode(StrEnum):
    """What `rules check` finds."""

    NOT_TEXT = "rules-not-text"
    TOO_LARGE = "rules-too-large"
    NOT_JSON = "rules-not-json"
    TWICE = "rules-key-twice"
    TOO_DEEP = "rules-too-deep"
    SHAPE = "rules-shape"
    VERSION = "rules-version"
    SCHEMA_NEWER = "rules-schema-newer"
    UNTRANSLATED = "rules-untranslated"
    DUPLICATE_ID = "rules-duplicate-id"
    ID_FORM = "rules-id-form"
    ID_TAKEN = "rules-id-taken"
    PHOTO_ID_FORM = "rules-photo-id-form"
    TOO_MUCH = "rules-too-much"
    TOO_MANY = "rules-too-many"
    TOO_LONG = "rules-too-long"
    ODD_SIGN = "rules-odd-sign"
    UNKNOWN_ARTICLE = "rules-unknown-article"
    BACKGROUND_ARTICLE = "rules-background-article"
    UNKNOWN_REFUSAL = "rules-unknown-refusal"
    UNKNOWN_CATEGORY = "rules-unknown-category"
    UNKNOWN_DISPOSITION = "rules-unknown-disposition"
    UNKNOWN_AUTHORITY = "rules-unknown-authority"
    UNKNOWN_ITEM = "rules-unknown-item"
    UNKNOWN_FACT = "rules-unknown-fact"
    BAD_FACT_VALUE = "rules-bad-fact-value"
    CONDITION_FORM = "rules-condition-form"
    CONDITION_KIND = "rules-condition-kind"
    ANSWERS_FORM = "rules-answers-form"
    SETTLES_TOO_MUCH = "rules-settles-too-much"
    SETTLES_ELSEWHERE = "rules-settles-elsewhere"
    MOMENT_FORM = "rules-moment-form"
    REFUSAL_FORM = "rules-refusal-form"
    DANGLING_EXPECTATION = "rules-dangling-expectation"
    CATEGORIES_INCOMPLETE = "rules-categories-incomplete"
    REFUSALS_INCOMPLETE = "rules-refusals-incomplete"
    FINDINGS_INCOMPLETE = "rules-findings-incomplete"
    FLOOR_MISSING = "rules-floor-missing"
    FLOOR_CATEGORY = "rules-floor-category"
    FLOOR_OPTIONAL = "rules-floor-optional"
    FLOOR_WEAKENED = "rules-floor-weakened"
    FLOOR_LENIENT = "rules-floor-lenient"
    FLOOR_MISPLACED = "rules-floor-misplaced"
    FLOOR_JUDGED = "rules-floor-judged"
    NO_CASES = "rules-no-cases"
    CASE_FAILED = "rules-case-failed"
    INVALID = "rules-invalid"


class InspectionCode(StrEnum):
    """What a clerk's input to the inspection can get wrong."""

    UNKNOWN_ITEM = "unknown-item"
    NOT_ASKED = "item-not-asked"
    NOT_ANSWERABLE = "item-not-answerable"
    UNKNOWN_CATEGORY = "unknown-category"
    CATEGORY_NEEDED = "category-needed"
    UNKNOWN_REFUSAL = "unknown-refusal"
    NOTE_NEEDED = "note-needed"
    UNKNOWN_PHOTO = "unknown-photo"
    UNKNOWN_EXEMPTION = "unknown-exemption"
    EXEMPTION_NOTE_NEEDED = "exemption-note-needed"
    UNUSABLE_ANSWER = "unusable-answer"
    NOTIFICATION_INCOMPLETE = "notification-incomplete"
    NOTIFICATION_DAY = "notification-day"
    NOTIFICATION_IN_FUTURE = "notification-in-future"
    NOTIFICATION_TOO_LONG = "notification-too-long"
    NOTIFICATION_NOT_TAKEN = "notification-not-taken"


class SecurityCode(StrEnum):
    """What is wrong with a security check. Sentences: resources/wording/security.json."""

    NO_WAYBILL = "security-no-waybill"
    LABEL_ELSEWHERE = "security-label-elsewhere"
    FAILED_BEFORE = "security-failed-before"
    METHOD_UNKNOWN = "security-method-unknown"
    METHOD_MISSING = "security-method-missing"
    EXEMPTION_UNKNOWN = "security-exemption-unknown"
    EXEMPTION_ALONE = "security-exemption-alone"
    IMAGE_ODD = "security-image-odd"
    IMAGE_DAYS = "security-image-days"
    ACCEPTED_BY_ODD = "security-accepted-by-odd"
    NOTHING_SCANNED = "security-nothing-scanned"
    IMAGE_OF_ONE = "security-image-of-one"


class InspectionReason(StrEnum):
    """Codes of the reasons a verdict gives."""

    ITEM_REFUSES = "item-refuses"
    ITEM_REFERS = "item-refers"
    FOUND_PROHIBITED = "found-prohibited"
    FOUND_SUSPECTED_INFRINGING = "found-suspected-infringing"
    FOUND_OVER_LIMIT = "found-over-limit"
    FOUND_MISMATCH = "found-mismatch"
    FOUND_UNPROVEN = "found-unproven"
    FOUND_UNIDENTIFIED = "found-unidentified"
    DECLARED_EXAMPLE = "declared-name-prohibited-example"
    DECLARED_NEAR_EXAMPLE = "declared-name-near-example"


@dataclass(frozen=True, slots=True)
class RuleError:
    """One fault of a rule package: the line in the file (1-based; 0 where there is none), the path to it, the code of its sentence."""

    line: int
    path: str
    message_code: RuleCode
    facts: Mapping[str, Fact] = field(default_factory=dict)


def fault(path: str, code: RuleCode, **facts: Fact) -> RuleError:
    """A fault whose line is not known yet."""
    return RuleError(0, path, code, facts)
