"""清扫: files of photos that no entry names. A photo's file is written before its entry, so power that fails between the two leaves one.

Nobody can open such a file, its key was never kept: sweeping gives back the space and nothing else, so in doubt a file stays. What names a
file is a header, of any journal of this station and of any branch kept as evidence. A file's date proves nothing (one put back from a
backup is as new as today, and clocks are set back), so that files go only while every entry known of is held as it was signed.
"""

from __future__ import annotations

import contextlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from courier_check import typed
from courier_check.journal.codes import JournalError
from courier_check.journal.entries import header_hash, parse_header
from courier_check.journal.forms import JournalId
from courier_check.journal.keys import from_text
from courier_check.journal.parts import PartName, opened, part_digest
from courier_check.store import facts, journal
from courier_check.store.database import Database, Row
from courier_check.store.evidence import file_name

LEAST_AGE_MS = 600_000
"""A younger file may be about to be named."""
LATELY = 2_000
"""Entries that are looked through first; all others only where some file is in none of these."""
_DIGEST = re.compile(rb'"sha256":"([0-9a-f]{64})"')
_JUDGED = "evidence_judged_ms"
_ENTRIES = "SELECT journal_id, seq, hash, header FROM journal_entries"
_BRANCHES = "SELECT journal_id, seq, hash, header FROM branch_entries"
_Files = dict[str, Path]


class _Keys(msgspec.Struct, frozen=True):
    """What matters here of a `kept` part."""

    photo_keys: dict[str, str] = {}


class _Predecessor(msgspec.Struct, frozen=True):
    """What matters here of the facts of a `journal-open`."""

    journal_id: JournalId
    last_seq: int


@dataclass(slots=True)
class _Held:
    """Which entries are held, as entries or as evidence, and how far journals are known to have gone."""

    seqs: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    known: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    sound: bool = True
    """False once a row is not what was signed: what it named is not known."""

    def take(self, journal_id: str, seq: int, noted: str, header: bytes) -> None:
        self.seqs[journal_id].add(seq)
        self.sound = self.sound and header_hash(header) == noted
        if seq == 1:
            self._opened_after(header)

    def _opened_after(self, header: bytes) -> None:
        try:
            said = parse_header(header).facts.get("predecessor")
            if said is not None:
                before = typed.convert(said, _Predecessor)
                self.reaches(before.journal_id, before.last_seq)
        except (JournalError, msgspec.MsgspecError):
            self.sound = False

    def reaches(self, journal_id: str, seq: int) -> None:
        self.known[journal_id] = max(self.known[journal_id], seq)

    @property
    def is_whole(self) -> bool:
        """Whether no entry is missing, of any journal, and each is as it was written. What nobody here has heard of can't be missed."""
        last = {each: max(self.known[each], max(self.seqs[each], default=0)) for each in {*self.known, *self.seqs}}
        return self.sound and all(len(self.seqs[each]) == seq for each, seq in last.items())


def sweep(db: Database, folder: Path, now_ms: int, *, lately: int = LATELY) -> int:
    """Remove what power loss left; returns how many files. Only files that are ten minutes old, were written since the journal in use was
    opened (what an earlier one named may be found again in a backup), and were not judged before; and none at all while an entry is
    missing or damaged, in any journal. Raises StoreError, and has removed nothing then."""
    since_ms, until_ms = _since(db), now_ms - LEAST_AGE_MS
    if since_ms is None or until_ms <= since_ms:
        return 0
    suspects = {path.name: path for path in _files(folder) if since_ms <= _written_ms(path) < until_ms}
    newest = _newest(db)
    suspects = _unnamed(db, suspects, db.stream(f"{_ENTRIES} WHERE rowid > ?", (newest[0] - lately,))) if suspects else suspects
    if suspects:
        with db.snapshot():
            newest = _newest(db)
            suspects = _unnamed_by_all(db, suspects)
    with db.write() as tx:  # nobody writes a photo meanwhile: that is done in a transaction of its own
        for since, rows in zip(newest, (_ENTRIES, _BRANCHES), strict=True):
            suspects = _unnamed(tx, suspects, tx.stream(f"{rows} WHERE rowid > ?", (since,))) if suspects else suspects
        for path in suspects.values():
            with contextlib.suppress(OSError):  # it only takes up space
                path.unlink(missing_ok=True)
        facts.save_number(tx, _JUDGED, until_ms)
    return len(suspects)


