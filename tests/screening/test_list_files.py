"""List files come from other people's spreadsheets. All parties are made up."""

from __future__ import annotations

import contextlib
import csv
import io
from collections.abc import Callable
from datetime import date
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.errors import UserError
from courier_check.screening.codes import ScreeningCode
from courier_check.screening.entries import Action, IssuerKind, ListPackage, SubjectKind, Vetting
from courier_check.screening.list_files import Issue, LineError
from courier_check.screening.list_reading import parse_list_csv
from courier_check.screening.list_rows import OPTIONAL, REQUIRED
from courier_check.store.resources import read_resource

ISSUE = Issue(version=4, issued_at_ms=1_770_000_000_000, expires_on=date(2027, 1, 1), match_key_id="k-2026")
Token = Callable[[str, str], str]
ROW = {
    "list_type": "样例名单",
    "source_org": "样例局",
    "doc_no": "样例1号",
    "legal_basis": "样例决定",
    "remedy": "行政复议",
    "subject_type": "企业",
    "name": "样例市鑫服饰有限公司",
    "reason": "虚构",
    "listed_on": "2026-01-15",
    "action": "拦截",
}


def file_of(*rows: dict[str, str]) -> str:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def test_the_practice_list_is_read_whole(vetting: Vetting, token: Token) -> None:
    read = parse_list_csv(read_resource("samples/practice_list.csv").decode(), ISSUE, vetting, token)
    assert read.errors == ()
    packages = {package.header.list_id: package for package in read.packages}
    assert {name: package.header.allowed for name, package in packages.items()} == {
        "practice-counterfeit": Action.BLOCK,
        "practice-notice": Action.INSPECT,
        "practice-own": Action.NOTE,
    }
    assert sorted(entry.subject_kind for entry in packages["practice-counterfeit"].entries) == sorted(
        (SubjectKind.COMPANY, SubjectKind.COMPANY, SubjectKind.PERSON, SubjectKind.PHONE, SubjectKind.COMPANY)
    )
    assert all("虚构" in entry.reason for package in read.packages for entry in package.entries)


def test_raw_numbers_become_tokens_and_are_nowhere_kept(vetting: Vetting, token: Token) -> None:
    row = {
        **ROW,
        "subject_type": "个人",
        "name": "钱样例",
        "id_number": "410104198506150027",
        "phone": "15800007890",
        "address": "样例路1号",
    }
    (package,) = parse_list_csv(file_of(row), ISSUE, vetting, token).packages
    (entry,) = package.entries
    assert entry.id_tokens == (token("id-number", "410104198506150027"),)
    assert entry.phone_tokens == (token("phone", "15800007890"),)
    assert entry.address_tokens == (token("address", "样例路1号"),)
    for raw in ("410104198506150027", "15800007890", "样例路1号"):
        assert raw not in package.encode().decode()


def test_a_file_and_the_package_made_of_it_say_the_same(vetting: Vetting, token: Token) -> None:
    for package in parse_list_csv(read_resource("samples/practice_list.csv").decode(), ISSUE, vetting, token).packages:
        assert ListPackage.parse(package.encode(), vetting) == package


def test_importing_twice_gives_the_same_entry_ids(vetting: Vetting, token: Token) -> None:
    first, second = (parse_list_csv(file_of(ROW), ISSUE, vetting, token).packages for _ in range(2))
    assert first == second
    assert first[0].entries[0].entry_id.startswith("e-")


@pytest.mark.parametrize("written", ["2026-01-05", "2026/1/5", "2026.01.05", "20260105", "2026年1月5日"])
def test_dates_are_read_as_spreadsheets_write_them(written: str, vetting: Vetting, token: Token) -> None:
    (package,) = parse_list_csv(file_of({**ROW, "listed_on": written}), ISSUE, vetting, token).packages
    assert package.entries[0].listed_on == date(2026, 1, 5)


def test_codes_are_read_as_people_type_them(vetting: Vetting, token: Token) -> None:
    row = {**ROW, "uscc": "９１４１０１００-ma9yb0a16h ", "alias": "甲样例店；乙样例店、甲样例店", "shop_name": "丙样例店"}
    (package,) = parse_list_csv("\ufeff" + file_of(row), ISSUE, vetting, token).packages
    assert package.entries[0].uscc == "91410100MA9YB0A16H"
    assert package.entries[0].aliases == ("丙样例店", "甲样例店", "乙样例店")


def test_rows_of_one_list_may_be_weaker_than_the_list(vetting: Vetting, token: Token) -> None:
    (package,) = parse_list_csv(file_of(ROW, {**ROW, "name": "样例二", "action": "alert"}), ISSUE, vetting, token).packages
    assert package.header.action is Action.BLOCK
    assert {entry.display_name: entry.action for entry in package.entries} == {ROW["name"]: Action.BLOCK, "样例二": Action.NOTE}


def test_a_list_without_numbers_needs_no_match_key(vetting: Vetting, token: Token) -> None:
    (package,) = parse_list_csv(file_of(ROW), ISSUE, vetting, token).packages
    assert package.header.match_key_id is None


def test_company_lists_are_told_apart(vetting: Vetting, token: Token) -> None:
    (package,) = parse_list_csv(file_of({**ROW, "issuer_kind": "企业自有"}), ISSUE, vetting, token).packages
    assert package.header.issuer_kind is IssuerKind.COMPANY
    assert package.header.allowed is Action.NOTE


