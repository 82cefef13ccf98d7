"""Hashes, signatures, canonical JSON, HPKE and Merkle trees as docs/journal.md §1 and §6 say, for independent.py."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import struct

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

RANGE = 2**53 - 1
P = 2**255 - 19
KEY = re.compile(r"[a-z0-9_.-]{1,64}")
checks = {"passed": 0}


class Refused(Exception):
    """Bytes that the documents say a reader refuses."""


def check(condition, *what):
    assert condition, what
    checks["passed"] += 1


def refused(call, *arguments):
    try:
        call(*arguments)
    except Refused:
        checks["passed"] += 1
        return
    raise AssertionError(("accepted", arguments))


# --- journal.md §1: bytes


def canon(value, depth=0):
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, int):
        if abs(value) > RANGE:
            raise Refused("range")
        return str(value)
    if isinstance(value, str):
        return '"' + "".join(escaped(char) for char in value) + '"'
    if depth == 9:
        raise Refused("depth")
    if isinstance(value, list):
        return "[" + ",".join(canon(item, depth + 1) for item in value) + "]"
    if not all(KEY.fullmatch(key) for key in value):
        raise Refused("key")
    return "{" + ",".join(f"{canon(key)}:{canon(value[key], depth + 1)}" for key in sorted(value)) + "}"


def escaped(char):
    short = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
    if char in short:
        return short[char]
    if 0xD800 <= ord(char) <= 0xDFFF:
        raise Refused("surrogate")
    return f"\\u{ord(char):04x}" if ord(char) < 0x20 else char


def no_number(text):
    raise Refused(text)


def parse(data):
    """Canonical bytes → value."""
    try:
        value = json.loads(data.decode("utf-8"), parse_float=no_number, parse_constant=no_number)
    except (ValueError, RecursionError) as error:
        raise Refused("not JSON") from error
    if canon(value).encode() != data:
        raise Refused("not canonical")
    return value


def b64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unb64(text):
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text) or len(text) % 4 == 1:
        raise Refused("alphabet or length")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if b64(data) != text:
        raise Refused("spelling")
    return data


def tag(name):
    return b"courier-check/" + name.encode() + b"/v1\n"


def sha(name, data):
    return hashlib.sha256(tag(name) + data).digest()


def key_id(algorithm, public):
    return sha("key", algorithm.encode() + b"\n" + public).hex()[:32]


def signed_by(public, name, message, signature):
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, tag(name) + message)
    except InvalidSignature:
        return False
    return True


def small_order(public):
    """8 × the point is neutral; x is not needed: doubling works on u = (1+y)/(1-y) of the Montgomery curve, where neutral is infinity."""
    y = int.from_bytes(public, "little") % 2**255 % P
    x1, z1 = (1 + y) % P, (1 - y) % P
    for _ in range(3):
        square = (pow(x1, 2, P) - pow(z1, 2, P)) ** 2 % P
        x1, z1 = square, 4 * x1 * z1 * (x1 * x1 + 486662 * x1 * z1 + z1 * z1) % P
    return z1 == 0


# --- RFC 9180, base mode, X25519 / HKDF-SHA256 / AES-256-GCM


def labeled_extract(salt, suite, label, ikm):
    return hmac.new(salt, b"HPKE-v1" + suite + label + ikm, hashlib.sha256).digest()


def labeled_expand(prk, suite, label, info, length):
    message, out, block, count = struct.pack(">H", length) + b"HPKE-v1" + suite + label + info, b"", b"", 0
    while len(out) < length:
        count += 1
        block = hmac.new(prk, block + message + bytes([count]), hashlib.sha256).digest()
        out += block
    return out[:length]


def hpke_open(sealed, secret, info):
    private = X25519PrivateKey.from_private_bytes(secret)
    enc, ciphertext = sealed[:32], sealed[32:]
    shared = private.exchange(X25519PublicKey.from_public_bytes(enc))
    kem = b"KEM" + struct.pack(">H", 0x0020)
    prk = labeled_extract(b"", kem, b"eae_prk", shared)
    secret = labeled_expand(prk, kem, b"shared_secret", enc + private.public_key().public_bytes_raw(), 32)
    suite = b"HPKE" + struct.pack(">HHH", 0x0020, 0x0001, 0x0002)
    context = b"\x00" + labeled_extract(b"", suite, b"psk_id_hash", b"") + labeled_extract(b"", suite, b"info_hash", info)
    prk = labeled_extract(secret, suite, b"secret", b"")
    key, nonce = labeled_expand(prk, suite, b"key", context, 32), labeled_expand(prk, suite, b"base_nonce", context, 12)
    return AESGCM(key).decrypt(nonce, ciphertext, b"")


# --- journal.md §6: Merkle tree, by RFC 9162's recursive definition


def split(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def root(leaves):
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = split(len(leaves))
    return hashlib.sha256(b"\x01" + root(leaves[:k]) + root(leaves[k:])).digest()


def path(leaves, index):
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    return [*path(leaves[:k], index), root(leaves[k:])] if index < k else [*path(leaves[k:], index - k), root(leaves[:k])]
