"""A counter in every task and in every panel, made by steps over the shipped rules."""

from __future__ import annotations

from dataclasses import replace

from courier_check.acceptance import Contact, Session
from courier_check.acceptance.tasks import TaskKind
from courier_check.identity.documents import Source
from courier_check.identity.readings import SourceReading
from courier_check.inspection.findings import Answer, Finding
from courier_check.parcel.contents import DeclaredItem
from courier_check.parcel.waybills import CodeKind, WaybillCheck
from courier_check.screening.entries import Action
from courier_check.terms import MailKind
from support.counters import AMBIGUOUS, SUPERVISOR
from support.parcels import DOCUMENT, EXPIRED, TODAY, WAYBILL, complete, hit, screening
from ui.counter.effects import Now
from ui.counter.state import Books, CounterState, Panel

FRESH = CounterState.fresh("s1", "d1")


def state_of(session: Session) -> CounterState:
    return FRESH.with_session(Session("s1", session.draft, session.history))


def kind(state: CounterState, book: Books) -> TaskKind:
    return Now.of(state, book, 0).task.kind


def answered(session: Session, book: Books, item: str, answer: Answer = Answer.YES) -> Session:
    return session.answered(Finding(item, answer), book.rules.rulebook, TODAY)


def several(session: Session) -> Session:
    return session.waybill_scanned(WaybillCheck(AMBIGUOUS, CodeKind.WAYBILL, ("zto", "sf", "sto")), "张三丰")


def states(book: Books) -> dict[str, CounterState]:
    """A counter in every task and every panel."""
    rulebook = book.rules.rulebook
    person = Session.started("s1", MailKind.PARCEL).identified(DOCUMENT)
    known = answered(person, book, "person-matches")
    whole = complete(rulebook)
    hits = whole.screened(screening(hit(Action.REVIEW)))
    medicine = answered(whole.declared([DeclaredItem(name="感冒药", category="medicine")]), book, "contents-match")
    unlike = answered(whole, book, "person-matches", Answer.DOUBT)
    tasks = {
        TaskKind.DOCUMENT: FRESH,
        TaskKind.AGENT_DOCUMENT: state_of(person.brought_by_agent()),
        TaskKind.DIFFERENT: state_of(person.read_from(SourceReading(Source.PICTURE, replace(DOCUMENT, name="张三峰")))),
        TaskKind.CLIENT: state_of(known.kind_changed(MailKind.AGREEMENT)),
        TaskKind.WAYBILL: state_of(known),
        TaskKind.CARRIER: state_of(several(known)),
        TaskKind.PARTIES: state_of(known.waybill_scanned(WAYBILL, "张三丰")),
        TaskKind.CONTENTS: state_of(filled_without_goods(known)),
        TaskKind.LOOKING_UP: state_of(Session("s1", replace(whole.draft, screening=None), whole.history)),
        TaskKind.ASK: state_of(person),
        TaskKind.FOUND: state_of(answered(whole, book, "nothing-prohibited", Answer.NO)),
        TaskKind.PHOTO: state_of(all_yes(medicine, book)),
        TaskKind.HITS: state_of(hits),
        TaskKind.STOPPED: state_of(person.identified(EXPIRED)),
        TaskKind.REFERRED: state_of(unlike.photographed("photo-contents", "ab" * 32)),
        TaskKind.READY: state_of(whole),
    }
    for name, state in tasks.items():
        assert kind(state, book) is name
    panels = {
        panel: tasks[TaskKind.READY].opened(panel) for panel in Panel if panel not in (Panel.TASK, Panel.RECORDED, Panel.HELD, Panel.DECIDE)
    }
    held = FRESH.with_session(FRESH.session.identified(DOCUMENT)).held("s2", "d2").with_session(Session.started("s2", MailKind.LETTER))
    held = held.with_session(held.session.identified(DOCUMENT)).held("s3", "d3")
    panels[Panel.HELD] = held.opened(Panel.HELD)
    panels[Panel.DECIDE] = tasks[TaskKind.HITS].opened(Panel.DECIDE, present=SUPERVISOR)
    return {**{task.value: state for task, state in tasks.items()}, **{f"panel {panel}": state for panel, state in panels.items()}}


def filled_without_goods(session: Session) -> Session:
    labelled = session.waybill_scanned(WAYBILL, "张三丰")
    return labelled.sender_known("13800001234").addressed(Contact("李四"))


def all_yes(session: Session, book: Books) -> Session:
    while (task := Now.of(state_of(session), book, 0).task).kind is TaskKind.ASK:
        assert task.item is not None
        session = answered(session, book, task.item.id)
    return session
