"""What a screening tells the verdict, as reasons."""

from __future__ import annotations

from collections.abc import Iterator

from courier_check.screening.codes import ScreeningCode
from courier_check.screening.entries import Action
from courier_check.screening.match import Hit, Screening, ScreeningStatus
from courier_check.terms import Consequence, MailKind, Reason

BLACKLISTED = "R12"

_BY_ACTION = {
    Action.BLOCK: (ScreeningCode.HIT_BLOCK, Consequence.REFUSE),
    Action.REVIEW: (ScreeningCode.HIT_REVIEW, Consequence.REFER),
    Action.INSPECT: (ScreeningCode.HIT_INSPECT, Consequence.REFER),
    Action.NOTE: (ScreeningCode.HIT_NOTE, Consequence.NOTE),
}


def review_screening(screening: Screening, mail_kind: MailKind) -> tuple[Reason, ...]:
    """One reason per hit and per shortcoming of the lists. A blocked hit refuses (R12); whatever needs a person's eyes refers."""
    return (*_shortcomings(screening), *(_hit_reason(hit, mail_kind) for hit in screening.hits))


def _shortcomings(screening: Screening) -> Iterator[Reason]:
    if screening.status is ScreeningStatus.NOT_SCREENED:
        if not screening.unsearched:
            yield Reason(ScreeningCode.NOT_SCREENED, Consequence.REFER)
        for name, code in screening.unsearched:
            yield Reason(code, Consequence.REFER, facts={"list": name})
    for name in screening.unkeyed:
        yield Reason(ScreeningCode.KEY_MISSING, Consequence.REFER, facts={"list": name})
    for name in screening.stale:
        consequence = Consequence.REFER if screening.freshness.strict else Consequence.NOTE
        yield Reason(ScreeningCode.LIST_STALE, consequence, facts={"list": name, "days": screening.freshness.max_age_days})


def _hit_reason(hit: Hit, mail_kind: MailKind) -> Reason:
    facts = {"list": hit.list_title, "entry": hit.entry_id, "basis": hit.basis, "doc_no": hit.doc_no, "remedy": hit.remedy}
    if hit.ends_agreement:
        consequence = Consequence.REFER if mail_kind is MailKind.AGREEMENT else Consequence.NOTE
        return Reason(ScreeningCode.OWN_LIST, consequence, facts=facts)
    code, consequence = _BY_ACTION[hit.action]
    return Reason(code, consequence, BLACKLISTED if consequence is Consequence.REFUSE else None, facts)
