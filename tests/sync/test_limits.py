"""Batches within what the gateway takes: as its document says, and as it says itself where that is not known here yet."""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from courier_check.gateway.bundles import Result, opened_bundle
from courier_check.gateway.setup import Founding, init, read_gateway_file, write_gateway_file
from courier_check.journal.entries import Draft
from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings
from courier_check.store import facts, inbox, journal
from courier_check.store.identity import StationIdentity
from courier_check.sync.bundles import Bundles
from courier_check.sync.client import GatewayClient, NoAnswer, Refusal, Signature
from courier_check.sync.codes import SyncCode
from courier_check.sync.outgoing import Outgoing, in_flight
from courier_check.sync.synchroniser import Outcome, Synchroniser, SyncState
from courier_check.wire.batches import Answer, Batch
from courier_check.wire.certificates import Limits
from courier_check.wire.problems import Problem, ProblemCode
from support.clocks import SetClock
from support.gateways import Practice, practice_gateway
from support.stations import CHEAP, acceptance, append, new_station

LEAST_BYTES = 1024 * 1024


@contextmanager
def gateway_with(folder: Path, clock: SetClock, batch_entries: int) -> Iterator[Practice]:
    """The gateway in a folder, a new one if there is none, started with this limit."""
    if not folder.exists():
        init(folder, Founding("gw-test", "样例网关（虚构）", practice=True), clock, secrets.token_bytes)
    file = read_gateway_file(folder)
    limits = msgspec.structs.replace(file.document.limits, batch_entries=batch_entries)
    write_gateway_file(folder, msgspec.structs.replace(file, document=msgspec.structs.replace(file.document, limits=limits)))
    with practice_gateway(folder, clock) as running:
        yield running


@contextmanager
def station_of(folder: Path, clock: SetClock, practice: Practice, entries: int) -> Iterator[Station]:
    with Station.init(folder, PRACTICE_PASSPHRASE, Surroundings(clock, hasher=CHEAP), practice=True) as station:
        station.enrol(practice.code(), practice.url)
        accept(station, entries - 1)  # the opening is one
        yield station


def accept(station: Station, count: int) -> None:
    held = station.database.value("SELECT COUNT(*) FROM journal_entries")
    for number in range(held, held + count):
        append(station, acceptance(f"SF{number:013}"))


class Line(GatewayClient):
    """The line to a gateway, which notes how many entries were sent and how many of those batches were too large."""

    def __init__(self, url: str, station: Station) -> None:
        identity = station.enrolled()
        super().__init__(url, Signature(identity.certificate.subject, identity.keys.signing, station.clock))
        self.sent: list[int] = []
        self.too_large: list[int] = []

    def send(self, batch: Batch) -> Answer | Refusal | NoAnswer:
        self.sent.append(len(batch.entries))
        said = super().send(batch)
        if isinstance(said, Refusal) and said.problem.code == ProblemCode.TOO_LARGE:
            self.too_large.append(len(batch.entries))
        return said


def run(station: Station, line: Line) -> Outcome:
    with closing(line):
        return Synchroniser(station.database, station.enrolled(), line, station.writer(), min).run()


def at_gateway(practice: Practice) -> list[int]:
    with practice.gateway.database.read() as tx:
        return [row.seq for row in tx.exec_driver_sql("SELECT seq FROM entries ORDER BY arrival")]


@pytest.mark.slow
def test_batches_keep_to_the_gateways_limit_on_the_line_and_on_a_stick(tmp_path: Path, clock: SetClock) -> None:
    with gateway_with(tmp_path / "gateway", clock, 7) as practice, station_of(tmp_path / "station", clock, practice, 16) as station:
        stick = io.BytesIO()
        bundles = Bundles(station.database, station.enrolled(), station.clock, "tests", {})
        bundles.bundle(stick, bundles.pending())
        line = Line(practice.url, station)
        assert run(station, line).status.state is SyncState.SYNCHRONISED
        assert (set(line.sent), line.too_large) == ({2, 7}, [])  # one that overtakes another comes again
        with opened_bundle(practice.gateway, stick) as opened:
            assert [(each.first_seq, each.last_seq, each.result) for each in opened.take()] == [
                (1, 7, Result.HELD),
                (8, 14, Result.HELD),
                (15, 16, Result.HELD),
            ]


