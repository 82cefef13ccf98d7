"""What the account a station runs in may have set up for other programs."""

from __future__ import annotations

from pathlib import Path

import pytest

from courier_check.station import Station
from courier_check.sync.codes import SyncCode
from courier_check.sync.synchroniser import SyncState
from support.gateways import Front


@pytest.fixture(autouse=True)
def nothing_set_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "none"))


def test_a_password_kept_for_other_programs_does_not_replace_the_signature(
    station: Station, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kept = tmp_path / "netrc"
    kept.write_text("machine 127.0.0.1 login somebody password made-up\ndefault login somebody password made-up\n", encoding="ascii")
    kept.chmod(0o600)
    monkeypatch.setenv("NETRC", str(kept))
    assert station.synchronise().status.state is SyncState.SYNCHRONISED


def test_a_proxy_that_is_set_up_is_used_and_one_for_others_is_not(station: Station, front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", front.url)
    station.synchronise()
    assert [path for path in front.seen if path.startswith("http://127.0.0.1")] == front.seen != []
    seen = len(front.seen)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert station.synchronise().status.state is SyncState.SYNCHRONISED
    assert len(front.seen) == seen


def test_a_proxy_that_is_not_there_is_no_connection(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    status = station.synchronise().status
    assert (status.state, status.code) == (SyncState.OFFLINE, SyncCode.NO_CONNECTION)
