"""核对的决定: what holds for a client until a day, is asked again when the entry says something else, and can be revoked."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from courier_check.acceptance import AcceptanceCode, HitResolution, Session
from courier_check.clock import at
from courier_check.desk.acceptances import Submission
from courier_check.desk.codes import DeskCode
from courier_check.desk.rights import Role, SignedIn
from courier_check.errors import UserError
from courier_check.inspection.verdict import Outcome
from courier_check.screening.standing import ResolutionKind as Kind
from courier_check.station import PRACTICE_PASSWORD, Station
from courier_check.store import journal, views
from courier_check.store.resources import resource_path
from support.clocks import SetClock
from support.entries import Prepared, facts, part
from support.parcels import DOCUMENT
from support.stations import station_in

PHONE = "15800007890"  # the practice list has it, to be reviewed
WAYBILLS = ("SF1000000000014", "SF1000000000022", "SF1000000000030")


def calling(session: Session) -> Session:
    return session.sender_known(PHONE)


def decided(station: Station, session: Session, supervisor: str, kind: Kind = Kind.NOT_SAME, *, days: int | None = 30) -> Session:
    until = None if days is None else station.desk().acceptances.today() + timedelta(days=days)
    assert session.draft.screening is not None
    for hit in session.draft.screening.hits:
        key = (hit.list_id, hit.entry_id, hit.revision)
        session = session.resolved(HitResolution(*key, kind, supervisor, "核对了本人（样本）", evidence="身份证原件", until_on=until))
    return session


def taken(station: Station, session: Session, by: SignedIn, supervisor: SignedIn | None = None) -> Outcome:
    return station.desk().acceptances.submit(Submission(session, by, supervisor=supervisor)).outcome


def head(station: Station) -> int:
    return int(station.database.value("SELECT MAX(seq) FROM journal_entries"))


def test_an_answered_hit_does_not_nag_until_its_day(
    station: Station, clerk: SignedIn, supervisor: SignedIn, prepared: Prepared, clock: SetClock
) -> None:
    first = decided(station, prepared(WAYBILLS[0], changed=calling), supervisor.code)
    assert taken(station, first, clerk, supervisor) is Outcome.ACCEPT
    said = facts(station, head(station))
    assert (said["decision"], said["by"], said["supervisor"]) == ("not-same", "supervisor", supervisor.code)
    kept = part(station, head(station), "kept")
    assert kept["evidence"] == "身份证原件"
    assert "410105" not in str(kept["subjects"]), "whom it is about is kept as a match token"
    clock.wall_ms += 86_400_000
    again = prepared(WAYBILLS[1], changed=calling)
    assert again.draft.screening is not None
    assert again.draft.screening.hits[0].standing is not None
    assert taken(station, again, clerk) is Outcome.ACCEPT
    clock.wall_ms += 31 * 86_400_000
    late = prepared(WAYBILLS[2], changed=calling)
    assert station.desk().acceptances.verdict(late).outcome is Outcome.REFER


def test_a_decision_holds_for_its_client_only(station: Station, clerk: SignedIn, supervisor: SignedIn, prepared: Prepared) -> None:
    taken(station, decided(station, prepared(WAYBILLS[0], changed=calling), supervisor.code), clerk, supervisor)
    other = replace(DOCUMENT, name="李样例", number="410105199003071248")
    session = prepared(WAYBILLS[1], changed=lambda s: calling(s.identified(other)))
    assert session.draft.screening is not None
    assert session.draft.screening.hits
    assert all(hit.standing is None for hit in session.draft.screening.hits)


def test_a_decision_for_this_parcel_leaves_nothing_behind(
    station: Station, clerk: SignedIn, supervisor: SignedIn, prepared: Prepared
) -> None:
    taken(station, decided(station, prepared(WAYBILLS[0], changed=calling), supervisor.code, days=None), clerk, supervisor)
    assert station.desk().decisions.newest() == []
    assert station.desk().acceptances.verdict(prepared(WAYBILLS[1], changed=calling)).outcome is Outcome.REFER


def test_an_entry_that_says_something_else_asks_again(station: Station, clerk: SignedIn, supervisor: SignedIn, prepared: Prepared) -> None:
    taken(station, decided(station, prepared(WAYBILLS[0], changed=calling), supervisor.code), clerk, supervisor)
    text = resource_path("samples/practice_list.csv").read_text(encoding="utf-8")
    station.desk().lists.install_csv(text, supervisor)
    unchanged = prepared(WAYBILLS[1], changed=calling).draft.screening
    assert unchanged is not None
    assert unchanged.hits[0].standing is not None, "the same words in a new version were decided on"
    station.desk().lists.install_csv(text.replace("被通报的发货电话", "再次被通报的发货电话"), supervisor)
    changed = prepared(WAYBILLS[1], changed=calling).draft.screening
    assert changed is not None
    assert changed.hits[0].standing is None


def test_a_revoked_decision_asks_again_and_is_revoked_once(
    station: Station, clerk: SignedIn, supervisor: SignedIn, prepared: Prepared
) -> None:
    taken(station, decided(station, prepared(WAYBILLS[0], changed=calling), supervisor.code), clerk, supervisor)
    place, desk = journal.current_journal(station.database) or "", station.desk()
    seq = desk.decisions.newest()[0].seq
    for by, reason, code in (
        (clerk, "样本", DeskCode.NO_RIGHT),
        (supervisor, " ", DeskCode.REASON_MISSING),
        (supervisor, "样" * 201, DeskCode.REASON_TOO_LONG),
    ):
        with pytest.raises(UserError) as caught:
            desk.decisions.revoke(place, seq, reason, by)
        assert caught.value.code == code
    desk.decisions.revoke(place, seq, "认错了（样本）", supervisor)
    assert desk.acceptances.verdict(prepared(WAYBILLS[1], changed=calling)).outcome is Outcome.REFER
    with pytest.raises(UserError) as caught:
        desk.decisions.revoke(place, seq, "再撤一次", supervisor)
    assert caught.value.code == DeskCode.DECISION_REVOKED
    with pytest.raises(UserError) as caught:
        desk.decisions.revoke(place, 1, "不是决定", supervisor)
    assert caught.value.code == DeskCode.NO_DECISION
    assert all(each.equal for each in views.compare(station.database))


def test_two_supervisors_who_decide_at_once_do_not_overwrite_one_another(
    station: Station, clerk: SignedIn, supervisor: SignedIn, prepared: Prepared
) -> None:
    station.desk().operators.add("9002", Role.SUPERVISOR, "样例主管乙", PRACTICE_PASSWORD, supervisor)
    second = station.desk().operators.sign_in("9002", PRACTICE_PASSWORD)
    one = decided(station, prepared(WAYBILLS[0], changed=calling), supervisor.code)
    other = decided(station, prepared(WAYBILLS[1], changed=calling), second.code, Kind.SAME)
    assert taken(station, one, clerk, supervisor) is Outcome.ACCEPT
    with pytest.raises(UserError) as caught:
        taken(station, other, clerk, second)
    assert caught.value.code == DeskCode.SCREENING_CHANGED
    assert len(station.desk().decisions.newest()) == 1


def test_of_two_supervisors_who_answer_for_one_parcel_at_the_same_moment_one_is_told_to_look_again(
    station: Station, clerk: SignedIn, supervisor: SignedIn, prepared: Prepared
) -> None:
    """Two programs on one folder, each with its own connection, begin together; whichever comes second has judged an old state."""
    station.desk().operators.add("9002", Role.SUPERVISOR, "样例主管乙", PRACTICE_PASSWORD, supervisor)
    second = station.desk().operators.sign_in("9002", PRACTICE_PASSWORD)
    asked = prepared(WAYBILLS[0], changed=calling)
    answers = ((supervisor, decided(station, asked, supervisor.code)), (second, decided(station, asked, second.code, Kind.SAME)))
    together = threading.Barrier(len(answers), timeout=30)

    def answer(who: SignedIn, session: Session) -> Outcome | str:
        with station_in(station.folder.path, station.clock) as other:
            together.wait()
            try:
                return taken(other, session, clerk, who)
            except UserError as error:
                return error.code

    with ThreadPoolExecutor(len(answers)) as programs:
        told = sorted(programs.map(lambda one: str(answer(*one)), answers))
    assert told == sorted([Outcome.ACCEPT, DeskCode.SCREENING_CHANGED])
    assert len(station.desk().decisions.newest()) == 1
    assert station.verify().ok
    assert all(each.equal for each in views.compare(station.database))


def test_what_the_window_let_through_is_checked_again(station: Station, clerk: SignedIn, supervisor: SignedIn, prepared: Prepared) -> None:
    session = decided(station, prepared(WAYBILLS[0], changed=calling), supervisor.code)
    forged = tuple(replace(one, supervisor="", code="91410100MA9YB0C35U") for one in session.draft.resolutions)
    with pytest.raises(UserError) as caught:
        taken(station, replace(session, draft=replace(session.draft, resolutions=forged)), clerk)
    assert caught.value.code == AcceptanceCode.CODE_TELLS_NOTHING
    far = tuple(replace(one, until_on=at(0).date()) for one in session.draft.resolutions)
    with pytest.raises(UserError) as caught:
        taken(station, replace(session, draft=replace(session.draft, resolutions=far)), clerk, supervisor)
    assert caught.value.code == AcceptanceCode.SCOPE_DAY
    assert station.desk().decisions.newest() == []


def test_a_client_without_a_number_is_decided_on_for_one_parcel_only(
    station: Station, clerk: SignedIn, supervisor: SignedIn, prepared: Prepared
) -> None:
    session = decided(
        station, prepared(WAYBILLS[0], changed=lambda s: calling(s.identified(replace(DOCUMENT, number=None)))), supervisor.code
    )
    before = head(station)
    with pytest.raises(UserError) as caught:
        taken(station, session, clerk, supervisor)
    assert caught.value.code == AcceptanceCode.SCOPE_OF_NOBODY
    assert head(station) == before, "nothing was written"
