"""名单异议: recorded with a number, passed to the issuer without the contact, tracked until it is answered."""

from __future__ import annotations

import pytest

from courier_check.desk.codes import DeskCode
from courier_check.desk.objections import Answer, Objection, ObjectionOutcome, ObjectionState, state_of
from courier_check.desk.rights import SignedIn
from courier_check.errors import UserError
from courier_check.station import Station
from courier_check.store import views
from courier_check.store.lists import entries_of
from support.entries import facts, part, stored

AUTHORITY, OWN = "practice-counterfeit", "practice-own"


def objection(station: Station, list_id: str = AUTHORITY, **said: str) -> Objection:
    entry = next(entry for entry in entries_of(station.database, list_id) if entry.uscc)
    given = {"who": "样例商贸经办人", "contact": "13800001111", "statement": "不是我公司（样本）"} | said
    return Objection(list_id, entry.entry_id, **given)


def test_an_objection_is_numbered_and_travels_without_its_contact(station: Station, clerk: SignedIn) -> None:
    number, composed = station.desk().objections.record(objection(station), clerk)
    seq = composed.entry.header.seq
    assert facts(station, seq) == {"number": number, "to_issuer": True}
    assert part(station, seq, "kept")["contact"] == "13800001111"
    told = part(station, seq, "reported")["objection"]
    assert isinstance(told, dict)
    assert (told["number"], told["list"], told["who"], told["statement"]) == (number, AUTHORITY, "样例商贸经办人", "不是我公司（样本）")
    assert "13800001111" not in str(told)
    assert station.desk().objections.record(objection(station), clerk)[0] != number


def test_a_company_s_own_list_has_no_issuer_to_tell(station: Station, clerk: SignedIn) -> None:
    _, composed = station.desk().objections.record(objection(station, OWN), clerk)
    assert "reported" not in stored(station, composed.entry.header.seq).openings
    assert state_of(station.desk().objections.newest()[0]) is ObjectionState.OPEN


def test_an_objection_is_open_then_answered_and_the_later_answer_holds(station: Station, clerk: SignedIn, supervisor: SignedIn) -> None:
    desk = station.desk()
    number, _ = desk.objections.record(objection(station), clerk)
    assert state_of(desk.objections.newest()[0]) is ObjectionState.OPEN
    with pytest.raises(UserError) as caught:
        desk.objections.answer(Answer(number, ObjectionOutcome.REMOVED, "样本"), clerk)
    assert caught.value.code == DeskCode.NO_RIGHT
    desk.objections.answer(Answer(number.lower(), ObjectionOutcome.DISMISSED, "样例文号（虚构）"), supervisor)
    desk.objections.answer(Answer(number, ObjectionOutcome.REMOVED, "复查后移出（样本）"), supervisor)
    held = desk.objections.newest()[0]
    assert (state_of(held), held.outcome) == (ObjectionState.ANSWERED, "removed")
    assert all(each.equal for each in views.compare(station.database))


@pytest.mark.parametrize("said", [{"who": " "}, {"contact": ""}, {"statement": "\n"}, {"who": "名" * 201}, {"statement": "😀" * 1001}])
def test_what_is_missing_or_too_long_records_nothing(station: Station, clerk: SignedIn, said: dict[str, str]) -> None:
    with pytest.raises(UserError) as caught:
        station.desk().objections.record(objection(station, **said), clerk)
    assert caught.value.code == DeskCode.OBJECTION_INCOMPLETE
    assert station.desk().objections.newest() == []


def test_nobody_objects_to_what_no_list_says(station: Station, clerk: SignedIn, supervisor: SignedIn) -> None:
    for list_id, entry_id in ((AUTHORITY, "none"), ("no-list", "e1"), ("😀" * 500, "=cmd")):
        with pytest.raises(UserError) as caught:
            station.desk().objections.record(Objection(list_id, entry_id, "样例", "样例", "样例"), clerk)
        assert caught.value.code == DeskCode.NO_LIST_ENTRY
    with pytest.raises(UserError) as caught:
        station.desk().objections.answer(Answer("YY1", ObjectionOutcome.REMOVED, "样本"), supervisor)
    assert caught.value.code == DeskCode.NO_OBJECTION
