"""Files named on the command line: read whole, or refused with a sentence."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import BinaryIO

from courier_check.cli.codes import CliCode
from courier_check.errors import StoreError, UserError
from courier_check.store.codes import StoreCode
from courier_check.store.files import write_atomically

LARGEST_SECRET = 10_000


def read_file(path: Path, largest: int) -> bytes:
    """The bytes of a file of at most `largest` bytes. Raises UserError: unreadable, too large."""
    try:
        with path.open("rb") as source:
            data = source.read(largest + 1)
    except OSError as error:
        raise UserError(CliCode.FILE_UNUSABLE, file=str(path), detail=error.strerror or "") from error
    if len(data) > largest:
        raise UserError(CliCode.FILE_TOO_LARGE, file=str(path), limit=largest)
    return data


def opened_file(path: Path) -> BinaryIO:
    """A file for reading at any place. Raises UserError: unreadable, or a device or pipe, which has no end."""
    try:
        if not path.is_file() and path.exists():
            raise UserError(CliCode.FILE_UNUSABLE, file=str(path), detail=os.strerror(errno.EINVAL))
        return path.open("rb")
    except OSError as error:
        raise UserError(CliCode.FILE_UNUSABLE, file=str(path), detail=error.strerror or "") from error


def read_text(path: Path, largest: int) -> str:
    """The text of a UTF-8 file. Raises UserError."""
    try:
        return read_file(path, largest).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(CliCode.NOT_TEXT, file=str(path)) from error


def first_line(path: Path) -> str:
    """A secret from a file: its first line, without the line end."""
    return read_text(path, LARGEST_SECRET).split("\n", 1)[0].rstrip("\r")


def write_file(path: Path, data: bytes) -> None:
    """Write a file a person asked for, whole or not at all. Raises UserError (no such place), StoreError (disk full)."""
    try:
        write_atomically(path, data)
    except StoreError as error:
        if error.code == StoreCode.DISK_FULL:
            raise
        raise UserError(CliCode.FILE_UNUSABLE, file=str(path), detail=getattr(error.__cause__, "strerror", None) or "") from error
