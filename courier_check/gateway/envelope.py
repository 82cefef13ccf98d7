"""What the gateway checks of a batch before it stores anything: form, owner, chain, signatures, digests. Nothing is opened."""

from __future__ import annotations

from dataclasses import dataclass, field

from courier_check.gateway.checkers import Checkers, Meanwhile
from courier_check.gateway.problems import Refused, refused
from courier_check.gateway.store.stations import KnownStation
from courier_check.journal import tags
from courier_check.journal.codes import JournalCode, JournalError
from courier_check.journal.entries import Header, parse_header
from courier_check.journal.verify import Expected, LaterKey, SignedBytes, Stored, failing, verify_header, verify_parts
from courier_check.wire.batches import Batch, from_wire
from courier_check.wire.problems import ProblemCode

Signatures = Meanwhile[bytes, SignedBytes, list[int]]
"""Signatures that are being checked; the result: indices of those that do not hold."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """An entry whose envelope was found good."""

    header: Header
    hash: str
    stored: Stored = field(repr=False)


def check_owner(batch: Batch, gateway_id: str, station: KnownStation, journal_id: str) -> None:
    """The batch is for this gateway, by this station, of the journal it is posted to. Raises Refused."""
    if (batch.gateway_id, batch.station_id, batch.journal_id) != (gateway_id, station.station_id, journal_id):
        raise Refused(ProblemCode.WRONG_GATEWAY)


@dataclass(frozen=True, slots=True)
class Checked:
    """Entries whose envelopes are good but for their signatures, which are being checked."""

    entries: tuple[Incoming, ...]
    signatures: Signatures = field(repr=False)

    def settle(self) -> tuple[Incoming, ...]:
        """The entries, their signatures good. Raises Refused for the first that is not."""
        _refuse_unsigned(self.entries[0].header.seq, self.signatures, len(self.entries))
        return self.entries


def check_entries(batch: Batch, station: KnownStation, checkers: Checkers) -> Checked:
    """Every entry checked, each following the one before it. Raises Refused for the first that fails, if it is not for a signature."""
    if batch.first_seq == 1 and batch.prev != station.certificate_hash:
        raise Refused(ProblemCode.BAD_CHAIN, "seq 1")
    key = LaterKey(station.public_key)
    read, unreadable = _read(batch)
    signed = [(tags.HEADER_SIGNATURE, stored.header_bytes, stored.signature) for stored in read]
    signatures = checkers.begin(failing, key.public, signed)  # while the headers are read
    expected = Expected(
        gateway_id=batch.gateway_id,
        station_id=batch.station_id,
        journal_id=batch.journal_id,
        first_prev=station.certificate_hash,
        key=key,
    )
    found: list[Incoming] = []
    prev = batch.prev
    try:
        for stored in read:
            found.append(_checked(stored, expected, prev))
            prev = found[-1].hash
        if unreadable is not None:
            raise refused(unreadable, f"seq {batch.first_seq + len(read)}")
    except Refused:
        # A header that was altered breaks the chain at the entry after it: what is wrong is told of the first.
        _refuse_unsigned(batch.first_seq, signatures, key.asked)
        raise
    return Checked(tuple(found), signatures)


def _read(batch: Batch) -> tuple[list[Stored], JournalError | None]:
    """The bytes of the entries, as far as they read, and what is wrong with the first that does not."""
    read: list[Stored] = []
    try:
        for seq, entry in enumerate(batch.entries, start=batch.first_seq):
            read.append(from_wire(entry, seq))
    except JournalError as error:
        return read, error
    return read, None


def _refuse_unsigned(first_seq: int, signatures: Signatures, among: int) -> None:
    """Raise Refused for the first signature that does not hold, `among` the first so many."""
    failed = signatures.result()
    if failed and failed[0] < among:
        seq = first_seq + failed[0]
        raise refused(JournalError(JournalCode.BAD_SIGNATURE, seq=seq), f"seq {seq}")


def _checked(stored: Stored, expected: Expected, prev: str) -> Incoming:
    try:
        header, digest = verify_header(stored.header_bytes, stored.signature, expected, (stored.seq, prev))
        verify_parts(header, {}, stored.sealed)
    except JournalError as error:
        if error.code == JournalCode.WRONG_PLACE and _only_seq_differs(stored, expected):
            raise Refused(ProblemCode.BAD_CHAIN, f"seq {stored.seq}") from error
        raise refused(error, f"seq {stored.seq}") from error
    return Incoming(header, digest, stored)


def _only_seq_differs(stored: Stored, expected: Expected) -> bool:
    header = parse_header(stored.header_bytes)
    owner = (header.gateway_id, header.station_id, header.journal_id)
    return owner == (expected.gateway_id, expected.station_id, expected.journal_id)
