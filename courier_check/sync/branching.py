"""分支 at the line: what the gateway holds of closed journals is compared once, kept as evidence, and what is stranded is filed again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from courier_check.journal.codes import JournalError
from courier_check.journal.entries import parse_header
from courier_check.journal.keys import from_text
from courier_check.journal.verify import Stored
from courier_check.store import branches, facts, inbox, journal
from courier_check.store.branches import BranchEntry, HeldBy
from courier_check.store.database import Database
from courier_check.store.identity import StationIdentity
from courier_check.store.journal import Writer
from courier_check.store.verification import expected, is_sound
from courier_check.sync.client import GatewayClient, Refusal
from courier_check.sync.codes import SyncCode
from courier_check.sync.status import SyncStatus, alarm, answered, not_believed
from courier_check.wire.batches import HeadStatement, by_receipt_key
from courier_check.wire.problems import ProblemCode
from courier_check.wire.signed import Signed

COMPARED_AT_ONCE = 50
FILED_AT_ONCE = 20
"""Entries filed again in one transaction: the counter waits for it no longer than for a few acts of its own."""


def checked_head(signed: Signed, identity: StationIdentity, journal_id: str) -> HeadStatement:
    """A gateway's statement about one journal of this station. Raises Stopped if it does not verify or speaks of another."""
    try:
        head = by_receipt_key(signed, HeadStatement, identity.gateway)
    except JournalError as error:
        raise not_believed(str(error.code)) from error
    certificate = identity.certificate
    if (head.gateway_id, head.station_id, head.journal_id) != (certificate.gateway_id, certificate.subject, journal_id):
        raise not_believed("head of another journal")
    return head


@dataclass(frozen=True, slots=True)
class Branches:
    """Closed journals of one station, compared with its gateway."""

    database: Database
    identity: StationIdentity
    client: GatewayClient
    writer: Writer

    def settle(self) -> tuple[int, SyncStatus | None]:
        """Compare closed journals that were not compared yet and file again what is stranded. Returns how many entries were filed, and the
        alarm where the gateway held what this station has lost. Raises Stopped; what was done until then stays done."""
        found: SyncStatus | None = None
        for journal_id in self._unsettled():
            first = self._compare(journal_id)
            if first is not None and facts.load(self.database, f"forked/{journal_id}") is None:  # a fork was told already
                found = alarm(SyncCode.BRANCH, f"seq {first}")
            self._keep_stranded(journal_id)
            with self.database.write() as tx:
                facts.save(tx, f"settled/{journal_id}", b"")
        filed = self._refile()
        self._write_off()
        return filed, found

    def _write_off(self) -> None:
        """Everything is filed again: what the gateway does not take of cut off journals is pending no more."""
        done = {name.removeprefix("refiled/") for name in facts.names(self.database, "refiled/")}
        settled = {name.removeprefix("settled/") for name in facts.names(self.database, "settled/")}
        left = [journal_id for journal_id in sorted(settled - done) if self._is_cut_off(journal_id)]
        if left:
            with self.database.write() as tx:
                for journal_id in left:
                    facts.save(tx, f"refiled/{journal_id}", b"")

    def _unsettled(self) -> list[str]:
        """Closed journals, oldest first; those that only an opening names, because the database was put back to before them, come last."""
        current, known = journal.current_journal(self.database), journal.journal_ids(self.database)
        settled = facts.names(self.database, "settled/")
        named = [named for each in known if (named := self._predecessor(each)) is not None and named not in known]
        return [each for each in [*known, *named] if each != current and f"settled/{each}" not in settled]

    def _predecessor(self, journal_id: str) -> str | None:
        opening = journal.entry_at(self.database, journal_id, 1)
        try:
            named = parse_header(opening.header_bytes).facts.get("predecessor") if opening else None
        except JournalError:  # a damaged opening names nobody
            return None
        return str(named["journal_id"]) if named else None

    def _compare(self, journal_id: str) -> int | None:
        """Compare what the gateway holds beyond the receipts with the own rows; returns the first seq at which it holds another entry."""
        head = checked_head(answered(self.client.head(journal_id)), self.identity, journal_id)
        own = journal.head_of(self.database, journal_id, self.identity.first_prev).seq
        known = min(own, inbox.acknowledged_seq(self.database, journal_id))  # rows may be lost that a receipt speaks of
        start = max(known, branches.compared_to(self.database, journal_id)) + 1
        first: int | None = None
        for lowest in range(start, head.seq + 1, COMPARED_AT_ONCE):
            fetched = list(self._fetched(journal_id, lowest, min(head.seq, lowest + COMPARED_AT_ONCE - 1)))
            with self.database.write() as tx:
                branches.keep(tx, fetched)
            first = first or next((each.seq for each in fetched if each.held_by is HeldBy.GATEWAY), None)
        return first

    def _fetched(self, journal_id: str, first: int, last: int) -> Iterator[BranchEntry]:
        """The gateway's entries of a range; those it has lost, or that this station never signed, are evidence of nothing."""
        whose = expected(self.identity, journal_id)
        for seq in range(first, last + 1):
            answer = self.client.entry(journal_id, seq)
            if isinstance(answer, Refusal) and answer.problem.code == ProblemCode.NOT_FOUND:
                continue
            held = answered(answer)
            try:
                stored = Stored(seq, held.header.encode(), from_text(held.signature), {}, {})
            except (JournalError, UnicodeEncodeError):
                continue
            own = journal.entry_at(self.database, journal_id, seq)
            if own is not None and own.header_bytes == stored.header_bytes:
                yield BranchEntry(journal_id, seq, stored.header_bytes, stored.signature, HeldBy.BOTH)
            elif is_sound(stored, whose):
                yield BranchEntry(journal_id, seq, stored.header_bytes, stored.signature, HeldBy.GATEWAY)

    def _is_cut_off(self, journal_id: str) -> bool:
        """Whether the gateway takes nothing more of a journal: it holds another entry there, or a row before is damaged."""
        return any(facts.load(self.database, f"{why}/{journal_id}") is not None for why in ("forked", "damaged"))

    def _keep_stranded(self, journal_id: str) -> None:
        """Own entries that the gateway can't take any more."""
        if not self._is_cut_off(journal_id):
            return
        whose, common = expected(self.identity, journal_id), branches.held_by_both(self.database, journal_id)
        first = inbox.acknowledged_seq(self.database, journal_id) + 1
        rows = journal.entries(self.database, journal_id, first=first)
        stranded = [
            BranchEntry(journal_id, each.seq, each.header_bytes, each.signature, HeldBy.STATION)
            for each in rows
            if each.seq not in common and is_sound(each, whose)
        ]
        with self.database.write() as tx:
            branches.keep(tx, stranded)

    def _refile(self) -> int:
        waiting = branches.to_file(self.database)
        for start in range(0, len(waiting), FILED_AT_ONCE):
            with self.database.write() as tx:
                for each in waiting[start : start + FILED_AT_ONCE]:
                    branches.refile(tx, each, self.writer)
        return len(waiting)
