"""申报品名: goods declared under the very name of a prohibited example, whatever category was chosen for them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from courier_check.errors import Fact
from courier_check.inspection.catalogue import Category, DeclaredNamesRule, Prohibited, squeeze_name
from courier_check.inspection.codes import InspectionReason
from courier_check.terms import Consequence, Reason, marks_of

_BETWEEN_GOODS = re.compile(r"[、,;。/|+&()\[\]【】<>《》“”\"':\-_]+|和|与|及")
_AMOUNT_BEHIND = re.compile(r"(?:[x×*]?[0-9.]+|[一二两三四五六七八九十半几]+)(?:kg|g|ml|l|[个只盒支枚颗箱瓶包把条件套袋罐桶斤克升])?$")


@dataclass(frozen=True, slots=True)
class _Likeness:
    """A word of the catalogue that a name points to; `clear` if the name says that it is these goods."""

    clear: bool
    word: str
    category: Category


def review_declared_names(prohibited: Prohibited, names: Iterable[str]) -> Iterator[Reason]:
    """One reason for each name that points to prohibited goods: a referral where it is clear, a note where it is not.

    A Chinese compound ends with what the thing is: 仿真手枪 is the prohibited thing itself, 火柴盒 need not be. So a word at the end of a
    name is clear, one at its beginning is not, and one inside says nothing (prohibited.json, declared_names).
    """
    for name in names:
        found = sorted(_likenesses(prohibited, name), key=lambda likeness: (likeness.clear, len(likeness.word)), reverse=True)
        if found:
            yield _reason(name, found[0])


def _likenesses(prohibited: Prohibited, name: str) -> Iterator[_Likeness]:
    rule = prohibited.declared_names
    for part in _BETWEEN_GOODS.split(squeeze_name(name)):
        goods = _AMOUNT_BEHIND.sub("", part)
        if goods and not any(word in goods for word in rule.other_goods):
            for category in prohibited.categories:
                yield from (
                    _Likeness(clear, word, category) for word in category.named_goods() if (clear := _points(rule, goods, word)) is not None
                )


def _points(rule: DeclaredNamesRule, goods: str, word: str) -> bool | None:
    """Whether the name of goods clearly points to the word; None if it does not point there at all."""
    if goods.endswith(word):
        return word not in rule.ambiguous
    return False if goods.startswith(word) and word not in rule.not_as_beginning else None


def _reason(name: str, likeness: _Likeness) -> Reason:
    category = likeness.category
    facts: dict[str, Fact] = {
        "name": name[:60],
        "example": likeness.word,
        "category": category.code,
        "category_zh": category.zh,
        "category_en": category.en,
        **marks_of(category.certainty),
    }
    if likeness.clear:
        return Reason(InspectionReason.DECLARED_EXAMPLE, Consequence.REFER, None, facts)
    return Reason(InspectionReason.DECLARED_NEAR_EXAMPLE, Consequence.NOTE, None, facts)
