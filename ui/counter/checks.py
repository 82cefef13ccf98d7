"""核查结果 and what is still missing, in few words. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from courier_check.acceptance.codes import AcceptanceReason, Lack
from courier_check.acceptance.draft import Draft
from courier_check.acceptance.judgement import Rulebook
from courier_check.acceptance.tasks import open_hits
from courier_check.identity.codes import DocumentReason, NameReason, NumberReason, OrganisationReason, ReadingReason
from courier_check.inspection.checklist import MOMENTS, ChecklistKind
from courier_check.inspection.codes import InspectionReason
from courier_check.inspection.verdict import Verdict
from courier_check.parcel.contents import ContentsReason
from courier_check.screening.codes import ScreeningCode
from courier_check.screening.match import ScreeningStatus
from courier_check.terms import Consequence
from ui.counter.state import CounterState
from ui.shown import CheckShown, Sign

_PERSON = frozenset(
    {
        *DocumentReason,
        *NumberReason,
        *NameReason,
        *ReadingReason,
        *OrganisationReason,
        AcceptanceReason.AGENT_IS_SENDER,
        AcceptanceReason.SENDER_PHONE_UNFAMILIAR,
    }
)
_LISTS = frozenset(
    {
        *ScreeningCode,
        AcceptanceReason.HIT_SAME_BARRED,
        AcceptanceReason.HIT_OVERRIDDEN,
        AcceptanceReason.HIT_NOT_SAME,
        AcceptanceReason.HIT_SAME_INSPECTED,
        AcceptanceReason.SCREENING_UNCLEAR,
    }
)
_GOODS = frozenset({*ContentsReason, AcceptanceReason.LETTER_WITH_GOODS, InspectionReason.DECLARED_EXAMPLE})
_FOUND = frozenset(code for code in InspectionReason if code.startswith("found-"))
_SIGNS = {Consequence.REFUSE: Sign.STOP, Consequence.REFER: Sign.DOUBT, Consequence.NOTE: Sign.DONE}


def checks_of(state: CounterState, verdict: Verdict) -> tuple[CheckShown, ...]:
    """One line each for person, lists, waybill, goods, inspection, as far as they were looked at."""
    return tuple(_checks(state, verdict))


def _checks(state: CounterState, verdict: Verdict) -> Iterator[CheckShown]:
    draft, took = state.draft, state.aside.took_ms
    if draft.document is not None:
        yield CheckShown(_worst(verdict, _PERSON), f"实名：{_person_words(state, verdict)}", _ms(took.get("read")))
    if draft.screening is not None:
        yield CheckShown(_worst(verdict, _LISTS), f"名单：{_list_words(state)}", _ms(took.get("look-up")))
    if draft.waybill is not None:
        sign, words = _waybill(draft, verdict) or ((Sign.DONE, "未重复") if "look-up" in took else (Sign.OPEN, "正在核对"))
        yield CheckShown(sign, f"运单：{words}")
    goods = [reason for reason in verdict.reasons if reason.code in _GOODS and reason.consequence is not Consequence.NOTE]
    if goods:
        yield CheckShown(_worst(verdict, _GOODS), f"内件：{len(goods)} 项需要注意")
    yield from _inspection(state, verdict)


def _waybill(draft: Draft, verdict: Verdict) -> tuple[Sign, str] | None:
    """What is wrong with a waybill, the gravest first; None for nothing."""
    codes = {reason.code for reason in verdict.reasons}
    refused, referred = draft.refused_before, draft.referred_before
    if draft.earlier is not None:
        return Sign.STOP, "已拦截" if draft.is_intercepted else "单号已受理过"
    if draft.failed_check is not None:
        return Sign.STOP, "安检不合格"
    if refused is not None and AcceptanceReason.REFUSED_UNSETTLED in codes:
        return Sign.STOP, f"拒收过（#{refused.place[1]}），处置未了"
    if referred is not None and AcceptanceReason.STILL_REFERRED in codes:
        return Sign.DOUBT, f"还在复核（#{referred.place[1]}）"
    if AcceptanceReason.WAYBILL_CHECK_FAILED in codes:
        return Sign.DOUBT, "校验位不符"
    if refused is not None:
        return Sign.DOUBT, f"拒收过（#{refused.place[1]}）"
    return None


def _worst(verdict: Verdict, codes: frozenset[str]) -> Sign:
    return _SIGNS[max((reason.consequence for reason in verdict.reasons if reason.code in codes), default=Consequence.NOTE)]


def _person_words(state: CounterState, verdict: Verdict) -> str:
    worst = _worst(verdict, _PERSON)
    if worst is not Sign.DONE:
        return "不能收寄" if worst is Sign.STOP else "需要核对"
    compared = state.draft.waybill is not None and bool(state.draft.waybill_sender_name)
    codes = {reason.code for reason in verdict.reasons}
    if NameReason.MASKED_COMPATIBLE in codes:
        return "与隐私面单相容"
    if NameReason.ROMANISED in codes:
        return "与拼音姓名相容"
    return "证件、运单一致" if compared else "证件有效"


def _list_words(state: CounterState) -> str:
    screening = state.draft.screening
    assert screening is not None  # noqa: S101 - the caller has looked
    hits = open_hits(state.draft)
    if hits:
        return f"疑似命中 {len(hits)} 条"
    if screening.hits:
        return f"{len(screening.hits)} 条，已核对"
    if screening.status is ScreeningStatus.NOT_SCREENED:
        return "未核查：没有安装名单"
    aged = "，名单久未确认" if screening.status is ScreeningStatus.STALE else "，号码未核查" if screening.unkeyed else ""
    return f"未命中（{len(screening.lists)} 份名单{aged}）"


def _inspection(state: CounterState, verdict: Verdict) -> Iterator[CheckShown]:
    answers = [answered for answered in state.draft.answers if answered.moment in MOMENTS[ChecklistKind.INSPECTION]]
    refused = [reason for reason in verdict.reasons if reason.code == InspectionReason.ITEM_REFUSES]
    doubted = [reason for reason in verdict.reasons if reason.code == InspectionReason.ITEM_REFERS]
    if answers:
        sign = Sign.STOP if refused else Sign.DOUBT if doubted else Sign.DONE
        photos = f"，照片 {len(state.draft.photos)} 张" if state.draft.photos else ""
        words = f"{len(refused)} 项不通过" if refused else f"{len(doubted)} 项存疑" if doubted else f"{len(answers)} 项{photos}"
        whole = sum(state.aside.dwell_ms.get(answered.finding.item, 0) for answered in answers)
        yield CheckShown(sign, f"验视：{words}", f"{whole // 1000} 秒" if whole >= 1000 else "")
    for reason in verdict.reasons:
        if reason.code in _FOUND:
            category = f"{reason.facts.get('category')} 类 " if reason.facts.get("category") else ""
            yield CheckShown(Sign.STOP, f"查到：{category}{reason.facts.get('name')}")


def _ms(took: int | None) -> str:
    return "" if took is None else f"{took} ms"


_SHORT = {
    Lack.NOTICE: "告知",
    Lack.DOCUMENT: "证件",
    Lack.AGENT_DOCUMENT: "代寄人证件",
    Lack.GUARDIAN_DOCUMENT: "监护人证件",
    Lack.CLIENT: "协议客户",
    Lack.SENDER_PHONE: "寄件人电话",
    Lack.WAYBILL: "运单",
    Lack.CARRIER: "承运商",
    Lack.ADDRESSEE: "收件人",
    Lack.CONTENTS: "内件",
    Lack.TOBACCO_COUNT: "今日烟草件数",
    Lack.SERVICE: "服务信息",
    Lack.CUSTOMS: "报关单证",
}


def lacks_of(verdict: Verdict, rulebook: Rulebook, name: Callable[[str], str]) -> str:
    """What is missing, in one line: what the session lacks by name, questions by number."""
    words = [_SHORT[Lack(code)] for code in verdict.missing if code in _SHORT]
    items = [code for code in verdict.missing if code not in _SHORT]
    photos = [code for code in items if rulebook.rules.checklists.photo(code) is not None]
    found = [code for code in items if code.startswith("found:")]
    asked = [code for code in items if code not in photos and code not in found]
    person = [code for code in asked if _is_person(code, rulebook)]
    rest = len(asked) - len(person)
    words += [f"查到的物品（{name(code)}）" for code in found]
    for number, told in ((len(person), "核对 {} 项"), (rest, "验视 {} 项"), (len(photos), "照片 {} 张")):
        if number:
            words.append(told.format(number))
    return "、".join(words)


def _is_person(code: str, rulebook: Rulebook) -> bool:
    item = rulebook.rules.checklists.item(code)
    return item is not None and item.checklist is ChecklistKind.REAL_NAME
