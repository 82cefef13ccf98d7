"""Installed lists (名单): the entries of each, an index of their keys, and what earlier versions said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import msgspec

from courier_check import typed
from courier_check.errors import UserError
from courier_check.screening.codes import ScreeningCode
from courier_check.screening.entries import (
    KeyKind,
    ListEntry,
    ListHeader,
    ListPackage,
    Vetting,
    decode_entry,
    encode_entry,
    form_of,
    listed,
)
from courier_check.screening.list_delta import ListDelta, package_sha256
from courier_check.screening.match import InstalledList
from courier_check.store.database import Database, Parameters


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


def stage(tx: Database, entries: Iterable[ListEntry]) -> None:
    """Write down the entries of coming versions, one by one: a list may be longer than memory. An entry again takes the first's place."""
    tx.execute("DELETE FROM list_staged")
    rows = ((entry.list_id, entry.entry_id, encode_entry(entry)) for entry in entries)
    tx.executemany("INSERT OR REPLACE INTO list_staged (list_id, entry_id, content) VALUES (?, ?, ?)", rows)


def amend_staged(tx: Database, amended: Callable[[ListEntry], ListEntry | None]) -> None:
    """Change staged entries for which something else is given."""
    held = (decode_entry(content) for (content,) in tx.stream("SELECT content FROM list_staged"))
    changes = [(encode_entry(new), new.list_id, new.entry_id) for entry in held if (new := amended(entry)) is not None]
    tx.executemany("UPDATE list_staged SET content = ? WHERE list_id = ? AND entry_id = ?", changes)


def install_staged(tx: Database, header: ListHeader, with_what: Installing) -> int:
    """Put the staged entries in the place of the list's earlier version, index and all, inside the caller's transaction; how many there
    are. What the earlier version said otherwise is kept as past."""
    list_id = header.list_id
    stays = (
        "(SELECT e.entry_id FROM list_entries e JOIN list_staged s ON s.list_id = e.list_id AND s.entry_id = e.entry_id"
        " AND s.content = e.content WHERE e.list_id = :list)"
    )
    _drop(tx, list_id, f"entry_id NOT IN {stays}", with_what.on)
    of = {"list": list_id}
    fresh = "FROM list_staged WHERE list_id = :list AND entry_id NOT IN (SELECT entry_id FROM list_entries WHERE list_id = :list)"
    tx.executemany(_ADD_KEY, _key_rows(tx.stream(f"SELECT content {fresh}", of)))
    tx.execute(f"INSERT INTO list_entries (list_id, entry_id, content) SELECT list_id, entry_id, content {fresh}", of)
    tx.execute("DELETE FROM list_staged WHERE list_id = ?", (list_id,))
    return _save_header(tx, header, with_what)


def install(tx: Database, package: ListPackage, names_version: str, on: date) -> int:
    """Put a package in the place of the list's earlier version, as `install_staged`."""
    stage(tx, package.entries)
    return install_staged(tx, package.header, Installing(names_version, on))


def apply_delta(tx: Database, delta: ListDelta, names_version: str, on: date) -> int:
    """Change the installed version by a delta, as `install_staged`. Raises UserError where the result is not what the delta says: the
    caller's transaction must then not be committed."""
    list_id = delta.header.list_id
    gone = [*delta.dropped, *(entry.entry_id for entry in delta.changed)]
    tx.execute("DELETE FROM list_staged")
    tx.executemany("INSERT OR REPLACE INTO list_staged (list_id, entry_id, content) VALUES (?, ?, x'')", [(list_id, each) for each in gone])
    _drop(tx, list_id, "entry_id IN (SELECT entry_id FROM list_staged WHERE list_id = :list)", on)
    tx.execute("DELETE FROM list_staged")
    tx.executemany(_ADD_KEY, _keys_of(delta.changed))
    rows = [(list_id, entry.entry_id, encode_entry(entry)) for entry in delta.changed]
    tx.executemany("INSERT INTO list_entries (list_id, entry_id, content) VALUES (?, ?, ?)", rows)
    count = _save_header(tx, delta.header, Installing(names_version, on))
    if (count, installed_sha256(tx, delta.header)) != (delta.outcome.count, delta.outcome.sha256):
        raise UserError(ScreeningCode.DELTA_OUTCOME, list=list_id)
    return count


def installed_sha256(db: Database, header: ListHeader) -> str:
    """The SHA-256 of the whole package that the installed entries would make under a header."""
    rows = db.stream("SELECT content FROM list_entries WHERE list_id = ? ORDER BY entry_id", (header.list_id,))
    return package_sha256(header, (decode_entry(content) for (content,) in rows))


def staged_sha256(db: Database, header: ListHeader) -> str:
    """The SHA-256 of the whole package that the staged entries of a list would make."""
    rows = db.stream("SELECT content FROM list_staged WHERE list_id = ? ORDER BY entry_id", (header.list_id,))
    return package_sha256(header, (decode_entry(content) for (content,) in rows))


def forget_staged(tx: Database) -> None:
    tx.execute("DELETE FROM list_staged")


def said_of(db: Database, entry_id: str) -> list[SaidOf]:
    """What lists say of an entry, and said before, by list and version."""
    past = "SELECT list_id, version, until_on, content FROM list_past_entries WHERE entry_id = ? ORDER BY list_id, version"
    now = (
        "SELECT e.list_id, CAST(p.version AS INTEGER), NULL, e.content FROM list_entries e"
        " JOIN installed_packages p ON p.kind = 'list' AND p.name = e.list_id WHERE e.entry_id = ?"
    )
    rows = (*db.rows(past, (entry_id,)), *db.rows(now, (entry_id,)))
    found = (SaidOf(list_id, version, date.fromisoformat(on) if on else None, decode_entry(said)) for list_id, version, on, said in rows)
    return sorted(found, key=lambda each: (each.list_id, each.version))


