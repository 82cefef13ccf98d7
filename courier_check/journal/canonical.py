"""Canonical JSON: RFC 8785 without fractions, so that one value has one spelling (docs/journal.md §1)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, TypeVar

import msgspec

from courier_check import typed
from courier_check.journal.codes import JournalCode, JournalError

LARGEST = 2**53 - 1
DEEPEST = 9  # arrays and objects within one another; a header is one, so its facts have 8
_key_form = re.compile(r"[a-z0-9_.-]{1,64}").fullmatch
_encoder = msgspec.json.Encoder(order="sorted")

T = TypeVar("T")
Json = dict[str, Any]


def encode(value: object) -> bytes:
    """The canonical bytes of a value (plain data or msgspec struct). Raises JournalError for floats, large integers or odd keys."""
    try:
        plain = msgspec.to_builtins(value)
    except (TypeError, RecursionError) as error:
        raise JournalError(JournalCode.NOT_CANONICAL) from error
    check(plain)
    return encode_checked(plain)


def encode_checked(value: object) -> bytes:
    """As `encode`, for values whose types already exclude what canonical JSON excludes."""
    try:
        return _encoder.encode(value)
    except (UnicodeEncodeError, RecursionError, msgspec.MsgspecError) as error:
        raise JournalError(JournalCode.NOT_CANONICAL) from error


def decode(data: bytes, into: type[T]) -> T:
    """Canonical bytes → value. Raises JournalError if the bytes are not exactly the canonical form of what they say.

    A struct's types exclude what canonical JSON excludes; whoever reads one with a free-form member checks that member.
    """
    try:
        value = typed.decode(data, into)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise JournalError(JournalCode.MALFORMED) from error
    if encode_checked(value) != data:
        raise JournalError(JournalCode.NOT_CANONICAL)
    if isinstance(value, dict):
        check(value)
    return value


class _Claim(msgspec.Struct, frozen=True):
    v: int | None = None


def claimed_version(data: bytes) -> int | None:
    """The `v` of a document that could not be read otherwise, so that a newer one is refused by name; None if there is none to see."""
    try:
        return typed.decode(data, _Claim).v
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def check(value: object, depth: int = 0) -> None:
    """Raise JournalError unless the value is made of strings, integers, booleans, null, arrays and objects within the limits.

    `depth`: how many arrays and objects the value lies in.
    """
    if value is None or value is True or value is False:
        return
    if isinstance(value, str):
        if not value.isascii():
            _check_text(value)
    elif isinstance(value, int):
        if abs(value) > LARGEST:
            raise JournalError(JournalCode.NOT_CANONICAL)
    elif depth >= DEEPEST:
        raise JournalError(JournalCode.NOT_CANONICAL)
    elif isinstance(value, dict):
        if not all(map(_is_key, value)):
            raise JournalError(JournalCode.NOT_CANONICAL)
        _check_items(value.values(), depth + 1)
    elif isinstance(value, (list, tuple)):
        _check_items(value, depth + 1)
    else:
        raise JournalError(JournalCode.NOT_CANONICAL)


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:  # unpaired surrogates have no UTF-8
        raise JournalError(JournalCode.NOT_CANONICAL) from error


def _check_items(items: Iterable[object], depth: int) -> None:
    for item in items:
        # Most members are plain words and flags, and verification checks very many.
        if not (item is None or item is True or item is False or (isinstance(item, str) and item.isascii())):
            check(item, depth)


@lru_cache(1024)
def _is_key(key: object) -> bool:
    """Nearly all keys are of some dozens that the program itself writes."""
    return isinstance(key, str) and _key_form(key) is not None
