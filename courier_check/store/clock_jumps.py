"""时钟跳变: a wall clock that was set, noticed by what cannot be set, the monotonic clock of one boot and the gateway's time."""

from __future__ import annotations

import msgspec

from courier_check import typed
from courier_check.journal.entries import Times
from courier_check.store import facts
from courier_check.store.database import Database

SET_BY_MS = 120_000
"""Within one boot wall and monotonic clock drift apart by seconds a day; by two minutes, somebody or something has set the wall clock."""
BEHIND_MS = 300_000
_BEHIND = "clock_behind"

Facts = dict[str, int | None]


class _Timed(msgspec.Struct, frozen=True):
    times: Times


def noticed(tx: Database, journal_id: str, head_seq: int, times: Times) -> Facts | None:
    """The facts of a `clock-jump` entry, if the wall clock moved by more than two minutes against the monotonic one since the head, or is
    more than five minutes behind the gateway's time (said once, until it is right again). None if the clock goes as it should.

    Nothing is compared with a journal's beginning, nor with a head that can't be read.
    """
    before = _times_at(tx, journal_id, head_seq)
    if before is None:
        return None
    elapsed_ms = times.mono_ms - before.mono_ms if times.boot_id == before.boot_id else None
    was_set = elapsed_ms is not None and abs(times.wall_ms - before.wall_ms - elapsed_ms) > SET_BY_MS
    fell_behind = _falls_behind(tx, times)
    if not was_set and not fell_behind:
        return None
    return {"from_ms": before.wall_ms, "to_ms": times.wall_ms, "mono_elapsed_ms": elapsed_ms}


def _falls_behind(tx: Database, times: Times) -> bool:
    behind = times.trusted_ms is not None and times.wall_ms < times.trusted_ms - BEHIND_MS
    known = facts.load(tx, _BEHIND) is not None
    if behind and not known:
        facts.save(tx, _BEHIND, times.boot_id.encode())
    if known and not behind:
        tx.execute("DELETE FROM facts WHERE name = ?", (_BEHIND,))
    return behind and not known


def _times_at(tx: Database, journal_id: str, seq: int) -> Times | None:
    header = tx.value("SELECT header FROM journal_entries WHERE journal_id = ? AND seq = ?", (journal_id, seq))
    try:
        return None if header is None else typed.decode(header, _Timed).times
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
