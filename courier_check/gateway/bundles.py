"""交接包: what comes on a stick goes through the same intake as what comes over the line; 回执包 and 导出 go out (docs/wire.md §11)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import IO

from msgspec import UNSET

from courier_check import __version__
from courier_check.errors import UserError
from courier_check.gateway import intake
from courier_check.gateway.access import Caller
from courier_check.gateway.admin import fingerprint
from courier_check.gateway.claims import taken_from
from courier_check.gateway.codes import GatewayCode
from courier_check.gateway.problems import Refused
from courier_check.gateway.setup import Gateway
from courier_check.gateway.store import archives, journals, reviews, stations
from courier_check.gateway.store.archives import HeldJournal
from courier_check.gateway.store.stations import KnownStation
from courier_check.journal.codes import JournalCode, JournalError
from courier_check.journal.keys import VerifyingKey
from courier_check.journal.verify import Stored
from courier_check.wire.archives import (
    GATEWAY,
    MANIFEST,
    Archive,
    ArchiveBody,
    ArchiveCode,
    ArchiveRange,
    ArchiveWriter,
    What,
    batch_name,
    open_archive,
    refused_whole,
    returned_name,
    station_name,
)
from courier_check.wire.batches import Backlog, Batch, Receipt, ReturnedItems, to_wire
from courier_check.wire.certificates import GatewayDocument, certificate_hash, trust
from courier_check.wire.documents import read_document
from courier_check.wire.problems import ProblemCode
from courier_check.wire.signed import Signed, read

PROGRAM = f"courier-check {__version__}"
MOST_BYTES = 6 * 1024 * 1024
"""Of one exported batch, as wire text; a batch over the line has at most 8 MiB."""
_ALL = 2**31 - 1


class Result(StrEnum):
    """What became of a batch that came on a stick."""

    STORED = "stored"
    HELD = "held"  # already, all of it
    LATER = "later"  # what comes before it is not held yet
    FORK = "fork"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class TakenBatch:
    """`entries`: how many were new; `receipt` where it is stored or held, `problem` where not."""

    journal_id: str
    first_seq: int
    last_seq: int
    result: Result
    entries: int = 0
    receipt: Signed | None = None
    problem: ProblemCode | None = None


class Bundle:
    """A station's bundle, the whole of it found good; nothing of it is stored yet."""

    def __init__(self, gateway: Gateway, archive: Archive, caller: Caller) -> None:
        self._gateway = gateway
        self._archive = archive
        self._caller = caller

    @property
    def station_id(self) -> str:
        return self._caller.station.station_id

    @property
    def batches(self) -> int:
        return len(self._archive.names("batches/"))

    def take(self) -> Iterator[TakenBatch]:
        """Store batch after batch in order, as if each came over the line now; says of each what became of it. Raises StoreError."""
        for name in self._archive.names("batches/"):
            with refused_whole():  # nobody should be able to change a file while it is read, but a stick is not ours
                batch = self._archive.batch(name)
            yield self._take(batch)

    def _take(self, batch: Batch) -> TakenBatch:
        journal_id, last_seq = batch.journal_id, batch.first_seq + len(batch.entries) - 1
        with self._gateway.database.read() as tx:
            held = journals.held_head(tx, journal_id)
        try:
            answer = intake.take_in(self._gateway, self._caller, journal_id, batch)
        except Refused as refused:
            code = ProblemCode(refused.code)
            result = {ProblemCode.BEHIND: Result.LATER, ProblemCode.FORK: Result.FORK}.get(code, Result.REFUSED)
            return TakenBatch(journal_id, batch.first_seq, last_seq, result, problem=code)
        new = max(0, last_seq - max(held.seq if held else 0, batch.first_seq - 1))
        return TakenBatch(journal_id, batch.first_seq, last_seq, Result.STORED if new else Result.HELD, new, answer.receipt)


@contextmanager
def opened_bundle(gateway: Gateway, source: IO[bytes]) -> Iterator[Bundle]:
    """A bundle from a stick, checked whole: its form, the station's certificate, who signed it, that its batches fill its ranges. What the
    entries say is for the intake. Raises UserError: then nothing of it is used."""
    with refused_whole():
        archive = open_archive(source)
    try:
        with refused_whole():
            caller = _checked(gateway, archive)
        yield Bundle(gateway, archive, caller)
    finally:
        archive.close()


def write_answers(gateway: Gateway, station_id: str, receipts: Sequence[Signed], target: IO[bytes]) -> None:
    """回执包: receipts for the batches of a bundle, everything returned to its station, and which of its journals can't be taken, since
    another station has their ids. Raises OSError, StoreError."""
    with gateway.database.read() as tx:
        certificate = archives.certificate_of(tx, station_id)
        gateway_journal_id = journals.chain_end(tx).gateway_journal_id
        items = reviews.returned_after(tx, station_id, gateway_journal_id, 0, _ALL)
        taken = taken_from(tx, gateway, station_id)
    returned = ReturnedItems(gateway_journal_id=gateway_journal_id, items=items, taken=taken or UNSET)
    with ArchiveWriter(target) as archive:
        archive.add_document(GATEWAY, gateway.document)
        archive.add_document(station_name(station_id), certificate)
        for journal_id, covering in _by_journal(receipts).items():
            archive.add_receipts(journal_id, covering)
        archive.add_document(returned_name(station_id), returned)
        archive.close(_body(gateway, What.ANSWERS, ()), gateway.keys.receipt)


