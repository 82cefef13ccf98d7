"""Since when the station has had an entry of a list: whoever was told of a business can't say later that it was not known (商标法 57 条六).

The version in force tells nothing of that: a list that comes anew every day would always have come today.
"""

from __future__ import annotations

from dataclasses import dataclass

from courier_check.store import list_editions
from courier_check.store.database import Database


@dataclass(frozen=True, slots=True)
class EntryHeld:
    """With which installed version an entry came, of those since it was last absent, and when that was. `at_latest`: it may have been here
    before, in versions of which no account was kept."""

    list: str
    entry: str
    version: str
    installed_at_ms: int
    at_latest: bool = False


def entry_held(db: Database, list_id: str, entry_id: str) -> EntryHeld | None:
    """Since when the station has had an entry that is in force; None for a list it does not have, or whose installing it can't date."""
    now = list_editions.in_force(db, list_id)
    if now is None:
        return None
    came = db.value(
        "SELECT MAX(version) FROM list_arrivals WHERE list_id = ? AND entry_id = ? AND version <= ?"
        " AND edition IN (SELECT edition FROM editions_in_force)",
        (list_id, entry_id, now.version),
    )
    version = int(came if came is not None else db.value("SELECT arrivals_from FROM lists WHERE list_id = ?", (list_id,)))
    installed_ms = db.value("SELECT MIN(installed_at_ms) FROM list_installs WHERE name = ? AND version = ?", (list_id, str(version)))
    if installed_ms is None:
        return None
    before = "SELECT 1 FROM list_installs WHERE name = ? AND CAST(version AS INTEGER) < ?"
    at_latest = came is None and db.value(before, (list_id, version)) is not None
    return EntryHeld(list_id, entry_id, str(version), int(installed_ms), at_latest)
