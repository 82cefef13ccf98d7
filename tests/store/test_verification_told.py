"""A long verification tells how far it is, and ends where it is told to."""

from __future__ import annotations

import pytest

from courier_check.errors import UserError
from courier_check.station import Station
from courier_check.store.verification import TOLD_EVERY, verify_station
from support.stations import acceptance, append
from ui.background import BackgroundCode

ENTRIES = 2 * TOLD_EVERY + 30


@pytest.fixture
def long_journal(station: Station) -> Station:
    for number in range(ENTRIES - 1):  # its opening is the first one
        append(station, acceptance(f"SF{number:013d}"))
    return station


def test_it_tells_now_and_then_and_comes_to_the_same(long_journal: Station) -> None:
    told: list[int] = []
    result = long_journal.verify(told.append)
    assert told == [TOLD_EVERY, 2 * TOLD_EVERY]
    assert result == long_journal.verify()
    assert (result.ok, result.checked) == (True, ENTRIES)


def test_it_ends_where_it_is_told_to_and_leaves_the_station_usable(long_journal: Station) -> None:
    def stop(done: int) -> None:
        if done >= 2 * TOLD_EVERY:
            raise UserError(BackgroundCode.CANCELLED)

    with pytest.raises(UserError) as caught:
        long_journal.verify(stop)
    assert caught.value.code == BackgroundCode.CANCELLED
    append(long_journal, acceptance("SF1000000000014"))
    assert long_journal.verify().checked == ENTRIES + 1


@pytest.mark.slow
def test_it_ends_the_processes_beside_it_too(long_journal: Station) -> None:
    def stop(_: int) -> None:
        raise UserError(BackgroundCode.CANCELLED)

    with pytest.raises(UserError):
        verify_station(long_journal.database, long_journal.enrolled(), long_journal.evidence, side_by_side=1, told=stop)
    assert verify_station(long_journal.database, long_journal.enrolled(), long_journal.evidence, side_by_side=1).ok
