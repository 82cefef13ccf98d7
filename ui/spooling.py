"""打印队列: the end of the system's printers that needs Qt, in a process of its own (`devices/system_printer.py`). No window, no font: one
picture of dots on a page of the label's size, a dot where the printer has one.

Qt makes of it what the system wants: GDI on Windows, Quartz on macOS, a PDF for CUPS. What it does not tell is asked elsewhere: a queue of
CUPS that refuses a job leaves Qt's printer idle and content, and only CUPS knows.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from courier_check.devices.codes import PrinterCode
from courier_check.devices.system_printer import Answer, LabelSheet, Queues, Task, chosen
from courier_check.errors import DeviceError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from PySide6.QtCore import QSizeF
    from PySide6.QtGui import QGuiApplication
    from PySide6.QtPrintSupport import QPrinter, QPrinterInfo

    from courier_check.devices.bitmap import LabelSize

_MM_PER_INCH, _POINTS_PER_INCH = 25.4, 72
_SNAP_MM = 1.06
"""Qt takes a page of the driver's whose sides are within three points for the one that was asked for (QPageSize, fuzzy match)."""
_MOST_SIZES = 6

Find = Callable[[str, bool], "QPrinter"]
"""The printer of a name, empty for the default one; and whether its state is looked at. Raises DeviceError."""


def serve(connection: Connection, find: Find | None = None) -> None:
    """The process's main function: says None when it is ready, answers one Task after the other, ends with the connection."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal reaches every process; whoever started this one decides
    begun = _begin_qt()  # held as long as anything is printed
    try:
        connection.send(None)
        while True:
            task: Task = connection.recv()
            connection.send(begun if isinstance(begun, DeviceError) else _answer(task, find or queue_of))
    except (EOFError, OSError):  # nobody is left to print for
        return


def _begin_qt() -> QGuiApplication | DeviceError:
    """The application that a printer needs, without a display where there may be none; or why there can't be one."""
    if sys.platform.startswith("linux"):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["QT_MAC_DISABLE_FOREGROUND_APPLICATION_TRANSFORM"] = "1"  # on macOS: no icon in the Dock
    try:
        from PySide6.QtCore import qInstallMessageHandler
        from PySide6.QtGui import QGuiApplication
        from PySide6.QtPrintSupport import QPrinter  # noqa: F401 - loaded while nobody waits
    except ImportError as absent:  # a library of the system's that Qt needs
        return DeviceError(PrinterCode.NO_SYSTEM_PRINTING, detail=str(absent)[:120])
    qInstallMessageHandler(lambda *_: None)  # it would stand between the lines of a command; what matters is answered
    return QGuiApplication(sys.argv[:1])


def _answer(task: Task, find: Find) -> Answer:
    try:
        return print_label(task, find) if isinstance(task, LabelSheet) else known_queues()
    except DeviceError as error:
        return error


def known_queues() -> Queues:
    """The printers that the system has now."""
    from PySide6.QtPrintSupport import QPrinterInfo

    return Queues(tuple(QPrinterInfo.availablePrinterNames()), QPrinterInfo.defaultPrinterName() or None)


def queue_of(wanted: str, asks: bool) -> QPrinter:
    """Raises DeviceError: no such printer, or its queue is stopped or in trouble."""
    from PySide6.QtPrintSupport import QPrinter, QPrinterInfo

    name = chosen(wanted, known_queues())
    info = QPrinterInfo.printerInfo(name)
    if info.isNull():  # gone meanwhile
        raise DeviceError(PrinterCode.SYSTEM_UNKNOWN, printer=name, known="—")
    if asks and info.state() in (QPrinter.PrinterState.Error, QPrinter.PrinterState.Aborted):
        raise DeviceError(PrinterCode.SYSTEM_STOPPED, printer=name)
    return QPrinter(info, QPrinter.PrinterMode.HighResolution)


def print_label(sheet: LabelSheet, find: Find = queue_of) -> str:
    """Hand one label to a printer's queue; the printer's name. Raises DeviceError; then nothing was handed over."""
    from PySide6.QtPrintSupport import QPrinter, QPrinterInfo

    printer = find(sheet.printer, sheet.asks)
    name = printer.printerName()
    _require_paper(QPrinterInfo(printer), sheet.size)
    printer.setDocName(sheet.title)
    _lay_out(printer, sheet.size)
    _require_room(printer, sheet)
    if not _paint(printer, sheet) or printer.printerState() in (QPrinter.PrinterState.Error, QPrinter.PrinterState.Aborted):
        raise DeviceError(PrinterCode.SYSTEM_REFUSED, printer=name, detail="—")
    refused = refusal(printer)
    if refused is not None:
        raise DeviceError(PrinterCode.SYSTEM_REFUSED, printer=name, detail=refused)
    return name


