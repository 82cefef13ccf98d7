"""The binding of sqlite-utils to SQLCipher, without which writes are lost silently."""

from __future__ import annotations

import sqlcipher3.dbapi2
import sqlite_utils.db

from courier_check.store import sqlcipher
from courier_check.store.database import Database


def test_sqlite_utils_catches_the_errors_of_sqlcipher() -> None:
    assert sqlite_utils.db.OperationalError is sqlcipher3.dbapi2.OperationalError
    assert sqlcipher.OperationalError is sqlcipher3.dbapi2.OperationalError


def test_a_failed_returning_query_leaves_no_transaction_open() -> None:
    database = Database.in_memory()
    database.tables["t"].insert({"id": 1}, pk="id")
    try:
        list(database.tables.query("INSERT INTO t (id) VALUES (1) RETURNING id"))
    except sqlcipher.IntegrityError:
        pass
    else:
        raise AssertionError("the duplicate was taken")
    assert not database.tables.conn.in_transaction
    database.close()
