"""名单之间: what lists in force say of one party that does not go together is told with its line, kept, and stops nothing. All parties are
made up."""

from __future__ import annotations

import io

import pytest

from courier_check.desk.lists import Imported
from courier_check.desk.rights import SignedIn
from courier_check.desk.screener import Subject
from courier_check.screening.codes import ScreeningCode
from courier_check.screening.list_files import LineError
from courier_check.screening.list_rows import csv_rows
from courier_check.screening.match import Level
from courier_check.station import Station
from courier_check.store import list_conflicts
from support.parcels import TODAY

HEADING = "list_id,list_type,source_org,legal_basis,remedy,reason,listed_on,action,subject_type,entry_id,name,uscc,id_number,removed_on"
OF_LIST = "【样本】{0},样例局（虚构）,样例依据,可以申诉,样本,2026-01-15,拦截"
FIRST, SECOND = "91410100MA9YB0A16H", "92410105MA9YB0B20T"
NUMBER = "410104198506150027"
CODES = (ScreeningCode.OTHER_NAME_INSTALLED, ScreeningCode.REMOVED_INSTALLED, ScreeningCode.ALSO_INSTALLED)


def firm(entry: str, name: str, uscc: str = "", removed_on: str = "") -> str:
    return f"企业,{entry},{name},{uscc},,{removed_on}"


def person(entry: str, name: str, number: str = "") -> str:
    return f"个人,{entry},{name},,{number},"


def imported(station: Station, by: SignedIn, *lists: tuple[str, list[str]]) -> tuple[Imported, list[LineError]]:
    rows = [f"{list_id},{OF_LIST.format(list_id)},{row}" for list_id, some in lists for row in some]
    told: list[LineError] = []
    return station.desk().lists.install_rows(csv_rows(io.StringIO("\n".join([HEADING, *rows]))), by, told.append), told


def kept(station: Station, list_id: str) -> dict[tuple[str, ScreeningCode], tuple[tuple[str, str], ...]]:
    return {(each.other_id, each.code): each.examples for each in station.desk().lists.conflicts(list_id)}


def test_a_code_under_another_name_in_an_installed_list_is_told_and_both_count(station: Station, supervisor: SignedIn) -> None:
    imported(station, supervisor, ("a", [firm("a1", "样例一服饰有限公司", FIRST), firm("a2", "样例二商贸有限公司", SECOND)]))
    took, told = imported(station, supervisor, ("b", [firm("b1", "样例别名贸易有限公司", FIRST), firm("b2", "样例九图书有限公司")]))
    (note,) = told
    assert (note.line, note.column, note.code, note.left_out) == (2, "uscc", ScreeningCode.OTHER_NAME_INSTALLED, False)
    assert note.facts == {"list": "【样本】a", "entry": "a1"}
    assert (took.summary.good, took.summary.bad, took.summary.noted) == (2, 0, 1)
    assert kept(station, "b") == {("a", ScreeningCode.OTHER_NAME_INSTALLED): (("b1", "a1"),)}
    assert kept(station, "a") == {("b", ScreeningCode.OTHER_NAME_INSTALLED): (("a1", "b1"),)}, "whichever came later"
    result = station.desk().screener.screen(Subject(uscc=FIRST), TODAY)
    assert ({hit.list_id for hit in result.hits}, result.level) == ({"a", "b"}, Level.BLOCK)


def test_listed_by_one_and_removed_by_another_is_told(station: Station, supervisor: SignedIn) -> None:
    imported(station, supervisor, ("a", [firm("a1", "样例一服饰有限公司", FIRST, "2026-03-01")]))
    _, told = imported(station, supervisor, ("b", [firm("b1", "样例一服饰有限公司", FIRST)]))
    assert [(each.line, each.code) for each in told] == [(2, ScreeningCode.REMOVED_INSTALLED)]
    assert station.desk().screener.screen(Subject(uscc=FIRST), TODAY).level is Level.BLOCK, "the list that has it in force counts"


def test_the_same_party_twice_is_told_by_code_document_or_the_name_of_a_firm(station: Station, supervisor: SignedIn) -> None:
    imported(
        station,
        supervisor,
        ("a", [firm("a1", "样例一服饰有限公司", FIRST), person("a2", "钱样例", NUMBER), firm("a3", "样例三图书有限公司")]),
    )
    rows = [firm("b1", "样例一服饰有限公司", FIRST), person("b2", "钱样例", NUMBER), firm("b3", "样例三图书有限公司", SECOND)]
    _, told = imported(station, supervisor, ("b", rows))
    assert sorted((each.line, each.column, each.code) for each in told) == [
        (2, "uscc", ScreeningCode.ALSO_INSTALLED),
        (3, "id_number", ScreeningCode.ALSO_INSTALLED),
        (4, "name", ScreeningCode.ALSO_INSTALLED),
    ]


def test_namesakes_and_firms_with_other_codes_are_other_parties(station: Station, supervisor: SignedIn) -> None:
    imported(station, supervisor, ("a", [person("a1", "钱样例"), firm("a2", "样例一服饰有限公司", FIRST)]))
    _, told = imported(station, supervisor, ("b", [person("b1", "钱样例", NUMBER), firm("b2", "样例一服饰有限公司", SECOND)]))
    assert told == []
    assert kept(station, "b") == {}


def test_two_lists_of_one_file_are_compared_and_what_is_mended_is_no_conflict_any_more(station: Station, supervisor: SignedIn) -> None:
    removed, lists = firm("a1", "样例一服饰有限公司", FIRST, "2026-03-01"), station.desk().lists
    imported(station, supervisor, ("a", [removed]), ("b", [firm("b1", "样例一服饰有限公司", FIRST)]))
    assert kept(station, "a") == {("b", ScreeningCode.REMOVED_INSTALLED): (("a1", "b1"),)}
    imported(station, supervisor, ("b", [firm("b1", "样例一服饰有限公司", FIRST, "2026-03-01")]))
    assert kept(station, "a") == {("b", ScreeningCode.ALSO_INSTALLED): (("a1", "b1"),)}
    imported(station, supervisor, ("a", [firm("a9", "样例九图书有限公司")]))
    assert lists.conflicts("a") == lists.conflicts("b") == []


def test_what_is_told_of_two_long_lists_is_bounded(station: Station, supervisor: SignedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_conflicts, "MOST_COMPARED", 30)
    names = [f"样例{number}号服饰有限公司" for number in range(40)]
    imported(station, supervisor, ("a", [firm(f"a{at}", name) for at, name in enumerate(names)]))
    _, told = imported(station, supervisor, ("b", [firm(f"b{at}", name) for at, name in enumerate(names)]))
    assert len(told) == 30
    (only,) = station.desk().lists.conflicts("b")
    assert (only.parties, len(only.examples), only.more) == (30, list_conflicts.MOST_KEPT, True)
