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
