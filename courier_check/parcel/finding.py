"""边打边找: names found by what a clerk types — the name, its pinyin, its initials, or both mixed (yao, yp, 药p)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType
from typing import Generic, TypeVar

import msgspec

from courier_check import typed

T = TypeVar("T")
_BETWEEN_WORDS = re.compile(r"[^0-9A-Za-z\u0080-\uffff]+")
LONGEST_TYPED = 40
"""Characters of what is typed that are looked at."""


class Readings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """拼音 (pinyin.json): reading → characters, without tones, ü as v."""

    version: str
    source: str
    certainty: str
    readings: dict[str, str]

    @classmethod
    def parse(cls, data: bytes) -> Readings:
        return typed.decode(data, cls)

    def by_character(self) -> Mapping[str, tuple[str, ...]]:
        """Character → its readings."""
        found: dict[str, list[str]] = {}
        for reading, characters in self.readings.items():
            for character in characters:
                found.setdefault(character, []).append(reading)
        return MappingProxyType({character: tuple(readings) for character, readings in found.items()})


class Fit(IntEnum):
    """How a name fits what was typed; the closest first."""

    EXACT = 0
    BEGINNING = 1
    WITHIN = 2
    SOUNDS_WHOLE = 3
    SOUNDS_BEGINNING = 4
    SOUNDS_WITHIN = 5


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """What was found, the name it was found by, and how it fits."""

    target: T
    name: str
    fit: Fit


@dataclass(frozen=True, slots=True)
class _Name(Generic[T]):
    target: T
    name: str
    folded: str
    sounds: tuple[tuple[str, ...], ...]
    starts: tuple[bool, ...]
    """Where a match may begin: at every character but within a Latin word."""
    order: int


class Finder(Generic[T]):
    """Names of things, ready to be searched at every key. `names`: (name, thing), a thing's own name before its aliases, the more important
    things first."""

    def __init__(self, names: Iterable[tuple[str, T]], readings: Mapping[str, tuple[str, ...]]) -> None:
        self._names = tuple(_named(name, target, readings, order) for order, (name, target) in enumerate(names))

    def search(self, text: str, limit: int = 9) -> tuple[Found[T], ...]:
        """The things whose names fit, each once by its closest name; nothing for nothing typed. Any text will do."""
        wanted = fold_name(text[:LONGEST_TYPED])
        if not wanted:
            return ()
        fits = sorted(
            ((fit, len(name.folded), name.order, name) for name in self._names if (fit := _fit(name, wanted)) is not None),
            key=lambda each: each[:3],
        )
        found: dict[int, Found[T]] = {}
        for fit, _, _, name in fits:
            found.setdefault(id(name.target), Found(name.target, name.name, fit))
        return tuple(found.values())[:limit]


def fold_name(text: str) -> str:
    """A name as it is compared: half width, lower case, without blanks and signs; an apostrophe parts syllables nowhere here."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(sign for sign in plain if sign.isalnum())


def _named(name: str, target: T, readings: Mapping[str, tuple[str, ...]], order: int) -> _Name[T]:
    parts = [fold_name(part) for part in _BETWEEN_WORDS.split(unicodedata.normalize("NFKC", name))]
    folded = "".join(parts)
    begins = {sum(map(len, parts[:number])) for number in range(len(parts))}
    starts = tuple(place in begins or not (_is_latin(sign) and _is_latin(folded[place - 1])) for place, sign in enumerate(folded))
    return _Name(target, name, folded, tuple((sign, *readings.get(sign, ())) for sign in folded), starts, order)


def _is_latin(sign: str) -> bool:
    return sign.isascii() and sign.isalpha()


def _fit(name: _Name[T], wanted: str) -> Fit | None:
    place = name.folded.find(wanted)
    while place > 0 and not name.starts[place]:
        place = name.folded.find(wanted, place + 1)
    if place == 0:
        return Fit.EXACT if len(wanted) == len(name.folded) else Fit.BEGINNING
    if place > 0:
        return Fit.WITHIN
    if not any("a" <= sign <= "z" for sign in wanted):
        return None
    for start, sounds in enumerate(name.sounds):
        if name.starts[start] and any(sound[0] == wanted[0] for sound in sounds):
            ends = tuple(_ends(name.sounds, start, wanted))
            if ends:
                whole = start == 0 and len(name.sounds) in ends
                return Fit.SOUNDS_WHOLE if whole else Fit.SOUNDS_BEGINNING if start == 0 else Fit.SOUNDS_WITHIN
    return None


def _ends(sounds: tuple[tuple[str, ...], ...], start: int, wanted: str) -> Iterator[int]:
    """How many characters of the name are used up where all of `wanted` is: each by itself, its syllable or its initial; of the last one
    any beginning of its syllable will do."""
    reached = {(start, 0)}
    while reached:
        following: set[tuple[int, int]] = set()
        for place, used in reached:
            if used == len(wanted):
                yield place
            elif place < len(sounds):
                following |= {(place + 1, used + step) for step in _steps(sounds[place], wanted[used:])}
        reached = following


def _steps(sounds: tuple[str, ...], rest: str) -> Iterator[int]:
    """How much of what is left each way of sounding one character takes."""
    for sound in sounds:
        if sound[0] == rest[0]:
            yield 1
            if rest.startswith(sound):
                yield len(sound)
            elif sound.startswith(rest):
                yield len(rest)
