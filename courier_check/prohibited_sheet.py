"""公示: the catalogue of prohibited goods as a sheet for the wall of the outlet (禁止寄递物品管理规定 6 条)."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from courier_check.errors import Fact
from courier_check.inspection.catalogue import Category, Certainty, Prohibited
from courier_check.inspection.refusals import Regulations
from courier_check.parcel.contents import Limit, LimitConsequence, RestrictedGoods
from courier_check.reports.sheets import Sheet
from courier_check.wording import Language, Wording


class PublicNoticeCode(StrEnum):
    """What the sheet says beside the catalogue's own words."""

    TITLE = "public-notice-title"
    INTRODUCTION = "public-notice-introduction"
    CATEGORY = "public-notice-category"
    EXAMPLES = "public-notice-examples"
    EXAMPLES_OPEN = "public-notice-examples-open"
    RESTRICTED = "public-notice-restricted"
    LIMIT = "public-notice-limit"
    BASIS = "public-notice-basis"
    COMPLAINTS = "public-notice-complaints"
    VERSION = "public-notice-version"
    OUTLET = "public-notice-outlet"


_BASIS = ("prohibited-rules/5", "prohibited-rules/6", "postal-law/24", "express-regulations/prohibited")


def public_notice(
    prohibited: Prohibited, restricted: RestrictedGoods, regulations: Regulations, wording: Wording, *, outlet: str = ""
) -> Sheet:
    """The nineteen categories with their examples, the limits in force, the basis, where to complain. Local limits that are off are not on
    it; every basis not read in the original is marked."""
    rows = [(f"{category.code} {wording.bilingual(category)}", _examples(category, wording)) for category in prohibited.categories]
    limits = [_limit(limit, wording) for limit in restricted.limits if limit.enabled and limit.consequence is LimitConsequence.REFUSE]
    rows.append((wording.of(PublicNoticeCode.RESTRICTED), "；".join(limits)))
    heading = ((wording.of(PublicNoticeCode.OUTLET), outlet.strip() or "＿＿＿＿＿＿＿＿"), ("", wording.of(PublicNoticeCode.INTRODUCTION)))
    version = {"version": prohibited.version, "checked_on": prohibited.checked_on}
    return Sheet(
        title=wording.of(PublicNoticeCode.TITLE),
        heading=heading,
        columns=(wording.of(PublicNoticeCode.CATEGORY), wording.of(PublicNoticeCode.EXAMPLES)),
        rows=tuple(rows),
        notes=(
            wording.of(PublicNoticeCode.EXAMPLES_OPEN),
            wording.of(PublicNoticeCode.BASIS, {"basis": "；".join(_basis(regulations, wording))}),
            wording.of(PublicNoticeCode.COMPLAINTS),
            wording.of(PublicNoticeCode.VERSION, version),
        ),
    )


def _examples(category: Category, wording: Wording) -> str:
    """The catalogue's examples, which are Chinese in either language."""
    groups = (f"{group.zh}：{'、'.join(group.examples)}" for group in category.groups)
    return "；".join(groups) + _mark(category.certainty, wording)


def _limit(limit: Limit, wording: Wording) -> str:
    bound = limit.more_than if limit.more_than is not None else limit.at_least
    facts: dict[str, Fact] = {"goods_zh": limit.zh, "goods_en": limit.en, "bound": bound or 0, "unit": limit.unit}
    return wording.of(PublicNoticeCode.LIMIT, facts) + _mark(Certainty(limit.certainty), wording)


def _basis(regulations: Regulations, wording: Wording) -> Iterator[str]:
    for article_id in _BASIS:
        found = regulations.article(article_id)
        if found is not None:
            law, article = found
            number = article.number_2025 or article.number_2019 or article.number
            place = f" §{number}" if number and wording.language is Language.ENGLISH else f"第{number}条" if number else ""
            yield f"{wording.bilingual(law)}{place}{_mark(article.certainty, wording)}"


def _mark(certainty: Certainty, wording: Wording) -> str:
    if certainty is Certainty.READ:
        return ""
    return " (to be verified)" if wording.language is Language.ENGLISH else "（待核实）"
