"""重新核查: who is known is screened again when a list changes; the work list says what is other than before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from courier_check.acceptance import HitResolution, ResolutionKind, Session
from courier_check.desk.acceptances import Submission
from courier_check.desk.codes import DeskCode
from courier_check.desk.near_names import ListedNames
from courier_check.desk.rescreening import AT_ONCE, DAYS, Change, Pace
from courier_check.desk.rights import SignedIn
from courier_check.errors import UserError
from courier_check.inspection.verdict import Outcome
from courier_check.station import Station
from courier_check.store import rescreening, views
from courier_check.store.rescreening import Known
from courier_check.store.resources import resource_path
from support.clocks import SetClock
from support.entries import Prepared
from support.parcels import DOCUMENT
from support.stations import count, reopened

TEXT = resource_path("samples/practice_list.csv").read_text(encoding="utf-8")


def with_phone(phone: str) -> str:
    """The practice lists with another listed phone."""
    assert "15800007890" in TEXT
    return TEXT.replace("15800007890", phone)


def run(station: Station) -> int:
    """To the end; how many steps it took."""
    steps = 1
    while station.desk().rescreening.step() is not Pace.FINISHED:
        steps += 1
    return steps


def accepted(station: Station, clerk: SignedIn, session: Session) -> None:
    assert station.desk().acceptances.submit(Submission(session, clerk)).outcome is Outcome.ACCEPT


def changes(station: Station) -> list[tuple[str, str | None]]:
    return [(item.change, item.action) for item in station.desk().rescreening.work()]


def test_a_sender_who_comes_onto_a_list_is_told_and_leaves_with_it(
    station: Station, clerk: SignedIn, supervisor: SignedIn, prepared: Prepared
) -> None:
    desk = station.desk()
    seq = desk.acceptances.submit(Submission(prepared(), clerk)).seq
    run(station)
    assert changes(station) == []
    desk.lists.install_csv(with_phone("13800001234"), supervisor)
    assert not desk.rescreening.standing().finished
    run(station)
    (item,) = desk.rescreening.work()
    assert (item.change, item.action, item.seq) == (Change.NEW, "review", seq)
    run(station)
    assert len(desk.rescreening.work()) == 1, "what is known is not told again"
    desk.lists.install_csv(TEXT, supervisor)
    run(station)
    assert changes(station) == [(Change.GONE, None)], "in place of what was still open"
    desk.rescreening.finish(desk.rescreening.work()[0].number, clerk)
    assert changes(station) == []
    assert all(each.equal for each in views.compare(station.database))


def test_who_agreed_to_be_known_is_screened_by_name_and_forgotten_on_request(
    station: Station, clerk: SignedIn, supervisor: SignedIn
) -> None:
    desk = station.desk()
    desk.senders.consent(DOCUMENT, "13800001234", clerk)
    desk.lists.install_csv(TEXT.replace("钱样例", DOCUMENT.name or ""), supervisor)
    run(station)
    assert [change for change, _ in changes(station)] == [Change.NEW]
    desk.senders.forget(DOCUMENT, clerk)
    assert changes(station) == []
    assert count(station.database, "rescreen_hits") == 0


def test_a_changed_action_says_which_way(station: Station, clerk: SignedIn, supervisor: SignedIn, prepared: Prepared) -> None:
    desk = station.desk()
    accepted(station, clerk, prepared())
    phone = with_phone("13800001234")
    row = next(line for line in phone.splitlines() if "13800001234" in line)
    desk.lists.install_csv(phone.replace(row, row.replace(",复核,", ",提示,")), supervisor)
    run(station)
    assert changes(station) == [(Change.NEW, "note")]
    desk.lists.install_csv(phone, supervisor)
    run(station)
    assert changes(station) == [(Change.STRONGER, "review")]
    desk.lists.install_csv(phone.replace(row, row.replace(",复核,", ",提示,")), supervisor)
    run(station)
    assert changes(station) == [(Change.WEAKER, "note")]


def test_what_was_decided_not_to_be_the_same_makes_no_work(
    station: Station, clerk: SignedIn, supervisor: SignedIn, prepared: Prepared
) -> None:
    desk = station.desk()
    session = prepared(changed=lambda s: s.sender_known("15800007890"))
    assert session.draft.screening is not None
    (hit,) = session.draft.screening.hits
    key = (hit.list_id, hit.entry_id, hit.revision)
    until = desk.acceptances.today().replace(month=12)
    decided = HitResolution(*key, ResolutionKind.NOT_SAME, supervisor.code, "样本", evidence="样本", until_on=until)
    desk.acceptances.submit(Submission(session.resolved(decided), clerk, supervisor=supervisor))
    run(station)
    assert changes(station) == []
    desk.decisions.revoke(desk.decisions.newest()[0].journal_id, desk.decisions.newest()[0].seq, "样本", supervisor)
    desk.lists.install_csv(TEXT, supervisor)
    run(station)
    assert changes(station) == [(Change.NEW, "review")]


def test_it_goes_on_after_a_restart_where_it_was(station: Station, clerk: SignedIn, supervisor: SignedIn) -> None:
    with station.database.write() as tx:
        tx.executemany(
            "INSERT INTO sender_profiles (profile_id, match_key_id, token, name, phone) VALUES (?, ?, ?, ?, ?)",
            [(f"{number:032x}", "ab" * 16, f"{number:064x}", "样例人", "13800001111") for number in range(AT_ONCE + 3)],
        )
    assert station.desk().rescreening.step() is Pace.GOES_ON
    assert station.desk().rescreening.standing().done == AT_ONCE
    again = reopened(station)
    try:
        assert again.desk().rescreening.standing().done == AT_ONCE
        assert again.desk().rescreening.standing().total == AT_ONCE + 3
        assert again.desk().rescreening.step() is Pace.FINISHED
        assert again.desk().rescreening.standing().done == AT_ONCE + 3
        assert again.desk().rescreening.step() is Pace.FINISHED
    finally:
        again.close()


def test_a_list_whose_index_is_being_built_is_waited_for(station: Station, clerk: SignedIn, supervisor: SignedIn) -> None:
    desk = station.desk()
    desk.senders.consent(replace(DOCUMENT, name="样例市假冒商贸"), "13800001234", clerk)
    names = desk.screener.names
    assert isinstance(names, ListedNames)
    names.at_once = 0
    desk.lists.install_csv(TEXT.replace("虚构，仅供练习", "虚构"), supervisor)
    desk.lists.install_csv(TEXT.replace("假冒商贸", "仿冒商贸"), supervisor)
    assert desk.rescreening.step() is Pace.WAITS
    assert not desk.rescreening.standing().finished
    names.wait()
    run(station)
    assert desk.rescreening.standing().finished


def test_old_acceptances_and_purged_tokens_are_not_searched(
    station: Station, clerk: SignedIn, supervisor: SignedIn, prepared: Prepared, clock: SetClock
) -> None:
    desk = station.desk()
    accepted(station, clerk, prepared())
    desk.lists.install_csv(with_phone("13800001234"), supervisor)
    clock.wall_ms += (DAYS + 1) * 86_400_000
    run(station)
    assert changes(station) == []
    with station.database.write() as tx:
        known = Known("sender:" + "0" * 64, "0" * 64)
        rescreening.keep_hits(tx, known.subject, {("list", "entry"): "review"})
        rescreening.forget_senders_gone(tx)
    assert count(station.database, "rescreen_hits") == 0


def test_nothing_is_finished_twice(station: Station, clerk: SignedIn) -> None:
    with pytest.raises(UserError) as caught:
        station.desk().rescreening.finish(1, clerk)
    assert caught.value.code == DeskCode.NO_WORK
