"""告警记录 and 留存的分支 in words: what happened, what was done, what is left to do. Pure and without Qt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from courier_check.clock import at
from courier_check.desk.incidents import (
    AnyIncident,
    ClockJumped,
    Filing,
    GatewayForgot,
    GatewayRolledBack,
    JournalSucceeded,
    KeptEntry,
    KeptOf,
    Ranges,
)
from courier_check.store.branches import HeldBy
from courier_check.wording import Wording
from ui.shown import Fact, Sign

SHORT = 8
"""Characters by which a journal is told from another one in a table."""
_MOST_RANGES = 4
_MOST_JOURNALS = 6
_SET_BY_MS = 120_000
_HELD_BY = {HeldBy.GATEWAY: "网关持有，本机没有", HeldBy.STATION: "本机持有，网关没有收下", HeldBy.BOTH: "两边都有"}
_FILINGS = {Filing.DONE: "已补录", Filing.WAITING: "待补录", Filing.NEEDLESS: "不用再补录"}
_KINDS = {
    "acceptance": "收寄",
    "refusal": "拒收",
    "referral": "复核",
    "correction": "更正",
    "dispute": "异议",
    "withdrawal": "撤件",
    "report-made": "报告",
    "handover": "移交",
    "intercept": "拦截",
    "intercept-outcome": "拦截结果",
    "label-reprint": "补打标签",
    "day-close": "日结",
    "refiled": "补录",
    "journal-open": "日志开始",
    "sign-in": "登录",
    "export": "导出",
    "clock-jump": "时钟跳变",
    "package-installed": "安装数据包",
    "setting-changed": "改设置",
    "operator-added": "增加收寄员",
    "operator-disabled": "停用收寄员",
    "gateway-rollback": "网关退回旧状态",
    "gateway-forgot": "网关缺记录",
}


@dataclass(frozen=True, slots=True)
class IncidentShown:
    """An incident in three sentences; `todo` is empty where nothing is left."""

    happened: str
    done: str
    todo: str


def incident_shown(incident: AnyIncident, wording: Wording) -> IncidentShown:
    match incident:
        case GatewayRolledBack():
            happened = wording.of("incident-rolled-back", {"held": incident.held_seq, "acknowledged": incident.acknowledged_seq})
            if incident.resent_to is None:
                return IncidentShown(happened, wording.of("incident-resent"), "")
            done = wording.of("incident-resending", {"at": incident.resent_to})
            return IncidentShown(happened, done, wording.of("incident-todo-resending"))
        case GatewayForgot():
            happened = wording.of("incident-forgot", {"count": len(incident.seqs), "seqs": _seqs(incident.seqs)})
            if not incident.left:
                return IncidentShown(happened, wording.of("incident-resent"), "")
            return IncidentShown(happened, wording.of("incident-left", {"seqs": _seqs(incident.left)}), wording.of("incident-todo-forgot"))
        case ClockJumped():
            todo = wording.of("incident-todo-clock") if incident.is_behind else ""
            return IncidentShown(_jumped(incident, wording), wording.of("incident-clock-noted"), todo)
        case JournalSucceeded():
            return _succeeded(incident, wording)


def _jumped(incident: ClockJumped, wording: Wording) -> str:
    elapsed_ms = incident.elapsed_ms
    facts = {"was": f"{at(incident.from_ms):%m-%d %H:%M:%S}", "now": f"{at(incident.to_ms):%m-%d %H:%M:%S}"}
    if elapsed_ms is None or abs(incident.to_ms - incident.from_ms - elapsed_ms) <= _SET_BY_MS:
        return wording.of("incident-clock-behind", facts)
    return wording.of("incident-clock-set", {**facts, "elapsed": _lasted(elapsed_ms)})


def _succeeded(incident: JournalSucceeded, wording: Wording) -> IncidentShown:
    facts: dict[str, int | str | bool | None] = {"last": incident.last_seq, "missing": ranges_words(incident.missing) or "—"}
    happened = wording.of(f"incident-succeeded-{incident.cause}", facts)
    if happened.startswith("incident-"):  # a cause of a newer program
        happened = wording.of("incident-succeeded-fork", facts)
    done = wording.of("incident-successor", {"journal": incident.journal_id[:SHORT]})
    if incident.kept:
        done += wording.of("incident-kept", {"kept": incident.kept, "filed": incident.kept - incident.waiting})
    todo = wording.of("incident-todo-damage") if incident.cause == "damage" else ""
    if incident.waiting:
        todo = f"{todo}{wording.of('incident-todo-waiting')}"
    return IncidentShown(happened, done, todo)


def incident_rows(incidents: tuple[AnyIncident, ...], wording: Wording) -> tuple[tuple[str, ...], ...]:
    """时间, 发生了什么, 怎么处理的, 还要做的."""
    shown = [(one, incident_shown(one, wording)) for one in incidents]
    return tuple((f"{at(one.at_ms):%m-%d %H:%M}", told.happened, told.done, told.todo or "没有") for one, told in shown)


def incident_facts(incident: AnyIncident, wording: Wording) -> Iterator[Fact]:
    """One incident whole."""
    told = incident_shown(incident, wording)
    yield Fact("时间", f"{at(incident.at_ms):%Y-%m-%d %H:%M:%S}", key=True)
    yield Fact("发生了什么", told.happened)
    yield Fact("怎么处理的", told.done, sign=Sign.NONE if told.todo else Sign.DONE)
    yield Fact("还要做的", told.todo or "没有", sign=Sign.DOUBT if told.todo else Sign.NONE)
    yield Fact("日志", incident.about)
    yield Fact("记在", f"#{incident.seq}" if incident.about == incident.journal_id else f"#{incident.seq}　日志 {incident.journal_id}")


# Kept as evidence -------------------------------------------------------------------------------------------------------------------------


def kept_facts(kept: tuple[KeptOf, ...]) -> Iterator[Fact]:
    """How much of which journal, from and to which entry, and how far it was filed again."""
    for one in kept[:_MOST_JOURNALS]:
        span = f"#{one.first_seq}" if one.first_seq == one.last_seq else f"#{one.first_seq} – #{one.last_seq}"
        filed = "全部办完" if not one.waiting else f"{one.waiting} 条待补录"
        told = f"{one.entries} 条　{span}　{_HELD_BY[one.held_by]}"
        yield Fact(f"日志 {one.journal_id[:SHORT]}", told, filed, Sign.DOUBT if one.waiting else Sign.DONE)
    if len(kept) > _MOST_JOURNALS:
        yield Fact("", f"另有 {len(kept) - _MOST_JOURNALS} 份，都在下表")


def kept_rows(entries: tuple[KeptEntry, ...]) -> tuple[tuple[str, ...], ...]:
    """条目, 内容, 原来的时间, 由谁持有, 补录, 日志."""
    return tuple(
        (
            f"#{one.seq}",
            _KINDS.get(one.kind, one.kind),
            f"{at(one.at_ms):%Y-%m-%d %H:%M:%S}",
            _HELD_BY[one.held_by],
            f"{_FILINGS[one.filing]} #{one.refiled_as[1]}" if one.refiled_as else _FILINGS[one.filing],
            one.journal_id[:SHORT],
        )
        for one in entries
    )


def ranges_words(ranges: Ranges) -> str:
    words = [f"#{first}" if first == last else f"#{first}–#{last}" for first, last in ranges[:_MOST_RANGES]]
    return "、".join(words) + (f" 等 {len(ranges)} 段" if len(ranges) > _MOST_RANGES else "")


def _seqs(seqs: tuple[int, ...]) -> str:
    return "、".join(f"#{seq}" for seq in seqs[:_MOST_RANGES]) + ("…" if len(seqs) > _MOST_RANGES else "")


def _lasted(ms: int) -> str:
    seconds = max(0, ms) // 1000
    return f"{seconds} 秒" if seconds < 60 else f"{seconds // 60} 分钟" if seconds < 3600 else f"{seconds // 3600} 小时"
