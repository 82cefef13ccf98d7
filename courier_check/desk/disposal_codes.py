"""What a report, a handover or an intercept says no with. Sentences: resources/wording/disposal.json."""

from __future__ import annotations

from enum import StrEnum


class DisposalCode(StrEnum):
    AUTHORITY_UNKNOWN = "authority-unknown"
    TOLD_WHOM = "told-whom"
    TOLD_REFERENCE = "told-reference"
    TOLD_UNREADABLE = "told-unreadable"
    TOLD_IN_FUTURE = "told-in-future"
    TEXT_TOO_LONG = "disposal-text-too-long"
    NOTHING_GUARDED = "nothing-guarded"
    LIST_MISSING = "handover-list-missing"
    OFFICERS_TWO = "handover-officers-two"
    LEAD_UNKNOWN = "lead-unknown"
    NOT_AN_ACCEPTANCE = "intercept-no-acceptance"
    INTERCEPT_WITHDRAWN = "intercept-withdrawn"
    INTERCEPTED_ALREADY = "intercepted-already"
    INTERCEPTED = "parcel-intercepted"
    FAILED_CHECK = "parcel-failed-check"
    REASON_MISSING = "intercept-reason-missing"
    WHEREABOUTS_MISSING = "intercept-whereabouts-missing"
    STOP_TOLD_MISSING = "intercept-told-missing"
    PARCEL_UNKNOWN = "intercept-parcel-unknown"
    NOT_INTERCEPTED = "not-intercepted"
    INTERCEPT_SETTLED = "intercept-settled"
    HANDED_WITHOUT_LIST = "handed-without-list"
    RELEASE_FAILED = "release-failed-check"
    NOT_REFUSED = "slip-not-refused"
