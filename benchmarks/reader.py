"""reader: from a card laid on the simulated reader to its fields, and how much of that is our own work.

The simulated reader is another process, keeps the pace of a line of 115 200 baud and answers at once: what a real chip needs for a read is
the chip's and is not known here.
"""

from __future__ import annotations

import multiprocessing
import queue
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event

import serial

from benchmarks.bench import Bench
from benchmarks.figures import Goal, Measured, Peer
from courier_check.clock import SystemClock
from courier_check.devices.card_layouts import read_card_text
from courier_check.devices.card_reader import CardReader, Found, Read, Removed, Told
from courier_check.devices.sam import Answer, Command, FrameParser, card_text, frame
from courier_check.devices.serial_ports import port_finder
from courier_check.devices.simulated_cards import Script
from courier_check.devices.simulated_reader import SimulatedReader
from courier_check.store.resources import read_resource

CARDS = (40, 10)
DECODED = (400, 100)
TOTAL, OURS = Goal(1500), Goal(50)
RATE = 115_200
_PHOTO_BYTES = 1024
_PATIENCE_S = 10
_ANSWER_BYTES = {Command.FIND: 15, Command.SELECT: 19, Command.READ: 1295}


@dataclass(frozen=True, slots=True)
class _Took:
    """Milliseconds on the wall, and of this process's processor time."""

    wall_ms: float
    cpu_ms: float


def measure(bench: Bench) -> Iterator[Measured]:
    """Cards laid down at every moment of the polling, then the same bytes without us."""
    text = Script.parse(read_resource("samples/reader.json")).cards["wang"].text()
    port = bench.folder / "reader"
    with _simulated(port, text) as simulated:
        ours = _through_us(simulated, port, bench.size(*CARDS))
        bare = _bare(simulated, port, bench.size(*CARDS))
    peer = "find, select, read by bare pyserial"
    yield Measured(
        bench.named("card down to fields"), "ms", [each.wall_ms for each in ours], TOTAL, Peer(peer, [each.wall_ms for each in bare])
    )
    yield Measured(
        bench.named("card down to fields, processor time"),
        "ms",
        [each.cpu_ms for each in ours],
        OURS,
        Peer(peer, [each.cpu_ms for each in bare]),
    )
    yield Measured(bench.named("answer's bytes to fields, processor time"), "ms", _decoded(text, bench.size(*DECODED)), OURS)


def _through_us(simulated: Connection, port: Path, cards: int) -> list[_Took]:
    news: queue.SimpleQueue[Told] = queue.SimpleQueue()
    reader = CardReader(port_finder(str(port)), SystemClock(), news.put)
    reader.open()
    took = []
    try:
        _wait_for(news, Found)
        for number in range(cards):
            Event().wait(number * 37 % 300 / 1000)  # anywhere between two looks
            before_s = time.process_time()
            laid_s = _asked(simulated, "lay")
            _wait_for(news, Read)
            took.append(_Took((time.monotonic() - laid_s) * 1000, (time.process_time() - before_s) * 1000))
            _asked(simulated, "lift")
            _wait_for(news, Removed)
    finally:
        reader.close()
    return took


def _bare(simulated: Connection, port: Path, cards: int) -> list[_Took]:
    took = []
    with serial.Serial(str(port), RATE, timeout=_PATIENCE_S) as line:
        for _ in range(cards):
            before_s, laid_s = time.process_time(), _asked(simulated, "lay")
            for command, length in _ANSWER_BYTES.items():
                line.write(command.frame)
                if len(line.read(length)) != length:
                    raise TimeoutError(command.name)
            took.append(_Took((time.monotonic() - laid_s) * 1000, (time.process_time() - before_s) * 1000))
    return took


def _decoded(text: bytes, times: int) -> list[float]:
    data = frame(b"\x00\x00\x90\x01\x00\x04\x00" + text + bytes(_PHOTO_BYTES))
    took = []
    for _ in range(times):
        before_s = time.process_time()
        (said,) = FrameParser().feed(data)
        answer = Answer.parse(said)
        if answer is None or read_card_text(card_text(answer.data)).document.number is None:
            raise ValueError(said)
        took.append((time.process_time() - before_s) * 1000)
    return took


def _wait_for(news: queue.SimpleQueue[Told], kind: type) -> None:
    while not isinstance(news.get(timeout=_PATIENCE_S), kind):
        pass


@contextmanager
def _simulated(port: Path, text: bytes) -> Iterator[Connection]:
    """The other process: does what it is asked and tells when it did."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=_serve, args=(theirs, port, text), name="simulated-reader", daemon=True)
    process.start()
    theirs.close()
    try:
        ours.recv()
        yield ours
    finally:
        ours.close()
        process.join(_PATIENCE_S)
        process.kill()


def _serve(connection: Connection, port: Path, text: bytes) -> None:
    with SimulatedReader(port, baud_rate=RATE, lying="found") as reader:
        connection.send(time.monotonic())
        while True:
            try:
                wish = connection.recv()
            except EOFError:
                return
            reader.lay(text) if wish == "lay" else reader.lift()
            connection.send(time.monotonic())


def _asked(simulated: Connection, wish: str) -> float:
    """Have it done; when it was, on the clock that all processes of one boot share."""
    simulated.send(wish)
    return float(simulated.recv())
