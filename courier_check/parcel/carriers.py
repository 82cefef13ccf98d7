"""承运商: their waybill shapes as data (resources/carriers.json), each with its source and how certain it is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from courier_check import typed
from courier_check.errors import UserError
from courier_check.parcel.lines import line_of, line_of_fault
from courier_check.parcel.text import clean_code, squeeze

CERTAINTIES = ("原", "转", "算", "忆", "建议")


_BEHIND_NAME = re.compile(r"(?:\([^()]*\)|[X×*]?(?:[0-9一二两三四五六七八九十百几]|若干)[份件封本袋个页]?|[.,;。、])+$")
"""NFKC has made brackets and digits half width."""


class CarriersCode(StrEnum):
    UNREADABLE = "carriers-unreadable"
    BAD_PATTERN = "carriers-bad-pattern"
    UNKNOWN_CARRIER = "carrier-unknown"
    UNKNOWN_RESERVED = "reserved-mail-unknown"


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
    """`postal`: 邮政企业, who alone may carry what is reserved (邮政法 55 条)."""

    code: str
    zh: str
    en: str
    postal: bool = False


class ReservedMail(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """快递企业不得寄递的邮件. `words`: declared names that are such mail; `article`: of regulations.json."""

    id: str
    zh: str
    en: str
    words: tuple[str, ...]
    article: str
    source: str
    certainty: str

    def is_called(self, name: str) -> bool:
        """Whether a declared name is one of the words, or ends in one: a Chinese compound ends with what the thing is. How many there are,
        and what is in brackets behind, says nothing else."""
        called = _BEHIND_NAME.sub("", squeeze(clean_code(name)))
        return any(called.endswith(word) for word in self.words)


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
    postal: bool = False


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
    reserved_mail: tuple[ReservedMail, ...] = ()


@dataclass(frozen=True, slots=True)
class Carriers:
    """All carriers the program knows, in the order of the file."""

    version: str
    carriers: tuple[Carrier, ...]
    shapes: tuple[Shape, ...]
    goods_prefixes: tuple[GoodsPrefix, ...]
    s10_services: tuple[_S10Service, ...]
    credential_words: tuple[str, ...]
    reserved_mail: tuple[ReservedMail, ...] = ()

    @classmethod
    def parse(cls, data: bytes) -> Carriers:
        """Read resources/carriers.json; UserError with line and path of the mistake where it doesn't hold to its form."""
        try:
            read = typed.decode(data, _File)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
            detail = str(wrong) if isinstance(wrong, msgspec.DecodeError) else type(wrong).__name__
            raise UserError(CarriersCode.UNREADABLE, detail=detail, line=line_of_fault(data, detail)) from wrong
        return cls(
            read.version,
            tuple(Carrier(carrier.code, carrier.zh, carrier.en, carrier.postal) for carrier in read.carriers),
            tuple(sorted(_shapes(read, data), key=lambda shape: shape.rank)),
            tuple(GoodsPrefix(item.first, item.last, item.zh, item.en, item.certainty) for item in read.goods_prefixes),
            read.s10_services,
            read.credentials.words,
            read.reserved_mail,
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

    def is_postal(self, code: str | None) -> bool:
        """Whether a carrier is the postal enterprise; nobody's waybill is."""
        return any(carrier.postal for carrier in self.carriers if carrier.code == code)

    def reserved(self, mail_id: str) -> ReservedMail:
        """UserError for a kind of reserved mail that is not in the file."""
        for mail in self.reserved_mail:
            if mail.id == mail_id:
                return mail
        raise UserError(CarriersCode.UNKNOWN_RESERVED, given=mail_id[:40], known=", ".join(mail.id for mail in self.reserved_mail))

    def goods_prefix(self, prefix: str) -> GoodsPrefix | None:
        return next((known for known in self.goods_prefixes if known.first <= prefix <= known.last), None)

    def s10_service(self, number: str) -> str | None:
        """The Chinese name of the service an S10 number's first letter stands for [忆]."""
        return next((service.zh for service in self.s10_services if number.startswith(service.letter)), None)

    def says_credential(self, text: str) -> bool:
        """Whether the text itself says it is a real-name credential; what such codes hold is not public (domain.md §8.3)."""
        return any(word in text for word in self.credential_words)


def _shapes(read: _File, data: bytes) -> Iterable[Shape]:
    for place, carrier in enumerate(read.carriers):
        for number, shape in enumerate(carrier.shapes):
            where = f"$.carriers[{place}].shapes[{number}]"
            if shape.certainty not in CERTAINTIES:
                raise _fault(CarriersCode.UNREADABLE, data, f"{where}.certainty", f"certainty {shape.certainty!r}")
            try:
                pattern = re.compile(shape.pattern, re.ASCII)
            except (re.error, RecursionError, OverflowError) as wrong:
                raise _fault(CarriersCode.BAD_PATTERN, data, f"{where}.pattern", str(wrong)) from wrong
            yield Shape(carrier.code, pattern, shape.strength, shape.former, shape.certainty, shape.source)


def _fault(code: CarriersCode, data: bytes, path: str, what: str) -> UserError:
    return UserError(code, detail=f"{what} - at `{path}`", line=line_of(data.decode("utf-8", "replace"), path))
