"""No false alarm: whatever honest stations and gateways put into archives passes the stand-alone verifier."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courier_check.wire.archives import What
from courier_check.wire.certificates import Role
from support.made_archives import (
    FIRST,
    KINDS,
    SECOND,
    Journal,
    Unpacked,
    World,
    batches,
    certificates,
    openings,
    range_of,
    receipts,
)

Verify = Callable[..., dict[str, Any]]
Bounds = list[tuple[int, int]]


@st.composite
def cut(draw: st.DrawFn, first: int, last: int) -> Bounds:
    """A range of seqs, cut into pieces that follow one another."""
    found, begin = [], first
    while begin <= last:
        end = draw(st.integers(begin, last))
        found.append((begin, end))
        begin = end + 1
    return found


@st.composite
def journals(draw: st.DrawFn, world: World, station_id: str) -> list[Journal]:
    """One journal of mixed kinds, or two of which the second is the first's successor."""
    found: list[Journal] = []
    for number in range(draw(st.integers(1, 2))):
        drafts = draw(st.lists(st.sampled_from(KINDS), max_size=7))
        found.append(world.journal(station_id, f"{station_id} {number} {len(drafts)}", drafts, found[-1] if found else None))
    return found


@st.composite
def archives(draw: st.DrawFn) -> Unpacked:
    """Of any kind, with batches and receipts cut anyhow, receipts of two gateway journals and parts destroyed."""
    world = World()
    what = draw(st.sampled_from(sorted(What)))
    of_gateway = what in (What.GATEWAY_EXPORT, What.ANSWERS)
    held = draw(journals(world, FIRST)) + (draw(journals(world, SECOND)) if of_gateway else [])
    files, ranges = certificates(world, *held), []
    for journal in held:
        size = len(journal.entries)
        acknowledged = size if what is What.GATEWAY_EXPORT else draw(st.integers(0, size))
        signed = [(a, b, world.receipt(journal, a, b, "12" * 16)) for a, b in draw(cut(1, acknowledged))]
        signed += [(a, b, world.receipt(journal, a, b, "34" * 16)) for a, b in draw(cut(1, draw(st.integers(0, acknowledged))))]
        first = draw(st.integers(1, size))
        last = _whole(signed, draw(st.integers(first, size)))
        covering = [receipt for a, b, receipt in signed if a <= last and first <= b]
        if covering:
            files.update(receipts(journal, covering))
        if what is What.ANSWERS:
            continue
        bounds = draw(cut(first, last))
        lost = draw(st.frozensets(st.tuples(st.integers(1, size), st.sampled_from(["index", "reported"]))))
        files.update(batches(journal, bounds, lost))
        ranges.append(range_of(journal, first, last))
        if what is What.EXPORT and draw(st.booleans()):
            files.update(openings(journal, bounds))
    ranges.sort(key=lambda each: (each.station_id, each.journal_id))
    maker = (world.gateway.gateway_id, world.gateway.signing[Role.RECEIPT]) if of_gateway else (FIRST, held[0].key)
    return Unpacked(world, what, *maker, tuple(ranges), files)


def _whole(signed: list[tuple[int, int, Any]], last: int) -> int:
    """A range ends where the last receipt over its entries ends (wire.md §11)."""
    for _ in signed:
        last = max([last, *(b for a, b, _ in signed if a <= last)])
    return last


def check(verify: Verify, path: Path, archive: Unpacked) -> None:
    result = verify(archive.pack(path), root=archive.world.gateway.fingerprint.hex())
    assert result["ok"], result
    assert result["counts"]["entries"] == sum(each.last_seq - each.first_seq + 1 for each in archive.ranges)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(archives())
def test_honest_archives_of_any_kind_pass(verify: Verify, tmp_path: Path, archive: Unpacked) -> None:
    check(verify, tmp_path / "honest.zip", archive)


@pytest.mark.slow
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(archives())
def test_hundreds_of_honest_archives_pass(verify: Verify, tmp_path: Path, archive: Unpacked) -> None:
    check(verify, tmp_path / "honest.zip", archive)


@pytest.mark.slow
def test_a_journal_of_thousands_passes_and_processes_say_the_same(verifier: Any, verify: Verify, tmp_path: Path) -> None:
    """Checked in one process and in several; a change in the last batch is found by both at the same place."""
    world = World()
    journal = world.journal(FIRST, "long", [KINDS[number % len(KINDS)] for number in range(5_000)])
    bounds = [(first, min(first + 511, 5_001)) for first in range(1, 5_002, 512)]
    assert len(bounds) > verifier.MANY_BATCHES
    files = {
        **certificates(world, journal),
        **batches(journal, bounds),
        **receipts(journal, [world.receipt(journal, *each) for each in bounds]),
    }
    archive = Unpacked(world, What.EXPORT, FIRST, journal.key, (range_of(journal, 1, 5_001),), files)
    path = archive.pack(tmp_path / "long.zip")
    in_turn, side_by_side = verify(path, processes=1), verify(path, processes=2)
    assert in_turn["ok"]
    assert in_turn == side_by_side
    name = max(name for name in files if name.startswith("batches"))
    changed = files[name].replace(b'\\"kind\\":\\"refusal\\"', b'\\"kind\\":\\"refusaL\\"', 1)
    assert changed != files[name]
    path = archive.having(name, changed).pack(tmp_path / "long.zip")
    in_turn, side_by_side = verify(path, processes=1), verify(path, processes=2)
    assert (in_turn["step"], in_turn["code"]) == ("entries", "malformed")
    assert in_turn == side_by_side
