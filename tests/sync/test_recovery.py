"""Gateways that were put back or have lost rows, stations that were put back, damaged rows: noticed, said, journaled, recovered from."""

from __future__ import annotations

import io
import json
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from courier_check.errors import StoreError
from courier_check.gateway.bundles import opened_bundle, write_answers
from courier_check.gateway.restoring import begin_journal
from courier_check.journal.entries import header_hash, parse_header
from courier_check.journal.keys import from_text
from courier_check.journal.parts import PartName
from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings
from courier_check.store import inbox, journal
from courier_check.sync.bundles import Bundles, Span
from courier_check.sync.codes import SyncCode
from courier_check.sync.due import HEARTBEAT_MS
from courier_check.sync.synchroniser import Outcome, Synchroniser, SyncState, load_status
from support.clocks import SetClock
from support.gateways import Front, Practice, misbehaving_front, practice_gateway
from support.parts_gone import parts_gone
from support.stations import CHEAP, acceptance, append

pytestmark = pytest.mark.slow  # a whole station and a whole gateway for each, half a minute in all

DAY_MS = 86_400_000


@dataclass
class Line:
    """A station, its gateway, and the clock of both."""

    station: Station
    practice: Practice
    front: Front
    clock: SetClock

    def accept(self, count: int = 1) -> None:
        for _ in range(count):
            number = self.station.database.value("SELECT COUNT(*) FROM journal_entries")
            append(self.station, acceptance(f"SF{self.clock.mono_ms:08d}{number:06d}"))
        self.station.keep_head()

    def sync(self) -> Outcome:
        return self.station.synchronise()

    def until_synchronised(self) -> list[tuple[SyncState, SyncCode | None]]:
        """Outcomes of runs up to the first without an alarm."""
        told = []
        for _ in range(6):
            status = self.sync().status
            told.append((status.state, status.code))
            if status.state is SyncState.SYNCHRONISED:
                return told
        raise AssertionError(told)

    @property
    def db(self) -> Any:
        return self.station.database

    def journals(self) -> list[str]:
        return journal.journal_ids(self.db)

    def current(self) -> str:
        return journal.current_journal(self.db) or ""

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        """Facts of all entries of a kind, in every journal."""
        headers = [parse_header(data) for (data,) in self.db.rows("SELECT header FROM journal_entries ORDER BY rowid")]
        return [header.facts for header in headers if header.kind == kind]

    def of_kind_sound(self, kind: str, journal_id: str) -> list[dict[str, Any]]:
        """As `of_kind`, of one journal: others may hold rows that can't be read."""
        rows = self.db.rows("SELECT header FROM journal_entries WHERE journal_id = ? ORDER BY seq", (journal_id,))
        return [header.facts for header in map(parse_header, (data for (data,) in rows)) if header.kind == kind]

    def held(self) -> dict[tuple[str, int], str]:
        """What the gateway holds, with the hash of the header itself."""
        with self.practice.gateway.database.read() as tx:
            rows = tx.execute(text("SELECT journal_id, seq, header FROM entries")).all()
        return {(row[0], row[1]): header_hash(row[2].encode()) for row in rows}

    def own(self, journal_id: str | None = None) -> dict[tuple[str, int], str]:
        rows = self.db.rows("SELECT journal_id, seq, header FROM journal_entries")
        return {(j, seq): header_hash(data) for j, seq, data in rows if journal_id in (None, j)}

    def at_gateway(self, sql: str) -> int:
        with self.practice.gateway.database.write() as tx:
            return int(tx.execute(text(sql)).rowcount)

    def damage(self, sql: str) -> None:
        with self.db.write() as tx:
            for trigger in ("journal_entries_unchanged", "journal_entries_kept", "parts_unchanged"):
                tx.execute(f"DROP TRIGGER IF EXISTS {trigger}")
            tx.execute(sql)

    def copy(self, to: Path) -> Path:
        self.db.value("PRAGMA wal_checkpoint(TRUNCATE)")
        return shutil.copytree(self.station.folder.path, to, ignore=shutil.ignore_patterns("*.lock"))

    def put_back(self, copied: Path, *, keep_note: bool) -> None:
        """The station's folder as it was when copied; `keep_note`: but for the note of the newest head."""
        folder = self.station.folder.path
        note = (folder / "head.json").read_bytes()
        self.station.close()
        shutil.rmtree(folder)
        shutil.copytree(copied, folder)
        if keep_note:
            (folder / "head.json").write_bytes(note)
        self.reopen()

    def reopen(self) -> None:
        self.station.close()
        self.station = Station.open(self.station.folder.path, PRACTICE_PASSPHRASE, Surroundings(self.clock, hasher=CHEAP))


@pytest.fixture
def line(tmp_path: Path, clock: SetClock) -> Iterator[Line]:
    with practice_gateway(tmp_path / "gateway", clock) as practice, misbehaving_front(practice.url) as front:
        station = Station.init(tmp_path / "station", PRACTICE_PASSPHRASE, Surroundings(clock, hasher=CHEAP), practice=True)
        station.enrol(practice.code(), front.url)
        made = Line(station, practice, front, clock)
        yield made
        made.station.close()


