"""Several sources of one document, guardians, organisations, orders behind privacy labels, the notice. Everyone here is made up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import msgspec
import pytest

from courier_check.acceptance import AcceptanceCode, AcceptanceReason, Lack, Rulebook, Session, Settlement
from courier_check.acceptance.judgement import notice_is_due
from courier_check.errors import UserError
from courier_check.identity.documents import DocumentType, IdentityDocument, Source
from courier_check.identity.organisations import Office, Organisation
from courier_check.identity.policy import DocumentPolicy
from courier_check.identity.readings import Doubt, Field, FieldDoubt, SourceReading
from courier_check.inspection.findings import Answer, Finding
from courier_check.inspection.verdict import Outcome
from courier_check.parcel.contents import ParcelSize
from courier_check.terms import MailKind
from support.parcels import CLEAR, DOCUMENT, TODAY, WAYBILL, answer_all, complete, filled, told, weighty

PICTURE = SourceReading(Source.PICTURE, replace(DOCUMENT, source=Source.PICTURE))
CHIP = SourceReading(Source.CHIP, DOCUMENT)
UNSURE = replace(PICTURE, doubts=(FieldDoubt(Field.NUMBER, Doubt.LOW_CONFIDENCE),))
OTHER_NAME = SourceReading(Source.TYPED, replace(DOCUMENT, name="张三峰", source=Source.TYPED))
CONFIRMED = Finding("doubtful-fields-confirmed", Answer.YES)
CHILD = IdentityDocument(
    type=DocumentType.RESIDENT_ID,
    name="张小样",
    number="410105201503071236",
    born_on=date(2015, 3, 7),
    valid_from=date(2023, 1, 1),
    valid_until=date(2028, 1, 1),
)
OTHER = replace(DOCUMENT, name="李样例", number="410105199003071248")
FIRM = Organisation("样例商贸有限公司", "91410100MA44TUW1X4", "张三丰", Office.LEGAL_REPRESENTATIVE)


def read(*readings: SourceReading) -> Session:
    session = Session.started("s1", MailKind.PARCEL)
    for reading in readings:
        session = session.read_from(reading)
    rest = filled().draft
    session = session.sender_known(rest.sender.phone).waybill_scanned(WAYBILL, "张三丰").addressed(rest.addressee)
    return session.declared(rest.items, rest.size).screened(CLEAR)


# Sources ----------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", Source)
def test_a_person_sees_the_original_wherever_no_chip_has_proved_it(book: Rulebook, policy: DocumentPolicy, source: Source) -> None:
    """A copy, a screenshot, a photo has no chip that answers the reader; everything else may be one. Who it is is asked of everybody."""
    session = read(SourceReading(source, replace(DOCUMENT, source=source)))
    missing = session.missing(book, policy, TODAY)
    assert "person-matches" in missing
    assert ("original-document" in missing) is (source is not Source.CHIP)


def test_the_chip_of_one_says_nothing_of_the_other_s_original(book: Rulebook, policy: DocumentPolicy) -> None:
    agent = replace(OTHER, source=Source.PICTURE)
    session = read(CHIP).brought_by_agent(agent)
    assert "original-document" in session.missing(book, policy, TODAY)


def test_a_card_on_the_reader_after_a_copy_that_was_refused_is_the_original(book: Rulebook, policy: DocumentPolicy) -> None:
    """Taken from the reader again, the refusal of the copy stands."""
    copy = answer_all(read(PICTURE), book).answered(Finding("original-document", Answer.NO), book, TODAY)
    assert told(copy, book, policy).outcome is Outcome.REFUSE
    shown = copy.read_from(CHIP)
    assert told(shown, book, policy).outcome is Outcome.ACCEPT
    assert told(shown.undo(), book, policy).outcome is Outcome.REFUSE


def test_a_number_in_doubt_on_the_chip_leaves_the_original_to_a_person(book: Rulebook, policy: DocumentPolicy) -> None:
    """The document is then the picture's."""
    doubted = replace(CHIP, doubts=(FieldDoubt(Field.NUMBER, Doubt.CHECK_DIGIT),))
    assert "original-document" in read(doubted, PICTURE).missing(book, policy, TODAY)


def test_sources_that_agree_are_accepted_under_the_best(book: Rulebook, policy: DocumentPolicy) -> None:
    session = answer_all(read(PICTURE, CHIP), book)
    assert session.draft.document == DOCUMENT
    assert told(session, book, policy).outcome is Outcome.ACCEPT


