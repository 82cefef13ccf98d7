"""An enrolled station that delivers under another's journal id, which every label shows: it holds nothing up, and leaves its signature."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest
from sqlalchemy import text

from courier_check.gateway.bundles import Result, opened_bundle, write_answers, write_export
from courier_check.journal.codes import JournalError
from courier_check.journal.entries import header_hash, parse_header
from courier_check.journal.keys import SigningKey
from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings
from courier_check.store import branches, facts, inbox, journal
from courier_check.store.branches import BranchEntry, HeldBy
from courier_check.sync.branching import taken_journal
from courier_check.sync.bundles import Bundles, Taken
from courier_check.sync.client import GatewayClient, NoAnswer, Refusal, Signature
from courier_check.sync.codes import SyncCode
from courier_check.sync.synchroniser import Outcome, Synchroniser, SyncState
from courier_check.wire.batches import Answer, Batch, HeadStatement, JournalTaken, ReturnedItems
from courier_check.wire.problems import Problem, ProblemCode, problem
from courier_check.wire.signed import Signed, sign
from support import snapshots
from support.clocks import SetClock
from support.gateways import Practice as Served
from support.parts_gone import parts_gone
from support.pki import secret
from support.practice import Practice
from support.stand_alone import stand_alone_verifier, verdict
from support.stations import CHEAP, acceptance, append

pytestmark = pytest.mark.slow

STRANGER = SigningKey(secret("an attacker"))
Place = tuple[str, int]


@dataclass
class Dispute:
    """`victim` has accepted parcels and not delivered anything; `copyist` has a certificate of the same gateway and reads labels."""

    served: Served
    victim: Station
    copyist: Practice

    def accept(self, *waybills: str) -> dict[Place, str]:
        """What was written, by place: the hashes."""
        made = [append(self.victim, acceptance(waybill)).entry for waybill in waybills]
        self.victim.keep_head()
        return {(each.header.journal_id, each.header.seq): each.hash for each in made}

    def claim(self, journal_id: str | None = None) -> str:
        """The copyist delivers an entry of its own under the id of the victim's journal."""
        self.copyist.journal_id, self.copyist.entries, self.copyist.hashes = journal_id or self.current, [], []
        self.copyist.append("journal-open", {"predecessor": None})
        self.copyist.send()
        return self.copyist.journal_id

    @property
    def current(self) -> str:
        return journal.current_journal(self.victim.database) or ""

    @property
    def pending(self) -> int:
        return inbox.standing(self.victim.database).pending

    def run(self) -> tuple[SyncState, SyncCode | None]:
        status = self.victim.synchronise().status
        return status.state, status.code

    def own(self, journal_id: str) -> dict[Place, str]:
        rows = self.victim.database.rows("SELECT seq, header FROM journal_entries WHERE journal_id = ?", (journal_id,))
        return {(journal_id, seq): header_hash(header) for seq, header in rows}

    def arrived(self) -> Counter[tuple[str, int, str]]:
        """What the gateway holds of the victim: its entries, and those that it filed again."""
        with self.served.gateway.database.read() as tx:
            sql = text("SELECT header FROM entries WHERE station_id = :station")
            headers = tx.execute(sql, {"station": self.victim.enrolled().certificate.subject}).scalars().all()
        said = [json.loads(each)["facts"] for each in headers if json.loads(each)["kind"] == "refiled"]
        return Counter((each["journal_id"], each["seq"], each["entry"]) for each in said)

    def kept(self) -> list[tuple[str, str, int]]:
        """What the gateway keeps as evidence of whom: (station, journal, seq)."""
        with self.served.gateway.database.read() as tx:
            assert tx.execute(text("SELECT COUNT(*) FROM forks")).scalar_one() == 0, "nobody is accused of a fork"
            return [tuple(row) for row in tx.execute(text("SELECT station_id, journal_id, seq FROM claims"))]


@pytest.fixture
def dispute(tmp_path: Path, clock: SetClock, practice: Served) -> Iterator[Dispute]:
    with Station.init(tmp_path / "victim", PRACTICE_PASSPHRASE, Surroundings(clock, hasher=CHEAP), practice=True) as victim:
        victim.enrol(practice.code("zz-jinshui-01"), practice.url)
        yield Dispute(practice, victim, Practice.enrolled(practice.url, practice.code("zz-jinshui-02"), clock))


@pytest.fixture(scope="module")
def verifier() -> ModuleType:
    return stand_alone_verifier()


def low(*_: float) -> float:
    return 0.0


def bundles(station: Station) -> Bundles:
    return Bundles(station.database, station.enrolled(), station.clock, "tests", {})


