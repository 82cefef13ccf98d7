"""日志条目: header, hash, signature, and how an entry is composed (docs/journal.md §3–§5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec

from courier_check.clock import Reading
from courier_check.journal import canonical, tags
from courier_check.journal.codes import JournalCode, JournalError
from courier_check.journal.forms import BootId, Count, HashText, IdText, Kind, Ms, Name, Seq, Version, are_hexadecimal
from courier_check.journal.keys import SealingKey, SigningKey
from courier_check.journal.parts import SEAL, Part, PartName, PartRef, SealContext, make_opening, part_digest, seal, sealed_digest

VERSION = 1
HEADER_LIMIT = 16_384
LONGEST_PHOTO_NAME = 200
"""Characters of the name of a file in `evidence` (docs/journal.md §3)."""


class Algorithms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    hash: str = "sha256"
    seal: str = SEAL
    sign: str = "ed25519"


class Times(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Order never depends on these; they are what the station's clocks showed, in milliseconds."""

    boot_id: BootId
    mono_ms: Ms
    trusted_ms: Ms | None
    wall_ms: Ms


class PackageRef(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule or list package in force when the entry was made."""

    kind: Kind
    name: str
    sha256: HashText
    version: str


class EvidenceRef(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """凭证: digest of a file that belongs to the entry; size in bytes."""

    media_type: str
    name: str
    sha256: HashText
    size: Count


class Header(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The signed part of an entry. No personal data, no waybill number; staff by code. Read by `parse_header` only, which checks what the
    types leave open."""

    v: Version
    alg: Algorithms
    gateway_id: Name
    station_id: Name
    journal_id: IdText
    seq: Seq
    prev: HashText
    key_id: IdText
    kind: Kind
    operator: str | None
    times: Times
    facts: canonical.Json
    packages: tuple[PackageRef, ...]
    evidence: tuple[EvidenceRef, ...]
    parts: tuple[PartRef, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as it is stored, sent and verified: the exact header bytes and the signature over them."""

    header_bytes: bytes
    signature: bytes
    header: Header

    @classmethod
    def parse(cls, header_bytes: bytes, signature: bytes) -> Entry:
        """Check form, size and canonical spelling; the signature is checked by `verify_entry`. Raises JournalError."""
        return cls(header_bytes, signature, parse_header(header_bytes))

    @property
    def hash(self) -> str:
        return header_hash(self.header_bytes)


def header_hash(header_bytes: bytes) -> str:
    """Hash of an entry, the next one's `prev`."""
    return tags.digest(tags.HEADER, header_bytes).hex()


def parse_header(data: bytes) -> Header:
    """Canonical bytes → header; raises JournalError with what is wrong."""
    if len(data) > HEADER_LIMIT:
        raise JournalError(JournalCode.TOO_LARGE, limit=HEADER_LIMIT)
    try:
        header = canonical.decode(data, Header)
    except JournalError:
        _check_version(canonical.claimed_version(data))  # a newer header may have other members: being newer says more
        raise
    _check_version(header.v)
    _check_hexadecimal(header)
    if header.alg != Algorithms():
        raise JournalError(JournalCode.UNKNOWN_ALGORITHM)
    canonical.check(header.facts, depth=1)
    _check_parts(header.parts)
    return header


def _check_version(version: int | None) -> None:
    if version not in (None, VERSION):
        raise JournalError(JournalCode.UNSUPPORTED_VERSION, version=version)


def _check_hexadecimal(header: Header) -> None:
    texts = [header.prev, header.journal_id, header.key_id]
    texts += [ref.sha256 for ref in header.packages]
    texts += [ref.sha256 for ref in header.evidence]
    for part in header.parts:
        texts += (part.digest, part.recipient or "", part.sealed_digest or "")
    if not are_hexadecimal(texts):
        raise JournalError(JournalCode.MALFORMED)


def _check_parts(parts: tuple[PartRef, ...]) -> None:
    names = [part.name for part in parts]
    if names != sorted(set(names)) or any((part.recipient is None) != (part.sealed_digest is None) for part in parts):
        raise JournalError(JournalCode.MALFORMED)


@dataclass(frozen=True, slots=True)
class Draft:
    """What a durable act wants to say, before it has a place in the chain. Parts are plain objects by name; None means no such part."""

    kind: str
    operator: str | None
    facts: canonical.Json
    parts: Mapping[PartName, canonical.Json] = field(default_factory=dict, repr=False)  # personal data
    packages: tuple[PackageRef, ...] = ()
    evidence: tuple[EvidenceRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where the next entry goes: the head it extends."""

    journal_id: str
    seq: int
    prev: str


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes, and to whom parts are sealed."""

    gateway_id: str
    station_id: str
    key: SigningKey
    recipients: Mapping[PartName, SealingKey]


@dataclass(frozen=True, slots=True)
class Composed:
    entry: Entry
    parts: tuple[Part, ...]


def compose(draft: Draft, place: Place, author: Author, times: Times, random: Callable[[int], bytes]) -> Composed:
    """Seal the parts, build the header, sign it. Raises JournalError for what could never be delivered: sizes, forms, facts."""
    parts = tuple(_make_part(name, draft.parts[name], place, author, random) for name in sorted(draft.parts))
    header = Header(
        v=VERSION,
        alg=Algorithms(),
        gateway_id=author.gateway_id,
        station_id=author.station_id,
        journal_id=place.journal_id,
        seq=place.seq,
        prev=place.prev,
        key_id=author.key.key_id,
        kind=draft.kind,
        operator=draft.operator,
        times=times,
        facts=draft.facts,
        packages=draft.packages,
        evidence=draft.evidence,
        parts=tuple(part.ref for part in parts),
    )
    if any(not 1 <= len(each.name) <= LONGEST_PHOTO_NAME for each in draft.evidence):
        raise JournalError(JournalCode.MALFORMED, seq=place.seq)  # a reader takes it, but no photo of that name ever travels
    data = canonical.encode(header)
    readable = parse_header(data)  # what a reader would refuse is never signed
    return Composed(Entry(data, author.key.sign(tags.HEADER_SIGNATURE, data), readable), parts)


def times_of(reading: Reading, trusted_ms: int | None) -> Times:
    return Times(boot_id=reading.boot_id, mono_ms=reading.mono_ms, trusted_ms=trusted_ms, wall_ms=reading.wall_ms)


def seal_context(header: Header, ref: PartRef) -> SealContext:
    """The context a travelling part of this header was sealed under."""
    return SealContext(
        gateway_id=header.gateway_id,
        journal_id=header.journal_id,
        name=ref.name,
        recipient=ref.recipient or "",
        seq=header.seq,
        station_id=header.station_id,
    )


def _make_part(name: PartName, content: canonical.Json, place: Place, author: Author, random: Callable[[int], bytes]) -> Part:
    opening = make_opening(random(32), content)
    key = author.recipients.get(name)
    if key is None:
        return Part(PartRef(name=name, recipient=None, digest=part_digest(opening), sealed_digest=None), opening, None)
    context = SealContext(
        gateway_id=author.gateway_id,
        journal_id=place.journal_id,
        name=name,
        recipient=key.key_id,
        seq=place.seq,
        station_id=author.station_id,
    )
    sealed = seal(opening, key, context)
    return Part(
        PartRef(name=name, recipient=key.key_id, digest=part_digest(opening), sealed_digest=sealed_digest(sealed)),
        opening,
        sealed,
    )
