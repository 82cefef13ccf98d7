"""What the files of a rule package say about each other: every id, article, refusal, category and fact that is named must exist."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from courier_check.inspection.case import FACTS, VOCABULARY, FactKind, is_possible_text
from courier_check.inspection.catalogue import Bilingual, ByMoment, Prohibited
from courier_check.inspection.checklist import (
    MOMENTS,
    AnswerKind,
    ChecklistItem,
    Checklists,
    Effect,
    ExemptReason,
    FactGiven,
    ItemMoment,
    LeadsTo,
    PhotoRule,
    StatedCase,
)
from courier_check.inspection.codes import RuleCode, RuleError, fault
from courier_check.inspection.conditions import check_condition
from courier_check.inspection.findings import Answer, FindingKind
from courier_check.inspection.refusals import Refusals, Regulations

CATEGORY_CODES = tuple(f"{number:02d}" for number in range(1, 20))
REFUSAL_CODES = (*(f"R{number:02d}" for number in range(1, 16)), "R99")
_SETTLED_AT = {
    **dict.fromkeys(("document-guardian-consent", "reading-doubtful"), ItemMoment.IDENTITY),
    **dict.fromkeys(("name-absent", "name-masked-compatible", "name-romanised", "name-other-script"), ItemMoment.WAYBILL),
}
SETTLEABLE = frozenset(_SETTLED_AT)
"""What a clerk's own answer may settle, at the step it is about, so that the answer dies with what it was about. Everything else that
refers needs a supervisor, whatever a package says."""
OUTCOMES = frozenset({"accept", "refuse", "refer", "incomplete"})
_VERSION = re.compile(r"20[0-9]{2}\.(?:0[1-9]|1[0-2])-[1-9][0-9]{0,3}")


class _NamedCategory(msgspec.Struct, frozen=True):
    id: str


class _NamedLimit(msgspec.Struct, frozen=True):
    id: str
    articles: tuple[str, ...]
    refusal: str | None = None


class RestrictedIndex(msgspec.Struct, frozen=True):
    """What other rules need of restricted.json; its limits are `parcel.contents`' affair."""

    version: str
    categories: tuple[_NamedCategory, ...]
    limits: tuple[_NamedLimit, ...]


@dataclass(frozen=True, slots=True)
class Companions:
    """What checklists may refer to."""

    prohibited: Prohibited
    refusals: Refusals
    regulations: Regulations
    restricted: RestrictedIndex

    def content_categories(self) -> frozenset[str]:
        return frozenset(category.id for category in self.restricted.categories)


def check_companions(companions: Companions) -> Iterator[tuple[str, tuple[RuleError, ...]]]:
    """The faults of each companion file that has any."""
    checked = (
        ("regulations.json", _check_regulations(companions.regulations)),
        ("refusals.json", _check_refusals(companions)),
        ("prohibited.json", _check_prohibited(companions)),
        ("restricted.json", _check_restricted(companions)),
    )
    for name, faults in checked:
        if errors := tuple(faults):
            yield name, errors


def check_checklists(checklists: Checklists, companions: Companions) -> Iterator[RuleError]:
    """Every fault of reference in checklists.json."""
    if not _VERSION.fullmatch(checklists.version):
        yield fault("$.version", RuleCode.VERSION, version=checklists.version[:40])
    yield from _check_unique("$.items", (item.id for item in checklists.items))
    yield from _check_replaced(checklists.items)
    yield from _check_unique("$.photos", (photo.id for photo in checklists.photos))
    for index, item in enumerate(checklists.items):
        yield from _check_item(item, f"$.items[{index}]", companions)
    for index, photo in enumerate(checklists.photos):
        yield from _check_photo(photo, f"$.photos[{index}]", companions)
    yield from check_facts(checklists.usual_facts, "$.usual_facts", companions.content_categories())
    if not checklists.cases:
        yield fault("$.cases", RuleCode.NO_CASES)
    for index, case in enumerate(checklists.cases):
        yield from _check_case(case, f"$.cases[{index}]", checklists, companions)


def check_facts(facts: Mapping[str, FactGiven], path: str, categories: frozenset[str]) -> Iterator[RuleError]:
    """Facts stated for a case: each known, of its kind, with a value that can occur."""
    for name, value in facts.items():
        kind = FACTS.get(name)
        if kind is None:
            yield fault(f"{path}.{name}", RuleCode.UNKNOWN_FACT, fact=name[:40], known=", ".join(FACTS))
        elif not _is_value(name, kind, value, categories):
            yield fault(f"{path}.{name}", RuleCode.BAD_FACT_VALUE, fact=name, value=str(value)[:40])


def _is_value(name: str, kind: FactKind, value: FactGiven, categories: frozenset[str]) -> bool:
    if kind is FactKind.FLAG:
        return isinstance(value, bool)
    if kind is FactKind.SET:
        return isinstance(value, tuple) and set(value) <= VOCABULARY.get(name, categories)
    if value is None:
        return name != "mail_kind"
    if kind is FactKind.NUMBER:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, str) and is_possible_text(name, value)


