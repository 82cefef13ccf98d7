"""Canonical JSON: RFC 8785 without fractions, so that one value has one spelling (docs/journal.md §1)."""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec

from courier_check.journal.codes import JournalCode, JournalError

LARGEST = 2**53 - 1
DEEPEST = 8
_KEY = re.compile(r"[a-z0-9_.-]{1,64}")
_encoder = msgspec.json.Encoder(order="sorted")

T = TypeVar("T")
Json = dict[str, Any]


def encode(value: object) -> bytes:
    """The canonical bytes of a value (plain data or msgspec struct). Raises JournalError for floats, large integers or odd keys."""
    check(msgspec.to_builtins(value))
    return encode_checked(value)


def encode_checked(value: object) -> bytes:
    """As `encode`, for values whose types already exclude what canonical JSON excludes."""
    try:
        return _encoder.encode(value)
    except (UnicodeEncodeError, msgspec.MsgspecError) as error:
        raise JournalError(JournalCode.NOT_CANONICAL) from error


def decode(data: bytes, into: type[T]) -> T:
    """Canonical bytes → value. Raises JournalError if the bytes are not exactly the canonical form of what they say."""
    try:
        value = msgspec.json.decode(data, type=into)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise JournalError(JournalCode.MALFORMED) from error
    if encode_checked(value) != data:
        raise JournalError(JournalCode.NOT_CANONICAL)
    return value


def check(value: object, depth: int = 0) -> None:
    """Raise JournalError unless the value is made of strings, integers, booleans, null, arrays and objects within the limits."""
    if depth > DEEPEST + 2:
        raise JournalError(JournalCode.NOT_CANONICAL)
    match value:
        case None | bool():
            return
        case str():
            _check_text(value)
        case int():
            if abs(value) > LARGEST:
                raise JournalError(JournalCode.NOT_CANONICAL)
        case list() | tuple():
            for item in value:
                check(item, depth + 1)
        case dict():
            _check_object(value, depth)
        case _:
            raise JournalError(JournalCode.NOT_CANONICAL)


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:  # unpaired surrogates have no UTF-8
        raise JournalError(JournalCode.NOT_CANONICAL) from error


def _check_object(value: dict[Any, object], depth: int) -> None:
    for key, item in value.items():
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            raise JournalError(JournalCode.NOT_CANONICAL)
        check(item, depth + 1)
