"""查禁寄物品: the nineteen categories by example, alias or synonym, and what is to be done about what was found (domain.md §11.9)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from courier_check.inspection.catalogue import Category, Disposition, Moment, Prohibited
from courier_check.parcel.finding import Finder, Fit


@dataclass(frozen=True, slots=True)
class Suspect:
    """A category some word points to: `name` is the word it was found by, `fit` how closely."""

    category: Category
    name: str
    fit: Fit

    def disposition(self, prohibited: Prohibited, moment: Moment, *, concealed: bool = False) -> Disposition:
        """What to do with goods of this name."""
        return prohibited.dispose(self.category.code, self.name, concealed=concealed, moment=moment)


class ProhibitedSearch:
    """The catalogue, ready to be searched at every key. Examples come before plain words, these before synonyms."""

    def __init__(self, prohibited: Prohibited, readings: Mapping[str, tuple[str, ...]]) -> None:
        self._finder = Finder(_names(prohibited), readings)

    def search(self, text: str, limit: int = 5) -> tuple[Suspect, ...]:
        """Categories that what is typed may belong to, closest first. What is not found is not therefore allowed: examples are no list."""
        return tuple(Suspect(found.target, found.name, found.fit) for found in self._finder.search(text, limit))


def _names(prohibited: Prohibited) -> Iterator[tuple[str, Category]]:
    categories = prohibited.categories
    yield from ((example, each) for each in categories for group in each.groups for example in group.examples)
    yield from ((word, each) for each in categories for word in (*each.ordinary, *each.also_named, *each.ordinary_aliases))
    yield from ((word, each) for each in categories for word in each.known_as)
    yield from ((group.zh, each) for each in categories for group in each.groups)
    yield from ((name, each) for each in categories for name in (each.zh, each.en, each.code))
