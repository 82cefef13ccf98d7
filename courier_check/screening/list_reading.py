"""Reading a list file through: good lines become entries, every other line is told, and what contradicts itself is found.

Nothing is kept of a row but a few numbers (some 350 bytes a line), so that a file of a million rows can be read.

What stands twice, or against itself (docs/operating.md):
- the same entry twice in a list: the first counts, the other is left out;
- one unified credit code under two names, in one list or in two: both count, and it is told;
- an entry, or a code, listed and removed at once in a list: what is still listed goes no further than 主管复核, whichever stands
  first. A code removed before it was listed again is no contradiction.
"""

from __future__ import annotations

import io
import struct
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import msgspec

from courier_check.errors import Fact
from courier_check.screening.codes import ScreeningCode
from courier_check.screening.entries import (
    Action,
    EntryForm,
    ListEntry,
    ListHeader,
    ListPackage,
    SubjectKind,
    Vetting,
    entry_defect,
    in_order,
    listed,
)
from courier_check.screening.list_files import Issue, LineError, Row, RowDefect, Token, row_entry
from courier_check.screening.list_rows import TableRow, csv_rows

_OF_THE_LIST = (
    ("list_type", "title"),
    ("source_org", "issuer"),
    *((column, column) for column in ("doc_no", "legal_basis", "remedy", "issuer_kind", "blocks_on_company_name")),
)
"""Columns whose rows must agree within a list, with the header's field."""
_NEVER = date.max.toordinal() + 1
_PACKED = struct.Struct("<IqqII")
Tell = Callable[[LineError], None]


@dataclass(frozen=True, slots=True)
class Source:
    """What reading takes beside the rows."""

    issue: Issue
    vetting: Vetting
    token: Token


@dataclass(frozen=True, slots=True)
class Summary:
    """How a file came out, in lines: `good` gave entries, `bad` were left out, `noted` are good ones that something is said of."""

    read: int
    good: int
    bad: int
    noted: int


NO_LINES = Summary(0, 0, 0, 0)


@dataclass(slots=True)
class _List:
    """One list of a file, as far as it was read: of each of its entries the line, and whether something was said of it."""

    header: ListHeader
    first_line: int
    tokens: bool = False
    lines: array[int] = field(default_factory=lambda: array("I"))
    noted: bytearray = field(default_factory=bytearray)

    @property
    def entries(self) -> int:
        return len(self.lines)


@dataclass(frozen=True, slots=True)
class _Coded:
    """Who bore a unified code first; and of rows of that list about it the first day it was listed on and is not yet removed, and the last
    day it was removed on, as ordinals (none: a day that never comes, and one before all)."""

    line: int
    list_hash: int
    name_hash: int
    listed_on: int
    removed_on: int

    @classmethod
    def read(cls, packed: bytes) -> _Coded:
        return cls(*_PACKED.unpack(packed))

    def packed(self) -> bytes:
        """A quarter of the memory: there are two for every line with a code."""
        return _PACKED.pack(self.line, self.list_hash, self.name_hash, self.listed_on, self.removed_on)

    @property
    def contradictory(self) -> bool:
        """Removed on or after the day it was listed. Listed again later is another listing, and none."""
        return self.listed_on <= self.removed_on


