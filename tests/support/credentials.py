"""Signed QR credentials of a made-up issuer, good and spoilt, and the package with its key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from courier_check.identity.credential import LONGEST_S, TOLERANCE_S, Credential, signed_credential
from courier_check.identity.credential_keys import CredentialKey, CredentialKeys, credential_key_id
from courier_check.identity.documents import DocumentType, IdentityDocument, Source
from courier_check.wire.certificates import Role
from courier_check.wire.packages import Manifest, PackageKind, publish
from support.pki import MadeUpGateway, secret

ISSUER = "tests-issuer"
SECRET = secret("issuer of credentials")
STRANGER = secret("a stranger")
PERSON = IdentityDocument(
    type=DocumentType.RESIDENT_ID, name="张三丰", number="41010519900307123X", valid_until=date(2035, 3, 7), source=Source.CREDENTIAL
)


def public(of: bytes = SECRET) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(of).public_key().public_bytes_raw()


KEYS = CredentialKeys.of(CredentialKey(ISSUER, "样例签发机构（虚构）", public(), date(2026, 1, 1), date(2027, 12, 31), True))


def credential(now_s: int, nonce: int = 0, **changes: Any) -> Credential:
    """A fresh one, issued ten seconds ago."""
    drawn = hashlib.sha256(f"nonce {nonce}".encode()).digest()[:16]
    return replace(Credential(ISSUER, "", drawn, now_s - 10, now_s - 10 + LONGEST_S, None, PERSON), **changes)


def text(now_s: int, nonce: int = 0, by: bytes = SECRET, **changes: Any) -> str:
    return signed_credential(credential(now_s, nonce, **changes), by)


def keys_content(**changes: Any) -> bytes:
    key = {
        "issuer": ISSUER,
        "title": "样例签发机构（虚构）",
        "key_id": credential_key_id(public()).hex(),
        "public_key": public().hex(),
        "not_before": "2026-01-01",
        "not_after": "2027-12-31",
        "practice": True,
    }
    return json.dumps({"v": 1, "keys": [key | changes]}).encode()


def package(content: bytes, version: int = 1, gateway: MadeUpGateway | None = None, **changes: Any) -> bytes:
    """The content as a gateway's package file."""
    manifest = Manifest(
        gateway_id="gw-test",
        package_kind=PackageKind.CREDENTIAL_KEYS,
        name="credential-keys",
        version=version,
        issued_at_ms=1,
        expires_on=None,
        content_sha256="0" * 64,
        content_size=0,
    )
    signer = (gateway or MadeUpGateway()).signing[Role.PACKAGE]
    return msgspec.json.encode(publish(msgspec.structs.replace(manifest, **changes), content.decode(), signer))


def spoilt(now_s: int, count: int, seed: int = 1) -> Iterator[str]:
    """Credentials none of which may be taken at this time: a letter changed, cut, stale, early, of strangers, spliced from two."""
    random = Random(seed)  # noqa: S311 - to be drawn again
    ways = (_letter, _cut, _stale, _early, _strange, _spliced)
    for number in range(count):
        yield ways[number % len(ways)](now_s, number, random)


def _letter(now_s: int, number: int, random: Random) -> str:
    good = text(now_s, number)
    place = random.randrange(6, len(good))
    other = random.choice([letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" if letter != good[place]])
    return good[:place] + other + good[place + 1 :]


def _cut(now_s: int, number: int, random: Random) -> str:
    good = text(now_s, number)
    return good[: random.randrange(len(good))]


def _stale(now_s: int, number: int, random: Random) -> str:
    return text(now_s - LONGEST_S - TOLERANCE_S + 10 - random.randrange(0, 10**6), number)


def _early(now_s: int, number: int, random: Random) -> str:
    return text(now_s + TOLERANCE_S + 11 + random.randrange(0, 10**6), number)


def _strange(now_s: int, number: int, random: Random) -> str:
    return text(now_s, number, by=hashlib.sha256(f"stranger {random.random()}".encode()).digest())


def _spliced(now_s: int, number: int, random: Random) -> str:
    """The beginning of one and the end of another: a payload under a signature that is not its own."""
    one, other = text(now_s, number), text(now_s, number + 1_000_000)
    nonce = next(place for place, (a, b) in enumerate(zip(one, other, strict=True)) if a != b)
    place = random.randrange(nonce + 26, len(one) - 103)
    return one[:place] + other[place:]
