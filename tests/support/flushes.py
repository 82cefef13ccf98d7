"""What a program tells the disk, in order: which files and folders it has put there, and which names it gave meanwhile.

Nothing else shows whether power that goes takes with it what was said to be done: in a test the power never goes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

Event = tuple[str, Path]
"""`flushed` (a file or folder), `named` (the name that a file got), `made` (a folder), or what a test itself notes."""


@dataclass
class Flushes:
    """The order of things, as `os` was told. `noting`: what else is noted at each event, as how much is committed by then."""

    events: list[Event] = field(default_factory=list)
    noted: list[object] = field(default_factory=list)
    noting: Callable[[], object] = lambda: None
    beside: dict[Path, Path] = field(default_factory=dict)
    """By the name it got at last: what a file was called before."""

    def note(self, what: str, path: Path) -> None:
        self.events.append((what, path))
        self.noted.append(self.noting())

    def place(self, what: str, path: Path) -> int:
        """When it happened; fails where it did not."""
        assert (what, path) in self.events, f"{path.name} was not {what}: {self.events}"
        return self.events.index((what, path))

    def check_lasting(self, path: Path) -> None:
        """A file whose name was given is there after a power cut, and whole: its bytes were on the disk before it had its name, its name
        before anything was built on it, and so were the folders that were made for it."""
        named = self.place("named", path)
        assert self.place("flushed", self.beside[path]) < named, "half of it could have the name"
        assert ("flushed", path.parent) in self.events[named:], "its name may be gone"
        for folder in path.parents:
            if ("made", folder) in self.events:
                since = self.events[self.place("made", folder) :]
                assert ("flushed", folder.parent) in since, "the folder may be gone with all that is in it"


@contextmanager
def recorded(monkeypatch: pytest.MonkeyPatch, noting: Callable[[], object] = lambda: None) -> Iterator[Flushes]:
    """All of it within the block, of this process."""
    flushes = Flushes(noting=noting)
    opened: dict[int, Path] = {}
    plain = {name: getattr(os, name) for name in ("open", "fsync", "replace", "rename", "link", "mkdir")}

    def told_open(path: Any, *more: Any, **by_name: Any) -> int:
        descriptor = int(plain["open"](path, *more, **by_name))
        opened[descriptor] = Path(path)
        return descriptor

    def told_fsync(descriptor: int) -> None:
        plain["fsync"](descriptor)
        flushes.note("flushed", opened[descriptor])

    def naming(name: str) -> Callable[..., None]:
        def told(old: Any, new: Any, **by_name: Any) -> None:
            plain[name](old, new, **by_name)
            flushes.beside[Path(new)] = Path(old)
            flushes.note("named", Path(new))

        return told

    def told_mkdir(path: Any, *more: Any, **by_name: Any) -> None:
        plain["mkdir"](path, *more, **by_name)
        flushes.note("made", Path(path))

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", told_open)
        patch.setattr(os, "fsync", told_fsync)
        patch.setattr(os, "mkdir", told_mkdir)
        for name in ("replace", "rename", "link"):
            patch.setattr(os, name, naming(name))
        yield flushes
