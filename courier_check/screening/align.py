"""Two names side by side: which letter stands for which, and what differs — 同音, 音近, 形近, 拼音, 添字, 漏字, 换位 or another letter."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from typing import TYPE_CHECKING

from courier_check.screening.sounds import Sounds

if TYPE_CHECKING:  # where nothing is compared, NumPy is not loaded
    from courier_check.screening.shapes import Shapes

_SAME_SOUND, _NEAR_SOUND, _SPELT, _SPELT_NEAR, _OTHER, _NUMBER = 0.22, 0.30, 0.08, 0.20, 1.1, 1.1
_ONE_MORE, _SWAPPED = 0.56, 0.30  # another letter costs less than one added and one dropped: it is told as what it is
_ALIKE, _MOST_ALIKE = 0.40, 0.60
_CHEAPEST_SHAPE, _DEAREST_SHAPE = 0.30, 0.70
NUMERALS = frozenset("〇一二三四五六七八九十")
_MOST_KNOWN = 200_000
_STILL_SWAPPED = 0.5
_ROUNDING = 1e-9


class Change(StrEnum):
    """How a letter of the one name differs from that of the other."""

    SAME = "same-letter"
    SAME_SOUND = "same-sound"
    NEAR_SOUND = "near-sound"
    LOOKS_ALIKE = "looks-alike"
    SPELT = "spelt-in-pinyin"
    OTHER = "other-letter"
    NUMBER = "other-number"
    ADDED = "added-letter"
    DROPPED = "dropped-letter"
    SWAPPED = "swapped-letters"
    REGION = "other-region"
    REGION_WRITTEN = "region-written-otherwise"
    FORM = "other-form"


@dataclass(frozen=True, slots=True)
class Step:
    """One place of the alignment: what was asked, what is listed (either empty where it has nothing), and how they differ."""

    asked: str
    listed: str
    change: Change


@dataclass(frozen=True, slots=True)
class Alignment:
    """Steps in order of the names. `cost` is the weight of all differences."""

    cost: float
    steps: tuple[Step, ...]


class Letters:
    """What two letters have in common, by sound and shape. Remembers pairs it has compared."""

    def __init__(self, sounds: Sounds, shapes: Shapes) -> None:
        self.sounds = sounds
        self._shapes = shapes
        self._known: dict[tuple[str, str], tuple[Change, float]] = {}

    @property
    def version(self) -> str:
        return f"{self.sounds.version}-{self._shapes.version}"

    def change(self, one: str, other: str) -> tuple[Change, float]:
        """How `one` differs from `other`, and how much that counts: 0 for the same letter, 1.1 for any other."""
        if one == other:
            return Change.SAME, 0.0
        pair = (one, other)
        known = self._known.get(pair)
        if known is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            known = self._known[pair] = self._compared(one, other)
        return known

    def _compared(self, one: str, other: str) -> tuple[Change, float]:
        if one in NUMERALS and other in NUMERALS:
            return Change.NUMBER, _NUMBER  # a number has no sound, but 工 may be read as 三
        mine, theirs = self.sounds.readings_of(one), self.sounds.readings_of(other)
        same = not set(mine).isdisjoint(theirs)
        near = same or not {self.sounds.near[each] for each in mine}.isdisjoint(self.sounds.near[each] for each in theirs)
        if len(one) > 1 or len(other) > 1:
            return (Change.SPELT, _SPELT if same else _SPELT_NEAR) if near else (Change.OTHER, _OTHER)
        if near:
            return (Change.SAME_SOUND, _SAME_SOUND) if same else (Change.NEAR_SOUND, _NEAR_SOUND)
        looks = self._shape_cost(one, other)
        return (Change.LOOKS_ALIKE, looks) if looks < _OTHER else (Change.OTHER, _OTHER)

    def _shape_cost(self, one: str, other: str) -> float:
        alike = self._shapes.likeness(one, other)
        if alike < _ALIKE:
            return _OTHER
        share = min(1.0, (alike - _ALIKE) / (_MOST_ALIKE - _ALIKE))
        return _DEAREST_SHAPE - share * (_DEAREST_SHAPE - _CHEAPEST_SHAPE)


@dataclass(frozen=True, slots=True)
class Weighed:
    """The tokens of a name and how much each says."""

    tokens: tuple[str, ...]
    weights: Sequence[float]

    def between(self, start: int, end: int) -> Weighed:
        return Weighed(self.tokens[start:end], self.weights[start:end])


def align(asked: Weighed, listed: Weighed, letters: Letters, *, most: float = 1e9) -> Alignment | None:
    """The cheapest way from one name to the other by changed, added, dropped and swapped letters; None if it costs more than `most`."""
    one, other = asked.tokens, listed.tokens
    shorter = min(len(one), len(other))
    start = next((at for at in range(shorter) if one[at] != other[at]), shorter)
    end = next((at for at in range(shorter - start) if one[-1 - at] != other[-1 - at]), shorter - start)
    mine, theirs = asked.between(start, len(one) - end), listed.between(start, len(other) - end)
    table = _costs(mine, theirs, letters, most)
    if table is None or table[-1][-1] > most:
        return None
    same = [Step(letter, letter, Change.SAME) for letter in (*one[:start], *one[len(one) - end :])]
    steps = (*same[:start], *_steps(mine, theirs, letters, table), *same[start:])
    return Alignment(table[-1][-1], steps)


def _costs(asked: Weighed, listed: Weighed, letters: Letters, most: float) -> list[list[float]] | None:
    """The least cost of each beginning of the one name against each beginning of the other; None where all are above `most`. Most of the
    time a name takes is spent here: what can't be the cheapest any more is not looked up."""
    others, theirs_of, change = listed.tokens, listed.weights, letters.change
    dropped = [_ONE_MORE * weight for weight in theirs_of]
    table = [[0.0, *accumulate(dropped)]]
    before = ""
    for row, (one, mine) in enumerate(zip(asked.tokens, asked.weights, strict=True)):
        above, added = table[row], _ONE_MORE * mine
        cost = above[0] + added
        here = [cost]
        for column, other in enumerate(others):
            cost += dropped[column]
            if above[column + 1] + added < cost:
                cost = above[column + 1] + added
            if above[column] < cost:
                theirs = theirs_of[column]
                changed = change(one, other)[1] * (mine if mine > theirs else theirs) if one != other else 0.0
                if above[column] + changed < cost:
                    cost = above[column] + changed
            if row and column and one != other and (one == others[column - 1] or before == other):
                crossing = _crossing((before, one), (others[column - 1], other), letters)
                cost = min(cost, table[row - 1][column - 1] + crossing * max(mine, theirs_of[column]))
            here.append(cost)
        table.append(here)
        before = one
        if min(here) > most and min(above) > most:  # a swap reaches back over two rows
            return None
    return table


