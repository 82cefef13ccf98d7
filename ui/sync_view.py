"""What the sync page says, as one frozen value made from the newest overview. Pure and without Qt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from courier_check.clock import at
from courier_check.desk.incidents import AnyIncident, KeptEntry
from courier_check.errors import CourierCheckError
from courier_check.overview import Overview, SyncItems
from courier_check.store.inbox import ReturnedItem
from courier_check.sync.codes import SyncCode
from courier_check.sync.due import in_touch
from courier_check.sync.synchroniser import SyncState, SyncStatus
from courier_check.wording import Wording
from courier_check.wording.shapes import in_chinese
from ui.incident_view import incident_facts, incident_rows, kept_facts, kept_rows
from ui.shown import Fact, LineShown, Sign, Tone, VerdictShown

if TYPE_CHECKING:
    from ui.day_close_view import Closing

LONGEST_RUN_MS = 60_000
"""A run that has left no trace after this is no longer said to be under way."""
_MINUTE_MS, _HOUR_MS, _DAY_MS = 60_000, 3_600_000, 86_400_000
_HALF_NAME = len("0f0f0f0f 0f0f0f0f ")


@dataclass(frozen=True, slots=True)
class Wish:
    """A run somebody asked for, and what the last outcome was then, or what was in the way: another one means that it has ended."""

    since_ms: int
    before: SyncStatus | None
    hindrance: CourierCheckError | None = None

    def is_over(self, overview: Overview) -> bool:
        told = overview.sync != self.before or overview.hindrance is not self.hindrance
        return told or overview.at_ms - self.since_ms > LONGEST_RUN_MS


@dataclass(frozen=True, slots=True)
class Evidence:
    """留存的分支 stands open: of one incident, or of everything. `entries` None: not read yet, or `said` why not."""

    incident: AnyIncident | None = None
    entries: tuple[KeptEntry, ...] | None = None
    said: str = ""


@dataclass(frozen=True, slots=True)
class EvidenceShown:
    """`rows` None: they are being read, or `said` why they can't be."""

    title: str
    note: str
    facts: tuple[Fact, ...]
    rows: tuple[tuple[str, ...], ...] | None
    said: str


@dataclass(frozen=True, slots=True)
class SyncPageState:
    """`said`: why the lists could not be read. `closing`: the day close that stands in their place, `evidence`,
    `verifying` and the answer to a returned item (`answering`) likewise."""

    overview: Overview | None = None
    items: SyncItems | None = None
    wish: Wish | None = None
    said: str = ""
    closing: Closing | None = None
    evidence: Evidence | None = None
    verifying: bool = False
    answering: bool = False

    def standing(self, overview: Overview) -> SyncPageState:
        """The newest overview; a run that was asked for ends when its outcome is there."""
        wish = self.wish
        if wish is not None and wish.is_over(overview):
            wish = None
        return replace(self, overview=overview, wish=wish)

    def wished(self) -> SyncPageState:
        """A run was asked for."""
        if self.overview is None:
            return self
        return replace(self, wish=Wish(self.overview.at_ms, self.overview.sync, self.overview.hindrance))


@dataclass(frozen=True, slots=True)
class SyncShown:
    """The whole page. `returned`, `receipts`: rows; None while they are being read. `todo`: what somebody has to do, the gravest first;
    `kept`: how many entries are kept as evidence, if any."""

    state: VerdictShown
    counts: tuple[tuple[str, str], ...]
    facts: tuple[Fact, ...]
    returned: tuple[tuple[str, ...], ...] | None
    receipts: tuple[tuple[str, ...], ...] | None
    said: str
    can_sync: bool
    todo: tuple[LineShown, ...] = ()
    incidents: tuple[tuple[str, ...], ...] = ()
    kept: str = ""


def sync_shown(state: SyncPageState, wording: Wording) -> SyncShown:
    overview, items = state.overview, state.items
    if overview is None:
        waiting = VerdictShown(Tone.PLAIN, "○", "正在读取", "")
        return SyncShown(waiting, (("待传", "—"), ("已回执", "—"), ("退回", "—")), (), None, None, state.said, can_sync=True)
    return SyncShown(
        state=_state(state, overview, wording),
        counts=(("待传", str(overview.pending)), ("已回执", str(overview.acknowledged)), ("退回", str(overview.returned))),
        facts=_facts(overview),
        returned=None if items is None else _returned(items, wording),
        receipts=None if items is None else _receipts(items),
        said=state.said,
        can_sync=state.wish is None,
        todo=tuple(_todo(overview, wording)),
        incidents=() if items is None else incident_rows(items.incidents, wording),
        kept="" if items is None or not items.kept else f"留存的分支 {sum(one.entries for one in items.kept)} 条",
    )


