"""When a synchroniser tries: at its time, at a new entry, when the network is back, and never before a gateway that asked for patience."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from courier_check.station import Station
from courier_check.store import facts, inbox
from courier_check.sync.backoff import LONGEST_ASKED_S, LONGEST_S
from courier_check.sync.codes import SyncCode
from courier_check.sync.due import HEARTBEAT_MS, Due, local_address
from courier_check.sync.status import SyncState, SyncStatus
from support.stations import acceptance, append, new_station

NOW = 1_795_406_400_000


@dataclass
class Counter:
    """A station, its network, and who looks whether a run is due."""

    station: Station
    address: str | None = "10.0.0.7"
    due: Due = field(init=False)

    def __post_init__(self) -> None:
        self.due = Due(lambda: self.address)

    def stands(self, status: SyncStatus) -> None:
        with self.station.database.write() as tx:
            facts.save(tx, "sync_status", msgspec.json.encode(status))

    def offline(self, *, wait_ms: int, asked: bool = False, state: SyncState = SyncState.OFFLINE) -> None:
        status = SyncStatus(state=state, code=SyncCode.NO_CONNECTION, next_try_ms=NOW + wait_ms, waits_ms=wait_ms, asked=asked)
        self.stands(status)

    def look(self, after_ms: int = 0) -> bool:
        return self.due.look(self.station.database, NOW + after_ms)

    def write(self) -> None:
        append(self.station, acceptance("SF1010000000015"))


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    with new_station(tmp_path / "station") as station:
        yield Counter(station)


def test_the_first_run_is_due(counter: Counter) -> None:
    assert counter.look()


def test_a_wait_is_waited_out(counter: Counter) -> None:
    counter.offline(wait_ms=300_000)
    assert [counter.look(after) for after in (0, 1, 299_999, 300_000)] == [False, False, False, True]


def test_a_new_entry_wakes_once(counter: Counter) -> None:
    counter.offline(wait_ms=300_000)
    assert not counter.look()
    counter.write()
    assert counter.look(10)
    assert not counter.look(20)


@pytest.mark.parametrize(
    ("before", "after", "wakes"),
    [(None, "10.0.0.7", True), ("10.0.0.7", "192.168.1.4", True), ("10.0.0.7", None, False), ("10.0.0.7", "10.0.0.7", False)],
)
def test_a_network_that_is_there_again_wakes(counter: Counter, before: str | None, after: str | None, wakes: bool) -> None:
    counter.offline(wait_ms=300_000)
    counter.address = before
    assert not counter.look()
    counter.address = after
    assert counter.look(10) is wakes
    assert not counter.look(20)


def test_a_gateway_that_asked_for_patience_gets_it(counter: Counter) -> None:
    """Retry-After may be an hour, more than any wait of our own: neither a new entry nor the network shortens it, and it is not taken for
    a clock that was set back."""
    asked_ms = int(LONGEST_ASKED_S * 1000)
    assert asked_ms > LONGEST_S * 1000
    counter.offline(wait_ms=asked_ms, asked=True)
    counter.address = None
    assert not counter.look()
    counter.write()
    counter.address = "10.0.0.7"
    assert [counter.look(after) for after in (1, asked_ms - 1, asked_ms)] == [False, False, True]


def test_what_was_refused_is_not_tried_at_every_entry(counter: Counter) -> None:
    counter.offline(wait_ms=300_000, state=SyncState.REFUSED)
    assert not counter.look()
    counter.write()
    assert not counter.look(10)


def test_a_clock_set_back_does_not_lengthen_the_wait(counter: Counter) -> None:
    counter.offline(wait_ms=300_000)
    assert not counter.look(0)
    assert counter.look(-86_400_000)


@pytest.mark.parametrize("state", [SyncState.SYNCHRONISED, SyncState.ALARM])
def test_with_nothing_new_the_gateway_is_asked_once_a_minute(counter: Counter, state: SyncState) -> None:
    counter.stands(SyncStatus(state=state, last_contact_ms=NOW))
    pending = inbox.standing(counter.station.database).pending
    assert counter.look(1) is (state is SyncState.SYNCHRONISED and pending > 0)
    assert counter.look(HEARTBEAT_MS)
    assert counter.look(-HEARTBEAT_MS)


def test_this_machine_knows_its_address_or_that_it_has_none() -> None:
    found = local_address()
    assert found is None or found.count(".") == 3
