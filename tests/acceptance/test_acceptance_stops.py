"""名单命中, supervisors, and the property the law asks for. Every person, number, firm and list here is made up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.acceptance import (
    AcceptanceReason,
    EarlierAcceptance,
    HitResolution,
    ResolutionKind,
    Rulebook,
    Session,
    Settlement,
)
from courier_check.acceptance.judgement import case_of
from courier_check.errors import UserError
from courier_check.identity.documents import DocumentType, IdentityDocument
from courier_check.identity.policy import DocumentPolicy
from courier_check.inspection.findings import Answer, Finding
from courier_check.inspection.verdict import Outcome
from courier_check.screening.entries import Action
from courier_check.screening.match import Hit, Level, Screening, ScreeningStatus
from courier_check.terms import Consequence, MailKind
from support.parcels import (
    CLEAR,
    DOCUMENT,
    EXPIRED,
    STEPS,
    TODAY,
    answer_all,
    complete,
    filled,
    hit,
    resolution,
    screening,
    told,
    weighty,
)

# Hits -------------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "kind", "outcome"),
    [
        (hit(Action.BLOCK), None, Outcome.REFUSE),
        (hit(Action.BLOCK, basis=" "), None, Outcome.REFER),
        (hit(Action.REVIEW), None, Outcome.REFER),
        (hit(Action.NOTE), None, Outcome.ACCEPT),
        (hit(Action.BLOCK), ResolutionKind.NOT_SAME, Outcome.ACCEPT),
        (hit(Action.BLOCK), ResolutionKind.OVERRIDE, Outcome.ACCEPT),
        (hit(Action.BLOCK), ResolutionKind.SAME, Outcome.REFUSE),
        (hit(Action.BLOCK, basis=""), ResolutionKind.SAME, Outcome.ACCEPT),
        (hit(Action.REVIEW), ResolutionKind.SAME, Outcome.ACCEPT),
    ],
)
def test_a_hit_stops_until_a_supervisor_resolves_it_and_only_a_basis_refuses(
    book: Rulebook, policy: DocumentPolicy, found: Hit, kind: ResolutionKind | None, outcome: Outcome
) -> None:
    session = complete(book).screened(screening(found))
    if kind is not None:
        session = session.resolved(resolution(kind))
    verdict = told(session, book, policy)
    assert verdict.outcome is outcome
    assert {refusal for _, refusal in weighty(verdict)} == (
        {"R12"} if outcome is Outcome.REFUSE else {None} if outcome is Outcome.REFER else set()
    )


def test_one_resolved_hit_does_not_clear_another(book: Rulebook, policy: DocumentPolicy) -> None:
    session = complete(book).screened(screening(hit(Action.REVIEW), hit(Action.REVIEW, entry="e2")))
    assert told(session.resolved(resolution(ResolutionKind.NOT_SAME)), book, policy).outcome is Outcome.REFER


def test_a_list_that_asks_for_inspection_asks_for_a_picture(book: Rulebook, policy: DocumentPolicy) -> None:
    session = complete(book).screened(screening(hit(Action.INSPECT)))
    assert "photo-contents" in session.missing(book, policy, TODAY)


def test_a_level_without_a_hit_is_never_taken_for_a_pass(book: Rulebook, policy: DocumentPolicy) -> None:
    unclear = Screening(Level.BLOCK, ScreeningStatus.SCREENED, (), (("practice", 1),))
    assert weighty(told(complete(book).screened(unclear), book, policy)) == [(AcceptanceReason.SCREENING_UNCLEAR, None)]


def test_a_new_screening_voids_what_was_resolved(book: Rulebook, policy: DocumentPolicy) -> None:
    session = complete(book).screened(screening(hit(Action.REVIEW))).resolved(resolution(ResolutionKind.NOT_SAME))
    assert told(session.screened(screening(hit(Action.REVIEW))), book, policy).outcome is Outcome.REFER


# Supervisors ------------------------------------------------------------------------------------------------------------------------------


def test_a_supervisor_settles_a_referral_but_never_a_refusal(book: Rulebook, policy: DocumentPolicy) -> None:
    hukou = replace(DOCUMENT, type=DocumentType.HUKOU, valid_from=None, valid_until=None)
    session = answer_all(filled().identified(hukou).screened(CLEAR), book)
    assert ("document-needs-supervisor", None) in weighty(told(session, book, policy))
    for code in [code for code, _ in weighty(told(session, book, policy))]:
        session = session.settled(Settlement(code, "S01", "核对户口簿原件（样本）"), book, policy, TODAY)
    assert told(session, book, policy).outcome is Outcome.ACCEPT
    expired = answer_all(filled().identified(EXPIRED).screened(CLEAR), book)
    with pytest.raises(UserError, match="nothing-to-settle"):
        expired.settled(Settlement("document-expired", "S01", "样本"), book, policy, TODAY)


def test_hits_and_items_are_not_settled_by_the_general_way(book: Rulebook, policy: DocumentPolicy) -> None:
    session = complete(book).screened(screening(hit(Action.REVIEW))).answered(Finding("person-matches", Answer.DOUBT), book, TODAY)
    for code, _ in weighty(told(session, book, policy)):
        with pytest.raises(UserError, match="nothing-to-settle"):
            session.settled(Settlement(code, "S01", "样本"), book, policy, TODAY)


# The property the law asks for ------------------------------------------------------------------------------------------------------------

documents = st.sampled_from(
    [None, DOCUMENT, EXPIRED, replace(DOCUMENT, number="410105199003071230"), replace(DOCUMENT, type=DocumentType.DRIVING_LICENCE)]
)
actions = st.lists(
    st.tuples(st.sampled_from(Action), st.sampled_from(["某号决定", ""]), st.sampled_from([None, *ResolutionKind])), max_size=3
)


@dataclass(frozen=True)
class Parcel:
    """Anything a clerk may do with a parcel: the wrong document, gaps, wrong answers, hits resolved or not."""

    document: IdentityDocument | None
    unanswered: frozenset[int]
    chosen: dict[int, Answer]
    hits: list[tuple[Action, str, ResolutionKind | None]]
    duplicate: bool
    screened: bool

    def unresolved(self) -> bool:
        return any(kind is None and action in (Action.BLOCK, Action.REVIEW) for action, _, kind in self.hits)

    def handled(self, book: Rulebook) -> tuple[Session, bool]:
        """The session after all of it, and whether a mandatory item was left unanswered."""
        session = Session.started("s1", MailKind.PARCEL)
        for step in STEPS[1:]:
            session = step(session)
        session = session if self.document is None else session.identified(self.document)
        session = self._screened(session) if self.screened else session
        if self.duplicate:
            session = session.already_accepted(EarlierAcceptance("样本网点", "1", datetime(2026, 11, 22, tzinfo=UTC)))
        asked = [item for item in book.rules.applying(case_of(session.draft, book, TODAY)) if item.answers is not None]
        for index, item in enumerate(asked):
            if index not in self.unanswered:
                session = session.answered(Finding(item.id, self.chosen.get(index, Answer.YES)), book, TODAY)
        return session, any(item.mandatory for index, item in enumerate(asked) if index in self.unanswered)

    def _screened(self, session: Session) -> Session:
        found = [hit(action, basis, f"e{index}") for index, (action, basis, _) in enumerate(self.hits)]
        session = session.screened(screening(*found))
        for one, (_, _, kind) in zip(found, self.hits, strict=True):
            if kind is not None:
                session = session.resolved(HitResolution("practice", one.entry_id, 1, kind, "S01", "样本", evidence="样本"))
        return session


parcels = st.builds(
    Parcel,
    document=documents,
    unanswered=st.frozensets(st.integers(0, 20), max_size=2),
    chosen=st.dictionaries(st.integers(0, 20), st.sampled_from([Answer.NO, Answer.DOUBT]), max_size=1),
    hits=actions,
    duplicate=st.booleans(),
    screened=st.booleans(),
)


@given(parcel=parcels)
def test_nothing_unanswered_invalid_unresolved_or_doubled_is_ever_accepted(book: Rulebook, policy: DocumentPolicy, parcel: Parcel) -> None:
    session, gap = parcel.handled(book)
    verdict = told(session, book, policy)
    if gap or parcel.document is not DOCUMENT or parcel.duplicate or not parcel.screened or parcel.unresolved():
        assert verdict.outcome is not Outcome.ACCEPT
    assert verdict.outcome is not Outcome.ACCEPT or verdict.missing == ()


@given(parcel=parcels)
def test_refuse_beats_refer_beats_accept(book: Rulebook, policy: DocumentPolicy, parcel: Parcel) -> None:
    verdict = told(parcel.handled(book)[0], book, policy)
    worst = max((reason.consequence for reason in verdict.reasons), default=Consequence.NOTE)
    without_stop = Outcome.INCOMPLETE if verdict.missing else Outcome.ACCEPT
    expected = {Consequence.REFUSE: Outcome.REFUSE, Consequence.REFER: Outcome.REFER, Consequence.NOTE: without_stop}
    assert verdict.outcome is expected[worst]


@given(action=st.sampled_from([Action.BLOCK, Action.REVIEW, Action.INSPECT]), kind=st.sampled_from([None, *ResolutionKind]))
def test_a_parcel_otherwise_in_order_hangs_on_its_hit_alone(
    book: Rulebook, policy: DocumentPolicy, action: Action, kind: ResolutionKind | None
) -> None:
    session = complete(book).screened(screening(hit(action)))
    session = session.photographed("photo-contents", "ab" * 32).photographed("photo-sealed", "cd" * 32)
    session = session if kind is None else session.resolved(resolution(kind))
    barred = action is Action.BLOCK and kind is ResolutionKind.SAME
    assert (told(session, book, policy).outcome is Outcome.ACCEPT) is (kind is not None and not barred)


def test_a_settlement_never_reaches_a_refusal_however_it_came_there(book: Rulebook, policy: DocumentPolicy) -> None:
    expired = answer_all(filled().identified(EXPIRED).screened(CLEAR), book)
    forced = replace(expired, draft=replace(expired.draft, settlements=(Settlement("document-expired", "S01", "样本"),)))
    assert told(forced, book, policy).outcome is Outcome.REFUSE
