"""Tables of list files (CSV, JSON), row by row: what stands in which line, before anybody asks what it means. XLSX: list_sheets.py.

Rows are read one at a time, so that a file may be as long as it likes; a line that can't be read is a row with a defect, and the next
goes on.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from courier_check import typed
from courier_check.errors import UserError
from courier_check.screening.codes import ScreeningCode

REQUIRED = ("list_type", "source_org", "subject_type", "reason", "listed_on", "action")
OPTIONAL = (
    *("list_id", "doc_no", "legal_basis", "remedy", "issuer_kind", "blocks_on_company_name", "entry_id", "revision"),
    *("name", "alias", "shop_name", "uscc", "org_code", "id_number", "id_hash", "phone", "address"),
    *("expires_on", "removed_on", "removal_reason", "evidence"),
)
"""Columns that are read; others of domain.md §10 (brand_infringed, remark …) may stand in the file and are left out of the list."""

LARGEST_ARRAY = 64 * 1024 * 1024
"""Bytes of a JSON file that is one array, which is read whole; JSON Lines have no such limit."""
_LONGEST_LINE = 1024 * 1024
_FORMULA_STARTS = "=+-@＝＋－＠\t\r"
_MAY_BEGIN_FORMULA = frozenset(_FORMULA_STARTS + " ")
_A_NUMBER = re.compile(r"[+\-＋－][0-9０-９][0-9０-９ ()（）\-]*")
_SURROGATE = re.compile("[\ud800-\udfff]")
_JsonCell = str | int | bool | list[str] | None


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: its cells by column, stripped; or why it can't be read. `formulas`: columns whose cell a spreadsheet might calculate."""

    line: int
    cells: Mapping[str, str]
    defect: ScreeningCode | None = None
    column: str = ""
    formulas: tuple[str, ...] = ()


def csv_rows(lines: Iterable[str]) -> Iterator[TableRow]:
    """Rows of a CSV file, the first line its columns. What was no text in its encoding stands in the lines as surrogates.

    UserError where the columns can't be used.
    """
    reader = csv.reader(lines)
    try:
        heading = checked_heading(next(reader, []))
    except csv.Error:
        raise UserError(ScreeningCode.CSV_UNREADABLE, line=1) from None
    while True:
        try:
            cells = next(reader, None)
        except csv.Error:  # a cell without end: the reader goes on behind it
            yield TableRow(reader.line_num, {}, ScreeningCode.CSV_LINE_UNREADABLE)
            continue
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield row_of(reader.line_num, heading, cells)


def json_rows(lines: Iterable[bytes]) -> Iterator[TableRow]:
    """Rows of a JSON file: an array of objects, or one object a line. A row's line is its place in the array, or its line.

    UserError where the file is neither.
    """
    source = iter(lines)
    first = next((line for line in source if line.strip()), b"")
    if first.lstrip(b"\xef\xbb\xbf \t").startswith(b"["):
        yield from _array_rows(first.removeprefix(b"\xef\xbb\xbf"), source)
    elif first.lstrip(b"\xef\xbb\xbf \t").startswith(b"{"):
        yield _object_row(1, first.removeprefix(b"\xef\xbb\xbf"))
        yield from (_object_row(number, line) for number, line in enumerate(source, start=2) if line.strip())
    else:
        raise UserError(ScreeningCode.JSON_UNREADABLE if first else ScreeningCode.CSV_EMPTY)


def checked_heading(cells: Sequence[str]) -> tuple[str, ...]:
    """The columns a file has. UserError: none, one missing, one twice."""
    heading = tuple(cell.strip().removeprefix("\ufeff").strip('"').lower() for cell in cells)
    if not any(heading):
        raise UserError(ScreeningCode.CSV_EMPTY)
    for column in REQUIRED:
        if column not in heading:
            raise UserError(ScreeningCode.CSV_COLUMN_MISSING, column=column)
    twice = next((column for column in (*REQUIRED, *OPTIONAL) if heading.count(column) > 1), None)
    if twice is not None:
        raise UserError(ScreeningCode.CSV_COLUMN_TWICE, column=twice)
    return heading


def row_of(line: int, heading: Sequence[str], cells: Sequence[str]) -> TableRow:
    """A row of text cells."""
    raw = dict(zip(heading, cells, strict=False))
    for column, text in raw.items():
        if not text.isascii() and _SURROGATE.search(text):
            return TableRow(line, {}, ScreeningCode.CSV_BAD_TEXT, column if column in (*REQUIRED, *OPTIONAL) else "")
    formulas = tuple(column for column, text in raw.items() if text[:1] in _MAY_BEGIN_FORMULA and looks_like_formula(text))
    return TableRow(line, {column: text.strip() for column, text in raw.items()}, formulas=formulas)


def looks_like_formula(cell: str) -> bool:
    """Whether a spreadsheet might calculate a cell. A signed number (+86 138…) it shows as a number, and does nothing."""
    text = cell.lstrip(" ")
    return text[:1] != "" and text[0] in _FORMULA_STARTS and not _A_NUMBER.fullmatch(text.rstrip())


def _array_rows(first: bytes, rest: Iterator[bytes]) -> Iterator[TableRow]:
    data = bytearray(first)
    for line in rest:
        data += line
        if len(data) > LARGEST_ARRAY:
            raise UserError(ScreeningCode.JSON_TOO_LARGE, limit=LARGEST_ARRAY)
    try:
        members = typed.decode(bytes(data), list[msgspec.Raw])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise UserError(ScreeningCode.JSON_UNREADABLE) from None
    if not members:
        raise UserError(ScreeningCode.CSV_EMPTY)
    yield from (_object_row(number, bytes(member)) for number, member in enumerate(members, start=1))


def _object_row(line: int, data: bytes) -> TableRow:
    if len(data) > _LONGEST_LINE:
        return TableRow(line, {}, ScreeningCode.CSV_LINE_UNREADABLE)
    try:
        members = typed.decode(data, dict[str, _JsonCell])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return TableRow(line, {}, ScreeningCode.CSV_LINE_UNREADABLE)
    return row_of(line, [column.lower() for column in members], [_text_of(value) for value in members.values()])


def _text_of(value: _JsonCell) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    return ";".join(value) if isinstance(value, list) else str(value)
