"""打印队列: what Qt makes of a label is the label, dot for dot and in millimetres; what a driver can't do is told before anything is handed
over."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QMarginsF, QSizeF
from PySide6.QtGui import QPageLayout, QPageSize
from PySide6.QtPrintSupport import QPrinter, QPrinterInfo
from PySide6.QtWidgets import QApplication

from courier_check.devices.bitmap import Bitmap, LabelSize
from courier_check.devices.codes import PrinterCode
from courier_check.devices.label_picture import Label, Mark, draw_label
from courier_check.devices.system_printer import LabelSheet, Queues, SpoolerProcess
from courier_check.errors import DeviceError
from courier_check.journal.label_text import LabelledEntry, label_text, parse_label_text
from courier_check.store.resources import resource_path
from support.papers import printing_into, spooling_into
from support.printed_pages import codes_on, printed_page
from ui.spooling import _require_paper, known_queues, print_label, queue_of, refusal

FONT = resource_path("fonts/NotoSansCJKsc-Regular-subset.otf")
ENTRY = LabelledEntry("a1" * 16, 123_456, "0f" * 32)
LABEL = Label(
    (Mark("已验视", made=True), Mark("已实名", made=True), Mark("待安检", made=False)), ("工号 0142", "2026-11-26 10:15"), label_text(ENTRY)
)
SIZES = [
    LabelSize(60, 40),
    LabelSize(40, 30),
    LabelSize(100, 50, 300),
    LabelSize(50, 70, 203),
    LabelSize(76, 130, 600),
    LabelSize(75, 131, 305),
]
HALF_POINT_MM = 25.4 / 72 / 2

pytestmark = pytest.mark.usefixtures("qapp")


def sheet_of(size: LabelSize = SIZES[0], label: Bitmap | None = None) -> LabelSheet:
    return LabelSheet("", label or draw_label(LABEL, size, FONT), size, "label-a1a1a1a1-123456")


class Driver(QPrinter):
    """A printer whose driver has its own mind: a `resolution` it does not leave, `edges` it can't print on, a `page` it keeps."""

    def __init__(self, target: Path, *, resolution: int = 0, edges: QMarginsF | None = None, page: QSizeF | None = None) -> None:
        super().__init__(QPrinter.PrinterMode.HighResolution)
        self.setOutputFileName(str(target))
        self._resolution, self._edges, self._page = resolution, edges, page

    def setResolution(self, dpi: int) -> None:  # noqa: N802 - Qt's name
        super().setResolution(self._resolution or dpi)

    def setPageSize(self, size: QPageSize) -> bool:  # noqa: N802 - Qt's name
        return super().setPageSize(QPageSize(self._page, QPageSize.Unit.Millimeter) if self._page is not None else size)

    def pageLayout(self) -> QPageLayout:  # noqa: N802 - Qt's name
        layout = super().pageLayout()
        if self._edges is not None:
            layout.setUnits(QPageLayout.Unit.Millimeter)
            layout.setMinimumMargins(self._edges)
        return layout


def trouble(printer: QPrinter, sheet: LabelSheet) -> DeviceError:
    with pytest.raises(DeviceError) as caught:
        print_label(sheet, lambda _name, _asks: printer)
    return caught.value


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("resolution", [0, 600, 1200])
def test_the_page_is_the_label_and_every_dot_lies_where_it_was_drawn(tmp_path: Path, size: LabelSize, resolution: int) -> None:
    """Also where the driver prints finer than the label was drawn."""
    sheet = sheet_of(size)
    print_label(sheet, lambda _name, _asks: Driver(tmp_path / "label.pdf", resolution=resolution))
    page = printed_page(tmp_path / "label.pdf")
    assert page.black == sheet.bitmap
    assert page.bits == 1
    assert page.width_mm == pytest.approx(size.width_mm, abs=HALF_POINT_MM)
    assert page.height_mm == pytest.approx(size.height_mm, abs=HALF_POINT_MM)
    assert (page.left_mm, page.top_mm) == pytest.approx((0, 0), abs=0.001)
    assert page.dot_mm == pytest.approx(25.4 / size.dpi, rel=1e-6)
    assert [parse_label_text(text) for text in codes_on(page.black)] == [ENTRY]


