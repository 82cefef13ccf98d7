"""近似名称: the listed names that may be meant by one asked about, over the indexes of all lists."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from courier_check.screening.align import Change, Letters, Step, Weighed, align
from courier_check.screening.entries import ListEntry, SubjectKind
from courier_check.screening.index import FORMAT, NamedRow, NameIndex, build_index
from courier_check.screening.likeness import Comparing, Likeness
from courier_check.screening.normalise import NameRules, NormalName, regions_compatible
from courier_check.screening.shapes import Shapes
from courier_check.screening.sounds import Sounds
from courier_check.screening.spelling import Speller, Weights, pairs_of

_KEPT_SHARES = 10_000
_SHOWN_LETTERS = 60


@dataclass(frozen=True, slots=True, repr=False)
class NameTables:
    """Everything names are compared by. `version`: an index made with another must be made anew."""

    version: str
    rules: NameRules
    speller: Speller
    comparing: Comparing
    common: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, rules: NameRules, sounds: Sounds, shapes: Shapes) -> NameTables:
        places = {**rules.counties, **rules.regions}
        letters = Letters(sounds, shapes)
        speller = Speller(sounds, rules.counties, rules.weak_endings)
        version = hashlib.sha256(f"{FORMAT}/{rules.version}/{sounds.version}".encode()).hexdigest()[:16]
        return cls(version, rules, speller, Comparing(letters, places), pairs_of(rules.generic_words))

    def least(self, names: int) -> float:
        """The score from which a name is reviewed, by how many names the lists hold: the more, the more strangers are near."""
        scores = self.rules.review_from
        return next((score for most, score in scores if names <= most), scores[-1][1])

    def side_by_side(self, asked: NormalName, listed: NormalName) -> tuple[Step, ...]:
        """Two names letter by letter; region and form as a whole where both names say theirs."""
        one, other = self.speller.spell(asked), self.speller.spell(listed)
        if one is None or other is None or bool(asked.regions) is not bool(listed.regions):
            tokens = self.speller.sounds.tokens
            return self._letters(tokens(asked.full)[:_SHOWN_LETTERS], tokens(listed.full)[:_SHOWN_LETTERS])
        region = Change.REGION_WRITTEN if regions_compatible(asked.regions, listed.regions) else Change.REGION
        heads, forms = _as_a_whole(one.head, other.head, region), _as_a_whole(one.tail, other.tail, Change.FORM)
        return (*heads, *self._letters(one.core, other.core), *forms)

    def _letters(self, one: tuple[str, ...], other: tuple[str, ...]) -> tuple[Step, ...]:
        found = align(Weighed(one, [1.0] * len(one)), Weighed(other, [1.0] * len(other)), self.comparing.letters)
        return found.steps if found is not None else ()


def _as_a_whole(asked: tuple[str, ...], listed: tuple[str, ...], change: Change) -> tuple[Step, ...]:
    if asked == listed:
        return tuple(Step(letter, letter, Change.SAME) for letter in asked)
    return (Step("".join(asked), "".join(listed), change),)


@dataclass(frozen=True, slots=True)
class NearName:
    """A listed name that may be meant: the entry, and which of its names."""

    list_id: str
    entry_id: str
    ordinal: int
    full: str
    likeness: Likeness


@dataclass(frozen=True, slots=True)
class SearchedList:
    """A list's index and how much its letters say."""

    list_id: str
    index: NameIndex
    weights: Weights

    @classmethod
    def of(cls, list_id: str, index: NameIndex, tables: NameTables) -> SearchedList:
        share = lru_cache(_KEPT_SHARES)(index.share)
        return cls(list_id, index, Weights(index.rows, index.count, tables.common, share))

    def near(self, name: NormalName, least: float, tables: NameTables) -> Iterator[NearName]:
        for asked in tables.speller.readings(name):
            mine = self.weights.core(asked)
            for row in self.index.candidates(asked):
                listed = self.index.spelling(row, tables.speller)
                likeness = tables.comparing.compare(asked, mine, listed, self.weights, least)
                if likeness is not None:
                    yield NearName(self.list_id, self.index.entry_id(row), self.index.ordinal(row), self.index.full(row), likeness)


def index_of(entries: Iterable[ListEntry], tables: NameTables) -> NameIndex:
    """The index of a list's firms and shops. People are found by their whole name only: three letters are near too many."""
    rows = (
        NamedRow(entry.entry_id, ordinal, name)
        for entry in entries
        if entry.subject_kind is not SubjectKind.PERSON
        for ordinal, name in enumerate(entry.names)
    )
    return build_index(rows, tables.speller)


def new_entries(base: NameIndex, entries: Iterable[ListEntry]) -> list[ListEntry]:
    """The entries with a name that an index does not hold."""
    held = {(base.entry_id(row), base.ordinal(row), base.full(row)) for row in range(base.rows)}
    return [entry for entry in entries if any(_is_new(entry, ordinal, name, held) for ordinal, name in enumerate(entry.names))]


def _is_new(entry: ListEntry, ordinal: int, name: NormalName, held: set[tuple[str, int, str]]) -> bool:
    known = (entry.entry_id, ordinal, name.full) in held or (entry.entry_id, ordinal, name.core) in held
    return bool(name.core) and entry.subject_kind is not SubjectKind.PERSON and not known
