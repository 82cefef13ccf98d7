"""What the lists page says, made from its state. Pure and without Qt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from courier_check.clock import at
from courier_check.desk.list_looks import FoundEntry, ListStanding, Looked
from courier_check.desk.objections import state_of
from courier_check.screening.match import Hit
from courier_check.store.decisions import DecisionHeld
from courier_check.store.objections import ObjectionHeld
from courier_check.store.rescreening import WorkItem
from courier_check.wording import Wording
from ui import keys
from ui.counter.taskview import SENDER, differences, hit_facts, short
from ui.list_work import ListsRead
from ui.shown import Fact, Tone, VerdictShown

STALE_DAYS = 7
"""A list that nobody confirmed for longer may be an old one (domain.md §10)."""
LIST_COLUMNS = ("名单", "版本", "更新", "签名", "条目", "处置", "发布机关")
FOUND_COLUMNS = ("名单里的名称", "条目", "信用代码", "列入", "至")
OBJECTION_COLUMNS = ("异议编号", "条目", "登记", "状态")
DECISION_COLUMNS = ("决定", "条目", "管到", "谁定的")
WORK_COLUMNS = ("变化", "最近一件", "条目", "怎么办")

LONGEST_TITLE, LONGEST_STATED = 18, 400

Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class ListsState:
    """`read` None: not read yet, or `said` why not. `looked`: the last answer; `looking`: one is under way. `objecting`: to which entry an
    objection is being typed; `answering`, `revoking`: to which objection an answer, of which decision the end; one of them at most.
    `supervising`: a supervisor is signed in. `told`: what is wrong with what was typed; `chosen`: the list whose facts are shown."""

    read: ListsRead | None = None
    looked: Looked | None = None
    looking: bool = False
    objecting: FoundEntry | None = None
    answering: ObjectionHeld | None = None
    revoking: DecisionHeld | None = None
    supervising: bool = False
    chosen: int = 0
    said: str = ""
    told: str = ""

    @property
    def typing(self) -> bool:
        """Whether one of the forms is open."""
        return any(each is not None for each in (self.objecting, self.answering, self.revoking))

    def closed(self) -> ListsState:
        """With no form open."""
        return replace(self, objecting=None, answering=None, revoking=None, told="")


@dataclass(frozen=True, slots=True)
class ListsShown:
    """The whole page. `typed`: the words over the form that is open, empty where none is."""

    banner: VerdictShown
    lists: Rows
    found: Rows
    objections: Rows
    decisions: Rows
    work: Rows
    answer: tuple[Fact, ...]
    chosen: tuple[Fact, ...]
    told: str
    typed: str


def lists_shown(state: ListsState, wording: Wording) -> ListsShown:
    read = state.read
    lists = read.lists if read is not None else ()
    today = read.today if read is not None else date.min
    standing = lists[state.chosen] if 0 <= state.chosen < len(lists) else None
    return ListsShown(
        banner=_banner(state),
        lists=tuple(_list_row(each, today, wording) for each in lists),
        found=tuple(_found_row(each) for each in (state.looked.found if state.looked is not None else ())),
        objections=tuple(_objection_row(each, wording) for each in (read.objections if read is not None else ())),
        decisions=tuple(_decision_row(each, wording) for each in (read.decisions if read is not None else ())),
        work=tuple(_work_row(each, wording) for each in (read.work if read is not None else ())),
        answer=tuple(_answer(state, wording)),
        chosen=(*_chosen(standing, wording), *_conflicts(read, standing, wording)) if standing is not None and read is not None else (),
        told=state.told,
        typed=_typed(state, wording),
    )


def _typed(state: ListsState, wording: Wording) -> str:
    if state.objecting is not None:
        return f"异议：{short(state.objecting.name, LONGEST_TITLE)}"
    if state.answering is not None:
        return f"发布机关的答复：{state.answering.number}"
    if state.revoking is not None:
        return f"撤销决定 #{state.revoking.seq}：{_decided(state.revoking, wording)}，条目 {state.revoking.entry_id or '—'}"
    return ""


def _banner(state: ListsState) -> VerdictShown:
    if state.read is None:
        return VerdictShown(Tone.MUTED if not state.said else Tone.REFER, "…" if not state.said else "!", state.said or "正在读取名单", "")
    lists, today = state.read.lists, state.read.today
    if not lists:
        return VerdictShown(Tone.REFER, "!", "没有安装名单：每一件都记“未核查”", f"{keys.F11} 同步中心取名单，或 lists install 安装。")
    old = [each.header.title for each in lists if _is_old(each, today)]
    unsigned = [each.header.title for each in lists if not each.signed]
    if old:
        return VerdictShown(
            Tone.REFER, "!", f"{len(old)} 份名单已旧", f"{'、'.join(old[:3])}：超过 {STALE_DAYS} 天没有确认是最新，或已到期。请同步。"
        )
    entries = sum(each.entries for each in lists)
    at_odds = [each.header.title for each in lists if each.header.list_id in state.read.conflicts]
    why = f"{len(unsigned)} 份没有签名（练习名单）。" if unsigned else "签名都已核对。"
    if at_odds:
        why += f"{len(at_odds)} 份与别的名单有同一主体，选中看说法（都算数）。"
    again = state.read.rescreening
    if again.total and not again.finished:
        why += f"名单有变，正在重新核查认得的寄件人：{again.done} / {again.total}。"
    return VerdictShown(Tone.GO, "✔", f"{len(lists)} 份名单，{entries} 条", why)


def _is_old(each: ListStanding, today: date) -> bool:
    expired = each.header.expires_on is not None and today >= each.header.expires_on
    return expired or each.age_days(today) > STALE_DAYS


def _list_row(each: ListStanding, today: date, wording: Wording) -> tuple[str, ...]:
    header = each.header
    age = each.age_days(today)
    told = "今天" if age <= 0 else f"{age} 天前"
    return (
        header.title,
        f"v{header.version}",
        f"! {told}" if _is_old(each, today) else told,
        "已签名" if each.signed else "! 未签名",
        str(each.entries),
        wording.of(f"action-{header.allowed.value}"),
        header.issuer,
    )


def _chosen(each: ListStanding, wording: Wording) -> Iterator[Fact]:
    """处置 as it may be and why: a list without a basis refuses nobody (domain.md §11.7)."""
    header = each.header
    stated, allowed = (wording.of(f"action-{action.value}") for action in (header.action, header.allowed))
    yield Fact("名单", header.title, key=True)
    yield Fact("发布", " ".join(part for part in (header.issuer, header.doc_no) if part))
    yield Fact("处置", stated if stated == allowed else f"{allowed}（名单写“{stated}”，依据不够）")
    yield Fact("依据", short(header.legal_basis, LONGEST_STATED) or wording.of("basis-unstated"))
    yield Fact("救济", short(header.remedy, LONGEST_STATED) or "名单未写明")
    yield Fact("到期", header.expires_on.isoformat() if header.expires_on else "未定")


def _conflicts(read: ListsRead, each: ListStanding, wording: Wording) -> Iterator[Fact]:
    """What this list and others say of one party that does not go together: both count, and people ask the issuers."""
    titles = {held.header.list_id: held.header.title for held in read.lists}
    for told in read.conflicts.get(each.header.list_id, ()):
        mine, its = told.examples[0]
        parties = f"{told.parties} 处{'以上' if told.more else ''}"
        kind, other = wording.of(f"conflict-{told.code.value}"), short(titles.get(told.other_id, told.other_id), LONGEST_TITLE)
        yield Fact("说法不一", f"与“{other}”：{kind}，{parties}，如 {mine} 与 {its}")


def _found_row(each: FoundEntry) -> tuple[str, ...]:
    until = each.until_on.isoformat() if each.until_on else "未定"
    return (short(each.name), each.entry_id, each.code or "—", each.listed_on.isoformat(), until)


def _objection_row(each: ObjectionHeld, wording: Wording) -> tuple[str, ...]:
    outcome = f"：{wording.of(f'objection-outcome-{each.outcome}')}" if each.outcome else ""
    return (each.number, each.entry_id or "—", f"{at(each.at_ms):%m-%d %H:%M}", f"{wording.of(state_of(each))}{outcome}")


def _decision_row(each: DecisionHeld, wording: Wording) -> tuple[str, ...]:
    """Whom it is about is a match token, and nobody's to see."""
    return (f"#{each.seq} {_decided(each, wording)}", each.entry_id or "—", each.until_on.isoformat(), each.supervisor or "凭代码")


