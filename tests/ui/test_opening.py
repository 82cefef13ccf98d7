"""The way to an open station: first run, passphrase, enrolment at a real gateway, first operator, sign-in; and what goes wrong on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from courier_check.clock import SystemClock
from courier_check.desk.rights import Role
from courier_check.errors import EnvironmentFault, StoreError
from courier_check.station import PRACTICE_CLERK, PRACTICE_PASSPHRASE, PRACTICE_PASSWORD, PRACTICE_SUPERVISOR, Station, Surroundings
from courier_check.store.codes import StoreCode
from courier_check.wording import Language, Wording
from support.clocks import SetClock
from support.gateways import practice_gateway
from support.ready import ready_station
from support.stations import CHEAP
from support.windows import counter_station
from ui.background import BackgroundCode
from ui.gates import Gate, GateShown
from ui.opening import Opening, Place

WORDING = Wording(Language.CHINESE)
PASSPHRASE, PASSWORD = "a long passphrase 样例", "password-样例"


@dataclass
class MadePractice:
    """Makes practice stations that open quickly. `fails`: errors of the next calls."""

    fails: list[Exception] = field(default_factory=list)
    does: list[str] = field(default_factory=list)

    def _called(self, name: str) -> None:
        self.does.append(name)
        if self.fails:
            raise self.fails.pop(0)

    def prepare(self, folder: Path) -> str:
        self._called("prepare")
        if not (folder / "station").exists():
            folder.mkdir(parents=True, exist_ok=True)
            ready_station(folder / "station")
        return "http://127.0.0.1:1"

    def serve(self, folder: Path) -> str:
        assert folder.is_dir()
        self._called("serve")
        return "http://127.0.0.1:1"

    def close(self) -> None:
        self.does.append("close")


class Door:
    """An opening, what it has shown, and hands for it."""

    def __init__(self, qtbot: QtBot, place: Place) -> None:
        self.qtbot, self.practice = qtbot, MadePractice()
        self.opening = Opening(place, self.practice, WORDING, SystemClock())
        self.shown: list[GateShown] = []
        self.desks: list[Any] = []
        self.came: list[Any] = []
        self.gateway_changes: list[bool] = []
        self.opening.shown.connect(self.shown.append)
        self.opening.opened.connect(lambda told: self.desks.append(told[1]))
        self.opening.signed_in.connect(self.came.append)
        self.opening.gateway_changed.connect(lambda: self.gateway_changes.append(True))

    @property
    def gate(self) -> GateShown:
        return self.shown[-1]

    def begin(self) -> None:
        self.opening.begin()

    def until(self, gate: Gate) -> GateShown:
        self.qtbot.waitUntil(lambda: bool(self.shown) and self.gate.gate is gate, timeout=20_000)
        return self.gate

    def enter(self, **typed: str) -> None:
        self.opening.enter(typed)

    def says(self, part: str) -> None:
        self.qtbot.waitUntil(lambda: part in self.gate.said, timeout=20_000)

    def end(self) -> None:
        assert self.opening.close(10)
        for desk in self.desks:
            assert desk.close(10)


@pytest.fixture
def doors(qtbot: QtBot) -> Iterator[Callable[[Place], Door]]:
    made: list[Door] = []

    def make(place: Place) -> Door:
        made.append(Door(qtbot, place))
        return made[-1]

    yield make
    for door in made:
        door.end()


@pytest.fixture(scope="module")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A station that is no practice one, with its people."""
    path = tmp_path_factory.mktemp("counter") / "station"
    counter_station(path)
    return path


# First run --------------------------------------------------------------------------------------------------------------------------------


def test_an_empty_folder_asks_for_practice_or_a_real_station(doors: Callable[[Place], Door], tmp_path: Path) -> None:
    door = doors(Place(tmp_path / "data"))
    door.begin()
    assert door.gate.gate is Gate.CHOOSE
    assert str(tmp_path / "data") in door.gate.words
    assert not door.opening.press("3")
    assert not door.opening.press("Enter")
    assert door.opening.press("2")
    assert door.gate.gate is Gate.NEW_STATION
    assert door.opening.press("Esc")
    assert door.gate.gate is Gate.CHOOSE
    assert not (tmp_path / "data").exists()


