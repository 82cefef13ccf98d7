"""分支: entries of a journal that went two ways, kept as evidence and filed again as late entries (补录), each once.

A journal goes two ways where a station was put back to an earlier state: the gateway holds entries the station no longer has, and the
station may have written others under the same seqs, which the gateway can't take. Behind a damaged row entries are stranded likewise: the
gateway takes no entry that does not follow the one before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec

from courier_check import typed
from courier_check.journal.entries import Draft, Header, header_hash, parse_header
from courier_check.journal.forms import Hash, JournalId, Seq
from courier_check.journal.keys import to_text
from courier_check.journal.parts import PartName, opened, part_digest
from courier_check.store import journal
from courier_check.store.database import Database
from courier_check.store.journal import Writer

REFILED = "refiled"


class HeldBy(StrEnum):
    GATEWAY = "gateway"
    STATION = "station"
    BOTH = "both"  # the same entry: no evidence of anything, noted so that a walk cut off goes on behind it


@dataclass(frozen=True, slots=True)
class BranchEntry:
    """An entry with its exact bytes; who holds it."""

    journal_id: str
    seq: int
    header_bytes: bytes
    signature: bytes
    held_by: HeldBy

    @property
    def hash(self) -> str:
        return header_hash(self.header_bytes)


class _Refiled(msgspec.Struct, frozen=True):
    """The facts of a `refiled` entry."""

    journal_id: JournalId
    seq: Seq
    entry: Hash


def keep(tx: Database, entries: Iterable[BranchEntry]) -> int:
    """Keep entries of a branch; those kept already change nothing. Returns how many were new."""
    sql = "INSERT INTO branch_entries (journal_id, seq, hash, held_by, header, signature) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
    return sum(
        tx.execute(sql, (each.journal_id, each.seq, each.hash, each.held_by.value, each.header_bytes, each.signature)) for each in entries
    )


def strand(tx: Database, entries: Iterable[BranchEntry]) -> int:
    """Keep own entries that the gateway can't take any more. What only they filed again has not arrived either: it is to be filed anew.
    Returns how many were new."""
    stranded = list(entries)
    for each in stranded:
        place = (each.journal_id, each.seq, each.hash)  # both held it once: the gateway has lost it since
        tx.execute("UPDATE branch_entries SET held_by = 'station' WHERE (journal_id, seq, hash) = (?, ?, ?) AND held_by = 'both'", place)
        if parse_header(each.header_bytes).kind == REFILED:
            tx.execute(
                "UPDATE branch_entries SET refiled_journal = NULL, refiled_seq = NULL WHERE refiled_journal = ? AND refiled_seq = ?",
                (each.journal_id, each.seq),
            )
    return keep(tx, stranded)


def kept(db: Database, limit: int) -> list[tuple[BranchEntry, tuple[str, int] | None]]:
    """Entries kept as evidence, the newest journal first, each with the entry it was filed again as."""
    rows = db.rows(
        "SELECT b.journal_id, b.seq, b.header, b.signature, b.held_by, b.refiled_journal, b.refiled_seq FROM branch_entries b"
        " LEFT JOIN journals j USING (journal_id) WHERE b.held_by <> 'both'"
        " ORDER BY COALESCE(j.number, 0) DESC, b.journal_id, b.seq DESC, b.held_by LIMIT ?",
        (limit,),
    )
    return [
        (BranchEntry(journal_id, seq, header, signature, HeldBy(held_by)), None if again is None else (into, again))
        for journal_id, seq, header, signature, held_by, into, again in rows
    ]


def counts(db: Database) -> list[tuple[str, HeldBy, int, int, int]]:
    """How much is kept of which journal: (journal_id, held by, entries, first seq, last seq), the newest journal first."""
    rows = db.rows(
        "SELECT b.journal_id, b.held_by, COUNT(*), MIN(b.seq), MAX(b.seq) FROM branch_entries b LEFT JOIN journals j USING (journal_id)"
        " WHERE b.held_by <> 'both' GROUP BY b.journal_id, b.held_by ORDER BY COALESCE(MAX(j.number), 0) DESC, b.journal_id, b.held_by"
    )
    return [(journal_id, HeldBy(held_by), *counted) for journal_id, held_by, *counted in rows]


def compared_to(db: Database, journal_id: str) -> int:
    """How far what the gateway holds of a journal was compared; 0 if not at all."""
    return int(db.value("SELECT COALESCE(MAX(seq), 0) FROM branch_entries WHERE journal_id = ? AND held_by <> 'station'", (journal_id,)))


def is_stranded(db: Database, journal_id: str, seq: int) -> bool:
    """Whether the gateway can't take the own entry at a seq any more, so that it is filed again."""
    sql = "SELECT 1 FROM branch_entries WHERE journal_id = ? AND seq = ? AND held_by = 'station'"
    return db.value(sql, (journal_id, seq)) is not None


def held_by_both(db: Database, journal_id: str) -> set[int]:
    """Seqs at which gateway and station were found to hold the same entry."""
    return {row[0] for row in db.rows("SELECT seq FROM branch_entries WHERE journal_id = ? AND held_by = 'both'", (journal_id,))}


