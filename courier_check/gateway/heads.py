"""How far a journal is held, said to one question (docs/wire.md §7): an answer to another, recorded on the line, does not fit."""

from __future__ import annotations

from courier_check.gateway.access import Caller
from courier_check.gateway.claims import own_head
from courier_check.gateway.restoring import begin_if_shown
from courier_check.gateway.setup import Gateway
from courier_check.gateway.store import stations
from courier_check.wire.batches import ConfirmedHead, HeadRequest
from courier_check.wire.signed import Signed, sign


def confirmed_head(gateway: Gateway, caller: Caller, journal_id: str, asked: HeadRequest) -> Signed:
    """The signed head of a station's journal, with the question's nonce. A receipt of this gateway that it does not know tells it that it
    was put back: it begins another journal of receipts first. Raises Refused if the journal is another station's."""
    if asked.receipt is not None:
        begin_if_shown(gateway, asked.receipt)
    station_id = caller.station.station_id
    with gateway.database.write() as tx:
        held = own_head(tx, gateway, station_id, journal_id)
        stations.asked(tx, station_id, caller.at_ms, gateway.now_ms())
    body = ConfirmedHead(
        gateway_id=gateway.gateway_id,
        station_id=station_id,
        journal_id=journal_id,
        seq=held.seq if held else 0,
        head=held.head if held else None,
        at_ms=gateway.now_ms(),
        nonce=asked.nonce,
    )
    return sign(body, gateway.keys.receipt)
