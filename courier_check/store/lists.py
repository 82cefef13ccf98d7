"""Installed lists (名单): the entries in force, found by their keys or by part of a name, and what earlier versions said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import date

import msgspec

from courier_check import typed
from courier_check.errors import UserError
from courier_check.screening.codes import ScreeningCode
from courier_check.screening.entries import KeyKind, ListEntry, ListHeader, Vetting, decode_entry, encode_entry, form_of, listed
from courier_check.screening.list_delta import ListDelta, package_sha256
from courier_check.screening.match import InstalledList
from courier_check.store import list_editions
from courier_check.store.database import Database
from courier_check.store.list_editions import InUse


@dataclass(frozen=True, slots=True)
class Installing:
    """What a list's rows are kept with: under which rules its names were normalised, and the day."""

    names_version: str
    on: date


@dataclass(frozen=True, slots=True)
class SaidOf:
    """What a list says of an entry in a version: the installed one, or with `until_on` one that was installed until that day."""

    list_id: str
    version: int
    until_on: date | None
    entry: ListEntry


def apply_delta(tx: Database, delta: ListDelta, with_what: Installing) -> int:
    """Change the edition in force by a small delta, inside the caller's transaction; how many entries there are then. What was said
    otherwise is kept as past. UserError where they are not as many as the delta says."""
    list_id = delta.header.list_id
    now = list_editions.in_force(tx, list_id)
    if now is None:
        raise UserError(ScreeningCode.DELTA_OUTCOME, list=list_id)
    said = [*delta.dropped, *(entry.entry_id for entry in delta.changed)]
    gone = [entry for each in said if (entry := list_editions.take_from(tx, now.edition, each)) is not None]
    came = {entry.entry_id for entry in delta.changed} - {entry.entry_id for entry in gone}
    arrived = [(list_id, each, now.edition, delta.header.version) for each in sorted(came)]
    tx.executemany(list_editions.ADD_ARRIVAL, arrived)
    day = with_what.on.isoformat()
    past = [(list_id, entry.entry_id, now.version, day, encode_entry(entry)) for entry in gone]
    tx.executemany(list_editions.ADD_PAST, past)
    list_editions.add_to(tx, now.edition, delta.changed)
    count = StoredCandidates(tx).entry_count(list_id) - len(gone) + len(delta.changed)
    save_list(tx, delta.header, with_what, InUse(now.edition, count))
    if count != delta.outcome.count:
        raise UserError(ScreeningCode.DELTA_OUTCOME, list=list_id)
    return count


def entries_after(db: Database, delta: ListDelta) -> Iterator[ListEntry]:
    """The entries a list has once a delta is applied, in any order, read some at a time."""
    gone = {*delta.dropped, *(entry.entry_id for entry in delta.changed)}
    now = list_editions.in_force(db, delta.header.list_id)
    for piece in list_editions.pages(db, now.edition) if now is not None else ():
        yield from (decode_entry(content) for _, content in piece if list_editions.entry_id_of(content) not in gone)
    yield from delta.changed


def sha256_after(db: Database, delta: ListDelta) -> str:
    """The SHA-256 of the whole package a list's entries would make once a delta is applied."""
    changed = {entry.entry_id: entry for entry in delta.changed}
    stay = _numbers(db, delta.header.list_id, without={*delta.dropped, *changed})
    held = ((each, None) for each in stay)
    order = sorted([*held, *((each, entry) for each, entry in changed.items())], key=lambda each: each[0])
    contents = list_editions.contents(db, (stay[each] for each, entry in order if entry is None))
    return package_sha256(delta.header, (entry or decode_entry(next(contents)) for _, entry in order))


def installed_sha256(db: Database, header: ListHeader) -> str:
    """The SHA-256 of the whole package that the installed entries would make under a header."""
    numbers = _numbers(db, header.list_id)
    contents = list_editions.contents(db, (numbers[each] for each in sorted(numbers)))
    return package_sha256(header, (decode_entry(content) for content in contents))


