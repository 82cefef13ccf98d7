"""Core files: what is in a process must not end on the disk with it. Loads nothing, since the window calls it before its first paint."""

from __future__ import annotations

import sys


def leave_none() -> None:
    """Keys, people's data and pictures of documents are in this process: it leaves no core file. Does nothing on Windows."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
