"""Operators (收寄员) and their credentials. Who they are is a view of the journal; password hashes are not journal matter."""

from __future__ import annotations

from dataclasses import dataclass

from courier_check.store.database import Database


@dataclass(frozen=True, slots=True)
class OperatorRow:
    code: str
    role: str
    name: str | None
    disabled: bool


@dataclass(frozen=True, slots=True)
class Credential:
    hash: str
    failures: int
    locked_until_ms: int


def operator(db: Database, code: str) -> OperatorRow | None:
    row = db.row("SELECT code, role, name, disabled FROM operators WHERE code = ?", (code,))
    return OperatorRow(row[0], row[1], row[2], bool(row[3])) if row else None


def operators(db: Database) -> list[OperatorRow]:
    rows = db.rows("SELECT code, role, name, disabled FROM operators ORDER BY code")
    return [OperatorRow(code, role, name, bool(disabled)) for code, role, name, disabled in rows]


def credential(db: Database, code: str) -> Credential | None:
    row = db.row("SELECT hash, failures, locked_until_ms FROM credentials WHERE operator = ?", (code,))
    return Credential(*row) if row else None


def save_credential(tx: Database, code: str, hashed: str) -> None:
    tx.execute(
        "INSERT INTO credentials (operator, hash) VALUES (?, ?)"
        " ON CONFLICT (operator) DO UPDATE SET hash = excluded.hash, failures = 0, locked_until_ms = 0",
        (code, hashed),
    )


def note_attempt(tx: Database, code: str, failures: int, locked_until_ms: int) -> None:
    tx.execute("UPDATE credentials SET failures = ?, locked_until_ms = ? WHERE operator = ?", (failures, locked_until_ms, code))
