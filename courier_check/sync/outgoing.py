"""What leaves a station: its journal cut into batches, the same over the line and on a stick (docs/wire.md §5, §11)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import msgspec

from courier_check import typed
from courier_check.journal.codes import JournalCode, JournalError
from courier_check.journal.entries import parse_header
from courier_check.journal.verify import Stored
from courier_check.store import facts, journal
from courier_check.store.database import Database
from courier_check.store.identity import StationIdentity
from courier_check.wire.batches import Backlog, Batch, Receipt, to_wire
from courier_check.wire.certificates import Limits

MOST_ENTRIES = 512
FIRST_ENTRIES = 128
"""Over a line of which nothing is known yet: little, so that its speed and what the gateway unpacks are soon known, but enough to tell."""
MOST_BYTES = 6 * 1024 * 1024
"""Of wire text, under the 8 MiB that a gateway usually takes; of what one with a smaller limit takes the same share."""
_OF_THE_LIMIT = 3, 4


class InFlight(msgspec.Struct, frozen=True, kw_only=True):
    """Boundaries of a batch that was sent and not answered."""

    journal_id: str
    first_seq: int
    last_seq: int


def in_flight(database: Database) -> tuple[InFlight, ...]:
    """The batches that were sent and not answered: one, or two of a journal, one behind the other."""
    data = facts.load(database, "in_flight")
    if data is None:
        return ()
    if data.startswith(b"{"):  # programs of before had one, and wrote it so
        return (typed.decode(data, InFlight),)
    return typed.decode(data, tuple[InFlight, ...])


def send_off(tx: Database, batch: Batch) -> None:
    """Note a batch's boundaries before it is sent: whatever happens to it, it is sent again as it was."""
    last_seq = batch.first_seq + len(batch.entries) - 1
    new = InFlight(journal_id=batch.journal_id, first_seq=batch.first_seq, last_seq=last_seq)
    others = (each for each in in_flight(tx) if each.journal_id == batch.journal_id and not _overlap(each, new))
    _keep(tx, (*others, new))


def come_home(tx: Database, receipt: Receipt) -> None:
    """A batch was answered."""
    _keep(tx, tuple(each for each in in_flight(tx) if each.journal_id == receipt.journal_id and each.first_seq > receipt.last_seq))


def _overlap(one: InFlight, other: InFlight) -> bool:
    return one.first_seq <= other.last_seq and other.first_seq <= one.last_seq


def _keep(tx: Database, flying: tuple[InFlight, ...]) -> None:
    if flying:
        facts.save(tx, "in_flight", msgspec.json.encode(flying))
    else:
        tx.execute("DELETE FROM facts WHERE name = 'in_flight'")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Makes the batches of one station's journals, none larger than the limits of its gateway's document."""

    database: Database
    identity: StationIdentity
    most_entries: int = MOST_ENTRIES

    @property
    def _limits(self) -> Limits:
        return self.identity.enrolment.gateway.limits

    def next_batch(
        self, journal_id: str, start: int, *, up_to: int = 2**62, most: int = MOST_ENTRIES, fresh: int = MOST_ENTRIES
    ) -> Batch | None:
        """The batch in flight as it was, or the next one; None if nothing is pending. `most`: entries the line carries: one in flight that
        is longer, or larger than the gateway's limits have become, is parted; `fresh`: what a new one may have. Raises JournalError for a
        damaged row."""
        held = self._in_flight(journal_id, start)
        as_it_was = held is not None and held.last_seq <= up_to and held.last_seq - start < min(most, self._limits.batch_entries)
        return self.batch(journal_id, start, held.last_seq if held and as_it_was else None, up_to=up_to, most=min(most, fresh))

    def batch(self, journal_id: str, start: int, last: int | None = None, *, up_to: int = 2**62, most: int = MOST_ENTRIES) -> Batch | None:
        """Entries from `start`: as far as `last` exactly, or as many as a batch takes and no further than `up_to`; None if there are none.
        Raises JournalError for a damaged row, or one that is gone."""
        with self.database.snapshot():
            pending = journal.travelling_entries(self.database, journal_id, first=start, last=up_to if last is None else last)
            wanted = None if last is not None else min(most, self.most_entries, self._limits.batch_entries)
            chosen = list(_chosen(islice(pending, wanted), self._most_bytes()))
            if not chosen:
                return None
            if chosen[-1].seq != start + len(chosen) - 1:
                raise JournalError(JournalCode.MISSING_ENTRY, seq=start)
            prev = self._prev(journal_id, chosen[0])
            backlog = self._backlog(journal_id, chosen[-1].seq)
        certificate = self.identity.certificate
        return Batch(
            gateway_id=certificate.gateway_id,
            station_id=certificate.subject,
            journal_id=journal_id,
            first_seq=start,
            prev=prev,
            entries=tuple(to_wire(stored) for stored in chosen),
            backlog=backlog,
        )

    def _prev(self, journal_id: str, first: Stored) -> str:
        """What a batch follows: the entry before its first, and where that row is gone what the first says of it."""
        if first.seq == 1:
            return self.identity.first_prev
        return journal.hash_at(self.database, journal_id, first.seq - 1) or parse_header(first.header_bytes).prev

    def _most_bytes(self) -> int:
        share, whole = _OF_THE_LIMIT
        return min(MOST_BYTES, self._limits.batch_bytes * share // whole)

    def _in_flight(self, journal_id: str, start: int) -> InFlight | None:
        return next((each for each in in_flight(self.database) if (each.journal_id, each.first_seq) == (journal_id, start)), None)

    def _backlog(self, journal_id: str, last_sent: int) -> Backlog:
        """What stays pending after this batch: counted from the two ends, since a walk over a long backlog at every batch adds up."""
        oldest_ms = self.database.value("SELECT wall_ms FROM journal_entries WHERE journal_id = ? AND seq = ?", (journal_id, last_sent + 1))
        newest = journal.head_of(self.database, journal_id, self.identity.first_prev).seq
        return Backlog(entries=newest - last_sent, oldest_ms=oldest_ms)


def _chosen(entries: Iterator[Stored], most_bytes: int) -> Iterator[Stored]:
    size = 0
    for stored in entries:
        size += _wire_bytes(stored)
        if size > most_bytes:  # one entry alone never reaches this: 16 KiB of header and a few parts of 64 KiB
            return
        yield stored


def _wire_bytes(stored: Stored) -> int:
    """What an entry takes of a batch at most. Its header is text within text, where quotes and backslashes are two characters each."""
    header = stored.header_bytes
    escaped = len(header) + header.count(b'"') + header.count(b"\\")
    return escaped + sum(len(sealed) * 4 // 3 for sealed in stored.sealed.values()) + 400
