"""How long each question stood is in the entry, and a supervisor sees where nobody can have looked."""

from __future__ import annotations

from courier_check.desk import lookups
from courier_check.desk.acceptances import Submission
from courier_check.desk.rights import SignedIn
from courier_check.inspection.findings import Answer, ContentsFinding, Finding, FindingKind
from courier_check.inspection.verdict import Outcome
from courier_check.reports.acts import Period
from courier_check.reports.daily import figures
from courier_check.shift_board import Stretch, board
from courier_check.station import Station
from courier_check.store import journal, views
from courier_check.store.acts import act_at
from courier_check.terms import MailKind
from support.entries import Prepared, facts
from support.parcels import TODAY


def submitted(station: Station, prepared: Prepared, by: SignedIn, waybill: str, ms: int) -> int:
    session = prepared(waybill)
    dwell = {answered.finding.item: ms for answered in session.draft.answers} | {"never-asked": 5}
    return station.desk().acceptances.submit(Submission(session, by, dwell_ms=dwell)).seq or 0


def test_dwell_and_streak_are_facts_of_the_entry_and_are_shown(station: Station, prepared: Prepared, clerk: SignedIn) -> None:
    slow = submitted(station, prepared, clerk, "SF1000000000014", 1_400)
    fast = submitted(station, prepared, clerk, "SF1000000000028", 40)
    told = facts(station, fast)
    answers = told["answers"]
    assert isinstance(answers, dict)
    assert told["dwell_ms"] == dict.fromkeys(answers, 40)
    assert told["hurried"] == len(answers)
    assert facts(station, slow)["hurried"] == 0
    journal_id = journal.current_journal(station.database) or ""
    found = [act_at(station.database, journal_id, seq) for seq in (slow, fast)]
    assert [act.hurried for act in found if act is not None] == [0, len(answers)]
    shown = lookups.record(station.database, station.enrolled(), station.evidence, journal_id, fast)
    assert shown.header is not None
    assert (shown.header.hurried, set(shown.header.dwell_ms.values())) == (len(answers), {40})
    day = Period.day(station.clock.read().at.date())
    (share,) = figures(station.report_rows(day), day, station.clock.read().wall_ms).operators
    assert (share.operator, share.accepted, share.hurried) == (clerk.code, 2, 1)
    assert all(each.equal for each in views.compare(station.database))


def test_what_nobody_measured_is_not_told(station: Station, prepared: Prepared, clerk: SignedIn) -> None:
    seq = station.desk().acceptances.submit(Submission(prepared(), clerk)).seq or 0
    assert not {"dwell_ms", "hurried"} & set(facts(station, seq))


def test_the_inspection_is_declared_as_in_the_security_declaration(station: Station, prepared: Prepared, clerk: SignedIn) -> None:
    seq = station.desk().acceptances.submit(Submission(prepared(), clerk)).seq or 0
    place = station.enrolled().certificate.station
    assert place is not None
    assert facts(station, seq)["inspection"] == {"methods": ["visual"], "exemption": None, "accepted_by": place.outlet_id}
    letter = prepared("SF1000000000028", changed=lambda session: session.kind_changed(MailKind.LETTER))
    seq = station.desk().acceptances.submit(Submission(letter, clerk)).seq or 0
    told = facts(station, seq)["inspection"]
    assert isinstance(told, dict)
    assert (told["methods"], told["exemption"]) == ([], "letter")


def test_an_answer_that_was_taken_back_is_a_fact_of_the_entry(station: Station, prepared: Prepared, clerk: SignedIn) -> None:
    acceptances = station.desk().acceptances
    book, plain = acceptances.rules.rulebook, acceptances.submit(Submission(prepared("SF1000000000014"), clerk)).seq or 0
    session = prepared("SF1000000000028", but=("nothing-prohibited",))
    gun = ContentsFinding(FindingKind.PROHIBITED, "手枪", "01")
    session = session.answered(Finding("nothing-prohibited", Answer.NO), book, TODAY).found(gun, book).undo().undo()
    recorded = acceptances.submit(Submission(session.answered(Finding("nothing-prohibited", Answer.YES), book, TODAY), clerk))
    seq = recorded.seq or 0
    assert recorded.outcome is Outcome.ACCEPT
    assert facts(station, seq)["taken_back"] == {"nothing-prohibited": 1, "found": 1}
    assert "taken_back" not in facts(station, plain)
    journal_id = journal.current_journal(station.database) or ""
    found = [act_at(station.database, journal_id, each) for each in (plain, seq)]
    assert [act.taken_back for act in found if act is not None] == [0, 2]
    shown = lookups.record(station.database, station.enrolled(), station.evidence, journal_id, seq)
    assert shown.header is not None
    assert shown.header.taken_back == {"nothing-prohibited": 1, "found": 1}
    assert board(station.database, Stretch.TODAY, station.clock.read().wall_ms).taken_back == ((clerk.code, 1),)
    assert all(each.equal for each in views.compare(station.database))
