"""Signed QR credentials that were taken: each serves once, at every window of the station and after a restart (docs/credential.md §4)."""

from __future__ import annotations

from courier_check.store.database import Database
from courier_check.store.facts import load_number, save_number

_FORGOTTEN = "credentials_forgotten_s"


def is_forgotten(db: Database, expires_at_s: int) -> bool:
    """Whether nonces of credentials with this end may have been forgotten, so that nobody can say whether one was used.

    Only those that were past their end are forgotten. A credential that seems to be valid all the same shows that the clock was put
    back; its end was written by the issuer, so a clock that once ran ahead makes no later credential unusable.
    """
    forgotten_s = load_number(db, _FORGOTTEN)
    return forgotten_s is not None and expires_at_s <= forgotten_s


def take(tx: Database, issuer: str, nonce: bytes, expires_at_s: int) -> bool:
    """Note that a credential was taken; False if it was before. Inside the caller's `write()`, which lets one window do it at a time."""
    if tx.value("SELECT 1 FROM presented_credentials WHERE issuer = ? AND nonce = ?", (issuer, nonce)):
        return False
    tx.execute("INSERT INTO presented_credentials (issuer, nonce, expires_at_s) VALUES (?, ?, ?)", (issuer, nonce, expires_at_s))
    return True


def forget(tx: Database, ended_s: int) -> None:
    """Forget what ended at this time or before; how far is kept for `is_forgotten`."""
    last: int | None = tx.value("SELECT MAX(expires_at_s) FROM presented_credentials WHERE expires_at_s <= ?", (ended_s,))
    if last is None:
        return
    tx.execute("DELETE FROM presented_credentials WHERE expires_at_s <= ?", (ended_s,))
    save_number(tx, _FORGOTTEN, max(last, load_number(tx, _FORGOTTEN) or 0))
