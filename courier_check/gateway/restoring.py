"""恢复: a gateway whose database was put back from a backup begins another journal of receipts (docs/wire.md §6).

It may have issued receipts that the backup does not know. Would it go on counting, two different receipts could have one number.
"""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import Connection

from courier_check import typed
from courier_check.gateway.store import journals, reviews
from courier_check.gateway.store.journals import ChainEnd
from courier_check.journal.codes import JournalError
from courier_check.journal.forms import Count, Hash, JournalId
from courier_check.wire.batches import Receipt, Returned, by_receipt_key, receipt_hash
from courier_check.wire.signed import Signed, read, sign

if TYPE_CHECKING:
    from courier_check.gateway.setup import Gateway


class OutsideReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """The newest receipt, as noted outside the database. `hash`: what the next one has as its `gateway_prev`."""

    gateway_journal_id: JournalId
    gateway_seq: Count
    hash: Hash


class OutsideReceipts:
    """DIR/newest-receipt.json: written after each commit, compared when the gateway is opened. An old note only detects less."""

    def __init__(self, data: Path) -> None:
        self._path = data / "newest-receipt.json"
        self._newest: OutsideReceipt | None = None
        self._writing = threading.Lock()

    def read(self) -> OutsideReceipt | None:
        """The note; None if there is none or it can't be read (then the database alone speaks)."""
        try:
            return typed.decode(self._path.read_bytes(), OutsideReceipt)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return None

    def keep(self, end: ChainEnd) -> None:
        """Note where the chain of receipts stands, after the commit. What was committed stays done where this can't be written."""
        note = OutsideReceipt(gateway_journal_id=end.gateway_journal_id, gateway_seq=end.gateway_seq, hash=end.gateway_prev)
        with self._writing:
            newest = self._newest
            if newest and newest.gateway_journal_id == note.gateway_journal_id and newest.gateway_seq >= note.gateway_seq:
                return  # another thread has committed after this one and noted it already
            self._newest = note
            with contextlib.suppress(OSError):
                self._replace(msgspec.json.encode(note))

    def _replace(self, data: bytes) -> None:
        beside = self._path.with_name(f"{self._path.name}.{os.getpid()}.new")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as target:
            target.write(data)
        beside.replace(self._path)


def begin_if_put_back(gateway: Gateway, noted: OutsideReceipt | None) -> None:
    """Begin another journal of receipts if the database does not hold the receipt that was noted outside it."""
    if noted is None:
        return
    with gateway.database.read() as tx:
        held = _holds(tx, noted)
    if not held:
        begin_journal(gateway)


def begin_if_shown(gateway: Gateway, signed: Signed) -> None:
    """Begin another journal of receipts if a station shows a receipt of the one being written that the database does not hold: it was put
    back, its folder and note with it. What this gateway never signed says nothing."""
    try:
        receipt = by_receipt_key(signed, Receipt, gateway.trusted)
    except JournalError:
        return
    place = (receipt.gateway_journal_id, receipt.gateway_seq)
    with gateway.database.write() as tx:
        held = journals.receipt_at(tx, place)
        known = held is not None and receipt_hash(held) == receipt_hash(signed)
        if known or journals.chain_end(tx).gateway_journal_id != receipt.gateway_journal_id:
            return
        begun = _begin(tx, gateway)
    gateway.outside.keep(begun)


def begin_journal(gateway: Gateway) -> str:
    """Begin another journal of receipts: fresh id, counting from 1, on the root's certificate. Items that nobody has answered are numbered
    and signed anew, since a station asks for those of the journal in force only. Returns the new id."""
    with gateway.database.write() as tx:
        begun = _begin(tx, gateway)
    gateway.outside.keep(begun)
    return begun.gateway_journal_id


def _begin(tx: Connection, gateway: Gateway) -> ChainEnd:
    before = journals.chain_end(tx)
    begun = ChainEnd(gateway.random(16).hex(), 0, gateway.trusted.root_hash, before.arrival)
    journals.move_chain(tx, begun)
    for station_id, gateway_journal_id, number, document in reviews.open_items(tx):
        fresh = reviews.last_number(tx, station_id, begun.gateway_journal_id) + 1
        body = msgspec.structs.replace(read(document, Returned), gateway_journal_id=begun.gateway_journal_id, number=fresh)
        into = (begun.gateway_journal_id, fresh)
        reviews.renumber(tx, (station_id, gateway_journal_id, number), into, sign(body, gateway.keys.receipt))
    return begun


def _holds(tx: Connection, noted: OutsideReceipt) -> bool:
    if noted.gateway_seq == 0:  # a journal that was begun after the database had been put back: it must not go back to one before
        return journals.chain_end(tx).gateway_journal_id == noted.gateway_journal_id
    receipt = journals.receipt_at(tx, (noted.gateway_journal_id, noted.gateway_seq))
    return receipt is not None and receipt_hash(receipt) == noted.hash
