"""Signed documents: canonical text, the key that signed it, the signature (docs/wire.md §1)."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from courier_check import typed
from courier_check.journal import canonical
from courier_check.journal.codes import JournalCode, JournalError
from courier_check.journal.forms import KeyId
from courier_check.journal.keys import SigningKey, VerifyingKey, from_text, to_text
from courier_check.journal.tags import tag

VERSION = 1
SUITE = "ed25519-sha256"
"""Signature and hash of a body and of whatever it names by a hash, Merkle trees included."""


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """What is inside a signed document; each kind is a subclass whose msgspec tag is its `kind`."""

    v: int = VERSION
    suite: str = SUITE


class _Claim(msgspec.Struct, frozen=True):
    suite: str = SUITE


B = TypeVar("B", bound=Body)


def check_version(version: int | None) -> None:
    """Raise JournalError for a version this program does not know; None (none to be seen) is left to other checks."""
    if version not in (None, VERSION):
        raise JournalError(JournalCode.UNSUPPORTED_VERSION, version=version)


def check_suite(suite: str) -> None:
    """Raise JournalError for algorithms this program does not know."""
    if suite != SUITE:
        raise JournalError(JournalCode.UNKNOWN_ALGORITHM, suite=suite[:40])


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """A signed document as it travels. `body` is the exact text that was signed."""

    body: str
    key_id: KeyId
    signature: str

    @property
    def body_bytes(self) -> bytes:
        return self.body.encode()


def kind_of(body: type[Body]) -> str:
    """The `kind` of a signed body, which is also the name of its signature's tag."""
    kind = body.__struct_config__.tag
    assert isinstance(kind, str)  # noqa: S101 - a declaration error of ours, not an input
    return kind


def sign(body: Body, key: SigningKey) -> Signed:
    """Sign a body with the tag of its kind. Raises JournalError for one that a reader would refuse."""
    text = canonical.encode(body)
    _read(text, type(body))
    return Signed(body=text.decode(), key_id=key.key_id, signature=to_text(key.sign(tag(kind_of(type(body))), text)))


def read(signed: Signed, into: type[B]) -> B:
    """The body of a signed document, its form checked but *not* its signature. Raises JournalError."""
    return _read(signed.body_bytes, into)


def verified(signed: Signed, into: type[B], key: VerifyingKey) -> B:
    """The body of a signed document after its form, key and signature were checked. Raises JournalError."""
    body = read(signed, into)
    if signed.key_id != key.key_id:
        raise JournalError(JournalCode.WRONG_KEY)
    key.verify(tag(kind_of(into)), signed.body_bytes, from_text(signed.signature))
    return body


def _read(data: bytes, into: type[B]) -> B:
    try:
        body = canonical.decode(data, into)
    except JournalError:
        # A newer body may have other members, and one of other algorithms other forms: to be told so says more.
        check_version(canonical.claimed_version(data))
        check_suite(_claimed_suite(data))
        raise
    check_version(body.v)
    check_suite(body.suite)
    return body


def _claimed_suite(data: bytes) -> str:
    try:
        return typed.decode(data, _Claim).suite
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return SUITE  # none to be seen: what failed before is told
