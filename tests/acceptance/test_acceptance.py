"""The session at the window. Every person, number, firm and list here is made up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.acceptance import (
    AcceptanceCode,
    AcceptanceReason,
    Contact,
    Counter,
    EarlierAcceptance,
    FailedCheck,
    Lack,
    ResolutionKind,
    Rulebook,
    Session,
    Settlement,
)
from courier_check.acceptance.judgement import settleable
from courier_check.acceptance.session import MOST_PHOTOS
from courier_check.errors import UserError
from courier_check.identity.documents import Source
from courier_check.identity.policy import DocumentPolicy
from courier_check.inspection.findings import Answer, ContentsFinding, Finding, FindingKind
from courier_check.inspection.verdict import Outcome
from courier_check.parcel.contents import DeclaredItem
from courier_check.parcel.waybills import CodeKind
from courier_check.screening.entries import Action
from courier_check.terms import Consequence, MailKind, Reason
from support.parcels import (
    BOOKS,
    CLEAR,
    DOCUMENT,
    EXPIRED,
    STEPS,
    TODAY,
    WAYBILL,
    answer_all,
    complete,
    filled,
    hit,
    resolution,
    screening,
    told,
    weighty,
)

# The ordinary parcel ----------------------------------------------------------------------------------------------------------------------


def test_a_parcel_in_order_is_accepted(book: Rulebook, policy: DocumentPolicy) -> None:
    session = complete(book)
    verdict = told(session, book, policy)
    assert (verdict.outcome, weighty(verdict), verdict.missing) == (Outcome.ACCEPT, [], ())


@given(order=st.permutations(STEPS))
def test_scans_may_come_in_any_order(book: Rulebook, policy: DocumentPolicy, order: Sequence[Callable[[Session], Session]]) -> None:
    session = Session.started("s1", MailKind.PARCEL)
    for step in order:
        session = step(session)
    session = answer_all(session.screened(CLEAR), book)
    assert told(session, book, policy).outcome is Outcome.ACCEPT


def test_an_empty_session_names_everything_it_lacks(book: Rulebook, policy: DocumentPolicy) -> None:
    session = Session.started("s1", MailKind.PARCEL)
    missing = session.missing(book, policy, TODAY)
    assert {Lack.DOCUMENT, Lack.WAYBILL, Lack.SENDER_PHONE, Lack.ADDRESSEE, Lack.CONTENTS, "screened", "opened-in-presence"} <= set(missing)
    assert told(session, book, policy).outcome is Outcome.INCOMPLETE


# Undo, hold, resume -----------------------------------------------------------------------------------------------------------------------


def test_every_step_can_be_undone_back_to_the_start(book: Rulebook) -> None:
    session = complete(book)
    while session.history:
        before = session.history[-1]
        screened, session = session.draft.screening, session.undo()
        assert session.draft == replace(before, screening=session.draft.screening)
        assert session.draft.screening == (
            screened if before.sender.phone else None
        )  # no step of the clerk: kept while people are the same
    assert session == Session.started("s1", MailKind.PARCEL)
    with pytest.raises(UserError, match="nothing-to-undo"):
        session.undo()


def test_a_step_leaves_the_session_before_it_as_it_was() -> None:
    session = filled()
    later = session.identified(EXPIRED)
    assert session.draft.document == DOCUMENT
    assert later.draft.document == EXPIRED


def test_parcels_are_held_and_resumed() -> None:
    first, second = Session.started("s1", MailKind.PARCEL), Session.started("s2", MailKind.LETTER)
    counter = Counter().start(first).hold().start(second)
    assert counter.held == (first,)
    swapped = counter.resume("s1")
    assert (swapped.current, swapped.held) == (first, (second,))
    changed = swapped.put(first.identified(DOCUMENT))
    assert changed.current is not None
    assert changed.current.draft.document == DOCUMENT
    assert changed.finish().resume("s2") == Counter(second)


def test_a_counter_never_loses_or_doubles_a_parcel() -> None:
    first, second = Session.started("s1", MailKind.PARCEL), Session.started("s2", MailKind.PARCEL)
    busy = Counter().start(first)
    for act in (
        lambda: busy.start(second),
        lambda: busy.hold().start(first),
        lambda: busy.put(second),
        lambda: busy.resume("s9"),
        lambda: Counter().hold(),
        lambda: Counter().finish(),
    ):
        with pytest.raises(UserError):
            act()


def test_the_next_parcel_of_the_same_sender_is_checked_anew_and_its_sender_once_a_visit(book: Rulebook, policy: DocumentPolicy) -> None:
    session = complete(book).again("s2")
    assert (session.draft.document, session.draft.sender.phone) == (DOCUMENT, "13800001234")
    missing = session.missing(book, policy, TODAY)
    assert {"screened", "opened-in-presence", Lack.WAYBILL, Lack.CONTENTS} <= set(missing)
    assert {"original-document", "person-matches"}.isdisjoint(missing)
    other = session.identified(replace(DOCUMENT, source=Source.TYPED)).missing(book, policy, TODAY)
    assert {"original-document", "person-matches"} <= set(other)


@pytest.mark.parametrize("answer", [Answer.NO, Answer.DOUBT])
def test_only_a_yes_about_the_person_stands_for_the_next_parcel(book: Rulebook, policy: DocumentPolicy, answer: Answer) -> None:
    session = complete(book).answered(Finding("person-matches", answer), book, TODAY)
    assert "person-matches" in session.again("s2").missing(book, policy, TODAY)


# What changes voids what depended on it ---------------------------------------------------------------------------------------------------


def test_another_document_voids_its_answers_and_its_screening(book: Rulebook, policy: DocumentPolicy) -> None:
    session = complete(book).identified(replace(DOCUMENT, source=Source.TYPED))
    missing = session.missing(book, policy, TODAY)
    assert {"original-document", "person-matches", "screened"} <= set(missing)
    assert "opened-in-presence" not in missing


def test_other_contents_void_the_answers_about_contents(book: Rulebook, policy: DocumentPolicy) -> None:
    session = complete(book).declared([BOOKS, BOOKS])
    missing = session.missing(book, policy, TODAY)
    assert {"contents-match", "nothing-prohibited"} <= set(missing)
    assert "person-matches" not in missing


@pytest.mark.parametrize(
    ("change", "stands"),
    [
        (lambda session: session.waybill_scanned(replace(WAYBILL, text="SF1010000000072"), "张三丰"), False),
        (lambda session: session.identified(replace(DOCUMENT, name="李四")), False),
        (lambda session: session.again("s2"), False),
        (lambda session: session.declared([replace(BOOKS, name="新书")]), True),
        (lambda session: session.sender_known("13900009999"), True),
    ],
)
def test_what_was_seen_on_a_label_is_true_of_this_label_and_sender(
    book: Rulebook, change: Callable[[Session], Session], stands: bool
) -> None:
    """It is asked with the inspection, of which nothing else depends on the waybill."""
    before, after = complete(book), change(complete(book))
    assert "number-not-on-label" in {one.finding.item for one in before.draft.answers}
    assert ("number-not-on-label" in {one.finding.item for one in after.draft.answers}) is stands


def test_another_phone_voids_the_screening(book: Rulebook, policy: DocumentPolicy) -> None:
    assert complete(book).sender_known("13700000000").missing(book, policy, TODAY) == ("screened",)


def test_another_waybill_is_looked_up_anew(book: Rulebook, policy: DocumentPolicy) -> None:
    earlier = EarlierAcceptance("410105-01", "2", datetime(2026, 11, 23, 9, 12, tzinfo=UTC))
    session = filled().already_accepted(earlier).waybill_scanned(replace(WAYBILL, text="SF1000000000022"), "张三丰")
    assert told(answer_all(session, book), book, policy).outcome is Outcome.ACCEPT


# Kinds of mail ----------------------------------------------------------------------------------------------------------------------------


def test_a_letter_needs_no_document_and_no_inspection(book: Rulebook, policy: DocumentPolicy) -> None:
    session = answer_all(Session.started("s1", MailKind.LETTER).waybill_scanned(WAYBILL), book)
    assert told(session, book, policy).outcome is Outcome.ACCEPT
    assert [answered.finding.item for answered in session.draft.answers] == ["letter-holds-no-goods"]


def test_mailbox_letters_are_not_registered_but_mailbox_parcels_are(book: Rulebook, policy: DocumentPolicy) -> None:
    letter = Session.started("s1", MailKind.INSPECTION_MAILBOX, mailbox_letter=True).waybill_scanned(WAYBILL)
    assert told(answer_all(letter, book), book, policy).outcome is Outcome.ACCEPT
    parcel = Session.started("s2", MailKind.INSPECTION_MAILBOX).waybill_scanned(WAYBILL)
    assert Lack.DOCUMENT in parcel.missing(book, policy, TODAY)
    assert "opened-in-presence" in parcel.missing(book, policy, TODAY)


def test_agreement_mail_needs_its_client_and_is_inspected(book: Rulebook, policy: DocumentPolicy) -> None:
    session = Session.started("s1", MailKind.AGREEMENT)
    for step in STEPS[1:]:
        session = step(session)
    session = answer_all(session.screened(CLEAR), book, but=("opened-in-presence",))
    assert set(session.missing(book, policy, TODAY)) == {Lack.CLIENT, "opened-in-presence"}
    session = answer_all(session.client_reviewed("client-1"), book)
    assert told(session, book, policy).outcome is Outcome.ACCEPT
    lapsed = session.client_reviewed("client-1", (Reason("agreement-expired", Consequence.REFUSE, "R13"),))
    assert told(lapsed, book, policy).outcome is Outcome.REFUSE


def test_an_agent_shows_a_document_as_well(book: Rulebook, policy: DocumentPolicy) -> None:
    session = answer_all(filled().brought_by_agent().screened(CLEAR), book)
    assert session.missing(book, policy, TODAY) == (Lack.AGENT_DOCUMENT,)
    agent = replace(EXPIRED, name="李四", number="410105196201010012", born_on=None)
    session = answer_all(session.brought_by_agent(agent).screened(CLEAR), book)
    assert weighty(told(session, book, policy)) == [("document-expired", "R02")]


# Reasons ----------------------------------------------------------------------------------------------------------------------------------


def test_a_name_that_differs_is_refused_and_a_masked_one_must_be_confirmed(book: Rulebook, policy: DocumentPolicy) -> None:
    differs = answer_all(filled().waybill_scanned(WAYBILL, "王小明"), book)
    assert weighty(told(differs, book, policy)) == [("name-different", "R04")]
    masked = filled().waybill_scanned(WAYBILL, "张**")
    assert told(answer_all(masked, book, but=("privacy-label-confirmed",)), book, policy).outcome is Outcome.INCOMPLETE
    assert told(answer_all(masked, book), book, policy).outcome is Outcome.ACCEPT


def test_a_name_that_was_not_read_is_compared_by_eye(book: Rulebook, policy: DocumentPolicy) -> None:
    unread = filled().waybill_scanned(WAYBILL)
    assert told(answer_all(unread, book, but=("name-equals-label",)), book, policy).outcome is Outcome.REFER
    assert told(answer_all(unread, book), book, policy).outcome is Outcome.ACCEPT


def test_a_waybill_accepted_before_is_refused_with_where_and_when(book: Rulebook, policy: DocumentPolicy) -> None:
    earlier = EarlierAcceptance("金水网点（样本）", "2 号窗口", datetime(2026, 11, 23, 9, 12, tzinfo=UTC))
    verdict = told(complete(book).already_accepted(earlier), book, policy)
    assert weighty(verdict) == [(AcceptanceReason.ALREADY_ACCEPTED, "R14")]
    assert dict(verdict.reasons[0].facts) == {"outlet": "金水网点（样本）", "window": "2 号窗口", "accepted_at": "2026-11-23 09:12"}


def test_a_waybill_that_failed_its_security_check_waits_for_a_supervisor(book: Rulebook, policy: DocumentPolicy) -> None:
    failed = FailedCheck(datetime(2026, 11, 23, 9, 12, tzinfo=UTC), 17)
    session = complete(book).security_looked_up(failed)
    verdict = told(session, book, policy)
    assert (verdict.outcome, weighty(verdict)) == (Outcome.REFER, [(AcceptanceReason.FAILED_CHECK, None)])
    assert dict(verdict.reasons[0].facts) == {"at": "2026-11-23 09:12", "seq": 17}
    assert AcceptanceReason.FAILED_CHECK not in settleable(session.draft, book, policy, TODAY)
    settled = replace(session.draft, settlements=(Settlement(AcceptanceReason.FAILED_CHECK, "S01", "看过了"),))
    assert told(replace(session, draft=settled), book, policy).outcome is Outcome.REFER
    with pytest.raises(UserError):
        session.settled(Settlement(AcceptanceReason.FAILED_CHECK, "S01", "看过了"), book, policy, TODAY)
    assert told(session.security_looked_up(None), book, policy).outcome is Outcome.ACCEPT
    other = session.waybill_scanned(replace(WAYBILL, text="SF1000000000022"), "张三丰")
    assert told(answer_all(other, book), book, policy).outcome is Outcome.ACCEPT


def test_a_failed_check_digit_refers_and_an_unsettled_carrier_is_missing(book: Rulebook, policy: DocumentPolicy) -> None:
    failed = answer_all(filled().waybill_scanned(replace(WAYBILL, valid=False), "张三丰"), book)
    assert weighty(told(failed, book, policy)) == [(AcceptanceReason.WAYBILL_CHECK_FAILED, None)]
    either = filled().waybill_scanned(replace(WAYBILL, carriers=("sto", "yunda"), carrier=None), "张三丰")
    either = answer_all(either, book)
    assert either.missing(book, policy, TODAY) == (Lack.CARRIER,)
    assert told(either.carrier_chosen("yunda"), book, policy).outcome is Outcome.ACCEPT


def test_tobacco_is_not_accepted_before_the_days_parcels_are_counted(book: Rulebook, policy: DocumentPolicy) -> None:
    cigarettes = DeclaredItem(name="卷烟", category="tobacco", cigarette_sticks=400)
    session = answer_all(filled().declared([cigarettes]), book).photographed("photo-contents", "ab" * 32)
    session = session.photographed("photo-sealed", "cd" * 32)
    assert session.missing(book, policy, TODAY) == (Lack.TOBACCO_COUNT,)
    assert told(session.tobacco_counted(0), book, policy).outcome is Outcome.ACCEPT
    assert weighty(told(session.tobacco_counted(1), book, policy)) == [("second-tobacco-parcel", "R08")]


def test_a_picture_that_is_due_may_be_spared_for_a_listed_reason(book: Rulebook, policy: DocumentPolicy) -> None:
    session = answer_all(filled().declared([DeclaredItem(name="药品", category="medicine")]), book)
    assert session.missing(book, policy, TODAY) == ("photo-contents", "photo-sealed")
    session = session.photographed("photo-sealed", "cd" * 32)
    assert told(session.photo_exempted("photo-contents", "private-article", book), book, policy).outcome is Outcome.ACCEPT
    with pytest.raises(UserError, match="unknown-exemption"):
        session.photo_exempted("photo-contents", "in-a-hurry", book)


def test_a_reason_that_says_little_is_explained(book: Rulebook, policy: DocumentPolicy) -> None:
    session = answer_all(filled().declared([DeclaredItem(name="药品", category="medicine")]), book)
    with pytest.raises(UserError, match="exemption-note-needed"):
        session.photo_exempted("photo-contents", "equipment-failed", book, "  ")
    spared = session.photo_exempted("photo-contents", "equipment-failed", book, "摄像头坏了")
    assert spared.missing(book, policy, TODAY) == ("photo-sealed",)
    again = spared.photo_exempted("photo-contents", "private-article", book)
    assert [(one.reason, one.note) for one in again.draft.exemptions] == [("private-article", "")]
    assert "摄像头" not in repr(spared.draft.exemptions)


def test_a_photo_that_is_not_good_enough_meets_no_rule(book: Rulebook, policy: DocumentPolicy) -> None:
    session = answer_all(filled().declared([DeclaredItem(name="药品", category="medicine")]), book)
    session = session.photographed("photo-sealed", "cd" * 32).photographed("photo-contents", "ab" * 32, ["photo-dark"])
    assert session.missing(book, policy, TODAY) == ("photo-contents",)
    assert session.photographed("photo-contents", "ef" * 32).missing(book, policy, TODAY) == ()


def test_a_parcel_has_only_so_many_photos() -> None:
    session = filled()
    for number in range(MOST_PHOTOS):
        session = session.photographed("photo-contents", f"{number:064x}")
    with pytest.raises(UserError, match="too-many-photos"):
        session.photographed("photo-contents", "ab" * 32)


def test_the_clerk_may_refuse_with_a_code_and_other_needs_a_note(book: Rulebook, policy: DocumentPolicy) -> None:
    verdict = told(Session.started("s1", MailKind.PARCEL).refused("R01", book), book, policy)
    assert (verdict.outcome, weighty(verdict)) == (Outcome.REFUSE, [(AcceptanceReason.CLERK_REFUSES, "R01")])
    with pytest.raises(UserError, match="note-needed"):
        Session.started("s1", MailKind.PARCEL).refused("R99", book)


def test_prohibited_goods_refuse_with_what_to_do(book: Rulebook, policy: DocumentPolicy) -> None:
    session = complete(book).found(ContentsFinding(FindingKind.PROHIBITED, "鞭炮", "03"), book)
    verdict = told(session, book, policy)
    assert (verdict.outcome, [disposition.rule.id for disposition in verdict.dispositions]) == (Outcome.REFUSE, ["evacuate-and-report"])


# Steps that can't be taken ----------------------------------------------------------------------------------------------------------------


def blank(session: Session) -> Session:
    """The same parcel before anything was done."""
    return Session.started(session.session_id, session.draft.mail_kind)


@pytest.mark.parametrize(
    ("step", "code"),
    [
        (lambda s: s.waybill_scanned(replace(WAYBILL, kind=CodeKind.GOODS)), AcceptanceCode.NOT_A_WAYBILL),
        (lambda s: blank(s).carrier_chosen("sf"), AcceptanceCode.NO_WAYBILL),
        (lambda s: blank(s).already_accepted(None), AcceptanceCode.NO_WAYBILL),
        (lambda s: s.carrier_chosen("pigeon"), AcceptanceCode.CARRIER_NOT_POSSIBLE),
        (lambda s: s.sender_known(" "), AcceptanceCode.PHONE_EMPTY),
        (lambda s: s.addressed(Contact(" ")), AcceptanceCode.ADDRESSEE_EMPTY),
        (lambda s: s.declared([]), AcceptanceCode.CONTENTS_EMPTY),
        (lambda s: s.tobacco_counted(-1), AcceptanceCode.COUNT_BAD),
        (lambda s: s.photographed("photo-contents", "xyz"), AcceptanceCode.BAD_PHOTO),
        (lambda s: s.client_reviewed("client-1"), AcceptanceCode.CLIENT_NOT_EXPECTED),
        (lambda s: blank(s).resolved(resolution(ResolutionKind.SAME)), AcceptanceCode.NOT_SCREENED_YET),
        (lambda s: s.resolved(resolution(ResolutionKind.SAME)), AcceptanceCode.NO_SUCH_HIT),
        (
            lambda s: s.screened(screening(hit(Action.REVIEW))).resolved(replace(resolution(ResolutionKind.SAME), reason=" ")),
            AcceptanceCode.REASON_EMPTY,
        ),
    ],
)
def test_a_step_that_can_not_be_taken_says_why(step: Callable[[Session], Session], code: AcceptanceCode) -> None:
    session = filled()
    with pytest.raises(UserError) as caught:
        step(session)
    assert caught.value.code is code
    assert session == filled()


def test_no_repr_shows_a_person(book: Rulebook) -> None:
    shown = repr(complete(book))
    for private in ("张三丰", "41010519900307123X", "13800001234", "李四", "13900005678", "某路"):
        assert private not in shown


def test_another_kind_of_mail_is_asked_its_own_questions(book: Rulebook, policy: DocumentPolicy) -> None:
    walk_in = complete(book).kind_changed(MailKind.AGREEMENT)
    assert walk_in.draft.answers == ()
    missing = walk_in.missing(book, policy, TODAY)
    assert {Lack.CLIENT, "opened-in-presence"} <= set(missing)
    assert "original-document" not in missing
