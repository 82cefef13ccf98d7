"""The status bar and the top bar in words, from the newest overview. Pure."""

from __future__ import annotations

from courier_check.clock import at
from courier_check.overview import Overview
from courier_check.sync.synchroniser import SyncState, SyncStatus
from courier_check.wording import Wording
from ui.shown import StatusShown, Tone

OLD_LIST_DAYS = 7


def status_of(overview: Overview, wording: Wording) -> StatusShown:
    """Always true: what is not known is said to be not known."""
    online, connection = connection_of(overview.sync, overview.at_ms, wording)
    counts = (("待传", str(overview.pending)), ("已回执", str(overview.acknowledged)), ("退回", str(overview.returned)))
    lists, tone = _lists(overview)
    return StatusShown(online, connection, counts, lists, tone)


def connection_of(sync: SyncStatus | None, now_ms: int, wording: Wording) -> tuple[bool | None, str]:
    """在线 with the time of the last contact, or 离线 with its reason and the next try."""
    if sync is None:
        return None, "尚未同步"
    if sync.state is SyncState.SYNCHRONISED:
        return True, f"在线（{at(sync.last_contact_ms):%H:%M}）" if sync.last_contact_ms is not None else "在线"
    reason = wording.of(sync.code.value).partition("。")[0].partition("；")[0] if sync.code is not None else ""
    state = {SyncState.OFFLINE: "离线", SyncState.REFUSED: "未接收", SyncState.ALARM: "告警"}[sync.state]
    wait_s = max(0, (sync.next_try_ms - now_ms) // 1000) if sync.next_try_ms is not None else None
    later = "" if wait_s is None else f"，{wait_s} 秒后重试" if wait_s > 0 else "，正在重试"
    reason = reason.removeprefix(f"{state}：")
    return False, f"{state}：{reason}{later}" if reason else f"{state}{later}"


def _lists(overview: Overview) -> tuple[str, Tone]:
    if not overview.lists:
        return "没有名单", Tone.REFER
    days = overview.list_age_days or 0
    age = "今日" if days == 0 else f"{days} 天前"
    if overview.expired_lists:
        return f"名单 v{overview.newest_list_version} · 有名单已过期", Tone.REFER
    return f"名单 v{overview.newest_list_version} · {age}", Tone.REFER if days > OLD_LIST_DAYS else Tone.PLAIN
