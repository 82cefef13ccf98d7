"""A system printer that draws what it is given into a file, so that no paper is needed."""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from PySide6.QtPrintSupport import QPrinter

from ui.spooling import serve


def printing_into(target: Path, resolution: int = 1200) -> Callable[[Path], QPrinter]:
    """Of another resolution than the pages were laid out for."""

    def find(_: Path) -> QPrinter:
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setResolution(resolution)
        printer.setOutputFileName(str(target))
        return printer

    return find


def spooling_into(connection: Connection, target: Path) -> None:
    """The process that talks to the system's printers, with one that draws each label into a file."""
    find = printing_into(target)
    serve(connection, lambda _name, _asks: find(target))
