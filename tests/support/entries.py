"""What tests of the desk share: the kind of their sessions, and what a station holds of one entry, opened to be read."""

from __future__ import annotations

import json
from collections.abc import Callable

from courier_check.acceptance import Session
from courier_check.journal.verify import Stored
from courier_check.station import Station
from courier_check.store import journal

Prepared = Callable[..., Session]
"""Makes a session with everything answered, on a waybill of one's choice (tests/desk/conftest.py)."""


def stored(station: Station, seq: int) -> Stored:
    held = journal.entry_at(station.database, journal.current_journal(station.database) or "", seq)
    assert held is not None
    return held


def facts(station: Station, seq: int) -> dict[str, object]:
    found: dict[str, object] = json.loads(stored(station, seq).header_bytes)["facts"]
    return found


def part(station: Station, seq: int, name: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(stored(station, seq).openings[name][32:])
    return found
