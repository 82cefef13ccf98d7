"""Stations for tests: a real data folder, enrolled without a network."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher

from courier_check.clock import Clock
from courier_check.journal.entries import Composed, Draft
from courier_check.journal.parts import PartName
from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings
from courier_check.store import journal
from courier_check.store.database import Database
from courier_check.store.identity import load_identity, save_enrolment, station_keys
from support.clocks import SetClock
from support.pki import MadeUpGateway

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Password hashes that cost nothing: what is tested is not Argon2."""


def new_station(path: Path, gateway: MadeUpGateway | None = None, clock: SetClock | None = None) -> Station:
    """An enrolled practice station with an open journal (entry 1 is its `journal-open`)."""
    station = Station.init(path, PRACTICE_PASSPHRASE, Surroundings(clock or SetClock(), hasher=CHEAP), practice=True)
    enrolled_at_nothing(station, gateway)
    return station


def enrolled_at_nothing(station: Station, gateway: MadeUpGateway | None = None) -> None:
    """Enrolled at a gateway that answers nothing."""
    with station.database.write() as tx:
        save_enrolment(tx, (gateway or MadeUpGateway()).enrolment(station_keys(tx).signing))
        station.identity = load_identity(tx)
        station._begin_journal(tx, None)
    station.keep_head()


def station_in(folder: Path, clock: Clock) -> Station:
    """A practice station that is there, opened."""
    return Station.open(folder, PRACTICE_PASSPHRASE, Surroundings(clock, hasher=CHEAP))


def reopened(station: Station) -> Station:
    station.close()
    return station_in(station.folder.path, station.clock)


def acceptance(waybill: str, **facts: Any) -> Draft:
    """A plausible acceptance of a made-up sender, without the session that normally makes it."""
    said: dict[str, Any] = {
        "mail_kind": "parcel",
        "carrier": "sf",
        "real_name": "verified",
        "inspected": True,
        "screening": "pass",
        **facts,
    }
    parts: Mapping[PartName, dict[str, Any]] = {
        PartName.INDEX: {
            "v": 1,
            "waybill": waybill,
            "carrier": "sf",
            "match_key_id": "ab" * 16,
            "sender": {"name_mask": "样**", "number_mask": "4***************3X", "phone_mask": "138****0000"},
            "tokens": {"id-number": "0" * 64, "phone": "1" * 64},
        },
        PartName.REPORTED: {"v": 1, "sender": {"name": "样例人", "document_type": "resident-id", "number": "41010519900307123X"}},
        PartName.KEPT: {"v": 1, "addressee": {"name": "收样例"}},
    }
    return Draft("acceptance", "0142", said, parts)


def append(station: Station, draft: Draft) -> Composed:
    with station.database.write() as tx:
        return journal.append(tx, draft, station.writer())


def count(db: Database, table: str) -> int:
    return int(db.value(f"SELECT COUNT(*) FROM {table}"))  # noqa: S608 - a test's own table name
