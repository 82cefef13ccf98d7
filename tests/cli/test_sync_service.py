"""sync --watch as the service it is: a process of its own, on a station that is no practice one."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from courier_check.clock import SystemClock
from courier_check.station import Station, Surroundings
from courier_check.store import inbox, journal
from support.commands import start_main_py
from support.gateways import Practice, practice_gateway
from support.processes import eventually
from support.stations import CHEAP, acceptance, append

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")]

PASSPHRASE = "样例 passphrase of the tests"
WITHIN_S = 100


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """Also where a script started the tests behind it: its children would not notice Ctrl+C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Practice]:
    with practice_gateway(tmp_path / "gateway", SystemClock(), practice=False) as running:
        yield running


@pytest.fixture
def station(tmp_path: Path, gateway: Practice) -> Iterator[Station]:
    with Station.init(tmp_path / "station", PASSPHRASE, Surroundings(SystemClock(), hasher=CHEAP), practice=False) as made:
        made.enrol(gateway.code(), gateway.url)
        append(made, acceptance("SF1000000000001"))
        made.keep_head()
        yield made


def held(gateway: Practice) -> int:
    with gateway.gateway.database.read() as tx:
        return int(tx.execute(text("SELECT COUNT(*) FROM entries")).scalar_one())


def received(station: Station) -> int:
    """How far the station has receipts."""
    journal_id = journal.current_journal(station.database)
    return 0 if journal_id is None else inbox.acknowledged_seq(station.database, journal_id)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, -signal.SIGTERM), (signal.SIGINT, 0)])
def test_it_delivers_what_is_there_and_what_comes_until_it_is_stopped(
    tmp_path: Path, station: Station, gateway: Practice, number: signal.Signals, code: int
) -> None:
    """docs/operating.md: a stop ends it by that signal, Ctrl+C with 0."""
    secret = tmp_path / "passphrase"
    secret.write_text(PASSPHRASE + "\n", encoding="utf-8")
    with start_main_py("--data", station.folder.path, "sync", "--watch", "--passphrase-file", secret) as service:
        assert service.stdout is not None
        assert any("待传 0" in line for line in iter(service.stdout.readline, "")), "told, for whoever reads the log"
        assert held(gateway) == 2
        append(station, acceptance("SF1000000000002"))
        eventually(lambda: received(station) == 3, within_s=WITHIN_S)
        assert held(gateway) == 3
        assert service.poll() is None
        service.send_signal(number)
        _, error = service.communicate(timeout=WITHIN_S)
        assert (service.returncode, error) == (code, "")
    assert station.verify().ok
