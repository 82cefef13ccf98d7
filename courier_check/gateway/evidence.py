"""凭证照片: sealed photos of entries that are held here, taken in chunk by chunk (docs/wire.md §13). The keys stay with the company."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection

from courier_check.gateway.access import Caller
from courier_check.gateway.evidence_files import Arriving
from courier_check.gateway.problems import Refused, refused
from courier_check.gateway.setup import Gateway
from courier_check.gateway.store import evidence
from courier_check.gateway.store.evidence import Stated
from courier_check.journal.codes import JournalError
from courier_check.journal.entries import EvidenceRef, header_hash, parse_header
from courier_check.journal.keys import VerifyingKey
from courier_check.wire.evidence import MOST_SEALED, SEALED_MORE, EvidenceFile, EvidencePart, EvidenceRequest, answer_to
from courier_check.wire.problems import ProblemCode
from courier_check.wire.signed import Signed, sign, verified


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo that an entry held here names. `stated`: by its station, of the sealed file; None: not announced yet. `held`: the file is
    there, of the size stated."""

    station_id: str
    journal_id: str
    seq: int
    ref: EvidenceRef
    stated: Stated | None
    held: bool


def how_much(gateway: Gateway, caller: Caller, asked: EvidenceRequest) -> Signed:
    """Take note of a station's statement, and say signed how much of the file is held. Raises Refused, StoreError.

    A revoked station may still hand in what it has, as with its entries.
    """
    stated = _checked(gateway, caller, asked.statement)
    now_ms = gateway.now_ms()
    gateway.evidence.sweep(now_ms)
    with gateway.database.read() as tx:
        _check_named(tx, stated)
        before = evidence.stated_at(tx, (stated.journal_id, stated.seq, stated.name))
    held = gateway.evidence.held(_arriving(stated))
    if _is_news(before, stated, held):
        with gateway.database.write() as tx:
            _note(tx, gateway, asked.statement, stated, whole=held == stated.sealed_size)
    return sign(answer_to(stated, held, asked.nonce, now_ms), gateway.keys.receipt)


def take_chunk(gateway: Gateway, caller: Caller, sealed_sha256: str, offset: int, data: bytes) -> EvidencePart:
    """Bytes of a file that this station has announced. Raises Refused, StoreError; whatever came of the file before stays."""
    with gateway.database.read() as tx:
        size = evidence.announced_size(tx, caller.station.station_id, sealed_sha256)
    if size is None:
        raise Refused(ProblemCode.NOT_FOUND, sealed_sha256)
    file, now_ms = Arriving(caller.station.station_id, sealed_sha256, size), gateway.now_ms()
    held = gateway.evidence.add(file, offset, data)
    if held < size:
        gateway.evidence.note_time(file, now_ms)
    else:
        with gateway.database.write() as tx:
            evidence.note_held(tx, sealed_sha256, now_ms)
    return EvidencePart(held=held)


def photos(gateway: Gateway, station_id: str | None) -> Iterator[Photo]:
    """Every photo that the entries held here name, of all stations or one. Sizes are looked at, digests are not."""
    with gateway.database.read() as tx:
        for entry in list(evidence.naming_entries(tx, station_id)):
            stated = evidence.stated_in(tx, entry.journal_id, entry.seq)
            for ref in _named_by(entry):
                said = stated.get(ref.name)
                held = said is not None and gateway.evidence.has(said.sealed_sha256, said.sealed_size)
                yield Photo(entry.station_id, entry.journal_id, entry.seq, ref, said, held)


def statement_of(gateway: Gateway, photo: Photo) -> Signed:
    """The signed statement of a photo that was announced."""
    with gateway.database.read() as tx:
        return evidence.document_of(tx, (photo.journal_id, photo.seq, photo.ref.name))


def _checked(gateway: Gateway, caller: Caller, signed: Signed) -> EvidenceFile:
    """A statement by the station that asks, for this gateway, of a size that is taken."""
    try:
        stated = verified(signed, EvidenceFile, VerifyingKey(caller.station.public_key))
    except JournalError as error:
        raise refused(error, "statement") from error
    if (stated.gateway_id, stated.station_id) != (gateway.gateway_id, caller.station.station_id):
        raise Refused(ProblemCode.WRONG_GATEWAY)
    if stated.sealed_size > MOST_SEALED:
        raise Refused(ProblemCode.TOO_LARGE, f"{MOST_SEALED} bytes")
    return stated


def _check_named(tx: Connection, stated: EvidenceFile) -> None:
    """The entry is held, is this station's, and names this very photo."""
    entry = evidence.entry_at(tx, stated.journal_id, stated.seq)
    if entry is None or header_hash(entry.header.encode()) != entry.hash:
        raise Refused(ProblemCode.ENTRY_NOT_HELD, f"seq {stated.seq}")
    if entry.station_id != stated.station_id:
        raise Refused(ProblemCode.WRONG_GATEWAY)
    said = (stated.name, stated.sha256, stated.sealed_size)
    if said not in {(ref.name, ref.sha256, ref.size + SEALED_MORE) for ref in _named_by(entry)}:
        raise Refused(ProblemCode.EVIDENCE_UNNAMED, f"seq {stated.seq}")


def _named_by(entry: evidence.NamingEntry) -> tuple[EvidenceRef, ...]:
    try:
        return parse_header(entry.header.encode()).evidence
    except JournalError:  # a row that was damaged here
        return ()


def _is_news(before: Stated | None, stated: EvidenceFile, held: int) -> bool:
    same = before is not None and before.sealed_sha256 == stated.sealed_sha256
    return not same or before is None or (before.held_at_ms is not None) != (held == stated.sealed_size)


def _note(tx: Connection, gateway: Gateway, signed: Signed, stated: EvidenceFile, *, whole: bool) -> None:
    """Keep a statement. A photo has one sealed file: another one is refused once the first is held, and takes its place before."""
    now_ms = gateway.now_ms()
    before = evidence.stated_at(tx, (stated.journal_id, stated.seq, stated.name))
    if before is not None and before.sealed_sha256 != stated.sealed_sha256:
        if gateway.evidence.has(before.sealed_sha256, before.sealed_size):
            raise Refused(ProblemCode.EVIDENCE_DIFFERS, f"seq {stated.seq}")
        gateway.evidence.drop(Arriving(before.station_id, before.sealed_sha256, before.sealed_size))
        before = None
    if before is None:
        row = Stated(
            journal_id=stated.journal_id,
            seq=stated.seq,
            name=stated.name,
            station_id=stated.station_id,
            sha256=stated.sha256,
            sealed_sha256=stated.sealed_sha256,
            sealed_size=stated.sealed_size,
            stated_at_ms=now_ms,
            held_at_ms=None,
        )
        evidence.keep(tx, row, msgspec.json.encode(signed).decode())
    if whole:
        evidence.note_held(tx, stated.sealed_sha256, now_ms)
    else:
        evidence.note_lost(tx, stated.sealed_sha256)


def _arriving(stated: EvidenceFile) -> Arriving:
    return Arriving(stated.station_id, stated.sealed_sha256, stated.sealed_size)