@pytest.mark.slow
@pytest.mark.parametrize(("most", "refused"), [(1, [17, 8, 4, 2]), (4, [17, 8])])
def test_a_batch_that_is_too_large_comes_again_in_smaller_ones(tmp_path: Path, clock: SetClock, most: int, refused: list[int]) -> None:
    """The limit was lowered since the station fetched the gateway's document."""
    with gateway_with(tmp_path / "gateway", clock, 512) as practice, station_of(tmp_path / "station", clock, practice, 17) as station:
        pass
    with (
        gateway_with(tmp_path / "gateway", clock, most) as practice,
        Station.open(tmp_path / "station", PRACTICE_PASSPHRASE, Surroundings(clock, hasher=CHEAP)) as station,
    ):
        line = Line(practice.url, station)
        assert run(station, line).status.state is SyncState.SYNCHRONISED
        assert at_gateway(practice) == list(range(1, 18))
        assert line.too_large == refused
        assert inbox.standing(station.database).pending == 0
        assert in_flight(station.database) == ()
        accept(station, 20)
        again = Line(practice.url, station)
        assert run(station, again).status.state is SyncState.SYNCHRONISED
        assert again.sent[0] == most, "a new run begins with what was taken"
        assert at_gateway(practice) == list(range(1, 38))


class Narrow:
    """A gateway that takes no batch of more entries, and is gone when one would fit."""

    line_is_slow = None

    def __init__(self, most: int) -> None:
        self.most = most
        self.sent: list[int] = []

    def pack_ahead(self, batch: Batch) -> None: ...

    def send(self, batch: Batch) -> Refusal | NoAnswer:
        self.sent.append(len(batch.entries))
        if len(batch.entries) <= self.most:
            return NoAnswer(SyncCode.NO_CONNECTION, "")
        return Refusal(Problem(code=ProblemCode.TOO_LARGE, title="", status=413, detail="", type="urn:courier-check:problem:too-large"))


@pytest.mark.parametrize(("most", "state"), [(1, SyncState.OFFLINE), (0, SyncState.REFUSED)])
def test_what_is_too_large_is_halved_down_to_one_entry_and_no_further(tmp_path: Path, most: int, state: SyncState) -> None:
    with new_station(tmp_path / "station") as station:
        accept(station, 8)
        line = Narrow(most)
        status = Synchroniser(station.database, station.enrolled(), line, station.writer(), min).run().status
        assert (status.state, line.sent) == (state, [9, 4, 2, 1])
        assert [(each.first_seq, each.last_seq) for each in in_flight(station.database)] == [(1, 1)]


def limited(identity: StationIdentity, limits: Limits) -> StationIdentity:
    gateway = msgspec.structs.replace(identity.enrolment.gateway, limits=limits)
    return replace(identity, enrolment=msgspec.structs.replace(identity.enrolment, gateway=gateway))


def test_a_batch_in_flight_that_is_larger_than_a_new_limit_is_parted(tmp_path: Path) -> None:
    with new_station(tmp_path / "station") as station:
        accept(station, 9)
        journal_id = journal.current_journal(station.database) or ""
        with station.database.write() as tx:
            facts.save(tx, "in_flight", msgspec.json.encode([{"journal_id": journal_id, "first_seq": 1, "last_seq": 8}]))
        lengths = []
        for most in (512, 8, 7):
            identity = limited(station.enrolled(), Limits(batch_entries=most, batch_bytes=LEAST_BYTES))
            batch = Outgoing(station.database, identity).next_batch(journal_id, 1)
            lengths.append(len(batch.entries) if batch else 0)
        assert lengths == [8, 8, 7]


def test_no_batch_has_more_bytes_than_the_gateway_takes(tmp_path: Path) -> None:
    """A quote in a header is four characters of the batch: text within text within text."""
    with new_station(tmp_path / "station") as station:
        for _ in range(50):
            append(station, Draft("note", None, {"said": '"' * 7_000}))
        journal_id = journal.current_journal(station.database) or ""
        outgoing = Outgoing(station.database, limited(station.enrolled(), Limits(batch_entries=512, batch_bytes=LEAST_BYTES)))
        start, sizes = 1, list[int]()
        while (batch := outgoing.next_batch(journal_id, start)) is not None:
            sizes.append(len(msgspec.json.encode(batch)))
            start += len(batch.entries)
        assert start == journal.head_of(station.database, journal_id, "").seq + 1
        assert LEAST_BYTES // 2 < max(sizes) <= LEAST_BYTES
