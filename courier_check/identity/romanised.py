"""拼音姓名: whether letters spell a Chinese name — 张三 on the document, ZHANG SAN on the waybill of a parcel to another country.

Chinese passports write names in Hanyu Pinyin without tones, the family name first, ü as YU, V or U. People from Hong Kong, Macao, Taiwan
and abroad write their Chinese names in other ways (陈大文 CHAN TAI MAN), and names with a name dot have forms of their own languages: of
those nobody can tell by a table of readings.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping

Spells = Callable[[str, str], bool | None]
"""Of a Chinese name and letters: whether they spell it, or None where a table can't tell."""
_LONGEST_NAME, _LONGEST_LETTERS = 12, 80
_NAME_DOTS = frozenset("·•‧∙⋅・･.")
_NOT_LETTERS = re.compile(r"[^a-z]+")
_WAYS_OF_U_UMLAUT = ("v", "u", "yu")


def cannot_tell(_name: str, _letters: str) -> bool | None:
    """Spells without any table."""
    return None


class Pinyin:
    """Spells by a table of readings. `readings` is called when a first name is asked for: character → its syllables, ü as v."""

    def __init__(self, readings: Callable[[], Mapping[str, tuple[str, ...]]]) -> None:
        self._read = readings
        self._readings: Mapping[str, tuple[str, ...]] | None = None

    def __call__(self, name: str, letters: str) -> bool | None:
        """Whether the letters are a reading of each character in turn, the family name (of one or two characters) first or last."""
        if self._readings is None:
            self._readings = self._read()
        characters = [sign for sign in name if not sign.isspace()]
        spelt = _letters_of(letters)
        if not 2 <= len(characters) <= _LONGEST_NAME or len(spelt) > _LONGEST_LETTERS or not spelt:
            return None
        if any(sign in _NAME_DOTS or sign not in self._readings for sign in characters):
            return None
        syllables = [_spellings(self._readings[sign]) for sign in characters]
        turned = (syllables[start:] + syllables[:start] for start in (0, 1, 2) if start < len(syllables))
        return any(_is_made_of(spelt, order) for order in turned)


def never_denied(spells: Spells) -> Spells:
    """For names that need not be written in pinyin: letters that are no reading of it may spell it nevertheless."""
    return lambda name, letters: spells(name, letters) or None


def _letters_of(text: str) -> str:
    """Lǚ Nà is lü na, and NÜ nü: tones go, the two dots of ü stay, as v."""
    decomposed = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    return _NOT_LETTERS.sub("", decomposed.replace("u\u0308", "v"))


def _spellings(readings: tuple[str, ...]) -> frozenset[str]:
    return frozenset(reading.replace("v", way) for reading in readings for way in _WAYS_OF_U_UMLAUT)


def _is_made_of(letters: str, syllables: list[frozenset[str]]) -> bool:
    """Whether one spelling of each syllable in turn makes up all the letters."""
    ends = {0}
    for spellings in syllables:
        ends = {start + len(one) for start in ends for one in spellings if letters.startswith(one, start)}
    return len(letters) in ends
