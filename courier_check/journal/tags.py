"""Domain tags: a value hashed or signed for one purpose never verifies for another (docs/journal.md §9)."""

from __future__ import annotations

import hashlib


def tag(name: str) -> bytes:
    """The tag bytes of a purpose, ending in one line feed."""
    return f"courier-check/{name}/v1\n".encode("ascii")


KEY = tag("key")
HEADER = tag("header")
HEADER_SIGNATURE = tag("header-signature")
PART = tag("part")
PART_SEAL = tag("part-seal")
SEALED_PART = tag("sealed-part")
MATCH_TOKEN = tag("match-token")
MATCH_KEY_SEAL = tag("match-key-seal")
CERTIFICATE_HASH = tag("certificate-hash")
ROOT = tag("root")
RECEIPT_HASH = tag("receipt-hash")
ENROLMENT_MAC = tag("enrolment-mac")
ENROLMENT_CODE = tag("enrolment-code")
ENROLMENT_CODE_CHECKSUM = tag("enrolment-code-checksum")
REQUEST = tag("request")


def digest(purpose: bytes, data: bytes) -> bytes:
    """SHA-256(purpose ‖ data), 32 bytes."""
    return hashlib.sha256(purpose + data).digest()
