"""日结: at the end of the day one entry says what the journal holds since the last close, so that a slip of paper proves it for ever."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date
from itertools import islice
from typing import Any

import msgspec

from courier_check import typed
from courier_check.desk.codes import DeskCode
from courier_check.desk.rights import Right, SignedIn, require
from courier_check.errors import UserError
from courier_check.inspection.security import SecurityOutcome
from courier_check.journal.entries import Draft, Header, parse_header
from courier_check.store import day_closes, inbox, journal, labels, security
from courier_check.store.database import Database
from courier_check.store.day_closes import Counts
from courier_check.store.identity import StationIdentity
from courier_check.store.intercepts import standing_intercepts
from courier_check.store.journal import Writer

MOST_JOURNALS = 40
"""Journals in one close: the facts of more would not fit into a header. What is left over is closed by the next one."""


@dataclass(frozen=True, slots=True)
class ClosedRange:
    """Entries of one journal, first and last included, and the hash of the last one.

    `since_ms`: wall time of the first, None where its row is gone.
    """

    journal_id: str
    first_seq: int
    last_seq: int
    head: str
    counts: Counts
    since_ms: int | None

    def facts(self) -> dict[str, Any]:
        """As the header has it."""
        place = {"journal_id": self.journal_id, "first_seq": self.first_seq, "last_seq": self.last_seq, "head": self.head}
        return place | asdict(self.counts)


@dataclass(frozen=True, slots=True)
class Left:
    """What is still to be done about the parcels of a close; no part of its entry. `unlabelled`: 未贴标; `recheck`, `failed`, `unchecked`:
    how their security checks stand now, where the station records any at all; `stopped`: 拦截未了, of whatever day."""

    unlabelled: int = 0
    recheck: int = 0
    failed: int = 0
    unchecked: int = 0
    stopped: int = 0


@dataclass(frozen=True, slots=True)
class Due:
    """What a close would say now: the oldest journal first; `pending` entries without a receipt. `is_new`: something came after the last
    close besides that close itself. `intercepts`: how those of the ranges stand when the day is closed, by outcome. `left`: what a close
    leaves undone, as things stand when that is read."""

    day_on: date
    ranges: tuple[ClosedRange, ...]
    pending: int
    is_new: bool
    intercepts: tuple[tuple[str, int], ...] = ()
    left: Left = Left()

    def facts(self) -> dict[str, Any]:
        """As the header has it. Where nothing was intercepted nothing is said of it."""
        said = {"day_on": self.day_on.isoformat(), "journals": [one.facts() for one in self.ranges], "pending": self.pending}
        return said | ({"intercepts": dict(self.intercepts)} if self.intercepts else {})


@dataclass(frozen=True, slots=True)
class DayClosed:
    """A close that was made: what it says, and its own entry."""

    due: Due
    station_id: str
    outlet: str
    operator: str
    at_ms: int
    journal_id: str
    seq: int
    hash: str


class _Said(msgspec.Struct, frozen=True):
    """The facts of a close as its header has them."""

    day_on: date
    journals: tuple[dict[str, Any], ...]
    pending: int
    intercepts: dict[str, int] = {}


class DayCloses:
    """The verb that closes a day."""

    def __init__(self, database: Database, writer: Writer, identity: StationIdentity) -> None:
        self._database = database
        self._writer = writer
        self._identity = identity

    def due(self) -> Due:
        """What there is to close. Reads only."""
        with self._database.snapshot():
            due = self._due(self._database)
            return replace(due, left=self._left(due))

    def close(self, by: SignedIn | None) -> DayClosed:
        """日结: close everything after the last close. Raises UserError where there is nothing since."""
        with self._database.write() as tx:
            who = require(tx, by, Right.CLOSE_DAY)
            due = self._due(tx)
            if not due.is_new:
                raise UserError(DeskCode.NOTHING_TO_CLOSE, seq=due.ranges[-1].last_seq)
            entry = journal.append(tx, Draft("day-close", who.code, due.facts()), self._writer).entry
        return self._closed(due, entry.header, entry.hash)

    def last(self) -> DayClosed | None:
        """The newest close as its entry says it, so that a slip can be printed again. Raises JournalError for a damaged entry."""
        with self._database.snapshot():
            place = day_closes.newest(self._database)
            entry = journal.entry_at(self._database, *place) if place else None
            if place is None or entry is None:
                return None
            header, noted = parse_header(entry.header_bytes), journal.hash_at(self._database, *place) or ""
            said = typed.convert(header.facts, _Said)
            ranges = tuple(self._as_said(one) for one in said.journals)
        due = Due(said.day_on, ranges, said.pending, is_new=True, intercepts=tuple(sorted(said.intercepts.items())))
        return self._closed(due, header, noted)

    def _as_said(self, said: dict[str, Any]) -> ClosedRange:
        place = {name: said[name] for name in ("journal_id", "first_seq", "last_seq", "head")}
        since_ms = day_closes.wall_ms_at(self._database, said["journal_id"], said["first_seq"])
        return ClosedRange(**place, counts=typed.convert(said, Counts), since_ms=since_ms)

    def _closed(self, due: Due, header: Header, noted: str) -> DayClosed:
        place = self._identity.certificate.station
        outlet = place.outlet_name if place else ""
        operator, at_ms = header.operator or "", header.times.wall_ms
        due = replace(due, left=self._left(due))
        return DayClosed(due, header.station_id, outlet, operator, at_ms, header.journal_id, header.seq, noted)

    def _left(self, due: Due) -> Left:
        spans = [(one.journal_id, one.first_seq, one.last_seq) for one in due.ranges]
        standing = Counter[str | None]()
        for span in spans:
            standing.update(security.standing_between(self._database, *span))
        return Left(
            unlabelled=sum(labels.unlabelled_between(self._database, *span) for span in spans),
            recheck=standing[SecurityOutcome.RECHECK],
            failed=standing[SecurityOutcome.FAIL],
            unchecked=standing[None] if set(standing) - {None} else 0,
            stopped=standing_intercepts(self._database),
        )

    def _due(self, db: Database) -> Due:
        ranges = tuple(islice(self._ranges(db), MOST_JOURNALS))
        return Due(
            day_on=self._writer.clock.read().at.date(),
            ranges=ranges,
            pending=inbox.standing_in(db).pending,
            intercepts=day_closes.outcomes_between(db, ((one.journal_id, one.first_seq, one.last_seq) for one in ranges)),
            is_new=any(one.first_seq < one.last_seq or not day_closes.is_day_close(db, one.journal_id, one.last_seq) for one in ranges),
        )

    def _ranges(self, db: Database) -> Iterator[ClosedRange]:
        """By seq, from the one after the last close: a clock that is changed makes nothing fall between two days."""
        for journal_id in journal.journal_ids(db):
            first = day_closes.closed_seq(db, journal_id) + 1
            head = journal.head_of(db, journal_id, self._identity.first_prev)
            if head.seq >= first:
                counts = day_closes.counts_between(db, journal_id, first, head.seq)
                since_ms = day_closes.wall_ms_at(db, journal_id, first)
                yield ClosedRange(journal_id, first, head.seq, head.hash, counts, since_ms)
