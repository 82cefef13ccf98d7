"""Reports as files say the same as the figures, and hold no formula."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from courier_check.clock import CHINA
from courier_check.reporting import as_text, text_lines
from courier_check.reports.acts import ActKind, ActRow, Period
from courier_check.reports.daily import figures, rates
from courier_check.reports.forms import ReportForms
from courier_check.reports.half_year import HalfYearReport, Heading, ManualEntry, half_year_of, half_year_report
from courier_check.reports.sheets import (
    Sheet,
    daily_sheets,
    figures_json,
    half_year_json,
    half_year_sheets,
    one_lined,
    rates_json,
    rates_sheet,
    refusals_sheet,
)
from courier_check.reports.writers import csv_text, to_csv, to_xlsx

MADE_AT = datetime(2026, 11, 23, 18, 0, tzinfo=CHINA)
NAMES = {"R07": "禁寄", "04": "压缩和液化气体及其容器"}
Made = Callable[..., ActRow]


def cells(page: Worksheet) -> list[list[object]]:
    return [[cell.value for cell in row if cell.value is not None] for row in page.iter_rows()]


@pytest.fixture
def half_year(forms: ReportForms, act: Made, noon_ms: int) -> HalfYearReport:
    term = half_year_of(date(2026, 11, 23), forms.half_year)
    annex = figures([act(), act(kind=ActKind.REFUSAL, refusal="R07", prohibited=("04",), acknowledged_at_ms=None)], term.period, noon_ms)
    manual = [ManualEntry("fines", "12.5", "=样例台账", "样例员")]
    return half_year_report(term, forms.half_year, annex, Heading("样例区局（虚构）", date(2026, 12, 26)), manual)


def test_the_daily_workbook_reads_back_what_was_counted(act: Made, forms: ReportForms, today: Period, noon_ms: int) -> None:
    found = figures([act(), act(kind=ActKind.REFUSAL, refusal="R07", prohibited=("04",))], today, noon_ms)
    book = load_workbook(io.BytesIO(to_xlsx(daily_sheets(found, forms, NAMES, "样例网点（虚构）"), MADE_AT)))
    day, refusals, operators = (cells(page) for page in book.worksheets)
    assert book.sheetnames == ["收寄日报", "拒收情况", "收寄员"]
    assert day[:4] == [["收寄日报"], ["单位：样例网点（虚构）"], ["统计期间：2026-11-23"], ["截至：2026-11-23 12:00"]]
    assert ["收寄（件）", 1] in day
    assert ["实名收寄率（协议件）", "—（0/0）"] in day
    assert ["服务信息登记率", "—（本程序未登记）"] in day
    assert ["过机安检率", "—（本程序未登记）"] in day
    assert any("仅系统内已登记件" in str(line) for line in day)
    assert ["拒收", "R07", "禁寄", 1] in refusals
    assert ["禁寄查获", "04", "压缩和液化气体及其容器", 1] in refusals
    assert ["A01", 1, "100.00%", 1, 0, 0, 0] in operators


def test_every_sheet_states_its_scope(act: Made, forms: ReportForms, today: Period, noon_ms: int) -> None:
    found = figures([act()], today, noon_ms)
    sheets = (*daily_sheets(found, forms, NAMES, ""), rates_sheet(found, forms, ""), refusals_sheet(found, forms, NAMES, ""))
    assert all("仅系统内已登记件" in sheet.notes[0] for sheet in sheets)


def test_the_scope_says_whose_security_checks_are_counted(forms: ReportForms) -> None:
    """A check made elsewhere stands in another journal: nobody may read the rate as that of all parcels."""
    (note,) = [note for note in forms.notes if "过机安检率＝" in note]
    assert "安检只计本台登记的" in note
    assert "别处的不计" in note


def test_rates_are_printed_with_their_counts(act: Made, forms: ReportForms, today: Period, noon_ms: int) -> None:
    sheet = rates_sheet(figures([act(), act(inspected=False)], today, noon_ms), forms, "样例网点")
    assert ("收寄验视率", "50.00%", 1, 2) in sheet.rows
    assert ("过机安检率", "—（本程序未登记）", "", "") in sheet.rows


def test_the_half_year_workbook_is_laid_out_as_the_annex(half_year: HalfYearReport, forms: ReportForms) -> None:
    book = load_workbook(io.BytesIO(to_xlsx(half_year_sheets(half_year, forms, NAMES), MADE_AT)))
    table, annex = (cells(page) for page in book.worksheets)
    assert table[:3] == [["互联网领域侵权假冒行为治理统计表"], ["单位：样例区局（虚构）"], ["日期：2026-12-26"]]
    assert ["举报投诉处理情况", "受理数量（件）", "未填", "未填"] in table
    assert ["行政执法机关查办案件总体情况", "行政处罚金额（万元）", "12.50", "手工填报：=样例台账（样例员）"] in table
    assert sum(line[-1:] == ["未填"] for line in table) == 13
    assert any("工作背景（现行效力待核实）" in str(line) for line in table)
    assert annex[0] == ["寄递环节附表"]
    assert ["拒收：R07 禁寄", 1] in annex
    assert any("不得作为最终稿" in str(line) for line in annex)


def test_json_holds_the_numbers_and_null_where_there_is_none(half_year: HalfYearReport, forms: ReportForms) -> None:
    plain = json.loads(json.dumps(half_year_json(half_year, forms), ensure_ascii=False))
    by_item = {number["item"]: number for number in plain["numbers"]}
    assert (by_item["fines"]["value"], by_item["fines"]["decimals"], by_item["fines"]["text"]) == (1250, 2, "12.50")
    assert (by_item["complaints-received"]["value"], by_item["complaints-received"]["text"]) == (None, "未填")
    assert plain["annex"]["rates"]["inspected"] == {"numerator": 1, "denominator": 1, "text": "100.00%"}
    assert (plain["final"], plain["background"]) == (False, "工作背景（现行效力待核实）")


def test_rates_in_json_say_what_they_measure_and_what_is_not_recorded(act: Made, forms: ReportForms, noon_ms: int) -> None:
    plain = rates_json(rates([act()], noon_ms), forms)
    assert (plain["security_checked"], plain["service_information"]) == (None, None)
    assert plain["not_recorded"] == {"security_checked": "本程序未登记", "service_information": "本程序未登记"}
    assert "仅系统内已登记件" in plain["notes"][0]
    checked = rates_json(rates([act(security_checked=True)], noon_ms), forms)
    assert checked["security_checked"] == {"numerator": 1, "denominator": 1, "text": "100.00%"}
    assert list(checked["not_recorded"]) == ["service_information"]


def test_figures_are_plain_data(act: Made, forms: ReportForms, today: Period, noon_ms: int) -> None:
    plain = json.loads(json.dumps(figures_json(figures([act()], today, noon_ms), forms)))
    assert plain["accepted_by_kind"] == {"letter": 0, "parcel": 1, "agreement": 0, "inspection-mailbox": 0}
    assert plain["period"] == {"from": "2026-11-23", "to": "2026-11-23"}
    assert plain["operators"][0]["operator"] == "A01"


def test_a_csv_reads_back_with_a_byte_order_mark(act: Made, forms: ReportForms, today: Period, noon_ms: int) -> None:
    text = to_csv(daily_sheets(figures([act()], today, noon_ms), forms, NAMES, "=样例()"))
    assert text.startswith("\ufeff收寄日报\r\n")
    rows = [*csv.reader(io.StringIO(text.removeprefix("\ufeff")))]
    assert ["收寄（件）", "1"] in rows
    assert ["单位：", "'=样例()"] in rows
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "\x00x"])
def test_what_looks_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert csv_text(text) == "'" + text


@pytest.mark.parametrize("cell", ["", "—", "郑州", "1-2", 7, -7])
def test_other_cells_stay_as_they_are(cell: str | int) -> None:
    assert csv_text(cell) == cell


def test_a_workbook_holds_no_formula_and_no_link() -> None:
    sheet = Sheet("=危险", (("=1", "+2"),), ("=A", "@B"), (("=1+1", "https://example.invalid"), ("-1", "007")), ("=注",))
    book = load_workbook(io.BytesIO(to_xlsx([sheet, sheet], MADE_AT)))
    page = book.worksheets[0]
    assert {cell.data_type for row in page.iter_rows() for cell in row} <= {"s", "n"}
    assert cells(page) == [["=危险"], ["=1+2"], ["=A", "@B"], ["=1+1", "https://example.invalid"], ["-1", "007"], ["=注"]]
    assert all(cell.hyperlink is None for row in page.iter_rows() for cell in row)
    assert len(set(book.sheetnames)) == 2


def test_the_same_report_gives_the_same_bytes(half_year: HalfYearReport, forms: ReportForms) -> None:
    sheets = half_year_sheets(half_year, forms, NAMES)
    assert to_xlsx(sheets, MADE_AT) == to_xlsx(sheets, MADE_AT)


@given(
    titles=st.lists(st.text(max_size=40), min_size=1, max_size=3), cell=st.text(st.characters(), max_size=30) | st.integers(-(2**53), 2**53)
)
def test_any_cells_can_be_written(titles: list[str], cell: str | int) -> None:
    sheets = [Sheet(title, ((title, title),), ("a", "b"), ((cell, title),), (title,)) for title in titles]
    assert len(load_workbook(io.BytesIO(to_xlsx(sheets, MADE_AT))).worksheets) == len(sheets)
    assert to_csv(sheets).startswith("\ufeff")


def test_texts_no_workbook_can_hold_are_replaced_or_cut() -> None:
    sheet = Sheet("t", (), ("a", "b"), (("\ud800\uffff", "样" * 40_000),), ())
    page = load_workbook(io.BytesIO(to_xlsx([sheet], MADE_AT))).worksheets[0]
    assert [page["A3"].value, len(str(page["B3"].value))] == ["\ufffd\ufffd", 32_767]


def test_on_a_screen_a_cell_of_others_is_no_line_of_its_own() -> None:
    forged = "样例网点\x1b[2K\n合计 | 9"
    sheet = one_lined(Sheet(forged, ((forged, forged),), (forged, "数"), ((forged, 1),), (forged,)))
    assert sheet.rows == (("样例网点\\x1b[2K\\n合计 | 9", 1),)
    assert [line.isprintable() for line in text_lines((sheet,))] == [True] * 5
    assert to_csv((sheet,)).count("\n") == 5


def test_lines_of_sheets_are_those_of_their_text() -> None:
    sheet = Sheet("日报", (("填报单位：", "样例网点"),), ("项目", "数"), (("收寄", 3),), ("样例",))
    lines = text_lines((sheet, sheet))
    assert lines[:5] == ["日报", "填报单位：  样例网点", "  项目 | 数", "  收寄 | 3", "  注：样例"]
    assert lines[5:] == ["", *lines[:5]]
    assert as_text((sheet, sheet)) == "\n".join(lines)


def test_every_label_and_name_is_there(forms: ReportForms) -> None:
    assert len({item.id for group in forms.half_year.groups for item in group.items}) == 14
    assert all(forms.labels.values())
