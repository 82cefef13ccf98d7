"""退回一步: one key takes back what the clerk did last; what the station looked up is no step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from courier_check.acceptance import Contact, Draft, EarlierAcceptance, FailedCheck, ResolutionKind, Rulebook, Session, Settlement
from courier_check.identity.policy import DocumentPolicy
from courier_check.parcel.contents import DeclaredItem, ParcelSize
from courier_check.screening.entries import Action
from courier_check.screening.match import Level, Screening
from courier_check.terms import MailKind
from support.parcels import BOOKS, CLEAR, DOCUMENT, TODAY, WAYBILL, complete, filled, hit, resolution, screening

OTHER_DOCUMENT = replace(DOCUMENT, name="李样例", number="410105199003071248")
OTHER_WAYBILL = replace(WAYBILL, text="SF1000000000022")
EARLIER = EarlierAcceptance("样本网点", "1", datetime(2026, 11, 22, tzinfo=UTC))


def screened_facts(draft: Draft) -> str:
    """A word for the people a screening is about."""
    people = [draft.document, draft.agent_document] if draft.with_agent else [draft.document]
    return "/".join([*(person.number if person else "" for person in people), draft.sender.phone, draft.sender.address])


def screening_of(draft: Draft, version: int) -> Screening:
    """What the lists say of a draft's people: a hit that names them, so that a test sees whom a screening was about."""
    return replace(screening(hit(Action.REVIEW, screened_facts(draft))), lists=(("practice", version),))


CLERK: Sequence[Callable[[Session], Session]] = (
    lambda s: s.identified(DOCUMENT),
    lambda s: s.identified(OTHER_DOCUMENT),
    lambda s: s.brought_by_agent(),
    lambda s: s.brought_by_agent(OTHER_DOCUMENT),
    lambda s: s.sender_known("13800001234", "郑州市某路 1 号"),
    lambda s: s.sender_known("13800005678"),
    lambda s: s.waybill_scanned(WAYBILL, "张三丰"),
    lambda s: s.waybill_scanned(OTHER_WAYBILL),
    lambda s: s.addressed(Contact("李四", "13900005678", "某市某路 2 号")),
    lambda s: s.declared([BOOKS], ParcelSize(1000)),
    lambda s: s.declared([DeclaredItem(name="卷烟", category="tobacco", cigarette_sticks=200)]),
    lambda s: s.photographed("photo-contents", "ab" * 32),
    lambda s: s.resolved(resolution(ResolutionKind.NOT_SAME)) if s.draft.screening else s.measured(ParcelSize(500)),
)
LOOK_UPS: Sequence[Callable[[Session], Session]] = (
    lambda s: s.screened(screening_of(s.draft, 1)) if s.draft.document else s,
    lambda s: s.screened(screening_of(s.draft, 2)) if s.draft.document else s,
    lambda s: s.already_accepted(replace(EARLIER, window=s.draft.waybill.text)) if s.draft.waybill else s,
    lambda s: s.tobacco_counted(int(s.draft.document.number[-3:-1])) if s.draft.document else s,
    lambda s: s.security_looked_up(FailedCheck(EARLIER.accepted_at, int(s.draft.waybill.text[2:]))) if s.draft.waybill else s,
)


def by_the_clerk(draft: Draft) -> Draft:
    """A draft without what look-ups found, and without what was decided on that."""
    return replace(draft, screening=None, earlier=None, failed_check=None, tobacco_parcels_today=None, resolutions=(), settlements=())


def about_itself(draft: Draft) -> bool:
    """Whether everything that was looked up speaks of the draft's own people and waybill."""
    people = draft.screening is None or draft.screening.hits[0].basis == screened_facts(draft)
    waybill = draft.earlier is None or (draft.waybill is not None and draft.earlier.window == draft.waybill.text)
    text, failed = draft.waybill.text if draft.waybill is not None else "", draft.failed_check
    checked = failed is None or (text != "" and failed.seq == int(text[2:]))
    counted = draft.tobacco_parcels_today
    sender = counted is None or (draft.document is not None and counted == int(draft.document.number[-3:-1]))
    return people and waybill and checked and sender