@pytest.mark.parametrize(
    ("change", "column", "code"),
    [
        ({"reason": ""}, "reason", ScreeningCode.CSV_VALUE_MISSING),
        ({"subject_type": "公司吧"}, "subject_type", ScreeningCode.CSV_UNKNOWN_WORD),
        ({"action": "罚款"}, "action", ScreeningCode.CSV_UNKNOWN_WORD),
        ({"listed_on": "2026-02-30"}, "listed_on", ScreeningCode.CSV_BAD_DATE),
        ({"expires_on": "明年"}, "expires_on", ScreeningCode.CSV_BAD_DATE),
        ({"expires_on": "2025-01-01"}, "expires_on", ScreeningCode.BAD_DATES),
        ({"uscc": "91410100MA9YB0A16J"}, "uscc", ScreeningCode.BAD_USCC),
        ({"uscc": "O1410100MA9YB0A16H"}, "uscc", ScreeningCode.CSV_BAD_VALUE),
        ({"id_hash": "410104198506150027"}, "id_hash", ScreeningCode.CSV_BAD_VALUE),
        ({"revision": "-1"}, "revision", ScreeningCode.CSV_BAD_VALUE),
        ({"name": "样" * 201}, "name", ScreeningCode.CSV_BAD_VALUE),
        ({"alias": "样" * 201}, "alias", ScreeningCode.CSV_BAD_VALUE),
        ({"removed_on": "2025-01-01"}, "removed_on", ScreeningCode.BAD_DATES),
        ({"uscc": "91410100MA9YB0A16H", "org_code": "MA9YB0B20"}, "org_code", ScreeningCode.BAD_ORG_CODE),
        ({"name": ""}, "name", ScreeningCode.NOTHING_TO_MATCH),
        ({"remedy": ""}, "remedy", ScreeningCode.BLOCK_WITHOUT_REMEDY),
    ],
)
def test_a_defect_is_told_by_line_and_column(
    change: dict[str, str], column: str, code: ScreeningCode, vetting: Vetting, token: Token
) -> None:
    read = parse_list_csv(file_of({**ROW, "list_type": "另一名单"}, {**ROW, **change}), ISSUE, vetting, token)
    assert [(error.line, error.column, error.code) for error in read.errors] == [(3, column, code)]
    assert read.packages == ()


def test_all_defects_are_told_at_once(vetting: Vetting, token: Token) -> None:
    read = parse_list_csv(file_of({**ROW, "reason": ""}, ROW, {**ROW, "action": "?"}), ISSUE, vetting, token)
    assert [error.line for error in read.errors] == [2, 4]


def test_rows_of_one_list_must_agree_on_the_list(vetting: Vetting, token: Token) -> None:
    one, other = ({**ROW, "list_id": "made-up", "name": name, "doc_no": doc} for name, doc in (("样例一", "1号"), ("样例二", "2号")))
    (error,) = parse_list_csv(file_of(one, other), ISSUE, vetting, token).errors
    assert (error.line, error.column, error.code) == (3, "doc_no", ScreeningCode.CSV_DISAGREES)


def test_the_same_row_twice_is_told(vetting: Vetting, token: Token) -> None:
    (error,) = parse_list_csv(file_of(ROW, ROW), ISSUE, vetting, token).errors
    assert (error.line, error.code) == (3, ScreeningCode.DUPLICATE_ENTRY)


def test_a_number_that_is_none_is_told_with_the_code_of_who_checks_numbers(vetting: Vetting) -> None:
    class Elsewhere(StrEnum):
        BAD = "number-bad"

    def refusing(kind: str, value: str) -> str:
        raise UserError(Elsewhere.BAD, kind=kind)

    read = parse_list_csv(file_of({**ROW, "id_number": "123"}), ISSUE, vetting, refusing)
    assert read.errors == (LineError(2, "id_number", "number-bad", {"kind": "id-number"}),)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", ScreeningCode.CSV_EMPTY),
        ("\n\n", ScreeningCode.CSV_EMPTY),
        ("a,b\n1,2\n", ScreeningCode.CSV_COLUMN_MISSING),
        (",".join([*REQUIRED, "name", "name"]), ScreeningCode.CSV_COLUMN_TWICE),
        ("x" * 200_000, ScreeningCode.CSV_UNREADABLE),
    ],
)
def test_a_file_without_usable_heading_is_an_error_for_people(text: str, code: ScreeningCode, vetting: Vetting, token: Token) -> None:
    with pytest.raises(UserError) as caught:
        parse_list_csv(text, ISSUE, vetting, token)
    assert caught.value.code is code


CELL = st.sampled_from([*ROW.values(), "个人", "电话", "是", "否", "2026/13/01", "91410100MA9YB0A16H", "拒收", "1", ""]) | st.text(
    max_size=8
)


ROWS = st.lists(st.lists(CELL, max_size=30), max_size=4).map(lambda rows: "\n".join(",".join(row) for row in rows))


@given(text=st.text(max_size=80) | ROWS)
def test_reading_a_list_file_never_crashes(text: str, vetting: Vetting, token: Token) -> None:
    with contextlib.suppress(UserError):
        read = parse_list_csv(f"{','.join((*REQUIRED, *OPTIONAL))}\n{text}", ISSUE, vetting, token)
        assert not (read.packages and read.errors)


@given(row=st.fixed_dictionaries(dict.fromkeys((*REQUIRED, *OPTIONAL), CELL)))
def test_what_is_read_without_errors_can_be_published(row: dict[str, str], vetting: Vetting, token: Token) -> None:
    for package in parse_list_csv(file_of(row), ISSUE, vetting, token).packages:
        assert ListPackage.parse(package.encode(), vetting) == package


@given(text=st.text())
def test_any_text_is_a_list_file_or_an_error_for_people(text: str, vetting: Vetting, token: Token) -> None:
    with pytest.raises(UserError):
        parse_list_csv(text, ISSUE, vetting, token)
