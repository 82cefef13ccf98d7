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
HEARTBEAT_MS = 60_000
"""Also with nothing pending the gateway is asked once a minute: “在线” must not be a memory."""
LONGEST_WAIT_MS = 900_000
"""Backoff never waits longer; a later time means that the clock was set back."""


class Syncing(QObject):
    """`ran`: a run has ended (its result stands in the database). `failed`: it could not run at all, with the error."""

    ran = Signal()
    failed = Signal(object)

    def __init__(self, prepare: Callable[[], Station]) -> None:
        super().__init__()
        self._prepare = prepare
        self._wanted = threading.Event()
        self._asked = False
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="sync", daemon=True)
        self._thread.start()

    def now(self) -> None:
        """Try at once, whatever the backoff says."""
        self._asked = True
        self._wanted.set()

    def soon(self) -> None:
        """Something new is pending: look whether its time has come."""
        self._wanted.set()

    def close(self, wait_s: float) -> bool:
        """End after the run under way; False if a network call holds it longer. Nothing is lost then: what has no receipt is sent again."""
        self._ended = True
        self._wanted.set()
        self._thread.join(wait_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        station: Station | None = None
        while not self._ended:
            try:
                station = station or self._prepare()
                if station.identity is not None and self._is_due(station):
                    self._asked = False
                    station.synchronise()
                    self._tell(self.ran)
            except CourierCheckError as error:
                self._tell(self.failed, error)
            except Exception:
                logging.getLogger("courier_check.window").exception("a bug of ours")
            self._wanted.wait(LOOK_S)
            self._wanted.clear()
        if station is not None:
            station.close()

    def _tell(self, signal: object, *values: object) -> None:
        try:
            signal.emit(*values)  # type: ignore[attr-defined]  # bound signals have no type of their own
        except RuntimeError:  # the application is ending: nobody is left to hear
            self._ended = True

    def _is_due(self, station: Station) -> bool:
        from courier_check.store import inbox
        from courier_check.sync.synchroniser import SyncState, load_status

        if self._asked:
            return True
        status = load_status(station.database)
        if status is None:
            return True
        now_ms = station.clock.read().wall_ms
        next_ms = status.next_try_ms
        due = next_ms is None or now_ms >= next_ms or next_ms - now_ms > LONGEST_WAIT_MS
        if not due or status.state is not SyncState.SYNCHRONISED:
            return due
        silent_ms = abs(now_ms - status.last_contact_ms) if status.last_contact_ms is not None else HEARTBEAT_MS
        return silent_ms >= HEARTBEAT_MS or inbox.standing(station.database).pending > 0
