"""The sync worker: its own thread, its own station, its own connection. It runs when something is pending and its time has come, or when
it is asked; the clerk never is. Nothing waits for it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from courier_check.errors import CourierCheckError

if TYPE_CHECKING:
    from courier_check.station import Station

LOOK_S = 2.0
REST_S = 0.5
"""Between two runs, unless somebody asks: what a clerk records in a burst goes out together, which costs the counter and the gateway hardly
more than one entry alone. An entry that comes after a while goes out at once."""


class Syncing(QObject):
    """`ran`: a run has ended (its result stands in the database). `failed`: it could not run at all, with the error."""

    ran = Signal()
    failed = Signal(object)

    def __init__(self, prepare: Callable[[], Station], rest_s: float = REST_S) -> None:
        super().__init__()
        self._prepare = prepare
        self._rest_s = rest_s
        self._wanted = threading.Event()
        self._asked = threading.Event()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="sync", daemon=True)
        self._thread.start()

    def now(self) -> None:
        """Try at once, whatever the backoff says."""
        self._asked.set()
        self._wanted.set()

    def soon(self) -> None:
        """Something new is pending: look whether a run is due."""
        self._wanted.set()

    def close(self, wait_s: float) -> bool:
        """End after the run under way; False if a network call holds it longer. Nothing is lost then: what has no receipt is sent again."""
        self._ended = True
        self._asked.set()
        self._wanted.set()
        self._thread.join(wait_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        from courier_check.sync.due import Due  # in this thread: the window paints before the database is loaded

        station, due = None, Due()
        while not self._ended:
            try:
                station = station or self._prepare()
                asked = self._asked.is_set()
                if station.identity is not None and (due.look(station.database, station.clock.read().wall_ms) or asked):
                    self._asked.clear()
                    station.synchronise()
                    self._tell(self.ran)
                    self._rest()
            except CourierCheckError as error:
                self._tell(self.failed, error)
            except Exception:
                logging.getLogger("courier_check.window").exception("a bug of ours")
            self._wanted.wait(LOOK_S)
            self._wanted.clear()
        if station is not None:
            station.close()

    def _rest(self) -> None:
        if not self._ended:  # what asked for the end may just have been cleared
            self._asked.wait(self._rest_s)

    def _tell(self, signal: object, *values: object) -> None:
        try:
            signal.emit(*values)  # type: ignore[attr-defined]  # bound signals have no type of their own
        except RuntimeError:  # the application is ending: nobody is left to hear
            self._ended = True
