"""What the gateway checks of a batch before it stores anything: form, owner, chain, signatures, digests. Nothing is opened."""

from __future__ import annotations

from dataclasses import dataclass, field

from courier_check.gateway.checkers import Checkers, Meanwhile
from courier_check.gateway.problems import Refused, refused
from courier_check.gateway.store.stations import KnownStation
from courier_check.journal import tags
from courier_check.journal.codes import JournalCode, JournalError
from courier_check.journal.entries import Header, parse_header
from courier_check.journal.keys import from_text
from courier_check.journal.verify import Expected, LaterKey, SignedBytes, Stored, failing, verify_header, verify_parts
from courier_check.wire.batches import Batch, WireEntry, from_wire
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
    signatures = checkers.begin(failing, key.public, _signed(batch))  # while the entries are read
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
        for seq, entry in enumerate(batch.entries, start=batch.first_seq):
            found.append(_checked(entry, expected, (seq, prev)))
            prev = found[-1].hash
    except Refused:
        # A header that was altered breaks the chain at the entry after it: what is wrong is told of the first.
        _refuse_unsigned(batch.first_seq, signatures, key.asked)
        raise
    return Checked(tuple(found), signatures)


def _signed(batch: Batch) -> list[SignedBytes]:
    """What is signed, as far as it reads: what does not is refused by itself."""
    signed: list[SignedBytes] = []
    for entry in batch.entries:
        try:
            signed.append((tags.HEADER_SIGNATURE, entry.header.encode(), from_text(entry.signature)))
        except (JournalError, UnicodeEncodeError):
            break
    return signed


def _refuse_unsigned(first_seq: int, signatures: Signatures, among: int) -> None:
    """Raise Refused for the first signature that does not hold, `among` the first so many."""
    failed = signatures.result()
    if failed and failed[0] < among:
        seq = first_seq + failed[0]
        raise refused(JournalError(JournalCode.BAD_SIGNATURE, seq=seq), f"seq {seq}")


def _checked(entry: WireEntry, expected: Expected, place: tuple[int, str]) -> Incoming:
    seq = place[0]
    try:
        stored = from_wire(entry, seq)
        header, digest = verify_header(stored.header_bytes, stored.signature, expected, place)
        verify_parts(header, {}, stored.sealed)
    except JournalError as error:
        if error.code == JournalCode.WRONG_PLACE and _only_seq_differs(entry, expected):
            raise Refused(ProblemCode.BAD_CHAIN, f"seq {seq}") from error
        raise refused(error, f"seq {seq}") from error
    return Incoming(header, digest, stored)


def _only_seq_differs(entry: WireEntry, expected: Expected) -> bool:
    header = parse_header(entry.header.encode())
    owner = (header.gateway_id, header.station_id, header.journal_id)
    return owner == (expected.gateway_id, expected.station_id, expected.journal_id)
