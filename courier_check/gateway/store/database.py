"""The gateway's database: opening it, and the two kinds of transaction."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, insert, inspect, select
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from courier_check.errors import StoreError, UserError
from courier_check.gateway.codes import GatewayCode
from courier_check.gateway.store import migrations
from courier_check.gateway.store.migrations import Founded
from courier_check.gateway.store.schema import VERSION, chain, metadata, settings

BUSY_TIMEOUT_S = 20
CONNECTIONS = 20
"""Kept open; as many again are opened under load, one for each of the 40 requests the server works on at a time."""

_SQLITE = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "cache_size=-16384",  # KiB; a large batch writes 4 MB, and what is put out of memory meanwhile has to be read again
    "wal_autocheckpoint=4000",  # pages; pages that every batch changes are brought into the file once in several batches
)
_NUMBER = re.compile("[0-9]{1,9}")


class Database:
    """One gateway's database, safe for many threads: readers see snapshots, one writer at a time."""

    def __init__(self, url: str, busy_timeout_s: int = BUSY_TIMEOUT_S) -> None:
        """Connects to nothing yet. Raises UserError for an address SQLAlchemy can't read."""
        try:
            # Parameters of a failed statement are personal data and must not reach a log. Last in, first out: who wrote last has the newest
            # pages in memory.
            engine = create_engine(url, hide_parameters=True, pool_size=CONNECTIONS, max_overflow=CONNECTIONS, pool_use_lifo=True)
        except (ArgumentError, NoSuchModuleError, ImportError, TypeError) as error:  # TypeError: a database in memory has no pool
            raise UserError(GatewayCode.DATABASE_ADDRESS) from error
        if engine.dialect.name == "sqlite":
            _prepare_sqlite(engine, busy_timeout_s)
            self._reading = engine
        else:
            self._reading = engine.execution_options(isolation_level="REPEATABLE READ")
        self._writing = engine.execution_options(writes=True)
        self._writer = threading.Lock()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One durable transaction: all of it or nothing. SQLite: BEGIN IMMEDIATE. Raises StoreError if the database fails."""
        with self._writer, _failures_named(), self._writing.begin() as tx:
            tx.execute(select(chain.c.id).with_for_update()).all()
            yield tx

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent look. Raises StoreError if the database fails."""
        with _failures_named(), self._reading.begin() as tx:
            yield tx

    def create(self, gateway_id: str, gateway_journal_id: str, first_prev: str) -> None:
        """The empty tables of one gateway; `first_prev`: what receipt 1 follows. Raises UserError if the database is in use."""
        try:
            with self._writing.begin() as tx:
                if inspect(tx).get_table_names():
                    raise UserError(GatewayCode.FOLDER_IN_USE)
                metadata.create_all(tx)
                tx.execute(
                    insert(settings),
                    [{"name": "schema_version", "value": str(VERSION)}, {"name": "gateway_id", "value": gateway_id}],
                )
                begun = {"gateway_journal_id": gateway_journal_id, "gateway_seq": 0, "gateway_prev": first_prev}
                tx.execute(insert(chain).values(id=1, arrival=0, serial=0, **begun))
        except DatabaseError as error:
            raise StoreError(GatewayCode.DATABASE_FAILED) from error

    def bring_up(self, gateway_id: str, founded: Founded) -> None:
        """Check that this is a database of this gateway that this program can use, and bring one of an earlier version forward, whole or
        not at all. Raises StoreError."""
        if self._checked(gateway_id) == VERSION:
            return
        try:
            with self.write() as tx:  # asked once more inside: another process may have done it meanwhile
                version = int(tx.execute(select(settings.c.value).where(settings.c.name == "schema_version")).scalar_one())
                if version < VERSION:
                    migrations.bring_up_to_date(tx, version, founded)
        except DatabaseError as error:
            raise StoreError(GatewayCode.DATABASE_FAILED) from error

    def _checked(self, gateway_id: str) -> int:
        """The version of the database. Raises StoreError where it is not this gateway's, or of a version that can't be used."""
        try:
            with self._reading.begin() as tx:
                if not inspect(tx).has_table(settings.name):
                    raise StoreError(GatewayCode.DATABASE_ABSENT)
                found = {row.name: row.value for row in tx.execute(select(settings))}
        except DatabaseError as error:
            raise StoreError(GatewayCode.DATABASE_FAILED) from error
        version, owner = found.get("schema_version", ""), found.get("gateway_id", "")
        if not _NUMBER.fullmatch(version):  # someone else's table of that name
            raise StoreError(GatewayCode.DATABASE_ABSENT)
        if not migrations.OLDEST <= int(version) <= VERSION:
            raise StoreError(GatewayCode.DATABASE_NEWER if int(version) > VERSION else GatewayCode.DATABASE_OLDER, version=version)
        if owner != gateway_id:
            raise StoreError(GatewayCode.DATABASE_FOREIGN, gateway_id=owner)
        return int(version)

    def close(self) -> None:
        self._reading.dispose()


@contextmanager
def _failures_named() -> Iterator[None]:
    try:
        yield
    except (OperationalError, NoConnectionFree) as error:  # locked too long, disk full, connection lost, no connection free
        raise StoreError(GatewayCode.DATABASE_FAILED) from error


def _prepare_sqlite(engine: Engine, busy_timeout_s: int) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:
        # The driver's own idea of when to begin a transaction is switched off; `on_begin` says it.
        connection.isolation_level = None
        cursor = connection.cursor()
        for setting in (*_SQLITE, f"busy_timeout={busy_timeout_s * 1000}"):
            cursor.execute(f"PRAGMA {setting}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
