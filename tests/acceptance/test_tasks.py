"""下一步: what the window asks for next, over the shipped rules. Whatever is missing has a task, and doing the tasks comes to an end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.acceptance import Contact, EarlierAcceptance, HitResolution, Lack, ResolutionKind, Rulebook, Session, Settlement
from courier_check.acceptance.judgement import case_of
from courier_check.acceptance.tasks import DIFFERENT, FOUND, Step, Task, TaskKind, next_task, open_hits, tasks
from courier_check.errors import UserError
from courier_check.identity.documents import Source
from courier_check.identity.organisations import Organisation
from courier_check.identity.policy import DocumentPolicy
from courier_check.identity.readings import Doubt, Field, FieldDoubt, SourceReading
from courier_check.inspection.findings import Answer, ContentsFinding, Finding, FindingKind
from courier_check.inspection.verdict import Outcome, Verdict
from courier_check.parcel.contents import DeclaredItem, ParcelSize
from courier_check.screening.entries import Action
from courier_check.terms import Consequence, MailKind
from support.parcels import BOOKS, CLEAR, DOCUMENT, EXPIRED, TODAY, WAYBILL, complete, filled, hit, resolution, screening

SEVERAL = replace(WAYBILL, text="999000000112", carriers=("zto", "sf"), carrier=None)
TOBACCO = DeclaredItem(name="卷烟", category="tobacco", cigarette_sticks=200)
MEDICINE = DeclaredItem(name="感冒药", category="medicine")
CHILD = replace(DOCUMENT, name="张小样", number="410105201503071236", born_on=date(2015, 3, 7), valid_until=date(2025, 1, 1))
FIRM = Organisation("样例商贸有限公司", "91410100MA44TUW1X4", "张三丰")
OTHER_PERSON = replace(DOCUMENT, name="李样例", number="410105199003071248")


class Desk:
    """What the tasks are made from, and how each of them is done."""

    def __init__(self, book: Rulebook, policy: DocumentPolicy) -> None:
        self.book, self.policy = book, policy

    def verdict(self, session: Session) -> Verdict:
        return session.verdict(self.book, self.policy, TODAY)

    def next(self, session: Session, *, hits_later: bool = False) -> Task:
        return next_task(session.draft, self.verdict(session), self.book, hits_later=hits_later)

    def owed(self, session: Session) -> tuple[Task, ...]:
        return tasks(session.draft, self.verdict(session), self.book)

    def answered(self, session: Session, item: str, answer: Answer = Answer.YES) -> Session:
        return session.answered(Finding(item, answer), self.book, TODAY)

    def looked_up(self, session: Session) -> Session:
        """As the station does when it is asked."""
        screened = session if session.draft.is_letter else session.screened(CLEAR)
        return screened.tobacco_counted(0)

    def do(self, session: Session, task: Task) -> Session:
        """The task, done as a clerk does it."""
        if task.kind is TaskKind.FOUND:
            assert task.item is not None
            return session.found(ContentsFinding(FindingKind.PROHIBITED, "样本", task.item.covers[0]), self.book)
        if task.kind is TaskKind.ASK:
            assert task.item is not None
            return self.answered(session, task.item.id)
        if task.kind is TaskKind.PHOTO:
            assert task.photo is not None
            return session.photographed(task.photo.id, "ab" * 32)
        if task.kind is TaskKind.HITS:
            first = task.hits[0]
            found = HitResolution(first.list_id, first.entry_id, first.revision, ResolutionKind.NOT_SAME, "S01", "核对了号码（样本）")
            return session.resolved(found)
        if task.kind is TaskKind.DIFFERENT:
            code = next(
                one.code for one in self.verdict(session).reasons if one.code.startswith(DIFFERENT) and one.consequence is Consequence.REFER
            )
            return session.settled(Settlement(code, "S01", "证面磨损（样本）"), self.book, self.policy, TODAY)
        waybill = session.draft.waybill
        ways: dict[TaskKind, Callable[[], Session]] = {
            TaskKind.DOCUMENT: lambda: session.identified(DOCUMENT),
            TaskKind.AGENT_DOCUMENT: lambda: session.brought_by_agent(OTHER_PERSON),
            TaskKind.GUARDIAN_DOCUMENT: lambda: session.accompanied_by(SourceReading(OTHER_PERSON.source, OTHER_PERSON)),
            TaskKind.NOTICE: lambda: session.notice_shown("2026.11-1"),
            TaskKind.CLIENT: lambda: session.kind_changed(MailKind.PARCEL),  # what the window advises
            TaskKind.WAYBILL: lambda: session.waybill_scanned(WAYBILL, "张三丰"),
            TaskKind.CARRIER: lambda: session.carrier_chosen(waybill.carriers[0] if waybill else ""),
            TaskKind.PARTIES: lambda: session.sender_known("13800001234").addressed(Contact("李四")),
            TaskKind.CONTENTS: lambda: session.declared([BOOKS], ParcelSize(900)),
            TaskKind.LOOKING_UP: lambda: self.looked_up(session),
        }
        return ways[task.kind]()


@pytest.fixture(scope="module")
def desk(book: Rulebook, policy: DocumentPolicy) -> Desk:
    return Desk(book, policy)


@pytest.fixture(scope="module")
def strict(book: Rulebook, policy: DocumentPolicy) -> Desk:
    """With everything asked for that an outlet may ask for."""
    return Desk(book, replace(policy, notice=msgspec.structs.replace(policy.notice, required=True)))


ENDS = (TaskKind.READY, TaskKind.STOPPED, TaskKind.REFERRED)
EARLIER = EarlierAcceptance("样本网点", "1", datetime(2026, 11, 22, tzinfo=UTC))


def maybe(act: Callable[[Session], Session]) -> Callable[[Session], Session]:
    """A step that may not fit: then nothing changes, as at the window."""

    def tried(session: Session) -> Session:
        try:
            return act(session)
        except UserError:
            return session

    return tried


def moves(desk: Desk) -> Sequence[Callable[[Session], Session]]:
    """Steps, look-ups, answers of every kind, in any order."""
    items = [item.id for item in desk.book.rules.checklists.items]
    answers = [maybe(lambda s, i=item, a=answer: desk.answered(s, i, a)) for item in items for answer in Answer]  # type: ignore[misc]
    return (
        lambda s: s.identified(DOCUMENT),
        lambda s: s.identified(EXPIRED),
        lambda s: s.identified(CHILD),
        lambda s: s.read_from(SourceReading(Source.PICTURE, DOCUMENT, (FieldDoubt(Field.NUMBER, Doubt.LOW_CONFIDENCE),))),
        lambda s: s.read_from(SourceReading(Source.MRZ, replace(DOCUMENT, name="张三"))),
        lambda s: s.accompanied_by(SourceReading(OTHER_PERSON.source, OTHER_PERSON)),
        lambda s: s.sent_by(FIRM),
        maybe(lambda s: s.copy_taken()),
        maybe(lambda s: s.order_known("张三丰")),
        lambda s: s.brought_by_agent(),
        lambda s: s.brought_by_agent(OTHER_PERSON),
        lambda s: s.sender_known("13800001234", "郑州市某路 1 号"),
        lambda s: s.sender_known("15500001234", business=True),
        lambda s: s.waybill_scanned(WAYBILL, "张三丰"),
        lambda s: s.waybill_scanned(WAYBILL, "张*丰"),
        lambda s: s.waybill_scanned(SEVERAL, ""),
        lambda s: s.waybill_scanned(replace(WAYBILL, valid=False), "张三丰"),
        lambda s: s.addressed(Contact("李四")),
        lambda s: s.declared([BOOKS]),
        lambda s: s.declared([TOBACCO]),
        lambda s: s.declared([MEDICINE, replace(BOOKS, quantity=30)]),
        lambda s: s.kind_changed(MailKind.LETTER),
        lambda s: s.kind_changed(MailKind.PARCEL),
        lambda s: s.kind_changed(MailKind.AGREEMENT),
        lambda s: s.kind_changed(MailKind.INSPECTION_MAILBOX, mailbox_letter=True),
        lambda s: s.kind_changed(MailKind.INSPECTION_MAILBOX),
        lambda s: s.screened(screening(hit(Action.REVIEW))),
        lambda s: s.screened(screening(hit(Action.BLOCK), hit(Action.INSPECT, entry="e2"))),
        lambda s: s.screened(CLEAR),
        maybe(lambda s: s.already_accepted(EARLIER)),
        maybe(lambda s: s.resolved(resolution(ResolutionKind.SAME))),
        lambda s: s.photographed("photo-contents", "ab" * 32),
        lambda s: s.found(ContentsFinding(FindingKind.PROHIBITED, "打火机", "04"), desk.book),
        maybe(lambda s: s.undo()),
        *answers,
    )


def is_for(task: Task, code: str) -> bool:
    """Whether a task asks for what a code of `Verdict.missing` says."""
    lacks = {
        Lack.SENDER_PHONE: TaskKind.PARTIES,
        Lack.ADDRESSEE: TaskKind.PARTIES,
        Lack.TOBACCO_COUNT: TaskKind.LOOKING_UP,
    }
    lacks |= {lack: TaskKind(lack.value.removeprefix("missing-")) for lack in Lack if lack not in lacks}
    if code in set(Lack):
        return task.kind is lacks[Lack(code)] and task.item is None
    if code.startswith(FOUND):
        return task.kind is TaskKind.FOUND and task.item is not None and task.item.id == code.removeprefix(FOUND)
    named = (task.item.id if task.item else "", task.photo.id if task.photo else "")
    return code in named and task.kind in (TaskKind.ASK, TaskKind.LOOKING_UP, TaskKind.PHOTO)


DRAWN = st.lists(st.integers(0, 10_000), max_size=25)


def reached(desk: Desk, drawn: list[int]) -> Session:
    session = Session.started("s1", MailKind.PARCEL)
    every = moves(desk)
    for number in drawn:
        session = every[number % len(every)](session)
    return session


@given(DRAWN)
def test_whatever_is_missing_has_a_task(strict: Desk, drawn: list[int]) -> None:
    desk, session = strict, reached(strict, drawn)
    owed = desk.owed(session)
    for code in desk.verdict(session).missing:
        assert any(is_for(task, code) for task in owed), code


@given(DRAWN, st.booleans())
def test_doing_what_is_asked_always_comes_to_an_end(strict: Desk, drawn: list[int], hits_later: bool) -> None:
    """From any draft that steps can reach, each task done brings the next one, until the parcel is ready, stopped or referred."""
    desk, session = strict, reached(strict, drawn)
    items = len(desk.book.rules.checklists.items)
    for _ in range(3 * items + 20):
        task = desk.next(session, hits_later=hits_later)
        if task.kind in ENDS:
            break
        done = desk.do(session, task)
        assert desk.next(done, hits_later=hits_later) != task or task.kind is TaskKind.DIFFERENT  # one field of several was settled
        session = done
    verdict, kind = desk.verdict(session), desk.next(session, hits_later=hits_later).kind
    assert kind in ENDS
    assert (kind is TaskKind.READY) == (verdict.outcome is Outcome.ACCEPT)
    assert (kind is TaskKind.STOPPED) == (verdict.outcome is Outcome.REFUSE)


@given(DRAWN)
def test_ready_is_said_of_an_acceptance_only(desk: Desk, drawn: list[int]) -> None:
    session = reached(desk, drawn)
    ready = desk.next(session).kind is TaskKind.READY
    assert ready == (desk.verdict(session).outcome is Outcome.ACCEPT)


@given(DRAWN)
def test_a_look_up_is_the_last_thing_waited_for(desk: Desk, drawn: list[int]) -> None:
    owed = desk.owed(reached(desk, drawn))
    waiting = [task.kind is TaskKind.LOOKING_UP for task in owed]
    assert waiting == sorted(waiting)
    others = [list(Step).index(task.step) for task in owed if task.kind is not TaskKind.LOOKING_UP]
    assert others == sorted(others)


# The order of the counter -----------------------------------------------------------------------------------------------------------------


def test_an_ordinary_parcel_is_asked_for_in_the_order_of_the_counter(desk: Desk) -> None:
    session, kinds = Session.started("s1", MailKind.PARCEL), []
    while (task := desk.next(session)).kind not in ENDS:
        if not kinds or kinds[-1] is not task.kind:
            kinds.append(task.kind)
        session = desk.do(session, task)
    order = ["document", "ask", "waybill", "parties", "contents", "ask", "looking-up"]
    assert [kind.value for kind in kinds] == order
    assert task.kind is TaskKind.READY


def test_the_steps_of_the_strip_follow_what_is_missing(desk: Desk) -> None:
    session = Session.started("s1", MailKind.PARCEL)
    assert desk.next(session).step is Step.IDENTITY
    session = session.identified(DOCUMENT).sender_known("13800001234").screened(CLEAR)
    session = desk.answered(session, "person-matches")
    assert desk.next(session).step is Step.WAYBILL
    session = session.waybill_scanned(WAYBILL, "张三丰").addressed(Contact("李四"))
    assert desk.next(session).step is Step.CONTENTS
    session = session.declared([BOOKS])
    assert desk.next(session).step is Step.INSPECTION
    assert desk.next(session.refused("R06", desk.book)) == Task(TaskKind.STOPPED, Step.SUBMIT)


def test_a_complete_parcel_is_ready_at_the_last_step(desk: Desk) -> None:
    assert desk.next(complete(desk.book)) == Task(TaskKind.READY, Step.SUBMIT)
    assert desk.owed(complete(desk.book)) == ()


def test_phone_and_addressee_are_one_form(desk: Desk) -> None:
    session = Session.started("s1", MailKind.PARCEL).waybill_scanned(WAYBILL)
    assert [task.kind for task in desk.owed(session)].count(TaskKind.PARTIES) == 1


def test_the_screening_is_waited_for_only_when_nothing_else_is_left(desk: Desk) -> None:
    session = complete(desk.book).identified(DOCUMENT)  # voids the screening and the answers about the person
    kinds = []
    while (task := desk.next(session)).kind is TaskKind.ASK:
        kinds.append(task.kind)
        session = desk.do(session, task)
    assert kinds
    assert task.kind is TaskKind.LOOKING_UP
    assert task.item is not None
    assert task.item.id == "screened"


# Found, stopped, hits ---------------------------------------------------------------------------------------------------------------------


def test_what_was_found_is_named_before_the_parcel_is_stopped(desk: Desk) -> None:
    session = desk.answered(filled(), "nothing-prohibited", Answer.NO)
    assert desk.verdict(session).outcome is Outcome.REFUSE
    task = desk.next(session)
    assert (task.kind, task.item and task.item.id) == (TaskKind.FOUND, "nothing-prohibited")
    named = desk.do(session, task)
    photo = desk.next(named)
    assert (photo.kind, photo.photo and photo.photo.id) == (TaskKind.PHOTO, "photo-contents")
    assert desk.next(desk.do(named, photo)).kind is TaskKind.STOPPED
    spared = named.photo_exempted("photo-contents", "no-camera", desk.book)
    assert desk.next(spared).kind is TaskKind.STOPPED


def test_a_photo_of_what_is_refused_is_owed_whatever_hits_there_are(desk: Desk) -> None:
    """Else nobody could say that it can't be taken before a supervisor has come."""
    named = filled().found(ContentsFinding(FindingKind.PROHIBITED, "打火机", "04"), desk.book)
    assert desk.next(named.screened(screening(hit(Action.REVIEW)))).kind is TaskKind.PHOTO


