"""Dirt removed from scanned and typed codes, in one place."""

from __future__ import annotations

import unicodedata

LONGEST_CODE = 4096
"""Characters of a code that are looked at; a QR code of the largest size holds 4,296 letters."""
LONGEST_NUMBER = 64
"""No waybill or goods number is longer; longer texts are not tried against number shapes."""


def clean_code(text: str) -> str:
    """Full-width to half-width (NFKC), control and invisible characters out, blanks trimmed, at most `LONGEST_CODE` characters."""
    plain = unicodedata.normalize("NFKC", text[:LONGEST_CODE])
    kept = "".join(character for character in plain if character.isspace() or not unicodedata.category(character).startswith("C"))
    return kept.strip()[:LONGEST_CODE]


def clean_words(text: str) -> str:
    """Words as people wrote them, without control and invisible characters, by which a name would not be found; runs of blanks as one."""
    seen = "".join(character for character in text if character.isspace() or not unicodedata.category(character).startswith("C"))
    return " ".join(seen.split())


def squeeze(text: str) -> str:
    """A number as it is compared: upper case, without blanks."""
    return "".join(text.split()).upper()
