"""The sync worker: its own thread, its own station, its own connection. It runs when something is pending and its time has come, or when
it is asked; the clerk never is. Nothing waits for it. What fails on this side is told, and tried again on a station opened anew."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from courier_check.errors import CourierCheckError, EnvironmentFault
from courier_check.store.codes import StoreCode
from ui.background import BackgroundCode

if TYPE_CHECKING:
    from courier_check.station import Station
    from courier_check.sync.due import Due

LOOK_S = 2.0
REST_S = 0.5
"""Between two runs, unless somebody asks: what a clerk records in a burst goes out together, which costs the counter and the gateway hardly
more than one entry alone. An entry that comes after a while goes out at once."""
LONGEST_PAUSE_S = 60.0
"""Between two tries where a run fails on this side: doubling up to here. No entry shortens it, only who asks: a full disk or a fault of the
program seldom goes by itself, and a run that fails at its end has had the gateway work each time."""
_NO_FAULT = (StoreCode.SYNC_RUNNING, StoreCode.BUSY)
"""Another program is at work; the station that was opened here is as good as before."""


class Syncing(QObject):
    """`ran`: a run has ended (its result stands in the database), or another synchroniser of this station has made it. `failed`: it could
    not run, with the error: also a bug of ours, and that another synchroniser is at work."""

    ran = Signal()
    failed = Signal(object)

    def __init__(self, prepare: Callable[[], Station], rest_s: float = REST_S, pause_s: float = LOOK_S) -> None:
        super().__init__()
        self._prepare = prepare
        self._rest_s, self._pause_s = rest_s, pause_s
        self._station: Station | None = None
        self._hindrance: CourierCheckError | None = None
        self._failures = 0
        self._wanted = threading.Event()
        self._asked = threading.Event()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="sync", daemon=True)
        self._thread.start()

    @property
    def hindrance(self) -> CourierCheckError | None:
        """Why it could not run the last time; None from when a run went well. It is there before it is told."""
        return self._hindrance

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

        due = Due()
        while not self._ended:
            self._step(due)
            self._wait()
        self._let_go()

    def _step(self, due: Due) -> None:
        """A run where one is due, asked for, or owed because the last one failed here."""
        asked = self._asked.is_set()
        self._asked.clear()
        try:
            station = self._station = self._station or self._prepare()
            if station.identity is not None and (due.look(station.database, station.clock.read().wall_ms) or asked or self._failures):
                station.synchronise()
                self._went_well()
                self._rest()
            elif self._hindrance is not None:  # what was due then is not any more: the other one has done it
                self._went_well()
        except CourierCheckError as error:
            self._could_not(error)
        except Exception:
            logging.getLogger("courier_check.window").exception("a bug of ours")
            self._could_not(EnvironmentFault(BackgroundCode.INTERNAL))

    def _went_well(self) -> None:
        self._hindrance, self._failures = None, 0
        self._tell(self.ran)

    def _could_not(self, error: CourierCheckError) -> None:
        self._failures = 0 if error.code is StoreCode.SYNC_RUNNING else self._failures + 1
        if error.code not in _NO_FAULT:
            self._let_go()
        self._hindrance = error
        self._tell(self.failed, error)

    def _let_go(self) -> None:
        """Close the station; the next look opens another one. One that can't even be closed is left."""
        station, self._station = self._station, None
        try:
            if station is not None:
                station.close()
        except Exception:
            logging.getLogger("courier_check.window").exception("a station that can't be closed")

    def _rest(self) -> None:
        if not self._ended:  # what asked for the end may just have been cleared
            self._asked.wait(self._rest_s)

    def _wait(self) -> None:
        """Until the next look; after a failure here until its pause is over, or somebody asks."""
        if not self._failures:
            self._wanted.wait(LOOK_S)
        elif not self._ended:  # as above
            self._asked.wait(min(LONGEST_PAUSE_S, self._pause_s * 2.0 ** min(self._failures - 1, 10)))
        self._wanted.clear()

    def _tell(self, signal: object, *values: object) -> None:
        try:
            signal.emit(*values)  # type: ignore[attr-defined]  # bound signals have no type of their own
        except RuntimeError:  # the application is ending: nobody is left to hear
            self._ended = True
