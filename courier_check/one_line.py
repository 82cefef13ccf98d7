"""Text that others wrote, shown in one line of ours: names in archives, headers, lists and answers may hold whatever their writer liked."""

from __future__ import annotations

import unicodedata

_STEERING = frozenset(("Cc", "Cf", "Zl", "Zp"))
"""Unicode's control and format characters (among them the marks that turn the direction of writing and those that have no width), line and
paragraph separators."""


def one_line(text: str) -> str:
    """The same text with every character spelled out that would steer a terminal, break the line or show as nothing: `\\x1b`, `\\n`,
    `\\u202e`. Letters stay as they are, also rare ones that a font or this Python does not know."""
    return text if text.isprintable() else "".join(map(_seen, text))


def within_json(written: str) -> str:
    """JSON that means the same, with those characters escaped that JSON lets stand: outside of strings there are none of them."""
    return written if written.isprintable() else "".join(map(_escaped, written))


def _seen(character: str) -> str:
    steers = unicodedata.category(character) in _STEERING
    return character.encode("unicode_escape").decode("ascii") if steers else character


def _escaped(character: str) -> str:
    if unicodedata.category(character) not in _STEERING:
        return character
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
