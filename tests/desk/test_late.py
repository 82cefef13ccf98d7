"""补录: parcels that were taken before they could be recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from courier_check.clock import at
from courier_check.desk.acceptances import Submission
from courier_check.desk.codes import DeskCode
from courier_check.desk.rights import SignedIn
from courier_check.errors import UserError
from courier_check.inspection.verdict import Outcome
from courier_check.journal.entries import parse_header
from courier_check.station import Station
from courier_check.store.acts import acts_with_waybill
from support.clocks import SetClock
from support.entries import Prepared, facts, stored
from support.parcels import DOCUMENT

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


@pytest.mark.parametrize(("days_ago", "outcome"), [(1, Outcome.ACCEPT), (10, Outcome.REFUSE)])
def test_a_document_was_valid_on_the_day_too(
    station: Station, clerk: SignedIn, prepared: Prepared, clock: SetClock, days_ago: int, outcome: Outcome
) -> None:
    """Issued five days ago, it identified nobody before; and on no day is one accepted that has expired since."""
    issued = at(clock.wall_ms).date() - timedelta(days=5)
    new = prepared(changed=lambda s: s.identified(replace(DOCUMENT, valid_from=issued)))
    recorded = station.desk().acceptances.submit(Submission(new, clerk, late_ms=clock.wall_ms - days_ago * 86_400_000))
    assert recorded.outcome is outcome


def test_a_day_long_past_makes_no_document_valid_again(station: Station, clerk: SignedIn, prepared: Prepared, clock: SetClock) -> None:
    yesterday = at(clock.wall_ms).date() - timedelta(days=1)
    expired = prepared(changed=lambda s: s.identified(replace(DOCUMENT, valid_until=yesterday)))
    recorded = station.desk().acceptances.submit(Submission(expired, clerk, late_ms=clock.wall_ms - 10 * 86_400_000))
    assert recorded.outcome is Outcome.REFUSE


def test_what_is_still_to_come_can_not_be_late(station: Station, clerk: SignedIn, prepared: Prepared, clock: SetClock) -> None:
    with pytest.raises(UserError) as caught:
        station.desk().acceptances.submit(Submission(prepared(), clerk, late_ms=clock.wall_ms + 60_000))
    assert caught.value.code == DeskCode.LATE_IN_FUTURE
    assert acts_with_waybill(station.database, WAYBILL) == []
