"""读音: what a character sounds like, so that 鑫 and 忻 are one syllable, and near sounds too (zh/z, n/l, -ng/-n).

A syllable has a code that depends on the shipped table alone: an index of one process is read by another (measured/screening.md §4.6).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from courier_check import typed
from courier_check.errors import UserError
from courier_check.screening.codes import ScreeningCode

_FIRST_CODE = 0xE000
"""Syllables are written in the private use area, where no character of a name stands."""
_NUMERALS = frozenset("〇一二三四五六七八九十")
"""Numbers are no sounds: 一 is not 易."""
_SPELT = re.compile(r"[a-z]{4,40}")
_LONGEST_SYLLABLE, _MOST_WAYS = 6, 3
_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"))


class _SoundsFile(msgspec.Struct, frozen=True):
    version: str
    readings: dict[str, str]


@dataclass(frozen=True, slots=True, repr=False)
class Sounds:
    """Readings of characters. `codes`: character or spelt syllable → the code of its near sound; `version` names the table."""

    version: str
    readings: Mapping[str, tuple[str, ...]]
    syllables: frozenset[str]
    near: Mapping[str, str]
    codes: Mapping[int, str]

    @classmethod
    def parse(cls, data: bytes) -> Sounds:
        """From resources/sounds.json; UserError if it is no such file."""
        try:
            file = typed.decode(data, _SoundsFile)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise UserError(ScreeningCode.RULES_MALFORMED, fault=str(error)) from None
        readings = {sign: tuple(told.split()) for sign, told in file.readings.items() if sign not in _NUMERALS and told.strip()}
        syllables = frozenset(each for told in readings.values() for each in told)
        folded = sorted({_folded(each) for each in syllables})
        code = {each: chr(_FIRST_CODE + place) for place, each in enumerate(folded)}
        near = {each: code[_folded(each)] for each in syllables}
        codes = {ord(sign): near[told[0]] for sign, told in readings.items()}
        version = hashlib.sha256(repr((sorted(file.readings.items()), folded)).encode()).hexdigest()[:12]
        return cls(version, readings, syllables, near, codes)

    def tokens(self, letters: str) -> tuple[str, ...]:
        """A name's letters one by one; what is wholly spelt in pinyin (huitong) syllable by syllable."""
        if not any("a" <= letter <= "z" for letter in letters):
            return tuple(letters)
        found: list[str] = []
        end = 0
        for run in _SPELT.finditer(letters):
            spelt = self._syllables_of(run[0])
            if len(spelt) >= 2:
                found += [*letters[end : run.start()], *spelt]
                end = run.end()
        return (*found, *letters[end:])

    def other_tokens(self, letters: str) -> list[tuple[str, ...]]:
        """The other ways to part a name's first pinyin run into as few syllables, at most three."""
        run = _SPELT.search(letters)
        if run is None:
            return []
        best = self._syllables_of(run[0])
        ways = [way for way in self._partings(run[0], len(best)) if way != best and len(best) >= 2]
        rest = self.tokens(letters[run.end() :])
        return [(*letters[: run.start()], *way, *rest) for way in ways[:_MOST_WAYS]]

    def _partings(self, run: str, count: int) -> list[tuple[str, ...]]:
        if count == 0:
            return [] if run else [()]
        ends = [end for end in range(1, min(_LONGEST_SYLLABLE, len(run)) + 1) if run[:end] in self.syllables]
        return [(run[:end], *rest) for end in ends for rest in self._partings(run[end:], count - 1)][: _MOST_WAYS + 1]

    def code(self, tokens: tuple[str, ...]) -> str:
        """One code a token: of its near sound where it has one, else the character itself."""
        if all(len(token) == 1 for token in tokens):
            return "".join(tokens).translate(self.codes)
        return "".join(self.near[token] if len(token) > 1 else token.translate(self.codes) for token in tokens)

    def readings_of(self, token: str) -> tuple[str, ...]:
        return self.readings.get(token, ()) if len(token) == 1 else (token,)

    def _syllables_of(self, run: str) -> tuple[str, ...]:
        """The whole run in as few syllables as possible, or nothing."""
        best: list[tuple[str, ...] | None] = [(), *([None] * len(run))]
        for end in range(1, len(run) + 1):
            for start in range(max(0, end - _LONGEST_SYLLABLE), end):
                before = best[start]
                if before is not None and run[start:end] in self.syllables:
                    now, held = (*before, run[start:end]), best[end]
                    best[end] = now if held is None or len(now) < len(held) else held
        return best[-1] or ()


def _folded(syllable: str) -> str:
    """zh/z, ch/c, sh/s, n/l and -ng/-n told apart by few speakers and fewer typists."""
    for one, other in _INITIALS:
        if syllable.startswith(one) and len(syllable) > len(one):
            syllable = other + syllable[len(one) :]
            break
    return syllable[:-1] if syllable.endswith("ng") and len(syllable) > 2 else syllable
