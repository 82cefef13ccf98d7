"""名称规范化: two keys of a name, so that different spellings of one name are equal (measured/screening.md §2.1).

`full` keeps every letter of the name, `core` is what is left without region and legal form. Nothing is ever matched on a core that is
only words of the trade (建材, 运输): that would make most companies of a town equal.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from courier_check import typed
from courier_check.errors import UserError
from courier_check.privacy import mask_name
from courier_check.screening.codes import ScreeningCode
from courier_check.screening.fold import Fold

ALGORITHM = 2
"""Raised whenever this module gives another key for some name: stored keys are then built anew."""

_MOST_REGIONS = 4
_LEFT_AFTER_REGION = 4
_LEFT_AFTER_FORM = 2
_BRACKETED = re.compile(r"[(\[{<〈《「『【〔〖〘〚]([^()\[\]{}<>〈〉《》「」『』【】〔〕〖〗〘〙〚〛]*)[)\]}>〉》」』】〕〗〙〛]")
_DIGITS = "〇一二三四五六七八九"
_NUMERALS = str.maketrans("零壹贰叁肆伍陆柒捌玖拾", "〇一二三四五六七八九十")
_AGGREGATES = ("市辖区", "直辖")

T = TypeVar("T")


@dataclass(frozen=True, slots=True, repr=False)
class NormalName:
    """A name as it is compared. `core` is empty where only trade words would be left; `regions` are the county codes it may lie in."""

    full: str
    core: str
    regions: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"NormalName({mask_name(self.full)}, regions={self.regions})"


class _RulesFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    source: str
    certainty: str
    legal_forms: tuple[str, ...]
    shop_suffixes: tuple[str, ...]
    bracketed_forms: tuple[str, ...]
    generic_words: tuple[str, ...]
    region_short_names: dict[str, str]
    weak_endings: tuple[str, ...]
    review_from: tuple[tuple[int, float], ...]


class _RegionsFile(msgspec.Struct, frozen=True):
    version: str
    current: dict[str, str]


@dataclass(frozen=True, slots=True, repr=False)
class NameRules:
    """What normalising needs: suffixes, generic words, region names and the folding of characters.

    `counties` are names of counties without 县 or 市, which are regions in brackets only: a name may also begin with one as its brand.
    `weak_endings` and `review_from` (names on the lists up to so many → score) are for names that are alike only (likeness.py).
    `suffixes` stand under their last character, longest first.
    `version` changes whenever a key of some name may: an index of keys built under another version must be built anew.
    """

    version: str
    fold: Fold
    suffixes: Mapping[str, tuple[str, ...]]
    bracketed_forms: frozenset[str]
    generic_words: Set[str]
    longest_generic: int
    regions: Mapping[str, tuple[str, ...]]
    longest_region: int
    counties: Mapping[str, tuple[str, ...]]
    weak_endings: tuple[str, ...]
    review_from: tuple[tuple[int, float], ...]

    @classmethod
    def parse(cls, data: bytes, regions: bytes, fold: Fold) -> NameRules:
        """From resources/screening.json and resources/regions.json; UserError if either is not such a file."""
        rules, places = _decoded(data, _RulesFile), _decoded(regions, _RegionsFile)
        names = _region_names(places.current, rules.region_short_names, fold)
        suffixes = {_letters(word, fold) for word in (*rules.legal_forms, *rules.shop_suffixes)}
        generic = suffixes.union(_letters(word, fold) for word in rules.generic_words)
        digest = hashlib.sha256(data + regions).hexdigest()[:12]
        return cls(
            version=f"{ALGORITHM}-{digest}-{fold.version}",
            fold=fold,
            suffixes={last: _ending_with(last, suffixes) for last in {suffix[-1:] for suffix in suffixes}},
            bracketed_forms=frozenset(_letters(word, fold) for word in rules.bracketed_forms),
            generic_words=generic,
            longest_generic=max(map(len, generic), default=0),
            regions=names,
            longest_region=max(map(len, names), default=0),
            counties={name[:-1]: codes for name, codes in names.items() if _is_county(name) and name[:-1] not in names},
            weak_endings=tuple(sorted((_letters(word, fold) for word in rules.weak_endings), key=_longest_first)),
            review_from=rules.review_from,
        )


def normalise_name(text: str, rules: NameRules) -> NormalName:
    """The keys of a name of a company, a shop or a person. Any text is a name; one without letters has empty keys."""
    text = _compatible(text)
    forms, places = [], []
    for found in _BRACKETED.finditer(text):
        content = _letters(found[1], rules.fold)
        if content in rules.bracketed_forms:
            forms.append(found.span())
        elif content in rules.regions or content in rules.counties:
            places.append((found.span(), rules.regions.get(content) or rules.counties[content]))
    full = _letters(_without(text, forms), rules.fold) or _letters(text, rules.fold)
    body = _letters(_without(text, [*forms, *(span for span, _ in places)]), rules.fold) or full
    regions, rest = _leading_regions(body, rules)
    for _, codes in places:
        regions = _narrowed(regions, codes) or regions
    core = _without_suffixes(rest, rules.suffixes)
    return NormalName(full, "" if _is_generic(core, rules) else core, regions)


def regions_compatible(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two names may lie in the same place, compared at the most specific level both tell. Unknown is compatible."""
    return not one or not other or any(_within(a, b) or _within(b, a) for a in one for b in other)


