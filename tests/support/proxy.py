"""A line between a station and a gateway that does to each request what it is told, byte by byte.

It takes whole requests, passes them on and brings whole answers back, so that every cut lies exactly where it is asked for. Towards the
gateway each request has a connection of its own; the station's connections are kept, as without a proxy.
"""

from __future__ import annotations

import contextlib
import gzip
import re
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import BinaryIO

PATIENCE_S = 20
NO_LINGER = struct.pack("ii", 1, 0)
"""SO_LINGER so that `close` sends a reset at once instead of an orderly end."""


class Kind(StrEnum):
    """What becomes of a request."""

    PASS = "pass"
    CUT_REQUEST = "cut-request"
    CUT_ANSWER = "cut-answer"
    DELAY = "delay"
    STALL = "stall"  # the gateway gets it; its answer never comes, and the connection stays open
    TWICE_FIRST = "twice-first"  # both at the same time; the answer to the first goes back
    TWICE_SECOND = "twice-second"
    LATE = "late"  # cut, and brought to the gateway after the next request was answered
    BUSY_429 = "429"
    BUSY_429_WAIT = "429-retry-after"
    BUSY_503 = "503"
    BUSY_503_WAIT = "503-retry-after"
    FAILED_500 = "500"
    PORTAL = "portal"
    TORN_GZIP = "torn-gzip"
    LENGTH_TOO_LONG = "length-too-long"
    LENGTH_TOO_SHORT = "length-too-short"
    FLIPPED = "flipped"  # one bit of the answer's body


class Spot(StrEnum):
    """Where a message is cut."""

    NOTHING = "nothing"
    LINE = "line"
    HEADERS = "headers"
    BODY = "body"
    LAST_BYTE = "last-byte"  # all but the last byte goes through
    BETWEEN = "between"  # all of a request, nothing of its answer


