"""Files of the data folder: written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path

from courier_check.disk import flush_folder, make_lasting_folder
from courier_check.errors import StoreError
from courier_check.store.codes import StoreCode


def write_atomically(path: Path, data: bytes, *, private: bool = False, durable: bool = True) -> None:
    """Write beside, flush to disk (unless not `durable`), then rename over. Raises StoreError. `private`: readable by the owner only."""
    # A name of this thread's own: workers of one process that note heads at the same time must not rename each other's half-written files.
    beside = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.new")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600 if private else 0o644)
        with os.fdopen(descriptor, "wb") as target:
            target.write(data)
            target.flush()
            if durable:
                os.fsync(target.fileno())
        beside.replace(path)
        if durable:
            flush_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):  # where nothing can be written, nothing can be removed
            beside.unlink()
        raise StoreError(StoreCode.DISK_FULL if error.errno == 28 else StoreCode.FOLDER_UNWRITABLE, file=path.name) from error


def make_folder(path: Path) -> None:
    """A folder of the owner's, if it is not there yet; on the disk like what is written into it. Raises StoreError."""
    try:
        make_lasting_folder(path)
    except OSError as error:
        raise StoreError(StoreCode.DISK_FULL if error.errno == 28 else StoreCode.FOLDER_UNWRITABLE, file=path.name) from error
