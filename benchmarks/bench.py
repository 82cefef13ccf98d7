"""What every benchmark gets: a folder on the disk of the work tree, and how large to measure."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RUNS = 3
BUSY_LOAD = 1.5


@dataclass(frozen=True, slots=True)
class Bench:
    """An empty folder, removed afterwards, and whether to be quick."""

    folder: Path
    quick: bool

    def size(self, whole: int, quick: int) -> int:
        return quick if self.quick else whole

    def named(self, figure: str) -> str:
        return f"{figure} (quick)" if self.quick else figure


@contextmanager
def work_folder(name: str) -> Iterator[Path]:
    """An empty folder under build/: a commit costs what the disk of the work tree makes it cost, and /tmp may be memory."""
    (ROOT / "build").mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f"benchmark-{name}-", dir=ROOT / "build"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def load_now() -> float | None:
    """The load average of the last minute; None where the system has none (Windows)."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def machine() -> list[str]:
    """Lines about the machine, for stderr."""
    load = load_now()
    told = "unknown" if load is None else f"{load:.2f}"
    lines = [f"machine: {os.cpu_count()} cores, load average {told} at start, {platform.system()} {platform.machine()}, Python "]
    lines[0] += platform.python_version()
    if load is not None and load >= BUSY_LOAD:
        lines.append(f"warning: load average {told} ≥ {BUSY_LOAD}: absolute figures do not count, only ratios.")
    return lines
