"""文档: what is saved lands somewhere, also where the account has no documents folder, and never where nobody would look for it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from courier_check.errors import UserError
from courier_check.station import Station
from courier_check.store.files import write_atomically
from support.filled import Filled, filled_station
from ui.documents import SAVED, documents_folder, written
from ui.page_codes import PageCode

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows tells the folder by the account, not by its environment")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An account without any folder in it."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    filled: Filled = filled_station(tmp_path / "station")
    with filled.open() as opened:
        yield opened


def save(station: Station, folder: Path) -> Path:
    return written(station, folder, "告知单_1", "pdf", lambda target: write_atomically(target, b"%PDF"))


def test_a_missing_documents_folder_is_made(home: Path, station: Station) -> None:
    folder = documents_folder()
    assert folder.is_relative_to(home)
    assert not folder.exists()
    assert [save(station, folder), save(station, folder)] == [folder / "告知单_1.pdf", folder / "告知单_1-2.pdf"]
    assert sorted(each.name for each in folder.iterdir()) == ["告知单_1-2.pdf", "告知单_1.pdf"]


def test_where_none_can_be_made_it_is_saved_with_the_stations_data(home: Path, station: Station) -> None:
    home.rmdir()
    home.write_text("no folder at all")
    saved = station.folder.path / SAVED
    assert [save(station, documents_folder()), save(station, documents_folder())] == [saved / "告知单_1.pdf", saved / "告知单_1-2.pdf"]
    assert saved.stat().st_mode & 0o077 == 0
    assert (saved / "告知单_1.pdf").read_bytes() == b"%PDF"
    assert station.verify().ok


def test_what_has_the_name_of_the_documents_folder_but_is_a_file_is_passed_by(home: Path, station: Station) -> None:
    documents_folder().write_text("x")
    assert save(station, documents_folder()).parent == station.folder.path / SAVED
    assert documents_folder().read_text() == "x"


def test_a_folder_that_somebody_named_is_never_made(home: Path, station: Station, tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        save(station, tmp_path / "a slip of the hand")
    assert caught.value.code == PageCode.FOLDER_ABSENT
    assert not (tmp_path / "a slip of the hand").exists()
    assert not (station.folder.path / SAVED).exists()