@dataclass(slots=True)
class Reading:
    """The reading of one file. Iterate over it once: it gives the entries of good lines and tells of the others; then ask for the rest."""

    source: Source
    tell: Tell
    _lists: dict[str, _List] = field(default_factory=dict)
    _seen: dict[int, int] = field(default_factory=dict)
    _coded: dict[int, bytes] = field(default_factory=dict)
    _contested: dict[tuple[str, str], int] = field(default_factory=dict)
    _good: int = 0
    _bad: int = 0
    _noted: int = 0

    def entries(self, rows: Iterable[TableRow]) -> Iterator[ListEntry]:
        """The entries of good lines. UserError where the file as a whole can't be read."""
        for row in rows:
            try:
                read = row_entry(row, self.source.issue, self.source.token)
                entry = self._checked(read)
            except RowDefect as defect:
                self._bad += 1
                self.tell(LineError(row.line, defect.column, defect.code, defect.facts))
                continue
            self._good += 1
            held = self._lists[entry.list_id]
            held.lines.append(row.line)
            notes = (*(LineError(row.line, each, ScreeningCode.CELL_FORMULA) for each in row.formulas), *self._notes(read, entry))
            held.noted.append(bool(notes))
            self._noted += bool(notes)
            for note in notes:
                self.tell(_kept(note))
            yield entry

    def summary(self) -> Summary:
        return Summary(self._good + self._bad, self._good, self._bad, self._noted)

    def headers(self) -> list[ListHeader]:
        """The lists of the file that may be made; a list that blocks and names no remedy is told, and left out whole."""
        made = []
        for held in self._lists.values():
            if held.header.allowed is Action.BLOCK and not held.header.remedy:
                where = {"list": held.header.list_id}
                self._good, self._bad = self._good - held.entries, self._bad + held.entries
                self.tell(LineError(held.first_line, "remedy", ScreeningCode.BLOCK_WITHOUT_REMEDY, where))
            elif held.entries:
                made.append(held.header if held.tokens else msgspec.structs.replace(held.header, match_key_id=None))
        return made

    def weakened(self, entry: EntryForm, list_id: str) -> Action | None:
        """What an entry may lead to at most where its list contradicts itself about it or its code: known when all was read."""
        removed_on = max(self._contested.get((list_id, each or ""), 0) for each in (entry.entry_id, entry.uscc))
        if entry.removed_on is not None or entry.listed_on.toordinal() > removed_on:
            return None
        return Action.REVIEW.at_most(entry.action or Action.REVIEW)

    def contested(self) -> Iterator[tuple[str, str]]:
        """(list, entry id or unified code) of what a list contradicts itself about: nothing `weakened` gives something for is missing."""
        yield from self._contested

    def note(self, list_id: str, ordinal: int, told: tuple[str, ScreeningCode], facts: Mapping[str, Fact]) -> None:
        """Something more of the how-manieth entry of a list, from 0, that was found out when all was read: its column, and what it is."""
        held = self._lists[list_id]
        self._noted += not held.noted[ordinal]
        held.noted[ordinal] = True
        self.tell(_kept(LineError(held.lines[ordinal], *told, facts)))

    def _checked(self, row: Row) -> ListEntry:
        """The entry of a row beside the others of its list. Raises RowDefect."""
        header, entry = row.header, row.entry
        held = self._lists.get(header.list_id)
        where = {"list": header.list_id, "entry": entry.entry_id}
        if held is not None:
            differing = next((column for column, of in _OF_THE_LIST if getattr(header, of) != getattr(held.header, of)), None)
            if differing is not None:
                raise RowDefect(differing, ScreeningCode.CSV_DISAGREES)
        defect = entry_defect(header, entry, self.source.vetting)
        if defect is not None:
            raise RowDefect(_column_of(defect, entry), defect, where)
        self._check_twice(row, where)
        if held is None:
            held = self._lists[header.list_id] = _List(header, row.line)
        elif header.action.weight > held.header.action.weight:
            held.header = msgspec.structs.replace(held.header, action=header.action)
        held.tokens = held.tokens or bool(entry.tokens)
        return listed(entry, header.list_id, self.source.vetting.names)

    def _check_twice(self, row: Row, where: Mapping[str, Fact]) -> None:
        """The same entry again is left out, unless it says that the entry is listed where the first says that it was removed."""
        list_id, entry = row.header.list_id, row.entry
        key, removed = hash((list_id, entry.entry_id)), entry.removed_on is not None
        first = self._seen.get(key)
        if first is None:
            self._seen[key] = row.line * 2 + removed
            return
        line, first_removed = divmod(first, 2)
        if bool(first_removed) is removed:
            raise RowDefect("entry_id", ScreeningCode.DUPLICATE_ENTRY, {**where, "line": line})
        self._contested[list_id, entry.entry_id] = date.max.toordinal()
        if removed:
            raise RowDefect("removed_on", ScreeningCode.LISTED_AND_REMOVED, {"line": line})

    def _notes(self, row: Row, entry: ListEntry) -> Iterator[LineError]:
        """What is worth knowing of a good line."""
        firm = entry.subject_kind in (SubjectKind.COMPANY, SubjectKind.SHOP)
        if firm and not (entry.tokens or entry.organisation or any(name.core for name in entry.names)):
            yield LineError(row.line, "name", ScreeningCode.GENERIC_NAME)
        if entry.uscc is not None:
            yield from self._contradictions(row, entry, entry.uscc)

    def _contradictions(self, row: Row, entry: ListEntry, uscc: str) -> Iterator[LineError]:
        list_id = row.header.list_id
        name = hash(entry.names[0].full if entry.names else "")
        on = (entry.listed_on.toordinal(), 0) if entry.removed_on is None else (_NEVER, entry.removed_on.toordinal())
        for key, code in ((hash((list_id, uscc)), ScreeningCode.OTHER_NAME), (hash(uscc), ScreeningCode.OTHER_NAME_ELSEWHERE)):
            held = self._coded.get(key)
            if held is None:
                self._coded[key] = _Coded(row.line, hash(list_id), name, *on).packed()
                continue
            first = _Coded.read(held)
            same_list = code is ScreeningCode.OTHER_NAME
            if first.name_hash != name and (same_list or first.list_hash != hash(list_id)):
                yield LineError(row.line, "uscc", code, {"line": first.line})
            if same_list:
                both = _Coded(first.line, first.list_hash, first.name_hash, min(first.listed_on, on[0]), max(first.removed_on, on[1]))
                self._coded[key] = both.packed()
                if both.contradictory:
                    self._contested[list_id, uscc] = both.removed_on
                    yield LineError(row.line, "removed_on", ScreeningCode.LISTED_AND_REMOVED, {"line": first.line})


