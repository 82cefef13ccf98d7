"""The tests of the window run without a screen, wherever they run."""

from __future__ import annotations

import os

# Before anything imports Qt: without a display the platform plug-in aborts the process.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
