"""The one place that binds sqlite-utils to SQLCipher.

sqlite-utils catches the exceptions of whichever sqlite3 module it imported. With stdlib's, a failed statement on a SQLCipher connection
leaves a transaction open and later inserts vanish (measured). It prefers a module named `pysqlite3`, so SQLCipher is registered under that
name before sqlite_utils is imported anywhere.
"""

from __future__ import annotations

import sys

import sqlcipher3
import sqlcipher3.dbapi2

sys.modules.setdefault("pysqlite3", sqlcipher3)
sys.modules.setdefault("pysqlite3.dbapi2", sqlcipher3.dbapi2)

import sqlite_utils  # noqa: E402 - must come after the registration above
from sqlite_utils import Migrations  # noqa: E402
from sqlite_utils.db import Database as UtilsDatabase  # noqa: E402

Error = sqlcipher3.dbapi2.Error
OperationalError = sqlcipher3.dbapi2.OperationalError
DatabaseError = sqlcipher3.dbapi2.DatabaseError
IntegrityError = sqlcipher3.dbapi2.IntegrityError
connect = sqlcipher3.dbapi2.connect

if vars(sqlite_utils.db)["OperationalError"] is not OperationalError:  # somebody imported sqlite_utils first
    raise ImportError("sqlite_utils was imported before courier_check.store.sqlcipher")

__all__ = ["DatabaseError", "Error", "IntegrityError", "Migrations", "OperationalError", "UtilsDatabase", "connect"]
