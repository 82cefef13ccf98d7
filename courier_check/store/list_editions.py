"""名单的稿 (editions of lists): a coming version is written down beside the one in force, a slice a transaction, and takes its place in one
step. Whoever accepts parcels meanwhile waits for a slice at most; whatever ends an import early leaves the version in force as it was.

An edition is rows in the order they came, and an index of them sorted by the digest of each key: the index is written from its first row to
its last, where rows put in by name would touch every page of it again and again (a list of a million lines has five million keys).
Digests say where to look, never what is there: whoever finds a row compares the key itself.
"""

from __future__ import annotations

import contextlib
import hashlib
import threading
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from types import TracebackType
from typing import Self

import msgspec

from courier_check import typed
from courier_check.errors import CourierCheckError, UserError
from courier_check.screening.codes import ScreeningCode
from courier_check.screening.entries import KeyKind, ListEntry, ListHeader, decode_entry, encode_entry
from courier_check.screening.list_delta import package_sha256
from courier_check.store.database import Database

SLICE = 1_000
"""Entries a transaction: some 20 ms in which nobody else writes."""
KEYS_A_SLICE = 10_000
_GAP_S = 0.02
ABANDONED_MS = 10 * 60_000
"""After so long without a slice whoever wrote an edition is gone."""
_AT_ONCE = 500
_ORDINAL_BITS = 32
_KIND_BITS = 3
_KINDS: dict[KeyKind | None, int] = {None: 0, **{kind: number for number, kind in enumerate(KeyKind, start=1)}}
"""None: an entry's own id. The numbers are stored."""


def key_digest(kind: KeyKind | None, value: str) -> int:
    """Where in the index a key stands: 45 bits of a digest of its value, and its kind."""
    digest = hashlib.blake2b(value.encode("utf-8", "surrogatepass"), digest_size=6).digest()
    return int.from_bytes(digest, "big") >> _KIND_BITS << _KIND_BITS | _KINDS[kind]


def kind_of(digest: int) -> int:
    """The kind's number of a digest, as `kind_number` gives it."""
    return digest & (1 << _KIND_BITS) - 1


def kind_number(kind: KeyKind) -> int:
    return _KINDS[kind]


def has_key(entry: ListEntry, kind: KeyKind | None, value: str) -> bool:
    """Whether an entry that stands under a key's digest has the key."""
    if kind is None:
        return entry.entry_id == value
    held = entry.keys()
    return (kind, value) in held


def bounds(edition: int) -> tuple[int, int]:
    """The numbers its rows lie between, both included."""
    return edition << _ORDINAL_BITS, (edition + 1 << _ORDINAL_BITS) - 1


def ordinal_of(number: int) -> int:
    """The how-manieth row of its edition, from 0."""
    return number & (1 << _ORDINAL_BITS) - 1


class _Named(msgspec.Struct, frozen=True):
    entry_id: str


def entry_id_of(content: bytes) -> str:
    """The id in a stored entry, without reading the rest."""
    return typed.decode(content, _Named).entry_id


@dataclass(frozen=True, slots=True)
class InForce:
    """What is in force of a list: whoever prepared something beside it must find the same when putting it in its place."""

    edition: int
    version: int


def in_force(db: Database, list_id: str) -> InForce | None:
    row = db.row("SELECT edition, header FROM lists WHERE list_id = ?", (list_id,))
    return None if row is None else InForce(row[0], typed.decode(row[1], ListHeader).version)


@dataclass(frozen=True, slots=True)
class InUse:
    """An edition a list's own row is to name, and how many entries it has."""

    edition: int
    entries: int


@dataclass(slots=True)
class Drafted:
    """A coming version as far as it was written: the ids of its entries in the order they came, and what they can be found by."""

    edition: int
    list_id: str
    ids: list[str] = field(default_factory=list)
    digests: array[int] = field(default_factory=lambda: array("q"))
    ordinals: array[int] = field(default_factory=lambda: array("I"))


