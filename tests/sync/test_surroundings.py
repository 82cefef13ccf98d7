"""What the account a station runs in may have set up for other programs."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
import requests

from courier_check.station import Station
from courier_check.sync.client import GatewayClient, NoAnswer, Timeouts
from courier_check.sync.codes import SyncCode
from courier_check.sync.synchroniser import SyncState
from courier_check.wire.certificates import GatewayDocument

SETTINGS = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def nothing_set_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "none"))


@pytest.fixture
def proxy() -> Iterator[tuple[str, Future[bytes]]]:
    """A proxy that refuses everybody: its address, and what it was asked first."""

    def asked() -> bytes:
        connection, _ = listener.accept()
        with connection:
            said = connection.recv(4_096)
            connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        return said.split(b"\r\n")[0]

    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as worker:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", worker.submit(asked)
        with closing(socket.create_connection(listener.getsockname(), 1)):
            pass  # nobody has asked yet: then this ends it


def test_a_password_kept_for_other_programs_does_not_replace_the_signature(
    station: Station, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kept = tmp_path / "netrc"
    kept.write_text("machine 127.0.0.1 login somebody password made-up\ndefault login somebody password made-up\n", encoding="ascii")
    kept.chmod(0o600)
    monkeypatch.setenv("NETRC", str(kept))
    assert station.synchronise().status.state is SyncState.SYNCHRONISED


@pytest.mark.parametrize("name", ["http_proxy", "all_proxy"])
def test_what_is_said_to_this_machine_in_plain_text_goes_through_no_proxy(
    station: Station, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert station.synchronise().status.state is SyncState.SYNCHRONISED


def said_of(url: str) -> NoAnswer:
    with closing(GatewayClient(url, None, Timeouts(2.0, 2.0, 2.0))) as client:
        said = client.gateway_document()
    assert isinstance(said, NoAnswer)
    return said


def test_a_gateway_elsewhere_is_reached_through_the_proxy_that_is_set_up(
    monkeypatch: pytest.MonkeyPatch, proxy: tuple[str, Future[bytes]]
) -> None:
    url, asked = proxy
    monkeypatch.setenv("https_proxy", url)
    assert said_of("https://gateway.example").code in (SyncCode.NO_CONNECTION, SyncCode.CUT_OFF)
    assert asked.result(5).startswith(b"CONNECT gateway.example:443 HTTP/1.")


@pytest.mark.parametrize(
    ("url", "name", "value"),
    [
        ("https://127.0.0.1:9", "REQUESTS_CA_BUNDLE", "/nonexistent/authorities.pem"),
        ("https://a..b", "no_proxy", ""),
        (f"https://{'a' * 64}.example", "no_proxy", ""),
        ("https://gateway.example", "https_proxy", "socks5://127.0.0.1:9"),
        ("https://gateway.example", "https_proxy", "http://"),
    ],
)
def test_a_set_up_that_can_not_be_used_is_told_as_such(monkeypatch: pytest.MonkeyPatch, url: str, name: str, value: str) -> None:
    """It is no fault of the line, and none of the program: whoever set it up has to know."""
    monkeypatch.setenv(name, value)
    said = said_of(url)
    assert said.code is SyncCode.SET_UP_WRONG
    assert said.detail


@pytest.mark.parametrize(
    "proxy",
    [
        "http://clerk:made-up-S3cret@host:99999",
        "http://clerk:made-up-S3cret@bad host:8080",
        "http://clerk:made-up-S3cret@[::1:8080",
        "http://clerk:made-up/S3cret@host:8080",
        "http://clerk:made-up-S3cret@",
        "http://clerk:made-up-S3cret",
        "http://clerk:made-up-S3cret@proxy..example:80",
        "http://收寄员:密码S3cret@127.0.0.1:9",
        "socks9://clerk:made-up-S3cret@host:80",
        "clerk:made-up-S3cret@host:80",
    ],
)
def test_a_proxy_that_can_not_be_used_is_told_without_its_password(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    """The detail is kept in the database, shown in the window and written to logs."""
    monkeypatch.setenv("https_proxy", proxy)
    said = said_of("https://gateway.example")
    assert said.code is SyncCode.SET_UP_WRONG
    assert said.detail
    for secret in ("S3cret", "clerk", "made-up", "密码"):
        assert secret not in said.detail


def test_the_proxy_that_can_not_be_used_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "socks5://clerk:made-up-S3cret@proxy.example:1080")
    assert "proxy.example" in said_of("https://gateway.example").detail


def test_a_proxy_with_a_password_is_used(monkeypatch: pytest.MonkeyPatch, proxy: tuple[str, Future[bytes]]) -> None:
    url, asked = proxy
    monkeypatch.setenv("https_proxy", url.replace("//", "//clerk:made-up-S3cret@"))
    said = said_of("https://gateway.example")
    assert said.code in (SyncCode.NO_CONNECTION, SyncCode.CUT_OFF)
    assert "S3cret" not in said.detail
    assert asked.result(5).startswith(b"CONNECT gateway.example:443 HTTP/1.")


class TakenMeanwhile(list[requests.Session]):
    """Sessions that were there when one was looked for, and gone when it was taken: another thread was quicker."""

    def __len__(self) -> int:
        return 1


def test_calls_of_several_threads_do_not_take_the_same_session(station: Station) -> None:
    with closing(station.client()) as client:
        client._idle, held = TakenMeanwhile(), client._idle
        assert isinstance(client.gateway_document(), GatewayDocument)
        client._idle = held