def test_a_difference_refers_until_a_new_reading_removes_it(book: Rulebook, policy: DocumentPolicy) -> None:
    session = answer_all(read(PICTURE, OTHER_NAME), book)
    assert weighty(told(session, book, policy)) == [("reading-different-name", None)]
    again = answer_all(session.read_from(replace(OTHER_NAME, document=replace(DOCUMENT, source=Source.TYPED))).screened(CLEAR), book)
    assert told(again, book, policy).outcome is Outcome.ACCEPT


def test_a_supervisor_settles_one_difference_and_no_other(book: Rulebook, policy: DocumentPolicy) -> None:
    other = replace(OTHER_NAME, document=replace(OTHER_NAME.document, valid_until=date(2041, 1, 1)))
    session = answer_all(read(PICTURE, other), book)
    settled = session.settled(Settlement("reading-different-name", "S01", "看过原件"), book, policy, TODAY)
    assert weighty(told(settled, book, policy)) == [("reading-different-valid-until", None)]
    reasons = {reason.code: reason for reason in told(settled, book, policy).reasons}
    assert reasons[AcceptanceReason.SETTLED].facts["about_zh"] == "证件各来源的比对"


def test_a_new_reading_voids_what_was_settled(book: Rulebook, policy: DocumentPolicy) -> None:
    session = answer_all(read(PICTURE, OTHER_NAME), book).settled(
        Settlement("reading-different-name", "S01", "看过原件"), book, policy, TODAY
    )
    assert told(session, book, policy).outcome is Outcome.ACCEPT
    assert weighty(told(session.read_from(OTHER_NAME), book, policy)) == [("reading-different-name", None)]


def test_a_doubtful_number_is_confirmed_by_the_clerk(book: Rulebook, policy: DocumentPolicy) -> None:
    session = answer_all(read(UNSURE), book, but=("doubtful-fields-confirmed",))
    verdict = told(session, book, policy)
    assert weighty(verdict) == [("reading-doubtful", None)]
    assert verdict.missing == ("doubtful-fields-confirmed",)
    assert told(session.answered(CONFIRMED, book, TODAY), book, policy).outcome is Outcome.ACCEPT


def test_a_doubtful_number_is_confirmed_by_a_second_source(book: Rulebook, policy: DocumentPolicy) -> None:
    session = read(UNSURE, SourceReading(Source.TYPED, replace(DOCUMENT, source=Source.TYPED)))
    assert told(answer_all(session, book), book, policy).outcome is Outcome.ACCEPT


def test_a_doubt_that_comes_later_is_asked_about_anew(book: Rulebook, policy: DocumentPolicy) -> None:
    session = answer_all(read(UNSURE), book)
    more = replace(UNSURE, doubts=(*UNSURE.doubts, FieldDoubt(Field.NAME, Doubt.LOW_CONFIDENCE)))
    assert "doubtful-fields-confirmed" in told(session.read_from(more), book, policy).missing


def test_what_was_confirmed_of_one_date_says_nothing_of_another(book: Rulebook, policy: DocumentPolicy) -> None:
    unsure = replace(PICTURE, doubts=(FieldDoubt(Field.VALID_UNTIL, Doubt.LOW_CONFIDENCE),))
    session = answer_all(read(unsure), book)
    assert told(session, book, policy).outcome is Outcome.ACCEPT
    again = session.read_from(replace(unsure, document=replace(unsure.document, valid_until=date(2035, 1, 1))))
    assert "doubtful-fields-confirmed" in told(again, book, policy).missing
    assert session.read_from(unsure).draft.answers == session.draft.answers, "the same reading leaves nothing to look at again"


@pytest.mark.parametrize("missing", ["name", "number"])
def test_nobody_s_word_stands_for_a_name_or_a_number(book: Rulebook, policy: DocumentPolicy, missing: str) -> None:
    """实名收寄: without both nothing is registered, whoever settles it."""
    nameless = SourceReading(Source.TYPED, replace(DOCUMENT, source=Source.TYPED, **{missing: None}))
    session = answer_all(read(nameless), book)
    code = f"document-{missing}-missing"
    with pytest.raises(UserError, match=AcceptanceCode.NOTHING_TO_SETTLE.value):
        session.settled(Settlement(code, "S01", "看过原件"), book, policy, TODAY)
    forced = replace(session, draft=replace(session.draft, settlements=(Settlement(code, "S01", "看过原件"),)))
    assert code in [found for found, _ in weighty(told(forced, book, policy))]


