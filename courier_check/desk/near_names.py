"""名称索引 at the desk: opened when first asked, built again when a list changes — small lists at once, large ones beside the work."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from courier_check.desk.vetting import shipped_names
from courier_check.errors import CourierCheckError
from courier_check.screening.codes import ScreeningCode
from courier_check.screening.match import InstalledList
from courier_check.screening.normalise import NormalName
from courier_check.store.database import Database
from courier_check.store.lists import each_entry_of, entries_of
from courier_check.store.resources import read_resource

if TYPE_CHECKING:  # NumPy is loaded when a name is compared for the first time, on the desk's thread: a window that starts has no time
    from courier_check.screening.align import Step
    from courier_check.screening.entries import ListEntry
    from courier_check.screening.near import NameTables, NearName, SearchedList
    from courier_check.store.name_index import IndexFolder, InUse

AT_ONCE = 3_000
"""Entries of a list that are indexed while the clerk waits: a fifth of a second."""
_FAR = 0.5
"""How near a listed name is told to whoever asks why nothing matches, as a share of what makes a hit."""
_LARGEST_OVERLAY, _OVERLAY_SHARE = 5_000, 0.05


@cache
def shipped_tables() -> NameTables:
    """What names are compared by, from resources/, read once in a process."""
    from courier_check.screening.near import NameTables
    from courier_check.screening.shapes import Shapes
    from courier_check.screening.sounds import Sounds

    return NameTables.of(shipped_names(), Sounds.parse(read_resource("sounds.json")), Shapes.parse(read_resource("shapes.json")))


@dataclass(frozen=True, slots=True)
class _Opened:
    """A list's index in use. `whole`: whether it is of the list as it is now."""

    source: str
    parts: tuple[SearchedList, ...]


@dataclass(frozen=True, slots=True)
class Nearest:
    """A listed name that is not near enough. `score` and `least` of 100; `steps` as in an explanation: asked, listed, how they differ."""

    list_id: str
    entry_id: str
    name: str
    score: int
    least: int
    steps: tuple[tuple[str, str, str], ...]


@dataclass(slots=True)
class ListedNames:
    """The name indexes of the installed lists (screening.match.NearNames). Belongs to the connection's thread.

    A list whose index is being built, or can't be used, is said to be unsearched: nothing of it ever passes in silence. What an older index
    still finds is found.
    """

    folder: Path
    database: Database
    another: Callable[[], Database]
    """Opens a connection of its own for the thread that builds."""
    at_once: int = AT_ONCE
    _opened: dict[str, _Opened] = field(default_factory=dict)
    _building: dict[str, threading.Thread] = field(default_factory=dict)
    _failed: dict[str, str] = field(default_factory=dict)

    def near(self, name: NormalName, lists: Sequence[InstalledList]) -> tuple[list[NearName], list[tuple[str, ScreeningCode]]]:
        tables = shipped_tables()
        defects: list[tuple[str, ScreeningCode]] = []
        searched: list[SearchedList] = []
        for installed in lists:
            code = self._bring_up(installed, tables)
            if code is not None:
                defects.append((installed.header.list_id, code))
            held = self._opened.get(installed.header.list_id)
            searched += held.parts if held is not None else ()
        least = tables.least(sum(part.index.rows for part in searched))
        return [found for part in searched for found in part.near(name, least, tables)], defects

    def side_by_side(self, asked: NormalName, listed: NormalName) -> tuple[Step, ...]:
        return shipped_tables().side_by_side(asked, listed)

    def nearest(self, name: NormalName, lists: Sequence[InstalledList]) -> Nearest | None:
        """The listed name that comes closest to one that is no hit, and from which score it would be one. None where none is like it."""
        if not name.full:
            return None
        tables = shipped_tables()
        for installed in lists:
            self._bring_up(installed, tables)
        searched = [part for held in self._opened.values() for part in held.parts]
        least = tables.least(sum(part.index.rows for part in searched))
        near = max((found for part in searched for found in part.near(name, least * _FAR, tables)), key=_score, default=None)
        if near is None:
            return None
        steps = tuple((step.asked, step.listed, step.change.value) for step in near.likeness.steps)
        return Nearest(near.list_id, near.entry_id, near.full, round(near.likeness.score * 100), round(least * 100), steps)

    def wait(self) -> None:
        """Until nothing is being built any more."""
        for thread in self._building.values():
            thread.join()

    def _bring_up(self, installed: InstalledList, tables: NameTables) -> ScreeningCode | None:
        """Have the index of a list as it is now in memory; the code of what stands in the way."""
        from courier_check.store.name_index import IndexDefect, IndexFolder

        list_id, source = installed.header.list_id, _source(installed, tables)
        held = self._opened.get(list_id)
        if held is not None and held.source == source:
            return None
        files, code = IndexFolder.of(self.folder, list_id), ScreeningCode.INDEX_BUILDING
        for _ in range(2):  # between reading the note and opening what it names, another process may have built anew
            used = files.in_use()
            if used is None:
                break
            try:
                self._opened[list_id] = _Opened(used.source, _parts(files, used, list_id, tables))
            except IndexDefect as defect:
                code = ScreeningCode(defect.code)
                self._opened.pop(list_id, None)
            else:
                break
        held = self._opened.get(list_id)
        if held is not None and held.source == source:
            return None
        return self._build(installed, source, code)

    def _build(self, installed: InstalledList, source: str, code: ScreeningCode) -> ScreeningCode | None:
        list_id = installed.header.list_id
        if installed.entries <= self.at_once:
            entries = entries_of(self.database, list_id)
            tables = shipped_tables()
            self._opened[list_id] = _Opened(source, _parts_of(entries, list_id, tables))
            with contextlib.suppress(OSError, CourierCheckError):  # a disk that can't be written: what is in memory serves as well
                _write_whole(self.folder, entries, list_id, source)
            return None
        thread = self._building.get(list_id)
        if thread is None or not thread.is_alive():
            if self._failed.get(list_id) == source:
                return ScreeningCode.INDEX_DAMAGED
            thread = threading.Thread(target=self._built_beside, args=(list_id, source), name="name-index", daemon=True)
            self._building[list_id] = thread
            thread.start()
        return code

    def _built_beside(self, list_id: str, source: str) -> None:
        """The body of the thread. Whatever fails is told by the lists that stay unsearched."""
        self._failed[list_id] = source
        with contextlib.suppress(OSError, CourierCheckError):
            database = self.another()
            try:
                if not _write_overlay(self.folder, each_entry_of(database, list_id), list_id, source):
                    _write_whole(self.folder, each_entry_of(database, list_id), list_id, source)
            finally:
                database.close()
            del self._failed[list_id]


