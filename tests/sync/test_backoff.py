"""How long a station waits after failures: full jitter, so that a thousand stations do not come back to a gateway in one moment."""

from __future__ import annotations

from contextlib import closing

from hypothesis import given
from hypothesis import strategies as st

from courier_check.station import Station
from courier_check.sync.backoff import LONGEST_ASKED_S, wait_seconds
from courier_check.sync.client import GatewayClient, Signature
from courier_check.sync.synchroniser import Synchroniser, SyncState

NOBODY = "http://127.0.0.1:9"


@given(attempts=st.integers(1, 12) | st.integers(1, 10**9), share=st.floats(0, 1), asked_s=st.none() | st.floats(0, 10**7))
def test_a_wait_is_drawn_from_nothing_to_a_ceiling_that_doubles_from_a_second_to_a_quarter_of_an_hour(
    attempts: int, share: float, asked_s: float | None
) -> None:
    drawn: list[tuple[float, float]] = []

    def uniform(low: float, high: float) -> float:
        drawn.append((low, high))
        return low + share * (high - low)

    waits_s = wait_seconds(attempts, asked_s, uniform)
    ceiling_s = 900 if attempts > 10 else (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)[attempts - 1]
    assert drawn == [(0, ceiling_s)], "drawn once, and from all of it"
    assert waits_s == max(share * ceiling_s, min(asked_s or 0, LONGEST_ASKED_S)), "what was drawn, but never before the gateway asked for"


def test_each_failure_in_a_row_doubles_what_is_drawn_from(station: Station) -> None:
    identity, ceilings_s = station.enrolled(), list[float]()

    def uniform(low: float, high: float) -> float:
        assert low == 0
        ceilings_s.append(high)
        return high

    with closing(GatewayClient(NOBODY, Signature(identity.certificate.subject, identity.keys.signing, station.clock))) as client:
        synchroniser = Synchroniser(station.database, identity, client, station.writer(), uniform)
        runs = [synchroniser.run().status for _ in range(12)]
    assert {status.state for status in runs} == {SyncState.OFFLINE}
    assert ceilings_s == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]
    assert [status.waits_ms for status in runs] == [1000 * each for each in ceilings_s]