class Drafts:
    """Coming versions of lists. A context: what was not put in force, and what was replaced, is taken away at its end."""

    def __init__(self, db: Database, now_ms: Callable[[], int]) -> None:
        self._db = db
        self._now_ms = now_ms
        self._drafted: dict[str, Drafted] = {}
        self._done_with: list[int] = []
        self._alive_ms = now_ms()

    def __enter__(self) -> Self:
        for edition in _abandoned(self._db, self._now_ms()):
            remove(self._db, edition)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with contextlib.suppress(CourierCheckError):  # a disk that is full: what is left is taken away before the next import
            held = {edition for (edition,) in self._db.rows("SELECT edition FROM lists")}
            for edition in (*self._done_with, *(drafted.edition for drafted in self._drafted.values())):
                if edition not in held:
                    remove(self._db, edition)

    def take(self, entries: Iterable[ListEntry]) -> None:
        """Write entries down as they come. UserError where somebody took the edition away meanwhile."""
        source = iter(entries)
        while piece := list(islice(source, SLICE)):
            by_list: dict[str, list[ListEntry]] = {}
            for entry in piece:
                by_list.setdefault(entry.list_id, []).append(entry)
            for list_id, some in by_list.items():
                self._write(self.of(list_id), some)
            self._stay_alive()

    def of(self, list_id: str) -> Drafted:
        """The edition of a list, begun if there is none."""
        drafted = self._drafted.get(list_id)
        if drafted is None:
            with self._db.write() as tx:
                tx.execute("INSERT INTO list_editions (list_id, touched_ms) VALUES (?, ?)", (list_id, self._now_ms()))
                edition = int(tx.value("SELECT last_insert_rowid()"))
            drafted = self._drafted[list_id] = Drafted(edition, list_id)
        return drafted

    def seal(self) -> None:
        """Write the indexes: now everything can be found."""
        for drafted in self._drafted.values():
            rows = ((drafted.edition, digest, ordinal) for digest, ordinal in _in_order(drafted.digests, drafted.ordinals))
            while piece := list(islice(rows, KEYS_A_SLICE)):
                with self._db.write() as tx:
                    self._touch(tx, drafted)
                    tx.executemany(_ADD_KEY, piece)
                if len(piece) == KEYS_A_SLICE:
                    _let_others_in()
            drafted.digests, drafted.ordinals = array("q"), array("I")

    def amend(self, list_id: str, keys: Iterable[tuple[KeyKind | None, str]], amended: Callable[[ListEntry], ListEntry | None]) -> None:
        """Change entries of a sealed edition that have one of these keys, for which something else is given; never what they are found
        by."""
        drafted, source = self.of(list_id), iter(keys)
        while piece := list(islice(source, _AT_ONCE)):
            held = {number: entry for key in piece for number, entry in found(self._db, drafted.edition, *key)}
            changes = [(encode_entry(new), number) for number, entry in held.items() if (new := amended(entry)) is not None]
            with self._db.write() as tx:
                self._touch(tx, drafted)
                tx.executemany("UPDATE list_rows SET content = ? WHERE number = ?", changes)

    def sha256(self, header: ListHeader) -> str:
        """Of the whole package that the entries make under a header."""
        drafted = self.of(header.list_id)
        first, _ = bounds(drafted.edition)
        order = sorted(range(len(drafted.ids)), key=drafted.ids.__getitem__)
        return package_sha256(header, self._read(first + ordinal for ordinal in order))

    def file_past(self, header: ListHeader, until_on: str) -> InForce | None:
        """Write down what the version in force says and this one does not, and which entries come with this one; both are so once this one
        is in force (store.lists.said_of, store.list_arrivals). Returns what is in force."""
        list_id = header.list_id
        now, drafted = in_force(self._db, list_id), self.of(list_id)
        if now is None:
            return None
        came = set(drafted.ids)
        while self._forget_provisional(list_id, now.version):
            pass
        for piece in pages(self._db, now.edition):
            self._stay_alive()
            read = [(entry_id_of(content), content) for _, content in piece]
            came.difference_update(each for each, _ in read)
            gone = [
                (list_id, each, now.version, until_on, content)
                for each, content in read
                if content not in _under(self._db, drafted.edition, key_digest(None, each))
            ]
            if gone:
                with self._db.write() as tx:
                    self._touch(tx, drafted)
                    tx.executemany(ADD_PAST, gone)
        arrived = ((list_id, each, drafted.edition, header.version) for each in sorted(came))  # in the order of their table
        while some := list(islice(arrived, SLICE)):
            with self._db.write() as tx:
                self._touch(tx, drafted)
                tx.executemany(ADD_ARRIVAL, some)
            _let_others_in()
        return now

    def put_in_force(self, tx: Database, header: ListHeader, replaced: InForce | None) -> InUse:
        """The edition that a list's own row must name from now on, inside the caller's transaction. UserError where something else is in
        force than the edition was compared with."""
        drafted = self.of(header.list_id)
        self._touch(tx, drafted)
        if in_force(tx, header.list_id) != replaced:
            raise UserError(ScreeningCode.LIST_OVERTAKEN, list=header.list_id)
        tx.execute("INSERT OR IGNORE INTO editions_in_force (edition) VALUES (?)", (drafted.edition,))
        if replaced is not None:
            self._done_with.append(replaced.edition)
        return InUse(drafted.edition, len(drafted.ids))

    def _forget_provisional(self, list_id: str, version: int) -> int:
        """What an import that was cut off had written as past."""
        with self._db.write() as tx:
            return tx.execute(
                "DELETE FROM list_past_entries WHERE rowid IN"
                " (SELECT rowid FROM list_past_entries WHERE list_id = ? AND version = ? LIMIT ?)",
                (list_id, version, _AT_ONCE),
            )

    def _read(self, numbers: Iterable[int]) -> Iterator[ListEntry]:
        for place, content in enumerate(contents(self._db, numbers)):
            if place % SLICE == 0:
                self._stay_alive()
            yield decode_entry(content)

    def _stay_alive(self) -> None:
        """Where much is only read, or only another list of the file is written: nobody may take the editions for abandoned."""
        if self._now_ms() - self._alive_ms < ABANDONED_MS // 10:
            return
        with self._db.write() as tx:
            for drafted in self._drafted.values():
                self._touch(tx, drafted)
        self._alive_ms = self._now_ms()

    def _touch(self, tx: Database, drafted: Drafted) -> None:
        if not tx.execute("UPDATE list_editions SET touched_ms = ? WHERE edition = ?", (self._now_ms(), drafted.edition)):
            raise UserError(ScreeningCode.LIST_OVERTAKEN, list=drafted.list_id)

    def _write(self, drafted: Drafted, entries: Sequence[ListEntry]) -> None:
        start = len(drafted.ids)
        rows, names = rows_of(drafted.edition, start, entries)
        with self._db.write() as tx:
            self._touch(tx, drafted)
            tx.executemany(_ADD_ROW, rows)
            tx.execute(_ADD_NAMES, names)
        for ordinal, entry in enumerate(entries, start=start):
            drafted.ids.append(entry.entry_id)
            digests = digests_of(entry)
            drafted.digests.extend(digests)
            drafted.ordinals.extend([ordinal] * len(digests))


