"""One bit changed in any byte that docs/journal.md and docs/wire.md cover, field after field: the stand-alone verifier catches every one.

Each bit is changed twice: with the manifest left as it was, and with digests and manifest made again by the true maker's key, so that the
checks of entries, receipts, certificates and openings have to find it by themselves.
"""

from __future__ import annotations

import json
import os
import random
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from support.json_spans import fields
from support.made_archives import MADE, Unpacked, World
from support.sample_journals import with_bit_changed

FLIPS_EACH_RUN = 125
THOROUGH_FLIPS = int(os.environ.get("COURIER_CHECK_FLIPS", "2000")) // 2
"""Of each of two kinds; `make flips` takes 20 000 in all."""
"""Of each kind (manifest left, manifest made again): 20 000 in all."""
STATEMENTS = {
    ("batches", ".backlog.entries"),
    ("batches", ".backlog.oldest_ms"),
    ("gateway.json", ".name"),
    ("gateway.json", ".limits.batch_bytes"),
    ("gateway.json", ".limits.batch_entries"),
}
"""Values that are signed by nobody but the maker of the manifest and prove nothing (wire.md §3, §5): only their digest protects them."""


@dataclass(frozen=True)
class Flip:
    """A bit of a file of an archive. `field` says what it is part of."""

    archive: str
    name: str
    field: str
    bit: int

    @property
    def is_statement(self) -> bool:
        return (self.name.split("/")[0], self.field) in STATEMENTS


@pytest.fixture(scope="module")
def unpacked() -> dict[str, Unpacked]:
    return {kind: make(World()) for kind, make in MADE.items()}


@pytest.fixture(scope="module")
def packed(unpacked: dict[str, Unpacked], tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, bytes]]:
    """All files of the honest archives, their manifests included."""
    folder = tmp_path_factory.mktemp("honest")
    found = {}
    for kind, archive in unpacked.items():
        with zipfile.ZipFile(archive.pack(folder / f"{kind}.zip")) as held:
            found[kind] = {name: held.read(name) for name in held.namelist()}
    return found


def strata(packed: dict[str, dict[str, bytes]]) -> dict[tuple[str, str], list[tuple[str, str, int]]]:
    """(folder, field) → every (archive, file, offset) of it."""
    found: dict[tuple[str, str], list[tuple[str, str, int]]] = {}
    for kind, files in packed.items():
        for name, data in files.items():
            for field, offsets in fields(data).items() if name.endswith(".json") else ():
                found.setdefault((name.split("/")[0], field), []).extend((kind, name, offset) for offset in offsets)
    return found


def flips(packed: dict[str, dict[str, bytes]], count: int, seed: int) -> Iterator[Flip]:
    """The same number from every field, as far as `count` reaches; a field begins again when all have had their turn."""
    chance = random.Random(seed)  # noqa: S311 - which bits are tried
    by_field = strata(packed)
    order: list[tuple[str, str]] = []
    for _ in range(count):
        if not order:
            order = sorted(by_field)
            chance.shuffle(order)
        stratum = order.pop()
        kind, name, offset = chance.choice(by_field[stratum])
        yield Flip(kind, name, stratum[1], offset * 8 + chance.randrange(8))


def reads_the_same(one: bytes, other: bytes) -> bool:
    try:
        return bool(json.loads(one) == json.loads(other))
    except ValueError:
        return False


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as held:
        for name, data in files.items():
            held.writestr(name, data)
    return path


@dataclass
class Tally:
    """What happened to the flips. `survivors` must stay empty."""

    caught: int
    survivors: list[Flip]
    steps: dict[str, int]
    left_out: int = 0

    def count(self, flip: Flip, result: dict[str, Any]) -> None:
        if result["ok"]:
            self.survivors.append(flip)
            return
        self.caught += 1
        self.steps[result["step"]] = self.steps.get(result["step"], 0) + 1


def with_manifest_left(packed: Any, count: int, seed: int, verify: Any, path: Path) -> Tally:
    tally = Tally(0, [], {})
    for flip in flips(packed, count, seed):
        files = packed[flip.archive]
        tally.count(flip, verify(zipped(path, {**files, flip.name: with_bit_changed(files[flip.name], flip.bit)})))
    return tally


