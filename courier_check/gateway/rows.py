"""Rows as JSON Lines or CSV."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

import msgspec

Row = Mapping[str, object]


class Format(StrEnum):
    JSONL = "jsonl"
    CSV = "csv"


MEDIA_TYPES = {Format.JSONL: "application/jsonl", Format.CSV: "text/csv; charset=utf-8"}


def encode(rows: Iterable[Row], columns: tuple[str, ...], form: Format) -> Iterator[bytes]:
    """One chunk of bytes a row; CSV begins with the names of the columns."""
    if form == Format.JSONL:
        for row in rows:
            yield msgspec.json.encode({name: row[name] for name in columns}) + b"\n"
        return
    yield _csv_line(columns)
    for row in rows:
        yield _csv_line([_cell(row[name]) for name in columns])


def _csv_line(cells: Iterable[str]) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue().encode()


def _cell(value: object) -> str:
    """Text of a cell that no spreadsheet takes for a formula; a reader strips one leading apostrophe (docs/wire.md §10)."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return f"'{text}" if text and (text[0] in "=+-@'" or unicodedata.category(text[0]) == "Cc") else text
