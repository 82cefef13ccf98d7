"""label: print, print again, confirm, list what is missing (验视标识)."""

from __future__ import annotations

from typing import Any

import click

from courier_check.cli.codes import CliCode
from courier_check.cli.opening import Access, with_operator, with_station
from courier_check.cli.output import Output
from courier_check.cli.printers import system_printers
from courier_check.clock import at
from courier_check.desk.acceptances import Recorded
from courier_check.desk.codes import DeskCode
from courier_check.desk.labels import Tried
from courier_check.desk.rights import SignedIn
from courier_check.errors import CourierCheckError, StoreError, UserError
from courier_check.label_printing import print_labels, station_printer
from courier_check.station import Station
from courier_check.store import journal
from courier_check.store.labels import LabelJob, Unlabelled


@click.group(help="验视标识：打印、补打、确认已贴、列出未贴")
def label() -> None:
    pass


@label.command(name="print", help="打印一件的标签；不写运单号和序号则打印所有待打印的")
@click.option("--waybill", help="运单号")
@click.option("--seq", type=click.IntRange(1), help="日志序号（受理号）")
@click.option("--journal", "journal_id", help="日志编号（默认当前日志）")
@click.option("--again", is_flag=True, help="补打：印有“补打”，并记入日志")
@with_operator
def print_command(out: Output, access: Access, waybill: str | None, seq: int | None, journal_id: str | None, *, again: bool) -> int:
    if waybill is not None and seq is not None:
        raise UserError(CliCode.LABEL_ONE_OF_TWO)
    with access.open() as station:
        only = None
        if waybill is not None or seq is not None:
            verbs = station.desk().labels
            current = journal_id or journal.current_journal(station.database) or ""
            place = verbs.named(waybill) if waybill is not None else (current, seq or 0)
            only = verbs.ask(*place, access.sign_in(station), again=again)
            station.keep_head()
        return printed(out, station, only)


def printed(out: Output, station: Station, only: LabelJob | None) -> int:
    """Print and tell; what could not be printed waits. The exit code is that of the error, as for every command."""
    code, tried = 0, None
    folder = station.folder.path
    plan = station_printer(folder)
    system = system_printers() if plan is not None and plan.is_system else None
    for tried in print_labels(station.desk().labels, folder, only, system=system):
        _tell_try(out, tried)
        if tried.error is not None:
            out.trouble(tried.error)
            code = max(code, 2 if isinstance(tried.error, UserError) else 3)
    if tried is None:
        out.say({"waiting": len(station.desk().labels.waiting())}, "label-queue-empty")
    return code


def label_of_new(out: Output, station: Station, recorded: Recorded, by: SignedIn) -> int:
    """Have the label of a parcel printed that was just accepted, and tell; returns an exit code. Nothing of it touches the acceptance.
    Where it was handed in again after a crash, its label is printed unless it was."""
    verbs, seq = station.desk().labels, recorded.seq or 0
    places = ((each, seq) for each in reversed(journal.journal_ids(station.database)))
    place = next(each for each in places if journal.hash_at(station.database, *each) == recorded.hash)
    try:
        job = verbs.ask(*place, by)
    except UserError as error:
        if recorded.repeated and error.code == DeskCode.LABEL_PRINTED:
            return 0
        out.trouble(error)
        return 2
    return printed(out, station, job)


def _tell_try(out: Output, tried: Tried) -> None:
    job = tried.job
    said = "label-queued" if tried.error is not None else "label-reprinted" if job.copy else "label-done"
    out.say(_job_fields(job), said, seq=job.seq, copy=job.copy)


def _job_fields(job: LabelJob) -> dict[str, Any]:
    state = "printed" if job.is_printed else "waiting"
    return {"seq": job.seq, "journal": job.journal_id, "copy": job.copy, "state": state, "tries": job.tries, "trouble": job.trouble}


@label.command(help="确认已贴标：扫标签二维码或运单，或写日志序号")
@click.argument("scans", nargs=-1, required=True, metavar="SCAN...")
@with_operator
def stuck(out: Output, access: Access, scans: tuple[str, ...]) -> int:
    with access.open() as station:
        by = access.sign_in(station)
        verbs = station.desk().labels
        for scan in scans:
            try:
                place = verbs.named(scan)
                new = verbs.stick(*place, by)
            except StoreError:
                raise
            except CourierCheckError as error:
                out.error({"scan": scan}, error)
                continue
            fields = {"scan": scan, "journal": place[0], "seq": place[1], "stuck": True, "repeated": not new}
            out.say(fields, "label-stuck" if new else "label-stuck-before", seq=place[1])
        station.keep_head()
    return out.exit_code()


@label.command(help="未贴标的件：上次日结以后的；--all 则为全部")
@click.option("--all", "everything", is_flag=True, help="不论何时收寄")
@with_station
def missing(out: Output, access: Access, *, everything: bool) -> int:
    with access.open() as station:
        found = station.desk().labels.missing(since_close=not everything)
    for each in found:
        state = "unasked" if each.job is None else "printed" if each.job.is_printed else "waiting"
        if each.stopped and state != "printed":
            state = "stopped"
        _tell_missing(out, each, state)
    out.say({"missing": len(found)}, "label-missing-count", count=len(found))
    return 0


def _tell_missing(out: Output, each: Unlabelled, state: str) -> None:
    moment = at(each.at_ms)
    fields = {"seq": each.seq, "journal": each.journal_id, "at": moment.isoformat(), "operator": each.operator, "state": state}
    fields |= {"trouble": each.job.trouble if each.job is not None else None}
    out.say(fields, f"label-missing-{state}", seq=each.seq, at=f"{moment:%m-%d %H:%M}", operator=each.operator)
