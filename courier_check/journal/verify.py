"""Verification of a chain of entries (docs/journal.md §11)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from courier_check.journal import tags
from courier_check.journal.codes import JournalCode, JournalError
from courier_check.journal.entries import Entry, Header, header_hash, parse_header
from courier_check.journal.keys import VerifyingKey
from courier_check.journal.parts import PART_LIMIT, part_digest, sealed_digest


@dataclass(frozen=True, slots=True)
class Expected:
    """Who a journal must be by, and what its first entry's `prev` must be."""

    gateway_id: str
    station_id: str
    journal_id: str
    first_prev: str
    key: VerifyingKey


@dataclass(frozen=True, slots=True)
class Stored:
    """An entry as some store holds it. `openings` and `sealed` by part name, only those that survive."""

    seq: int
    header_bytes: bytes
    signature: bytes
    openings: Mapping[str, bytes] = field(repr=False)  # personal data
    sealed: Mapping[str, bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Failure:
    seq: int
    what: JournalCode


def verify_header(header_bytes: bytes, signature: bytes, expected: Expected, place: tuple[int, str]) -> tuple[Header, str]:
    """One entry at its place (seq, prev): form, identity, chain, signature. Returns header and hash; raises JournalError."""
    header = parse_header(header_bytes)
    seq, prev = place
    identity = (header.gateway_id, header.station_id, header.journal_id, header.seq)
    if identity != (expected.gateway_id, expected.station_id, expected.journal_id, seq):
        raise JournalError(JournalCode.WRONG_PLACE, seq=seq)
    if header.key_id != expected.key.key_id:
        raise JournalError(JournalCode.WRONG_KEY, seq=seq)
    if header.prev != prev:
        raise JournalError(JournalCode.BAD_CHAIN, seq=seq)
    expected.key.verify(tags.HEADER_SIGNATURE, header_bytes, signature)
    return header, header_hash(header_bytes)


SignedBytes = tuple[bytes, bytes, bytes]
"""(purpose, message, signature)."""


class LaterKey(VerifyingKey):
    """A verifying key for what is verified elsewhere: it counts what it is asked, and never raises."""

    def __init__(self, public: bytes) -> None:
        super().__init__(public)
        self.asked = 0

    def verify(self, purpose: bytes, message: bytes, signature: bytes) -> None:  # noqa: ARG002 - as every key is asked
        self.asked += 1


def failing(public: bytes, signed: list[SignedBytes]) -> list[int]:
    """Indices of the signatures that are not this key's."""
    key = VerifyingKey(public)
    return [index for index, each in enumerate(signed) if not _holds(key, each)]


def _holds(key: VerifyingKey, signed: SignedBytes) -> bool:
    try:
        key.verify(*signed)
    except JournalError:
        return False
    return True


def verify_journal(entries: Iterable[Stored], expected: Expected) -> Iterator[tuple[int, str | None, Failure | None]]:
    """Walk a journal from seq 1: yields (seq, hash, failure) an entry. After a failure the walk goes on from the entry's own hash, so that
    one damaged row is one failure, or two where its header changed and the next no longer follows it, and not a thousand; a gap in `seq`
    is reported at the missing place."""
    seq, prev = 1, expected.first_prev
    for stored in entries:
        if stored.seq != seq:
            yield seq, None, Failure(seq, JournalCode.MISSING_ENTRY)
            seq = stored.seq
            prev = _claimed_prev(stored.header_bytes, prev)
        digest, failure = _checked(stored, expected, (seq, prev))
        yield seq, digest, failure
        seq, prev = seq + 1, digest


def verify_parts(header: Header, openings: Mapping[str, bytes], sealed: Mapping[str, bytes]) -> None:
    """Surviving openings and sealed values match the header's digests, and there is none the header does not name."""
    refs = {ref.name: ref for ref in header.parts}
    for name, opening in openings.items():
        if name not in refs or part_digest(opening) != refs[name].digest:
            raise JournalError(JournalCode.BAD_DIGEST, seq=header.seq, part=name)
    for name, value in sealed.items():
        if len(value) > PART_LIMIT:
            raise JournalError(JournalCode.TOO_LARGE, seq=header.seq, part=name, limit=PART_LIMIT)
        if name not in refs or sealed_digest(value) != refs[name].sealed_digest:
            raise JournalError(JournalCode.BAD_DIGEST, seq=header.seq, part=name)


def entry_of(stored: Stored) -> Entry:
    return Entry.parse(stored.header_bytes, stored.signature)


def _checked(stored: Stored, expected: Expected, place: tuple[int, str]) -> tuple[str, Failure | None]:
    """The hash of an entry, and what is wrong with it."""
    try:
        header, digest = verify_header(stored.header_bytes, stored.signature, expected, place)
        verify_parts(header, stored.openings, stored.sealed)
    except JournalError as error:
        return header_hash(stored.header_bytes), Failure(stored.seq, JournalCode(error.code))
    return digest, None


def _claimed_prev(header_bytes: bytes, otherwise: str) -> str:
    try:
        return parse_header(header_bytes).prev
    except JournalError:
        return otherwise
