"""Stations with something to send."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings
from support.clocks import SetClock
from support.gateways import Practice
from support.stations import CHEAP, acceptance, append


@pytest.fixture
def station(tmp_path: Path, clock: SetClock, practice: Practice) -> Iterator[Station]:
    """Enrolled at `practice`, nine entries pending."""
    with Station.init(tmp_path / "station", PRACTICE_PASSPHRASE, Surroundings(clock, hasher=CHEAP), practice=True) as station:
        station.enrol(practice.code(), practice.url)
        for number in range(8):
            append(station, acceptance(f"SF100000000000{number}"))
        yield station
