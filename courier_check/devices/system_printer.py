"""系统打印机: a label through a print queue of the operating system, in a process of its own, since a spooler or a driver that hangs can
only be got rid of with its process.

What talks to the queue needs Qt and is handed in (`ui/spooling.py`): nothing here knows it. What comes back is a DeviceError with a
PrinterCode, or the name of the printer whose queue took the label. That paper came out is for people to see (已贴标).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import Protocol

from courier_check.devices.bitmap import Bitmap, LabelSize
from courier_check.devices.children import Child, ChildGoneError
from courier_check.devices.codes import PrinterCode
from courier_check.errors import DeviceError

SYSTEM = "system"
"""What the address of such a printer begins with."""
_MOST_SAID = 120
"""Characters of names in a sentence."""
_CLOSING_S = 1.0


@dataclass(frozen=True, slots=True)
class Queues:
    """The printers of this system by their names, and which is its default one; None: none is."""

    names: tuple[str, ...]
    default: str | None = None


@dataclass(frozen=True, slots=True)
class LabelSheet:
    """One label for a queue. `printer`: its name, empty for the default one; `title`: what the job is called in the queue, where others can
    read it; `asks`: whether its state is looked at before."""

    printer: str
    bitmap: Bitmap
    size: LabelSize
    title: str
    asks: bool = True


@dataclass(frozen=True, slots=True)
class WhichQueues:
    """The question for all printers."""


Task = LabelSheet | WhichQueues
Answer = str | Queues | DeviceError
"""Of a sheet the printer's name; of the question the queues; of either what went wrong."""


class SystemPrinter(Protocol):
    """Every method ends in the time it is given, and DeviceError says why it did not do what it should."""

    def print_label(self, sheet: LabelSheet, wait_s: float) -> str:
        """Hand one label to its queue, once; the printer's name."""

    def queues(self, wait_s: float) -> Queues: ...

    def warm_up(self) -> None:
        """Begin to load what the first label needs; returns at once."""

    def close(self) -> None:
        """End at once, whatever is being printed. Nothing is printed after it. Safe to call twice, and from any thread."""


def chosen(wanted: str, queues: Queues) -> str:
    """The printer that is meant: the one of this name; without a name the default one, or the only one where none is the default. Raises
    DeviceError."""
    known = "、".join(queues.names)[:_MOST_SAID]
    if not queues.names:
        raise DeviceError(PrinterCode.SYSTEM_NONE)
    if wanted:
        if wanted not in queues.names:
            raise DeviceError(PrinterCode.SYSTEM_UNKNOWN, printer=wanted, known=known)
        return wanted
    if queues.default is not None:
        return queues.default
    if len(queues.names) > 1:
        raise DeviceError(PrinterCode.SYSTEM_NO_DEFAULT, known=known)
    return queues.names[0]


class SpoolerProcess:
    """The system's printers, talked to by a child process that is started on first use and again after it died or hung.

    `serve` is the child's main function: it gets its end of a connection first, then `arguments`; it sends None when it is ready, answers
    each Task by an Answer, in order, and returns when the connection breaks.
    """

    def __init__(self, serve: Callable[..., None], *arguments: object) -> None:
        self._serve, self._arguments = serve, arguments
        self._talk = Lock()  # one question at a time; held until its answer is there
        self._lock = Lock()  # over the two below, never held for long: closing may happen while somebody waits
        self._child: _Ready | None = None
        self._closed = False

    def print_label(self, sheet: LabelSheet, wait_s: float) -> str:
        answer = self._asked(sheet, f"{SYSTEM}:{sheet.printer}", wait_s)
        assert isinstance(answer, str)  # noqa: S101 - both ends are ours
        return answer

    def queues(self, wait_s: float) -> Queues:
        answer = self._asked(WhichQueues(), f"{SYSTEM}:", wait_s)
        assert isinstance(answer, Queues)  # noqa: S101 - both ends are ours
        return answer

    def warm_up(self) -> None:
        with suppress(ChildGoneError), self._talk:  # the label that comes says what is wrong
            self._living()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            held, self._child = self._child, None
            if held is not None:
                held.child.process.kill()  # who waits for its answer gets none
        if held is not None and self._talk.acquire(timeout=_CLOSING_S):
            held.child.end()
            self._talk.release()

    def _asked(self, task: Task, address: str, wait_s: float) -> str | Queues:
        with self._talk:
            try:
                answer = _answered(self._living(), task, wait_s)
            except TimeoutError as hangs:
                self._bury()
                raise DeviceError(PrinterCode.SYSTEM_HANGS, printer=address, seconds=round(wait_s)) from hangs
            except (ChildGoneError, EOFError, OSError) as gone:
                self._bury()
                raise DeviceError(PrinterCode.SYSTEM_BROKE, printer=address) from gone
        if isinstance(answer, DeviceError):
            raise answer
        return answer

    def _living(self) -> _Ready:
        with self._lock:
            if self._closed:
                raise ChildGoneError
            if self._child is None:
                self._child = _Ready(Child.started(self._serve, *self._arguments, name="spooler"))
            return self._child

    def _bury(self) -> None:
        """Whoever takes the child out ends it: this thread or the one that closes."""
        with self._lock:
            held, self._child = self._child, None
        if held is not None:
            held.child.end()


@dataclass(slots=True)
class _Ready:
    """A child, and whether it has said that it reads what it is sent: a label that nobody reads would hold up whoever writes it."""

    child: Child
    is_ready: bool = False


def _answered(held: _Ready, task: Task, wait_s: float) -> Answer:
    """Raises TimeoutError; EOFError or OSError where the child is gone."""
    until, connection = time.monotonic() + wait_s, held.child.connection
    if not held.is_ready:
        if not connection.poll(wait_s):
            raise TimeoutError
        connection.recv()
        held.is_ready = True
    connection.send(task)
    if not connection.poll(max(0.0, until - time.monotonic())):
        raise TimeoutError
    answer: Answer = connection.recv()
    return answer
