"""An alarm that is known is told by `sync` and `sync status`, also where the line is gone."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from courier_check.cli.output import Output
from courier_check.cli.sync import watch_until_interrupted
from courier_check.clock import Clock, SystemClock
from courier_check.station import Station
from courier_check.store import facts
from courier_check.store.database import Database
from courier_check.sync.codes import SyncCode
from courier_check.sync.status import SyncState, SyncStatus, alarm, save_outcome
from courier_check.sync.synchroniser import Outcome
from courier_check.wording import Language
from support.commands import Command
from support.stations import acceptance, append, station_in

OFFLINE = SyncStatus(state=SyncState.OFFLINE, code=SyncCode.CUT_OFF, attempts=1, next_try_ms=1, waits_ms=1)
KNOWN = alarm(SyncCode.ROLLBACK, "seq 3")


@dataclass
class Cut:
    """A station whose runs learn that the gateway was put back, and then lose the line; the second is ended by Ctrl+C."""

    database: Database
    clock: Clock
    runs: list[str] = field(default_factory=list)

    def synchronise(self) -> Outcome:
        self.runs.append("run")
        if len(self.runs) > 1:
            raise KeyboardInterrupt
        with self.database.write() as tx:
            save_outcome(tx, OFFLINE, self.clock.read().wall_ms, known=KNOWN)
        return Outcome(2, 0, 0, OFFLINE, 3)


def test_a_run_that_ended_early_tells_the_alarm_that_it_has_learnt_of(station: Station, capsys: pytest.CaptureFixture[str]) -> None:
    append(station, acceptance("SF1000000000001"))
    watch_until_interrupted(Cut(station.database, station.clock), Output(as_json=True, language=Language.CHINESE), 0.01)
    line = json.loads(capsys.readouterr().out.splitlines()[0])
    assert (line["state"], line["code"], line["detail"], line["next_try_ms"]) == ("alarm", "gateway-rollback", "seq 3", 1)


def test_a_revocation_stands_beside_another_alarm(station_command: Command, folder: Path) -> None:
    with station_in(folder, SystemClock()) as station, station.database.write() as tx:
        facts.save(tx, "revoked", b"1")
        save_outcome(tx, KNOWN, station.clock.read().wall_ms)
        save_outcome(tx, alarm(SyncCode.REVOKED, ""), station.clock.read().wall_ms)
    told = station_command("sync", "status").out
    assert told.startswith("本收寄台已被吊销")
    assert "网关的数据早于本机回执" in told
    line = station_command("sync", "status", "--json").line
    assert (line["code"], line["revoked"]) == ("gateway-rollback", True)


def test_the_status_tells_it_too(station_command: Command, folder: Path) -> None:
    with station_in(folder, SystemClock()) as station, station.database.write() as tx:
        save_outcome(tx, OFFLINE, station.clock.read().wall_ms, known=KNOWN)
    line = station_command("sync", "status", "--json").line
    assert (line["state"], line["code"], line["next_try_ms"]) == ("alarm", "gateway-rollback", 1)
