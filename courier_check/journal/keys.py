"""Ed25519 and X25519 keys, their ids, and the one spelling of binary values (docs/journal.md §1–§2)."""

from __future__ import annotations

import binascii
import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from courier_check.journal import tags
from courier_check.journal.codes import JournalCode, JournalError

# The y coordinates, little-endian, of the eight Ed25519 points of small order, with the two that can be spelled unreduced. Under such a key
# one signature verifies for many messages, so whoever enrolled it could deny every entry (RFC 8032 leaves the check to the reader).
SMALL_ORDER = frozenset(
    bytes.fromhex(each)
    for each in (
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    )
)

_FIELD = 2**255 - 19
_TO_URL = bytes.maketrans(b"+/", b"-_")
_FROM_URL = bytes.maketrans(b"-_+/=", b"+/!!!")  # what the url form does not have becomes what no form has


def to_text(data: bytes) -> str:
    """base64url without padding."""
    return binascii.b2a_base64(data, newline=False).translate(_TO_URL, b"=").decode("ascii")


def from_text(text: str) -> bytes:
    """The bytes of canonical unpadded base64url; raises JournalError for any other spelling."""
    try:
        data = binascii.a2b_base64(text.encode("ascii").translate(_FROM_URL) + b"=" * (-len(text) % 4), strict_mode=True)
    except ValueError as error:
        raise JournalError(JournalCode.NOT_CANONICAL) from error
    last = len(data) % 3  # bytes of an incomplete last group, whose spare bits may hold anything
    if last and to_text(data[-last:]) != text[-last - 1 :]:
        raise JournalError(JournalCode.NOT_CANONICAL)
    return data


def key_id(algorithm: str, public_key: bytes) -> str:
    """The 32-character id of a raw public key."""
    return hashlib.sha256(tags.KEY + algorithm.encode("ascii") + b"\n" + public_key).hexdigest()[:32]


class SigningKey:
    """An Ed25519 private key with its id. Never printed."""

    def __init__(self, secret: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(secret)
        self.public = self._key.public_key().public_bytes_raw()
        self.key_id = key_id("ed25519", self.public)

    def sign(self, purpose: bytes, message: bytes) -> bytes:
        """Signature over purpose ‖ message, 64 bytes."""
        return self._key.sign(purpose + message)


class VerifyingKey:
    """An Ed25519 public key with its id. Raises JournalError if the bytes are no key, another spelling of one, or one of small order."""

    def __init__(self, public: bytes) -> None:
        if int.from_bytes(public, "little") % 2**255 >= _FIELD:  # OpenSSL takes these too; nobody makes them
            raise JournalError(JournalCode.MALFORMED)
        if public[:31] + bytes([public[-1] & 0x7F if public else 0]) in SMALL_ORDER:
            raise JournalError(JournalCode.MALFORMED)
        try:
            self._key = Ed25519PublicKey.from_public_bytes(public)
        except ValueError as error:
            raise JournalError(JournalCode.MALFORMED) from error
        self.public = public
        self.key_id = key_id("ed25519", public)

    def verify(self, purpose: bytes, message: bytes, signature: bytes) -> None:
        """Raise JournalError unless the signature is this key's over purpose ‖ message."""
        signed = purpose + message
        if not _holds(self.public, signature, signed):
            try:
                self._key.verify(signature, signed)
            except InvalidSignature as error:
                raise JournalError(JournalCode.BAD_SIGNATURE) from error


def _holds(public: bytes, signature: bytes, signed: bytes) -> bool:
    """libsodium's verdict, in half of the time. It is stricter (it refuses an R of small order as well), so that only its yes is the answer
    and a no is asked again: what verifies here is exactly what verifies for everybody who has RFC 8032 alone, as verify.py has."""
    from nacl.bindings import crypto_sign_open  # 10 ms, which no window need wait for
    from nacl.exceptions import CryptoError

    if len(signature) != 64:  # what follows would be read as the rest of it
        return False
    try:
        crypto_sign_open(signature + signed, public)
    except (CryptoError, ValueError):
        return False
    return True


class OpeningKey:
    """An X25519 private key: opens what was sealed to it. Never printed."""

    def __init__(self, secret: bytes) -> None:
        self.private = X25519PrivateKey.from_private_bytes(secret)
        self.public = self.private.public_key().public_bytes_raw()
        self.key_id = key_id("x25519", self.public)


class SealingKey:
    """An X25519 public key: seals to whom holds its private half. Raises JournalError if the bytes are no key, or one of small order."""

    def __init__(self, public: bytes) -> None:
        try:
            self.recipient = X25519PublicKey.from_public_bytes(public)
            X25519PrivateKey.from_private_bytes(bytes(32)).exchange(self.recipient)  # fails exactly for points of small order
        except ValueError as error:
            raise JournalError(JournalCode.MALFORMED) from error
        self.public = public
        self.key_id = key_id("x25519", public)
