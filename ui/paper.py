"""打印到系统打印机: pages that were just saved as a PDF, on the default printer of the operating system. The file stays, whatever the
printer does; a printer that hangs holds up nothing but what is printed after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from courier_check.devices.codes import PrinterCode
from courier_check.errors import CourierCheckError, DeviceError
from courier_check.wording import Wording
from ui.background import Worker

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter

    from ui.pdf import Page


class PaperCode(StrEnum):
    """Why nothing came out. Sentences: resources/wording/window_pages.json."""

    NO_PRINTER = "paper-no-printer"
    NO_DEFAULT = "paper-no-default"
    NOT_TAKEN = "paper-not-taken"


_TOLD: Mapping[StrEnum, PaperCode] = {
    PrinterCode.SYSTEM_NONE: PaperCode.NO_PRINTER,
    PrinterCode.SYSTEM_NO_DEFAULT: PaperCode.NO_DEFAULT,
}


@dataclass(frozen=True, slots=True)
class Paper:
    """What was saved as `file`, and its pages."""

    file: Path
    title: str
    made_at: datetime
    pages: tuple[Page, ...] = field(repr=False)


Find = Callable[[Path], "QPrinter"]
"""The printer to be used; raises DeviceError that names the file which is there anyway."""


def system_printer(file: Path) -> QPrinter:
    """The default printer; the only one, where none is the default. Without one Qt would write a file that nobody asked for. Raises
    DeviceError."""
    from ui.spooling import queue_of

    try:
        return queue_of("", asks=True)
    except DeviceError as error:
        raise DeviceError(_TOLD.get(error.code, PaperCode.NOT_TAKEN), file=str(file), **error.facts) from error


def print_out(paper: Paper, find: Find = system_printer) -> str:
    """Hand the pages to a printer's queue; its name. That paper came out is for people to see. Raises DeviceError."""
    from PySide6.QtPrintSupport import QPrinter

    from ui.pdf import begin_a4, paint_on
    from ui.spooling import refusal

    printer = find(paper.file)
    printer.setFullPage(True)
    printer.setDocName(paper.title)
    begin_a4(printer)
    taken = paint_on(printer, paper.pages, paper.title, paper.made_at)
    failed = printer.printerState() in (QPrinter.PrinterState.Error, QPrinter.PrinterState.Aborted)
    if not taken or failed or refusal(printer) is not None:
        raise DeviceError(PaperCode.NOT_TAKEN, file=str(paper.file), printer=printer.printerName())
    return printer.printerName()


class _Nothing:
    """What the thread of a printer needs: nothing."""

    def close(self) -> None: ...


class PaperPrinter(QObject):
    """Prints in a thread of its own, which begins with the first page. `told` is for the toast; `find`: whose printer it is."""

    told = Signal(str, bool)

    def __init__(self, wording: Wording, find: Find = system_printer) -> None:
        super().__init__()
        self._wording, self.find = wording, find
        self._worker: Worker[_Nothing] | None = None

    def print_out(self, paper: Paper) -> None:
        if self._worker is None:
            self._worker = Worker("paper", _Nothing)
        find = self.find
        self._worker.run(self, lambda _: print_out(paper, find), lambda printer: self._printed(paper, printer), self._failed)

    @property
    def busy(self) -> bool:
        return self._worker is not None and self._worker.busy

    def _printed(self, paper: Paper, printer: str) -> None:
        self.told.emit(f"{paper.title}已送打印机“{printer}”，也存为 {paper.file}", False)

    def _failed(self, error: CourierCheckError) -> None:
        self.told.emit(self._wording.said(error), True)
