"""report: daily figures, rates, refusals, and the half-yearly table of 59号文附件."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from courier_check.cli.codes import CliCode
from courier_check.cli.files import write_file
from courier_check.cli.opening import Access, with_station
from courier_check.cli.output import Output
from courier_check.errors import UserError
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

KINDS = ("daily", "rates", "refusals", "half-year")


@dataclass(frozen=True, slots=True)
class Asked:
    kind: str
    from_on: date | None
    to_on: date | None
    manual: tuple[ManualEntry, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """A report as data and as sheets."""

    data: dict[str, Any]
    sheets: Sequence[Sheet]


@click.command(help="报表：daily 日报、rates 执行率、refusals 拒收、half-year 半年统计表（59号文附件）")
@click.argument("kind", type=click.Choice(KINDS))
@click.option("--from", "from_on", type=click.DateTime(["%Y-%m-%d"]), help="起（默认今天；半年表默认本期）")
@click.option("--to", "to_on", type=click.DateTime(["%Y-%m-%d"]), help="止（含）")
@click.option("--format", "form", type=click.Choice(["json", "csv", "xlsx"]), default="json", help="格式")
@click.option("--out", "target", type=click.Path(path_type=Path, dir_okay=False), help="写到文件")
@click.option("--set", "manual", multiple=True, metavar="ITEM=VALUE@SOURCE", help="半年表的人工数字，须写明来源")
@with_station
def report(out: Output, access: Access, kind: str, **options: Any) -> int:
    form, target = options["form"], options["target"]
    if form == "xlsx" and target is None:
        raise UserError(CliCode.XLSX_NEEDS_FILE)
    with access.open() as station:
        entered_by = station.enrolled().certificate.subject
        asked = Asked(
            kind, _day(options["from_on"]), _day(options["to_on"]), tuple(_manual(text, entered_by) for text in options["manual"])
        )
        made = make(station, asked)
        made_at = station.clock.read().at
    if target is None:
        text = to_csv(made.sheets) if form == "csv" else as_text(made.sheets)
        out.line(made.data, text)
        return 0
    write_file(target, content(made, form, made_at))
    out.say({"file": str(target)}, "written", file=str(target))
    return 0


def content(made: Made, form: str, made_at: datetime) -> bytes:
    """A report in a file's bytes."""
    import msgspec

    if form == "xlsx":
        return to_xlsx(made.sheets, made_at)
    return to_csv(made.sheets).encode() if form == "csv" else msgspec.json.format(msgspec.json.encode(made.data))


def make(station: Station, asked: Asked) -> Made:
    """Compute a report from the station's views."""
    forms = ReportForms.parse(read_resource("reports.json"))
    rules = station.desk().acceptances.rules.rulebook.rules
    now = station.clock.read()
    today, reported_by = now.at.date(), _reported_by(station)
    half_year = half_year_of(asked.to_on or today, forms.half_year)
    usual = half_year.period if asked.kind == "half-year" else Period.day(asked.to_on or today)
    period = Period(asked.from_on or usual.from_on, asked.to_on or usual.to_on)
    computed = figures(station.report_rows(period), period, now.wall_ms)
    names = names_of(rules)
    if asked.kind == "half-year":
        from dataclasses import replace

        made = half_year_report(replace(half_year, period=period), forms.half_year, computed, Heading(reported_by, today), asked.manual)
        return Made(half_year_json(made, forms), half_year_sheets(made, forms, names))
    return _figures_report(asked.kind, computed, forms, names, reported_by)


def _figures_report(kind: str, computed: Figures, forms: ReportForms, names: dict[str, str], reported_by: str) -> Made:
    if kind == "rates":
        return Made(rates_json(computed.rates, forms), (rates_sheet(computed, forms, reported_by),))
    if kind == "refusals":
        data = {"refusals": dict(computed.refusals), "prohibited": dict(computed.prohibited)}
        return Made(data, (refusals_sheet(computed, forms, names, reported_by),))
    return Made(figures_json(computed, forms), daily_sheets(computed, forms, names, reported_by))


def names_of(rules: RuleSet) -> dict[str, str]:
    """What refusal codes and categories of prohibited goods mean."""
    refusals = {refusal.code: refusal.zh for refusal in rules.refusals.refusals}
    return refusals | {category.code: category.zh for category in rules.prohibited.categories}


def as_text(sheets: Sequence[Sheet]) -> str:
    """Sheets as plain text for people."""
    lines = []
    for sheet in sheets:
        lines += ["", sheet.title, *("  ".join(pair) for pair in sheet.heading)]
        lines += ["  " + " | ".join(str(cell) for cell in row) for row in (sheet.columns, *sheet.rows)]
        lines += [f"  注：{note}" for note in sheet.notes]
    return "\n".join(lines).lstrip("\n")


def _reported_by(station: Station) -> str:
    place = station.enrolled().certificate.station
    return place.outlet_name if place else station.enrolled().certificate.subject


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _manual(text: str, entered_by: str) -> ManualEntry:
    item, equals, rest = text.partition("=")
    value, _, source = rest.partition("@")
    if not equals:
        raise UserError(CliCode.SET_FORM)
    return ManualEntry(item.strip(), value.strip(), source.strip(), entered_by)
