"""Work off the UI thread: a worker is one thread with one resource of its own (an open station); answers come back on the UI thread.

There is no other way across: no page starts a thread, waits for one, or shares a value that changes. An answer whose asker is gone is
dropped.
"""

from __future__ import annotations

import logging
import queue
import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from courier_check.errors import CourierCheckError, EnvironmentFault, UserError


class Closing(Protocol):
    def close(self) -> None: ...


R = TypeVar("R", bound=Closing)
T = TypeVar("T")


class BackgroundCode(StrEnum):
    INTERNAL = "internal-error"
    NOT_OPEN = "window-not-open"
    CANCELLED = "window-cancelled"


class Progress:
    """How far a long job is: the worker tells it, the page looks at it and may ask the job to end. Nothing else is shared."""

    def __init__(self, ending: Callable[[], bool]) -> None:
        self.done = 0
        self._ending = ending
        self._cancelled = threading.Event()

    def tell(self, done: int) -> None:
        """Called by the job. UserError where it is to end: asked by the page, or because the window closes."""
        self.done = done
        if self._cancelled.is_set() or self._ending():
            raise UserError(BackgroundCode.CANCELLED)

    def cancel(self) -> None:
        self._cancelled.set()


@dataclass(frozen=True, slots=True)
class _Job:
    owner: weakref.ref[QObject]
    work: Callable[[Any], Any]
    done: Callable[[Any], None]
    failed: Callable[[CourierCheckError], None]


class Worker(QObject, Generic[R]):
    """`prepare` opens the resource in the worker's own thread, on the first job and again after it failed."""

    _answered = Signal(object)

    def __init__(self, name: str, prepare: Callable[[], R]) -> None:
        super().__init__()
        self.setObjectName(name)
        self._prepare = prepare
        self._resource: R | None = None
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._waiting = 0
        self._closed = False
        self._answered.connect(self._deliver)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def run(self, owner: QObject, work: Callable[[R], T], done: Callable[[T], None], failed: Callable[[CourierCheckError], None]) -> None:
        """Do `work` in the worker's thread, then `done` or `failed` here. Jobs run one after the other, as they were asked for."""
        self._waiting += 1
        self._jobs.put(_Job(weakref.ref(owner), work, done, failed))

    def progress(self) -> Progress:
        """For a job that tells how far it is, and that ends early when the window closes."""
        return Progress(lambda: self._closed)

    @property
    def busy(self) -> bool:
        """Whether a job is under way or waiting, its answer not delivered yet."""
        return self._waiting > 0

    def close(self, wait_s: float) -> bool:
        """Let what was asked end, then end; False if it did not within the time. Its answers are not delivered any more."""
        self._closed = True
        self._jobs.put(None)
        self._thread.join(wait_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            answer = self._do(job)
            try:
                self._answered.emit((job, answer))
            except RuntimeError:  # the application is ending and this object with it: nobody is left to hear
                break
        if self._resource is not None:
            self._resource.close()

    def _do(self, job: _Job) -> tuple[bool, Any]:
        """(it went well, the result or the error). What nobody expected becomes one calm sentence; its traceback goes to the log."""
        try:
            if self._resource is None:
                self._resource = self._prepare()
            return True, job.work(self._resource)
        except CourierCheckError as error:
            return False, error
        except Exception:
            logging.getLogger("courier_check.window").exception("a bug of ours")
            return False, EnvironmentFault(BackgroundCode.INTERNAL)

    def _deliver(self, told: tuple[_Job, tuple[bool, Any]]) -> None:
        job, (well, result) = told
        self._waiting -= 1
        owner = job.owner()
        if self._closed or owner is None or not isValid(owner):
            return
        (job.done if well else job.failed)(result)
