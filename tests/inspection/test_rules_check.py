"""`rules check`: the shipped rules pass, and every way of breaking or weakening them is told at its place."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.errors import UserError
from courier_check.inspection.check import RuleReport, check_rules
from courier_check.inspection.codes import RuleCode
from courier_check.inspection.rules import RulePackage, RuleSet

JUDGED: dict[str, Any] = {"answer": "judged", "established_by": None, "answers": {"yes": {"leads_to": "ok"}, "no": {"leads_to": "refer"}}}
Change = Callable[[dict[str, Any]], None]


def item(checklists: dict[str, Any], item_id: str) -> dict[str, Any]:
    return next(one for one in checklists["items"] if one["id"] == item_id)


def beside(content: dict[str, Any], name: str, **changed: str) -> None:
    """One more item like this one, which itself stays as it is."""
    content["items"].append({**item(content, name), "id": f"{name}-again", **changed})


def without(checklists: dict[str, Any], item_id: str) -> None:
    checklists["items"] = [one for one in checklists["items"] if one["id"] != item_id]


def changed(package: RulePackage, change: Change) -> RuleReport:
    checklists = json.loads(package.checklists)
    change(checklists)
    return check_rules(json.dumps(checklists, ensure_ascii=False, indent=1).encode(), package)


def codes(report: RuleReport) -> set[RuleCode]:
    return {error.message_code for error in report.errors}


def test_the_shipped_rules_hold_and_all_their_cases_come_out_as_stated(package: RulePackage) -> None:
    report = check_rules(package.checklists, package)
    assert (report.ok, report.errors, report.cases_failed) == (True, (), 0)
    assert report.cases_passed >= 25


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        (lambda c: c.update(extra=1), RuleCode.SHAPE, "$.extra"),
        (lambda c: c["items"][2].update(colour="red"), RuleCode.SHAPE, "$.items[2].colour"),
        (lambda c: c["items"][3].update(answer="sliding"), RuleCode.SHAPE, "$.items[3].answer"),
        (lambda c: c["items"][3].update(checklist="x-ray"), RuleCode.SHAPE, "$.items[3].checklist"),
        (lambda c: c.update(schema=2, novelty=True), RuleCode.SCHEMA_NEWER, "$.schema"),
        (lambda c: c["items"][4]["question"].update(en=" "), RuleCode.UNTRANSLATED, "$.items[4].question.en"),
        (lambda c: c["items"][4]["help"].update(en=c["items"][4]["help"]["zh"]), RuleCode.UNTRANSLATED, "$.items[4].help.en"),
        (lambda c: c["items"][4]["question"].pop("en"), RuleCode.SHAPE, "$.items[4].question"),
        (lambda c: c["photos"][0]["exempt_reasons"][0].update(zh=""), RuleCode.UNTRANSLATED, "$.photos[0].exempt_reasons[0].zh"),
        (lambda c: c["items"][5].update(when={"fact": "person-matches", "equals": True}), RuleCode.UNKNOWN_FACT, "$.items[5].when.fact"),
        (lambda c: c["items"][0].update(mandatory="yes"), RuleCode.SHAPE, "$.items[0].mandatory"),
        (lambda c: c.update(version="newest"), RuleCode.VERSION, "$.version"),
        (lambda c: c["items"][1].update(id=c["items"][0]["id"]), RuleCode.DUPLICATE_ID, "$.items[1].id"),
        (lambda c: c["items"][1].update(replaces=[c["items"][0]["id"]]), RuleCode.DUPLICATE_ID, "$.items[1].replaces[0]"),
        (lambda c: c["items"][1].update(replaces=["older", "older"]), RuleCode.DUPLICATE_ID, "$.items[1].replaces[1]"),
        (lambda c: c["items"][1].update(articles=["postal-law/999"]), RuleCode.UNKNOWN_ARTICLE, "$.items[1].articles[0]"),
        (lambda c: c["items"][1].update(articles=["zheng-59/3-3"]), RuleCode.BACKGROUND_ARTICLE, "$.items[1].articles[0]"),
        (lambda c: c["items"][1]["answers"]["no"].update(refusal="R77"), RuleCode.UNKNOWN_REFUSAL, "$.items[1].answers.no.refusal"),
        (lambda c: c["items"][1]["answers"]["doubt"].update(refusal="R03"), RuleCode.REFUSAL_FORM, "$.items[1].answers.doubt"),
        (lambda c: c["items"][1]["answers"].pop("no"), RuleCode.ANSWERS_FORM, "$.items[1].answers"),
        (lambda c: c["items"][1].update(covers=["20"]), RuleCode.UNKNOWN_CATEGORY, "$.items[1].covers[0]"),
        (lambda c: c["items"][2].update(when={"fact": "mood", "equals": 1}), RuleCode.UNKNOWN_FACT, "$.items[2].when.fact"),
        (lambda c: c["items"][2].update(when={"fact": "destination", "equals": "UK"}), RuleCode.BAD_FACT_VALUE, "$.items[2].when.equals"),
        (lambda c: c["items"][2].update(when={"fact": "destination", "in": ["HK", "jp"]}), RuleCode.BAD_FACT_VALUE, "$.items[2].when.in"),
        (lambda c: c["items"][2].update(when={"fact": "destination", "at_least": 1}), RuleCode.CONDITION_KIND, "$.items[2].when"),
        (lambda c: c["items"][2].update(when={"fact": "domestic", "equals": "yes"}), RuleCode.BAD_FACT_VALUE, "$.items[2].when.equals"),
        (lambda c: c["items"][2].update(when={"fact": "client", "in": ["K-1", " K-2"]}), RuleCode.BAD_FACT_VALUE, "$.items[2].when.in"),
        (lambda c: c["items"][2].update(when={"fact": "client", "equals": "K" * 65}), RuleCode.BAD_FACT_VALUE, "$.items[2].when.equals"),
        (lambda c: c["items"][2].update(when={"fact": "client_kind", "equals": "vip"}), RuleCode.BAD_FACT_VALUE, "$.items[2].when.equals"),
        (lambda c: c["usual_facts"].update(destination="China"), RuleCode.BAD_FACT_VALUE, "$.usual_facts.destination"),
        (lambda c: c["cases"][0].update(facts={"client": ""}), RuleCode.BAD_FACT_VALUE, "$.cases[0].facts.client"),
        (lambda c: c["cases"][0].update(facts={"client_kind": 3}), RuleCode.BAD_FACT_VALUE, "$.cases[0].facts.client_kind"),
        (lambda c: c["items"][2].update(settles=["hit-review"]), RuleCode.SETTLES_TOO_MUCH, "$.items[2].settles[0]"),
        (lambda c: item(c, "contents-match").update(moment="identity"), RuleCode.MOMENT_FORM, "$.items[14].moment"),
        (lambda c: item(c, "person-matches").update(settles=["name-absent"]), RuleCode.SETTLES_ELSEWHERE, "$.items[1].settles[0]"),
        (lambda c: item(c, "sealed-in-sight").update(settles=["reading-doubtful"]), RuleCode.SETTLES_ELSEWHERE, "$.items[21].settles[0]"),
        (lambda c: c["photos"][0].update(after_refusals=["R70"]), RuleCode.UNKNOWN_REFUSAL, "$.photos[0].after_refusals[0]"),
        (lambda c: c["usual_facts"].update(weight_g="heavy"), RuleCode.BAD_FACT_VALUE, "$.usual_facts.weight_g"),
        (lambda c: c["usual_facts"].pop("mail_kind"), RuleCode.DANGLING_EXPECTATION, "$.cases[0].facts"),
        (lambda c: c["cases"][0]["answers"].update({"no-such-item": "yes"}), RuleCode.UNKNOWN_ITEM, "$.cases[0].answers.no-such-item"),
        (lambda c: c["cases"][0]["expect"].update(outcome="perhaps"), RuleCode.DANGLING_EXPECTATION, "$.cases[0].expect.outcome"),
        (lambda c: c.update(cases=[]), RuleCode.NO_CASES, "$.cases"),
        (lambda c: c["cases"][0]["expect"].update(outcome="refuse"), RuleCode.CASE_FAILED, "$.cases[0]"),
    ],
)
def test_a_fault_is_told_at_its_path(package: RulePackage, change: Change, code: RuleCode, path: str) -> None:
    report = changed(package, change)
    assert not report.ok
    assert (code, path) in {(error.message_code, error.path) for error in report.errors}
    assert all(error.line >= 1 for error in report.errors)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda c: without(c, "person-matches"), RuleCode.FLOOR_MISSING),
        (lambda c: without(c, "opened-in-presence"), RuleCode.FLOOR_MISSING),
        (lambda c: without(c, "screened"), RuleCode.FLOOR_MISSING),
        (lambda c: without(c, "nothing-prohibited"), RuleCode.FLOOR_CATEGORY),
        (lambda c: item(c, "nothing-prohibited")["covers"].remove("17"), RuleCode.FLOOR_CATEGORY),
        (lambda c: item(c, "person-matches").update(mandatory=False), RuleCode.FLOOR_OPTIONAL),
        (lambda c: item(c, "screened").update(mandatory=False), RuleCode.FLOOR_OPTIONAL),
        (lambda c: item(c, "nothing-infringing").update(mandatory=False), RuleCode.FLOOR_OPTIONAL),
        (lambda c: item(c, "opened-in-presence")["answers"].update(no={"leads_to": "ok"}), RuleCode.FLOOR_LENIENT),
        (lambda c: item(c, "opened-in-presence")["answers"].update(doubt={"leads_to": "ok"}), RuleCode.FLOOR_LENIENT),
        (lambda c: item(c, "nothing-prohibited")["answers"].update(no={"leads_to": "refer"}), RuleCode.FLOOR_LENIENT),
        (lambda c: item(c, "screened").update(established_by={"fact": "letter", "equals": False}), RuleCode.FLOOR_LENIENT),
        (lambda c: item(c, "screened").update(**JUDGED), RuleCode.FLOOR_JUDGED),
        (lambda c: item(c, "screened").update(checklist="inspection", moment="opening"), RuleCode.FLOOR_MISPLACED),
        (lambda c: item(c, "person-matches").update(moment="waybill"), RuleCode.FLOOR_MISPLACED),
        (lambda c: item(c, "nothing-prohibited").update(moment="sealing"), RuleCode.FLOOR_MISPLACED),
        (lambda c: item(c, "nothing-infringing").update(checklist="real-name", moment="identity"), RuleCode.FLOOR_MISPLACED),
        (lambda c: item(c, "opened-in-presence").update(checklist="real-name", moment="identity"), RuleCode.FLOOR_MISPLACED),
        (lambda c: beside(c, "nothing-infringing", moment="identity", checklist="real-name"), RuleCode.FLOOR_MISPLACED),
        (lambda c: beside(c, "opened-in-presence", moment="waybill"), RuleCode.FLOOR_MISPLACED),
        (lambda c: item(c, "opened-in-presence").update(when={"fact": "mail_kind", "equals": "parcel"}), RuleCode.FLOOR_WEAKENED),
        (lambda c: item(c, "person-matches").update(when={"fact": "weight_g", "at_least": 500}), RuleCode.FLOOR_WEAKENED),
        (lambda c: item(c, "person-matches").update(when={"fact": "mail_kind", "equals": "parcel"}), RuleCode.FLOOR_WEAKENED),
        (lambda c: item(c, "nothing-prohibited").update(when={"fact": "agent", "equals": False}), RuleCode.FLOOR_WEAKENED),
        (lambda c: item(c, "screened").update(when={"fact": "mail_kind", "in": ["parcel", "agreement"]}), RuleCode.FLOOR_WEAKENED),
    ],
)
def test_rules_below_the_statutory_floor_fail(package: RulePackage, change: Change, code: RuleCode) -> None:
    report = changed(package, change)
    assert not report.ok
    assert code in codes(report)


def test_two_items_may_share_the_floor_between_kinds_of_mail(package: RulePackage) -> None:
    def split(checklists: dict[str, Any]) -> None:
        whole = item(checklists, "opened-in-presence")
        half = {**whole, "id": "opened-agreement-mail", "when": {"fact": "mail_kind", "equals": "agreement"}}
        whole["when"] = {"all": [{"fact": "letter", "equals": False}, {"fact": "mail_kind", "in": ["parcel", "inspection-mailbox"]}]}
        checklists["items"].append(half)

    assert not codes(changed(package, split)) & {RuleCode.FLOOR_WEAKENED, RuleCode.FLOOR_MISSING}


def test_every_faulty_item_is_told_not_only_the_first(package: RulePackage) -> None:
    def break_two(checklists: dict[str, Any]) -> None:
        checklists["items"][0]["mandatory"] = 1
        checklists["items"][5]["certainty"] = "sure"

    report = changed(package, break_two)
    assert [error.path for error in report.errors] == ["$.items[0].mandatory", "$.items[5].certainty"]
    assert report.errors[0].line < report.errors[1].line


def test_a_syntax_error_is_told_with_its_line(package: RulePackage) -> None:
    report = check_rules(package.checklists.replace(b'"items": [', b'"items": [,', 1), package)
    assert [(error.message_code, error.line) for error in report.errors] == [(RuleCode.NOT_JSON, 5)]


def test_items_that_wait_for_each_other_can_not_be_written(package: RulePackage) -> None:
    """A condition asks facts of the parcel, never another item: both ends of a circle are told, each on its line."""
    checklists = json.loads(package.checklists)
    first, second = checklists["items"][0]["id"], checklists["items"][1]["id"]
    for number, other in ((0, second), (1, first)):
        checklists["items"][number]["when"] = {"fact": other, "equals": "yes"}
    text = json.dumps(checklists, ensure_ascii=False, indent=1)
    report = check_rules(text.encode(), package)
    lines = [number for number, line in enumerate(text.split("\n"), 1) if f'"fact": "{second}"' in line or f'"fact": "{first}"' in line]
    assert [error.line for error in report.errors if error.message_code is RuleCode.UNKNOWN_FACT] == lines
    assert not report.ok


def test_the_place_of_a_fault_is_the_line_in_the_file(package: RulePackage) -> None:
    text = package.checklists.decode().replace('"postal-law/84"', '"postal-law/85"', 1)
    report = check_rules(text.encode(), package)
    line = next(number for number, line in enumerate(text.splitlines(), 1) if "postal-law/85" in line)
    assert [(error.message_code, error.line) for error in report.errors] == [(RuleCode.UNKNOWN_ARTICLE, line)]


@given(position=st.integers(0, 20_000), replacement=st.binary(min_size=1, max_size=3))
def test_no_damage_to_a_rule_file_crashes_the_check(package: RulePackage, position: int, replacement: bytes) -> None:
    data = package.checklists
    damaged = data[:position] + replacement + data[position + len(replacement) :]
    assert isinstance(check_rules(damaged, package), RuleReport)


def test_a_station_never_loads_rules_below_the_floor(package: RulePackage) -> None:
    checklists = json.loads(package.checklists)
    item(checklists, "opened-in-presence")["answers"]["doubt"] = {"leads_to": "ok"}
    with pytest.raises(UserError) as caught:
        RuleSet.parse(replace(package, checklists=json.dumps(checklists).encode()))
    assert caught.value.facts["fault"] == RuleCode.FLOOR_LENIENT


@pytest.mark.parametrize(
    ("part", "change", "code"),
    [
        ("prohibited", lambda p: p["categories"].pop(), RuleCode.CATEGORIES_INCOMPLETE),
        ("prohibited", lambda p: p["categories"][3].update(report_to=["nobody"]), RuleCode.UNKNOWN_AUTHORITY),
        ("prohibited", lambda p: p["dispositions"].pop(0), RuleCode.UNKNOWN_DISPOSITION),
        ("refusals", lambda r: r["refusals"].pop(14), RuleCode.REFUSALS_INCOMPLETE),
        ("refusals", lambda r: r["findings"].pop("unproven"), RuleCode.FINDINGS_INCOMPLETE),
        ("refusals", lambda r: r["refusals"][0].update(articles=["zheng-59/3-1"]), RuleCode.BACKGROUND_ARTICLE),
        ("restricted", lambda r: r["limits"][0].update(articles=["tobacco-law/1"]), RuleCode.UNKNOWN_ARTICLE),
        ("regulations", lambda r: r["laws"].append(r["laws"][0]), RuleCode.DUPLICATE_ID),
    ],
)
def test_companion_files_that_do_not_fit_are_refused(package: RulePackage, part: str, change: Change, code: RuleCode) -> None:
    content = json.loads(getattr(package, part))
    change(content)
    with pytest.raises(UserError) as caught:
        RuleSet.parse(replace(package, **{part: json.dumps(content).encode()}))
    assert (caught.value.facts["file"], caught.value.facts["fault"]) == (f"{part}.json", code)


def test_the_digest_covers_every_part_and_its_place(package: RulePackage) -> None:
    swapped = replace(package, prohibited=package.refusals, refusals=package.prohibited)
    touched = replace(package, regulations=package.regulations + b"\n")
    assert len({package.sha256(), swapped.sha256(), touched.sha256()}) == 3