@pytest.mark.slow
def test_a_new_station_is_made_enrolled_staffed_and_signed_in_to(doors: Callable[[Place], Door], tmp_path: Path) -> None:
    """One way through every gate, with every mistake on it once."""
    data = tmp_path / "data"
    with practice_gateway(tmp_path / "gateway", SystemClock(), practice=False) as gateway:
        door = doors(Place(data))
        door.begin()
        door.opening.press("2")
        door.enter(passphrase=PASSPHRASE, again="another one")
        door.says("两次输入不一样")
        assert door.gate.gate is Gate.NEW_STATION
        door.enter(passphrase="short", again="short")
        door.says("8")
        assert not data.exists()
        door.enter(passphrase=PASSPHRASE, again=PASSPHRASE)
        door.until(Gate.ENROL)
        code = gateway.code()
        door.enter(url=gateway.url, code="not a code")
        door.until(Gate.WAIT)
        door.until(Gate.ENROL)
        assert door.gate.said
        assert door.gate.fields[0].first == gateway.url  # only what was wrong is typed anew
        door.enter(url=f" {gateway.url} ", code=f" {code} ")
        door.until(Gate.FIRST_OPERATOR)
        standing = door.opening.standing
        assert standing is not None
        assert (standing.outlet, standing.window, standing.practice) == ("样例金水网点", "zz-jinshui-01", False)
        door.enter(code="0001", name="样例主管", password=PASSWORD, again="other")
        door.says("两次输入不一样")
        door.enter(code="0001", name="样例主管", password="12", again="12")
        door.says("6")
        door.enter(code=" 0001 ", name="样例主管", password=PASSWORD, again=PASSWORD)
        door.until(Gate.SIGN_IN)
        assert door.came == []
        door.enter(code="0001", password="wrong password")
        door.qtbot.waitUntil(lambda: bool(door.gate.said))
        door.enter(code=" 0001 ", password=PASSWORD)
        door.qtbot.waitUntil(lambda: bool(door.came), timeout=20_000)
        assert (door.came[0].code, door.came[0].role) == ("0001", Role.SUPERVISOR)
    with Station.open(data, PASSPHRASE, Surroundings(SystemClock())) as station:
        assert station.verify().ok


@pytest.mark.slow
def test_the_program_ended_half_way_goes_on_where_it_was(doors: Callable[[Place], Door], tmp_path: Path) -> None:
    data = tmp_path / "data"
    with practice_gateway(tmp_path / "gateway", SystemClock(), practice=False) as gateway:
        first = doors(Place(data))
        first.begin()
        first.opening.press("2")
        first.enter(passphrase=PASSPHRASE, again=PASSPHRASE)
        first.until(Gate.ENROL)
        first.end()
        first.desks.clear()
        again = doors(Place(data))
        again.begin()
        assert again.gate.gate is Gate.UNLOCK
        again.enter(passphrase=PASSPHRASE)
        again.until(Gate.ENROL)
        again.enter(url=gateway.url, code=gateway.code())
        again.until(Gate.FIRST_OPERATOR)


# Practice ---------------------------------------------------------------------------------------------------------------------------------


def test_practice_is_made_beside_and_opens_with_what_is_published(doors: Callable[[Place], Door], tmp_path: Path) -> None:
    door = doors(Place(tmp_path / "data"))
    door.begin()
    door.opening.press("1")
    assert door.gate.gate is Gate.WAIT
    gate = door.until(Gate.SIGN_IN)
    assert [one.first for one in gate.fields] == [PRACTICE_CLERK, PRACTICE_PASSWORD]
    assert door.opening.practice
    assert (tmp_path / "data-practice" / "station").is_dir()
    assert not (tmp_path / "data").exists()
    door.qtbot.waitUntil(lambda: bool(door.gateway_changes))
    assert door.practice.does[:2] == ["prepare", "serve"]
    door.enter(code=PRACTICE_CLERK, password=PRACTICE_PASSWORD)
    door.qtbot.waitUntil(lambda: bool(door.came), timeout=20_000)
    assert door.came[0].role is Role.CLERK