def _decoded(data: bytes, into: type[T]) -> T:
    try:
        return typed.decode(data, into)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UserError(ScreeningCode.RULES_MALFORMED, fault=str(error)) from None


def _compatible(text: str) -> str:
    """Half width, one case, composed letters; NFKC again because folding case may decompose what it composed."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def _letters(text: str, fold: Fold) -> str:
    """Letters and digits only (this also drops invisible and direction marks), simplified, all digits in Chinese."""
    kept = unicodedata.normalize("NFKC", "".join(filter(str.isalnum, text)))
    if not kept.isalpha():
        kept = "".join(_DIGITS[unicodedata.decimal(char)] if char.isdecimal() else char for char in kept)
    return fold(kept).translate(_NUMERALS)


def _without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + text[end:]
    return text


def _leading_regions(name: str, rules: NameRules) -> tuple[tuple[str, ...], str]:
    """Region codes a name begins with, and the rest; a region that does not lie in the one before it belongs to the brand."""
    codes: tuple[str, ...] = ()
    for _ in range(_MOST_REGIONS):
        longest = min(rules.longest_region, len(name) - _LEFT_AFTER_REGION)
        size = next((size for size in range(longest, 1, -1) if name[:size] in rules.regions), 0)
        narrowed = _narrowed(codes, rules.regions[name[:size]]) if size else ()
        if not narrowed:
            break
        codes, name = narrowed, name[size:]
    return codes, name


def _narrowed(codes: tuple[str, ...], inner: tuple[str, ...]) -> tuple[str, ...]:
    return inner if not codes else tuple(code for code in inner if any(_within(code, outer) for outer in codes))


def _within(code: str, outer: str) -> bool:
    return code.startswith(_significant(outer))


def _significant(code: str) -> str:
    """`410000` → `41`, `410100` → `4101`: the digits that say something."""
    return code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code


def _ending_with(last: str, suffixes: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted((suffix for suffix in suffixes if suffix[-1:] == last), key=_longest_first))


def _without_suffixes(name: str, suffixes: Mapping[str, tuple[str, ...]]) -> str:
    while True:
        ends = suffixes.get(name[-1:], ())
        suffix = next((end for end in ends if name.endswith(end) and len(name) - len(end) >= _LEFT_AFTER_FORM), None)
        if suffix is None:
            return name
        name = name[: -len(suffix)]


def _is_generic(core: str, rules: NameRules) -> bool:
    """Whether a core is nothing, one character, or words of the trade and nothing else."""
    if len(core) < _LEFT_AFTER_FORM:
        return True
    words, longest = rules.generic_words, rules.longest_generic
    reached = {0}
    for end in range(1, len(core) + 1):
        if any(start in reached and core[start:end] in words for start in range(max(0, end - longest), end)):
            reached.add(end)
    return len(core) in reached


def _is_county(name: str) -> bool:
    return len(name) >= 3 and name[-1] in "县市旗"


def _longest_first(word: str) -> tuple[int, str]:
    return -len(word), word


def _region_names(current: Mapping[str, str], short_names: Mapping[str, str], fold: Fold) -> dict[str, tuple[str, ...]]:
    names: dict[str, tuple[str, ...]] = {}
    for code, name in current.items():
        for spelling in _region_spellings(code, name, short_names):
            key = _letters(spelling, fold)
            names[key] = (*names.get(key, ()), code)
    return names


def _region_spellings(code: str, name: str, short_names: Mapping[str, str]) -> Iterator[str]:
    """A region's name; provinces and cities also without 省 or 市. Counties keep their suffix: 东方, 和平 are brands as well."""
    if any(word in name for word in _AGGREGATES) or name in ("县", "市") or (len(name) == 2 and not name.endswith("县")):
        return
    yield name
    short = short_names.get(name, name[:-1] if name[-1] in "省市盟" else name.removesuffix("地区"))
    if code.endswith("00") and short != name and len(short) >= 2:
        yield short
