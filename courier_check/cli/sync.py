"""sync: replicate the journal and its photos to the gateway, now or for as long as it runs."""

from __future__ import annotations

import sys
import threading
from dataclasses import replace
from typing import Any, Protocol

import click

from courier_check.cli.opening import Access, with_station
from courier_check.cli.output import Output
from courier_check.clock import Clock, at
from courier_check.errors import Fact, StoreError
from courier_check.journal.codes import JournalError
from courier_check.journal.entries import parse_header
from courier_check.station import Station
from courier_check.store import facts, inbox, journal, sent_evidence
from courier_check.store.codes import StoreCode
from courier_check.store.database import Database
from courier_check.store.inbox import ReturnedItem
from courier_check.sync.codes import SyncCode
from courier_check.sync.due import Due, in_touch
from courier_check.sync.photo_status import load_photo_status
from courier_check.sync.synchroniser import Outcome, SyncState, load_status

WATCH_SECONDS = 2.0
_PASSING = (StoreCode.SYNC_RUNNING, StoreCode.BUSY, StoreCode.DISK_FULL)
"""What is over some time later: a service goes on looking."""


@click.group(invoke_without_command=True, help="与监管网关同步")
@click.option("--watch", is_flag=True, help="一直运行：有新记录或到时间就同步")
@with_station
def sync(out: Output, access: Access, *, watch: bool) -> int | None:
    if click.get_current_context().invoked_subcommand is not None:
        return None
    with access.open() as opened:
        if watch:
            watch_until_interrupted(opened, out)
            return 0
        outcome = _sent_to_the_end(opened, out)
        _tell(opened, out, outcome)
        return 0 if outcome.status.state == SyncState.SYNCHRONISED else 3


def _sent_to_the_end(opened: Station, out: Output) -> Outcome:
    """One run, and for photos as many more as they take: each sends only so many bytes, that the line is free for entries."""
    outcome, wait = opened.synchronise(), threading.Event()
    if not _goes_on(outcome):
        return outcome
    pending = sent_evidence.counts(opened.database).pending
    with click.progressbar(length=pending, label="凭证照片 Photos", file=sys.stderr, hidden=out.as_json) as bar:
        while _goes_on(outcome):
            now_ms = opened.clock.read().wall_ms
            wait.wait(max(0, (outcome.photos.status.next_try_ms or 0) - now_ms) / 1000)
            outcome = _together(outcome, opened.synchronise())
            left = sent_evidence.counts(opened.database).pending
            bar.update(max(0, pending - left))
            pending = min(pending, left)
    return outcome


def _goes_on(outcome: Outcome) -> bool:
    """Whether photos are left and nothing is in their way but what may be sent at once."""
    photos = outcome.photos.status
    return outcome.status.next_try_ms is None and photos.code is None and photos.next_try_ms is not None


def _together(before: Outcome, last: Outcome) -> Outcome:
    """Both as one; an alarm that the first run told is not taken back by one that went well."""
    photos = replace(last.photos, sent=before.photos.sent + last.photos.sent, bytes_sent=before.photos.bytes_sent + last.photos.bytes_sent)
    return replace(
        last,
        sent=before.sent + last.sent,
        acknowledged=before.acknowledged + last.acknowledged,
        returned=before.returned + last.returned,
        status=before.status if before.status.state is SyncState.ALARM else last.status,
        photos=photos,
    )


class Watched(Protocol):
    """What a service needs of a station."""

    database: Database
    clock: Clock

    def synchronise(self) -> Outcome: ...


def watch_until_interrupted(opened: Watched, out: Output, every_s: float = WATCH_SECONDS) -> None:
    """Run whenever that is due. Where another synchroniser is at work (a window's), it does the same; what is in the way for a while, a
    database that another program writes or a full disk, is told and waited for. Raises StoreError for what does not pass."""
    wait, due = threading.Event(), Due()
    try:
        while True:
            if due.look(opened.database, opened.clock.read().wall_ms):
                try:
                    _tell(opened, out, opened.synchronise())
                except StoreError as error:
                    if error.code not in _PASSING:
                        raise
                    if error.code != StoreCode.SYNC_RUNNING:
                        out.trouble(error)
            wait.wait(every_s)
    except KeyboardInterrupt:
        return


@sync.command(help="待传、已回执、退回、上次与下次")
@with_station
def status(out: Output, access: Access) -> int:
    with access.open() as opened:
        opened.enrolled()
        _tell(opened, out, None)
    return 0


