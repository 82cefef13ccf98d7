"""清扫: files of photos that no entry names. A photo's file is written before its entry, so power that fails between the two leaves one.

Nobody can open such a file, its key was never kept: sweeping gives back the space and nothing else, so in doubt a file stays.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from courier_check import typed
from courier_check.journal.codes import JournalError
from courier_check.journal.entries import parse_header
from courier_check.journal.keys import from_text
from courier_check.journal.parts import opened
from courier_check.store import facts, journal
from courier_check.store.database import Database
from courier_check.store.evidence import file_name

LEAST_AGE_MS = 600_000
"""A younger file may be about to be named."""
_LATELY = 2_000
"""Entries that are looked through first; all others only where some file is in none of these."""
_DIGEST = re.compile(rb'"sha256":"([0-9a-f]{64})"')
_JUDGED = "evidence_judged_ms"


class _Keys(msgspec.Struct, frozen=True):
    photo_keys: dict[str, str] = {}


def sweep(db: Database, folder: Path, now_ms: int) -> int:
    """Remove what power loss left; returns how many files. Only files that are ten minutes old, were written since the journal in use was
    opened (what an earlier one named may be found again in a backup), and were not judged before."""
    journal_id = journal.current_journal(db)
    opening = journal.entry_at(db, journal_id, 1) if journal_id is not None else None
    if journal_id is None or opening is None:
        return 0
    try:
        opened_ms = parse_header(opening.header_bytes).times.wall_ms
    except JournalError:
        return 0
    since_ms, until_ms = max(opened_ms, facts.load_number(db, _JUDGED) or 0), now_ms - LEAST_AGE_MS
    suspects = {path.name: path for path in _files(folder) if since_ms <= _written_ms(path) < until_ms}
    suspects = _unnamed(db, suspects, journal_id, first=max(1, _last_seq(db, journal_id) - _LATELY))
    if suspects:
        suspects = _unnamed(db, suspects, journal_id, first=1)
    with db.write() as tx:  # nobody writes a photo meanwhile: that is done in a transaction of its own
        suspects = _unnamed(tx, suspects, journal_id, first=max(1, _last_seq(tx, journal_id) - _LATELY))
        for path in suspects.values():
            with contextlib.suppress(OSError):  # it only takes up space
                path.unlink(missing_ok=True)
        if until_ms > since_ms:
            facts.save_number(tx, _JUDGED, until_ms)
    return len(suspects)


def _files(folder: Path) -> Iterator[Path]:
    """Photos, and photos half written (`write_atomically` calls them so)."""
    yield from folder.glob("[0-9a-f][0-9a-f]/*.bin")
    yield from folder.glob("[0-9a-f][0-9a-f]/*.new")


def _written_ms(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns // 1_000_000
    except OSError:  # gone meanwhile
        return 0


def _last_seq(db: Database, journal_id: str) -> int:
    return int(db.value("SELECT coalesce(max(seq), 0) FROM journal_entries WHERE journal_id = ?", (journal_id,)) or 0)


def _unnamed(db: Database, suspects: Mapping[str, Path], journal_id: str, *, first: int) -> dict[str, Path]:
    """Those of the suspects that no entry from `first` on names, nor any entry kept of a journal that went two ways."""
    left = dict(suspects)
    if not left:
        return left
    for (header,) in db.stream("SELECT header FROM branch_entries", ()):
        left = _without(left, {digest.decode("ascii")[:32] for digest in _DIGEST.findall(bytes(header))})
    for stored in journal.entries(db, journal_id, first=first):
        digests = {digest.decode("ascii")[:32] for digest in _DIGEST.findall(stored.header_bytes)}
        if not any(name[:32] in digests for name in left):
            continue
        named = _named(stored.header_bytes, stored.openings.get("kept"))
        left = _without(left, digests) if named is None else {name: path for name, path in left.items() if name not in named}
    return left


def _without(suspects: Mapping[str, Path], digests: set[str]) -> dict[str, Path]:
    return {name: path for name, path in suspects.items() if name[:32] not in digests}


def _named(header_bytes: bytes, kept: bytes | None) -> set[str] | None:
    """The names of an entry's files. None where that can't be told: whatever has such a digest is then left alone."""
    if kept is None:
        return None
    try:
        keys = typed.convert(opened(kept), _Keys).photo_keys
        refs = parse_header(header_bytes).evidence
        return (
            {file_name(ref.sha256, from_text(keys[ref.name])) for ref in refs} if refs and all(ref.name in keys for ref in refs) else None
        )
    except (JournalError, msgspec.MsgspecError):
        return None