def test_a_practice_folder_that_is_a_stations_own_opens_by_itself(doors: Callable[[Place], Door], tmp_path: Path) -> None:
    ready_station(tmp_path / "station")
    door = doors(Place(tmp_path / "station"))
    door.begin()
    door.until(Gate.SIGN_IN)
    assert door.practice.does == []


def test_practice_that_can_not_be_made_is_said_and_enter_tries_again(doors: Callable[[Place], Door], tmp_path: Path) -> None:
    door = doors(Place(tmp_path / "practice" / "station", tmp_path / "practice"))
    door.practice.fails = [StoreError(StoreCode.DISK_FULL), OSError("no such thing")]
    door.begin()
    gate = door.until(Gate.FAILED)
    assert gate.words == WORDING.said(StoreError(StoreCode.DISK_FULL))
    assert not door.opening.press("1")
    assert door.opening.press("Enter")
    door.until(Gate.WAIT)
    gate = door.until(Gate.FAILED)
    assert gate.words == WORDING.said(EnvironmentFault(BackgroundCode.INTERNAL))
    assert door.opening.press("Enter")
    door.until(Gate.SIGN_IN)


def test_a_practice_gateway_that_does_not_answer_is_no_obstacle(doors: Callable[[Place], Door], tmp_path: Path) -> None:
    ready_station(tmp_path / "practice" / "station")
    door = doors(Place(tmp_path / "practice" / "station", tmp_path / "practice"))
    door.begin()
    door.practice.fails = []
    door.qtbot.waitUntil(lambda: door.practice.does == ["prepare", "serve"])
    door.practice.fails = [EnvironmentFault(BackgroundCode.INTERNAL)]
    door.opening.keep_gateway()
    door.until(Gate.SIGN_IN)
    door.qtbot.waitUntil(lambda: door.practice.does.count("serve") == 2)
    assert len(door.gateway_changes) <= 1


def test_the_practice_network_is_cut_and_put_back(doors: Callable[[Place], Door], tmp_path: Path) -> None:
    ready_station(tmp_path / "practice" / "station")
    door = doors(Place(tmp_path / "practice" / "station", tmp_path / "practice"))
    door.begin()
    door.until(Gate.SIGN_IN)
    door.opening.cut_gateway(cut=True)
    assert door.opening.is_cut
    door.opening.keep_gateway()  # what synchronising asks for
    door.qtbot.waitUntil(lambda: door.practice.does == ["prepare", "serve", "close"] and len(door.gateway_changes) == 2)
    door.opening.cut_gateway(cut=False)
    door.qtbot.waitUntil(lambda: len(door.gateway_changes) == 3)
    assert door.practice.does == ["prepare", "serve", "close", "serve"]


# Passphrase -------------------------------------------------------------------------------------------------------------------------------


def test_a_wrong_passphrase_is_said_and_asked_for_again(doors: Callable[[Place], Door], staffed: Path) -> None:
    door = doors(Place(staffed))
    door.begin()
    assert door.gate.gate is Gate.UNLOCK
    for _ in range(2):
        door.enter(passphrase="wrong")
        assert door.gate.gate is Gate.WAIT
        gate = door.until(Gate.UNLOCK)
        assert "口令" in gate.said
    door.enter(passphrase=PRACTICE_PASSPHRASE)
    gate = door.until(Gate.SIGN_IN)
    assert gate.said == ""
    assert [one.first for one in gate.fields] == ["", ""]  # nothing is filled in at a real station
    assert len(door.desks) == 1


