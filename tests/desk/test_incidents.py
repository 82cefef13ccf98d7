"""告警记录 and 留存的分支: what stays to be read of what went wrong and was made good, from a real station and a real gateway."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from courier_check.desk.incidents import (
    ClockJumped,
    Filing,
    GatewayForgot,
    GatewayRolledBack,
    JournalSucceeded,
    incidents,
    kept_entries,
    kept_of,
    newest,
)
from courier_check.journal.entries import Draft
from courier_check.overview import overview, sync_items
from courier_check.station import Station
from courier_check.store import facts, views
from courier_check.store.branches import HeldBy
from support.stations import append
from support.troubled import HOUR_MS, Troubled, troubled_station


@pytest.fixture(scope="module")
def troubled(tmp_path_factory: pytest.TempPathFactory) -> Troubled:
    folder = tmp_path_factory.mktemp("troubled")
    return troubled_station(folder / "station", folder / "gateway")


@pytest.fixture
def open_station(troubled: Troubled) -> Iterator[Station]:
    with troubled.open() as station:
        yield station


def test_everything_that_happened_stays_newest_first(open_station: Station, troubled: Troubled) -> None:
    found = incidents(open_station.database, 100)
    assert [type(one) for one in found] == [JournalSucceeded, ClockJumped, GatewayForgot, GatewayRolledBack]
    succeeded, jumped, forgot, rolled_back = found
    assert isinstance(succeeded, JournalSucceeded)
    assert (succeeded.cause, succeeded.about, succeeded.last_seq) == ("fork", troubled.first, troubled.mine[-1])
    assert (succeeded.kept, succeeded.waiting) == (len(troubled.theirs) + len(troubled.mine), 0)
    assert isinstance(jumped, ClockJumped)
    assert jumped.to_ms - jumped.from_ms - (jumped.elapsed_ms or 0) == HOUR_MS
    assert not jumped.is_behind
    assert isinstance(forgot, GatewayForgot)
    assert (forgot.about, forgot.seqs, forgot.left) == (troubled.first, (2,), ())
    assert isinstance(rolled_back, GatewayRolledBack)
    assert (rolled_back.held_seq, rolled_back.acknowledged_seq, rolled_back.resent_to) == (2, 4, None)
    assert len({(one.journal_id, one.seq) for one in found}) == len(found)


def test_the_list_is_bounded_and_the_overview_tells_that_it_grew(open_station: Station) -> None:
    db = open_station.database
    assert [type(one) for one in incidents(db, 2)] == [JournalSucceeded, ClockJumped]
    assert newest(db) == overview(db, 0).incidents == 4
    assert sync_items(db).incidents == incidents(db, 100)


def test_both_branches_are_kept_and_each_entry_says_where_it_was_filed_again(open_station: Station, troubled: Troubled) -> None:
    theirs, mine = kept_of(open_station.database)
    assert (theirs.journal_id, theirs.held_by) == (troubled.first, HeldBy.GATEWAY)
    assert (theirs.entries, theirs.first_seq, theirs.last_seq) == (len(troubled.theirs), troubled.theirs[0], troubled.theirs[-1])
    assert (mine.journal_id, mine.held_by) == (troubled.first, HeldBy.STATION)
    assert (mine.entries, mine.first_seq, mine.last_seq) == (len(troubled.mine), troubled.mine[0], troubled.mine[-1])
    entries = kept_entries(open_station.database, 100)
    assert [(one.seq, one.held_by) for one in entries] == sorted(
        [(seq, HeldBy.GATEWAY) for seq in troubled.theirs] + [(seq, HeldBy.STATION) for seq in troubled.mine],
        key=lambda each: (-each[0], each[1]),
    )
    assert {one.filing for one in entries} == {Filing.DONE}
    assert len({one.refiled_as for one in entries}) == len(entries)
    assert {one.kind for one in entries} == {"acceptance"}
    assert len(kept_entries(open_station.database, 2)) == 2


def test_the_view_is_a_function_of_the_journal(open_station: Station) -> None:
    assert all(each.equal for each in views.compare(open_station.database))


def test_what_is_not_made_good_yet_is_open(station: Station) -> None:
    journal_id = "ab" * 16
    append(station, Draft("gateway-rollback", None, {"journal_id": journal_id, "held_seq": 1, "held_head": None, "acknowledged_seq": 9}))
    append(station, Draft("gateway-rollback", None, {"journal_id": journal_id, "held_seq": 3, "held_head": None, "acknowledged_seq": 9}))
    append(station, Draft("gateway-forgot", None, {"journal_id": journal_id, "seqs": [4, 5]}))
    append(station, Draft("clock-jump", None, {"from_ms": 1, "to_ms": 2, "mono_elapsed_ms": None}))
    with station.database.write() as tx:
        facts.save_number(tx, f"resend/{journal_id}", 5)
        facts.save(tx, "forgotten", msgspec.json.encode([(journal_id, 5)]))
        facts.save(tx, "clock_behind", b"")
    jumped, forgot, second, first = incidents(station.database, 100)
    assert isinstance(jumped, ClockJumped)
    assert jumped.is_behind
    assert isinstance(forgot, GatewayForgot)
    assert forgot.left == (5,)
    assert isinstance(second, GatewayRolledBack)
    assert isinstance(first, GatewayRolledBack)
    assert (second.resent_to, first.resent_to) == (5, None)  # the newest one is under way


def test_facts_of_another_program_are_passed_over(station: Station) -> None:
    append(station, Draft("gateway-forgot", None, {"something": "new"}))
    append(station, Draft("clock-jump", None, {"from_ms": 1, "to_ms": 2, "mono_elapsed_ms": 0}))
    assert [type(one) for one in incidents(station.database, 100)] == [ClockJumped]
    assert newest(station.database) == 2


def test_a_quiet_station_has_none(station: Station, tmp_path: Path) -> None:
    assert incidents(station.database, 100) == ()
    assert kept_of(station.database) == ()
    assert kept_entries(station.database, 100) == ()
    assert overview(station.database, 0).incidents == 0
