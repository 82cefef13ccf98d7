"""Why the gateway gave no usable answer, and what can be wrong with an enrolment."""

from __future__ import annotations

from enum import StrEnum


class SyncCode(StrEnum):
    NO_CONNECTION = "no-connection"
    TIMED_OUT = "timed-out"
    CUT_OFF = "cut-off"
    WEB_PAGE = "web-page"
    OTHER_SERVER = "other-server"
    SET_UP_WRONG = "set-up-wrong"
    NOT_UNDERSTOOD = "not-understood"
    BAD_RECEIPT = "bad-receipt"
    BUSY = "gateway-busy"
    FAILED = "gateway-failed"
    REFUSED = "gateway-refused"
    ROLLBACK = "gateway-rollback"
    FORK = "gateway-fork"
    TAKEN = "journal-id-taken"
    BRANCH = "gateway-holds-more"
    FORGOTTEN = "gateway-forgot"
    DAMAGED = "journal-damaged"
    PHOTOS_NOT_TAKEN = "gateway-takes-no-photos"
    REVOKED = "sync-station-revoked"
    URL_NOT_USABLE = "gateway-url-not-usable"
    URL_WITH_PASSWORD = "gateway-url-with-password"
    ENROLMENT_NOT_BELIEVED = "enrolment-not-believed"
    PRACTICE_MISMATCH = "practice-mismatch"
    ALREADY_ENROLLED = "already-enrolled"
