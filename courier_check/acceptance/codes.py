"""What a step at the window can get wrong, what a session still lacks, and the reasons it adds.

Sentences: resources/wording/acceptance.json.
"""

from __future__ import annotations

from enum import StrEnum


class AcceptanceCode(StrEnum):
    """Steps that can't be taken as given."""

    NOTHING_TO_UNDO = "nothing-to-undo"
    NOT_A_WAYBILL = "not-a-waybill"
    NO_WAYBILL = "no-waybill-yet"
    CARRIER_NOT_POSSIBLE = "carrier-not-possible"
    PHONE_EMPTY = "phone-empty"
    ADDRESSEE_EMPTY = "addressee-empty"
    CONTENTS_EMPTY = "contents-empty"
    COUNT_BAD = "count-bad"
    BAD_PHOTO = "bad-photo"
    TOO_MANY_PHOTOS = "too-many-photos"
    NOT_SCREENED_YET = "not-screened-yet"
    NO_SUCH_HIT = "no-such-hit"
    REASON_EMPTY = "reason-empty"
    EVIDENCE_EMPTY = "evidence-empty"
    WORDS_TOO_LONG = "decision-words-too-long"
    CODE_NEEDED = "hit-code-needed"
    CODE_BAD = "hit-code-bad"
    CODE_IS_LISTED = "hit-code-is-listed"
    CODE_TELLS_NOTHING = "hit-code-tells-nothing"
    OVERRIDE_ONCE = "override-once"
    SCOPE_DAY = "decision-scope-day"
    SCOPE_OF_NOBODY = "decision-scope-of-nobody"
    NOTHING_TO_SETTLE = "nothing-to-settle"
    CLIENT_NOT_EXPECTED = "client-not-expected"
    WINDOW_BUSY = "window-busy"
    WINDOW_EMPTY = "window-empty"
    NO_SUCH_SESSION = "no-such-session"
    SESSION_EXISTS = "session-exists"
    ORGANISATION_INCOMPLETE = "organisation-incomplete"
    COPY_NOT_ALLOWED = "copy-not-allowed"
    NAME_NOT_HIDDEN = "name-not-hidden"
    NO_FIRST_PIECE = "no-first-piece"
    PIECE_REPEATED = "piece-repeated"


class Lack(StrEnum):
    """What a session still has to get before anything can be accepted."""

    NOTICE = "missing-notice"
    DOCUMENT = "missing-document"
    AGENT_DOCUMENT = "missing-agent-document"
    GUARDIAN_DOCUMENT = "missing-guardian-document"
    CLIENT = "missing-client"
    SENDER_PHONE = "missing-sender-phone"
    WAYBILL = "missing-waybill"
    CARRIER = "missing-carrier"
    ADDRESSEE = "missing-addressee"
    CONTENTS = "missing-contents"
    TOBACCO_COUNT = "missing-tobacco-count"
    SERVICE = "missing-service"
    CUSTOMS = "missing-customs"


class AcceptanceReason(StrEnum):
    """Codes of the reasons a session adds to those of the packages it asks."""

    ALREADY_ACCEPTED = "waybill-already-accepted"
    INTERCEPTED = "waybill-intercepted"
    FAILED_CHECK = "waybill-failed-check"
    REFUSED_BEFORE = "waybill-refused-before"
    REFUSED_UNSETTLED = "waybill-refused-unsettled"
    STILL_REFERRED = "waybill-still-referred"
    WAYBILL_CHECK_FAILED = "waybill-check-failed"
    CLERK_REFUSES = "clerk-refuses"
    HIT_NOT_SAME = "hit-resolved-not-same"
    HIT_NOT_SAME_BY_CODE = "hit-resolved-by-code"
    HIT_STANDING_NOT_SAME = "hit-standing-not-same"
    HIT_STANDING_SAME = "hit-standing-same"
    HIT_STANDING_BARRED = "hit-standing-barred"
    HIT_SAME_INSPECTED = "hit-resolved-same-inspected"
    HIT_SAME_BARRED = "hit-resolved-same-barred"
    HIT_OVERRIDDEN = "hit-overridden"
    SCREENING_UNCLEAR = "screening-unclear"
    LETTER_WITH_GOODS = "letter-with-goods"
    AGENT_IS_SENDER = "agent-is-sender"
    SENDER_PHONE_UNFAMILIAR = "sender-phone-unfamiliar"
    SETTLED = "referral-settled"
