"""安检: the gateway takes the entries as any others, and finds what it was accepted elsewhere under by its waybill."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from courier_check.desk.rights import Role, SignedIn
from courier_check.desk.security_checks import Means, SecurityCheck
from courier_check.gateway.store.schema import index_rows
from courier_check.inspection.security import SecurityOutcome
from courier_check.reports.acts import ActKind, Period
from courier_check.station import PRACTICE_PASSPHRASE, PRACTICE_SUPERVISOR, Station, Surroundings
from courier_check.store import inbox
from courier_check.sync.synchroniser import SyncState
from support.clocks import SetClock
from support.gateways import practice_gateway
from support.stations import CHEAP, acceptance, append

HERE, ELSEWHERE = "SF1000000000014", "SF1000000000028"


def test_checks_are_replicated_not_objected_to_and_acknowledged(tmp_path: Path, clock: SetClock) -> None:
    surroundings = Surroundings(clock, hasher=CHEAP)
    with (
        practice_gateway(tmp_path / "gateway", clock) as practice,
        Station.init(tmp_path / "station", PRACTICE_PASSPHRASE, surroundings, practice=True) as station,
    ):
        station.enrol(practice.code(), practice.url)
        station.desk().operators.add(PRACTICE_SUPERVISOR, Role.SUPERVISOR, "样例主管", "practice", None)
        by = SignedIn(PRACTICE_SUPERVISOR, Role.SUPERVISOR)
        append(station, acceptance(HERE))
        for scan, outcome in ((HERE, SecurityOutcome.FAIL), (ELSEWHERE, SecurityOutcome.PASS)):
            station.desk().security.check(SecurityCheck(scan, outcome, Means(("x-ray",)), image="XR-1", note="样例"), by)
        outcome = station.synchronise()
        standing = inbox.standing(station.database)
        assert (outcome.status.state, standing.pending, standing.returned_open) == (SyncState.SYNCHRONISED, 0, 0)
        assert station.verify().ok
        rows = station.report_rows(Period.day(clock.read().at.date()))
        assert [row.pending for row in rows if row.kind is ActKind.SECURITY_CHECK] == [False, False]
        with practice.gateway.database.read() as tx:
            held = tx.execute(select(index_rows.c.kind, index_rows.c.waybill).order_by(index_rows.c.arrival)).all()
        assert [tuple(row) for row in held] == [("acceptance", HERE), ("security-check", ELSEWHERE)]
