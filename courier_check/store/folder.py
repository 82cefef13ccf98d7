"""The data folder (数据文件夹) of a station: what lies where, its format, its locks, the head kept outside the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import filelock
import msgspec

from courier_check import typed
from courier_check.errors import StoreError
from courier_check.store.codes import StoreCode
from courier_check.store.files import write_atomically

FORMAT = 1


class Marker(msgspec.Struct, frozen=True, kw_only=True):
    """`folder.json`: readable before the folder is unlocked."""

    folder_id: str
    practice: bool
    format: int = FORMAT


class OutsideHead(msgspec.Struct, frozen=True, kw_only=True):
    """The newest head, also kept outside the database: a database that is behind it was put back to an earlier state."""

    journal_id: str
    seq: int
    head: str


@dataclass(frozen=True, slots=True)
class DataFolder:
    """Paths of one station. Raises StoreError where the folder is absent, damaged or newer than this program."""

    path: Path
    marker: Marker

    @classmethod
    def create(cls, path: Path, marker: Marker) -> DataFolder:
        """A new, empty data folder."""
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise StoreError(StoreCode.FOLDER_NOT_EMPTY, folder=str(path))
        try:
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise StoreError(StoreCode.FOLDER_UNWRITABLE, file=str(path)) from error
        write_atomically(path / "folder.json", msgspec.json.format(msgspec.json.encode(marker)))
        return cls(path, marker)

    @classmethod
    def open(cls, path: Path) -> DataFolder:
        try:
            marker = typed.decode((path / "folder.json").read_bytes(), Marker)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise StoreError(StoreCode.FOLDER_ABSENT, folder=str(path)) from error
        except (OSError, msgspec.MsgspecError) as error:
            raise StoreError(StoreCode.FOLDER_DAMAGED, file="folder.json") from error
        if marker.format > FORMAT:
            raise StoreError(StoreCode.FOLDER_NEWER)
        return cls(path, marker)

    @property
    def keys(self) -> Path:
        return self.path / "keys.json"

    @property
    def database(self) -> Path:
        return self.path / "station.db"

    def check_database(self) -> None:
        """A database file that is gone or empty must not be taken for a new one. Raises StoreError."""
        try:
            held = self.database.stat().st_size > 0
        except OSError:
            held = False
        if not held:
            raise StoreError(StoreCode.FOLDER_DAMAGED, file=self.database.name)

    @property
    def packages(self) -> Path:
        return self.path / "packages"

    @property
    def name_indexes(self) -> Path:
        """What can be made again from the lists at any time (store/name_index.py)."""
        return self.path / "name-index"

    def outside_head(self) -> OutsideHead | None:
        """The head as last written outside the database; None if never written or unreadable (then the database alone speaks)."""
        try:
            return typed.decode((self.path / "head.json").read_bytes(), OutsideHead)
        except (OSError, msgspec.MsgspecError):
            return None

    def head_is_blank(self) -> bool:
        """Whether there is a note with nothing in it, or zeros: since it is not flushed, power that goes may leave its name without its
        bytes. That is a head that is too old; whoever would blank it might as well put an old one there."""
        try:
            return not (self.path / "head.json").read_bytes().strip(b"\0")
        except OSError:
            return False

    def keep_head(self, head: OutsideHead) -> None:
        """Called after each commit. Not flushed: a head that is too old only detects less, it never accuses wrongly."""
        write_atomically(self.path / "head.json", msgspec.json.encode(head), durable=False)

    def only_synchroniser(self) -> AbstractContextManager[None]:
        """One synchroniser a station, across processes; raises StoreError if another one runs."""
        return self._only("sync.lock", StoreCode.SYNC_RUNNING)

    def only_window(self) -> AbstractContextManager[None]:
        """One window a station, across processes; raises StoreError if another one is open. Ends with the process, however that ends."""
        return self._only("window.lock", StoreCode.WINDOW_OPEN)

    @contextmanager
    def _only(self, name: str, taken: StoreCode) -> Iterator[None]:
        lock = filelock.FileLock(self.path / name, timeout=0)
        try:
            lock.acquire()
        except filelock.Timeout as error:
            raise StoreError(taken) from error
        except OSError as error:
            raise StoreError(StoreCode.FOLDER_UNWRITABLE) from error
        try:
            yield
        finally:
            lock.release()
