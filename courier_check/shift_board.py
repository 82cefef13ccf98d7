"""班次看板: what was accepted and refused today or since the last day close, the rates of the four systems, and what waits to be done.

Reads only. The definitions are those of the reports (reports/daily.py); the counting is the database's (store/board.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from courier_check.clock import at, day_bounds_ms
from courier_check.inspection.security import SecurityOutcome
from courier_check.reports.acts import ActKind, is_named, is_owed
from courier_check.reports.daily import Rate
from courier_check.store import board as counted
from courier_check.store.board import ActGroup, MissingLabel, Within
from courier_check.store.database import Database
from courier_check.store.intercepts import standing_intercepts
from courier_check.terms import MailKind

MOST_MISSING = 200
"""Parcels without a label that are listed; all of them are counted."""
_FINAL = frozenset(outcome.value for outcome in SecurityOutcome if outcome.is_final)


class Stretch(StrEnum):
    """Which acts are counted."""

    TODAY = "today"  # 今日
    SHIFT = "shift"  # 本班: 上次日结以来


@dataclass(frozen=True, slots=True)
class Board:
    """Where the stretch stands at `at_ms`. `since_ms`: the beginning of the day, or the last close, None where there was none.

    `waiting`: referrals of whatever day. `security` and `service` are None while no act says anything of them, as in the reports.
    `intercepts`: 拦截 made in the stretch, by how they stand now, apart from what was accepted and refused; `leads`: 线索 made in it;
    `stopped`: 拦截未了, of whatever day.
    `unchecked`, `recheck`, `failed`: parcels accepted and not withdrawn by how their security check stands, and among the failed those
    that were withdrawn besides; `unlabelled` leaves out the letters. `hurried`: acts answered faster than anybody looks, by operator;
    `taken_back`: acts before which an answer that stopped the parcel was taken back, by operator.
    """

    stretch: Stretch
    at_ms: int
    since_ms: int | None
    accepted: int
    refused: int
    referred: int
    withdrawn: int
    waiting: int
    refusals: tuple[tuple[str, int], ...]
    real_name: Rate
    inspected: Rate
    security: Rate | None
    service: Rate | None
    unchecked: int
    recheck: int
    failed: int
    unlabelled: int
    missing: tuple[MissingLabel, ...]
    hits_blocked: int
    hits_reviewed: int
    hurried: tuple[tuple[str, int], ...]
    intercepts: tuple[tuple[str, int], ...] = ()
    leads: int = 0
    stopped: int = 0
    taken_back: tuple[tuple[str, int], ...] = ()

    @property
    def intercepted(self) -> int:
        return sum(count for _, count in self.intercepts)


def board(db: Database, stretch: Stretch, now_ms: int) -> Board:
    """One state of the database."""
    with db.snapshot():
        within, since_ms = _within(db, stretch, now_ms)
        groups = counted.act_groups(db, within)
        accepted = [group for group in groups if group.kind == ActKind.ACCEPTANCE]
        here = [group for group in accepted if not group.withdrawn]
        owed = [group for group in accepted if is_owed(group.real_name)]
        return Board(
            stretch=stretch,
            at_ms=now_ms,
            since_ms=since_ms,
            accepted=_sum(accepted),
            refused=_sum(group for group in groups if group.kind == ActKind.REFUSAL),
            referred=_sum(group for group in groups if group.kind == ActKind.REFERRAL),
            withdrawn=counted.withdrawals_within(db, within),
            waiting=counted.waiting_referrals(db),
            refusals=_by(groups, lambda group: group.refusal if group.kind == ActKind.REFUSAL else None),
            real_name=_rate(owed, lambda group: is_named(group.mail_kind, group.real_name)),
            inspected=_rate(owed, lambda group: group.inspected),
            security=_rate(accepted, _is_screened) if any(map(_is_screened, groups)) else None,
            service=_rate(accepted, lambda group: bool(group.complete)) if any(one.complete is not None for one in groups) else None,
            unchecked=_sum(group for group in here if group.security is None),
            recheck=_sum(group for group in here if group.security == SecurityOutcome.RECHECK),
            failed=_sum(group for group in here if group.security == SecurityOutcome.FAIL) + counted.failed_withdrawn(db, within),
            unlabelled=_sum(group for group in here if not group.stuck and group.mail_kind != MailKind.LETTER),
            missing=tuple(counted.missing_labels(db, within, MOST_MISSING)),
            hits_blocked=_sum(group for group in groups if group.screening == "block"),
            hits_reviewed=_sum(group for group in groups if group.screening == "review"),
            hurried=_by(groups, lambda group: (group.operator or "") if group.hurried else None),
            intercepts=counted.intercepts_within(db, within),
            leads=counted.leads_within(db, within),
            stopped=standing_intercepts(db),
            taken_back=_by(groups, lambda group: (group.operator or "") if group.taken_back else None),
        )


def _within(db: Database, stretch: Stretch, now_ms: int) -> tuple[Within, int | None]:
    if stretch is Stretch.SHIFT:
        return counted.after_last_close(db)
    from_ms, to_ms = day_bounds_ms(at(now_ms).date())
    return Within(from_ms, to_ms), from_ms


def _sum(groups: Iterable[ActGroup]) -> int:
    return sum(group.count for group in groups)


def _rate(groups: list[ActGroup], met: Callable[[ActGroup], bool]) -> Rate:
    return Rate(_sum(group for group in groups if met(group)), _sum(groups))


def _by(groups: Iterable[ActGroup], code_of: Callable[[ActGroup], str | None]) -> tuple[tuple[str, int], ...]:
    found: Counter[str] = Counter()
    for group in groups:
        if (code := code_of(group)) is not None:
            found[code] += group.count
    return tuple(sorted(found.items()))


def _is_screened(group: ActGroup) -> bool:
    return group.security in _FINAL  # a later program may know more words
