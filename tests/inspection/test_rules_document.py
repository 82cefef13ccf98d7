"""docs/rules.md is true: its example passes, its item stands in it, and the facts and members it lists are those there are."""

from __future__ import annotations

import json
import re
from pathlib import Path

from courier_check.inspection.case import FACTS
from courier_check.inspection.check import check_rules
from courier_check.inspection.checklist import ChecklistItem, Checklists
from courier_check.inspection.rules import RulePackage

DOCS = Path(__file__).resolve().parents[2] / "docs"
WORDS = (DOCS / "rules.md").read_text("utf-8")
EXAMPLE = next((DOCS / "examples").glob("checklists-*.json"))


def test_the_worked_example_passes_with_all_its_cases(package: RulePackage) -> None:
    report = check_rules(EXAMPLE.read_bytes(), package)
    assert (report.ok, report.errors) == (True, ())
    assert report.version is not None
    assert report.version in EXAMPLE.name
    assert EXAMPLE.name in WORDS


def test_the_example_has_what_the_document_adds(package: RulePackage) -> None:
    shown = json.loads(re.search(r"```json\n(.*?)```", WORDS, re.DOTALL)[1])  # type: ignore[index]  # it is there
    example, shipped = json.loads(EXAMPLE.read_bytes()), json.loads(package.checklists)
    added = [item for item in example["items"] if item["id"] not in {one["id"] for one in shipped["items"]}]
    (own,) = [item for item in added if item["id"] == shown["id"]]
    assert {**own, "help": None} == {**shown, "help": None}


def test_what_is_shown_of_a_forgotten_photo_is_what_the_check_says(package: RulePackage) -> None:
    shown = re.search(r"```\n第 (\d+) 行 (\S+)：样例“(.+?)”", WORDS)
    assert shown is not None
    name = shown[3]
    before, case, after = EXAMPLE.read_text("utf-8").partition(name)
    forgotten = before + case + after.replace(', "missing": ["photo-contents"]', "", 1)
    (error,) = check_rules(forgotten.encode(), package).errors
    assert (str(error.line), error.path, error.facts["name"]) == (shown[1], shown[2], name)


def test_every_fact_and_member_is_named() -> None:
    assert set(re.findall(r"`([a-z_]+)`", WORDS)) >= set(FACTS)
    members = set(re.findall(r"`([a-z_]+)`", WORDS))
    assert set(Checklists.__struct_fields__) <= members
    assert set(ChecklistItem.__struct_fields__) - {"established_by"} <= members | {"id"}
