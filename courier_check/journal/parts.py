"""Parts: what a header names only by digest, so that it can be destroyed while the chain still verifies (docs/journal.md §5)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from courier_check.journal import canonical, tags
from courier_check.journal.codes import JournalCode, JournalError
from courier_check.journal.forms import HashText, IdText, Kind
from courier_check.journal.keys import OpeningKey, SealingKey

SALT_BYTES = 32
PART_LIMIT = 65_536
SEAL = "hpke-x25519-hkdf-sha256-aes256gcm"


class PartName(StrEnum):
    INDEX = "index"  # to the gateway's intake key: waybill, masked display, match tokens
    REPORTED = "reported"  # to the regulator's key: what the reporting profile names
    KEPT = "kept"  # stays with the company


class PartRef(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the header says of a part: digests in hexadecimal, recipient a key id; both null where the part does not travel."""

    name: Kind
    recipient: IdText | None
    digest: HashText
    sealed_digest: HashText | None


class SealContext(msgspec.Struct, frozen=True, kw_only=True):
    """What a sealed part is bound to, so that it can't be moved to another entry."""

    gateway_id: str
    journal_id: str
    name: str
    recipient: str
    seq: int
    station_id: str


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an entry as the station holds it. `opening`: 32 random bytes ‖ plaintext; `sealed`: None if it does not travel."""

    ref: PartRef
    opening: bytes
    sealed: bytes | None

    def content(self) -> canonical.Json:
        return opened(self.opening)

    def __repr__(self) -> str:
        return f"Part({self.ref.name}, {len(self.opening)} bytes)"


def opened(opening: bytes) -> canonical.Json:
    """The object inside an opening."""
    content: canonical.Json = canonical.decode(opening[SALT_BYTES:], dict)
    return content


def part_digest(opening: bytes) -> str:
    return tags.digest(tags.PART, opening).hex()


def sealed_digest(sealed: bytes) -> str:
    return tags.digest(tags.SEALED_PART, sealed).hex()


def make_opening(salt: bytes, content: canonical.Json) -> bytes:
    """Salt ‖ canonical content. `salt`: 32 fresh random bytes."""
    if len(salt) != SALT_BYTES:
        raise ValueError("a part needs 32 random bytes")
    return salt + canonical.encode(content)


def seal(opening: bytes, key: SealingKey, context: SealContext) -> bytes:
    """Seal an opening to its recipient; raises JournalError over the 64 KiB that can always be delivered."""
    sealed = _suite().encrypt(opening, key.recipient, info=tags.PART_SEAL + canonical.encode_checked(context))
    if len(sealed) > PART_LIMIT:
        raise JournalError(JournalCode.TOO_LARGE, part=context.name, limit=PART_LIMIT)
    return sealed


def unseal(sealed: bytes, key: OpeningKey, context: SealContext, digest: str) -> bytes:
    """The opening of a sealed part, checked against the digest in the header; raises JournalError."""
    try:
        opening = _suite().decrypt(sealed, key.private, info=tags.PART_SEAL + canonical.encode_checked(context))
    except (InvalidTag, ValueError) as error:
        raise JournalError(JournalCode.BAD_SEAL, part=context.name) from error
    if part_digest(opening) != digest:
        raise JournalError(JournalCode.BAD_DIGEST, part=context.name)
    return opening


def seal_secret(secret: bytes, key: SealingKey, info: bytes) -> bytes:
    """Seal a key to a station (docs/wire.md §4)."""
    return _suite().encrypt(secret, key.recipient, info=info)


def unseal_secret(sealed: bytes, key: OpeningKey, info: bytes) -> bytes:
    try:
        return _suite().decrypt(sealed, key.private, info=info)
    except (InvalidTag, ValueError) as error:
        raise JournalError(JournalCode.BAD_SEAL) from error


def _suite() -> Suite:
    return Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
