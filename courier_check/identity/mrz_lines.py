"""机读码 as recognised: from printed lines to a zone whose characters stand where ICAO 9303 puts them. Pure.

Recognition loses or invents `<` in long runs and takes letters for digits. Both are put right only where the place of a character leaves
no choice, or where exactly one choice makes every check digit hold; the fields mended so are named, never passed off as read.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from courier_check.identity.codes import NumberReason
from courier_check.identity.lines import PrintedLine, Row, levelled, rows, turned
from courier_check.identity.mrz import MachineReadable

_FILLERS = str.maketrans({"《": "<<", "«": "<<", "〈": "<", "‹": "<", "く": "<", "≤": "<", "(": "<", "{": "<"})
_ZONE_LINE = re.compile(r"[A-Z0-9<]{22,60}")
_BARE_SECOND_TD1 = re.compile(r"[0-9OQDILZSBG]{7}[MFX<][0-9OQDILZSBG]{7}[A-Z0-9]{3}[0-9OQD]")
_TD3, _TD1 = 44, 30
_FURTHEST_OFF = 9
"""So many characters too few or too many may be a run of `<` misread; more is another text."""

_TO_DIGIT = str.maketrans("OQDUILZSBG", "0000112586")
_TO_LETTER = str.maketrans("012568", "OIZSGB")
_ALIKE = {"0": "O", "O": "0", "1": "I", "I": "1", "2": "Z", "Z": "2", "5": "S", "S": "5", "8": "B", "B": "8", "6": "G", "G": "6"}
_MOST_SWAPS = 2

# Places where only one kind of character can stand.
_DIGITS_TD3 = ((9, 10), (13, 20), (21, 28), (43, 44))
_LETTERS_TD3 = ((10, 13),)
_DIGITS_TD1 = ((0, 7), (8, 15), (29, 30))
_LETTERS_TD1 = ((15, 18),)


@dataclass(frozen=True, slots=True, repr=False)
class ReadZone:
    """A zone as recognised. `mended`: the checks that hold only after a choice between characters that look alike."""

    zone: MachineReadable
    lines: tuple[PrintedLine, ...]
    mended: frozenset[NumberReason] = frozenset()

    @property
    def score(self) -> float:
        """The worst of its lines."""
        return min(line.score for line in self.lines)

    def __repr__(self) -> str:
        return f"ReadZone({self.zone!r}, {self.score:.2f}, {sorted(self.mended)})"


def find_zones(lines: Sequence[PrintedLine]) -> tuple[ReadZone, ...]:
    """The zones of a picture, whichever of the two level ways up, best first: one for every document with another number."""
    level = levelled([line for line in lines if len(line.box) == 4 and line.text.strip()])
    found: list[ReadZone] = []
    for way in (level, turned(level, math.pi)):
        found += _zones(rows(way))
    best: dict[str, ReadZone] = {}
    for zone in sorted(found, key=lambda zone: (len(zone.zone.failed), len(zone.mended), zone.zone.names is None)):
        best.setdefault(zone.zone.number, zone)
    sound = [zone for zone in best.values() if not zone.zone.failed]
    return tuple(sound or list(best.values())[:1])


def zone_rows(lines: Sequence[PrintedLine]) -> tuple[PrintedLine, ...]:
    """Lines that look like parts of a zone, whether or not it could be made out: where to look closer."""
    return tuple(line for line in lines if "<<" in _characters(line.text) and _ZONE_LINE.search(_characters(line.text)))


def _characters(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).translate(_FILLERS).upper().split()).strip(".,:;'`-·")


def _zones(found: Sequence[Row]) -> Iterator[ReadZone]:
    texts = [(row, "".join(_characters(line.text) for line in row)) for row in found]
    kept = [(row, text) for row, text in texts if _ZONE_LINE.fullmatch(text) or _BARE_SECOND_TD1.fullmatch(text)]
    printed = frozenset(_characters(line.text) for row in found for line in row)
    for at, (row, text) in enumerate(kept):
        after = kept[at + 1 : at + 3]
        if text[0] == "P" and after:
            yield from _td3((row, after[0][0]), text, after[0][1], printed)
        if len(after) >= 1:
            third = after[1] if len(after) > 1 else None
            lines = row + after[0][0] + (third[0] if third else ())
            yield from _td1(lines, (text, after[0][1], third[1] if third else None), printed)


def _td3(read: tuple[Row, Row], first: str, second: str, printed: frozenset[str]) -> Iterator[ReadZone]:
    top, below = _fitted(first, _TD3), _fitted(second, _TD3)
    if top is None or below is None:
        return
    top = top.translate(_TO_LETTER)
    below = _by_place(below, _DIGITS_TD3, _LETTERS_TD3)
    zone = _mended((top, below), (1, 0, 9), (1, 28, 42), printed)
    if zone is not None:
        yield ReadZone(zone[0], (*read[0], *read[1]), zone[1])


def _td1(lines: tuple[PrintedLine, ...], texts: tuple[str, str, str | None], printed: frozenset[str]) -> Iterator[ReadZone]:
    first, second, third = texts
    if _BARE_SECOND_TD1.fullmatch(second):  # a short run of `<` before the last digit is not seen at all at times
        second = second[:18] + "<" * (_TD1 - 19) + second[18]
    top, below = _fitted(first, _TD1), _fitted(second, _TD1)
    if top is None or below is None or not top[0].isalpha():
        return
    top = top[:1] + top[1:5].translate(_TO_LETTER) + top[5:]
    below = _by_place(below, _DIGITS_TD1, _LETTERS_TD1)
    names = _fitted(third, _TD1) if third is not None and "<" in third else None
    parts = (top, below) if names is None else (top, below, names.translate(_TO_LETTER))
    if not below[:6].isdigit():  # a line of names
        return
    zone = _mended(parts, (0, 5, 14), (0, 15, 30), printed)
    if zone is not None:
        yield ReadZone(zone[0], lines, zone[1])


def _fitted(text: str, length: int) -> str | None:
    """Brought to its length by the longest run of `<`; None where that is not what is wrong."""
    off = length - len(text)
    if off == 0:
        return text
    run = max(re.finditer(r"<+", text), key=lambda found: found.end() - found.start(), default=None)
    if run is None or abs(off) > _FURTHEST_OFF or run.end() - run.start() + off < 1:
        return None
    return text[: run.start()] + "<" * (run.end() - run.start() + off) + text[run.end() :]


def _by_place(text: str, digits: Sequence[tuple[int, int]], letters: Sequence[tuple[int, int]]) -> str:
    for start, end in digits:
        text = text[:start] + text[start:end].translate(_TO_DIGIT) + text[end:]
    for start, end in letters:
        text = text[:start] + text[start:end].translate(_TO_LETTER) + text[end:]
    return text


Place = tuple[int, int, int]
"""Which line, from where, to where."""


def _mended(
    parts: Sequence[str], number: Place, optional: Place, printed: frozenset[str]
) -> tuple[MachineReadable, frozenset[NumberReason]] | None:
    """The zone as it stands if its checks hold or can't be made to; else with the one choice of look-alikes that makes all hold.

    Where several would, the one whose number is `printed` elsewhere in the picture.
    """
    zone = MachineReadable.find("".join(parts))
    if zone is None or not zone.failed:
        return None if zone is None else (zone, frozenset())
    for place, reason in ((number, NumberReason.MRZ_CHECK_NUMBER), (optional, NumberReason.MRZ_CHECK_COMPOSITE)):
        sound = {
            other.number + other.checked[-1][2]: other
            for swaps, other in _choices(parts, place)
            # Two swaps satisfy the checks by chance too often: then the number must stand elsewhere in print.
            if not other.failed and (swaps == 1 or other.number in printed)
        }
        if len(sound) > 1:
            sound = {key: other for key, other in sound.items() if other.number in printed} or sound
        if len(sound) == 1:
            return next(iter(sound.values())), frozenset({reason})
        if sound:  # several readings satisfy the checks: none of them is known
            break
    return zone, frozenset()


def _choices(parts: Sequence[str], place: Place) -> Iterator[tuple[int, MachineReadable]]:
    """The zones with so many look-alikes swapped."""
    line, start, end = place
    text = parts[line]
    unsure = [at for at in range(start, end) if text[at] in _ALIKE]
    for count in range(1, _MOST_SWAPS + 1):
        for swapped in combinations(unsure, count):
            characters = list(text)
            for at in swapped:
                characters[at] = _ALIKE[characters[at]]
            zone = MachineReadable.find("".join((*parts[:line], "".join(characters), *parts[line + 1 :])))
            if zone is not None:
                yield count, zone
