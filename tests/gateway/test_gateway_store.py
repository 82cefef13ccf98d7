"""The gateway's database."""

from __future__ import annotations

import sqlite3
import threading

import pytest
from sqlalchemy import select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from courier_check.errors import StoreError, UserError
from courier_check.gateway.codes import GatewayCode
from courier_check.gateway.store import journals, stations
from courier_check.gateway.store.database import Database
from courier_check.gateway.store.journals import ChainEnd
from courier_check.gateway.store.schema import chain, metadata


def test_the_tables_can_be_made_in_postgresql_too():
    for table in metadata.sorted_tables:
        made = str(CreateTable(table).compile(dialect=postgresql.dialect()))
        assert "BIGSERIAL" not in made
        for index in table.indexes:
            str(CreateIndex(index).compile(dialect=postgresql.dialect()))


def test_a_writer_locks_the_chain_where_the_database_has_row_locks():
    assert "FOR UPDATE" in str(select(chain.c.id).with_for_update().compile(dialect=postgresql.dialect()))


def test_what_failed_half_way_never_was(gateway):
    with pytest.raises(ZeroDivisionError), gateway.database.write() as tx:
        journals.move_chain(tx, ChainEnd("0" * 32, 99, "0" * 64, 99))
        raise ZeroDivisionError
    with gateway.database.read() as tx:
        assert journals.chain_end(tx).gateway_seq == 0


def test_a_commit_is_written_through_to_the_disk(gateway):
    with gateway.database.read() as tx:
        assert tx.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert tx.execute(text("PRAGMA synchronous")).scalar_one() == 2


def test_writers_wait_for_one_another(gateway):
    def count_up() -> None:
        for _ in range(10):
            with gateway.database.write() as tx:
                stations.next_serial(tx)

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with gateway.database.write() as tx:
        assert stations.next_serial(tx) == 41


def test_a_database_held_by_another_program_is_told(data):
    other = sqlite3.connect(data / "gateway.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    mine = Database(f"sqlite:///{data / 'gateway.db'}", busy_timeout_s=0)
    with pytest.raises(StoreError) as raised, mine.write():
        pass
    assert raised.value.code == GatewayCode.DATABASE_FAILED
    other.close()
    mine.close()


@pytest.mark.parametrize("url", ["", "nonsense", "sqlite://", "oracle://nobody", "mysql+nodriver://x"])
def test_an_address_that_can_not_serve_is_refused(url):
    with pytest.raises(UserError) as raised:
        Database(url)
    assert raised.value.code == GatewayCode.DATABASE_ADDRESS
