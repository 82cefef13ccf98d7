"""sync: replicate the journal to the gateway, now or for as long as it runs."""

from __future__ import annotations

import threading
from typing import Any

import click

from courier_check.cli.opening import Access, with_station
from courier_check.cli.output import Output
from courier_check.errors import StoreError
from courier_check.station import Station
from courier_check.store import inbox, journal
from courier_check.store.codes import StoreCode
from courier_check.sync.due import Due
from courier_check.sync.synchroniser import Outcome, SyncState, load_status

WATCH_SECONDS = 2.0


@click.group(invoke_without_command=True, help="与监管网关同步")
@click.option("--watch", is_flag=True, help="一直运行：有新记录或到时间就同步")
@with_station
def sync(out: Output, access: Access, *, watch: bool) -> int | None:
    if click.get_current_context().invoked_subcommand is not None:
        return None
    with access.open() as opened:
        if watch:
            _watch(opened, out)
            return 0
        outcome = opened.synchronise()
        _tell(opened, out, outcome)
        return 0 if outcome.status.state == SyncState.SYNCHRONISED else 3


def _watch(opened: Station, out: Output) -> None:
    """Until interrupted: run whenever that is due. Where another synchroniser is at work (a window's), it does the same."""
    wait, due = threading.Event(), Due()
    try:
        while True:
            if due.look(opened.database, opened.clock.read().wall_ms):
                try:
                    _tell(opened, out, opened.synchronise())
                except StoreError as error:
                    if error.code != StoreCode.SYNC_RUNNING:
                        raise
            wait.wait(WATCH_SECONDS)
    except KeyboardInterrupt:
        return


@sync.command(help="待传、已回执、退回、上次与下次")
@with_station
def status(out: Output, access: Access) -> int:
    with access.open() as opened:
        opened.enrolled()
        _tell(opened, out, None)
    return 0


def _tell(opened: Station, out: Output, outcome: Outcome | None) -> None:
    standing, status = inbox.standing(opened.database), outcome.status if outcome else load_status(opened.database)
    journal_id = journal.current_journal(opened.database) or ""
    head = journal.head_of(opened.database, journal_id, "").seq
    gateway_head = inbox.acknowledged_seq(opened.database, journal_id)
    fields: dict[str, Any] = {
        "sent": outcome.sent if outcome else 0,
        "acknowledged": outcome.acknowledged if outcome else standing.acknowledged,
        "returned": standing.returned_open,
        "pending": standing.pending,
        "head": head,
        "gateway_head": gateway_head,
        "state": status.state.value if status else "never",
    }
    reason = ""
    if status is not None and status.code is not None:
        reason = out.wording.of(status.code.value)
        fields |= {"code": status.code.value, "reason": reason, "detail": status.detail, "next_try_ms": status.next_try_ms}
    if standing.oldest_ms is not None:
        fields["oldest_ms"] = standing.oldest_ms
    counts = {"pending": standing.pending, "acknowledged": standing.acknowledged, "returned": standing.returned_open}
    text = out.wording.of("sync-counts", {**counts, "head": head, "gateway_head": gateway_head})
    out.line(fields, f"{reason} {text}".strip())
