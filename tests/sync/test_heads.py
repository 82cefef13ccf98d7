"""A gateway put back whole, nobody having said so; and old words of a gateway played again by whoever sits on the line."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import text

from courier_check.journal.entries import parse_header
from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings
from courier_check.store import inbox, journal
from courier_check.sync.client import GatewayClient, NoAnswer, Refusal, Signature
from courier_check.sync.codes import SyncCode
from courier_check.sync.synchroniser import Outcome, Synchroniser, SyncState
from courier_check.wire.batches import Answer, Batch, HeadRequest, Receipt
from courier_check.wire.problems import ProblemCode, problem
from courier_check.wire.signed import Signed, read
from support.clocks import SetClock
from support.gateways import Practice, practice_gateway
from support.proofs import check_receipts_chained, entries_at_gateway, entries_at_station
from support.stations import CHEAP, acceptance, append


class Folder:
    """A gateway that can be taken down, and its whole folder put back."""

    def __init__(self, path: Path, clock: SetClock) -> None:
        self.path, self.backup, self._clock = path, path.with_name("backup"), clock
        self._up = ExitStack()
        self.practice: Practice = self._up.enter_context(practice_gateway(path, clock))

    def down(self) -> None:
        self._up.close()

    def up(self) -> None:
        self.practice = self._up.enter_context(practice_gateway(self.path, self._clock))

    def back_up(self) -> None:
        self.down()
        shutil.copytree(self.path, self.backup)
        self.up()

    def put_back(self) -> None:
        self.down()
        shutil.rmtree(self.path)
        shutil.copytree(self.backup, self.path)
        self.up()


@pytest.fixture
def gateway(tmp_path: Path, clock: SetClock) -> Iterator[Folder]:
    folder = Folder(tmp_path / "gateway", clock)
    yield folder
    folder.down()


@contextmanager
def enrolled(tmp_path: Path, clock: SetClock, gateway: Folder, station_id: str) -> Iterator[Station]:
    with Station.init(tmp_path / station_id, PRACTICE_PASSPHRASE, Surroundings(clock, hasher=CHEAP), practice=True) as station:
        station.enrol(gateway.practice.code(station_id), gateway.practice.url)
        yield station


@pytest.fixture
def station(tmp_path: Path, clock: SetClock, gateway: Folder) -> Iterator[Station]:
    with enrolled(tmp_path, clock, gateway, "zz-jinshui-01") as opened:
        yield opened


class Line(GatewayClient):
    """The real client to where the gateway is now; what comes back may be changed on the way."""

    def __init__(self, station: Station, gateway: Folder) -> None:
        identity = station.enrolled()
        super().__init__(gateway.practice.url, Signature(identity.certificate.subject, identity.keys.signing, station.clock))


def synchronised(station: Station, gateway: Folder, line: Callable[[Station, Folder], GatewayClient] = Line, **how: Any) -> Outcome:
    client = line(station, gateway)
    try:
        return Synchroniser(station.database, station.enrolled(), client, station.writer(), min).run(**how)
    finally:
        client.close()


def told(outcome: Outcome) -> tuple[SyncState, SyncCode | None]:
    return outcome.status.state, outcome.status.code


def rollbacks(station: Station) -> int:
    rows = station.database.rows("SELECT header FROM journal_entries")
    return sum(parse_header(data).kind == "gateway-rollback" for (data,) in rows)


def receipts(station: Station) -> list[Signed]:
    return [each for journal_id in journal.journal_ids(station.database) for each in inbox.receipts(station.database, journal_id)]


def everything_arrived(station: Station, gateway: Folder) -> None:
    own, certificate = station.database, station.enrolled().certificate
    assert inbox.standing(own).pending == 0
    assert sorted(entries_at_gateway(gateway.practice.gateway, certificate.subject)) == sorted(entries_at_station(station))
    assert station.verify().ok


# --- a whole folder put back --------------------------------------------------------------------------------------------------------------


def given_and_forgotten(station: Station, gateway: Folder, more: int = 2) -> None:
    """A backup, receipts after it, and the backup put back without a word."""
    append(station, acceptance("SF-before"))
    synchronised(station, gateway)
    gateway.back_up()
    for number in range(more):
        append(station, acceptance(f"SF-lost-{number}"))
        assert told(synchronised(station, gateway)) == (SyncState.SYNCHRONISED, None)
    gateway.put_back()


@pytest.mark.parametrize("pending", [0, 1])
def test_it_begins_another_journal_of_receipts_by_itself(station: Station, gateway: Folder, pending: int) -> None:
    """Whether the station has something to send, or only looks."""
    given_and_forgotten(station, gateway)
    before = gateway.practice.gateway.gateway_journal_id
    for number in range(pending):
        append(station, acceptance(f"SF-next-{number}"))
    assert told(synchronised(station, gateway, first_look=True)) == (SyncState.ALARM, SyncCode.ROLLBACK)
    assert gateway.practice.gateway.gateway_journal_id != before
    assert told(synchronised(station, gateway)) == (SyncState.SYNCHRONISED, None)
    everything_arrived(station, gateway)
    check_receipts_chained(gateway.practice.gateway, receipts(station))  # no number was given twice
    assert rollbacks(station) == 1


def test_where_another_station_came_first_its_numbers_are_given_twice_and_nothing_is_lost(
    station: Station, gateway: Folder, tmp_path: Path, clock: SetClock
) -> None:
    """What remains: a station that has lost nothing can't tell the gateway anything. Both receipts of one number are good for what they are
    for, and from the first one that the gateway is shown on, none is given twice."""
    with enrolled(tmp_path, clock, gateway, "zz-jinshui-02") as neighbour:
        synchronised(neighbour, gateway)
        given_and_forgotten(station, gateway, more=3)
        append(neighbour, acceptance("SF-neighbour"))
        assert told(synchronised(neighbour, gateway)) == (SyncState.SYNCHRONISED, None)
        mine, theirs = ([read(each, Receipt) for each in receipts(of)] for of in (station, neighbour))
        given = {(each.gateway_journal_id, each.gateway_seq) for each in mine}
        twice = [each for each in theirs if (each.gateway_journal_id, each.gateway_seq) in given]
        assert len(twice) == 1
        assert told(synchronised(station, gateway, first_look=True)) == (SyncState.ALARM, SyncCode.ROLLBACK)
        append(neighbour, acceptance("SF-neighbour-2"))
        for each in (station, neighbour):
            assert told(synchronised(each, gateway)) == (SyncState.SYNCHRONISED, None)
            everything_arrived(each, gateway)
        later = read(receipts(neighbour)[-1], Receipt)
        assert (later.gateway_journal_id, later.gateway_journal_id in {each.gateway_journal_id for each in mine}) == (
            gateway.practice.gateway.gateway_journal_id,
            False,
        )


def test_the_receipt_held_and_the_one_given_again_are_both_kept(station: Station, gateway: Folder) -> None:
    """Sent again in other batches: a receipt of other boundaries stands beside those of before, and the entry's proof holds by either."""
    given_and_forgotten(station, gateway)
    before = receipts(station)
    synchronised(station, gateway, first_look=True)
    synchronised(station, gateway)
    assert {each.body for each in before} < {each.body for each in receipts(station)}
    assert station.verify().ok