def _crossing(asked: tuple[str, str], listed: tuple[str, str], letters: Letters) -> float:
    """What two letters cost that stand the other way round; more than anything where they are others."""
    crossing = letters.change(asked[1], listed[0])[1] + letters.change(asked[0], listed[1])[1]
    return _SWAPPED + crossing if crossing < _STILL_SWAPPED else math.inf


def _steps(asked: Weighed, listed: Weighed, letters: Letters, table: list[list[float]]) -> list[Step]:
    """The way back through the table."""
    row, column = len(asked.tokens), len(listed.tokens)
    steps: list[Step] = []
    while row or column:
        step = _last_step(asked.between(0, row), listed.between(0, column), letters, table)
        steps.append(step)
        row -= 2 if step.change is Change.SWAPPED else bool(step.asked)
        column -= 2 if step.change is Change.SWAPPED else bool(step.listed)
    return steps[::-1]


def _last_step(asked: Weighed, listed: Weighed, letters: Letters, table: list[list[float]]) -> Step:
    row, column = len(asked.tokens), len(listed.tokens)
    cost = table[row][column] + _ROUNDING
    if row and column:
        change, counts = letters.change(asked.tokens[-1], listed.tokens[-1])
        if table[row - 1][column - 1] + counts * max(asked.weights[-1], listed.weights[-1]) <= cost:
            return Step(asked.tokens[-1], listed.tokens[-1], change)
    if row and table[row - 1][column] + _ONE_MORE * asked.weights[-1] <= cost:
        return Step(asked.tokens[-1], "", Change.ADDED)
    if column and table[row][column - 1] + _ONE_MORE * listed.weights[-1] <= cost:
        return Step("", listed.tokens[-1], Change.DROPPED)
    return Step("".join(asked.tokens[-2:]), "".join(listed.tokens[-2:]), Change.SWAPPED)
