"""凭证照片通道: sealed photos against the real gateway, over a line that is cut wherever it may be."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import text

from courier_check.gateway.admin import revoke_station
from courier_check.gateway.evidence_files import KEPT_MS
from courier_check.gateway.restoring import begin_journal
from courier_check.journal.entries import Draft
from courier_check.journal.keys import from_text, to_text
from courier_check.journal.parts import PartName, opened
from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings
from courier_check.store import journal, sent_evidence
from courier_check.store.evidence import Photo, file_name, save_photo
from courier_check.store.machine import Machine, save_machine
from courier_check.store.schema import migrate
from courier_check.store.sent_evidence import PhotoCounts
from courier_check.sync.client import GatewayClient, Timeouts
from courier_check.sync.codes import SyncCode
from courier_check.sync.due import Due
from courier_check.sync.photo_budget import BURST_S
from courier_check.sync.photo_status import load_photo_status, photos_are_due
from courier_check.sync.photos import DAY_MS, PhotoPlan, Photos
from courier_check.sync.synchroniser import Outcome, Synchroniser, SyncState
from courier_check.wire.evidence import CHUNK_BYTES, EvidenceRequest
from support.clocks import SetClock
from support.gateways import Front, Practice
from support.parts_gone import parts_gone
from support.proxy import Fault, Kind, Proxy, Spot, misbehaving_line
from support.stations import CHEAP, acceptance, append

CUTS = int(os.environ.get("COURIER_CHECK_CUTS", "20"))
"""`make faults` asks for a thousand."""
QUICK = Timeouts(5.0, 2.0, 5.0)


@dataclass
class Lane:
    """A station, its gateway, and the clock of both."""

    station: Station
    practice: Practice
    clock: SetClock

    def photographed(self, data: bytes, name: str = "photo-contents-1") -> tuple[str, int, str]:
        """An entry that names a photo, as the desk writes it: the photo first. Returns its place."""
        kept = save_photo(self.station.evidence, Photo(name, "image/jpeg", data), self.station.random)
        parts = {PartName.KEPT: {"v": 1, "photo_keys": {name: to_text(kept.key)}}}
        composed = append(self.station, Draft("acceptance", "0142", {}, parts, evidence=(kept.ref,)))
        return composed.entry.header.journal_id, composed.entry.header.seq, name

    def counts(self) -> PhotoCounts:
        return sent_evidence.counts(self.station.database)

    def sync(self) -> Outcome:
        outcome = self.station.synchronise()
        assert outcome.status.state is SyncState.SYNCHRONISED, outcome
        return outcome

    def files(self) -> dict[str, bytes]:
        """What the gateway holds whole, by name."""
        root = self.practice.gateway.evidence.path("00").parent.parent
        return {path.name: path.read_bytes() for path in root.glob("[0-9a-f][0-9a-f]/*")}

    def sealed(self) -> dict[str, bytes]:
        """What lies at the station, by its digest."""
        return {hashlib.sha256(data).hexdigest(): data for data in (path.read_bytes() for path in self.own_files())}

    def own_files(self) -> list[Path]:
        return sorted(self.station.evidence.glob("*/*.bin"))


def noise(size: int, seed: int = 0) -> bytes:
    return random.Random(seed).randbytes(size)  # noqa: S311 - made-up pictures


@pytest.fixture
def lane(tmp_path: Path, clock: SetClock, practice: Practice, front: Front) -> Iterator[Lane]:
    with Station.init(
        tmp_path / "station", PRACTICE_PASSPHRASE, Surroundings(clock, hasher=CHEAP, timeouts=QUICK), practice=True
    ) as station:
        station.enrol(practice.code(), front.url)
        station.synchronise()
        yield Lane(station, practice, clock)


def test_photos_arrive_as_they_are_stored_and_count_by_a_signed_answer(lane: Lane) -> None:
    for number in range(3):
        lane.photographed(noise(1_000 + number, number))
    assert lane.counts() == PhotoCounts(pending=3)
    outcome = lane.sync()
    assert (outcome.acknowledged, outcome.photos.sent) == (3, 3)
    assert lane.counts() == PhotoCounts(sent=3)
    assert lane.files() == lane.sealed()
    assert lane.sync().photos.sent == 0


def test_a_photo_larger_than_a_chunk_goes_in_chunks(lane: Lane, front: Front) -> None:
    lane.photographed(noise(2 * CHUNK_BYTES + 5))
    lane.sync()
    assert lane.files() == lane.sealed()
    offsets = [path.partition("offset=")[2] for path in front.seen if "offset" in path]
    assert offsets == ["0", str(CHUNK_BYTES), str(2 * CHUNK_BYTES)]


def test_the_same_bytes_of_two_entries_are_two_files_and_one_file_is_sent_once(lane: Lane) -> None:
    lane.photographed(noise(500))
    lane.photographed(noise(500))
    lane.sync()
    assert len(lane.files()) == 2  # another key, another nonce
    assert lane.files() == lane.sealed()


@pytest.mark.slow
def test_a_line_cut_at_any_point_costs_one_chunk_at_most(tmp_path: Path, clock: SetClock, practice: Practice) -> None:
    """Bytes are counted at the station, which counts a chunk as sent when it begins: what goes over the line again is less, never more."""
    draw = random.Random(20261126)  # noqa: S311 - repeatable on purpose
    with misbehaving_line(practice.url) as proxy, cut_station(tmp_path, clock, practice, proxy) as lane:
        for number in range(CUTS):
            data = noise(2 * CHUNK_BYTES + draw.randrange(CHUNK_BYTES), number)
            lane.photographed(data)
            cut = Fault(draw.choice((Kind.CUT_REQUEST, Kind.CUT_ANSWER)), draw.choice(SPOTS), draw.random(), draw.random() < 0.3)
            # Entries and what was returned first, then: announce, three chunks, ask.
            proxy.faults[:] = [Fault()] * draw.randint(2, 6) + [cut]
            outcomes = [lane.station.synchronise()]
            while lane.counts().pending:
                outcomes.append(lane.station.synchronise())
                assert len(outcomes) < 5, (number, cut, outcomes)
            proxy.faults.clear()
            assert all(each.status.state is SyncState.SYNCHRONISED for each in outcomes), (number, cut, outcomes)
            again = sum(each.photos.bytes_sent for each in outcomes) - len(data) - 28
            assert 0 <= again <= CHUNK_BYTES, (number, cut, again)
        assert lane.files() == lane.sealed()


SPOTS = (Spot.NOTHING, Spot.LINE, Spot.HEADERS, Spot.BODY, Spot.BODY, Spot.BODY, Spot.LAST_BYTE)


@contextmanager
def cut_station(folder: Path, clock: SetClock, practice: Practice, proxy: Proxy) -> Iterator[Lane]:
    surroundings = Surroundings(clock, hasher=CHEAP, timeouts=QUICK)
    with Station.init(folder / "station", PRACTICE_PASSPHRASE, surroundings, practice=True) as station:
        station.enrol(practice.code(), proxy.url)
        save_machine(station.folder.path, Machine(photo_kb_s=0))
        station.synchronise()
        yield Lane(station, practice, clock)


@dataclass
class Interrupting:
    """A client that has an entry written while a chunk is on the line."""

    client: GatewayClient
    written: Callable[[], object]
    at: int
    chunks: int = 0

    def evidence(self, asked: EvidenceRequest) -> object:
        return self.client.evidence(asked)

    def send_evidence(self, sealed_sha256: str, offset: int, chunk: bytes) -> object:
        self.chunks += 1
        if self.chunks == self.at:
            self.written()
        return self.client.send_evidence(sealed_sha256, offset, chunk)


def test_an_entry_waits_for_one_chunk_at_most_and_the_photo_goes_on_behind_it(lane: Lane) -> None:
    save_machine(lane.station.folder.path, Machine(photo_kb_s=0))
    lane.photographed(noise(6 * CHUNK_BYTES))
    station = lane.station
    client = station.client()
    interrupted = Interrupting(client, lambda: append(station, acceptance("SF1000000000001")), at=3)
    acknowledge_entries(lane)
    photos = Photos(station.database, station.enrolled(), interrupted, station.writer(), plan(station))  # type: ignore[arg-type]
    run = photos.run()
    assert (interrupted.chunks, run.sent, run.status.code) == (3, 0, None)
    assert Due(lambda: "10.0.0.1").look(station.database, lane.clock.read().wall_ms)
    outcome = lane.sync()
    assert outcome.acknowledged == 1
    assert (outcome.photos.sent, outcome.photos.bytes_sent) == (1, 3 * CHUNK_BYTES + 28)
    client.close()


def acknowledge_entries(lane: Lane) -> None:
    """Everything but photos arrives."""
    station = lane.station
    client = station.client()
    Synchroniser(station.database, station.enrolled(), client, station.writer(), random.uniform).run()
    client.close()


def plan(station: Station, rate: int = 0) -> PhotoPlan:
    return PhotoPlan(station.evidence, rate, random.uniform)


def test_no_more_is_sent_than_was_set(lane: Lane, clock: SetClock) -> None:
    save_machine(lane.station.folder.path, Machine(photo_kb_s=50))
    for number in range(12):
        lane.photographed(noise(100_000, number))
    began_ms, sent, runs = clock.wall_ms, 0, 0
    while lane.counts().pending:
        if Due(lambda: "10.0.0.1").look(lane.station.database, clock.read().wall_ms):
            sent, runs = sent + lane.sync().photos.bytes_sent, runs + 1
            assert sent <= 50_000 * (BURST_S + (clock.wall_ms - began_ms) / 1000) + CHUNK_BYTES
        clock.pass_ms(500)
    assert sent == 12 * 100_028
    assert runs < 12
    assert clock.wall_ms - began_ms > 12_000


def test_a_portal_that_answers_for_photos_is_named_and_the_entries_are_well(lane: Lane, front: Front, clock: SetClock) -> None:
    lane.photographed(noise(100))
    front.faults[:] = ["pass", "pass", "html"]
    outcome = lane.sync()
    assert (outcome.acknowledged, outcome.photos.sent, outcome.photos.status.code) == (1, 0, SyncCode.WEB_PAGE)
    assert lane.counts() == PhotoCounts(pending=1)
    assert outcome.photos.status.next_try_ms is not None
    clock.pass_ms(1_000)
    assert photos_are_due(lane.station.database, clock.wall_ms)
    assert lane.sync().photos.sent == 1


def test_a_gateway_that_asks_to_wait_is_not_asked_for_photos_before(lane: Lane, front: Front, clock: SetClock) -> None:
    lane.photographed(noise(100))
    front.faults[:] = ["pass", "pass", "429"]
    lane.sync()
    assert not photos_are_due(lane.station.database, clock.wall_ms)
    asked = len(front.seen)
    assert lane.sync().photos.sent == 0
    assert not any("evidence" in path for path in front.seen[asked:])
    clock.pass_ms(8_000)
    assert lane.sync().photos.sent == 1


def test_a_gateway_of_before_photos_is_asked_again_in_an_hour(lane: Lane, front: Front, clock: SetClock) -> None:
    lane.photographed(noise(100))
    front.faults[:] = ["pass", "pass", "unknown"]
    assert lane.sync().photos.status.code == SyncCode.PHOTOS_NOT_TAKEN
    assert lane.counts() == PhotoCounts(pending=1)
    clock.pass_ms(3_500_000)
    assert not photos_are_due(lane.station.database, clock.wall_ms)
    clock.pass_ms(200_000)
    assert photos_are_due(lane.station.database, clock.wall_ms)
    assert lane.sync().photos.sent == 1


@pytest.mark.parametrize("fault", ["garbage", "flip", "500", "cut-before", "cut-after", "half"])
@pytest.mark.slow
def test_a_spoilt_answer_is_no_answer(lane: Lane, front: Front, fault: str) -> None:
    lane.photographed(noise(100))
    front.faults[:] = ["pass", "pass", fault]
    outcome = lane.sync()
    assert outcome.photos.sent == 0
    assert outcome.photos.status.code is not None
    assert lane.sync().photos.sent == 1
    assert lane.files() == lane.sealed()


def test_files_that_are_gone_or_altered_are_told_and_not_asked_for_again_and_again(lane: Lane, front: Front, clock: SetClock) -> None:
    for number in range(3):
        lane.photographed(noise(100 + number, number))
    gone, altered, _ = lane.own_files()
    away, held = gone.read_bytes(), altered.read_bytes()
    gone.unlink()
    altered.write_bytes(held[:-1] + bytes([held[-1] ^ 1]))
    assert lane.sync().photos.sent == 1
    told = PhotoCounts(sent=1, failed=2, codes=(("evidence-altered", 1), ("evidence-missing", 1)))
    assert lane.counts() == told
    asked = len(front.seen)
    lane.sync()
    assert not any("evidence" in path for path in front.seen[asked:])
    assert not photos_are_due(lane.station.database, clock.wall_ms)
    gone.write_bytes(away)
    altered.write_bytes(held)
    clock.pass_ms(DAY_MS)
    assert lane.sync().photos.sent == 2
    assert lane.counts() == PhotoCounts(sent=3)


def test_a_photo_whose_key_was_destroyed_is_not_sent(lane: Lane, clock: SetClock) -> None:
    place = lane.photographed(noise(100))
    with lane.station.database.write() as tx:
        parts_gone(tx, place[0], place[1])
    assert lane.sync().photos.sent == 0
    assert lane.counts() == PhotoCounts(failed=1, codes=(("evidence-destroyed", 1),))
    clock.pass_ms(DAY_MS)
    lane.sync()
    assert lane.counts().failed == 1


def test_a_photo_that_was_sent_stays_sent_when_its_key_is_destroyed(lane: Lane, clock: SetClock) -> None:
    place = lane.photographed(noise(100))
    lane.sync()
    with lane.station.database.write() as tx:
        parts_gone(tx, place[0], place[1])
        sent_evidence.ask_again(tx)
    lane.own_files()[0].unlink()
    assert lane.sync().photos.sent == 1  # the question needs neither key nor file


def test_another_encryption_of_the_photo_is_not_what_was_announced(lane: Lane, front: Front) -> None:
    place = lane.photographed(noise(100))
    front.faults[:] = ["pass", "pass", "pass", "500"]
    assert lane.sync().photos.sent == 0
    stored = journal.entry_at(lane.station.database, place[0], place[1])
    assert stored is not None
    key = from_text(opened(stored.openings["kept"])["photo_keys"][place[2]])  # type: ignore[index,call-overload]
    digest, nonce = hashlib.sha256(noise(100)).hexdigest(), bytes(12)
    path = lane.station.evidence / digest[:2] / file_name(digest, key)
    path.write_bytes(nonce + AESGCM(key).encrypt(nonce, noise(100), digest.encode()))
    lane.sync()
    assert lane.counts().codes == (("evidence-altered", 1),)


def test_photos_that_the_gateway_lost_are_noticed_within_days_and_sent_again(lane: Lane, clock: SetClock) -> None:
    for number in range(5):
        lane.photographed(noise(100 + number, number))
    lane.sync()
    held = sorted(lane.practice.gateway.evidence.path(name) for name in lane.files())
    held[0].unlink()
    held[1].write_bytes(b"rotten")
    clock.pass_ms(DAY_MS)
    for _ in range(40):  # five are drawn with replacement: one day may miss both
        outcome = lane.sync()
        if outcome.photos.sent:
            break
        clock.pass_ms(DAY_MS)
    again = sum(len(data) for name, data in lane.sealed().items() if name in {path.name for path in held[:2]})
    assert (outcome.photos.sent, outcome.photos.bytes_sent) == (5, again)
    assert load_photo_status(lane.station.database).asked_again_ms is not None
    assert lane.files() == lane.sealed()


def test_a_restart_goes_on_where_the_gateway_is(lane: Lane, tmp_path: Path, clock: SetClock) -> None:
    save_machine(lane.station.folder.path, Machine(photo_kb_s=10))  # a chunk at a time
    lane.photographed(noise(3 * CHUNK_BYTES))
    sent = lane.sync().photos.bytes_sent
    assert sent == CHUNK_BYTES
    lane.station.close()
    with Station.open(tmp_path / "station", PRACTICE_PASSPHRASE, Surroundings(clock, hasher=CHEAP)) as again:
        lane.station = again
        while lane.counts().pending:
            clock.pass_ms(30_000)
            sent += lane.sync().photos.bytes_sent
        assert sent == 3 * CHUNK_BYTES + 28
        assert lane.files() == lane.sealed()


def test_what_came_out_wrong_at_the_gateway_is_thrown_away_and_comes_again(lane: Lane, clock: SetClock) -> None:
    save_machine(lane.station.folder.path, Machine(photo_kb_s=10))
    lane.photographed(noise(CHUNK_BYTES + 100))
    lane.sync()
    (partial,) = lane.practice.gateway.evidence.path("00").parent.parent.glob("incoming/*/*")
    partial.write_bytes(bytes(CHUNK_BYTES))
    for _ in range(5):
        clock.pass_ms(1_000_000)
        lane.sync()
    assert lane.counts() == PhotoCounts(sent=1)
    assert lane.files() == lane.sealed()


def test_a_revoked_station_hands_in_what_it_has(lane: Lane) -> None:
    lane.photographed(noise(100))
    revoke_station(lane.practice.gateway, "zz-jinshui-01")
    outcome = lane.station.synchronise()
    assert (outcome.status.code, outcome.photos.sent) == (SyncCode.REVOKED, 1)


def test_uploads_that_nobody_goes_on_with_are_swept_after_a_week(lane: Lane, clock: SetClock) -> None:
    save_machine(lane.station.folder.path, Machine(photo_kb_s=10))
    lane.photographed(noise(2 * CHUNK_BYTES))
    lane.sync()
    folder = lane.practice.gateway.evidence
    clock.pass_ms(KEPT_MS - 60_000)
    assert folder.sweep(clock.wall_ms) == 0
    clock.pass_ms(3_700_000)
    assert folder.sweep(clock.wall_ms) == 1
    while lane.counts().pending:
        lane.sync()
        clock.pass_ms(60_000)
    assert lane.files() == lane.sealed()


def test_photos_of_before_the_lane_are_noted_and_sent(lane: Lane, tmp_path: Path, clock: SetClock) -> None:
    """A database that the program before this one wrote, brought up in place. What a damaged header says stops nobody."""
    places = [lane.photographed(noise(100 + number, number), f"photo-{number}") for number in range(3)]
    append(lane.station, acceptance("SF1000000000001", note='"evidence":[{'))
    with lane.station.database.write() as tx:
        tx.execute("DROP TABLE evidence_files")
        tx.execute("DELETE FROM _sqlite_migrations WHERE name = 'evidence_files'")
        for header in (b'{"evidence":[{', b'{"evidence":[{}, "x", 7, {"name": 3}]}', b'\xff"evidence":[{', b'[1,""evidence":[{"]'):
            tx.execute(
                "INSERT INTO journal_entries (journal_id, seq, hash, header, signature, wall_ms)"
                " SELECT journal_id, 1000 + MAX(seq), '', ?, x'00', 0 FROM journal_entries",
                (header,),
            )
    noted_before = lane.station.database
    migrate(noted_before)
    rows = noted_before.rows("SELECT journal_id, seq, name FROM evidence_files ORDER BY number")
    assert [tuple(row) for row in rows] == places
    assert lane.counts() == PhotoCounts(pending=3)


def test_a_gateway_put_back_with_its_photos_is_asked_and_sent_nothing_twice(lane: Lane, tmp_path: Path, clock: SetClock) -> None:
    copy = tmp_path / "copy.db"
    back_up(tmp_path / "gateway", copy)
    for number in range(3):
        lane.photographed(noise(100 + number, number))
    lane.sync()
    put_back(lane, tmp_path / "gateway", copy)
    lane.photographed(noise(200, 9))
    outcome = lane.station.synchronise()
    assert outcome.status.code is SyncCode.ROLLBACK
    assert (outcome.photos.sent, outcome.photos.bytes_sent) == (4, 228)
    with lane.practice.gateway.database.read() as tx:
        assert tx.execute(text("SELECT COUNT(*) FROM evidence WHERE held_at_ms IS NOT NULL")).scalar_one() == 4


def test_photos_that_came_after_the_backup_come_again_though_no_entry_is_missing(lane: Lane, tmp_path: Path) -> None:
    """Nobody is behind: that the gateway was put back shows only by its new journal of receipts."""
    copy = tmp_path / "copy.db"
    lane.photographed(noise(100))
    acknowledge_entries(lane)
    back_up(tmp_path / "gateway", copy)
    assert lane.sync().photos.sent == 1
    put_back(lane, tmp_path / "gateway", copy)
    for name in lane.files():
        lane.practice.gateway.evidence.path(name).unlink()
    outcome = lane.sync()
    assert (outcome.photos.sent, outcome.photos.bytes_sent) == (1, 128)
    assert lane.files() == lane.sealed()


def back_up(folder: Path, copy: Path) -> None:
    with closing(sqlite3.connect(folder / "gateway.db")) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)


def put_back(lane: Lane, folder: Path, copy: Path) -> None:
    """The database of a running gateway becomes that of the copy."""
    with closing(sqlite3.connect(copy)) as source, closing(sqlite3.connect(folder / "gateway.db")) as target:
        source.backup(target)
    begin_journal(lane.practice.gateway)


def test_photos_of_entries_that_were_filed_again_travel_under_those(lane: Lane, tmp_path: Path, clock: SetClock) -> None:
    """A whole station put back: the gateway holds another entry there, and what it can't take is filed again with its photos."""
    folder, copy = tmp_path / "station", tmp_path / "copy"
    lane.station.close()
    shutil.copytree(folder, copy)
    lane.station = Station.open(folder, PRACTICE_PASSPHRASE, Surroundings(clock, hasher=CHEAP))
    lane.photographed(noise(101, 1))
    lane.station.keep_head()
    lane.sync()
    lane.station.close()
    shutil.rmtree(folder)
    shutil.copytree(copy, folder)
    lane.station = Station.open(folder, PRACTICE_PASSPHRASE, Surroundings(clock, hasher=CHEAP))
    lane.photographed(noise(102, 2))
    lane.station.keep_head()
    for _ in range(6):
        lane.station.synchronise()
        clock.pass_ms(1_000_000)
    assert set(lane.sealed()) <= set(lane.files())
    counts = lane.counts()
    assert (counts.pending, counts.codes) == (
        0,
        (("evidence-destroyed", 1),),
    )  # the lost entry's photo: held by the gateway, its key is lost
    lane.station.close()
