"""How replication stands, and how a run ends before its time."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

import msgspec

from courier_check import typed
from courier_check.store import facts
from courier_check.store.database import Database
from courier_check.sync.client import NoAnswer, Refusal
from courier_check.sync.codes import SyncCode
from courier_check.wire.problems import Problem

T = TypeVar("T")


class SyncState(StrEnum):
    SYNCHRONISED = "synchronised"
    OFFLINE = "offline"
    REFUSED = "refused"
    ALARM = "alarm"


class SyncStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The last outcome, kept across restarts: the status bar and `sync status` show it. `waits_ms`: how long until the next try, from when
    that was decided; `asked`: the gateway asked for it (Retry-After)."""

    state: SyncState
    code: SyncCode | None = None
    detail: str = ""
    attempts: int = 0
    next_try_ms: int | None = None
    last_contact_ms: int | None = None
    waits_ms: int = 0
    asked: bool = False


class Stopped(Exception):
    """The run ends here: offline, refused, or an alarm. Never leaves `Synchroniser.run`."""

    def __init__(self, status: SyncStatus, asked_s: float | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.asked_s = asked_s


def load_status(db: Database) -> SyncStatus | None:
    """The last run's status; None if there was none."""
    data = facts.load(db, "sync_status")
    return None if data is None else typed.decode(data, SyncStatus)


def alarm(code: SyncCode, detail: str) -> SyncStatus:
    return SyncStatus(state=SyncState.ALARM, code=code, detail=detail)


def not_believed(detail: str) -> Stopped:
    """An answer that does not verify is no answer."""
    return Stopped(SyncStatus(state=SyncState.OFFLINE, code=SyncCode.BAD_RECEIPT, detail=detail))


def refused(problem: Problem) -> SyncStatus:
    return SyncStatus(state=SyncState.REFUSED, code=SyncCode.REFUSED, detail=f"{problem.code.value}: {problem.detail}"[:300])


def answered(answer: T | Refusal | NoAnswer) -> T:
    """The answer, where any other ends the run. Raises Stopped."""
    if isinstance(answer, Refusal):
        raise Stopped(refused(answer.problem))
    if isinstance(answer, NoAnswer):
        raise Stopped(SyncStatus(state=SyncState.OFFLINE, code=answer.code, detail=answer.detail), answer.retry_after_s)
    return answer
