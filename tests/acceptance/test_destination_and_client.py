"""Questions for some destinations or some clients only: asked where they apply, mandatory there, and asked again when it goes to another
country or is another client's. All clients and firms are made up."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from courier_check.acceptance import Rulebook, Session
from courier_check.acceptance.judgement import case_of
from courier_check.identity.policy import DocumentPolicy
from courier_check.inspection.checklist import ChecklistItem
from courier_check.inspection.conditions import Condition
from courier_check.inspection.findings import Answer, Finding
from courier_check.inspection.verdict import Outcome
from courier_check.parcel.service import CustomsCategory, CustomsDeclaration, CustomsItem, Payer, ServiceInformation
from courier_check.parcel.waybills import CodeKind, WaybillCheck
from courier_check.terms import ClientKind, MailKind
from support.parcels import TODAY, answer_all, filled, told

ASKED = "sample-question"
LINES = (CustomsItem(description="books", quantity=1, net_weight_g=500, value=6_000),)


def asking(book: Rulebook, *, like: str = "contents-match", **when: object) -> Rulebook:
    """The shipped rules and one mandatory question more, under this condition."""
    other = msgspec.structs.replace(book.rules.item(like), id=ASKED, settles=(), role=None, when=msgspec.convert(when, Condition))
    checklists = book.rules.checklists
    return replace(book, rules=replace(book.rules, checklists=msgspec.structs.replace(checklists, items=(*checklists.items, other))))


def going_to(session: Session, country: str) -> Session:
    customs = None if country == "CN" else CustomsDeclaration(CustomsCategory.GIFT, "CNY", LINES)
    return session.served(ServiceInformation(product="标准快件", payer=Payer.SENDER, country=country, customs=customs))


def agreement(book: Rulebook, client: str = "K-0007", kind: ClientKind | None = None) -> Session:
    return answer_all(filled(MailKind.AGREEMENT).client_reviewed(client, kind=kind), book)


def answered(session: Session, book: Rulebook, answer: Answer = Answer.YES) -> Session:
    return session.answered(Finding(ASKED, answer), book, TODAY)


def asked(session: Session, book: Rulebook) -> bool:
    applying: tuple[ChecklistItem, ...] = book.rules.applying(case_of(session.draft, book, TODAY))
    return ASKED in {item.id for item in applying}


def test_a_question_for_some_countries_appears_with_the_country_and_nothing_is_accepted_without_its_answer(
    book: Rulebook, policy: DocumentPolicy
) -> None:
    abroad = asking(book, fact="destination", **{"in": ["JP", "US"]})
    unsaid = answer_all(filled(), abroad)
    assert told(unsaid, abroad, policy).outcome is Outcome.ACCEPT, "where it goes nobody has said"
    assert told(going_to(unsaid, "CN"), abroad, policy).outcome is Outcome.ACCEPT
    verdict = told(going_to(unsaid, "JP"), abroad, policy)
    assert (verdict.outcome, verdict.missing) == (Outcome.INCOMPLETE, (ASKED,))
    assert told(answered(going_to(unsaid, "JP"), abroad), abroad, policy).outcome is Outcome.ACCEPT
    assert told(answered(going_to(unsaid, "JP"), abroad, Answer.NO), abroad, policy).outcome is Outcome.REFUSE


@pytest.mark.parametrize(("country", "domestic"), [("CN", True), ("HK", False), ("TW", False), ("JP", False)])
def test_what_is_domestic_is_said_as_such(book: Rulebook, country: str, domestic: bool) -> None:
    out, within = (asking(book, fact="domestic", equals=each) for each in (False, True))
    session = filled()
    assert (asked(session, out), asked(session, within)) == (False, False), "not known, so neither"
    session = going_to(session, country)
    assert (asked(session, out), asked(session, within)) == (not domestic, domestic)


def test_a_yes_for_one_country_is_none_for_another(book: Rulebook, policy: DocumentPolicy) -> None:
    abroad = asking(book, any=[{"fact": "letter", "equals": True}, {"fact": "domestic", "equals": False}])
    japan = answered(going_to(answer_all(filled(), abroad), "JP"), abroad)
    assert told(going_to(japan, "JP"), abroad, policy).outcome is Outcome.ACCEPT, "said again"
    america = going_to(japan, "US")
    assert told(america, abroad, policy).missing == (ASKED,)
    assert told(going_to(america, "CN"), abroad, policy).outcome is Outcome.ACCEPT
    assert told(america.undo(), abroad, policy).outcome is Outcome.ACCEPT
    others = {one.finding.item for one in america.draft.answers}
    assert others == {one.finding.item for one in japan.draft.answers} - {ASKED}, "nothing else is asked again"


def test_a_no_that_goes_with_its_country_is_counted_as_taken_back(book: Rulebook) -> None:
    abroad = asking(book, fact="domestic", equals=False)
    refused = answered(going_to(answer_all(filled(), abroad), "JP"), abroad, Answer.NO)
    assert dict(going_to(refused, "US").draft.taken_back) == {ASKED: 1}


def test_the_next_parcel_is_asked_where_it_goes_and_the_next_piece_goes_there_too(book: Rulebook) -> None:
    person = asking(book, like="person-matches", fact="domestic", equals=False)
    japan = answered(going_to(filled(), "JP").in_pieces(2), person)
    piece = japan.next_piece("s2", WaybillCheck("SF1000000000028", CodeKind.WAYBILL, ("sf",), "sf"))
    assert ASKED in {one.finding.item for one in piece.draft.answers}
    again = japan.again("s3")
    assert (again.draft.destination, asked(again, person)) == (None, False)
    assert ASKED not in {one.finding.item for one in going_to(again, "US").draft.answers}


def test_a_question_for_one_client_is_asked_of_no_other(book: Rulebook, policy: DocumentPolicy) -> None:
    own = asking(book, fact="client", equals="K-0007")
    verdict = told(agreement(book), own, policy)
    assert (verdict.outcome, verdict.missing) == (Outcome.INCOMPLETE, (ASKED,))
    assert told(agreement(book, "K-0008"), own, policy).outcome is Outcome.ACCEPT
    assert told(answer_all(filled(), book), own, policy).outcome is Outcome.ACCEPT
    assert told(agreement(own), own, policy).outcome is Outcome.ACCEPT, "answered"


def test_whose_parcel_it_is_and_of_what_kind_that_client_is(book: Rulebook) -> None:
    client = asking(book, fact="agreement_client", equals=True)
    nobody = asking(book, fact="agreement_client", equals=False)
    firms = asking(book, fact="client_kind", **{"in": ["enterprise", "public-body"]})
    unknown = filled(MailKind.AGREEMENT)
    assert [asked(unknown, each) for each in (client, nobody, firms)] == [False, False, False], "not said yet"
    assert [asked(filled(), each) for each in (client, nobody, firms)] == [False, True, False]
    assert [asked(unknown.client_reviewed("K-0007"), each) for each in (client, nobody, firms)] == [True, False, False]
    trader, firm = (unknown.client_reviewed("K-0007", kind=kind) for kind in (ClientKind.SOLE_TRADER, ClientKind.ENTERPRISE))
    assert (asked(trader, firms), asked(firm, firms), asked(firm.again("s2"), firms)) == (False, True, True)
    assert not asked(firm.kind_changed(MailKind.PARCEL), firms)


def test_a_yes_about_one_client_is_none_about_another(book: Rulebook, policy: DocumentPolicy) -> None:
    both = asking(book, fact="client", **{"in": ["K-0007", "K-0008"]})
    session = agreement(both)
    assert told(session, both, policy).outcome is Outcome.ACCEPT
    assert told(session.client_reviewed("K-0007"), both, policy).outcome is Outcome.ACCEPT
    assert told(session.client_reviewed("K-0008"), both, policy).missing == (ASKED,)
