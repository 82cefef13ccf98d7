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
_CONTACT, _ALARM = "contact_ms", "sync_alarm"
TOLD_MS = 60_000
"""How long an alarm is told at least, however well the runs go that a busy counter wakes meanwhile: nobody reads in half a second."""


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


class _Told(msgspec.Struct, frozen=True, kw_only=True):
    """The alarm that was told last, and when."""

    code: SyncCode | None
    detail: str
    at_ms: int


class Stopped(Exception):
    """The run ends here: offline, refused, or an alarm. Never leaves `Synchroniser.run`."""

    def __init__(self, status: SyncStatus, asked_s: float | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.asked_s = asked_s


def load_status(db: Database) -> SyncStatus | None:
    """What is shown: the last run's status, as an alarm where one is known or was told a moment ago; None if there was no run. That the
    station is revoked, which every run tells, hides no other alarm: it is shown beside it (the fact `revoked`)."""
    status, told = last_outcome(db), _told(db)
    if status is None or told is None or (status.state is SyncState.ALARM and status.code is not SyncCode.REVOKED):
        return status
    return msgspec.structs.replace(status, state=SyncState.ALARM, code=told.code, detail=told.detail)


def last_outcome(db: Database) -> SyncStatus | None:
    """How the last run went; None if there was none."""
    data = facts.load(db, "sync_status")
    return None if data is None else typed.decode(data, SyncStatus)


def _told(db: Database) -> _Told | None:
    data = facts.load(db, _ALARM)
    return None if data is None else typed.decode(data, _Told)


def contact_of_run(db: Database) -> int | None:
    """When a run that has not ended took its last receipt; None without one. Its status tells only when it has ended."""
    return facts.load_number(db, _CONTACT)


def note_contact(tx: Database, wall_ms: int) -> None:
    facts.save_number(tx, _CONTACT, wall_ms)


def save_outcome(tx: Database, status: SyncStatus, wall_ms: int, *, known: SyncStatus | None = None) -> None:
    """A run has ended: its status tells of the last contact from now on. `known`: an alarm that is to be told although the run ended as
    `status` says. One of before is told no more where its time is over, or the clock was set back since."""
    facts.save(tx, "sync_status", msgspec.json.encode(status))
    tx.execute("DELETE FROM facts WHERE name = ?", (_CONTACT,))
    alarm, told = status if status.state is SyncState.ALARM and status.code is not SyncCode.REVOKED else known, _told(tx)
    if alarm is not None:
        facts.save(tx, _ALARM, msgspec.json.encode(_Told(code=alarm.code, detail=alarm.detail, at_ms=wall_ms)))
    elif told is not None and not 0 <= wall_ms - told.at_ms < TOLD_MS:
        tx.execute("DELETE FROM facts WHERE name = ?", (_ALARM,))


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
