"""结论: one evaluator for the window, the command line and the stated cases of rule packages."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from courier_check.errors import Fact
from courier_check.inspection.case import Case
from courier_check.inspection.catalogue import Disposition
from courier_check.inspection.checklist import ChecklistItem, ChecklistKind, LeadsTo, PhotoRule, PhotoView, Role
from courier_check.inspection.codes import InspectionReason
from courier_check.inspection.findings import Answer, ContentsFinding, FindingKind, Findings
from courier_check.inspection.rules import RuleSet
from courier_check.terms import Consequence, Reason, marks_of


class Outcome(StrEnum):
    """收寄, 拒收, 复核, or not finished."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    REFER = "refer"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome with every reason. `missing`: what is still owed — item ids, photo ids, `found:ITEM` where an item was answered no and
    what was found is not named, and what the session lacks. It may be non-empty beside REFUSE and REFER, never beside ACCEPT.
    `unpictured`: those of the missing photos that the refusal or referral itself asks for, without which neither is recorded."""

    outcome: Outcome
    reasons: tuple[Reason, ...] = ()
    missing: tuple[str, ...] = ()
    dispositions: tuple[Disposition, ...] = ()
    unpictured: tuple[str, ...] = ()


def decide(rules: RuleSet, case: Case, findings: Findings, reasons: Sequence[Reason] = (), *, lacking: Sequence[str] = ()) -> Verdict:
    """REFUSE beats REFER beats ACCEPT; while anything is missing the outcome is never ACCEPT.

    `reasons`: what others judged (documents, names, lists, limits); `lacking`: what the session still has to get, by its own codes.
    """
    items = rules.applying(case, {finding.item for finding in findings.answers})
    inspected = (
        *_item_reasons(items, findings, ChecklistKind.INSPECTION),
        *(_contents_reason(rules, finding) for finding in findings.contents),
    )
    settled = {code for item in items if findings.answer_to(item.id) is Answer.YES for code in item.settles}
    told = (*_item_reasons(items, findings, ChecklistKind.REAL_NAME), *inspected, *(_settle(reason, settled) for reason in reasons))
    unpictured, owed = _photos_due(rules, case, findings, (inspected, told))
    missing = (
        *lacking,
        *(item.id for item in items if item.mandatory and not _is_answered(item, case, findings)),
        *(f"found:{item.id}" for item in items if _leaves_unnamed(item, findings)),
        *owed,
    )
    named = (disposition for finding in findings.contents for disposition in _dispositions(rules, finding))
    dispositions = tuple(dict.fromkeys((*named, *_unnamed_dispositions(rules, items, findings, told))))
    return Verdict(_outcome(told, missing), _by_weight(told), missing, dispositions, unpictured)


def _outcome(reasons: Sequence[Reason], missing: Sequence[str]) -> Outcome:
    worst = max((reason.consequence for reason in reasons), default=Consequence.NOTE)
    if worst is Consequence.REFUSE:
        return Outcome.REFUSE
    if worst is Consequence.REFER:
        return Outcome.REFER
    return Outcome.INCOMPLETE if missing else Outcome.ACCEPT


def _settle(reason: Reason, settled: Container[str]) -> Reason:
    """A referral whose very question the clerk has answered stays as a note; a refusal is never settled."""
    return replace(reason, consequence=Consequence.NOTE) if reason.consequence is Consequence.REFER and reason.code in settled else reason


def _by_weight(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    return tuple(sorted(reasons, key=lambda reason: -reason.consequence))


def _is_answered(item: ChecklistItem, case: Case, findings: Findings) -> bool:
    return item.is_established(case) if item.established_by is not None else item.effect(findings.answer_to(item.id)) is not None


def _item_reasons(items: Sequence[ChecklistItem], findings: Findings, checklist: ChecklistKind) -> Iterator[Reason]:
    for item in items:
        answer = findings.answer_to(item.id)
        effect = item.effect(answer)
        if item.checklist is not checklist or answer is None or effect is None or effect.leads_to is LeadsTo.OK:
            continue
        refuses = effect.leads_to is LeadsTo.REFUSE
        question = {"item": item.id, "question_zh": item.question.zh, "question_en": item.question.en, "answer": answer.value}
        yield Reason(
            InspectionReason.ITEM_REFUSES if refuses else InspectionReason.ITEM_REFERS,
            Consequence.REFUSE if refuses else Consequence.REFER,
            effect.refusal,
            {**question, **marks_of(item.certainty)},
        )


_CONTENTS_CODES = (
    (FindingKind.PROHIBITED, InspectionReason.FOUND_PROHIBITED),
    (FindingKind.OVER_LIMIT, InspectionReason.FOUND_OVER_LIMIT),
    (FindingKind.MISMATCH, InspectionReason.FOUND_MISMATCH),
    (FindingKind.UNPROVEN, InspectionReason.FOUND_UNPROVEN),
    (FindingKind.UNIDENTIFIED, InspectionReason.FOUND_UNIDENTIFIED),
)
_INFRINGING = "R11"


def _contents_reason(rules: RuleSet, finding: ContentsFinding) -> Reason:
    category = rules.prohibited.category(finding.category) if finding.category is not None else None
    refusal = refusal_of_finding(rules, finding)
    code = dict(_CONTENTS_CODES)[finding.kind]
    if finding.kind is FindingKind.PROHIBITED and refusal == _INFRINGING:
        code = InspectionReason.FOUND_SUSPECTED_INFRINGING
    facts: dict[str, Fact] = {
        "name": finding.name[:60],
        "category": "",
        "category_zh": "",
        "category_en": "",
        "concealed": finding.concealed,
        **marks_of(rules.refusal(refusal).certainty),
    }
    if category is not None:
        facts |= {"category": category.code, "category_zh": category.zh, "category_en": category.en, **marks_of(category.certainty)}
    return Reason(code, Consequence.REFUSE, refusal, facts)


def refusal_of_finding(rules: RuleSet, finding: ContentsFinding) -> str:
    """The code under which what was found is refused: that of its category, else that of its kind."""
    category = rules.prohibited.category(finding.category) if finding.category is not None else None
    return category.refusal if finding.kind is FindingKind.PROHIBITED and category is not None else rules.refusals.findings[finding.kind]


def _dispositions(rules: RuleSet, finding: ContentsFinding) -> Iterator[Disposition]:
    if finding.kind in (FindingKind.PROHIBITED, FindingKind.UNIDENTIFIED):
        category = finding.category if finding.kind is FindingKind.PROHIBITED else None
        yield rules.prohibited.dispose(category, finding.name, concealed=finding.concealed)


def _unnamed_dispositions(
    rules: RuleSet, items: Sequence[ChecklistItem], findings: Findings, told: Sequence[Reason]
) -> Iterator[Disposition]:
    """处置 of what is there by an answer or by a refusal's code, and what nobody has named yet: it is never given back for want of a name
    (domain.md §11.9). The answer or the code may itself say of which one category it is; else it counts as 不明物, until it is named.

    不能确认安全且无证明 (R10) says neither: it is also the code of goods that are known and lack a proof, and those go back. So do those of
    all other codes: they are about papers and people.
    """
    open_items = tuple(item for item in items if _leaves_unnamed(item, findings))
    for item in open_items:
        yield _unnamed(rules, item.covers)
    guarding = rules.prohibited.guarding()
    if any(one.rule.id in guarding for finding in findings.contents for one in _dispositions(rules, finding)):
        return  # what is kept where it is, is kept with all that is in the parcel
    named = {finding.kind for finding in findings.contents}
    if FindingKind.UNIDENTIFIED not in named and any(item.asks_unidentified and findings.answer_to(item.id) is Answer.NO for item in items):
        yield _unnamed(rules, ())  # the lighter that is named besides is not the powder
    codes = dict.fromkeys(reason.refusal for reason in told if reason.consequence is Consequence.REFUSE)
    said = {effect.refusal for item in open_items if (effect := item.effect(Answer.NO)) is not None}
    said |= {refusal_of_finding(rules, finding) for finding in findings.contents}
    for code in (one for one in codes if one not in said):
        categories = tuple(category.code for category in rules.prohibited.categories if category.refusal == code)
        kinds = {kind for kind, refusal in rules.refusals.findings.items() if refusal == code}
        if categories or FindingKind.PROHIBITED in kinds or kinds == {FindingKind.UNIDENTIFIED}:
            yield _unnamed(rules, categories)


def _unnamed(rules: RuleSet, categories: Sequence[str]) -> Disposition:
    return rules.prohibited.dispose(categories[0] if len(categories) == 1 else None, "", concealed=False)


def _leaves_unnamed(item: ChecklistItem, findings: Findings) -> bool:
    """An item about prohibited categories answered no says that something was found, but not what."""
    found = {finding.category for finding in findings.contents if finding.kind is FindingKind.PROHIBITED}
    return bool(item.covers) and findings.answer_to(item.id) is Answer.NO and found.isdisjoint(item.covers)


def _photos_due(
    rules: RuleSet, case: Case, findings: Findings, reasons: tuple[Sequence[Reason], Sequence[Reason]]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The photos that what was found or decided asks for, and all that are owed; `reasons`: of the inspection, and all. Of a parcel that
    was not drawn and that nobody opened no picture is owed, of its contents or as it was sealed again."""
    owed, bound = [], []
    unopened = case.spared and not _was_opened(rules, findings)
    for photo in rules.checklists.photos:
        if photo.id in findings.photos or photo.applies.holds(case.facts()) is not True:
            continue
        binding = _follows(rules, photo, findings, reasons, unopened=unopened)
        if binding and photo.id not in findings.excused:
            bound.append(photo.id)
        if photo.id in bound or (not binding and not unopened and _is_photo_due(photo, case, reasons[1])):
            owed.append(photo.id)
    return tuple(bound), tuple(owed)


