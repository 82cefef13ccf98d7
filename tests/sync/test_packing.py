"""How hard a batch is packed follows the line, and the coding follows what the gateway says it unpacks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.gateway.documents import decompressed
from courier_check.station import Station
from courier_check.sync.client import GatewayClient, Signature
from courier_check.sync.outgoing import FIRST_ENTRIES, MOST_ENTRIES
from courier_check.sync.packing import Packing, is_slow, packing
from courier_check.sync.synchroniser import Synchroniser, SyncState
from support.clocks import SetClock
from support.gateways import Front
from support.stations import acceptance, append

A_BATCH = 512 * 1_200
FEW = 4_000
"""Bytes of one acceptance."""


@pytest.mark.parametrize(
    ("size", "slow", "accepted", "way"),
    [
        (A_BATCH, False, "br, gzip", Packing.BROTLI_FAST),
        (A_BATCH, None, "br, gzip", Packing.BROTLI_FAST),
        (A_BATCH, True, "br, gzip", Packing.BROTLI_SMALL),
        (A_BATCH, True, "gzip;q=0.5, BR;q=1", Packing.BROTLI_SMALL),
        (FEW, True, "br, gzip", Packing.BROTLI_FAST),
        (A_BATCH, False, "gzip", Packing.GZIP_FAST),
        (A_BATCH, True, "gzip", Packing.GZIP_SMALL),
        (A_BATCH, False, None, Packing.GZIP_FAST),
        (A_BATCH, None, None, Packing.GZIP_SMALL),
        (A_BATCH, True, "", Packing.GZIP_SMALL),
        (A_BATCH, True, "brotli", Packing.GZIP_SMALL),
    ],
)
def test_a_slow_line_is_sent_less_and_a_fast_one_sooner(size: int, slow: bool | None, accepted: str | None, way: Packing) -> None:
    assert packing(size, slow, accepted) is way


@pytest.mark.parametrize(("size", "seconds", "slow"), [(A_BATCH, 0.3, False), (A_BATCH, 2.5, True), (FEW, 2.5, None), (FEW, 0.0, None)])
def test_a_line_is_judged_by_what_is_large_enough_to_tell(size: int, seconds: float, slow: bool | None) -> None:
    assert is_slow(size, seconds) is slow


@given(st.binary(max_size=400), st.sampled_from(Packing))
def test_what_a_station_packs_a_gateway_unpacks(body: bytes, packing: Packing) -> None:
    assert decompressed(packing.packed(body), packing.coding, 400) == body


class Sender:
    """Sends what is pending, two entries a batch unless told; tells the codings of the batches of each run."""

    def __init__(self, station: Station, front: Front, clock: SetClock, most_entries: int = 2) -> None:
        identity = station.enrolled()
        self._front = front
        self.client = GatewayClient(front.url, Signature(identity.certificate.subject, identity.keys.signing, clock))
        self._synchroniser = Synchroniser(station.database, identity, self.client, station.writer(), min, most_entries=most_entries)

    def run(self, state: SyncState = SyncState.SYNCHRONISED) -> list[str]:
        before = len(self._front.seen)
        assert self._synchroniser.run().status.state is state
        met = zip(self._front.seen, self._front.codings, strict=True)
        return [coding for path, coding in list(met)[before:] if path.endswith("/batches")]


@pytest.fixture
def sender(station: Station, front: Front, clock: SetClock) -> Iterator[Sender]:
    made = Sender(station, front, clock)
    yield made
    made.client.close()


def test_the_first_batch_is_gzip_and_the_next_what_its_answer_names(sender: Sender) -> None:
    first, *others = sender.run()
    # The second was packed while the first was on its way, and may arrive after the third: two travel at once.
    assert (first, others.count("gzip") <= 1, set(others) - {"gzip"}) == ("gzip", True, {"br"})


def test_a_line_nobody_knows_is_tried_with_little(station: Station, front: Front, clock: SetClock) -> None:
    """Until a batch is answered nobody knows how fast the line is, or what the gateway unpacks; after a failure it is so again."""
    for number in range(2 * FIRST_ENTRIES):
        append(station, acceptance(f"SF{number:013}"))
    sender = Sender(station, front, clock, most_entries=MOST_ENTRIES)
    front.faults = ["500"]
    assert sender.run(SyncState.OFFLINE) == ["gzip"]
    sender.run()
    for number in range(FIRST_ENTRIES + 1):
        append(station, acceptance(f"YT{number:013}"))
    sender.run()
    sender.client.close()
    sizes = [size for (size,) in station.database.rows("SELECT last_seq - first_seq + 1 FROM receipts ORDER BY last_seq")]
    assert (sizes[0], sizes[-1], len(sizes)) == (FIRST_ENTRIES, FIRST_ENTRIES + 1, 3)


def test_a_gateway_that_names_nothing_gets_gzip(front: Front, sender: Sender) -> None:
    front.tells_codings = False
    assert set(sender.run()) == {"gzip"}


def test_after_no_answer_it_is_gzip_again(station: Station, front: Front, sender: Sender) -> None:
    """Whoever does not answer may be a gateway that was put back to one that unpacks gzip only."""
    sender.run()
    append(station, acceptance("SF1000000000009"))
    front.faults = ["500"]
    assert sender.run(SyncState.OFFLINE) == ["br"]
    assert sender.run() == ["gzip"]
