"""Verdicts in words: reasons, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable

from courier_check.acceptance.codes import Lack
from courier_check.inspection.rules import RuleSet
from courier_check.terms import Reason
from courier_check.wording import Wording


def reason_text(wording: Wording, reason: Reason) -> str:
    """The sentence of a reason."""
    return wording.of(reason.code, reason.facts)


def reasons_text(wording: Wording, reasons: Iterable[Reason]) -> str:
    """The sentences of several reasons as a part of another sentence."""
    return "；".join(reason_text(wording, reason).rstrip("。.") for reason in reasons)


def missing_text(wording: Wording, code: str, rules: RuleSet) -> str:
    """What a missing thing is called: a lack of the session, a question of the checklist, a photo."""
    if code in set(Lack):
        return wording.of(code)
    named = rules.checklists.item(code.removeprefix("found:"))
    if named is not None:
        question = wording.bilingual(named.question)
        return f"“{question}”"
    photo = rules.checklists.photo(code)
    if photo is not None:
        return wording.bilingual(photo.question)
    return wording.of(code)
