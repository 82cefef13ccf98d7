"""Fixtures that several packages' tests use, and how hard property tests try."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from courier_check.station import Station
from support.clocks import SetClock
from support.stations import new_station

# No deadlines: no test asserts a speed, and the machine may be busy. `make slow` runs the thorough profile.
settings.register_profile("fast", deadline=None, max_examples=25)
settings.register_profile("thorough", deadline=None, max_examples=60)
settings.load_profile("fast")


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def station(tmp_path: Path, clock: SetClock) -> Iterator[Station]:
    """An enrolled practice station in a temporary folder."""
    with new_station(tmp_path / "station", clock=clock) as opened:
        yield opened