def _column_of(defect: ScreeningCode, entry: EntryForm) -> str:
    """Where a defect of an entry is mended."""
    if defect is ScreeningCode.BAD_DATES:
        return "expires_on" if entry.expires_on is not None and entry.expires_on < entry.listed_on else "removed_on"
    columns = {ScreeningCode.BAD_USCC: "uscc", ScreeningCode.BAD_ORG_CODE: "org_code", ScreeningCode.NOTHING_TO_MATCH: "name"}
    return columns.get(defect, "")


def _kept(note: LineError) -> LineError:
    return LineError(note.line, note.column, note.code, note.facts, left_out=False)


@dataclass(frozen=True, slots=True)
class ListFile:
    """What a file gave: the packages made of its good lines, and what is to be said of the others."""

    packages: tuple[ListPackage, ...]
    errors: tuple[LineError, ...]
    notes: tuple[LineError, ...] = ()
    summary: Summary = NO_LINES


def read_list(rows: Iterable[TableRow], source: Source) -> ListFile:
    """Read a list file into memory. Rows of one `list_id` (or else of one list_type, source_org and doc_no) make one list.

    A row's action may be weaker than its list's, which is the strongest of its rows. UserError if the file has no usable heading.
    """
    told: list[LineError] = []
    reading = Reading(source, told.append)
    entries: dict[str, dict[str, ListEntry]] = {}
    for entry in reading.entries(rows):
        entries.setdefault(entry.list_id, {})[entry.entry_id] = entry
    packages = [
        ListPackage(header, in_order(weaker(reading, entry) or entry for entry in entries[header.list_id].values()))
        for header in reading.headers()
    ]
    errors, notes = (tuple(each for each in told if each.left_out is bad) for bad in (True, False))
    return ListFile(tuple(packages), errors, notes, reading.summary())


def parse_list_csv(text: str, issue: Issue, vetting: Vetting, token: Token) -> ListFile:
    """As `read_list`, of a CSV text that is taken whole or not at all: with any error there is no package."""
    file = read_list(csv_rows(io.StringIO(text.removeprefix("\ufeff"), newline="")), Source(issue, vetting, token))
    return ListFile((), file.errors, file.notes, file.summary) if file.errors else file


def weaker(reading: Reading, entry: ListEntry) -> ListEntry | None:
    """An entry that its list contradicts, with what it may lead to at most; None for any other."""
    action = reading.weakened(entry, entry.list_id)
    return None if action is None else msgspec.structs.replace(entry, action=action)
