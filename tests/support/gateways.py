"""A real gateway on loopback, and a front before it that misbehaves as told."""

from __future__ import annotations

import contextlib
import http.client
import secrets
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from fastapi import FastAPI

from courier_check.clock import Clock
from courier_check.gateway import admin
from courier_check.gateway.app import create_app
from courier_check.gateway.documents import decompressed
from courier_check.gateway.serving import running
from courier_check.gateway.setup import Founding, Gateway, init
from courier_check.wire.certificates import StationPlace
from courier_check.wire.problems import MEDIA_TYPE, ProblemCode, problem

NOTHING_THERE = b'{"type":"urn:courier-check:problem:not-found","title":"not found","status":404,"detail":"","code":"not-found"}'
HTML = b"<html><body>Please sign in to the network</body></html>"


@dataclass
class Practice:
    """A running practice gateway."""

    gateway: Gateway
    url: str

    def code(self, station_id: str = "zz-jinshui-01", region: str = "410105") -> str:
        return admin.enrol_code(self.gateway, station_id, StationPlace(outlet_id="zz-jinshui", outlet_name="样例金水网点", region=region))


@contextlib.contextmanager
def practice_gateway(folder: Path, clock: Clock, *, practice: bool = True) -> Iterator[Practice]:
    """A new gateway in a folder (or the one that is there), serving on a free port."""
    if not folder.exists():
        init(folder, Founding("gw-test", "样例网关（虚构）", practice), clock, secrets.token_bytes)
    with Gateway.open(folder, clock, secrets.token_bytes) as gateway, running(create_app(gateway)) as url:
        yield Practice(gateway, url)


class Switchboard:
    """One server for all tests of a run, which answers for the gateway of the test that is running: ending a server takes its time, and the
    first request of each kind that an app gets takes ten times as long as the next."""

    def __init__(self) -> None:
        self._app: FastAPI | None = None

    def answer_for(self, gateway: Gateway) -> None:
        """From now on: an app finds its gateway anew at each request."""
        if self._app is None:
            self._app = create_app(gateway)
        self._app.state.gateway = gateway

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            assert self._app is not None, "no gateway to answer for"
            await self._app(scope, receive, send)


@contextlib.contextmanager
def switchboard() -> Iterator[tuple[Switchboard, str]]:
    """A running one, and its address."""
    board = Switchboard()
    with running(board) as address:  # type: ignore[arg-type]  # any ASGI application will do
        yield board, address


@dataclass
class Front:
    """What the next requests meet: names from `faults`, one a request, then plain passing on.

    `seen` lists paths in the order in which requests arrived whole, `bodies` what came with them, unpacked, `codings` how it had been
    packed. `tells_codings`: whether answers say what the gateway unpacks.
    """

    url: str = ""
    faults: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list, repr=False)
    codings: list[str] = field(default_factory=list)
    tells_codings: bool = True
    arriving: threading.Lock = field(default_factory=threading.Lock, repr=False)
    closing: threading.Event = field(default_factory=threading.Event)


class _FrontServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, front: Front, target: str) -> None:
        super().__init__(("127.0.0.1", 0), _Forwarding)
        self.front = front
        self.there = urlsplit(target)


class _Forwarding(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _FrontServer

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def log_message(self, *_: object) -> None:
        pass

    def _serve(self) -> None:
        front = self.server.front
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        coding = self.headers.get("Content-Encoding", "")
        plain = decompressed(body, coding, 2**26)
        with front.arriving:  # two batches travel at once
            front.seen.append(self.path)
            front.codings.append(coding)
            front.bodies.append(plain)
            fault = front.faults.pop(0) if front.faults else "pass"
        if fault in _SPOILT:
            self._answer(*_SPOILT[fault])
        elif fault in _PROBLEMS:
            told = _PROBLEMS[fault]
            self._answer(told.status, {"Content-Type": MEDIA_TYPE}, msgspec.json.encode(told))
        elif fault == "silent":
            self._hang()
        elif fault == "cut-before":
            self._cut()
        else:
            self._forward(body, fault)

    def _forward(self, body: bytes, fault: str) -> None:
        there = self.server.there
        connection = http.client.HTTPConnection(there.hostname or "", there.port or 80, timeout=30)
        kept = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection", "accept-encoding")}
        connection.request(self.command, self.path, body or None, kept)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        if fault == "cut-after":
            self._cut()
            return
        if fault == "flip":
            spot = content.index(b'"signature"') + 20
            content = content[:spot] + (b"A" if content[spot : spot + 1] != b"A" else b"B") + content[spot + 1 :]
        self._answer(answer.status, dict(answer.getheaders()), content, fault)

    def _answer(self, status: int, headers: dict[str, str], content: bytes, fault: str = "") -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() in ("content-type", "retry-after", *(("accept-encoding",) if self.server.front.tells_codings else ())):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if fault not in ("half", "stall"):
            self.wfile.write(content)
            return
        self.wfile.write(content[: len(content) // 2])
        if fault == "stall":
            self._hang()
        else:
            self._cut()

    def _hang(self) -> None:
        """Say nothing more for as long as the front stands."""
        self.server.front.closing.wait()
        self._cut()

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.close()


@contextlib.contextmanager
def misbehaving_front(target: str) -> Iterator[Front]:
    """A forwarding server whose answers can be spoilt: `html`, `500`, `429`, `unknown`, `garbage`, `half`, `stall`, `silent`, `cut-before`,
    `cut-after`, `flip`, or the name of a problem."""
    front = Front()
    server = _FrontServer(front, target)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        front.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield front
    finally:
        front.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


_PROBLEMS = {code.value: problem(code, "as a test says") for code in ProblemCode}
_SPOILT: dict[str, tuple[int, dict[str, str], bytes]] = {
    "html": (200, {"Content-Type": "text/html; charset=utf-8"}, HTML),
    "html 502": (502, {"Content-Type": "text/html", "Retry-After": "7"}, HTML),
    "html 503": (503, {"Content-Type": "text/html", "Retry-After": "7"}, HTML),
    "html 504": (504, {"Content-Type": "text/html"}, HTML),
    "html 429": (429, {"Content-Type": "text/html", "Retry-After": "7"}, HTML),
    "html 511": (511, {"Content-Type": "text/html"}, HTML),
    "html 403": (403, {"Content-Type": "text/html"}, HTML),
    "500": (500, {"Content-Type": "text/plain"}, b"Internal Server Error"),
    "429": (429, {"Content-Type": "text/plain", "Retry-After": "7"}, b"slow down"),
    "503 for a day": (503, {"Content-Type": "text/plain", "Retry-After": "86400"}, b"Service Unavailable"),
    "unknown": (404, {"Content-Type": "application/problem+json"}, NOTHING_THERE),
    "garbage": (200, {"Content-Type": "application/json"}, b'{"kind":"answer","v":1'),
}
