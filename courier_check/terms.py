"""Words that several packages of the trade share: kinds of mail, consequences, reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from courier_check.errors import Fact


class MailKind(StrEnum):
    """件型: decides which real-name rule applies (快递暂行条例 22 条; 巡视专用信箱)."""

    LETTER = "letter"  # 信件
    PARCEL = "parcel"  # 散件
    AGREEMENT = "agreement"  # 协议客户件
    INSPECTION_MAILBOX = "inspection-mailbox"  # 巡视专用信箱件


class ClientKind(StrEnum):
    """协议客户类型, as its file has it (domain.md §2.4, 建议)."""

    ENTERPRISE = "enterprise"  # 企业
    SOLE_TRADER = "sole-trader"  # 个体
    PERSON = "person"  # 个人
    PUBLIC_BODY = "public-body"  # 机关


class Consequence(IntEnum):
    """What a reason does to the verdict; the greatest one wins."""

    NOTE = 0  # shown, changes nothing
    REFER = 1  # 复核: a supervisor or a new read must settle it
    REFUSE = 2  # 拒收


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a judgement came out as it did. `code` names the sentence in resources/wording; `refusal` is R01–R15 or R99 where it refuses.

    Facts fill the sentence's placeholders and never carry unmasked personal data.
    """

    code: str
    consequence: Consequence
    refusal: str | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict)


_READ_IN_THE_ORIGINAL = "原"


def marks_of(certainty: str) -> dict[str, Fact]:
    """待核实: the facts `mark_zh` and `mark_en` of a reason whose rule has this certainty; empty only where the original was read."""
    if certainty == _READ_IN_THE_ORIGINAL:
        return {"mark_zh": "", "mark_en": ""}
    return {"mark_zh": "（待核实）", "mark_en": " (to be verified)"}
