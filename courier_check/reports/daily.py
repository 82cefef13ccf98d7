"""日报: counts and rates of the acts of a period, by the definitions of domain.md §9.2 (suggested there, not statutory: reports say so)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from courier_check.reports.acts import ActKind, ActRow, Period, RealName, is_named, is_owed
from courier_check.terms import MailKind

IN_TIME_MS = 24 * 3600 * 1000
"""上传及时: acknowledged within a day of the act."""

_ACTS = (ActKind.ACCEPTANCE, ActKind.REFUSAL, ActKind.REFERRAL)
_FROM_READER = "chip"
_TYPED = "typed"


@dataclass(frozen=True, slots=True)
class Rate:
    """率 as the two counts it is made of."""

    numerator: int
    denominator: int

    @property
    def text(self) -> str:
        """Two decimals rounded down, so that only a whole is 100.00%; nothing to measure is —, never 100%."""
        if self.denominator == 0:
            return "—"
        hundredths = self.numerator * 10_000 // self.denominator
        return f"{hundredths // 100}.{hundredths % 100:02d}%"

    @classmethod
    def of(cls, met: Iterable[bool]) -> Rate:
        each = [*met]
        return cls(sum(each), len(each))


@dataclass(frozen=True, slots=True)
class Rates:
    """The rates of the four systems 59号文 names (domain.md §11.2), and two of our own.

    `security_checked` and `service_information` are None while no act says anything of it: what is not recorded is not a rate of nothing.
    """

    real_name: Rate  # 实名收寄率
    real_name_parcels: Rate  # 其中散件
    real_name_agreement: Rate  # 其中协议件
    inspected: Rate  # 收寄验视率
    security_checked: Rate | None  # 安检率: a check that came to an end, passed or not
    service_information: Rate | None  # 服务信息登记率
    uploaded_in_time: Rate  # 上传及时率
    machine_read: Rate  # 机读率


@dataclass(frozen=True, slots=True)
class OperatorShare:
    """What one operator did; `typed` counts acceptances whose document was typed in rather than read, `hurried` acts whose
    questions were answered faster than anybody looks (product.md, G-11)."""

    operator: str
    accepted: int
    refused: int
    referred: int
    typed: int
    hurried: int


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of a period. Pairs are in order of their code; codes that did not occur are left out."""

    period: Period
    as_of_ms: int
    accepted: int
    accepted_by_kind: tuple[tuple[MailKind, int], ...]
    refused: int
    referred: int
    corrections: int
    corrected: int
    withdrawn: int
    by_security: tuple[tuple[str, int], ...]
    """安检 made in the period by outcome, of whose parcel ever."""
    by_way: tuple[tuple[str, int], ...]
    abroad: int
    late: int
    rates: Rates
    refusals: tuple[tuple[str, int], ...]
    prohibited: tuple[tuple[str, int], ...]
    hits_blocked: int
    hits_reviewed: int
    uploaded_late: int
    pending: int
    oldest_pending_at_ms: int | None
    operators: tuple[OperatorShare, ...]
    intercepted: int = 0
    """拦截 made in the period, of parcels accepted whenever: none is a refusal."""