def test_a_settlement_ends_with_what_it_was_about(book: Rulebook, policy: DocumentPolicy) -> None:
    odd = Settlement("sender-phone-unfamiliar", "S01", "拨通过")
    session = answer_all(complete(book).sender_known("+1 202 555 0100").screened(CLEAR), book).settled(odd, book, policy, TODAY)
    assert told(session, book, policy).outcome is Outcome.ACCEPT
    assert session.sender_known("+1 202 555 0199").draft.settlements == ()
    assert session.measured(ParcelSize(2000)).draft.settlements == ()


def test_mail_without_real_name_is_not_judged_by_its_sources(book: Rulebook, policy: DocumentPolicy) -> None:
    session = Session.started("s1", MailKind.LETTER).read_from(PICTURE).read_from(OTHER_NAME)
    assert not [code for code, _ in weighty(told(session, book, policy)) if code.startswith("reading-")]


def test_another_source_of_the_same_document_keeps_answers_and_screening(book: Rulebook) -> None:
    session = complete(book).read_from(replace(PICTURE, document=replace(PICTURE.document, valid_until=None)))
    assert session.draft.answers == complete(book).draft.answers
    assert session.draft.screening == CLEAR


def test_another_person_s_reading_voids_answers_and_screening(book: Rulebook) -> None:
    typed = complete(book).identified(replace(DOCUMENT, source=Source.TYPED)).screened(CLEAR)
    session = answer_all(typed, book).read_from(SourceReading(Source.CHIP, replace(DOCUMENT, name="李四")))
    assert session.draft.screening is None
    assert {one.moment.value for one in session.draft.answers} == {"opening", "contents", "sealing"} & {
        one.moment.value for one in complete(book).draft.answers
    }


def test_identifying_begins_anew_and_reading_can_be_undone() -> None:
    session = read(PICTURE, OTHER_NAME)
    assert session.identified(DOCUMENT).draft.readings == (SourceReading(Source.CHIP, DOCUMENT),)
    later = session.read_from(CHIP)
    assert later.undo().draft == session.draft


def test_an_agent_s_sources_are_compared_as_well(book: Rulebook, policy: DocumentPolicy) -> None:
    agent = replace(DOCUMENT, name="李样例", number="410105199003071248", sex=None, source=Source.PICTURE)
    session = read(CHIP).read_from(SourceReading(Source.PICTURE, agent), agent=True)
    session = session.read_from(SourceReading(Source.TYPED, replace(agent, name="李样")), agent=True)
    assert session.draft.document == DOCUMENT
    assert session.draft.with_agent
    assert "reading-different-name" in [code for code, _ in weighty(told(session, book, policy))]


def test_the_card_shown_once_serves_the_next_parcel_of_the_visit(book: Rulebook, policy: DocumentPolicy) -> None:
    first = answer_all(read(PICTURE, CHIP), book).notice_shown("v1")
    again = first.again("s2")
    assert (again.draft.document, again.draft.readings, again.draft.notice) == (DOCUMENT, first.draft.readings, "v1")
    missing = again.missing(book, policy, TODAY)
    assert Lack.DOCUMENT not in missing
    assert {"original-document", "person-matches"}.isdisjoint(missing), "a visit is asked for the person and the original once"


def test_another_person_in_the_same_visit_is_shown_the_notice_too(book: Rulebook) -> None:
    """Nor are the phone, the guardian and the code of whoever was here before theirs."""
    first = answer_all(read(PICTURE, CHIP), book).notice_shown("v1").credential_kept("HTTPS://EXAMPLE.INVALID/1")
    again = first.accompanied_by(SourceReading(Source.TYPED, OTHER)).again("s2")
    assert again.read_from(SourceReading(Source.TYPED, replace(DOCUMENT, source=Source.TYPED))).draft.notice == "v1"
    for other in (again.identified(OTHER), again.read_from(replace(CHIP, document=OTHER))):
        draft = other.draft
        assert (draft.notice, draft.credential_ref, draft.sender.phone) == (None, "", "")
        assert (draft.guardian_document, draft.guardian_readings) == (None, ())
        assert other.undo().draft == again.draft
    called = again.sender_known("13700001111").identified(OTHER)
    assert called.draft.sender.phone == "13700001111", "what was typed since is kept"
    corrected = first.read_from(OTHER_NAME)
    assert corrected.draft.notice == "v1", "a slip at the first parcel is no other person"


# Privacy labels ---------------------------------------------------------------------------------------------------------------------------


def labelled(book: Rulebook, order: str | None = None) -> Session:
    session = complete(book).waybill_scanned(WAYBILL, "张**")
    return answer_all(session.order_known(order) if order else session, book, but=("privacy-label-confirmed",))


