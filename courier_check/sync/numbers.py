"""The gateway's own journal of receipts: numbers, and which body follows which (docs/wire.md §6).

Asked before receipts from a stick are stored: one that contradicts others would make `verify` fail for good.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from courier_check.journal.codes import JournalError
from courier_check.store import inbox
from courier_check.store.database import Database
from courier_check.wire.batches import Receipt, receipt_hash
from courier_check.wire.certificates import Role, TrustedGateway
from courier_check.wire.signed import Signed, read

_Numbered = tuple[Signed, Receipt]


def contradicting(db: Database, brought: Sequence[_Numbered], gateway: TrustedGateway) -> Receipt | None:
    """The first of these verified receipts that contradicts another one of them, or one that is held: another body with its number, a
    neighbour that it does not follow or that does not follow it, a lesser number by a later key. None where all fit.

    What is held already is not asked again. What a withdrawn key signed stands in nobody's way: the gateway gave the same bodies anew, and
    one that only a stranger gave is for `verify` to name.
    """
    beside: dict[tuple[str, int], dict[str, _Numbered]] = defaultdict(dict)
    for signed, receipt in brought:
        beside[receipt.gateway_journal_id, receipt.gateway_seq].setdefault(signed.body, (signed, receipt))
    fresh: list[_Numbered] = []
    for signed, receipt in brought:
        held = inbox.receipts_numbered(db, receipt.gateway_journal_id, receipt.gateway_seq - 1, receipt.gateway_seq + 1)
        if any(each.body == signed.body for each in held):
            continue
        fresh.append((signed, receipt))
        for each in held:
            body = _readable(each) if gateway.serial_of(Role.RECEIPT, each.key_id) is not None else None
            if body is not None:
                beside[body.gateway_journal_id, body.gateway_seq].setdefault(each.body, (each, body))
    least = _least_numbers(db, brought, gateway)
    wrong = (each for each in fresh if _differs(*each, beside, gateway) or _late(*each, least, gateway))
    return next((receipt for _, receipt in wrong), None)


def _readable(held: Signed) -> Receipt | None:
    """None for a row that was damaged here: that is for `verify` to name, and no fault of the file."""
    try:
        return read(held, Receipt)
    except JournalError:
        return None


def _differs(signed: Signed, receipt: Receipt, beside: dict[tuple[str, int], dict[str, _Numbered]], gateway: TrustedGateway) -> bool:
    """Where a gateway that was put back gave a number twice, both are held: it is enough to follow one of them."""
    place, number = receipt.gateway_journal_id, receipt.gateway_seq
    if number == 1 and receipt.gateway_prev != gateway.root_hash:
        return True
    before, after = (tuple(beside.get((place, other), {}).values()) for other in (number - 1, number + 1))
    return (
        len(beside[place, number]) > 1
        or (bool(before) and receipt.gateway_prev not in [receipt_hash(each) for each, _ in before])
        or (bool(after) and receipt_hash(signed) not in [each.gateway_prev for _, each in after])
    )


def _least_numbers(db: Database, brought: Sequence[_Numbered], gateway: TrustedGateway) -> dict[str, list[tuple[int, int]]]:
    """Of each gateway journal: the serials of keys in force, and the least number that each of them signed."""
    signed_by = [(receipt.gateway_journal_id, signed.key_id, receipt.gateway_seq) for signed, receipt in brought]
    for gateway_journal_id in sorted({receipt.gateway_journal_id for _, receipt in brought}):
        signed_by += [(gateway_journal_id, *each) for each in inbox.least_numbers(db, gateway_journal_id)]
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for gateway_journal_id, key_id, number in signed_by:
        serial = gateway.serial_of(Role.RECEIPT, key_id)
        if serial is not None:
            found[gateway_journal_id].append((serial, number))
    return found


def _late(signed: Signed, receipt: Receipt, least: dict[str, list[tuple[int, int]]], gateway: TrustedGateway) -> bool:
    """Whether a later key has signed a lesser number: whoever has the earlier key dates back."""
    own = gateway.serial_of(Role.RECEIPT, signed.key_id)
    return own is not None and any(serial > own and number < receipt.gateway_seq for serial, number in least[receipt.gateway_journal_id])
