"""The one place that binds sqlite-utils to SQLCipher.

sqlite-utils catches the exceptions of whichever sqlite3 module it imported. With stdlib's, a failed statement on a SQLCipher connection
leaves a transaction open and later inserts vanish (measured). It prefers a module named `pysqlite3`, so SQLCipher is registered under that
name before sqlite_utils is imported anywhere.

It also imports numpy and pandas where they are installed, only to know the column types of values that are never stored here: 80 ms of
every start. They are hidden from it while it is imported.
"""

from __future__ import annotations

import sys

import sqlcipher3
import sqlcipher3.dbapi2

sys.modules.setdefault("pysqlite3", sqlcipher3)
sys.modules.setdefault("pysqlite3.dbapi2", sqlcipher3.dbapi2)

_hidden = [name for name in ("numpy", "pandas") if name not in sys.modules]
sys.modules.update(dict.fromkeys(_hidden))  # type: ignore[arg-type]  # None: what is imported by that name is not found
try:
    import sqlite_utils
    from sqlite_utils import Migrations
    from sqlite_utils.db import Database as UtilsDatabase
finally:
    for _name in _hidden:
        del sys.modules[_name]

Error = sqlcipher3.dbapi2.Error
OperationalError = sqlcipher3.dbapi2.OperationalError
DatabaseError = sqlcipher3.dbapi2.DatabaseError
IntegrityError = sqlcipher3.dbapi2.IntegrityError
connect = sqlcipher3.dbapi2.connect

if vars(sqlite_utils.db)["OperationalError"] is not OperationalError:  # somebody imported sqlite_utils first
    raise ImportError("sqlite_utils was imported before courier_check.store.sqlcipher")

__all__ = ["DatabaseError", "Error", "IntegrityError", "Migrations", "OperationalError", "UtilsDatabase", "connect"]