def verifies(dispute: Dispute, verifier: ModuleType, folder: Path) -> None:
    """The victim's folder and export, and the gateway's export, by both programs."""
    assert dispute.victim.verify().ok
    own = bundles(dispute.victim)
    with (folder / "station.zip").open("w+b") as target:
        own.export(target, own.everything(), revealed=True)
    with (folder / "gateway.zip").open("w+b") as target:
        write_export(dispute.served.gateway, None, target, {})
    for name in ("station.zip", "gateway.zip"):
        told = verdict(verifier, folder / name)
        assert told["ok"], told


def opened_after(station: Station) -> dict[str, Any]:
    opening = journal.entry_at(station.database, journal.current_journal(station.database) or "", 1)
    assert opening is not None
    return dict(parse_header(opening.header_bytes).facts["predecessor"])


def test_who_copies_the_id_of_a_journal_keeps_none_of_its_entries_out(dispute: Dispute, verifier: ModuleType, tmp_path: Path) -> None:
    dispute.accept("SF1000000000001", "SF1000000000002")
    taken = dispute.claim()
    written = dispute.own(taken)
    assert dispute.run() == (SyncState.ALARM, SyncCode.TAKEN)
    assert dispute.current != taken
    named = opened_after(dispute.victim)
    assert (named["journal_id"], named["last_seq"], named["cause"]) == (taken, 3, "taken")
    dispute.accept("SF1000000000003")
    assert dispute.run() == (SyncState.SYNCHRONISED, None)
    assert dispute.pending == 0
    assert dispute.arrived() == Counter({(*place, digest): 1 for place, digest in written.items()})
    assert dispute.own(taken) == written, "nothing more was written to it"
    assert dispute.kept() == [("zz-jinshui-01", taken, 1)]
    with dispute.served.gateway.database.read() as tx:
        held = tx.execute(text("SELECT station_id FROM entries WHERE journal_id = :taken"), {"taken": taken}).scalars().all()
    assert held == ["zz-jinshui-02"], "with its signature"
    verifies(dispute, verifier, tmp_path)
    for _ in range(2):  # and it stays so
        assert dispute.run() == (SyncState.SYNCHRONISED, None)
    assert max(dispute.arrived().values()) == 1


def test_who_copies_the_id_of_every_successor_too_only_holds_up_for_so_long(dispute: Dispute, verifier: ModuleType, tmp_path: Path) -> None:
    """What was filed again in a successor that is taken as well never arrived: it is filed anew, and not what filed it."""
    dispute.accept("SF1000000000001")
    journals = [dispute.claim()]
    written = dispute.own(journals[0])
    with dispute.victim.database.write() as tx:  # as when a run is cut off behind the line's last word
        facts.save(tx, f"taken/{journals[0]}", b"1")
    dispute.victim._succeed_if_told()
    for number in (2, 3):
        dispute.victim.file_taken()
        written |= dispute.accept(f"SF100000000000{number}")
        journals.append(dispute.claim())
        assert dispute.run() == (SyncState.ALARM, SyncCode.TAKEN)
    assert dispute.run() == (SyncState.SYNCHRONISED, None)
    assert (dispute.pending, len(journal.journal_ids(dispute.victim.database))) == (0, 4)
    openings = {place: digest for each in journals for place, digest in dispute.own(each).items() if place[1] == 1}
    assert dispute.arrived() == Counter({(*place, digest): 1 for place, digest in (written | openings).items()})
    verifies(dispute, verifier, tmp_path)


def test_words_that_were_filed_twice_are_destroyed_everywhere(dispute: Dispute) -> None:
    (place,) = dispute.accept("SF1000000000001")
    for _ in range(2):
        dispute.claim()
        assert dispute.run() == (SyncState.ALARM, SyncCode.TAKEN)
        dispute.victim.file_taken()
    assert dispute.run() == (SyncState.SYNCHRONISED, None)
    db = dispute.victim.database
    copies = db.rows("SELECT journal_id, seq FROM journal_entries WHERE CAST(header AS TEXT) ->> 'kind' = 'refiled'")
    of_it = [each for each in copies if parse_header(journal.entry_at(db, *each).header_bytes).facts["kind"] == "acceptance"]  # type: ignore[union-attr]
    assert len(of_it) == 2
    with db.write() as tx:
        parts_gone(tx, *place)
    for each in [place, *of_it]:
        stored = journal.entry_at(db, *each)
        assert stored is not None
        assert stored.openings == {}, each