def _numbers(db: Database, list_id: str, without: Set[str] = frozenset()) -> dict[str, int]:
    """Where each entry of a list stands, by its id."""
    now = list_editions.in_force(db, list_id)
    found = (row for piece in list_editions.pages(db, now.edition) for row in piece) if now is not None else ()
    named = ((list_editions.entry_id_of(content), number) for number, content in found)
    return {entry_id: number for entry_id, number in named if entry_id not in without}


def said_of(db: Database, entry_id: str) -> list[SaidOf]:
    """What lists say of an entry, and said before, by list and version. What an import under way has written as past is not past yet."""
    lists = {held.header.list_id: held.header.version for held in StoredCandidates(db).installed()}
    past = "SELECT list_id, version, until_on, content FROM list_past_entries WHERE entry_id = ?"
    found = [
        SaidOf(list_id, version, date.fromisoformat(on), decode_entry(said))
        for list_id, version, on, said in db.rows(past, (entry_id,))
        if version < lists.get(list_id, version + 1)
    ]
    for list_id, version in lists.items():
        entry = StoredCandidates(db).entry(list_id, entry_id)
        found += [SaidOf(list_id, version, None, entry)] if entry is not None else []
    return sorted(found, key=lambda each: (each.list_id, each.version))


def reindex(db: Database, vetting: Vetting, now_ms: Callable[[], int]) -> int:
    """Normalise names anew where a list's were under other rules, a slice a transaction; returns how many lists."""
    held = db.rows("SELECT list_id, header, confirmed_on FROM lists WHERE names_version <> ?", (vetting.names.version,))
    for list_id, stored, confirmed_on in held:
        header, now = typed.decode(stored, ListHeader), list_editions.in_force(db, list_id)
        if now is None or now.version != header.version:
            continue
        with list_editions.Drafts(db, now_ms) as drafts:
            drafts.of(list_id)
            drafts.take(_normalised_anew(db, now.edition, list_id, vetting))
            drafts.seal()
            with db.write() as tx:
                if tx.value("SELECT names_version FROM lists WHERE list_id = ?", (list_id,)) == vetting.names.version:
                    continue  # another window did it meanwhile
                in_use = drafts.put_in_force(tx, header, now)
                save_list(tx, header, Installing(vetting.names.version, date.fromisoformat(confirmed_on)), in_use)
    return len(held)


def _normalised_anew(db: Database, edition: int, list_id: str, vetting: Vetting) -> Iterator[ListEntry]:
    for piece in list_editions.pages(db, edition):
        yield from (listed(form_of(decode_entry(content)), list_id, vetting.names) for _, content in piece)


def save_list(tx: Database, header: ListHeader, with_what: Installing, in_use: InUse) -> None:
    """A list's own row: from now on this edition is in force. Its entries are not counted here: of a long list that takes seconds, in which
    nobody else could write. `content` was the package's file once, and is empty since lists are changed by deltas. `arrivals_from`: the
    first version here, whose entries all came with it."""
    row = (header.list_id, msgspec.json.encode(header), with_what.names_version, with_what.on.isoformat(), in_use.entries, in_use.edition)
    tx.execute(
        "INSERT INTO lists (list_id, header, content, names_version, confirmed_on, entries, edition, arrivals_from)"
        " VALUES (?, ?, x'', ?, ?, ?, ?, ?)"
        " ON CONFLICT (list_id) DO UPDATE SET header = excluded.header, content = excluded.content, names_version = excluded.names_version,"
        " confirmed_on = excluded.confirmed_on, entries = excluded.entries, edition = excluded.edition",
        (*row, header.version),
    )


def each_entry_of(db: Database, list_id: str) -> Iterator[ListEntry]:
    """All entries of a list, one at a time: a long one is held nowhere, and given back nowhere at once."""
    rows = db.stream(
        "SELECT r.content FROM lists l CROSS JOIN list_rows r ON r.number BETWEEN l.edition << 32 AND (l.edition + 1 << 32) - 1"
        " WHERE l.list_id = ?",
        (list_id,),
    )
    return (decode_entry(content) for (content,) in rows)


