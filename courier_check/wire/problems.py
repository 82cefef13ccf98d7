"""Problem documents, RFC 9457 (docs/wire.md §8)."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from courier_check.wire.batches import WireEntry
from courier_check.wire.signed import Signed

MEDIA_TYPE = "application/problem+json"


class ProblemCode(StrEnum):
    MALFORMED = "malformed"
    UNSUPPORTED_VERSION = "unsupported-version"
    NOT_AUTHENTIC = "not-authentic"
    UNKNOWN_STATION = "unknown-station"
    WRONG_GATEWAY = "wrong-gateway"
    JOURNAL_TAKEN = "journal-taken"
    BEHIND = "behind"
    FORK = "fork"
    BAD_CHAIN = "bad-chain"
    BAD_SIGNATURE = "bad-signature"
    BAD_DIGEST = "bad-digest"
    TOO_LARGE = "too-large"
    CODE_UNKNOWN = "code-unknown"
    CODE_EXPIRED = "code-expired"
    CODE_USED = "code-used"
    PRACTICE_MISMATCH = "practice-mismatch"
    ENTRY_NOT_HELD = "entry-not-held"
    EVIDENCE_UNNAMED = "evidence-unnamed"
    EVIDENCE_DIFFERS = "evidence-differs"
    NOT_FOUND = "not-found"
    BUSY = "busy"
    INTERNAL = "internal"


STATUS = {
    ProblemCode.MALFORMED: 400,
    ProblemCode.UNSUPPORTED_VERSION: 400,
    ProblemCode.NOT_AUTHENTIC: 401,
    ProblemCode.UNKNOWN_STATION: 403,
    ProblemCode.WRONG_GATEWAY: 409,
    ProblemCode.JOURNAL_TAKEN: 409,
    ProblemCode.BEHIND: 409,
    ProblemCode.FORK: 409,
    ProblemCode.BAD_CHAIN: 422,
    ProblemCode.BAD_SIGNATURE: 422,
    ProblemCode.BAD_DIGEST: 422,
    ProblemCode.TOO_LARGE: 413,
    ProblemCode.CODE_UNKNOWN: 403,
    ProblemCode.CODE_EXPIRED: 403,
    ProblemCode.CODE_USED: 403,
    ProblemCode.PRACTICE_MISMATCH: 409,
    ProblemCode.ENTRY_NOT_HELD: 409,
    ProblemCode.EVIDENCE_UNNAMED: 422,
    ProblemCode.EVIDENCE_DIFFERS: 409,
    ProblemCode.NOT_FOUND: 404,
    ProblemCode.BUSY: 503,
    ProblemCode.INTERNAL: 500,
}


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a request was not done. `head` with `behind`, `held` with `fork`, `taken` with `journal-taken`, `supported` with
    `unsupported-version`."""

    code: ProblemCode
    title: str
    status: int
    detail: str
    type: str
    head: Signed | None = None
    held: WireEntry | None = None
    taken: Signed | None = None
    supported: tuple[int, ...] | None = None


def problem(code: ProblemCode, detail: str) -> Problem:
    return Problem(
        code=code, title=code.value.replace("-", " "), status=STATUS[code], detail=detail, type=f"urn:courier-check:problem:{code.value}"
    )
