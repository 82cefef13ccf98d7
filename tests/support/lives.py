"""Stations and gateways as processes of their own, made to be killed.

A nursery is started once: it has loaded the program, and forks a life in a few milliseconds. Each life is a real process with a station
or a gateway opened after the fork, and speaks through a socket of its own.
"""

from __future__ import annotations

import gc
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parents[1]
if __name__ == "__main__":
    sys.path[:0] = [str(TESTS.parent), str(TESTS)]

from courier_check.clock import Reading, SystemClock  # noqa: E402 - the path above
from courier_check.errors import CourierCheckError  # noqa: E402
from courier_check.gateway.app import create_app  # noqa: E402
from courier_check.gateway.serving import serve  # noqa: E402
from courier_check.gateway.setup import Gateway  # noqa: E402
from courier_check.station import PRACTICE_CLERK, PRACTICE_PASSPHRASE, PRACTICE_PASSWORD, PROGRAM, Station, Surroundings  # noqa: E402
from courier_check.store import sent_evidence  # noqa: E402
from courier_check.sync.bundles import Bundles  # noqa: E402
from courier_check.sync.client import Timeouts  # noqa: E402
from support.clerk import accept  # noqa: E402
from support.gateways import practice_gateway  # noqa: E402
from support.ready import ready_station  # noqa: E402

LARGEST_ORDER = 65_536
ANSWER_S = 60
SHORT_OF_PATIENCE = Timeouts(connect_s=2.0, read_s=1.0, whole_answer_s=2.0)


@dataclass
class ShiftedClock:
    """The machine's clocks, the wall clock set wrong by so much."""

    ahead_ms: int = 0
    true: SystemClock = field(default_factory=SystemClock)

    def read(self) -> Reading:
        found = self.true.read()
        return Reading(found.wall_ms + self.ahead_ms, found.mono_ms, found.boot_id)


class Life:
    """A process of the nursery. What it says are JSON objects; the end of what it says is the end of the process."""

    def __init__(self, nursery: Nursery, pid: int, channel: Connection) -> None:
        self.pid = pid
        self._nursery = nursery
        self._channel = channel
        self._gone = False

    def tell(self, **order: Any) -> None:
        self._channel.send(order)

    def said(self, *, within_s: float = ANSWER_S) -> dict[str, Any] | None:
        """The next thing it says; None if it has ended. AssertionError if it says nothing for too long."""
        assert self._channel.poll(within_s), f"nothing was said within {within_s} s"
        try:
            said: dict[str, Any] = self._channel.recv()
        except (EOFError, ConnectionResetError):
            return None
        return said

    def kill(self) -> None:
        """kill -9; the process is gone when this returns. What it said before can still be read."""
        self._nursery.order({"kill": self.pid})
        self._gone = True

    def end(self) -> None:
        """Let it close what it holds, and wait until it is gone."""
        self._channel.close()
        status = self._nursery.order({"wait": self.pid})["status"]
        assert status == 0, f"a life ended with {status}"
        self._gone = True

    def abandon(self) -> None:
        """Kill it, unless it is gone."""
        if not self._gone:
            self.kill()


