"""How the lane of photos stands between its runs. It has a status of its own: what is wrong with it says nothing of the entries."""

from __future__ import annotations

import msgspec

from courier_check import typed
from courier_check.store import facts, sent_evidence
from courier_check.store.database import Database
from courier_check.wire.evidence import CHUNK_BYTES

_STATUS = "photo_status"


class PhotoStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Kept across restarts. `code`, `detail`: why the last run ended before its time, None where nothing is wrong; `next_try_ms`: when the
    next one is worth while, `waits_ms` from when that was decided; `asked`: the gateway asked for it. `left`, `at_ms`: what may be sent
    (photo_budget.py); `chunk`: bytes that go in one request. `looked_ms`: when the gateway was last asked what it remembers;
    `asked_again_ms`: when photos were last found forgotten, or the gateway put back; `gateway_journal`: its journal of receipts then."""

    code: str | None = None
    detail: str = ""
    attempts: int = 0
    next_try_ms: int | None = None
    waits_ms: int = 0
    asked: bool = False
    left: int | None = None
    at_ms: int = 0
    chunk: int = CHUNK_BYTES
    looked_ms: int | None = None
    asked_again_ms: int | None = None
    gateway_journal: str | None = None

    def waits(self, now_ms: int) -> bool:
        """Whether its time has not come. A wait longer than it was meant to be is none: the clock was set back."""
        return self.next_try_ms is not None and 0 < self.next_try_ms - now_ms <= self.waits_ms


def load_photo_status(db: Database) -> PhotoStatus:
    data = facts.load(db, _STATUS)
    return PhotoStatus() if data is None else typed.decode(data, PhotoStatus)


def save_photo_status(tx: Database, status: PhotoStatus) -> None:
    facts.save(tx, _STATUS, msgspec.json.encode(status))


def photos_are_due(db: Database, now_ms: int) -> bool:
    """Whether a run would send photos."""
    return not load_photo_status(db).waits(now_ms) and sent_evidence.next_pending(db, 0) is not None
