"""kill -9 at random moments: no acknowledged record is lost, none is doubled, and nobody is accused (docs/journal.md §7)."""

from __future__ import annotations

import json
import os
import random
import secrets
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from courier_check.clock import SystemClock
from courier_check.gateway import admin
from courier_check.gateway.setup import Founding, Gateway, init
from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings
from courier_check.store import inbox, journal, views
from courier_check.sync.synchroniser import SyncState
from courier_check.wire.certificates import StationPlace
from support.ready import ready_station

ROOT = Path(__file__).resolve().parents[2]
WORKER = Path(__file__).with_name("worker.py")
KILLS = int(os.environ.get("COURIER_CHECK_KILLS", "40"))  # `make faults`: 200
GATEWAY_KILLS = KILLS // 10
GATEWAY_KILL_EVERY = 5  # of the lives that work while it answers
WITHOUT_GATEWAY = 3  # lives in a row that work while it comes up again; the next one sees it come
OPENING_S = 0.25  # about what opening the station and signing in take
WORKING_S = 0.45  # about a dozen accepts and four syncs
PATIENCE_S = 30.0  # for a life that is let live until its records have arrived

pytestmark = [
    pytest.mark.slow,
    pytest.mark.alone,  # on a busy machine most lives would be killed before they did anything
    pytest.mark.skipif(not hasattr(os, "fork"), reason="lives are forked"),
]


@pytest.fixture
def seed() -> str:
    """Given by COURIER_CHECK_SEED to repeat a run; pytest prints it with a failure."""
    drawn = os.environ.get("COURIER_CHECK_SEED") or secrets.token_hex(8)
    print(f"COURIER_CHECK_SEED={drawn}")  # noqa: T201 - shown by pytest when the test fails
    return drawn


