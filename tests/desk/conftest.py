"""A practice station with its two operators and the practice lists."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from courier_check.acceptance import Session
from courier_check.desk.rights import Role, SignedIn
from courier_check.desk.screener import Subject
from courier_check.desk.vetting import shipped_vetting
from courier_check.parcel.waybills import CodeKind, WaybillCheck
from courier_check.screening.entries import Vetting
from courier_check.station import PRACTICE_CLERK, PRACTICE_PASSWORD, PRACTICE_SUPERVISOR, Station
from courier_check.store.resources import resource_path
from courier_check.terms import MailKind
from support.clocks import SetClock
from support.entries import Prepared
from support.parcels import STEPS, TODAY, answer_all
from support.stations import station_in


@pytest.fixture(scope="session")
def vetting() -> Vetting:
    return shipped_vetting(TODAY)


@pytest.fixture(scope="session")
def supervised_folder(tmp_path_factory: pytest.TempPathFactory, enrolled_folder: Path) -> Path:
    """The folder of the enrolled station once its supervisor has signed in, to be copied."""
    folder = Path(shutil.copytree(enrolled_folder, tmp_path_factory.mktemp("supervised") / "station"))
    with station_in(folder, SetClock(SetClock.wall_ms - 800, 200)) as station:
        operators = station.desk().operators
        operators.add(PRACTICE_SUPERVISOR, Role.SUPERVISOR, "样例主管", PRACTICE_PASSWORD, None)
        operators.sign_in(PRACTICE_SUPERVISOR, PRACTICE_PASSWORD)
    return folder


@pytest.fixture(scope="session")
def staffed_folder(tmp_path_factory: pytest.TempPathFactory, supervised_folder: Path) -> Path:
    """The folder of that station with the practice lists, indexed, and once its clerk has signed in, to be copied."""
    folder = Path(shutil.copytree(supervised_folder, tmp_path_factory.mktemp("staffed") / "station"))
    with station_in(folder, SetClock(SetClock.wall_ms - 400, 600)) as station:
        desk, by = station.desk(), SignedIn(PRACTICE_SUPERVISOR, Role.SUPERVISOR)
        desk.operators.add(PRACTICE_CLERK, Role.CLERK, "样例收寄员", PRACTICE_PASSWORD, by)
        desk.lists.install_csv(resource_path("samples/practice_list.csv").read_text(encoding="utf-8"), by)
        desk.screener.screen(Subject(name="样例人"), TODAY)
        desk.operators.sign_in(PRACTICE_CLERK, PRACTICE_PASSWORD)
    return folder


@pytest.fixture
def station(request: pytest.FixtureRequest, tmp_path: Path, clock: SetClock) -> Iterator[Station]:
    """The practice station with whom the test asks for: a copy, since adding operators and lists anew takes ten times as long."""
    asked = request.fixturenames
    made = "staffed_folder" if "clerk" in asked else "supervised_folder" if "supervisor" in asked else "enrolled_folder"
    with station_in(shutil.copytree(request.getfixturevalue(made), tmp_path / "station"), clock) as opened:
        yield opened


@pytest.fixture
def supervisor(station: Station) -> SignedIn:
    return SignedIn(PRACTICE_SUPERVISOR, Role.SUPERVISOR)


@pytest.fixture
def clerk(station: Station, supervisor: SignedIn) -> SignedIn:
    return SignedIn(PRACTICE_CLERK, Role.CLERK)


@pytest.fixture
def prepared(station: Station) -> Prepared:
    """A session of the made-up sender with everything answered, on a waybill of one's choice."""

    def make(
        waybill: str = "SF1000000000014", *, but: tuple[str, ...] = (), changed: Callable[[Session], Session] = lambda s: s
    ) -> Session:
        session = Session.started("s1", MailKind.PARCEL)
        for step in STEPS:
            session = step(session)
        session = session.waybill_scanned(WaybillCheck(waybill, CodeKind.WAYBILL, ("sf",), "sf"), "张三丰")
        session = station.desk().acceptances.prepare(changed(session))
        book = station.desk().acceptances.rules.rulebook
        return answer_all(session, replace(book), but=but)

    return make
