"""No false alarm: whatever honest stations and gateways go through, both verifiers pass all of it, nobody is accused, and the only alarms
are the true ones of a side that was put back.

COURIER_CHECK_HONEST=N        about how many entries there are, by default 6 000; `make honest`: 1 000 000
COURIER_CHECK_HONEST_SEED=N   repeats the one life that a failure names
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from courier_check.gateway.bundles import write_export
from courier_check.store import inbox, journal, views
from courier_check.sync.bundles import Bundles
from support.gateways import Switchboard, switchboard
from support.honest import Life
from support.proofs import entries_at_station

pytestmark = pytest.mark.slow

Verify = Callable[..., dict[str, Any]]
ENTRIES_A_LIFE = 3_000  # what both sides hold of one life is gone before the next begins
ENTRIES = int(os.environ.get("COURIER_CHECK_HONEST", "6000"))
SEEDS = range((ENTRIES + ENTRIES_A_LIFE - 1) // ENTRIES_A_LIFE)
if "COURIER_CHECK_HONEST_SEED" in os.environ:
    SEEDS = range(first := int(os.environ["COURIER_CHECK_HONEST_SEED"]), first + 1)


@pytest.fixture(scope="module")
def line() -> Iterator[tuple[Switchboard, str]]:
    with switchboard() as made:
        yield made


@pytest.fixture
def life(tmp_path: Path, line: tuple[Switchboard, str], seed: int) -> Iterator[Life]:
    lived = Life(tmp_path, line, seed, ENTRIES_A_LIFE)
    try:
        yield lived
    finally:
        lived.close()


@pytest.mark.parametrize("seed", SEEDS)
def test_an_honest_life_raises_no_alarm(life: Life, verify: Verify, tmp_path: Path) -> None:
    life.live()
    assert life.false_alarms == []
    assert (life.parts_gone > 0) == (Life.let_parts_go.__name__ in life.went_through)
    held = entries_at_station(life.station)
    assert len(held) >= ENTRIES_A_LIFE
    result = life.station.verify()
    assert (result.failures, result.checked) == ((), len(held))
    assert [each.table for each in views.compare(life.station.database) if not each.equal] == []
    check_gateway(life, held)
    check_archives(life, verify, tmp_path, held)


def check_gateway(life: Life, held: list[tuple[str, int, str]]) -> None:
    """It holds all that the station holds, and accuses nobody of a fork."""
    assert inbox.standing(life.station.database).pending == 0
    with life.gateway.database.read() as tx:
        assert tx.exec_driver_sql("SELECT COUNT(*) FROM forks").scalar_one() == 0, "a false fork"
        rows = Counter(map(tuple, tx.exec_driver_sql("SELECT journal_id, seq, hash FROM entries").all()))
    assert set(held) <= set(rows)
    assert set(rows.values()) == {1}


def check_archives(life: Life, verify: Verify, folder: Path, held: list[tuple[str, int, str]]) -> None:
    """The station's export, opened parts and all, and the gateway's pass the stand-alone verifier."""
    station = life.station
    root = station.enrolled().enrolment.fingerprint.hex()
    made = Bundles(station.database, station.enrolled(), station.clock, "tests", {})
    with (folder / "export.zip").open("wb") as target:
        made.export(target, made.everything(), revealed=True)
    told = verify(folder / "export.zip", root=root)
    assert told["ok"], told
    assert told["unanchored"] == []
    assert told["counts"]["entries"] == len(held)
    assert told["counts"]["receipts"] == sum(len(inbox.receipts(station.database, each)) for each in journal.journal_ids(station.database))
    with (folder / "gateway.zip").open("wb") as target:
        write_export(life.gateway, None, target, {})
    told = verify(folder / "gateway.zip", root=root)
    assert told["ok"], told
    assert told["counts"]["entries"] >= len(held)
