"""名称索引: which of a million names may be meant. Arrays only; how they lie in a file is the store's business (store/name_index.py).

Found is what differs by one letter in sound anywhere (each name stands under its sounds, and under them with one left out), and what shares
rare pairs of sounds. Hashes only fetch: what is fetched is compared in full (measured/screening.md §4.3, §4.6).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import LCSseq

from courier_check.screening.normalise import NormalName
from courier_check.screening.spelling import Speller, Spelling

FORMAT = 1
"""Raised whenever the arrays mean something else."""
_LONGEST_WITH_GAPS = 16
_LENGTHS_WITH_TWO_GAPS = (5, 6)
"""Longer names keep a pair of sounds through two mistakes, of shorter ones too little is left to tell them by."""
_LEAST_LETTERS = 2
_MOST_PER_KEY, _MOST_PER_QUERY = 3_000, 4_000
_COMPARED = 320
_KEPT, _MOST_KEPT, _ALIKE_TO_BE_KEPT = 12, 32, 0.65
"""A dozen are compared letter by letter, and more only where they sound as much alike: in a long list many names do."""
_MOST_REGIONS = 8
_PRIOR_NAMES = 200
_USUAL_SHARE = {10_000: 1 / 25, 100: 1 / 250, 1: 1 / 2500}
_LEAST_ALIKE = 0.45
_LEAST_CONTAINED, _CONTAINED = 3, 0.8
_PRIME = 0x9E3779B97F4A7C15
_NEXT, _NEXT_BUT_ONE = 0x5851F42D4C957F2D, 0x14057B7EF767814F

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class NamedRow:
    """A name of an entry: its place among the entry's names, and its keys."""

    entry_id: str
    ordinal: int
    name: NormalName


