"""What the lists page has a worker do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from courier_check.desk.list_looks import ListStanding, Looked
    from courier_check.desk.objections import Objection
    from courier_check.desk.rescreening import Standing
    from courier_check.desk.rights import SignedIn
    from courier_check.station import Station
    from courier_check.store.objections import ObjectionHeld
    from courier_check.store.rescreening import WorkItem


@dataclass(frozen=True, slots=True)
class ListsRead:
    """How lists and objections stand on a day."""

    today: date
    lists: tuple[ListStanding, ...]
    objections: tuple[ObjectionHeld, ...]
    rescreening: Standing
    work: tuple[WorkItem, ...]


def read_lists(station: Station) -> ListsRead:
    """Reads only."""
    from courier_check.desk.list_looks import standing

    desk = station.desk()
    again = desk.rescreening
    objections, work = tuple(desk.objections.newest()), tuple(again.work())
    return ListsRead(desk.acceptances.today(), standing(station.database), objections, again.standing(), work)


def look(station: Station, asked: str) -> Looked:
    """为什么命中. Reads only; raises UserError where nothing is left to ask by."""
    from courier_check.desk.list_looks import look as looked

    desk = station.desk()
    return looked(station.database, desk.screener, asked, desk.acceptances.today())


def finish_work(station: Station, number: int, who: SignedIn | None) -> None:
    """办完, durable when it returns. Raises UserError for what is not open any more."""
    station.desk().rescreening.finish(number, who)


def object_to(station: Station, objection: Objection, who: SignedIn | None) -> str:
    """异议登记, durable when it returns: its number. Raises UserError; then nothing was written."""
    number, _ = station.desk().objections.record(objection, who)
    station.keep_head()
    return number