def evidence_shown(evidence: Evidence, items: SyncItems | None, wording: Wording) -> EvidenceShown:
    """One incident with what is kept of its journal, or all that is kept."""
    incident, entries = evidence.incident, evidence.entries
    about = None if incident is None else incident.about
    kept = tuple(one for one in (items.kept if items is not None else ()) if about in (None, one.journal_id))
    facts = (*(incident_facts(incident, wording) if incident is not None else ()), *kept_facts(kept))
    rows = None if entries is None else kept_rows(tuple(one for one in entries if about in (None, one.journal_id)))
    more = sum(one.entries for one in kept) - len(rows or ())
    note = f"另有 {more} 条较早的，见 verify" if rows and more > 0 else ""
    return EvidenceShown("留存的分支" if incident is None else "告警", note, facts, rows, evidence.said)


def _state(state: SyncPageState, overview: Overview, wording: Wording) -> VerdictShown:
    """An alarm stays in sight also while a run is under way, or can't be made. Another synchroniser at work is no fault: what it stores is
    shown."""
    sync = overview.sync
    if overview.revoked:
        other = "" if sync is None or not _is_another_alarm(sync) else f"另有告警：{_reason(sync, overview.at_ms, wording)}"
        return VerdictShown(Tone.STOP, "✖", "本收寄台已被吊销", f"{wording.of(SyncCode.REVOKED.value)}{other}")
    if sync is not None and sync.state is SyncState.ALARM:
        return VerdictShown(Tone.STOP, "✖", "告警", _reason(sync, overview.at_ms, wording))
    if state.wish is not None:
        return VerdictShown(Tone.PLAIN, "⇅", "正在同步", f"待传 {overview.pending} 条。可以照常收寄，不必等待。")
    if overview.own_fault is not None:
        return VerdictShown(Tone.REFER, "!", "没有同步", f"{wording.said(overview.own_fault)}稍后自动再试。")
    shown = _last_told(overview, wording)
    return shown if overview.hindrance is None else replace(shown, reason=f"{shown.reason}另一个同步程序在运行，以它的结果为准。")


def _last_told(overview: Overview, wording: Wording) -> VerdictShown:
    """What the last run told, as far as it still says something of now."""
    sync, contact_ms = overview.sync, overview.last_contact_ms
    if sync is None:
        return VerdictShown(Tone.PLAIN, "○", "尚未同步", "还没有与监管网关同步过；有新记录时自动同步，也可以按 Ctrl+R。")
    if sync.state is SyncState.SYNCHRONISED:
        if contact_ms is not None and not in_touch(contact_ms, overview.at_ms):
            return VerdictShown(Tone.PLAIN, "○", "状态不明", _silence(contact_ms, overview.at_ms))
        last = f"最近一次 {moment(contact_ms, overview.at_ms)}" if contact_ms is not None else ""
        return VerdictShown(Tone.PLAIN, "✔", f"在线，{last}" if last else "在线", _waiting(overview))
    tone, sign, words = (Tone.REFER, "!", "网关没有收下") if sync.state is SyncState.REFUSED else (Tone.PLAIN, "○", "离线")
    return VerdictShown(tone, sign, words, _reason(sync, overview.at_ms, wording))


