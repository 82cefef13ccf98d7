"""Which answers count: those to questions that the rules in force put too, and those about an opened parcel, whatever is known later."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from courier_check.acceptance import Rulebook, Session
from courier_check.acceptance.draft import Sampling
from courier_check.identity.policy import DocumentPolicy
from courier_check.inspection.catalogue import Bilingual
from courier_check.inspection.checklist import ChecklistItem
from courier_check.inspection.findings import Answer, Finding
from courier_check.inspection.verdict import Outcome
from courier_check.terms import MailKind
from support.parcels import TODAY, complete, filled, told

BASIS = Sampling("样例邮管〔2026〕12号", "安全协议第 7 条", 10)
MATCH, DANGEROUS = "contents-match", "nothing-prohibited"


def changed(book: Rulebook, **items: ChecklistItem) -> Rulebook:
    """Other rules, with these items in place of those of their ids."""
    checklists = book.rules.checklists
    kept = tuple(items.get(item.id.replace("-", "_"), item) for item in checklists.items)
    return replace(book, rules=replace(book.rules, checklists=msgspec.structs.replace(checklists, items=kept)))


def test_an_answer_to_another_question_of_the_same_name_counts_for_nothing(book: Rulebook, policy: DocumentPolicy) -> None:
    session = complete(book)
    other = msgspec.structs.replace(book.rules.item(MATCH), question=Bilingual("外包装没有破损？", "Is the wrapping whole?"))
    assert told(session, book, policy).outcome is Outcome.ACCEPT
    verdict = told(session, changed(book, contents_match=other), policy)
    assert (verdict.outcome, verdict.missing) == (Outcome.INCOMPLETE, (MATCH,))


def test_a_question_that_kept_its_words_is_not_asked_again(book: Rulebook, policy: DocumentPolicy) -> None:
    other = msgspec.structs.replace(book.rules.item(MATCH), source="另一个出处", help=Bilingual("看清。", "Look."))
    assert told(complete(book), changed(book, contents_match=other), policy).outcome is Outcome.ACCEPT


def agreement() -> Session:
    return filled(MailKind.AGREEMENT).client_reviewed("client-1")


def test_a_no_given_before_it_is_known_that_the_parcel_was_not_drawn_still_refuses(book: Rulebook, policy: DocumentPolicy) -> None:
    opened = agreement().answered(Finding(DANGEROUS, Answer.NO), book, TODAY)
    verdict = told(opened.sampling_looked_up(BASIS, spared=True), book, policy)
    assert verdict.outcome is Outcome.REFUSE
    assert f"found:{DANGEROUS}" in verdict.missing


def test_what_was_not_drawn_and_not_looked_at_is_asked_nothing(book: Rulebook, policy: DocumentPolicy) -> None:
    missing = told(agreement().sampling_looked_up(BASIS, spared=True), book, policy).missing
    assert DANGEROUS not in missing
    assert "opened-in-presence" not in missing
