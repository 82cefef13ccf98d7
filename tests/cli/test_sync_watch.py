"""sync --watch: a service that goes on, whatever is in its way for a while."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from courier_check.cli.output import Output
from courier_check.cli.sync import watch_until_interrupted
from courier_check.clock import Clock
from courier_check.errors import StoreError
from courier_check.station import Station
from courier_check.store.codes import StoreCode
from courier_check.store.database import Database
from courier_check.wording import Language
from support.stations import acceptance, append


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


def test_what_does_not_pass_ends_it(station: Station) -> None:
    append(station, acceptance("SF1000000000001"))
    troubled = Troubled(station.database, station.clock, [StoreError(StoreCode.DATABASE_DAMAGED)])
    with pytest.raises(StoreError):
        watch_until_interrupted(troubled, Output(as_json=True, language=Language.CHINESE), 0.01)