def _since(db: Database) -> int | None:
    """From when on files are judged. None where there is no journal, or none whose opening can be read."""
    journal_id = journal.current_journal(db)
    opening = journal.entry_at(db, journal_id, 1) if journal_id is not None else None
    if opening is None:
        return None
    try:
        return max(parse_header(opening.header_bytes).times.wall_ms, facts.load_number(db, _JUDGED) or 0)
    except JournalError:
        return None


def _files(folder: Path) -> Iterator[Path]:
    """Photos, and photos half written (`write_atomically` calls them so)."""
    yield from folder.glob("[0-9a-f][0-9a-f]/*.bin")
    yield from folder.glob("[0-9a-f][0-9a-f]/*.new")


def _written_ms(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns // 1_000_000
    except OSError:  # gone meanwhile
        return 0


def _newest(db: Database) -> tuple[int, int]:
    """The newest row of entries, and of those kept as evidence: rows are added and never removed, so that any behind it are new."""
    tables = ("SELECT coalesce(max(rowid), 0) FROM journal_entries", "SELECT coalesce(max(rowid), 0) FROM branch_entries")
    entries, branches = (int(db.value(sql)) for sql in tables)
    return entries, branches


def _unnamed_by_all(db: Database, suspects: _Files) -> _Files:
    """Those that no header names; none where headers are missing or damaged."""
    held = _Held()
    for (journal_id,) in db.rows("SELECT journal_id FROM journals"):
        held.reaches(journal_id, 1)
    for journal_id, last_seq in db.rows("SELECT journal_id, MAX(last_seq) FROM receipts GROUP BY journal_id"):
        held.reaches(journal_id, last_seq)
    left = _unnamed(db, suspects, db.stream(_ENTRIES), held)
    left = _unnamed(db, left, db.stream(_BRANCHES), held)
    return left if held.is_whole else {}


def _unnamed(db: Database, suspects: Mapping[str, Path], rows: Iterable[Row], held: _Held | None = None) -> _Files:
    """Those of the suspects that none of these entries names. `held` is told of each."""
    left = dict(suspects)
    digests = {name[:32] for name in left}
    for journal_id, seq, noted, header in rows:
        if held is not None:
            held.take(journal_id, seq, noted, header)
        said = {digest.decode("ascii")[:32] for digest in _DIGEST.findall(header)} & digests
        if not said:
            continue
        named = _named(db, journal_id, seq, header)
        left = {name: path for name, path in left.items() if (name not in named if named is not None else name[:32] not in said)}
        digests = {name[:32] for name in left}
    return left


def _named(db: Database, journal_id: str, seq: int, header_bytes: bytes) -> set[str] | None:
    """The names of an entry's files. None where that can't be told: whatever has such a digest is then left alone. So it is with an entry
    of a branch (its keys are elsewhere or lost), one that files another again, and one whose part was destroyed or altered."""
    kept = db.value("SELECT opening FROM parts WHERE journal_id = ? AND seq = ? AND name = ?", (journal_id, seq, PartName.KEPT.value))
    if kept is None:
        return None
    try:
        header = parse_header(header_bytes)
        if not any(ref.name == PartName.KEPT and ref.digest == part_digest(kept) for ref in header.parts):
            return None
        keys = typed.convert(opened(kept), _Keys).photo_keys
    except (JournalError, msgspec.MsgspecError):
        return None
    if not all(ref.name in keys for ref in header.evidence):
        return None
    return {file_name(ref.sha256, from_text(keys[ref.name])) for ref in header.evidence}
