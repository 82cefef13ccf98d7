"""A record tells its security checks and how fast its questions were answered; the list marks what a supervisor must look at."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from courier_check.desk.intercepts import Cause, Intercept
from courier_check.desk.lookups import Mark, Search, record, search
from courier_check.desk.rights import Role, SignedIn
from courier_check.desk.security_checks import Means, SecurityCheck
from courier_check.inspection.security import SecurityOutcome
from courier_check.station import PRACTICE_SUPERVISOR, Station
from courier_check.wording import Language, Wording
from support.stations import acceptance, append
from ui.record_facts import record_shown
from ui.record_parts import MARKS, Filter
from ui.record_state import search_of
from ui.record_view import Names, Opened, may_withdraw, row_of, verdict_of
from ui.shown import Sign, Tone

WAYBILL = "SF1000000000014"


@pytest.fixture
def supervisor(station: Station) -> SignedIn:
    station.desk().operators.add(PRACTICE_SUPERVISOR, Role.SUPERVISOR, "样例主管", "practice", None)
    return SignedIn(PRACTICE_SUPERVISOR, Role.SUPERVISOR)


def test_checks_and_pace_are_told(station: Station, supervisor: SignedIn) -> None:
    answers = dict.fromkeys(("opened-in-presence", "contents-match", "layers-checked"), "yes")
    made = append(station, acceptance(WAYBILL, answers=answers, dwell_ms=dict.fromkeys(answers, 120), hurried=3)).entry.header
    station.desk().security.check(SecurityCheck(WAYBILL, SecurityOutcome.RECHECK, Means(("x-ray",))), supervisor)
    failed = SecurityCheck(WAYBILL, SecurityOutcome.FAIL, Means(("hand-search",)), image="XR1-000417", note="疑似打火机")
    station.desk().security.check(failed, supervisor)
    held = record(station.database, station.enrolled(), station.evidence, made.journal_id, made.seq)
    names = Names(carriers={}, documents={}, categories={}, goods={}, papers={})
    shown = record_shown(Opened(held, {}, ()), names, None, Wording(Language.CHINESE))
    told = [fact for fact in shown.parcel if fact.name == "安检"]
    assert [fact.sign for fact in told] == [Sign.DOUBT, Sign.STOP]
    assert "停止分拣、运输、投递" in told[1].value
    assert "疑似打火机" in told[1].value
    assert "XR1-000417" in told[1].value
    assert "连续 3 项" in shown.checklist[0].text
    assert shown.checklist[0].sign is Sign.DOUBT
    assert shown.checklist[1].note.endswith("0.1 秒")
    (act,) = search(station.database, Search()).acts
    marks = row_of(act, names)[-1]
    assert "答得过快" in marks
    assert "安检不合格" in marks
    assert (shown.verdict.tone, shown.verdict.sign) == (Tone.STOP, "✖"), "停止分拣、运输、投递 is what comes first"
    assert "安检不合格" in shown.verdict.words
    assert not may_withdraw(act), "不得退还"


def test_a_parcel_that_passed_after_all_may_go_back_to_its_sender(station: Station, supervisor: SignedIn) -> None:
    made = append(station, acceptance(WAYBILL)).entry.header
    for outcome in (SecurityOutcome.FAIL, SecurityOutcome.RECHECK, SecurityOutcome.PASS):
        station.desk().security.check(SecurityCheck(WAYBILL, outcome, Means(("hand-search",))), supervisor)
    (act,) = search(station.database, Search()).acts
    assert act.seq == made.seq
    assert may_withdraw(act)
    assert verdict_of(act, None).tone is Tone.GO


def test_what_was_judged_otherwise_before_is_told_by_its_question(station: Station) -> None:
    before = {"nothing-prohibited": 2, "found": 1, "asked-by-other-rules": 1}
    made = append(station, acceptance(WAYBILL, answers={"nothing-prohibited": "yes"}, taken_back=before)).entry.header
    held = record(station.database, station.enrolled(), station.evidence, made.journal_id, made.seq)
    names = Names(carriers={}, documents={}, categories={}, goods={}, papers={})
    rules = station.desk().acceptances.rules.rulebook.rules
    lines = [
        line for line in record_shown(Opened(held, {}, ()), names, rules, Wording(Language.CHINESE)).checklist if "主管请核实" in line.text
    ]
    question = rules.item("nothing-prohibited").question.zh
    assert {line.sign for line in lines} == {Sign.DOUBT}
    assert any(question in line.text and line.note == "2 次" for line in lines)
    assert any("查见物品" in line.text for line in lines)
    assert any("asked-by-other-rules" in line.text for line in lines)
    (act,) = search(station.database, Search()).acts
    assert "改判过" in row_of(act, names)[-1]


def test_an_ordinary_record_bears_no_mark(station: Station) -> None:
    append(station, acceptance(WAYBILL, answers={"opened-in-presence": "yes"}, dwell_ms={"opened-in-presence": 1500}, hurried=0))
    (act,) = search(station.database, Search()).acts
    assert row_of(act, Names(carriers={}, documents={}, categories={}, goods={}, papers={}))[-1] == ""


def test_what_the_board_counts_can_be_looked_for(station: Station, supervisor: SignedIn) -> None:
    """安检不合格, 待复检, 拦截未了, 待复核, 答得过快, 改判: each by a choice of the filter, and nothing else with it."""
    others = ("SF1000000000028", "SF1000000000031", "SF1000000000045", "SF1000000000059")
    checked, again, quick, changed = (
        append(station, acceptance(waybill, **facts)).entry.header
        for waybill, facts in zip((WAYBILL, *others), ({}, {}, {"hurried": 3}, {"taken_back": {"found": 1}}), strict=False)
    )
    referred = append(station, replace(acceptance(others[3]), kind="referral")).entry.header
    for waybill, outcome in ((WAYBILL, SecurityOutcome.FAIL), (others[0], SecurityOutcome.FAIL), (others[0], SecurityOutcome.RECHECK)):
        station.desk().security.check(SecurityCheck(waybill, outcome, Means(("x-ray",))), supervisor)
    station.desk().intercepts.intercept(
        Intercept(checked.journal_id, checked.seq, Cause.NOTICE, "接到通知", "分拣中心", "值班 赵"), supervisor
    )
    wanted = {
        "failed-check": checked,
        "stopped": checked,
        "recheck": again,
        "hurried": quick,
        "taken-back": changed,
        "waiting": referred,
    }
    today = date(2026, 11, 26)
    for kind, header in wanted.items():
        found = search(station.database, search_of(Filter(kind=kind), today, 20)).acts
        assert [act.seq for act in found] == [header.seq], kind
    assert set(MARKS) == set(Mark)