def refusal(printer: QPrinter) -> str | None:
    """Why CUPS did not take what was just printed in this thread; None where it did, and on other systems, where Qt itself says so."""
    from PySide6.QtPrintSupport import QPrinter

    if not sys.platform.startswith("linux") or printer.outputFormat() != QPrinter.OutputFormat.NativeFormat:
        return None
    import ctypes

    try:
        cups = ctypes.CDLL("libcups.so.2")  # the one that Qt has loaded
    except OSError:
        return None
    cups.cupsLastErrorString.restype = ctypes.c_char_p
    status = cups.cupsLastError()  # ipp_status_t, of this thread: 0x0000 to 0x00ff are successes (RFC 8011 B.1)
    return None if 0 <= status <= 0xFF else (cups.cupsLastErrorString() or b"").decode("utf-8", "replace")[:120] or f"{status:#06x}"


def _require_paper(info: QPrinterInfo, size: LabelSize) -> None:
    """Raises DeviceError where the driver has no such page and takes none that is not its own. One that tells of no pages is believed."""
    from PySide6.QtGui import QPageSize

    unit = QPageSize.Unit.Millimeter
    pages = [page.size(unit) for page in info.supportedPageSizes()]
    if not pages or any(_is_about(page, size) for page in pages):
        return
    least, most = info.minimumPhysicalPageSize().size(unit), info.maximumPhysicalPageSize().size(unit)
    across, down = size.width_mm, size.height_mm
    fits = least.width() <= across <= most.width() and least.height() <= down <= most.height()
    if info.supportsCustomPageSizes() and (fits or most.isEmpty()):
        return
    nearest = sorted(pages, key=lambda page: abs(page.width() - across) + abs(page.height() - down))[:_MOST_SIZES]
    known = "、".join(f"{page.width():g}×{page.height():g}" for page in nearest)
    raise DeviceError(PrinterCode.PAPER_NOT_THERE, printer=info.printerName(), width=across, height=down, known=known)


def _is_about(page: QSizeF, size: LabelSize) -> bool:
    return abs(page.width() - size.width_mm) <= _SNAP_MM and abs(page.height() - size.height_mm) <= _SNAP_MM


def _lay_out(printer: QPrinter, size: LabelSize) -> None:
    """The page is the label, without margins. The printer's resolution is the label's where its driver has that one."""
    from PySide6.QtCore import QMarginsF, QSizeF
    from PySide6.QtGui import QPageLayout, QPageSize

    page = QPageSize(QSizeF(size.width_mm, size.height_mm), QPageSize.Unit.Millimeter, "label", QPageSize.SizeMatchPolicy.ExactMatch)
    printer.setResolution(size.dpi)
    printer.setFullPage(True)
    printer.setPageSize(page)
    printer.setPageOrientation(QPageLayout.Orientation.Portrait)
    printer.setPageMargins(QMarginsF(0, 0, 0, 0), QPageLayout.Unit.Millimeter)
    printer.setCopyCount(1)


def _require_room(printer: QPrinter, sheet: LabelSheet) -> None:
    """Every black dot must lie where the printer can print, and the label on the page. Raises DeviceError.

    Qt writes pages in whole points: up to half of one, 0.18 mm, of a label's white lower and right edge is cut off."""
    from PySide6.QtGui import QPageLayout

    layout, size = printer.pageLayout(), sheet.size
    layout.setUnits(QPageLayout.Unit.Millimeter)
    edges, points = layout.minimumMargins(), layout.fullRectPoints()
    across, down = (side * _MM_PER_INCH / _POINTS_PER_INCH for side in (points.width(), points.height()))
    left, top, right, bottom = (each * _MM_PER_INCH / size.dpi for each in sheet.bitmap.ink() or (0, 0, 0, 0))
    on_page = across + _SNAP_MM >= size.width_mm and down + _SNAP_MM >= size.height_mm
    within = left >= edges.left() and top >= edges.top() and right <= across - edges.right() and bottom <= down - edges.bottom()
    if on_page and within:
        return
    room = f"{across - edges.left() - edges.right():.1f}×{down - edges.top() - edges.bottom():.1f}"
    raise DeviceError(PrinterCode.PAGE_TOO_SMALL, printer=printer.printerName(), width=size.width_mm, height=size.height_mm, room=room)


def _paint(printer: QPrinter, sheet: LabelSheet) -> bool:
    """Whether Qt could. A dot is 1/dpi inch whatever the printer's resolution; no dot is smoothed, and none comes out as a JPEG's grey."""
    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QImage, QPainter

    bitmap = sheet.bitmap
    data = bitmap.inverted()  # read while it is painted
    dots = QImage(data, bitmap.width, bitmap.height, bitmap.row_bytes, QImage.Format.Format_Mono)
    dots.setColorTable([0xFF000000, 0xFFFFFFFF])  # in this order Qt's PDF keeps it at one bit a dot
    painter = QPainter()
    if not painter.begin(printer):
        return False
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=False)
    painter.setRenderHint(QPainter.RenderHint.LosslessImageRendering)
    painter.scale(printer.logicalDpiX() / sheet.size.dpi, printer.logicalDpiY() / sheet.size.dpi)
    painter.drawImage(QPointF(0, 0), dots)
    return painter.end()
