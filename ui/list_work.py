"""What the lists page has a worker do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from courier_check.desk.list_looks import ListStanding, Looked
    from courier_check.desk.objections import Answer, Objection
    from courier_check.desk.rescreening import Standing
    from courier_check.desk.rights import SignedIn
    from courier_check.station import Station
    from courier_check.store.decisions import DecisionHeld
    from courier_check.store.list_conflicts import ConflictsTold
    from courier_check.store.objections import ObjectionHeld
    from courier_check.store.rescreening import WorkItem


@dataclass(frozen=True, slots=True)
class ListsRead:
    """How lists, objections and decisions stand on a day. `decisions`: those that hold; `conflicts`: by list, where there are any."""

    today: date
    lists: tuple[ListStanding, ...]
    objections: tuple[ObjectionHeld, ...]
    rescreening: Standing
    work: tuple[WorkItem, ...]
    decisions: tuple[DecisionHeld, ...] = ()
    conflicts: Mapping[str, tuple[ConflictsTold, ...]] = field(default_factory=dict)


MOST_SHOWN = 100
"""Rows of a table of this page: more of them would hold the screen up, and the newest come first."""


def read_lists(station: Station) -> ListsRead:
    """Reads only."""
    from courier_check.desk.list_looks import standing

    desk = station.desk()
    again, today, lists = desk.rescreening, desk.acceptances.today(), standing(station.database)
    objections, work = tuple(desk.objections.newest()), tuple(again.work())
    holding = tuple(each for each in desk.decisions.newest() if each.revoked is None and each.until_on >= today)
    told = {each.header.list_id: tuple(desk.lists.conflicts(each.header.list_id)) for each in lists}
    conflicts = {list_id: found for list_id, found in told.items() if found}
    return ListsRead(today, lists, objections[:MOST_SHOWN], again.standing(), work[:MOST_SHOWN], holding[:MOST_SHOWN], conflicts)


def look(station: Station, asked: str, going_on: Callable[[], None] = lambda: None) -> Looked:
    """为什么命中. Reads only; raises UserError where nothing is left to ask by, and what `going_on` raises."""
    from courier_check.desk.list_looks import look as looked

    desk = station.desk()
    return looked(station.database, desk.screener, asked, desk.acceptances.today(), going_on)


def finish_work(station: Station, number: int, who: SignedIn | None) -> None:
    """办完, durable when it returns. Raises UserError for what is not open any more."""
    station.desk().rescreening.finish(number, who)


def object_to(station: Station, objection: Objection, who: SignedIn | None) -> str:
    """异议登记, durable when it returns: its number. Raises UserError; then nothing was written."""
    number, _ = station.desk().objections.record(objection, who)
    station.keep_head()
    return number


@dataclass(frozen=True, slots=True, repr=False)
class Supervising:
    """Who answers for it: whoever is signed in, where that is a supervisor; else the one whose code and password were typed."""

    signed_in: SignedIn | None
    code: str = ""
    password: str = ""


def answer_objection(station: Station, answer: Answer, by: Supervising) -> str:
    """答复, durable when it returns: the objection's number. Raises UserError; then nothing was written."""
    desk = station.desk()
    desk.objections.answer(answer, _supervisor(station, by))
    station.keep_head()
    return answer.number


def revoke_decision(station: Station, decision: tuple[str, int], reason: str, by: Supervising) -> int:
    """撤销, durable when it returns: the number of the decision's entry. Raises UserError; then nothing was written."""
    journal_id, seq = decision
    station.desk().decisions.revoke(journal_id, seq, reason, _supervisor(station, by))
    station.keep_head()
    return seq


def _supervisor(station: Station, by: Supervising) -> SignedIn | None:
    return station.desk().operators.sign_in(by.code, by.password) if by.code else by.signed_in
