"""撤销密钥: what a gateway signed with a key that was withdrawn, signed anew (docs/wire.md §2).

Whoever has that key may sign as the gateway did, so nobody believes it any more; what the gateway itself keeps is genuine. The bodies stay
as they are, and with them numbers, times and the chain of receipts, which is made of bodies.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from courier_check.gateway.store import journals, reviews
from courier_check.gateway.store.journals import ReceiptPlace
from courier_check.journal.codes import JournalError
from courier_check.wire.batches import Receipt, Returned
from courier_check.wire.certificates import Role
from courier_check.wire.signed import Body, Signed, sign, verified

if TYPE_CHECKING:
    from courier_check.gateway.setup import Gateway

AT_A_TIME = 1000


def sign_anew(gateway: Gateway) -> None:
    """Sign receipts and returned items by withdrawn keys with the one in force; once for each list of keys. A crash leaves all of it to the
    next start."""
    serial = gateway.trusted.keys_serial
    if serial == 0:
        return
    with gateway.database.write() as tx:
        if journals.signed_anew(tx) == serial:
            return
        for place, receipt in _receipts(tx):
            fresh = _anew(gateway, receipt, Receipt)
            if fresh is not None:
                journals.put_receipt(tx, place, fresh)
        for item, document in reviews.documents(tx):
            fresh = _anew(gateway, document, Returned)
            if fresh is not None:
                reviews.put_document(tx, item, fresh)
        journals.note_signed_anew(tx, serial)


def _receipts(tx: Connection) -> Iterator[tuple[ReceiptPlace, Signed]]:
    place: ReceiptPlace = ("", 0)
    while page := journals.receipts_after(tx, place, AT_A_TIME):
        yield from page
        place = page[-1][0]


def _anew(gateway: Gateway, held: Signed, into: type[Body]) -> Signed | None:
    """None for what needs no other signature, and for what the gateway never signed, which somebody wrote into its database."""
    if held.key_id in gateway.trusted.verifying_keys(Role.RECEIPT):
        return None
    key = gateway.trusted.held_keys(Role.RECEIPT).get(held.key_id)
    try:
        return None if key is None else sign(verified(held, into, key), gateway.keys.receipt)
    except JournalError:
        return None
