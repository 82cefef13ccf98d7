"""接收: a batch is checked, stored with its receipt in one transaction, and answered (docs/wire.md §5–§7)."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection

from courier_check.gateway import objections
from courier_check.gateway.access import Caller
from courier_check.gateway.envelope import Incoming, check_entries, check_owner
from courier_check.gateway.problems import Refused
from courier_check.gateway.review import Arrived, Reading, read_entry, said_flag, said_text
from courier_check.gateway.setup import Gateway
from courier_check.gateway.store import journals, reviews, stations
from courier_check.gateway.store.journals import ChainEnd, EntryRow, HeldHead
from courier_check.gateway.store.stations import KnownStation
from courier_check.journal.verify import Stored
from courier_check.wire.batches import (
    Answer,
    Batch,
    HeadStatement,
    Receipt,
    ReturnedItems,
    merkle_root,
    receipt_hash,
    to_wire,
)
from courier_check.wire.problems import ProblemCode
from courier_check.wire.signed import Signed, sign

RETURNED_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Delivery:
    """A batch whose envelope was found good, on its way into the database. `readings` go with `entries`."""

    caller: Caller
    batch: Batch
    entries: tuple[Incoming, ...]
    readings: tuple[Reading, ...]
    received_at_ms: int

    @property
    def station(self) -> KnownStation:
        return self.caller.station

    @property
    def last_seq(self) -> int:
        return self.batch.first_seq + len(self.entries) - 1

    def at(self, seq: int) -> Incoming:
        return self.entries[seq - self.batch.first_seq]


class _Forked(Exception):
    """Another header is held at a seq of this batch; leaves the transaction so that the evidence is kept in one of its own."""

    def __init__(self, held: Stored, other: Stored | None) -> None:
        super().__init__()
        self.held, self.other = held, other


def take_in(gateway: Gateway, caller: Caller, journal_id: str, batch: Batch) -> Answer:
    """Store what is new of a batch and answer with its receipt. Raises Refused; then nothing of the batch is stored."""
    if len(batch.entries) > gateway.document.limits.batch_entries:
        raise Refused(ProblemCode.TOO_LARGE, f"{gateway.document.limits.batch_entries} entries")
    check_owner(batch, gateway.gateway_id, caller.station, journal_id)
    entries = check_entries(batch, caller.station)
    received_at_ms = gateway.now_ms()
    readings = tuple(read_entry(entry, gateway.keys.intake, received_at_ms) for entry in entries)
    delivery = Delivery(caller, batch, entries, readings, received_at_ms)
    try:
        with gateway.database.write() as tx:
            return _store(tx, gateway, delivery)
    except _Forked as fork:
        if fork.other is not None:
            with gateway.database.write() as tx:
                journals.keep_fork(tx, journal_id, caller.station.station_id, fork.other, received_at_ms)
        raise Refused(ProblemCode.FORK, f"seq {fork.held.seq}", held=to_wire(fork.held)) from None


def head_of(gateway: Gateway, caller: Caller, journal_id: str) -> Signed:
    """The signed head of a station's journal. Raises Refused if the journal is another station's."""
    with gateway.database.write() as tx:
        held = _own_journal(tx, caller.station, journal_id)
        stations.asked(tx, caller.station.station_id, caller.at_ms, gateway.now_ms())
    return _head(gateway, caller.station, journal_id, held)


def returned_after(gateway: Gateway, caller: Caller, number: int) -> ReturnedItems:
    """The station's returned items with greater numbers."""
    with gateway.database.write() as tx:
        stations.asked(tx, caller.station.station_id, caller.at_ms, gateway.now_ms())
        items = reviews.returned_after(tx, caller.station.station_id, number, RETURNED_LIMIT)
    return ReturnedItems(gateway_journal_id=gateway.gateway_journal_id, items=items)


def _store(tx: Connection, gateway: Gateway, delivery: Delivery) -> Answer:
    batch, station = delivery.batch, delivery.station
    held = _own_journal(tx, station, batch.journal_id)
    held_seq = held.seq if held else 0
    if batch.first_seq > held_seq + 1:
        raise Refused(ProblemCode.BEHIND, head=_head(gateway, station, batch.journal_id, held))
    _check_overlap(tx, delivery, held_seq)
    # Not taken from the transaction's beginning: a station may be revoked while its batch waits for the writer before it.
    revoked = _is_revoked(tx, station)
    stations.asked(tx, station.station_id, delivery.caller.at_ms, delivery.received_at_ms)
    found = journals.find_receipt(tx, batch.journal_id, batch.first_seq, delivery.last_seq)
    if found:
        gateway_seq, receipt = found
        return Answer(receipt=receipt, returned=reviews.returned_with(tx, station.station_id, gateway_seq))
    end = journals.chain_end(tx)
    arrived = _add(tx, delivery, held_seq, end, revoked=revoked)
    flagged = journals.any_after_revocation(tx, batch.journal_id, batch.first_seq, delivery.last_seq)
    receipt = _receipt(gateway, delivery, end, after_revocation=flagged)
    journals.add_receipt(tx, batch.journal_id, (batch.first_seq, delivery.last_seq), end.gateway_seq + 1, receipt)
    journals.move_chain(tx, ChainEnd(end.gateway_seq + 1, receipt_hash(receipt), end.arrival + len(arrived)))
    objections.raise_all(tx, gateway, arrived, raised_by=end.gateway_seq + 1)
    return Answer(receipt=receipt, returned=reviews.returned_with(tx, station.station_id, end.gateway_seq + 1))


