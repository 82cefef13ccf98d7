"""核对命中: what a decision on a hit needs. A clerk tells two firms apart by a number that is checked; all else is a supervisor's."""

from __future__ import annotations

import re
from datetime import date, timedelta

from courier_check.acceptance.codes import AcceptanceCode
from courier_check.acceptance.draft import Draft, HitResolution
from courier_check.errors import UserError
from courier_check.identity.checksums import USCC_ALPHABET, registration_check, uscc_check
from courier_check.identity.text import plain
from courier_check.screening.codes import MatchReason
from courier_check.screening.entries import SubjectKind
from courier_check.screening.match import Hit
from courier_check.screening.standing import ResolutionKind

LONGEST_SCOPE_DAYS = 366
LONGEST_WORDS = 500
_USCC = re.compile(f"[{USCC_ALPHABET}]{{18}}")
_REGISTRATION = re.compile(r"[0-9]{15}")
_LIKE_NAMES = frozenset({MatchReason.SIMILAR_NAME, MatchReason.CONTAINED_NAME, MatchReason.SAME_CORE_NAME})
_BY_NUMBER = frozenset(
    {MatchReason.SAME_USCC, MatchReason.SAME_ORG_CODE, MatchReason.SAME_ID, MatchReason.SAME_PHONE, MatchReason.SAME_ADDRESS}
)


def code_can_tell(hit: Hit) -> bool:
    """Whether a firm's own number can show that it is another one: where only names brought them together, and the entry has a number to
    differ from, or the names differ besides. Whose document, phone or address is listed is no question of a licence."""
    reasons = set(hit.reasons)
    if reasons & _BY_NUMBER or hit.subject_kind is SubjectKind.PERSON:
        return False
    return hit.organisation is not None or (bool(reasons & _LIKE_NAMES) and MatchReason.SAME_NAME not in reasons)


def checked_resolution(hit: Hit, resolution: HitResolution) -> None:
    """UserError for what a decision lacks: a supervisor or else a number that tells the two apart; a reason; evidence, where it is the same
    one or holds beyond this parcel."""
    if max(len(resolution.reason), len(resolution.evidence)) > LONGEST_WORDS:
        raise UserError(AcceptanceCode.WORDS_TOO_LONG, limit=LONGEST_WORDS)
    if resolution.code.strip():
        _check_code(hit, resolution.code)
    by_code = resolution.kind is ResolutionKind.NOT_SAME and bool(resolution.code.strip())
    if not resolution.supervisor.strip() and not by_code:
        asked = AcceptanceCode.CODE_NEEDED if resolution.kind is ResolutionKind.NOT_SAME else AcceptanceCode.REASON_EMPTY
        raise UserError(asked)
    if not resolution.supervisor.strip() and not code_can_tell(hit):
        raise UserError(AcceptanceCode.CODE_TELLS_NOTHING)
    if not by_code and not resolution.reason.strip():
        raise UserError(AcceptanceCode.REASON_EMPTY)
    if resolution.kind is not ResolutionKind.NOT_SAME and not resolution.evidence.strip():
        raise UserError(AcceptanceCode.EVIDENCE_EMPTY)
    if resolution.until_on is not None:
        _check_scope(resolution, by_code=by_code)


def check_scope_day(until_on: date, today: date) -> None:
    """UserError for a day that is over, or further away than a decision may hold."""
    if not today <= until_on <= today + timedelta(days=LONGEST_SCOPE_DAYS):
        raise UserError(AcceptanceCode.SCOPE_DAY, limit=LONGEST_SCOPE_DAYS)


def is_decided(hit: Hit, draft: Draft) -> bool:
    """Whether a hit was decided on: in this parcel, or before for this client."""
    return hit.standing is not None or (hit.list_id, hit.entry_id, hit.revision) in {
        (one.list_id, one.entry_id, one.revision) for one in draft.resolutions
    }


def _check_scope(resolution: HitResolution, *, by_code: bool) -> None:
    if resolution.kind is ResolutionKind.OVERRIDE:  # 放行 is an exception, made each time by two persons
        raise UserError(AcceptanceCode.OVERRIDE_ONCE)
    if not by_code and not resolution.evidence.strip():
        raise UserError(AcceptanceCode.EVIDENCE_EMPTY)


def _check_code(hit: Hit, text: str) -> None:
    """UserError unless it is a credit code (GB 32100) or an old licence number whose check character holds, of another than the listed."""
    code = plain(text)
    uscc = bool(_USCC.fullmatch(code)) and uscc_check(code[:17]) == code[17]
    if not uscc and not (_REGISTRATION.fullmatch(code) and registration_check(code[:14]) == code[14]):
        raise UserError(AcceptanceCode.CODE_BAD)
    if uscc and hit.organisation is not None and code[8:17] == hit.organisation:
        raise UserError(AcceptanceCode.CODE_IS_LISTED)
    if not uscc and hit.organisation is not None:  # an old number and a new one can't be compared
        raise UserError(AcceptanceCode.CODE_TELLS_NOTHING)
