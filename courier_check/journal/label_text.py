"""标签二维码: which entry a label belongs to, as the text of its code (docs/journal.md §13). It names no person and no waybill."""

from __future__ import annotations

import re
from dataclasses import dataclass

PREFIX = "CCL1:"
_FORM = re.compile(r"CCL1:([0-9A-F]{32}):([1-9][0-9]{0,15}):([0-9A-F]{64})")


@dataclass(frozen=True, slots=True)
class LabelledEntry:
    """An entry as its label names it: place and hash."""

    journal_id: str
    seq: int
    hash: str


def label_text(entry: LabelledEntry) -> str:
    """In the letters of QR's alphanumeric mode, which takes a third less room."""
    return f"{PREFIX}{entry.journal_id}:{entry.seq}:{entry.hash}".upper()


def parse_label_text(text: str) -> LabelledEntry | None:
    """None for anything but a label's code. Guns may send capitals as small letters."""
    found = _FORM.fullmatch(text.strip().upper())
    return LabelledEntry(found[1].lower(), int(found[2]), found[3].lower()) if found else None
