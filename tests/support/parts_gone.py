"""Parts that retention has destroyed, for tests of what remains: they are not about when it may."""

from __future__ import annotations

from courier_check.store import journal
from courier_check.store.database import Database


def parts_gone(tx: Database, journal_id: str, seq: int) -> int:
    """What `store.journal.destroy_parts` does, whether or not the entries have arrived at the gateway long ago."""
    return journal._destroy(tx, journal._places_of(tx, journal_id, seq))
