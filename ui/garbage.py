"""Garbage collection on the UI thread only. Python collects cycles on whatever thread happens to allocate; a cycle that holds a Qt object,
collected by a worker, would destroy that object on the wrong thread, which stops timers late or ends the process."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

LOOK_MS = 500


def keep_all() -> None:
    """What is there now stays, as far as collection is concerned: pages are made once, and going through all their objects would hold up
    the screen. Nothing is done where Python collects by itself."""
    if not gc.isenabled():
        gc.freeze()


def collect_due() -> None:
    """What Python would have collected by now, on this thread."""
    counts = gc.get_count()
    due = [generation for generation, limit in enumerate(gc.get_threshold()) if limit and counts[generation] > limit]
    if due:
        gc.collect(due[-1])


class Collector(QObject):
    """Automatic collection is off while this lives; the thresholds stay what they were, looked at twice a second."""

    def __init__(self) -> None:
        super().__init__()
        self._before = gc.isenabled()
        gc.disable()
        gc.freeze()  # what is loaded at the start stays loaded: going through it again and again would hold up the screen
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def _look(self) -> None:
        collect_due()

    def end(self) -> None:
        """Collection as it was."""
        self._timer.stop()
        gc.unfreeze()
        if self._before:
            gc.enable()
