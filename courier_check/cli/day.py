"""dispute, day-close: what operators say about the record, and the end of a day."""

from __future__ import annotations

import contextlib
from pathlib import Path

import click

from courier_check.cli.codes import CliCode
from courier_check.cli.files import write_file
from courier_check.cli.opening import Access, with_operator
from courier_check.cli.output import Output
from courier_check.day_slip import slip, slip_fields
from courier_check.desk.codes import DeskCode
from courier_check.desk.disputes import Dispute
from courier_check.errors import StoreError, UserError
from courier_check.reporting import text_lines
from courier_check.store import journal


@click.command(help="对一条收寄、拒收或复核提出异议：追加异议条目，原条目不变")
@click.argument("seq", type=click.IntRange(1))
@click.option("--reason", required=True, help="异议的理由")
@click.option("--journal", "journal_id", help="日志编号（默认当前日志）")
@with_operator
def dispute(out: Output, access: Access, seq: int, reason: str, journal_id: str | None) -> int:
    with access.open() as station:
        by = access.sign_in(station)
        place = journal_id or journal.current_journal(station.database) or ""
        entry = station.desk().disputes.dispute(Dispute(place, seq, reason), by).entry
        station.keep_head()
    out.say({"disputes": seq, "seq": entry.header.seq, "hash": entry.hash}, "disputed", disputes=seq, seq=entry.header.seq)
    return 0


@click.command(name="day-close", help="日结：上次日结以后的全部条目记为一条，给出日结单")
@click.option("--slip", "target", type=click.Path(path_type=Path, dir_okay=False), help="日结单写到文本文件（PDF 在窗口的同步中心导出）")
@click.option("--last", "again", is_flag=True, help="再给一次最近的日结单，不另记条目")
@with_operator
def day_close(out: Output, access: Access, target: Path | None, *, again: bool) -> int:
    if target is not None and target.suffix.lower() == ".pdf":
        raise UserError(CliCode.SLIP_IS_TEXT)
    with access.open() as station:
        day_closes = station.desk().day_closes
        closed = day_closes.last() if again else day_closes.close(access.sign_in(station))
        if closed is None:
            raise UserError(DeskCode.NEVER_CLOSED)
        station.keep_head()
        with contextlib.suppress(StoreError):  # the day is closed, whatever becomes of old files
            station.sweep_evidence()
    lines = text_lines((slip(closed, out.wording),))
    out.line(slip_fields(closed), *lines)  # first: the day is closed, whatever becomes of the file
    if target is not None:
        write_file(target, "".join(f"{line}\n" for line in lines).encode())
        out.say({"file": str(target)}, "written", file=str(target))
    return 0