def synchronised(line: Line) -> None:
    """Everything this station can still say is at the gateway, once and as it was written; nothing is pending; all verifies."""
    assert inbox.standing(line.db).pending == 0
    with line.practice.gateway.database.read() as tx:
        twice = tx.execute(text("SELECT COUNT(*) - COUNT(DISTINCT journal_id || seq) FROM entries")).scalar_one()
    assert twice == 0
    assert all(line.held().get(place) == digest for place, digest in line.own(line.current()).items())


# Gateway: rollback -----------------------------------------------------------------------------------------------------------------------


def forget_after(line: Line, seq: int) -> None:
    """As if the gateway's database were one of before."""
    line.at_gateway(f"DELETE FROM entries WHERE seq > {seq}")  # noqa: S608 - a test's own words
    line.at_gateway(f"DELETE FROM receipts WHERE last_seq > {seq}")  # noqa: S608 - likewise
    journal_id = line.current()
    head = journal.hash_at(line.db, journal_id, seq)
    line.at_gateway(f"UPDATE journals SET last_seq = {seq}, head = '{head}'")  # noqa: S608 - likewise
    begin_journal(line.practice.gateway)


def test_a_rollback_is_journaled_once_and_everything_is_sent_again(line: Line) -> None:
    line.accept(2)
    line.sync()
    line.accept()
    line.sync()
    before = line.held()
    forget_after(line, 2)
    line.accept()
    status = line.sync().status
    assert (status.state, status.code) == (SyncState.ALARM, SyncCode.ROLLBACK)
    told = {"journal_id": line.current(), "held_seq": 2, "held_head": before[line.current(), 2], "acknowledged_seq": 4}
    assert line.of_kind("gateway-rollback") == [told]
    assert line.sync().status.state is SyncState.SYNCHRONISED
    synchronised(line)
    assert set(before.items()) <= set(line.held().items())
    assert len(line.of_kind("gateway-rollback")) == 1


def test_a_gateway_put_back_gets_the_ends_of_closed_journals_again_too(line: Line) -> None:
    line.accept(3)
    line.sync()
    closed, last = line.current(), max(seq for _, seq in line.own())
    with line.db.write() as tx:
        line.station._succeed(tx, "damage")
    line.accept(3)
    line.sync()
    before, own = line.held(), line.current()
    forget_after(line, 2)
    for journal_id in (closed, own):
        head = journal.hash_at(line.db, journal_id, 2)
        line.at_gateway(f"UPDATE journals SET head = '{head}' WHERE journal_id = '{journal_id}'")  # noqa: S608 - a test's own words
    line.accept()
    line.clock.pass_ms(DAY_MS)  # the day's check comes after all of it was sent again, and finds nothing forgotten
    assert line.until_synchronised() == [(SyncState.ALARM, SyncCode.ROLLBACK), (SyncState.SYNCHRONISED, None)]
    told = {each["journal_id"]: (each["held_seq"], each["acknowledged_seq"]) for each in line.of_kind("gateway-rollback")}
    assert told == {own: (2, 4), closed: (2, last)}
    assert set(before.items()) <= set(line.held().items())
    synchronised(line)


def test_a_rollback_is_noticed_at_the_first_look_with_nothing_pending(line: Line) -> None:
    line.accept(3)
    line.sync()
    forget_after(line, 1)
    line.reopen()
    status = line.sync().status
    assert (status.state, status.code) == (SyncState.ALARM, SyncCode.ROLLBACK)
    assert line.sync().status.state is SyncState.SYNCHRONISED
    synchronised(line)


@pytest.mark.slow
def test_sending_again_goes_on_where_it_was_cut_off(line: Line) -> None:
    line.accept(600)
    line.sync()
    forget_after(line, 1)
    line.accept()
    line.front.faults[:] = ["pass", "pass", "pass", "cut-before"]  # behind, how far it is, the first batch again, then nothing
    assert line.sync().status.state is SyncState.OFFLINE
    assert 1 < len(line.held()) < 600
    told = line.until_synchronised()
    assert told[0] == (SyncState.ALARM, SyncCode.ROLLBACK)
    synchronised(line)
    assert len(line.of_kind("gateway-rollback")) == 1


def test_a_rollback_made_good_by_a_run_that_ends_offline_is_told_by_the_next(line: Line) -> None:
    line.accept(2)
    line.sync()
    forget_after(line, 1)
    line.accept()
    line.front.faults[:] = ["pass", "pass", "pass", "cut-before"]  # behind, how far, everything again, then no answer about returned items
    assert line.sync().status.state is SyncState.OFFLINE
    assert inbox.standing(line.db).pending == 0
    assert line.until_synchronised() == [(SyncState.ALARM, SyncCode.ROLLBACK), (SyncState.SYNCHRONISED, None)]


