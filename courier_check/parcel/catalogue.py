"""内件品类 (goods.json): classes a clerk chooses by typing, and the papers that go with them — asked of businesses, not of people who send
their own things (domain.md §11.8)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from courier_check import typed
from courier_check.errors import Fact, UserError
from courier_check.parcel.codes import GoodsCode, GoodsReason
from courier_check.parcel.finding import Finder
from courier_check.parcel.lines import line_of_fault
from courier_check.terms import Consequence, Reason, marks_of

if TYPE_CHECKING:
    from courier_check.parcel.contents import DeclaredItem


class AskedOf(StrEnum):
    BUSINESS = "business"  # agreement clients, business senders, and whoever sends an unusual quantity
    EVERYONE = "everyone"


class PaperConsequence(StrEnum):
    NOTE = "note"
    REFER = "refer"


class Paper(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """随附单证. `brand`: one of those that stand for a brand, of which any will do."""

    id: str
    zh: str
    en: str
    asked_of: AskedOf
    consequence: PaperConsequence
    brand: bool
    source: str
    certainty: str


class GoodsClass(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """品类. `category`: which of the nine of restricted.json; `focus`: 59号文重点商品; `brand`: often branded; `prohibited`: the category
    of prohibited.json that such goods belong to; `unusual_from`: pieces from which a private sender is asked, too."""

    id: str
    zh: str
    en: str
    category: str
    aliases: tuple[str, ...]
    source: str
    certainty: str
    focus: bool = False
    brand: bool = False
    papers: tuple[str, ...] = ()
    unusual_from: int | None = None
    prohibited: str | None = None


class GoodsCatalogue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """goods.json."""

    version: str
    checked_on: str
    note: str
    unusual_from: int
    papers: tuple[Paper, ...]
    classes: tuple[GoodsClass, ...]

    @classmethod
    def parse(cls, data: bytes) -> GoodsCatalogue:
        """UserError(goods-invalid) with line and path of the first fault."""
        try:
            read = typed.decode(data, cls)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
            detail = str(wrong)[:200] if isinstance(wrong, msgspec.DecodeError) else type(wrong).__name__
            raise UserError(GoodsCode.FILE_INVALID, detail=detail, line=line_of_fault(data, detail)) from None
        papers, ids = {paper.id for paper in read.papers}, [each.id for each in read.classes]
        for place, each in enumerate(read.classes):
            if not set(each.papers) <= papers or ids.index(each.id) != place:
                detail = f"{each.id} - at `$.classes[{place}]`"
                raise UserError(GoodsCode.FILE_INVALID, detail=detail, line=line_of_fault(data, detail))
        return read

    def goods_class(self, class_id: str) -> GoodsClass:
        """UserError for a class that is not in the file."""
        for each in self.classes:
            if each.id == class_id:
                return each
        raise UserError(GoodsCode.CLASS_UNKNOWN, given=class_id[:40])

    def paper(self, paper_id: str) -> Paper:
        """UserError for a paper that is not in the file."""
        for each in self.papers:
            if each.id == paper_id:
                return each
        raise UserError(GoodsCode.PAPER_UNKNOWN, given=paper_id[:40], known=", ".join(paper.id for paper in self.papers))

    def papers_asked(self, kind: GoodsClass, *, asked: bool) -> Iterator[Paper]:
        """What has to be seen for goods of a class: what everybody shows, and where the sender is `asked` the rest as well."""
        papers = (self.paper(paper_id) for paper_id in kind.papers)
        return (paper for paper in papers if asked or paper.asked_of is AskedOf.EVERYONE)

    def is_unusual(self, item: DeclaredItem, items: Sequence[DeclaredItem]) -> bool:
        """Whether so many pieces of this class (without a class: of this brand) go in one parcel that a private sender is asked, too: they
        count together, over however many lines they were declared."""
        kind = self.goods_class(item.goods) if item.goods else None
        alike = (one for one in items if one is item or (one.goods == item.goods and (one.goods or one.brand == item.brand)))
        return sum(one.quantity for one in alike) >= ((kind.unusual_from if kind else None) or self.unusual_from)

    def finder(self, readings: Mapping[str, tuple[str, ...]]) -> Finder[GoodsClass]:
        """Search by name and alias, their pinyin and initials, and by English name."""
        names = [(each.zh, each) for each in self.classes]
        names += [(alias, each) for each in self.classes for alias in each.aliases]
        names += [(each.en, each) for each in self.classes]
        return Finder(names, readings)


def review_goods(catalogue: GoodsCatalogue, items: Sequence[DeclaredItem], *, business: bool) -> Iterator[Reason]:
    """What the classes of declared items ask for. `business`: an agreement client or a sender who trades."""
    for item in items:
        kind = catalogue.goods_class(item.goods) if item.goods else None
        unusual = catalogue.is_unusual(item, items)
        asked = business or unusual
        if kind is not None and kind.prohibited is not None:
            yield Reason(GoodsReason.CLASS_PROHIBITED, Consequence.REFER, None, _class_facts(kind) | {"category": kind.prohibited})
        if item.brand:
            yield from _brand(catalogue, item, asked=asked, unusual=unusual)
        if kind is not None:
            yield from _papers(catalogue, item, kind, asked=asked)


def _brand(catalogue: GoodsCatalogue, item: DeclaredItem, *, asked: bool, unusual: bool) -> Iterator[Reason]:
    """A private sender of a usual quantity is believed; others show that the brand's goods are theirs to send."""
    wanted = [paper for paper in catalogue.papers if paper.brand]
    facts: dict[str, Fact] = {"brand": (item.brand or "")[:60], "quantity": item.quantity}
    if not asked:
        if item.personal_use:
            yield Reason(GoodsReason.PERSONAL_USE, Consequence.NOTE, None, facts)
    elif wanted and not {paper.id for paper in wanted} & set(item.papers):
        names = {"papers_zh": " 或 ".join(paper.zh for paper in wanted), "papers_en": " or ".join(paper.en for paper in wanted)}
        code = GoodsReason.BRAND_QUANTITY_UNUSUAL if unusual else GoodsReason.BRAND_PAPERS_MISSING
        refers = any(paper.consequence is PaperConsequence.REFER for paper in wanted)
        yield Reason(code, Consequence.REFER if refers else Consequence.NOTE, None, facts | names | marks_of(wanted[0].certainty))


def _papers(catalogue: GoodsCatalogue, item: DeclaredItem, kind: GoodsClass, *, asked: bool) -> Iterator[Reason]:
    for paper in catalogue.papers_asked(kind, asked=asked):
        if paper.id not in item.papers:
            consequence = Consequence.REFER if paper.consequence is PaperConsequence.REFER else Consequence.NOTE
            facts = _class_facts(kind) | {"paper_zh": paper.zh, "paper_en": paper.en, "source": paper.source, **marks_of(paper.certainty)}
            yield Reason(GoodsReason.PAPER_TO_SEE, consequence, None, facts)


def _class_facts(kind: GoodsClass) -> dict[str, Fact]:
    return {"class": kind.id, "class_zh": kind.zh, "class_en": kind.en}
