"""intercept, intercept-outcome: a parcel is stopped after its acceptance, and what became of it (拦截)."""

from __future__ import annotations

from typing import Any

import click

from courier_check.cli.disposals import disposition_lines
from courier_check.cli.opening import Access, with_operator
from courier_check.cli.output import Output
from courier_check.desk.intercepts import Cause, Intercept, InterceptOutcome, Settlement, Stopped
from courier_check.inspection.findings import ContentsFinding, FindingKind


@click.command(help="拦截：收寄以后停止分拣、运输、投递；之后每次扫到都会停下，主管解除以后才能放行")
@click.argument("parcel", metavar="WAYBILL|SEQ")
@click.option(
    "--cause", type=click.Choice([cause.value for cause in Cause]), default=Cause.NOTICE.value, help="因由（默认 later-notice 事后通知）"
)
@click.option("--reason", required=True, help="为什么；只留本企业")
@click.option("--where", "whereabouts", required=True, help="件现在在哪里；只留本企业")
@click.option("--told", required=True, help="通知了谁停下；只留本企业")
@click.option("--category", help="查见禁寄物品的类别（01–19）；不写就是还不知道是什么")
@click.option("--name", default="", help="查见的物品名称")
@click.option("--concealed", is_flag=True, help="藏匿、夹带")
@with_operator
def intercept(out: Output, access: Access, parcel: str, category: str | None, name: str, *, concealed: bool, **said: str) -> int:
    found = ContentsFinding(FindingKind.PROHIBITED, name or category, category, concealed) if category else None
    with access.open() as station:
        by = access.sign_in(station)
        desk = station.desk().intercepts
        place = desk.named(parcel)
        words = (said["reason"], said["whereabouts"], said["told"])
        stopped = desk.intercept(Intercept(*place, Cause(said["cause"]), *words, found), by)
        station.keep_head()
    entry = stopped.composed.entry
    fields: dict[str, Any] = {"intercepts": {"journal_id": place[0], "seq": place[1]}, "cause": said["cause"], "seq": entry.header.seq}
    fields |= {"hash": entry.hash, "lead": stopped.lead.number if stopped.lead is not None else None}
    out.line(fields | _disposition(stopped), *_text(out, place[1], stopped))
    return 0


@click.command(name="intercept-outcome", help="拦截结果：找回、移交（先记 disposal hand-over）、退回寄件人、未拦到、解除；退回和解除须主管")
@click.argument("parcel", metavar="WAYBILL|SEQ")
@click.option("--outcome", type=click.Choice([outcome.value for outcome in InterceptOutcome]), required=True, help="结果")
@click.option("--note", required=True, help="怎么办的；只留本企业")
@with_operator
def intercept_outcome(out: Output, access: Access, parcel: str, outcome: str, note: str) -> int:
    with access.open() as station:
        by = access.sign_in(station)
        desk = station.desk().intercepts
        place = desk.named(parcel)
        entry = desk.settle(Settlement(*place, InterceptOutcome(outcome), note), by).entry
        station.keep_head()
    fields = {"intercepts": {"journal_id": place[0], "seq": place[1]}, "outcome": outcome, "seq": entry.header.seq, "hash": entry.hash}
    out.say(fields, "intercept-outcome-recorded", intercepts=place[1], seq=entry.header.seq, outcome=out.wording.of(f"intercept-{outcome}"))
    return 0


def _disposition(stopped: Stopped) -> dict[str, Any]:
    disposition = stopped.disposition
    if disposition is None:
        return {"disposition": None, "report_to": []}
    return {"disposition": disposition.rule.id, "report_to": [authority.id for authority in disposition.report_to]}


def _text(out: Output, seq: int, stopped: Stopped) -> list[str]:
    lines = [out.wording.of("intercept-recorded", {"intercepts": seq, "seq": stopped.composed.entry.header.seq})]
    if stopped.disposition is not None:
        lines += disposition_lines(out, stopped.disposition)
    if stopped.lead is not None:
        lines.append(out.wording.of("lead-made", {"number": stopped.lead.number}))
    return lines