@dataclass(frozen=True, slots=True)
class NameIndex:
    """The arrays of one list, from memory or mapped from a file, and the sets of region codes its names have."""

    arrays: Mapping[str, Array]
    regions: tuple[tuple[str, ...], ...]

    @property
    def rows(self) -> int:
        return len(self.arrays["ordinal"])

    def entry_id(self, row: int) -> str:
        return self._text("entry", row, 1).decode()

    def ordinal(self, row: int) -> int:
        return int(self.arrays["ordinal"][row])

    def full(self, row: int) -> str:
        """The name of a row with its region and form, as far as they stand beside its core."""
        return self._text("text", row, 2).decode("utf-16-le", "surrogatepass")

    def spelling(self, row: int, speller: Speller) -> Spelling:
        """The name of a row as it was spelt."""
        text = self.full(row)
        start, length = int(self.arrays["start"][row]), int(self.arrays["length"][row])
        regions = self.regions[int(self.arrays["region"][row])]
        return speller.put_together(text[:start], text[start : start + length], text[start + length :], regions)

    def code(self, row: int) -> str:
        return self._text("code", row, 2).decode("utf-16-le", "surrogatepass")

    def count(self, one: str, other: str) -> int:
        """In how many names two letters stand side by side; 0 where it is one name or none."""
        if len(one) != 1 or len(other) != 1:
            return 0
        keys = self.arrays["pair"]
        key = np.uint64(ord(one) << 32 | ord(other))
        at = int(np.searchsorted(keys, key))
        return int(self.arrays["pairs"][at]) if at < len(keys) and keys[at] == key else 0

    def share(self, code: str) -> float:
        """How many of the names lie in a region, as a share of all; in small lists what is generally so counts."""
        step = 10_000 if code.endswith("0000") else 100 if code.endswith("00") else 1
        held = int(self.arrays["towns"][self.arrays["town"] // step == int(code) // step].sum())
        return (held + _PRIOR_NAMES * _USUAL_SHARE[step]) / (self.rows + _PRIOR_NAMES)

    def candidates(self, asked: Spelling) -> list[int]:
        """The rows worth comparing, likeliest first, at most 32. Names of another region are none: they are somebody else's."""
        units = _units(asked.code)
        if len(units) < _LEAST_LETTERS:
            return []
        rows, shares = self._fetched(units)
        near = self._same_region(rows, asked.regions)
        rows, shares = rows[near >= 0], shares[near >= 0] + 0.1 * near[near >= 0]
        if len(rows) == 0:
            return []
        if len(rows) > _COMPARED:
            best = np.argpartition(-shares, _COMPARED)[:_COMPARED]
            rows, shares = rows[best], shares[best]
        alike = _alike(asked.code, self._codes(rows))
        order = np.argsort(-(alike + 0.3 * shares), kind="stable")[:_MOST_KEPT]
        least = np.where(np.arange(len(order)) < _KEPT, _LEAST_ALIKE, _ALIKE_TO_BE_KEPT)
        return [int(row) for row in rows[order[alike[order] >= least]]]

    def _fetched(self, units: Array) -> tuple[Array, Array]:
        """Rows under the keys of a name, and how much of the name's rare pairs each shares."""
        found, weights = [], []
        for key in np.unique(_keys_with_gaps(units.reshape(1, -1))):
            rows = self._under("gap", key)
            if len(rows) <= _MOST_PER_KEY:
                found.append(rows)
                weights.append(np.full(len(rows), 0.5))
        shared = sorted((self._span("sound", key) for key in np.unique(_pair_keys(units, np.ones(len(units) - 1, bool)))), key=_size)
        total, names = 0, max(2, self.rows)
        for begin, end in shared:
            total += end - begin
            if found and total > _MOST_PER_QUERY:
                break
            rows = self.arrays["sound"][begin : min(end, begin + _MOST_PER_QUERY)].astype(np.uint32)
            found.append(rows)
            weights.append(np.full(len(rows), np.log(names / max(1, end - begin)) / np.log(names) / len(shared)))
        if not found:
            return np.zeros(0, np.uint32), np.zeros(0)
        rows, places = np.unique(np.concatenate(found), return_inverse=True)
        return rows, np.bincount(places, np.concatenate(weights))

    def _under(self, name: str, key: np.uint32) -> Array:
        begin, end = self._span(name, key)
        return self.arrays[name][begin:end].astype(np.uint32)  # the lower half of a posting is its row

    def _span(self, name: str, key: np.uint32) -> tuple[int, int]:
        low = np.uint64(int(key) << 32)
        begin, end = np.searchsorted(self.arrays[name], [low, low | np.uint64(0xFFFFFFFF)], side="left")
        return int(begin), int(end)

    def _same_region(self, rows: Array, regions: tuple[str, ...]) -> Array:
        """1 where a row's region agrees with one asked for, −1 where it can't, 0 where one of them is unknown."""
        known = self.arrays["place"][rows].astype(np.int64)
        agrees = np.zeros(len(rows), bool)
        for code in regions[:_MOST_REGIONS]:
            asked = int(code)
            step = np.maximum(_step(np.int64(asked)), _step(known))
            agrees |= known // step == asked // step
        return np.where((known == 0) | (not regions), 0.0, np.where(agrees, 1.0, -1.0))

    def _codes(self, rows: Array) -> list[str]:
        """The codes of hundreds of rows, decoded together."""
        ends = self.arrays["code_end"]
        start = np.where(rows > 0, ends[np.maximum(rows, 1) - 1], 0).astype(np.int64)
        lengths = ends[rows] - start
        cuts = np.concatenate([[0], np.cumsum(lengths)])
        units = self.arrays["code"].view(np.uint16)[np.repeat(start - cuts[:-1], lengths) + np.arange(cuts[-1])]
        letters = units.tobytes().decode("utf-16-le", "surrogatepass")
        if len(letters) != len(units):  # a rare letter of two units: places of letters are not those of units
            return [self.code(int(row)) for row in rows]
        places = cuts.tolist()
        return [letters[begin:end] for begin, end in pairwise(places)]

    def _text(self, name: str, row: int, width: int) -> bytes:
        ends = self.arrays[f"{name}_end"]
        begin = int(ends[row - 1]) if row else 0
        return self.arrays[name][begin * width : int(ends[row]) * width].tobytes()


def build_index(rows: Iterable[NamedRow], speller: Speller) -> NameIndex:
    """The index of some names. Names without a core are left out: nothing is matched on generic words."""
    columns = _Columns()
    for row in rows:
        spelling = speller.spell(row.name)
        if spelling is not None and len(spelling.code) >= _LEAST_LETTERS:
            columns.add(row, spelling)
    return columns.built()


class _Columns:
    """Rows on their way into arrays."""

    def __init__(self) -> None:
        self.entries: list[bytes] = []
        self.ordinals: list[int] = []
        self.texts: list[str] = []
        self.starts: list[int] = []
        self.cores: list[str] = []
        self.codes: list[str] = []
        self.region_of: list[int] = []
        self.regions: dict[tuple[str, ...], int] = {(): 0}

    def add(self, row: NamedRow, spelling: Spelling) -> None:
        self.entries.append(row.entry_id.encode())
        self.ordinals.append(row.ordinal)
        contiguous = bool(spelling.head or spelling.tail) or row.name.full == row.name.core
        self.texts.append(row.name.full if contiguous else row.name.core)
        self.starts.append(len(spelling.head) if contiguous else 0)
        self.cores.append(row.name.core)
        self.codes.append(spelling.code)
        self.region_of.append(self.regions.setdefault(spelling.regions, len(self.regions)))

    def built(self) -> NameIndex:
        code, code_end = _joined_units(self.codes)
        text, text_end = _joined_units(self.texts)
        core, core_end = _joined_units(self.cores)
        pair, pairs = _counted_pairs(core, core_end)
        sets = tuple(self.regions)
        places = np.array([_common_place(codes) for codes in sets], np.int32)
        region = np.array(self.region_of, np.uint32)
        place = places[region] if len(region) else np.zeros(0, np.int32)
        town, towns = np.unique(place, return_counts=True)
        arrays: dict[str, Array] = {
            "entry": np.frombuffer(b"".join(self.entries), np.uint8),
            "entry_end": np.cumsum([len(each) for each in self.entries], dtype=np.uint32),
            "ordinal": np.array(self.ordinals, np.uint16),
            "text": text.view(np.uint8),
            "text_end": text_end,
            "start": np.array(self.starts, np.uint16),
            "length": np.array([len(each) for each in self.cores], np.uint16),
            "code": code.view(np.uint8),
            "code_end": code_end,
            "region": region,
            "place": place,
            "town": town,
            "towns": towns.astype(np.uint32),
            "pair": pair,
            "pairs": pairs,
            "gap": _gap_postings(code, code_end),
            "sound": _sound_postings(code, code_end),
        }
        return NameIndex(arrays, sets)


def _alike(asked: str, listed: list[str]) -> Array:
    """From 0 to 1, how much of two names sounds the same in the same order; where one is much longer, how much of the shorter one."""
    shared = process.cdist([asked], listed, scorer=LCSseq.similarity)[0].astype(np.float64)
    lengths = np.array([len(each) for each in listed])
    shorter = np.minimum(lengths, len(asked))
    alike: Array = np.maximum(
        2 * shared / (lengths + len(asked)), np.where(shorter >= _LEAST_CONTAINED, _CONTAINED * shared / shorter, 0.0)
    )
    return alike


def _step(code: Array | np.int64) -> Array:
    """10 000 of a province's code, 100 of a city's, 1 of a county's: what the digits that say nothing come to."""
    return np.where(code % 10_000 == 0, 10_000, np.where(code % 100 == 0, 100, 1))


def _size(span: tuple[int, int]) -> int:
    return span[1] - span[0]


def _units(code: str) -> Array:
    return np.frombuffer(code.encode("utf-16-le", "surrogatepass"), np.uint16)


def _joined_units(texts: list[str]) -> tuple[Array, Array]:
    """All texts in one array of UTF-16 units, and where each ends."""
    encoded = [text.encode("utf-16-le", "surrogatepass") for text in texts]
    ends = np.cumsum([len(each) // 2 for each in encoded], dtype=np.uint32)
    return np.frombuffer(b"".join(encoded), np.uint16), ends


def _counted_pairs(core: Array, ends: Array) -> tuple[Array, Array]:
    """Pairs of neighbouring letters that stand in two names or more, and in how many."""
    inside = _inside(len(core), ends, 1)
    keys = core[:-1].astype(np.uint64)[inside] << np.uint64(32) | core[1:].astype(np.uint64)[inside]
    pair, pairs = np.unique(keys, return_counts=True)
    often = pairs >= 2
    return pair[often], pairs[often].astype(np.uint32)


def _inside(size: int, ends: Array, step: int) -> Array:
    """For each place, whether the one `step` further on belongs to the same text."""
    inside = np.ones(max(0, size - step), bool)
    for back in range(1, step + 1):
        last = ends.astype(np.int64) - back
        inside[last[(last >= 0) & (last < len(inside))]] = False
    return inside


def _common_place(codes: tuple[str, ...]) -> int:
    """What all codes of a name have in common: the county, the city or the province; 0 where they have nothing."""
    for digits in (6, 4, 2):
        held = {code[:digits].ljust(6, "0") for code in codes}
        if len(held) == 1:
            return int(held.pop())
    return 0


def _mixed(keys: Array) -> Array:
    keys = (keys ^ keys >> np.uint64(31)) * np.uint64(_NEXT)
    mixed: Array = ((keys ^ keys >> np.uint64(29)) >> np.uint64(32)).astype(np.uint32)
    return mixed


def _keys_with_gaps(units: Array) -> Array:
    """Of names of one length, a row each: a key of all sounds in whatever order, and keys of what is left without one of them, or two."""
    _, length = units.shape
    each = _spread(units.astype(np.uint64))
    whole = each.sum(axis=1, dtype=np.uint64, keepdims=True)
    keys = [whole]
    if _LEAST_LETTERS < length <= _LONGEST_WITH_GAPS:
        keys.append(whole - each)
    if length in _LENGTHS_WITH_TWO_GAPS:
        one, other = np.triu_indices(length, 1)
        keys.append(whole - each[:, one] - each[:, other])
    return _mixed(np.concatenate(keys, axis=1))


def _spread(units: Array) -> Array:
    """A number of 64 bits a sound: sums of them are equal for equal sounds only, as far as hashes go."""
    wide = (units + np.uint64(1)) * np.uint64(_PRIME)
    spread: Array = (wide ^ wide >> np.uint64(32)) * np.uint64(_NEXT)
    return spread


def _pair_keys(units: Array, inside: Array, *, step: int = 0) -> Array:
    """Keys of neighbouring sounds and of those with one between; `step` asks for one of the two kinds."""
    wide = units.astype(np.uint64)
    found = []
    if step in (0, 1):
        found.append(_mixed(wide[:-1] * np.uint64(_PRIME) + wide[1:] * np.uint64(_NEXT))[inside[: len(wide) - 1]])
    if step in (0, 2) and len(wide) > 2:
        found.append(_mixed(wide[:-2] * np.uint64(_PRIME) + wide[2:] * np.uint64(_NEXT_BUT_ONE))[inside[: len(wide) - 2]])
    return np.concatenate(found) if found else np.zeros(0, np.uint32)


def _postings(keys: Array, rows: Array) -> Array:
    """Key and row in one number, in order and each once."""
    postings = keys.astype(np.uint64) << np.uint64(32) | rows.astype(np.uint64)
    postings.sort()
    return postings[np.concatenate([[True], postings[1:] != postings[:-1]])] if len(postings) else postings


def _lengths(ends: Array) -> Array:
    return np.diff(ends.astype(np.int64), prepend=0)


def _gap_postings(code: Array, ends: Array) -> Array:
    lengths = _lengths(ends)
    keys, rows = [np.zeros(0, np.uint32)], [np.zeros(0, np.int64)]
    for length in np.unique(lengths):
        members = np.flatnonzero(lengths == length)
        units = code[(ends[members].astype(np.int64) - length)[:, None] + np.arange(length)]
        found = _keys_with_gaps(units)
        keys.append(found.ravel())
        rows.append(np.repeat(members, found.shape[1]))
    return _postings(np.concatenate(keys), np.concatenate(rows))


def _sound_postings(code: Array, ends: Array) -> Array:
    lengths = _lengths(ends)
    row_of = np.repeat(np.arange(len(ends)), lengths)
    keys, rows = [np.zeros(0, np.uint32)], [np.zeros(0, np.int64)]
    for step in (1, 2):
        inside = _inside(len(code), ends, step)
        keys.append(_pair_keys(code, inside, step=step))
        rows.append(row_of[: len(inside)][inside])
    return _postings(np.concatenate(keys), np.concatenate(rows))
