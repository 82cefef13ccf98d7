"""Practice stations that open quickly: made once, copied for each test, their passwords stretched as little as Argon2id allows.

The cost of stretching stands beside the salt in `keys.json` and in each password's hash, so that the program reads it as any other.
"""

from __future__ import annotations

from pathlib import Path

from courier_check.clock import Clock, SystemClock
from courier_check.desk.rights import Role, SignedIn
from courier_check.station import (
    PRACTICE_CLERK,
    PRACTICE_PASSPHRASE,
    PRACTICE_PASSWORD,
    PRACTICE_SUPERVISOR,
    Station,
    Surroundings,
)
from courier_check.store.resources import resource_path
from support.stations import CHEAP, enrolled_at_nothing


def ready_station(path: Path, *, url: str | None = None, code: str | None = None, clock: Clock | None = None) -> None:
    """A closed practice station with its two operators and the practice lists, made by that clock: enrolled at a running gateway by `url`
    and `code`, or at a made-up one that answers nothing."""
    with new_station(path, clock) as station:
        if url is not None and code is not None:
            station.enrol(code, url)
        else:
            enrolled_at_nothing(station)
        staffed(station)


def staffed(station: Station) -> SignedIn:
    """Give a station its two operators and the practice lists; returns the clerk."""
    operators = station.desk().operators
    operators.add(PRACTICE_SUPERVISOR, Role.SUPERVISOR, "样例主管", PRACTICE_PASSWORD, None)
    supervisor = SignedIn(PRACTICE_SUPERVISOR, Role.SUPERVISOR)
    operators.add(PRACTICE_CLERK, Role.CLERK, "样例收寄员", PRACTICE_PASSWORD, supervisor)
    station.desk().lists.install_csv(resource_path("samples/practice_list.csv").read_text(encoding="utf-8"), supervisor)
    station.keep_head()
    return SignedIn(PRACTICE_CLERK, Role.CLERK)


def new_station(path: Path, clock: Clock | None = None) -> Station:
    """As `Station.init`, but for what a passphrase costs."""
    return Station.init(path, PRACTICE_PASSPHRASE, Surroundings(clock or SystemClock(), hasher=CHEAP), practice=True)
