"""A second reading of docs/credential.md: judges every text of vectors.json.

Standard library and `cryptography` only, and none of the program's modules, so that the document alone must suffice.

    python tests/vectors/credentials/independent.py     prints how many were judged; stops with AssertionError at the first that differs
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
TYPES = "resident-id temporary-id pla pap hmt-residence hm-permit tw-permit foreign-passport fpr-card overseas-passport hukou"
TYPES = {*TYPES.split(), "other", "two-way-permit", "driving-licence"}


class Refused(Exception):
    """With the code that the document gives."""


def need(condition, code="credential-malformed"):
    if not condition:
        raise Refused(code)


# --- §2: text to bytes, bytes to values. The deterministic encoding is checked item by item.


def message_of(text):
    need(len(text) <= 1500, "credential-unknown")
    wide = "".join(chr(ord(c) - 0xFEE0) if 0xFF01 <= ord(c) <= 0xFF5E else c for c in text)
    found = re.fullmatch(r"CCID([1-9][0-9]?)-([A-Z2-7]+)", "".join(wide.split()).upper())
    need(found, "credential-unknown")
    need(found[1] == "1", "credential-newer")
    bits = "".join(f"{ALPHABET.index(c):05b}" for c in found[2])
    spare = len(bits) % 8
    need(spare < 5 and set(bits[len(bits) - spare :]) <= {"0"})
    return bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits) - spare, 8))


def item(data, at):
    need(at < len(data))
    major, low = divmod(data[at], 32)
    need(low <= 27)
    if low < 24:
        value, at = low, at + 1
    else:
        size = 2 ** (low - 24)
        need(at + 1 + size <= len(data))
        value = int.from_bytes(data[at + 1 : at + 1 + size], "big")
        need(value >= (24, 256, 65536, 2**32)[low - 24])
        at += 1 + size
    if major == 0:
        return value, at
    if major == 1:
        return -1 - value, at
    if major in (2, 3):
        need(at + value <= len(data))
        raw = data[at : at + value]
        if major == 2:
            return raw, at + value
        try:
            return raw.decode("utf-8", "strict"), at + value
        except UnicodeDecodeError:
            raise Refused("credential-malformed") from None
    need(major in (4, 5) and value <= len(data) - at)
    if major == 4:
        items = []
        for _ in range(value):
            one, at = item(data, at)
            items.append(one)
        return items, at
    pairs, before = {}, None
    for _ in range(value):
        start = at
        key, at = item(data, at)
        need(type(key) is int and (before is None or before < data[start:at]))
        before = data[start:at]
        pairs[key], at = item(data, at)
    return pairs, at


def whole(data):
    need(type(data) is bytes)
    value, end = item(data, 0)
    need(end == len(data))
    return value


def head(major, length):
    if length < 24:
        return bytes([major * 32 + length])
    return bytes([major * 32 + 24, length]) if length < 256 else bytes([major * 32 + 25]) + length.to_bytes(2, "big")


# --- §3, §4: what is signed, and the order of the checks


def judged(text, at_s, keys, audiences):
    outer = whole(message_of(text))
    need(type(outer) is list and len(outer) == 4)
    protected, unprotected, payload, signature = outer
    header = whole(protected)
    need(type(header) is dict and header.keys() == {1, 4} and header[1] == -8 and unprotected == {})
    need(type(header[4]) is bytes and len(header[4]) == 8 and type(payload) is bytes and type(signature) is bytes)
    key = keys.get(header[4].hex())
    need(key, "credential-other-issuer")
    external = b"courier-check/credential/v1\n"
    signed = b"\x84\x6aSignature1" + b"".join(head(2, len(each)) + each for each in (protected, external, payload))
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key["public_key"])).verify(signature, signed)
    except InvalidSignature:
        raise Refused("credential-forged") from None
    claims = whole(payload)
    need(type(claims) is dict and claims.keys() - {3} == {1, 4, 6, 7, -65537})
    issuer, audience, end, begin, nonce = claims[1], claims.get(3), claims[4], claims[6], claims[7]
    need(type(nonce) is bytes and len(nonce) == 16)
    for word in (issuer, "x" if 3 not in claims else audience):
        need(type(word) is str and re.fullmatch(r"[!-~]{1,64}", word))
    need(all(type(each) is int and 0 <= each < 253402214400 for each in (begin, end)))
    said = document(claims[-65537])
    need(issuer == key["issuer"], "credential-other-issuer")
    day = datetime.fromtimestamp(begin, UTC).astimezone(timezone(timedelta(hours=8))).date().isoformat()
    need(key["not_before"] <= day <= key["not_after"], "credential-key-term")
    need(1 <= end - begin <= 300, "credential-too-long")
    need(begin - at_s <= 60, "credential-future")
    need(at_s - end < 60, "credential-expired")
    need(audience is None or audience in audiences, "credential-other-audience")
    return nonce.hex(), said


def document(fields):
    need(type(fields) is dict and {1, 2, 3} <= fields.keys() <= {1, 2, 3, 4, 5})
    kind, name, number, until, nationality = (fields.get(each) for each in (1, 2, 3, 4, 5))
    need(all(type(each) is str for each in (kind, name, number)) and kind in TYPES)
    need(1 <= len(name) <= 100 and name == name.strip())
    need(all(c == " " or unicodedata.category(c)[0] not in "CZ" for c in name))
    need(re.fullmatch(r"[0-9A-Za-z()\-]{1,40}|[\u4e00-\u9fffA-Z]{0,6}第?[0-9]{4,10}号?", number))
    need(5 not in fields or (type(nationality) is str and re.fullmatch(r"[A-Z]{3}", nationality)))
    told = None
    if 4 in fields:
        need(type(until) is int)
        told = "长期" if until == 0 else day_of(until)
    return {"type": kind, "name": name, "number": number, "valid_until": told, "nationality": nationality}


def day_of(number):
    try:
        return date(number // 10000, number // 100 % 100, number % 100).isoformat()
    except ValueError:
        raise Refused("credential-malformed") from None


def code_of(case, keys, audiences):
    try:
        judged(case["text"], case["at_s"], keys, audiences)
    except Refused as refused:
        return refused.args[0]
    return None


def main():
    given = json.loads((Path(__file__).resolve().parent / "vectors.json").read_text(encoding="utf-8"))
    keys = {}
    for key in given["keys"]["keys"]:
        public = bytes.fromhex(key["public_key"])
        assert hashlib.sha256(b"courier-check/credential-key/v1\n" + public).hexdigest()[:16] == key["key_id"]
        keys[key["key_id"]] = key
    for secret in given["secrets"].values():
        Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))
    for case in given["good"]:
        nonce, said = judged(case["text"], case["at_s"], keys, given["audiences"])
        assert nonce == case["nonce"], case["name"]
        assert {name: value for name, value in case["document"].items() if value is not None} == {
            name: value for name, value in said.items() if value is not None
        }, case["name"]
    for case in given["wrong"]:
        assert code_of(case, keys, given["audiences"]) == case["code"], case["name"]
    sys.stdout.write(f"{len(given['good'])} good, {len(given['wrong'])} wrong: judged as the vectors say\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
