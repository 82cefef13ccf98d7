"""回执证明: that a gateway holds one entry, as a document and as text for a QR code (docs/wire.md §12)."""

from __future__ import annotations

import zlib
from typing import Annotated

import msgspec

from courier_check.journal import canonical, merkle
from courier_check.journal.codes import JournalCode, JournalError
from courier_check.journal.forms import Hash, Seq
from courier_check.journal.keys import from_text, to_text
from courier_check.wire.batches import Receipt, by_receipt_key
from courier_check.wire.certificates import TrustedGateway
from courier_check.wire.documents import read_document
from courier_check.wire.signed import VERSION, Signed

PREFIX = "CCP1:"
LONGEST_PATH = 9
_LARGEST = 16_384


class ProofDocument(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="proof"):
    """`entry`: the hash of the entry at `seq`; `path`: its siblings in the tree of the receipt's range, from the leaf upwards."""

    seq: Seq
    entry: Hash
    path: Annotated[tuple[Hash, ...], msgspec.Meta(max_length=LONGEST_PATH)]
    receipt: Signed
    v: int = VERSION


def proof_text(proof: ProofDocument) -> str:
    """The same proof gives the same text: for a batch of 512 at most 1 024 bytes packed, and 1 371 characters."""
    return PREFIX + to_text(zlib.compress(canonical.encode(proof), 9))


def parse_proof(text: str) -> ProofDocument:
    """The text of a QR code → a proof, nothing of it verified. Raises JournalError, whatever the text is."""
    if not text.startswith(PREFIX):
        raise JournalError(JournalCode.MALFORMED)
    stream = from_text(text.removeprefix(PREFIX))
    data = _inflated(stream)
    if data is None:
        raise JournalError(JournalCode.MALFORMED)
    if not _is_filled_with_zeros(stream, data):
        raise JournalError(JournalCode.NOT_CANONICAL)
    proof = read_document(data, ProofDocument)
    if canonical.encode(proof) != data:
        raise JournalError(JournalCode.NOT_CANONICAL)
    return proof


def checked_proof(proof: ProofDocument, gateway: TrustedGateway) -> Receipt:
    """The receipt that covers the entry, after signature, range and path were checked. Raises JournalError."""
    receipt = by_receipt_key(proof.receipt, Receipt, gateway)
    if not receipt.first_seq <= proof.seq <= receipt.last_seq:
        raise JournalError(JournalCode.WRONG_PLACE, seq=proof.seq)
    size, siblings = receipt.last_seq - receipt.first_seq + 1, [bytes.fromhex(each) for each in proof.path]
    led = merkle.root_from_path(bytes.fromhex(proof.entry), proof.seq - receipt.first_seq, size, siblings)
    if led is None or led.hex() != receipt.merkle_root:
        raise JournalError(JournalCode.BAD_DIGEST, seq=proof.seq)
    return receipt


def _inflated(stream: bytes) -> bytes | None:
    """A whole zlib stream, unpacked; None where it is none, is too large or has something behind it."""
    unpacking = zlib.decompressobj()
    try:
        data = unpacking.decompress(stream, _LARGEST)
    except zlib.error:
        return None
    return data if unpacking.eof and not unpacking.unused_data else None


def _is_filled_with_zeros(stream: bytes, data: bytes) -> bool:
    """Whether the bits that only fill up the last byte before the checksum are zero: a bit changed there would go unseen.

    They are those from the top down with each of which turned over the same comes out. The code that ends the data comes last, and to
    change any bit of that changes what comes out.
    """
    last = stream[-5]
    turned = (bytes([last ^ (1 << bit)]) for bit in range(last.bit_length() - 1, 8)) if last else ()
    others = [_inflated(stream[:-5] + each + stream[-4:]) for each in turned]
    return not others or any(other != data for other in others)