def _todo(overview: Overview, wording: Wording) -> Iterator[LineShown]:
    """What an alarm, an obstacle and returned items ask for. Nothing where it goes on by itself."""
    sync = overview.sync
    if overview.revoked:
        yield LineShown(Sign.STOP, wording.of(f"todo-{SyncCode.REVOKED.value}"))
    alarm = sync is not None and _is_another_alarm(sync)
    if sync is not None and sync.code is not None and (alarm or not overview.revoked):
        otherwise = todo_words(sync.code.value, "todo-alarm" if alarm else "", wording)
        # At a revoked station nothing may ask to go on accepting.
        told = todo_words(f"{sync.code.value}-revoked", "", wording) or otherwise if overview.revoked else otherwise
        if told:
            yield LineShown(Sign.STOP if alarm else Sign.DOUBT, told)
    if overview.own_fault is not None and (alarm or overview.revoked):  # the banner says something graver
        yield LineShown(Sign.DOUBT, wording.of("todo-not-synchronised", {"why": wording.said(overview.own_fault)}))
    if overview.returned:
        yield LineShown(Sign.DOUBT, wording.of("todo-returned", {"count": overview.returned}))
    if overview.oldest_ms is not None and overview.at_ms - overview.oldest_ms >= _DAY_MS:
        yield LineShown(Sign.DOUBT, wording.of("todo-oldest", {"age": age_words(overview.at_ms - overview.oldest_ms).removesuffix("前")}))
    yield from _photos_todo(overview, wording)


def _is_another_alarm(sync: SyncStatus) -> bool:
    """Than that the station is revoked, which is told by itself."""
    return sync.state is SyncState.ALARM and sync.code is not SyncCode.REVOKED


def todo_words(code: str, otherwise: str, wording: Wording) -> str:
    """What to do about a code; the sentence `otherwise` where nothing is said of it in particular."""
    known = wording.of(f"todo-{code}")
    return known if known != f"todo-{code}" else wording.of(otherwise)


def _waiting(overview: Overview) -> str:
    if overview.returned:
        return f"有 {overview.returned} 条退回待更正：在下表选中，按 Enter 打开记录更正。"
    return f"还有 {overview.pending} 条待传，自动补传。" if overview.pending else "全部记录都有回执。"


def _silence(contact_ms: int, now_ms: int) -> str:
    """Since when nothing was heard of the gateway, which says neither that it is there nor that it is not."""
    then = moment(contact_ms, now_ms)
    if contact_ms > now_ms:
        return f"上次联系监管网关的时间（{then}）晚于本机时间：请核对本机时间，再按 Ctrl+R。"
    return f"{then} 以来没有联系到监管网关。照常收寄；按 Ctrl+R 立即同步。"


