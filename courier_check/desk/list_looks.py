"""查名单: how the installed lists stand, what they say of a name or code, and why it is a hit or is none. Reads only."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from courier_check.desk.near_names import ListedNames, Nearest
from courier_check.desk.screener import Screener, Subject
from courier_check.desk.vetting import shipped_names
from courier_check.identity.text import plain
from courier_check.privacy import mask_name
from courier_check.screening.entries import KeyKind, ListEntry, ListHeader, SubjectKind
from courier_check.screening.match import Screening
from courier_check.screening.normalise import normalise_name
from courier_check.store import lists
from courier_check.store.database import Database

MOST_FOUND = 50
LONGEST_ASKED = 500
_USCC = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")


@dataclass(frozen=True, slots=True)
class ListStanding:
    """An installed list as whoever works by it must know it. `signed`: whether the gateway's signature came with it."""

    header: ListHeader
    entries: int
    confirmed_on: date
    signed: bool

    def age_days(self, today: date) -> int:
        """Days since it was last known to be the newest."""
        return (today - self.confirmed_on).days


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """An entry a search found. People's names are masked."""

    list_id: str
    entry_id: str
    name: str
    code: str
    listed_on: date
    until_on: date | None


@dataclass(frozen=True, slots=True)
class Looked:
    """What was asked and what the lists say. `found`: the entries that are hits, then those with the words in a name. `nearest`: where
    nothing matches, the listed name that comes closest, and why it is none."""

    asked: str = field(repr=False)
    today: date
    screening: Screening
    nearest: Nearest | None
    found: tuple[FoundEntry, ...]


def standing(db: Database) -> tuple[ListStanding, ...]:
    """Every installed list, by its id."""
    signed = {name: bool(flag) for name, flag in db.rows("SELECT name, signed FROM installed_packages WHERE kind = 'list'")}
    installed = lists.StoredCandidates(db).installed()
    return tuple(ListStanding(held.header, held.entries, held.confirmed_on, signed.get(held.header.list_id, False)) for held in installed)


def look(db: Database, screener: Screener, asked: str, today: date, going_on: Callable[[], None] = lambda: None) -> Looked:
    """为什么命中: a firm's name, or a credit code. Raises UserError where nothing is left to ask by (only punctuation, only a form).
    `going_on` is called now and then, and may raise to end what nobody waits for any more."""
    text = asked.strip()[:LONGEST_ASKED]
    code = plain(text)
    by_code = bool(_USCC.fullmatch(code))
    screening = screener.screen(Subject(uscc=code) if by_code else Subject(name=text), today)
    going_on()
    nearest = None
    if not screening.hits and not by_code and isinstance(screener.names, ListedNames):
        nearest = screener.names.nearest(normalise_name(text, shipped_names()), lists.StoredCandidates(db).installed())
    held = lists.StoredCandidates(db)
    hit = (held.entry(each.list_id, each.entry_id) for each in screening.hits)
    named = held.by_key(KeyKind.USCC, code) if by_code else _named(db, text, going_on)
    found = {(entry.list_id, entry.entry_id): entry for entry in (*(each for each in hit if each is not None), *named)}
    return Looked(text, today, screening, nearest, tuple(_shown(entry) for entry in [*found.values()][:MOST_FOUND]))


def _named(db: Database, text: str, going_on: Callable[[], None]) -> Sequence[ListEntry]:
    """Entries whose name has the words in it."""
    return lists.entries_named(db, normalise_name(text, shipped_names()).full, MOST_FOUND, going_on)


def _shown(entry: ListEntry) -> FoundEntry:
    name = mask_name(entry.display_name) if entry.subject_kind is SubjectKind.PERSON else entry.display_name
    ends = [day for day in (entry.expires_on, entry.removed_on) if day is not None]
    return FoundEntry(entry.list_id, entry.entry_id, name, entry.uscc or entry.org_code or "", entry.listed_on, min(ends, default=None))
