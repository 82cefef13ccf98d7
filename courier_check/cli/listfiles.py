"""List files on the command line: which form and encoding they have, their rows one by one, and the report of their lines."""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import msgspec

from courier_check.cli.codes import CliCode
from courier_check.cli.output import Output
from courier_check.errors import UserError
from courier_check.reports.writers import csv_text
from courier_check.screening.list_files import LineError
from courier_check.screening.list_reading import Summary
from courier_check.screening.list_rows import TableRow, csv_rows, json_rows
from courier_check.screening.list_sheets import sheet_rows

LARGEST_BYTES = 200_000_000
"""Of a signed package, which is read whole."""
LARGEST_FILE = 2_000_000_000
"""Of a plain list file, which is read row by row."""
_PIECE = 1024 * 1024
_LONGEST_LINE = 1024 * 1024
_MOST_SHOWN = 50
_TOLD_EACH = 20_000
_COLUMNS = ("line", "column", "kind", "code", "message")
_ZIP, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_BYTE_ORDER = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_FAULTS_ENOUGH = 10_000
_BROKEN = re.compile("[\udc80-\udcff]")


class ListForm(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"


@contextlib.contextmanager
def list_rows(path: Path, form: ListForm | None = None) -> Iterator[Iterator[TableRow]]:
    """The rows of a list file, of the form it is said or seen to have. Raises UserError: unreadable, too large."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise UserError(CliCode.FILE_TOO_LARGE, file=str(path), limit=LARGEST_FILE)
        with contextlib.ExitStack() as opened:
            file = opened.enter_context(path.open("rb"))
            yield _rows(file, form or _form_of(file), opened)
    except OSError as error:
        raise UserError(CliCode.FILE_UNUSABLE, file=str(path), detail=error.strerror or "") from error


def _form_of(file: BinaryIO) -> ListForm:
    head = file.read(4096)
    file.seek(0)
    if head.startswith((_ZIP, _OLD_OFFICE)):
        return ListForm.XLSX
    return ListForm.JSON if head.removeprefix(codecs.BOM_UTF8).lstrip()[:1] in (b"[", b"{") else ListForm.CSV


def _rows(file: BinaryIO, form: ListForm, opened: contextlib.ExitStack) -> Iterator[TableRow]:
    if form is ListForm.XLSX:
        return sheet_rows(file)
    if form is ListForm.JSON:
        return json_rows(_lines(file))
    text = io.TextIOWrapper(file, encoding_of(file), errors="surrogateescape", newline="")
    return csv_rows(_lines(opened.enter_context(text)))


def _lines(file: Any) -> Iterator[Any]:
    """Lines, and what is no line piece by piece."""
    while line := file.readline(_LONGEST_LINE):
        yield line


def encoding_of(file: BinaryIO) -> str:
    """UTF-8 or GB18030 (what Excel writes in China, GBK in it): the one in which less is broken. UTF-16 only with its mark."""
    marked = _BYTE_ORDER.get(file.read(2))
    file.seek(0)
    if marked is not None:
        return marked
    faults = {encoding: _faults(file, encoding) for encoding in ("utf-8-sig", "gb18030")}
    return min(faults, key=lambda encoding: faults[encoding])


def _faults(file: BinaryIO, encoding: str) -> int:
    """How many bytes are no text in an encoding; above some number it does not matter how many."""
    decoder, found = codecs.getincrementaldecoder(encoding)("surrogateescape"), 0
    while (piece := file.read(_PIECE)) and found < _FAULTS_ENOUGH:
        text = decoder.decode(piece)
        found += 0 if text.isascii() else len(_BROKEN.findall(text))
    file.seek(0)
    return found


def counted(out: Output, rows: Iterable[TableRow], *, installing: bool = False) -> Iterator[TableRow]:
    """The rows, and now and then on stderr how many they were; of a long file that is installed also that it goes on when all are read."""
    number = 0
    for number, row in enumerate(rows, start=1):
        if number % _TOLD_EACH == 0:
            out.aside("list-lines-so-far", count=number)
        yield row
    if installing and number >= _TOLD_EACH:
        out.aside("list-lines-read", count=number)


class Report(Protocol):
    """Where the lines of a report go."""

    def add(self, error: LineError, message: str) -> None: ...

    def close(self, summary: Summary | None) -> None: ...


class _CsvReport:
    """CSV with a byte order mark; no cell of it is a formula."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow(_COLUMNS)

    def add(self, error: LineError, message: str) -> None:
        cells: tuple[str | int, ...] = (error.line, error.column, _kind(error), error.code, message)
        self._writer.writerow(csv_text(cell) for cell in cells)

    def close(self, summary: Summary | None) -> None:
        self._file.close()


class _JsonReport:
    """One object a line; the last is the summary."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")

    def add(self, error: LineError, message: str) -> None:
        self._write({"line": error.line, "column": error.column, "kind": _kind(error), "code": error.code, "message": message})

    def close(self, summary: Summary | None) -> None:
        if summary is not None:
            self._write({"summary": summary})
        self._file.close()

    def _write(self, fields: dict[str, Any]) -> None:
        self._file.write(msgspec.json.encode(fields) + b"\n")


class _XlsxReport:
    """A spreadsheet written row by row; text is text, never a formula."""

    def __init__(self, path: Path) -> None:
        import xlsxwriter

        plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        self._file = path.open("wb")
        self._book = xlsxwriter.Workbook(self._file, {"constant_memory": True, **plain})
        self._page = self._book.add_worksheet("1")
        self._row = 0
        self._write(_COLUMNS)

    def add(self, error: LineError, message: str) -> None:
        if self._row < 1_048_575:  # a spreadsheet has no more rows; the summary says how many there are
            self._write((error.line, error.column, _kind(error), error.code, message))

    def close(self, summary: Summary | None) -> None:
        from xlsxwriter.exceptions import FileCreateError

        try:
            self._book.close()
        except FileCreateError as error:  # a full disk
            raise OSError(str(error)) from error
        finally:
            self._file.close()

    def _write(self, cells: Iterable[str | int]) -> None:
        for column, cell in enumerate(cells):
            if isinstance(cell, int):
                self._page.write_number(self._row, column, cell)
            else:
                self._page.write_string(self._row, column, cell)
        self._row += 1


_REPORTS: dict[str, type[_CsvReport] | type[_JsonReport] | type[_XlsxReport]] = {
    ".csv": _CsvReport,
    ".json": _JsonReport,
    ".jsonl": _JsonReport,
    ".xlsx": _XlsxReport,
}


class LineReport:
    """Tells of lines as they are read: on the screen, where a long list is cut short, and whole into a file if one is named."""

    def __init__(self, out: Output, source: Path, target: Path | None) -> None:
        self._out = out
        self._source = source
        self._file = _opened(target)
        self._target = target
        self._told = 0

    def add(self, error: LineError) -> None:
        if self._file is not None:
            with _told_of(self._target):
                self._file.add(error, self._out.wording.of(error.code, error.facts))
        self._told += 1
        if self._out.as_json or self._told <= _MOST_SHOWN:
            tell_line(self._out, self._source, error)

    def close(self, summary: Summary | None) -> None:
        """Write the report to its end, and say how the lines came out if anything was to be said; None where the file could not be read
        through."""
        if self._file is not None:
            with _told_of(self._target):
                self._file.close(summary)
        if not self._out.as_json and self._told > _MOST_SHOWN:
            self._out.line({}, self._out.wording.of("line-defects-more", {"count": self._told - _MOST_SHOWN}))
        if summary is not None and (self._told or self._target is not None):
            told = {"read": summary.read, "good": summary.good, "bad": summary.bad, "noted": summary.noted}
            report = str(self._target) if self._target else None
            self._out.say({"file": str(self._source), "summary": told, "report": report}, "list-lines", file=str(self._source), **told)


def _opened(target: Path | None) -> Report | None:
    if target is None:
        return None
    made = _REPORTS.get(target.suffix.lower())
    if made is None:
        raise UserError(CliCode.REPORT_FORM, file=str(target))
    with _told_of(target):
        return made(target)


@contextlib.contextmanager
def _told_of(target: Path | None) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UserError(CliCode.FILE_UNUSABLE, file=str(target), detail=error.strerror or "") from error


def _kind(error: LineError) -> str:
    return "left-out" if error.left_out else "noted"


def tell_line(out: Output, path: Path, error: LineError) -> None:
    """What is said of one line: `error` where it was left out, else `note`."""
    message = out.wording.of(error.code, error.facts)
    told = {"code": error.code, "message": message, "line": error.line, "column": error.column}
    text = out.wording.of("line-defect", {"file": str(path), "line": error.line, "column": error.column, "message": message})
    out.line({"file": str(path), "error" if error.left_out else "note": told}, text)


def tell_defects(out: Output, path: Path, errors: Iterable[LineError]) -> None:
    """One line a defect."""
    for error in errors:
        tell_line(out, path, error)


def is_package(path: Path) -> bool:
    """Whether a file says that it is a signed package."""
    try:
        with path.open("rb") as file:
            return file.read(64).lstrip().startswith(b'{"kind":"package-file"')
    except OSError as error:
        raise UserError(CliCode.FILE_UNUSABLE, file=str(path), detail=error.strerror or "") from error
