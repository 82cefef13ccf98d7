"""The shipped data: complete, sourced, worded in both languages, and honest about what was not read in the original."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from courier_check.acceptance import AcceptanceCode, AcceptanceReason, Lack
from courier_check.errors import UserError
from courier_check.inspection.case import Case
from courier_check.inspection.catalogue import Certainty
from courier_check.inspection.check import check_rules
from courier_check.inspection.codes import InspectionCode, InspectionReason, RuleCode
from courier_check.inspection.findings import Findings
from courier_check.inspection.rules import RulePackage, RuleSet
from courier_check.inspection.verdict import Outcome, decide
from courier_check.parcel.contents import ContentsCode, ContentsReason
from courier_check.store.resources import read_resource
from courier_check.terms import MailKind


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("inspection", (*RuleCode, *InspectionCode, *InspectionReason)),
        ("contents", (*ContentsCode, *ContentsReason)),
        ("acceptance", (*AcceptanceCode, *AcceptanceReason, *Lack)),
    ],
)
def test_every_code_has_a_sentence_in_both_languages_and_no_sentence_is_idle(name: str, codes: tuple[str, ...]) -> None:
    wording = json.loads(read_resource(f"wording/{name}.json"))
    assert set(wording) == {str(code) for code in codes}
    for sentence in wording.values():
        assert set(sentence) == {"zh", "en"}
        assert all(sentence.values())
        fields = [set(re.findall(r"\{(\w+)\}", sentence[language])) for language in ("zh", "en")]
        common = [{name.removesuffix("_zh").removesuffix("_en") for name in found} - {"unit"} for found in fields]
        assert common[0] - common[1] <= {"category"}, sentence


def test_all_nineteen_categories_are_there_and_each_is_asked_for(rules: RuleSet) -> None:
    codes = [category.code for category in rules.prohibited.categories]
    covered = [code for item in rules.checklists.items for code in item.covers]
    assert codes == [f"{number:02d}" for number in range(1, 20)]
    assert sorted(covered) == codes


def test_every_ordinary_article_is_in_the_catalogue_or_a_common_word_for_one(rules: RuleSet) -> None:
    for category in rules.prohibited.categories:
        examples = {example for group in category.groups for example in group.examples}
        assert set(category.ordinary) <= examples | {"喷雾", "容易腐烂的物品", "各种活的动物", "各种货币"}


def test_only_categories_with_ordinary_articles_have_everyday_words_for_them(rules: RuleSet) -> None:
    assert [one.code for one in rules.prohibited.categories if one.ordinary_aliases and not one.ordinary] == []
    suggested = {rules.prohibited.ordinary_articles.certainty, rules.prohibited.declared_names.certainty}
    assert suggested == {Certainty.SUGGESTED}


def test_a_word_that_would_be_found_in_any_name_is_refused(package: RulePackage) -> None:
    for words in (["火"], [""]):
        content = json.loads(package.prohibited)
        content["categories"][3]["ordinary_aliases"] = words
        with pytest.raises(UserError, match="rules-invalid"):
            RuleSet.parse(replace(package, prohibited=json.dumps(content).encode()))


def test_every_mark_is_shown_in_its_sentence() -> None:
    sentences = json.loads(read_resource("wording/inspection.json")) | json.loads(read_resource("wording/contents.json"))
    for code in (*InspectionReason, *ContentsReason):
        assert "{mark_zh}" in sentences[code]["zh"], code
        assert "{mark_en}" in sentences[code]["en"], code


def test_what_was_retold_or_remembered_is_marked(rules: RuleSet) -> None:
    assert {category.certainty for category in rules.prohibited.categories} == {Certainty.RETOLD}
    assert {category.report_certainty for category in rules.prohibited.categories} == {Certainty.REMEMBERED}
    law = rules.regulations.article("express-regulations/inspection")
    assert law is not None
    assert (law[1].number_2019, law[1].certainty, law[1].number_2025, law[1].certainty_2025) == (
        "31",
        Certainty.READ,
        "32",
        Certainty.RETOLD,
    )


def test_document_59_is_background_and_cited_by_no_rule(package: RulePackage, rules: RuleSet) -> None:
    background = next(law for law in rules.regulations.laws if law.id == "zheng-59")
    assert (background.status, background.basis_towards_sender) == ("工作背景（现行效力待核实）", False)
    for part in (package.checklists, package.prohibited, package.restricted, package.refusals):
        assert b"zheng-59" not in part
        assert "59号文".encode() not in part


def test_brand_papers_are_never_asked_of_a_person_sending_a_few_things(rules: RuleSet) -> None:
    refused = next(refusal for refusal in rules.refusals.refusals if refusal.code == "R11")
    assert "疑似" in refused.zh
    item = rules.item("brand-papers-shown")
    assert item.when is not None
    facts = {"letter": False, "mail_kind": "parcel", "business_sender": False, "item_quantity": 2, "contents_categories": ("clothing",)}
    assert item.when.holds(facts) is False


def test_no_question_has_an_answer_before_somebody_gives_one(rules: RuleSet) -> None:
    case = Case(mail_kind=MailKind.PARCEL, document_present=True, screened=True)
    verdict = decide(rules, case, Findings())
    asked = [item for item in rules.applying(case) if item.answers is not None]
    assert {code for item in asked for code in item.covers} == {f"{number:02d}" for number in range(1, 20)}
    assert verdict.outcome is Outcome.INCOMPLETE
    assert {item.id for item in asked if item.mandatory} <= set(verdict.missing)


def test_a_flag_that_earlier_files_have_changes_nothing(package: RulePackage, rules: RuleSet) -> None:
    """`risk`, of files written before 2026.11-5."""
    content = json.loads(package.checklists)
    for item in content["items"]:
        item["risk"] = True
    flagged = json.dumps(content, ensure_ascii=False).encode()
    assert check_rules(flagged, package).ok
    earlier = RuleSet.parse(replace(package, checklists=flagged))
    case = Case(mail_kind=MailKind.PARCEL, document_present=True, screened=True)
    assert decide(earlier, case, Findings()) == decide(rules, case, Findings())


def test_labelling_is_no_item_because_it_follows_the_submission(rules: RuleSet) -> None:
    assert not [item for item in rules.checklists.items if "验视标识" in item.question.zh or "label-applied" in item.id]
