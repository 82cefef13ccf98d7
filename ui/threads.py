"""What works behind the window once the folder is unlocked: each a thread of its own with an open station of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ui.background import Worker
from ui.rescreening import Rescreening
from ui.syncing import Syncing

if TYPE_CHECKING:
    from courier_check.station import Station


class StationThreads:
    """`desk`: what is written; `jobs`: what is read at once; `long`: what may take minutes."""

    def __init__(self, desk: Worker[Station], prepare: Callable[[], Station]) -> None:
        self.prepare = prepare
        self.desk = desk
        self.jobs: Worker[Station] = Worker("jobs", prepare)
        self.long: Worker[Station] = Worker("long", prepare)
        self.syncing = Syncing(prepare)
        self.rescreening = Rescreening(prepare)

    def close(self, wait_s: float) -> bool:
        """End them all. False if one did not end in time: a network call that hangs, with nothing to lose."""
        ended = [each.close(wait_s) for each in (self.desk, self.jobs, self.long, self.syncing, self.rescreening)]
        return all(ended)
