"""Receipts as a gateway would give them, for what only counts and orders them: what they sign is made up."""

from __future__ import annotations

import msgspec

from courier_check.store import inbox
from courier_check.store.database import Database
from courier_check.wire.batches import Receipt, Returned
from courier_check.wire.certificates import Role
from courier_check.wire.signed import sign
from support.pki import MadeUpGateway

FIRST_GATEWAY_JOURNAL = "c0" * 16
_MADE_UP = Receipt(
    gateway_id="gw-test",
    station_id="zz-jinshui-01",
    journal_id="00" * 16,
    first_seq=1,
    last_seq=1,
    prev_head="00" * 32,
    head="00" * 32,
    merkle_root="00" * 32,
    received_at_ms=1,
    after_revocation=False,
    gateway_journal_id=FIRST_GATEWAY_JOURNAL,
    gateway_seq=1,
    gateway_prev="00" * 32,
)
_GATEWAY = MadeUpGateway()


def receipt_over(journal_id: str, first_seq: int, last_seq: int, **said: str | int) -> Receipt:
    """For this range; `said`: what else it says, as `received_at_ms`, `gateway_journal_id` and `gateway_seq`."""
    return msgspec.structs.replace(_MADE_UP, journal_id=journal_id, first_seq=first_seq, last_seq=last_seq, **said)


def keep(tx: Database, *given: Receipt) -> None:
    """Store them one after the other, in a transaction of the caller's."""
    for receipt in given:
        inbox.save_receipt(tx, sign(receipt, _GATEWAY.signing[Role.RECEIPT]), receipt)


def keep_returned(tx: Database, gateway_journal_id: str, number: int, about: tuple[str, int], code: str) -> None:
    """Store a returned item about an entry (journal, seq), as the synchroniser keeps it, in a transaction of the caller's."""
    item = Returned(
        gateway_id="gw-test",
        gateway_journal_id=gateway_journal_id,
        station_id="zz-jinshui-01",
        journal_id=about[0],
        seq=about[1],
        entry="0" * 64,
        number=number,
        code=code,
        detail="",
        at_ms=number,
    )
    inbox.save_returned(tx, sign(item, _GATEWAY.signing[Role.RECEIPT]), item)
