"""An X server without a screen, for tests by real keys."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes.util import find_library

import pytest

_LIBRARIES = ("xcb-cursor", "xcb-icccm", "xcb-keysyms", "xcb-shape", "xcb-xkb", "xkbcommon-x11")
_REMEDY = (
    "These tests need an X server without a screen and a hand to type on it. Install them with: apt-get install -y --no-install-recommends "
    "xvfb xdotool libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxcb-xkb1 libxkbcommon-x11-0"
)


@contextmanager
def x_display(size: str) -> Iterator[str]:
    """The name of a display of its own, `size` as in "800x600"; the server picks a free number itself. The test fails where parts lack."""
    lacks = [program for program in ("Xvfb", "xdotool") if shutil.which(program) is None]
    lacks += [f"lib{name}" for name in _LIBRARIES if find_library(name) is None]
    if lacks:
        pytest.fail(f"Missing: {', '.join(lacks)}. {_REMEDY}")
    ours, theirs = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(theirs), "-screen", "0", f"{size}x24", "-nolisten", "tcp"], pass_fds=(theirs,), stderr=subprocess.DEVNULL
    )
    os.close(theirs)
    with os.fdopen(ours) as numbers:
        yield f":{numbers.readline().strip()}"
    server.terminate()
    server.wait(timeout=10)
