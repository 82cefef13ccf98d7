"""DIR/evidence: sealed photos (凭证照片的密文), each under the digest of its bytes, and what has come of those that are on their way.

DIR/evidence/AB/SHA256                  whole: its digest was looked at before it got this name
DIR/evidence/incoming/STATION/SHA256    on its way from this station; no other one can spoil it

Nothing here asks who else is at work. The bytes at one place of one file are always the same, so that whoever writes them writes what is
there already; and what came out wrong all the same has another digest at the end, is thrown away and comes again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from courier_check.disk import flush_folder, make_lasting_folder
from courier_check.errors import StoreError
from courier_check.gateway.codes import GatewayCode
from courier_check.gateway.problems import Refused
from courier_check.wire.problems import ProblemCode

KEPT_MS = 7 * 86_400_000
"""Nobody has gone on with a file for so long: what came of it is thrown away."""
SWEPT_EVERY_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Arriving:
    """A file that a station has announced."""

    station_id: str
    sealed_sha256: str
    sealed_size: int


class EvidenceFolder:
    """The sealed photos of one gateway, for any number of threads and processes at once."""

    def __init__(self, data: Path) -> None:
        self._root = data / "evidence"
        self._swept_ms: int | None = None

    def path(self, sealed_sha256: str) -> Path:
        """Where a whole file lies, if it is held."""
        return self._root / sealed_sha256[:2] / sealed_sha256

    def has(self, sealed_sha256: str, sealed_size: int) -> bool:
        """Whether there is a whole file of this size; its digest is not looked at."""
        try:
            return self.path(sealed_sha256).stat().st_size == sealed_size
        except OSError:
            return False

    def opened(self, sealed_sha256: str) -> BinaryIO:
        """A whole file, to be read and closed. Raises StoreError."""
        with _failures_named():
            return self.path(sealed_sha256).open("rb")

    def held(self, file: Arriving) -> int:
        """How many bytes of a file are held: all, after its digest was looked at again; or what has come of it so far. A file that is no
        longer what came is thrown away, to be sent again. Raises StoreError."""
        with _failures_named():
            whole = self.path(file.sealed_sha256)
            if whole.exists():
                if self.has(file.sealed_sha256, file.sealed_size) and _digest(whole) == file.sealed_sha256:
                    return file.sealed_size
                whole.unlink(missing_ok=True)
            beside = self._incoming(file)
            come = beside.stat().st_size if beside.exists() else 0
            if come < file.sealed_size:
                return come
            return file.sealed_size if self._named(beside, file) else 0  # the gateway died between the last byte and the name

    def add(self, file: Arriving, offset: int, data: bytes) -> int:
        """Put a chunk behind what has come of a file, if it belongs there; returns how many bytes are on the disk now. With the last byte
        the file gets its name. Raises Refused (longer than announced; at its end another digest: thrown away), StoreError (disk full)."""
        if offset + len(data) > file.sealed_size:
            raise Refused(ProblemCode.TOO_LARGE, f"{file.sealed_size} bytes")
        if self.has(file.sealed_sha256, file.sealed_size):
            return file.sealed_size
        with _failures_named():
            beside = self._incoming(file)
            come = _appended(beside, offset, data)
            if come < file.sealed_size:
                return come
            if self._named(beside, file):
                return file.sealed_size
        raise Refused(ProblemCode.BAD_DIGEST, file.sealed_sha256)

    def note_time(self, file: Arriving, now_ms: int) -> None:
        """By the gateway's clock, whatever that of the file system says: when a file on its way was last gone on with."""
        with contextlib.suppress(OSError):  # it has its name already
            os.utime(self._incoming(file), ns=(now_ms * 1_000_000, now_ms * 1_000_000))

    def drop(self, file: Arriving) -> None:
        """Throw away what has come of a file: its station has stated another one in its place."""
        with contextlib.suppress(OSError):  # swept later
            self._incoming(file).unlink(missing_ok=True)

    def sweep(self, now_ms: int) -> int:
        """Throw away what nobody has gone on with for a week, at most once an hour; returns how many files."""
        if self._swept_ms is not None and 0 <= now_ms - self._swept_ms < SWEPT_EVERY_MS:
            return 0
        self._swept_ms, swept = now_ms, 0
        for path in self._root.glob("incoming/*/*"):
            with contextlib.suppress(OSError):  # gone on with, or finished, at this very moment
                if path.stat().st_mtime_ns // 1_000_000 + KEPT_MS < now_ms:
                    path.unlink()
                    swept += 1
        return swept

    def _incoming(self, file: Arriving) -> Path:
        return self._root / "incoming" / file.station_id / file.sealed_sha256

    def _named(self, beside: Path, file: Arriving) -> bool:
        """Give a file its name if its digest is right; whether it is held. It is thrown away otherwise."""
        try:
            right = beside.stat().st_size == file.sealed_size and _digest(beside) == file.sealed_sha256
        except FileNotFoundError:  # another request has given it its name meanwhile
            return self.has(file.sealed_sha256, file.sealed_size)
        if not right:
            beside.unlink(missing_ok=True)
            return False
        whole = self.path(file.sealed_sha256)
        make_lasting_folder(whole.parent)
        try:
            beside.replace(whole)
        except FileNotFoundError:
            return self.has(file.sealed_sha256, file.sealed_size)
        flush_folder(whole.parent)
        return True


def _appended(path: Path, offset: int, data: bytes) -> int:
    """How long the file is, after the data were put behind it where it was as long as `offset`; on the disk when this returns."""
    make_lasting_folder(path.parent)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "r+b", buffering=0) as target:
        size = target.seek(0, os.SEEK_END)
        if size != offset:
            return size
        left = memoryview(data)
        while left:  # a disk that fills up takes a part: what it took is right, and is gone on from
            left = left[target.write(left) :]
        os.fsync(target.fileno())
    if offset == 0:
        flush_folder(path.parent)
    return offset + len(data)


def _digest(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


@contextlib.contextmanager
def _failures_named() -> Iterator[None]:
    """A disk that is full or fails: the station is asked to come again later, and nothing that was held is lost."""
    try:
        yield
    except OSError as error:
        raise StoreError(GatewayCode.EVIDENCE_UNWRITABLE, detail=error.strerror or "") from error
