"""安检: every check is an entry, the last one counts, and a parcel that failed goes nowhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest

from courier_check.acceptance import AcceptanceReason, Session, Settlement
from courier_check.desk import lookups
from courier_check.desk.acceptances import Recorded, Submission
from courier_check.desk.codes import DeskCode
from courier_check.desk.corrections import Correction
from courier_check.desk.disposal_codes import DisposalCode
from courier_check.desk.rights import SignedIn
from courier_check.desk.security_checks import Checked, Means, Parcel, SecurityCheck
from courier_check.desk.withdrawals import Withdrawal
from courier_check.errors import UserError
from courier_check.inspection.codes import SecurityCode
from courier_check.inspection.findings import Answer, Finding
from courier_check.inspection.security import SecurityOutcome
from courier_check.inspection.verdict import Outcome
from courier_check.journal.label_text import LabelledEntry, label_text
from courier_check.label_printing import label_of
from courier_check.reports.acts import Period
from courier_check.reports.daily import Figures, Rate, figures
from courier_check.shift_board import Stretch, board
from courier_check.station import Station
from courier_check.store import journal, views
from courier_check.store.acts import accepted, act_at
from courier_check.store.resources import read_resource
from courier_check.store.security import NEWEST_OF_PARCEL
from courier_check.terms import Consequence
from support.entries import Prepared, facts, part, stored
from support.parcels import DOCUMENT, TODAY
from support.parts_gone import parts_gone

WAYBILL, OTHER = "SF1000000000014", "SF1000000000028"
PASS, FAIL, RECHECK = SecurityOutcome.PASS, SecurityOutcome.FAIL, SecurityOutcome.RECHECK
X_RAY = Means(methods=("x-ray",))
Screen = Callable[..., Checked]


def current(station: Station) -> str:
    return journal.current_journal(station.database) or ""


def accept(station: Station, prepared: Prepared, by: SignedIn, waybill: str = WAYBILL) -> int:
    return station.desk().acceptances.submit(Submission(prepared(waybill), by)).seq or 0


@pytest.fixture
def screen(station: Station, clerk: SignedIn) -> Screen:
    def check(outcome: SecurityOutcome = PASS, scan: str = WAYBILL, by: SignedIn | None = clerk, **said: object) -> Checked:
        return station.desk().security.check(SecurityCheck(scan, outcome, **{"means": X_RAY, **said}), by)  # type: ignore[arg-type]

    return check


def later(station: Station, seconds: int = 3600) -> None:
    station.clock.pass_ms(seconds * 1000)  # type: ignore[attr-defined]  # the tests' own clock


def security_of(station: Station, seq: int) -> str | None:
    act = act_at(station.database, current(station), seq)
    assert act is not None
    return act.security


def test_a_check_names_the_rules_its_methods_are_from_and_no_list(station: Station, screen: Screen) -> None:
    data = read_resource("security.json")
    expected = {"kind": "rules", "name": "security", "sha256": sha256(data).hexdigest(), "version": json.loads(data)["version"]}
    made = screen()
    assert json.loads(stored(station, made.seq).header_bytes)["packages"] == [expected]
    assert screen().repeated, "the same check once more is no other one"
    assert station.verify().ok


def test_a_check_is_bound_to_its_acceptance_and_names_no_waybill(
    station: Station, prepared: Prepared, clerk: SignedIn, screen: Screen
) -> None:
    seq = accept(station, prepared, clerk)
    before = stored(station, seq)
    made = screen(image="XR/2026-11-23/000417", means=Means(("x-ray", "hand-search"), accepted_by="ZZ-HUB-01"), note="夹层已看")
    assert stored(station, seq) == before
    assert (made.parcel, made.of, made.waybill, made.number) == (Parcel.ACCEPTED, (current(station), seq), WAYBILL, 1)
    until = station.clock.read().at.date() + timedelta(days=30)
    assert facts(station, made.seq) == {
        "checks": {"journal_id": current(station), "seq": seq},
        "parcel": "accepted",
        "outcome": "pass",
        "methods": ["x-ray", "hand-search"],
        "exemption": None,
        "accepted_by": "ZZ-HUB-01",
        "image": True,
        "image_kept_until_on": until.isoformat(),
    }
    assert part(station, made.seq, "kept") == {"v": 1, "image": "XR/2026-11-23/000417", "reason": "夹层已看"}
    assert set(stored(station, made.seq).openings) == {"kept"}
    assert json.loads(stored(station, made.seq).header_bytes)["operator"] == clerk.code
    assert security_of(station, seq) == "pass"
    assert station.verify().ok
    assert all(each.equal for each in views.compare(station.database))


def test_a_parcel_of_another_outlet_is_recorded_by_its_waybill_which_stays_out_of_the_header(station: Station, screen: Screen) -> None:
    made = screen(scan=" sf1000000000028 ")
    assert (made.parcel, made.of, made.waybill) == (Parcel.ELSEWHERE, None, OTHER)
    assert facts(station, made.seq)["checks"] is None
    assert OTHER not in stored(station, made.seq).header_bytes.decode()
    assert part(station, made.seq, "index")["waybill"] == OTHER
    later(station)
    assert (screen(RECHECK, scan=OTHER).number, screen(scan=OTHER).before) == (2, RECHECK)
    assert station.desk().security.standing(OTHER) is PASS
    assert all(each.equal for each in views.compare(station.database))


def test_the_last_check_counts_and_the_history_is_kept(
    station: Station, prepared: Prepared, clerk: SignedIn, supervisor: SignedIn, screen: Screen
) -> None:
    seq = accept(station, prepared, clerk)
    first, second = screen(RECHECK), screen(FAIL, note="疑似打火机")
    assert (second.before, second.number) == (RECHECK, 2)
    assert security_of(station, seq) == "fail"
    screen(RECHECK, by=supervisor, means=Means(("hand-search",)))
    last = screen(by=supervisor, means=Means(("hand-search",)))
    assert security_of(station, seq) == "pass"
    shown = lookups.record(station.database, station.enrolled(), station.evidence, current(station), seq)
    assert [each.outcome for each in shown.security] == ["recheck", "fail", "recheck", "pass"]
    assert [each.seq for each in shown.security][::3] == [first.seq, last.seq]
    assert shown.security[1].note == "疑似打火机"
    assert [each.operator for each in shown.security] == [clerk.code, clerk.code, supervisor.code, supervisor.code]
    assert shown.verification.ok


def test_a_failed_parcel_passes_only_after_a_supervisor_has_it_checked_again(
    station: Station, prepared: Prepared, clerk: SignedIn, supervisor: SignedIn, screen: Screen
) -> None:
    accept(station, prepared, clerk)
    failed = screen(FAIL)
    later(station)
    for by in (clerk, supervisor):
        with pytest.raises(UserError) as caught:
            screen(by=by)
        assert caught.value.code == SecurityCode.FAILED_BEFORE
        assert caught.value.facts["seq"] == failed.seq
    with pytest.raises(UserError) as caught:
        screen(RECHECK)
    assert caught.value.code == DeskCode.NO_RIGHT
    screen(RECHECK, by=supervisor)
    assert screen().outcome is PASS


def test_the_same_scan_twice_counts_once(
    station: Station, prepared: Prepared, clerk: SignedIn, supervisor: SignedIn, screen: Screen
) -> None:
    accept(station, prepared, clerk)
    first = screen()
    again = screen()
    assert (again.repeated, again.seq, again.hash, again.number) == (True, first.seq, first.hash, 1)
    assert (screen(scan=OTHER).repeated, screen(scan=OTHER).repeated) == (False, True)
    assert not screen(by=supervisor).repeated
    later(station, 61)
    assert screen().number == 3
    assert screen(FAIL).number == 4


@pytest.mark.parametrize(
    "other",
    [
        {"image": "XR/1"},
        {"note": "夹层有液体"},
        {"means": Means(("hand-search",))},
        {"means": Means(("x-ray",), accepted_by="ZZ-HUB-01")},
        {"means": Means(exemption="diplomatic")},
    ],
)
def test_another_picture_method_or_note_is_another_check(
    station: Station, prepared: Prepared, clerk: SignedIn, screen: Screen, other: dict[str, object]
) -> None:
    accept(station, prepared, clerk)
    screen()
    made = screen(**other)
    assert (made.repeated, made.number) == (False, 2)
    again = screen(**other)
    assert (again.repeated, again.seq, again.number) == (True, made.seq, 2)


def test_a_parcel_that_became_another_matter_meanwhile_is_told_again(
    station: Station, prepared: Prepared, clerk: SignedIn, screen: Screen
) -> None:
    screen()
    seq = accept(station, prepared, clerk)
    made = screen()
    assert (made.repeated, made.of, made.parcel) == (False, (current(station), seq), Parcel.ACCEPTED)
    withdraw(station, seq, clerk)
    assert not screen().repeated


def withdraw(station: Station, seq: int, by: SignedIn) -> None:
    station.desk().withdrawals.withdraw(Withdrawal(current(station), seq, "不寄了", str(DOCUMENT.number)), by)


def reasons(recorded: Recorded) -> set[str]:
    return {reason.code for reason in recorded.verdict.reasons if reason.consequence is not Consequence.NOTE}


def test_a_parcel_that_failed_before_its_acceptance_waits_for_a_supervisor(
    station: Station, prepared: Prepared, clerk: SignedIn, supervisor: SignedIn, screen: Screen
) -> None:
    failed = screen(FAIL)
    assert failed.parcel is Parcel.ELSEWHERE
    session = prepared()
    assert session.draft.failed_check is not None
    assert (session.draft.failed_check.seq, session.draft.waybill is not None) == (failed.seq, True)
    recorded = station.desk().acceptances.submit(Submission(session, clerk))
    assert (recorded.outcome, reasons(recorded)) == (Outcome.REFER, {AcceptanceReason.FAILED_CHECK})
    assert accepted(station.database, WAYBILL) is None
    with pytest.raises(UserError) as caught:
        screen()
    assert caught.value.code == SecurityCode.FAILED_BEFORE, "the check of the waybill counts, though a referral bears it now"
    with pytest.raises(UserError) as caught:
        screen(RECHECK)
    assert caught.value.code == DeskCode.NO_RIGHT
    screen(RECHECK, by=supervisor)
    assert station.desk().acceptances.submit(Submission(prepared(), clerk)).outcome is Outcome.ACCEPT
    assert (screen().before, station.desk().security.standing(WAYBILL)) == (RECHECK, PASS)


def test_a_failed_check_of_a_referral_holds_its_acceptance_up(
    station: Station, prepared: Prepared, clerk: SignedIn, supervisor: SignedIn, screen: Screen
) -> None:
    book = station.desk().acceptances.rules.rulebook
    doubtful = prepared(but=("sealed-in-sight",)).answered(Finding("sealed-in-sight", Answer.DOUBT), book, TODAY)
    doubtful = doubtful.photo_exempted("photo-contents", "no-camera", book)
    assert station.desk().acceptances.submit(Submission(doubtful, clerk)).outcome is Outcome.REFER
    assert screen(FAIL).parcel is Parcel.REFERRED
    acceptances = station.desk().acceptances
    policy = acceptances.rules.policy
    looked = Settlement(AcceptanceReason.STILL_REFERRED, supervisor.code, "看过实物（样例）")
    again = acceptances.submit(Submission(prepared().settled(looked, book, policy, TODAY), clerk, supervisor=supervisor))
    assert (again.outcome, reasons(again)) == (Outcome.REFER, {AcceptanceReason.FAILED_CHECK})
    screen(RECHECK, by=supervisor)
    assert reasons(acceptances.submit(Submission(prepared(), clerk))) == {AcceptanceReason.STILL_REFERRED}, "the doubt is still there"
    settled = prepared().settled(looked, book, policy, TODAY)
    assert acceptances.submit(Submission(settled, clerk, supervisor=supervisor)).outcome is Outcome.ACCEPT


def test_no_supervisor_settles_a_failed_check_away(
    station: Station, prepared: Prepared, clerk: SignedIn, supervisor: SignedIn, screen: Screen
) -> None:
    screen(FAIL)
    acceptances = station.desk().acceptances
    settled = settled_by(prepared(), Settlement(AcceptanceReason.FAILED_CHECK, supervisor.code, "看过了"))
    assert acceptances.submit(Submission(settled, clerk, supervisor=supervisor)).outcome is Outcome.REFER


def settled_by(session: Session, settlement: Settlement) -> Session:
    return Session(session.session_id, replace(session.draft, settlements=(settlement,)), session.history)


@pytest.mark.parametrize("who", ["clerk", "supervisor"])
def test_a_failed_parcel_is_given_back_to_nobody(
    station: Station, prepared: Prepared, clerk: SignedIn, supervisor: SignedIn, screen: Screen, who: str
) -> None:
    seq = accept(station, prepared, clerk)
    failed = screen(FAIL)
    with pytest.raises(UserError) as caught:
        withdraw(station, seq, {"clerk": clerk, "supervisor": supervisor}[who])
    assert (caught.value.code, caught.value.facts["check"]) == (DisposalCode.FAILED_CHECK, failed.seq)
    assert act_at(station.database, current(station), seq) == accepted(station.database, WAYBILL)
    screen(RECHECK, by=supervisor)
    withdraw(station, seq, clerk)


def test_a_failed_parcel_gets_no_other_waybill_from_a_clerk_alone(
    station: Station, prepared: Prepared, clerk: SignedIn, supervisor: SignedIn, screen: Screen
) -> None:
    seq = accept(station, prepared, clerk)
    screen(FAIL)
    correction = Correction(current(station), seq, {"waybill": OTHER}, "录错")
    with pytest.raises(UserError) as caught:
        station.desk().acceptances.correct(correction, clerk)
    assert caught.value.code == DeskCode.NO_RIGHT
    station.desk().acceptances.correct(correction, supervisor)
    assert station.desk().security.standing(OTHER) is FAIL


def test_a_failed_parcel_is_counted_though_it_was_withdrawn_before(
    station: Station, prepared: Prepared, clerk: SignedIn, supervisor: SignedIn, screen: Screen
) -> None:
    withdraw(station, accept(station, prepared, clerk), clerk)
    screen()

    def failed() -> tuple[int, int]:
        today = board(station.database, Stretch.TODAY, station.clock.read().wall_ms)
        return today.failed, station.desk().day_closes.due().left.failed

    assert failed() == (0, 0)
    assert screen(FAIL).parcel is Parcel.WITHDRAWN
    assert failed() == (1, 1)
    screen(RECHECK, by=supervisor)
    assert failed() == (0, 0)
    accept(station, prepared, clerk)
    screen(FAIL)
    assert failed() == (1, 1), "one parcel, though two acceptances"


def test_a_parcel_released_under_its_new_acceptance_is_no_failed_one_under_the_old(
    station: Station, prepared: Prepared, clerk: SignedIn, supervisor: SignedIn, screen: Screen
) -> None:
    first = accept(station, prepared, clerk)
    withdraw(station, first, clerk)
    accept(station, prepared, clerk)
    noted = journal.hash_at(station.database, current(station), first) or ""
    screen(FAIL, scan=label_text(LabelledEntry(current(station), first, noted)))
    screen(RECHECK, by=supervisor)
    screen()
    today = board(station.database, Stretch.TODAY, station.clock.read().wall_ms)
    assert (today.failed, station.desk().day_closes.due().left.failed) == (0, 0)


def test_the_newest_check_of_a_waybill_is_found_by_indexes(station: Station) -> None:
    plan = station.database.rows(f"EXPLAIN QUERY PLAN {NEWEST_OF_PARCEL}", (None, None, WAYBILL, WAYBILL))
    told = [str(row[-1]) for row in plan]
    assert [step for step in told if step.startswith("SCAN") and "ANY" not in step and "(subquery" not in step] == []
    assert any("security_checks_by_waybill" in step for step in told)
    assert any("acts_by_waybill" in step for step in told)


def test_withdrawn_and_refused_parcels_are_recorded_and_told(station: Station, prepared: Prepared, clerk: SignedIn, screen: Screen) -> None:
    seq = accept(station, prepared, clerk)
    station.desk().withdrawals.withdraw(Withdrawal(current(station), seq, "不寄了", str(DOCUMENT.number)), clerk)
    made = screen()
    assert (made.parcel, made.of) == (Parcel.WITHDRAWN, (current(station), seq))
    book = station.desk().acceptances.rules.rulebook
    refused = prepared(OTHER, changed=lambda session: session.refused("R06", book))
    station.desk().acceptances.submit(Submission(refused, clerk))
    assert screen(scan=OTHER).parcel is Parcel.REFUSED


def test_a_label_of_this_station_is_scanned_as_well_as_a_waybill(
    station: Station, prepared: Prepared, clerk: SignedIn, screen: Screen
) -> None:
    seq = accept(station, prepared, clerk)
    noted = journal.hash_at(station.database, current(station), seq) or ""
    assert screen(scan=label_text(LabelledEntry(current(station), seq, noted))).of == (current(station), seq)
    with pytest.raises(UserError) as caught:
        screen(scan=label_text(LabelledEntry(current(station), seq, "0" * 64)))
    assert caught.value.code == DeskCode.LABEL_OF_ANOTHER
    with pytest.raises(UserError) as caught:
        screen(scan=label_text(LabelledEntry("a" * 32, 7, "0" * 64)))
    assert caught.value.code == SecurityCode.LABEL_ELSEWHERE


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"scan": "6901234567892"}, SecurityCode.NO_WAYBILL),
        ({"scan": ""}, SecurityCode.NO_WAYBILL),
        ({"scan": "https://example.cn/x"}, SecurityCode.NO_WAYBILL),
        ({"means": Means()}, SecurityCode.METHOD_MISSING),
        ({"means": Means(("gaze",))}, SecurityCode.METHOD_UNKNOWN),
        ({"means": Means(exemption="friend")}, SecurityCode.EXEMPTION_UNKNOWN),
        ({"means": Means(("x-ray",), exemption="letter")}, SecurityCode.EXEMPTION_ALONE),
        ({"outcome": FAIL, "means": Means(exemption="letter")}, SecurityCode.EXEMPTION_ALONE),
        ({"image": "图 1"}, SecurityCode.IMAGE_ODD),
        ({"image": "a", "means": Means(("x-ray",), image_days=29)}, SecurityCode.IMAGE_DAYS),
        ({"means": Means(("x-ray",), accepted_by="张 三")}, SecurityCode.ACCEPTED_BY_ODD),
        ({"by": None}, DeskCode.NOT_SIGNED_IN),
    ],
)
def test_what_is_no_check_is_refused_and_nothing_written(
    station: Station, prepared: Prepared, clerk: SignedIn, screen: Screen, said: dict[str, object], code: str
) -> None:
    accept(station, prepared, clerk)
    entries = station.database.value("SELECT COUNT(*) FROM journal_entries")
    with pytest.raises(UserError) as caught:
        screen(**said)
    assert caught.value.code == code
    assert station.database.value("SELECT COUNT(*) FROM journal_entries") == entries


def test_an_exempt_parcel_passes_without_a_method(station: Station, prepared: Prepared, clerk: SignedIn, screen: Screen) -> None:
    seq = accept(station, prepared, clerk)
    made = screen(means=Means(exemption="diplomatic"))
    assert (facts(station, made.seq)["methods"], facts(station, made.seq)["exemption"]) == ([], "diplomatic")
    assert security_of(station, seq) == "pass"


def test_the_label_says_that_the_check_is_to_come_until_it_passed(
    station: Station, prepared: Prepared, clerk: SignedIn, supervisor: SignedIn, screen: Screen
) -> None:
    seq = accept(station, prepared, clerk)

    def mark() -> tuple[str, bool]:
        label = label_of(station.desk().labels.facts(current(station), seq))
        return label.marks[2].text, label.marks[2].made

    assert mark() == ("待安检", False)
    screen(RECHECK)
    assert mark() == ("待安检", False)
    screen(FAIL)
    assert mark() == ("安检不合格", False)
    screen(RECHECK, by=supervisor)
    screen()
    assert mark() == ("已安检", True)


def test_the_rate_counts_parcels_whose_check_came_to_an_end_as_an_independent_count_does(
    station: Station, prepared: Prepared, clerk: SignedIn, screen: Screen
) -> None:
    waybills = [f"SF100000000{number:04d}" for number in range(6)]
    for waybill in waybills:
        accept(station, prepared, clerk, waybill)
    day = Period.day(station.clock.read().at.date())

    def counted() -> Figures:
        return figures(station.report_rows(day), day, station.clock.read().wall_ms)

    assert counted().rates.security_checked is None
    outcomes = (PASS, FAIL, RECHECK)
    for outcome, waybill in zip(outcomes, waybills, strict=False):
        screen(outcome, scan=waybill)
    screen(scan=OTHER)  # not accepted here: a check, but no parcel of the denominator
    screen(PASS, scan=waybills[2])
    found = counted()
    told = [json.loads(row[0]) for row in station.database.rows("SELECT header FROM journal_entries ORDER BY seq")]
    checks = [entry["facts"] for entry in told if entry["kind"] == "security-check"]
    last = {facts["checks"]["seq"]: facts["outcome"] for facts in checks if facts["checks"]}
    accepted = sum(entry["kind"] == "acceptance" for entry in told)
    assert found.rates.security_checked == Rate(sum(one in ("pass", "fail") for one in last.values()), accepted) == Rate(3, 6)
    assert dict(found.by_security) == {"fail": 1, "pass": 3, "recheck": 1}
    assert found.pending == accepted + len(checks)


def test_image_and_note_are_destroyed_with_the_parts_of_the_act(
    station: Station, prepared: Prepared, clerk: SignedIn, screen: Screen
) -> None:
    seq = accept(station, prepared, clerk)
    made, elsewhere = screen(image="XR-1", note=f"{DOCUMENT.name}的件"), screen(scan=OTHER)
    shown = lookups.record(station.database, station.enrolled(), station.evidence, current(station), seq)
    assert shown.security[0].image == "XR-1"
    assert str(DOCUMENT.name) not in (shown.security[0].note or "")
    with station.database.write() as tx:
        parts_gone(tx, current(station), seq)
        parts_gone(tx, current(station), elsewhere.seq)
    assert stored(station, made.seq).openings == stored(station, elsewhere.seq).openings == {}
    assert station.database.value("SELECT COUNT(*) FROM security_checks WHERE waybill IS NOT NULL") == 0
    assert security_of(station, seq) == "pass"
    assert station.verify().ok
    assert all(each.equal for each in views.compare(station.database))
