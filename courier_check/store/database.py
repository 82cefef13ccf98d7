"""The station's encrypted database: one connection, one way to read, one way to write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Lock
from typing import Any
from weakref import WeakValueDictionary

from courier_check.errors import StoreError
from courier_check.store import sqlcipher
from courier_check.store.codes import StoreCode

Row = tuple[Any, ...]
Parameters = Sequence[object] | Mapping[str, object]

_SETTINGS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # NORMAL may lose the last commits on power loss; an accepted parcel may not be lost
    "PRAGMA foreign_keys=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-65536",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA secure_delete=ON",  # what retention destroys is overwritten, not only unlinked
)
BUSY_SECONDS = 10
LOG_BUSY_MS = 500

GIVES_WAY_S = 0.05


class _Writers:
    """Who writes to one file in this process. Whoever does has the lock: SQLite alone would ask again after 1, 2, 5, 10, … ms, up to 100,
    whether another thread is done, and a clerk would wait for the sleep, not for the synchroniser."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.idle = Event()
        self.idle.set()
        self._acts, self._counting = 0, Lock()

    def count(self, change: int) -> None:
        """An act begins or ends."""
        with self._counting:
            self._acts += change
            if self._acts:
                self.idle.clear()
            else:
                self.idle.set()


_WRITERS: WeakValueDictionary[Path, _Writers] = WeakValueDictionary()
_OPENING = Lock()


class Database:
    """A connection that belongs to one thread. Errors of SQLite come out as StoreError with what to do."""

    def __init__(self, connection: Any, writers: _Writers | None = None) -> None:
        self._connection = connection
        self._writers = writers or _Writers()
        self.tables = sqlcipher.UtilsDatabase(connection, recursive_triggers=False, execute_plugins=False)

    @classmethod
    def open(cls, path: Path, key: bytes) -> Database:
        """Open an encrypted file with its raw 32-byte key. Raises StoreError: wrong key, damaged, newer, busy, disk."""
        with sqlite_errors():
            connection = sqlcipher.connect(str(path), timeout=BUSY_SECONDS, isolation_level=None)
            try:
                connection.execute(f"PRAGMA key=\"x'{key.hex()}'\"")
                connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
                for setting in _SETTINGS:
                    connection.execute(setting)
            except BaseException:
                connection.close()
                raise
        with _OPENING:
            return cls(connection, _WRITERS.setdefault(path.resolve(), _Writers()))

    @classmethod
    def in_memory(cls) -> Database:
        """An unencrypted database in memory, for replaying views."""
        return cls(sqlcipher.connect(":memory:", isolation_level=None))

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def write(self) -> Iterator[Database]:
        """One durable act: BEGIN IMMEDIATE, so that a read inside it sees the last word; COMMIT with fsync, or nothing happened."""
        with self._turn(), sqlite_errors():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait for other threads that write; other processes are waited for by SQLite. Raises StoreError: busy."""
        if self._connection.in_transaction:
            raise RuntimeError("write() inside write() or snapshot()")
        if not self._writers.lock.acquire(timeout=BUSY_SECONDS):
            raise StoreError(StoreCode.BUSY)
        try:
            yield
        finally:
            self._writers.lock.release()

    @contextmanager
    def act(self) -> Iterator[None]:
        """Somebody stands there and waits: other threads of this process that `give_way` do."""
        self._writers.count(+1)
        try:
            yield
        finally:
            self._writers.count(-1)

    def give_way(self) -> None:
        """Let an act of another thread end first, but not for long: whoever works beside a clerk shares his interpreter, not only his
        database."""
        self._writers.idle.wait(GIVES_WAY_S)

    @contextmanager
    def snapshot(self) -> Iterator[Database]:
        """Several reads of one state of the database. Keep it short: a long one lets the WAL grow."""
        with sqlite_errors():
            self._connection.execute("BEGIN")
            try:
                yield self
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    def execute(self, sql: str, parameters: Parameters = ()) -> int:
        """Change rows inside `write()`; returns how many. Raises StoreError."""
        if not self._connection.in_transaction:
            raise RuntimeError("a change outside write()")
        with sqlite_errors():
            return int(self._connection.execute(sql, parameters).rowcount)

    def executemany(self, sql: str, rows: Iterator[Parameters] | Sequence[Parameters]) -> None:
        if not self._connection.in_transaction:
            raise RuntimeError("a change outside write()")
        with sqlite_errors():
            self._connection.executemany(sql, rows)

    def rows(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        with sqlite_errors():
            return list(self._connection.execute(sql, parameters).fetchall())

    def row(self, sql: str, parameters: Parameters = ()) -> Row | None:
        with sqlite_errors():
            found: Row | None = self._connection.execute(sql, parameters).fetchone()
            return found

    def value(self, sql: str, parameters: Parameters = ()) -> Any:
        found = self.row(sql, parameters)
        return None if found is None else found[0]

    def stream(self, sql: str, parameters: Parameters = ()) -> Iterator[Row]:
        """Rows one by one, for walks too long to hold."""
        with sqlite_errors():
            yield from self._connection.execute(sql, parameters)

    def clear_log(self) -> bool:
        """Bring everything committed into the file and empty the write-ahead log, where former versions of pages lie. False while another
        connection reads it; whoever closes last clears it then. A reader is waited for less long than a writer: somebody stands there."""
        with sqlite_errors():
            self._connection.execute(f"PRAGMA busy_timeout = {LOG_BUSY_MS}")
            try:
                busy = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            finally:
                self._connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        return not busy

    def damage(self) -> list[str]:
        """What the page authentication and SQLite's own check find wrong; empty is well."""
        with sqlite_errors():
            broken = [str(row[0]) for row in self._connection.execute("PRAGMA cipher_integrity_check")]
            broken += [str(row[0]) for row in self._connection.execute("PRAGMA quick_check") if row[0] != "ok"]
        return broken


@contextmanager
def sqlite_errors() -> Iterator[None]:
    """What SQLite says, as StoreError."""
    try:
        yield
    except sqlcipher.Error as error:
        raise StoreError(_code(error)) from error


def _code(error: Exception) -> StoreCode:
    name = str(getattr(error, "sqlite_errorname", ""))
    text = str(error)
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StoreCode.BUSY
    if name.startswith("SQLITE_FULL"):
        return StoreCode.DISK_FULL
    if name.startswith("SQLITE_NOTADB") or "file is not a database" in text:
        return StoreCode.DATABASE_DAMAGED
    if name.startswith("SQLITE_CORRUPT") or "malformed" in text:
        return StoreCode.DATABASE_DAMAGED
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_IOERR")):
        return StoreCode.FOLDER_UNWRITABLE
    return StoreCode.DATABASE_FAILED