def figures(rows: Iterable[ActRow], period: Period, as_of_ms: int) -> Figures:
    """The figures of the acts that lie in the period, as things stand at a moment."""
    first_ms, after_ms = period.bounds_ms
    within = [row for row in rows if first_ms <= row.at_ms < after_ms]
    kinds = Counter(row.kind for row in within)
    accepted = [row for row in within if row.kind is ActKind.ACCEPTANCE]
    acts = [row for row in within if row.kind in _ACTS]
    pending = [row.at_ms for row in within if row.pending]
    hits = Counter(row.screening for row in acts)
    return Figures(
        period=period,
        as_of_ms=as_of_ms,
        accepted=len(accepted),
        accepted_by_kind=tuple((kind, sum(row.mail_kind is kind for row in accepted)) for kind in MailKind),
        refused=kinds[ActKind.REFUSAL],
        referred=kinds[ActKind.REFERRAL],
        corrections=kinds[ActKind.CORRECTION],
        corrected=sum(row.corrected for row in acts),
        withdrawn=kinds[ActKind.WITHDRAWAL],
        by_security=_counted(row.security for row in within if row.kind is ActKind.SECURITY_CHECK and row.security),
        by_way=_counted(row.way for row in accepted if row.way),
        abroad=sum(row.abroad for row in accepted),
        late=sum(row.late for row in acts),
        rates=rates(within, as_of_ms),
        refusals=_counted(row.refusal for row in within if row.kind is ActKind.REFUSAL and row.refusal),
        prohibited=_counted(category for row in acts for category in dict.fromkeys(row.prohibited)),
        hits_blocked=hits["block"],
        hits_reviewed=hits["review"],
        uploaded_late=sum(_late_by_ms(row, as_of_ms) > 0 for row in acts if not row.pending and not row.late),
        pending=len(pending),
        oldest_pending_at_ms=min(pending, default=None),
        operators=_operators(acts),
        intercepted=kinds[ActKind.INTERCEPT],
    )


def rates(rows: Iterable[ActRow], as_of_ms: int) -> Rates:
    """The rates over these acts; a parcel withdrawn later was accepted all the same. Only what is recorded here can be in a denominator:
    reports must say so (domain.md §11.1)."""
    acts = [row for row in rows if row.kind in _ACTS]
    accepted = [row for row in acts if row.kind is ActKind.ACCEPTANCE]
    owed = [row for row in accepted if is_owed(row.real_name)]
    agreement = Rate.of(is_named(row.mail_kind, row.real_name) for row in owed if row.mail_kind is MailKind.AGREEMENT)
    parcels = Rate.of(is_named(row.mail_kind, row.real_name) for row in owed if row.mail_kind is not MailKind.AGREEMENT)
    due = [row for row in acts if not row.late and (not row.pending or as_of_ms - row.at_ms > IN_TIME_MS)]
    return Rates(
        real_name=Rate(parcels.numerator + agreement.numerator, parcels.denominator + agreement.denominator),
        real_name_parcels=parcels,
        real_name_agreement=agreement,
        inspected=Rate.of(row.inspected for row in owed),
        security_checked=Rate.of(row.security_checked for row in accepted) if any(row.security_checked for row in acts) else None,
        service_information=Rate.of(bool(row.service_complete) for row in accepted)
        if any(row.service_complete is not None for row in acts)
        else None,
        uploaded_in_time=Rate.of(_late_by_ms(row, as_of_ms) <= 0 for row in due),
        machine_read=Rate.of(row.document_source == _FROM_READER for row in accepted if row.real_name is RealName.VERIFIED),
    )


def _late_by_ms(row: ActRow, as_of_ms: int) -> int:
    """How long after its time an act was acknowledged, or has been waiting; not positive is in time."""
    until_ms = as_of_ms if row.acknowledged_at_ms is None else row.acknowledged_at_ms
    return until_ms - row.at_ms - IN_TIME_MS


def _counted(codes: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(codes).items()))


def _operators(acts: Sequence[ActRow]) -> tuple[OperatorShare, ...]:
    by_kind = Counter((row.operator or "", row.kind) for row in acts)
    hurried = Counter(row.operator or "" for row in acts if row.hurried)
    typed = Counter(row.operator or "" for row in acts if row.kind is ActKind.ACCEPTANCE and row.document_source == _TYPED)
    return tuple(
        OperatorShare(
            operator=operator,
            accepted=by_kind[operator, ActKind.ACCEPTANCE],
            refused=by_kind[operator, ActKind.REFUSAL],
            referred=by_kind[operator, ActKind.REFERRAL],
            typed=typed[operator],
            hurried=hurried[operator],
        )
        for operator in sorted({operator for operator, _ in by_kind})
    )