_ADD_ROW = "INSERT INTO list_rows (number, content) VALUES (?, ?)"
_ADD_KEY = "INSERT INTO list_index (edition, digest, ordinal) VALUES (?, ?, ?)"
_ADD_NAMES = "INSERT INTO list_names (number, names) VALUES (?, ?)"
ADD_PAST = "INSERT OR REPLACE INTO list_past_entries (list_id, entry_id, version, until_on, content) VALUES (?, ?, ?, ?, ?)"
ADD_ARRIVAL = "INSERT OR REPLACE INTO list_arrivals (list_id, entry_id, edition, version) VALUES (?, ?, ?, ?)"
BETWEEN_NAMES, BETWEEN_LINES = "\t", "\n"
"""In a row of names: normalised names have letters and digits only."""


def digests_of(entry: ListEntry) -> list[int]:
    """All digests an entry stands under, each once."""
    keys = entry.keys()
    return [*{key_digest(None, entry.entry_id), *(key_digest(kind, value) for kind, value in keys)}]


def rows_of(edition: int, start: int, entries: Sequence[ListEntry]) -> tuple[list[tuple[int, bytes]], tuple[int, str]]:
    """Rows of entries from an ordinal on; and all their names, a line an entry, for who searches for part of one."""
    first, _ = bounds(edition)
    lines = (BETWEEN_NAMES.join(name.full for name in entry.names) for entry in entries)
    rows = [(first + start + place, encode_entry(entry)) for place, entry in enumerate(entries)]
    return rows, (first + start, BETWEEN_LINES.join(lines))


def add_to(tx: Database, edition: int, entries: Sequence[ListEntry]) -> None:
    """Put some more entries into an edition in force, inside the caller's transaction."""
    if not entries:
        return
    first, last = bounds(edition)
    top = tx.value(
        "SELECT MAX(number) FROM (SELECT MAX(number) AS number FROM list_rows WHERE number BETWEEN :first AND :last"
        " UNION ALL SELECT MAX(number) FROM list_names WHERE number BETWEEN :first AND :last)",
        {"first": first, "last": last},
    )
    start = 0 if top is None else ordinal_of(top) + 1
    rows, names = rows_of(edition, start, entries)
    tx.executemany(_ADD_ROW, rows)
    tx.execute(_ADD_NAMES, names)
    keys = [(edition, digest, start + place) for place, entry in enumerate(entries) for digest in digests_of(entry)]
    tx.executemany(_ADD_KEY, sorted(keys))


def take_from(tx: Database, edition: int, entry_id: str) -> ListEntry | None:
    """Take an entry out of an edition in force, inside the caller's transaction. Its line of names stays, and leads nowhere."""
    for number, entry in found(tx, edition, None, entry_id):
        keys = [(edition, digest, ordinal_of(number)) for digest in digests_of(entry)]
        tx.executemany("DELETE FROM list_index WHERE edition = ? AND digest = ? AND ordinal = ?", keys)
        tx.execute("DELETE FROM list_rows WHERE number = ?", (number,))
        return entry
    return None


