"""Clocks that are set: journaled, and of no effect on any order."""

from __future__ import annotations

from datetime import date

import pytest

from courier_check.desk.lookups import Search, search
from courier_check.journal.entries import parse_header
from courier_check.reports.acts import Period
from courier_check.station import Station
from courier_check.store import journal, views
from courier_check.store.acts import acts_between
from courier_check.store.facts import save_number
from support.clocks import SetClock
from support.stations import acceptance, append

DAY_MS = 86_400_000


def kinds(station: Station) -> list[str]:
    rows = station.database.rows("SELECT header FROM journal_entries ORDER BY rowid")
    return [parse_header(data).kind for (data,) in rows]


def jumps(station: Station) -> list[dict[str, int | None]]:
    headers = [parse_header(data) for (data,) in station.database.rows("SELECT header FROM journal_entries ORDER BY rowid")]
    return [header.facts for header in headers if header.kind == "clock-jump"]


def trust(station: Station, at_ms: int) -> None:
    with station.database.write() as tx:
        save_number(tx, "trusted_ms", at_ms)


@pytest.mark.parametrize(("by_ms", "journaled"), [(119_000, False), (-119_000, False), (121_000, True), (-121_000, True), (-DAY_MS, True)])
def test_a_wall_clock_that_was_set_is_journaled_before_the_next_entry(
    station: Station, clock: SetClock, by_ms: int, *, journaled: bool
) -> None:
    before = append(station, acceptance("SF1")).entry.header.times
    clock.pass_ms(5_000)
    clock.wall_ms += by_ms
    after = append(station, acceptance("SF2")).entry.header.times
    assert kinds(station) == ["journal-open", "acceptance", *(["clock-jump"] if journaled else []), "acceptance"]
    elapsed_ms = after.mono_ms - before.mono_ms
    assert jumps(station) == ([{"from_ms": before.wall_ms, "to_ms": after.wall_ms, "mono_elapsed_ms": elapsed_ms}] if journaled else [])
    append(station, acceptance("SF3"))
    assert len(jumps(station)) == journaled
    assert station.verify().ok


def test_time_that_passed_is_no_jump(station: Station, clock: SetClock) -> None:
    append(station, acceptance("SF1"))
    clock.pass_ms(30 * DAY_MS)
    append(station, acceptance("SF2"))
    assert jumps(station) == []


def test_clocks_of_two_boots_are_not_compared(station: Station, clock: SetClock) -> None:
    append(station, acceptance("SF1"))
    clock.boot_id, clock.mono_ms, clock.wall_ms = "another", 5, clock.wall_ms - DAY_MS
    append(station, acceptance("SF2"))
    assert jumps(station) == []


def test_a_clock_behind_the_gateways_time_is_said_once_until_it_is_right(station: Station, clock: SetClock) -> None:
    append(station, acceptance("SF1"))
    trust(station, clock.wall_ms + 299_000)
    append(station, acceptance("SF2"))
    assert jumps(station) == []
    trust(station, clock.wall_ms + 301_000)
    append(station, acceptance("SF3"))
    append(station, acceptance("SF4"))
    assert len(jumps(station)) == 1
    clock.pass_ms(400_000)
    append(station, acceptance("SF5"))
    clock.boot_id = "another"
    trust(station, clock.wall_ms + 301_000)
    append(station, acceptance("SF6"))
    assert [jump["mono_elapsed_ms"] is None for jump in jumps(station)] == [False, True]


def test_an_act_that_failed_journals_no_jump(station: Station, clock: SetClock) -> None:
    append(station, acceptance("SF1"))
    clock.wall_ms -= DAY_MS
    with pytest.raises(RuntimeError), station.database.write() as tx:
        journal.append(tx, acceptance("SF2"), station.writer())
        raise RuntimeError("the act failed")
    assert jumps(station) == []
    append(station, acceptance("SF2"))
    assert len(jumps(station)) == 1


def test_views_records_and_reports_are_in_the_order_of_the_journal_whatever_the_clock(station: Station, clock: SetClock) -> None:
    waybills = ["SF1000000000001", "SF1000000000002", "SF1000000000003", "SF1000000000004"]
    for waybill, by_ms in zip(waybills, (0, -DAY_MS, 2 * DAY_MS, -DAY_MS - 3_600_000), strict=True):
        clock.wall_ms += by_ms
        append(station, acceptance(waybill))
    assert [act.waybill for act in acts_between(station.database, 0, 2**53)] == waybills
    assert [act.waybill for act in search(station.database, Search()).acts] == waybills[::-1]
    span = Period(date(2026, 11, 20), date(2026, 11, 26))
    assert [row.seq for row in station.report_rows(span)] == sorted(row.seq for row in station.report_rows(span))
    assert len(station.report_rows(span)) == 4
    assert all(each.equal for each in views.compare(station.database))
    assert station.verify().ok
