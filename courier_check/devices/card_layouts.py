"""证件芯片里的文字: 256 bytes, UTF-16LE, in the four layouts that cards have (domain.md §7; the letter at byte 248 tells which).

What stands in a card is taken as it stands. What can't be read is doubted, never guessed, and never an exception: only a card of a kind
that is not known is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from courier_check.devices.codes import ReaderCode
from courier_check.devices.sam import TEXT_BYTES
from courier_check.errors import UserError
from courier_check.identity.documents import DocumentType, IdentityDocument, Sex, Source, parse_date
from courier_check.identity.readings import Doubt, Field, FieldDoubt, SourceReading
from courier_check.identity.resident import ResidentNumber
from courier_check.identity.text import plain

_KIND_AT = 248
_SEXES = {"1": Sex.MALE, "2": Sex.FEMALE}
_LONG_TERM = "长期"
_FPR_2017 = re.compile(r"[A-Z]{3}[0-9]{12}")
_COUNTRY = re.compile(r"[A-Z]{3}")
_NATIONS = (
    "01汉 02蒙古 03回 04藏 05维吾尔 06苗 07彝 08壮 09布依 10朝鲜 11满 12侗 13瑶 14白 15土家 16哈尼 17哈萨克 18傣 19黎 20傈僳 21佤 22畲 "
    "23高山 24拉祜 25水 26东乡 27纳西 28景颇 29柯尔克孜 30土 31达斡尔 32仫佬 33羌 34布朗 35撒拉 36毛南 37仡佬 38锡伯 39阿昌 40普米 "
    "41塔吉克 42怒 43乌孜别克 44俄罗斯 45鄂温克 46德昂 47保安 48裕固 49京 50塔塔尔 51独龙 52鄂伦春 53赫哲 54门巴 55珞巴 56基诺 "
    "97其他 98外国血统中国籍人士"
)
NATIONS: Mapping[str, str] = MappingProxyType({each[:2]: each[2:] for each in _NATIONS.split()})
"""GB/T 3304 by the two digits a card holds."""


def read_card_text(text: bytes) -> SourceReading:
    """The document a chip holds. Raises UserError(TYPE_UNKNOWN) for a layout that is not known, UserError(TEXT_LENGTH) for another length.

    Beside the document's own number cards hold another permit's, how often they were issued, and a second name: none is kept.
    """
    if len(text) != TEXT_BYTES:
        raise UserError(ReaderCode.TEXT_LENGTH)
    card = _Card(text)
    layout = _LAYOUTS.get(card.kind)
    if layout is None:
        raise UserError(ReaderCode.TYPE_UNKNOWN, kind=card.kind_for_people)
    return _doubted(layout(card))


@dataclass(frozen=True, slots=True, repr=False)
class _Card:
    """The text of one card. Never shown."""

    text: bytes

    @property
    def kind(self) -> str:
        """The letter that tells the layout: empty for a resident's card."""
        return self.field(_KIND_AT, 2)

    @property
    def kind_for_people(self) -> str:
        """The letter, or its number where it is none: whatever bytes a card holds, a sentence stays a sentence."""
        return self.kind if self.kind.isascii() and self.kind.isalnum() else self.text[_KIND_AT : _KIND_AT + 2][::-1].hex().upper()

    def field(self, at: int, length: int) -> str:
        return _decoded(self.text[at : at + length]).strip(" \x00\u3000")

    def joined(self, *places: tuple[int, int]) -> str:
        """A field that is kept in two places since one was too short."""
        return _decoded(b"".join(self.text[at : at + length] for at, length in places)).strip(" \x00\u3000")

    def day(self, at: int) -> date | None:
        return parse_date(self.field(at, 16))

    def sex(self, at: int) -> Sex | None:
        return _SEXES.get(self.field(at, 2))

    def nation(self, at: int) -> str | None:
        return NATIONS.get(self.field(at, 4))

    def is_long_term(self, at: int) -> bool:
        return self.field(at, 16) == _LONG_TERM


def _decoded(data: bytes) -> str:
    """Broken pairs of surrogates become U+FFFD, which is doubted below."""
    return data.decode("utf-16-le", "replace")


def _resident(card: _Card) -> IdentityDocument:
    return IdentityDocument(
        type=DocumentType.RESIDENT_ID,
        name=card.field(0, 30) or None,
        sex=card.sex(30),
        nation=card.nation(32),
        born_on=card.day(36),
        address=card.field(52, 70) or None,
        number=plain(card.field(122, 36)) or None,
        issuer=card.field(158, 30) or None,
        valid_from=card.day(188),
        valid_until=card.day(204),
        long_term=card.is_long_term(204),
        source=Source.CHIP,
    )


def _hmt_residence(card: _Card) -> IdentityDocument:
    """港澳台居民居住证: as a resident's card, without a nation."""
    return IdentityDocument(
        type=DocumentType.HMT_RESIDENCE,
        name=card.field(0, 30) or None,
        sex=card.sex(30),
        born_on=card.day(36),
        address=card.field(52, 70) or None,
        number=plain(card.field(122, 36)) or None,
        issuer=card.field(158, 30) or None,
        valid_from=card.day(188),
        valid_until=card.day(204),
        long_term=card.is_long_term(204),
        source=Source.CHIP,
    )


