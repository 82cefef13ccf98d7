"""Child processes of the window with a connection each: spawned, ended with certainty, gone when the window is gone."""

from __future__ import annotations

import multiprocessing
import os
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from courier_check import core_files

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess


class ChildGoneError(Exception):
    """The child ended, does not answer or could not be started."""


@dataclass(frozen=True, slots=True)
class Child:
    """A running child. Its main function gets its end of the connection first; that end breaks when this process is gone."""

    process: SpawnProcess
    connection: Connection

    @classmethod
    def started(cls, main: Callable[..., None], *arguments: object, name: str) -> Self:
        """Takes some 10 ms: not for the window's thread. ChildGoneError where the system has no memory or process left."""
        # Spawned, not forked: this process has threads and Qt, and Windows knows no fork.
        spawn = multiprocessing.get_context("spawn")
        ours, theirs = spawn.Pipe()
        process = spawn.Process(target=_begun, args=(main, theirs, *arguments), name=name, daemon=True)
        try:
            process.start()
        except OSError as failed:
            ours.close()
            raise ChildGoneError from failed
        finally:
            theirs.close()  # so that the child's death ends our end
        return cls(process, ours)

    def end(self, grace_s: float = 0.0) -> None:
        """Wait this long for it to end by itself, then kill it. Not for two threads at once."""
        if grace_s:
            self.process.join(grace_s)
        self.process.kill()
        self.process.join()
        with suppress(ValueError):  # another thread, starting a child, has just reaped this one and not yet noted it
            self.process.close()
        with suppress(OSError):  # it may have broken already
            self.connection.close()


def _begun(main: Callable[..., None], connection: Connection, *arguments: object) -> None:
    """A child's first breath: pictures of documents pass through it, and none of them may end in a core file on the disk."""
    core_files.leave_none()
    main(connection, *arguments)


def give_way() -> None:
    """Let other processes go first: recognition takes all processors, and the window must answer keys meanwhile."""
    if sys.platform == "win32":
        import ctypes

        kernel = ctypes.WinDLL("kernel32")
        kernel.GetCurrentProcess.restype = ctypes.c_void_p  # a handle is as wide as a pointer
        kernel.SetPriorityClass.argtypes = (ctypes.c_void_p, ctypes.c_uint32)
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), 0x4000)  # BELOW_NORMAL_PRIORITY_CLASS
    else:
        os.nice(5)


def whereabouts(fault: Exception) -> str:
    """`ValueError at documents.py:60 in _read`: what a log may hold of a fault near personal data."""
    last = traceback.extract_tb(fault.__traceback__)[-1]
    return f"{type(fault).__name__} at {last.filename.replace(chr(92), '/').rpartition('/')[2]}:{last.lineno} in {last.name}"
