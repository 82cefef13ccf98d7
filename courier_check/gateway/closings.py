"""日结 and 异议 as stations wrote them into their entries: what the regulator's page shows of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from courier_check import typed
from courier_check.gateway.store.pulls import EntryAbout
from courier_check.journal.forms import Hash, JournalId, Seq

DAY_CLOSE, DISPUTE, CORRECTION = "day-close", "dispute", "correction"
Act = tuple[str, int]
"""(journal_id, seq)"""


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """The newest day close of a station: the day it says, and the last range in it. `others`: ranges of other journals in it."""

    station_id: str
    arrival: int
    day_on: str
    first_seq: int
    last_seq: int
    head: str
    others: int


class _Range(msgspec.Struct, frozen=True):
    journal_id: JournalId
    first_seq: Seq
    last_seq: Seq
    head: Hash


class _Place(msgspec.Struct, frozen=True):
    journal_id: JournalId
    seq: Seq


class _Facts(msgspec.Struct, frozen=True):
    day_on: str = ""
    journals: tuple[_Range, ...] = ()
    disputes: _Place | None = None
    corrects: _Place | None = None


class _Header(msgspec.Struct, frozen=True):
    facts: _Facts


def closed_days(closes: Iterable[EntryAbout]) -> dict[str, ClosedDay]:
    """By station."""
    found = {}
    for each in closes:
        facts = _facts(each.header)
        if facts is not None and facts.journals:
            last = facts.journals[-1]
            found[each.station_id] = ClosedDay(
                each.station_id, each.arrival, facts.day_on[:10], last.first_seq, last.last_seq, last.head, len(facts.journals) - 1
            )
    return found


def open_disputes(entries: Iterable[EntryAbout]) -> Mapping[str, int]:
    """How many acts of each station are disputed and were not corrected since; `entries`: disputes and corrections in order of arrival."""
    disputed: dict[str, set[Act]] = {}
    for each in entries:
        facts, of_station = _facts(each.header), disputed.setdefault(each.station_id, set())
        if facts is None:
            continue
        if each.kind == DISPUTE and facts.disputes is not None:
            of_station.add((facts.disputes.journal_id, facts.disputes.seq))
        elif each.kind == CORRECTION and facts.corrects is not None:
            of_station.discard((facts.corrects.journal_id, facts.corrects.seq))
    return {station_id: len(acts) for station_id, acts in disputed.items() if acts}


def _facts(header: str) -> _Facts | None:
    try:
        return typed.decode(header, _Header).facts
    except msgspec.ValidationError:  # facts are the station's own and were never checked
        return None
