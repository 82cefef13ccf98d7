"""Installed lists (名单): the content of each package and an index of its keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import msgspec

from courier_check import typed
from courier_check.screening.entries import KeyKind, ListEntry, ListHeader, ListPackage, Vetting, decode_entry, encode_entry
from courier_check.screening.match import InstalledList
from courier_check.store.database import Database, Parameters


def install(tx: Database, package: ListPackage, content: bytes, names_version: str, confirmed_on: date) -> None:
    """Put a package in the place of the list's earlier version, index and all, inside the caller's transaction."""
    list_id = package.header.list_id
    _clear_index(tx, list_id)
    tx.execute(
        "INSERT INTO lists (list_id, header, content, names_version, confirmed_on, entries) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (list_id) DO UPDATE SET header = excluded.header, content = excluded.content,"
        " names_version = excluded.names_version, confirmed_on = excluded.confirmed_on, entries = excluded.entries",
        (list_id, msgspec.json.encode(package.header), content, names_version, confirmed_on.isoformat(), len(package.entries)),
    )
    _index(tx, package)


def reindex(tx: Database, vetting: Vetting) -> int:
    """Build anew the index of lists whose names were normalised under other rules; returns how many lists."""
    held = tx.rows("SELECT list_id, content FROM lists WHERE names_version <> ?", (vetting.names.version,))
    for list_id, content in held:
        _clear_index(tx, list_id)
        _index(tx, ListPackage.parse(content, vetting))
        tx.execute("UPDATE lists SET names_version = ? WHERE list_id = ?", (vetting.names.version, list_id))
    return len(held)


def _clear_index(tx: Database, list_id: str) -> None:
    tx.execute("DELETE FROM list_keys WHERE list_id = ?", (list_id,))
    tx.execute("DELETE FROM list_entries WHERE list_id = ?", (list_id,))


def _index(tx: Database, package: ListPackage) -> None:
    list_id = package.header.list_id

    def entry_rows() -> Iterator[Parameters]:
        for entry in package.entries:
            yield list_id, entry.entry_id, encode_entry(entry)

    def key_rows() -> Iterator[Parameters]:
        for entry in package.entries:
            pairs = entry.keys()
            for kind, value in pairs:
                yield kind.value, value, list_id, entry.entry_id

    tx.executemany("INSERT INTO list_entries (list_id, entry_id, content) VALUES (?, ?, ?)", entry_rows())
    tx.executemany("INSERT INTO list_keys (kind, value, list_id, entry_id) VALUES (?, ?, ?, ?)", key_rows())


def entries_of(db: Database, list_id: str) -> list[ListEntry]:
    """All entries of a list."""
    return [decode_entry(content) for (content,) in db.rows("SELECT content FROM list_entries WHERE list_id = ?", (list_id,))]


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
