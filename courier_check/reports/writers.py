"""Sheets as files: CSV and XLSX. No cell of either is ever a formula."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from courier_check.reports.sheets import Cell, Sheet

_FORMULA_STARTS = "=+-@＝＋－＠"
_NARROWEST, _WIDEST = 8, 60
_LONGEST_NAME = 31
_LONGEST_CELL = 32_767
_NOT_IN_NAMES = str.maketrans("", "", "[]:*?/\\'")
_NOT_IN_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")


def csv_text(cell: Cell) -> Cell:
    """A cell no spreadsheet takes for a formula: an apostrophe before what begins like one or with a control character (wire.md §10)."""
    if isinstance(cell, str) and cell and (cell[0] in _FORMULA_STARTS or unicodedata.category(cell[0]) == "Cc"):
        return f"'{cell}"
    return cell


def to_csv(sheets: Sequence[Sheet]) -> str:
    """All sheets one below the other, an empty line between; CRLF, and a byte order mark so that spreadsheets read Chinese."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for number, sheet in enumerate(sheets):
        if number:
            writer.writerow(())
        writer.writerow((csv_text(sheet.title),))
        writer.writerows(map(csv_text, line) for line in sheet.heading)
        writer.writerow(map(csv_text, sheet.columns))
        writer.writerows(map(csv_text, row) for row in sheet.rows)
        writer.writerows((csv_text(note),) for note in sheet.notes)
    return "\ufeff" + out.getvalue()


def to_xlsx(sheets: Sequence[Sheet], made_at: datetime) -> bytes:
    """A workbook of these sheets. The same sheets and moment give the same bytes."""
    import xlsxwriter  # here, not above: commands that write no workbook need not load it

    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    book.set_properties({"created": made_at.replace(tzinfo=None)})
    formats = {
        "title": book.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"}),
        "column": book.add_format({"bold": True, "border": 1, "align": "center", "valign": "vcenter", "bg_color": "#EDEDED"}),
        "text": book.add_format({"border": 1, "valign": "vcenter", "text_wrap": True}),
        "number": book.add_format({"border": 1, "valign": "vcenter", "align": "right"}),
        "note": book.add_format({"italic": True, "text_wrap": True, "valign": "top"}),
    }
    used: set[str] = set()
    for sheet in sheets:
        _write_sheet(book.add_worksheet(_sheet_name(sheet.title, used)), sheet, formats)
    book.close()
    return out.getvalue()


def _write_sheet(page: Any, sheet: Sheet, formats: dict[str, Any]) -> None:
    last = len(sheet.columns) - 1
    page.merge_range(0, 0, 0, last, "", formats["title"])
    _write_cell(page, (0, 0), sheet.title, formats["title"])
    page.set_row(0, 28)
    line = 1
    for label, value in sheet.heading:
        _write_cell(page, (line, 0), f"{label}{value}", None)
        line += 1
    for column, name in enumerate(sheet.columns):
        _write_cell(page, (line, column), name, formats["column"])
    page.freeze_panes(line + 1, 0)
    for row in sheet.rows:
        line += 1
        for column, cell in enumerate(row):
            _write_cell(page, (line, column), cell, formats["number" if isinstance(cell, int) else "text"])
    for note in sheet.notes:
        line += 1
        page.merge_range(line, 0, line, last, "", formats["note"])
        _write_cell(page, (line, 0), note, formats["note"])
        page.set_row(line, 32)
    for column in range(last + 1):
        page.set_column(column, column, _width(sheet, column))
    page.set_paper(9)
    page.fit_to_pages(1, 0)


def _write_cell(page: Any, place: tuple[int, int], cell: Cell, form: Any) -> None:
    """A number or a string, never what the library would guess from a string."""
    if isinstance(cell, int):
        page.write_number(*place, cell, form)
    else:
        page.write_string(*place, _NOT_IN_XML.sub("\ufffd", cell)[:_LONGEST_CELL], form)


def _width(sheet: Sheet, column: int) -> int:
    """In characters of Latin width; Chinese ones count twice."""
    cells = [sheet.columns[column], *(str(row[column]) for row in sheet.rows)]
    widest = max(sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in cell) for cell in cells)
    return min(_WIDEST, max(_NARROWEST, widest + 2))


def _sheet_name(title: str, used: set[str]) -> str:
    """A name spreadsheets allow: at most 31 characters, none of their signs, no name twice."""
    stem = "".join(filter(str.isprintable, title.translate(_NOT_IN_NAMES)))[:_LONGEST_NAME].strip() or "1"
    name, number = stem, 1
    while name.lower() in used:
        number += 1
        name = f"{stem[: _LONGEST_NAME - 4]} {number}"
    used.add(name.lower())
    return name
