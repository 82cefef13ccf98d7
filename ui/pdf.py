"""报表 as PDF: A4 pages with header, page numbers and the moment they were made. Columns are named again on every page, and no row is cut.

Laid out here rather than by a text document, so that rows stay whole and the same pages can be painted elsewhere. It runs in a worker.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QPagedPaintDevice,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QPen,
    QTextLayout,
    QTextOption,
)

from courier_check.devices.qr import Modules
from courier_check.reports.sheets import Cell, Sheet
from courier_check.store.files import write_atomically
from ui.design import FAMILY, LIGHT

DOTS_PER_INCH = 254
"""A tenth of a millimetre is the unit of everything below."""
PAGE_WIDTH, PAGE_HEIGHT = 2100, 2970
LEFT, TOP, BOTTOM = 160, 210, 2760
WIDTH = PAGE_WIDTH - 2 * LEFT
HEIGHT = BOTTOM - TOP
TITLE, BODY, SMALL = 58, 36, 30  # heights of type
PAD_X, PAD_Y, LEADING = 16, 8, 1.35
NARROWEST = 150


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text; (x, y) is the left end of its baseline."""

    x: float
    y: float
    text: str
    size: int = BODY
    bold: bool = False
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """A QR code; (x, y) is its left upper corner, `size` its side without the quiet zone."""

    x: float
    y: float
    size: float
    modules: Modules


@dataclass(frozen=True, slots=True)
class Page:
    """What stands on one page, placed. `boxes`: x, y, width, height of the cells; `heads`: those of the columns' names."""

    texts: tuple[Text, ...]
    boxes: tuple[tuple[float, float, float, float], ...]
    heads: tuple[tuple[float, float, float, float], ...] = ()
    code: Placed | None = None

    def with_code(self, code: Placed) -> Page:
        return replace(self, code=code)


@dataclass(slots=True)
class _Sheet:
    """A page being filled, from the top down."""

    y: float = TOP
    texts: list[Text] = field(default_factory=list)
    boxes: list[tuple[float, float, float, float]] = field(default_factory=list)
    heads: list[tuple[float, float, float, float]] = field(default_factory=list)

    @property
    def room(self) -> float:
        return BOTTOM - self.y

    def done(self) -> Page:
        return Page(tuple(self.texts), tuple(self.boxes), tuple(self.heads))


@dataclass(frozen=True, slots=True)
class _Row:
    """The lines of each cell. A number stands at the right of its cell."""

    cells: tuple[tuple[str, ...], ...]
    numbers: tuple[bool, ...]

    @property
    def lines(self) -> int:
        return max(1, max(len(cell) for cell in self.cells))

    def cut(self, at_most: int) -> Iterator[_Row]:
        """The row itself, or, where it is higher than a page, as many rows as it takes."""
        for start in range(0, self.lines, at_most):
            yield _Row(tuple(cell[start : start + at_most] for cell in self.cells), self.numbers)


def to_pdf(sheets: Sequence[Sheet], made_at: datetime, path: Path) -> int:
    """Write a PDF, whole or not at all; returns how many pages it has. Raises StoreError."""
    pages = lay_out(sheets)
    write_atomically(path, pdf_of(pages, _titles(sheets), made_at))
    return len(pages)


def pdf_of(pages: Sequence[Page], title: str, made_at: datetime) -> bytes:
    """The bytes of a PDF of these pages."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(DOTS_PER_INCH)
    begin_a4(writer)
    writer.setTitle(title)
    writer.setCreator("courier-check")
    paint_on(writer, pages, title, made_at)
    return bytes(buffer.data().data())


def begin_a4(device: QPagedPaintDevice) -> None:
    """A4 to its edges: the margins are the pages' own."""
    device.setPageLayout(QPageLayout(QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait, QMarginsF()))


def paint_on(device: QPagedPaintDevice, pages: Sequence[Page], title: str, made_at: datetime) -> bool:
    """Paint the pages on a writer or a printer of whatever resolution; False where it took none, or not all of them."""
    painter = QPainter()
    if not painter.begin(device):
        return False
    try:
        painter.scale(device.logicalDpiX() / DOTS_PER_INCH, device.logicalDpiY() / DOTS_PER_INCH)
        for number, page in enumerate(pages, 1):
            if number > 1 and not device.newPage():
                return False
            _paint(painter, page, _footer(title, made_at, number, len(pages)))
    finally:
        painter.end()
    return True


