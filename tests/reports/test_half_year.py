"""附件: fourteen numbers, each with its source or not at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.errors import UserError
from courier_check.reports.acts import ActRow, Period
from courier_check.reports.codes import ReportCode
from courier_check.reports.daily import figures
from courier_check.reports.forms import ReportForms
from courier_check.reports.half_year import (
    HalfYear,
    HalfYearReport,
    Heading,
    ManualEntry,
    Provenance,
    half_year_of,
    half_year_report,
)

Made = Callable[..., ActRow]
Report = Callable[..., HalfYearReport]


@pytest.fixture
def report(forms: ReportForms, act: Made, noon_ms: int) -> Report:
    def make(*manual: ManualEntry, rows: tuple[ActRow, ...] = (), drawn_up_on: date = date(2026, 12, 26)) -> HalfYearReport:
        half_year = half_year_of(date(2026, 11, 23), forms.half_year)
        annex = figures(rows, half_year.period, noon_ms)
        return half_year_report(half_year, forms.half_year, annex, Heading("样例区局（虚构）", drawn_up_on), manual)

    return make


def entered(item: str, value: str, source: str = "样例台账第3页", entered_by: str = "样例员") -> ManualEntry:
    return ManualEntry(item, value, source, entered_by)


def test_the_table_has_the_fourteen_rows_of_the_annex_in_four_groups(report: Report) -> None:
    numbers = report().numbers
    assert len(numbers) == 14
    assert list(dict.fromkeys(number.group for number in numbers)) == [
        *("举报投诉处理情况", "行政执法机关查办案件总体情况", "公安机关立、破案情况", "宣传报道情况")
    ]
    assert [f"{number.item.name}（{number.item.unit}）" for number in numbers] == [
        *("受理数量（件）", "处理完毕数量（件）", "行政处罚案件办结数（件）", "行政处罚金额（万元）"),
        *("行政执法机关向公安机关移送涉嫌犯罪案件数（件）", "捣毁窝点数（个）", "责令整改网站（家）", "关闭网站（家）"),
        *("立案总数（件）", "侦破案件总数（件）", "抓捕犯罪嫌疑人数量（人）", "捣毁窝点数（个）"),
        *("组织开展宣传活动数（次）", "在电视台、广播电台、报刊、网络等媒体发布报道数（条）"),
    ]


def test_no_number_is_invented_from_the_records(report: Report, act: Made) -> None:
    made = report(rows=(act(),) * 40)
    assert {(number.value, number.text, number.provenance) for number in made.numbers} == {(None, None, Provenance.UNFILLED)}
    assert made.annex.accepted == 40


def test_a_number_entered_by_hand_keeps_its_source(report: Report) -> None:
    numbers = {number.item.id: number for number in report(entered("fines", "12.5"), entered("campaigns", "３")).numbers}
    fines, campaigns = numbers["fines"], numbers["campaigns"]
    assert (fines.value, fines.text, fines.provenance, fines.source, fines.entered_by) == (
        *(1250, "12.50", Provenance.MANUAL, "样例台账第3页", "样例员"),
    )
    assert (campaigns.value, campaigns.text) == (3, "3")


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (entered("fines", "1", source=" "), ReportCode.SOURCE_MISSING),
        (entered("fines", "1", entered_by=""), ReportCode.SOURCE_MISSING),
        (entered("accepted", "1"), ReportCode.ITEM_UNKNOWN),
        (entered("fines", "1.234"), ReportCode.AMOUNT_BAD),
        (entered("fines", "1e3"), ReportCode.AMOUNT_BAD),
        (entered("campaigns", "1.5"), ReportCode.NUMBER_BAD),
        (entered("campaigns", "-1"), ReportCode.NUMBER_BAD),
        (entered("campaigns", ""), ReportCode.NUMBER_BAD),
        (entered("campaigns", "约十次"), ReportCode.NUMBER_BAD),
    ],
)
def test_a_number_without_source_or_form_is_refused(entry: ManualEntry, code: ReportCode, report: Report) -> None:
    with pytest.raises(UserError) as caught:
        report(entry)
    assert caught.value.code is code


def test_a_number_entered_twice_is_refused(report: Report) -> None:
    with pytest.raises(UserError, match="half-year-item-twice"):
        report(entered("campaigns", "1"), entered("campaigns", "2"))


@given(value=st.text(max_size=12))
def test_any_value_is_a_number_or_an_error_for_people(value: str, forms: ReportForms) -> None:
    half_year = half_year_of(date(2026, 11, 23), forms.half_year)
    try:
        made = half_year_report(
            half_year, forms.half_year, figures((), half_year.period, 0), Heading("样例", date(2026, 12, 1)), [entered("fines", value)]
        )
    except UserError:
        return
    assert made.numbers[3].value is not None


@given(hundredths=st.integers(0, 99_999_999_999))
def test_amounts_keep_every_hundredth(hundredths: int, forms: ReportForms) -> None:
    half_year = half_year_of(date(2026, 11, 23), forms.half_year)
    text = f"{hundredths // 100}.{hundredths % 100:02d}"
    made = half_year_report(
        half_year, forms.half_year, figures((), half_year.period, 0), Heading("样例", date(2026, 12, 1)), [entered("fines", text)]
    )
    assert (made.numbers[3].value, made.numbers[3].text) == (hundredths, text)


@pytest.mark.parametrize(
    ("day", "from_on", "due_on"),
    [
        (date(2026, 6, 25), date(2025, 12, 26), date(2026, 6, 25)),
        (date(2026, 6, 26), date(2026, 6, 26), date(2026, 12, 25)),
        (date(2026, 12, 25), date(2026, 6, 26), date(2026, 12, 25)),
        (date(2026, 12, 26), date(2026, 12, 26), date(2027, 6, 25)),
        (date(2027, 1, 1), date(2026, 12, 26), date(2027, 6, 25)),
    ],
)
def test_a_term_runs_from_the_day_after_one_deadline_to_the_next(day: date, from_on: date, due_on: date, forms: ReportForms) -> None:
    assert half_year_of(day, forms.half_year) == HalfYear(Period(from_on, due_on), due_on)


@given(day=st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_terms_cover_every_day_once(day: date, forms: ReportForms) -> None:
    term = half_year_of(day, forms.half_year)
    assert term.period.from_on <= day <= term.period.to_on
    assert half_year_of(term.due_on + timedelta(days=1), forms.half_year).period.from_on == term.due_on + timedelta(days=1)


def test_the_deadline_is_counted_down(forms: ReportForms) -> None:
    assert half_year_of(date(2026, 11, 23), forms.half_year).days_left(date(2026, 12, 13)) == 12


def test_a_report_is_final_when_its_term_is_over_and_nothing_is_missing(report: Report, act: Made) -> None:
    assert report().final
    assert not report(rows=(act(acknowledged_at_ms=None),)).final
    assert not report(drawn_up_on=date(2026, 12, 25)).final


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b"\xff", b"[" * 100_000])
def test_broken_forms_are_an_error_for_people(data: bytes) -> None:
    with pytest.raises(UserError, match="report-forms-malformed"):
        ReportForms.parse(data)