def write_export(
    gateway: Gateway, station_id: str | None, target: IO[bytes], enclosed: Mapping[str, bytes], *, most_bytes: int = MOST_BYTES
) -> list[HeldJournal]:
    """导出: everything held (of one station), with every receipt; `enclosed`: files that go along as they are. Returns what is in it.

    What arrives meanwhile is left out. Raises UserError (no such station, nothing held), JournalError (a row is gone), StoreError, OSError.
    """
    with gateway.database.read() as tx:
        if station_id is not None and stations.find(tx, station_id) is None:
            raise UserError(GatewayCode.STATION_UNKNOWN, station_id=station_id[:63])
        held = archives.held_journals(tx, station_id)
        certificates = {each.station_id: archives.certificate_of(tx, each.station_id) for each in held}
    if not held:
        raise UserError(ArchiveCode.NOTHING_HELD)
    with ArchiveWriter(target) as archive:
        archive.add_document(GATEWAY, gateway.document)
        for name, data in enclosed.items():
            archive.add(name, data)
        for owner, certificate in certificates.items():
            archive.add_document(station_name(owner), certificate)
        for each in held:
            _add_journal(archive, gateway, each, certificate_hash(certificates[each.station_id]), most_bytes)
        ranges = tuple(ArchiveRange(station_id=j.station_id, journal_id=j.journal_id, first_seq=1, last_seq=j.last_seq) for j in held)
        archive.close(_body(gateway, What.GATEWAY_EXPORT, ranges), gateway.keys.receipt)
    return held


def _checked(gateway: Gateway, archive: Archive) -> Caller:
    """The station whose bundle it is. Raises UserError, JournalError."""
    body = archive.body
    if body.what != What.BUNDLE:
        raise UserError(ArchiveCode.OTHER_KIND, what=body.what.value)
    station = _maker(gateway, archive)
    if archive.names("returned/") or archive.names("openings/") or archive.names("stations/") != [station_name(body.maker)]:
        raise JournalError(JournalCode.MALFORMED, file=MANIFEST)
    if any(each.station_id != body.maker for each in body.ranges):
        raise UserError(ArchiveCode.OTHER_STATION)
    for file in body.files:
        if file.size > gateway.document.limits.batch_bytes and file.name.startswith("batches/"):
            raise JournalError(JournalCode.TOO_LARGE, file=file.name)
    archive.check_ranges()
    archive.check_receipts()
    return Caller(station, body.made_at_ms)


def _maker(gateway: Gateway, archive: Archive) -> KnownStation:
    """The station of this gateway that signed the manifest. Raises UserError, JournalError."""
    body, document = archive.body, archive.data(GATEWAY)
    try:
        trust(read_document(document, GatewayDocument), fingerprint(gateway))
    except JournalError as error:
        raise UserError(ArchiveCode.OTHER_GATEWAY) from error
    if body.gateway_id != gateway.gateway_id:
        raise UserError(ArchiveCode.OTHER_GATEWAY)
    with gateway.database.read() as tx:
        station = stations.find(tx, body.maker)
    # The certificate must be the very one that this gateway issued: whatever else somebody's key signed, it is not this station's.
    if station is None or certificate_hash(archive.certificate(body.maker)) != station.certificate_hash:
        raise UserError(ArchiveCode.OTHER_STATION)
    key = VerifyingKey(station.public_key)
    if archive.key_id != key.key_id:
        raise UserError(ArchiveCode.SIGNER_UNKNOWN)
    archive.signed_by(key)
    return station


def _body(gateway: Gateway, what: What, ranges: tuple[ArchiveRange, ...]) -> ArchiveBody:
    return ArchiveBody(
        gateway_id=gateway.gateway_id,
        what=what,
        maker=gateway.gateway_id,
        made_at_ms=gateway.now_ms(),
        program=PROGRAM,
        ranges=ranges,
        files=(),
    )


def _by_journal(receipts: Sequence[Signed]) -> dict[str, list[tuple[int, int, Signed]]]:
    found: dict[str, list[tuple[int, int, Signed]]] = {}
    for signed in receipts:
        body = read(signed, Receipt)
        found.setdefault(body.journal_id, []).append((body.first_seq, body.last_seq, signed))
    return found


def _add_journal(archive: ArchiveWriter, gateway: Gateway, held: HeldJournal, prev: str, most_bytes: int) -> None:
    seq = 1
    while seq <= held.last_seq:
        with gateway.database.read() as tx:
            last = min(held.last_seq, seq + gateway.document.limits.batch_entries - 1)
            entries = _fitting(archives.held_range(tx, held.journal_id, seq, last), most_bytes)
            prev = archives.prev_of(tx, held.journal_id, seq) or prev
        if [entry.seq for entry in entries] != list(range(seq, seq + len(entries))) or not entries:
            raise JournalError(JournalCode.MISSING_ENTRY, seq=seq)
        batch = Batch(
            gateway_id=gateway.gateway_id,
            station_id=held.station_id,
            journal_id=held.journal_id,
            first_seq=seq,
            prev=prev,
            entries=tuple(to_wire(entry) for entry in entries),
            backlog=Backlog(entries=0, oldest_ms=None),
        )
        archive.add_document(batch_name(held.journal_id, seq), batch)
        seq += len(entries)
    with gateway.database.read() as tx:
        archive.add_receipts(held.journal_id, list(archives.receipts_up_to(tx, held.journal_id, held.last_seq)))


def _fitting(entries: list[Stored], most_bytes: int) -> list[Stored]:
    """As many of them as go into one batch."""
    size = 0
    for count, entry in enumerate(entries):
        size += len(entry.header_bytes) + sum(len(sealed) * 4 // 3 for sealed in entry.sealed.values()) + 400
        if size > most_bytes and count:
            return entries[:count]
    return entries
