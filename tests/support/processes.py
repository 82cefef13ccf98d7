"""What tests of child processes and of sources that change by themselves share."""

from __future__ import annotations

import multiprocessing
import subprocess
import threading
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Self, TypeVar

T = TypeVar("T")


def children_named(name: str) -> set[BaseProcess]:
    """This process's running children of this name."""
    return {child for child in multiprocessing.active_children() if child.name == name}


def eventually(ask: Callable[[], T], *, within_s: float = 20.0) -> T:
    """The first answer that is true; AssertionError if none comes in time."""
    pause, ends = threading.Event(), time.monotonic() + within_s
    while not (answer := ask()):
        assert time.monotonic() < ends, f"not within {within_s} s"
        pause.wait(0.01)
    return answer


class Running(subprocess.Popen[str]):
    """A process that is killed where its block is left. `Popen` alone waits there, for a server for ever, when an assertion fails."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.kill()
        super().__exit__(kind, error, trace)


class Stopwatch:
    """How long a block took, in seconds."""

    s = 0.0

    def __enter__(self) -> Self:
        self._started = time.monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        self.s = time.monotonic() - self._started
