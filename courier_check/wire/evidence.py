"""Sealed photos (凭证照片) on their way: which bytes belong to which entry, and how much of them is held (docs/wire.md §13)."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import asdict

from courier_check.journal.codes import JournalCode, JournalError
from courier_check.journal.entries import LONGEST_PHOTO_NAME
from courier_check.journal.forms import Count, Hash, JournalId, Ms, Name, Seq
from courier_check.wire.batches import by_receipt_key
from courier_check.wire.certificates import TrustedGateway
from courier_check.wire.signed import VERSION, Body, Signed

CHUNK_BYTES = 262_144
"""As much as travels in one request, and so as much as is ever sent twice after a cut."""
MOST_SEALED = 16_777_216
"""The largest sealed file that a gateway takes."""
SEALED_MORE = 28
"""A sealed file is its nonce (12 bytes), the encrypted photo and a tag (16 bytes)."""

PhotoName = Annotated[str, Meta(min_length=1, max_length=LONGEST_PHOTO_NAME)]


class _OfPhoto(Body, frozen=True, kw_only=True):
    """Which sealed bytes are meant, and of which photo. `sha256`: of the photo, as in the header."""

    gateway_id: Name
    station_id: Name
    journal_id: JournalId
    seq: Seq
    name: PhotoName
    sha256: Hash
    sealed_sha256: Hash
    sealed_size: Seq


class EvidenceFile(_OfPhoto, frozen=True, kw_only=True, tag="evidence-file"):
    """A station's statement: these sealed bytes are the photo that this entry names so."""


class EvidenceHeld(_OfPhoto, frozen=True, kw_only=True, tag="evidence-held"):
    """凭证回执: how many bytes of a sealed file the gateway holds; all of them and their digest looked at where `held` is `sealed_size`.
    `nonce`: of the question, so that an answer recorded on the line fits no other."""

    held: Count
    nonce: JournalId
    at_ms: Ms


class EvidenceRequest(Struct, frozen=True, kw_only=True, tag_field="kind", tag="evidence-request"):
    """How much of this file is held? `nonce`: 16 fresh random bytes; `statement`: an EvidenceFile by the asking station's key."""

    nonce: JournalId
    statement: Signed
    v: int = VERSION


class EvidencePart(Struct, frozen=True, kw_only=True, tag_field="kind", tag="evidence-part"):
    """The answer to a chunk: so many bytes of the file are on the gateway's disk now, whether or not the chunk was used."""

    held: Count
    v: int = VERSION


def answer_to(stated: EvidenceFile, held: int, nonce: str, at_ms: int) -> EvidenceHeld:
    """What a gateway says of a statement."""
    return EvidenceHeld(**asdict(stated), held=held, nonce=nonce, at_ms=at_ms)


def checked_held(signed: Signed, stated: EvidenceFile, nonce: str, gateway: TrustedGateway) -> EvidenceHeld:
    """An answer to this very question about this very file, by a key certified for receipts. Raises JournalError."""
    said = by_receipt_key(signed, EvidenceHeld, gateway)
    if said != answer_to(stated, said.held, nonce, said.at_ms) or said.held > said.sealed_size:
        raise JournalError(JournalCode.WRONG_PLACE, seq=said.seq)
    return said
