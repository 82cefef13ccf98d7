"""Alarms are told long enough to be read, whatever goes well meanwhile, and nothing waits for that."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from courier_check.gateway.admin import revoke_station
from courier_check.gateway.restoring import begin_journal
from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings
from courier_check.store import facts
from courier_check.sync.codes import SyncCode
from courier_check.sync.due import Due
from courier_check.sync.status import TOLD_MS, SyncState, SyncStatus, alarm, last_outcome, load_status, save_outcome
from support.clocks import SetClock
from support.gateways import Practice
from support.stations import CHEAP, acceptance, append, new_station

NOW = 1_795_406_400_000
WELL = SyncStatus(state=SyncState.SYNCHRONISED)
OFFLINE = SyncStatus(state=SyncState.OFFLINE, code=SyncCode.NO_CONNECTION, attempts=3, next_try_ms=NOW + 4_000, waits_ms=4_000)
REFUSED = SyncStatus(state=SyncState.REFUSED, code=SyncCode.REFUSED)
ROLLBACK = alarm(SyncCode.ROLLBACK, "seq 3")


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    with new_station(tmp_path / "station") as station:
        yield station


def ended(station: Station, status: SyncStatus, after_ms: int, known: SyncStatus | None = None) -> tuple[SyncState, SyncCode | None]:
    """A run has ended so; what is shown then."""
    with station.database.write() as tx:
        save_outcome(tx, status, NOW + after_ms, known=known)
    shown = load_status(station.database)
    assert shown is not None
    return shown.state, shown.code


@pytest.mark.parametrize("code", [SyncCode.ROLLBACK, SyncCode.BRANCH, SyncCode.FORGOTTEN, SyncCode.DAMAGED])
def test_an_alarm_is_told_for_a_minute_however_well_runs_go(station: Station, code: SyncCode) -> None:
    assert ended(station, alarm(code, "seq 3"), 0) == (SyncState.ALARM, code)
    assert [ended(station, WELL, after) for after in (500, 1_000, TOLD_MS - 1)] == [(SyncState.ALARM, code)] * 3
    assert ended(station, WELL, TOLD_MS) == (SyncState.SYNCHRONISED, None)
    assert ended(station, WELL, TOLD_MS + 500) == (SyncState.SYNCHRONISED, None)


def test_an_alarm_is_told_with_the_next_try_of_a_line_that_is_gone_meanwhile(station: Station) -> None:
    ended(station, ROLLBACK, 0)
    assert ended(station, OFFLINE, 500) == (SyncState.ALARM, SyncCode.ROLLBACK)
    shown = load_status(station.database)
    assert shown is not None
    assert (shown.detail, shown.attempts, shown.next_try_ms) == ("seq 3", 3, NOW + 4_000)
    assert ended(station, OFFLINE, TOLD_MS) == (SyncState.OFFLINE, SyncCode.NO_CONNECTION)


def test_another_alarm_takes_its_place_and_has_a_minute_of_its_own(station: Station) -> None:
    ended(station, ROLLBACK, 0)
    assert ended(station, alarm(SyncCode.FORK, "seq 9"), 30_000) == (SyncState.ALARM, SyncCode.FORK)
    assert ended(station, WELL, TOLD_MS) == (SyncState.ALARM, SyncCode.FORK)
    assert ended(station, WELL, 30_000 + TOLD_MS) == (SyncState.SYNCHRONISED, None)


def test_a_revocation_that_every_run_tells_hides_no_other_alarm(station: Station) -> None:
    revoked = SyncStatus(state=SyncState.ALARM, code=SyncCode.REVOKED)
    assert ended(station, revoked, 0) == (SyncState.ALARM, SyncCode.REVOKED)
    assert ended(station, ROLLBACK, 500) == (SyncState.ALARM, SyncCode.ROLLBACK)
    assert ended(station, revoked, 1_000) == (SyncState.ALARM, SyncCode.ROLLBACK)
    assert ended(station, revoked, 500 + TOLD_MS) == (SyncState.ALARM, SyncCode.REVOKED)


def test_a_gateway_put_back_is_told_at_a_revoked_station_too(tmp_path: Path, clock: SetClock, practice: Practice) -> None:
    """Put back to before the revocation: the station knows it from its receipts, the gateway no more."""
    surroundings = Surroundings(clock, hasher=CHEAP)
    with Station.init(tmp_path / "enrolled", PRACTICE_PASSPHRASE, surroundings, practice=True) as station:
        station.enrol(practice.code("zz-jinshui-01"), practice.url)
        append(station, acceptance("SF1000000000001"))
        station.synchronise()
        revoke_station(practice.gateway, "zz-jinshui-01")
        append(station, acceptance("SF1000000000002"))
        assert station.synchronise().status.code is SyncCode.REVOKED
        with practice.gateway.database.write() as tx:  # as if its database were one of before
            head = tx.execute(text("SELECT hash FROM entries WHERE seq = 2")).scalar_one()
            tx.execute(text("DELETE FROM entries WHERE seq > 2"))
            tx.execute(text("DELETE FROM receipts WHERE last_seq > 2"))
            tx.execute(text("UPDATE journals SET last_seq = 2, head = :head"), {"head": head})
            tx.execute(text("UPDATE stations SET revoked_at_ms = NULL"))
        begin_journal(practice.gateway)
        append(station, acceptance("SF1000000000003"))
        assert station.synchronise().status.code is SyncCode.ROLLBACK
        shown = load_status(station.database)
        assert shown is not None
        assert (shown.code, facts.load(station.database, "revoked") is not None) == (SyncCode.ROLLBACK, True)
        assert station.synchronise().status.code is SyncCode.REVOKED


def test_a_clock_that_was_set_back_keeps_no_alarm(station: Station) -> None:
    ended(station, ROLLBACK, 0)
    assert ended(station, WELL, -1) == (SyncState.SYNCHRONISED, None)


def test_what_is_known_and_not_made_good_is_told_by_every_run_that_ends_offline(station: Station) -> None:
    for run in range(3):
        assert ended(station, OFFLINE, 2 * run * TOLD_MS, ROLLBACK) == (SyncState.ALARM, SyncCode.ROLLBACK)
    assert ended(station, REFUSED, 7 * TOLD_MS) == (SyncState.REFUSED, SyncCode.REFUSED)


def test_an_alarm_that_is_told_holds_up_no_run(station: Station) -> None:
    """When the next run is due depends on how the last one went, not on what is shown."""
    due = Due(lambda: "10.0.0.7")
    ended(station, ROLLBACK, 0)
    ended(station, WELL, 500)
    append(station, acceptance("SF1010000000015"))
    assert due.look(station.database, NOW + 501)
    ended(station, OFFLINE, 600)
    assert not due.look(station.database, NOW + 601)
    append(station, acceptance("SF1010000000024"))
    assert due.look(station.database, NOW + 602), "a new entry wakes, as where a line is gone without an alarm"
    last = last_outcome(station.database)
    assert last is not None
    assert last.state is SyncState.OFFLINE
