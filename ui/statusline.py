"""The status bar and the top bar in words, from the newest overview. Pure."""

from __future__ import annotations

import msgspec

from courier_check.clock import at
from courier_check.overview import Overview
from courier_check.sync.due import in_touch
from courier_check.sync.synchroniser import SyncState, SyncStatus
from courier_check.wording import Wording
from ui.shown import StatusShown, Tone

OLD_LIST_DAYS = 7


def status_of(overview: Overview, wording: Wording) -> StatusShown:
    """Always true: what is not known is said to be not known."""
    online, connection = _with_hindrance(overview, wording)
    counts = (("待传", str(overview.pending)), ("已回执", str(overview.acknowledged)), ("退回", str(overview.returned)))
    lists, tone = _lists(overview)
    return StatusShown(online, connection, counts, lists, tone)


def _with_hindrance(overview: Overview, wording: Wording) -> tuple[bool | None, str]:
    """What keeps this side from synchronising comes before what the last run told, but an alarm stays in sight. Another synchroniser at
    work is no fault: what it stores is shown."""
    sync, fault = overview.sync, overview.own_fault
    if fault is not None:
        if sync is None or sync.state is not SyncState.ALARM:
            return None, f"没有同步：{wording.said(fault).partition('。')[0].partition('；')[0]}"
        return False, f"{connection_of(msgspec.structs.replace(sync, next_try_ms=None), overview.at_ms, wording)[1]}，现在没有同步"
    online, connection = connection_of(sync, overview.at_ms, wording, overview.receipt_ms)
    return online, connection if overview.hindrance is None else f"{connection} · 另一个同步程序在运行"


def connection_of(sync: SyncStatus | None, now_ms: int, wording: Wording, receipt_ms: int | None = None) -> tuple[bool | None, str]:
    """在线 with the time of the last contact while that is recent, or 离线 with its reason and the next try. `receipt_ms`: of the run that
    has not ended."""
    if sync is None:
        return None, "尚未同步"
    if sync.state is SyncState.SYNCHRONISED:
        contact_ms = sync.last_contact_ms if receipt_ms is None else receipt_ms
        return (True, "在线") if contact_ms is None else _heard(contact_ms, now_ms)
    reason = wording.of(sync.code.value).partition("。")[0].partition("；")[0] if sync.code is not None else ""
    state = {SyncState.OFFLINE: "离线", SyncState.REFUSED: "未接收", SyncState.ALARM: "告警"}[sync.state]
    wait_s = max(0, (sync.next_try_ms - now_ms) // 1000) if sync.next_try_ms is not None else None
    later = "" if wait_s is None else f"，{wait_s} 秒后重试" if wait_s > 0 else "，正在重试"
    reason = reason.removeprefix(f"{state}：")
    return False, f"{state}：{reason}{later}" if reason else f"{state}{later}"


def _heard(contact_ms: int, now_ms: int) -> tuple[bool | None, str]:
    then = at(contact_ms)
    told = f"{then:%H:%M}" if then.date() == at(now_ms).date() else f"{then:%m-%d %H:%M}"
    if in_touch(contact_ms, now_ms):
        return True, f"在线（{told}）"
    return None, f"状态不明：上次联系的时间（{told}）晚于本机时间" if contact_ms > now_ms else f"状态不明：{told} 以来没有联系"


def _lists(overview: Overview) -> tuple[str, Tone]:
    if not overview.lists:
        return "没有名单", Tone.REFER
    days = overview.list_age_days or 0
    age = "今日" if days == 0 else f"{days} 天前"
    if overview.expired_lists:
        return f"名单 v{overview.newest_list_version} · 有名单已过期", Tone.REFER
    return f"名单 v{overview.newest_list_version} · {age}", Tone.REFER if days > OLD_LIST_DAYS else Tone.PLAIN
