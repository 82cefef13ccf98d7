"""What can be wrong with a list, and why an entry matched."""

from __future__ import annotations

from enum import StrEnum


class ScreeningCode(StrEnum):
    """Defects of list packages, list files, rules and queries; and what a screening tells the verdict."""

    PACKAGE_MALFORMED = "list-malformed"
    PACKAGE_VERSION = "list-format-unknown"
    DUPLICATE_ENTRY = "list-duplicate-entry"
    BAD_DATES = "list-bad-dates"
    BAD_USCC = "list-bad-uscc"
    BAD_ORG_CODE = "list-bad-org-code"
    NOTHING_TO_MATCH = "list-nothing-to-match"
    KEY_UNNAMED = "list-key-unnamed"
    BLOCK_WITHOUT_REMEDY = "list-block-without-remedy"
    CSV_EMPTY = "list-csv-empty"
    CSV_UNREADABLE = "list-csv-unreadable"
    CSV_COLUMN_MISSING = "list-csv-column-missing"
    CSV_COLUMN_TWICE = "list-csv-column-twice"
    CSV_VALUE_MISSING = "list-csv-value-missing"
    CSV_UNKNOWN_WORD = "list-csv-unknown-word"
    CSV_BAD_DATE = "list-csv-bad-date"
    CSV_BAD_VALUE = "list-csv-bad-value"
    CSV_DISAGREES = "list-csv-disagrees"
    RULES_MALFORMED = "screening-rules-malformed"
    EMPTY_QUERY = "screening-empty-query"
    HIT_BLOCK = "blacklist-block"
    HIT_REVIEW = "blacklist-review"
    HIT_INSPECT = "blacklist-inspect"
    HIT_NOTE = "blacklist-note"
    OWN_LIST = "own-list-ends-agreement"
    NOT_SCREENED = "not-screened"
    KEY_MISSING = "screening-key-missing"
    LIST_STALE = "list-stale"
    INDEX_BUILDING = "name-index-building"
    INDEX_DAMAGED = "name-index-damaged"
    INDEX_FOREIGN = "name-index-foreign"
    INDEX_OTHER_VERSION = "name-index-other-version"


class MatchReason(StrEnum):
    """Why an entry is a hit, and what weakens it."""

    SAME_USCC = "same-uscc"
    SAME_ORG_CODE = "same-org-code"
    SAME_ID = "same-id"
    SAME_PHONE = "same-phone"
    SAME_ADDRESS = "same-address"
    SAME_NAME = "same-name"
    SAME_CORE_NAME = "same-core-name"
    SIMILAR_NAME = "similar-name"
    CONTAINED_NAME = "contained-name"
    PERSON_NAME_ALONE = "person-name-alone"
    ID_DIFFERS = "id-differs"
    USCC_DIFFERS = "uscc-differs"
    REGION_DIFFERS = "region-differs"
    SHORT_NAME = "short-name"
    NO_LEGAL_BASIS = "no-legal-basis"
    OWN_LIST_ONLY = "own-list-only"
    LIST_EXPIRED = "list-expired"


class Advice(StrEnum):
    """What to do about a hit."""

    STOP_AND_TELL = "advice-stop-and-tell"
    SUPERVISOR_COMPARES = "advice-supervisor-compares"
    INSPECT_AND_ASK_PAPERS = "advice-inspect-and-ask-papers"
    FOR_INFORMATION = "advice-for-information"
    END_AGREEMENT_TREATMENT = "advice-end-agreement-treatment"
