"""服务信息登记, the fourth system 59号文 names (domain.md §11.2), and 一票多件: what is agreed about a parcel beside what is in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from courier_check.countries import COUNTRIES
from courier_check.errors import UserError
from courier_check.parcel.text import clean_words
from courier_check.terms import Consequence, Reason

CHINA: Final = "CN"
LARGEST_FEN = 1_000_000_000
MOST_PIECES = 200
_HS_CODE = re.compile(r"[0-9]{4,13}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_LONGEST = 120


class ServiceCode(StrEnum):
    """What service information can get wrong. Sentences: resources/wording/parcel.json."""

    COUNTRY_BAD = "service-country-bad"
    AMOUNT_BAD = "service-amount-bad"
    TEXT_TOO_LONG = "service-text-too-long"
    PLACE_MISSING = "service-place-missing"
    CUSTOMS_EMPTY = "customs-empty"
    CUSTOMS_FIELD_BAD = "customs-field-bad"
    PIECES_BAD = "pieces-bad"


class ServiceReason(StrEnum):
    """Codes of the reasons a review of the service gives."""

    MAILBOX_SERVICE = "mailbox-service-not-allowed"
    VALUE_UNLIKE_CONTENTS = "declared-value-unlike-contents"
    CUSTOMS_UNLIKE_CONTENTS = "customs-unlike-contents"


class Payer(StrEnum):
    """付费方式."""

    SENDER = "sender"  # 寄付
    ADDRESSEE = "addressee"  # 到付
    MONTHLY = "monthly"  # 月结
    THIRD_PARTY = "third-party"  # 第三方付


class Way(StrEnum):
    """收寄方式: how the parcel was handed in. Everything but the counter names its place."""

    COUNTER = "counter"  # 窗口
    PICK_UP = "pick-up"  # 上门揽收
    AGENCY = "agency"  # 代办点、驿站
    RETURN = "return"  # 退件


class CustomsCategory(StrEnum):
    """CN 22/CN 23: the category of an item that leaves the country [忆]."""

    GIFT = "gift"
    DOCUMENTS = "documents"
    SAMPLE = "sample"
    SALE = "sale"
    RETURNED = "returned"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomsItem:
    """One line of a customs declaration. `origin`: two letters; `hs_code`: digits, or empty where the sender does not know it."""

    description: str
    quantity: int
    net_weight_g: int
    value: int
    origin: str = ""
    hs_code: str = ""

    def __post_init__(self) -> None:
        """UserError naming the first field that can't be. The description is kept without what nobody sees."""
        object.__setattr__(self, "description", clean_words(self.description))
        if not self.description or len(self.description) > _LONGEST:
            raise UserError(ServiceCode.CUSTOMS_FIELD_BAD, field="description")
        for field, number, least in (("quantity", self.quantity, 1), ("net_weight_g", self.net_weight_g, 1), ("value", self.value, 0)):
            if not least <= number <= LARGEST_FEN:
                raise UserError(ServiceCode.CUSTOMS_FIELD_BAD, field=field)
        if self.origin and self.origin not in COUNTRIES:
            raise UserError(ServiceCode.CUSTOMS_FIELD_BAD, field="origin")
        if self.hs_code and not _HS_CODE.fullmatch(self.hs_code):
            raise UserError(ServiceCode.CUSTOMS_FIELD_BAD, field="hs_code")


@dataclass(frozen=True, slots=True)
class CustomsDeclaration:
    """报关单证 of an item abroad; values in hundredths of `currency`."""

    category: CustomsCategory
    currency: str
    items: tuple[CustomsItem, ...]

    def __post_init__(self) -> None:
        """UserError without a line, or for what is no currency."""
        if not self.items:
            raise UserError(ServiceCode.CUSTOMS_EMPTY)
        if not _CURRENCY.fullmatch(self.currency):
            raise UserError(ServiceCode.CUSTOMS_FIELD_BAD, field="currency")

    @property
    def net_weight_g(self) -> int:
        return sum(item.net_weight_g for item in self.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceInformation:
    """服务信息. `declared_fen`: 保价 in hundredths of a yuan, None where not insured; `country`: two letters.

    `place`: where it was handed in unless at the counter: an address at somebody's door is personal data, and stays in the kept part.
    """

    product: str = ""
    payer: Payer | None = None
    declared_fen: int | None = None
    way: Way = Way.COUNTER
    place: str = ""
    country: str = CHINA
    customs: CustomsDeclaration | None = None

    def __post_init__(self) -> None:
        """UserError for a country that is none, an amount that can't be, a text too long, a way that needs its place. Texts are kept
        without what nobody sees: they are printed and shown."""
        object.__setattr__(self, "product", clean_words(self.product))
        object.__setattr__(self, "place", clean_words(self.place))
        if self.country not in COUNTRIES:
            raise UserError(ServiceCode.COUNTRY_BAD, given=self.country[:20])
        if self.declared_fen is not None and not 0 < self.declared_fen <= LARGEST_FEN:
            raise UserError(ServiceCode.AMOUNT_BAD)
        if max(len(self.product), len(self.place)) > _LONGEST:
            raise UserError(ServiceCode.TEXT_TOO_LONG, longest=_LONGEST)
        if self.way is not Way.COUNTER and not self.place:
            raise UserError(ServiceCode.PLACE_MISSING)

    def __repr__(self) -> str:
        return f"ServiceInformation({self.product}, {self.way.value}, {self.country})"

    @property
    def is_abroad(self) -> bool:
        return self.country != CHINA

    @property
    def lacks_customs(self) -> bool:
        """Goods abroad need a customs declaration; letters don't, which the caller knows."""
        return self.is_abroad and self.customs is None

    def is_named(self, weight_g: int | None) -> bool:
        """Product, payer and weight are there."""
        return bool(self.product.strip()) and self.payer is not None and bool(weight_g)

    def is_complete(self, weight_g: int | None) -> bool:
        """服务信息已登记: named, and abroad with the customs declaration."""
        return self.is_named(weight_g) and not self.lacks_customs


@dataclass(frozen=True, slots=True)
class Shipment:
    """一票多件 (子母件): which piece this is of how many, and the first piece's waybill. UserError for a piece that can't be."""

    piece: int
    pieces: int
    first_waybill: str

    def __post_init__(self) -> None:
        if not 1 <= self.piece <= self.pieces or not 2 <= self.pieces <= MOST_PIECES:
            raise UserError(ServiceCode.PIECES_BAD, most=MOST_PIECES)


def review_service(service: ServiceInformation, *, mailbox_letter: bool, contents_fen: int, weight_g: int | None) -> Iterator[Reason]:
    """What does not go together. `contents_fen`: the value of the declared contents, 0 where none was declared."""
    if mailbox_letter and (service.declared_fen is not None or service.payer is Payer.ADDRESSEE):
        yield Reason(ServiceReason.MAILBOX_SERVICE, Consequence.REFER, None, {"mark_zh": "（待核实）", "mark_en": " (to be verified)"})
    if service.declared_fen is not None and 0 < contents_fen < service.declared_fen:
        yield Reason(ServiceReason.VALUE_UNLIKE_CONTENTS, Consequence.NOTE)
    if service.customs is not None and weight_g and service.customs.net_weight_g > weight_g:
        yield Reason(ServiceReason.CUSTOMS_UNLIKE_CONTENTS, Consequence.REFER)
