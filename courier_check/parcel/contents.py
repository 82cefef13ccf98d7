"""内件: what a sender declares, and whether it stays within the restricted quantities (限寄; data in restricted.json)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Final

import msgspec

from courier_check import typed
from courier_check.errors import Fact, UserError
from courier_check.parcel.catalogue import GoodsCatalogue, GoodsClass
from courier_check.parcel.codes import GoodsCode, GoodsReason
from courier_check.parcel.goods import read_gtin
from courier_check.parcel.text import clean_words
from courier_check.parcel.tracing import org_code_holds, read_epc, read_org_code
from courier_check.terms import Consequence, Reason, marks_of

LARGEST_NUMBER = 1_000_000_000
MOST_TAGS = 200
"""Of one item, its pieces' tags together."""
_LONGEST_NAME = 200
_LONGEST_TEXT = 128


class ContentsCode(StrEnum):
    """What a declaration or restricted.json can get wrong. Sentences: resources/wording/contents.json."""

    RULES_INVALID = "restricted-invalid"
    FIELD_UNKNOWN = "contents-field-unknown"
    NAME_MISSING = "contents-name-missing"
    NAME_TOO_LONG = "contents-name-too-long"
    CATEGORY_UNKNOWN = "contents-category-unknown"
    NUMBER_BAD = "contents-number-bad"
    TOBACCO_AMOUNT_MISSING = "contents-tobacco-amount-missing"
    SIZE_BAD = "contents-size-bad"


class ContentsReason(StrEnum):
    """Codes of the reasons a review of restricted quantities gives."""

    OVER_LIMIT = "over-limit"
    SECOND_TOBACCO_PARCEL = "second-tobacco-parcel"
    TOBACCO_REPORT_HINT = "tobacco-report-hint"
    PARCEL_TOO_LARGE = "parcel-too-large"
    LAND_TRANSPORT = "land-transport"
    PAPERS_MAY_BE_NEEDED = "papers-may-be-needed"
    LOCAL_LIMIT = "local-limit"


class Quantity(StrEnum):
    """What a limit can be about, over all items of a parcel."""

    CIGARETTE_STICKS = "cigarette_sticks"
    TOBACCO_LEAF_G = "tobacco_leaf_g"
    CUT_TOBACCO_G = "cut_tobacco_g"
    TOBACCO_COMBINED_G = "tobacco_combined_g"
    TOBACCO_PARCELS_TODAY = "tobacco_parcels_today"
    WEIGHT_G = "weight_g"
    LONGEST_SIDE_MM = "longest_side_mm"
    SIDES_SUM_MM = "sides_sum_mm"
    BATTERY_ITEMS = "battery_items"
    ITEMS = "items"
    BLADE_MM = "blade_mm"


class LimitConsequence(StrEnum):
    NOTE = "note"
    REFER = "refer"
    REFUSE = "refuse"


