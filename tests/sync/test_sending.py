"""Two batches on their way at once, against the real gateway."""

from __future__ import annotations

import threading

from courier_check.gateway.turns import Turns
from courier_check.journal.verify import entry_of
from courier_check.station import Station
from courier_check.store import inbox, journal
from courier_check.sync.client import GatewayClient, NoAnswer, Refusal, Signature
from courier_check.sync.codes import SyncCode
from courier_check.sync.outgoing import in_flight
from courier_check.sync.synchroniser import Outcome, Synchroniser, SyncState
from courier_check.wire.batches import Answer, Batch
from courier_check.wire.problems import ProblemCode
from support.clocks import SetClock
from support.gateways import Practice
from support.stations import acceptance, append

A_BATCH = 2
WAIT_S = 20.0


class Line(GatewayClient):
    """The real line, with a place to stop at before and after a batch of a first seq."""

    def __init__(self, url: str, station: Station, clock: SetClock) -> None:
        identity = station.enrolled()
        super().__init__(url, Signature(identity.certificate.subject, identity.keys.signing, clock))
        self.said: list[tuple[int, str]] = []

    def send(self, batch: Batch) -> Answer | Refusal | NoAnswer:
        self.before(batch.first_seq)
        said = super().send(batch)
        self.said.append((batch.first_seq, said.problem.code if isinstance(said, Refusal) else type(said).__name__))
        return self.after(batch.first_seq, said)

    def before(self, first_seq: int) -> None:
        """A batch is about to be sent."""

    def after(self, first_seq: int, said: Answer | Refusal | NoAnswer) -> Answer | Refusal | NoAnswer:  # noqa: ARG002 - for others
        return said


class Together(Line):
    """The second and the third batch wait for one another, the first time: whichever then overtakes comes again alone."""

    def __init__(self, url: str, station: Station, clock: SetClock) -> None:
        super().__init__(url, station, clock)
        self.meeting = threading.Barrier(2, timeout=WAIT_S)
        self.not_met = {3, 5}

    def before(self, first_seq: int) -> None:
        if first_seq in self.not_met:
            self.not_met.remove(first_seq)
            self.meeting.wait()


class Overtaking(Line):
    """The second batch is sent when the third has been answered."""

    def __init__(self, url: str, station: Station, clock: SetClock) -> None:
        super().__init__(url, station, clock)
        self.third = threading.Event()

    def before(self, first_seq: int) -> None:
        if first_seq == 3:
            assert self.third.wait(WAIT_S)

    def after(self, first_seq: int, said: Answer | Refusal | NoAnswer) -> Answer | Refusal | NoAnswer:
        if first_seq == 5:
            self.third.set()
        return said


class Losing(Line):
    """The answer to the second batch is lost, after the third was stored."""

    def __init__(self, url: str, station: Station, clock: SetClock) -> None:
        super().__init__(url, station, clock)
        self.third = threading.Event()

    def after(self, first_seq: int, said: Answer | Refusal | NoAnswer) -> Answer | Refusal | NoAnswer:
        if first_seq == 5:
            self.third.set()
        if first_seq == 3:
            assert self.third.wait(WAIT_S)
            return NoAnswer(SyncCode.CUT_OFF, "")
        return said


class Slow(Line):
    """A slow line, and which batches were on their way when each set off."""

    line_is_slow = True

    def __init__(self, url: str, station: Station, clock: SetClock) -> None:
        super().__init__(url, station, clock)
        self.under_way: set[int] = set()
        self.beside: dict[int, set[int]] = {}

    def before(self, first_seq: int) -> None:
        self.beside[first_seq] = set(self.under_way)
        self.under_way.add(first_seq)

    def after(self, first_seq: int, said: Answer | Refusal | NoAnswer) -> Answer | Refusal | NoAnswer:
        self.under_way.remove(first_seq)
        return said


def run(station: Station, line: Line) -> Outcome:
    try:
        return Synchroniser(station.database, station.enrolled(), line, station.writer(), min, most_entries=A_BATCH).run()
    finally:
        line.close()


def boundaries(station: Station) -> list[tuple[int, int]]:
    return [(int(first), int(last)) for first, last in station.database.rows("SELECT first_seq, last_seq FROM receipts ORDER BY first_seq")]


def current(station: Station) -> str:
    return journal.current_journal(station.database) or ""


def at_gateway(practice: Practice) -> list[int]:
    with practice.gateway.database.read() as tx:
        return [row.seq for row in tx.exec_driver_sql("SELECT seq FROM entries ORDER BY arrival")]


def test_once_the_first_is_answered_two_travel_at_a_time(station: Station, practice: Practice, clock: SetClock) -> None:
    line = Together(practice.url, station, clock)
    assert run(station, line).status.state is SyncState.SYNCHRONISED  # else neither would have met the other
    assert at_gateway(practice) == list(range(1, 10))
    assert line.said[0] == (1, "Answer")
    assert inbox.standing(station.database).pending == 0
    assert in_flight(station.database) == ()


def test_one_that_overtook_comes_again_and_raises_no_alarm(station: Station, practice: Practice, clock: SetClock) -> None:
    line = Overtaking(practice.url, station, clock)
    outcome = run(station, line)
    assert (outcome.status.state, outcome.status.code) == (SyncState.SYNCHRONISED, None)
    assert (5, ProblemCode.BEHIND) in line.said
    assert at_gateway(practice) == list(range(1, 10))
    assert "gateway-rollback" not in {entry_of(each).header.kind for each in journal.entries(station.database, current(station))}


def test_on_a_slow_line_a_short_batch_waits_for_the_one_before_it(station: Station, practice: Practice, clock: SetClock) -> None:
    """It would be there first, be found behind, and travel twice."""
    line = Slow(practice.url, station, clock)
    assert run(station, line).status.state is SyncState.SYNCHRONISED
    assert at_gateway(practice) == list(range(1, 10))
    assert line.beside[9] == set()
    assert line.said[-1] == (9, "Answer")


def test_both_come_again_with_their_boundaries_when_the_answer_to_one_is_lost(
    station: Station, practice: Practice, clock: SetClock
) -> None:
    outcome = run(station, Losing(practice.url, station, clock))
    assert (outcome.status.state, outcome.acknowledged) == (SyncState.OFFLINE, 2)
    assert [(each.first_seq, each.last_seq) for each in in_flight(station.database)] == [(3, 4), (5, 6)]
    append(station, acceptance("SF1000000000009"))
    outcome = Synchroniser(
        station.database, station.enrolled(), Line(practice.url, station, clock), station.writer(), min, most_entries=5
    ).run()
    assert outcome.status.state is SyncState.SYNCHRONISED
    assert boundaries(station) == [(1, 2), (3, 4), (5, 6), (7, 10)]
    assert at_gateway(practice) == list(range(1, 11))
    assert station.verify().ok


def test_a_batch_waits_for_those_before_it_of_its_journal_only() -> None:
    turns, order = Turns(), list[int]()
    with turns.under_way("a", 1), turns.under_way("b", 1):
        turns.wait("a", 1)

        def later() -> None:
            with turns.under_way("a", 3):
                turns.wait("a", 3, WAIT_S)
                order.append(3)

        thread = threading.Thread(target=later)
        thread.start()
        turns.wait("b", 1)
        order.append(1)
    thread.join(WAIT_S)
    assert order == [1, 3]


def test_a_batch_does_not_wait_for_ever() -> None:
    turns = Turns()
    with turns.under_way("a", 1), turns.under_way("a", 3):
        turns.wait("a", 3, patience_s=0.01)
