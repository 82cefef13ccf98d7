"""Reading a zip from a stick: whatever its bytes are, either what it says or JournalError (docs/wire.md §11)."""

from __future__ import annotations

import hashlib
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from courier_check.journal.codes import JournalCode, JournalError

_STEP = 1024 * 1024
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_END = b"PK\x05\x06" + bytes(18)
"""The record that ends a zip, its last two bytes the length of a comment."""
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    OSError,
    EOFError,
    ValueError,  # of names that are no text, and of places before the file's beginning
    OverflowError,
    RuntimeError,  # encrypted
    NotImplementedError,
)


def opened(source: IO[bytes]) -> zipfile.ZipFile:
    """Raises JournalError where it is no zip, or something lies before its first file or behind its end."""
    try:
        held = zipfile.ZipFile(source)
        source.seek(-len(_END), 2)
        end = source.read()
    except _UNREADABLE as error:
        raise JournalError(JournalCode.MALFORMED, file="") from error
    first = min((info.header_offset for info in held.infolist()), default=0)
    if first != 0 or end[:4] != _END[:4] or end[-2:] != _END[-2:]:
        held.close()
        raise JournalError(JournalCode.MALFORMED, file="")
    return held


def names(held: zipfile.ZipFile) -> set[str]:
    """The names as they stand in the zip; `zipfile` itself cuts names and turns their slashes. Raises JournalError for one that is there
    twice, and for a file that is packed in another way."""
    found: set[str] = set()
    for info in held.infolist():
        if info.orig_filename != info.filename or info.compress_type not in _PACKED or info.filename in found:
            raise JournalError(JournalCode.MALFORMED, file=info.filename[:80])
        found.add(info.filename)
    return found


def whole(held: zipfile.ZipFile, name: str, largest: int) -> bytes:
    """The bytes of a file of at most that size. Raises JournalError."""
    data = b"".join(_pieces(held, name, largest))
    if len(data) > largest:
        raise JournalError(JournalCode.TOO_LARGE, file=name)
    return data


def digest(held: zipfile.ZipFile, name: str, largest: int) -> tuple[str, int]:
    """SHA-256 and size of a file, read no further than what it should be: whoever packs zeros by the gigabyte gains nothing."""
    hashed, size = hashlib.sha256(), 0
    for piece in _pieces(held, name, largest):
        hashed.update(piece)
        size += len(piece)
    return hashed.hexdigest(), size


def _pieces(held: zipfile.ZipFile, name: str, largest: int) -> Iterator[bytes]:
    """Up to one byte more than the largest size. Raises JournalError for what is torn, encrypted or packed otherwise."""
    left = largest + 1
    try:
        with held.open(name) as file:
            while left > 0 and (piece := file.read(min(_STEP, left))):
                left -= len(piece)
                yield piece
    except _UNREADABLE as error:
        raise JournalError(JournalCode.MALFORMED, file=name) from error
