"""A file that was asked for is whole or not there, and never written over another."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import NoReturn

import pytest

from courier_check.errors import StoreError, UserError
from courier_check.store.codes import StoreCode
from courier_check.store.new_file import NewFileCode, new_file


def written(path: Path, data: bytes = b"whole") -> None:
    with new_file(path) as target:
        target.write(data)


def refusal(path: Path) -> UserError:
    with pytest.raises(UserError) as caught:
        written(path)
    return caught.value


def without_links(*_: object) -> NoReturn:
    """As on FAT."""
    raise PermissionError(errno.EPERM, "Operation not permitted")


def test_it_has_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "out.zip"
    with new_file(path) as target:
        target.write(b"whole")
        assert not path.exists()
    assert path.read_bytes() == b"whole"
    assert [each.name for each in tmp_path.iterdir()] == ["out.zip"]


def test_where_the_writing_fails_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(KeyError), new_file(tmp_path / "out.zip") as target:
        target.write(b"half")
        raise KeyError
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("links", [True, False])
def test_what_is_there_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, links: bool) -> None:
    if not links:
        monkeypatch.setattr(os, "link", without_links)
    path = tmp_path / "out.zip"
    written(path)
    assert refusal(path).code == NewFileCode.EXISTS
    assert refusal(tmp_path).code == NewFileCode.EXISTS
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    assert refusal(tmp_path / "dangling").code == NewFileCode.EXISTS
    with pytest.raises(UserError) as caught, new_file(tmp_path / "late.zip") as target:
        target.write(b"second")
        (tmp_path / "late.zip").write_bytes(b"first")
    assert caught.value.code == NewFileCode.EXISTS
    assert (path.read_bytes(), (tmp_path / "late.zip").read_bytes()) == (b"whole", b"first")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["dangling", "late.zip", "out.zip"]


def test_a_stick_without_links_takes_it_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", without_links)
    written(tmp_path / "out.zip")
    assert [each.read_bytes() for each in tmp_path.iterdir()] == [b"whole"]


def test_a_place_that_is_none_is_said(tmp_path: Path) -> None:
    refused = refusal(tmp_path / "no" / "place.zip")
    assert refused.code == NewFileCode.UNWRITABLE
    assert refusal(tmp_path / ("x" * 300)).code == NewFileCode.UNWRITABLE


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as caught, new_file(tmp_path / "out.zip"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert caught.value.code == StoreCode.DISK_FULL
    assert list(tmp_path.iterdir()) == []
