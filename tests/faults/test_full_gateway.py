"""The gateway's own disk is full: it takes nothing rather than half, stations wait, and with room again everything arrives once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event, text

from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings
from courier_check.store import inbox, journal
from courier_check.sync.codes import SyncCode
from courier_check.sync.synchroniser import SyncState
from support.clocks import SetClock
from support.disks import fill_up, small_disk
from support.gateways import Practice, practice_gateway
from support.stations import CHEAP, acceptance, append

pytestmark = pytest.mark.slow

ENTRIES = 600  # more than one batch, and more than any page that is free


@contextmanager
def on_a_small_disk(folder: Path) -> Iterator[tuple[Practice, Callable[[], Callable[[], object]]]]:
    """A gateway, and how its disk fills up; that gives how there is room again."""
    with small_disk(folder / "disk", "24m") as disk, practice_gateway(disk / "gateway", SetClock()) as practice:
        yield practice, lambda: fill_up(disk).unlink


@contextmanager
def with_no_page_left(folder: Path) -> Iterator[tuple[Practice, Callable[[], Callable[[], object]]]]:
    """The same as SQLite tells it, where no disk can be mounted: no page more than there are."""
    with practice_gateway(folder / "gateway", SetClock()) as practice:
        database = practice.gateway.database
        most = [2**30]

        @event.listens_for(database._reading, "begin")
        def bounded(connection: object) -> None:
            connection.exec_driver_sql(f"PRAGMA max_page_count = {most[0]}")  # type: ignore[attr-defined]  # SQLAlchemy's own

        def fill() -> Callable[[], object]:
            most[0] = 1  # SQLite makes it as many as there are
            return lambda: most.__setitem__(0, 2**30)

        yield practice, fill


@pytest.mark.parametrize("made", [on_a_small_disk, with_no_page_left])
def test_a_full_gateway_takes_nothing_by_halves_and_everything_once_when_there_is_room(
    tmp_path: Path, clock: SetClock, made: Callable[[Path], Iterator[tuple[Practice, Callable[[], Callable[[], object]]]]]
) -> None:
    with ExitStack() as stack:
        practice, fill = stack.enter_context(made(tmp_path))  # type: ignore[arg-type]  # a context manager
        surroundings = Surroundings(clock, hasher=CHEAP)
        station = stack.enter_context(Station.init(tmp_path / "station", PRACTICE_PASSPHRASE, surroundings, practice=True))
        station.enrol(practice.code(), practice.url)
        append(station, acceptance("SF9000000000000"))
        assert station.synchronise().status.state is SyncState.SYNCHRONISED
        with station.database.write() as tx:
            for number in range(ENTRIES):
                journal.append(tx, acceptance(f"SF{number:013d}"), station.writer())
        before = held(practice)
        make_room = fill()
        for _ in range(2):
            status = station.synchronise().status
            assert (status.state, status.code) == (SyncState.OFFLINE, SyncCode.BUSY), status
            assert status.asked, "it is told when to come again"
            assert taken_whole(practice)
        pending = inbox.standing(station.database).pending
        assert 0 < pending <= ENTRIES
        assert len(held(practice)) - len(before) < ENTRIES
        make_room()
        assert station.synchronise().status.state is SyncState.SYNCHRONISED
        assert inbox.standing(station.database).pending == 0
        seqs = [seq for _, seq in held(practice)]
        assert sorted(seqs) == list(range(1, ENTRIES + 3)), "each once"
        assert station.verify().ok
        assert taken_whole(practice)


def held(practice: Practice) -> list[tuple[str, int]]:
    with practice.gateway.database.read() as tx:
        return [(row[0], row[1]) for row in tx.execute(text("SELECT journal_id, seq FROM entries"))]


def taken_whole(practice: Practice) -> bool:
    """Whether the gateway holds exactly what its receipts and its heads speak of."""
    with practice.gateway.database.read() as tx:
        last = tx.execute(text("SELECT MAX(last_seq) FROM receipts")).scalar_one()
        head = tx.execute(text("SELECT last_seq FROM journals")).scalar_one()
    return sorted(seq for _, seq in held(practice)) == list(range(1, last + 1)) and head == last
