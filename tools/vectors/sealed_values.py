"""The one thing in the vector files that can't be drawn again: sealed values."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from courier_check.journal.codes import JournalError
from courier_check.journal.keys import from_text


@dataclass
class SealedValues:
    """Sealed values of files written before, and of this run."""

    held: list[bytes]

    @classmethod
    def load(cls, folder: Path) -> SealedValues:
        files = [folder / "journal.json", folder / "wire.json"]
        return cls([from_text(text) for file in files if file.exists() for text in _sealed_in(json.loads(file.read_bytes()))])

    def keep_or(self, seal: Callable[[], bytes], opens: Callable[[bytes], bool]) -> bytes:
        """A value written before that still opens to what it should, or a new one."""
        for data in self.held:
            try:
                if opens(data):
                    return data
            except JournalError:
                continue
        self.held.append(seal())
        return self.held[-1]


def _sealed_in(value: object) -> Iterator[str]:
    match value:
        case dict():
            if isinstance(text := value.get("sealed"), str):
                yield text
            for item in value.values():
                yield from _sealed_in(item)
        case list():
            for item in value:
                yield from _sealed_in(item)
