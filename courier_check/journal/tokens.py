"""Match tokens: keyed pseudonyms of a document number, a phone or an address (docs/journal.md §10)."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from enum import StrEnum

from courier_check.journal import tags


class TokenKind(StrEnum):
    ID_NUMBER = "id-number"
    PHONE = "phone"
    ADDRESS = "address"


def match_token(key: bytes, kind: TokenKind, value: str) -> str:
    """HMAC-SHA256 in hexadecimal over the value as it stands; callers normalise document numbers first."""
    return hmac.new(key, tags.MATCH_TOKEN + kind.encode() + b"\n" + value.encode(), hashlib.sha256).hexdigest()


def phone_value(phone: str) -> str:
    """Digits 0–9 only, without the country code where one stands before a number of the mainland."""
    digits = "".join(char for char in unicodedata.normalize("NFKC", phone) if char in "0123456789")
    for prefix in ("0086", "86"):
        if digits.startswith(prefix) and len(digits) - len(prefix) == 11:
            return digits[len(prefix) :]
    return digits


def address_value(address: str) -> str:
    return "".join(unicodedata.normalize("NFKC", address).split())
