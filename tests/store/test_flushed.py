"""What is said to be done outlasts the power: bytes are on the disk before they have a name, names before anything is built on them."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from courier_check.gateway.evidence_files import Arriving, EvidenceFolder
from courier_check.station import Station
from courier_check.store import journal
from courier_check.store.files import write_atomically
from courier_check.store.new_file import new_file
from support.flushes import recorded
from support.stations import acceptance, append, reopened

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows has no handle to a folder to flush")


def test_a_file_of_the_data_folder_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "keys.json"
    with recorded(monkeypatch) as flushes:
        write_atomically(path, b"{}")
    flushes.check_lasting(path)


@pytest.mark.parametrize("links", [True, False])
def test_a_file_on_a_stick_is_there_when_that_may_be_pulled_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, links: bool) -> None:
    path = tmp_path / "out.zip"
    if not links:
        monkeypatch.setattr(os, "link", without_links)
    with recorded(monkeypatch) as flushes, new_file(path) as target:
        target.write(b"whole")
    flushes.check_lasting(path)
    assert [each.name for each in tmp_path.iterdir()] == ["out.zip"]


def without_links(*_: object) -> None:
    """As on FAT."""
    raise PermissionError(1, "Operation not permitted")


def test_a_photo_at_the_gateway_is_there_before_it_is_said_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"sealed" * 100
    file = Arriving("zz-1", hashlib.sha256(data).hexdigest(), len(data))
    folder = EvidenceFolder(tmp_path)
    with recorded(monkeypatch) as flushes:
        assert folder.add(file, 0, data[:200]) == 200
        (on_its_way,) = (tmp_path / "evidence" / "incoming" / "zz-1").iterdir()
        assert [flushes.events.count(("flushed", each)) for each in (on_its_way, on_its_way.parent)] == [1, 1]
        assert folder.add(file, 200, data[200:]) == len(data)
        assert flushes.events.count(("flushed", on_its_way)) == 2
    flushes.check_lasting(folder.path(file.sealed_sha256))


# The note of the newest head is replaced after each act and not waited for: one that is too old only detects less. ------------------------


def test_the_note_of_the_newest_head_is_replaced_whole_and_not_waited_for(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    append(station, acceptance("SF1000000000001"))
    note = station.folder.path / "head.json"
    with recorded(monkeypatch) as flushes:
        station.keep_head()
    assert [what for what, path in flushes.events if path == note] == ["named"]
    assert [each for each in flushes.events if each[0] == "flushed"] == []


@pytest.mark.parametrize("left", [b"", bytes(120)])
def test_a_note_whose_bytes_went_with_the_power_accuses_nobody(station: Station, left: bytes) -> None:
    """Its new name came to the disk and its bytes did not, which leaves nothing or zeros, as file systems go: that is too old, not lost."""
    append(station, acceptance("SF1000000000001"))
    station.keep_head()
    before = journal.journal_ids(station.database)
    (station.folder.path / "head.json").write_bytes(left)
    station.database = reopened(station).database
    assert journal.journal_ids(station.database) == before
    outside = station.folder.outside_head()
    assert outside is not None, "it is written anew"
    assert outside.seq == journal.head_of(station.database, before[0], station.enrolled().first_prev).seq
