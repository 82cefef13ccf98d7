"""The depot's stick: offline for days, three journals, and everything proven when the answers come home."""

from __future__ import annotations

import io
import secrets
import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from sqlalchemy import select, text

from courier_check.errors import UserError
from courier_check.gateway.admin import revoke_station
from courier_check.gateway.bundles import Result, TakenBatch, opened_bundle, write_answers
from courier_check.gateway.certify import certify
from courier_check.gateway.restoring import begin_journal
from courier_check.gateway.rotation import rotate, withdraw
from courier_check.gateway.setup import Founding, Gateway, init
from courier_check.gateway.store.schema import entries
from courier_check.journal.entries import parse_header
from courier_check.journal.keys import VerifyingKey, from_text
from courier_check.journal.verify import verify_parts
from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings
from courier_check.store import facts, inbox, journal
from courier_check.store.identity import save_enrolment
from courier_check.store.verification import verify_entry
from courier_check.sync.bundles import BundleCode, Bundles, Span, Taken
from courier_check.sync.client import NoAnswer
from courier_check.sync.codes import SyncCode
from courier_check.sync.synchroniser import Synchroniser, SyncState
from courier_check.wire import archives
from courier_check.wire.archives import Archive, ArchiveCode, ArchiveWriter, What, batch_name, open_archive
from courier_check.wire.batches import Batch, Receipt, ReturnedItems
from courier_check.wire.certificates import Certificate, Role
from courier_check.wire.signed import Signed, read, sign
from support.archives import with_manifest_edited
from support.clocks import SetClock
from support.gateways import Practice, Switchboard, practice_gateway, switchboard
from support.parts_gone import parts_gone
from support.stand_alone import stand_alone_verifier, verdict
from support.stations import CHEAP, acceptance, append, reopened


@contextmanager
def enrolled_by_file(folder: Path, clock: SetClock, practice: Practice, station_id: str = "zz-jinshui-01") -> Iterator[Station]:
    with Station.init(folder, PRACTICE_PASSPHRASE, Surroundings(clock, hasher=CHEAP), practice=True) as station:
        request = station.enrolment_request(practice.code(station_id))
        station.enrol_by_file(certify(practice.gateway, request), practice.url)
        yield station


@dataclass(frozen=True)
class Made:
    """Folders to be copied for each test, the board on which its gateway answers, and what the clock said when they were made."""

    folder: Path
    board: Switchboard
    url: str
    clock: SetClock


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """A gateway, and a station that has never seen the line: three journals of four, three and three entries."""
    folder, clock = tmp_path_factory.mktemp("made"), SetClock()
    with switchboard() as (board, url):
        init(folder / "gateway", Founding("gw-test", "样例网关（虚构）", practice=True), clock, secrets.token_bytes)
        with (
            Gateway.open(folder / "gateway", clock, secrets.token_bytes) as gateway,
            enrolled_by_file(folder / "depot", clock, Practice(gateway, url)) as station,
        ):
            for number in range(3):
                append(station, acceptance(f"SF100000000000{number}"))
            for cause in ("restore", "damage"):
                with station.database.write() as tx:
                    station._succeed(tx, cause)
                append(station, acceptance(f"SF-{cause}"))
                append(station, acceptance(f"SF-{cause}-2"))
        yield Made(folder, board, url, clock)


@pytest.fixture
def practice(tmp_path: Path, clock: SetClock, made: Made) -> Iterator[Practice]:
    shutil.copytree(made.folder / "gateway", tmp_path / "gateway")
    clock.wall_ms, clock.mono_ms = made.clock.wall_ms, made.clock.mono_ms
    with Gateway.open(tmp_path / "gateway", clock, secrets.token_bytes) as gateway:
        made.board.answer_for(gateway)
        yield Practice(gateway, made.url)


@pytest.fixture
def depot(tmp_path: Path, clock: SetClock, made: Made, practice: Practice) -> Iterator[Station]:
    """The station of `made`, enrolled at `practice`."""
    shutil.copytree(made.folder / "depot", tmp_path / "depot")
    with Station.open(tmp_path / "depot", PRACTICE_PASSPHRASE, Surroundings(clock, hasher=CHEAP)) as station:
        yield station


@pytest.fixture(scope="module")
def verify() -> Callable[[Path], dict[str, Any]]:
    verifier = stand_alone_verifier()
    return lambda path: verdict(verifier, path)


def bundles(station: Station) -> Bundles:
    return Bundles(station.database, station.enrolled(), station.clock, "tests", {"README.txt": b"read me"})


def stick(station: Station, spans: Sequence[Span] | None = None) -> io.BytesIO:
    target = io.BytesIO()
    own = bundles(station)
    own.bundle(target, spans or own.pending())
    return target


def carried(gateway: Gateway, bundle: io.BytesIO) -> tuple[list[TakenBatch], io.BytesIO]:
    """The way to the gateway and back: what became of each batch, and the answers."""
    answers = io.BytesIO()
    with opened_bundle(gateway, bundle) as opened:
        taken = list(opened.take())
        write_answers(gateway, opened.station_id, [each.receipt for each in taken if each.receipt], answers)
    return taken, answers


def pending(station: Station) -> int:
    return inbox.standing(station.database).pending