# --- old words played again ---------------------------------------------------------------------------------------------------------------


class Replaying(Line):
    """Answers the first batch with a head that the gateway really signed, some time ago."""

    recorded: Signed | None = None

    def send(self, batch: Batch) -> Answer | Refusal | NoAnswer:
        if self.recorded is None:
            return super().send(batch)
        head, self.recorded = self.recorded, None
        return Refusal(msgspec.structs.replace(problem(ProblemCode.BEHIND, ""), head=head))


def recorded_head(station: Station, gateway: Folder) -> Signed:
    client = Line(station, gateway)
    head = client.head(journal.current_journal(station.database) or "")
    client.close()
    assert isinstance(head, Signed)
    return head


def replaying(recorded: Signed, **answers: Any) -> Callable[[Station, Folder], GatewayClient]:
    def made(station: Station, gateway: Folder) -> GatewayClient:
        line = Replaying(station, gateway)
        line.recorded = recorded
        for name, answer in answers.items():
            setattr(line, name, answer)
        return line

    return made


def behind_its_receipts(station: Station, gateway: Folder) -> Signed:
    """A head of before the newest receipt."""
    synchronised(station, gateway)
    head = recorded_head(station, gateway)
    append(station, acceptance("SF1"))
    synchronised(station, gateway)
    append(station, acceptance("SF2"))
    return head