class Nursery:
    """Forks lives. Orders and answers are packets, one at a time."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._lock = threading.Lock()

    def begin(self, what: str, folder: Path, ahead_ms: int = 0) -> Life:
        here, there = socket.socketpair()
        with there:
            answer = self.order({"begin": what, "folder": str(folder), "ahead_ms": ahead_ms}, there)
        return Life(self, answer["pid"], Connection(here.detach()))

    def order(self, order: dict[str, Any], *handed: socket.socket) -> dict[str, Any]:
        with self._lock:
            socket.send_fds(self._line, [json.dumps(order).encode()], [each.fileno() for each in handed])
            answer: dict[str, Any] = json.loads(self._line.recv(LARGEST_ORDER))
        return answer


@contextmanager
def nursery() -> Iterator[Nursery]:
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with here, subprocess.Popen([sys.executable, __file__], stdin=there) as process:
        there.close()
        assert here.recv(LARGEST_ORDER) == b"up"
        try:
            yield Nursery(here)
        finally:
            here.shutdown(socket.SHUT_RDWR)
            process.wait(ANSWER_S)


# --- in the nursery and in its lives ------------------------------------------------------------------------------------------------------


def _tend() -> None:
    line = socket.socket(fileno=os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # no life keeps the nursery's line open
    _learn()
    line.send(b"up")
    while True:
        data, handed, _, _ = socket.recv_fds(line, LARGEST_ORDER, 1)
        if not data:
            return
        order = json.loads(data)
        if "begin" in order:
            pid = os.fork()
            if pid == 0:
                line.close()
                _live(order, Connection(handed[0]))
            os.close(handed[0])
            answer = {"pid": pid}
        else:
            if "kill" in order:
                os.kill(order["kill"], signal.SIGKILL)
            _, status = os.waitpid(order.get("kill") or order["wait"], 0)
            answer = {"status": os.waitstatus_to_exitcode(status)}
        line.send(json.dumps(answer).encode())


def _learn() -> None:
    """Load what is loaded at first use (lists, rules, the server), so that no life has to."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        with practice_gateway(folder / "gateway", SystemClock()) as gateway:
            ready_station(folder / "station", url=gateway.url, code=gateway.code())
            with Station.open(folder / "station", PRACTICE_PASSPHRASE, Surroundings(SystemClock())) as station:
                accept(station, station.desk().operators.sign_in(PRACTICE_CLERK, PRACTICE_PASSWORD), "learning", 0)
                station.synchronise()
    assert threading.active_count() == 1, "only the thread that forks goes on in a life"
    gc.freeze()  # pages that the collector does not touch stay shared


def _live(order: dict[str, Any], channel: Connection) -> None:
    """Never returns: what comes after the fork is the nursery's."""
    status = 1
    try:
        live: Callable[[Path, ShiftedClock, Connection], None] = {"station": _station, "gateway": _gateway}[order["begin"]]
        live(Path(order["folder"]), ShiftedClock(order["ahead_ms"]), channel)
        status = 0
    except BaseException:  # noqa: BLE001 - a life that fails says why, and its end is seen
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def _station(folder: Path, clock: ShiftedClock, channel: Connection) -> None:
    """Does one order after the other until the channel is closed. `committed` is said only after the verb has returned."""
    with Station.open(folder, PRACTICE_PASSPHRASE, Surroundings(clock, timeouts=SHORT_OF_PATIENCE)) as station:
        by = station.desk().operators.sign_in(PRACTICE_CLERK, PRACTICE_PASSWORD)
        channel.send({"ready": True})
        while (order := _next(channel)) is not None:
            try:
                match order:
                    case {"accept": first, "count": count, "seed": seed}:
                        for number in range(first, first + count):
                            channel.send({"committed": number, "seq": accept(station, by, seed, number)})
                    case {"synchronise": _}:
                        status = station.synchronise().status
                        channel.send({"state": status.state.value, "code": status.code.value if status.code else None})
                        channel.send({"photos": sent_evidence.counts(station.database).pending})
                    case {"write_bundle": file}:
                        bundles = _bundles(station)
                        with Path(file).open("wb") as target:
                            bundles.bundle(target, bundles.pending())
                    case {"take_answers": file}:
                        with Path(file).open("rb") as source:
                            channel.send({"acknowledged": _bundles(station).take_answers(source).acknowledged})
                    case {"ahead_ms": ahead_ms}:
                        clock.ahead_ms = ahead_ms
                channel.send({"done": True})
            except CourierCheckError as error:
                channel.send({"done": True, "failed": str(error.code)})


def _bundles(station: Station) -> Bundles:
    return Bundles(station.database, station.enrolled(), station.clock, PROGRAM, {})


def _gateway(folder: Path, clock: ShiftedClock, channel: Connection) -> None:
    """Serves until the channel is closed; says its URL first."""

    def until_closed(end: Callable[[], None]) -> None:
        def wait() -> None:
            while _next(channel) is not None:
                pass
            end()

        threading.Thread(target=wait, daemon=True).start()

    with Gateway.open(folder, clock, secrets.token_bytes) as gateway:
        serve(create_app(gateway), "127.0.0.1", 0, lambda url: channel.send({"url": url}), until_closed)


def _next(channel: Connection) -> dict[str, Any] | None:
    try:
        order: dict[str, Any] = channel.recv()
    except (EOFError, ConnectionResetError):
        return None
    return order


if __name__ == "__main__":
    _tend()