def test_a_run_that_is_cut_off_anywhere_files_nothing_twice(dispute: Dispute, tmp_path: Path) -> None:
    dispute.accept("SF1000000000001", "SF1000000000002")
    taken = dispute.claim()
    written = dispute.own(taken)
    assert dispute.run() == (SyncState.ALARM, SyncCode.TAKEN)
    entry = journal.entry_at(dispute.victim.database, taken, 1)
    assert entry is not None
    with dispute.victim.database.write() as tx:  # the first was kept and filed again, then the power failed
        kept = BranchEntry(taken, 1, entry.header_bytes, entry.signature, HeldBy.STATION)
        branches.strand(tx, [kept])
        branches.refile(tx, kept, dispute.victim.writer())
    assert dispute.run() == (SyncState.SYNCHRONISED, None)
    assert dispute.arrived() == Counter({(*place, digest): 1 for place, digest in written.items()})


def test_a_closed_journal_is_filed_again_in_the_one_that_is_written(dispute: Dispute) -> None:
    dispute.accept("SF1000000000001")
    closed = dispute.current
    with dispute.victim.database.write() as tx:
        dispute.victim._succeed(tx, "damage")
    dispute.victim.keep_head()
    written, after = dispute.own(closed), dispute.current
    dispute.claim(closed)
    dispute.accept("SF1000000000002")
    assert dispute.run() == (SyncState.ALARM, SyncCode.TAKEN)
    assert dispute.pending == len(written), "the other journal was delivered in the same run"
    assert dispute.run() == (SyncState.SYNCHRONISED, None)
    assert dispute.current == after
    assert dispute.arrived() == Counter({(*place, digest): 1 for place, digest in written.items()})
    assert dispute.pending == 0


def test_a_gateway_that_lost_what_it_acknowledged_to_a_copyist_is_an_alarm_and_closes_nothing(dispute: Dispute) -> None:
    dispute.accept("SF1000000000001")
    assert dispute.run() == (SyncState.SYNCHRONISED, None)
    with dispute.served.gateway.database.write() as tx:
        for table in ("entries", "receipts", "journals"):
            tx.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - a test's own words
    dispute.claim()
    dispute.accept("SF1000000000002")
    assert dispute.run() == (SyncState.ALARM, SyncCode.FORGOTTEN)
    assert len(journal.journal_ids(dispute.victim.database)) == 1


# --- on the line --------------------------------------------------------------------------------------------------------------------------


def said(dispute: Dispute, *, by: SigningKey | None = None, **changes: Any) -> Signed:
    """The gateway's word that the victim's journal is another's, as an attacker tells it."""
    own = dispute.victim.enrolled().certificate
    body = JournalTaken(gateway_id=own.gateway_id, station_id=own.subject, journal_id=dispute.current, at_ms=1)
    return sign(msgspec.structs.replace(body, **changes), by or dispute.served.gateway.keys.receipt)


def head(dispute: Dispute) -> Signed:
    own = dispute.victim.enrolled().certificate
    body = HeadStatement(gateway_id=own.gateway_id, station_id=own.subject, journal_id=dispute.current, seq=0, head=None, at_ms=1)
    return sign(body, dispute.served.gateway.keys.receipt)


UNPROVEN: dict[str, Callable[[Dispute], Signed | None]] = {
    "nothing shown": lambda _: None,
    "by a stranger": lambda d: said(d, by=STRANGER),
    "of another station": lambda d: said(d, station_id="zz-jinshui-02"),
    "of another journal": lambda d: said(d, journal_id="e" * 32),
    "of another gateway": lambda d: said(d, gateway_id="gw-other"),
    "a head in its place": head,
}


def run_by(dispute: Dispute, refused: Callable[[Batch], Problem | None]) -> Outcome:
    """One run over a line on which somebody refuses batches in the gateway's place."""

    class Refusing(GatewayClient):
        def send(self, batch: Batch) -> Answer | Refusal | NoAnswer:
            told = refused(batch)
            return super().send(batch) if told is None else Refusal(told)

    victim, identity = dispute.victim, dispute.victim.enrolled()
    client = Refusing(dispute.served.url, Signature(identity.certificate.subject, identity.keys.signing, victim.clock))
    try:
        return Synchroniser(victim.database, identity, client, victim.writer(), low).run()
    finally:
        client.close()


