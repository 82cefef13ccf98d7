"""What a station's folder holds, seen past its commands: what was accepted, and edits nobody should be able to make."""

from __future__ import annotations

from pathlib import Path

from courier_check.clock import SystemClock
from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings
from courier_check.store import keys, views
from courier_check.store.database import Database

TRIGGERS = ("journal_entries_unchanged", "journal_entries_kept", "parts_unchanged")


def accepted_waybills(folder: Path) -> list[str]:
    """Every acceptance in the journal of a sound station: twice if it was doubled."""
    with Station.open(folder, PRACTICE_PASSPHRASE, Surroundings(SystemClock())) as station:
        assert station.verify().ok
        assert all(each.equal for each in views.compare(station.database))
        rows = station.database.rows("SELECT waybill FROM acts WHERE kind = 'acceptance' ORDER BY journal_id, seq")
    return [waybill for (waybill,) in rows]


def entry_count(folder: Path) -> int:
    with Station.open(folder, PRACTICE_PASSPHRASE, Surroundings(SystemClock())) as station:
        return int(station.database.value("SELECT COUNT(*) FROM journal_entries"))


def edit(folder: Path, *statements: str) -> None:
    """Change the database with its own key, against its own rules."""
    database = Database.open(folder / "station.db", keys.open_keys(folder / "keys.json", PRACTICE_PASSPHRASE))
    try:
        with database.write() as tx:
            for trigger in TRIGGERS:
                tx.execute(f"DROP TRIGGER {trigger}")
            for statement in statements:
                assert tx.execute(statement) != 0, statement
    finally:
        database.close()


def settle(folder: Path) -> bytes:
    """Fold the write-ahead log into the database file and return the file's bytes."""
    database = Database.open(folder / "station.db", keys.open_keys(folder / "keys.json", PRACTICE_PASSPHRASE))
    database.value("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return (folder / "station.db").read_bytes()
