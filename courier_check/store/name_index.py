"""Files of the name index (名称索引): one immutable file a list and version, read by mapping it; a note beside says which are in use.

A file is made beside those in use and takes their place in one step. What can't be believed (cut short, of another program, of other
tables) is never read: IndexDefect says why, and the lists are then not screened (screening/index.py, docs/architecture.md).
The files hold names of listed firms and shops, which their issuers publish; nothing of people.
"""

from __future__ import annotations

import contextlib
import hashlib
import mmap
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from courier_check import typed
from courier_check.errors import CourierCheckError
from courier_check.screening.codes import ScreeningCode
from courier_check.screening.index import NameIndex
from courier_check.store.files import write_atomically

_MAGIC = b"courier-check/name-index/1\n"
_ALIGNED = 64
_LONGEST_HEADER = 64 * 1024 * 1024
_READ = 4 * 1024 * 1024
_TYPES = {"uint8", "uint16", "uint32", "uint64", "int32"}


class IndexDefect(CourierCheckError):
    """Why an index file can't be used. The remedy is always to build it anew."""


class _Array(msgspec.Struct, frozen=True):
    type: str
    at: int
    count: int


class _Header(msgspec.Struct, frozen=True):
    tables: str
    list_id: str
    source: str
    size: int
    sha256: str
    arrays: dict[str, _Array]
    regions: tuple[tuple[str, ...], ...]


class InUse(msgspec.Struct, frozen=True, kw_only=True):
    """Which files serve a list: the base, and for small changes an overlay. `source`: the version of the list they stand for together."""

    source: str
    base: str
    overlay: str | None = None


@dataclass(frozen=True, slots=True)
class IndexFolder:
    """The index files of one list."""

    path: Path

    @classmethod
    def of(cls, folder: Path, list_id: str) -> IndexFolder:
        return cls(folder / hashlib.sha256(list_id.encode()).hexdigest()[:24])

    def in_use(self) -> InUse | None:
        """None where nothing was built yet, or the note can't be read."""
        try:
            return typed.decode((self.path / "in-use.json").read_bytes(), InUse)
        except (OSError, msgspec.MsgspecError):
            return None

    def use(self, now: InUse) -> None:
        """Take these files into use, and remove the others as far as nobody reads them any more."""
        write_atomically(self.path / "in-use.json", msgspec.json.encode(now))
        for file in self.path.glob("*.index"):
            if file.name not in (now.base, now.overlay):
                with contextlib.suppress(OSError):  # Windows keeps a file that is mapped; it goes with the next change
                    file.unlink()

    def write(self, index: NameIndex, tables: str, list_id: str, source: str) -> str:
        """A new file beside those in use; its name. Raises OSError."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        header = _header_of(index, tables, list_id, source)
        data = msgspec.json.encode(header)
        name = f"{secrets.token_hex(8)}.index"
        unfinished = self.path / f"{name}.part"
        with unfinished.open("xb") as file:
            file.write(_MAGIC + len(data).to_bytes(8, "big") + data)
            file.write(bytes(-file.tell() % _ALIGNED))
            for array in index.arrays.values():
                file.write(np.ascontiguousarray(array).tobytes())
                file.write(bytes(-array.nbytes % _ALIGNED))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self.path / name)
        return name

    def open(self, name: str, tables: str, list_id: str) -> NameIndex:
        """The index in a file, mapped. Raises IndexDefect if it is not whole, not this list's, or made with other tables."""
        try:
            return _opened(self.path / name, tables, list_id)
        except (OSError, ValueError) as error:
            raise IndexDefect(ScreeningCode.INDEX_DAMAGED, list=list_id) from error


def _header_of(index: NameIndex, tables: str, list_id: str, source: str) -> _Header:
    at, digest, arrays = 0, hashlib.sha256(), {}
    for name, array in index.arrays.items():
        arrays[name] = _Array(array.dtype.name, at, len(array))
        padding = -array.nbytes % _ALIGNED
        digest.update(np.ascontiguousarray(array).tobytes())
        digest.update(bytes(padding))
        at += array.nbytes + padding
    return _Header(tables, list_id, source, at, digest.hexdigest(), arrays, index.regions)


def _opened(path: Path, tables: str, list_id: str) -> NameIndex:
    with path.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            raise IndexDefect(ScreeningCode.INDEX_FOREIGN, list=list_id)
        length = int.from_bytes(file.read(8), "big")
        header = _read_header(file.read(length) if length <= _LONGEST_HEADER else b"", list_id)
        if header.tables != tables:
            raise IndexDefect(ScreeningCode.INDEX_OTHER_VERSION, list=list_id)
        if header.list_id != list_id:
            raise IndexDefect(ScreeningCode.INDEX_FOREIGN, list=list_id)
        start = file.tell() + -file.tell() % _ALIGNED
        if path.stat().st_size != start + header.size:
            raise IndexDefect(ScreeningCode.INDEX_DAMAGED, list=list_id)
        file.seek(start)
        digest = hashlib.sha256()
        while piece := file.read(_READ):  # read, not mapped: what is only checked need not stay in memory
            digest.update(piece)
        if digest.hexdigest() != header.sha256:
            raise IndexDefect(ScreeningCode.INDEX_DAMAGED, list=list_id)
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if header.size else b""
    return NameIndex(_arrays(mapped, header.arrays, start), header.regions)


def _read_header(data: bytes, list_id: str) -> _Header:
    try:
        header = typed.decode(data, _Header)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise IndexDefect(ScreeningCode.INDEX_DAMAGED, list=list_id) from error
    if any(array.type not in _TYPES for array in header.arrays.values()):
        raise IndexDefect(ScreeningCode.INDEX_FOREIGN, list=list_id)
    return header


def _arrays(mapped: mmap.mmap | bytes, held: Mapping[str, _Array], start: int) -> dict[str, Any]:
    return {
        name: np.frombuffer(mapped, array.type, array.count, start + array.at) if array.count else np.zeros(0, array.type)
        for name, array in held.items()
    }
