"""What a decision on a hit needs, and that no order of events accepts a parcel over a hit nobody decided on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.acceptance import AcceptanceCode, HitResolution, ResolutionKind, Rulebook, Session
from courier_check.acceptance.resolving import LONGEST_SCOPE_DAYS, check_scope_day, checked_resolution, code_can_tell, is_decided
from courier_check.acceptance.tasks import open_hits
from courier_check.errors import UserError
from courier_check.identity.policy import DocumentPolicy
from courier_check.inspection.verdict import Outcome
from courier_check.screening.codes import MatchReason
from courier_check.screening.entries import Action, SubjectKind
from courier_check.screening.match import Hit
from courier_check.screening.standing import Standing
from support.parcels import CLEAR, TODAY, answer_all, filled, hit, screening

LISTED, OTHER, REGISTRATION = "91410100MA9YB0A16H", "91410100MA9YB0C35U", "410105600000012"
SIMILAR = replace(hit(Action.REVIEW), reasons=(MatchReason.SIMILAR_NAME,), organisation=LISTED[8:17])
UNCODED = replace(SIMILAR, organisation=None)
SAME_NAME_UNCODED = replace(UNCODED, reasons=(MatchReason.SAME_NAME,))


def by_code(code: str, **said: object) -> HitResolution:
    return replace(HitResolution("practice", "e1", 1, ResolutionKind.NOT_SAME, "", ""), code=code, **said)  # type: ignore[arg-type]


def refused_with(found: Hit, resolution: HitResolution) -> str:
    with pytest.raises(UserError) as caught:
        checked_resolution(found, resolution)
    return str(caught.value.code)


def test_a_clerk_tells_two_firms_apart_by_a_checked_code() -> None:
    checked_resolution(SIMILAR, by_code(OTHER))
    checked_resolution(SIMILAR, by_code(f" {OTHER.lower()} "))
    checked_resolution(UNCODED, by_code(OTHER))


@pytest.mark.parametrize(
    ("found", "code", "said"),
    [
        (SIMILAR, "", AcceptanceCode.CODE_NEEDED),
        (SIMILAR, OTHER[:-1] + "0", AcceptanceCode.CODE_BAD),
        (SIMILAR, "😀" * 300, AcceptanceCode.CODE_BAD),
        (SIMILAR, LISTED, AcceptanceCode.CODE_IS_LISTED),
        (SAME_NAME_UNCODED, OTHER, AcceptanceCode.CODE_TELLS_NOTHING),
        (replace(SIMILAR, reasons=(MatchReason.SAME_PHONE, MatchReason.SIMILAR_NAME)), OTHER, AcceptanceCode.CODE_TELLS_NOTHING),
        (replace(UNCODED, subject_kind=SubjectKind.PERSON), OTHER, AcceptanceCode.CODE_TELLS_NOTHING),
    ],
)
def test_a_code_that_tells_nothing_needs_a_supervisor(found: Hit, code: str, said: AcceptanceCode) -> None:
    assert refused_with(found, by_code(code)) == said


def test_an_old_licence_number_tells_apart_only_where_names_differ_and_the_list_has_no_code() -> None:
    good = next(f"{REGISTRATION[:14]}{digit}" for digit in range(10) if _holds(f"{REGISTRATION[:14]}{digit}"))
    checked_resolution(UNCODED, by_code(good))
    assert refused_with(SIMILAR, by_code(good)) == AcceptanceCode.CODE_TELLS_NOTHING


def _holds(number: str) -> bool:
    try:
        checked_resolution(UNCODED, by_code(number))
    except UserError:
        return False
    return True


@pytest.mark.parametrize("kind", [ResolutionKind.SAME, ResolutionKind.OVERRIDE])
def test_the_same_one_needs_a_supervisor_a_reason_and_evidence(kind: ResolutionKind) -> None:
    whole = HitResolution("practice", "e1", 1, kind, "S01", "样本", evidence="样本")
    checked_resolution(SIMILAR, whole)
    assert refused_with(SIMILAR, replace(whole, supervisor=" ", code=OTHER)) == AcceptanceCode.REASON_EMPTY
    assert refused_with(SIMILAR, replace(whole, reason=" ")) == AcceptanceCode.REASON_EMPTY
    assert refused_with(SIMILAR, replace(whole, evidence=" ")) == AcceptanceCode.EVIDENCE_EMPTY
    assert refused_with(SIMILAR, replace(whole, reason="样" * 501)) == AcceptanceCode.WORDS_TOO_LONG


def test_what_holds_beyond_the_parcel_needs_evidence_and_is_never_a_release() -> None:
    until = TODAY + timedelta(days=30)
    supervised = HitResolution("practice", "e1", 1, ResolutionKind.NOT_SAME, "S01", "样本", until_on=until)
    assert refused_with(SIMILAR, supervised) == AcceptanceCode.EVIDENCE_EMPTY
    checked_resolution(SIMILAR, by_code(OTHER, until_on=until))
    release = HitResolution("practice", "e1", 1, ResolutionKind.OVERRIDE, "S01", "样本", evidence="样本", until_on=until)
    assert refused_with(SIMILAR, release) == AcceptanceCode.OVERRIDE_ONCE


@pytest.mark.parametrize("days", [-1, LONGEST_SCOPE_DAYS + 1])
def test_a_decision_holds_from_today_to_a_year(days: int) -> None:
    check_scope_day(TODAY, TODAY)
    check_scope_day(TODAY + timedelta(days=LONGEST_SCOPE_DAYS), TODAY)
    with pytest.raises(UserError) as caught:
        check_scope_day(TODAY + timedelta(days=days), TODAY)
    assert caught.value.code == AcceptanceCode.SCOPE_DAY


def standing(kind: ResolutionKind) -> Standing:
    return Standing(kind, date(2026, 12, 31), "S01", by_code=False, journal_id="0" * 32, seq=7)


@pytest.mark.parametrize(
    ("action", "kind", "outcome"),
    [
        (Action.REVIEW, ResolutionKind.NOT_SAME, Outcome.ACCEPT),
        (Action.BLOCK, ResolutionKind.NOT_SAME, Outcome.ACCEPT),
        (Action.REVIEW, ResolutionKind.SAME, Outcome.ACCEPT),
        (Action.BLOCK, ResolutionKind.SAME, Outcome.REFUSE),
    ],
)
def test_an_answered_hit_asks_nobody_again(
    book: Rulebook, policy: DocumentPolicy, action: Action, kind: ResolutionKind, outcome: Outcome
) -> None:
    answered = replace(hit(action), standing=standing(kind))
    session = answer_all(filled().screened(screening(answered)), book)
    session = session.photographed("photo-contents", "ab" * 32).photographed("photo-sealed", "cd" * 32)
    verdict = session.verdict(book, policy, TODAY)
    assert open_hits(session.draft) == ()
    assert verdict.outcome is outcome
    told = next(reason for reason in verdict.reasons if reason.code.startswith("hit-standing"))
    assert (told.facts["until"], told.facts["seq"]) == ("2026-12-31", 7)


Step = Callable[[Session], Session]


def _resolved(kind: ResolutionKind, supervisor: str, code: str, evidence: str) -> Step:
    return lambda session: session.resolved(HitResolution("practice", "e1", 1, kind, supervisor, "样本", code, evidence))


events = st.lists(
    st.one_of(
        st.builds(
            _resolved,
            st.sampled_from(ResolutionKind),
            st.sampled_from(["", "S01"]),
            st.sampled_from(["", OTHER, LISTED, "1"]),
            st.sampled_from(["", "样"]),
        ),
        st.sampled_from(
            [
                lambda session: session.screened(screening(SIMILAR)),
                lambda session: session.screened(screening(replace(SIMILAR, action=Action.BLOCK, revision=2))),
                lambda session: session.screened(CLEAR),
                lambda session: session.sender_known("13800005678"),
                lambda session: session.undo(),
                lambda session: session.informed_by(session),
            ]
        ),
    ),
    max_size=8,
)


@given(steps=events)
def test_no_order_of_events_accepts_a_parcel_over_an_unresolved_hit(book: Rulebook, policy: DocumentPolicy, steps: list[Step]) -> None:
    session = filled()
    for step in steps:
        try:
            session = step(session)
        except UserError:  # what can't be done changes nothing
            continue
    session = answer_all(session, book).photographed("photo-contents", "ab" * 32).photographed("photo-sealed", "cd" * 32)
    screened = session.draft.screening
    decided = {(one.list_id, one.entry_id, one.revision) for one in session.draft.resolutions}
    unresolved = screened is None or any((one.list_id, one.entry_id, one.revision) not in decided for one in screened.hits)
    if unresolved:
        assert session.verdict(book, policy, TODAY).outcome is not Outcome.ACCEPT
    assert all(one.supervisor or code_can_tell(SIMILAR) for one in session.draft.resolutions)
    assert screened is None or all(is_decided(one, session.draft) or one in open_hits(session.draft) for one in screened.hits)
