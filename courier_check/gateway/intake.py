"""接收: a batch is checked, stored with its receipt in one transaction, and answered (docs/wire.md §5–§7)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import msgspec
from sqlalchemy import Connection

from courier_check import typed
from courier_check.gateway import objections
from courier_check.gateway.access import Caller
from courier_check.gateway.claims import own_head
from courier_check.gateway.contents import read_contents
from courier_check.gateway.envelope import Incoming, check_entries, check_owner
from courier_check.gateway.problems import Refused
from courier_check.gateway.review import Arrived, Reading, index_of, judge, said_flag, said_text
from courier_check.gateway.setup import Gateway
from courier_check.gateway.store import journals, reviews, stations
from courier_check.gateway.store.journals import ChainEnd, EntryRow, HeldHead
from courier_check.gateway.store.stations import KnownStation
from courier_check.journal.entries import Header, PackageRef, parse_header
from courier_check.journal.keys import to_text
from courier_check.journal.verify import Stored
from courier_check.wire.batches import (
    Answer,
    Batch,
    HeadStatement,
    HeldEntry,
    Receipt,
    ReturnedItems,
    merkle_root,
    receipt_hash,
    to_wire,
)
from courier_check.wire.problems import ProblemCode
from courier_check.wire.signed import Signed, read, sign

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
    with gateway.turns.under_way(_lane(caller, journal_id), batch.first_seq):
        return _take_in(gateway, caller, batch)


def _lane(caller: Caller, journal_id: str) -> str:
    """Whose turns are counted together: another station that names this journal holds nobody up."""
    return f"{caller.station.station_id}/{journal_id}"


def _take_in(gateway: Gateway, caller: Caller, batch: Batch) -> Answer:
    checked = check_entries(batch, caller.station, gateway.checkers)
    received_at_ms = gateway.now_ms()
    contents = gateway.checkers.begin(read_contents, gateway.keys.intake_secrets, [index_of(entry) for entry in checked.entries])
    entries = checked.settle()
    readings = tuple(judge(entry, found, received_at_ms) for entry, found in zip(entries, contents.result(), strict=True))
    delivery = Delivery(caller, batch, entries, readings, received_at_ms)
    gateway.turns.wait(_lane(caller, batch.journal_id), batch.first_seq)  # the one before is checked and stored while this one was checked
    try:
        with gateway.database.write() as tx:
            if gateway.is_outdated():
                raise Refused(ProblemCode.BUSY, "keys were changed; start the gateway again")
            answer, end = _store(tx, gateway, delivery)
    except _Forked as fork:
        if fork.other is not None:
            with gateway.database.write() as tx:
                journals.keep_fork(tx, batch.journal_id, caller.station.station_id, fork.other, received_at_ms)
        raise Refused(ProblemCode.FORK, f"seq {fork.held.seq}", held=to_wire(fork.held)) from None
    except Refused as refused:
        if refused.code == ProblemCode.JOURNAL_TAKEN:
            with gateway.database.write() as tx:
                journals.keep_claim(tx, caller.station.station_id, entries[0].stored, batch.journal_id, received_at_ms)
        raise
    gateway.outside.keep(end)
    return answer


def head_of(gateway: Gateway, caller: Caller, journal_id: str) -> Signed:
    """The signed head of a station's journal. Raises Refused if the journal is another station's."""
    with gateway.database.write() as tx:
        held = own_head(tx, gateway, caller.station.station_id, journal_id)
        stations.asked(tx, caller.station.station_id, caller.at_ms, gateway.now_ms())
    return _head(gateway, caller.station, journal_id, held)


def held_entry(gateway: Gateway, caller: Caller, journal_id: str, seq: int) -> HeldEntry:
    """One entry as it is held, for a station that checks on its gateway. Raises Refused: not held, or another station's journal."""
    with gateway.database.read() as tx:
        own_head(tx, gateway, caller.station.station_id, journal_id)
        held = journals.held_entries(tx, journal_id, seq, seq).get(seq)
    if held is None:
        raise Refused(ProblemCode.NOT_FOUND, f"seq {seq}")
    return HeldEntry(header=held.header, signature=to_text(held.signature))


