"""Runs first in the frozen program: pyzbar asks the system for libzbar, so that a bundled one is not found unless asked for by its path."""

import ctypes.util
import sys
from collections.abc import Callable
from pathlib import Path


def first_beside_the_program(of_the_system: Callable[[str], str | None], folder: Path) -> Callable[[str], str | None]:
    def find(name: str) -> str | None:
        bundled = sorted(folder.glob(f"lib{name}.so*"))
        return str(bundled[0]) if bundled else of_the_system(name)

    return find


bundle = getattr(sys, "_MEIPASS", None)
if bundle is not None and sys.platform.startswith("linux"):
    ctypes.util.find_library = first_beside_the_program(ctypes.util.find_library, Path(bundle))  # type: ignore[assignment]