def test_a_privacy_label_asks_the_clerk_unless_the_order_has_the_name(book: Rulebook, policy: DocumentPolicy) -> None:
    assert told(labelled(book), book, policy).missing == ("privacy-label-confirmed",)
    verdict = told(labelled(book, "张 三豐".replace("豐", "丰")), book, policy)
    assert (verdict.outcome, [reason.code for reason in verdict.reasons]) == (Outcome.ACCEPT, ["name-confirmed-by-order"])


def test_an_order_of_somebody_else_refuses(book: Rulebook, policy: DocumentPolicy) -> None:
    assert weighty(told(labelled(book, "张四"), book, policy)) == [("name-different", "R04")]


@pytest.mark.parametrize("name", ["张**", "", "***"])
def test_an_order_that_hides_the_name_as_well_tells_nothing(book: Rulebook, name: str) -> None:
    with pytest.raises(UserError, match=AcceptanceCode.NAME_NOT_HIDDEN.value):
        complete(book).order_known(name)


def test_another_label_has_another_order(book: Rulebook) -> None:
    assert labelled(book, "张三丰").waybill_scanned(WAYBILL, "张*").draft.order_sender_name == ""


# Minors -----------------------------------------------------------------------------------------------------------------------------------


def young(book: Rulebook, guardian: IdentityDocument | None = DOCUMENT) -> Session:
    session = filled().identified(CHILD).waybill_scanned(WAYBILL, "张小样").screened(CLEAR)
    return answer_all(session.accompanied_by(SourceReading(guardian.source, guardian)) if guardian else session, book)


def test_under_14_a_guardian_shows_a_document_too(book: Rulebook, policy: DocumentPolicy) -> None:
    assert told(young(book, None), book, policy).missing == (Lack.GUARDIAN_DOCUMENT,)
    assert told(young(book), book, policy).outcome is Outcome.ACCEPT


@pytest.mark.parametrize(
    ("guardian", "code"),
    [
        (replace(DOCUMENT, number="410105201003071256", born_on=None, name="张大样"), "guardian-not-adult"),
        (CHILD, "guardian-is-sender"),
        (replace(DOCUMENT, valid_until=date(2025, 1, 1)), "document-expired"),
    ],
)
def test_a_guardian_is_grown_up_and_somebody_else_with_a_valid_document(
    book: Rulebook, policy: DocumentPolicy, guardian: IdentityDocument, code: str
) -> None:
    assert code in [told_code for told_code, _ in weighty(told(young(book, guardian), book, policy))]


def test_a_birth_date_typed_wrong_makes_no_child_grow_up(book: Rulebook, policy: DocumentPolicy) -> None:
    wrong = replace(CHILD, born_on=date(1990, 3, 7))
    session = answer_all(filled().identified(wrong).waybill_scanned(WAYBILL, "张小样").screened(CLEAR), book)
    settled = session.settled(Settlement("document-birth-conflict", "S01", "看过原件"), book, policy, TODAY)
    assert told(settled, book, policy).missing == (Lack.GUARDIAN_DOCUMENT,)


def test_a_guardian_s_sources_are_compared_as_well(book: Rulebook, policy: DocumentPolicy) -> None:
    guardian = replace(DOCUMENT, source=Source.PICTURE)
    typed = replace(guardian, name="张三峰", source=Source.TYPED)
    session = filled().identified(CHILD).waybill_scanned(WAYBILL, "张小样").screened(CLEAR)
    two = session.accompanied_by(SourceReading(Source.PICTURE, guardian), SourceReading(Source.TYPED, typed))
    assert weighty(told(answer_all(two, book), book, policy)) == [("reading-different-name", None)]
    unsure = SourceReading(Source.PICTURE, guardian, (FieldDoubt(Field.NUMBER, Doubt.LOW_CONFIDENCE),))
    doubtful = answer_all(session.accompanied_by(unsure), book, but=("doubtful-fields-confirmed",))
    assert told(doubtful, book, policy).missing == ("doubtful-fields-confirmed",)


def test_nobody_settles_that_a_child_is_its_own_guardian(book: Rulebook, policy: DocumentPolicy) -> None:
    with pytest.raises(UserError, match=AcceptanceCode.NOTHING_TO_SETTLE.value):
        young(book, CHILD).settled(Settlement("guardian-is-sender", "S01", "看过原件"), book, policy, TODAY)


def test_from_14_on_nobody_comes_along(book: Rulebook, policy: DocumentPolicy) -> None:
    older = replace(CHILD, number=None, born_on=date(2012, 11, 23))
    session = filled().identified(older)
    assert Lack.GUARDIAN_DOCUMENT not in told(session, book, policy).missing
    assert "document-guardian-hint" in [reason.code for reason in told(session, book, policy).reasons]
    letter = Session.started("s1", MailKind.LETTER).identified(CHILD)
    assert Lack.GUARDIAN_DOCUMENT not in told(letter, book, policy).missing