def _decided(each: DecisionHeld, wording: Wording) -> str:
    return wording.of(f"decision-{each.decision}")


def _work_row(each: WorkItem, wording: Wording) -> tuple[str, ...]:
    action = f" {wording.of(f'action-{each.action}')}" if each.action else ""
    whose = f"#{each.seq}" if each.seq is not None else "回头客"
    return (f"{wording.of(each.change)}{action}", whose, each.entry_id, wording.of(to_do(each)))


def to_do(each: WorkItem) -> str:
    """The sentence that says what to do about a change."""
    return f"rescreen-todo-{each.action}" if each.action is not None else "rescreen-todo-gone"


def _answer(state: ListsState, wording: Wording) -> Iterator[Fact]:
    """Why it matches, or why it does not."""
    looked = state.looked
    if state.looking:
        yield Fact("核查", "正在查…")
    elif looked is not None and looked.screening.hits:
        yield from _matches(looked, looked.screening.hits[0], wording)
    elif looked is not None:
        yield from _no_match(looked, wording)


def _matches(looked: Looked, hit: Hit, wording: Wording) -> Iterator[Fact]:
    yield from (replace(fact, name="问的") if fact.name == SENDER else fact for fact in hit_facts(hit, wording))
    yield Fact("条目", f"{hit.list_title} v{hit.list_version}　{hit.entry_id}")
    if len(looked.screening.hits) > 1:
        yield Fact("另有", f"{len(looked.screening.hits) - 1} 条命中，见右边")


def _no_match(looked: Looked, wording: Wording) -> Iterator[Fact]:
    yield Fact("问的", short(looked.asked), key=True)
    if looked.screening.unsearched or not looked.screening.lists:
        yield Fact("结果", "未核查：名单没有装好或正在建索引，不等于未命中。")
        return
    yield Fact("结果", f"未命中（{len(looked.screening.lists)} 份名单）")
    near = looked.nearest
    if near is None:
        yield Fact("为什么", "名单里没有相近的名称；单位名称以外的部分（如“建材”“商行”）不作比对。")
        return
    yield Fact("最相近", f"{short(near.name)}　{near.entry_id}")
    changed = tuple(step for step in near.steps if step[2] != "same-letter")
    yield Fact("不同", differences(changed, wording) or "—")
    yield Fact("为什么", f"相近 {near.score}，到 {near.least} 才算疑似。")
