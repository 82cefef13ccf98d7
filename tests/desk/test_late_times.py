"""补录: the time a clerk types from a paper slip, and when it can't be."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.clock import CHINA, at, wall_ms
from courier_check.desk.codes import DeskCode
from courier_check.desk.late import Lates, taken_ms
from courier_check.errors import UserError
from courier_check.station import Station
from support.clocks import SetClock

NOW = datetime(2026, 11, 26, 10, 30, 20, tzinfo=CHINA)
SINCE_MS = wall_ms(datetime(2025, 1, 1, 8, 0, 30, tzinfo=CHINA))


def read(text: str, now: datetime = NOW) -> str:
    return f"{at(taken_ms(text, wall_ms(now), SINCE_MS)):%Y-%m-%d %H:%M}"


def refused(text: str, now: datetime = NOW) -> DeskCode:
    with pytest.raises(UserError) as caught:
        taken_ms(text, wall_ms(now), SINCE_MS)
    return DeskCode(caught.value.code)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2026-11-23 10:15", "2026-11-23 10:15"),
        ("  2026/11/23   9:05 ", "2026-11-23 09:05"),
        ("2026年11月23日 9时05分", "2026-11-23 09:05"),
        ("２０２６－１１－２３　１０：１５", "2026-11-23 10:15"),
        ("2026-11-23 1015", "2026-11-23 10:15"),
        ("202611231015", "2026-11-23 10:15"),
        ("20261123 1015", "2026-11-23 10:15"),
        ("1123 1015", "2026-11-23 10:15"),
        ("11.23 10:15", "2026-11-23 10:15"),
        ("8:15", "2026-11-26 08:15"),
        ("0815", "2026-11-26 08:15"),
        ("10:30", "2026-11-26 10:30"),
        ("0000", "2026-11-26 00:00"),
    ],
)
def test_times_are_read_as_people_write_them(typed: str, meant: str) -> None:
    assert read(typed) == meant


def test_a_december_day_typed_in_january_is_last_years() -> None:
    new_year = datetime(2026, 1, 2, 9, 0, tzinfo=CHINA)
    assert read("12-31 22:10", new_year) == "2025-12-31 22:10"
    assert refused("1-3 22:10", new_year) is DeskCode.LATE_IN_FUTURE


@pytest.mark.parametrize("typed", ["", "昨天", "25:00", "2026-02-30 10:00", "10:60", "2026-11-26", "2026-11-26 ", "10:15:30", "-1:30"])
def test_what_is_no_time_is_said(typed: str) -> None:
    assert refused(typed) is DeskCode.LATE_UNREADABLE


def test_what_is_still_to_come_is_refused() -> None:
    assert refused("10:31") is DeskCode.LATE_IN_FUTURE
    assert refused("2027-01-01 00:00") is DeskCode.LATE_IN_FUTURE


def test_nothing_was_taken_before_the_station_existed() -> None:
    assert read("2025-01-01 08:00") == "2025-01-01 08:00"  # within the minute in which it began
    assert refused("2025-01-01 07:59") is DeskCode.LATE_BEFORE_STATION


@given(st.text(max_size=30) | st.from_regex(r"[0-9:\-/. ]{0,18}", fullmatch=True))
def test_any_text_is_a_time_in_bounds_or_a_sentence(text: str) -> None:
    told: int | None = None
    with contextlib.suppress(UserError):
        told = taken_ms(text, wall_ms(NOW), SINCE_MS)
    assert told is None or (SINCE_MS - 60_000 < told <= wall_ms(NOW) and told % 60_000 == 0)


def test_a_station_exists_since_its_first_entry_or_its_certificate(station: Station, clock: SetClock) -> None:
    identity, opened_ms = station.enrolled(), clock.wall_ms
    certified = msgspec.structs.replace(identity.certificate, not_before_ms=opened_ms + 5_000)
    lates = Lates(station.database, replace(identity, certificate=certified), clock)
    clock.pass_ms(3_600_000)
    assert lates.since_ms() <= opened_ms
    assert lates.taken_ms(f"{at(clock.wall_ms):%Y-%m-%d %H:%M}") <= clock.wall_ms
    day_before = at(lates.since_ms() - 86_400_000)
    with pytest.raises(UserError) as caught:
        lates.taken_ms(f"{day_before:%Y-%m-%d %H:%M}")
    assert caught.value.code == DeskCode.LATE_BEFORE_STATION
    assert station.desk().lates.since_ms() == identity.certificate.not_before_ms < lates.since_ms()