def test_an_old_head_played_again_raises_no_alarm(station: Station, gateway: Folder) -> None:
    head = behind_its_receipts(station, gateway)
    assert told(synchronised(station, gateway, replaying(head))) == (SyncState.OFFLINE, SyncCode.BAD_RECEIPT)
    assert rollbacks(station) == 0
    assert told(synchronised(station, gateway)) == (SyncState.SYNCHRONISED, None)
    everything_arrived(station, gateway)


def test_an_answer_to_another_question_is_not_believed(station: Station, gateway: Folder) -> None:
    synchronised(station, gateway)
    client = Line(station, gateway)
    old = client.confirm_head(journal.current_journal(station.database) or "", HeadRequest(nonce="ab" * 16))
    client.close()
    head = behind_its_receipts(station, gateway)
    line = replaying(head, confirm_head=lambda *_: old)
    assert told(synchronised(station, gateway, line)) == (SyncState.OFFLINE, SyncCode.BAD_RECEIPT)
    assert rollbacks(station) == 0


def not_found(*_: object) -> Refusal:
    return Refusal(problem(ProblemCode.NOT_FOUND, ""))


def test_of_an_older_gateway_it_asks_twice(station: Station, gateway: Folder, clock: SetClock) -> None:
    """One that does not know the question: one recording is not enough, two statements of it, one after the other, are."""
    head = behind_its_receipts(station, gateway)
    line = replaying(head, confirm_head=not_found, head=lambda *_: head)
    assert told(synchronised(station, gateway, line)) == (SyncState.OFFLINE, SyncCode.BAD_RECEIPT)
    assert rollbacks(station) == 0
    with gateway.practice.gateway.database.write() as tx:  # it really is behind
        tx.execute(text("DELETE FROM entries WHERE seq > 1"))
        tx.execute(text("DELETE FROM receipts WHERE last_seq > 1"))
        first = journal.hash_at(station.database, journal.current_journal(station.database) or "", 1)
        tx.execute(text("UPDATE journals SET last_seq = 1, head = :head"), {"head": first})

    def asked(made: Line) -> Callable[[str], Signed | Refusal | NoAnswer]:
        def at_another_time(journal_id: str) -> Signed | Refusal | NoAnswer:
            clock.pass_ms(40)
            return Line.head(made, journal_id)

        return at_another_time

    def older(of: Station, at: Folder) -> GatewayClient:
        made = Line(of, at)
        made.confirm_head = not_found  # type: ignore[method-assign]
        made.head = asked(made)  # type: ignore[method-assign]
        return made

    assert told(synchronised(station, gateway, older)) == (SyncState.ALARM, SyncCode.ROLLBACK)
    everything_arrived(station, gateway)


def test_a_gateway_that_knew_the_question_once_is_not_taken_for_an_older_one(station: Station, gateway: Folder) -> None:
    synchronised(station, gateway)
    synchronised(station, gateway, first_look=True)  # a look with nothing to send asks
    append(station, acceptance("SF0"))
    head = behind_its_receipts(station, gateway)
    line = replaying(head, confirm_head=not_found)
    append(station, acceptance("SF4"))
    assert told(synchronised(station, gateway, line))[0] == SyncState.REFUSED
    assert rollbacks(station) == 0
