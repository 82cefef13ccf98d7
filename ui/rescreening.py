"""重新核查 beside the work: its own thread, its own station, its own connection. It looks now and then whether the lists have changed, and
screens who is known a few at a time; nothing waits for it, and what was done stays done when the window closes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from courier_check.errors import CourierCheckError

if TYPE_CHECKING:
    from courier_check.station import Station

FIRST_S, LOOK_S, BETWEEN_S = 20.0, 15.0, 0.2
"""Before the first look, when a window that starts has other things to do; between two looks; and between two steps."""


class Rescreening(QObject):
    """`ran`: everybody was screened again under the lists as they are."""

    ran = Signal()

    def __init__(self, prepare: Callable[[], Station], first_s: float = FIRST_S) -> None:
        super().__init__()
        self._prepare = prepare
        self._first_s = first_s
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="rescreening", daemon=True)
        self._thread.start()

    def close(self, wait_s: float) -> bool:
        """End after the step under way; the rest is done when a window is open again."""
        self._ending.set()
        self._thread.join(wait_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        station, pause_s = None, self._first_s
        while not self._ending.wait(pause_s):
            pause_s = LOOK_S
            try:
                station = station or self._prepare()
                if station.identity is not None:
                    pause_s = self._step(station)
            except CourierCheckError:  # a disk that is full, a station that was taken away: the next look tells
                continue
            except Exception:
                logging.getLogger("courier_check.window").exception("a bug of ours")
        if station is not None:
            station.close()

    def _step(self, station: Station) -> float:
        """How long to rest after it."""
        from courier_check.desk.rescreening import Pace  # in this thread: the window paints before the desk is loaded

        rescreening = station.desk().rescreening
        if rescreening.standing().finished:
            return LOOK_S
        if rescreening.step() is not Pace.FINISHED:
            return BETWEEN_S
        try:
            self.ran.emit()
        except RuntimeError:  # the application is ending: nobody is left to hear
            self._ending.set()
        return LOOK_S
