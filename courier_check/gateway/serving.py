"""Running the app: in this process until a signal, or in a thread for as long as a block lasts."""

from __future__ import annotations

import contextlib
import gc
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType

import uvicorn
from fastapi import FastAPI

from courier_check.errors import StoreError
from courier_check.gateway.codes import GatewayCode

GRACE_S = 10
SWITCH_S = 0.001
"""How long a thread keeps the interpreter to itself. Bodies arrive in ten pieces and more, and at 5 ms each the batch that comes would wait
for the one that is being stored, and then the other processes for it."""
YOUNG_OBJECTS = 50_000
"""What a batch is read into goes with it, by counting references: a collector that looks every 700 objects finds nothing sixty times."""


class _Announcing(uvicorn.Server):
    """A server that says when it listens."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    def end(self) -> None:
        self.should_exit = True


Watch = Callable[[Callable[[], None]], None]
"""Is given what ends the server, and may call it at any time and from any thread."""


def serve(app: FastAPI, host: str, port: int, announce: Callable[[str], None], watch: Watch = lambda _end: None) -> None:
    """Serve until SIGTERM or SIGINT, or until `watch` says so, finishing what is under way. `announce` gets the URL once it answers; port 0
    takes a free one.

    Raises StoreError if the address can't be taken.
    """
    with _listening(host, port) as listener, _signals_end_the_server_only():
        gc.freeze()  # what was loaded stays loaded: going through it again and again took the collector 7 % of the time of intake
        gc.set_threshold(YOUNG_OBJECTS, 20, 20)
        sys.setswitchinterval(SWITCH_S)
        server = _Announcing(_config(app), lambda: announce(_url(listener)))
        watch(server.end)
        server.run(sockets=[listener])


@contextlib.contextmanager
def running(app: FastAPI, port: int = 0) -> Iterator[str]:
    """Serve on a port of 127.0.0.1 (0: a free one) in a thread; yields the URL. Raises StoreError if the port is taken."""
    ready = threading.Event()
    with _listening("127.0.0.1", port) as listener:
        server = _Announcing(_config(app), ready.set)

        def run() -> None:
            try:
                server.run(sockets=[listener])
            finally:
                ready.set()  # a server that failed to start must not be waited for

        thread = threading.Thread(target=run, name="gateway")
        thread.start()
        try:
            ready.wait()
            yield _url(listener)
        finally:
            server.should_exit = True
            thread.join()


def _config(app: FastAPI) -> uvicorn.Config:
    return uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, ws="none", timeout_graceful_shutdown=GRACE_S)


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        raise StoreError(GatewayCode.ADDRESS_TAKEN, host=host, port=port) from error
    # Accepted connections inherit it. asyncio sets it only on sockets it made itself, and without it every answer waits 40 ms for the
    # other side's delayed acknowledgement of its headers.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextlib.contextmanager
def _signals_end_the_server_only() -> Iterator[None]:
    """After its shutdown uvicorn raises the signal again; whoever serves has to close the database first, so that is taken calmly."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {each: signal.signal(each, _take_calmly) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _take_calmly(_number: int, _frame: FrameType | None) -> None:
    pass  # the server has ended; its caller goes on to close what it opened
