"""Replication against the real gateway, with a line that misbehaves."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from courier_check.errors import StoreError, Unavailable, UserError
from courier_check.gateway.admin import revoke_station
from courier_check.gateway.certify import certify
from courier_check.journal.entries import Draft
from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings
from courier_check.store import inbox, journal
from courier_check.store.codes import StoreCode
from courier_check.store.verification import verify_entry
from courier_check.sync.client import GatewayClient, NoAnswer, Refusal, Signature
from courier_check.sync.codes import SyncCode
from courier_check.sync.synchroniser import Synchroniser, SyncState
from courier_check.wire.batches import Answer, Batch
from courier_check.wire.problems import ProblemCode
from support.clocks import SetClock
from support.gateways import Front, Practice, misbehaving_front, practice_gateway
from support.stations import CHEAP, acceptance, append, station_in


@pytest.fixture
def enrolled(tmp_path: Path, clock: SetClock, practice: Practice, front: Front) -> Iterator[Station]:
    with Station.init(tmp_path / "station", PRACTICE_PASSPHRASE, Surroundings(clock, hasher=CHEAP), practice=True) as station:
        station.enrol(practice.code(), front.url)
        yield station


def pending(station: Station) -> int:
    return inbox.standing(station.database).pending


def test_everything_pending_is_acknowledged_and_proven(enrolled: Station) -> None:
    for number in range(3):
        append(enrolled, acceptance(f"SF100000000000{number}"))
    outcome = enrolled.synchronise()
    assert (outcome.status.state, outcome.sent, outcome.acknowledged) == (SyncState.SYNCHRONISED, 4, 4)
    assert pending(enrolled) == 0
    journal_id = journal.current_journal(enrolled.database)
    assert journal_id is not None
    result, proof = verify_entry(enrolled.database, enrolled.enrolled(), enrolled.evidence, (journal_id, 3))
    assert result.ok
    assert proof is not None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("html", SyncCode.WEB_PAGE),
        ("html 403", SyncCode.WEB_PAGE),
        ("html 511", SyncCode.WEB_PAGE),  # a login is wanted
        ("html 502", SyncCode.FAILED),  # a proxy's page about a gateway that is down
        ("html 503", SyncCode.BUSY),
        ("html 504", SyncCode.FAILED),
        ("html 429", SyncCode.BUSY),
        ("500", SyncCode.FAILED),
        ("429", SyncCode.BUSY),
        ("garbage", SyncCode.NOT_UNDERSTOOD),
        ("half", SyncCode.CUT_OFF),
        ("cut-before", SyncCode.CUT_OFF),
        ("cut-after", SyncCode.CUT_OFF),
        ("flip", SyncCode.BAD_RECEIPT),
    ],
)
def test_a_spoilt_answer_is_no_answer_and_nothing_is_lost_or_doubled(
    enrolled: Station, front: Front, practice: Practice, fault: str, code: SyncCode
) -> None:
    append(enrolled, acceptance("SF1000000000001"))
    front.faults[:] = [fault]
    outcome = enrolled.synchronise()
    assert (outcome.status.state, outcome.status.code) == (SyncState.OFFLINE, code)
    assert outcome.status.next_try_ms is not None
    assert pending(enrolled) == 2
    assert enrolled.synchronise().status.state == SyncState.SYNCHRONISED
    assert pending(enrolled) == 0
    assert enrolled.verify().ok
    with practice.gateway.database.read() as tx:
        held = tx.exec_driver_sql("SELECT COUNT(*), COUNT(DISTINCT seq) FROM entries").one()
    assert tuple(held) == (2, 2)


@pytest.mark.parametrize("fault", ["429", "html 502", "html 503", "html 429"])
def test_a_gateway_that_asks_to_wait_is_not_asked_before(enrolled: Station, front: Front, clock: SetClock, fault: str) -> None:
    """Also where a proxy says it, in a page of its own."""
    front.faults[:] = [fault]
    outcome = enrolled.synchronise()
    assert outcome.status.next_try_ms is not None
    assert outcome.status.next_try_ms - clock.wall_ms >= 6_900


def test_what_asks_to_wait_for_a_day_is_believed_for_an_hour(enrolled: Station, front: Front, clock: SetClock) -> None:
    """It is not signed: any box on the way can say so."""
    front.faults[:] = ["503 for a day"]
    outcome = enrolled.synchronise()
    assert outcome.status.next_try_ms is not None
    assert outcome.status.asked
    assert outcome.status.waits_ms == 3_600_000
    assert outcome.status.next_try_ms - clock.wall_ms <= 3_600_000


def test_an_absent_gateway_leaves_everything_pending(tmp_path: Path, clock: SetClock, practice: Practice) -> None:
    with Station.init(tmp_path / "station", PRACTICE_PASSPHRASE, Surroundings(clock, hasher=CHEAP), practice=True) as station:
        with misbehaving_front(practice.url) as front:
            station.enrol(practice.code(), front.url)
        outcome = station.synchronise()
        assert (outcome.status.state, outcome.status.code) == (SyncState.OFFLINE, SyncCode.NO_CONNECTION)
        assert pending(station) == 1


def test_a_batch_in_flight_is_resent_with_the_same_boundaries(enrolled: Station, front: Front) -> None:
    append(enrolled, acceptance("SF1000000000001"))
    front.faults[:] = ["cut-after"]
    enrolled.synchronise()
    append(enrolled, acceptance("SF1000000000002"))
    enrolled.synchronise()
    journal_id = journal.current_journal(enrolled.database) or ""
    ranges = enrolled.database.rows("SELECT first_seq, last_seq FROM receipts WHERE journal_id = ? ORDER BY 1", (journal_id,))
    assert ranges == [(1, 2), (3, 3)]


@pytest.mark.slow
def test_two_receipts_with_other_boundaries_are_no_alarm(enrolled: Station) -> None:
    append(enrolled, acceptance("SF1000000000001"))
    enrolled.synchronise()
    with enrolled.database.write() as tx:
        tx.execute("DELETE FROM receipts")
    append(enrolled, acceptance("SF1000000000002"))
    assert enrolled.synchronise().status.state == SyncState.SYNCHRONISED
    assert enrolled.verify().ok


@pytest.mark.slow
def test_a_gateway_put_back_is_noticed_and_sent_again(tmp_path: Path, clock: SetClock) -> None:
    with Station.init(tmp_path / "station", PRACTICE_PASSPHRASE, Surroundings(clock, hasher=CHEAP), practice=True) as station:
        port = _free_port()
        with practice_gateway(tmp_path / "gateway", clock) as practice, _front_on(practice.url, port) as front:
            station.enrol(practice.code(), front)
            station.synchronise()
            practice.gateway.database.close()
            before = (tmp_path / "gateway" / "gateway.db").read_bytes()
        with practice_gateway(tmp_path / "gateway", clock) as practice, _front_on(practice.url, port):
            append(station, acceptance("SF1000000000001"))
            station.synchronise()
        for leftover in (tmp_path / "gateway").glob("gateway.db-*"):
            leftover.unlink()
        (tmp_path / "gateway" / "gateway.db").write_bytes(before)
        with practice_gateway(tmp_path / "gateway", clock) as practice, _front_on(practice.url, port):
            append(station, acceptance("SF1000000000002"))
            outcome = station.synchronise()
            assert (outcome.status.state, outcome.status.code) == (SyncState.ALARM, SyncCode.ROLLBACK)
            assert pending(station) == 0
            with practice.gateway.database.read() as tx:
                assert tx.exec_driver_sql("SELECT MAX(seq) FROM entries").scalar_one() == 4  # the rollback is an entry, too


@pytest.mark.slow
def test_a_waybill_accepted_at_two_stations_comes_back_to_both_and_is_answered(
    tmp_path: Path, clock: SetClock, practice: Practice, enrolled: Station
) -> None:
    with Station.init(tmp_path / "other", PRACTICE_PASSPHRASE, Surroundings(clock, hasher=CHEAP), practice=True) as other:
        other.enrol(practice.code("zz-jinshui-02"), practice.url)
        for station in (enrolled, other):
            append(station, acceptance("SF1000000000001"))
            station.synchronise()
        enrolled.synchronise()
        for station in (enrolled, other):
            (item,) = inbox.returned_items(station.database, open_only=True)
            assert (item.code, item.seq) == ("waybill-elsewhere", 2)
        journal_id = journal.current_journal(other.database) or ""
        facts = {
            "corrects": {"journal_id": journal_id, "seq": 2},
            "fields": [],
            "reason": "label replaced",
            "answers_returned": item.number,
        }
        append(other, Draft("correction", "0142", facts))
        assert inbox.returned_items(other.database, open_only=True) == []
        assert other.synchronise().status.state == SyncState.SYNCHRONISED


def test_one_synchroniser_a_station(enrolled: Station) -> None:
    with enrolled.folder.only_synchroniser(), pytest.raises(StoreError) as caught:
        Station.open(enrolled.folder.path, PRACTICE_PASSPHRASE, Surroundings(SetClock())).synchronise()
    assert caught.value.code == StoreCode.SYNC_RUNNING


def test_a_code_is_used_once(tmp_path: Path, clock: SetClock, practice: Practice) -> None:
    code = practice.code("zz-jinshui-09")
    with Station.init(tmp_path / "first", PRACTICE_PASSPHRASE, Surroundings(clock, hasher=CHEAP), practice=True) as first:
        first.enrol(code, practice.url)
    with Station.init(tmp_path / "second", PRACTICE_PASSPHRASE, Surroundings(clock, hasher=CHEAP), practice=True) as second:
        with pytest.raises(UserError) as caught:
            second.enrol(code, practice.url)
        assert caught.value.code == ProblemCode.CODE_USED
        assert second.identity is None


def test_an_enrolment_whose_answer_was_lost_is_asked_again(tmp_path: Path, clock: SetClock, practice: Practice, front: Front) -> None:
    code = practice.code("zz-jinshui-09")
    with Station.init(tmp_path / "first", PRACTICE_PASSPHRASE, Surroundings(clock, hasher=CHEAP), practice=True) as station:
        front.faults[:] = ["cut-after"]
        with pytest.raises(Unavailable):
            station.enrol(code, front.url)
        assert station.enrol(code, front.url).certificate.subject == "zz-jinshui-09"


def test_practice_never_enrols_at_a_real_gateway(tmp_path: Path, clock: SetClock) -> None:
    with (
        practice_gateway(tmp_path / "gateway", clock, practice=False) as real,
        Station.init(tmp_path / "station", PRACTICE_PASSPHRASE, Surroundings(clock, hasher=CHEAP), practice=True) as station,
        pytest.raises(UserError),
    ):
        station.enrol(real.code(), real.url)


def test_enrolment_by_file(tmp_path: Path, clock: SetClock, practice: Practice) -> None:
    with Station.init(tmp_path / "station", PRACTICE_PASSPHRASE, Surroundings(clock, hasher=CHEAP), practice=True) as station:
        request = station.enrolment_request(practice.code("zz-jinshui-09"))
        identity = station.enrol_by_file(certify(practice.gateway, request), practice.url)
        assert identity.certificate.subject == "zz-jinshui-09"
        assert station.synchronise().status.state == SyncState.SYNCHRONISED


@pytest.mark.slow
def test_a_fork_is_refused_and_named(tmp_path: Path, enrolled: Station, clock: SetClock) -> None:
    enrolled.synchronise()
    enrolled.database.value("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copytree(enrolled.folder.path, tmp_path / "clone")
    append(enrolled, acceptance("SF1000000000001"))
    enrolled.synchronise()
    with Station.open(tmp_path / "clone", PRACTICE_PASSPHRASE, Surroundings(clock, hasher=CHEAP)) as clone:
        append(clone, acceptance("SF1000000000002"))
        outcome = clone.synchronise()
        forked = journal.current_journal(clone.database)
        assert (outcome.status.state, outcome.status.code) == (SyncState.ALARM, SyncCode.FORK)
        assert forked != journal.journal_ids(clone.database)[0]
        append(clone, acceptance("SF1000000000003"))
        assert clone.synchronise().status.state == SyncState.SYNCHRONISED
        assert clone.verify().ok


def test_a_damaged_row_stops_sync_with_a_reason(enrolled: Station) -> None:
    append(enrolled, acceptance("SF1000000000001"))
    with enrolled.database.write() as tx:
        tx.execute("DROP TRIGGER journal_entries_unchanged")
        tx.execute("UPDATE journal_entries SET header = x'ff00' WHERE seq = 2")
    outcome = enrolled.synchronise()
    assert (outcome.status.state, outcome.status.code) == (SyncState.ALARM, SyncCode.DAMAGED)


@pytest.mark.slow
def test_returned_items_that_come_out_of_turn_are_all_kept(tmp_path: Path, clock: SetClock, practice: Practice, enrolled: Station) -> None:
    """An item raised by another station waits while a batch's own answer brings a later one."""
    with Station.init(tmp_path / "other", PRACTICE_PASSPHRASE, Surroundings(clock, hasher=CHEAP), practice=True) as other:
        other.enrol(practice.code("zz-jinshui-02"), practice.url)
        append(enrolled, acceptance("SF1000000000001"))
        append(other, acceptance("SF1000000000009"))
        enrolled.synchronise()
        append(other, acceptance("SF1000000000001"))
        other.synchronise()
        append(enrolled, acceptance("SF1000000000009"))
        enrolled.synchronise()
    assert [item.number for item in inbox.returned_items(enrolled.database)] == [1, 2]


