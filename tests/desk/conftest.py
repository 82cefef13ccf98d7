"""A practice station with its two operators and the practice lists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from courier_check.acceptance import Session
from courier_check.desk.rights import Role, SignedIn
from courier_check.desk.vetting import shipped_vetting
from courier_check.parcel.waybills import CodeKind, WaybillCheck
from courier_check.screening.entries import Vetting
from courier_check.station import PRACTICE_CLERK, PRACTICE_PASSWORD, PRACTICE_SUPERVISOR, Station
from courier_check.store.resources import resource_path
from courier_check.terms import MailKind
from support.entries import Prepared
from support.parcels import STEPS, TODAY, answer_all


@pytest.fixture(scope="session")
def vetting() -> Vetting:
    return shipped_vetting(TODAY)


@pytest.fixture
def supervisor(station: Station) -> SignedIn:
    operators = station.desk().operators
    operators.add(PRACTICE_SUPERVISOR, Role.SUPERVISOR, "样例主管", PRACTICE_PASSWORD, None)
    return operators.sign_in(PRACTICE_SUPERVISOR, PRACTICE_PASSWORD)


@pytest.fixture
def clerk(station: Station, supervisor: SignedIn) -> SignedIn:
    operators = station.desk().operators
    operators.add(PRACTICE_CLERK, Role.CLERK, "样例收寄员", PRACTICE_PASSWORD, supervisor)
    station.desk().lists.install_csv(resource_path("samples/practice_list.csv").read_text(encoding="utf-8"), supervisor)
    return operators.sign_in(PRACTICE_CLERK, PRACTICE_PASSWORD)


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
