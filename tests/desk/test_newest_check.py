"""安检: whoever asks how a parcel stands is told of the newest check of its waybill, whatever act that is bound to: release and header of
an intercept, label, record, records list, shift board, day close, reports."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from courier_check.desk import lookups
from courier_check.desk.acceptances import Submission
from courier_check.desk.disposal_codes import DisposalCode
from courier_check.desk.intercepts import Cause, Intercept, InterceptOutcome, Settlement
from courier_check.desk.rights import SignedIn
from courier_check.desk.security_checks import Checked, Means, SecurityCheck
from courier_check.desk.withdrawals import Withdrawal
from courier_check.errors import UserError
from courier_check.inspection.security import SecurityOutcome
from courier_check.journal.label_text import LabelledEntry, label_text
from courier_check.label_printing import label_of
from courier_check.reports.acts import Period
from courier_check.reports.daily import figures
from courier_check.shift_board import Stretch, board
from courier_check.station import Station
from courier_check.store import journal
from courier_check.store.acts import COLUMNS, act_at
from support.entries import Prepared, facts
from support.parcels import DOCUMENT

WAYBILL = "SF1000000000014"
PASS, FAIL, RECHECK = SecurityOutcome.PASS, SecurityOutcome.FAIL, SecurityOutcome.RECHECK
Screen = Callable[..., Checked]


def current(station: Station) -> str:
    return journal.current_journal(station.database) or ""


@pytest.fixture
def screen(station: Station, clerk: SignedIn) -> Screen:
    def check(outcome: SecurityOutcome, scan: str = WAYBILL, by: SignedIn = clerk, note: str = "") -> Checked:
        return station.desk().security.check(SecurityCheck(scan, outcome, Means(("x-ray",)), note=note), by)

    return check


def accept(station: Station, prepared: Prepared, by: SignedIn) -> int:
    return station.desk().acceptances.submit(Submission(prepared(WAYBILL), by)).seq or 0


def withdraw(station: Station, seq: int, by: SignedIn) -> None:
    station.desk().withdrawals.withdraw(Withdrawal(current(station), seq, "不寄了", str(DOCUMENT.number)), by)


@pytest.fixture
def first(station: Station, prepared: Prepared, clerk: SignedIn) -> int:
    """An acceptance that was withdrawn: its label still sticks to the parcel."""
    seq = accept(station, prepared, clerk)
    withdraw(station, seq, clerk)
    return seq


@pytest.fixture
def again(station: Station, prepared: Prepared, clerk: SignedIn, first: int) -> int:
    """The same parcel accepted anew."""
    assert first
    return accept(station, prepared, clerk)


def label_code(station: Station, seq: int) -> str:
    return label_text(LabelledEntry(current(station), seq, journal.hash_at(station.database, current(station), seq) or ""))


def intercept(station: Station, seq: int, by: SignedIn) -> int:
    asked = Intercept(current(station), seq, Cause.SECURITY, "安检不合格", "分拣中心", "值班 赵")
    return station.desk().intercepts.intercept(asked, by).composed.entry.header.seq


def release(station: Station, seq: int, by: SignedIn) -> None:
    station.desk().intercepts.settle(Settlement(current(station), seq, InterceptOutcome.RELEASED, "看过了"), by)


def mark_of(station: Station, seq: int) -> tuple[str, bool]:
    mark = label_of(station.desk().labels.facts(current(station), seq)).marks[2]
    return mark.text, mark.made


def test_a_failure_scanned_by_the_first_label_holds_the_new_acceptance(
    station: Station, clerk: SignedIn, supervisor: SignedIn, screen: Screen, first: int, again: int
) -> None:
    failed = screen(FAIL, label_code(station, first))
    assert failed.of == (current(station), first)
    stopped = intercept(station, again, clerk)
    assert facts(station, stopped)["security"] == "fail"
    with pytest.raises(UserError) as caught:
        release(station, again, supervisor)
    assert caught.value.code == DisposalCode.RELEASE_FAILED
    screen(RECHECK, by=supervisor)
    release(station, again, supervisor)


def test_a_label_says_what_the_newest_check_of_the_parcel_said(station: Station, screen: Screen, first: int, again: int) -> None:
    screen(PASS)
    assert mark_of(station, again) == ("已安检", True)
    screen(FAIL, label_code(station, first))
    assert mark_of(station, again) == ("安检不合格", False)


def test_what_passed_by_the_first_label_is_released(
    station: Station, clerk: SignedIn, supervisor: SignedIn, screen: Screen, first: int, again: int
) -> None:
    screen(FAIL)
    screen(RECHECK, label_code(station, first), supervisor)
    screen(PASS, label_code(station, first))
    assert facts(station, intercept(station, again, clerk))["security"] == "pass"
    release(station, again, supervisor)
    assert mark_of(station, again) == ("已安检", True)


def test_records_board_day_close_and_reports_say_the_same(station: Station, screen: Screen, first: int, again: int) -> None:
    screen(PASS)
    screen(FAIL, label_code(station, first), note=f"{DOCUMENT.name}的件，夹层有液体")
    shown = lookups.record(station.database, station.enrolled(), station.evidence, current(station), again)
    assert shown.act.security == "fail"
    assert [one.outcome for one in shown.security] == ["pass", "fail"], "the record shows the check that counts"
    assert str(DOCUMENT.name) not in (shown.security[1].note or "")
    found = lookups.search(station.database, lookups.Search(WAYBILL)).acts
    assert [act.security for act in found] == ["fail", "fail"]
    today = board(station.database, Stretch.TODAY, station.clock.read().wall_ms)
    left = station.desk().day_closes.due().left
    assert (today.failed, today.unchecked, left.failed, left.unchecked) == (1, 0, 1, 0), "one parcel, though two acceptances"
    day = Period.day(station.clock.read().at.date())
    assert figures(station.report_rows(day), day, station.clock.read().wall_ms).rates.security_checked == today.security


def test_a_check_made_before_the_acceptance_is_the_parcel_s(
    station: Station, prepared: Prepared, clerk: SignedIn, supervisor: SignedIn, screen: Screen
) -> None:
    screen(RECHECK)
    seq = accept(station, prepared, clerk)
    act = act_at(station.database, current(station), seq)
    assert act is not None
    assert act.security == "recheck"
    assert board(station.database, Stretch.TODAY, station.clock.read().wall_ms).recheck == 1
    assert station.desk().day_closes.due().left.recheck == 1


def test_a_parcel_twice_withdrawn_fails_once(station: Station, clerk: SignedIn, screen: Screen, first: int, again: int) -> None:
    withdraw(station, again, clerk)
    screen(FAIL, label_code(station, first))
    today = board(station.database, Stretch.TODAY, station.clock.read().wall_ms)
    assert (today.failed, station.desk().day_closes.due().left.failed) == (1, 1)


def test_the_newest_check_of_an_act_is_found_by_indexes(station: Station) -> None:
    sql = f"EXPLAIN QUERY PLAN SELECT {COLUMNS} FROM acts a WHERE a.journal_id = ? AND a.seq = ?"  # noqa: S608 - our own columns
    told = [str(row[-1]) for row in station.database.rows(sql, (current(station), 1))]
    assert [step for step in told if step.startswith("SCAN") and "CONSTANT" not in step] == []
    for index in ("security_checks_by_act", "security_checks_by_waybill", "acts_by_waybill"):
        assert any(index in step for step in told), told