def images_of(pages: Sequence[Page], title: str, made_at: datetime) -> list[QImage]:
    """The same pages as pictures."""
    images = []
    for number, page in enumerate(pages, 1):
        image = QImage(PAGE_WIDTH, PAGE_HEIGHT, QImage.Format.Format_RGB32)
        image.fill(QColor(LIGHT.card))
        with QPainter(image) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            _paint(painter, page, _footer(title, made_at, number, len(pages)))
        images.append(image)
    return images


def lay_out(sheets: Sequence[Sheet]) -> tuple[Page, ...]:
    """Every sheet begins a page. A report without sheets is one empty page."""
    pages = [page for sheet in sheets for page in _sheet_pages(sheet)]
    return tuple(pages) or (Page((), ()),)


def _sheet_pages(sheet: Sheet) -> Iterator[Page]:
    widths = _widths(sheet)
    head = _row(sheet.columns, widths, bold=True)
    page = _Sheet()
    _put_opening(page, sheet)
    _put_row(page, head, widths, head=True)
    for whole in sheet.rows:
        for row in _row(whole, widths).cut(_lines_in(HEIGHT - _height(head))):
            if page.room < _height(row):
                yield page.done()
                page = _Sheet()
                _put_row(page, head, widths, head=True)
            _put_row(page, row, widths)
    page.y += PAD_Y
    for note in sheet.notes:
        for line in broken(note, SMALL, WIDTH):
            if page.room < SMALL * LEADING:
                yield page.done()
                page = _Sheet()
            _put_line(page, line, SMALL, quiet=True)
        page.y += PAD_Y
    yield page.done()


def _put_opening(page: _Sheet, sheet: Sheet) -> None:
    for line in broken(sheet.title, TITLE, WIDTH, bold=True):
        _put_line(page, line, TITLE, bold=True, centred=True)
    page.y += PAD_Y
    for label, value in sheet.heading:
        for line in broken(f"{label}{value}", BODY, WIDTH):
            _put_line(page, line, BODY)
    page.y += PAD_Y


def _put_line(page: _Sheet, line: str, size: int, *, bold: bool = False, quiet: bool = False, centred: bool = False) -> None:
    metrics = _metrics(size, bold=bold)
    x = LEFT + (WIDTH - metrics.horizontalAdvance(line)) / 2 if centred else LEFT
    page.texts.append(Text(x, page.y + _baseline(metrics, size), line, size, bold, quiet))
    page.y += size * LEADING


def _put_row(page: _Sheet, row: _Row, widths: Sequence[float], *, head: bool = False) -> None:
    height, x = _height(row), float(LEFT)
    metrics = _metrics(BODY, bold=head)
    for cell, number, width in zip(row.cells, row.numbers, widths, strict=True):
        (page.heads if head else page.boxes).append((x, page.y, width, height))
        for index, line in enumerate(cell):
            left = x + width - PAD_X - metrics.horizontalAdvance(line) if number else x + PAD_X
            y = page.y + PAD_Y + index * BODY * LEADING + _baseline(metrics, BODY)
            page.texts.append(Text(left, y, line, BODY, head))
        x += width
    page.y += height


def _row(cells: Sequence[Cell], widths: Sequence[float], *, bold: bool = False) -> _Row:
    lines = tuple(broken(str(cell), BODY, width - 2 * PAD_X, bold=bold) for cell, width in zip(cells, widths, strict=True))
    return _Row(lines, tuple(isinstance(cell, int) for cell in cells))


def _height(row: _Row) -> float:
    return row.lines * BODY * LEADING + 2 * PAD_Y


def _lines_in(height: float) -> int:
    return max(1, int((height - 2 * PAD_Y) / (BODY * LEADING)))


def _baseline(metrics: QFontMetricsF, size: int) -> float:
    """From the top of a line to its baseline: the letters in the middle of the leading."""
    return size * LEADING / 2 + (metrics.capHeight() or size * 0.7) / 2