def reindex(tx: Database, vetting: Vetting) -> int:
    """Normalise names anew where a list's were under other rules; returns how many lists."""
    held = tx.rows("SELECT list_id FROM lists WHERE names_version <> ?", (vetting.names.version,))
    for (list_id,) in held:
        stage(tx, _normalised_anew(tx, list_id, vetting))
        tx.execute("DELETE FROM list_keys WHERE list_id = ?", (list_id,))
        tx.execute("DELETE FROM list_entries WHERE list_id = ?", (list_id,))
        tx.executemany(_ADD_KEY, _key_rows(tx.stream("SELECT content FROM list_staged")))
        tx.execute("INSERT INTO list_entries (list_id, entry_id, content) SELECT list_id, entry_id, content FROM list_staged")
        tx.execute("DELETE FROM list_staged")
        tx.execute("UPDATE lists SET names_version = ? WHERE list_id = ?", (vetting.names.version, list_id))
    return len(held)


_ADD_KEY = "INSERT OR IGNORE INTO list_keys (kind, value, list_id, entry_id) VALUES (?, ?, ?, ?)"


def _normalised_anew(tx: Database, list_id: str, vetting: Vetting) -> Iterator[ListEntry]:
    rows = tx.stream("SELECT content FROM list_entries WHERE list_id = ?", (list_id,))
    yield from (listed(form_of(decode_entry(content)), list_id, vetting.names) for (content,) in rows)


def _drop(tx: Database, list_id: str, which: str, on: date) -> None:
    """Take entries out of a list and its index, and keep what was said as past."""
    header = tx.value("SELECT header FROM lists WHERE list_id = ?", (list_id,))
    if header is None:
        return
    given = {"list": list_id, "on": on.isoformat(), "version": typed.decode(header, ListHeader).version}
    past = f"FROM list_entries WHERE list_id = :list AND {which}"
    tx.execute(
        "INSERT OR REPLACE INTO list_past_entries (list_id, entry_id, version, until_on, content)"
        f" SELECT list_id, entry_id, :version, :on, content {past}",
        given,
    )
    tx.execute(f"DELETE FROM list_keys WHERE list_id = :list AND entry_id IN (SELECT entry_id {past})", given)  # noqa: S608 - our own words
    tx.execute(f"DELETE FROM list_entries WHERE list_id = :list AND {which}", given)  # noqa: S608


def _key_rows(contents: Iterable[tuple[bytes]]) -> Iterator[Parameters]:
    yield from _keys_of(decode_entry(content) for (content,) in contents)


def _keys_of(entries: Iterable[ListEntry]) -> Iterator[Parameters]:
    for entry in entries:
        pairs = entry.keys()
        for kind, value in pairs:
            yield kind.value, value, entry.list_id, entry.entry_id


def _save_header(tx: Database, header: ListHeader, with_what: Installing) -> int:
    """A list's own row; how many entries it has. `content` was the package's file once, and is empty since lists are changed by deltas."""
    count = int(tx.value("SELECT COUNT(*) FROM list_entries WHERE list_id = ?", (header.list_id,)))
    tx.execute(
        "INSERT INTO lists (list_id, header, content, names_version, confirmed_on, entries) VALUES (?, ?, x'', ?, ?, ?)"
        " ON CONFLICT (list_id) DO UPDATE SET header = excluded.header, content = excluded.content,"
        " names_version = excluded.names_version, confirmed_on = excluded.confirmed_on, entries = excluded.entries",
        (header.list_id, msgspec.json.encode(header), with_what.names_version, with_what.on.isoformat(), count),
    )
    return count


def entries_of(db: Database, list_id: str) -> list[ListEntry]:
    """All entries of a list."""
    return [decode_entry(content) for (content,) in db.rows("SELECT content FROM list_entries WHERE list_id = ?", (list_id,))]


def entries_named(db: Database, words: str, limit: int) -> list[ListEntry]:
    """Entries with these normalised words anywhere in a name, in order of the names."""
    if not words:
        return []
    pattern = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    rows = db.rows(
        "SELECT DISTINCT e.content FROM list_keys k JOIN list_entries e ON e.list_id = k.list_id AND e.entry_id = k.entry_id"
        " WHERE k.kind = ? AND k.value LIKE ? ESCAPE '\\' ORDER BY k.value LIMIT ?",
        (KeyKind.FULL_NAME.value, pattern, limit),
    )
    return [decode_entry(content) for (content,) in rows]


class StoredCandidates:
    """The installed lists as screening looks them up."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def by_key(self, kind: KeyKind, value: str) -> Iterable[ListEntry]:
        rows = self._db.rows(
            "SELECT e.content FROM list_keys k JOIN list_entries e ON e.list_id = k.list_id AND e.entry_id = k.entry_id"
            " WHERE k.kind = ? AND k.value = ?",
            (kind.value, value),
        )
        return [decode_entry(content) for (content,) in rows]

    def entry(self, list_id: str, entry_id: str) -> ListEntry | None:
        rows = self._db.rows("SELECT content FROM list_entries WHERE list_id = ? AND entry_id = ?", (list_id, entry_id))
        return next((decode_entry(content) for (content,) in rows), None)

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
