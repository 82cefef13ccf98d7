"""When the next run is due: at its time, at a new entry, when the network comes back; never before a gateway that asked for patience."""

from __future__ import annotations

import socket
from collections.abc import Callable

from courier_check.store import inbox
from courier_check.store.database import Database
from courier_check.sync.photo_status import photos_are_due
from courier_check.sync.status import SyncState, SyncStatus, last_outcome

HEARTBEAT_MS = 60_000
"""Also with nothing pending the gateway is asked once a minute: “在线” must not be a memory."""
SILENT_MS = 3 * HEARTBEAT_MS
"""What was last heard of the gateway so long ago says nothing of now."""
_ELSEWHERE = "192.0.2.1", 9  # TEST-NET-1 of RFC 5737: an address that is nowhere


def local_address() -> str | None:
    """This machine's address on its way to anywhere else, None where there is no way. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_ELSEWHERE)
        except OSError:
            return None
        return str(probe.getsockname()[0])


def in_touch(contact_ms: int, wall_ms: int) -> bool:
    """Whether a contact is recent enough to say that the gateway is there. One of the future is not: the clock was set back since."""
    return abs(wall_ms - contact_ms) < SILENT_MS


class Due:
    """Looks again and again whether a run is due; remembers what it saw last. `address`: of this machine, None without a network."""

    def __init__(self, address: Callable[[], str | None] = local_address) -> None:
        self._address = address
        self._seen: tuple[int, str | None] | None = None

    def look(self, db: Database, wall_ms: int) -> bool:
        """Whether to run now. Looks at one state of the database and at the network."""
        status, standing = last_outcome(db), inbox.standing(db)
        seen, self._seen = self._seen, (standing.entries, self._address())
        if status is None:
            return True
        if status.next_try_ms is not None:
            return _is_over(status, wall_ms) or (not status.asked and status.state is SyncState.OFFLINE and self._woken(seen))
        if standing.pending and (status.state is SyncState.SYNCHRONISED or self._woken(seen)):  # what an alarm holds up stays pending
            return True
        if status.state is SyncState.SYNCHRONISED and photos_are_due(db, wall_ms):  # an alarm stays to be seen until the minute is over
            return True
        return status.last_contact_ms is None or abs(wall_ms - status.last_contact_ms) >= HEARTBEAT_MS

    def _woken(self, before: tuple[int, str | None] | None) -> bool:
        """Something was written since the last look, or the network is there again or another one. It going away is no reason to try."""
        assert self._seen is not None  # noqa: S101 - set by the look that asks
        (entries, address), (had, was) = self._seen, before or self._seen
        return entries > had or (address is not None and address != was)


def _is_over(status: SyncStatus, wall_ms: int) -> bool:
    """The wait is over, or longer than it was meant to be: then the clock was set back meanwhile."""
    left_ms = (status.next_try_ms or 0) - wall_ms
    return left_ms <= 0 or left_ms > status.waits_ms
