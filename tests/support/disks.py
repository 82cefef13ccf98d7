"""Small file systems that can be filled up or made read-only. They take root and a kernel that lets us mount."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(place: Path, size: str) -> Iterator[Path]:
    """A file system of its own at `place`, which is made; the test is skipped where none can be mounted."""
    place.mkdir()
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("mounting a small file system takes root")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)], capture_output=True, check=False)
    if mounted.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.decode(errors='replace').strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def fill_up(disk: Path) -> Path:
    """Leave not one block free. The file that takes them."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as target:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    target.write(bytes(size))
            except OSError:
                continue
    return filler
