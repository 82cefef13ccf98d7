"""What the card of the day close says, from asking to the slip, as one frozen value. Pure and without Qt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from courier_check.clock import at
from courier_check.wording import Wording
from ui.elapsed import waiting_words
from ui.shown import Fact, Sign
from ui.sync_view import grouped

if TYPE_CHECKING:
    from courier_check.desk.day_close import ClosedRange, DayClosed, Due, Left

_HASH_GROUP, _HASH_LINE = 8, 32
_MOST_JOURNALS = 3
"""Journals shown on the card; the slip has them all."""


@dataclass(frozen=True, slots=True)
class Closing:
    """日结 is under way. `due`: what it would say, None while it is read; `closed`: what was closed, now or (`again`) before;
    `seconds`: how long what is under way has taken."""

    due: Due | None = None
    closed: DayClosed | None = None
    saving: bool = False
    exporting: bool = False
    again: bool = False
    said: str = ""
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class ClosingShown:
    """`said` is a sentence of what is wrong or under way. `is_slip`: the day is closed and its slip can be had."""

    title: str
    text: str
    facts: tuple[Fact, ...]
    said: str
    is_slip: bool
    can_close: bool
    can_export: bool


def closing_shown(closing: Closing, wording: Wording) -> ClosingShown:
    closed, due = closing.closed, closing.due
    if closed is not None:
        compare = wording.of("slip-compare", {"last_seq": closed.due.ranges[-1].last_seq})
        text = f"上次日结以后没有新的条目，这是上次的日结单。{compare}" if closing.again else compare
        made = (
            Fact("日结条目", f"#{closed.seq}　{at(closed.at_ms):%Y-%m-%d %H:%M:%S}", key=True),
            Fact("办理", f"{closed.operator}　{closed.outlet} {closed.station_id}".strip()),
        )
        facts = (*made, *_facts(closed.due, wording))
        said = waiting_words("正在导出", closing.seconds) if closing.exporting else closing.said
        return ClosingShown(f"日结单 {closed.due.day_on}", text, facts, said, True, False, not closing.exporting)
    asked = "把上次日结以后的全部条目记为一条，记下以后不能改。照常收寄不受影响；之后的条目归下一次日结。"
    said = waiting_words("正在保存", closing.seconds) if closing.saving else closing.said
    if due is None:
        reading = "" if closing.said else waiting_words("正在读取", closing.seconds)
        return ClosingShown("日结", asked, (Fact("", reading),), said, False, False, False)
    return ClosingShown(f"日结 {due.day_on}", asked, tuple(_facts(due, wording)), said, False, due.is_new and not closing.saving, False)


def _facts(due: Due, wording: Wording) -> Iterator[Fact]:
    from courier_check.day_slip import outcome_words, totals

    counts = [f"{wording.of(f'slip-{name}')} {count}" for name, count in asdict(totals(due.ranges)).items()]
    yield Fact("件数", "　".join(counts))
    if due.intercepts:
        yield Fact("拦截", outcome_words(due.intercepts, wording))
    yield Fact("待传", f"{due.pending} 条")
    yield from _left(due.left)
    for one in due.ranges[-_MOST_JOURNALS:]:
        yield from _range(one)
    left = len(due.ranges) - _MOST_JOURNALS
    if left > 0:
        yield Fact("", f"另有 {left} 本旧日志，见日结单")


def _left(left: Left) -> Iterator[Fact]:
    """What a close leaves undone; a close is never held up by it."""
    if left.stopped:
        yield Fact("拦截未了", f"{left.stopped} 件（不分日期）", sign=Sign.STOP)
    if left.unlabelled:
        yield Fact("未贴标", f"{left.unlabelled} 件，列在班次看板", sign=Sign.DOUBT)
    told = (("不合格", left.failed), ("待复检", left.recheck), ("没有安检", left.unchecked))
    if any(count for _, count in told):
        yield Fact("安检", "　".join(f"{words} {count}" for words, count in told if count), sign=Sign.DOUBT)


def _range(one: ClosedRange) -> Iterator[Fact]:
    since = "" if one.since_ms is None else f"　自 {at(one.since_ms):%Y-%m-%d %H:%M:%S}"
    yield Fact("条目", f"#{one.first_seq} – #{one.last_seq}{since}")
    yield Fact("日志编号", grouped(one.journal_id, _HASH_GROUP))
    lines = [one.head[start : start + _HASH_LINE] for start in range(0, len(one.head), _HASH_LINE)]
    yield from (Fact("" if place else "日志头", grouped(line, _HASH_GROUP)) for place, line in enumerate(lines))
