"""One bit changed in any byte that docs/journal.md and docs/wire.md cover, field after field: the stand-alone verifier catches every one.

Digests and manifest are made again by the true maker's key, so that the checks of entries, receipts, certificates and openings have to find
it by themselves: only such changes are counted, the same number from every field. A few more, with the manifest as it was, meet SHA-256
only.
"""

from __future__ import annotations

import json
import os
import random
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from support.json_spans import fields
from support.made_archives import MADE, Unpacked, World
from support.sample_journals import with_bit_changed

FLIPS_EACH_RUN = 125
THOROUGH_FLIPS = int(os.environ.get("COURIER_CHECK_FLIPS", "1000"))
"""Behind a manifest made again, whatever is left out not counted; `make flips` takes 20 000."""
LEFT_SHARE = 20
"""One in so many more is made with the manifest left as it was."""
TRIES = 200
"""Of a field, until a change says something else: a bit of a number's sign, say, may leave no other reading."""
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


Telling = Callable[[Flip], bool]


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
            for place, offsets in fields(data).items() if name.endswith(".json") else ():
                found.setdefault((name.split("/")[0], place), []).extend((kind, name, offset) for offset in offsets)
    return found


def flips(packed: dict[str, dict[str, bytes]], count: int, seed: int, telling: Telling = lambda _: True) -> Iterator[Flip]:
    """The same number from every field, as far as `count` reaches; a field begins again when all have had their turn. Where a change tells
    nothing else another bit of the same field is taken; a field in which none does is passed over."""
    chance = random.Random(seed)  # noqa: S311 - which bits are tried
    by_field = strata(packed)
    order: list[tuple[str, str]] = []
    done = 0
    while done < count:
        if not order:
            order = sorted(by_field)
            chance.shuffle(order)
        stratum = order.pop()
        for _ in range(TRIES):
            kind, name, offset = chance.choice(by_field[stratum])
            flip = Flip(kind, name, stratum[1], offset * 8 + chance.randrange(8))
            if telling(flip):
                done += 1
                yield flip
                break


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
    fields: Counter[tuple[str, str]] = field(default_factory=Counter)
    left_out: int = 0

    def count(self, flip: Flip, result: dict[str, Any]) -> None:
        self.fields[flip.name.split("/")[0], flip.field] += 1
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

    def telling(flip: Flip) -> bool:
        """No statement that is as good as another, and no other spelling of the same outside of what is signed: nothing is to be caught."""
        data = packed[flip.archive][flip.name]
        if flip.is_statement:
            return False
        tally.left_out += (same := reads_the_same(data, with_bit_changed(data, flip.bit)))
        return not same

    within = {kind: {n: d for n, d in files.items() if n != "manifest.json"} for kind, files in packed.items()}
    for flip in flips(within, count, seed, telling):
        changed = with_bit_changed(packed[flip.archive][flip.name], flip.bit)
        tally.count(flip, verify(unpacked[flip.archive].having(flip.name, changed).pack(path)))
    return tally


def seed_of_run() -> int:
    return int(os.environ.get("COURIER_CHECK_FLIP_SEED", "1"))


def test_every_field_of_every_document_has_its_turn(packed: dict[str, dict[str, bytes]]) -> None:
    names = {place for _, place in strata(packed)}
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
    assert tally.caught == FLIPS_EACH_RUN
    assert {"root", "certificates", "ranges", "entries", "receipts", "openings"} <= set(tally.steps)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_twenty_thousand_changed_bits_are_caught(packed: Any, unpacked: Any, verify: Any, tmp_path: Path) -> None:
    left = with_manifest_left(packed, THOROUGH_FLIPS // LEFT_SHARE, seed_of_run(), verify, tmp_path / "flipped.zip")
    again = with_manifest_made_again(packed, unpacked, THOROUGH_FLIPS, seed_of_run() + 1, verify, tmp_path / "flipped.zip")
    each = f"{min(again.fields.values())} to {max(again.fields.values())} of each of {len(again.fields)} fields"
    print(f"{again.caught} flips caught behind a manifest made again, {each}, by {again.steps}")  # noqa: T201
    print(f"{left.caught} more by the manifest; {again.left_out} tries that say the same are not counted")  # noqa: T201
    assert left.survivors == again.survivors == []
    assert (again.caught, left.caught) == (THOROUGH_FLIPS, THOROUGH_FLIPS // LEFT_SHARE)
    # Every field, but for those that nobody signs.
    signed = {stratum for stratum in strata(packed) if stratum[0] != "manifest.json" and stratum not in STATEMENTS}
    assert signed - again.fields.keys() == set()
    assert max(again.fields.values()) - min(again.fields.values()) <= 1


def test_a_changed_byte_of_the_zip_changes_no_content_unseen(packed: Any, unpacked: Any, verify: Any, tmp_path: Path) -> None:
    """Dates and the like in the zip are covered by nothing and say nothing; contents and names are those of the manifest or it is said."""
    path = unpacked["bundle"].pack(tmp_path / "whole.zip")
    whole, chance = path.read_bytes(), random.Random(seed_of_run())  # noqa: S311 - which bits are tried
    for bit in chance.sample(range(len(whole) * 8), 75):
        path.write_bytes(with_bit_changed(whole, bit))
        if verify(path)["ok"]:
            with zipfile.ZipFile(path) as held:
                assert {name: held.read(name) for name in held.namelist()} == packed["bundle"]
