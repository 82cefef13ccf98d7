"""Practice stations that open quickly: made once, copied for each test, their passwords stretched as little as Argon2id allows.

The cost of stretching stands beside the salt in `keys.json` and in each password's hash, so that the program reads it as any other.
"""

from __future__ import annotations

import secrets
from pathlib import Path

import msgspec

from courier_check.clock import SystemClock
from courier_check.desk.rights import Role, SignedIn
from courier_check.station import (
    PRACTICE_CLERK,
    PRACTICE_PASSPHRASE,
    PRACTICE_PASSWORD,
    PRACTICE_SUPERVISOR,
    Station,
    Surroundings,
)
from courier_check.store import keys
from courier_check.store.folder import DataFolder, Marker
from courier_check.store.identity import create_station_keys, load_identity, save_enrolment, station_keys
from courier_check.store.resources import resource_path
from support.pki import MadeUpGateway
from support.stations import CHEAP


def ready_station(path: Path, *, url: str | None = None, code: str | None = None) -> None:
    """A closed practice station with its two operators and the practice lists: enrolled at a running gateway by `url` and `code`, or at a
    made-up one that answers nothing."""
    with new_station(path) as station:
        if url is not None and code is not None:
            station.enrol(code, url)
        else:
            enrolled_at_nothing(station)
        operators = station.desk().operators
        operators.add(PRACTICE_SUPERVISOR, Role.SUPERVISOR, "样例主管", PRACTICE_PASSWORD, None)
        supervisor = SignedIn(PRACTICE_SUPERVISOR, Role.SUPERVISOR)
        operators.add(PRACTICE_CLERK, Role.CLERK, "样例收寄员", PRACTICE_PASSWORD, supervisor)
        station.desk().lists.install_csv(resource_path("samples/practice_list.csv").read_text(encoding="utf-8"), supervisor)
        station.keep_head()


def new_station(path: Path) -> Station:
    """As `Station.init`, but for the cost of the passphrase."""
    folder = DataFolder.create(path, Marker(folder_id=secrets.token_hex(16), practice=True))
    key = secrets.token_bytes(32)
    save_cheaply(folder.keys, key)
    station = Station(folder, key, Surroundings(SystemClock(), hasher=CHEAP))
    with station.database.write() as tx:
        create_station_keys(tx, secrets.token_bytes)
    return station


def enrolled_at_nothing(station: Station) -> None:
    with station.database.write() as tx:
        save_enrolment(tx, MadeUpGateway().enrolment(station_keys(tx).signing))
        station.identity = load_identity(tx)
        station._begin_journal(tx, None)
    station.keep_head()


def save_cheaply(path: Path, key: bytes) -> None:
    """Wrap a data key under the practice passphrase at the least cost."""
    cheap = keys.PassphraseWrap(salt=bytes(16), wrapped=b"", memory_kib=32, passes=1, lanes=1)
    wrapped = keys._wrap(keys._stretch(PRACTICE_PASSPHRASE, cheap), key, keys._PASSPHRASE_AAD, secrets.token_bytes)
    keys._save(path, keys.KeyFile(passphrase=msgspec.structs.replace(cheap, wrapped=wrapped)))