def entries_of(db: Database, list_id: str) -> list[ListEntry]:
    """All entries of a list."""
    return list(each_entry_of(db, list_id))


def entries_named(db: Database, words: str, limit: int, going_on: Callable[[], None] = lambda: None) -> list[ListEntry]:
    """The first entries with these normalised words anywhere in a name, in order of the names. `going_on` is called now and then, and may
    raise to end a search nobody waits for any more."""
    found: list[ListEntry] = []
    if not words:
        return found
    rows = db.stream(
        "SELECT n.number, n.names FROM lists l CROSS JOIN list_names n ON n.number BETWEEN l.edition << 32 AND (l.edition + 1 << 32) - 1"
        " ORDER BY l.list_id, n.number"
    )
    for first, names in rows:
        going_on()
        if words in names:
            found += _entries_at(db, (first + place for place in _lines_with(names, words)), words)
        if len(found) >= limit:
            break
    return sorted(found[:limit], key=lambda entry: entry.names[0].full)


def _lines_with(names: str, words: str) -> Iterator[int]:
    return (place for place, line in enumerate(names.split(list_editions.BETWEEN_LINES)) if words in line)


def _entries_at(db: Database, numbers: Iterable[int], words: str) -> Iterator[ListEntry]:
    """Entries of these rows that are still there; a name that stands in the line may be one the entry no longer has."""
    for number in numbers:
        for (content,) in db.rows("SELECT content FROM list_rows WHERE number = ?", (number,)):
            entry = decode_entry(content)
            if any(words in name.full for name in entry.names):
                yield entry


class StoredCandidates:
    """The installed lists as screening looks them up."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def by_key(self, kind: KeyKind, value: str) -> Iterable[ListEntry]:
        return [entry for entry in self._under(list_editions.key_digest(kind, value)) if list_editions.has_key(entry, kind, value)]

    def entry(self, list_id: str, entry_id: str) -> ListEntry | None:
        held = self._under(list_editions.key_digest(None, entry_id))
        return next((entry for entry in held if (entry.list_id, entry.entry_id) == (list_id, entry_id)), None)

    def _under(self, digest: int) -> list[ListEntry]:
        rows = self._db.rows(
            "SELECT r.content FROM lists l CROSS JOIN list_index i ON i.edition = l.edition AND i.digest = ?"
            " CROSS JOIN list_rows r ON r.number = (i.edition << 32) + i.ordinal",
            (digest,),
        )
        return [decode_entry(content) for (content,) in rows]

    def installed(self) -> Sequence[InstalledList]:
        rows = self._db.rows("SELECT header, confirmed_on, entries FROM lists ORDER BY list_id")
        return [InstalledList(typed.decode(header, ListHeader), date.fromisoformat(on), entries) for header, on, entries in rows]

    def entry_count(self, list_id: str) -> int:
        return int(self._db.value("SELECT entries FROM lists WHERE list_id = ?", (list_id,)) or 0)


@dataclass(frozen=True, slots=True)
class ListInUse:
    """An installed list as the status bar and the list page tell of it. `confirmed_on`: the last day it was known to be the newest."""

    list_id: str
    title: str
    version: int
    confirmed_on: date
    installed_at_ms: int | None
    expires_on: date | None
    entries: int


def lists_in_use(db: Database) -> tuple[ListInUse, ...]:
    """Every installed list, by its id."""
    rows = db.rows(
        "SELECT l.header, l.confirmed_on, l.entries, p.installed_at_ms FROM lists l"
        " LEFT JOIN installed_packages p ON p.kind = 'list' AND p.name = l.list_id ORDER BY l.list_id"
    )
    return tuple(_in_use(typed.decode(header, ListHeader), on, entries, at_ms) for header, on, entries, at_ms in rows)


def _in_use(header: ListHeader, confirmed_on: str, entries: int, installed_at_ms: int | None) -> ListInUse:
    return ListInUse(
        list_id=header.list_id,
        title=header.title,
        version=header.version,
        confirmed_on=date.fromisoformat(confirmed_on),
        installed_at_ms=installed_at_ms,
        expires_on=header.expires_on,
        entries=entries,
    )