def everything(station: Station) -> dict[str, list[object]]:
    tables = [name for (name,) in station.database.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    return {name: station.database.rows(f"SELECT * FROM {name}") for name in tables}  # noqa: S608 - names of our own tables


def refusal(station: Station, file: io.BytesIO) -> ArchiveCode:
    """Why it is refused; nothing of it may be stored."""
    before = everything(station)
    with pytest.raises(UserError) as caught:
        bundles(station).take_answers(file)
    assert everything(station) == before
    return ArchiveCode(caught.value.code)


@dataclass
class DeadLine:
    """A client that never reaches its gateway, and what it was given to send."""

    sent: list[Batch] = field(default_factory=list)
    line_is_slow = None

    def pack_ahead(self, batch: Batch) -> None: ...

    def send(self, batch: Batch) -> NoAnswer:
        self.sent.append(batch)
        return NoAnswer(SyncCode.NO_CONNECTION, "")


def test_a_depot_offline_for_days_is_acknowledged_by_stick_and_proven(depot: Station, practice: Practice) -> None:
    assert pending(depot) == 10
    taken, answers = carried(practice.gateway, stick(depot))
    assert [(each.result, each.entries) for each in taken if each.last_seq == 4] == [(Result.STORED, 4)]
    assert {each.result for each in taken} == {Result.STORED}
    assert bundles(depot).take_answers(answers) == Taken(receipts=3, acknowledged=10, returned=0)
    assert pending(depot) == 0
    verified = depot.verify()
    assert (verified.ok, verified.receipts) == (True, 3)
    outcome = depot.synchronise()
    assert (outcome.status.state, outcome.sent) == (SyncState.SYNCHRONISED, 0), "the line has nothing left to do"


def test_batches_are_byte_for_byte_what_the_line_would_carry(depot: Station) -> None:
    archive = open_archive(stick(depot))
    line = DeadLine()
    Synchroniser(depot.database, depot.enrolled(), line, depot.writer(), min).run()
    (sent,) = line.sent
    assert archive.data(batch_name(sent.journal_id, 1)) == msgspec.json.encode(sent)
    archive.check_ranges()
    archive.signed_by(VerifyingKey(depot.enrolled().keys.signing.public))


def test_an_export_is_noted_before_a_byte_of_it_is_written(depot: Station) -> None:
    """Ended in the middle, it has left personal data in clear: that it was made must be told all the same."""
    target, noted = io.BytesIO(), []

    def note(entries: int) -> None:
        noted.append((entries, target.tell()))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bundles(depot).export(target, bundles(depot).everything(), revealed=True, note=note)
    assert noted == [(pending(depot), 0)]
    assert target.getvalue() == b""


def test_a_batch_that_is_in_flight_keeps_its_boundaries_on_the_stick(depot: Station) -> None:
    Synchroniser(depot.database, depot.enrolled(), DeadLine(), depot.writer(), min, most_entries=3).run()
    first_journal = journal.journal_ids(depot.database)[0]
    ends = [batch.first_seq for batch in open_archive(stick(depot)).batches() if batch.journal_id == first_journal]
    assert ends == [1, 4]


@pytest.mark.parametrize("written", [list, lambda one: one[0]], ids=["as now", "as by a program of before"])
def test_a_range_that_ends_within_the_batch_in_flight_is_cut_there(depot: Station, written: Callable[[list[object]], object]) -> None:
    first_journal = journal.journal_ids(depot.database)[0]
    with depot.database.write() as tx:
        facts.save(tx, "in_flight", msgspec.json.encode(written([{"journal_id": first_journal, "first_seq": 1, "last_seq": 4}])))
    (batch,) = open_archive(stick(depot, [Span(first_journal, 1, 2)])).batches()
    assert (batch.first_seq, len(batch.entries), batch.backlog.entries) == (1, 2, 2)


def test_answers_read_twice_change_nothing(depot: Station, practice: Practice) -> None:
    _, answers = carried(practice.gateway, stick(depot))
    bundles(depot).take_answers(answers)
    before = everything(depot)
    assert bundles(depot).take_answers(answers) == Taken(receipts=3, acknowledged=0, returned=0)
    assert everything(depot) == before


def test_two_sticks_and_the_line_in_any_order(depot: Station, practice: Practice) -> None:
    early = stick(depot)
    append(depot, acceptance("SF-late"))
    late = stick(depot)
    taken, of_late = carried(practice.gateway, late)
    assert {each.result for each in taken} == {Result.STORED}
    outcome = depot.synchronise()
    assert (outcome.sent, outcome.acknowledged, pending(depot)) == (11, 11, 0)
    again, of_early = carried(practice.gateway, early)
    assert {each.result for each in again} == {Result.HELD}
    for answers in (of_early, of_late, of_early):
        assert bundles(depot).take_answers(answers).acknowledged == 0
    assert (depot.verify().ok, pending(depot)) == (True, 0)


def proven(station: Station) -> bool:
    """Whether each entry has a receipt that covers it, and a proof that verifies."""
    results = [
        verify_entry(station.database, station.enrolled(), station.evidence, (journal_id, seq))
        for journal_id, seq in station.database.rows("SELECT journal_id, seq FROM journal_entries")
    ]
    return all(result.ok and proof is not None for result, proof in results)


def parted(station: Station, gateway: Gateway, *parts: tuple[int, int]) -> list[io.BytesIO]:
    """The current journal on several sticks, all of which reach the gateway: their answers."""
    journal_id = journal.current_journal(station.database) or ""
    return [carried(gateway, stick(station, [Span(journal_id, first, last)]))[1] for first, last in parts]


@pytest.mark.parametrize("way", ["line", "stick"])
def test_entries_of_which_the_answers_were_lost_are_pending_until_they_have_a_receipt(depot: Station, practice: Practice, way: str) -> None:
    """Two sticks reach the gateway, and only the answers of the second come home: the gateway holds everything, but nothing proves it of
    the first. The entries behind the gap are sent with those in it; the gateway knows them all."""
    bundles(depot).take_answers(carried(practice.gateway, stick(depot))[1])
    for number in range(9):
        append(depot, acceptance(f"SF-parted-{number}"))
    current = journal.current_journal(depot.database) or ""
    _, of_the_second = parted(depot, practice.gateway, (4, 8), (9, 12))
    assert bundles(depot).take_answers(of_the_second) == Taken(receipts=1, acknowledged=0, returned=0)
    assert (pending(depot), inbox.acknowledged_seq(depot.database, current)) == (9, 3)
    assert bundles(depot).pending() == (Span(current, 4, 12),)
    if way == "line":
        outcome = depot.synchronise()
        assert (outcome.status.state, outcome.sent, outcome.acknowledged, outcome.gateway_head) == (SyncState.SYNCHRONISED, 9, 9, 12)
    else:
        taken, answers = carried(practice.gateway, stick(depot))
        assert {each.result for each in taken} == {Result.HELD}
        assert bundles(depot).take_answers(answers) == Taken(receipts=1, acknowledged=9, returned=0)
    assert pending(depot) == 0
    assert depot.verify().ok
    assert proven(depot)
    with practice.gateway.database.read() as tx:
        assert tx.execute(select(entries.c.seq).where(entries.c.journal_id == current).order_by(entries.c.seq)).scalars().all() == [
            *range(1, 13)
        ]


def test_what_has_receipts_behind_a_gap_that_was_filled_is_not_sent_again(depot: Station, practice: Practice) -> None:
    _, of_the_second = parted(depot, practice.gateway, (1, 1), (2, 3))
    bundles(depot).take_answers(of_the_second)
    for _ in range(2):  # the first sends the other journals too
        outcome = Synchroniser(depot.database, depot.enrolled(), depot.client(), depot.writer(), min, most_entries=1).run()
        assert outcome.status.state == SyncState.SYNCHRONISED
    current = journal.current_journal(depot.database)
    ranges = depot.database.rows("SELECT first_seq, last_seq FROM receipts WHERE journal_id = ? ORDER BY number", (current,))
    assert ranges == [(2, 3), (1, 1)]
    assert proven(depot)


@pytest.mark.parametrize("held", [0, 1, 2, 3])
def test_a_gateway_put_back_within_a_gap_is_noticed(depot: Station, practice: Practice, held: int) -> None:
    """Receipts speak of 1 to 1 and 3 to 3; what is sent from the gap on, the gateway would take at any of these places. It is no alarm that
    it holds more than the receipts without a gap cover, but it is one that it holds less than any receipt speaks of."""
    depot.synchronise()
    journal_id = journal.current_journal(depot.database) or ""
    with depot.database.write() as tx:
        tx.execute("DELETE FROM receipts WHERE journal_id = ?", (journal_id,))
    first, _, third = parted(depot, practice.gateway, (1, 1), (2, 2), (3, 3))
    for each in (first, third):
        bundles(depot).take_answers(each)
    if held < 3:
        put_back(practice, journal_id, held, journal.hash_at(depot.database, journal_id, held))
    append(depot, acceptance("SF-next"))
    status = depot.synchronise().status
    assert (status.state, status.code) == ((SyncState.ALARM, SyncCode.ROLLBACK) if held < 3 else (SyncState.SYNCHRONISED, None))
    assert depot.synchronise().status.state == SyncState.SYNCHRONISED
    noted = [
        parse_header(each.header_bytes).facts
        for each in journal.entries(depot.database, journal_id)
        if parse_header(each.header_bytes).kind == "gateway-rollback"
    ]
    assert [(each["held_seq"], each["acknowledged_seq"]) for each in noted] == ([(held, 3)] if held < 3 else [])
    assert (pending(depot), depot.verify().ok, proven(depot)) == (0, True, True)


def put_back(practice: Practice, journal_id: str, seq: int, head: str | None) -> None:
    """As if the gateway's database were one of before, which its operator has told it."""
    forget(practice, journal_id, seq, head)
    begin_journal(practice.gateway)


def forget(practice: Practice, journal_id: str, seq: int = 0, head: str | None = None) -> None:
    """As if the gateway's database were one of before, and nobody had said so."""
    with practice.gateway.database.write() as tx:
        tx.execute(text("DELETE FROM entries WHERE journal_id = :id AND seq > :seq"), {"id": journal_id, "seq": seq})
        tx.execute(text("DELETE FROM receipts WHERE journal_id = :id AND last_seq > :seq"), {"id": journal_id, "seq": seq})
        if seq:
            tx.execute(
                text("UPDATE journals SET last_seq = :seq, head = :head WHERE journal_id = :id"),
                {"id": journal_id, "seq": seq, "head": head},
            )
        else:
            tx.execute(text("DELETE FROM journals WHERE journal_id = :id"), {"id": journal_id})


def test_both_receipts_that_were_given_for_one_range_are_kept_and_exported(
    depot: Station, practice: Practice, tmp_path: Path, verify: Callable[[Path], dict[str, Any]]
) -> None:
    """By a gateway, and once more after it was put back: honest ones, with which both verifiers agree."""
    same = stick(depot)
    bundles(depot).take_answers(carried(practice.gateway, same)[1])
    closed = journal.journal_ids(depot.database)[0]
    put_back(practice, closed, 0, None)
    bundles(depot).take_answers(carried(practice.gateway, same)[1])
    bodies = [read(each, Receipt) for each in inbox.receipts(depot.database, closed)]
    assert [(each.first_seq, each.last_seq) for each in bodies] == [(1, 4), (1, 4)]
    assert len({each.gateway_journal_id for each in bodies}) == 2
    assert depot.verify().ok
    with (tmp_path / "export.zip").open("wb") as target:
        bundles(depot).export(target, bundles(depot).everything(), revealed=False)
    told = verify(tmp_path / "export.zip")
    assert told["ok"], told
    assert told["counts"]["receipts"] == sum(len(inbox.receipts(depot.database, each)) for each in journal.journal_ids(depot.database))


@pytest.mark.parametrize("seed", [0, 1, 2, 24])  # 24: answers of a part never come home, those of what is behind it do
def test_whatever_order_sticks_answers_and_the_line_come_in_nothing_is_lost_or_doubled(
    depot: Station, practice: Practice, seed: int
) -> None:
    chance = Random(seed)  # noqa: S311 - a schedule that can be run again
    sticks, homes, accepted = [stick(depot)], [], 0
    for _ in range(25):
        match chance.choice(("accept", "stick", "part", "carry", "carry", "home", "home", "line")):
            case "accept":
                accepted += 1
                append(depot, acceptance(f"SF-{seed}-{accepted}"))
            case "stick" if pending(depot):
                sticks.append(stick(depot))
            case "part":
                each = chance.choice(bundles(depot).everything())
                first = chance.randint(1, each.last_seq)
                sticks.append(stick(depot, [Span(each.journal_id, first, chance.randint(first, each.last_seq))]))
            case "carry":
                homes.append(carried(practice.gateway, chance.choice(sticks))[1])
            case "home" if homes:
                bundles(depot).take_answers(chance.choice(homes))
            case "line" if chance.random() < 0.3:
                assert depot.synchronise().status.state == SyncState.SYNCHRONISED
    assert depot.synchronise().status.state == SyncState.SYNCHRONISED
    assert pending(depot) == 0
    assert depot.verify().ok
    assert proven(depot)
    with practice.gateway.database.read() as tx:
        held = [tuple(row) for row in tx.execute(select(entries.c.journal_id, entries.c.seq, entries.c.hash))]
    assert sorted(held) == sorted(depot.database.rows("SELECT journal_id, seq, hash FROM journal_entries"))


def test_what_the_gateway_objects_to_comes_home_with_the_receipts(depot: Station, practice: Practice) -> None:
    draft = acceptance("SF-returned")
    parts = {name: {**content, "waybill": None} if name == "index" else content for name, content in draft.parts.items()}
    seq = append(depot, replace(draft, parts=parts)).entry.header.seq
    _, answers = carried(practice.gateway, stick(depot))
    assert bundles(depot).take_answers(answers).returned == 1
    assert [item.seq for item in inbox.returned_items(depot.database)] == [seq]
    assert bundles(depot).take_answers(answers).returned == 0


def test_a_revoked_station_learns_it_from_the_stick(depot: Station, practice: Practice) -> None:
    revoke_station(practice.gateway, "zz-jinshui-01")
    _, answers = carried(practice.gateway, stick(depot))
    bundles(depot).take_answers(answers)
    assert facts.load(depot.database, "revoked") is not None
    assert pending(depot) == 0


def test_nothing_pending_makes_no_bundle(depot: Station, practice: Practice) -> None:
    bundles(depot).take_answers(carried(practice.gateway, stick(depot))[1])
    with pytest.raises(UserError) as caught:
        bundles(depot).pending()
    assert caught.value.code == BundleCode.NOTHING_PENDING


def test_only_what_is_pending_goes_on_the_next_stick(depot: Station, practice: Practice) -> None:
    bundles(depot).take_answers(carried(practice.gateway, stick(depot))[1])
    append(depot, acceptance("SF-next"))
    current = journal.current_journal(depot.database)
    assert bundles(depot).pending() == (Span(current, 4, 4),)
    assert [each.result for each in carried(practice.gateway, stick(depot))[0]] == [Result.STORED]


def test_a_forked_journal_stays_at_home(depot: Station) -> None:
    first_journal, *others = journal.journal_ids(depot.database)
    with depot.database.write() as tx:
        facts.save(tx, f"forked/{first_journal}", b"1")
    assert [span.journal_id for span in bundles(depot).pending()] == others


DAMAGES = {
    "gone": "DELETE FROM journal_entries WHERE journal_id = ? AND seq = 2",
    "header altered": "UPDATE journal_entries SET header = CAST(replace(header, ':2,', ':9,') AS BLOB) WHERE journal_id = ? AND seq = 2",
    "signature altered": "UPDATE journal_entries SET signature = zeroblob(64) WHERE journal_id = ? AND seq = 2",
    "sealed part altered": "UPDATE parts SET sealed = zeroblob(80) WHERE journal_id = ? AND seq = 2",
}


def damage(station: Station, sql: str, journal_id: str) -> None:
    station.database.value("PRAGMA foreign_keys=OFF")
    with station.database.write() as tx:
        for (name,) in tx.rows("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            tx.execute(f"DROP TRIGGER {name}")
        tx.execute(sql, (journal_id,))


@pytest.mark.parametrize("sql", DAMAGES.values(), ids=DAMAGES)
def test_what_is_intact_goes_on_the_stick_and_what_is_missing_is_named(
    depot: Station, practice: Practice, verify: Any, tmp_path: Path, sql: str
) -> None:
    first_journal, *others = journal.journal_ids(depot.database)
    damage(depot, sql, first_journal)
    target = io.BytesIO()
    made = bundles(depot).bundle(target, bundles(depot).pending())
    assert made.spans == (Span(first_journal, 1, 1), Span(first_journal, 3, 4), *(Span(each, 1, 3) for each in others))
    assert made.missing == (Span(first_journal, 2, 2),)
    (tmp_path / "bundle.zip").write_bytes(target.getvalue())
    told = verify(tmp_path / "bundle.zip")
    assert told["ok"], told
    assert [(each["first_seq"], each["last_seq"]) for each in told["unanchored"]] == [(3, 4)]
    taken, answers = carried(practice.gateway, target)
    results = {(each.journal_id, each.first_seq): each.result for each in taken}
    assert results.pop((first_journal, 3)) == Result.LATER
    assert set(results.values()) == {Result.STORED}
    assert bundles(depot).take_answers(answers).acknowledged == 7


def test_a_hash_noted_wrong_beside_a_sound_row_loses_nothing(depot: Station, practice: Practice) -> None:
    first_journal = journal.journal_ids(depot.database)[0]
    damage(depot, "UPDATE journal_entries SET hash = lower(hex(zeroblob(32))) WHERE journal_id = ? AND seq = 2", first_journal)
    target = io.BytesIO()
    assert bundles(depot).bundle(target, bundles(depot).pending()).missing == ()
    taken, _ = carried(practice.gateway, target)
    assert {each.result for each in taken} == {Result.STORED}


def test_a_journal_damaged_at_a_depot_is_closed_and_its_successor_travels(depot: Station, practice: Practice) -> None:
    current = journal.journal_ids(depot.database)[-1]
    depot.keep_head()
    damage(depot, DAMAGES["gone"], current)
    stick(depot)
    with reopened(depot) as again:
        successor = journal.journal_ids(again.database)[-1]
        opening = parse_header(again.database.value("SELECT header FROM journal_entries WHERE journal_id = ? AND seq = 1", (successor,)))
        named = opening.facts["predecessor"]
        assert (named["journal_id"], named["cause"], named["missing"]) == (current, "damage", [[2, 2]])
        append(again, acceptance("SF-after"))
        taken, answers = carried(practice.gateway, stick(again))
        assert [each.result for each in taken if each.journal_id == successor] == [Result.STORED]
        bundles(again).take_answers(answers)
        filed = again.synchronise()  # the line comes back: what is behind the damaged row is filed again
        assert filed.status.state == SyncState.SYNCHRONISED
        assert again.database.value("SELECT COUNT(*) FROM branch_entries WHERE refiled_seq IS NOT NULL") == 1
        assert pending(again) == 0


def test_where_all_is_damaged_no_bundle_is_written(depot: Station) -> None:
    first_journal = journal.journal_ids(depot.database)[0]
    damage(depot, DAMAGES["gone"], first_journal)
    with pytest.raises(UserError) as caught:
        stick(depot, [Span(first_journal, 2, 2)])
    assert caught.value.code == BundleCode.NOTHING_INTACT


def test_a_bundle_of_what_is_left_hangs_on_the_receipt_before_it(depot: Station, practice: Practice, verify: Any, tmp_path: Path) -> None:
    bundles(depot).take_answers(carried(practice.gateway, stick(depot))[1])
    append(depot, acceptance("SF-next"))
    current = journal.current_journal(depot.database)
    target = stick(depot)
    assert [(read(each, Receipt).journal_id, read(each, Receipt).last_seq) for each in open_archive(target).receipts()] == [(current, 3)]
    (tmp_path / "bundle.zip").write_bytes(target.getvalue())
    told = verify(tmp_path / "bundle.zip")
    assert (told["ok"], told["unanchored"]) == (True, []), told
    assert [(each["journal_id"], each["first_seq"]) for each in told["anchored"]] == [(current, 4)]
    assert [each.result for each in carried(practice.gateway, target)[0]] == [Result.STORED]


def test_a_range_whose_begin_no_receipt_confirms_stays_unanchored(depot: Station, verify: Any, tmp_path: Path) -> None:
    first_journal = journal.journal_ids(depot.database)[0]
    (tmp_path / "bundle.zip").write_bytes(stick(depot, [Span(first_journal, 3, 4)]).getvalue())
    told = verify(tmp_path / "bundle.zip")
    assert (told["ok"], len(told["unanchored"]), told["anchored"]) == (True, 1, [])


# --- answers that are refused whole -------------------------------------------------------------------------------------------------------


def test_answers_torn_or_edited_are_refused(depot: Station, practice: Practice) -> None:
    data = carried(practice.gateway, stick(depot))[1].getvalue()
    for length in (0, 10, len(data) // 2, len(data) - 1):
        assert refusal(depot, io.BytesIO(data[:length])) == ArchiveCode.UNREADABLE
    edited = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(edited, "w") as copy:
        for name in source.namelist():
            held = source.read(name)
            copy.writestr(name, held.replace(b'"items":[]', b'"items":[ ]') if name.startswith("returned/") else held)
    assert refusal(depot, edited) == ArchiveCode.EDITED


def test_answers_with_a_manifest_edited_under_the_gateways_signature_are_refused(depot: Station, practice: Practice) -> None:
    _, answers = carried(practice.gateway, stick(depot))
    assert refusal(depot, with_manifest_edited(answers)) == ArchiveCode.EDITED


def test_answers_of_another_station_are_refused(depot: Station, practice: Practice, tmp_path: Path, clock: SetClock) -> None:
    with enrolled_by_file(tmp_path / "neighbour", clock, practice, "zz-jinshui-02") as neighbour:
        _, answers = carried(practice.gateway, stick(neighbour))
        assert refusal(depot, answers) == ArchiveCode.OTHER_STATION
        assert bundles(neighbour).take_answers(answers).acknowledged == 1


def test_answers_of_another_gateway_are_refused(depot: Station, tmp_path: Path, clock: SetClock) -> None:
    with (
        practice_gateway(tmp_path / "other", clock) as other,
        enrolled_by_file(tmp_path / "neighbour", clock, other) as neighbour,  # the same names, another root
    ):
        _, answers = carried(other.gateway, stick(neighbour))
        assert refusal(depot, answers) == ArchiveCode.SIGNER_UNKNOWN


def test_a_depot_that_is_never_on_the_line_learns_of_a_new_receipt_key(
    depot: Station, practice: Practice, tmp_path: Path, clock: SetClock
) -> None:
    folder, earlier = tmp_path / "gateway", depot.enrolled().gateway.document
    first = bundles(depot).everything()[0]
    _, by_the_old_key = carried(practice.gateway, stick(depot, [first]))
    rotate(folder, Role.RECEIPT, folder / "root" / "root.key", clock, secrets.token_bytes)
    with Gateway.open(folder, clock, secrets.token_bytes) as rotated:
        _, by_the_new_key = carried(rotated, stick(depot))
        assert open_archive(by_the_new_key).key_id not in depot.enrolled().gateway.verifying_keys(Role.RECEIPT)
        assert bundles(depot).take_answers(by_the_new_key).acknowledged == 10
        newer = rotated.document
    with reopened(depot) as known:
        assert known.enrolled().gateway.document == newer != earlier
        assert bundles(known).take_answers(by_the_old_key).acknowledged == 0, "the earlier key is still certified"
        assert known.verify().ok
    with reopened(known) as known:
        assert known.enrolled().gateway.document == newer, "the older document of the older answers was not taken"


def test_a_withdrawn_receipt_key_does_not_come_back_on_a_stick(depot: Station, practice: Practice, tmp_path: Path, clock: SetClock) -> None:
    folder = tmp_path / "gateway"
    _, by_the_old_key = carried(practice.gateway, stick(depot))
    old_key_id = open_archive(by_the_old_key).key_id
    rotate(folder, Role.RECEIPT, folder / "root" / "root.key", clock, secrets.token_bytes)
    with Gateway.open(folder, clock, secrets.token_bytes) as rotated:
        left = tuple(each for each in rotated.document.certificates if read(each, Certificate).subject_key_id != old_key_id)
        without = msgspec.structs.replace(rotated.document, certificates=left)
    with depot.database.write() as tx:
        save_enrolment(tx, msgspec.structs.replace(depot.enrolled().enrolment, gateway=without))
    with reopened(depot) as known:
        assert refusal(known, by_the_old_key) == ArchiveCode.SIGNER_UNKNOWN


def test_a_bundle_is_no_answer(depot: Station) -> None:
    assert refusal(depot, stick(depot)) == ArchiveCode.OTHER_KIND
    target = io.BytesIO()
    bundles(depot).export(target, bundles(depot).everything(), revealed=False)
    assert refusal(depot, target) == ArchiveCode.OTHER_KIND


def answers_by(gateway: Gateway, fill) -> io.BytesIO:
    """Answers that this gateway signs, with whatever is filled in."""
    target = io.BytesIO()
    with ArchiveWriter(target) as writer:
        writer.add_document(archives.GATEWAY, gateway.document)
        fill(writer)
        body = archives.ArchiveBody(
            gateway_id=gateway.gateway_id, what=What.ANSWERS, maker=gateway.gateway_id, made_at_ms=1, program="", ranges=(), files=()
        )
        writer.close(body, gateway.keys.receipt)
    return target


def certificate(station: Station, writer: ArchiveWriter) -> None:
    writer.add_document(archives.station_name(station.enrolled().certificate.subject), station.enrolled().enrolment.certificate)


def test_a_neighbours_receipt_among_ones_own_refuses_all(depot: Station, practice: Practice, tmp_path: Path, clock: SetClock) -> None:
    own, _ = carried(practice.gateway, stick(depot))
    with enrolled_by_file(tmp_path / "neighbour", clock, practice, "zz-jinshui-02") as neighbour:
        (others,), _ = carried(practice.gateway, stick(neighbour))

    def both(writer: ArchiveWriter) -> None:
        certificate(depot, writer)
        for each in (own[0], others):
            writer.add_receipts(each.journal_id, [(each.first_seq, each.last_seq, each.receipt)])

    assert refusal(depot, answers_by(practice.gateway, both)) == ArchiveCode.OTHER_STATION


def test_a_neighbours_returned_items_refuse_all(depot: Station, practice: Practice) -> None:
    def others(writer: ArchiveWriter) -> None:
        certificate(depot, writer)
        writer.add_document(archives.returned_name("zz-jinshui-02"), ReturnedItems(gateway_journal_id="0" * 32, items=()))

    assert refusal(depot, answers_by(practice.gateway, others)) == ArchiveCode.OTHER_STATION


def test_answers_with_batches_are_none(depot: Station, practice: Practice) -> None:
    def with_batch(writer: ArchiveWriter) -> None:
        certificate(depot, writer)
        batch = next(open_archive(stick(depot)).batches())
        writer.add_document(batch_name(batch.journal_id, batch.first_seq), batch)

    assert refusal(depot, answers_by(practice.gateway, with_batch)) == ArchiveCode.EDITED


def test_receipts_for_entries_that_a_station_put_back_no_longer_has_are_refused_and_said(
    depot: Station, practice: Practice, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    depot.database.value("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copytree(depot.folder.path, copy)
    append(depot, acceptance("SF-lost"))
    _, answers = carried(practice.gateway, stick(depot))
    with Station.open(copy, PRACTICE_PASSPHRASE, Surroundings(depot.clock, hasher=CHEAP)) as put_back:
        assert refusal(put_back, answers) == ArchiveCode.UNFIT


# --- receipts that contradict one another -------------------------------------------------------------------------------------------------


def three_answers(depot: Station, practice: Practice) -> list[TakenBatch]:
    """Receipts of numbers 1 to 3 of the gateway's journal, none of them home yet."""
    return carried(practice.gateway, stick(depot))[0]


def brought(depot: Station, gateway: Gateway, *receipts: Signed) -> io.BytesIO:
    """A file of answers with these, signed by the gateway."""

    def fill(writer: ArchiveWriter) -> None:
        certificate(depot, writer)
        bodies = [(read(each, Receipt), each) for each in receipts]
        for journal_id in dict.fromkeys(body.journal_id for body, _ in bodies):
            own = [(body.first_seq, body.last_seq, signed) for body, signed in bodies if body.journal_id == journal_id]
            writer.add_receipts(journal_id, own)

    return answers_by(gateway, fill)


def saying(signed: Signed, gateway: Gateway, **other: Any) -> Signed:
    """The receipt as the gateway never gave it, signed with its key."""
    return sign(msgspec.structs.replace(read(signed, Receipt), **other), gateway.keys.receipt)


WRONG_CHAINS: dict[str, tuple[int, dict[str, Any]]] = {
    "the first one hangs on something else": (0, {"gateway_prev": "0" * 64}),
    "one follows another than it says": (1, {"gateway_prev": "0" * 64}),
    "one is what the next does not follow": (1, {"received_at_ms": 5}),
    "a number of another": (2, {"gateway_seq": 1}),
}


@pytest.mark.parametrize("name", WRONG_CHAINS)
@pytest.mark.parametrize("before", [True, False])
def test_receipts_whose_numbers_contradict_one_another_are_refused_whole(
    depot: Station, practice: Practice, name: str, before: bool
) -> None:
    """In one file, and where the others came home before."""
    own = [each.receipt for each in three_answers(depot, practice) if each.receipt]
    own.sort(key=lambda each: read(each, Receipt).gateway_seq)
    which, other = WRONG_CHAINS[name]
    wrong = saying(own[which], practice.gateway, **other)
    right = [each for each in own if each != own[which]]
    if before:
        bundles(depot).take_answers(brought(depot, practice.gateway, *right))
    file = brought(depot, practice.gateway, *([] if before else right), wrong)
    assert refusal(depot, file) == ArchiveCode.RECEIPTS_DIFFER
    bundles(depot).take_answers(brought(depot, practice.gateway, *own))
    assert (pending(depot), depot.verify().ok) == (0, True)


def test_two_bodies_with_one_number_are_refused_whole(depot: Station, practice: Practice) -> None:
    first = next(each.receipt for each in three_answers(depot, practice) if each.receipt and read(each.receipt, Receipt).gateway_seq == 1)
    file = brought(depot, practice.gateway, first, saying(first, practice.gateway, received_at_ms=5))
    assert refusal(depot, file) == ArchiveCode.RECEIPTS_DIFFER


def test_verify_names_a_first_receipt_that_hangs_on_something_else(depot: Station, practice: Practice) -> None:
    """One that came before this was asked; the stand-alone verifier refuses it too."""
    first = next(each.receipt for each in three_answers(depot, practice) if each.receipt and read(each.receipt, Receipt).gateway_seq == 1)
    wrong = saying(first, practice.gateway, gateway_prev="0" * 64)
    with depot.database.write() as tx:
        inbox.save_receipt(tx, wrong, read(wrong, Receipt))
    assert [each.what for each in depot.verify().failures] == ["receipt-bad-chain"]


def test_receipts_come_home_in_any_order(depot: Station, practice: Practice) -> None:
    own = [each.receipt for each in three_answers(depot, practice) if each.receipt]
    for each in reversed(own):
        bundles(depot).take_answers(brought(depot, practice.gateway, each))
    bundles(depot).take_answers(brought(depot, practice.gateway, *own))
    assert (pending(depot), depot.verify().ok) == (0, True)


def test_a_receipt_by_an_earlier_key_has_no_greater_number_than_one_by_a_later_key(
    depot: Station, practice: Practice, tmp_path: Path, clock: SetClock
) -> None:
    """Who has the earlier key dates back and takes a number that nobody here has seen."""
    earlier, spans = practice.gateway.keys.receipt, bundles(depot).pending()
    (old, *_), _ = carried(practice.gateway, stick(depot, spans[:1]))
    assert old.receipt is not None
    rotate(tmp_path / "gateway", Role.RECEIPT, tmp_path / "gateway" / "root" / "root.key", clock, secrets.token_bytes)
    with Gateway.open(tmp_path / "gateway", clock, secrets.token_bytes) as rotated:
        (new, *_), _ = carried(rotated, stick(depot, spans[1:2]))
        assert new.receipt is not None
        dated_back = sign(msgspec.structs.replace(read(old.receipt, Receipt), gateway_seq=1000), earlier)
        assert refusal(depot, brought(depot, rotated, new.receipt, dated_back)) == ArchiveCode.RECEIPTS_DIFFER
        bundles(depot).take_answers(brought(depot, rotated, new.receipt))
    with reopened(depot) as known:
        assert refusal(known, brought(known, rotated, dated_back)) == ArchiveCode.RECEIPTS_DIFFER
        assert bundles(known).take_answers(brought(known, rotated, old.receipt)).acknowledged == spans[0].entries
        assert known.verify().ok


def test_the_same_body_by_an_earlier_and_a_later_key_is_no_contradiction(
    depot: Station, practice: Practice, tmp_path: Path, clock: SetClock
) -> None:
    own = [each.receipt for each in three_answers(depot, practice) if each.receipt]
    bundles(depot).take_answers(brought(depot, practice.gateway, own[0]))
    withdraw(tmp_path / "gateway", tmp_path / "gateway" / "root" / "root.key", clock, secrets.token_bytes)
    with Gateway.open(tmp_path / "gateway", clock, secrets.token_bytes) as withdrawn:
        _, again = carried(withdrawn, stick(depot, bundles(depot).everything()))
        assert bundles(depot).take_answers(again).receipts == 3
    with reopened(depot) as known:
        assert (pending(known), known.verify().ok) == (0, True)


def test_a_gateway_put_back_that_was_not_told_is_heard_again_once_it_is(depot: Station, practice: Practice) -> None:
    """It gives a number twice, of which nothing is taken; told, it begins another journal of receipts, and later sticks bring all."""
    bundles(depot).take_answers(carried(practice.gateway, stick(depot, bundles(depot).everything()[:1]))[1])
    first, second, third = journal.journal_ids(depot.database)
    forget(practice, first)
    root_hash = practice.gateway.trusted.root_hash
    with practice.gateway.database.write() as tx:
        tx.execute(text("UPDATE chain SET gateway_seq = 0, gateway_prev = :root"), {"root": root_hash})
    _, twice = carried(practice.gateway, stick(depot, [Span(second, 1, 3)]))
    assert refusal(depot, twice) == ArchiveCode.RECEIPTS_DIFFER
    begin_journal(practice.gateway)
    append(depot, acceptance("SF-next"))
    assert third == journal.current_journal(depot.database)
    assert bundles(depot).take_answers(carried(practice.gateway, stick(depot, [Span(third, 1, 4)]))[1]).acknowledged == 4
    for part in (Span(second, 1, 1), Span(second, 2, 3)):  # other batches than that one, for which it has no other receipt
        bundles(depot).take_answers(carried(practice.gateway, stick(depot, [part]))[1])
    assert (pending(depot), depot.verify().ok) == (0, True)


def test_what_a_withdrawn_key_said_does_not_stand_in_the_way(depot: Station, practice: Practice, tmp_path: Path, clock: SetClock) -> None:
    """A stranger's receipt, believed before its key was withdrawn: honest ones are taken all the same, and `verify` names it."""
    own = [each.receipt for each in three_answers(depot, practice) if each.receipt]
    own.sort(key=lambda each: read(each, Receipt).gateway_seq)
    with depot.database.write() as tx:
        strangers = saying(own[0], practice.gateway, gateway_seq=2)
        inbox.save_receipt(tx, strangers, read(strangers, Receipt))
    withdraw(tmp_path / "gateway", tmp_path / "gateway" / "root" / "root.key", clock, secrets.token_bytes)
    with Gateway.open(tmp_path / "gateway", clock, secrets.token_bytes) as withdrawn:
        _, again = carried(withdrawn, stick(depot, bundles(depot).everything()))
        bundles(depot).take_answers(again)
    with reopened(depot) as known:
        assert pending(known) == 0
        assert {each.what for each in known.verify().failures} & {"receipt-twice", "receipt-bad-chain"}


def test_answers_with_a_shortened_gateway_document_take_no_certificate_away(
    depot: Station, practice: Practice, tmp_path: Path, clock: SetClock, verify: Callable[[Path], dict[str, Any]]
) -> None:
    """The file is signed and says its digest, so that a gateway would have to write it: nobody would notice afterwards."""
    first = bundles(depot).everything()[:1]
    bundles(depot).take_answers(carried(practice.gateway, stick(depot, first))[1])
    withdraw(tmp_path / "gateway", tmp_path / "gateway" / "root" / "root.key", clock, secrets.token_bytes)
    with Gateway.open(tmp_path / "gateway", clock, secrets.token_bytes) as withdrawn:
        bundles(depot).take_answers(carried(withdrawn, stick(depot))[1])
        whole = withdrawn.document
        short = replace(withdrawn, trusted=replace(withdrawn.trusted, document=msgspec.structs.replace(whole, withdrawn=())))
    with reopened(depot) as known:
        bundles(known).take_answers(brought(known, short, *inbox.receipts(known.database, first[0].journal_id)[1:]))
    with reopened(known) as known:
        assert known.enrolled().gateway.document == whole
        assert known.verify().ok
        with (tmp_path / "export.zip").open("wb") as target:
            bundles(known).export(target, bundles(known).everything()[1:], revealed=False)
        assert verify(tmp_path / "export.zip")["ok"]


# --- exports ----------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def acknowledged(depot: Station, practice: Practice) -> Station:
    """The depot with its receipts: in its first journal for 1 to 4."""
    bundles(depot).take_answers(carried(practice.gateway, stick(depot))[1])
    return depot


def exported(station: Station, spans: Sequence[Span], *, revealed: bool = False) -> Archive:
    target = io.BytesIO()
    bundles(station).export(target, spans, revealed=revealed)
    archive = open_archive(target)
    archive.check_ranges()
    archive.check_receipts()
    return archive


def test_one_entry_is_exported_with_the_batch_its_receipt_covers(acknowledged: Station) -> None:
    first_journal = journal.journal_ids(acknowledged.database)[0]
    archive = exported(acknowledged, [Span(first_journal, 3, 3)])
    (batch,) = archive.batches()
    assert (batch.first_seq, len(batch.entries)) == (1, 4)
    assert len(list(archive.receipts())) == 1


def test_a_range_is_widened_to_where_receipts_of_any_boundaries_end(acknowledged: Station, practice: Practice) -> None:
    current = journal.current_journal(acknowledged.database) or ""
    for number in range(5):
        append(acknowledged, acceptance(f"SF-more-{number}"))  # 4 to 8
    assert ends(exported(acknowledged, [Span(current, 5, 5)])) == (5, 5), "no receipt covers it yet"
    assert ends(exported(acknowledged, [Span(current, 2, 5)])) == (1, 5)
    for first, last in ((3, 6), (6, 7)):
        _, answers = carried(practice.gateway, stick(acknowledged, [Span(current, first, last)]))
        bundles(acknowledged).take_answers(answers)
    archive = exported(acknowledged, [Span(current, 2, 3)])
    assert ends(archive) == (1, 7)
    assert len(list(archive.receipts())) == 3


def ends(archive: Archive) -> tuple[int, int]:
    (only,) = archive.body.ranges
    return only.first_seq, only.last_seq


def test_everything_is_exported_with_all_receipts_and_nothing_in_clear(acknowledged: Station) -> None:
    archive = exported(acknowledged, bundles(acknowledged).everything())
    assert [(each.journal_id, each.last_seq) for each in archive.body.ranges] == sorted(
        zip(journal.journal_ids(acknowledged.database), (4, 3, 3), strict=True)
    )
    assert len(list(archive.receipts())) == 3
    assert archive.names("openings/") == []
    clear = "样例人".encode(), b"41010519900307123X", "收样例".encode()
    assert not any(secret in archive.data(name) for name in archive.names("") for secret in clear)


def test_openings_are_those_of_the_entries_asked_for_and_match_their_digests(acknowledged: Station) -> None:
    first_journal = journal.journal_ids(acknowledged.database)[0]
    asked = [Span(first_journal, 3, 3)]
    archive = exported(acknowledged, asked, revealed=True)
    (name,) = archive.names("openings/")
    assert name == archives.openings_name(first_journal, 1)
    (opened,) = msgspec.json.decode(archive.data(name), type=archives.Openings).entries
    assert (opened.seq, sorted(opened.parts)) == (3, ["index", "kept", "reported"])
    (batch,) = archive.batches()
    header = parse_header(batch.entries[2].header.encode())
    openings = {part: from_text(text) for part, text in opened.parts.items()}
    verify_parts(header, openings, {})
    assert "收样例".encode() in openings["kept"]


def test_what_retention_destroyed_is_not_exported(acknowledged: Station) -> None:
    first_journal = journal.journal_ids(acknowledged.database)[0]
    with acknowledged.database.write() as tx:
        parts_gone(tx, first_journal, 3)
    asked = [Span(first_journal, 2, 3)]
    archive = exported(acknowledged, asked, revealed=True)
    opened = msgspec.json.decode(archive.data(archives.openings_name(first_journal, 1)), type=archives.Openings).entries
    assert [each.seq for each in opened] == [2]
    (batch,) = archive.batches()
    assert [bool(entry.parts) for entry in batch.entries] == [False, True, False, True]


@pytest.mark.parametrize(("first", "last"), [(0, 1), (1, 5), (4, 3), (5, 5)])
def test_a_range_beyond_the_journal_is_said(depot: Station, first: int, last: int) -> None:
    with pytest.raises(UserError) as caught:
        bundles(depot).span(journal.journal_ids(depot.database)[0], first, last)
    assert caught.value.code == BundleCode.BEYOND_JOURNAL


def test_a_journal_that_is_not_ones_own_is_said(depot: Station) -> None:
    with pytest.raises(UserError) as caught:
        bundles(depot).span("f" * 32, 1, 1)
    assert caught.value.code == BundleCode.NO_JOURNAL
    assert bundles(depot).span(None, 2, None) == Span(journal.current_journal(depot.database) or "", 2, 3)