def test_goods_of_another_item_do_not_name_this_one(desk: Desk) -> None:
    session = desk.answered(filled(), "nothing-infringing", Answer.NO)
    named = session.found(ContentsFinding(FindingKind.PROHIBITED, "打火机", "04"), desk.book)
    assert desk.next(named).kind is TaskKind.FOUND


def test_a_refusal_without_goods_stops_at_once(desk: Desk) -> None:
    session = Session.started("s1", MailKind.PARCEL).identified(EXPIRED).screened(CLEAR)
    assert desk.next(session).kind is TaskKind.STOPPED


def test_hits_come_before_the_checklist_and_after_the_contents(desk: Desk) -> None:
    session = Session.started("s1", MailKind.PARCEL).identified(DOCUMENT).screened(screening(hit(Action.REVIEW)))
    kinds = [task.kind for task in desk.owed(session)]
    assert kinds.index(TaskKind.CONTENTS) < kinds.index(TaskKind.HITS)
    assert desk.next(filled().screened(screening(hit(Action.REVIEW)))).kind is TaskKind.ASK  # of the person
    asked = complete(desk.book).screened(screening(hit(Action.REVIEW))).measured(ParcelSize(1000))
    assert desk.next(asked).kind is TaskKind.HITS


@pytest.mark.parametrize("action", [Action.REVIEW, Action.BLOCK])
def test_hits_can_wait_while_the_checklist_goes_on_and_then_come_back(desk: Desk, action: Action) -> None:
    session = filled().screened(screening(hit(action)))
    asked = []
    while (task := desk.next(session, hits_later=True)).kind is TaskKind.ASK:
        asked.append(task)
        session = desk.do(session, task)
    assert len(asked) > 8
    assert task.kind is (TaskKind.HITS if action is Action.BLOCK else TaskKind.REFERRED)  # at both a supervisor decides
    decided = session.resolved(resolution(ResolutionKind.NOT_SAME))
    assert desk.next(decided, hits_later=True).kind is TaskKind.READY


