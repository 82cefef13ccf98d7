"""Main functions of the process that talks to the system's printers, where a spawned process can import them: one that takes labels into a
folder, and some in trouble."""

from __future__ import annotations

import os
import pickle
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from courier_check.devices.codes import PrinterCode
from courier_check.devices.system_printer import LabelSheet, Queues, chosen
from courier_check.errors import DeviceError

QUEUES = Queues(("后台", "前台"), "前台")


def takes(connection: Connection, folder: Path) -> None:
    """A system with two printers; each label becomes a file, numbered as they came."""

    def take(sheet: LabelSheet) -> object:
        try:
            name = chosen(sheet.printer, QUEUES)
        except DeviceError as error:
            return error
        (folder / f"{len(list(folder.iterdir()))}").write_bytes(pickle.dumps((name, sheet)))
        return name

    _answer(connection, take)


def refuses(connection: Connection) -> None:
    _answer(connection, lambda _: DeviceError(PrinterCode.SYSTEM_REFUSED, printer="前台", detail="not accepting jobs"))


def hangs(connection: Connection) -> None:
    """It takes the label and never says what became of it."""
    _answer(connection, lambda _: threading.Event().wait())


def hangs_at_first(connection: Connection, folder: Path) -> None:
    """As `hangs`, once; its successor takes labels."""
    if (folder / "hung").exists():
        takes(connection, folder)
    (folder / "hung").touch()
    hangs(connection)


def dies_at_first(connection: Connection, folder: Path) -> None:
    """A driver that takes its process with it; the successor takes labels."""
    if (folder / "died").exists():
        takes(connection, folder)
    (folder / "died").touch()
    _answer(connection, lambda _: os._exit(11))


def never_ready(connection: Connection) -> None:
    """It hangs while it is loaded, and reads nothing."""
    threading.Event().wait()


def _answer(connection: Connection, take: Callable[[LabelSheet], object]) -> None:
    connection.send(None)
    while True:
        try:
            task = connection.recv()
        except EOFError:
            os._exit(0)
        connection.send(take(task) if isinstance(task, LabelSheet) else QUEUES)


def taken(folder: Path) -> list[tuple[str, LabelSheet]]:
    """The printers and labels that `takes` was given, in order."""
    files = sorted((each for each in folder.iterdir() if each.name.isdigit()), key=lambda each: int(each.name))
    return [pickle.loads(each.read_bytes()) for each in files]  # noqa: S301 - written above