def returned_after(gateway: Gateway, caller: Caller, number: int) -> ReturnedItems:
    """The station's returned items with greater numbers, of the gateway journal that is being written."""
    with gateway.database.write() as tx:
        stations.asked(tx, caller.station.station_id, caller.at_ms, gateway.now_ms())
        gateway_journal_id = journals.chain_end(tx).gateway_journal_id
        items = reviews.returned_after(tx, caller.station.station_id, gateway_journal_id, number, RETURNED_LIMIT)
    return ReturnedItems(gateway_journal_id=gateway_journal_id, items=items)


def _store(tx: Connection, gateway: Gateway, delivery: Delivery) -> tuple[Answer, ChainEnd]:
    """Store what is new, and what was lost here and comes again. Returns the answer and where the chain of receipts stands after it."""
    batch, station = delivery.batch, delivery.station
    held = own_head(tx, gateway, station.station_id, batch.journal_id)
    held_seq = held.seq if held else 0
    if batch.first_seq > held_seq + 1:
        raise Refused(ProblemCode.BEHIND, head=_head(gateway, station, batch.journal_id, held))
    there = _check_overlap(tx, delivery, held)
    # Not taken from the transaction's beginning: a station may be revoked while its batch waits for the writer before it.
    revoked = _is_revoked(tx, station)
    stations.asked(tx, station.station_id, delivery.caller.at_ms, delivery.received_at_ms)
    end = journals.chain_end(tx)
    found = journals.find_receipt(tx, batch.journal_id, batch.first_seq, delivery.last_seq)
    arrived = _add(tx, delivery, held, there, end, revoked=revoked)
    if found:
        place, receipt = found
        after = replace(end, arrival=end.arrival + len(arrived))
    else:
        place = (end.gateway_journal_id, end.gateway_seq + 1)
        flagged = bool(there) and journals.any_after_revocation(tx, batch.journal_id, batch.first_seq, delivery.last_seq)
        receipt = _receipt(gateway, delivery, end, after_revocation=flagged or (revoked and bool(arrived)))
        journals.add_receipt(tx, batch.journal_id, (batch.first_seq, delivery.last_seq), place, receipt)
        after = ChainEnd(*place, receipt_hash(receipt), end.arrival + len(arrived))
    journals.move_chain(tx, after)
    # What comes again under a receipt of long ago is objected to in the journal that is being written now.
    objections.raise_all(tx, gateway, _not_read_before(tx, arrived, held_seq), (end.gateway_journal_id, 0) if found else place)
    return Answer(receipt=receipt, returned=reviews.returned_with(tx, station.station_id, place)), after


def _not_read_before(tx: Connection, arrived: list[Arrived], held_seq: int) -> list[Arrived]:
    """Without the entries that were lost here and came again, and of which the index rows had survived."""
    again = {(each.entry.header.journal_id, each.entry.header.seq): each.arrival for each in arrived if each.entry.header.seq <= held_seq}
    survived = reviews.move_arrivals(tx, again)
    return [each for each in arrived if (each.entry.header.journal_id, each.entry.header.seq) not in survived]


def _is_revoked(tx: Connection, station: KnownStation) -> bool:
    now = stations.find(tx, station.station_id)
    return now is not None and now.revoked_at_ms is not None


def _check_overlap(tx: Connection, delivery: Delivery, head: HeldHead | None) -> set[int]:
    """What is held already must be the same, up to and including what the batch follows. Returns the seqs of the batch that are held.

    A row that is gone or altered below the head is damage of this database, not the station's fault: it is taken again, if it is the one
    that what is still held speaks of.
    """
    batch = delivery.batch
    rows = journals.held_entries(tx, batch.journal_id, batch.first_seq - 1, delivery.last_seq + 1)
    damaged = [row for row in rows.values() if not row.sound]
    sound = {seq: row for seq, row in rows.items() if row.sound}
    for seq in range(batch.first_seq, delivery.last_seq + 1):
        if seq in sound and sound[seq].hash != delivery.at(seq).hash:
            raise _Forked(journals.held_entry(tx, batch.journal_id, seq), delivery.at(seq).stored)
        if seq in sound and sound[seq].signature != delivery.at(seq).stored.signature:  # the batch's own was verified
            damaged.append(sound.pop(seq))
    before = batch.first_seq - 1
    if before in sound and sound[before].hash != batch.prev:
        # The signed `prev` says that the station has another header there, though it did not send it.
        raise _Forked(journals.held_entry(tx, batch.journal_id, before), None)
    if head is not None:
        _check_ends(tx, delivery, head, sound)
    journals.remove_damaged(tx, [row for row in damaged if batch.first_seq <= row.seq <= delivery.last_seq])
    return {seq for seq in sound if batch.first_seq <= seq <= delivery.last_seq}


