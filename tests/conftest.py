"""Fixtures that several packages' tests use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from courier_check.station import Station
from support.clocks import SetClock
from support.stations import new_station


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def station(tmp_path: Path, clock: SetClock) -> Iterator[Station]:
    """An enrolled practice station in a temporary folder."""
    with new_station(tmp_path / "station", clock=clock) as opened:
        yield opened