class Stage(StrEnum):
    """Where a request can be held while something happens to either side."""

    ARRIVED = "arrived"
    SENT = "sent"
    ANSWERED = "answered"
    DELIVERED = "delivered"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `share`, 0 ≤ share < 1: how far into the spot, the body, or a twentieth of a second; `reset`: cut by RST, not FIN."""

    kind: Kind = Kind.PASS
    spot: Spot = Spot.NOTHING
    share: float = 0.0
    reset: bool = False


@dataclass
class Halt:
    """A request is held at a stage until `go` is set."""

    stage: Stage
    reached: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)


OWN_ANSWERS = {
    Kind.BUSY_429: (b"429 Too Many Requests", b"Content-Type: text/plain\r\n", b"slow down"),
    Kind.BUSY_429_WAIT: (b"429 Too Many Requests", b"Content-Type: text/plain\r\nRetry-After: 3\r\n", b"slow down"),
    Kind.BUSY_503: (b"503 Service Unavailable", b"Content-Type: text/plain\r\n", b"later"),
    Kind.BUSY_503_WAIT: (
        b"503 Service Unavailable",
        b"Content-Type: text/plain\r\nDate: Thu, 26 Nov 2026 03:00:00 GMT\r\nRetry-After: Thu, 26 Nov 2026 03:00:03 GMT\r\n",
        b"later",
    ),
    Kind.FAILED_500: (b"500 Internal Server Error", b"Content-Type: text/plain\r\n", b"Internal Server Error"),
    Kind.PORTAL: (b"200 OK", b"Content-Type: text/html; charset=utf-8\r\n", "<html><body>请登录网络</body></html>".encode()),
}


def bytes_through(message: bytes, fault: Fault) -> int:
    """How many bytes of a message pass before the cut; fewer than all of them unless it has none at that spot, or the spot is BETWEEN."""
    line, head = message.index(b"\r\n") + 2, message.index(b"\r\n\r\n") + 4
    spans = {
        Spot.NOTHING: (0, 0),
        Spot.LINE: (1, line),
        Spot.HEADERS: (line, head),
        Spot.BODY: (head, len(message)),
        Spot.LAST_BYTE: (len(message) - 1, len(message)),
        Spot.BETWEEN: (len(message), len(message)),
    }
    low, high = spans[fault.spot]
    return low + int(fault.share * (high - low))


class Proxy:
    """`target`: host and port of the gateway, changed when it comes up elsewhere. `faults`: what the next requests meet, one each."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self._listener = socket.create_server((host, 0))
        self._listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # inherited: answers are written in pieces
        self.url = f"http://{host}:{self._listener.getsockname()[1]}"
        self.target: tuple[str, int] | None = None
        self.faults: list[Fault] = []
        self.met: list[Fault] = []
        self._halt: Halt | None = None
        self._late: list[bytes] = []
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._threads = [threading.Thread(target=self._serve, name="proxy")]
        self._threads[0].start()

    @property
    def holds_late(self) -> bool:
        """Whether a request is still to arrive after the next one."""
        return bool(self._late)

    def towards(self, url: str) -> None:
        host, _, port = url.removeprefix("http://").partition(":")
        self.target = host, int(port)

    def halt(self, stage: Stage) -> Halt:
        """Hold the next request that comes to this stage."""
        self._halt = Halt(stage)
        return self._halt

    def calm(self) -> None:
        """No more faults; whoever is held goes on. What is to arrive late still does."""
        self.faults.clear()
        halt, self._halt = self._halt, None
        if halt is not None:
            halt.go.set()

    def hang_up(self) -> None:
        """End every connection: whoever stalls is let go."""
        with self._lock:
            for each in self._open:
                with contextlib.suppress(OSError):  # ended already
                    each.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._closing.set()
        self.calm()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.hang_up()
        for thread in list(self._threads):
            thread.join(PATIENCE_S)

    def _serve(self) -> None:
        while not self._closing.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self._open.add(client)
                thread = threading.Thread(target=self._talk, args=(client,), name="proxy-line", daemon=True)
                self._threads = [each for each in self._threads if each.is_alive()] + [thread]
            thread.start()

    def _talk(self, client: socket.socket) -> None:
        """One connection of the station, request after request."""
        try:
            with client.makefile("rb") as stream:
                while (request := read_message(stream)) is not None and self._handle(client, request):
                    pass
        except OSError:
            pass  # the station hung up, or was killed
        finally:
            with self._lock:
                self._open.discard(client)
            client.close()

    def _handle(self, client: socket.socket, request: bytes) -> bool:
        """Whether the connection goes on."""
        fault = self.faults.pop(0) if self.faults else Fault()
        self.met.append(fault)
        self._wait_at(Stage.ARRIVED)
        if fault.kind in OWN_ANSWERS:
            client.sendall(_answer(*OWN_ANSWERS[fault.kind]))
            return True
        if fault.kind is Kind.LATE:
            self._late.append(request)
            return False
        if fault.kind is Kind.CUT_REQUEST:
            self._exchange(request, only=bytes_through(request, fault))
            return _hang_up(client, fault)
        answer = self._answer_to(request, fault)
        self._wait_at(Stage.ANSWERED)
        goes_on = _deliver(client, answer, fault, self._closing)
        self._wait_at(Stage.DELIVERED)
        return goes_on

    def _answer_to(self, request: bytes, fault: Fault) -> bytes:
        if fault.kind is Kind.DELAY:
            self._closing.wait(fault.share / 20)
        if fault.kind in (Kind.TWICE_FIRST, Kind.TWICE_SECOND):
            answers = self._twice(request)
            answer = answers[0 if fault.kind is Kind.TWICE_FIRST else 1]
        else:
            answer = self._exchange(request)
        late, self._late = self._late, []
        for each in late:
            self._exchange(each)
        return answer

    def _twice(self, request: bytes) -> list[bytes]:
        answers = [b"", b""]

        def send(place: int) -> None:
            answers[place] = self._exchange(request)

        threads = [threading.Thread(target=send, args=(place,)) for place in (0, 1)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        return answers

    def _exchange(self, request: bytes, *, only: int | None = None) -> bytes:
        """What the gateway answers; nothing, or a part, where it is absent or dies. `only`: send so many bytes and hang up.

        A request that was sent whole is read to its answer even where nobody is to get that: a gateway may notice who left, and not do it.
        """
        if self.target is None:
            return b""
        answer = bytearray()
        try:
            with socket.create_connection(self.target, PATIENCE_S) as line:
                line.sendall(_closing(request)[:only])
                self._wait_at(Stage.SENT)
                if only is None or only >= len(request):
                    while piece := line.recv(65_536):
                        answer += piece
        except OSError:
            pass  # the gateway is gone: what came of its answer is all there is
        return bytes(answer).replace(b"connection: close\r\n", b"", 1)

    def _wait_at(self, stage: Stage) -> None:
        halt = self._halt
        if halt is not None and halt.stage is stage:
            self._halt = None
            halt.reached.set()
            halt.go.wait(PATIENCE_S)


@contextlib.contextmanager
def misbehaving_line(url: str | None = None) -> Iterator[Proxy]:
    """A proxy for as long as the block lasts, towards a gateway if one is named."""
    proxy = Proxy()
    if url is not None:
        proxy.towards(url)
    try:
        yield proxy
    finally:
        proxy.close()


def read_message(stream: BinaryIO) -> bytes | None:
    """A whole request or answer with a Content-Length (or without a body); None where it ends before."""
    message, length = bytearray(), 0
    while (line := stream.readline()) != b"\r\n":
        if not line:
            return None
        message += line
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            length = int(value)
    body = stream.read(length)
    return bytes(message) + b"\r\n" + body if len(body) == length else None


def parted(message: bytes) -> tuple[bytes, bytes]:
    """Head with its empty line, and body in clear, its compression removed and no longer said."""
    head, _, body = message.partition(b"\r\n\r\n")
    if re.search(rb"(?mi)^content-encoding: *gzip\r?$", head):
        head, body = re.sub(rb"(?i)\r\ncontent-encoding: *gzip", b"", head), gzip.decompress(body)
    return head + b"\r\n\r\n", body


def with_length(head: bytes, body: bytes, length: int | None = None) -> bytes:
    """A message that says `length`, by default the true one."""
    bare = re.sub(rb"(?i)\r\ncontent-length: *[0-9]+", b"", head.removesuffix(b"\r\n\r\n"))
    return bare + b"\r\nContent-Length: %d\r\n\r\n" % (len(body) if length is None else length) + body


def _closing(request: bytes) -> bytes:
    """The request asking the gateway to end the connection after its answer, as long as it was."""
    return request.replace(b"Connection: keep-alive\r\n", b"Connection: close     \r\n", 1)


def _answer(status: bytes, headers: bytes, body: bytes) -> bytes:
    return b"HTTP/1.1 " + status + b"\r\n" + headers + b"Content-Length: %d\r\n\r\n" % len(body) + body


def _deliver(client: socket.socket, answer: bytes, fault: Fault, closing: threading.Event) -> bool:
    """Give the answer back as the fault wants it; whether the connection goes on."""
    if b"\r\n\r\n" not in answer:  # the gateway died, or was not there
        client.sendall(answer)
        return False
    if fault.kind is Kind.CUT_ANSWER:
        client.sendall(answer[: bytes_through(answer, fault)])
        return _hang_up(client, fault)
    if fault.kind is Kind.STALL:
        client.settimeout(PATIENCE_S)
        with contextlib.suppress(OSError):
            client.recv(1)  # nothing more is asked: this waits until the station gives up
        return False
    spoilt = _spoilt(answer, fault)
    client.sendall(spoilt)
    head, _, body = spoilt.partition(b"\r\n\r\n")
    said = re.search(rb"(?i)content-length: *([0-9]+)", head)
    return said is not None and int(said[1]) <= len(body) and not closing.is_set()


def _spoilt(answer: bytes, fault: Fault) -> bytes:
    if fault.kind not in (Kind.TORN_GZIP, Kind.LENGTH_TOO_LONG, Kind.LENGTH_TOO_SHORT, Kind.FLIPPED):
        return answer
    try:
        head, body = parted(answer)
    except (OSError, EOFError):  # torn by the gateway's own death
        return answer
    spot = int(fault.share * len(body))
    match fault.kind:
        case Kind.TORN_GZIP:
            packed = gzip.compress(body, mtime=0)
            torn = packed[: int(fault.share * len(packed))]
            return with_length(head.removesuffix(b"\r\n") + b"Content-Encoding: gzip\r\n\r\n", torn)
        case Kind.LENGTH_TOO_LONG:
            return with_length(head, body, len(body) + 1 + int(fault.share * 100))
        case Kind.LENGTH_TOO_SHORT:
            return with_length(head, body, spot)
        case _:
            flipped = bytes([body[spot] ^ 1 << int(fault.share * 7919) % 8]) if body else b""
            return with_length(head, body[:spot] + flipped + body[spot + 1 :])


def _hang_up(client: socket.socket, fault: Fault) -> bool:
    if fault.reset:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
    return False
