"""Whatever a gateway answers to one journal, the state says so, and what the station has of other journals goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings
from courier_check.store import inbox, journal
from courier_check.sync.codes import SyncCode
from courier_check.sync.synchroniser import SyncState, load_status
from courier_check.wire.problems import ProblemCode
from support.clocks import SetClock
from support.gateways import Front, Practice
from support.stations import CHEAP, acceptance, append

pytestmark = pytest.mark.slow

REFUSED = (SyncState.REFUSED, SyncCode.REFUSED)
SHOWN: dict[ProblemCode, tuple[SyncState, SyncCode | None]] = dict.fromkeys(ProblemCode, REFUSED) | {
    ProblemCode.FORK: (SyncState.ALARM, SyncCode.FORGOTTEN),  # it shows no other entry of ours: it does not hold what it acknowledged
    ProblemCode.TOO_LARGE: (SyncState.SYNCHRONISED, None),  # sent in smaller ones
    ProblemCode.BUSY: (SyncState.OFFLINE, SyncCode.BUSY),
    ProblemCode.INTERNAL: (SyncState.OFFLINE, SyncCode.FAILED),
}


@pytest.fixture
def station(tmp_path: Path, clock: SetClock, practice: Practice, front: Front) -> Iterator[Station]:
    """With three entries to send of a journal that was closed, and two of its successor."""
    with Station.init(tmp_path / "station", PRACTICE_PASSPHRASE, Surroundings(clock, hasher=CHEAP), practice=True) as made:
        made.enrol(practice.code(), front.url)
        for number in (1, 2):
            append(made, acceptance(f"SF100000000000{number}"))
        with made.database.write() as tx:
            made._succeed(tx, "damage")
        append(made, acceptance("SF1000000000003"))
        made.keep_head()
        yield made


def arrived(practice: Practice) -> dict[str, int]:
    with practice.gateway.database.read() as tx:
        return {row[0]: row[1] for row in tx.execute(text("SELECT journal_id, COUNT(*) FROM entries GROUP BY journal_id"))}


@pytest.mark.parametrize("code", ProblemCode)
def test_a_problem_is_shown_and_holds_up_no_other_journal(station: Station, practice: Practice, front: Front, code: ProblemCode) -> None:
    closed, current = journal.journal_ids(station.database)
    front.faults[:] = [code.value]
    status = station.synchronise().status
    assert (status.state, status.code) == SHOWN[code]
    assert load_status(station.database) == status, "and it stays to be seen"
    if SHOWN[code] == REFUSED:
        assert status.detail.startswith(f"{code.value}: "), "the administrator is told which"
    whole, waiting = {closed: 3, current: 2}, status.state is not SyncState.SYNCHRONISED
    if status.state is SyncState.OFFLINE:  # the line itself: everything waits
        assert (arrived(practice), inbox.standing(station.database).pending) == ({}, 5)
    else:
        assert (arrived(practice), inbox.standing(station.database).pending) == ({current: 2} if waiting else whole, 3 if waiting else 0)
    assert (status.next_try_ms is not None) is waiting
    assert station.synchronise().status.state is SyncState.SYNCHRONISED
    assert (arrived(practice), inbox.standing(station.database).pending) == (whole, 0)
    assert len(journal.journal_ids(station.database)) == 2, "nothing was closed for a word that proves nothing"
