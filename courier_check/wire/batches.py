"""Batches of entries and the answers to them (docs/wire.md §5–§7)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

import msgspec

from courier_check import typed
from courier_check.journal import merkle, tags
from courier_check.journal.codes import JournalCode, JournalError
from courier_check.journal.entries import header_hash
from courier_check.journal.forms import Count, Hash, JournalId, Ms, Name, Seq
from courier_check.journal.keys import VerifyingKey, from_text, to_text
from courier_check.journal.verify import Stored
from courier_check.wire.certificates import Role, TrustedGateway
from courier_check.wire.signed import VERSION, B, Body, Signed, verified


class WireEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry on the wire: header text as signed, signature and sealed parts in base64url."""

    header: str
    signature: str
    parts: dict[str, str]


class Backlog(msgspec.Struct, frozen=True, kw_only=True):
    """What is still pending after a batch: a statement for the regulator's page, not evidence."""

    entries: Count
    oldest_ms: Ms | None


class Batch(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="batch"):
    gateway_id: Name
    station_id: Name
    journal_id: JournalId
    first_seq: Seq
    prev: Hash
    entries: Annotated[tuple[WireEntry, ...], msgspec.Meta(min_length=1)]
    backlog: Backlog
    v: int = VERSION


class Receipt(Body, frozen=True, kw_only=True, tag="receipt"):
    """回执: the gateway holds every entry from first_seq to last_seq, and says so for good."""

    gateway_id: Name
    station_id: Name
    journal_id: JournalId
    first_seq: Seq
    last_seq: Seq
    prev_head: Hash
    head: Hash
    merkle_root: Hash
    received_at_ms: Ms
    after_revocation: bool
    gateway_journal_id: JournalId
    gateway_seq: Seq
    gateway_prev: Hash


class Returned(Body, frozen=True, kw_only=True, tag="returned"):
    """退回: an objection to the content of a stored entry, answered by a correction. `number`: per station and gateway journal."""

    gateway_id: Name
    gateway_journal_id: JournalId
    station_id: Name
    journal_id: JournalId
    seq: Seq
    entry: Hash
    number: Seq
    code: str
    detail: str
    at_ms: Ms


class HeadStatement(Body, frozen=True, kw_only=True, tag="head"):
    """What the gateway holds of a journal; seq 0 and head null if nothing."""

    gateway_id: Name
    station_id: Name
    journal_id: JournalId
    seq: Count
    head: Hash | None
    at_ms: Ms


class HeadRequest(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="head-request"):
    """A question that only its own answer fits. `nonce`: 16 fresh random bytes; `receipt`: the newest one that the station holds."""

    nonce: JournalId
    receipt: Signed | None = None
    v: int = VERSION


class ConfirmedHead(Body, frozen=True, kw_only=True, tag="confirmed-head"):
    """A HeadStatement that answers the question with this nonce."""

    gateway_id: Name
    station_id: Name
    journal_id: JournalId
    seq: Count
    head: Hash | None
    at_ms: Ms
    nonce: JournalId


class JournalTaken(Body, frozen=True, kw_only=True, tag="journal-taken"):
    """To `station_id`: what the gateway holds under this journal's id another station has signed, and nothing of it is yours. Whose it is
    is for the regulator alone."""

    gateway_id: Name
    station_id: Name
    journal_id: JournalId
    at_ms: Ms


class Answer(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="answer"):
    receipt: Signed
    returned: tuple[Signed, ...] = ()
    v: int = VERSION


class ReturnedItems(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="returned-items"):
    """Items of one gateway journal. A station that knew another one asks again from 0. `taken`: on a stick, JournalTaken of the station's
    journals; left out where there are none, as programs of before wrote it."""

    gateway_journal_id: JournalId
    items: tuple[Signed, ...]
    taken: tuple[Signed, ...] | msgspec.UnsetType = msgspec.UNSET
    v: int = VERSION


class HeldEntry(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="held-entry"):
    """An entry as the gateway holds it, for the station it came from to compare."""

    header: str
    signature: str
    v: int = VERSION


@dataclass(frozen=True, slots=True)
class Sent:
    """The range a station sent and what a receipt for it must say. Hashes in order of seq, hexadecimal. `trusted_ms`: the gateway's time
    that the last entry names, None where it names none."""

    gateway_id: str
    station_id: str
    journal_id: str
    first_seq: int
    prev: str
    hashes: tuple[str, ...]
    trusted_ms: int | None = None


class _Times(msgspec.Struct, frozen=True):
    trusted_ms: int | None = None


class _Timed(msgspec.Struct, frozen=True):
    times: _Times = _Times()


def trusted_ms_of(header: bytes | str) -> int | None:
    """The gateway's time in the newest receipt that the station held when it wrote an entry; None where the header names none."""
    try:
        return typed.decode(header, _Timed).times.trusted_ms
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None  # whether it is a header at all is asked elsewhere


