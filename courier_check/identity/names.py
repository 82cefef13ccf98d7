"""姓名比对: the name on the document and the sender's name on the waybill. Privacy labels show a part of it (domain.md §11.11)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from enum import StrEnum

from courier_check.identity.codes import NameReason
from courier_check.identity.romanised import Spells, cannot_tell
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

_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd]")
_GBK_PRIVATE_USE = (
    "⺁𠂇𠂉𠃌⺄㑳㑇⺈⺋龴㖞㘚㘎⺌⺗㥮㤘龵㧏㧟㩳㧐龶龷㭎㱮㳠⺧𡗗龸⺪䁖䅟⺮䌷⺳⺶⺷𢦏䎱"
    "䎬⺻䏝䓖䙡䙌龹䜣䜩䝼䞍⻊䥇䥺䥽䦂䦃䦅䦆䦟䦛䦷䦶龺𤇾䲣䲟䲠䲡䱷䲢䴓䴔䴕䴖䴗䴘䴙䶮龻"
)
"""What older systems write as the private characters U+E815–U+E864, in order: GBK FE50–FEA0 as GB 18030-2022 assigns them."""
_UNIFIED: dict[int, str] = {0xE815 + place: sign for place, sign in enumerate(_GBK_PRIVATE_USE)}
_PLAIN_LETTERS = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h", "ŋ": "n", "ß": "ss"}
)
_TRANSLITERATED = (
    str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"}),  # ICAO 9303-3 §6
    str.maketrans({"ü": "uxx", "ñ": "nxx"}),  # likewise
    str.maketrans({"ü": "yu"}),  # 吕 LYU, as Chinese passports write LÜ
)
"""How machine-readable zones spell letters that have no place in them, beside dropping their marks."""


class NameMatch(StrEnum):
    """How two names compare."""

    EQUAL = "equal"
    MASKED_COMPATIBLE = "masked-compatible"  # 与隐私面单相容
    ROMANISED = "romanised"  # 与拼音姓名相容
    OTHER_SCRIPT = "other-script"  # 中文姓名与外文姓名: letters can't be compared
    DIFFERENT = "different"
    ABSENT = "absent"  # one of them shows no character


TO_BE_CONFIRMED = frozenset({NameMatch.MASKED_COMPATIBLE, NameMatch.ROMANISED, NameMatch.OTHER_SCRIPT})
"""Neither the same nor another name: the order behind the waybill or the clerk makes it whole."""


def compare_names(document_name: str, waybill_name: str, fold: Callable[[str], str] = str, spells: Spells = cannot_tell) -> NameMatch:
    """Compare by characters. `fold` may bring traditional characters to simplified ones; `spells` tells whether letters are a Chinese name.

    Only the waybill's name may be masked; a document's name that hides something is none.

    Blanks, name dots and width don't count, nor do case, diacritics and the order of words in Latin names. Chinese characters compare by
    code point, older private codes of a character included, so a rare character equals only itself; where one of the two writes a rare
    character by letters or by an unknown private code, nobody can tell, and the names are compatible at best. How many characters a mask
    hides is not asked: labels print one sign for two, and two for one. Letters that spell a Chinese name are compatible at best, too: many
    names sound the same.
    """
    document, waybill = _Name.read(document_name, fold), _Name.read(waybill_name, fold)
    if not document.shows_anything or not waybill.shows_anything or not _HIDING_SIGNS.isdisjoint(document.written):
        return NameMatch.ABSENT
    if document.written == waybill.written or document.readings & waybill.readings or document.words & waybill.words:
        return NameMatch.EQUAL
    if document.differs_in_rare_only(waybill):
        return NameMatch.MASKED_COMPATIBLE
    if document.is_masked or not waybill.is_masked:
        return _by_sound(document_name, waybill_name, fold, spells)
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
        case NameMatch.ROMANISED:
            return (Reason(NameReason.ROMANISED.value, Consequence.NOTE),)
        case NameMatch.OTHER_SCRIPT:
            return (Reason(NameReason.OTHER_SCRIPT.value, Consequence.REFER),)
        case NameMatch.ABSENT:
            return (Reason(NameReason.ABSENT.value, Consequence.REFER),)


def _by_sound(one: str, other: str, fold: Callable[[str], str], spells: Spells) -> NameMatch:
    """Two names that differ by their characters, whichever of them is in Chinese."""
    chinese, letters = (other, one) if _is_alphabetic(_cleaned(one)) else (one, other)
    if _is_alphabetic(_cleaned(chinese)) or not _is_alphabetic(_cleaned(letters)):
        return NameMatch.DIFFERENT
    match spells(fold(_cleaned(chinese)), letters):
        case True:
            return NameMatch.ROMANISED
        case False:
            return NameMatch.DIFFERENT
        case _:
            return NameMatch.OTHER_SCRIPT


class _Name:
    """A name in the forms that are compared. Made anew for each comparison and never kept or shown."""

    __slots__ = ("readings", "segments", "words", "written")

    def __init__(self, spellings: frozenset[str], written: str, masked: str) -> None:
        self.written = _SEPARATORS.sub("", written)
        parted = [_words(spelling) for spelling in spellings]
        self.words = frozenset(tuple(sorted(words)) for words in parted if words)
        """The words of each spelling, in whatever order they stand."""
        self.readings = frozenset("".join(words[start:] + words[:start]) for words in parted for start in range(len(words)))
        """The words run together, beginning with each in turn: the family name may stand first or last."""
        self.segments = tuple(_SEPARATORS.sub("", masked).split(_MASK))
        """The visible parts between masks; an empty first or last one means that the name begins or ends hidden."""

    @classmethod
    def read(cls, text: str, fold: Callable[[str], str]) -> _Name:
        folded = fold(_cleaned(text)).casefold()
        written = _without_accents(folded)
        spellings = frozenset({written, *(_without_accents(folded.translate(table)) for table in _TRANSLITERATED)})
        return cls(spellings, written, _with_masks(written))

    @property
    def is_masked(self) -> bool:
        return len(self.segments) > 1

    @property
    def shows_anything(self) -> bool:
        return any(self.segments)

    def differs_in_rare_only(self, other: _Name) -> bool:
        """周𬎆 and 周YING: the same characters at every place but those where one writes letters or a private code for a rare one."""
        own, others = _places(self.written), _places(other.written)
        if len(own) != len(others):
            return False
        pairs = [(one, two) for one, two in zip(own, others, strict=True) if one != two]
        return len(pairs) < len(own) and all(_may_stand_for(one, two) or _may_stand_for(two, one) for one, two in pairs)


def _cleaned(text: str) -> str:
    return _VARIATION.sub("", unicodedata.normalize("NFKC", text[:_LONGEST_NAME].replace("˙", "·")).translate(_UNIFIED))


def _places(written: str) -> list[str]:
    """A Chinese name place by place; letters in a row are one place."""
    return re.findall(r"[a-z]+|.", written, re.DOTALL) if not _is_alphabetic(written) else []


def _may_stand_for(written: str, rare: str) -> bool:
    return ((written.isascii() and written.isalpha()) or _PRIVATE.fullmatch(written) is not None) and _is_rare(rare)


def _is_rare(sign: str) -> bool:
    """Whether a character lies beyond GBK, so that keyboards and printers of the trade often lack it."""
    if len(sign) != 1 or ord(sign) < _EAST_ASIA or _PRIVATE.fullmatch(sign):
        return False
    try:
        sign.encode("gbk")
    except UnicodeEncodeError:
        return True
    return False


def _words(written: str) -> list[str]:
    """Latin names have words; in a name with Chinese characters blanks and dots mean nothing."""
    parts = [part for part in _SEPARATORS.split(written) if part]
    return parts if _is_alphabetic(written) else ["".join(parts)] if parts else []


def _is_alphabetic(written: str) -> bool:
    """Whether all of it lies before the East Asian blocks of Unicode: Latin, Cyrillic, Arabic …"""
    return all(ord(sign) < _EAST_ASIA for sign in written)


def _without_accents(text: str) -> str:
    """José is Jose in the machine-readable zone. Marks on other than Latin letters make another letter and stay."""
    return "".join(_base(sign) for sign in text.translate(_PLAIN_LETTERS))


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