def _own_journal(tx: Connection, station: KnownStation, journal_id: str) -> HeldHead | None:
    held = journals.held_head(tx, journal_id)
    if held and held.station_id != station.station_id:
        raise Refused(ProblemCode.WRONG_GATEWAY)
    return held


def _is_revoked(tx: Connection, station: KnownStation) -> bool:
    now = stations.find(tx, station.station_id)
    return now is not None and now.revoked_at_ms is not None


def _check_overlap(tx: Connection, delivery: Delivery, held_seq: int) -> None:
    """What is held already must be the same, up to and including what the batch follows."""
    batch = delivery.batch
    held = journals.held_hashes(tx, batch.journal_id, batch.first_seq - 1, delivery.last_seq)
    for seq in range(batch.first_seq, min(delivery.last_seq, held_seq) + 1):
        if held[seq] != delivery.at(seq).hash:
            raise _Forked(journals.held_entry(tx, batch.journal_id, seq), delivery.at(seq).stored)
    before = batch.first_seq - 1
    if before and held[before] != batch.prev:
        # The signed `prev` says that the station has another header there, though it did not send it.
        raise _Forked(journals.held_entry(tx, batch.journal_id, before), None)


def _add(tx: Connection, delivery: Delivery, held_seq: int, end: ChainEnd, *, revoked: bool) -> list[Arrived]:
    """Store the entries after the one held, their parts, and the new head."""
    batch, station = delivery.batch, delivery.station
    new = slice(held_seq + 1 - batch.first_seq, None)
    arrived = [
        Arrived(arrival, station, entry, reading, delivery.received_at_ms)
        for arrival, (entry, reading) in enumerate(zip(delivery.entries[new], delivery.readings[new], strict=True), start=end.arrival + 1)
    ]
    if not arrived:
        return []
    rows = [_row(each, end.gateway_seq + 1, revoked=revoked) for each in arrived]
    sealed = [(each.arrival, name, data) for each in arrived for name, data in each.entry.stored.sealed.items()]
    journals.add_entries(tx, rows, sealed)
    last = arrived[-1].entry
    head = HeldHead(station.station_id, last.header.seq, last.hash)
    journals.move_head(tx, batch.journal_id, head, opened=held_seq == 0)
    packages = msgspec.json.encode(last.header.packages).decode()
    stations.heard_from(tx, station.station_id, delivery.received_at_ms)  # whatever its clock says: what is new was not played again
    stations.note_statement(tx, station.station_id, (batch.backlog.entries, batch.backlog.oldest_ms), packages)
    return arrived


def _row(arrived: Arrived, gateway_seq: int, *, revoked: bool) -> EntryRow:
    header, place = arrived.entry.header, arrived.station.place
    return EntryRow(
        arrival=arrived.arrival,
        journal_id=header.journal_id,
        seq=header.seq,
        station_id=header.station_id,
        outlet_id=place.outlet_id,
        region=place.region,
        hash=arrived.entry.hash,
        header=arrived.entry.stored.header_bytes.decode(),
        signature=arrived.entry.stored.signature,
        kind=header.kind,
        wall_ms=header.times.wall_ms,
        received_at_ms=arrived.received_at_ms,
        gateway_seq=gateway_seq,
        after_revocation=revoked,
        mail_kind=said_text(header.facts, "mail_kind"),
        real_name=said_text(header.facts, "real_name"),
        inspected=said_flag(header.facts, "inspected"),
    )


def _receipt(gateway: Gateway, delivery: Delivery, end: ChainEnd, *, after_revocation: bool) -> Signed:
    batch = delivery.batch
    return sign(
        Receipt(
            gateway_id=batch.gateway_id,
            station_id=batch.station_id,
            journal_id=batch.journal_id,
            first_seq=batch.first_seq,
            last_seq=delivery.last_seq,
            prev_head=batch.prev,
            head=delivery.entries[-1].hash,
            merkle_root=merkle_root(entry.hash for entry in delivery.entries),
            received_at_ms=delivery.received_at_ms,
            after_revocation=after_revocation,
            gateway_journal_id=gateway.gateway_journal_id,
            gateway_seq=end.gateway_seq + 1,
            gateway_prev=end.gateway_prev,
        ),
        gateway.keys.receipt,
    )


def _head(gateway: Gateway, station: KnownStation, journal_id: str, held: HeldHead | None) -> Signed:
    return sign(
        HeadStatement(
            gateway_id=gateway.gateway_id,
            station_id=station.station_id,
            journal_id=journal_id,
            seq=held.seq if held else 0,
            head=held.head if held else None,
            at_ms=gateway.now_ms(),
        ),
        gateway.keys.receipt,
    )
