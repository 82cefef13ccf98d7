"""有效身份证件: what was read from a document, by whatever means. Whether it is valid is `policy.review_document`'s question."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum

from courier_check.errors import UserError
from courier_check.identity.codes import IdentityCode
from courier_check.identity.text import halfwidth
from courier_check.privacy import mask_name, mask_number

_LONGEST_FIELD = 200
_LONG_TERM_WORDS = frozenset({"长期", "長期", "long-term"})
_BREAKS = frozenset({"Cc", "Zl", "Zp"})
_UNSEEN = frozenset({"Cf", "Cs"})
_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\u2800")
"""Signs of other categories that show nothing (Unicode: Default_Ignorable_Code_Point, and the empty Braille pattern)."""
_DATE = re.compile(r"([0-9]{4})([-./]?)([0-9]{2})\2([0-9]{2})")


class DocumentType(StrEnum):
    """证件类型: those a sender may show, and two that clerks are often shown by mistake."""

    RESIDENT_ID = "resident-id"  # 居民身份证
    TEMPORARY_ID = "temporary-id"  # 临时居民身份证
    PLA = "pla"  # 解放军军人身份证件
    PAP = "pap"  # 武装警察身份证件
    HMT_RESIDENCE = "hmt-residence"  # 港澳台居民居住证
    HM_PERMIT = "hm-permit"  # 港澳居民来往内地通行证
    TW_PERMIT = "tw-permit"  # 台湾居民来往大陆通行证
    FOREIGN_PASSPORT = "foreign-passport"  # 外国公民护照
    FPR_CARD = "fpr-card"  # 外国人永久居留身份证
    OVERSEAS_PASSPORT = "overseas-passport"  # 华侨的中国护照
    HUKOU = "hukou"  # 户口簿
    OTHER = "other"
    TWO_WAY_PERMIT = "two-way-permit"  # 往来港澳通行证: 内地居民的, not valid for sending
    DRIVING_LICENCE = "driving-licence"  # 驾驶证: not valid for sending


class Source(StrEnum):
    """How a document's fields were obtained."""

    CHIP = "chip"
    PICTURE = "picture"
    MRZ = "mrz"
    CREDENTIAL = "credential"
    TYPED = "typed"


class Sex(StrEnum):
    """性别, in the words printed on the card (GB/T 2261.1: 1 男, 2 女)."""

    MALE = "男"
    FEMALE = "女"


_SEXES = {
    "男": Sex.MALE,
    "M": Sex.MALE,
    "1": Sex.MALE,
    "MALE": Sex.MALE,
    "女": Sex.FEMALE,
    "F": Sex.FEMALE,
    "2": Sex.FEMALE,
    "FEMALE": Sex.FEMALE,
}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class IdentityDocument:
    """有效身份证件 as read: every field but `type` may be unknown. `long_term` means 长期, and then `valid_until` is None."""

    type: DocumentType
    name: str | None = None
    number: str | None = None
    sex: Sex | None = None
    nation: str | None = None
    born_on: date | None = None
    address: str | None = None
    issuer: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    long_term: bool = False
    nationality: str | None = None
    source: Source = Source.TYPED

    @classmethod
    def from_mapping(cls, given: Mapping[str, object], *, source: Source = Source.TYPED) -> IdentityDocument:
        """The `document` object of `read-id` (cli.md): the same keys, absent or null where unknown; `valid_until` may be 长期.

        UserError on an unknown type or key, a value that is no text, a text over 200 characters, or an impossible date. The source is the
        caller's word, never the mapping's: a case file can't claim that a chip was read.
        """
        texts = {key: _text(key, value) for key, value in given.items()}
        unknown = sorted(texts.keys() - set(MAPPING_KEYS))
        if unknown:
            raise UserError(IdentityCode.DOCUMENT_FIELD_UNKNOWN, field=unknown[0][:40], known=", ".join(MAPPING_KEYS))
        long_term = texts.get("valid_until") in _LONG_TERM_WORDS
        return cls(
            type=_document_type(texts.get("type")),
            name=texts.get("name"),
            number=texts.get("number"),
            sex=_sex(texts.get("sex")),
            nation=texts.get("nation"),
            born_on=_date("born_on", texts.get("born_on")),
            address=texts.get("address"),
            issuer=texts.get("issuer"),
            valid_from=_date("valid_from", texts.get("valid_from")),
            valid_until=None if long_term else _date("valid_until", texts.get("valid_until")),
            long_term=long_term,
            nationality=_nationality(texts.get("nationality")),
            source=source,
        )

    def to_mapping(self) -> dict[str, str | None]:
        """The `document` object of `read-id`, unmasked: the inverse of `from_mapping`."""
        return {
            "type": self.type.value,
            "name": self.name,
            "number": self.number,
            "sex": None if self.sex is None else self.sex.value,
            "nation": self.nation,
            "born_on": _iso(self.born_on),
            "address": self.address,
            "issuer": self.issuer,
            "valid_from": _iso(self.valid_from),
            "valid_until": "长期" if self.long_term else _iso(self.valid_until),
            "nationality": self.nationality,
        }

    def __repr__(self) -> str:
        name = None if self.name is None else mask_name(self.name)
        number = None if self.number is None else mask_number(self.number)
        return f"IdentityDocument({self.type.value}, {name}, {number}, {self.source.value})"


MAPPING_KEYS: tuple[str, ...] = tuple(f.name for f in fields(IdentityDocument) if f.name not in {"long_term", "source"})


def parse_date(text: str) -> date | None:
    """A date as cards and people write it: 2020-01-31, 2020.01.31, 2020/01/31, 20200131. None if it is not one."""
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[3]), int(found[4]))
    except ValueError:
        return None


def _text(key: str, value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, date):
        return value.isoformat()[:10]
    if not isinstance(value, str) or len(value) > _LONGEST_FIELD:
        raise UserError(IdentityCode.DOCUMENT_FIELD_INVALID, field=key[:40], longest=_LONGEST_FIELD)
    return _visible(value).strip() or None


def _visible(text: str) -> str:
    """Without what can't be seen and yet makes another name of it, or shows one name for another: marks of direction, joiners, fillers.
    Line ends and tabs are blanks."""
    blanked = "".join(" " if unicodedata.category(sign) in _BREAKS else sign for sign in text)
    return "".join(sign for sign in blanked if unicodedata.category(sign) not in _UNSEEN and sign not in _FILLERS)


def _document_type(text: str | None) -> DocumentType:
    try:
        return DocumentType(text or "")
    except ValueError:
        known = ", ".join(kind.value for kind in DocumentType)
        raise UserError(IdentityCode.DOCUMENT_TYPE_UNKNOWN, type=(text or "")[:40], known=known) from None


def _sex(text: str | None) -> Sex | None:
    if text is None:
        return None
    sex = _SEXES.get(halfwidth(text))
    if sex is None:
        raise UserError(IdentityCode.DOCUMENT_FIELD_INVALID, field="sex", longest=_LONGEST_FIELD)
    return sex


def _nationality(text: str | None) -> str | None:
    return None if text is None else halfwidth(text)


def _date(field: str, text: str | None) -> date | None:
    if text is None:
        return None
    day = parse_date(halfwidth(text))
    if day is None:
        raise UserError(IdentityCode.DOCUMENT_DATE_INVALID, field=field)
    return day


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
