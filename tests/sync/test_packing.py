"""How hard a batch is packed follows the line, and the coding follows what the gateway says it unpacks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.gateway.documents import decompressed
from courier_check.station import Station
from courier_check.sync.client import GatewayClient, Signature
from courier_check.sync.packing import Packing, packing_after
from courier_check.sync.synchroniser import Synchroniser, SyncState
from support.clocks import SetClock
from support.gateways import Front
from support.stations import acceptance, append

A_BATCH = 512 * 1_200


@pytest.mark.parametrize(
    ("seconds", "accepted", "packing"),
    [
        (0.0, "br, gzip", Packing.BROTLI_FAST),
        (0.3, "br, gzip", Packing.BROTLI_FAST),
        (2.5, "br, gzip", Packing.BROTLI_SMALL),
        (2.5, "gzip;q=0.5, BR;q=1", Packing.BROTLI_SMALL),
        (0.3, "gzip", Packing.GZIP_FAST),
        (2.5, "gzip", Packing.GZIP_SMALL),
        (0.3, None, Packing.GZIP_FAST),
        (2.5, "", Packing.GZIP_SMALL),
        (2.5, "brotli", Packing.GZIP_SMALL),
    ],
)
def test_a_slow_line_is_sent_less_and_a_fast_one_sooner(seconds: float, accepted: str | None, packing: Packing) -> None:
    assert packing_after(A_BATCH, seconds, accepted) is packing


@given(st.binary(max_size=400), st.sampled_from(Packing))
def test_what_a_station_packs_a_gateway_unpacks(body: bytes, packing: Packing) -> None:
    assert decompressed(packing.packed(body), packing.coding, 400) == body


class Sender:
    """Sends what is pending, two entries a batch; tells the codings of the batches of each run."""

    def __init__(self, station: Station, front: Front, clock: SetClock) -> None:
        identity = station.enrolled()
        self._front = front
        self.client = GatewayClient(front.url, Signature(identity.certificate.subject, identity.keys.signing, clock))
        self._synchroniser = Synchroniser(station.database, identity, self.client, station.writer(), min, most_entries=2)

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
    first, ahead, *others = sender.run()
    assert (first, ahead in ("gzip", "br"), set(others)) == ("gzip", True, {"br"})  # the second was packed while the first was on its way


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