def _score(near: NearName) -> float:
    return near.likeness.score


def _source(installed: InstalledList, tables: NameTables) -> str:
    """A list version as an index names it."""
    header = installed.header
    return f"{header.version}/{header.issued_at_ms}/{installed.entries}/{tables.version}"


def _parts(files: IndexFolder, used: InUse, list_id: str, tables: NameTables) -> tuple[SearchedList, ...]:
    from courier_check.screening.near import SearchedList

    names = [name for name in (used.base, used.overlay) if name is not None]
    return tuple(SearchedList.of(list_id, files.open(name, tables.version, list_id), tables) for name in names)


def _parts_of(entries: Sequence[ListEntry], list_id: str, tables: NameTables) -> tuple[SearchedList, ...]:
    from courier_check.screening.near import SearchedList, index_of

    return (SearchedList.of(list_id, index_of(entries, tables), tables),)


def _write_whole(folder: Path, entries: Iterable[ListEntry], list_id: str, source: str) -> None:
    from courier_check.screening.near import index_of
    from courier_check.store.name_index import IndexFolder, InUse

    tables, files = shipped_tables(), IndexFolder.of(folder, list_id)
    files.use(InUse(source=source, base=files.write(index_of(entries, tables), tables.version, list_id, source)))


def _write_overlay(folder: Path, entries: Iterable[ListEntry], list_id: str, source: str) -> bool:
    """Put what is new in a list beside its base, where that is little: the base need not be sorted anew. What was taken off the list is
    still found, and dropped because its entry is gone."""
    from courier_check.screening.near import index_of, new_entries
    from courier_check.store.name_index import IndexDefect, IndexFolder, InUse

    tables, files = shipped_tables(), IndexFolder.of(folder, list_id)
    used = files.in_use()
    if used is None:
        return False
    try:
        base = files.open(used.base, tables.version, list_id)
    except IndexDefect:
        return False
    new = new_entries(base, entries)
    if len(new) > min(_LARGEST_OVERLAY, _OVERLAY_SHARE * base.rows):
        return False
    files.use(InUse(source=source, base=used.base, overlay=files.write(index_of(new, tables), tables.version, list_id, source)))
    return True
