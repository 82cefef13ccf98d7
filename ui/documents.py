"""文档: where what is saved goes, as long as nobody names another folder."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QStandardPaths

from courier_check.errors import StoreError, UserError
from courier_check.store.codes import StoreCode
from courier_check.store.files import make_folder
from ui.page_codes import PageCode

if TYPE_CHECKING:
    from courier_check.station import Station

SAVED = "saved"
"""Of the data folder: where what is saved goes while the account has no documents folder that can be used."""


def documents_folder() -> Path:
    """The account's documents folder, as the system calls it. It may not be there: accounts that only run this program often lack it."""
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation))


def written(station: Station, folder: Path, stem: str, form: str, write: Callable[[Path], None]) -> Path:
    """Where the file is now. A folder that somebody named must be there. The account's documents folder, which nobody named, is made where
    it is missing; where it can't be made or written into, the file goes into `saved` of the data folder. Raises UserError (no such folder,
    no right to write), StoreError (disk full); then nothing was written."""
    if folder != documents_folder():
        return _written(folder, stem, form, write)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return _written(folder, stem, form, write)
    except (UserError, OSError):
        kept = station.folder.path / SAVED
        make_folder(kept)
        return _written(kept, stem, form, write)


def _written(folder: Path, stem: str, form: str, write: Callable[[Path], None]) -> Path:
    if not folder.is_dir():
        raise UserError(PageCode.FOLDER_ABSENT, folder=str(folder))
    target = _unused(folder, stem, form)
    try:
        write(target)
    except StoreError as error:
        if error.code == StoreCode.DISK_FULL:
            raise
        raise UserError(PageCode.FOLDER_UNWRITABLE, folder=str(folder)) from error
    return target


def _unused(folder: Path, stem: str, form: str) -> Path:
    """A report never replaces what lies there: somebody may have written into it."""
    numbered = (folder / f"{stem}{'' if number == 1 else f'-{number}'}.{form}" for number in itertools.count(1))
    return next(path for path in numbered if not path.exists())
