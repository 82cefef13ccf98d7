"""Verdicts in words: reasons, and what is missing."""

from __future__ import annotations

from courier_check.acceptance import Lack
from courier_check.cli.output import Output
from courier_check.desk.acceptances import Rules
from courier_check.terms import Reason


def reason_text(out: Output, reason: Reason) -> str:
    """The sentence of a reason."""
    return out.wording.of(reason.code, reason.facts)


def missing_text(out: Output, code: str, rules: Rules) -> str:
    """What a missing thing is called: a lack of the session, a question of the checklist, a photo."""
    if code in set(Lack):
        return out.wording.of(code)
    checklists = rules.rulebook.rules.checklists
    named = checklists.item(code.removeprefix("found:"))
    if named is not None:
        return f"“{out.bilingual(named.question)}”"
    photo = checklists.photo(code)
    if photo is not None:
        return out.bilingual(photo.question)
    return out.wording.of(code)