def _was_opened(rules: RuleSet, findings: Findings) -> bool:
    """Whether somebody has said what only who opened a parcel can say."""
    return bool(findings.contents) or any(item.needs_opening and findings.answer_to(item.id) is not None for item in rules.checklists.items)


def _follows(
    rules: RuleSet, photo: PhotoRule, findings: Findings, reasons: tuple[Sequence[Reason], Sequence[Reason]], *, unopened: bool
) -> bool:
    """Whether the refusal or referral itself is to be shown by this photo: it is of the inspection, or chosen by the clerk with such a
    code. What is refused is never sealed, and of what nobody may open, or has opened, there is nothing to show."""
    inspected, told = reasons
    refused = any(reason.consequence is Consequence.REFUSE for reason in told)
    if photo.view is PhotoView.SEALED and refused:
        return False
    codes = {reason.refusal for reason in inspected if reason.refusal is not None} | ({findings.refused} if findings.refused else set())
    if not codes.isdisjoint(photo.after_refusals):
        return True
    shut = unopened or (refused and not codes.isdisjoint(_refusals_to_open(rules)))
    return photo.after_refer and not shut and any(reason.consequence is Consequence.REFER for reason in inspected)


def _refusals_to_open(rules: RuleSet) -> frozenset[str]:
    """拒绝验视: the codes of a parcel that its sender does not let anybody open."""
    effects = (item.effect(Answer.NO) for item in rules.checklists.items if item.role is Role.OPENED_INSPECTION)
    return frozenset(effect.refusal for effect in effects if effect is not None and effect.refusal is not None)


def _is_photo_due(photo: PhotoRule, case: Case, told: Sequence[Reason]) -> bool:
    """Whether what is sent asks for it. What is refused for another reason (no document, a hit) is not opened for a picture."""
    refused = any(reason.consequence is Consequence.REFUSE for reason in told)
    return not refused and photo.when.holds(case.facts()) is True
