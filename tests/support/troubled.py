"""A station to which everything happened that a journal tells of: its gateway was put back and has lost a row, its clock was set, and its
own folder was put back, so that its journal went two ways. All by a real gateway; all made good."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from courier_check.gateway.restoring import begin_journal
from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings
from courier_check.store import journal
from courier_check.sync.synchroniser import SyncState
from support.clocks import SetClock
from support.gateways import Practice, practice_gateway
from support.stations import CHEAP, acceptance, append

DAY_MS = 86_400_000
HOUR_MS = 3_600_000


@dataclass(frozen=True)
class Troubled:
    """Where the station is, closed; `first`: the journal that went two ways, `theirs` and `mine`: the seqs of its branches."""

    path: Path
    clock: SetClock
    first: str
    theirs: tuple[int, ...]
    mine: tuple[int, ...]

    def open(self) -> Station:
        """A station for the calling thread."""
        return _opened(self.path, self.clock)


def troubled_station(path: Path, gateway_folder: Path) -> Troubled:
    """Made anew in `path` by a gateway that is gone afterwards."""
    clock = SetClock()
    with practice_gateway(gateway_folder, clock) as practice:
        Station.init(path, PRACTICE_PASSPHRASE, Surroundings(clock, hasher=CHEAP), practice=True).close()
        with _opened(path, clock) as station:
            station.enrol(practice.code(), practice.url)
            first = journal.current_journal(station.database) or ""
            _gateway_put_back(station, practice, first)
            _gateway_forgets(station, practice, clock)
            _clock_set(station, clock)
            shutil.copytree(path, path.with_name("copy"), ignore=shutil.ignore_patterns("*.lock"))
            theirs = _accepted(station, 2)
            _synchronised(station)
        shutil.rmtree(path)
        path.with_name("copy").rename(path)
        clock.pass_ms(5_000)
        with _opened(path, clock) as station:
            mine = _accepted(station, 3)
            _synchronised(station)
            _accepted(station, 1)
    return Troubled(path, clock, first, theirs, mine)


def _opened(path: Path, clock: SetClock) -> Station:
    return Station.open(path, PRACTICE_PASSPHRASE, Surroundings(clock, hasher=CHEAP))


def _accepted(station: Station, count: int) -> tuple[int, ...]:
    seqs = []
    for _ in range(count):
        number = station.database.value("SELECT COUNT(*) FROM journal_entries")
        seqs.append(append(station, acceptance(f"SF{station.clock.read().mono_ms:08d}{number:06d}")).entry.header.seq)
    station.keep_head()
    return tuple(seqs)


def _synchronised(station: Station) -> None:
    for _ in range(6):
        if station.synchronise().status.state is SyncState.SYNCHRONISED:
            station.database.value("PRAGMA wal_checkpoint(TRUNCATE)")
            return
    raise AssertionError("the station does not come to rest")


def _at_gateway(practice: Practice, *statements: str) -> None:
    with practice.gateway.database.write() as tx:
        for statement in statements:
            tx.execute(text(statement))


def _gateway_put_back(station: Station, practice: Practice, journal_id: str) -> None:
    _accepted(station, 1)
    _synchronised(station)
    head = journal.hash_at(station.database, journal_id, 2)
    _accepted(station, 2)
    _synchronised(station)
    _at_gateway(
        practice,
        "DELETE FROM entries WHERE seq > 2",
        "DELETE FROM receipts WHERE last_seq > 2",
        f"UPDATE journals SET last_seq = 2, head = '{head}'",  # noqa: S608 - a test's own words
    )
    begin_journal(practice.gateway)
    _accepted(station, 1)
    _synchronised(station)


def _gateway_forgets(station: Station, practice: Practice, clock: SetClock) -> None:
    _at_gateway(practice, "DELETE FROM entries WHERE seq = 2")
    clock.pass_ms(DAY_MS)
    _synchronised(station)


def _clock_set(station: Station, clock: SetClock) -> None:
    clock.wall_ms += HOUR_MS
    _accepted(station, 1)
    _synchronised(station)
