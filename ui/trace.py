"""COURIER_CHECK_TRACE=FILE: the window writes down when it stood, one line of JSON an event. The benchmarks and the check of the frozen
program read it; nobody else needs it."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ui.window import Window

VARIABLE = "COURIER_CHECK_TRACE"


def traced(window: Window) -> None:
    """`first-paint`, then `ready` (somebody is signed in, the acceptance page stands). Nothing happens unless the variable names a file."""
    target = os.environ.get(VARIABLE)
    if not target:
        return
    window.first_painted.connect(lambda: _write(Path(target), "first-paint"))
    window.ready.connect(lambda: _write(Path(target), "ready"))


def _write(target: Path, event: str) -> None:
    """`mono_ms`: the monotonic clock, which all processes of a machine share, so that whoever started this one knows how long it took."""
    import json  # only here: who does not ask for a trace does not wait for it

    line = {"event": event, "mono_ms": time.monotonic_ns() / 1e6, "rss_mb": resident_mb()}
    with target.open("a", encoding="utf-8") as out:
        out.write(json.dumps(line) + "\n")


def resident_mb(pid: int | None = None) -> float | None:
    """Megabytes (10⁶) of memory a process has in use, this one unless another is named; None where the system does not tell (Windows)."""
    try:
        pages = int(Path(f"/proc/{pid or 'self'}/statm").read_text("ascii").split()[1])
    except OSError:
        return None
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