def _fpr_2017(card: _Card) -> IdentityDocument:
    """外国人永久居留身份证 of 2017. Its name is the one of the passport, in Latin letters; the Chinese one only where there is no other."""
    return IdentityDocument(
        type=DocumentType.FPR_CARD,
        name=card.field(0, 120) or card.field(158, 30) or None,
        sex=card.sex(120),
        number=plain(card.field(122, 30)) or None,
        nationality=plain(card.field(152, 6)) or None,
        valid_from=card.day(188),
        valid_until=card.day(204),
        long_term=card.is_long_term(204),
        born_on=card.day(220),
        source=Source.CHIP,
    )


def _fpr_2023(card: _Card) -> IdentityDocument:
    """外国人永久居留身份证 of 2023, whose Latin name of up to 46 letters stands in two places."""
    return IdentityDocument(
        type=DocumentType.FPR_CARD,
        name=card.joined((52, 70), (220, 22)) or card.field(0, 30) or None,
        sex=card.sex(30),
        born_on=card.day(36),
        number=plain(card.field(122, 36)) or None,
        valid_from=card.day(188),
        valid_until=card.day(204),
        long_term=card.is_long_term(204),
        nationality=plain(card.field(242, 6)) or None,
        source=Source.CHIP,
    )


_LAYOUTS: Mapping[str, Callable[[_Card], IdentityDocument]] = MappingProxyType(
    {"": _resident, "J": _hmt_residence, "I": _fpr_2017, "Y": _fpr_2023}
)

# ---- doubts ------------------------------------------------------------------------------------------------------------------------------

_HOLDS: Mapping[DocumentType, tuple[Field, ...]] = MappingProxyType(
    {
        DocumentType.RESIDENT_ID: (Field.NAME, Field.SEX, Field.NATION, Field.BORN_ON, Field.ADDRESS, Field.NUMBER, Field.ISSUER),
        DocumentType.HMT_RESIDENCE: (Field.NAME, Field.SEX, Field.BORN_ON, Field.ADDRESS, Field.NUMBER, Field.ISSUER),
        DocumentType.FPR_CARD: (Field.NAME, Field.SEX, Field.BORN_ON, Field.NUMBER, Field.NATIONALITY),
    }
)
"""What each kind of card always holds, besides its validity."""


def _doubted(document: IdentityDocument) -> SourceReading:
    doubts = tuple(dict.fromkeys((*_unreadable(document), *_number_doubts(document), *_term_doubts(document))))
    return SourceReading(Source.CHIP, document, doubts)


def _unreadable(document: IdentityDocument) -> Iterator[FieldDoubt]:
    """What is missing, and text with signs that no card has."""
    for field in _HOLDS[document.type]:
        value = getattr(document, field.value)
        if value is None or (isinstance(value, str) and not _is_text(value)):
            yield FieldDoubt(field, Doubt.UNREADABLE)
    if document.nationality is not None and not _COUNTRY.fullmatch(document.nationality):
        yield FieldDoubt(Field.NATIONALITY, Doubt.UNREADABLE)


def _is_text(value: str) -> bool:
    """Characters of private use are text: some cards write rare names with them."""
    return "\ufffd" not in value and all(sign.isprintable() or 0xE000 <= ord(sign) <= 0xF8FF for sign in value)


def _number_doubts(document: IdentityDocument) -> Iterator[FieldDoubt]:
    """The number against its check digit, the birth date and the sex. The check digit of 2017's cards is [忆] and doubts nothing."""
    if document.number is None:
        return
    number = ResidentNumber.find(document.number) if len(document.number) == 18 else None
    if number is None:
        if not (document.type is DocumentType.FPR_CARD and _FPR_2017.fullmatch(document.number)):
            yield FieldDoubt(Field.NUMBER, Doubt.UNREADABLE)
        return
    if not number.check_holds:
        yield FieldDoubt(Field.NUMBER, Doubt.CHECK_DIGIT)
    if document.born_on is not None and number.born_on != document.born_on:
        yield FieldDoubt(Field.BORN_ON, Doubt.NUMBER_CONFLICT)
    if None not in (document.sex, number.sex) and number.sex is not document.sex:
        yield FieldDoubt(Field.SEX, Doubt.NUMBER_CONFLICT)


def _term_doubts(document: IdentityDocument) -> Iterator[FieldDoubt]:
    """Dates that are none, and a card that ends before it begins. Whether the term fits the holder's age is `policy`'s question."""
    if document.valid_from is None:
        yield FieldDoubt(Field.VALID_FROM, Doubt.UNREADABLE)
    if document.valid_until is None and not document.long_term:
        yield FieldDoubt(Field.VALID_UNTIL, Doubt.UNREADABLE)
    if document.valid_from is not None and document.valid_until is not None and document.valid_until <= document.valid_from:
        yield FieldDoubt(Field.VALID_UNTIL, Doubt.TERM_UNLIKELY)