def to_file(db: Database) -> list[BranchEntry]:
    """Entries not filed again yet, in the order they were written. Those that only filed another one again are not, since the other one is;
    nor is one that was filed again by an entry which the gateway holds and this station has lost."""
    rows = db.rows(
        "SELECT b.journal_id, b.seq, b.header, b.signature, b.held_by FROM branch_entries b LEFT JOIN journals j USING (journal_id)"
        " WHERE b.refiled_seq IS NULL AND b.held_by <> 'both' ORDER BY COALESCE(j.number, 0), b.journal_id, b.seq, b.held_by"
    )
    found = [BranchEntry(journal_id, seq, header, signature, HeldBy(held_by)) for journal_id, seq, header, signature, held_by in rows]
    headers = [parse_header(each.header_bytes) for each in found]
    filed = {_filed(header) for each, header in zip(found, headers, strict=True) if each.held_by is HeldBy.GATEWAY}
    left = [each for each, header in zip(found, headers, strict=True) if header.kind != REFILED]
    return [each for each in left if (each.journal_id, each.seq, each.hash) not in filed]


def refile(tx: Database, entry: BranchEntry, writer: Writer) -> None:
    """补录: append one entry of a branch to the current journal, with the original bytes in its `kept` part and, where this station wrote
    it and the parts survive, with what the regulator was to receive. Once: an entry that was filed again before is left alone."""
    where = "WHERE journal_id = ? AND seq = ? AND hash = ?"
    key = (entry.journal_id, entry.seq, entry.hash)
    if tx.value(f"SELECT refiled_seq FROM branch_entries {where}", key) is not None:  # noqa: S608 - our own words
        return
    header = parse_header(entry.header_bytes)
    facts = {
        "journal_id": entry.journal_id,
        "seq": entry.seq,
        "entry": entry.hash,
        "kind": header.kind,
        "at_ms": header.times.wall_ms,
        "held_by": entry.held_by.value,
    }
    composed = journal.append(tx, Draft(REFILED, None, facts, _parts(tx, entry), evidence=header.evidence), writer)
    place = (composed.entry.header.journal_id, composed.entry.header.seq)
    tx.execute(f"UPDATE branch_entries SET refiled_journal = ?, refiled_seq = ? {where}", (*place, *key))  # noqa: S608 - as above


def overtaken(db: Database) -> list[tuple[BranchEntry, tuple[str, int]]]:
    """Entries that filed others again and did not arrive, each with the entry (journal_id, seq) that files the same one now."""
    rows = db.rows("SELECT journal_id, seq, header, signature FROM branch_entries WHERE refiled_seq IS NULL AND held_by = 'station'")
    found = []
    for each in (BranchEntry(journal_id, seq, header, signature, HeldBy.STATION) for journal_id, seq, header, signature in rows):
        original = _filed(parse_header(each.header_bytes))
        sql = "SELECT refiled_journal, refiled_seq FROM branch_entries WHERE journal_id = ? AND seq = ? AND hash = ?"
        place = db.row(sql, original) if original is not None else None
        if place is not None and place[1] is not None:
            found.append((each, (place[0], place[1])))
    return found


def follow(tx: Database, entry: BranchEntry, place: tuple[str, int]) -> None:
    """An overtaken entry counts as filed again there: both hold the same words, and whoever destroys them finds all of them by this."""
    tx.execute(
        "UPDATE branch_entries SET refiled_journal = ?, refiled_seq = ? WHERE journal_id = ? AND seq = ? AND hash = ?",
        (*place, entry.journal_id, entry.seq, entry.hash),
    )


def places_of(db: Database, journal_id: str, seq: int) -> set[tuple[str, int]]:
    """An entry, and every entry that says the same: what it was filed again as, what it files again, and what these were."""
    rows = db.rows("SELECT journal_id, seq, refiled_journal, refiled_seq FROM branch_entries WHERE refiled_seq IS NOT NULL")
    pairs = [((original, number), (into, again)) for original, number, into, again in rows]
    found, grows = {(journal_id, seq)}, True
    while grows:
        more = {each for pair in pairs if found & set(pair) for each in pair}
        grows = not more <= found
        found |= more
    return found


def _parts(tx: Database, entry: BranchEntry) -> dict[PartName, dict[str, Any]]:
    openings = _openings(tx, entry) if entry.held_by is HeldBy.STATION else {}
    parts = {name: opened(openings[name]) for name in (PartName.INDEX, PartName.REPORTED) if name in openings}
    kept: dict[str, Any] = {"v": 1, "header": entry.header_bytes.decode(), "signature": to_text(entry.signature)}
    kept["openings"] = {name: to_text(opening) for name, opening in sorted(openings.items())}
    return {**parts, PartName.KEPT: kept}


def _openings(tx: Database, entry: BranchEntry) -> dict[str, bytes]:
    """Openings that survive and are what the header says."""
    stored = journal.entry_at(tx, entry.journal_id, entry.seq)
    digests = {ref.name: ref.digest for ref in parse_header(entry.header_bytes).parts}
    held = stored.openings if stored is not None else {}
    return {name: opening for name, opening in held.items() if digests.get(name) == part_digest(opening)}


def _filed(header: Header) -> tuple[str, int, str] | None:
    """Which entry a `refiled` one filed again: (journal_id, seq, hash)."""
    if header.kind != REFILED:
        return None
    try:
        told = typed.convert(header.facts, _Refiled)
    except msgspec.ValidationError:
        return None
    return told.journal_id, told.seq, told.entry
