"""Spreadsheets (XLSX) as tables of list files: the first sheet, row by row, read only. No formula is calculated."""

from __future__ import annotations

import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import IO, Any
from xml.etree.ElementTree import ParseError

from courier_check.errors import UserError
from courier_check.screening.codes import ScreeningCode
from courier_check.screening.list_rows import TableRow, checked_heading, row_of

LARGEST_SHARED = 200 * 1024 * 1024
"""Bytes of a spreadsheet's table of texts, unpacked: it is held in memory while the rows are read."""
LARGEST_SHEET = 4 * 1024 * 1024 * 1024
"""Bytes of any other part, unpacked: they are read piece by piece."""
MOST_COLUMNS = 200
_EXACT_DIGITS = 15
"""A spreadsheet's numbers keep so many digits; the last of longer ones (document numbers) are gone."""
_NOT_A_SHEET = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, ParseError, EOFError, OSError),
    *(KeyError, ValueError, TypeError, IndexError, AttributeError, NotImplementedError, RuntimeError, MemoryError),
)
"""What openpyxl lets through of files that are none, or made to do harm."""


def sheet_rows(file: IO[bytes]) -> Iterator[TableRow]:
    """Rows of the first sheet; its first row with anything in it names the columns. UserError where it can't be read as a spreadsheet."""
    rows = _values(file)
    heading: tuple[str, ...] | None = None
    for line, values in rows:
        texts = [_text_of(value) for value in values[:MOST_COLUMNS]]
        if not any(text is None or text.strip() for text in texts):
            continue
        if heading is None:
            heading = checked_heading([text or "" for text in texts])
            continue
        lost = next((at for at, text in enumerate(texts) if text is None), None)
        if lost is not None:
            yield TableRow(line, {}, ScreeningCode.XLSX_DIGITS_LOST, heading[lost] if lost < len(heading) else "")
            continue
        yield row_of(line, heading, [text or "" for text in texts])
    if heading is None:
        raise UserError(ScreeningCode.CSV_EMPTY)


def _values(file: IO[bytes]) -> Iterator[tuple[int, Sequence[object]]]:
    try:
        _check_size(file)
        yield from _read(file)
    except _NOT_A_SHEET as error:
        raise UserError(ScreeningCode.XLSX_UNREADABLE) from error


def _read(file: IO[bytes]) -> Iterator[tuple[int, Sequence[object]]]:
    import openpyxl

    with warnings.catch_warnings():  # of what it leaves out (validation, styles), which no list has
        warnings.simplefilter("ignore")
        book: Any = openpyxl.load_workbook(file, read_only=True, data_only=False, keep_links=False)
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # a sheet may say that it has 16 384 columns
        yield from enumerate(sheet.iter_rows(values_only=True), start=1)
    finally:
        book.close()


def _check_size(file: IO[bytes]) -> None:
    """A small file may unpack to more than any machine has."""
    with zipfile.ZipFile(file) as parts:
        for part in parts.infolist():
            large = LARGEST_SHEET if "/worksheets/" in part.filename else LARGEST_SHARED
            if part.file_size > large:
                raise UserError(ScreeningCode.XLSX_TOO_LARGE)
    file.seek(0)


def _text_of(value: object) -> str | None:
    """A cell as text; None where a long number was kept as a number, and its last digits are lost."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime | date):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, int | float):
        whole = int(value) if value == value and abs(value) != float("inf") and value == int(value) else None
        if whole is None:
            return str(value)
        return str(whole) if len(str(abs(whole))) <= _EXACT_DIGITS else None
    return str(value)
