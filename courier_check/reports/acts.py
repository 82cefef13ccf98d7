"""What reports know of an act in the journal: no names, no numbers, no waybill."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from courier_check.clock import day_bounds_ms
from courier_check.errors import UserError
from courier_check.reports.codes import ReportCode
from courier_check.terms import MailKind


class ActKind(StrEnum):
    ACCEPTANCE = "acceptance"  # 收寄
    REFUSAL = "refusal"  # 拒收
    REFERRAL = "referral"  # 复核
    CORRECTION = "correction"  # 更正
    WITHDRAWAL = "withdrawal"  # 撤件
    SECURITY_CHECK = "security-check"  # 安检
    INTERCEPT = "intercept"  # 拦截


class RealName(StrEnum):
    """How the rule of real names was met."""

    VERIFIED = "verified"  # 当面查验
    SHOWN = "shown"  # 出示过证件, but the parcel was refused or referred
    AGREEMENT = "agreement"  # 协议客户, 已登记存档
    EXEMPT = "exempt"  # 不需实名
    NONE = "none"


def is_owed(real_name: str | None) -> bool:
    """应实名、应验视: every acceptance but those whose real name is exempt, which are the letters, to inspection mailboxes too.

    What anybody else sends to an inspection mailbox owes both. An act that does not say owes both as well.
    """
    return real_name != RealName.EXEMPT


def is_named(mail_kind: str | None, real_name: str | None) -> bool:
    """实名合规: checked at the window; a client under an agreement was registered once and need not be (快递暂行条例 22 条)."""
    return real_name == RealName.VERIFIED or (mail_kind == MailKind.AGREEMENT and real_name == RealName.AGREEMENT)


@dataclass(frozen=True, slots=True)
class ActRow:
    """One act. `acknowledged_at_ms`: when the gateway's receipt for it was made, None while it is pending. `late`: 补录."""

    seq: int
    kind: ActKind
    at_ms: int
    operator: str | None
    mail_kind: MailKind | None = None
    real_name: RealName = RealName.NONE
    document_source: str | None = None
    inspected: bool = False
    security_checked: bool = False
    refusal: str | None = None
    prohibited: tuple[str, ...] = ()
    screening: str | None = None
    late: bool = False
    corrected: bool = False
    acknowledged_at_ms: int | None = None
    service_complete: bool | None = None
    """服务信息: None where nothing was said of it."""
    way: str | None = None
    abroad: bool = False
    hurried: bool = False
    """Answers followed each other faster than anybody looks."""
    security: str | None = None
    """安检: how the newest check of an act came out (None: there was none), or how this check did."""

    @property
    def pending(self) -> bool:
        return self.acknowledged_at_ms is None


@dataclass(frozen=True, slots=True)
class Period:
    """Days of China time, both ends included. UserError if they are reversed."""

    from_on: date
    to_on: date

    def __post_init__(self) -> None:
        if self.to_on < self.from_on:
            raise UserError(ReportCode.PERIOD_REVERSED, from_on=self.from_on.isoformat(), to_on=self.to_on.isoformat())

    @classmethod
    def day(cls, day: date) -> Period:
        return cls(day, day)

    @property
    def bounds_ms(self) -> tuple[int, int]:
        """First millisecond, and the first one after the end."""
        return day_bounds_ms(self.from_on)[0], day_bounds_ms(self.to_on)[1]

    def __str__(self) -> str:
        return self.from_on.isoformat() if self.from_on == self.to_on else f"{self.from_on.isoformat()} 至 {self.to_on.isoformat()}"