def found(db: Database, edition: int, kind: KeyKind | None, value: str) -> list[tuple[int, ListEntry]]:
    """Rows of an edition that have a key, with their numbers."""
    rows = db.rows(f"SELECT r.number, r.content {_UNDER}", (edition, key_digest(kind, value)))
    read = ((number, decode_entry(content)) for number, content in rows)
    return [(number, entry) for number, entry in read if has_key(entry, kind, value)]


def _under(db: Database, edition: int, digest: int) -> list[bytes]:
    return [content for (content,) in db.rows(f"SELECT r.content {_UNDER}", (edition, digest))]


_UNDER = "FROM list_index i CROSS JOIN list_rows r ON r.number = (i.edition << 32) + i.ordinal WHERE i.edition = ? AND i.digest = ?"


def pages(db: Database, edition: int) -> Iterator[list[tuple[int, bytes]]]:
    """All rows of an edition some at a time, with their numbers: whoever reads so may write between two of them."""
    first, last = bounds(edition)
    while rows := db.rows(
        "SELECT number, content FROM list_rows WHERE number BETWEEN ? AND ? ORDER BY number LIMIT ?", (first, last, _AT_ONCE)
    ):
        yield [(number, content) for number, content in rows]
        first = rows[-1][0] + 1


def contents(db: Database, numbers: Iterable[int]) -> Iterator[bytes]:
    """Rows in the order of these numbers, which must be there."""
    source = iter(numbers)
    while piece := list(islice(source, _AT_ONCE)):
        marks = ", ".join("?" * len(piece))
        held: dict[int, bytes] = dict(db.rows(f"SELECT number, content FROM list_rows WHERE number IN ({marks})", piece))  # noqa: S608 - marks only
        yield from (held[number] for number in piece)


def remove(db: Database, edition: int) -> None:
    """Take an edition that is not in force away, a slice a transaction; itself at last, so that what is left half is found again."""
    first, last = bounds(edition)
    rows = "DELETE FROM {table} WHERE number IN (SELECT number FROM {table} WHERE number BETWEEN ? AND ? ORDER BY number LIMIT ?)"
    for table, some in (("list_rows", 2 * SLICE), ("list_names", 100)):
        _in_slices(db, rows.format(table=table), (first, last), some)
    keys = (
        "DELETE FROM list_index WHERE edition = ? AND digest <="
        " (SELECT MAX(digest) FROM (SELECT digest FROM list_index WHERE edition = ? ORDER BY digest LIMIT ?))"
    )
    _in_slices(db, keys, (edition, edition), KEYS_A_SLICE)
    arrivals = (
        "DELETE FROM list_arrivals WHERE (list_id, entry_id, edition, version) IN"
        " (SELECT list_id, entry_id, edition, version FROM list_arrivals"
        " WHERE edition = ? AND edition NOT IN (SELECT edition FROM editions_in_force) LIMIT ?)"
    )
    _in_slices(db, arrivals, (edition,), SLICE)
    with db.write() as tx:
        tx.execute("DELETE FROM list_editions WHERE edition = ?", (edition,))


def _in_slices(db: Database, sql: str, parameters: Sequence[object], some: int) -> None:
    """Until a slice finds less than `some`, which is the statement's last parameter."""
    while True:
        with db.write() as tx:
            gone = tx.execute(sql, (*parameters, some))
        if gone < some:
            return
        _let_others_in()


def _let_others_in() -> None:
    """SQLite serves nobody in turn: who waits looks again ten times a second, and would find one slice after the other."""
    threading.Event().wait(_GAP_S)


def _abandoned(db: Database, now_ms: int) -> list[int]:
    rows = db.rows(
        "SELECT edition FROM list_editions WHERE edition NOT IN (SELECT edition FROM lists) AND touched_ms NOT BETWEEN ? AND ?",
        (now_ms - ABANDONED_MS, now_ms + ABANDONED_MS),
    )
    return [edition for (edition,) in rows]


def _in_order(digests: array[int], ordinals: array[int]) -> Iterator[tuple[int, int]]:
    if len(digests) <= KEYS_A_SLICE:
        yield from sorted(zip(digests, ordinals, strict=True))
        return
    import numpy as np  # long lists only: a window that starts has no time

    place = np.frombuffer(digests, np.int64).argsort(kind="stable")  # ordinals rise, and stay in order under one digest
    for start in range(0, len(place), KEYS_A_SLICE):
        some = place[start : start + KEYS_A_SLICE]
        yield from zip(
            np.frombuffer(digests, np.int64)[some].tolist(),
            np.frombuffer(ordinals, np.uint32)[some].tolist(),
            strict=True,
        )
