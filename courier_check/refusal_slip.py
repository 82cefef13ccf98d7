"""拒收告知单: what somebody whose parcel is refused takes home — why, on what basis, what to do, where to object. It names nobody."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from courier_check.clock import at
from courier_check.desk.disposal_codes import DisposalCode
from courier_check.desk.lookups import Record
from courier_check.desk.shown import ListNamed, NotificationShown
from courier_check.errors import UserError
from courier_check.inspection.catalogue import Certainty
from courier_check.inspection.findings import Answer, FindingKind
from courier_check.inspection.refusals import Article, Law, Refusal
from courier_check.inspection.rules import RuleSet
from courier_check.reports.sheets import Sheet
from courier_check.wording import Language, Wording

_MOST = 4
"""Lists and things found that a page has room for."""


class RefusalSlipCode(StrEnum):
    """What the slip says beside the rules' own words."""

    TITLE = "refusal-slip-title"
    OUTLET = "refusal-slip-outlet"
    AT = "refusal-slip-at"
    NUMBER = "refusal-slip-number"
    WAYBILL = "refusal-slip-waybill"
    OPERATOR = "refusal-slip-operator"
    ITEM = "refusal-slip-item"
    TEXT = "refusal-slip-text"
    REASON = "refusal-slip-reason"
    FOUND = "refusal-slip-found"
    BASIS = "refusal-slip-basis"
    NEXT = "refusal-slip-next"
    GOODS = "refusal-slip-goods"
    GUARDED = "refusal-slip-guarded"
    BACK = "refusal-slip-back"
    LIST = "refusal-slip-list"
    LIST_TEXT = "refusal-slip-list-text"
    NOTIFICATION = "refusal-slip-notification"
    NOTIFICATION_TEXT = "refusal-slip-notification-text"
    NO_NUMBER = "refusal-slip-no-number"
    NOT_STATED = "refusal-slip-not-stated"
    OBJECTION = "refusal-slip-objection"
    OBJECTION_TEXT = "refusal-slip-objection-text"
    SUSPECTED = "refusal-slip-suspected"
    NO_PERSONAL_DATA = "refusal-slip-no-personal-data"
    TO_BE_VERIFIED = "refusal-slip-to-be-verified"


def refusal_slip(record: Record, rules: RuleSet, wording: Wording, *, outlet: str) -> Sheet:
    """One page about a refusal. UserError for any other act."""
    act = record.act
    refusals = refusals_told(record, rules)
    heading = (
        (RefusalSlipCode.OUTLET, outlet),
        (RefusalSlipCode.AT, f"{at(act.at_ms):%Y-%m-%d %H:%M}"),
        (RefusalSlipCode.NUMBER, f"#{act.seq}"),
        (RefusalSlipCode.WAYBILL, act.waybill or "—"),
        (RefusalSlipCode.OPERATOR, act.operator or "—"),
    )
    notes = [RefusalSlipCode.TO_BE_VERIFIED, RefusalSlipCode.NO_PERSONAL_DATA]
    if any(one.lead for one in refusals) or "16" in act.prohibited:
        notes.insert(0, RefusalSlipCode.SUSPECTED)
    return Sheet(
        title=wording.of(RefusalSlipCode.TITLE),
        heading=tuple((wording.of(code), value) for code, value in heading),
        columns=(wording.of(RefusalSlipCode.ITEM), wording.of(RefusalSlipCode.TEXT)),
        rows=tuple(_rows(record, refusals, rules, wording)),
        notes=tuple(wording.of(code) for code in notes),
    )


def slip_data(record: Record, rules: RuleSet, wording: Wording, *, outlet: str) -> dict[str, Any]:
    """The same as plain data."""
    sheet = refusal_slip(record, rules, wording, outlet=outlet)
    act = record.act
    return {
        "journal_id": act.journal_id,
        "seq": act.seq,
        "outlet": outlet,
        "refusals": [one.code for one in refusals_told(record, rules)],
        "rows": [{"item": item, "text": text} for item, text in sheet.rows],
        "notes": list(sheet.notes),
    }


def refusals_told(record: Record, rules: RuleSet) -> tuple[Refusal, ...]:
    """Why it was refused, the clerk's own reason first. UserError for an act that is no refusal."""
    act, header = record.act, record.header
    if act.kind != "refusal":
        raise UserError(DisposalCode.NOT_REFUSED, seq=act.seq)
    codes = dict.fromkeys([act.refusal or "", *(header.refusals if header is not None else ())])
    return tuple(refusal for code in codes if (refusal := rules.refusals.refusal(code)) is not None)