class ContentCategory(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """品类: one of the nine a clerk chooses by key 1–9."""

    key: str
    id: str
    zh: str
    en: str
    tobacco: bool


class Limit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """限量: what more than `more_than`, or at least `at_least`, of a quantity leads to. Local rules are shipped switched off."""

    id: str
    quantity: Quantity
    unit: str
    zh: str
    en: str
    consequence: LimitConsequence
    reason: ContentsReason
    enabled: bool
    articles: tuple[str, ...]
    source: str
    certainty: str
    category: str | None = None
    more_than: int | None = None
    at_least: int | None = None
    refusal: str | None = None

    def is_reached(self, amount: int) -> bool:
        return (self.more_than is not None and amount > self.more_than) or (self.at_least is not None and amount >= self.at_least)


class RestrictedGoods(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """限寄规则 and the list of categories (restricted.json)."""

    version: str
    checked_on: str
    note: str
    categories: tuple[ContentCategory, ...]
    limits: tuple[Limit, ...]

    @classmethod
    def parse(cls, data: bytes) -> RestrictedGoods:
        """UserError(restricted-invalid) naming the path of the first fault."""
        try:
            goods = typed.decode(data, cls)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise UserError(ContentsCode.RULES_INVALID, detail=str(error)[:200]) from None
        for limit in goods.limits:
            _check_limit(limit, goods)
        keys = tuple(category.key for category in goods.categories)
        if len(set(keys)) != len(keys) or len({category.id for category in goods.categories}) != len(keys):
            raise UserError(ContentsCode.RULES_INVALID, detail="$.categories")
        return goods

    def category(self, given: str) -> ContentCategory | None:
        """A category by its id or by its key 1–9."""
        return next((category for category in self.categories if given in (category.id, category.key)), None)


def _check_limit(limit: Limit, goods: RestrictedGoods) -> None:
    bounds = (limit.more_than, limit.at_least)
    refuses = limit.consequence is LimitConsequence.REFUSE
    by_category = limit.quantity is Quantity.ITEMS
    fits = by_category is (limit.category is not None) and (limit.category is None or goods.category(limit.category) is not None)
    if bounds.count(None) != 1 or refuses is not (limit.refusal is not None) or not fits:
        raise UserError(ContentsCode.RULES_INVALID, detail=f"$.limits {limit.id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredItem:
    """内件 as declared. `category`: the id of one of the nine; `quantity`: pieces; cigarettes and cigars count together as sticks.

    `goods`: the class it was found as (goods.json); `papers`: ids of the papers shown for it; `personal_use`: the sender says 个人自用;
    `org_code`, `epc`: the maker's 组织机构代码 and the tag on it, for tracing; `more_epcs`: the tags of its other pieces.
    """

    name: str
    category: str
    quantity: int = 1
    weight_g: int | None = None
    value_fen: int | None = None
    cigarette_sticks: int | None = None
    tobacco_leaf_g: int | None = None
    cut_tobacco_g: int | None = None
    blade_mm: int | None = None
    battery: bool = False
    gtin: str | None = None
    goods: str | None = None
    brand: str | None = None
    personal_use: bool = False
    papers: tuple[str, ...] = ()
    org_code: str | None = None
    epc: str | None = None
    more_epcs: tuple[str, ...] = ()

    @classmethod
    def from_mapping(
        cls, given: Mapping[str, object], restricted: RestrictedGoods, catalogue: GoodsCatalogue | None = None
    ) -> DeclaredItem:
        """One item of a case file or form; the category by id or key, or as its class of goods has it.

        UserError on unknown keys, an empty name, an unknown category, class or paper, a number that is none or negative, tobacco without
        its amount, a goods barcode whose check digit is wrong, an organisation code that is none.
        """
        unknown = sorted(str(key) for key in given.keys() - set(ITEM_KEYS))
        if unknown:
            raise UserError(ContentsCode.FIELD_UNKNOWN, field=unknown[0][:40], known=", ".join(ITEM_KEYS))
        kind = _kind(given.get("goods"), catalogue)
        category = restricted.category(str(given.get("category", kind.category if kind else "")))
        if category is None:
            known = ", ".join(f"{one.key} {one.id}" for one in restricted.categories)
            raise UserError(ContentsCode.CATEGORY_UNKNOWN, category=str(given.get("category", ""))[:40], known=known)
        numbers = {key: _number(key, given.get(key)) for key in _NUMBER_KEYS}
        item = cls(
            name=_name(given.get("name", kind.zh if kind else None)),
            category=category.id,
            quantity=_quantity(given.get("quantity", 1)),
            battery=_flag(given.get("battery", False)),
            gtin=_gtin(given.get("gtin")),
            goods=kind.id if kind else None,
            brand=_short("brand", given.get("brand")),
            personal_use=_flag(given.get("personal_use", False), "personal_use"),
            papers=_papers(given.get("papers", ()), catalogue),
            org_code=_org_code(given.get("org_code")),
            epc=_short("epc", given.get("epc")),
            more_epcs=_tags(given.get("more_epcs", ())),
            **numbers,
        )
        if category.tobacco and not item.is_tobacco:
            raise UserError(ContentsCode.TOBACCO_AMOUNT_MISSING)
        return item

    @property
    def is_tobacco(self) -> bool:
        """Any amount of tobacco, whatever category it was declared under."""
        return bool(self.cigarette_sticks or self.tobacco_leaf_g or self.cut_tobacco_g)


ITEM_KEYS: Final = tuple(field.name for field in fields(DeclaredItem))
_NUMBER_KEYS: Final = ("weight_g", "value_fen", "cigarette_sticks", "tobacco_leaf_g", "cut_tobacco_g", "blade_mm")


@dataclass(frozen=True, slots=True)
class ParcelSize:
    """Weight and sides of the whole parcel; None where not measured."""

    weight_g: int | None = None
    sides_mm: tuple[int, int, int] | None = None

    def __post_init__(self) -> None:
        """UserError for a weight or a side that is not positive."""
        if any(not 0 < measure <= LARGEST_NUMBER for measure in (self.weight_g, *(self.sides_mm or ())) if measure is not None):
            raise UserError(ContentsCode.SIZE_BAD)


def review_contents(
    restricted: RestrictedGoods, items: Sequence[DeclaredItem], size: ParcelSize, *, tobacco_parcels_today: int = 0
) -> tuple[Reason, ...]:
    """限寄: every limit that is reached, as a reason.

    `tobacco_parcels_today`: parcels with tobacco accepted of this sender earlier the same day; this one is counted on top.
    """
    amounts = _amounts(items, size, tobacco_parcels_today)
    reasons = []
    for limit in restricted.limits:
        by_category = sum(item.quantity for item in items if item.category == limit.category)
        amount = by_category if limit.quantity is Quantity.ITEMS else amounts[limit.quantity]
        if limit.enabled and limit.is_reached(amount):
            reasons.append(_reason(limit, amount))
    return tuple(reasons)


def review_traces(items: Sequence[DeclaredItem]) -> Iterator[Reason]:
    """追溯: an organisation code whose check digit is not as it is now, a tag that names other goods than the barcode. Doubts, no more."""
    for item in items:
        if item.org_code is not None and not org_code_holds(item.org_code):
            yield Reason(GoodsReason.ORG_CODE_DOUBTFUL, Consequence.NOTE, None, {"org_code": item.org_code})
        if item.gtin is not None:
            tags = (read_epc(epc) for epc in (item.epc, *item.more_epcs) if epc)
            others = dict.fromkeys(tag.gtin for tag in tags if tag is not None and tag.gtin not in (None, item.gtin.rjust(14, "0")))
            yield from (Reason(GoodsReason.TAG_UNLIKE_GTIN, Consequence.NOTE, None, {"tag": str(tag), "gtin": item.gtin}) for tag in others)


def _amounts(items: Sequence[DeclaredItem], size: ParcelSize, tobacco_parcels_today: int) -> Mapping[Quantity, int]:
    leaf = sum(item.tobacco_leaf_g or 0 for item in items)
    cut = sum(item.cut_tobacco_g or 0 for item in items)
    sides = size.sides_mm or (0,)
    return {
        Quantity.CIGARETTE_STICKS: sum(item.cigarette_sticks or 0 for item in items),
        Quantity.TOBACCO_LEAF_G: leaf,
        Quantity.CUT_TOBACCO_G: cut,
        Quantity.TOBACCO_COMBINED_G: leaf + cut,
        Quantity.TOBACCO_PARCELS_TODAY: tobacco_parcels_today + 1 if any(item.is_tobacco for item in items) else 0,
        Quantity.WEIGHT_G: max(size.weight_g or 0, sum(item.weight_g or 0 for item in items)),
        Quantity.LONGEST_SIDE_MM: max(sides),
        Quantity.SIDES_SUM_MM: sum(sides),
        Quantity.BATTERY_ITEMS: sum(item.quantity for item in items if item.battery),
        Quantity.BLADE_MM: max((item.blade_mm or 0 for item in items), default=0),
    }


_CONSEQUENCES = (
    (LimitConsequence.NOTE, Consequence.NOTE),
    (LimitConsequence.REFER, Consequence.REFER),
    (LimitConsequence.REFUSE, Consequence.REFUSE),
)


def _reason(limit: Limit, amount: int) -> Reason:
    bound = limit.more_than if limit.more_than is not None else limit.at_least
    facts: dict[str, Fact] = {
        "limit": limit.id,
        "goods_zh": limit.zh,
        "goods_en": limit.en,
        "amount": amount,
        "bound": bound,
        "unit": limit.unit,
        "source": limit.source,
        **marks_of(limit.certainty),
    }
    return Reason(limit.reason, dict(_CONSEQUENCES)[limit.consequence], limit.refusal, facts)


def _name(given: object) -> str:
    name = clean_words(given) if isinstance(given, str) else ""
    if not name:
        raise UserError(ContentsCode.NAME_MISSING)
    if len(name) > _LONGEST_NAME:
        raise UserError(ContentsCode.NAME_TOO_LONG, longest=_LONGEST_NAME)
    return name


def _number(key: str, given: object) -> int | None:
    if given is None:
        return None
    if not isinstance(given, int) or isinstance(given, bool) or not 0 <= given <= LARGEST_NUMBER:
        raise UserError(ContentsCode.NUMBER_BAD, field=key)
    return given


def _quantity(given: object) -> int:
    number = _number("quantity", given)
    if not number:
        raise UserError(ContentsCode.NUMBER_BAD, field="quantity")
    return number


def _flag(given: object, field: str = "battery") -> bool:
    if not isinstance(given, bool):
        raise UserError(ContentsCode.NUMBER_BAD, field=field)
    return given


def _kind(given: object, catalogue: GoodsCatalogue | None) -> GoodsClass | None:
    if given is None:
        return None
    if catalogue is None:
        raise UserError(GoodsCode.CLASS_UNKNOWN, given=str(given)[:40])
    return catalogue.goods_class(str(given))


def _papers(given: object, catalogue: GoodsCatalogue | None) -> tuple[str, ...]:
    if not isinstance(given, list | tuple):
        raise UserError(GoodsCode.TEXT_BAD, field="papers", longest=_LONGEST_TEXT)
    known = () if catalogue is None else catalogue.papers
    for paper in given:
        if paper not in {each.id for each in known}:
            raise UserError(GoodsCode.PAPER_UNKNOWN, given=str(paper)[:40], known=", ".join(each.id for each in known))
    return tuple(str(paper) for paper in given)


def _tags(given: object) -> tuple[str, ...]:
    """Each once, in the order they were read."""
    if not isinstance(given, list | tuple) or len(given) >= MOST_TAGS:
        raise UserError(GoodsCode.TAGS_TOO_MANY, most=MOST_TAGS)
    return tuple(dict.fromkeys(tag for each in given if (tag := _short("more_epcs", each)) is not None))


def _gtin(given: object) -> str | None:
    """As scanned or typed; what has not the length of a goods barcode may be a maker's own number and is kept."""
    if given is None:
        return None
    text = str(given)[:14]
    read = read_gtin(text)
    if read is not None and not read.valid:
        raise UserError(GoodsCode.GTIN_BAD, given=text)
    return text


def _org_code(given: object) -> str | None:
    if given is None:
        return None
    code = read_org_code(str(given))
    if code is None:
        raise UserError(GoodsCode.ORG_CODE_BAD, given=str(given)[:20])
    return code


def _short(field: str, given: object) -> str | None:
    """A text of at most 128 characters, which a tag in hexadecimal has at most; empty is none."""
    if given is None:
        return None
    text = clean_words(given) if isinstance(given, str) else None
    if text is None or len(text) > _LONGEST_TEXT:
        raise UserError(GoodsCode.TEXT_BAD, field=field, longest=_LONGEST_TEXT)
    return text or None
