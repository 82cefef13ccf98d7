"""A record tells its security checks and how fast its questions were answered; the list marks what a supervisor must look at."""

from __future__ import annotations

import pytest

from courier_check.desk.lookups import Search, record, search
from courier_check.desk.rights import Role, SignedIn
from courier_check.desk.security_checks import Means, SecurityCheck
from courier_check.inspection.security import SecurityOutcome
from courier_check.station import PRACTICE_SUPERVISOR, Station
from courier_check.wording import Language, Wording
from support.stations import acceptance, append
from ui.record_facts import record_shown
from ui.record_view import Names, Opened, row_of
from ui.shown import Sign

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