# Organisations ----------------------------------------------------------------------------------------------------------------------------


def firm(book: Rulebook, organisation: Organisation = FIRM, label: str = "样例商贸有限公司", *, copied: bool = True) -> Session:
    session = filled().sent_by(organisation).waybill_scanned(WAYBILL, label).screened(CLEAR)
    return answer_all(session.copy_taken() if copied else session, book)


@pytest.mark.parametrize("label", ["样例商贸有限公司", "张三丰", "样例商贸 有限公司"])
def test_an_organisation_sends_under_its_own_name_or_its_responsible_person_s(book: Rulebook, policy: DocumentPolicy, label: str) -> None:
    verdict = told(firm(book, label=label), book, policy)
    assert (verdict.outcome, weighty(verdict)) == (Outcome.ACCEPT, [])


@pytest.mark.parametrize(
    ("session", "code"),
    [
        (lambda book: firm(book, replace(FIRM, uscc="91410100MA44TUW1X5")), "organisation-code-wrong"),
        (lambda book: firm(book, replace(FIRM, uscc="12345")), "organisation-code-wrong"),
        (lambda book: firm(book, replace(FIRM, responsible="李四")), "organisation-responsible-different"),
        (lambda book: firm(book, copied=False), "organisation-copy-missing"),
        (lambda book: firm(book, label="别家商贸有限公司"), "name-different"),
    ],
)
def test_what_does_not_fit_an_organisation_is_named(book: Rulebook, policy: DocumentPolicy, session: object, code: str) -> None:
    assert callable(session)
    assert [found for found, _ in weighty(told(session(book), book, policy))] == [code]


@pytest.mark.parametrize("field", ["name", "uscc", "responsible"])
def test_an_organisation_without_a_name_a_code_or_a_person_is_none(book: Rulebook, field: str) -> None:
    with pytest.raises(UserError, match=AcceptanceCode.ORGANISATION_INCOMPLETE.value):
        filled().sent_by(replace(FIRM, **{field: "  "}))


def test_nobody_else_s_document_is_copied(book: Rulebook) -> None:
    with pytest.raises(UserError, match=AcceptanceCode.COPY_NOT_ALLOWED.value):
        filled().copy_taken()
    client = Session.started("s1", MailKind.AGREEMENT)
    with pytest.raises(UserError, match=AcceptanceCode.COPY_NOT_ALLOWED.value):
        client.copy_taken()
    assert client.client_reviewed("client-1").copy_taken().draft.copied
    assert firm(book).identified(replace(DOCUMENT, name="李四")).draft.copied is False, "another person's copy would be needed"


def test_an_organisation_stays_a_business_when_its_phone_is_taken(book: Rulebook) -> None:
    assert firm(book).sender_known("13700001111").draft.business_sender


def test_a_client_s_copy_is_none_of_another_kind_of_mail() -> None:
    client = Session.started("s1", MailKind.AGREEMENT).client_reviewed("client-1").copy_taken()
    assert client.kind_changed(MailKind.PARCEL).draft.copied is False
    firm_client = client.sent_by(FIRM).copy_taken()
    assert firm_client.kind_changed(MailKind.PARCEL).draft.copied, "an organisation's is asked for as well"


def test_an_organisation_shows_nothing_in_a_repr() -> None:
    shown = repr(filled().sent_by(FIRM))
    assert [secret for secret in ("样例商贸", "91410100MA44TUW1X4") if secret in shown] == []


# The notice -------------------------------------------------------------------------------------------------------------------------------


def test_the_notice_is_due_once_a_visit_before_a_document_is_read(policy: DocumentPolicy) -> None:
    session = Session.started("s1", MailKind.PARCEL)
    assert notice_is_due(session.draft, policy)
    assert not notice_is_due(session.notice_shown("v1").draft, policy)
    assert not notice_is_due(session.notice_shown("v1").again("s2").draft, policy)
    assert not notice_is_due(Session.started("s1", MailKind.LETTER).draft, policy)


def test_an_outlet_may_insist_on_it(book: Rulebook, policy: DocumentPolicy) -> None:
    strict = replace(policy, notice=msgspec.structs.replace(policy.notice, required=True))
    assert told(complete(book), book, strict).missing == (Lack.NOTICE,)
    assert told(complete(book).notice_shown("v1"), book, strict).outcome is Outcome.ACCEPT
    assert told(complete(book), book, policy).outcome is Outcome.ACCEPT
