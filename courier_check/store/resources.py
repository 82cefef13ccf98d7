"""Read-only data shipped with the program (resources/): rules, catalogues, carriers, wording, samples."""

from __future__ import annotations

import sys
from pathlib import Path


def resource_path(name: str) -> Path:
    """Where `resources/NAME` lies: in the source tree, or beside the frozen program."""
    frozen = getattr(sys, "_MEIPASS", None)
    root = Path(frozen) if frozen else Path(__file__).resolve().parents[2]
    return root / "resources" / name


def read_resource(name: str) -> bytes:
    """The bytes of `resources/NAME`."""
    return resource_path(name).read_bytes()
