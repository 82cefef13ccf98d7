"""争用: a journal's id that two stations sign under. It belongs to the one that delivered first; the other is told so, signed.

Ids are random, and every label shows one (docs/journal.md §13): whoever signs under an id that is not its own copied it. Which of the two
that is, the gateway can't know, so it keeps what both have signed and accuses nobody.
"""

from __future__ import annotations

from sqlalchemy import Connection

from courier_check.gateway.problems import Refused
from courier_check.gateway.setup import Gateway
from courier_check.gateway.store import journals
from courier_check.gateway.store.journals import HeldHead
from courier_check.wire.batches import JournalTaken
from courier_check.wire.problems import ProblemCode
from courier_check.wire.signed import Signed, sign


def own_head(tx: Connection, gateway: Gateway, station_id: str, journal_id: str) -> HeldHead | None:
    """How far a station's journal is held; None if not at all. Raises Refused where another station's entries are held under its id."""
    held = journals.held_head(tx, journal_id)
    if held is not None and held.station_id != station_id:
        raise Refused(ProblemCode.JOURNAL_TAKEN, taken=_told(gateway, station_id, journal_id))
    return held


def taken_from(tx: Connection, gateway: Gateway, station_id: str) -> tuple[Signed, ...]:
    """What a station is told of all its journals that it could not deliver, since another station's entries are held under their ids."""
    return tuple(_told(gateway, station_id, journal_id) for journal_id in journals.claimed_by(tx, station_id))


def _told(gateway: Gateway, station_id: str, journal_id: str) -> Signed:
    said = JournalTaken(gateway_id=gateway.gateway_id, station_id=station_id, journal_id=journal_id, at_ms=gateway.now_ms())
    return sign(said, gateway.keys.receipt)