def test_a_folder_of_something_else_is_left_alone_and_said(doors: Callable[[Place], Door], tmp_path: Path) -> None:
    other = tmp_path / "data"
    other.mkdir()
    (other / "letter.txt").write_text("样例", "utf-8")
    door = doors(Place(other))
    door.begin()
    assert door.gate.gate is Gate.FAILED
    assert len(door.gate.words) > 8
    (other / "letter.txt").unlink()
    door.opening.press("Enter")
    assert door.gate.gate is Gate.CHOOSE


def test_a_database_that_is_damaged_is_said_and_enter_tries_again(doors: Callable[[Place], Door], tmp_path: Path) -> None:
    path = tmp_path / "station"
    ready_station(path)
    database = next(path.glob("*.db"))
    whole = database.read_bytes()
    database.write_bytes(b"not a database" * 1000)
    door = doors(Place(path))
    door.begin()
    door.until(Gate.FAILED)
    assert not door.desks[0].busy, "nothing opens the folder again before somebody asks"
    for each in path.glob("*.db-*"):
        each.unlink()
    database.write_bytes(whole)
    door.opening.press("Enter")
    door.until(Gate.SIGN_IN)


def test_a_window_that_is_refused_stays_refused(doors: Callable[[Place], Door], staffed: Path) -> None:
    """The other window's folder: what the desk still answers opens no gate."""
    door = doors(Place(staffed))
    door.opening.opened.connect(lambda _: door.opening.refuse(StoreError(StoreCode.WINDOW_OPEN)))
    door.begin()
    door.enter(passphrase=PRACTICE_PASSPHRASE)
    door.until(Gate.FAILED)
    door.qtbot.waitUntil(lambda: bool(door.desks) and not door.desks[0].busy, timeout=20_000)
    assert door.gate.gate is Gate.FAILED


# Sign-in ----------------------------------------------------------------------------------------------------------------------------------


def test_three_wrong_passwords_lock_the_sign_in_for_a_while(qtbot: QtBot, tmp_path: Path) -> None:
    ready_station(tmp_path / "station")
    clock = SetClock()
    door = Door(qtbot, Place(tmp_path / "station"))
    door.opening._clock = clock
    try:
        door.begin()
        door.until(Gate.SIGN_IN)
        for _ in range(3):
            said = len(door.shown)
            door.enter(code=PRACTICE_SUPERVISOR, password="wrong")
            qtbot.waitUntil(lambda said=said: len(door.shown) > said)
            assert door.gate.said
        door.enter(code=PRACTICE_SUPERVISOR, password=PRACTICE_PASSWORD)
        door.says("秒")
        assert door.came == []
        clock.pass_ms(10_000)
        door.enter(code=PRACTICE_SUPERVISOR, password=PRACTICE_PASSWORD)
        qtbot.waitUntil(lambda: bool(door.came), timeout=20_000)
    finally:
        door.end()


def test_nobody_signs_in_who_is_unknown(doors: Callable[[Place], Door], tmp_path: Path) -> None:
    ready_station(tmp_path / "station")
    door = doors(Place(tmp_path / "station"))
    door.begin()
    door.until(Gate.SIGN_IN)
    door.enter(code="9999", password="practice")
    door.qtbot.waitUntil(lambda: bool(door.gate.said))
    assert door.came == []
    with Station.open(tmp_path / "station", PRACTICE_PASSPHRASE, Surroundings(SystemClock(), hasher=CHEAP)) as station:
        assert [one.code for one in station.desk().operators.all()] == [PRACTICE_SUPERVISOR, PRACTICE_CLERK]


def test_another_operator_is_asked_for_with_the_station_open(doors: Callable[[Place], Door], tmp_path: Path) -> None:
    ready_station(tmp_path / "station")
    door = doors(Place(tmp_path / "station"))
    door.begin()
    door.until(Gate.SIGN_IN)
    door.opening.ask_sign_in("0142")
    assert [one.first for one in door.gate.fields] == ["0142", ""]  # who has a parcel in hand is known; the password is typed
    door.opening.ask_sign_in()
    assert [one.first for one in door.gate.fields] == [PRACTICE_CLERK, PRACTICE_PASSWORD]
    assert len(door.desks) == 1
