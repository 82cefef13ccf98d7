"""姓名比对: the name on the document and the sender's name on the waybill. Privacy labels show a part of it (domain.md §11.11)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from enum import StrEnum

from courier_check.identity.codes import NameReason
from courier_check.terms import Consequence, Reason

_LONGEST_NAME = 200
_EAST_ASIA = 0x2E80
_MASK = "*"
_HIDING_SIGNS = frozenset("*×✱∗⁎●○■□◼◻▇█#?\ufffd")
"""What labels print for a hidden character, and printers for one their font lacks."""
_MASK_SIGNS = _HIDING_SIGNS | {"某"}
_TITLES = ("先生", "女士", "小姐", "太太", "师傅", "老师", "同学", "阿姨")
_SEPARATORS = re.compile(r"[\s·•‧∙⋅・･·.,'’‘`\-‐‑–—/、,]+")
_VARIATION = re.compile(r"[\ufe00-\ufe0f\U000e0100-\U000e01ef\u200b-\u200f\u2060\ufeff]")


class NameMatch(StrEnum):
    """How two names compare."""

    EQUAL = "equal"
    MASKED_COMPATIBLE = "masked-compatible"  # 与隐私面单相容
    DIFFERENT = "different"
    ABSENT = "absent"  # one of them shows no character


def compare_names(document_name: str, waybill_name: str, fold: Callable[[str], str] = str) -> NameMatch:
    """Compare by characters. `fold` may bring traditional characters to simplified ones.

    Only the waybill's name may be masked; a document's name that hides something is none.

    Blanks, name dots and width don't count, nor do case and the order of words in Latin names. Chinese characters compare by code point,
    so a rare character equals only itself. How many characters a mask hides is not asked: labels print one sign for two, and two for one.
    """
    document, waybill = _Name.read(document_name, fold), _Name.read(waybill_name, fold)
    if not document.shows_anything or not waybill.shows_anything or not _HIDING_SIGNS.isdisjoint(document.written):
        return NameMatch.ABSENT
    if document.written == waybill.written or document.readings & waybill.readings or sorted(document.words) == sorted(waybill.words):
        return NameMatch.EQUAL
    if document.is_masked or not waybill.is_masked:
        return NameMatch.DIFFERENT
    fits = any(_fits(waybill.segments, reading) for reading in document.readings)
    return NameMatch.MASKED_COMPATIBLE if fits else NameMatch.DIFFERENT


def review_names(match: NameMatch, *, confirm_masked: bool = False) -> tuple[Reason, ...]:
    """不一致不得收寄 (R04). A compatible privacy label is noted, or referred where the outlet wants it confirmed.

    Where no name can be read there was no comparison, so that is referred too.
    """
    match match:
        case NameMatch.EQUAL:
            return ()
        case NameMatch.DIFFERENT:
            return (Reason(NameReason.DIFFERENT.value, Consequence.REFUSE, "R04"),)
        case NameMatch.MASKED_COMPATIBLE:
            return (Reason(NameReason.MASKED_COMPATIBLE.value, Consequence.REFER if confirm_masked else Consequence.NOTE),)
        case NameMatch.ABSENT:
            return (Reason(NameReason.ABSENT.value, Consequence.REFER),)


class _Name:
    """A name in the forms that are compared. Made anew for each comparison and never kept or shown."""

    __slots__ = ("readings", "segments", "words", "written")

    def __init__(self, written: str, masked: str) -> None:
        self.written = _SEPARATORS.sub("", written)
        self.words = _words(written)
        self.readings = frozenset("".join(self.words[start:] + self.words[:start]) for start in range(len(self.words)))
        """The words run together, beginning with each in turn: the family name may stand first or last."""
        self.segments = tuple(_SEPARATORS.sub("", masked).split(_MASK))
        """The visible parts between masks; an empty first or last one means that the name begins or ends hidden."""

    @classmethod
    def read(cls, text: str, fold: Callable[[str], str]) -> _Name:
        clean = _VARIATION.sub("", unicodedata.normalize("NFKC", text[:_LONGEST_NAME]))
        written = _without_accents(fold(clean).casefold())
        return cls(written, _with_masks(written))

    @property
    def is_masked(self) -> bool:
        return len(self.segments) > 1

    @property
    def shows_anything(self) -> bool:
        return any(self.segments)


def _words(written: str) -> list[str]:
    """Latin names have words; in a name with Chinese characters blanks and dots mean nothing."""
    parts = [part for part in _SEPARATORS.split(written) if part]
    return parts if _is_alphabetic(written) else ["".join(parts)] if parts else []


def _is_alphabetic(written: str) -> bool:
    """Whether all of it lies before the East Asian blocks of Unicode: Latin, Cyrillic, Arabic …"""
    return all(ord(sign) < _EAST_ASIA for sign in written)


def _without_accents(text: str) -> str:
    """José is Jose in the machine-readable zone. Marks on other than Latin letters make another letter and stay."""
    return "".join(_base(sign) for sign in text)


def _base(sign: str) -> str:
    base = unicodedata.normalize("NFD", sign)[0]
    return base if base.isascii() else sign


def _with_masks(written: str) -> str:
    """Every hidden stretch, a polite title included, as one `*`."""
    signs = _MASK_SIGNS if _is_alphabetic(written) else _MASK_SIGNS | {"x"}  # 陈XX; in a Latin name x is a letter
    text = "".join(_MASK if sign in signs else sign for sign in written).strip()
    title = next((title for title in _TITLES if text.endswith(title)), None)
    if title is not None:
        text = text.removesuffix(title) + _MASK
    return re.sub(r"\*[\s*]*", _MASK, text)


def _fits(segments: tuple[str, ...], name: str) -> bool:
    """Whether the visible parts stand in the name in this order, the first at its start, the last at its end, a mask hiding something each.

    The leftmost place for each part leaves the most room for the rest, so one pass decides.
    """
    first, *middle, last = segments
    end = len(name) - len(last)
    if not name.startswith(first) or not name.endswith(last):
        return False
    place = len(first)
    for part in middle:
        found = name.find(part, place + 1, end)
        if found < 0:
            return False
        place = found + len(part)
    return end - place >= 1
