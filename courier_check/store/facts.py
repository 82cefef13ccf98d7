"""Single facts of a station: certificate, keys, gateway document, sync state. Inside the encrypted database."""

from __future__ import annotations

from courier_check.store.database import Database


def save(tx: Database, name: str, value: bytes) -> None:
    tx.execute("INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", (name, value))


def load(db: Database, name: str) -> bytes | None:
    found: bytes | None = db.value("SELECT value FROM facts WHERE name = ?", (name,))
    return found


def names(db: Database, prefix: str) -> set[str]:
    """Names of the facts that begin so."""
    return {row[0] for row in db.rows("SELECT name FROM facts WHERE substr(name, 1, ?) = ?", (len(prefix), prefix))}


def save_number(tx: Database, name: str, value: int) -> None:
    save(tx, name, str(value).encode("ascii"))


def load_number(db: Database, name: str) -> int | None:
    found = load(db, name)
    return None if found is None else int(found)
