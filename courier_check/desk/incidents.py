"""告警记录: what the journal says went wrong and was made good, and the entries kept as evidence of it. Reads only; nothing of it is
personal: headers and facts of these kinds name no people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from courier_check import typed
from courier_check.journal.codes import JournalError
from courier_check.journal.entries import Header, parse_header
from courier_check.store import branches, facts
from courier_check.store.branches import REFILED, BranchEntry, HeldBy
from courier_check.store.database import Database

Ranges = tuple[tuple[int, int], ...]
"""Ranges of seqs, both ends included."""


class Filing(StrEnum):
    """Whether an entry kept as evidence was filed again (补录)."""

    DONE = "done"
    WAITING = "waiting"
    NEEDLESS = "needless"  # it only filed another one again, or the gateway holds the entry that did


@dataclass(frozen=True, slots=True)
class KeptEntry:
    """An entry of a branch. `refiled_as`: the entry (journal_id, seq) that says it again."""

    journal_id: str
    seq: int
    kind: str
    at_ms: int
    held_by: HeldBy
    filing: Filing
    refiled_as: tuple[str, int] | None


@dataclass(frozen=True, slots=True)
class KeptOf:
    """How much is kept of one journal: entries held by one side, from and to which seq, and how many of them wait to be filed again."""

    journal_id: str
    held_by: HeldBy
    entries: int
    first_seq: int
    last_seq: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Incident:
    """One entry that tells of something. `about`: the journal it happened to."""

    journal_id: str
    seq: int
    at_ms: int
    about: str


@dataclass(frozen=True, slots=True)
class GatewayRolledBack(Incident):
    """The gateway was behind receipts. `resent_to`: how far everything behind was sent again; None when all was."""

    held_seq: int
    acknowledged_seq: int
    resent_to: int | None


@dataclass(frozen=True, slots=True)
class GatewayForgot(Incident):
    """The gateway did not hold acknowledged entries. `left`: those it still does not hold."""

    seqs: tuple[int, ...]
    left: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ClockJumped(Incident):
    """The wall clock was set, or fell behind the gateway's time; `is_behind`: it still is. `elapsed_ms`: None across a restart."""

    from_ms: int
    to_ms: int
    elapsed_ms: int | None
    is_behind: bool


@dataclass(frozen=True, slots=True)
class JournalSucceeded(Incident):
    """A journal was closed and another one begun. `cause` as in docs/journal.md §7; `missing`: seqs of the closed one that are gone."""

    cause: str
    last_seq: int
    missing: Ranges
    kept: int
    waiting: int


AnyIncident = GatewayRolledBack | GatewayForgot | ClockJumped | JournalSucceeded


# Facts as the journal has them ------------------------------------------------------------------------------------------------------------


class _Rollback(msgspec.Struct, frozen=True):
    journal_id: str
    held_seq: int
    acknowledged_seq: int


class _Forgot(msgspec.Struct, frozen=True):
    journal_id: str
    seqs: tuple[int, ...]


class _Jump(msgspec.Struct, frozen=True):
    from_ms: int
    to_ms: int
    mono_elapsed_ms: int | None


class _Predecessor(msgspec.Struct, frozen=True):
    journal_id: str
    last_seq: int
    cause: str
    missing: tuple[tuple[int, int], ...] = ()


class _Opened(msgspec.Struct, frozen=True):
    predecessor: _Predecessor


_FACTS: Mapping[str, type[_Rollback] | type[_Forgot] | type[_Jump] | type[_Opened]] = {
    "gateway-rollback": _Rollback,
    "gateway-forgot": _Forgot,
    "clock-jump": _Jump,
    "journal-open": _Opened,
}


# Questions --------------------------------------------------------------------------------------------------------------------------------


def newest(db: Database) -> int:
    """Grows with every incident; 0 without any."""
    return int(db.value("SELECT COALESCE(MAX(rowid), 0) FROM incidents"))


def incidents(db: Database, limit: int) -> tuple[AnyIncident, ...]:
    """The newest ones, in the order of the journals; one whose row is damaged is left out (`verify` names it)."""
    rows = db.rows(
        "SELECT e.header FROM incidents i JOIN journal_entries e USING (journal_id, seq) ORDER BY i.rowid DESC LIMIT ?", (limit,)
    )
    asked = _Standing(db)
    return tuple(found for (data,) in rows if (found := asked.incident(data)) is not None)


def kept_of(db: Database) -> tuple[KeptOf, ...]:
    """What is kept as evidence, by journal and who holds it."""
    waiting = [(entry.journal_id, entry.held_by) for entry in branches.to_file(db)]
    return tuple(KeptOf(*counted, waiting=waiting.count(counted[:2])) for counted in branches.counts(db))


def kept_entries(db: Database, limit: int) -> tuple[KeptEntry, ...]:
    """The entries themselves, of the newest journal first."""
    waiting = {(entry.journal_id, entry.seq, entry.hash) for entry in branches.to_file(db)}
    return tuple(_kept(entry, refiled_as, waiting) for entry, refiled_as in branches.kept(db, limit))


def _kept(entry: BranchEntry, refiled_as: tuple[str, int] | None, waiting: set[tuple[str, int, str]]) -> KeptEntry:
    header = parse_header(entry.header_bytes)
    filing = Filing.DONE if refiled_as else Filing.WAITING if (entry.journal_id, entry.seq, entry.hash) in waiting else Filing.NEEDLESS
    kind = str(header.facts.get("kind", REFILED)) if header.kind == REFILED else header.kind
    return KeptEntry(entry.journal_id, entry.seq, kind, header.times.wall_ms, entry.held_by, filing, refiled_as)


class _Standing:
    """How far the station is with making good what happened: the newest incident of a kind speaks for what is still open."""

    def __init__(self, db: Database) -> None:
        self._resent = {name.removeprefix("resend/"): facts.load_number(db, name) for name in facts.names(db, "resend/")}
        forgotten = facts.load(db, "forgotten")
        self._forgotten = set(typed.decode(forgotten, tuple[tuple[str, int], ...])) if forgotten is not None else set()
        self._is_behind = facts.load(db, "clock_behind") is not None
        self._kept = kept_of(db)

    def incident(self, data: bytes) -> AnyIncident | None:
        try:
            header = parse_header(data)
            told = typed.convert(header.facts, _FACTS[header.kind])
        except (JournalError, msgspec.MsgspecError):
            return None
        return self._of(header, told)

    def _of(self, header: Header, told: _Rollback | _Forgot | _Jump | _Opened) -> AnyIncident:
        place = (header.journal_id, header.seq, header.times.wall_ms)
        match told:
            case _Rollback():
                resent_to = self._resent.pop(told.journal_id, None)
                return GatewayRolledBack(*place, told.journal_id, told.held_seq, told.acknowledged_seq, resent_to)
            case _Forgot():
                left = tuple(seq for seq in told.seqs if (told.journal_id, seq) in self._forgotten)
                return GatewayForgot(*place, told.journal_id, told.seqs, left)
            case _Jump():
                is_behind, self._is_behind = self._is_behind, False
                return ClockJumped(*place, header.journal_id, told.from_ms, told.to_ms, told.mono_elapsed_ms, is_behind)
            case _Opened(predecessor):
                kept = [one for one in self._kept if one.journal_id == predecessor.journal_id]
                counted = (sum(one.entries for one in kept), sum(one.waiting for one in kept))
                ended = (predecessor.cause, predecessor.last_seq, predecessor.missing)
                return JournalSucceeded(*place, predecessor.journal_id, *ended, *counted)
