"""禁止寄递物品: the nineteen categories with examples, and what is to be done when one is found, by moment and by severity."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator
from enum import StrEnum
from typing import Annotated

import msgspec

Word = Annotated[str, msgspec.Meta(min_length=2)]
"""A word looked for in names of goods: one character, or none, would be found in almost any name."""


def squeeze_name(text: str) -> str:
    """A name of goods as it is compared: half width, lower case, no blanks."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


class Certainty(StrEnum):
    """How a rule's source was read; everything but 原 is shown with 待核实."""

    READ = "原"
    RETOLD = "转"
    COMPUTED = "算"
    REMEMBERED = "忆"
    SUGGESTED = "建议"


class Bilingual(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sentence in Chinese and English."""

    zh: str
    en: str


class Moment(StrEnum):
    """When goods were found (快递暂行条例 33 条 (2019) / 34 条 (2025))."""

    AT_ACCEPTANCE = "at-acceptance"  # 收寄时
    AFTER_ACCEPTANCE = "after-acceptance"  # 已收寄


class DispositionRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """处置: the steps to take; `lead`: whether a lead (线索) is made; `guards`: whether what was found is not given back, but
    watched until an authority with its list takes it."""

    id: str
    zh: str
    en: str
    steps: tuple[Bilingual, ...]
    lead: bool
    source: str
    certainty: Certainty
    guards: bool = False


class BySeverity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ids of dispositions: for ordinary articles carried openly, for anything else of the category, for what was hidden."""

    ordinary: str
    otherwise: str
    concealed: str


class ByMoment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    at_acceptance: BySeverity
    after_acceptance: BySeverity

    def at(self, moment: Moment) -> BySeverity:
        return self.at_acceptance if moment is Moment.AT_ACCEPTANCE else self.after_acceptance


class ExampleGroup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Examples named by the catalogue; never exhaustive."""

    zh: str
    examples: tuple[str, ...]


class Category(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of the nineteen categories.

    `ordinary`: household articles that, carried openly, are only refused and handed back; `ordinary_aliases`: everyday words for such
    articles; a category without any has none. `also_named`: plain words for what the examples name; `known_as`: words people look for
    such goods by, which judge nothing.
    """

    code: str
    zh: str
    en: str
    groups: tuple[ExampleGroup, ...]
    ordinary: tuple[Word, ...]
    refusal: str
    dispositions: ByMoment
    report_to: tuple[str, ...]
    source: str
    certainty: Certainty
    report_certainty: Certainty
    note: str = ""
    ordinary_aliases: tuple[Word, ...] = ()
    also_named: tuple[Word, ...] = ()
    known_as: tuple[str, ...] = ()

    def named_goods(self) -> Iterator[str]:
        """Every word for goods of this category; examples of one character stand in too many names to say anything."""
        yield from (example for group in self.groups for example in group.examples if len(example) > 1)
        yield from self.also_named


class OrdinaryRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """普通生活用品: `never` are words that keep an article from being one, whatever else its name says."""

    never: tuple[Word, ...]
    source: str
    certainty: Certainty


class DeclaredNamesRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """申报品名: how a declared name points to an example of the catalogue.

    `ambiguous`: examples that are the names of lawful goods too; `other_goods`: names that only look like an example;
    `not_as_beginning`: examples that begin the names of quite other goods.
    """

    ambiguous: tuple[Word, ...]
    other_goods: tuple[Word, ...]
    not_as_beginning: tuple[Word, ...]
    source: str
    certainty: Certainty


class Authority(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An authority that may have to be told (报告对象)."""

    id: str
    zh: str
    en: str


class Unidentified(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """不明物: what to do with a substance or device nobody can name."""

    zh: str
    en: str
    dispositions: ByMoment
    report_to: tuple[str, ...]
    source: str
    certainty: Certainty


class Disposition(msgspec.Struct, frozen=True):
    """处置 of one finding: the rule, the category it follows from (None: unidentified), whom to tell."""

    rule: DispositionRule
    category: str | None
    report_to: tuple[Authority, ...]


class Prohibited(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """禁止寄递物品指导目录 as data (prohibited.json)."""

    version: str
    checked_on: str
    note: str
    authorities: tuple[Authority, ...]
    dispositions: tuple[DispositionRule, ...]
    ordinary_articles: OrdinaryRule
    declared_names: DeclaredNamesRule
    unidentified: Unidentified
    categories: tuple[Category, ...]

    def category(self, code: str) -> Category | None:
        return next((category for category in self.categories if category.code == code), None)

    def household(self, codes: Collection[str], most: int) -> tuple[tuple[str, str], ...]:
        """Everyday articles of these categories, each under its category's code: the first word of each category, then the second."""
        ordinary = [(category.code, category.ordinary) for category in self.categories if category.code in codes]
        rounds = range(max((len(words) for _, words in ordinary), default=0))
        return tuple((code, words[place]) for place in rounds for code, words in ordinary if place < len(words))[:most]

    def guarding(self) -> frozenset[str]:
        """Dispositions under which what was found is not given back. Rules written before they said so guard wherever a lead is made."""
        said = frozenset(rule.id for rule in self.dispositions if rule.guards)
        return said or frozenset(rule.id for rule in self.dispositions if rule.lead)

    def dispose(self, code: str | None, name: str, *, concealed: bool, moment: Moment = Moment.AT_ACCEPTANCE) -> Disposition:
        """What to do with goods of a category; without a known category they count as unidentified.

        Only an ordinary article carried openly is handed back, whichever of the household categories was chosen for it.
        """
        found = self.category(code) if code is not None else None
        choices = (found or self.unidentified).dispositions.at(moment)
        told = (found or self.unidentified).report_to
        if concealed:
            chosen = choices.concealed
        else:
            chosen = choices.ordinary if found is not None and self._is_ordinary(found, name) else choices.otherwise
        rule = next(rule for rule in self.dispositions if rule.id == chosen)
        return Disposition(rule, found.code if found else None, self._authorities(told) if rule.lead else ())

    def _is_ordinary(self, category: Category, name: str) -> bool:
        """Whether a name holds a word for an ordinary article and none for anything grave.

        Categories without ordinary articles (weapons, explosives, poison, drugs …) have no household goods, whatever they are called. Words
        of all other categories count, since clerks choose 04 for alcohol as easily as 05.
        """
        written = squeeze_name(name)
        household = tuple(one for one in self.categories if one.ordinary)
        if category not in household or any(word in written for word in self.ordinary_articles.never):
            return False
        grave = (word for one in self.categories if not one.ordinary for word in one.named_goods())
        words = (word for one in household for word in (*one.ordinary, *one.ordinary_aliases))
        return any(word in written for word in words) and not any(word in written for word in grave)

    def _authorities(self, ids: tuple[str, ...]) -> tuple[Authority, ...]:
        return tuple(authority for wanted in ids for authority in self.authorities if authority.id == wanted)