@pytest.mark.parametrize("how", UNPROVEN)
def test_who_only_says_that_a_journal_is_taken_closes_none(dispute: Dispute, how: str) -> None:
    dispute.accept("SF1000000000001")
    before = snapshots.of_station(dispute.victim)
    told = msgspec.structs.replace(problem(ProblemCode.JOURNAL_TAKEN, ""), taken=UNPROVEN[how](dispute))
    status = run_by(dispute, lambda _: told).status
    assert (status.state, status.code) == (SyncState.REFUSED, SyncCode.REFUSED)
    assert snapshots.of_station(dispute.victim) == before
    assert dispute.run() == (SyncState.SYNCHRONISED, None)
    assert len(journal.journal_ids(dispute.victim.database)) == 1


def test_a_journal_that_is_refused_holds_up_no_other(dispute: Dispute) -> None:
    """As by a gateway of before `journal-taken`, which says no more than that something is wrong."""
    dispute.accept("SF1000000000001")
    closed = dispute.current
    with dispute.victim.database.write() as tx:
        dispute.victim._succeed(tx, "damage")
    written = dispute.own(closed)
    told = problem(ProblemCode.WRONG_GATEWAY, "")
    for number in (2, 3):
        dispute.accept(f"SF100000000000{number}")
        status = run_by(dispute, lambda batch: told if batch.journal_id == closed else None).status
        assert (status.state, status.code, status.detail) == (SyncState.REFUSED, SyncCode.REFUSED, "wrong-gateway: ")
        assert dispute.pending == len(written)
    assert dispute.run() == (SyncState.SYNCHRONISED, None)
    assert dispute.pending == 0


# --- on a stick ---------------------------------------------------------------------------------------------------------------------------


def carried(dispute: Dispute) -> tuple[list[Result], io.BytesIO]:
    """A bundle of what is pending to the gateway and answers back."""
    bundle, answers = io.BytesIO(), io.BytesIO()
    own = bundles(dispute.victim)
    own.bundle(bundle, own.pending())
    with opened_bundle(dispute.served.gateway, bundle) as opened:
        taken = list(opened.take())
        write_answers(dispute.served.gateway, opened.station_id, [each.receipt for each in taken if each.receipt], answers)
    return [each.result for each in taken], answers


def test_a_depot_without_a_line_is_told_by_its_stick(dispute: Dispute, verifier: ModuleType, tmp_path: Path) -> None:
    dispute.accept("SF1000000000001", "SF1000000000002")
    taken = dispute.claim()
    written = dispute.own(taken)
    results, answers = carried(dispute)
    assert results == [Result.REFUSED]
    assert bundles(dispute.victim).take_answers(answers) == Taken(0, 0, 0, (taken,))
    assert bundles(dispute.victim).take_answers(answers).taken == (), "once"
    (tmp_path / "answers.zip").write_bytes(answers.getvalue())
    told = verdict(verifier, tmp_path / "answers.zip")
    assert told["ok"], told
    assert dispute.victim.file_taken() == len(written)
    results, answers = carried(dispute)
    assert results == [Result.STORED]
    assert bundles(dispute.victim).take_answers(answers).taken == ()
    assert dispute.pending == 0
    assert dispute.arrived() == Counter({(*place, digest): 1 for place, digest in written.items()})
    verifies(dispute, verifier, tmp_path)
    assert dispute.run() == (SyncState.SYNCHRONISED, None), "the line has nothing to add"
    assert max(dispute.arrived().values()) == 1


def test_a_depot_that_was_put_back_waits_for_the_line(dispute: Dispute) -> None:
    """What is to be filed may be filed already, by entries that are lost here."""
    dispute.accept("SF1000000000001")
    with dispute.victim.database.write() as tx:
        dispute.victim._succeed(tx, "restore")
    taken = dispute.claim()
    written = dispute.own(taken)
    assert bundles(dispute.victim).take_answers(carried(dispute)[1]).taken == (taken,)
    assert dispute.victim.file_taken() == 0
    assert dispute.run() == (SyncState.SYNCHRONISED, None)
    assert (dispute.pending, dispute.arrived()) == (0, Counter({(*place, digest): 1 for place, digest in written.items()}))


def test_answers_without_anything_taken_are_as_they_were(dispute: Dispute) -> None:
    document = ReturnedItems(gateway_journal_id="0" * 32, items=())
    assert set(msgspec.to_builtins(document)) == {"kind", "gateway_journal_id", "items", "v"}


@pytest.mark.parametrize("how", [name for name in UNPROVEN if name not in ("nothing shown", "of another journal")])
def test_a_statement_that_is_not_the_gateways_to_this_station_is_none(dispute: Dispute, how: str) -> None:
    told = UNPROVEN[how](dispute)
    assert told is not None
    with pytest.raises(JournalError):
        taken_journal(told, dispute.victim.enrolled(), dispute.victim.enrolled().gateway)