def test_a_revoked_station_is_told(enrolled: Station, practice: Practice) -> None:
    revoke_station(practice.gateway, enrolled.enrolled().certificate.subject)
    append(enrolled, acceptance("SF1000000000001"))
    outcome = enrolled.synchronise()
    assert (outcome.status.state, outcome.status.code) == (SyncState.ALARM, SyncCode.REVOKED)
    assert pending(enrolled) == 0


def test_a_revocation_is_never_lost_beside_the_receipt_that_tells_it(enrolled: Station, practice: Practice) -> None:
    """Power fails between the two: no line would tell it again before the next act."""
    revoke_station(practice.gateway, enrolled.enrolled().certificate.subject)
    append(enrolled, acceptance("SF1000000000001"))
    with enrolled.database.write() as tx:
        tx.execute("CREATE TEMP TRIGGER fails BEFORE INSERT ON facts WHEN NEW.name = 'revoked' BEGIN SELECT RAISE(ABORT, 'power'); END")
    with pytest.raises(StoreError):
        enrolled.synchronise()
    assert pending(enrolled) > 0, "the receipt went with it"
    with enrolled.database.write() as tx:
        tx.execute("DROP TRIGGER fails")
    assert enrolled.synchronise().status.code == SyncCode.REVOKED


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _front_on(target: str, port: int) -> Iterator[str]:
    """A plain relay on a fixed port, so that a station finds a restarted gateway where it was."""
    host, _, there = target.removeprefix("http://").partition(":")
    listener = socket.create_server(("127.0.0.1", port))
    stop = threading.Event()

    def pump(source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65_536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            return  # either side hung up

    def serve() -> None:
        while not stop.is_set():
            try:
                client, _ = listener.accept()
            except OSError:
                return
            server = socket.create_connection((host, int(there)))
            pumps = [threading.Thread(target=pump, args=ends) for ends in ((client, server), (server, client))]
            for each in pumps:
                each.start()
            for each in pumps:
                each.join()
            client.close()
            server.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        stop.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(timeout=5)


class BesideACounter(GatewayClient):
    """A line to a gateway; while a batch is on its way, somebody records another parcel, as often as that goes on."""

    most = 20

    def __init__(self, url: str, station: Station, clock: SetClock) -> None:
        identity = station.enrolled()
        super().__init__(url, Signature(identity.certificate.subject, identity.keys.signing, clock))
        self.recorded = 0
        self._folder, self._clock = station.folder.path, clock

    def send(self, batch: Batch) -> Answer | Refusal | NoAnswer:
        if self.recorded < self.most:
            self.recorded += 1
            with station_in(self._folder, self._clock) as beside:  # in this thread, as the window's desk is in its own
                append(beside, acceptance(f"SF8{self.recorded:012}"))
        return super().send(batch)


def test_a_run_ends_beside_a_counter_that_never_does(enrolled: Station, front: Front, clock: SetClock) -> None:
    append(enrolled, acceptance("SF1000000000000"))
    with closing(BesideACounter(front.url, enrolled, clock)) as client:
        synchroniser = Synchroniser(enrolled.database, enrolled.enrolled(), client, enrolled.writer(), min)
        before, outcome = pending(enrolled), synchroniser.run()
        assert (outcome.status.state, outcome.acknowledged) == (SyncState.SYNCHRONISED, before)
        assert 0 < client.recorded == pending(enrolled) < client.most