@sync.command(help="退回：编号、条目、原因、怎么办；--all 连同已答复的")
@click.option("--all", "also_answered", is_flag=True, help="连同已答复的")
@with_station
def returned(out: Output, access: Access, *, also_answered: bool) -> int:
    with access.open() as opened:
        opened.enrolled()
        items = inbox.returned_items(opened.database, open_only=not also_answered)
        told = [(item, _kind_of(opened.database, item)) for item in items]
    for item, kind in told:
        reason = out.wording.of(item.code)
        fields: dict[str, Any] = {
            "number": item.number,
            "journal": item.journal_id,
            "seq": item.seq,
            "kind": kind,
            "code": item.code,
            "reason": reason,
            "detail": item.detail,
            "at": at(item.at_ms).isoformat(),
            "answered": item.answered,
        }
        named = f"entry-kind-{kind}"
        words: dict[str, Fact] = {"number": item.number, "seq": item.seq, "day": f"{at(item.at_ms):%Y-%m-%d}"}
        what = out.wording.of(named) if kind is not None and out.wording.of(named) != named else kind or "—"
        state = out.wording.of("returned-answered" if item.answered else "returned-open", words)
        detail = f"（{item.detail}）" if item.detail else ""
        out.say(fields, "returned-line", **words, kind=what, why=f"{reason}{detail}", state=state)
    if not told and not out.as_json:
        out.say({}, "returned-none")
    return 0


def _kind_of(db: Database, item: ReturnedItem) -> str | None:
    """The kind of the entry that is objected to; None where it can't be read any more."""
    held = journal.entry_at(db, item.journal_id, item.seq)
    try:
        return parse_header(held.header_bytes).kind if held is not None else None
    except JournalError:
        return None


def _tell(opened: Watched, out: Output, outcome: Outcome | None) -> None:
    standing = inbox.standing(opened.database)
    status = load_status(opened.database)
    if outcome is not None and (status is None or outcome.status.state is not SyncState.OFFLINE):  # that may hide an alarm which is known
        status = outcome.status
    journal_id = journal.current_journal(opened.database) or ""
    head = journal.head_of(opened.database, journal_id, "").seq
    gateway_head = inbox.gateway_head(opened.database, journal_id)
    fields: dict[str, Any] = {
        "sent": outcome.sent if outcome else 0,
        "acknowledged": outcome.acknowledged if outcome else standing.acknowledged,
        "returned": standing.returned_open,
        "pending": standing.pending,
        "head": head,
        "gateway_head": gateway_head,
        "state": status.state.value if status else "never",
    }
    reason = said = ""
    if status is not None and status.code is not None:
        reason = out.wording.of(status.code.value)
        if status.code is SyncCode.REFUSED:  # the administrator is to be told the reason
            said = f"{reason}（{_said(out, status.detail)}）"
        fields |= {"code": status.code.value, "reason": reason, "detail": status.detail, "next_try_ms": status.next_try_ms}
    if status is not None and status.last_contact_ms is not None:
        fields["last_contact_ms"] = status.last_contact_ms
        reason = reason or _silence(opened, out, status.last_contact_ms)
    if standing.oldest_ms is not None:
        fields["oldest_ms"] = standing.oldest_ms
    photos, told_photos = _photos(opened, out, outcome)
    fields |= photos
    counts = {"pending": standing.pending, "acknowledged": standing.acknowledged, "returned": standing.returned_open}
    text = out.wording.of("sync-counts", {**counts, "head": head, "gateway_head": gateway_head})
    revoked = facts.load(opened.database, "revoked") is not None
    fields["revoked"] = revoked
    hidden = revoked and (status is None or status.code is not SyncCode.REVOKED)  # by a run that went otherwise since
    told = [out.wording.of(SyncCode.REVOKED.value)] if hidden else []
    out.line(fields, *told, f"{said or reason} {text}".strip(), *told_photos)


def _said(out: Output, detail: str) -> str:
    """What the gateway gave as its reason: the sentence of its code, with what it added."""
    code, _, more = detail.partition(":")
    told = out.wording.of(code)
    return detail if told == code else f"{told.rstrip('。')}{more and '：'}{more.strip()}"


def _silence(opened: Watched, out: Output, contact_ms: int) -> str:
    """That the last contact says nothing of now; empty while it is recent."""
    recent = in_touch(contact_ms, opened.clock.read().wall_ms)
    return "" if recent else out.wording.of("sync-silent", {"when": f"{at(contact_ms):%Y-%m-%d %H:%M}"})


def _photos(opened: Watched, out: Output, outcome: Outcome | None) -> tuple[dict[str, Any], list[str]]:
    """凭证照片: what there is to be said for programs, and for people, in lines, where there are any."""
    counts, status = sent_evidence.counts(opened.database), outcome.photos.status if outcome else load_photo_status(opened.database)
    fields: dict[str, Any] = {
        "photos_sent": outcome.photos.sent if outcome else counts.sent,
        "photos_pending": counts.pending,
        "photos_failed": counts.failed,
    }
    if counts.codes:
        fields["photos_failures"] = dict(counts.codes)
    facts = {"pending": counts.pending, "sent": counts.sent, "failed": counts.failed}
    text = out.wording.of("sync-photos", facts) if any(facts.values()) else ""
    if status.code is not None and counts.pending:
        reason = out.wording.of(status.code)
        fields |= {"photos_code": status.code, "photos_reason": reason, "photos_next_try_ms": status.next_try_ms}
        text += out.wording.of("sync-photos-waiting", {"why": reason})
    lines = [text] if text else []
    return fields, [*lines, *(f"  {count} × {out.wording.of(code)}" for code, count in counts.codes)]
