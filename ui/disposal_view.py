"""处置 in words: the steps, who was told, what was handed over, and how an intercept stands. Pure and without Qt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from courier_check.clock import at
from ui.shown import LineShown, Sign

if TYPE_CHECKING:
    from courier_check.desk.lookups import InterceptShown, Record, ToldShown
    from courier_check.inspection.rules import RuleSet
    from courier_check.store.acts import Act
    from courier_check.wording import Wording

CAUSES = {
    "security-check": "安检不合格",
    "found-later": "事后查见禁寄物品",
    "later-notice": "事后接到名单、通知",
    "authority-request": "主管机关要求",
}
OUTCOMES = ("recovered", "handed-over", "returned", "missed", "released")
HANDOVER = "handover"
_NUMBERS = (("公安机关", "公安 110"), ("所在地邮政管理部门", "邮政 12305 待核实"))
_GONE = "已销毁"


class DisposalKind(StrEnum):
    """What the form of a record is about."""

    REPORT = "report"  # 报告
    HANDOVER = "handover"  # 移交
    INTERCEPT = "intercept"  # 拦截
    OUTCOME = "outcome"  # 拦截结果


def why_not(kind: DisposalKind, act: Act) -> str:
    """Why a form is not worth opening for an act; empty where it is. The desk decides again."""
    if kind is DisposalKind.HANDOVER and act.lead is None and not act.is_stopped:
        return f"#{act.seq} 没有要看护的件（没有线索、没有拦截），没有移交可记。"
    if kind in (DisposalKind.INTERCEPT, DisposalKind.OUTCOME):
        if act.kind != "acceptance" or act.withdrawn:
            return f"#{act.seq} {'已撤件' if act.withdrawn else '不是收寄'}，没有可拦截的件。"
        if act.is_stopped and kind is DisposalKind.INTERCEPT:
            return f"#{act.seq} 已经拦截。"
    return ""


def intercept_kind(act: Act) -> DisposalKind:
    """The same key stops a parcel and says afterwards what became of it."""
    return DisposalKind.OUTCOME if act.intercept in ("open", "recovered") else DisposalKind.INTERCEPT


def steps_of(dispositions: Iterable[str], report_to: Iterable[str], rules: RuleSet | None) -> tuple[str, ...]:
    """处置步骤 in order, each once, then whom to tell."""
    if rules is None:
        return ()
    known = {rule.id: rule for rule in rules.prohibited.dispositions}
    steps = dict.fromkeys(step.zh for each in dispositions if each in known for step in known[each].steps)
    names = [authority.zh for authority in rules.prohibited.authorities if authority.id in set(report_to)]
    return (*steps, told_words(names)) if names else tuple(steps)


def told_words(names: Sequence[str]) -> str:
    """Whom to tell, with the public numbers; the local offices' are the outlet's to post (domain.md §3.3)."""
    known = [words for name, words in _NUMBERS if name in names]
    others = ["其余拨本地公布的电话"] if len(known) < len(names) else []
    return f"报告：{'、'.join(names)}（{'，'.join([*known, *others])}）。"


def numbered(steps: Iterable[str]) -> tuple[LineShown, ...]:
    """What is to be done, in its order."""
    return tuple(LineShown(Sign.NONE, f"{number}. {step}") for number, step in enumerate(steps, start=1))


def told_lines(record: Record, rules: RuleSet | None) -> Iterator[LineShown]:
    """Reports and handovers, oldest first; then each intercept with what became of it."""
    for one in record.told:
        yield LineShown(Sign.DONE, _told(one, rules), f"#{one.seq}　{one.operator or ''}")


def intercept_lines(record: Record, rules: RuleSet | None, wording: Wording) -> Iterator[LineShown]:
    for one in record.intercepts:
        ended = one.outcome == "released"
        when = f"#{one.seq}　{at(one.at_ms):%m-%d %H:%M}　{one.operator or ''}"
        words = f"{wording.of(f'intercept-{one.outcome}')}：{CAUSES.get(one.cause, one.cause)}"
        yield LineShown(Sign.DONE if ended else Sign.STOP, words, when)
        yield LineShown(Sign.NONE, f"原因：{one.reason or _GONE}")
        yield LineShown(Sign.NONE, f"件在哪里：{one.whereabouts or _GONE}　通知了：{one.told or _GONE}")
        if one.lead:
            yield LineShown(Sign.DOUBT, f"线索 {one.lead}")
        yield from _outcomes(one, wording)
        if not ended:
            yield from numbered(steps_of(one.dispositions, one.report_to, rules))


def _outcomes(one: InterceptShown, wording: Wording) -> Iterator[LineShown]:
    for outcome in one.outcomes:
        when = f"#{outcome.seq}　{at(outcome.at_ms):%m-%d %H:%M}　{outcome.operator or ''}"
        yield LineShown(Sign.OPEN, f"{wording.of(f'intercept-{outcome.outcome}')}：{outcome.note or _GONE}", when)


def _told(one: ToldShown, rules: RuleSet | None) -> str:
    known = rules.prohibited.authorities if rules is not None else ()
    authority = next((each.zh for each in known if each.id == one.authority), one.authority)
    when, note = f"{at(one.told_ms):%m-%d %H:%M}", f"　{one.note}" if one.note else ""
    if one.kind == HANDOVER:
        officers = "、".join(f"…{each}" for each in one.officers) or _GONE
        return f"{when} 移交 {authority}：清单 {one.list_number or _GONE}，人员 {officers}{note}"
    return f"{when} 报告 {authority}：{one.person or _GONE}，{one.reference or _GONE}{note}"