Move = tuple[str, int]
MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("clerk"), st.integers(0, len(CLERK) - 1)),
        st.tuples(st.just("look-up"), st.integers(0, len(LOOK_UPS) - 1)),
        st.tuples(st.just("undo"), st.just(0)),
    ),
    max_size=30,
)


@given(MOVES)
def test_undo_returns_exactly_the_clerks_former_step(moves: list[Move]) -> None:
    session = Session.started("s1", MailKind.PARCEL)
    former = []
    for move, which in moves:
        if move == "clerk":
            former.append(session.draft)
            session = CLERK[which](session)
        elif move == "look-up":
            session = LOOK_UPS[which](session)
        elif former:
            session, left = session.undo(), former.pop()
            assert by_the_clerk(session.draft) == by_the_clerk(left)
            if session.draft.screening == left.screening:
                assert (session.draft.resolutions, session.draft.settlements) == (left.resolutions, left.settlements)
        assert about_itself(session.draft)
        assert len(session.history) == len(former)


@given(MOVES)
def test_what_was_looked_up_meanwhile_informs_only_the_same_facts(moves: list[Move]) -> None:
    """The window looks up on another thread: what comes back was asked about a parcel that may have changed since."""
    session = asked = Session.started("s1", MailKind.PARCEL)
    for move, which in moves:
        if move == "clerk":
            session = CLERK[which](session)
        elif move == "look-up":
            asked = LOOK_UPS[which](asked)
        else:
            before = session
            session, asked = session.informed_by(asked), session
            assert by_the_clerk(session.draft) == by_the_clerk(before.draft)
            assert session.history == before.history
        assert about_itself(session.draft)


def test_backspace_after_a_look_up_takes_back_what_the_clerk_did() -> None:
    session = filled().already_accepted(None).screened(CLEAR)
    assert session.undo().draft.items == ()
    assert session.undo().draft.addressee.name == "李四"


def test_what_a_supervisor_decided_returns_with_the_person_it_was_about() -> None:
    decided = filled().screened(screening(hit(Action.REVIEW))).resolved(resolution(ResolutionKind.NOT_SAME))
    again = decided.identified(OTHER_DOCUMENT).screened(CLEAR).undo()
    assert again.draft == decided.draft


def test_a_hit_found_since_does_not_vanish_with_the_step_before_it() -> None:
    session = filled().photographed("photo-contents", "ab" * 32).screened(screening(hit(Action.BLOCK)))
    undone = session.undo()
    assert undone.draft.photos == ()
    assert undone.draft.screening is not None
    assert undone.draft.screening.level is Level.BLOCK


def test_a_decision_on_an_older_screening_does_not_outlive_it() -> None:
    decided = filled().screened(screening(hit(Action.REVIEW))).resolved(resolution(ResolutionKind.NOT_SAME))
    later = decided.photographed("photo-contents", "ab" * 32).screened(screening(hit(Action.BLOCK)))
    assert later.undo().draft.resolutions == ()


def test_an_answer_is_taken_back_and_then_missing(book: Rulebook, policy: DocumentPolicy) -> None:
    session = complete(book).screened(CLEAR)
    last = session.draft.answers[-1].finding.item
    assert last in session.undo().missing(book, policy, TODAY)
    assert session.undo().undo().draft.settlements == ()


def test_a_settlement_is_taken_back_on_its_own(book: Rulebook, policy: DocumentPolicy) -> None:
    either = complete(book).waybill_scanned(replace(WAYBILL, valid=False), "张三丰")
    (code,) = {reason.code for reason in either.verdict(book, policy, TODAY).reasons if reason.consequence}
    settled = either.settled(Settlement(code, "S01", "已电话核实（样本）"), book, policy, TODAY)
    assert settled.undo().draft == either.draft
