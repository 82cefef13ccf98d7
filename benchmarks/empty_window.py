"""The least a window can be: one empty widget. What the program's first paint is measured against, run as it is by its path."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget


class Empty(QWidget):
    """Tells of its first paint as `ui.trace` does."""

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        super().paintEvent(event)
        QTimer.singleShot(0, tell)


def tell() -> None:
    mono_ms = time.monotonic_ns() / 1e6
    statm = Path("/proc/self/statm")
    rss_mb = int(statm.read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6 if statm.exists() else None
    with Path(os.environ["COURIER_CHECK_TRACE"]).open("a", encoding="utf-8") as out:
        out.write(json.dumps({"event": "first-paint", "mono_ms": mono_ms, "rss_mb": rss_mb}) + "\n")


if __name__ == "__main__":
    app = QApplication(sys.argv[:1])
    window = Empty()
    window.resize(1366, 768)
    window.show()
    app.exec()
