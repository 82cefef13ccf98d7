"""名单之间的冲突: what two lists in force say of one party that does not go together. It is told and never decided: both lists count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from courier_check.screening.codes import ScreeningCode
from courier_check.screening.entries import KeyKind, ListEntry, SubjectKind, decode_entry
from courier_check.store.database import Database
from courier_check.store.list_editions import bounds, kind_number, ordinal_of

MOST_COMPARED = 20_000
"""Pairs of entries of two lists: beyond it only that there are more is known."""
MOST_KEPT = 20
"""Of two lists and one kind, as examples."""
_FIRMS = (SubjectKind.COMPANY, SubjectKind.SHOP)


@dataclass(frozen=True, slots=True)
class Conflict:
    """An entry and one of another list about the same party. `ordinal`: of the entry within its edition; `column`: what tells that it is
    the same."""

    ordinal: int
    column: str
    code: ScreeningCode
    entry_id: str
    other_id: str
    other_entry: str


@dataclass(frozen=True, slots=True)
class ConflictsTold:
    """What is known of one kind between a list and another: how often, and the first (own entry, other's entry)."""

    other_id: str
    code: ScreeningCode
    parties: int
    examples: tuple[tuple[str, str], ...]

    @property
    def more(self) -> bool:
        """Whether there may be more than were compared."""
        return self.parties >= MOST_COMPARED


def conflicts_between(db: Database, edition: int, other_id: str, other: int) -> Iterator[Conflict]:
    """Compare an edition with one of another list, at most `MOST_COMPARED` pairs."""
    for mine, its in _pairs(db, edition, other):
        held = db.rows("SELECT content FROM list_rows WHERE number IN (?, ?) ORDER BY number = ?", (mine, its, its))
        if len(held) < 2:
            continue
        entry, beside = (decode_entry(content) for (content,) in held)
        column = _same_party(entry, beside)
        for code in _said_otherwise(entry, beside) if column else ():
            yield Conflict(ordinal_of(mine), column, code, entry.entry_id, other_id, beside.entry_id)


def keep_conflicts(tx: Database, list_id: str, found: Iterable[Conflict]) -> None:
    """In place of what was known of a list and others."""
    counted, rows = Counter[tuple[str, ScreeningCode]](), []
    for each in found:
        of = (each.other_id, each.code)
        counted[of] += 1
        if counted[of] <= MOST_KEPT:
            rows.append(each)
    tx.execute("DELETE FROM list_conflicts WHERE list_id = :list OR other_id = :list", {"list": list_id})
    tx.executemany(
        "INSERT INTO list_conflicts (list_id, other_id, code, parties, entry_id, other_entry) VALUES (?, ?, ?, ?, ?, ?)",
        [(list_id, each.other_id, each.code.value, counted[each.other_id, each.code], each.entry_id, each.other_entry) for each in rows],
    )


def conflicts_told(db: Database, list_id: str) -> list[ConflictsTold]:
    """What is known of a list and others, whichever of them came later."""
    rows = db.rows(
        "SELECT other_id, code, parties, entry_id, other_entry FROM list_conflicts WHERE list_id = :list"
        " UNION ALL SELECT list_id, code, parties, other_entry, entry_id FROM list_conflicts WHERE other_id = :list"
        " ORDER BY 1, 2, 4, 5",
        {"list": list_id},
    )
    examples: dict[tuple[str, str, int], list[tuple[str, str]]] = {}
    for other_id, code, parties, entry_id, other_entry in rows:
        examples.setdefault((other_id, code, parties), []).append((entry_id, other_entry))
    return [ConflictsTold(other_id, ScreeningCode(code), parties, tuple(told)) for (other_id, code, parties), told in examples.items()]


def _pairs(db: Database, edition: int, other: int) -> set[tuple[int, int]]:
    """Rows of both that stand under one digest of a code, a document number or a full name: looked up from the shorter list, in the order
    of the index, in which the longer one is passed once."""
    last = "SELECT MAX(number) FROM list_rows WHERE number BETWEEN ? AND ?"  # counting would read a long list through
    mine, its = (ordinal_of(db.value(last, bounds(each)) or 0) for each in (edition, other))
    outer, inner = (edition, other) if mine <= its else (other, edition)
    kinds = ", ".join(str(kind_number(kind)) for kind in (KeyKind.USCC, KeyKind.ID_TOKEN, KeyKind.FULL_NAME))
    rows = db.rows(
        "SELECT DISTINCT (o.edition << 32) + o.ordinal, (i.edition << 32) + i.ordinal FROM list_index o"  # noqa: S608 - our own numbers
        f" CROSS JOIN list_index i ON i.edition = ? AND i.digest = o.digest WHERE o.edition = ? AND (o.digest & 7) IN ({kinds}) LIMIT ?",
        (inner, outer, MOST_COMPARED),
    )
    return {(a, b) if outer == edition else (b, a) for a, b in rows}


def _same_party(entry: ListEntry, other: ListEntry) -> str:
    """The column that tells it; empty where it is another party. Equal names of people, or of firms with different codes, tell nothing."""
    if entry.uscc is not None and entry.uscc == other.uscc:
        return "uscc"
    if set(entry.id_tokens) & set(other.id_tokens):
        return "id_number"
    firms = entry.subject_kind in _FIRMS and other.subject_kind in _FIRMS
    differ = entry.organisation and other.organisation and entry.organisation != other.organisation
    return "name" if firms and not differ and _names(entry) & _names(other) else ""


def _said_otherwise(entry: ListEntry, other: ListEntry) -> Iterator[ScreeningCode]:
    other_name = bool(_names(entry)) and bool(_names(other)) and not _names(entry) & _names(other)
    one_removed = (entry.removed_on is None) is not (other.removed_on is None)
    if other_name:
        yield ScreeningCode.OTHER_NAME_INSTALLED
    if one_removed:
        yield ScreeningCode.REMOVED_INSTALLED
    if not other_name and not one_removed:
        yield ScreeningCode.ALSO_INSTALLED


def _names(entry: ListEntry) -> set[str]:
    return {name.full for name in entry.names if name.full}
