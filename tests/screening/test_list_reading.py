"""What a list file says twice, or against itself, and what spreadsheets and JSON make of it. All parties are made up."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.errors import UserError
from courier_check.screening.codes import MatchReason, ScreeningCode
from courier_check.screening.entries import Action, ListPackage, Vetting
from courier_check.screening.list_files import Issue
from courier_check.screening.list_reading import ListFile, Source, read_list
from courier_check.screening.list_rows import OPTIONAL, REQUIRED, TableRow, csv_rows, json_rows, looks_like_formula, row_of
from courier_check.screening.list_sheets import sheet_rows
from courier_check.screening.match import Level, Query, screen
from courier_check.screening.normalise import normalise_name

ISSUE = Issue(version=4, issued_at_ms=1_770_000_000_000, expires_on=None, match_key_id="k-2026")
TODAY = date(2026, 11, 24)
USCC = "91410100MA9YB0A16H"
Cells = dict[str, str]
Read = Callable[..., ListFile]
ROW = {
    "list_id": "made-up",
    "list_type": "样例名单",
    "source_org": "样例局",
    "legal_basis": "样例决定",
    "remedy": "行政复议",
    "blocks_on_company_name": "是",
    "subject_type": "企业",
    "name": "样例市鑫服饰有限公司",
    "reason": "虚构",
    "listed_on": "2026-01-15",
    "action": "拦截",
}


@pytest.fixture(scope="session")
def source(vetting: Vetting, token: Callable[[str, str], str]) -> Source:
    return Source(ISSUE, vetting, token)


def rows_of(*rows: Cells) -> Iterable[TableRow]:
    return [row_of(line, list(row), list(row.values())) for line, row in enumerate(rows, start=2)]


def entries_of(file: ListFile) -> dict[str, Action | None]:
    return {entry.display_name: entry.action for package in file.packages for entry in package.entries}


def told(file: ListFile) -> list[tuple[int, str, str]]:
    return [(error.line, error.column, error.code) for error in (*file.errors, *file.notes)]


def test_good_lines_go_on_past_bad_ones(source: Source) -> None:
    file = read_list(rows_of(ROW, {**ROW, "action": "罚款"}, {**ROW, "name": "样例二"}), source)
    assert set(entries_of(file)) == {"样例市鑫服饰有限公司", "样例二"}
    assert told(file) == [(3, "action", ScreeningCode.CSV_UNKNOWN_WORD)]
    assert (file.summary.read, file.summary.good, file.summary.bad, file.summary.noted) == (3, 2, 1, 0)


def test_a_list_that_may_not_block_is_left_out_and_the_others_stay(source: Source) -> None:
    file = read_list(rows_of({**ROW, "remedy": ""}, {**ROW, "list_id": "other", "name": "样例二"}), source)
    assert [package.header.list_id for package in file.packages] == ["other"]
    assert told(file) == [(2, "remedy", ScreeningCode.BLOCK_WITHOUT_REMEDY)]
    assert (file.summary.good, file.summary.bad) == (1, 1)


def test_one_code_under_two_names_is_kept_twice_and_told(source: Source) -> None:
    other = {**ROW, "uscc": USCC, "name": "样例市新名服饰有限公司"}
    file = read_list(rows_of({**ROW, "uscc": USCC}, other, {**other, "list_id": "other", "name": "第三个名称服饰"}), source)
    assert len(entries_of(file)) == 3
    assert told(file) == [
        (3, "uscc", ScreeningCode.OTHER_NAME),
        (4, "uscc", ScreeningCode.OTHER_NAME_ELSEWHERE),
    ]
    assert [note.facts["line"] for note in file.notes] == [2, 2]


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("same_entry", [False, True])
def test_listed_and_removed_at_once_goes_to_a_supervisor_whichever_comes_first(source: Source, reverse: bool, same_entry: bool) -> None:
    listed = {**ROW, "uscc": USCC, "entry_id": "e-1"}
    removed = {**listed, "removed_on": "2026-03-01", "entry_id": "e-1" if same_entry else "e-2"}
    file = read_list(rows_of(*(removed, listed) if reverse else (listed, removed)), source)
    (package,) = file.packages
    in_force = [entry for entry in package.entries if entry.in_force(TODAY)]
    assert [(entry.entry_id, entry.action) for entry in in_force] == [("e-1", Action.REVIEW)]
    assert ScreeningCode.LISTED_AND_REMOVED in [code for _, _, code in told(file)]


@pytest.mark.parametrize("reverse", [False, True])
def test_who_was_removed_and_listed_again_is_listed(source: Source, reverse: bool) -> None:
    former = {**ROW, "uscc": USCC, "entry_id": "e-1", "listed_on": "2024-01-15", "removed_on": "2025-01-15"}
    again = {**ROW, "uscc": USCC, "entry_id": "e-2", "listed_on": "2026-01-15"}
    file = read_list(rows_of(*(again, former) if reverse else (former, again)), source)
    (package,) = file.packages
    assert told(file) == []
    assert [entry.action for entry in package.entries if entry.in_force(TODAY)] == [Action.BLOCK]


def test_the_same_entry_twice_counts_once_and_says_where_the_first_stands(source: Source) -> None:
    file = read_list(rows_of(ROW, ROW), source)
    assert len(entries_of(file)) == 1
    assert [(error.line, error.code, error.facts["line"]) for error in file.errors] == [(3, ScreeningCode.DUPLICATE_ENTRY, 2)]


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("=cmd|' /C calc'!A0", True),
        ("+样例", True),
        ("-样例", True),
        ("@SUM(A1)", True),
        ("\t=样例一二", True),
        ("＝样例", True),
        ("样例=1", False),
    ],
)
def test_what_looks_like_a_formula_is_kept_as_text_and_told(source: Source, name: str, note: bool) -> None:
    file = read_list(rows_of({**ROW, "name": name}), source)
    assert list(entries_of(file)) == [name.strip()]
    assert told(file) == ([(2, "name", ScreeningCode.CELL_FORMULA)] if note else [])


def test_a_phone_with_its_country_is_no_formula() -> None:
    assert not looks_like_formula("+86 138 0000 1234")
    assert looks_like_formula("+cmd|1")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("样" * 500, ScreeningCode.CSV_BAD_VALUE),
        ("😀🎉", ScreeningCode.NOTHING_TO_MATCH),
        ("……——（）", ScreeningCode.NOTHING_TO_MATCH),
        ("建材", ScreeningCode.GENERIC_NAME),
        ("商贸有限公司", ScreeningCode.GENERIC_NAME),
    ],
)
def test_odd_names_are_told_and_match_nothing_else(source: Source, vetting: Vetting, lists: Any, name: str, code: ScreeningCode) -> None:
    file = read_list(rows_of({**ROW, "name": name}), source)
    assert [each for _, _, each in told(file)] == [code]
    lists.packages.extend(file.packages)
    for other in ("郑州鑫源建材有限公司", "建材城", "大河商贸有限公司", "😀", "。"):
        asked = normalise_name(other, vetting.names)
        if asked.full and lists.packages:
            assert screen(Query(name=asked), lists, TODAY).hits == ()


def test_a_generic_name_is_found_where_it_is_exactly_equal(source: Source, vetting: Vetting, lists: Any) -> None:
    lists.packages.extend(read_list(rows_of({**ROW, "name": "建材"}), source).packages)
    result = screen(Query(name=normalise_name("建材", vetting.names)), lists, TODAY)
    assert result.hits[0].reasons == (MatchReason.SAME_NAME,)


def test_a_list_without_basis_never_refuses_however_strong_its_rows(source: Source, vetting: Vetting, lists: Any) -> None:
    file = read_list(rows_of({**ROW, "uscc": USCC, "legal_basis": ""}), source)
    lists.packages.extend(file.packages)
    result = screen(Query(uscc=USCC), lists, TODAY)
    assert (result.level, result.hits[0].action) == (Level.REVIEW, Action.INSPECT)
    assert MatchReason.NO_LEGAL_BASIS in result.hits[0].reasons


# --- CSV ---


def csv_text(*rows: Cells) -> str:
    return "\r\n".join([",".join(ROW), *(",".join(row.values()) for row in rows)])


def test_a_line_that_cannot_be_read_is_told_and_the_next_goes_on(source: Source) -> None:
    text = f"{csv_text(ROW)}\r\n{'x' * 140_000}\r\n{','.join({**ROW, 'name': '样例二'}.values())}\r\n"
    file = read_list(csv_rows(io.StringIO(text, newline="")), source)
    assert set(entries_of(file)) == {ROW["name"], "样例二"}
    assert told(file) == [(3, "", ScreeningCode.CSV_LINE_UNREADABLE)]


def test_broken_letters_are_told_by_line_and_column(source: Source) -> None:
    data = (
        csv_text(ROW).encode("gb18030")
        + b"\r\n"
        + csv_text({**ROW, "name": "?"}).split("\r\n")[1].encode("gb18030").replace(b"?", b"\xff\xff")
    )
    text = data.decode("gb18030", "surrogateescape")
    file = read_list(csv_rows(io.StringIO(text, newline="")), source)
    assert told(file) == [(3, "name", ScreeningCode.CSV_BAD_TEXT)]


# --- JSON ---


def json_of(*rows: object) -> list[bytes]:
    return json.dumps(rows, ensure_ascii=False).encode().splitlines(keepends=True)


def test_json_says_the_same_as_csv(source: Source) -> None:
    rows = [{**ROW, "alias": ["甲样例店", "乙样例店"]}, {**ROW, "name": "样例二", "blocks_on_company_name": True}]
    as_array = read_list(json_rows(json_of(*rows)), source)
    as_lines = read_list(json_rows([json.dumps(row).encode() + b"\n" for row in rows]), source)
    as_csv = read_list(rows_of({**ROW, "alias": "甲样例店;乙样例店"}, {**ROW, "name": "样例二"}), source)
    assert as_array.packages == as_lines.packages == as_csv.packages


def test_a_bad_member_of_a_json_list_is_told_by_its_place(source: Source) -> None:
    file = read_list(json_rows(json_of(ROW, ["no", "object"], {**ROW, "name": {"x": 1}}, {**ROW, "name": "样例二"})), source)
    assert told(file) == [(2, "", ScreeningCode.CSV_LINE_UNREADABLE), (3, "", ScreeningCode.CSV_LINE_UNREADABLE)]
    assert set(entries_of(file)) == {ROW["name"], "样例二"}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", ScreeningCode.CSV_EMPTY),
        (b"[]", ScreeningCode.CSV_EMPTY),
        (b"[1,", ScreeningCode.JSON_UNREADABLE),
        (b"x", ScreeningCode.JSON_UNREADABLE),
    ],
)
def test_what_is_no_json_list_is_told(data: bytes, code: ScreeningCode) -> None:
    with pytest.raises(UserError) as caught:
        list(json_rows(data.splitlines(keepends=True)))
    assert caught.value.code is code


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6), lambda inner: st.lists(inner, max_size=3), max_leaves=4
)


@given(rows=st.lists(st.dictionaries(st.sampled_from((*REQUIRED, *OPTIONAL)), JSON | st.sampled_from(list(ROW.values())), max_size=12)))
def test_any_json_is_a_list_or_told(rows: list[dict[str, object]], source: Source) -> None:
    with contextlib.suppress(UserError):
        file = read_list(json_rows(json_of(*rows)), source)
        assert file.summary.read == len(rows) == file.summary.good + file.summary.bad
        assert all(ListPackage.parse(package.encode(), source.vetting) == package for package in file.packages)


@given(data=st.binary(max_size=60))
def test_any_bytes_are_a_json_list_or_told(data: bytes, source: Source) -> None:
    with contextlib.suppress(UserError):
        read_list(json_rows(data.splitlines(keepends=True)), source)


# --- XLSX ---


def sheet_of(*rows: Iterable[object]) -> io.BytesIO:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return file


def test_a_spreadsheet_says_the_same_as_csv(source: Source) -> None:
    row = {**ROW, "phone": 13800001234, "listed_on": datetime(2026, 1, 15), "blocks_on_company_name": True}  # noqa: DTZ001 - as sheets have them
    file = read_list(sheet_rows(sheet_of([*ROW, "phone"], row.values())), source)
    as_csv = read_list(rows_of({**ROW, "phone": "13800001234"}), source)
    assert file.errors == ()
    assert file.packages == as_csv.packages


def test_long_numbers_kept_as_numbers_and_formulas_are_told(source: Source) -> None:
    columns = [*ROW, "id_number"]
    rows = [
        [*ROW.values(), 410104198506150027],
        [*{**ROW, "name": '=HYPERLINK("http://example.invalid")'}.values(), ""],
        [*{**ROW, "listed_on": "=TODAY()"}.values(), ""],
    ]
    file = read_list(sheet_rows(sheet_of(columns, *rows)), source)
    assert sorted(told(file)) == [
        (2, "id_number", ScreeningCode.XLSX_DIGITS_LOST),
        (3, "name", ScreeningCode.CELL_FORMULA),
        (4, "listed_on", ScreeningCode.CSV_BAD_DATE),
    ]
    assert list(entries_of(file)) == ['=HYPERLINK("http://example.invalid")']


def test_a_spreadsheet_that_is_none_is_told() -> None:
    whole = sheet_of(ROW, ROW.values()).getvalue()
    for data in (
        b"",
        b"PK\x03\x04",
        whole[: len(whole) // 2],
        b"\xd0\xcf\x11\xe0" + bytes(600),
        whole.replace(b"xl/workbook", b"xl/workbxxk"),
    ):
        with pytest.raises(UserError) as caught:
            list(sheet_rows(io.BytesIO(data)))
        assert caught.value.code is ScreeningCode.XLSX_UNREADABLE
    with pytest.raises(UserError) as caught:
        list(sheet_rows(sheet_of()))
    assert caught.value.code is ScreeningCode.CSV_EMPTY


WHOLE = sheet_of(ROW, ROW.values()).getvalue()


@given(at=st.integers(0, len(WHOLE) - 1), put=st.binary(min_size=1, max_size=4))
def test_a_spreadsheet_with_any_bytes_changed_is_read_or_told(at: int, put: bytes, source: Source) -> None:
    with contextlib.suppress(UserError):
        read_list(sheet_rows(io.BytesIO(WHOLE[:at] + put + WHOLE[at + len(put) :])), source)