@dataclass
class Lives:
    """The worker process and the life it has in hand."""

    process: subprocess.Popen[str]

    def begin(self) -> int:
        self._write("go\n")
        return int(self._read("life"))

    def ready(self) -> None:
        self._read("ready")

    def ended(self) -> int:
        """The exit status of the life; `ready` may still be under way before it."""
        while True:
            word, _, rest = self._line().partition(" ")
            if word == "ended":
                return int(rest)

    def _read(self, expected: str) -> str:
        word, _, rest = self._line().partition(" ")
        assert word == expected, f"the worker said {word!r} {rest!r}, not {expected!r}"
        return rest

    def _line(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the worker is gone"
        return line.strip()

    def _write(self, text: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(text)
        self.process.stdin.flush()


@contextmanager
def worker(*arguments: str) -> Iterator[Lives]:
    command = [sys.executable, str(WORKER), *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        lives = Lives(process)
        lives._read("up")
        try:
            yield lives
        finally:
            assert process.stdin is not None
            process.stdin.close()


class GatewayProcess:
    """`main.py gateway serve` on one port, killed and started again."""

    def __init__(self, data: Path, port: int) -> None:
        self._command = [sys.executable, "main.py", "gateway", "serve", "--data", str(data), "--port", str(port), "--json"]
        self._url = ""
        self._process = self._start()

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()

    def kill_and_restart(self) -> None:
        """It comes up while the next lives already work without it."""
        assert self._process.poll() is None, "the gateway ended by itself"
        self.kill()
        self._url = ""
        self._process = self._start()

    def up(self) -> bool:
        """Whether it answers by now."""
        return bool(self._url or (select.select([self._process.stdout], [], [], 0)[0] and self.wait()))

    def wait(self) -> str:
        assert self._process.stdout is not None
        self._url = self._url or str(json.loads(self._process.stdout.readline())["url"])
        return self._url

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@dataclass
class Place:
    """Where everything of one run lies."""

    folder: Path

    @property
    def station(self) -> Path:
        return self.folder / "station"

    @property
    def gateway(self) -> Path:
        return self.folder / "gateway"

    @property
    def acks(self) -> Path:
        return self.folder / "acks"

    @property
    def states(self) -> Path:
        return self.folder / "states"

    def lines(self, path: Path) -> list[str]:
        return path.read_text(encoding="ascii").splitlines() if path.exists() else []

    def synchronised(self) -> int:
        """How often a life has brought everything to the gateway so far."""
        return sum(line.startswith("synchronised") for line in self.lines(self.states))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def code(place: Place) -> str:
    clock = SystemClock()
    init(place.gateway, Founding("gw-test", "样例网关（虚构）", practice=True), clock, secrets.token_bytes)
    with Gateway.open(place.gateway, clock, secrets.token_bytes) as gateway:
        outlet = StationPlace(outlet_id="zz-jinshui", outlet_name="样例金水网点", region="410105")
        return admin.enrol_code(gateway, "zz-jinshui-01", outlet)


def wait_s(seconds: float) -> None:
    threading.Event().wait(seconds)


def wait_until_synchronised(place: Place, often: int) -> None:
    """Until lives have brought everything to the gateway more often than that; on a slow machine most are killed before."""
    until = time.monotonic() + PATIENCE_S
    while place.synchronised() <= often:
        assert time.monotonic() < until, "nothing reaches a gateway that answers"
        wait_s(0.02)


def kill_lives(lives: Lives, gateway: GatewayProcess, place: Place, moments: random.Random) -> tuple[int, int]:
    """Kill until enough lives died of it and enough gateways, and enough parcels were accepted meanwhile, however slow the machine is;
    returns how many lives did, and how many gateways. No gateway is killed before records reached it: else a slow one would never be up."""
    landed = gateways = attempts = served = alone = reached = 0
    while landed < KILLS or gateways < GATEWAY_KILLS or len(place.lines(place.acks)) <= KILLS:
        attempts += 1
        assert attempts < 3 * KILLS, "too many lives ended by themselves, or did nothing"
        pid = lives.begin()
        if moments.random() < 0.2:
            wait_s(moments.uniform(0, OPENING_S))
        else:
            lives.ready()
            if alone == WITHOUT_GATEWAY:
                gateway.wait()
            up = gateway.up()
            served, alone = (served + 1, 0) if up else (served, alone + 1)
            if served >= GATEWAY_KILL_EVERY:
                wait_until_synchronised(place, reached)
                wait_s(moments.uniform(0, WORKING_S))
                gateway.kill_and_restart()
                gateways += 1
                served, reached = 0, place.synchronised()
            wait_s(moments.uniform(0, WORKING_S))
        os.kill(pid, signal.SIGKILL)
        landed += lives.ended() == -signal.SIGKILL
    return landed, gateways


def test_kill_9_at_random_moments_loses_and_doubles_nothing(place: Place, code: str, seed: str) -> None:
    gateway = GatewayProcess(place.gateway, free_port())
    try:
        url = gateway.wait()
        ready_station(place.station, url=url, code=code)
        with worker(str(place.station), str(place.acks), str(place.states), seed) as lives:
            landed, gateways = kill_lives(lives, gateway, place, random.Random(seed))  # noqa: S311 - moments, not secrets
        gateway.kill_and_restart()
        assert gateway.wait() == url
        with Station.open(place.station, PRACTICE_PASSPHRASE, Surroundings(SystemClock())) as station:
            assert station.synchronise().status.state == SyncState.SYNCHRONISED
            held = nothing_lost_nor_doubled(station, place)
    finally:
        gateway.kill()
    assert at_gateway(place) == held
    assert landed >= KILLS
    assert gateways >= GATEWAY_KILLS
    states = {line.partition(" ")[0] for line in place.lines(place.states)}
    assert states == {"synchronised", "offline"}, "a false alarm, or lives that never met the gateway, or never were without it"


def nothing_lost_nor_doubled(station: Station, place: Place) -> list[tuple[str, int, str]]:
    """Returns all entries as (journal, seq, hash)."""
    db = station.database
    accepted = dict(db.rows("SELECT waybill, COUNT(*) FROM acts WHERE kind = 'acceptance' GROUP BY waybill"))
    acks = place.lines(place.acks)
    assert len(acks) == len(set(acks)) > KILLS
    assert [waybill for waybill in acks if accepted.get(waybill) != 1] == []
    assert len(accepted.keys() - set(acks)) <= 1, "only the last parcel may be recorded without its acknowledgement"
    assert [waybill for waybill, times in accepted.items() if times != 1] == []
    result = station.verify()
    assert result.failures == ()
    assert [each.table for each in views.compare(db) if not each.equal] == []
    assert inbox.standing(db).pending == 0
    assert inbox.returned_items(db) == []
    assert len(journal.journal_ids(db)) == 1, "a successor journal was begun without cause"
    entries = db.rows("SELECT journal_id, seq, hash FROM journal_entries ORDER BY seq")
    assert [seq for _, seq, _ in entries] == list(range(1, len(entries) + 1))
    return [(journal_id, seq, digest) for journal_id, seq, digest in entries]


def at_gateway(place: Place) -> list[tuple[str, int, str]]:
    """Entries in the order of their arrival; nothing of them twice, no fork on record."""
    with Gateway.open(place.gateway, SystemClock(), secrets.token_bytes) as gateway, gateway.database.read() as tx:
        assert tx.exec_driver_sql("SELECT COUNT(*) FROM forks").scalar_one() == 0
        rows = tx.exec_driver_sql("SELECT journal_id, seq, hash FROM entries ORDER BY arrival").all()
    return [(journal_id, seq, digest) for journal_id, seq, digest in rows]
