"""Reports of one station (日报、执行率、拒收、半年统计表): from its views to data, sheets and the bytes of a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import msgspec

from courier_check.inspection.rules import RuleSet
from courier_check.reports.acts import Period
from courier_check.reports.daily import Figures, figures
from courier_check.reports.forms import ReportForms
from courier_check.reports.half_year import Heading, ManualEntry, half_year_of, half_year_report
from courier_check.reports.sheets import (
    Sheet,
    daily_sheets,
    figures_json,
    half_year_json,
    half_year_sheets,
    rates_json,
    rates_sheet,
    refusals_sheet,
)
from courier_check.reports.writers import to_csv, to_xlsx
from courier_check.station import Station
from courier_check.store.resources import read_resource


class ReportKind(StrEnum):
    DAILY = "daily"  # 日报
    RATES = "rates"  # 执行率
    REFUSALS = "refusals"  # 拒收
    HALF_YEAR = "half-year"  # 半年统计表（59号文附件）


class ReportFormat(StrEnum):
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which report of which days; without days it is today's, or the half-year's that today lies in."""

    kind: ReportKind
    from_on: date | None = None
    to_on: date | None = None
    manual: tuple[ManualEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """A report as data and as sheets."""

    data: dict[str, Any]
    sheets: Sequence[Sheet]


def make(station: Station, asked: Asked) -> Made:
    """Compute a report from the station's views. Raises UserError for days reversed and figures by hand that don't fit."""
    forms = ReportForms.parse(read_resource("reports.json"))
    rules = station.desk().acceptances.rules.rulebook.rules
    now = station.clock.read()
    today, reported_by = now.at.date(), _reported_by(station)
    half_year = half_year_of(asked.to_on or today, forms.half_year)
    usual = half_year.period if asked.kind is ReportKind.HALF_YEAR else Period.day(asked.to_on or today)
    period = Period(asked.from_on or usual.from_on, asked.to_on or usual.to_on)
    computed = figures(station.report_rows(period), period, now.wall_ms)
    names = names_of(rules)
    if asked.kind is ReportKind.HALF_YEAR:
        made = half_year_report(replace(half_year, period=period), forms.half_year, computed, Heading(reported_by, today), asked.manual)
        return Made(half_year_json(made, forms), half_year_sheets(made, forms, names))
    return _figures_report(asked.kind, computed, forms, names, reported_by)


def content(made: Made, form: ReportFormat, made_at: datetime) -> bytes:
    """A report in a file's bytes."""
    if form is ReportFormat.XLSX:
        return to_xlsx(made.sheets, made_at)
    return to_csv(made.sheets).encode() if form is ReportFormat.CSV else msgspec.json.format(msgspec.json.encode(made.data))


def names_of(rules: RuleSet) -> dict[str, str]:
    """What refusal codes and categories of prohibited goods mean."""
    refusals = {refusal.code: refusal.zh for refusal in rules.refusals.refusals}
    return refusals | {category.code: category.zh for category in rules.prohibited.categories}


def as_text(sheets: Sequence[Sheet]) -> str:
    """Sheets as plain text for people."""
    return "\n".join(text_lines(sheets))


def text_lines(sheets: Sequence[Sheet]) -> list[str]:
    """The lines of sheets as plain text: one each for title, heading, row and note."""
    lines: list[str] = []
    for sheet in sheets:
        lines += ["", sheet.title, *("  ".join(pair) for pair in sheet.heading)]
        lines += ["  " + " | ".join(str(cell) for cell in row) for row in (sheet.columns, *sheet.rows)]
        lines += [f"  注：{note}" for note in sheet.notes]
    return lines[1:]


def _figures_report(kind: ReportKind, computed: Figures, forms: ReportForms, names: dict[str, str], reported_by: str) -> Made:
    if kind is ReportKind.RATES:
        return Made(rates_json(computed.rates, forms), (rates_sheet(computed, forms, reported_by),))
    if kind is ReportKind.REFUSALS:
        data: dict[str, Any] = {"refusals": dict(computed.refusals), "prohibited": dict(computed.prohibited)}
        data["intercepted"] = computed.intercepted
        return Made(data, (refusals_sheet(computed, forms, names, reported_by),))
    return Made(figures_json(computed, forms), daily_sheets(computed, forms, names, reported_by))


def _reported_by(station: Station) -> str:
    place = station.enrolled().certificate.station
    return place.outlet_name if place else station.enrolled().certificate.subject
