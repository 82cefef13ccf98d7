"""更正运单号: no correction frees a parcel that is intercepted or failed its security check, neither under the waybill it had nor under
the one it gets."""

from __future__ import annotations

import pytest

from courier_check.acceptance import AcceptanceReason
from courier_check.desk import lookups
from courier_check.desk.acceptances import Recorded, Submission
from courier_check.desk.codes import DeskCode
from courier_check.desk.corrections import Correction
from courier_check.desk.disposal_codes import DisposalCode
from courier_check.desk.intercepts import Cause, Intercept, InterceptOutcome, Settlement
from courier_check.desk.rights import SignedIn
from courier_check.desk.security_checks import Means, Parcel, SecurityCheck
from courier_check.desk.withdrawals import Withdrawal
from courier_check.errors import UserError
from courier_check.inspection.security import SecurityOutcome
from courier_check.inspection.verdict import Outcome
from courier_check.label_printing import label_of
from courier_check.shift_board import Stretch, board
from courier_check.station import Station
from courier_check.store import journal, views
from courier_check.store.acts import accepted, act_at
from support.entries import Prepared
from support.parcels import DOCUMENT
from support.parts_gone import parts_gone

BEFORE, AFTER, OTHER = "SF1000000000014", "SF1000000000030", "SF1000000000022"
PASS, FAIL, RECHECK = SecurityOutcome.PASS, SecurityOutcome.FAIL, SecurityOutcome.RECHECK


def current(station: Station) -> str:
    return journal.current_journal(station.database) or ""


def accept(station: Station, prepared: Prepared, by: SignedIn, waybill: str = BEFORE) -> Recorded:
    return station.desk().acceptances.submit(Submission(prepared(waybill), by))


def correct(station: Station, seq: int, waybill: str, by: SignedIn) -> None:
    station.desk().acceptances.correct(Correction(current(station), seq, {"waybill": waybill}, "面单看错"), by)


def intercept(station: Station, seq: int, by: SignedIn) -> None:
    asked = Intercept(current(station), seq, Cause.AUTHORITY, "接到通知", "分拣中心", "值班 赵")
    station.desk().intercepts.intercept(asked, by)


def release(station: Station, seq: int, by: SignedIn) -> None:
    station.desk().intercepts.settle(Settlement(current(station), seq, InterceptOutcome.RELEASED, "查清了"), by)


def screen(station: Station, outcome: SecurityOutcome, scan: str, by: SignedIn) -> Parcel:
    return station.desk().security.check(SecurityCheck(scan, outcome, Means(("x-ray",))), by).parcel


def is_stopped(station: Station, scan: str) -> bool:
    try:
        station.desk().intercepts.check_scan(scan)
    except UserError as told:
        return told.code == DisposalCode.INTERCEPTED
    return False


@pytest.fixture
def seq(station: Station, prepared: Prepared, clerk: SignedIn) -> int:
    return accept(station, prepared, clerk).seq or 0


@pytest.fixture
def stopped(station: Station, clerk: SignedIn, seq: int) -> int:
    """An acceptance under `BEFORE` that is intercepted."""
    intercept(station, seq, clerk)
    return seq


def test_an_intercepted_parcel_gets_no_other_waybill_from_a_clerk(station: Station, clerk: SignedIn, stopped: int) -> None:
    with pytest.raises(UserError) as caught:
        correct(station, stopped, AFTER, clerk)
    assert caught.value.code == DeskCode.NO_RIGHT
    assert (is_stopped(station, BEFORE), accepted(station.database, AFTER)) == (True, None)


def test_both_waybills_of_an_intercepted_parcel_stay_stopped_until_it_is_released(
    station: Station, prepared: Prepared, clerk: SignedIn, supervisor: SignedIn, stopped: int
) -> None:
    correct(station, stopped, AFTER, supervisor)
    for waybill in (BEFORE, AFTER):
        assert is_stopped(station, waybill)
        assert screen(station, PASS, waybill, clerk) is Parcel.INTERCEPTED
        assert station.desk().intercepts.named(waybill) == (current(station), stopped)
        recorded = accept(station, prepared, clerk, waybill)
        assert (recorded.outcome, recorded.seq) == (Outcome.REFUSE, None)
        assert AcceptanceReason.INTERCEPTED in {reason.code for reason in recorded.verdict.reasons}
    assert all(each.equal for each in views.compare(station.database))
    release(station, stopped, supervisor)
    assert (is_stopped(station, BEFORE), is_stopped(station, AFTER)) == (False, False)
    assert accept(station, prepared, clerk, BEFORE).outcome is Outcome.ACCEPT


