"""处置, 拦截: the gateway takes the entries as any others, counts nothing twice, and gets nothing of whom a refusal keeps nothing of."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from courier_check.desk.acceptances import Submission
from courier_check.desk.disposals import Handover, Report
from courier_check.desk.intercepts import Cause, Intercept, InterceptOutcome, Settlement
from courier_check.desk.rights import Role, SignedIn
from courier_check.gateway.store.schema import index_rows
from courier_check.inspection.findings import ContentsFinding, FindingKind
from courier_check.reports.acts import ActKind, Period
from courier_check.reports.daily import figures
from courier_check.station import PRACTICE_PASSPHRASE, PRACTICE_SUPERVISOR, Station, Surroundings
from courier_check.store import inbox, journal
from courier_check.sync.synchroniser import SyncState
from support.clocks import SetClock
from support.gateways import practice_gateway
from support.parcels import DOCUMENT, complete
from support.stations import CHEAP, acceptance, append

WAYBILL = "SF1000000000028"
WAYBILL_REFUSED = "SF1000000000014"
SECRETS = (DOCUMENT.name or "", str(DOCUMENT.number))


def staffed(station: Station) -> SignedIn:
    station.desk().operators.add(PRACTICE_SUPERVISOR, Role.SUPERVISOR, "样例主管", "practice", None)
    return SignedIn(PRACTICE_SUPERVISOR, Role.SUPERVISOR)


def test_the_new_kinds_are_replicated_and_not_objected_to(tmp_path: Path, clock: SetClock) -> None:
    surroundings = Surroundings(clock, hasher=CHEAP)
    with (
        practice_gateway(tmp_path / "gateway", clock) as practice,
        Station.init(tmp_path / "station", PRACTICE_PASSPHRASE, surroundings, practice=True) as station,
    ):
        station.enrol(practice.code(), practice.url)
        by, desk = staffed(station), station.desk()
        header = append(station, acceptance(WAYBILL)).entry.header
        place = (header.journal_id, header.seq)
        found = ContentsFinding(FindingKind.PROHIBITED, "弹簧刀(跳刀)", "02")
        desk.intercepts.intercept(Intercept(*place, Cause.FOUND, "查见刀具", "分拣中心", "值班 赵", found), by)
        desk.disposals.report(Report(*place, "public-security", "李", "110"), by)
        desk.disposals.hand_over(Handover(*place, "public-security", "样公字12号", ("0110234567", "0110234999")), by)
        desk.intercepts.settle(Settlement(*place, InterceptOutcome.HANDED_OVER, "已移交"), by)
        outcome = station.synchronise()
        standing = inbox.standing(station.database)
        assert (outcome.status.state, standing.pending, standing.returned_open) == (SyncState.SYNCHRONISED, 0, 0)
        assert station.verify().ok
        period = Period.day(clock.read().at.date())
        rows = station.report_rows(period)
        assert [row.pending for row in rows if row.kind is ActKind.INTERCEPT] == [False]
        counted = figures(rows, period, clock.read().wall_ms)
        assert (counted.accepted, counted.refused, counted.intercepted) == (1, 0, 1)
        with practice.gateway.database.read() as tx:
            held = [row[0] for row in tx.execute(select(index_rows.c.kind).order_by(index_rows.c.arrival)).all()]
        assert held == ["acceptance"]


@pytest.mark.parametrize("code", ["R01", "R06"])
def test_of_who_shows_nothing_or_opens_nothing_nothing_is_kept_or_sent(tmp_path: Path, clock: SetClock, code: str) -> None:
    surroundings = Surroundings(clock, hasher=CHEAP)
    with (
        practice_gateway(tmp_path / "gateway", clock) as practice,
        Station.init(tmp_path / "station", PRACTICE_PASSPHRASE, surroundings, practice=True) as station,
    ):
        station.enrol(practice.code(), practice.url)
        by, desk = staffed(station), station.desk()
        book = desk.acceptances.rules.rulebook
        recorded = desk.acceptances.submit(Submission(complete(book).refused(code, book), by))
        assert station.synchronise().status.state is SyncState.SYNCHRONISED
        stored = journal.entry_at(station.database, journal.current_journal(station.database) or "", recorded.seq or 0)
        assert stored is not None
        said = stored.header_bytes + b"".join(stored.openings.values())
        assert [secret for secret in SECRETS if secret.encode() in said] == []
        assert set(stored.openings) == {"index", "kept"}, "nothing is reported"
        assert set(stored.sealed) == {"index"}, "what travels is the index"
        with practice.gateway.database.read() as tx:
            (row,) = tx.execute(select(index_rows)).all()
        assert [secret for secret in SECRETS if secret in str(row)] == []
        tables = [name for (name,) in station.database.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = [row for table in tables if not table.startswith("list_") for row in station.database.rows(f"SELECT * FROM {table}")]  # noqa: S608 - names of our own schema
        written = b"\n".join(value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row)
        assert WAYBILL_REFUSED.encode() in written, "the waybill is kept: it is looked where things stand"
        assert [secret for secret in SECRETS if secret.encode() in written] == []