def test_returned_items_of_another_gateway_journal_are_asked_for_from_the_beginning(line: Line) -> None:
    draft = acceptance("SF1")
    parts = {**draft.parts, PartName.INDEX: {"v": 1}}
    append(line.station, type(draft)(draft.kind, draft.operator, draft.facts, parts))
    line.sync()
    (item,) = inbox.returned_items(line.db)
    assert item.code == "waybill-missing"
    fresh = begin_journal(line.practice.gateway)
    line.sync()
    first, second = inbox.returned_items(line.db)
    assert (first, second.gateway_journal_id, second.number) == (item, fresh, 1)
    assert inbox.standing(line.db).returned_open == 2


def test_an_answer_holds_for_the_same_objection_raised_again(line: Line) -> None:
    draft = acceptance("SF1")
    append(line.station, type(draft)(draft.kind, draft.operator, draft.facts, {**draft.parts, PartName.INDEX: {"v": 1}}))
    line.sync()
    (item,) = inbox.returned_items(line.db)
    begin_journal(line.practice.gateway)
    line.sync()
    facts = {"corrects": {"journal_id": item.journal_id, "seq": item.seq}, "fields": [], "answers_returned": 1}
    append(line.station, type(draft)("correction", "0142", {**facts, "answers_journal": item.gateway_journal_id}))
    line.sync()
    assert inbox.returned_items(line.db, open_only=True) == []
    assert inbox.standing(line.db).returned_open == 0
    with line.practice.gateway.database.read() as tx:
        assert tx.execute(text("SELECT COUNT(*) FROM returned WHERE answered_seq IS NULL")).scalar_one() == 0


# Gateway: forgetting ---------------------------------------------------------------------------------------------------------------------


def looked_at(line: Line) -> int:
    return sum("/entries/" in path for path in line.front.seen)


