"""disposal, leads: what a refusal asks for besides — steps, slip, who was told, what was handed over — and the leads made (处置, 线索)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from courier_check.cli.files import write_file
from courier_check.cli.opening import Access, with_operator, with_station
from courier_check.cli.output import Output
from courier_check.clock import at, day_bounds_ms
from courier_check.desk import lookups
from courier_check.desk.disposals import Handover, Report
from courier_check.inspection.catalogue import Disposition
from courier_check.journal.entries import Entry
from courier_check.refusal_slip import refusal_slip, slip_data
from courier_check.reporting import as_text, text_lines
from courier_check.reports.sheets import Sheet
from courier_check.station import Station
from courier_check.store import journal
from courier_check.store.leads import LeadHeld
from courier_check.store.resources import resource_path

_FONT = "fonts/NotoSansCJKsc-Regular-subset.otf"
_STATES = ("open", "reported", "handed-over")
_SEQ = click.IntRange(1)


@click.group(help="处置：拒收告知单、报告机关、向出具清单的机关移交")
def disposal() -> None:
    pass


@disposal.command(name="report", help="报告：记下报告了哪个机关、谁、电话或受理编号、什么时间")
@click.argument("seq", type=_SEQ)
@click.option("--authority", required=True, help="机关代码（resources/prohibited.json，如 public-security、postal）")
@click.option("--person", required=True, help="对方是谁；只留本企业")
@click.option("--reference", required=True, help="电话或受理编号；只留本企业")
@click.option("--told", default="", help="什么时间报告的，如 10:15；不写就是现在")
@click.option("--note", default="", help="说明；只留本企业")
@click.option("--journal", "journal_id", help="日志编号（默认当前日志）")
@with_operator
def report(out: Output, access: Access, seq: int, journal_id: str | None, **said: str) -> int:
    with access.open() as station:
        by = access.sign_in(station)
        entry = station.desk().disposals.report(Report(_journal(station, journal_id), seq, **said), by).entry
        station.keep_head()
    return _recorded(out, "report-recorded", seq, entry)


@disposal.command(name="hand-over", help="移交：只向出具清单的机关；记机关、清单文号、两名人员证件号（只留后四位）")
@click.argument("seq", type=_SEQ)
@click.option("--authority", required=True, help="机关代码")
@click.option("--list", "list_number", required=True, help="清单文号；只留本企业")
@click.option("--officer", "officers", multiple=True, required=True, help="执法人员证件号，写两次")
@click.option("--handed", default="", help="什么时间移交的；不写就是现在")
@click.option("--note", default="", help="说明；只留本企业")
@click.option("--journal", "journal_id", help="日志编号（默认当前日志）")
@with_operator
def hand_over(out: Output, access: Access, seq: int, journal_id: str | None, **said: Any) -> int:
    with access.open() as station:
        by = access.sign_in(station)
        entry = station.desk().disposals.hand_over(Handover(_journal(station, journal_id), seq, **said), by).entry
        station.keep_head()
    return _recorded(out, "handover-recorded", seq, entry)


@disposal.command(name="slip", help="拒收告知单：显示，或写成 PDF（.pdf）、文本，交给寄件人")
@click.argument("seq", type=_SEQ)
@click.option("--out", "target", type=click.Path(path_type=Path, dir_okay=False), help="写到文件（.pdf 为可打印的一页，其余为文本）")
@click.option("--journal", "journal_id", help="日志编号（默认当前日志）")
@with_station
def slip(out: Output, access: Access, seq: int, target: Path | None, journal_id: str | None) -> int:
    with access.open() as station:
        place = station.enrolled().certificate.station
        outlet = place.outlet_name if place is not None else station.enrolled().certificate.subject
        rules = station.desk().acceptances.rules.rulebook.rules
        record = lookups.record(station.database, station.enrolled(), station.evidence, _journal(station, journal_id), seq)
        made_at = station.clock.read().at
    sheet, data = refusal_slip(record, rules, out.wording, outlet=outlet), slip_data(record, rules, out.wording, outlet=outlet)
    if target is None:
        out.line(data, *text_lines((sheet,)))
        return 0
    write_file(target, _pdf(sheet, made_at) if target.suffix.lower() == ".pdf" else f"{as_text((sheet,))}\n".encode())
    out.say({**data, "file": str(target)}, "written", file=str(target))
    return 0


@click.command(help="线索：编号、所据记录、报告和移交到哪一步")
@click.option("--from", "from_on", type=click.DateTime(["%Y-%m-%d"]), help="起（默认全部）")
@click.option("--to", "to_on", type=click.DateTime(["%Y-%m-%d"]), help="止（含）")
@click.option("--state", type=click.Choice(_STATES), help="只列这一步的：open 未报告、reported 已报告、handed-over 已移交")
@with_station
def leads(out: Output, access: Access, from_on: datetime | None, to_on: datetime | None, state: str | None) -> int:
    from_ms = day_bounds_ms(from_on.date())[0] if from_on else 0
    to_ms = day_bounds_ms(to_on.date())[1] if to_on else 1 << 62
    with access.open() as station:
        held = [lead for lead in station.desk().disposals.leads(from_ms, to_ms) if state in (None, lead.state)]
    for lead in held:
        out.line(
            _lead_fields(lead), f"{lead.number}  {at(lead.at_ms):%Y-%m-%d %H:%M}  #{lead.of[1]}  {out.wording.of(f'lead-{lead.state}')}"
        )
    if not held and not out.as_json:
        out.say({}, "leads-none")
    return 0


def _recorded(out: Output, said: str, about: int, entry: Entry) -> int:
    facts = entry.header.facts
    fields = {"about": about, "authority": facts["authority"], "seq": entry.header.seq, "hash": entry.hash, "lead": facts["lead"]}
    out.say(fields, said, about=about, seq=entry.header.seq)
    return 0


def disposition_lines(out: Output, disposition: Disposition) -> list[str]:
    """处置 as numbered steps, and whom to tell."""
    lines = [out.wording.bilingual(disposition.rule)]
    lines += [f"  {number}. {out.wording.bilingual(step)}" for number, step in enumerate(disposition.rule.steps, start=1)]
    if disposition.report_to:
        told = "、".join(out.wording.bilingual(authority) for authority in disposition.report_to)
        lines.append("  " + out.wording.of("report-to", {"authorities": told}))
    return lines


def _lead_fields(lead: LeadHeld) -> dict[str, Any]:
    return {
        "number": lead.number,
        "state": lead.state,
        "county": lead.county,
        "at_ms": lead.at_ms,
        "entry": {"journal_id": lead.journal_id, "seq": lead.seq},
        "of": {"journal_id": lead.of[0], "seq": lead.of[1]},
        "reported_to": list(lead.reported_to),
        "handed_to": list(lead.handed_to),
    }


def _journal(station: Station, journal_id: str | None) -> str:
    return journal_id or journal.current_journal(station.database) or ""


def _pdf(sheet: Sheet, made_at: datetime) -> bytes:
    from courier_check.devices.printed_pages import pdf_of

    lines = ["".join(pair) for pair in sheet.heading] + [f"{item}：{text}" for item, text in sheet.rows]
    return pdf_of(sheet.title, [*lines, *sheet.notes], resource_path(_FONT), made_at)
