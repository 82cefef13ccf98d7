"""Where in the bytes of a JSON file which field stands, down into texts that are JSON themselves."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

Field = str
_token = re.compile(rb'"(?:[^"\\]|\\.)*"|[-0-9][-+.0-9eE]*|true|false|null')
_escape = re.compile(rb"\\u[0-9a-f]{4}|\\.|[^\\]", re.DOTALL)


def fields(data: bytes) -> dict[Field, list[int]]:
    """Offsets of all bytes of a file by field: `entries[].header.prev`, a name of a member as `entries[].header.prev:`, the rest as `{}`.

    The file is JSON as the program writes it: without white space.
    """
    found: dict[Field, list[int]] = {}
    for field, offset in _walk(data, range(len(data)), ""):
        found.setdefault(field, []).append(offset)
    return found


def _walk(data: bytes, offsets: Sequence[int], field: Field) -> Iterator[tuple[Field, int]]:
    """`offsets`: where each byte of `data` stands in the file."""
    path: list[str] = []
    at, member = 0, ""
    while at < len(data):
        token = _token.match(data, at)
        here = field + "".join(path)
        if token is None:
            yield here + "{}", offsets[at]
            char = data[at : at + 1]
            if char in b"{[":
                path.append(("." + member if member else "") + ("[]" if char == b"[" else ""))
                member = ""
            elif char in b"}]":
                path.pop()
            at += 1
            continue
        end = token.end()
        if data[end : end + 1] == b":":
            member = json.loads(token[0])
            yield from ((f"{here}.{member}:", offsets[spot]) for spot in range(at, end))
        else:
            yield from _value(data[at:end], offsets[at:end], f"{here}.{member}" if member else here)
            member = ""
        at = end


def _value(token: bytes, offsets: Sequence[int], field: Field) -> Iterator[tuple[Field, int]]:
    if field.split(".")[-1] not in ("header", "body"):
        yield from ((field, offset) for offset in offsets)
        return
    inner, spots = b"", []
    yield from ((field + '""', offset) for offset in (offsets[0], offsets[-1]))
    for escape in _escape.finditer(token[1:-1]):
        start = escape.start() + 1
        if not escape[0].startswith(b"\\"):
            inner += escape[0]
            spots.append(offsets[start])
            continue
        inner += json.loads(b'"' + escape[0] + b'"').encode()
        spots.append(offsets[start + 1])
        yield from ((field + "\\", offset) for offset in (offsets[start], *offsets[start + 2 : start + len(escape[0])]))
    yield from _walk(inner, spots, field)
