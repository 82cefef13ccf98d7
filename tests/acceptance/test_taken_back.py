"""改判: undo is one key and stays so, but that a parcel was refused or referred by somebody's word before it was accepted is not lost."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from courier_check.acceptance import Counter, Rulebook, Session
from courier_check.identity.policy import DocumentPolicy
from courier_check.inspection.findings import Answer, ContentsFinding, Finding, FindingKind
from courier_check.inspection.verdict import Outcome
from courier_check.parcel.contents import DeclaredItem
from courier_check.parcel.waybills import WaybillCheck
from courier_check.screening.entries import Action
from courier_check.terms import MailKind
from support.parcels import BOOKS, TODAY, WAYBILL, answer_all, complete, filled, hit, screening, told

ITEM = "nothing-prohibited"
GUN = ContentsFinding(FindingKind.PROHIBITED, "手枪", "01")
OTHER: WaybillCheck = replace(WAYBILL, text="SF1000000000028")


def answered(session: Session, book: Rulebook, answer: Answer, item: str = ITEM) -> Session:
    return session.answered(Finding(item, answer), book, TODAY)


def counted(session: Session) -> dict[str, int]:
    return dict(session.draft.taken_back)


def test_a_named_weapon_that_is_undone_is_told(book: Rulebook, policy: DocumentPolicy) -> None:
    session = answer_all(filled(), book, but=(ITEM,))
    named = answered(session, book, Answer.NO).found(GUN, book)
    assert told(named, book, policy).outcome is Outcome.REFUSE
    accepted = answered(named.undo().undo(), book, Answer.YES)
    assert told(accepted, book, policy).outcome is Outcome.ACCEPT
    assert counted(accepted) == {ITEM: 1, "found": 1}
    assert accepted.draft == answered(session, book, Answer.YES).draft, "it is no fact of the parcel"


def test_every_way_to_take_an_answer_back_counts(book: Rulebook) -> None:
    session = complete(book)
    assert counted(session) == {}
    over = answered(answered(session, book, Answer.DOUBT), book, Answer.YES)
    assert counted(over) == {ITEM: 1}, "a later answer in its place"
    again = answered(answered(over, book, Answer.NO), book, Answer.YES)
    assert counted(again) == {ITEM: 2}
    declared_anew = answered(session, book, Answer.NO, "contents-match").declared([BOOKS])
    assert counted(declared_anew) == {"contents-match": 1}, "the same contents declared once more, so that it is asked again"
    assert counted(answered(answered(session, book, Answer.YES), book, Answer.YES)) == {}
    assert counted(answered(session, book, Answer.NO)) == {}, "what still stands is among the answers"


def test_a_chosen_refusal_that_is_undone_is_told(book: Rulebook) -> None:
    assert counted(complete(book).refused("R10", book).undo()) == {"refusal": 1}


def test_look_ups_and_further_undoing_lose_none_of_it(book: Rulebook) -> None:
    session = answered(filled(), book, Answer.NO).undo()
    looked_up = session.screened(screening(hit(Action.NOTE))).already_accepted(None)
    assert counted(looked_up) == {ITEM: 1}
    late = session.informed_by(looked_up)
    assert counted(late) == {ITEM: 1}
    while late.history:
        late = late.undo()
    assert counted(late) == {ITEM: 1}


def test_a_held_parcel_keeps_it_and_the_next_one_starts_from_nothing(book: Rulebook) -> None:
    session = answered(answered(complete(book), book, Answer.NO), book, Answer.YES).in_pieces(2)
    counter = Counter().start(session).hold().start(Session.started("s2", MailKind.PARCEL))
    resumed = counter.hold().resume(session.session_id).current
    assert resumed is not None
    assert counted(resumed) == {ITEM: 1}
    assert counted(session.again("s3")) == {}
    assert counted(session.next_piece("s4", OTHER)) == {}


ANSWERS = st.lists(st.sampled_from((Answer.YES, Answer.NO, Answer.DOUBT, None)), max_size=12)


@given(ANSWERS)
def test_each_judgement_that_fell_is_counted_once(book: Rulebook, steps: list[Answer | None]) -> None:
    """Against a reckoning of its own: how often the item went from an answer that stops the parcel to one that does not, or none."""
    session, standing, history, expected = filled(), None, list[Answer | None](), 0
    for step in steps:
        before = standing
        if step is None:
            if not history:
                continue
            session, standing = session.undo(), history.pop()
        else:
            history.append(standing)
            session, standing = answered(session, book, step), step
        expected += before in (Answer.NO, Answer.DOUBT) and standing not in (Answer.NO, Answer.DOUBT)
    assert counted(session).get(ITEM, 0) == expected


def test_other_goods_than_declared_are_told_though_they_are_put_right(book: Rulebook) -> None:
    other = [DeclaredItem(name="衬衫", category="clothing", weight_g=500)]
    assert counted(answered(complete(book), book, Answer.NO, "contents-match").declared(other)) == {"contents-match": 1}