def test_sources_that_differ_come_before_what_is_asked_about_the_person(desk: Desk) -> None:
    """A supervisor settles it, the clerk may go on meanwhile, and a new reading removes it."""
    agreed = Session.started("s1", MailKind.PARCEL).read_from(SourceReading(Source.PICTURE, DOCUMENT))
    differing = agreed.read_from(SourceReading(Source.CHIP, replace(DOCUMENT, name="张三")))
    assert desk.next(agreed).kind is TaskKind.ASK
    assert (desk.next(differing).kind, desk.next(differing).step) == (TaskKind.DIFFERENT, Step.IDENTITY)
    assert desk.next(differing, hits_later=True).kind is TaskKind.ASK
    assert desk.next(desk.do(differing, desk.next(differing))).kind is TaskKind.ASK
    assert desk.next(differing.read_from(SourceReading(Source.CHIP, DOCUMENT))).kind is TaskKind.ASK


def test_a_hit_that_is_only_noted_stops_nobody(desk: Desk) -> None:
    session = complete(desk.book).screened(screening(hit(Action.NOTE)))
    assert open_hits(session.draft) == ()
    assert desk.next(session).kind is not TaskKind.HITS


def test_every_question_takes_an_answer_that_is_in_order(desk: Desk) -> None:
    """Otherwise a task would be asked that no key does."""
    session = filled()
    for item in desk.book.rules.applying(case_of(session.draft, desk.book, TODAY)):
        if item.answers is not None:
            assert item.effect(Answer.YES) is not None, item.id
