"""What a disk has to be told beyond a file's own bytes."""

from __future__ import annotations

import os
from pathlib import Path


def flush_folder(folder: Path) -> None:
    """Until it returns, a name that was given in this folder may be lost with the power. Raises OSError."""
    if os.name != "posix":  # Windows has no handle to a folder to flush; NTFS journals the rename
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_lasting_folder(path: Path) -> None:
    """A folder of the owner's, and those above it, if they are not there yet; on the disk when it returns, so that what is put there is not
    lost with the folder itself. Raises OSError."""
    if path.is_dir():
        return
    make_lasting_folder(path.parent)
    path.mkdir(exist_ok=True, mode=0o700)
    flush_folder(path.parent)
