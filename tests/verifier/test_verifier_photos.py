"""Photos: an export with openings, and the sealed files as the gateway gives them out or as they lie at the station."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from courier_check.cli.gateway_evidence import Asked, evidence
from courier_check.cli.output import Output
from courier_check.journal.entries import Draft
from courier_check.journal.keys import to_text
from courier_check.journal.parts import PartName
from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings
from courier_check.store import branches, journal
from courier_check.store.branches import BranchEntry, HeldBy
from courier_check.store.evidence import Photo, save_photo
from courier_check.sync.bundles import Bundles
from courier_check.wording import Language
from support.clocks import SetClock
from support.gateways import Practice
from support.parts_gone import parts_gone
from support.stand_alone import stand_alone_verifier, verdict
from support.stations import CHEAP, append

VERIFIER = stand_alone_verifier()
SOUND = {"altered": 0, "missing": 0, "destroyed": 0}


@pytest.fixture
def station(tmp_path: Path, clock: SetClock, practice: Practice) -> Iterator[Station]:
    """Four entries with three photos, two of them of the same picture, and one in an entry that was filed again."""
    with Station.init(tmp_path / "station", PRACTICE_PASSPHRASE, Surroundings(clock, hasher=CHEAP), practice=True) as opened:
        opened.enrol(practice.code(), practice.url)
        for data in (b"one", b"two", b"two"):
            kept = save_photo(opened.evidence, Photo("photo-1", "image/jpeg", data), opened.random)
            parts = {PartName.KEPT: {"v": 1, "photo_keys": {"photo-1": to_text(kept.key)}}}
            append(opened, Draft("acceptance", "0142", {}, parts, evidence=(kept.ref,)))
        refiled(opened)
        assert opened.synchronise().photos.sent == 3  # the first travels under the entry that files it again
        yield opened


def refiled(station: Station) -> None:
    journal_id = journal.current_journal(station.database) or ""
    held = journal.entry_at(station.database, journal_id, 2)
    assert held is not None
    entry = BranchEntry(journal_id, 2, held.header_bytes, held.signature, HeldBy.STATION)
    with station.database.write() as tx:
        branches.keep(tx, [entry])
        branches.refile(tx, entry, station.writer())


@pytest.fixture
def export(station: Station, tmp_path: Path) -> Path:
    made = Bundles(station.database, station.enrolled(), station.clock, "tests", {})
    with (tmp_path / "out.zip").open("xb") as target:
        made.export(target, made.everything(), revealed=True)
    return tmp_path / "out.zip"


@pytest.fixture
def copies(practice: Practice, station: Station, tmp_path: Path) -> Path:
    evidence(Output(as_json=True, language=Language.CHINESE), practice.gateway, Asked(None, tmp_path / "copies", missing=False))
    return tmp_path / "copies"


def photos(export: Path, folder: Path, verifier: ModuleType = VERIFIER) -> tuple[bool, dict[str, int]]:
    found: dict[str, Any] = verdict(verifier, export, photos=folder)
    return found["ok"], found["photos"]


def test_what_the_gateway_gives_out_and_what_lies_at_the_station_open_to_what_was_signed(
    station: Station, export: Path, copies: Path
) -> None:
    assert photos(export, copies) == (True, {"sound": 4, **SOUND})
    assert photos(export, station.evidence) == (True, {"sound": 4, **SOUND})
    assert "photos" not in verdict(VERIFIER, export)


def test_missing_photos_are_counted_and_altered_ones_fail(export: Path, copies: Path) -> None:
    files = sorted(copies.glob("*.bin"))
    files[0].unlink()
    ok, counts = photos(export, copies)
    assert ok
    assert counts["missing"] >= 1
    assert counts["altered"] == 0
    held = files[1].read_bytes()
    files[1].write_bytes(held[:-1] + bytes([held[-1] ^ 1]))
    found = verdict(VERIFIER, export, photos=copies)
    assert (found["ok"], found["step"], found["code"]) == (False, "photos", "photo-altered")
    assert found["photos"]["altered"] >= 1
    assert found["place"]["seq"] in (2, 3, 4, 5)


def test_a_photo_that_was_exchanged_for_another_is_altered(export: Path, copies: Path) -> None:
    lines = [json.loads(line) for line in (copies / "index.jsonl").read_text(encoding="utf-8").splitlines()]
    digests = Counter(line["sha256"] for line in lines)
    same = [line["file"] for line in lines if digests[line["sha256"]] == 2]
    assert len(set(same)) == 2  # one picture under two keys
    shutil.copyfile(copies / same[0], copies / same[1])
    assert not photos(export, copies)[0]


@pytest.mark.parametrize("line", ["", "7", "{}", "[]", '{"file":"../../out.zip","journal":"x","seq":1,"photo":"p"}', "\udcff"])
def test_an_index_that_says_nonsense_leads_nowhere(export: Path, copies: Path, line: str) -> None:
    (copies / "index.jsonl").write_bytes(line.encode("utf-8", "surrogateescape") + b"\n")
    assert photos(export, copies) == (True, {"sound": 4, **SOUND})  # by the digests in the names


def test_a_folder_that_is_none_is_unusable(export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert VERIFIER.main(["--photos", str(tmp_path / "nowhere"), str(export)]) == 2
    assert VERIFIER.main(["--photos", str(tmp_path / "station" / "evidence"), str(export)]) == 0
    assert "照片：相符 4，被改动 0，缺失 0" in capsys.readouterr().out


def test_a_destroyed_key_is_no_failure(station: Station, tmp_path: Path, copies: Path) -> None:
    with station.database.write() as tx:
        parts_gone(tx, journal.current_journal(tx) or "", 3)
    made = Bundles(station.database, station.enrolled(), station.clock, "tests", {})
    with (tmp_path / "later.zip").open("xb") as target:
        made.export(target, made.everything(), revealed=True)
    ok, counts = photos(tmp_path / "later.zip", copies)
    assert (ok, counts["sound"]) == (True, 3)
