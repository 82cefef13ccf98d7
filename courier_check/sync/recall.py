"""抽查: does the gateway still hold what it gave receipts for? Twenty acknowledged entries, drawn at random once a day (wire.md §7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from courier_check import typed
from courier_check.journal.codes import JournalError
from courier_check.journal.entries import Draft
from courier_check.journal.keys import from_text
from courier_check.journal.verify import Stored
from courier_check.store import branches, facts, inbox, journal, sent_evidence
from courier_check.store.database import Database
from courier_check.store.identity import StationIdentity
from courier_check.store.journal import Writer
from courier_check.store.verification import expected, is_sound
from courier_check.sync.client import GatewayClient, Refusal
from courier_check.sync.status import answered
from courier_check.wire.batches import HeldEntry
from courier_check.wire.problems import ProblemCode

DRAWN = 20
DAY_MS = 86_400_000
_LOOKED, _FORGOTTEN = "recalled", "forgotten"

EntryPlace = tuple[str, int]
"""An entry: journal and seq."""


class _Looked(msgspec.Struct, frozen=True, kw_only=True):
    """All clocks at the last look: a wall clock that was set must not put the next one off."""

    wall_ms: int
    mono_ms: int
    boot_id: str
    trusted_ms: int | None


@dataclass(frozen=True, slots=True)
class Found:
    """What a look has shown: entries the gateway does not hold as they were acknowledged, and own rows that are no longer readable."""

    forgotten: tuple[EntryPlace, ...] = ()
    damaged: tuple[EntryPlace, ...] = ()


@dataclass(frozen=True, slots=True)
class Recall:
    """Checks on one station's gateway."""

    database: Database
    identity: StationIdentity
    client: GatewayClient
    writer: Writer
    uniform: Callable[[float, float], float]

    def look(self) -> Found:
        """The day's check, if it is due: journals what was forgotten, and has everything acknowledged of those journals sent again.

        Nothing is asked at the very first run: the day begins with it. Raises Stopped.
        """
        now, before = self._now(), self._looked()
        if before is not None and not _is_due(now, before):
            return Found()
        found = Found() if before is None else self._compared(self._drawn())
        with self.database.write() as tx:
            facts.save(tx, _LOOKED, msgspec.json.encode(now))
            self._note(tx, [at for at in found.forgotten if at not in self.forgotten()])
        return found

    def forgotten(self) -> tuple[EntryPlace, ...]:
        """What was found forgotten and is not held again yet."""
        return forgotten(self.database)

    def look_again(self) -> tuple[EntryPlace, ...]:
        """After everything was sent again: what is still not held, and is to be sent again in the next run. Raises Stopped."""
        left = self._compared(self.forgotten()).forgotten
        with self.database.write() as tx:
            if left:
                facts.save(tx, _FORGOTTEN, msgspec.json.encode(left))
                for journal_id, _ in left:
                    facts.save_number(tx, f"{inbox.RESEND}{journal_id}", 0)
            else:
                tx.execute("DELETE FROM facts WHERE name = ?", (_FORGOTTEN,))
        return left

    def _note(self, tx: Database, forgotten: list[EntryPlace]) -> None:
        if not forgotten:
            return
        for journal_id in sorted({journal_id for journal_id, _ in forgotten}):
            seqs = sorted(seq for found, seq in forgotten if found == journal_id)
            journal.append(tx, Draft("gateway-forgot", None, {"journal_id": journal_id, "seqs": seqs}), self.writer)
            facts.save_number(tx, f"{inbox.RESEND}{journal_id}", 0)
            sent_evidence.ask_again(tx, journal_id)
        facts.save(tx, _FORGOTTEN, msgspec.json.encode([*self.forgotten(), *forgotten]))

    def _now(self) -> _Looked:
        reading = self.writer.clock.read()
        trusted_ms = facts.load_number(self.database, "trusted_ms")
        return _Looked(wall_ms=reading.wall_ms, mono_ms=reading.mono_ms, boot_id=reading.boot_id, trusted_ms=trusted_ms)

    def _looked(self) -> _Looked | None:
        data = facts.load(self.database, _LOOKED)
        return None if data is None else typed.decode(data, _Looked)

    def _drawn(self) -> list[EntryPlace]:
        """Up to twenty different acknowledged entries that the gateway owes, each as likely as any other."""
        held = [
            (journal_id, min(inbox.acknowledged_seq(self.database, journal_id), inbox.owed_seq(self.database, journal_id)))
            for journal_id in journal.journal_ids(self.database)
        ]
        total = sum(last for _, last in held)
        swapped: dict[int, int] = {}  # the first steps of a shuffle of 0 … total − 1, without making the list
        drawn: list[EntryPlace] = []
        for step in range(min(DRAWN, total)):
            picked = min(total - 1, step + int(self.uniform(0.0, float(total - step))))
            number = swapped.get(picked, picked)
            swapped[picked] = swapped.get(step, step)
            drawn.append(_place(held, number))
        return drawn

    def _compared(self, places: list[EntryPlace] | tuple[EntryPlace, ...]) -> Found:
        forgotten, damaged = [], []
        for journal_id, seq in places:
            held = self.client.entry(journal_id, seq)
            gone = isinstance(held, Refusal) and held.problem.code == ProblemCode.NOT_FOUND
            theirs = None if gone else _stored(seq, answered(held))
            own = journal.entry_at(self.database, journal_id, seq)
            if own is not None and theirs is not None and _same(own, theirs):
                continue
            if branches.is_stranded(self.database, journal_id, seq):  # it is filed again: nobody sends it
                continue
            if own is None or not is_sound(own, expected(self.identity, journal_id)):
                damaged.append((journal_id, seq))
            else:
                forgotten.append((journal_id, seq))
        return Found(tuple(forgotten), tuple(damaged))


def forgotten(db: Database) -> tuple[EntryPlace, ...]:
    """What the gateway was found to have forgotten and does not hold again yet."""
    data = facts.load(db, _FORGOTTEN)
    return typed.decode(data, tuple[EntryPlace, ...]) if data is not None else ()


def _is_due(now: _Looked, before: _Looked) -> bool:
    """A day by any clock. A wall clock that is behind the last look after a restart tells nothing: then it is looked at once."""
    by_mono = now.mono_ms - before.mono_ms >= DAY_MS if now.boot_id == before.boot_id else now.wall_ms < before.wall_ms
    by_gateway = now.trusted_ms is not None and now.trusted_ms - (before.trusted_ms or 0) >= DAY_MS
    return by_mono or by_gateway or now.wall_ms - before.wall_ms >= DAY_MS


def _place(held: list[tuple[str, int]], number: int) -> EntryPlace:
    for journal_id, last in held:
        if number < last:
            return journal_id, number + 1
        number -= last
    raise IndexError(number)


def _stored(seq: int, held: HeldEntry) -> Stored | None:
    try:
        return Stored(seq, held.header.encode(), from_text(held.signature), {}, {})
    except (JournalError, UnicodeEncodeError):
        return None


def _same(own: Stored, theirs: Stored) -> bool:
    return (own.header_bytes, own.signature) == (theirs.header_bytes, theirs.signature)
