"""承运商: their waybill shapes as data (resources/carriers.json), each with its source and how certain it is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from courier_check import typed
from courier_check.errors import UserError

CERTAINTIES = ("原", "转", "算", "忆", "建议")


class CarriersCode(StrEnum):
    UNREADABLE = "carriers-unreadable"
    BAD_PATTERN = "carriers-bad-pattern"
    UNKNOWN_CARRIER = "carrier-unknown"


class Strength(StrEnum):
    """How much a shape says by itself."""

    LETTERS = "letters"  # letters only this carrier prints
    RANGE = "range"  # leading digits it issues
    LENGTH = "length"  # only how many digits


_ORDER = {Strength.LETTERS: 0, Strength.RANGE: 1, Strength.LENGTH: 2}


@dataclass(frozen=True, slots=True)
class Shape:
    """单号形状: one pattern of one carrier. `former` marks shapes the carrier no longer issues."""

    carrier: str
    pattern: re.Pattern[str]
    strength: Strength
    former: bool
    certainty: str
    source: str

    @property
    def rank(self) -> tuple[bool, int]:
        return self.former, _ORDER[self.strength]


@dataclass(frozen=True, slots=True)
class Carrier:
    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class GoodsPrefix:
    """A range of GS1 prefixes with what it means; not proof of where the goods were made."""

    first: str
    last: str
    zh: str
    en: str
    certainty: str


class _ShapeFile(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    pattern: str
    strength: Strength
    certainty: str
    source: str
    former: bool = False
    examples: tuple[str, ...] = ()
    note: str = ""


class _CarrierFile(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    code: str
    zh: str
    en: str
    shapes: tuple[_ShapeFile, ...]


class _PrefixFile(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    first: str
    last: str
    zh: str
    en: str
    certainty: str
    source: str


class _S10Service(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    letter: str
    zh: str
    en: str
    certainty: str
    source: str


class _CredentialFile(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    words: tuple[str, ...]
    certainty: str
    source: str


class _File(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    version: str
    note: str
    carriers: tuple[_CarrierFile, ...]
    s10_services: tuple[_S10Service, ...]
    goods_prefixes: tuple[_PrefixFile, ...]
    credentials: _CredentialFile


@dataclass(frozen=True, slots=True)
class Carriers:
    """All carriers the program knows, in the order of the file."""

    version: str
    carriers: tuple[Carrier, ...]
    shapes: tuple[Shape, ...]
    goods_prefixes: tuple[GoodsPrefix, ...]
    s10_services: tuple[_S10Service, ...]
    credential_words: tuple[str, ...]

    @classmethod
    def parse(cls, data: bytes) -> Carriers:
        """Read resources/carriers.json; UserError with the path of the mistake where it doesn't hold to its form."""
        try:
            read = typed.decode(data, _File)
        except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
            raise UserError(CarriersCode.UNREADABLE, detail=str(wrong)) from wrong
        return cls(
            read.version,
            tuple(Carrier(carrier.code, carrier.zh, carrier.en) for carrier in read.carriers),
            tuple(sorted(_shapes(read), key=lambda shape: shape.rank)),
            tuple(GoodsPrefix(item.first, item.last, item.zh, item.en, item.certainty) for item in read.goods_prefixes),
            read.s10_services,
            read.credentials.words,
        )

    def matching(self, number: str) -> tuple[Shape, ...]:
        """The shapes `number` has: current before former, a carrier's own letters before digit ranges before mere length."""
        return tuple(shape for shape in self.shapes if shape.pattern.fullmatch(number))

    def carrier(self, code: str) -> Carrier:
        """UserError for a code that is not in the file."""
        for carrier in self.carriers:
            if carrier.code == code:
                return carrier
        raise UserError(CarriersCode.UNKNOWN_CARRIER, carrier=code, known=", ".join(known.code for known in self.carriers))

    def check_outlet(self, codes: Iterable[str]) -> tuple[str, ...]:
        """An outlet's carriers as configured; UserError at the first code that is not in the file."""
        return tuple(self.carrier(code).code for code in codes)

    def goods_prefix(self, prefix: str) -> GoodsPrefix | None:
        return next((known for known in self.goods_prefixes if known.first <= prefix <= known.last), None)

    def s10_service(self, number: str) -> str | None:
        """The Chinese name of the service an S10 number's first letter stands for [忆]."""
        return next((service.zh for service in self.s10_services if number.startswith(service.letter)), None)

    def says_credential(self, text: str) -> bool:
        """Whether the text itself says it is a real-name credential; what such codes hold is not public (domain.md §8.3)."""
        return any(word in text for word in self.credential_words)


def _shapes(read: _File) -> Iterable[Shape]:
    for place, carrier in enumerate(read.carriers):
        for number, shape in enumerate(carrier.shapes):
            where = f"$.carriers[{place}].shapes[{number}]"
            if shape.certainty not in CERTAINTIES:
                raise UserError(CarriersCode.UNREADABLE, detail=f"certainty {shape.certainty!r} - at `{where}.certainty`")
            yield Shape(carrier.code, _compiled(shape.pattern, where), shape.strength, shape.former, shape.certainty, shape.source)


def _compiled(pattern: str, where: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern, re.ASCII)
    except re.error as wrong:
        raise UserError(CarriersCode.BAD_PATTERN, detail=f"{wrong} - at `{where}.pattern`") from wrong
