"""异议: several about one act, by its operator or a supervisor; the act stays as it was, and the reason goes when the act's parts go."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courier_check.desk.codes import DeskCode
from courier_check.desk.disputes import Dispute
from courier_check.desk.lookups import record
from courier_check.desk.rights import SignedIn
from courier_check.errors import UserError
from courier_check.station import Station
from courier_check.store import journal, views
from courier_check.store.acts import act_at, acts_with_waybill
from courier_check.store.search import Wanted, find_acts
from support.entries import facts, part, stored
from support.parts_gone import parts_gone
from support.stations import acceptance, append

OWN, OTHERS = "0142", "0143"


def current(station: Station) -> str:
    return journal.current_journal(station.database) or ""


def accepted_by(station: Station, operator: str, waybill: str = "SF1000000000014") -> int:
    return append(station, replace(acceptance(waybill), operator=operator)).entry.header.seq


def disputed(station: Station, seq: int, by: SignedIn | None, reason: str = "不是我办的") -> int:
    return station.desk().disputes.dispute(Dispute(current(station), seq, reason), by).entry.header.seq


def test_a_dispute_is_a_new_entry_and_the_act_stays_as_it_was(station: Station, clerk: SignedIn) -> None:
    seq = accepted_by(station, OWN)
    before = stored(station, seq)
    made = disputed(station, seq, clerk, "  当时我不在窗口 ")
    assert stored(station, seq) == before
    assert facts(station, made) == {"disputes": {"journal_id": current(station), "seq": seq}}
    assert part(station, made, "kept") == {"v": 1, "reason": "当时我不在窗口"}
    assert "窗口" not in stored(station, made).header_bytes.decode()
    assert stored(station, made).sealed == {}
    act = act_at(station.database, current(station), seq)
    assert act is not None
    assert (act.disputed, act.corrected) == (True, False)
    assert station.verify().ok


def test_several_disputes_are_shown_oldest_first_with_the_record(station: Station, clerk: SignedIn, supervisor: SignedIn) -> None:
    seq, quiet = accepted_by(station, OWN), accepted_by(station, OWN, "SF1000000000022")
    first = disputed(station, seq, clerk, "不是我办的")
    second = disputed(station, seq, supervisor, "已问过样例人 13800001234，确有此事")
    shown = record(station.database, station.enrolled(), station.evidence, current(station), seq)
    assert [(one.seq, one.operator) for one in shown.disputes] == [(first, OWN), (second, supervisor.code)]
    assert shown.disputes[0].reason == "不是我办的"
    assert shown.disputes[1].reason == "已问过样** 138****1234，确有此事"
    assert record(station.database, station.enrolled(), station.evidence, current(station), quiet).disputes == ()
    found = find_acts(station.database, Wanted(), 10)
    assert {act.seq: act.disputed for act in found} == {seq: True, quiet: False}


def test_a_clerk_disputes_own_acts_and_a_supervisor_any(station: Station, clerk: SignedIn, supervisor: SignedIn) -> None:
    theirs = accepted_by(station, OTHERS)
    entries = journal.head_of(station.database, current(station), "").seq
    with pytest.raises(UserError) as caught:
        disputed(station, theirs, clerk)
    assert (caught.value.code, caught.value.facts) == (DeskCode.NOT_OWN_ACT, {"seq": theirs, "operator": OTHERS})
    assert journal.head_of(station.database, current(station), "").seq == entries
    assert disputed(station, theirs, supervisor) == entries + 1


def test_a_supervisor_who_is_none_any_more_disputes_nothing(station: Station, clerk: SignedIn, supervisor: SignedIn) -> None:
    """What counts is what the station says of the operator now, not what a screen remembers."""
    theirs, own = accepted_by(station, OTHERS), accepted_by(station, OWN, "SF1000000000022")
    with pytest.raises(UserError) as caught:
        disputed(station, theirs, replace(clerk, role=supervisor.role))
    assert caught.value.code == DeskCode.NOT_OWN_ACT
    station.desk().operators.disable(OWN, supervisor)
    with pytest.raises(UserError) as caught:
        disputed(station, own, clerk)
    assert caught.value.code == DeskCode.OPERATOR_DISABLED


@pytest.mark.parametrize(
    ("seq", "reason", "code"),
    [
        (None, " \n", DeskCode.REASON_MISSING),
        (1, "x", DeskCode.NO_ACT),
        (999, "x", DeskCode.ENTRY_UNKNOWN),
        (-(2**62), "x", DeskCode.ENTRY_UNKNOWN),
    ],
)
def test_a_dispute_needs_a_reason_and_an_act(station: Station, clerk: SignedIn, seq: int | None, reason: str, code: DeskCode) -> None:
    own = accepted_by(station, OWN)
    with pytest.raises(UserError) as caught:
        disputed(station, own if seq is None else seq, clerk, reason)
    assert caught.value.code == code


def test_nobody_disputes_without_signing_in(station: Station, clerk: SignedIn) -> None:
    with pytest.raises(UserError) as caught:
        disputed(station, accepted_by(station, OWN), None)
    assert caught.value.code == DeskCode.NOT_SIGNED_IN


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(reason=st.text(st.characters(), max_size=60))  # half of a surrogate pair, too: a command line may bring it
def test_any_reason_is_kept_as_it_was_given(station: Station, supervisor: SignedIn, reason: str) -> None:
    held = acts_with_waybill(station.database, "SF1000000000014")
    seq = held[0].seq if held else accepted_by(station, OWN)
    if not reason.strip():
        with pytest.raises(UserError):
            disputed(station, seq, supervisor, reason)
        return
    kept = str(part(station, disputed(station, seq, supervisor, reason), "kept")["reason"])
    given = ["?" if "\ud800" <= character <= "\udfff" else character for character in reason.strip()]
    assert kept == "".join(given)


def test_the_reason_is_destroyed_with_the_parts_of_the_act(station: Station, clerk: SignedIn) -> None:
    seq = accepted_by(station, OWN)
    made = disputed(station, seq, clerk)
    with station.database.write() as tx:
        assert parts_gone(tx, current(station), seq) == 4  # three of the act, the dispute's one
    shown = record(station.database, station.enrolled(), station.evidence, current(station), seq)
    assert [(one.seq, one.reason) for one in shown.disputes] == [(made, None)]
    assert shown.act.disputed
    assert station.verify().ok
    assert all(each.equal for each in views.compare(station.database))


def test_the_views_of_disputes_are_replayed(station: Station, clerk: SignedIn) -> None:
    disputed(station, accepted_by(station, OWN), clerk)
    compared = {each.table: (each.rows, each.equal) for each in views.compare(station.database)}
    assert compared["disputes"] == (1, True)
    with station.database.write() as tx:
        tx.execute("UPDATE acts SET disputed = 0")
    assert {each.table for each in views.compare(station.database) if not each.equal} == {"acts"}
    with station.database.write() as tx:
        views.rebuild(tx)
    assert all(each.equal for each in views.compare(station.database))
