"""What a desk verb says no with."""

from __future__ import annotations

from enum import StrEnum


class DeskCode(StrEnum):
    NOT_ENROLLED = "station-not-enrolled"
    NOT_SIGNED_IN = "not-signed-in"
    NO_RIGHT = "no-right"
    OPERATOR_UNKNOWN = "operator-unknown"
    OPERATOR_EXISTS = "operator-exists"
    OPERATOR_DISABLED = "operator-disabled"
    OPERATOR_CODE_ODD = "operator-code-odd"
    FIRST_MUST_SUPERVISE = "first-operator-must-supervise"
    LAST_SUPERVISOR = "last-supervisor"
    PASSWORD_SHORT = "password-short"
    PASSWORD_WRONG = "password-wrong"
    SIGN_IN_LOCKED = "sign-in-locked"
    INCOMPLETE = "acceptance-incomplete"
    SCREENING_CHANGED = "screening-changed"
    ENTRY_UNKNOWN = "entry-unknown"
    NOT_CORRECTABLE = "not-correctable"
    REASON_MISSING = "reason-missing"
    FIELD_UNKNOWN = "field-unknown"
    RETURNED_UNKNOWN = "returned-unknown"
    PACKAGE_NOT_BELIEVED = "package-not-believed"
    PACKAGE_NOT_NEWER = "package-not-newer"
    PACKAGE_KIND_WRONG = "package-kind-wrong"
    RULES_UNFIT = "rules-unfit"
    RULES_LOST = "rules-lost"
    UNSIGNED_NOT_PRACTICE = "unsigned-not-practice"
    OPERATOR_DIFFERS = "operator-differs"
    CASE_UNREADABLE = "case-unreadable"
    LIST_FILE_DEFECTIVE = "list-file-defective"
    WAYBILL_TAKEN = "waybill-taken"