def to_wire(stored: Stored) -> WireEntry:
    """A stored entry as it is sent; raises JournalError if a damaged row's header is no text."""
    try:
        header = stored.header_bytes.decode()
    except UnicodeDecodeError as error:
        raise JournalError(JournalCode.MALFORMED, seq=stored.seq) from error
    parts = {name: to_text(sealed) for name, sealed in sorted(stored.sealed.items())}
    return WireEntry(header=header, signature=to_text(stored.signature), parts=parts)


def from_wire(entry: WireEntry, seq: int) -> Stored:
    """Bytes of a wire entry; raises JournalError for non-canonical base64."""
    sealed = {name: from_text(text) for name, text in entry.parts.items()}
    return Stored(seq, entry.header.encode(), from_text(entry.signature), {}, sealed)


def merkle_root(hashes: Iterable[str]) -> str:
    return merkle.root([bytes.fromhex(each) for each in hashes]).hex()


def receipt_hash(signed: Signed) -> str:
    """`gateway_prev` of the receipt after this one."""
    return hashlib.sha256(tags.RECEIPT_HASH + signed.body_bytes).hexdigest()


def checked_receipt(signed: Signed, sent: Sent, gateway: TrustedGateway) -> Receipt:
    """A receipt that says exactly what was sent, by a key the gateway's root certified for receipts. Raises JournalError otherwise."""
    receipt = by_receipt_key(signed, Receipt, gateway)
    check_fits(receipt, signed.key_id, sent, gateway)
    return receipt


def check_fits(receipt: Receipt, receipt_key_id: str, sent: Sent, gateway: TrustedGateway) -> None:
    """Raise JournalError unless a receipt by this key says exactly what was sent."""
    said = (
        receipt.gateway_id,
        receipt.station_id,
        receipt.journal_id,
        receipt.first_seq,
        receipt.last_seq,
        receipt.prev_head,
        receipt.head,
    )
    if not sent.hashes:  # a receipt kept with its range backwards covers nothing
        raise JournalError(JournalCode.WRONG_PLACE, seq=receipt.first_seq)
    last_seq = sent.first_seq + len(sent.hashes) - 1
    if said != (sent.gateway_id, sent.station_id, sent.journal_id, sent.first_seq, last_seq, sent.prev, sent.hashes[-1]):
        raise JournalError(JournalCode.WRONG_PLACE, seq=receipt.first_seq)
    if receipt.merkle_root != merkle_root(sent.hashes):
        raise JournalError(JournalCode.BAD_DIGEST, seq=receipt.first_seq)
    followed_ms = gateway.followed_ms(Role.RECEIPT, receipt_key_id)
    if followed_ms is not None and sent.trusted_ms is not None and sent.trusted_ms >= followed_ms:
        # Its last entry was written when the station had a receipt by a later key: nothing was signed with this one any more.
        raise JournalError(JournalCode.WRONG_KEY, role=Role.RECEIPT.value)


def by_receipt_key(signed: Signed, into: type[B], gateway: TrustedGateway) -> B:
    """A statement signed by one of the gateway's receipt keys in the time of that key (docs/wire.md §3); whom it is about is for the caller
    to compare. Raises JournalError."""
    return _by_key_of(gateway.verifying_keys(Role.RECEIPT), signed, into, gateway)


def held_receipt(signed: Signed, gateway: TrustedGateway) -> Receipt:
    """A receipt that is stored already, and so was believed when it came: its key may have been withdrawn since. Raises JournalError."""
    return _by_key_of(gateway.held_keys(Role.RECEIPT), signed, Receipt, gateway)


def _by_key_of(keys: dict[str, VerifyingKey], signed: Signed, into: type[B], gateway: TrustedGateway) -> B:
    key = keys.get(signed.key_id)
    if key is None:
        raise JournalError(JournalCode.WRONG_KEY, role=Role.RECEIPT.value)
    said = verified(signed, into, key)
    followed_ms = gateway.followed_ms(Role.RECEIPT, signed.key_id)
    if followed_ms is not None and _is_late(said, followed_ms):
        raise JournalError(JournalCode.WRONG_KEY, role=Role.RECEIPT.value)
    return said


def _is_late(said: Body, followed_ms: int) -> bool:
    """Whether a statement is of after its key was followed: by its own time, or as an answer that is given now: to a question,
    or to a journal that is delivered."""
    at_ms = said.received_at_ms if isinstance(said, Receipt) else getattr(said, "at_ms", None)
    given_now = hasattr(said, "nonce") or isinstance(said, JournalTaken)
    return given_now or (isinstance(at_ms, int) and at_ms >= followed_ms)


def sent_of(batch: Batch) -> Sent:
    """What a batch's receipt must say."""
    hashes = tuple(header_hash(entry.header.encode()) for entry in batch.entries)
    trusted_ms = trusted_ms_of(batch.entries[-1].header)
    return Sent(batch.gateway_id, batch.station_id, batch.journal_id, batch.first_seq, batch.prev, hashes, trusted_ms)
