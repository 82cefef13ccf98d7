"""What people type and scanners send, made comparable: half width, upper case, one kind of hyphen, no blanks or invisible characters."""

from __future__ import annotations

_HYPHENS = "‐‑‒–—―−﹣"
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\x00"
_TABLE: dict[int, str] = {
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
    **{ord(hyphen): "-" for hyphen in _HYPHENS},
    **{ord(mark): "" for mark in _INVISIBLE},
    0x3000: " ",
    0xFF5E: "~",
}
_UPPER: dict[int, str] = {code: chr(code - 32) for code in range(ord("a"), ord("z") + 1)}

LONGEST_REFERENCE = 4_296
"""Letters in a QR code of the largest size."""


def halfwidth(text: str) -> str:
    """Full-width letters, digits and signs as ASCII, ASCII letters in upper case, hyphens as `-`, blanks removed.

    Only ASCII letters change case: `str.upper` would turn one letter into two for some scripts.
    """
    if text.isascii():  # most of what is scanned: the tables would change nothing else of it
        return "".join(text.upper().replace("\x00", "").split())
    return "".join(text.translate(_TABLE).translate(_UPPER).split())


def plain(text: str) -> str:
    """`halfwidth` without hyphens: how a number is stored and compared."""
    return halfwidth(text).replace("-", "")


def reference(text: str) -> str:
    """e_credential_ref: a QR text nobody here can read, as it was scanned but for control characters and what is beyond any code."""
    return "".join(each for each in text[:LONGEST_REFERENCE] if each.isprintable())
