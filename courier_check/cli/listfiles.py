"""List files on the command line: reading their text, telling their defects."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from courier_check.cli.files import read_file
from courier_check.cli.output import Output
from courier_check.errors import UserError
from courier_check.screening.codes import ScreeningCode
from courier_check.screening.list_files import LineError

LARGEST_BYTES = 200_000_000


def read_list_text(path: Path) -> str:
    """The text of a CSV file in UTF-8 or GBK (what Excel writes in China). Raises UserError."""
    data = read_file(path, LARGEST_BYTES)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UserError(ScreeningCode.CSV_UNREADABLE, line=0)


def tell_defects(out: Output, path: Path, errors: Sequence[LineError]) -> None:
    """One line a defect."""
    for error in errors:
        message = out.wording.of(error.code, error.facts)
        fields = {"file": str(path), "error": {"code": error.code, "message": message, "line": error.line, "column": error.column}}
        out.line(fields, out.wording.of("line-defect", {"file": str(path), "line": error.line, "column": error.column, "message": message}))
