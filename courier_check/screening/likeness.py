"""名称近似: how surely two names mean one company, and why — the alignment, the regions, the numbers, a shop's nickname."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz.distance import Indel

from courier_check.screening.align import NUMERALS, Change, Letters, Step, Weighed, align
from courier_check.screening.normalise import regions_compatible
from courier_check.screening.spelling import Spelling, Weights

_MOST_SAID = 3.6
_LEAST_SAID = 1.9
REGION_CONFLICT = 0.40
"""Whoever has the same name elsewhere is somebody else, until a number says otherwise."""
_REGION_UNKNOWN, _OTHER_NUMBER = 0.14, 0.25
_RAREST_REGION_BITS, _FEW_REGIONS = 11, 4
_OTHER_FORM, _OTHER_PLACE = 0.12, 0.20
"""Off a name that is spelt otherwise *and* has another legal form, or lies elsewhere in the same region: more often another firm than two
mistakes in one name. Chosen on made-up lists of other seeds than the benchmark's."""
_SHORT = 0.12
_WORTH_READING_WHOLE, _LEAST_AS_WHOLES = 0.93, 0.55


_TENS_WITHIN, _TENS_AFTER, _TENS_BEFORE = re.compile("(?<=.)十(?=.)"), re.compile("十$"), re.compile("^十|^(?=〇$)")


class Rule(StrEnum):
    """Which comparison found the likeness."""

    SIMILAR = "similar-name"
    CONTAINED = "contained-name"


@dataclass(frozen=True, slots=True)
class Likeness:
    """`score`: 0 to 1, no probability. `steps`: both names side by side."""

    score: float
    rule: Rule
    steps: tuple[Step, ...]
    region_differs: bool
    number_differs: bool


@dataclass(frozen=True, slots=True)
class Comparing:
    """What comparing takes: letters, and the short names of places with their codes."""

    letters: Letters
    places: Mapping[str, tuple[str, ...]]

    def compare(self, asked: Spelling, mine: Weighed, listed: Spelling, weights: Weights, least: float) -> Likeness | None:
        """How alike two names are; None where that is less than `least`. `mine`: what was asked with its weights, the same for many."""
        theirs = weights.core(listed)
        said = (sum(mine.weights) + sum(theirs.weights)) / 2
        doubt = _SHORT * max(0.0, _LEAST_SAID - said)
        most, counts = (1.0 - least - doubt), min(said, _MOST_SAID)
        contained = _contained(asked, listed, theirs.weights)
        best = align(mine, theirs, self.letters, most=1e9 if contained else most * counts)
        score = 0.0 if best is None else 1.0 - best.cost / counts - doubt
        if score < _WORTH_READING_WHOLE and _torn_differently(asked, listed) and _alike_as_wholes(asked, listed):
            whole = align(weights.whole(asked), weights.whole(listed), self.letters, most=most * counts)
            again = 0.0 if whole is None else 1.0 - whole.cost / counts - doubt
            if whole is not None and again > score:
                best, score = whole, again
        if best is None:
            return None
        rule = Rule.CONTAINED if contained > score else Rule.SIMILAR
        found = self._judged(asked, listed, weights, best.steps, max(score, contained), rule)
        return found if found.score >= least else None

    def _judged(self, asked: Spelling, listed: Spelling, weights: Weights, steps: tuple[Step, ...], score: float, rule: Rule) -> Likeness:
        elsewhere = not regions_compatible(asked.regions, listed.regions) or self._names_other_places(steps)
        elsewhere = elsewhere or _in_another_county(asked, listed) or _in_another_county(listed, asked)
        mine, theirs = _numbers(asked), _numbers(listed)
        number = bool(mine and theirs) and mine != theirs
        score -= REGION_CONFLICT if elsewhere else _region_doubt(asked, listed, weights)
        score -= _OTHER_NUMBER if number else 0.0
        if rule is Rule.SIMILAR and any(step.change is not Change.SAME for step in steps):
            score -= _told_otherwise(asked, listed, elsewhere=elsewhere)
        return Likeness(max(0.0, score), rule, steps, elsewhere, number)

    def _names_other_places(self, steps: Sequence[Step]) -> bool:
        """临西支行 and 林西支行 sound alike and are two counties."""
        for size in (2, 3):
            for at in range(len(steps) - size + 1):
                part = steps[at : at + size]
                if all(step.change is Change.SAME for step in part):
                    continue
                one, other = "".join(step.asked for step in part), "".join(step.listed for step in part)
                if one in self.places and other in self.places and not regions_compatible(self.places[one], self.places[other]):
                    return True
        return False


def _region_doubt(asked: Spelling, listed: Spelling, weights: Weights) -> float:
    """What is taken off for regions that are unknown, or agree only in the large: a county has few firms of one name, Shanghai many."""
    if asked.place and listed.begins_like(asked):
        return 0.0
    regions = [name.regions or name.county for name in (asked, listed)]
    if not all(regions):
        return _REGION_UNKNOWN
    told = min(min(weights.share(code) for code in codes[:_FEW_REGIONS]) for codes in regions)
    return _REGION_UNKNOWN * (1 - min(1.0, -math.log2(told) / _RAREST_REGION_BITS))


def _told_otherwise(asked: Spelling, listed: Spelling, *, elsewhere: bool) -> float:
    """What is taken off where both names tell their form or their region, and not the same."""
    mine, theirs = ("".join(name.tail).replace("责任", "") for name in (asked, listed))  # 有限公司 is short for 有限责任公司
    form = _OTHER_FORM if mine and theirs and mine != theirs else 0.0
    place = bool(asked.regions and listed.regions) and asked.regions != listed.regions
    return form + (_OTHER_PLACE if place and not elsewhere else 0.0)


def _numbers(name: Spelling) -> list[str]:
    """The numbers of a name, digit by digit: 第二十二 is 22."""
    runs = "".join(token if token in NUMERALS else " " for token in name.core).split()
    return [_TENS_BEFORE.sub("一", _TENS_AFTER.sub("〇", _TENS_WITHIN.sub("", run))) for run in runs]


def _in_another_county(one: Spelling, other: Spelling) -> bool:
    """Whether what one name begins with is a county, and the other name's region is elsewhere."""
    return bool(one.place) and not other.begins_like(one) and not regions_compatible(one.county, other.regions or other.county)


def _torn_differently(asked: Spelling, listed: Spelling) -> bool:
    """Whether one name's region or form may hide in the other's core, spelt wrong."""
    return bool(asked.head) is not bool(listed.head) or bool(asked.tail) is not bool(listed.tail)


def _alike_as_wholes(asked: Spelling, listed: Spelling) -> bool:
    one, other = ((*name.head, *name.core, *name.tail) for name in (asked, listed))
    return Indel.normalized_similarity(one, other) >= _LEAST_AS_WHOLES


def _contained(asked: Spelling, listed: Spelling, theirs: Sequence[float]) -> float:
    """A shop's nickname: the whole of what was asked, letter by letter, at the beginning of a longer listed name."""
    size = len(asked.core)
    if size < 2 or size >= len(listed.core) or listed.core[:size] != asked.core:
        return 0.0
    said = sum(theirs[:size])
    if said < _LEAST_SAID and size < 3:
        return 0.0
    return 0.60 + 0.38 * min(1.0, said / sum(theirs) + 0.25)
