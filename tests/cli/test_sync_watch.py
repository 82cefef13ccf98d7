"""sync --watch: a service that goes on, whatever is in its way for a while."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from courier_check.cli.output import Output
from courier_check.cli.sync import watch_until_interrupted
from courier_check.clock import Clock, SystemClock, at
from courier_check.errors import StoreError
from courier_check.station import Station
from courier_check.store import facts
from courier_check.store.codes import StoreCode
from courier_check.store.database import Database
from courier_check.sync.due import SILENT_MS
from courier_check.sync.status import SyncState, SyncStatus
from courier_check.wording import Language
from support.commands import Command
from support.stations import acceptance, append, station_in


@dataclass
class Troubled:
    """A station on which runs come to what is written here, and in the end to Ctrl+C."""

    database: Database
    clock: Clock
    comes: list[BaseException]
    runs: list[str] = field(default_factory=list)

    def synchronise(self) -> None:
        self.runs.append("run")
        raise self.comes.pop(0) if self.comes else KeyboardInterrupt


@pytest.mark.parametrize("code", [StoreCode.BUSY, StoreCode.DISK_FULL, StoreCode.SYNC_RUNNING])
def test_what_passes_does_not_end_the_service(station: Station, code: StoreCode, capsys: pytest.CaptureFixture[str]) -> None:
    append(station, acceptance("SF1000000000001"))
    troubled = Troubled(station.database, station.clock, [StoreError(code)])
    watch_until_interrupted(troubled, Output(as_json=True, language=Language.CHINESE), 0.01)
    assert troubled.runs == ["run", "run"]
    assert bool(capsys.readouterr().err) is (code is not StoreCode.SYNC_RUNNING)


@pytest.mark.parametrize(
    ("ago_ms", "told"),
    [(0, False), (SILENT_MS - 60_000, False), (SILENT_MS, True), (26 * 3_600_000, True), (-26 * 3_600_000, True)],
)
def test_the_status_claims_nothing_of_now_from_a_contact_of_some_time_ago(
    station_command: Command, folder: Path, ago_ms: int, told: bool
) -> None:
    contact_ms = SystemClock().read().wall_ms - ago_ms
    with station_in(folder, SystemClock()) as station, station.database.write() as tx:
        facts.save(tx, "sync_status", msgspec.json.encode(SyncStatus(state=SyncState.SYNCHRONISED, last_contact_ms=contact_ms)))
    line = station_command("sync", "status", "--json").line
    assert (line["state"], line["last_contact_ms"]) == ("synchronised", contact_ms)
    said = f"上次联系监管网关是 {at(contact_ms):%Y-%m-%d %H:%M}，现在是否在线不知道。"
    assert (said in station_command("sync", "status").out) is told


def test_what_does_not_pass_ends_it(station: Station) -> None:
    append(station, acceptance("SF1000000000001"))
    troubled = Troubled(station.database, station.clock, [StoreError(StoreCode.DATABASE_DAMAGED)])
    with pytest.raises(StoreError):
        watch_until_interrupted(troubled, Output(as_json=True, language=Language.CHINESE), 0.01)
