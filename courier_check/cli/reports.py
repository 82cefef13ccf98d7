"""report: daily figures, rates, refusals, and the half-yearly table of 59号文附件."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from courier_check.cli.codes import CliCode
from courier_check.cli.files import write_file
from courier_check.cli.opening import Access, with_station
from courier_check.cli.output import Output
from courier_check.errors import UserError
from courier_check.reporting import Asked, ReportFormat, ReportKind, content, make, text_lines
from courier_check.reports.half_year import ManualEntry
from courier_check.reports.sheets import one_lined
from courier_check.reports.writers import to_csv


@click.command(help="报表：daily 日报、rates 执行率、refusals 拒收、half-year 半年统计表（59号文附件）")
@click.argument("kind", type=click.Choice([kind.value for kind in ReportKind]))
@click.option("--from", "from_on", type=click.DateTime(["%Y-%m-%d"]), help="起（默认今天；半年表默认本期）")
@click.option("--to", "to_on", type=click.DateTime(["%Y-%m-%d"]), help="止（含）")
@click.option("--format", "form", type=click.Choice([form.value for form in ReportFormat]), default="json", help="格式")
@click.option("--out", "target", type=click.Path(path_type=Path, dir_okay=False), help="写到文件")
@click.option("--set", "manual", multiple=True, metavar="ITEM=VALUE@SOURCE", help="半年表的人工数字，须写明来源")
@with_station
def report(out: Output, access: Access, kind: str, **options: Any) -> int:
    form, target = ReportFormat(options["form"]), options["target"]
    if form is ReportFormat.XLSX and target is None:
        raise UserError(CliCode.XLSX_NEEDS_FILE)
    with access.open() as station:
        entered_by = station.enrolled().certificate.subject
        manual = tuple(_manual(text, entered_by) for text in options["manual"])
        made = make(station, Asked(ReportKind(kind), _day(options["from_on"]), _day(options["to_on"]), manual))
        made_at = station.clock.read().at
    if target is None:
        if form is ReportFormat.CSV:
            out.document(made.data, to_csv([one_lined(sheet) for sheet in made.sheets]))
        else:
            out.line(made.data, *text_lines(made.sheets))
        return 0
    write_file(target, content(made, form, made_at))
    out.say({"file": str(target)}, "written", file=str(target))
    return 0


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _manual(text: str, entered_by: str) -> ManualEntry:
    item, equals, rest = text.partition("=")
    value, _, source = rest.partition("@")
    if not equals:
        raise UserError(CliCode.SET_FORM)
    return ManualEntry(item.strip(), value.strip(), source.strip(), entered_by)
