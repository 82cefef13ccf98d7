"""A gateway that is absent, silent, or answers nonsense: offline with the reason, and afterwards everything arrives once."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from courier_check.clock import SystemClock
from courier_check.errors import Unavailable
from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings
from courier_check.sync.client import Timeouts
from courier_check.sync.codes import SyncCode
from courier_check.sync.synchroniser import SyncState
from support.commands import Command, case_file, command_of, start_main_py
from support.gateways import Front, Practice, misbehaving_front, practice_gateway
from support.ready import ready_station
from support.state import accepted_waybills

pytestmark = pytest.mark.slow

IMPATIENT = Timeouts(connect_s=0.5, read_s=0.3, whole_answer_s=0.5)
PATIENCE_OF_OTHERS_S = Timeouts().read_s  # a slow machine takes longer than an impatient station, but not as long as a patient one


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    with practice_gateway(tmp_path_factory.mktemp("gateway") / "g", SystemClock()) as running:
        yield running


@pytest.fixture
def front(gateway: Practice) -> Iterator[Front]:
    with misbehaving_front(gateway.url) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path, gateway: Practice, front: Front) -> Path:
    """A station of this gateway, reached through the front, with one parcel accepted and nothing sent."""
    path = tmp_path / "station"
    ready_station(path, url=front.url, code=gateway.code(f"zz-{secrets.token_hex(4)}"))
    return path


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], folder: Path, tmp_path: Path) -> Command:
    made = command_of(capsys, folder)
    assert made("accept", case_file(tmp_path)).code == 0
    return made


def held_at(gateway: Practice, folder: Path) -> list[int]:
    """The seqs the gateway holds of this station, in the order they came."""
    with Station.open(folder, PRACTICE_PASSPHRASE, Surroundings(SystemClock())) as station, gateway.gateway.database.read() as tx:
        name = station.enrolled().certificate.subject
        rows = tx.exec_driver_sql("SELECT seq FROM entries WHERE station_id = ? ORDER BY arrival", (name,)).all()
    return [seq for (seq,) in rows]


@pytest.mark.parametrize(
    ("fault", "code", "told"),
    [
        ("html", "web-page", "网络需要登录"),
        ("500", "gateway-failed", "监管网关内部出错"),
        ("429", "gateway-busy", "监管网关繁忙"),
        ("garbage", "not-understood", "监管网关的应答无法识别"),
        ("cut-before", "cut-off", "连接中途断开"),
        ("cut-after", "cut-off", "连接中途断开"),
        ("half", "cut-off", "连接中途断开"),
        ("flip", "bad-receipt", "回执核验不通过"),
    ],
)
def test_a_spoilt_answer_is_exit_code_3_and_the_next_run_delivers_once(
    command: Command, front: Front, gateway: Practice, folder: Path, fault: str, code: str, told: str
) -> None:
    front.faults[:] = [fault]
    failed = command("sync", "--json")
    assert (failed.code, failed.err) == (3, "")
    assert (failed.line["state"], failed.line["code"], failed.line["pending"]) == ("offline", code, 8)
    assert told in failed.line["reason"]
    assert told in command("sync", "status").out
    assert command("sync", "--json").line["pending"] == 0
    assert held_at(gateway, folder) == list(range(1, 9))
    assert accepted_waybills(folder) == ["SF1010000000015"]


def test_an_absent_gateway_is_exit_code_3_and_accepting_goes_on(command: Command, front: Front, tmp_path: Path, folder: Path) -> None:
    front.faults[:] = ["cut-before"] * 2
    assert command("sync").code == 3
    assert command("accept", case_file(tmp_path, "SF1010000000024")).code == 0
    assert command("sync", "--json").line["state"] == "offline"
    assert command("sync", "--json").line["state"] == "synchronised"
    assert accepted_waybills(folder) == ["SF1010000000015", "SF1010000000024"]


@pytest.mark.parametrize("fault", ["silent", "stall"])
def test_a_gateway_that_does_not_go_on_is_given_up(folder: Path, command: Command, front: Front, gateway: Practice, fault: str) -> None:
    with Station.open(folder, PRACTICE_PASSPHRASE, Surroundings(SystemClock(), timeouts=IMPATIENT)) as station:
        front.faults[:] = [fault]
        began = time.monotonic()
        status = station.synchronise().status
        assert time.monotonic() - began < PATIENCE_OF_OTHERS_S
        assert (status.state, status.code) == (SyncState.OFFLINE, SyncCode.TIMED_OUT)
    assert command("sync", "--json").line["state"] == "synchronised"
    assert held_at(gateway, folder) == list(range(1, 9))


def test_an_enrolment_that_is_not_answered_can_be_asked_again(tmp_path: Path, gateway: Practice, front: Front) -> None:
    surroundings = Surroundings(SystemClock(), timeouts=IMPATIENT)
    with Station.init(tmp_path / "new", PRACTICE_PASSPHRASE, surroundings, practice=True) as station:
        code = gateway.code(f"zz-{secrets.token_hex(4)}")
        front.faults[:] = ["silent", "stall"]
        for _ in range(2):
            with pytest.raises(Unavailable) as caught:
                station.enrol(code, front.url)
            assert caught.value.code == SyncCode.TIMED_OUT
            assert station.identity is None
    with Station.open(tmp_path / "new", PRACTICE_PASSPHRASE, Surroundings(SystemClock())) as station:
        assert station.enrol(code, front.url).certificate.practice


def test_two_synchronisers_on_one_folder_do_not_meet(command: Command, folder: Path, front: Front, gateway: Practice) -> None:
    front.faults[:] = ["silent"]
    with start_main_py("--data", folder, "sync", "--json") as first:
        while not front.seen[1:]:  # the enrolment came through here first
            assert first.poll() is None
        second = command("sync")
        assert (second.code, second.sentence) == (3, "这个收寄台已有一个同步程序在运行；请等它结束。")
        assert command("sync", "status").code == 0
        first.kill()
        first.communicate()
    assert command("sync", "--json").line["pending"] == 0, "the lock of a killed process is free"
    assert held_at(gateway, folder) == list(range(1, 9))
