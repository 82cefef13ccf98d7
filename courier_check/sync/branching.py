"""分支 at the line: what the gateway holds of closed journals is compared once, kept as evidence, and what is stranded is filed again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from courier_check import typed
from courier_check.journal.codes import JournalCode, JournalError
from courier_check.journal.entries import parse_header
from courier_check.journal.keys import from_text
from courier_check.journal.verify import Stored
from courier_check.store import branches, facts, inbox, journal
from courier_check.store.branches import BranchEntry, HeldBy
from courier_check.store.database import Database
from courier_check.store.identity import StationIdentity
from courier_check.store.journal import Writer
from courier_check.store.verification import Damage, expected, is_sound
from courier_check.sync.client import GatewayClient, NoAnswer, Refusal
from courier_check.sync.codes import SyncCode
from courier_check.sync.heads import Heads, checked_head
from courier_check.sync.outgoing import in_flight
from courier_check.sync.recall import forgotten
from courier_check.sync.status import SyncStatus, alarm, answered, refused
from courier_check.wire.batches import JournalTaken, by_receipt_key
from courier_check.wire.certificates import TrustedGateway
from courier_check.wire.problems import Problem, ProblemCode
from courier_check.wire.signed import Signed

COMPARED_AT_ONCE = 50
_PUT_BACK = ("rollback", "restore")
"""Causes of a successor after which the gateway may hold what this station has lost."""
FILED_AT_ONCE = 20
"""Entries filed again in one transaction: the counter waits for it no longer than for a few acts of its own."""


def taken_journal(signed: Signed, identity: StationIdentity, gateway: TrustedGateway) -> str:
    """Of which journal of this station the gateway says that another one's entries are held under its id (docs/wire.md §8). Raises
    JournalError."""
    said = by_receipt_key(signed, JournalTaken, gateway)
    if (said.gateway_id, said.station_id) != (identity.certificate.gateway_id, identity.certificate.subject):
        raise JournalError(JournalCode.WRONG_PLACE)
    return said.journal_id


def note_taken(tx: Database, journal_id: str, at_ms: int) -> bool:
    """A journal that the gateway proves it holds of another station is sent no more: it is closed and filed again. False where the gateway
    has ever acknowledged anything of it: then it has lost that, which nothing here makes good."""
    if inbox.gateway_reached(tx, journal_id):
        return False
    facts.save(tx, f"taken/{journal_id}", str(at_ms).encode("ascii"))
    if any(each.journal_id == journal_id for each in in_flight(tx)):
        tx.execute("DELETE FROM facts WHERE name = 'in_flight'")
    return True


@dataclass(frozen=True, slots=True)
class _Held:
    """How far the gateway holds a closed journal: to `seq`, and to `common` of what it gave receipts for the very entries held here."""

    seq: int
    common: int


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
            held = self._held(journal_id)
            first = None if held is None else self._compare(journal_id, held)
            if first is not None and facts.load(self.database, f"forked/{journal_id}") is None:  # a fork was told already
                found = alarm(SyncCode.BRANCH, f"seq {first}")
            self._settle(journal_id, held)
        filed = self._refile()
        self._write_off()
        return filed, found

    def taken(self, journal_id: str, problem: Problem) -> SyncStatus:
        """What a `journal-taken` says of a journal: an alarm where the gateway proves it, else a refusal like any other."""
        detail = refused(problem).detail
        if not self._is_proven(journal_id, problem):
            return refused(problem)
        with self.database.write() as tx:
            noted = note_taken(tx, journal_id, self.writer.clock.read().wall_ms)
        return alarm(SyncCode.TAKEN, journal_id) if noted else alarm(SyncCode.FORGOTTEN, detail)

    def _is_proven(self, journal_id: str, problem: Problem) -> bool:
        try:
            return problem.taken is not None and taken_journal(problem.taken, self.identity, self.identity.gateway) == journal_id
        except JournalError:
            return False

    def file_taken(self) -> int:
        """补录 without a line, of closed journals whose ids another station has taken: the gateway holds nothing of them that could be
        compared. Returns how many entries were filed. Where this station was put back and the gateway was not asked since, all waits for
        the line: what is to be filed may be filed already, by entries that are lost here."""
        unsettled = self._unsettled()
        for journal_id in unsettled:
            if facts.load(self.database, f"taken/{journal_id}") is not None:
                self._settle(journal_id)
        openings = [said for each in journal.journal_ids(self.database) if (said := self._opened_after(each)) is not None]
        if any(said.get("cause") in _PUT_BACK and said.get("journal_id") in unsettled for said in openings):
            return 0
        filed = self._refile()
        self._write_off()
        return filed

    def _settle(self, journal_id: str, held: _Held | None = None) -> None:
        """Note that a closed journal was compared and, where the gateway takes no more of it, what is stranded: that is not sent again any
        more, and where the gateway has lost entries that receipts speak of (`held`), it owes them no longer."""
        stranded, cut_off = self._stranded(journal_id, held), self._is_cut_off(journal_id)
        with self.database.write() as tx:
            branches.strand(tx, stranded)
            if cut_off:
                if held is not None and held.common < inbox.owed_seq(tx, journal_id):
                    facts.save_number(tx, f"{inbox.HELD_TO}{journal_id}", held.common)
                tx.execute("DELETE FROM facts WHERE name IN (?, ?)", (f"{inbox.RESEND}{journal_id}", f"refiled/{journal_id}"))
            facts.save(tx, f"settled/{journal_id}", b"")

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
        """Closed journals that were not compared since they were closed, or since the gateway was found to have lost what can't be sent any
        more, oldest first; those that only an opening names, because the database was put back to before them, come last."""
        current, known = journal.current_journal(self.database), journal.journal_ids(self.database)
        lost = {name.removeprefix(inbox.RESEND) for name in facts.names(self.database, inbox.RESEND)}
        anew = {f"settled/{each}" for each in lost if self._is_cut_off(each)}
        settled = facts.names(self.database, "settled/") - anew
        named = [named for each in known if (named := self._predecessor(each)) is not None and named not in known]
        return [each for each in [*known, *named] if each != current and f"settled/{each}" not in settled]

    def _predecessor(self, journal_id: str) -> str | None:
        named = self._opened_after(journal_id)
        return str(named["journal_id"]) if named else None

    def _opened_after(self, journal_id: str) -> dict[str, Any] | None:
        """What the opening says of the journal before."""
        opening = journal.entry_at(self.database, journal_id, 1)
        try:
            return parse_header(opening.header_bytes).facts.get("predecessor") if opening else None
        except JournalError:  # a damaged opening names nobody
            return None

    def _held(self, journal_id: str) -> _Held | None:
        """How far the gateway holds a journal; None where it holds nothing of it, and another station's under its id. Where more can't be
        sent, it is asked so that no statement of before passes: what it has lost meanwhile is to be filed again. Raises Stopped."""
        said = self.client.head(journal_id)
        if self._is_of_another(journal_id, said):
            return None
        head = checked_head(answered(said), self.identity, journal_id)
        known = self._known(journal_id)
        if not self._is_cut_off(journal_id):
            return _Held(head.seq, known)
        seq = Heads(self.database, self.identity, self.client, self.writer.random).fresh(journal_id).seq
        common = min(known, seq)
        if facts.load(self.database, f"forked/{journal_id}") is not None:  # perhaps before what receipts of before it was put back speak of
            while common and not self._holds_own(journal_id, common):
                common -= 1
        return _Held(seq, common)

    def _known(self, journal_id: str) -> int:
        """How far receipts cover what is held here: rows may be lost that a receipt speaks of."""
        own = journal.head_of(self.database, journal_id, self.identity.first_prev).seq
        return min(own, inbox.acknowledged_seq(self.database, journal_id))

    def _holds_own(self, journal_id: str, seq: int) -> bool:
        """Whether the gateway holds the own entry at a seq, as far as can be told where that row is gone."""
        return journal.entry_at(self.database, journal_id, seq) is None or any(
            each.held_by is HeldBy.BOTH for each in self._fetched(journal_id, seq, seq)
        )

    def _compare(self, journal_id: str, held: _Held) -> int | None:
        """Compare what the gateway holds beyond what is in common with the own rows; returns the first seq at which it holds another
        entry."""
        compared_to = branches.compared_to(self.database, journal_id) if held.common == self._known(journal_id) else 0
        first: int | None = None
        for lowest in range(max(held.common, compared_to) + 1, held.seq + 1, COMPARED_AT_ONCE):
            fetched = list(self._fetched(journal_id, lowest, min(held.seq, lowest + COMPARED_AT_ONCE - 1)))
            with self.database.write() as tx:
                branches.keep(tx, fetched)
            first = first or next((each.seq for each in fetched if each.held_by is HeldBy.GATEWAY), None)
        return first

    def _is_of_another(self, journal_id: str, said: Signed | Refusal | NoAnswer) -> bool:
        """Whether the gateway proves that it holds nothing of a journal, since another station has taken its id."""
        if not isinstance(said, Refusal) or said.problem.code != ProblemCode.JOURNAL_TAKEN:
            return False
        return self.taken(journal_id, said.problem).code is SyncCode.TAKEN

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
        """Whether the gateway takes nothing more of a journal: it holds another entry there, or another station's, or a row before is
        damaged."""
        return any(facts.load(self.database, f"{why}/{journal_id}") is not None for why in ("forked", "taken", "damaged"))

    def _stranded(self, journal_id: str, held: _Held | None) -> list[BranchEntry]:
        """Own entries that the gateway can't take any more: behind what it holds, whatever receipts of before say; and those that it has
        forgotten in between."""
        if not self._is_cut_off(journal_id):
            return []
        known = self._known(journal_id)
        end, common = (2**62, known) if held is None else (held.seq, held.common)
        also = {seq for seq in branches.held_by_both(self.database, journal_id) if common == known and seq <= end}
        gone = {seq for each, seq in forgotten(self.database) if each == journal_id and self._is_out_of_reach(journal_id, seq)}
        whose = expected(self.identity, journal_id)
        return [
            BranchEntry(journal_id, each.seq, each.header_bytes, each.signature, HeldBy.STATION)
            for each in journal.entries(self.database, journal_id, first=min([common + 1, *gone]))
            if (each.seq in gone or (each.seq > common and each.seq not in also)) and is_sound(each, whose)
        ]

    def _is_out_of_reach(self, journal_id: str, seq: int) -> bool:
        """Whether an entry of a journal that is cut off can't even be sent as part of what lies before the cut."""
        data = facts.load(self.database, f"damaged/{journal_id}")
        return data is None or seq >= typed.decode(data, Damage).first

    def _refile(self) -> int:
        waiting = branches.to_file(self.database)
        for start in range(0, len(waiting), FILED_AT_ONCE):
            with self.database.write() as tx:
                for each in waiting[start : start + FILED_AT_ONCE]:
                    branches.refile(tx, each, self.writer)
        if overtaken := branches.overtaken(self.database):
            with self.database.write() as tx:
                for entry, place in overtaken:
                    branches.follow(tx, entry, place)
        return len(waiting)
