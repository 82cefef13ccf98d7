"""The part of CBOR (RFC 8949) that credentials use: integers, byte and text strings, arrays, maps with integer keys.

Only the deterministic encoding of §4.2.1 is read: what has two spellings could be signed as one and shown as another.
"""

from __future__ import annotations

from typing import TypeAlias

Cbor: TypeAlias = "int | bytes | str | list[Cbor] | dict[int, Cbor]"

_DEEPEST = 6
_UINT, _NINT, _BYTES, _TEXT, _ARRAY, _MAP = range(6)


class CborError(Exception):
    """Bytes that are not one value in this encoding."""


def encode(value: Cbor) -> bytes:
    """The one encoding of a value. OverflowError for an integer beyond 64 bits."""
    match value:
        case int():
            return _head(_UINT, value) if value >= 0 else _head(_NINT, -1 - value)
        case bytes():
            return _head(_BYTES, len(value)) + value
        case str():
            text = value.encode()
            return _head(_TEXT, len(text)) + text
        case list():
            return _head(_ARRAY, len(value)) + b"".join(encode(item) for item in value)
        case dict():
            pairs = sorted((encode(key), encode(item)) for key, item in value.items())
            return _head(_MAP, len(value)) + b"".join(key + item for key, item in pairs)


def _head(major: int, argument: int) -> bytes:
    if argument < 24:
        return bytes([major << 5 | argument])
    for code, size in ((24, 1), (25, 2), (26, 4)):
        if argument < 1 << 8 * size:
            return bytes([major << 5 | code]) + argument.to_bytes(size, "big")
    return bytes([major << 5 | 27]) + argument.to_bytes(8, "big")


def decode(data: bytes) -> Cbor:
    """The value of these bytes, all of them. CborError for anything but its deterministic encoding."""
    reader = _Reader(data)
    value = reader.value(0)
    # Shortest forms, the order of keys and keys that come twice: whatever was not as it has to be comes out different again.
    if reader.at != len(data) or encode(value) != data:
        raise CborError
    return value


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def value(self, depth: int) -> Cbor:
        if depth > _DEEPEST:
            raise CborError
        major, argument = self._head()
        match major:
            case 0:
                return argument
            case 1:
                return -1 - argument
            case 2:
                return self._taken(argument)
            case 3:
                return self._text(argument)
            case 4:
                return [self.value(depth + 1) for _ in range(self._count(argument))]
            case 5:
                return {self._key(depth): self.value(depth + 1) for _ in range(self._count(argument))}
            case _:
                raise CborError  # tags, floats, true, null: nothing here has them

    def _head(self) -> tuple[int, int]:
        first = self._taken(1)[0]
        code = first & 31
        if code < 24:
            return first >> 5, code
        if code > 27:
            raise CborError  # reserved, or of indefinite length
        return first >> 5, int.from_bytes(self._taken(1 << code - 24), "big")

    def _key(self, depth: int) -> int:
        key = self.value(depth + 1)
        if not isinstance(key, int):
            raise CborError
        return key

    def _text(self, length: int) -> str:
        try:
            return self._taken(length).decode()
        except UnicodeDecodeError as error:
            raise CborError from error

    def _count(self, claimed: int) -> int:
        if claimed > len(self._data) - self.at:
            raise CborError  # every item takes a byte at least
        return claimed

    def _taken(self, length: int) -> bytes:
        if length > len(self._data) - self.at:
            raise CborError
        taken = self._data[self.at : self.at + length]
        self.at += length
        return taken
