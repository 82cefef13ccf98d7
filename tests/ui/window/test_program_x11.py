"""The program under a real X server, by the server's own keys: sign in, read a card, scan its label, answer, F12; the record is there."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from courier_check.cli.practice import make_practice
from courier_check.clock import SystemClock
from courier_check.station import Surroundings
from support.beside import unused_port
from support.displays import x_display
from support.stations import CHEAP
from support.windows import acts_of
from ui.journey import LOOKS_MS

PROGRAM = Path(__file__).parents[2] / "support" / "window_program.py"
PATIENCE_S = 60.0

pytestmark = [pytest.mark.slow, pytest.mark.alone]


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    with x_display("1366x768") as name:
        yield name


class Program:
    """`main.py --practice FOLDER` and a hand on its keyboard. What stands in front of it is told by the process itself."""

    def __init__(self, display: str, folder: Path) -> None:
        self._environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
        self._process = subprocess.Popen(
            [sys.executable, str(PROGRAM), "main", "--practice", str(folder)],
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._told: queue.SimpleQueue[dict[str, str]] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self.front = ""
        while not self.front:
            self._next()
        # No window manager here to give the window the focus.
        self.hand("search", "--sync", "--onlyvisible", "--name", "Courier Check", "windowfocus", "--sync")

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._told.put(json.loads(line))

    def _next(self) -> None:
        told = self._told.get(timeout=PATIENCE_S)
        if told["event"] == "front":
            self.front = told["what"]

    def wait(self, *words: str) -> None:
        """Until one of these stands in front, in whole words."""
        while not any(f" {word} " in f" {self.front} " for word in words):
            try:
                self._next()
            except queue.Empty:
                raise AssertionError(f"not {words}, but {self.front!r}") from None

    def hand(self, *words: str) -> None:
        subprocess.run(["xdotool", *words], env=self._environment, check=True, timeout=60, stdout=subprocess.DEVNULL)

    def press(self, *keys: str) -> None:
        self.hand("key", "--delay", "130", *keys)

    def scan(self, code: str) -> None:
        self.hand("type", "--args", "1", "--delay", "5", code, "key", "--delay", "0", "Return")

    def answer(self) -> None:
        """通过, as long as questions come; each is another one."""
        while " ask " in f" {self.front} ":
            before = self.front
            self.press("1")
            while self.front == before:
                self._next()
            self.wait("ask", "waybill", "contents", "parties", "photo", "ready", "hits", "stopped")

    def close(self) -> int:
        assert self._process.stdin is not None
        self._process.stdin.close()
        code = self._process.wait(timeout=30)
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()
        return code

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(timeout=30)


def test_a_parcel_is_accepted_through_the_program_on_a_real_display(display: str, tmp_path: Path) -> None:
    folder = tmp_path / "practice"
    make_practice(folder, Surroundings(SystemClock(), hasher=CHEAP), [unused_port()])
    program = Program(display, folder)
    try:
        program.wait("sign-in")
        program.press("Return")
        program.wait("document")
        program.press("Return")
        program.wait("ask")
        program.answer()
        program.scan("SF1010000000015")
        program.wait("ask", "contents")
        program.answer()
        program.wait("contents")
        program.press("1", "Return")
        program.wait("ask")
        time.sleep(LOOKS_MS / 1000)  # whoever does not look types on, and that answers nothing
        program.answer()
        program.wait("ready")
        program.press("F12")
        program.wait("recorded")
        assert program.close() == 0
    finally:
        program.kill()
    assert [(act.kind, act.waybill) for act in acts_of(folder / "station")] == [("acceptance", "SF1010000000015")]
