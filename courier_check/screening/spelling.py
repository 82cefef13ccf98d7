"""A name as it is compared letter by letter: region, core and legal form apart, each letter with its sound and how much it says."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from courier_check.privacy import mask_name
from courier_check.screening.align import Weighed
from courier_check.screening.normalise import NormalName, regions_compatible
from courier_check.screening.sounds import Sounds

LONGEST = 48
"""Tokens of a core that are compared; no company's name is longer, and nobody's patience."""
_SHORT_CORE, _SHORT_REGION = 4, 3
_RAREST_BITS = 12
_LEAST_WEIGHT = 0.12
_REGION_WEIGHT, _FORM_WEIGHT = 0.3, 0.08
_MOST_KNOWN = 100_000
_PRIOR_NAMES = 200
"""How many names the general knowledge of trade words counts for, beside what a list itself shows."""
_COMMON = 0.02
"""Of a thousand companies some twenty have a given trade word (商贸, 科技) in their name."""


@dataclass(frozen=True, slots=True, repr=False)
class Spelling:
    """`code`: the core's sounds, one a token. `regions`: the county codes the name may lie in. `place`: how many tokens the core begins
    with that may be a county (新郑, or the brand 东方), and its codes; `ending`: how many at its end say little (店, 中心)."""

    head: tuple[str, ...]
    core: tuple[str, ...]
    tail: tuple[str, ...]
    code: str
    regions: tuple[str, ...]
    place: int
    county: tuple[str, ...]
    ending: int

    def begins_like(self, other: Spelling) -> bool:
        """Whether it begins with the very letters that may be the other's county."""
        return self.core[: other.place] == other.core[: other.place]

    def __repr__(self) -> str:
        return f"Spelling({mask_name(''.join(self.core))})"


@dataclass(frozen=True, slots=True)
class Speller:
    """How names are taken apart. `counties`: short names of counties with their codes; `endings`: what shops and offices end with."""

    sounds: Sounds
    counties: Mapping[str, tuple[str, ...]]
    endings: tuple[str, ...]

    def spell(self, name: NormalName) -> Spelling | None:
        """None where there is no core: generic words match nobody."""
        if not name.core:
            return None
        at = name.full.find(name.core)
        head, tail = (name.full[:at], name.full[at + len(name.core) :]) if at >= 0 else ("", "")
        return self.put_together(head, name.core, tail, name.regions)

    def readings(self, name: NormalName) -> tuple[Spelling, ...]:
        """All ways to take a name apart: pinyin has several (min'an, mi'nan), and what looks like a region may be the brand (兴安)."""
        first = self.spell(name)
        if first is None:
            return ()
        found = [first]
        if len(first.core) < _SHORT_CORE and 0 < len(first.head) <= _SHORT_REGION:
            found.append(self.put_together("", "".join(first.head) + name.core, "".join(first.tail), ()))
        head, tail = "".join(first.head), "".join(first.tail)
        return (*found, *(self._spelt(head, core, tail, name.regions) for core in self.sounds.other_tokens(name.core)))

    def put_together(self, head: str, core: str, tail: str, regions: tuple[str, ...]) -> Spelling:
        """A name from its parts."""
        return self._spelt(head, self.sounds.tokens(core), tail, regions)

    def _spelt(self, head: str, core: tuple[str, ...], tail: str, regions: tuple[str, ...]) -> Spelling:
        core = core[:LONGEST]
        place = next((size for size in (3, 2) if len(core) >= size + 3 and "".join(core[:size]) in self.counties), 0)
        county = self.counties["".join(core[:place])] if place else ()
        if not regions_compatible(regions, county):
            place, county = 0, ()
        letters = "".join(core)
        ends = self.endings if letters.endswith(self.endings) else ()  # one look for the many that end otherwise
        ending = next((len(end) for end in ends if len(core) >= len(end) + 2 and letters.endswith(end)), 0)
        return Spelling(tuple(head), core, tuple(tail), self.sounds.code(core), regions, place, county, ending)


@dataclass(frozen=True, slots=True)
class Weights:
    """How much a letter says about whom it names: little in 商贸, which thousands have, much in a rare brand.

    `count`: in how many of the `names` two neighbouring letters stand; `common`: pairs of letters of trade words;
    `share`: of all names, those in a region.
    """

    names: int
    count: Callable[[str, str], int]
    common: frozenset[tuple[str, str]]
    share: Callable[[str], float]
    _known: dict[tuple[str, str], float] = field(default_factory=dict)

    def of(self, spelling: Spelling) -> list[float]:
        """A weight from 0.12 to 1 for each token of the core: what the commoner of its two pairs of neighbours says."""
        bits = [self._bits(one, other) for one, other in pairwise(spelling.core)]
        if not bits:
            return [1.0] * len(spelling.core)
        said = [min(left, right) for left, right in zip([bits[0], *bits], [*bits, bits[-1]], strict=True)]
        for at in range(spelling.place):
            said[at] = min(said[at], _REGION_WEIGHT)
        for at in range(len(said) - spelling.ending, len(said)):
            said[at] = min(said[at], _LEAST_WEIGHT)
        return said

    def core(self, spelling: Spelling) -> Weighed:
        return Weighed(spelling.core, self.of(spelling))

    def whole(self, spelling: Spelling) -> Weighed:
        """The name with region and form."""
        weights = [_REGION_WEIGHT] * len(spelling.head) + self.of(spelling) + [_FORM_WEIGHT] * len(spelling.tail)
        return Weighed((*spelling.head, *spelling.core, *spelling.tail), weights)

    def _bits(self, one: str, other: str) -> float:
        bits = self._known.get((one, other))
        if bits is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            bits = self._known[one, other] = self._said(one, other)
        return bits

    def _said(self, one: str, other: str) -> float:
        known = _COMMON if (one, other) in self.common else 0.0
        share = (self.count(one, other) + _PRIOR_NAMES * known) / (self.names + _PRIOR_NAMES)
        if share <= 2.0**-_RAREST_BITS:
            return 1.0
        return max(_LEAST_WEIGHT, -math.log2(share) / _RAREST_BITS)


def pairs_of(words: Iterable[str]) -> frozenset[tuple[str, str]]:
    """The pairs of neighbouring letters of some words."""
    return frozenset(pair for word in words for pair in pairwise(word))
