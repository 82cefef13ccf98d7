"""Whatever is read, settled, undone and gone on with, in any order: nothing is accepted on a document that does not hold.

What must hold is written down here a second time, from the raw readings and without the comparison that the program makes of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from courier_check.acceptance import Rulebook, Session, Settlement
from courier_check.acceptance.judgement import settleable
from courier_check.errors import UserError
from courier_check.identity.documents import DocumentType, IdentityDocument, Source
from courier_check.identity.organisations import Organisation
from courier_check.identity.policy import DocumentPolicy
from courier_check.identity.readings import Doubt, Field, FieldDoubt, SourceReading
from courier_check.inspection.verdict import Outcome
from courier_check.terms import MailKind
from support.parcels import BOOKS, CLEAR, TODAY, WAYBILL, answer_all, told

ADULT, OTHER, CHILD, SPOILT = "41010519900307123X", "410105199003071248", "410105201503071236", "410105199003071231"
BORN = {ADULT: date(1990, 3, 7), OTHER: date(1990, 3, 7), CHILD: date(2015, 3, 7)}
FIRM = Organisation("样例商贸有限公司", "91410100MA44TUW1X4", "张三丰")
CARD = IdentityDocument(type=DocumentType.RESIDENT_ID, name="张三丰", valid_from=date(2020, 1, 1), valid_until=date(2040, 1, 1))
MAN, BOY = (replace(CARD, number=number, born_on=BORN[number]) for number in (ADULT, CHILD))
WRONGLY_TYPED_BOY = replace(BOY, born_on=BORN[ADULT])
SUPERVISOR = ("S01", "看过原件")


@st.composite
def readings(draw: st.DrawFn) -> SourceReading:
    """Often one of two valid cards as it is, else one with some fields of another."""
    source = draw(st.sampled_from(Source))
    card = draw(st.sampled_from([MAN, MAN, MAN, BOY, WRONGLY_TYPED_BOY, None, None]))
    if card is not None:
        return SourceReading(source, replace(card, source=source))
    document = IdentityDocument(
        type=draw(st.sampled_from([DocumentType.RESIDENT_ID] * 6 + [DocumentType.DRIVING_LICENCE, DocumentType.HUKOU])),
        name=draw(st.sampled_from(["张三丰"] * 6 + ["李四光", None])),
        number=draw(st.sampled_from([ADULT] * 6 + [CHILD] * 2 + [OTHER, SPOILT, None])),
        born_on=draw(st.sampled_from([None] * 5 + [date(1990, 3, 7), date(2015, 3, 7)])),
        valid_from=draw(st.sampled_from([date(2020, 1, 1)] * 6 + [date(2027, 1, 1), None])),
        valid_until=draw(st.sampled_from([date(2040, 1, 1)] * 6 + [date(2025, 1, 1), None])),
        source=source,
    )
    doubts = draw(st.lists(st.builds(FieldDoubt, st.sampled_from(Field), st.just(Doubt.LOW_CONFIDENCE)), max_size=1))
    return SourceReading(source, document, tuple(doubts))


@dataclass(frozen=True)
class Known:
    """What the test itself remembers: what was settled about the readings as they are, and for whom the notice was shown."""

    settled: frozenset[str] = frozenset()
    shown: bool = False
    shown_to: str | None = None
    """The number of the parcel before, where the notice was shown in that."""


class Visit(RuleBasedStateMachine):
    book: Rulebook
    policy: DocumentPolicy
    accepted = 0

    def __init__(self) -> None:
        super().__init__()
        self.session = Session.started("s0", MailKind.PARCEL)
        self.known = Known()
        """What is true of the session as it stands; `before` of the ones it came from."""
        self.before: list[Known] = []

    def step(self, taken: Callable[[Session], Session], known: Known) -> None:
        try:
            session = taken(self.session)
        except UserError:
            return
        self.before.append(self.known)
        self.session, self.known = session, known

    def unsettled(self) -> Known:
        return replace(self.known, settled=frozenset())

    @rule()
    def show_the_notice(self) -> None:
        self.step(lambda s: s.notice_shown("v1"), replace(self.known, shown=True))

    @rule(reading=readings())
    def read(self, reading: SourceReading) -> None:
        self.step(lambda s: s.read_from(reading), self.unsettled())

    @rule(reading=readings())
    def read_once_more(self, reading: SourceReading) -> None:
        self.read(reading)

    @rule(reading=readings())
    def read_the_agent(self, reading: SourceReading) -> None:
        self.step(lambda s: s.read_from(reading, agent=True), self.unsettled())

    @rule(reading=readings())
    def take_as_the_document(self, reading: SourceReading) -> None:
        self.step(lambda s: s.identified(reading.document), self.unsettled())

    @rule()
    def an_agent_comes(self) -> None:
        self.step(lambda s: s.brought_by_agent(), self.unsettled())

    @rule(reading=readings(), also=st.none() | readings())
    def a_guardian_comes(self, reading: SourceReading, also: SourceReading | None) -> None:
        self.step(lambda s: s.accompanied_by(reading, *([also] if also else [])), self.unsettled())

    @rule()
    def an_organisation_sends(self) -> None:
        self.step(lambda s: s.sent_by(FIRM), self.unsettled())

    @rule()
    def the_copy_is_taken(self) -> None:
        self.step(lambda s: s.copy_taken(), self.known)

    @rule(most=st.sampled_from([1, 1, 99]))
    def a_supervisor_settles(self, most: int) -> None:
        ready = self.completed()
        self.before += [self.known] * (len(ready.history) - len(self.session.history))
        self.session = ready
        for code in sorted(settleable(ready.draft, self.book, self.policy, TODAY))[:most]:
            known = replace(self.known, settled=self.known.settled | {code})
            settlement = Settlement(code, *SUPERVISOR)
            self.step(partial(Session.settled, settlement=settlement, rulebook=self.book, policy=self.policy, today=TODAY), known)

    @rule()
    def undo(self) -> None:
        if self.session.history:
            self.session = self.session.undo()
            self.known = self.before.pop()

    @rule()
    def go_on_with_the_same_sender(self) -> None:
        document = self.session.draft.document
        shown_to = (document.number if document else None) if self.holds_for(document) else None
        carried = self.known.shown and document is None
        self.session, self.before = self.session.again("s"), []
        self.known = Known(shown=carried, shown_to=shown_to)

    def holds_for(self, document: IdentityDocument | None) -> bool:
        return self.known.shown or (document is not None and document.number is not None and self.known.shown_to == document.number)

    def completed(self) -> Session:
        """With all that is no matter of identity, and every question answered yes."""
        session = self.session
        if session.draft.waybill is None:
            session = session.sender_known("13800001234").waybill_scanned(WAYBILL, "张三丰")
            session = session.addressed(replace(session.draft.addressee, name="收样例")).declared([BOOKS])
        if session.draft.screening is None:
            session = session.screened(CLEAR)
        return answer_all(session, self.book)

    @rule()
    def hand_in(self) -> None:
        session = self.completed()
        if told(session, self.book, self.policy).outcome is Outcome.ACCEPT:
            Visit.accepted += 1
            self.check(session)

    def check(self, session: Session) -> None:
        draft = session.draft
        assert draft.document is not None
        assert self.holds_for(draft.document), "the notice was not shown to this sender"
        check_document(draft.document)
        for read in (draft.readings, draft.agent_readings if draft.with_agent else ()):
            assert {f"reading-different-{field}" for field in differing(read)} <= self.known.settled
        if draft.with_agent:
            assert draft.agent_document is not None
            check_document(draft.agent_document)
        if any(day > date(2012, 11, 23) for day in births(draft.document)):
            assert draft.guardian_document is not None
            check_document(draft.guardian_document)
            assert draft.guardian_document.number != draft.document.number
            assert {f"reading-different-{field}" for field in differing(draft.guardian_readings)} <= self.known.settled

    def teardown(self) -> None:
        """As it stands, and with everything done that people can still do about it without reading anything more."""
        self.hand_in()
        self.show_the_notice()
        self.hand_in()
        self.a_supervisor_settles(99)
        self.hand_in()


def check_document(document: IdentityDocument) -> None:
    """Valid on the day, of a kind that is valid, with a name and a number that may be one."""
    assert document.type is not DocumentType.DRIVING_LICENCE
    assert document.name
    assert document.number
    assert document.number != SPOILT or document.type is DocumentType.HUKOU, "a register's number may be settled"
    assert document.valid_from is None or document.valid_from <= TODAY
    assert document.valid_until is None or document.valid_until >= TODAY


def differing(read: tuple[SourceReading, ...]) -> set[str]:
    names = ("type", "name", "number", "born_on", "valid_from", "valid_until")
    by_name = {name: {getattr(each.document, name) for each in read} - {None} for name in names}
    return {name.replace("_", "-") for name, values in by_name.items() if len(values) > 1}


def births(document: IdentityDocument) -> list[date]:
    return [day for day in (document.born_on, BORN.get(document.number or "")) if day is not None]


@pytest.mark.slow
def test_nothing_is_accepted_on_a_document_that_does_not_hold(book: Rulebook, policy: DocumentPolicy) -> None:
    Visit.book = book
    Visit.policy = replace(policy, notice=msgspec.structs.replace(policy.notice, required=True))
    Visit.accepted = 0
    budget = settings(max_examples=150, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Visit, settings=budget)
    assert Visit.accepted > 5, "a rule that is never reached holds for nothing"
