"""A file that a person asked for under a name of its own: whole or not there, and never over one that is."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from enum import StrEnum
from errno import ENOSPC
from pathlib import Path
from typing import IO

from courier_check.disk import flush_folder
from courier_check.errors import StoreError, UserError
from courier_check.store.codes import StoreCode


class NewFileCode(StrEnum):
    EXISTS = "new-file-exists"
    UNWRITABLE = "new-file-unwritable"


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """A block that writes the file beside its place; at its end, where nothing failed, the file is flushed to the disk, gets its name, and
    that is flushed too. Readable by its owner only. Raises UserError (there is such a file, no such place), StoreError (disk full)."""
    check_new(path)
    beside = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.new")
    try:
        with _made(beside) as target:
            yield target
            target.flush()
            os.fsync(target.fileno())
        _name(beside, path)
        beside.unlink(missing_ok=True)
        flush_folder(path.parent)  # until then its name is lost where the stick is pulled out
    except OSError as error:
        if error.errno == ENOSPC:
            raise StoreError(StoreCode.DISK_FULL, file=path.name) from error
        raise UserError(NewFileCode.UNWRITABLE, file=str(path), detail=error.strerror or "") from error
    finally:
        with contextlib.suppress(OSError):  # gone where it got its name; where nothing can be written, nothing can be removed
            beside.unlink()


def check_new(path: Path) -> None:
    """Raise UserError if there is something of that name."""
    if os.path.lexists(path):
        raise UserError(NewFileCode.EXISTS, file=str(path))


def _made(beside: Path) -> IO[bytes]:
    return os.fdopen(os.open(beside, os.O_RDWR | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600), "w+b")


def _name(beside: Path, path: Path) -> None:
    """Where the disk knows hard links, a file of that name that came meanwhile is not written over by anyone's mischance."""
    try:
        os.link(beside, path)
    except FileExistsError as error:
        raise UserError(NewFileCode.EXISTS, file=str(path)) from error
    except OSError:  # FAT, the form of most sticks, has no links
        check_new(path)
        beside.rename(path)
