"""How long something has been under way, in words: "正在统计… 7 秒"."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, QTimer, Signal

SECOND_MS = 1000


class Elapsed(QObject):
    """`ticked`: once a second while something is under way, with the seconds since it began."""

    ticked = Signal(int)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._since_s = 0.0
        self._timer = QTimer(self, interval=SECOND_MS)
        self._timer.timeout.connect(lambda: self.ticked.emit(self.seconds))

    @property
    def seconds(self) -> int:
        return int(time.monotonic() - self._since_s)

    def start(self) -> None:
        """Something begins."""
        self._since_s = time.monotonic()
        self._timer.start()

    def stop(self) -> None:
        """Nothing is under way any more."""
        self._timer.stop()


def waiting_words(doing: str, seconds: int) -> str:
    """The first second needs no number."""
    if seconds < 1:
        return f"{doing}…"
    minutes, rest = divmod(seconds, 60)
    return f"{doing}… {minutes} 分 {rest:02d} 秒" if minutes else f"{doing}… {rest} 秒"