def test_no_other_parcel_takes_a_stopped_waybill_by_correction(
    station: Station, prepared: Prepared, clerk: SignedIn, supervisor: SignedIn, stopped: int
) -> None:
    correct(station, stopped, AFTER, supervisor)
    other = accept(station, prepared, clerk, OTHER).seq or 0
    for by in (clerk, supervisor):
        with pytest.raises(UserError) as caught:
            correct(station, other, BEFORE, by)
        assert caught.value.code == DisposalCode.INTERCEPTED
    correct(station, stopped, BEFORE, supervisor)  # the parcel's own waybill, put back
    assert is_stopped(station, BEFORE)
    assert is_stopped(station, AFTER)


def test_a_waybill_accepted_for_another_parcel_since_the_release_is_not_stopped_with_the_first_again(
    station: Station, prepared: Prepared, clerk: SignedIn, supervisor: SignedIn, stopped: int
) -> None:
    correct(station, stopped, AFTER, supervisor)
    release(station, stopped, supervisor)
    assert accept(station, prepared, clerk, BEFORE).outcome is Outcome.ACCEPT
    intercept(station, stopped, clerk)
    assert (is_stopped(station, BEFORE), is_stopped(station, AFTER)) == (False, True)


def test_a_waybill_corrected_before_the_intercept_is_nobody_s(
    station: Station, prepared: Prepared, clerk: SignedIn, supervisor: SignedIn, seq: int
) -> None:
    correct(station, seq, AFTER, clerk)
    intercept(station, seq, clerk)
    assert (is_stopped(station, BEFORE), is_stopped(station, AFTER)) == (False, True)
    assert accept(station, prepared, clerk, BEFORE).outcome is Outcome.ACCEPT


def test_a_stopped_waybill_is_forgotten_with_the_parts_of_its_parcel(station: Station, supervisor: SignedIn, stopped: int) -> None:
    correct(station, stopped, AFTER, supervisor)
    with station.database.write() as tx:
        parts_gone(tx, current(station), stopped)
    assert station.database.value("SELECT COUNT(*) FROM stopped_waybills") == 0
    assert all(each.equal for each in views.compare(station.database))


def test_a_clerk_takes_no_waybill_that_stands_under_a_failed_check(
    station: Station, prepared: Prepared, clerk: SignedIn, supervisor: SignedIn
) -> None:
    assert screen(station, FAIL, BEFORE, clerk) is Parcel.ELSEWHERE
    seq = accept(station, prepared, clerk, OTHER).seq or 0
    with pytest.raises(UserError) as caught:
        correct(station, seq, BEFORE, clerk)
    assert caught.value.code == DeskCode.NO_RIGHT
    assert accepted(station.database, BEFORE) is None
    correct(station, seq, BEFORE, supervisor)
    assert_failed(station, seq, clerk)
    screen(station, RECHECK, BEFORE, supervisor)
    correct(station, seq, OTHER, clerk)


def assert_failed(station: Station, seq: int, clerk: SignedIn) -> None:
    """Seen under the failed check by everybody who asks."""
    act = act_at(station.database, current(station), seq)
    assert act is not None
    assert act.security == "fail"
    shown = lookups.record(station.database, station.enrolled(), station.evidence, current(station), seq)
    assert [one.outcome for one in shown.security] == ["fail"]
    today = board(station.database, Stretch.TODAY, station.clock.read().wall_ms)
    left = station.desk().day_closes.due().left
    assert (today.failed, today.unchecked, left.failed) == (1, 0, 1)
    mark = label_of(station.desk().labels.facts(current(station), seq)).marks[2]
    assert (mark.text, mark.made) == ("安检不合格", False)
    with pytest.raises(UserError) as caught:
        station.desk().withdrawals.withdraw(Withdrawal(current(station), seq, "不寄了", str(DOCUMENT.number)), clerk)
    assert caught.value.code == DisposalCode.FAILED_CHECK


def test_a_failed_waybill_taken_by_a_standing_acceptance_counts_once(
    station: Station, prepared: Prepared, clerk: SignedIn, supervisor: SignedIn
) -> None:
    """The older acceptance takes the waybill of a younger one that was withdrawn."""
    older = accept(station, prepared, clerk, OTHER).seq or 0
    younger = accept(station, prepared, clerk, BEFORE).seq or 0
    station.desk().withdrawals.withdraw(Withdrawal(current(station), younger, "不寄了", str(DOCUMENT.number)), clerk)
    screen(station, FAIL, BEFORE, clerk)
    correct(station, older, BEFORE, supervisor)
    today = board(station.database, Stretch.TODAY, station.clock.read().wall_ms)
    assert (today.failed, station.desk().day_closes.due().left.failed) == (1, 1)