def _check_ends(tx: Connection, delivery: Delivery, head: HeldHead, sound: Mapping[int, journals.HeldEntry]) -> None:
    """Where the rows at the batch's ends are gone, what else is held of them must agree: the head, the entry after, a receipt.

    Where nothing of all that is left there is nothing to compare with, and the station's signed chain is believed.
    """
    batch, last = delivery.batch, delivery.entries[-1]
    noted = {head.seq: head.head}
    if noted.get(batch.first_seq - 1, batch.prev) != batch.prev:
        raise Refused(ProblemCode.BAD_CHAIN, f"seq {batch.first_seq - 1}")
    if delivery.last_seq in sound or delivery.last_seq > head.seq:
        return
    after = sound.get(delivery.last_seq + 1)
    if after is not None and parse_header(after.header.encode()).prev != last.hash:
        raise _Forked(journals.held_entry(tx, batch.journal_id, after.seq), None)
    receipt = journals.receipt_ending(tx, batch.journal_id, delivery.last_seq)
    said = read(receipt, Receipt).head if receipt else last.hash
    if {noted.get(delivery.last_seq, last.hash), said} != {last.hash}:
        raise Refused(ProblemCode.BAD_CHAIN, f"seq {delivery.last_seq}")


def _add(
    tx: Connection, delivery: Delivery, held: HeldHead | None, there: Collection[int], end: ChainEnd, *, revoked: bool
) -> list[Arrived]:
    """Store the entries that are not there, their parts, and the new head."""
    batch, station = delivery.batch, delivery.station
    missing = [
        (entry, reading) for entry, reading in zip(delivery.entries, delivery.readings, strict=True) if entry.header.seq not in there
    ]
    arrived = [
        Arrived(arrival, station, entry, reading, delivery.received_at_ms)
        for arrival, (entry, reading) in enumerate(missing, start=end.arrival + 1)
    ]
    if arrived:
        _insert(tx, delivery, arrived, end.gateway_seq + 1, revoked=revoked)
    last = delivery.entries[-1]
    if held is None or last.header.seq > held.seq:
        head = HeldHead(station.station_id, last.header.seq, last.hash)
        journals.move_head(tx, batch.journal_id, head, opened=held is None)
        stations.note_statement(tx, station.station_id, (batch.backlog.entries, batch.backlog.oldest_ms), _packages(tx, delivery))
    return arrived


_BY_RULES_ONLY = frozenset({"intercept", "security-check"})


def _packages(tx: Connection, delivery: Delivery) -> str | None:
    """The packages that the station works with, as JSON: those that its newest act was judged by, and lists installed since; None where no
    entry says anything of them: a day close is judged by none. What follows rules only, and looks at no list, does not say which lists
    are in force."""
    said: tuple[PackageRef, ...] | None = None
    for header in (entry.header for entry in delivery.entries):
        if header.packages and header.kind not in _BY_RULES_ONLY:
            said = tuple(header.packages)
        elif (installed := _installed(header)) is not None:
            held = said if said is not None else typed.decode(stations.packages_of(tx, delivery.station.station_id), tuple[PackageRef, ...])
            said = (*(one for one in held if (one.kind, one.name) != (installed.kind, installed.name)), installed)
    return None if said is None else msgspec.json.encode(said).decode()


def _installed(header: Header) -> PackageRef | None:
    """The list that an entry puts in force; the facts are the station's words."""
    if header.kind != "package-installed" or header.facts.get("kind") != "list":
        return None
    try:
        return typed.convert({name: header.facts.get(name) for name in PackageRef.__struct_fields__}, PackageRef)
    except msgspec.ValidationError:
        return None


def _insert(tx: Connection, delivery: Delivery, arrived: list[Arrived], gateway_seq: int, *, revoked: bool) -> None:
    rows = [_row(each, gateway_seq, revoked=revoked) for each in arrived]
    sealed = [(each.arrival, name, data) for each in arrived for name, data in each.entry.stored.sealed.items()]
    journals.add_entries(tx, rows, sealed)
    # Whatever its clock says: what is new was not played again.
    stations.heard_from(tx, delivery.station.station_id, delivery.received_at_ms)


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
            gateway_journal_id=end.gateway_journal_id,
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
