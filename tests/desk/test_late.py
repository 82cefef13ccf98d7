"""补录: parcels that were taken before they could be recorded."""

from __future__ import annotations

import pytest

from courier_check.desk.acceptances import Submission
from courier_check.desk.codes import DeskCode
from courier_check.desk.rights import SignedIn
from courier_check.errors import UserError
from courier_check.journal.entries import parse_header
from courier_check.station import Station
from courier_check.store.acts import acts_with_waybill
from support.clocks import SetClock
from support.entries import Prepared, facts, stored

WAYBILL = "SF1000000000014"
THREE_HOURS_MS = 10_800_000


def test_a_late_registration_carries_both_times(station: Station, clerk: SignedIn, prepared: Prepared, clock: SetClock) -> None:
    taken_ms = clock.wall_ms - THREE_HOURS_MS
    recorded = station.desk().acceptances.submit(Submission(prepared(), clerk, late_ms=taken_ms))
    said = facts(station, recorded.seq or 0)
    assert (said["late"], said["late_ms"]) == (True, taken_ms)
    assert parse_header(stored(station, recorded.seq or 0).header_bytes).times.wall_ms > taken_ms + THREE_HOURS_MS
    assert [act.late for act in acts_with_waybill(station.database, WAYBILL)] == [True]


def test_a_registration_in_time_is_not_late(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    recorded = station.desk().acceptances.submit(Submission(prepared(), clerk))
    said = facts(station, recorded.seq or 0)
    assert said["late"] is False
    assert "late_ms" not in said


def test_what_is_still_to_come_can_not_be_late(station: Station, clerk: SignedIn, prepared: Prepared, clock: SetClock) -> None:
    with pytest.raises(UserError) as caught:
        station.desk().acceptances.submit(Submission(prepared(), clerk, late_ms=clock.wall_ms + 60_000))
    assert caught.value.code == DeskCode.LATE_IN_FUTURE
    assert acts_with_waybill(station.database, WAYBILL) == []