def test_no_dot_is_lost_between_margins(tmp_path: Path) -> None:
    """Black to the edge, on a driver that prints 1.5 mm less: told, and nothing printed. Where only white is lost it prints."""
    size = SIZES[0]
    for edges, printed in ((QMarginsF(1.5, 1.5, 1.5, 1.5), True), (QMarginsF(2.5, 0, 0, 0), False), (QMarginsF(0, 0, 0, 4), False)):
        target = tmp_path / f"{edges.left()}-{edges.bottom()}.pdf"
        printer = Driver(target, edges=edges)
        if printed:
            print_label(sheet_of(), lambda _name, _asks: printer)  # noqa: B023 - called within the round
        else:
            error = trouble(printer, sheet_of())
            assert (error.code, error.facts["width"], error.facts["height"]) == (PrinterCode.PAGE_TOO_SMALL, 60, 40)
        assert target.exists() == printed
    black = Bitmap(size.width, size.height, b"\xff" * (60 * 320))
    assert trouble(Driver(tmp_path / "black.pdf"), sheet_of(label=black)).code == PrinterCode.PAGE_TOO_SMALL
    assert not (tmp_path / "black.pdf").exists()


def test_a_page_that_is_too_small_for_the_label_takes_none(tmp_path: Path) -> None:
    error = trouble(Driver(tmp_path / "label.pdf", page=QSizeF(58, 40)), sheet_of())
    assert (error.code, error.facts["room"]) == (PrinterCode.PAGE_TOO_SMALL, "57.9×39.9")
    assert not (tmp_path / "label.pdf").exists()


@pytest.mark.qt_log_ignore("QPainter::begin")
def test_a_printer_that_takes_nothing_is_told(tmp_path: Path) -> None:
    find = printing_into(tmp_path / "absent" / "label.pdf")
    assert trouble(find(tmp_path), sheet_of()).code == PrinterCode.SYSTEM_REFUSED


def test_only_a_queue_of_the_systems_is_asked_what_it_refused(tmp_path: Path) -> None:
    assert refusal(printing_into(tmp_path / "label.pdf")(tmp_path)) is None


# Paper ------------------------------------------------------------------------------------------------------------------------------------


def driver_of(pages: list[tuple[float, float]], *, custom: bool = False, most: tuple[float, float] = (0, 0)) -> QPrinterInfo:
    unit = QPageSize.Unit.Millimeter
    exact = QPageSize.SizeMatchPolicy.ExactMatch
    sizes = [QPageSize(QSizeF(*page), unit, f"{page}", exact) for page in pages]
    limits = (QPageSize(QSizeF(10, 10), unit, "", exact), QPageSize(QSizeF(*most), unit, "", exact))
    return SimpleNamespace(  # type: ignore[return-value] # as much of one as is asked
        supportedPageSizes=lambda: sizes,
        supportsCustomPageSizes=lambda: custom,
        minimumPhysicalPageSize=lambda: limits[0],
        maximumPhysicalPageSize=lambda: limits[1],
        printerName=lambda: "标签机",
    )


@pytest.mark.parametrize(
    ("driver", "has_it"),
    [
        (driver_of([]), True),  # a queue that tells of no pages
        (driver_of([(210, 297), (60, 40)]), True),
        (driver_of([(210, 297), (60.9, 39.2)]), True),
        (driver_of([(210, 297), (62, 40)]), False),
        (driver_of([(40, 60)]), False),  # it would have to be turned
        (driver_of([(210, 297)], custom=True, most=(200, 1000)), True),
        (driver_of([(210, 297)], custom=True), True),  # without limits
        (driver_of([(210, 297)], custom=True, most=(57, 1000)), False),
    ],
)
def test_the_driver_must_have_the_labels_paper(driver: QPrinterInfo, *, has_it: bool) -> None:
    if has_it:
        _require_paper(driver, SIZES[0])
        return
    with pytest.raises(DeviceError) as caught:
        _require_paper(driver, SIZES[0])
    assert (caught.value.code, caught.value.facts["printer"]) == (PrinterCode.PAPER_NOT_THERE, "标签机")
    assert "×" in str(caught.value.facts["known"])


# The process ------------------------------------------------------------------------------------------------------------------------------


def test_a_label_through_the_process_is_the_label(tmp_path: Path) -> None:
    spooler = SpoolerProcess(spooling_into, tmp_path / "label.pdf")
    try:
        spooler.print_label(sheet_of(), 60)
        assert printed_page(tmp_path / "label.pdf").black == sheet_of().bitmap
        assert isinstance(spooler.queues(60), Queues)
        (tmp_path / "label.pdf").unlink()
        spooler.print_label(sheet_of(SIZES[2]), 60)
        assert printed_page(tmp_path / "label.pdf").black == sheet_of(SIZES[2]).bitmap
    finally:
        spooler.close()


@pytest.mark.skipif(bool(QPrinterInfo.availablePrinterNames()), reason="this machine has a printer, and nobody wants to see it print")
def test_without_a_printer_one_sentence_says_so(qapp: QApplication) -> None:
    assert known_queues() == Queues(())
    for wanted in ("", "前台"):
        with pytest.raises(DeviceError) as caught:
            queue_of(wanted, asks=True)
        assert caught.value.code == PrinterCode.SYSTEM_NONE
