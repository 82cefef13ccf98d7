"""拦截: an accepted parcel is stopped, whoever scans it is told, and only a supervisor lets it go on."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from courier_check.acceptance import AcceptanceReason
from courier_check.desk import lookups
from courier_check.desk.acceptances import Submission
from courier_check.desk.codes import DeskCode
from courier_check.desk.disposal_codes import DisposalCode
from courier_check.desk.disposals import Handover
from courier_check.desk.intercepts import LONGEST_TEXT, Cause, Intercept, InterceptOutcome, Settlement, Stopped
from courier_check.desk.rights import SignedIn
from courier_check.desk.rules import shipped_package
from courier_check.desk.security_checks import Means, Parcel, SecurityCheck
from courier_check.desk.withdrawals import Withdrawal
from courier_check.errors import UserError
from courier_check.inspection.findings import ContentsFinding, FindingKind
from courier_check.inspection.rules import RuleSet
from courier_check.inspection.security import SecurityOutcome
from courier_check.inspection.verdict import Outcome
from courier_check.journal.label_text import LabelledEntry, label_text
from courier_check.reports.acts import Period
from courier_check.reports.daily import figures
from courier_check.station import Station
from courier_check.store import journal, views
from courier_check.store.acts import act_at
from support.entries import Prepared, facts, part, stored
from support.parcels import DOCUMENT

WAYBILL = "SF1000000000014"
KNIFE = ContentsFinding(FindingKind.PROHIBITED, "弹簧刀(跳刀)", "02")
SPRAY = ContentsFinding(FindingKind.PROHIBITED, "打火机", "04")
Stop = Callable[..., Stopped]
Settle = Callable[..., int]
X_RAY = Means(methods=("x-ray",))


def current(station: Station) -> str:
    return journal.current_journal(station.database) or ""


@pytest.fixture
def seq(station: Station, prepared: Prepared, clerk: SignedIn) -> int:
    recorded = station.desk().acceptances.submit(Submission(prepared(WAYBILL), clerk))
    assert recorded.outcome is Outcome.ACCEPT
    return recorded.seq or 0


@pytest.fixture
def stop(station: Station, clerk: SignedIn, seq: int) -> Stop:
    def make(place: int = 0, **said: object) -> Stopped:
        given = {"cause": Cause.NOTICE, "reason": "接到通知", "whereabouts": "分拣中心 3 号口", "told": "值班 赵 13:20", **said}
        return station.desk().intercepts.intercept(Intercept(current(station), place or seq, **given), clerk)  # type: ignore[arg-type]

    return make


@pytest.fixture
def settle(station: Station, supervisor: SignedIn, seq: int) -> Settle:
    def make(outcome: InterceptOutcome, by: SignedIn = supervisor, note: str = "在分拣中心找到") -> int:
        return station.desk().intercepts.settle(Settlement(current(station), seq, outcome, note), by).entry.header.seq

    return make


def state_of(station: Station, seq: int) -> tuple[str | None, bool]:
    act = act_at(station.database, current(station), seq)
    assert act is not None
    return act.intercept, act.is_stopped


def security(station: Station, outcome: SecurityOutcome, by: SignedIn) -> Parcel:
    return station.desk().security.check(SecurityCheck(WAYBILL, outcome, X_RAY), by).parcel


def test_an_intercept_is_bound_to_its_acceptance_and_its_header_says_nothing_of_anybody(station: Station, seq: int, stop: Stop) -> None:
    before = stored(station, seq)
    made = stop(found=KNIFE, cause=Cause.FOUND)
    entry = made.composed.entry.header.seq
    assert stored(station, seq) == before
    assert made.lead is not None
    assert facts(station, entry) == {
        "intercepts": {"journal_id": current(station), "seq": seq},
        "cause": "found-later",
        "security": None,
        "prohibited": ["02"],
        "dispositions": ["stop-guard-and-report"],
        "report_to": ["public-security", "postal"],
        "lead": {"number": made.lead.number, "county": made.lead.county},
    }
    kept = part(station, entry, "kept")
    assert (kept["reason"], kept["whereabouts"], kept["told"]) == ("接到通知", "分拣中心 3 号口", "值班 赵 13:20")
    header = stored(station, entry).header_bytes.decode()
    assert not [word for word in (WAYBILL, "赵", "分拣中心") if word in header]
    assert state_of(station, seq) == ("open", True)
    assert station.verify().ok
    assert all(each.equal for each in views.compare(station.database))
    shown = lookups.record(station.database, station.enrolled(), station.evidence, current(station), seq)
    assert [(one.seq, one.outcome, one.whereabouts) for one in shown.intercepts] == [(entry, "open", "分拣中心 3 号口")]


def test_it_names_the_rules_that_say_what_is_done_and_no_list(station: Station, supervisor: SignedIn, stop: Stop, settle: Settle) -> None:
    def named(made: Stopped) -> list[dict[str, str]]:
        found: list[dict[str, str]] = json.loads(stored(station, made.composed.entry.header.seq).header_bytes)["packages"]
        return found

    shipped = shipped_package()
    version = RuleSet.parse(shipped).version
    assert named(stop()) == [{"kind": "rules", "name": "checklists", "sha256": shipped.sha256(), "version": version}]
    settle(InterceptOutcome.RELEASED)
    other = shipped.checklists.replace(version.encode(), b"2026.12-1")
    station.desk().rules.install(other, supervisor, signed=False)
    again = replace(shipped, checklists=other).sha256()
    assert named(stop(found=KNIFE)) == [{"kind": "rules", "name": "checklists", "sha256": again, "version": "2026.12-1"}]
    assert station.verify().ok


def test_severity_chooses_what_is_done_after_acceptance(stop: Stop, settle: Settle) -> None:
    plain = stop(found=SPRAY)
    assert plain.disposition is not None
    assert (plain.disposition.rule.id, plain.lead) == ("stop-and-tell", None)
    settle(InterceptOutcome.RELEASED)
    unnamed = stop()
    assert unnamed.disposition is not None
    assert (unnamed.disposition.rule.id, unnamed.lead is not None) == ("stop-guard-and-report", True)


def test_every_scan_of_it_is_told(station: Station, prepared: Prepared, seq: int, stop: Stop, clerk: SignedIn) -> None:
    stop()
    recorded = station.desk().acceptances.submit(Submission(prepared(WAYBILL), clerk))
    assert (recorded.outcome, recorded.seq) == (Outcome.REFUSE, None)
    assert AcceptanceReason.INTERCEPTED in {reason.code for reason in recorded.verdict.reasons}
    assert security(station, SecurityOutcome.PASS, clerk) is Parcel.INTERCEPTED
    desk = station.desk()
    for verb in (
        lambda: desk.withdrawals.withdraw(Withdrawal(current(station), seq, "不寄了", str(DOCUMENT.number)), clerk),
        lambda: desk.labels.stick(*desk.labels.named(WAYBILL), clerk),
        lambda: desk.labels.ask(current(station), seq, clerk),
    ):
        with pytest.raises(UserError) as raised:
            verb()
        assert raised.value.code == DisposalCode.INTERCEPTED


def test_only_a_supervisor_lets_it_go_on(station: Station, seq: int, stop: Stop, settle: Settle, clerk: SignedIn) -> None:
    stop()
    for outcome in (InterceptOutcome.RELEASED, InterceptOutcome.RETURNED):
        with pytest.raises(UserError) as raised:
            settle(outcome, clerk)
        assert raised.value.code == DeskCode.NO_RIGHT
    settle(InterceptOutcome.RECOVERED, clerk)
    assert state_of(station, seq) == ("recovered", True)
    settle(InterceptOutcome.RELEASED)
    assert state_of(station, seq) == ("released", False)
    assert station.desk().labels.ask(current(station), seq, clerk)
    assert all(each.equal for each in views.compare(station.database))


def test_a_parcel_that_failed_is_not_released_before_it_was_checked_again(
    station: Station, seq: int, stop: Stop, settle: Settle, clerk: SignedIn, supervisor: SignedIn
) -> None:
    security(station, SecurityOutcome.FAIL, clerk)
    entry = stop(cause=Cause.SECURITY).composed.entry.header.seq
    assert facts(station, entry)["security"] == "fail"
    with pytest.raises(UserError) as raised:
        settle(InterceptOutcome.RELEASED)
    assert raised.value.code == DisposalCode.RELEASE_FAILED
    security(station, SecurityOutcome.RECHECK, supervisor)
    settle(InterceptOutcome.RELEASED)
    assert security(station, SecurityOutcome.PASS, clerk) is Parcel.ACCEPTED


def test_handed_over_only_with_the_authority_s_list(station: Station, seq: int, stop: Stop, settle: Settle, clerk: SignedIn) -> None:
    stop()
    with pytest.raises(UserError) as raised:
        settle(InterceptOutcome.HANDED_OVER, clerk)
    assert raised.value.code == DisposalCode.HANDED_WITHOUT_LIST
    officers = ("0110234567", "0110234999")
    station.desk().disposals.hand_over(Handover(current(station), seq, "public-security", "样公收字12号", officers), clerk)
    settle(InterceptOutcome.HANDED_OVER, clerk)
    assert state_of(station, seq) == ("handed-over", True)
    (lead,) = station.desk().disposals.leads(0, 10**15)
    assert (lead.state, lead.of) == ("handed-over", (current(station), seq))


def test_one_at_a_time_and_an_ended_one_takes_no_more(stop: Stop, settle: Settle) -> None:
    with pytest.raises(UserError) as raised:
        settle(InterceptOutcome.MISSED)
    assert raised.value.code == DisposalCode.NOT_INTERCEPTED
    stop()
    with pytest.raises(UserError) as raised:
        stop()
    assert raised.value.code == DisposalCode.INTERCEPTED_ALREADY
    settle(InterceptOutcome.RELEASED)
    with pytest.raises(UserError) as raised:
        settle(InterceptOutcome.MISSED)
    assert raised.value.code == DisposalCode.INTERCEPT_SETTLED
    assert stop().lead is not None


def test_an_intercept_may_say_as_much_as_it_may(stop: Stop) -> None:
    """Longer than what a report may: whereabouts and reasons are sentences."""
    assert stop(reason="长" * LONGEST_TEXT, whereabouts="长" * LONGEST_TEXT, told="长" * LONGEST_TEXT).composed.entry.header.seq > 0


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"reason": " "}, DisposalCode.REASON_MISSING),
        ({"whereabouts": ""}, DisposalCode.WHEREABOUTS_MISSING),
        ({"told": ""}, DisposalCode.STOP_TOLD_MISSING),
        ({"told": "长" * (LONGEST_TEXT + 1)}, DisposalCode.TEXT_TOO_LONG),
        ({"place": 1}, DisposalCode.NOT_AN_ACCEPTANCE),
        ({"place": 9999}, DeskCode.ENTRY_UNKNOWN),
    ],
)
def test_an_intercept_that_says_too_little_is_not_written(
    station: Station, stop: Stop, said: dict[str, object], code: DisposalCode
) -> None:
    with pytest.raises(UserError) as raised:
        stop(**said)
    assert raised.value.code == code
    assert station.database.value("SELECT COUNT(*) FROM intercepts") == 0


def test_what_went_back_is_not_intercepted(station: Station, seq: int, stop: Stop, clerk: SignedIn) -> None:
    station.desk().withdrawals.withdraw(Withdrawal(current(station), seq, "不寄了", str(DOCUMENT.number)), clerk)
    with pytest.raises(UserError) as raised:
        stop()
    assert raised.value.code == DisposalCode.INTERCEPT_WITHDRAWN


def test_reports_count_it_apart(station: Station, stop: Stop) -> None:
    stop()
    now = station.clock.read()
    period = Period.day(now.at.date())
    counted = figures(station.report_rows(period), period, now.wall_ms)
    assert (counted.accepted, counted.refused, counted.intercepted, counted.refusals) == (1, 0, 1, ())


def test_it_is_named_by_waybill_or_number(station: Station, seq: int) -> None:
    named = station.desk().intercepts.named
    assert named(" sf1000000000014 ") == named(f"#{seq}") == named(str(seq)) == (current(station), seq)
    with pytest.raises(UserError) as raised:
        named("SF1000000000028")
    assert raised.value.code == DisposalCode.PARCEL_UNKNOWN


def label_of(station: Station, seq: int) -> str:
    return label_text(LabelledEntry(current(station), seq, journal.hash_at(station.database, current(station), seq) or ""))


def test_an_acceptance_is_named_by_its_label_as_well(station: Station, seq: int) -> None:
    named = station.desk().intercepts.named
    for text in (label_of(station, seq), label_of(station, seq).lower(), WAYBILL, "SF 1000 0000 00014", "ｓｆ1000000000014\r", f"#{seq}"):
        assert named(text) == (current(station), seq), text
    with pytest.raises(UserError) as caught:
        named(label_text(LabelledEntry(current(station), seq, "0" * 64)))
    assert caught.value.code == DeskCode.LABEL_OF_ANOTHER


def test_every_scan_of_an_intercepted_parcel_is_told_until_it_is_released(station: Station, seq: int, stop: Stop, settle: Settle) -> None:
    check = station.desk().intercepts.check_scan
    codes = (label_of(station, seq), WAYBILL, "sf 1000 0000 00014\r\n")
    for code in (*codes, "SF1000000000028", "6901234567892", "", "任意文字"):
        check(code)
    stop()
    for code in codes:
        with pytest.raises(UserError) as caught:
            check(code)
        assert (caught.value.code, caught.value.facts) == (DisposalCode.INTERCEPTED, {"seq": seq})
    check("SF1000000000028")
    settle(InterceptOutcome.RELEASED)
    for code in codes:
        check(code)
