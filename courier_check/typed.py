"""Bytes and plain data → values of a declared type: `msgspec`, with a lock where it needs one.

msgspec makes what it knows about a struct the first time it meets it, and publishes it before it is whole. A second thread that decodes the
same struct in that moment reads what is not there yet and the process dies (msgspec 0.22, seen and reproduced: tests/test_typed.py).
Here that is made once for each type, by one thread at a time. Nothing else in the program may decode or convert with msgspec (a test).
"""

from __future__ import annotations

from threading import Lock
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

_making = Lock()
_decoders: dict[object, msgspec.json.Decoder[Any]] = {}


def decode(data: bytes | str, into: type[T]) -> T:
    """JSON as a value of that type. Raises msgspec.ValidationError or msgspec.DecodeError, UnicodeDecodeError, RecursionError."""
    return _decoder(into).decode(data)  # type: ignore[no-any-return]  # of the type the decoder was made for


def convert(value: object, into: type[T]) -> T:
    """Plain data as a value of that type. Raises msgspec.ValidationError."""
    _decoder(into)
    return msgspec.convert(value, into)


def _decoder(into: object) -> msgspec.json.Decoder[Any]:
    found = _decoders.get(into)
    if found is None:
        with _making:
            found = _decoders.setdefault(into, msgspec.json.Decoder(into))
    return found