def with_manifest_made_again(packed: Any, unpacked: dict[str, Unpacked], count: int, seed: int, verify: Any, path: Path) -> Tally:
    tally = Tally(0, [], {})
    for flip in flips({kind: {n: d for n, d in files.items() if n != "manifest.json"} for kind, files in packed.items()}, count, seed):
        data = packed[flip.archive][flip.name]
        changed = with_bit_changed(data, flip.bit)
        # A statement that is as good as another, or another spelling of the same outside of what is signed: there is nothing to catch.
        if flip.is_statement or reads_the_same(data, changed):
            tally.left_out += 1
            continue
        tally.count(flip, verify(unpacked[flip.archive].having(flip.name, changed).pack(path)))
    return tally


def seed_of_run() -> int:
    return int(os.environ.get("COURIER_CHECK_FLIP_SEED", "1"))


def test_every_field_of_every_document_has_its_turn(packed: dict[str, dict[str, bytes]]) -> None:
    names = {field for _, field in strata(packed)}
    header = "v alg.sign gateway_id station_id journal_id seq prev key_id kind operator times.wall_ms facts.pieces packages[].sha256"
    header += " evidence[].sha256 parts[].digest parts[].recipient parts[].sealed_digest"
    assert {f".entries[].header.{name}" for name in header.split()} <= names
    assert {".entries[].signature", ".entries[].parts.index", ".prev", ".first_seq", ".entries[].seq", ".items[].body.entry"} <= names
    assert {".receipts[].body.merkle_root", ".receipts[].signature", ".receipts[].body.gateway_prev", ".receipts[].key_id"} <= names
    assert {".certificates[].body.public_key", ".certificates[].signature", ".body.public_key", ".body.station.region"} <= names
    assert {".body.files[].sha256", ".body.ranges[].last_seq", ".body.maker", ".signature", ".entries[].parts.kept"} <= names


def test_a_changed_bit_is_caught_by_the_manifest(packed: Any, verify: Any, tmp_path: Path) -> None:
    tally = with_manifest_left(packed, FLIPS_EACH_RUN, seed_of_run(), verify, tmp_path / "flipped.zip")
    assert tally.survivors == []
    assert tally.caught == FLIPS_EACH_RUN
    assert set(tally.steps) <= {"manifest", "root", "certificates", "maker"}  # the later three where the manifest itself was changed


def test_a_changed_bit_is_caught_without_the_manifest(packed: Any, unpacked: Any, verify: Any, tmp_path: Path) -> None:
    tally = with_manifest_made_again(packed, unpacked, FLIPS_EACH_RUN, seed_of_run(), verify, tmp_path / "flipped.zip")
    assert tally.survivors == []
    assert tally.caught + tally.left_out == FLIPS_EACH_RUN
    assert tally.left_out < FLIPS_EACH_RUN // 10
    assert {"root", "certificates", "ranges", "entries", "receipts", "openings"} <= set(tally.steps)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_twenty_thousand_changed_bits_are_caught(packed: Any, unpacked: Any, verify: Any, tmp_path: Path) -> None:
    left = with_manifest_left(packed, THOROUGH_FLIPS, seed_of_run(), verify, tmp_path / "flipped.zip")
    again = with_manifest_made_again(packed, unpacked, THOROUGH_FLIPS, seed_of_run() + 1, verify, tmp_path / "flipped.zip")
    print(f"{left.caught} + {again.caught} flips caught, {again.left_out} left out as saying the same; {left.steps}, {again.steps}")  # noqa: T201
    assert left.survivors == again.survivors == []
    assert left.caught + again.caught + again.left_out == 2 * THOROUGH_FLIPS
    assert again.left_out < THOROUGH_FLIPS // 10


def test_a_changed_byte_of_the_zip_changes_no_content_unseen(packed: Any, unpacked: Any, verify: Any, tmp_path: Path) -> None:
    """Dates and the like in the zip are covered by nothing and say nothing; contents and names are those of the manifest or it is said."""
    path = unpacked["bundle"].pack(tmp_path / "whole.zip")
    whole, chance = path.read_bytes(), random.Random(seed_of_run())  # noqa: S311 - which bits are tried
    for bit in chance.sample(range(len(whole) * 8), 75):
        path.write_bytes(with_bit_changed(whole, bit))
        if verify(path)["ok"]:
            with zipfile.ZipFile(path) as held:
                assert {name: held.read(name) for name in held.namelist()} == packed["bundle"]