def _widths(sheet: Sheet) -> tuple[float, ...]:
    """As wide as the longest cell. Room left over is shared in proportion; where it is lacking, only the widest columns give way."""
    plain, bold = _metrics(BODY), _metrics(BODY, bold=True)

    def natural(column: int) -> float:
        cells = (plain.horizontalAdvance(str(row[column])) for row in sheet.rows)
        return max(NARROWEST, bold.horizontalAdvance(sheet.columns[column]), *cells) + 2 * PAD_X + 2

    wanted = [natural(column) for column in range(len(sheet.columns))]
    cap, rest = float(WIDTH), float(WIDTH)
    for number, width in enumerate(sorted(wanted)):
        cap = rest / (len(wanted) - number)  # each of those that are left
        if width > cap:
            break
        rest -= width
        cap = float(WIDTH)
    fitted = [min(width, cap) for width in wanted]
    return tuple(each * WIDTH / sum(fitted) for each in fitted)


def broken(text: str, size: int, width: float, *, bold: bool = False) -> tuple[str, ...]:
    """Text in lines no wider than `width`: between words or Chinese characters, and anywhere where there is no such place."""
    lines: list[str] = []
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    for paragraph in text.splitlines() or [""]:
        layout = QTextLayout(paragraph, _font(size, bold=bold))
        layout.setTextOption(option)
        layout.beginLayout()
        encoded = paragraph.encode("utf-16-le")  # a line's place is counted in UTF-16 units
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(1.0, width))
            start, length = line.textStart(), line.textLength()
            lines.append(encoded[2 * start : 2 * (start + length)].decode("utf-16-le", "replace").rstrip())
        layout.endLayout()
    return tuple(lines) or ("",)


def _font(size: int, *, bold: bool = False) -> QFont:
    font = QFont(FAMILY)
    font.setPixelSize(size)
    font.setBold(bold)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


def _metrics(size: int, *, bold: bool = False) -> QFontMetricsF:
    return QFontMetricsF(_font(size, bold=bold))


def _titles(sheets: Sequence[Sheet]) -> str:
    return sheets[0].title if sheets else ""


def _footer(title: str, made_at: datetime, number: int, of: int) -> tuple[Text, ...]:
    """The running head and foot."""
    metrics = _metrics(SMALL)
    made, page = f"制表时间 {made_at:%Y-%m-%d %H:%M}", f"第 {number} 页，共 {of} 页"
    shown = metrics.elidedText(title, Qt.TextElideMode.ElideRight, WIDTH * 0.6)
    return (
        Text(LEFT, 130, shown, SMALL, quiet=True),
        Text(_right(metrics, made), 130, made, SMALL, quiet=True),
        Text(_right(metrics, page), PAGE_HEIGHT - 110, page, SMALL, quiet=True),
    )


def _right(metrics: QFontMetricsF, text: str) -> float:
    return PAGE_WIDTH - LEFT - metrics.horizontalAdvance(text)


def _paint(painter: QPainter, page: Page, running: tuple[Text, ...]) -> None:
    painter.setPen(QPen(QColor(LIGHT.line), 2))
    painter.drawLine(QPointF(LEFT, 152), QPointF(PAGE_WIDTH - LEFT, 152))
    for box in page.heads:
        painter.fillRect(QRectF(*box), QColor(LIGHT.muted))
    painter.setPen(QPen(QColor(LIGHT.third), 2))
    for box in (*page.heads, *page.boxes):
        painter.drawRect(QRectF(*box))
    for text in (*running, *page.texts):
        painter.setFont(_font(text.size, bold=text.bold))
        painter.setPen(QColor(LIGHT.second if text.quiet else LIGHT.ink))
        painter.drawText(QPointF(text.x, text.y), text.text)
    if page.code is not None:
        _paint_code(painter, page.code)


def _paint_code(painter: QPainter, code: Placed) -> None:
    """Runs of dark modules as one bar each, without smoothing: hair lines between modules would be read as light."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    side = code.size / len(code.modules)
    for row, modules in enumerate(code.modules):
        column = 0
        for dark, run in groupby(modules):
            length = len(tuple(run))
            if dark:
                bar = QRectF(code.x + column * side, code.y + row * side, length * side, side)
                painter.fillRect(bar, QColor(0, 0, 0))
            column += length
