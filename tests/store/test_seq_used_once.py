"""Never is a seq of a journal used twice, whatever is killed, put back or damaged, and in whatever order."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.strategies import booleans, integers

from courier_check.errors import StoreError
from courier_check.journal.entries import header_hash
from courier_check.journal.keys import SigningKey
from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings
from courier_check.store import inbox, journal
from courier_check.wire.batches import Receipt, merkle_root
from courier_check.wire.certificates import Role
from courier_check.wire.signed import sign
from support.clocks import SetClock
from support.pki import MadeUpGateway
from support.stations import CHEAP, acceptance, append, new_station


class Lives(RuleBasedStateMachine):
    """A station's folder through kills, restores and damage. `seen`: every hash that ever stood at a place, also in folders put back."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: dict[tuple[str, int], str] = {}
        self.clock = SetClock()
        self.number = 0

    @initialize()
    def begin(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="lives-"))
        self.gateway = MadeUpGateway()
        self.station = new_station(self.root / "station", self.gateway, self.clock)
        self.copies: list[Path] = []

    def teardown(self) -> None:
        if hasattr(self, "root"):
            self.station.close()
            shutil.rmtree(self.root)

    @rule(count=integers(1, 3), noted=booleans())
    def accept(self, count: int, *, noted: bool) -> None:
        """Acts; a kill between the commit and the note leaves the note behind."""
        for _ in range(count):
            self.number += 1
            with contextlib.suppress(StoreError):  # a damaged journal takes nothing until the next start
                append(self.station, acceptance(f"SF{self.number:012d}"))
        if noted:
            self.station.keep_head()

    @rule()
    def die_in_an_act(self) -> None:
        with contextlib.suppress(RuntimeError, StoreError), self.station.database.write() as tx:
            self.number += 1
            journal.append(tx, acceptance(f"SF{self.number:012d}"), self.station.writer())
            raise RuntimeError("killed before the commit")

    @rule()
    def restart(self) -> None:
        self.open_again()

    @precondition(lambda self: len(self.copies) < 3)
    @rule()
    def copy(self) -> None:
        self.station.database.value("PRAGMA wal_checkpoint(TRUNCATE)")
        to = self.root / f"copy-{len(self.copies)}"
        shutil.copytree(self.station.folder.path, to)
        self.copies.append(to)

    @precondition(lambda self: self.copies)
    @rule(which=integers(0, 2))
    def put_the_database_back(self, which: int) -> None:
        """But for the note of the head, which lies outside the database. A note that was not written before can't tell: what it would have
        told, the gateway does (tests/sync/test_recovery.py)."""
        self.station.keep_head()
        self.station.close()
        folder = self.station.folder.path
        for leftover in folder.glob("station.db*"):
            leftover.unlink()
        shutil.copy(self.copies[which % len(self.copies)] / "station.db", folder / "station.db")
        self.open_again(closed=True)

    @rule()
    def lose_the_note(self) -> None:
        (self.station.folder.path / "head.json").unlink(missing_ok=True)
        self.open_again()

    @rule()
    def acknowledge(self) -> None:
        """A receipt for all there is of the current journal."""
        db, identity = self.station.database, self.station.enrolled()
        journal_id = journal.current_journal(db) or ""
        hashes = [header_hash(each.header_bytes) for each in journal.entries(db, journal_id)]
        first = inbox.acknowledged_seq(db, journal_id) + 1
        head = journal.head_of(db, journal_id, identity.first_prev)
        if first > head.seq or head.seq != len(hashes):
            return
        receipt = Receipt(
            gateway_id="gw-test",
            station_id=identity.certificate.subject,
            journal_id=journal_id,
            first_seq=first,
            last_seq=head.seq,
            prev_head=journal.hash_at(db, journal_id, first - 1) or identity.first_prev,
            head=head.hash,
            merkle_root=merkle_root(hashes[first - 1 :]),
            received_at_ms=self.clock.wall_ms,
            after_revocation=False,
            gateway_journal_id="cd" * 16,
            gateway_seq=1,
            gateway_prev="ef" * 32,
        )
        key: SigningKey = self.gateway.signing[Role.RECEIPT]
        with db.write() as tx:
            inbox.save_receipt(tx, sign(receipt, key), receipt)

    @rule(back=integers(0, 3))
    def lose_rows_from_the_end(self, back: int) -> None:
        """By force, behind the program's back: what a note or a receipt speaks of is gone."""
        self.station.keep_head()
        db = self.station.database
        journal_id = journal.current_journal(db) or ""
        last = journal.head_of(db, journal_id, "").seq
        self.delete(f"journal_id = '{journal_id}' AND seq > {max(1, last - back)}")
        if journal.head_of(db, journal_id, "").seq < inbox.acknowledged_seq(db, journal_id):
            self.station.keep_head()  # the note is lost as well: the receipts speak
        self.open_again()

    @rule(seq=integers(2, 5))
    def lose_a_row(self, seq: int) -> None:
        db = self.station.database
        journal_id = journal.current_journal(db) or ""
        if seq < journal.head_of(db, journal_id, "").seq:
            self.delete(f"journal_id = '{journal_id}' AND seq = {seq}")

    def delete(self, where: str) -> None:
        with self.station.database.write() as tx:
            tx.execute("DROP TRIGGER IF EXISTS journal_entries_kept")
            tx.execute(f"DELETE FROM parts WHERE {where}")  # noqa: S608 - a test's own words
            tx.execute(f"DELETE FROM journal_entries WHERE {where}")  # noqa: S608 - likewise

    def open_again(self, *, closed: bool = False) -> None:
        if not closed:
            self.station.close()
        self.station = Station.open(self.station.folder.path, PRACTICE_PASSPHRASE, Surroundings(self.clock, hasher=CHEAP))

    @invariant()
    def no_place_has_two_entries(self) -> None:
        if not hasattr(self, "station"):
            return
        for journal_id, seq, header in self.station.database.rows("SELECT journal_id, seq, header FROM journal_entries"):
            digest = header_hash(header)
            assert self.seen.setdefault((journal_id, seq), digest) == digest, (journal_id, seq)


@pytest.mark.slow
class TestLives(Lives.TestCase):  # type: ignore[misc, valid-type]  # made by hypothesis
    pass


TestLives.settings = settings(max_examples=15, stateful_step_count=20, suppress_health_check=[HealthCheck.too_slow])