def _check_words(said: Bilingual | ExemptReason, path: str) -> Iterator[RuleError]:
    """Both languages are there, and are two: a sentence copied over is not translated."""
    if not said.zh.strip():
        yield fault(f"{path}.zh", RuleCode.UNTRANSLATED, language="zh")
    if not said.en.strip() or said.en.strip() == said.zh.strip():
        yield fault(f"{path}.en", RuleCode.UNTRANSLATED, language="en")


def _check_item(item: ChecklistItem, path: str, companions: Companions) -> Iterator[RuleError]:
    yield from _check_words(item.question, f"{path}.question")
    yield from _check_words(item.help, f"{path}.help")
    yield from _check_articles(item.articles, f"{path}.articles", companions.regulations)
    for index, code in enumerate(item.covers):
        if companions.prohibited.category(code) is None:
            yield fault(f"{path}.covers[{index}]", RuleCode.UNKNOWN_CATEGORY, category=code[:10])
    for name, condition in (("when", item.when), ("established_by", item.established_by)):
        if condition is not None:
            yield from check_condition(condition, f"{path}.{name}", companions.content_categories())
    for index, code in enumerate(item.settles):
        if code not in SETTLEABLE or item.answers is None:
            yield fault(f"{path}.settles[{index}]", RuleCode.SETTLES_TOO_MUCH, reason=code[:40], allowed=", ".join(sorted(SETTLEABLE)))
        elif item.moment is not _SETTLED_AT[code]:
            yield fault(f"{path}.settles[{index}]", RuleCode.SETTLES_ELSEWHERE, reason=code, moment=_SETTLED_AT[code].value)
    if item.moment not in MOMENTS[item.checklist]:
        allowed = ", ".join(MOMENTS[item.checklist])
        yield fault(f"{path}.moment", RuleCode.MOMENT_FORM, checklist=item.checklist.value, moment=item.moment.value, allowed=allowed)
    yield from _check_answers(item, path, companions.refusals)


def _check_answers(item: ChecklistItem, path: str, refusals: Refusals) -> Iterator[RuleError]:
    judged = item.answer is AnswerKind.JUDGED
    if judged is (item.answers is None) or judged is (item.established_by is not None):
        yield fault(path, RuleCode.ANSWERS_FORM, item=item.id[:40])
    elif item.answers is not None and not {Answer.YES, Answer.NO} <= item.answers.keys():
        yield fault(f"{path}.answers", RuleCode.ANSWERS_FORM, item=item.id[:40])
    for answer, effect in (item.answers or {}).items():
        yield from _check_effect(effect, f"{path}.answers.{answer.value}", refusals)


def _check_effect(effect: Effect, path: str, refusals: Refusals) -> Iterator[RuleError]:
    if (effect.leads_to is LeadsTo.REFUSE) is (effect.refusal is None):
        yield fault(path, RuleCode.REFUSAL_FORM)
    elif effect.refusal is not None and refusals.refusal(effect.refusal) is None:
        yield fault(f"{path}.refusal", RuleCode.UNKNOWN_REFUSAL, refusal=effect.refusal[:10])


def _check_photo(photo: PhotoRule, path: str, companions: Companions) -> Iterator[RuleError]:
    yield from _check_words(photo.question, f"{path}.question")
    for index, reason in enumerate(photo.exempt_reasons):
        yield from _check_words(reason, f"{path}.exempt_reasons[{index}]")
    for name, condition in (("applies", photo.applies), ("when", photo.when)):
        yield from check_condition(condition, f"{path}.{name}", companions.content_categories())
    for index, code in enumerate(photo.after_refusals):
        if companions.refusals.refusal(code) is None:
            yield fault(f"{path}.after_refusals[{index}]", RuleCode.UNKNOWN_REFUSAL, refusal=code[:10])


def _check_case(case: StatedCase, path: str, checklists: Checklists, companions: Companions) -> Iterator[RuleError]:
    yield from check_facts(case.facts, f"{path}.facts", companions.content_categories())
    if "mail_kind" not in {**checklists.usual_facts, **case.facts}:
        yield fault(f"{path}.facts", RuleCode.DANGLING_EXPECTATION, name="mail_kind")
    for item in case.answers:
        if item != "*" and checklists.item(item) is None:
            yield fault(f"{path}.answers.{item}", RuleCode.UNKNOWN_ITEM, item=item[:40])
    for index, found in enumerate(case.found):
        if found.kind is FindingKind.PROHIBITED and companions.prohibited.category(found.category or "") is None:
            yield fault(f"{path}.found[{index}]", RuleCode.UNKNOWN_CATEGORY, category=(found.category or "")[:10])
    yield from _check_expectation(case, f"{path}.expect", checklists, companions)


