"""What can be wrong with a journal or a signed document."""

from __future__ import annotations

from enum import StrEnum

from courier_check.errors import CourierCheckError


class JournalCode(StrEnum):
    NOT_CANONICAL = "not-canonical"
    UNSUPPORTED_VERSION = "unsupported-version"
    UNKNOWN_ALGORITHM = "unknown-algorithm"
    MALFORMED = "malformed"
    TOO_LARGE = "too-large"
    BAD_SIGNATURE = "bad-signature"
    WRONG_KEY = "wrong-key"
    WRONG_KIND = "wrong-kind"
    WRONG_PLACE = "wrong-place"
    BAD_CHAIN = "bad-chain"
    BAD_DIGEST = "bad-digest"
    BAD_SEAL = "bad-seal"
    MISSING_ENTRY = "missing-entry"


class JournalError(CourierCheckError):
    """Bytes that claim to be of a journal, and are not what they claim."""
