"""What may not slip through: goods as letters, unreachable senders, agents of themselves, goods under innocent names. All made up."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.acceptance import AcceptanceReason, Lack, Rulebook, Session, Settlement
from courier_check.errors import UserError
from courier_check.identity.documents import DocumentType, IdentityDocument
from courier_check.identity.phones import Reach, reach_of
from courier_check.identity.policy import DocumentPolicy
from courier_check.inspection.codes import InspectionReason
from courier_check.inspection.verdict import Outcome
from courier_check.parcel.contents import DeclaredItem, ParcelSize
from courier_check.store.resources import read_resource
from courier_check.terms import Consequence, MailKind
from support.parcels import BOOKS, CLEAR, DOCUMENT, TODAY, WAYBILL, answer_all, complete, filled, told, weighty

PASSPORT = IdentityDocument(
    type=DocumentType.OVERSEAS_PASSPORT,
    name="张三丰",
    number="EA1234567",
    born_on=date(1990, 3, 7),
    nationality="CHN",
    valid_from=date(2020, 1, 1),
    valid_until=date(2030, 1, 1),
)


def codes(session: Session, book: Rulebook, policy: DocumentPolicy, consequence: Consequence) -> set[str]:
    return {reason.code for reason in told(session, book, policy).reasons if reason.consequence is consequence}


# Letters ----------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("letter", [(MailKind.LETTER, False), (MailKind.INSPECTION_MAILBOX, True)])
def test_goods_never_pass_as_a_letter_and_no_supervisor_lets_them(
    book: Rulebook, policy: DocumentPolicy, letter: tuple[MailKind, bool]
) -> None:
    kind, mailbox_letter = letter
    session = Session.started("s1", kind, mailbox_letter=mailbox_letter).waybill_scanned(WAYBILL).declared([BOOKS], ParcelSize(39_000))
    session = answer_all(session, book)
    assert weighty(told(session, book, policy)) == [(AcceptanceReason.LETTER_WITH_GOODS, "R09")]
    with pytest.raises(UserError, match="nothing-to-settle"):
        session.settled(Settlement(AcceptanceReason.LETTER_WITH_GOODS, "S01", "样本"), book, policy, TODAY)


def test_restricted_goods_in_a_letter_are_over_their_limit_too(book: Rulebook, policy: DocumentPolicy) -> None:
    cigarettes = DeclaredItem(name="卷烟", category="tobacco", cigarette_sticks=9000)
    session = answer_all(Session.started("s1", MailKind.LETTER).waybill_scanned(WAYBILL).declared([cigarettes]), book)
    assert set(weighty(told(session, book, policy))) == {(AcceptanceReason.LETTER_WITH_GOODS, "R09"), ("over-limit", "R08")}


@pytest.mark.parametrize("size", [ParcelSize(50_001), ParcelSize(None, (1501, 10, 10)), ParcelSize(None, (1500, 1000, 501))])
def test_a_letter_has_the_size_of_a_parcel_at_most(book: Rulebook, policy: DocumentPolicy, size: ParcelSize) -> None:
    letter = answer_all(Session.started("s1", MailKind.LETTER).waybill_scanned(WAYBILL), book)
    assert weighty(told(letter.measured(size), book, policy)) == [("parcel-too-large", "R08")]
    assert told(letter.measured(ParcelSize(20)), book, policy).outcome is Outcome.ACCEPT


# People -----------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "agent",
    [
        replace(DOCUMENT, name="李四"),
        replace(DOCUMENT, number="41010519900307123x"),
        replace(DOCUMENT, type=DocumentType.TEMPORARY_ID, valid_from=date(2026, 10, 1), valid_until=date(2027, 1, 1)),
    ],
)
def test_nobody_is_his_own_agent(book: Rulebook, policy: DocumentPolicy, agent: IdentityDocument) -> None:
    session = answer_all(filled().brought_by_agent(agent).screened(CLEAR), book)
    assert weighty(told(session, book, policy)) == [(AcceptanceReason.AGENT_IS_SENDER, None)]


def test_an_agent_of_another_number_is_one(book: Rulebook, policy: DocumentPolicy) -> None:
    agent = replace(DOCUMENT, name="李四", number="410105196201010012", born_on=None, valid_until=None, long_term=True)
    session = answer_all(filled().brought_by_agent(agent).screened(CLEAR), book)
    assert told(session, book, policy).outcome is Outcome.ACCEPT


def test_a_chinese_passport_counts_once_somebody_has_seen_that_its_holder_lives_abroad(book: Rulebook, policy: DocumentPolicy) -> None:
    session = answer_all(filled().identified(PASSPORT).screened(CLEAR), book, but=("settled-abroad",))
    assert session.missing(book, policy, TODAY) == ("settled-abroad",)
    assert told(answer_all(session, book), book, policy).outcome is Outcome.ACCEPT
    agent = replace(PASSPORT, name="李四")
    brought = answer_all(filled().brought_by_agent(agent).screened(CLEAR), book, but=("settled-abroad",))
    assert brought.missing(book, policy, TODAY) == ("settled-abroad",)


def test_an_unknown_age_is_asked_for(book: Rulebook, policy: DocumentPolicy) -> None:
    unknown = replace(PASSPORT, type=DocumentType.FOREIGN_PASSPORT, nationality="UTO", born_on=None)
    assert weighty(told(answer_all(filled().identified(unknown).screened(CLEAR), book), book, policy)) == [("document-birth-unknown", None)]
    child = replace(unknown, born_on=date(2014, 1, 1))
    assert "guardian-consents" in filled().identified(child).screened(CLEAR).missing(book, policy, TODAY)


# The sender's phone -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("phone", ["无", "abc", "-", "12345", "138****1234", "不方便留"])
def test_a_phone_that_reaches_nobody_is_not_given(book: Rulebook, policy: DocumentPolicy, phone: str) -> None:
    session = answer_all(filled().sender_known(phone).screened(CLEAR), book)
    assert session.missing(book, policy, TODAY) == (Lack.SENDER_PHONE,)
    assert told(session, book, policy).outcome is Outcome.INCOMPLETE


@pytest.mark.parametrize("phone", ["13800001234", "+86 138-0000-1234", "0371-60001234", "400-600-1234", "+852 6123 4567"])
def test_a_known_phone_is_enough(book: Rulebook, policy: DocumentPolicy, phone: str) -> None:
    session = answer_all(filled().sender_known(phone).screened(CLEAR), book)
    assert told(session, book, policy).outcome is Outcome.ACCEPT


def test_a_privacy_number_with_its_extension_is_noted_only(book: Rulebook, policy: DocumentPolicy) -> None:
    session = answer_all(filled().sender_known("17000001234转5678").screened(CLEAR), book)
    assert told(session, book, policy).outcome is Outcome.ACCEPT
    assert "phone-virtual" in codes(session, book, policy, Consequence.NOTE)


def test_a_number_of_unknown_form_is_for_a_supervisor(book: Rulebook, policy: DocumentPolicy) -> None:
    session = answer_all(filled().sender_known("+1 202 555 0100").screened(CLEAR), book)
    assert weighty(told(session, book, policy)) == [(AcceptanceReason.SENDER_PHONE_UNFAMILIAR, None)]
    settled = session.settled(Settlement(AcceptanceReason.SENDER_PHONE_UNFAMILIAR, "S01", "当面拨通（样本）"), book, policy, TODAY)
    assert told(settled, book, policy).outcome is Outcome.ACCEPT


@given(st.text(max_size=30))
def test_any_text_reaches_somebody_or_nobody(text: str) -> None:
    reach = reach_of(text)
    assert reach in Reach
    assert reach is Reach.NONE or any(sign.isdigit() for sign in text)


# Declared names ---------------------------------------------------------------------------------------------------------------------------


def test_a_gun_declared_as_clothing_is_for_a_supervisor(book: Rulebook, policy: DocumentPolicy) -> None:
    session = answer_all(filled().declared([DeclaredItem(name="仿真枪", category="clothing")]), book)
    verdict = told(session, book, policy)
    assert weighty(verdict) == [(InspectionReason.DECLARED_EXAMPLE, None)]
    assert verdict.reasons[0].facts["category"] == "01"


def test_a_name_that_is_only_near_is_noted(book: Rulebook, policy: DocumentPolicy) -> None:
    session = answer_all(filled().declared([DeclaredItem(name="活性炭口罩", category="other")]), book)
    assert told(session, book, policy).outcome is Outcome.ACCEPT
    assert InspectionReason.DECLARED_NEAR_EXAMPLE in codes(session, book, policy, Consequence.NOTE)


# Words ------------------------------------------------------------------------------------------------------------------------------------

WORDING: dict[str, dict[str, str]] = json.loads(read_resource("wording/acceptance.json"))


@pytest.mark.parametrize("lack", Lack)
def test_what_is_missing_is_named_to_fit_into_a_list(lack: Lack) -> None:
    zh, en = WORDING[lack]["zh"], WORDING[lack]["en"]
    assert not set(zh) & set("。：，；")
    assert len(zh) <= 15
    assert not set(en) & set(".:;")


def test_what_was_settled_is_named_in_words(book: Rulebook, policy: DocumentPolicy) -> None:
    failed = answer_all(filled().waybill_scanned(replace(WAYBILL, valid=False), "张三丰"), book)
    settled = failed.settled(Settlement(AcceptanceReason.WAYBILL_CHECK_FAILED, "S01", "样本"), book, policy, TODAY)
    reason = next(reason for reason in told(settled, book, policy).reasons if reason.code == AcceptanceReason.SETTLED)
    said = WORDING[reason.code]["zh"].format(**reason.facts)
    assert said == "需复核事项（运单号）已由主管 S01 核定，理由已记录。"
    assert AcceptanceReason.WAYBILL_CHECK_FAILED not in said


def test_a_parcel_in_order_stays_in_order(book: Rulebook, policy: DocumentPolicy) -> None:
    assert told(complete(book), book, policy).reasons == ()