def _reason(sync: SyncStatus, now_ms: int, wording: Wording) -> str:
    """The sentence of the code, what the gateway said, and when it is tried again."""
    parts = [wording.of(sync.code.value).removeprefix("离线：") if sync.code is not None else ""]
    if sync.detail:
        parts.append(f"（{_detail(sync.detail, wording)}）")
    if sync.next_try_ms is not None:
        wait_s = max(0, -(-(sync.next_try_ms - now_ms) // 1000))
        parts.append(f"{wait_s} 秒后重试。" if wait_s else "正在重试。")
    return "".join(parts)


def _detail(detail: str, wording: Wording) -> str:
    """A detail names a code of the gateway, or a place, or is what the system said."""
    code = detail.partition(":")[0]
    told = wording.of(code)
    if told != code:
        return told.rstrip("。")
    return detail.replace("seq", "条目 #").replace("# ", "#") if detail.startswith("seq") else in_chinese(detail)


def _facts(overview: Overview) -> tuple[Fact, ...]:
    oldest = "无" if overview.oldest_ms is None else _brief(overview.oldest_ms, overview.at_ms)
    named = grouped(overview.journal_id or "—", 8)
    age = "" if overview.oldest_ms is None else age_words(overview.at_ms - overview.oldest_ms)
    level = overview.head == overview.gateway_head
    return (
        Fact("最早待传", oldest, age),
        *_next_try(overview),
        *_photos(overview),
        Fact("本机日志", f"到 #{overview.head}" if overview.head else "还没有"),
        Fact("网关已收", f"到 #{overview.gateway_head}" if overview.gateway_head else "还没有", sign=Sign.DONE if level else Sign.NONE),
        Fact("日志编号", named[:_HALF_NAME].rstrip()),  # in two lines: somebody has to read it out
        *([Fact("", named[_HALF_NAME:])] if named[_HALF_NAME:] else []),
    )


def _photos(overview: Overview) -> Iterator[Fact]:
    """凭证照片, where there are any; what is wrong stands among what is to be done."""
    photos = overview.photos
    if photos.pending or photos.sent or photos.failed:
        yield Fact("凭证待传", str(photos.pending), "" if overview.photo_lane.code is None or not photos.pending else "暂停")
        yield Fact("凭证已传", str(photos.sent), sign=Sign.NONE if photos.pending or photos.failed else Sign.DONE)
    if photos.failed:
        yield Fact("凭证出错", str(photos.failed), sign=Sign.DOUBT)


def _photos_todo(overview: Overview, wording: Wording) -> Iterator[LineShown]:
    """Why photos do not go, and which of them never will as they are."""
    photos, code = overview.photos, overview.photo_lane.code
    if photos.pending and code is not None:
        why = wording.of(code).removeprefix("离线：")
        yield LineShown(Sign.OPEN, wording.of("todo-photos-waiting", {"count": photos.pending, "why": why}))
    for why_failed, count in photos.codes:
        yield LineShown(Sign.DOUBT, wording.of("todo-photos-failed", {"count": count, "why": wording.of(why_failed)}))


def _next_try(overview: Overview) -> Iterator[Fact]:
    """When it is tried again, after how many failures; the reason stands in the banner. Nothing where this side is in the way: that time
    is the gateway's."""
    sync = overview.sync
    if sync is not None and sync.next_try_ms is not None and overview.own_fault is None:
        yield Fact("下次重试", _brief(sync.next_try_ms, overview.at_ms), f"已试 {sync.attempts} 次" if sync.attempts else "")


def _returned(items: SyncItems, wording: Wording) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (
            str(item.number),
            f"#{item.seq}",
            why_returned(item, wording),
            "不用再做" if item.answered else todo_words(item.code, "todo-any-returned", wording),
            f"{at(item.at_ms):%m-%d %H:%M}",
            "已答复" if item.answered else "待更正" if item.is_act else "待答复",
        )
        for item in items.returned
    )


def why_returned(item: ReturnedItem, wording: Wording) -> str:
    """The gateway's reason without what to do, which has its own column; a code that is not known as it came."""
    told = wording.of(item.code)
    return f"{item.code} {item.detail}".strip() if told == item.code else told.removeprefix("退回：").partition("；")[0].rstrip("。")


def _receipts(items: SyncItems) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (
            f"#{one.first_seq}" if one.first_seq == one.last_seq else f"#{one.first_seq} – #{one.last_seq}",
            str(one.last_seq - one.first_seq + 1),
            f"{at(one.received_at_ms):%Y-%m-%d %H:%M:%S}",
            one.journal_id[:8],
        )
        for one in items.receipts
    )


def moment(then_ms: int, now_ms: int) -> str:
    """The time of day, with the date where it is another day's."""
    then = at(then_ms)
    return f"{then:%H:%M:%S}" if then.date() == at(now_ms).date() else f"{then:%Y-%m-%d %H:%M:%S}"


def _brief(then_ms: int, now_ms: int) -> str:
    """As `moment`, for narrow rows: another day's without the seconds."""
    then = at(then_ms)
    return f"{then:%H:%M:%S}" if then.date() == at(now_ms).date() else f"{then:%m-%d %H:%M}"


def age_words(ms: int) -> str:
    """How long ago, roughly; nothing of the future (a clock set back)."""
    if ms < _MINUTE_MS:
        return "刚才"
    for unit, words in ((_DAY_MS, "天"), (_HOUR_MS, "小时"), (_MINUTE_MS, "分钟")):
        if ms >= unit:
            return f"{ms // unit} {words}前"
    return ""


def grouped(digits: str, size: int = 4) -> str:
    """Long identifiers in groups, so that two can be compared by eye."""
    return " ".join(digits[start : start + size] for start in range(0, len(digits), size))


def lists_change(before: Overview, now: Overview) -> bool:
    """Whether the lists are to be read again: something in them is new, or a run has reached the gateway since, which may have made good
    what they tell of."""
    contact_ms = now.sync.last_contact_ms if now.sync is not None else None
    ran = contact_ms is not None and (before.sync is None or before.sync.last_contact_ms != contact_ms)
    return ran or _lists_of(before) != _lists_of(now)


def _lists_of(overview: Overview) -> tuple[int, int, int, int, str | None]:
    return overview.acknowledged, overview.returned, overview.gateway_head, overview.incidents, overview.journal_id
