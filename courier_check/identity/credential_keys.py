"""签发机构的公钥: whose credentials are believed, from a signed package (docs/credential.md §5)."""

from __future__ import annotations

import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated

import msgspec

from courier_check import typed
from courier_check.errors import UserError
from courier_check.identity.codes import CredentialCode

KEY_ID_BYTES = 8
MOST_KEYS = 1_000
_KEY_TAG = b"courier-check/credential-key/v1\n"

Word = Annotated[str, msgspec.Meta(pattern=r"^[!-~]{1,64}(?!\n)$", max_length=64)]
Hex = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}(?!\n)$", max_length=64)]
Title = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


def credential_key_id(public: bytes) -> bytes:
    """The short id of an issuer's raw public key: a hint which key to try, never a proof."""
    return hashlib.sha256(_KEY_TAG + public).digest()[:KEY_ID_BYTES]


@dataclass(frozen=True, slots=True)
class CredentialKey:
    """One key of one issuer. `not_before`, `not_after`: the first and last China day on which what it signs is believed."""

    issuer: str
    title: str
    public: bytes
    not_before: date
    not_after: date
    practice: bool

    @property
    def key_id(self) -> bytes:
        return credential_key_id(self.public)


@dataclass(frozen=True, slots=True)
class CredentialKeys:
    """The keys of all issuers; none at all believes nothing."""

    by_id: Mapping[bytes, CredentialKey]

    @classmethod
    def of(cls, *keys: CredentialKey) -> CredentialKeys:
        return cls({key.key_id: key for key in keys})

    @classmethod
    def parse(cls, content: bytes) -> CredentialKeys:
        """The content of a package `credential-keys`. UserError with the place of the fault."""
        try:
            given = typed.decode(content, _File)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise _unreadable(str(error)) from None
        if given.v != 1:
            raise _unreadable(f"v {given.v}")
        keys = [_key(each, place) for place, each in enumerate(given.keys)]
        if len({key.key_id for key in keys}) != len(keys):
            raise _unreadable("a key twice - at `$.keys`")
        return cls.of(*keys)

    def find(self, key_id: bytes) -> CredentialKey | None:
        return self.by_id.get(key_id)

    def all(self) -> tuple[CredentialKey, ...]:
        return tuple(self.by_id.values())


class _Key(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    issuer: Word
    title: Title
    key_id: str
    public_key: Hex
    not_before: date
    not_after: date
    practice: bool = False


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    keys: Annotated[tuple[_Key, ...], msgspec.Meta(max_length=MOST_KEYS)]
    v: int = 1


def _key(given: _Key, place: int) -> CredentialKey:
    public = binascii.a2b_hex(given.public_key)
    if credential_key_id(public).hex() != given.key_id:
        raise _unreadable(f"key_id - at `$.keys[{place}]`")
    if given.not_before > given.not_after:
        raise _unreadable(f"not_before > not_after - at `$.keys[{place}]`")
    if not given.title.isprintable():
        raise _unreadable(f"title - at `$.keys[{place}]`")
    return CredentialKey(given.issuer, given.title, public, given.not_before, given.not_after, given.practice)


def _unreadable(fault: str) -> UserError:
    return UserError(CredentialCode.KEYS_UNREADABLE, fault=fault)