def _check_expectation(case: StatedCase, path: str, checklists: Checklists, companions: Companions) -> Iterator[RuleError]:
    items, photos = {item.id for item in checklists.items}, {photo.id for photo in checklists.photos}
    known = {
        "missing": items | photos | {f"found:{item}" for item in items},
        "refusals": {refusal.code for refusal in companions.refusals.refusals},
        "dispositions": {rule.id for rule in companions.prohibited.dispositions},
    }
    expect = case.expect
    if expect.outcome not in OUTCOMES:
        yield fault(f"{path}.outcome", RuleCode.DANGLING_EXPECTATION, name=expect.outcome[:40])
    for name, values in (("missing", expect.missing), ("refusals", expect.refusals), ("dispositions", expect.dispositions or ())):
        for index, value in enumerate(values):
            if value not in known[name]:
                yield fault(f"{path}.{name}[{index}]", RuleCode.DANGLING_EXPECTATION, name=value[:40])


def _check_articles(articles: Iterable[str], path: str, regulations: Regulations) -> Iterator[RuleError]:
    for index, article_id in enumerate(articles):
        found = regulations.article(article_id)
        if found is None:
            yield fault(f"{path}[{index}]", RuleCode.UNKNOWN_ARTICLE, article=article_id[:60])
        elif not found[0].basis_towards_sender:
            yield fault(f"{path}[{index}]", RuleCode.BACKGROUND_ARTICLE, article=article_id[:60])


def _check_unique(path: str, ids: Iterable[str]) -> Iterator[RuleError]:
    seen: set[str] = set()
    for index, one in enumerate(ids):
        if one in seen:
            yield fault(f"{path}[{index}].id", RuleCode.DUPLICATE_ID, id=one[:40])
        seen.add(one)


def _check_replaced(items: Sequence[ChecklistItem]) -> Iterator[RuleError]:
    """A question that was replaced is not asked any more, and has one successor."""
    taken = {item.id for item in items}
    for index, item in enumerate(items):
        for place, old in enumerate(item.replaces):
            if old in taken:
                yield fault(f"$.items[{index}].replaces[{place}]", RuleCode.DUPLICATE_ID, id=old[:40])
            taken.add(old)


def _check_regulations(regulations: Regulations) -> Iterator[RuleError]:
    yield from _check_unique("$.laws", (law.id for law in regulations.laws))
    yield from _check_unique("$.laws.articles", (article.id for law in regulations.laws for article in law.articles))


def _check_refusals(companions: Companions) -> Iterator[RuleError]:
    refusals = companions.refusals
    yield from _check_unique("$.refusals", (refusal.code for refusal in refusals.refusals))
    for code in REFUSAL_CODES:
        if refusals.refusal(code) is None:
            yield fault("$.refusals", RuleCode.REFUSALS_INCOMPLETE, refusal=code)
    for kind in FindingKind:
        if refusals.refusal(refusals.findings.get(kind, "")) is None:
            yield fault("$.findings", RuleCode.FINDINGS_INCOMPLETE, kind=kind.value)
    for index, refusal in enumerate(refusals.refusals):
        yield from _check_articles(refusal.articles, f"$.refusals[{index}].articles", companions.regulations)


def _check_prohibited(companions: Companions) -> Iterator[RuleError]:
    prohibited = companions.prohibited
    if tuple(category.code for category in prohibited.categories) != CATEGORY_CODES:
        yield fault("$.categories", RuleCode.CATEGORIES_INCOMPLETE)
    yield from _check_unique("$.dispositions", (rule.id for rule in prohibited.dispositions))
    yield from _check_told(prohibited, prohibited.unidentified.dispositions, prohibited.unidentified.report_to, "$.unidentified")
    for index, category in enumerate(prohibited.categories):
        path = f"$.categories[{index}]"
        yield from _check_told(prohibited, category.dispositions, category.report_to, path)
        if companions.refusals.refusal(category.refusal) is None:
            yield fault(f"{path}.refusal", RuleCode.UNKNOWN_REFUSAL, refusal=category.refusal[:10])


def _check_told(prohibited: Prohibited, moments: ByMoment, report_to: tuple[str, ...], path: str) -> Iterator[RuleError]:
    rules = {rule.id for rule in prohibited.dispositions}
    for severity in (moments.at_acceptance, moments.after_acceptance):
        for named in (severity.ordinary, severity.otherwise, severity.concealed):
            if named not in rules:
                yield fault(f"{path}.dispositions", RuleCode.UNKNOWN_DISPOSITION, disposition=named[:40])
    for authority in report_to:
        if authority not in {known.id for known in prohibited.authorities}:
            yield fault(f"{path}.report_to", RuleCode.UNKNOWN_AUTHORITY, authority=authority[:40])


def _check_restricted(companions: Companions) -> Iterator[RuleError]:
    yield from _check_unique("$.limits", (limit.id for limit in companions.restricted.limits))
    for index, limit in enumerate(companions.restricted.limits):
        yield from _check_articles(limit.articles, f"$.limits[{index}].articles", companions.regulations)
        if limit.refusal is not None and companions.refusals.refusal(limit.refusal) is None:
            yield fault(f"$.limits[{index}].refusal", RuleCode.UNKNOWN_REFUSAL, refusal=limit.refusal[:10])
