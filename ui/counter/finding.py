"""边打边找: goods and prohibited goods found by what is typed, without a field having the focus or in one. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from courier_check.parcel.finding import LONGEST_TYPED

if TYPE_CHECKING:
    from courier_check.acceptance.prohibited_search import ProhibitedSearch, Suspect
    from courier_check.inspection.catalogue import Prohibited
    from courier_check.parcel.catalogue import GoodsClass
    from courier_check.parcel.finding import Finder, Found

MOST_GOODS, MOST_SUSPECTS, MOST_BESIDE = 7, 9, 2
"""Nine digits: at the contents seven classes of goods, and two prohibited ones beside them."""
_LEAST_SUSPICIOUS = 2
"""One letter begins the name of half the catalogue."""


@dataclass(frozen=True, slots=True, repr=False)
class Finders:
    """Names ready to be searched at every key; made by a worker, since making them takes a tenth of a second. `of`: the catalogue."""

    goods: Finder[GoodsClass]
    suspects: ProhibitedSearch
    of: Prohibited


@dataclass(frozen=True, slots=True)
class Sought:
    """What was typed to find something, what it found, and which of it the arrows are at. `concealed`, `afterwards`: how what was found
    among prohibited goods was carried, and whether it was found after acceptance."""

    typed: str = ""
    at: int = 0
    goods: tuple[Found[GoodsClass], ...] = field(default=(), repr=False)
    suspects: tuple[Suspect, ...] = field(default=(), repr=False)
    concealed: bool = False
    afterwards: bool = False

    @property
    def count(self) -> int:
        return len(self.goods) + len(self.suspects)

    def moved(self, step: int) -> Sought:
        """The next or the former one, round and round."""
        return replace(self, at=(self.at + step) % self.count) if self.count else self


def sought(finders: Finders | None, typed: str, *, goods: bool) -> Sought:
    """What fits the text. `goods`: classes of goods first, prohibited ones beside them; else prohibited ones only."""
    text = typed[:LONGEST_TYPED]
    if finders is None or not text.strip():
        return Sought(text)
    if not goods:
        return Sought(text, suspects=finders.suspects.search(text, MOST_SUSPECTS))
    beside = finders.suspects.search(text, MOST_BESIDE) if len(text.strip()) >= _LEAST_SUSPICIOUS or not text.isascii() else ()
    return Sought(text, goods=finders.goods.search(text, MOST_GOODS), suspects=beside)


def is_letter(key: str) -> bool:
    """A key that types a letter: names are found by it where no field has the focus."""
    return len(key) == 1 and key.isalpha()
