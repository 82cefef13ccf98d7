"""抽检: which agreement mail is drawn for inspection (domain.md §11.10).

The lot of a parcel follows from its waybill and a key that the station draws at random whenever a supervisor sets the share. The key never
leaves the station's encrypted database, so that no number tells its lot beforehand; and a label scanned again has the lot it had: nobody
gets another by starting anew.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

import msgspec

from courier_check import typed
from courier_check.acceptance.draft import Sampling
from courier_check.store import facts
from courier_check.store.database import Database

SAMPLING = "inspection_sampling"
_KEY = "inspection_sampling_key"
_LOTS = 10_000


def held_sampling(db: Database) -> Sampling | None:
    """As a supervisor set it; None where it was never set, or ended."""
    held = facts.load(db, SAMPLING)
    return typed.decode(held, Sampling) if held else None


def sampling_in_force(db: Database) -> Sampling | None:
    """What parcels are drawn by; None: every parcel is inspected. A basis set before there was a share draws nothing, so spares nothing."""
    held = held_sampling(db)
    return held if held is not None and held.share_percent is not None else None


def keep_sampling(tx: Database, sampling: Sampling | None, random: Callable[[int], bytes]) -> None:
    """Set it, with lots that are all drawn anew."""
    facts.save(tx, SAMPLING, b"" if sampling is None else msgspec.json.encode(sampling))
    facts.save(tx, _KEY, random(32))


def is_drawn(db: Database, sampling: Sampling, waybill: str) -> bool:
    """抽中: whether this waybill's parcel is to be inspected."""
    key = facts.load(db, _KEY)
    if key is None or sampling.share_percent is None:
        return True
    lot = int.from_bytes(hmac.digest(key, waybill.encode(), hashlib.sha256)[:8], "big") % _LOTS
    return lot * 100 < sampling.share_percent * _LOTS