def test_once_a_day_twenty_different_entries_are_looked_at(line: Line) -> None:
    line.accept(30)
    line.sync()
    assert looked_at(line) == 0
    line.clock.pass_ms(DAY_MS)
    assert line.sync().status.state is SyncState.SYNCHRONISED
    assert (looked_at(line), len({path for path in line.front.seen if "/entries/" in path})) == (20, 20)
    line.clock.pass_ms(DAY_MS // 2)
    line.sync()
    assert looked_at(line) == 20


def test_a_wall_clock_set_back_does_not_put_the_look_off(line: Line) -> None:
    line.accept(3)
    line.sync()
    line.clock.wall_ms -= 40 * DAY_MS
    line.clock.mono_ms += DAY_MS
    line.sync()
    assert looked_at(line) == 4
    line.clock.boot_id, line.clock.wall_ms = "another", line.clock.wall_ms - DAY_MS  # nothing tells how much time has passed
    line.sync()
    assert looked_at(line) >= 8


@pytest.mark.parametrize(
    "loss",
    [
        "DELETE FROM entries WHERE seq = 3",
        "UPDATE entries SET header = replace(header, 'verified', 'VERIFIED') WHERE seq = 3",
        "UPDATE entries SET signature = zeroblob(64) WHERE seq = 3",
        "DELETE FROM entries",
    ],
)
def test_what_the_gateway_forgot_is_noticed_journaled_and_sent_again(line: Line, loss: str) -> None:
    line.accept(4)
    line.sync()
    before = line.held()
    assert line.at_gateway(loss)
    line.clock.pass_ms(DAY_MS)
    status = line.sync().status
    assert (status.state, status.code) == (SyncState.ALARM, SyncCode.FORGOTTEN)
    (told,) = line.of_kind("gateway-forgot")
    assert told == {"journal_id": line.current(), "seqs": [3] if "seq = 3" in loss else [1, 2, 3, 4, 5]}
    assert set(before.items()) <= set(line.held().items())
    assert line.sync().status.state is SyncState.SYNCHRONISED
    synchronised(line)


def test_the_alarm_stays_while_a_gateway_goes_on_forgetting(line: Line) -> None:
    line.accept(4)
    line.sync()
    line.at_gateway("DELETE FROM entries WHERE seq = 3")
    # The database itself refuses the row: whatever is sent, it is not there.
    line.at_gateway("CREATE TRIGGER forgets AFTER INSERT ON entries WHEN new.seq = 3 BEGIN DELETE FROM entries WHERE seq = 3; END")
    line.clock.pass_ms(DAY_MS)
    for _ in range(3):
        status = line.sync().status
        assert (status.state, status.code) == (SyncState.ALARM, SyncCode.FORGOTTEN)
    assert len(line.of_kind("gateway-forgot")) == 1
    line.at_gateway("DROP TRIGGER forgets")
    line.until_synchronised()
    synchronised(line)


def test_sending_again_to_a_gateway_that_goes_on_forgetting_comes_later_and_later(line: Line) -> None:
    """Whatever else goes well: at a busy counter something new is acknowledged by each run."""
    line.accept(4)
    line.sync()
    line.at_gateway("DELETE FROM entries WHERE seq = 3")
    line.at_gateway("CREATE TRIGGER forgets AFTER INSERT ON entries WHEN new.seq = 3 BEGIN DELETE FROM entries WHERE seq = 3; END")
    line.clock.pass_ms(DAY_MS)
    attempts = []
    for _ in range(4):
        line.accept()
        outcome = line.sync()
        assert (outcome.status.code, outcome.acknowledged > 0) == (SyncCode.FORGOTTEN, True)
        attempts.append(outcome.status.attempts)
    assert attempts == [1, 2, 3, 4]
    line.at_gateway("DROP TRIGGER forgets")
    line.until_synchronised()
    line.accept()
    line.front.faults[:] = ["pass", "cut-before"]
    assert line.sync().status.attempts == 1, "and then it is as it was"


def test_a_fork_that_nobody_signed_closes_no_journal(line: Line) -> None:
    """A gateway whose row was altered, hash and all, can't make the station believe that it forked."""
    line.accept(2)
    line.sync()
    line.at_gateway("UPDATE entries SET header = replace(header, 'verified', 'VERIFIED') WHERE seq = 3")
    header = line.practice.gateway.database
    with header.write() as tx:
        altered = tx.execute(text("SELECT header FROM entries WHERE seq = 3")).scalar_one()
        tx.execute(text("UPDATE entries SET hash = :hash WHERE seq = 3"), {"hash": header_hash(altered.encode())})
    line.accept()
    status = line.sync().status
    assert (status.state, status.code) == (SyncState.ALARM, SyncCode.FORGOTTEN)
    assert len(line.journals()) == 1


def test_other_boundaries_of_honest_receipts_raise_no_alarm(line: Line) -> None:
    line.accept(3)
    line.sync()
    with line.db.write() as tx:
        tx.execute("DELETE FROM receipts")
    line.accept()
    line.clock.pass_ms(DAY_MS)
    assert line.sync().status.state is SyncState.SYNCHRONISED
    assert line.station.verify().ok
    ranges = line.db.rows("SELECT first_seq, last_seq FROM receipts")
    with line.practice.gateway.database.read() as tx:
        given = tx.execute(text("SELECT first_seq, last_seq FROM receipts")).all()
    assert ranges == [(1, 5)]
    assert sorted(tuple(row) for row in given) == [(1, 4), (1, 5)]


# Station: put back -----------------------------------------------------------------------------------------------------------------------


def refiled(line: Line) -> Counter[tuple[str, int, str]]:
    return Counter((told["journal_id"], told["seq"], told["entry"]) for told in line.of_kind("refiled"))


def test_a_database_put_back_gets_what_it_lost_as_evidence_and_files_it_again(line: Line, tmp_path: Path) -> None:
    line.accept()
    line.sync()
    copied = line.copy(tmp_path / "copy")
    first = line.current()
    line.accept(2)
    line.sync()
    lost = {place: digest for place, digest in line.held().items() if place[1] > 2}
    line.put_back(copied, keep_note=True)
    assert line.current() != first
    status = line.sync().status
    assert (status.state, status.code, status.detail) == (SyncState.ALARM, SyncCode.BRANCH, "seq 3")
    assert line.sync().status.state is SyncState.SYNCHRONISED
    kept = {(j, seq): digest for j, seq, digest in line.db.rows("SELECT journal_id, seq, hash FROM branch_entries")}
    assert kept == lost
    assert refiled(line) == Counter((*place, digest) for place, digest in lost.items())
    synchronised(line)


def test_a_whole_folder_put_back_is_noticed_before_anything_is_written(line: Line, tmp_path: Path) -> None:
    line.accept()
    line.sync()
    copied = line.copy(tmp_path / "copy")
    first = line.current()
    line.accept(2)
    line.sync()
    line.put_back(copied, keep_note=False)
    assert line.current() == first
    status = line.sync().status
    assert (status.state, status.code) == (SyncState.ALARM, SyncCode.BRANCH)
    assert line.current() != first
    (opening,) = (told["predecessor"] for told in line.of_kind("journal-open") if told["predecessor"])
    assert (opening["journal_id"], opening["last_seq"], opening["cause"]) == (first, 4, "restore")
    line.until_synchronised()
    assert sorted(seq for _, seq, _ in refiled(line)) == [3, 4]
    synchronised(line)


def test_a_branch_that_went_on_is_kept_from_both_sides_and_filed_again_once(line: Line, tmp_path: Path) -> None:
    line.accept()
    line.sync()
    copied = line.copy(tmp_path / "copy")
    first = line.current()
    line.accept(2)
    line.sync()
    theirs = {place: digest for place, digest in line.held().items() if place[1] > 2}
    line.put_back(copied, keep_note=False)
    line.clock.pass_ms(5_000)
    line.accept(3)
    mine = {place: digest for place, digest in line.own().items() if place[1] > 2}
    status = line.sync().status
    assert (status.state, status.code) == (SyncState.ALARM, SyncCode.FORK)
    line.until_synchronised()
    assert refiled(line) == Counter((*place, digest) for branch in (theirs, mine) for place, digest in branch.items())
    synchronised(line)
    for _ in range(3):
        line.reopen()
        line.until_synchronised()
    assert max(refiled(line).values()) == 1
    assert len(refiled(line)) == 5
    assert first in line.journals()
    assert line.station.verify().ok


def test_a_recovery_that_was_cut_off_goes_on_and_files_nothing_twice(line: Line, tmp_path: Path) -> None:
    line.accept()
    line.sync()
    copied = line.copy(tmp_path / "copy")
    line.accept(3)
    line.sync()
    line.put_back(copied, keep_note=False)
    line.clock.pass_ms(5_000)
    line.accept(2)
    first = line.current()
    assert line.sync().status.code is SyncCode.FORK
    for passed in range(4):  # successor, returned items, head, one entry after another
        line.front.faults[:] = ["pass", "pass", "pass", *["pass"] * passed, "cut-before"]
        line.sync()
    line.until_synchronised()
    assert Counter((journal_id, seq) for journal_id, seq, _ in refiled(line).elements()) == {
        (first, 3): 2,
        (first, 4): 2,
        (first, 5): 1,
    }
    synchronised(line)


def test_what_is_filed_again_holds_the_original_bytes_and_what_the_regulator_was_to_receive(line: Line, tmp_path: Path) -> None:
    copied = line.copy(tmp_path / "copy")
    line.accept()
    line.sync()
    line.put_back(copied, keep_note=False)
    line.clock.pass_ms(5_000)
    line.accept()
    first = line.current()
    original = journal.entry_at(line.db, first, 2)
    assert original is not None
    line.until_synchronised()
    place = line.db.row("SELECT refiled_journal, refiled_seq FROM branch_entries WHERE held_by = 'station'")
    again = journal.entry_at(line.db, *place)
    assert again is not None
    kept = json.loads(again.openings["kept"][32:])
    assert (kept["header"].encode(), from_text(kept["signature"])) == (original.header_bytes, original.signature)
    assert {name: from_text(opening) for name, opening in kept["openings"].items()} == dict(original.openings)
    assert set(again.sealed) == {"index", "reported"}
    facts = parse_header(again.header_bytes).facts
    assert (facts["kind"], facts["at_ms"]) == ("acceptance", parse_header(original.header_bytes).times.wall_ms)
    with line.practice.gateway.database.read() as tx:
        waybills = tx.execute(text("SELECT waybill FROM index_rows WHERE kind = 'refiled'")).scalars().all()
    assert waybills == [json.loads(original.openings["index"][32:])["waybill"]]
    with line.db.write() as tx:
        parts_gone(tx, first, 2)
    assert journal.entry_at(line.db, *place).openings == {}


def test_a_station_put_back_twice_files_nothing_twice(line: Line, tmp_path: Path) -> None:
    """The second copy knows nothing of the first recovery; what the gateway holds of it tells."""
    line.accept()
    line.sync()
    copied = line.copy(tmp_path / "copy")
    line.accept(2)
    line.sync()
    lost = {place for place in line.held() if place[1] > 2}
    for _ in range(2):
        line.put_back(copied, keep_note=True)
        line.until_synchronised()
    with line.practice.gateway.database.read() as tx:
        headers = tx.execute(text("SELECT header FROM entries WHERE kind = 'refiled'")).scalars().all()
    filed = Counter((told["journal_id"], told["seq"]) for told in (json.loads(header)["facts"] for header in headers))
    assert {place: filed[place] for place in lost} == dict.fromkeys(lost, 1)
    synchronised(line)


# Station: damage -------------------------------------------------------------------------------------------------------------------------

FLIPPED_HEADER = "UPDATE journal_entries SET header = CAST(replace(CAST(header AS TEXT), 'verified', 'verifiee') AS BLOB) WHERE seq = 4"
DAMAGES: dict[str, tuple[str, list[list[int]], str]] = {
    "a bit of the header": (FLIPPED_HEADER, [[4, 4]], "bad-signature"),
    "a header that is no text": ("UPDATE journal_entries SET header = x'ff00' WHERE seq = 4", [[4, 4]], "malformed"),
    "a bit of the signature": ("UPDATE journal_entries SET signature = zeroblob(64) WHERE seq = 4", [[4, 4]], "bad-signature"),
    "a row in the middle": ("DELETE FROM journal_entries WHERE seq = 4", [[4, 4]], "missing-entry"),
    "rows in the middle": ("DELETE FROM journal_entries WHERE seq IN (4, 5)", [[4, 5]], "missing-entry"),
}


@pytest.mark.parametrize(("sql", "missing", "what"), DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_row_closes_the_journal_and_the_intact_entries_arrive(line: Line, sql: str, missing: list[list[int]], what: str) -> None:
    line.accept()
    line.sync()
    line.accept(4)
    if "DELETE" in sql:
        line.damage("DELETE FROM parts WHERE seq IN (4, 5)")
    intact = line.own()
    first = line.current()
    line.damage(sql)
    assert what in {found.what for found in line.station.verify().failures}
    assert {4, 5, 6} & {found.seq for found in line.station.verify().failures}
    status = line.sync().status
    assert (status.state, status.code) == (SyncState.ALARM, SyncCode.DAMAGED)
    assert line.current() != first
    (opening,) = (told["predecessor"] for told in line.of_kind_sound("journal-open", line.current()))
    assert (opening["cause"], opening["missing"], opening["last_seq"]) == ("damage", missing, 6)
    line.until_synchronised()
    gone = {seq for low, high in missing for seq in range(low, high + 1)}
    assert {(first, seq) for seq in (1, 2, 3)} <= set(line.held())
    filed = {(told["journal_id"], told["seq"]): told["entry"] for told in line.of_kind_sound("refiled", line.current())}
    assert filed == {place: digest for place, digest in intact.items() if place[1] > 3 and place[1] not in gone}
    synchronised(line)
    line.reopen()
    assert line.sync().status.state is SyncState.SYNCHRONISED


def test_rows_lost_from_the_end_are_noticed_at_the_next_start(line: Line) -> None:
    line.accept(3)
    line.sync()
    first = line.current()
    line.damage("DELETE FROM parts WHERE seq > 2")
    line.damage("DELETE FROM journal_entries WHERE seq > 2")
    (line.station.folder.path / "head.json").write_text(
        json.dumps({"journal_id": first, "seq": 2, "head": journal.hash_at(line.db, first, 2)})
    )
    line.reopen()
    assert line.current() != first
    (opening,) = (told["predecessor"] for told in line.of_kind("journal-open") if told["predecessor"])
    assert (opening["cause"], opening["missing"]) == ("damage", [[3, 4]])
    line.until_synchronised()
    assert sorted(seq for _, seq, _ in refiled(line)) == [3, 4]  # the gateway had them
    synchronised(line)


def test_a_damaged_row_that_was_acknowledged_is_found_by_the_daily_look(line: Line) -> None:
    line.accept(4)
    line.sync()
    first = line.current()
    line.damage("UPDATE journal_entries SET signature = zeroblob(64) WHERE seq = 3")
    line.clock.pass_ms(DAY_MS)
    status = line.sync().status
    assert (status.state, status.code) == (SyncState.ALARM, SyncCode.DAMAGED)
    assert line.of_kind("gateway-forgot") == []
    assert line.current() != first
    line.until_synchronised()
    assert refiled(line) == Counter()  # nothing was lost: the gateway holds it
    line.clock.pass_ms(DAY_MS)
    assert line.sync().status.state is SyncState.SYNCHRONISED


def test_a_seq_of_which_a_receipt_speaks_is_never_given_again(line: Line) -> None:
    line.accept(3)
    line.sync()
    line.damage("DELETE FROM parts WHERE seq > 2")
    line.damage("DELETE FROM journal_entries WHERE seq > 2")
    with pytest.raises(StoreError):
        line.accept()


# Both: the gateway has lost what the station can't send any more --------------------------------------------------------------------------


def spoil(line: Line, journal_id: str, seq: int) -> None:
    line.damage(f"UPDATE journal_entries SET signature = zeroblob(64) WHERE seq = {seq} AND journal_id = '{journal_id}'")  # noqa: S608


def put_gateway_back(line: Line, held: dict[str, int], heads: dict[str, str] | None = None) -> None:
    """As if the gateway's database were one of before, that holds so much of these journals. `heads`: where no row here tells."""
    for journal_id, seq in held.items():
        head = (heads or {}).get(journal_id) or journal.hash_at(line.db, journal_id, seq)
        line.at_gateway(f"DELETE FROM entries WHERE journal_id = '{journal_id}' AND seq > {seq}")  # noqa: S608 - a test's own words
        line.at_gateway(f"DELETE FROM receipts WHERE journal_id = '{journal_id}' AND last_seq > {seq}")  # noqa: S608 - likewise
        line.at_gateway(f"UPDATE journals SET last_seq = {seq}, head = '{head}' WHERE journal_id = '{journal_id}'")  # noqa: S608 - likewise
    begin_journal(line.practice.gateway)


def held_rows(line: Line, journal_id: str) -> list[Any]:
    with line.practice.gateway.database.read() as tx:
        return list(tx.execute(text("SELECT seq, hash FROM entries WHERE journal_id = :journal_id"), {"journal_id": journal_id}))


def filed_of(line: Line, journal_id: str) -> list[int]:
    return sorted(seq for each, seq, _ in refiled(line).elements() if each == journal_id)


def stays_quiet(line: Line) -> None:
    """Nothing more is told, filed or sent, on the days that follow either."""
    before = (len(line.own()), len(line.held()))
    for _ in range(2):
        line.clock.pass_ms(DAY_MS)
        assert line.sync().status.state is SyncState.SYNCHRONISED
    assert (len(line.own()), len(line.held())) == before
    synchronised(line)


def test_what_lies_behind_a_damaged_row_and_was_lost_by_the_gateway_is_filed_again(line: Line) -> None:
    """Receipts speak of 1 to 8; the gateway was put back to 3, and 5 does not read any more. 4 is sent again, 6 to 8 can't be."""
    line.accept(7)
    line.sync()
    first = line.current()
    forget_after(line, 3)
    spoil(line, first, 5)
    line.accept()
    status = line.sync().status
    assert (status.state, status.code) == (SyncState.ALARM, SyncCode.DAMAGED)
    assert inbox.standing(line.db).pending > 6, "what the gateway has lost is pending again"
    assert line.until_synchronised() == [(SyncState.ALARM, SyncCode.ROLLBACK), (SyncState.SYNCHRONISED, None)]
    assert sorted(seq for journal_id, seq in line.held() if journal_id == first) == [1, 2, 3, 4]
    assert filed_of(line, first) == [6, 7, 8, 9, 10]
    assert len(line.of_kind_sound("gateway-rollback", first)) == 1
    stays_quiet(line)


def test_so_it_is_in_a_journal_that_was_closed_and_compared_before(line: Line) -> None:
    line.accept(7)
    line.sync()
    closed = line.current()
    with line.db.write() as tx:
        line.station._succeed(tx, "restore")
    line.accept(2)
    line.sync()
    put_gateway_back(line, {closed: 2, line.current(): 2})
    spoil(line, closed, 5)
    line.accept()
    told = line.until_synchronised()
    assert told == [(SyncState.ALARM, SyncCode.DAMAGED), (SyncState.ALARM, SyncCode.ROLLBACK), (SyncState.SYNCHRONISED, None)]
    assert filed_of(line, closed) == [6, 7, 8]
    stays_quiet(line)


def test_a_gateway_put_back_further_gets_what_it_can_and_the_rest_is_filed_again_once(line: Line) -> None:
    line.accept(7)
    line.sync()
    first = line.current()
    spoil(line, first, 5)
    line.clock.pass_ms(DAY_MS)
    line.until_synchronised()  # the day's look has found it; the gateway holds all, so that nothing is filed again
    assert filed_of(line, first) == []
    line.accept()
    line.sync()
    for held, sent_again, filed in ((6, [7, 8], []), (2, [3, 4], [6, 7, 8])):
        put_gateway_back(line, {first: held, line.current(): 1})
        line.accept()
        assert line.until_synchronised()[-2:] == [(SyncState.ALARM, SyncCode.ROLLBACK), (SyncState.SYNCHRONISED, None)]
        assert {(first, seq) for seq in sent_again} <= set(line.held())
        assert filed_of(line, first) == filed
    assert max(refiled(line).values()) == 1
    stays_quiet(line)


def test_a_gateway_put_back_to_a_row_that_is_gone_here_is_no_fork(line: Line) -> None:
    """Nothing here can be compared with its head; what follows it is sent and taken."""
    line.accept(7)
    line.sync()
    first = line.current()
    line.damage("DELETE FROM parts WHERE seq = 4")
    line.damage("DELETE FROM journal_entries WHERE seq = 4")
    line.clock.pass_ms(DAY_MS)
    line.until_synchronised()
    line.accept()
    line.sync()
    (head,) = [row.hash for row in held_rows(line, first) if row.seq == 4]
    put_gateway_back(line, {first: 4, line.current(): 1}, {first: head})
    line.accept()
    assert line.until_synchronised() == [(SyncState.ALARM, SyncCode.ROLLBACK), (SyncState.SYNCHRONISED, None)]
    assert sorted(seq for journal_id, seq in line.held() if journal_id == first) == list(range(1, 9))
    assert filed_of(line, first) == []
    stays_quiet(line)


def test_what_the_gateway_forgot_behind_a_damaged_row_is_filed_again(line: Line) -> None:
    line.accept(7)
    line.sync()
    first = line.current()
    spoil(line, first, 5)
    line.at_gateway("DELETE FROM entries WHERE seq IN (3, 7)")
    line.clock.pass_ms(DAY_MS)
    told = line.until_synchronised()
    assert (SyncState.ALARM, SyncCode.FORGOTTEN) in told
    assert (first, 3) in line.held(), "it lies before the damaged one, and was sent again"
    assert filed_of(line, first) == [7, 9]  # and what was written since: behind the damage nothing is sent while something before it is
    stays_quiet(line)


def test_what_both_held_of_a_journal_that_went_two_ways_is_filed_again_when_the_gateway_lost_it(line: Line, tmp_path: Path) -> None:
    line.accept(4)
    line.sync()
    copied = line.copy(tmp_path / "copy")
    first = line.current()
    line.accept(2)
    line.sync()
    line.put_back(copied, keep_note=False)
    line.clock.pass_ms(5_000)
    line.accept()
    line.until_synchronised()
    before = filed_of(line, first)
    put_gateway_back(line, {first: 3, line.current(): 3})
    line.accept()
    assert line.until_synchronised()[-1] == (SyncState.SYNCHRONISED, None)
    assert filed_of(line, first) == sorted([*before, 4, 5])
    stays_quiet(line)


def test_a_branch_that_begins_before_what_a_gateway_gave_receipts_for_strands_that_too(line: Line, tmp_path: Path) -> None:
    """Receipts speak of 1 to 5; the gateway was put back to 2, and a copy of the station was quicker to write on from there."""
    line.accept()
    line.sync()
    copied = line.copy(tmp_path / "copy")
    line.accept(3)
    line.sync()
    first = line.current()
    forget_after(line, 2)
    line.clock.pass_ms(5_000)
    with Station.open(copied, PRACTICE_PASSPHRASE, Surroundings(line.clock, hasher=CHEAP)) as copy:
        for number in range(5):
            append(copy, acceptance(f"YT{number:013}"))
        assert copy.synchronise().status.state is SyncState.SYNCHRONISED
    theirs = {place: digest for place, digest in line.held().items() if place[1] > 2}
    line.clock.pass_ms(5_000)
    line.accept()
    mine = {place: digest for place, digest in line.own(first).items() if place[1] > 2}
    told = line.until_synchronised()
    assert told[0] == (SyncState.ALARM, SyncCode.FORK)
    assert [len(theirs), len(mine)] == [5, 4]
    assert refiled(line) == Counter((*place, digest) for branch in (theirs, mine) for place, digest in branch.items())
    stays_quiet(line)


# A rollback that is known and not made good yet -------------------------------------------------------------------------------------------


def test_a_known_rollback_is_told_at_once_and_goes_on_a_stick(line: Line) -> None:
    line.accept(7)
    line.sync()
    first = line.current()
    forget_after(line, 3)
    line.accept()
    line.front.faults[:] = ["pass", "pass", "cut-before"]  # behind, how far it is, then nothing
    assert line.sync().status.state is SyncState.OFFLINE
    shown = load_status(line.db)
    assert shown is not None
    assert (shown.state, shown.code, shown.detail) == (SyncState.ALARM, SyncCode.ROLLBACK, "seq 3")
    assert shown.next_try_ms is not None, "and when it is tried again"
    assert inbox.standing(line.db).pending == 7
    bundles = Bundles(line.db, line.station.enrolled(), line.clock, "tests", {})
    assert bundles.pending() == (Span(first, 4, 10),)
    stick, answers = io.BytesIO(), io.BytesIO()
    bundles.bundle(stick, bundles.pending())
    with opened_bundle(line.practice.gateway, stick) as opened:
        receipts = [each.receipt for each in opened.take() if each.receipt]
        write_answers(line.practice.gateway, opened.station_id, receipts, answers)
    assert bundles.take_answers(answers).acknowledged == 7
    assert inbox.standing(line.db).pending == 0
    assert line.until_synchronised() == [(SyncState.ALARM, SyncCode.ROLLBACK), (SyncState.SYNCHRONISED, None)]
    synchronised(line)


def test_an_alarm_is_still_to_be_seen_when_the_next_act_has_gone_out(line: Line) -> None:
    line.accept(3)
    line.sync()
    forget_after(line, 1)
    line.accept()
    told = line.sync().status
    assert told.code is SyncCode.ROLLBACK
    line.clock.pass_ms(500)
    line.accept()
    assert line.sync().status.state is SyncState.SYNCHRONISED
    synchronised(line)
    shown = load_status(line.db)
    assert shown is not None
    assert (shown.state, shown.code) == (SyncState.ALARM, SyncCode.ROLLBACK)
    assert (shown.last_contact_ms or 0) >= (told.last_contact_ms or 0) + 500
    line.clock.pass_ms(HEARTBEAT_MS)
    line.sync()
    shown = load_status(line.db)
    assert shown is not None
    assert shown.state is SyncState.SYNCHRONISED


@pytest.mark.parametrize("sent_again", [0, 1])
def test_receipts_of_before_that_come_home_late_make_nothing_good(line: Line, sent_again: int) -> None:
    line.accept(3)
    bundles = Bundles(line.db, line.station.enrolled(), line.clock, "tests", {})
    stick, answers = io.BytesIO(), io.BytesIO()
    bundles.bundle(stick, bundles.pending())
    with opened_bundle(line.practice.gateway, stick) as opened:
        receipts = [each.receipt for each in opened.take() if each.receipt]
        write_answers(line.practice.gateway, opened.station_id, receipts, answers)
    line.accept(3)
    line.sync()
    forget_after(line, 1)
    line.accept()
    line.front.faults[:] = ["pass", "pass", *["pass"] * sent_again, "cut-before"]  # behind, how far, some of what was lost, then nothing
    Synchroniser(line.db, line.station.enrolled(), line.station.client(), line.station.writer(), min, most_entries=1).run()
    left = inbox.standing(line.db).pending
    bundles.take_answers(answers)
    assert inbox.standing(line.db).pending == left > 0