def is_guarded(record: Record, rules: RuleSet) -> bool:
    """Whether what was found stays where it is, watched, until an authority takes it: it is not given back then."""
    return record.header is not None and not rules.prohibited.guarding().isdisjoint(record.header.dispositions)


def _went_back(record: Record, rules: RuleSet) -> bool:
    """Whether the goods were handed back: by every disposition, or because nothing was wrong with them. Nobody can say so of an act whose
    header is not readable, of dispositions that these rules do not know, or of prohibited or unknown goods refused without any
    (entries of before 2026-11-27)."""
    header = record.header
    if header is None:
        return False
    if header.dispositions:
        return {rule.id for rule in rules.prohibited.dispositions}.issuperset(header.dispositions)
    unknown = any(item.asks_unidentified and header.answers.get(item.id) == Answer.NO for item in rules.checklists.items)
    codes = {record.act.refusal, *header.refusals}
    return not unknown and rules.refusals.findings[FindingKind.PROHIBITED] not in codes


def _rows(record: Record, refusals: tuple[Refusal, ...], rules: RuleSet, wording: Wording) -> Iterator[tuple[str, str]]:
    for refusal in refusals:
        yield wording.of(RefusalSlipCode.REASON), f"{refusal.code} {wording.bilingual(refusal)}"
    for found in record.kept.found[:_MOST] if record.kept is not None else ():
        category = rules.prohibited.category(found.category) if found.category else None
        yield (
            wording.of(RefusalSlipCode.FOUND),
            " · ".join(part for part in (found.name, wording.bilingual(category) if category else "") if part),
        )
    for refusal in refusals:
        yield wording.of(RefusalSlipCode.BASIS), "；".join(_basis(refusal, rules, wording))
        if refusal.code != rules.refusals.findings[FindingKind.PROHIBITED]:  # there the steps are the company's, told below
            yield wording.of(RefusalSlipCode.NEXT), wording.bilingual(refusal.next_step)
    goods = RefusalSlipCode.GUARDED if is_guarded(record, rules) else RefusalSlipCode.BACK if _went_back(record, rules) else None
    if goods is not None:
        yield wording.of(RefusalSlipCode.GOODS), wording.of(goods)
    for named in record.kept.lists[:_MOST] if record.kept is not None else ():
        yield wording.of(RefusalSlipCode.LIST), _list_text(named, wording)
    if record.kept is not None and record.kept.notification is not None:
        yield wording.of(RefusalSlipCode.NOTIFICATION), _notification_text(record.kept.notification, wording)
    yield wording.of(RefusalSlipCode.OBJECTION), wording.of(RefusalSlipCode.OBJECTION_TEXT)


def _list_text(named: ListNamed, wording: Wording) -> str:
    """A list bars only by its own basis, and its own way to object is told (domain.md §11.7)."""
    nothing = wording.of(RefusalSlipCode.NOT_STATED)
    facts = {"title": named.title, "issuer": named.issuer or nothing, "doc_no": named.doc_no or nothing}
    return wording.of(RefusalSlipCode.LIST_TEXT, {**facts, "basis": named.basis or nothing, "remedy": named.remedy or nothing})


def _notification_text(told: NotificationShown, wording: Wording) -> str:
    """Which notice, and since when it is here; not who sent it, who may be a person with rights in the goods: the outlet is asked."""
    number = told.number or wording.of(RefusalSlipCode.NO_NUMBER)
    return wording.of(RefusalSlipCode.NOTIFICATION_TEXT, {"number": number, "received_on": told.received_on})


def _basis(refusal: Refusal, rules: RuleSet, wording: Wording) -> Iterator[str]:
    cited = [found for article in refusal.articles if (found := rules.regulations.article(article)) is not None]
    yield from (_article(law, article, wording) for law, article in cited if law.basis_towards_sender)
    if not cited:
        yield f"{refusal.source}{_mark(refusal.certainty, wording)}" if wording.language is Language.CHINESE else wording.bilingual(refusal)


def _article(law: Law, article: Article, wording: Wording) -> str:
    number = article.number_2025 or article.number_2019 or article.number
    certainty = article.certainty_2025 if article.number_2025 and article.certainty_2025 is not None else article.certainty
    english = wording.language is Language.ENGLISH
    place = f" §{number}" if number and english else f"第{number}条" if number else ""
    return f"{wording.bilingual(law)}{place}{_mark(certainty, wording)}"


def _mark(certainty: Certainty, wording: Wording) -> str:
    if certainty is Certainty.READ:
        return ""
    return " (to be verified)" if wording.language is Language.ENGLISH else "（待核实）"
