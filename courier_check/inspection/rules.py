"""The rules of acceptance in force: parsed, checked against each other and against the statutory floor."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from courier_check.errors import UserError
from courier_check.inspection.case import Case
from courier_check.inspection.catalogue import Prohibited
from courier_check.inspection.checklist import SCHEMA, ChecklistItem, Checklists
from courier_check.inspection.codes import InspectionCode, RuleCode, fault
from courier_check.inspection.findings import Answer, ContentsFinding, Finding, FindingKind
from courier_check.inspection.floor import below_floor
from courier_check.inspection.reading import Reading, raise_first, read_part
from courier_check.inspection.references import Companions, RestrictedIndex, check_checklists, check_companions
from courier_check.inspection.refusals import Refusal, Refusals, Regulations

T = TypeVar("T")
_GRAVITY = (Answer.YES, Answer.DOUBT, Answer.NO)


@dataclass(frozen=True, slots=True)
class RulePackage:
    """The files of resources/ that make up the rules, as bytes."""

    checklists: bytes
    prohibited: bytes
    restricted: bytes
    refusals: bytes
    regulations: bytes

    def sha256(self) -> str:
        """One digest over all parts, each under its length, for the header of journal entries (hex)."""
        digest = hashlib.sha256()
        for part in (self.checklists, self.prohibited, self.restricted, self.refusals, self.regulations):
            digest.update(len(part).to_bytes(8, "big") + part)
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Checklists, prohibited goods, refusals and citations that fit together and stand on the statutory floor."""

    checklists: Checklists
    prohibited: Prohibited
    refusals: Refusals
    regulations: Regulations

    @classmethod
    def parse(cls, package: RulePackage) -> RuleSet:
        """UserError(rules-invalid) with file, line, path and the first fault's code, if anything at all is wrong."""
        companions = parse_companions(package)
        reading = read_checklists(package.checklists, companions)
        if reading.value is None or reading.errors:
            raise_first("checklists.json", reading.errors)
        return cls(reading.value, companions.prohibited, companions.refusals, companions.regulations)

    @property
    def version(self) -> str:
        return self.checklists.version

    def item(self, item_id: str) -> ChecklistItem:
        """UserError for an item the checklists don't have."""
        item = self.checklists.item(item_id)
        if item is None:
            raise UserError(InspectionCode.UNKNOWN_ITEM, item=item_id[:40])
        return item

    def as_asked_now(self, findings: Sequence[Finding]) -> tuple[Finding, ...]:
        """Answers that were written for earlier checklists (case files): those to questions that one of today's replaces become its answer,
        the gravest of them with the words said to it, where all of them were answered. Others stay as they are."""
        for item in self.checklists.items:
            earlier = [each for each in findings if each.item in item.replaces]
            if earlier and {each.item for each in earlier} == set(item.replaces) and all(each.item != item.id for each in findings):
                gravest = max(earlier, key=lambda each: _GRAVITY.index(each.answer))
                findings = [*(each for each in findings if each not in earlier), replace(gravest, item=item.id)]
        return tuple(findings)

    def applying(self, case: Case, answered: Container[str] = ()) -> tuple[ChecklistItem, ...]:
        """The items asked about this parcel, in the order of the checklists. Of a parcel that was not drawn for inspection nothing is asked
        that needs it opened; what was `answered` all the same counts, since somebody has looked."""
        spared = (item.id for item in self.checklists.items if case.spared and item.needs_opening and item.id not in answered)
        left_out = frozenset(spared)
        return tuple(item for item in self.checklists.items if item.id not in left_out and item.applies(case))

    def refusal(self, code: str) -> Refusal:
        """UserError for a code that refusals.json doesn't have."""
        refusal = self.refusals.refusal(code)
        if refusal is None:
            raise UserError(InspectionCode.UNKNOWN_REFUSAL, refusal=code[:10])
        return refusal

    def check_finding(self, finding: Finding, case: Case) -> ChecklistItem:
        """The item an answer belongs to; UserError where it isn't asked here, or does not take this answer."""
        item = self.item(finding.item)
        if not item.applies(case):
            raise UserError(InspectionCode.NOT_ASKED, item=item.id, question_zh=item.question.zh, question_en=item.question.en)
        if item.effect(finding.answer) is None:
            raise UserError(InspectionCode.NOT_ANSWERABLE, item=item.id, answer=finding.answer.value)
        return item

    def check_contents_finding(self, finding: ContentsFinding) -> None:
        """UserError for prohibited goods without one of the nineteen categories, or a category that doesn't exist."""
        if finding.category is not None and self.prohibited.category(finding.category) is None:
            raise UserError(InspectionCode.UNKNOWN_CATEGORY, category=finding.category[:10])
        if finding.kind is FindingKind.PROHIBITED and finding.category is None:
            raise UserError(InspectionCode.CATEGORY_NEEDED, name=finding.name[:40])


def parse_companions(package: RulePackage) -> Companions:
    """Everything the checklists refer to; UserError(rules-invalid) if it is unusable."""
    prohibited = _part("prohibited.json", package.prohibited, Prohibited)
    refusals = _part("refusals.json", package.refusals, Refusals)
    regulations = _part("regulations.json", package.regulations, Regulations)
    restricted = _part("restricted.json", package.restricted, RestrictedIndex)
    companions = Companions(prohibited, refusals, regulations, restricted)
    for name, errors in check_companions(companions):
        raise_first(name, errors)
    return companions


def read_checklists(data: bytes, companions: Companions) -> Reading[Checklists]:
    """checklists.json with every fault of form, reference and floor; references and floor are judged once the form holds."""
    reading = read_part(data, Checklists, lists=("items", "photos", "cases"))
    if (newer := _newer_schema(reading)) is not None:
        return newer
    if reading.value is None:
        return reading
    return reading.having((*check_checklists(reading.value, companions), *below_floor(reading.value)))


def _newer_schema(reading: Reading[Checklists]) -> Reading[Checklists] | None:
    """Being newer says more than whatever else a newer file has that this program does not know."""
    whole = reading.located.value if reading.located is not None else None
    said = whole.get("schema", SCHEMA) if isinstance(whole, dict) else SCHEMA
    if not isinstance(said, int) or isinstance(said, bool) or said == SCHEMA:
        return None
    nothing: Reading[Checklists] = Reading(None, (), reading.located)
    return nothing.having((fault("$.schema", RuleCode.SCHEMA_NEWER, schema=said, known=SCHEMA),))


def _part(name: str, data: bytes, shape: type[T]) -> T:
    reading = read_part(data, shape)
    if reading.value is None:
        raise_first(name, reading.errors)
    return reading.value
