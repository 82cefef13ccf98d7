"""What goods and their codes can get wrong, and the reasons they give. Sentences: resources/wording/contents.json."""

from __future__ import annotations

from enum import StrEnum


class GoodsCode(StrEnum):
    FILE_INVALID = "goods-invalid"
    CLASS_UNKNOWN = "goods-class-unknown"
    PAPER_UNKNOWN = "goods-paper-unknown"
    GTIN_BAD = "contents-gtin-bad"
    ORG_CODE_BAD = "contents-org-code-bad"
    TEXT_BAD = "contents-text-bad"
    TAGS_TOO_MANY = "contents-tags-too-many"


class GoodsReason(StrEnum):
    """Codes of the reasons a review of the goods gives."""

    CLASS_PROHIBITED = "goods-class-prohibited"
    BRAND_PAPERS_MISSING = "brand-papers-missing"
    BRAND_QUANTITY_UNUSUAL = "brand-quantity-unusual"
    PERSONAL_USE = "personal-use-stated"
    PAPER_TO_SEE = "goods-paper-to-see"
    ORG_CODE_DOUBTFUL = "org-code-doubtful"
    TAG_UNLIKE_GTIN = "tag-unlike-gtin"
