"""`rules check`: a checklists file against the files it refers to, the statutory floor and the cases it states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from courier_check.errors import Fact
from courier_check.inspection.bounds import check_bounds, legible
from courier_check.inspection.case import Case
from courier_check.inspection.checklist import Checklists, FactGiven, StatedCase
from courier_check.inspection.codes import RuleCode, RuleError, fault
from courier_check.inspection.findings import ContentsFinding, Finding, Findings
from courier_check.inspection.rules import RulePackage, RuleSet, parse_companions, read_checklists
from courier_check.inspection.verdict import Verdict, decide
from courier_check.terms import MailKind


@dataclass(frozen=True, slots=True)
class RuleReport:
    """What came of checking a file. `version`: as the file states it, None where it could not be read."""

    ok: bool
    errors: tuple[RuleError, ...]
    cases_passed: int
    cases_failed: int
    version: str | None = None


def check_rules(data: bytes, installed: RulePackage) -> RuleReport:
    """Check `data` as the checklists of `installed`. Faults of `data` are reported, never raised; UserError if installed files are broken.

    Cases run only when nothing else is wrong; one that comes out otherwise than stated is an error at its line.
    """
    companions = parse_companions(installed)
    reading = read_checklists(data, companions)
    if reading.value is not None:
        reading = reading.having(check_bounds(reading.value))
    version = reading.value.version if reading.value is not None else None
    if reading.value is None or reading.errors:
        return RuleReport(False, _told_legibly(reading.errors), 0, 0, version)
    rules = RuleSet(reading.value, companions.prohibited, companions.refusals, companions.regulations)
    failures = tuple(
        fault(f"$.cases[{index}]", RuleCode.CASE_FAILED, name=stated.name[:80], expected=_told(expected(stated)), got=_told(got))
        for index, stated in enumerate(reading.value.cases)
        if (got := comes_out(rules, stated)) != expected(stated)
    )
    errors = _told_legibly(reading.having(failures).errors)
    return RuleReport(not errors, errors, len(reading.value.cases) - len(failures), len(failures), version)


def _told_legibly(errors: tuple[RuleError, ...]) -> tuple[RuleError, ...]:
    """What a file says is not always what a terminal can print."""
    return tuple(
        replace(
            error,
            path=legible(error.path),
            facts={name: legible(fact) if isinstance(fact, str) else fact for name, fact in error.facts.items()},
        )
        for error in errors
    )


def comes_out(rules: RuleSet, stated: StatedCase) -> Mapping[str, tuple[str, ...]]:
    """How a stated case comes out, in the parts its expectation names."""
    case = state_case(rules.checklists, stated)
    contents = tuple(ContentsFinding(found.kind, found.name, found.category, found.concealed) for found in stated.found)
    verdict = decide(rules, case, Findings(_answers(rules, case, stated), contents, frozenset(stated.photos)))
    return _parts(verdict, with_dispositions=stated.expect.dispositions is not None)


def expected(stated: StatedCase) -> Mapping[str, tuple[str, ...]]:
    """What a stated case must come out as."""
    expect = stated.expect
    parts = {"outcome": (expect.outcome,), "refusals": tuple(sorted(expect.refusals)), "missing": tuple(sorted(expect.missing))}
    return parts if expect.dispositions is None else {**parts, "dispositions": tuple(sorted(expect.dispositions))}


def state_case(checklists: Checklists, stated: StatedCase) -> Case:
    """The case a statement describes: its facts over the usual ones."""
    facts: dict[str, FactGiven] = {**checklists.usual_facts, **stated.facts}
    kind = MailKind(str(facts.pop("mail_kind")))
    return Case(mail_kind=kind, **facts)  # type: ignore[arg-type]  # check_facts has matched every value with its field


def _answers(rules: RuleSet, case: Case, stated: StatedCase) -> tuple[Finding, ...]:
    usual = stated.answers.get("*")
    judged = ((item.id, stated.answers.get(item.id, usual)) for item in rules.applying(case, stated.answers) if item.answers)
    return tuple(Finding(item, answer) for item, answer in judged if answer is not None)


def _parts(verdict: Verdict, *, with_dispositions: bool) -> Mapping[str, tuple[str, ...]]:
    refusals = {reason.refusal for reason in verdict.reasons if reason.refusal is not None}
    parts = {"outcome": (verdict.outcome.value,), "refusals": tuple(sorted(refusals)), "missing": tuple(sorted(verdict.missing))}
    if not with_dispositions:
        return parts
    return {**parts, "dispositions": tuple(sorted(disposition.rule.id for disposition in verdict.dispositions))}


def _told(parts: Mapping[str, tuple[str, ...]]) -> Fact:
    return "; ".join(f"{name}={'+'.join(values) or '-'}" for name, values in parts.items())
