"""下一步: what the window asks for next, as a function of the session and its verdict. Pure; the window draws it, the keys answer it.

The order is the counter's: the person first, then the label (which usually brings the phone and the addressee), then the goods.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from courier_check.acceptance.codes import Lack
from courier_check.acceptance.draft import Draft
from courier_check.acceptance.judgement import Rulebook
from courier_check.acceptance.resolving import is_decided
from courier_check.inspection.checklist import AnswerKind, ChecklistItem, ItemMoment, PhotoRule, PhotoView
from courier_check.inspection.verdict import Outcome, Verdict
from courier_check.screening.entries import Action
from courier_check.screening.match import Hit
from courier_check.terms import Consequence

DIFFERENT = "reading-different-"
"""Prefix of the reasons that name a field of a document which its sources disagree about."""
FOUND = "found:"
"""Prefix of what `Verdict.missing` calls an item answered no whose finding is not named."""


class Step(StrEnum):
    """The steps of the strip: 证件, 运单, 内件, 验视, 提交."""

    IDENTITY = "identity"
    WAYBILL = "waybill"
    CONTENTS = "contents"
    INSPECTION = "inspection"
    SUBMIT = "submit"


class TaskKind(StrEnum):
    """What can be asked of the clerk."""

    NOTICE = "notice"  # 出示告知
    DOCUMENT = "document"  # 出示证件
    AGENT_DOCUMENT = "agent-document"  # 代寄人证件
    GUARDIAN_DOCUMENT = "guardian-document"  # 监护人证件
    DIFFERENT = "different"  # 证件各来源不一致
    CLIENT = "client"  # 协议客户
    WAYBILL = "waybill"  # 扫运单
    CARRIER = "carrier"  # 选承运商
    PARTIES = "parties"  # 寄件人电话、收件人
    CONTENTS = "contents"  # 申报内件
    SERVICE = "service"  # 服务信息
    CUSTOMS = "customs"  # 报关单证
    LOOKING_UP = "looking-up"  # 核查中
    ASK = "ask"  # 清单项
    FOUND = "found"  # 查到什么
    PHOTO = "photo"  # 拍照
    HITS = "hits"  # 命中名单
    STOPPED = "stopped"  # 停止收寄
    REFERRED = "referred"  # 需复核
    READY = "ready"  # 可以提交


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do. `item`: for ASK and FOUND; `photo`: for PHOTO; `hits`: for HITS."""

    kind: TaskKind
    step: Step
    item: ChecklistItem | None = None
    photo: PhotoRule | None = None
    hits: tuple[Hit, ...] = ()


_LACKS = {
    Lack.NOTICE: Task(TaskKind.NOTICE, Step.IDENTITY),
    Lack.DOCUMENT: Task(TaskKind.DOCUMENT, Step.IDENTITY),
    Lack.AGENT_DOCUMENT: Task(TaskKind.AGENT_DOCUMENT, Step.IDENTITY),
    Lack.GUARDIAN_DOCUMENT: Task(TaskKind.GUARDIAN_DOCUMENT, Step.IDENTITY),
    Lack.CLIENT: Task(TaskKind.CLIENT, Step.IDENTITY),
    Lack.WAYBILL: Task(TaskKind.WAYBILL, Step.WAYBILL),
    Lack.CARRIER: Task(TaskKind.CARRIER, Step.WAYBILL),
    Lack.SENDER_PHONE: Task(TaskKind.PARTIES, Step.WAYBILL),
    Lack.ADDRESSEE: Task(TaskKind.PARTIES, Step.WAYBILL),
    Lack.CONTENTS: Task(TaskKind.CONTENTS, Step.CONTENTS),
    Lack.SERVICE: Task(TaskKind.SERVICE, Step.CONTENTS),
    Lack.CUSTOMS: Task(TaskKind.CUSTOMS, Step.CONTENTS),
    Lack.TOBACCO_COUNT: Task(TaskKind.LOOKING_UP, Step.CONTENTS),
}
_MOMENTS = {ItemMoment.IDENTITY: Step.IDENTITY, ItemMoment.WAYBILL: Step.WAYBILL}
_ORDER = list(Step)


def open_hits(draft: Draft) -> tuple[Hit, ...]:
    """Hits that stop the parcel until they are decided on."""
    if draft.screening is None:
        return ()
    hits = (hit for hit in draft.screening.hits if hit.action is not Action.NOTE and not hit.ends_agreement)
    return tuple(hit for hit in hits if not is_decided(hit, draft))


def tasks(draft: Draft, verdict: Verdict, rulebook: Rulebook) -> tuple[Task, ...]:
    """Everything still owed, in the order of the counter; what nobody can answer (a photo of unknown rule) is left out."""
    owed: list[Task] = []
    for code in verdict.missing:
        task = _task_of(code, rulebook)
        if task is not None and task not in owed:  # phone and addressee are one form
            owed.append(task)
    if any(one.code.startswith(DIFFERENT) and one.consequence is Consequence.REFER for one in verdict.reasons):
        owed.append(Task(TaskKind.DIFFERENT, Step.IDENTITY))
    hits = open_hits(draft)
    if hits:
        owed.append(Task(TaskKind.HITS, Step.CONTENTS, hits=hits))
    return tuple(sorted(owed, key=_turn))


def _turn(task: Task) -> tuple[bool, int, bool, int]:
    """A look-up ends by itself: nobody waits for it while there is something else to do. Whose document it is comes before what is asked
    about it. The opened parcel is photographed before it is sealed, the sealed one when nothing else is left to be asked."""
    when = 0
    if task.photo is not None:
        when = 3 if task.photo.view is PhotoView.SEALED else 1
    elif task.kind is TaskKind.ASK and task.item is not None and task.item.moment in (ItemMoment.SEALING, ItemMoment.LABEL):
        when = 2
    return task.kind is TaskKind.LOOKING_UP, _ORDER.index(task.step), task.kind is not TaskKind.DIFFERENT, when


def next_task(draft: Draft, verdict: Verdict, rulebook: Rulebook, *, hits_later: bool = False) -> Task:
    """The one thing to do now. `hits_later`: the clerk goes on with the checklist while the supervisor, who decides on hits and on sources
    that differ, is on the way.

    What was found is named before a parcel is stopped, since naming it decides whether people must leave the room, unless the clerk has
    refused it as it is. The photo a refusal asks for comes before it is confirmed. An intercepted parcel is nothing else: nobody asks for
    papers of it, or about a hit.
    """
    if draft.is_intercepted:
        return Task(TaskKind.STOPPED, Step.SUBMIT)
    owed = tasks(draft, verdict, rulebook)
    unnamed = next((task for task in owed if task.kind is TaskKind.FOUND), None)
    if unnamed is not None and draft.refusal is None:
        return unnamed
    pictured = next((task for task in owed if task.photo is not None and task.photo.id in verdict.unpictured), None)
    if verdict.outcome is Outcome.REFUSE and pictured is not None:
        return pictured
    hits = next((task for task in owed if task.kind is TaskKind.HITS), None)
    if verdict.outcome is Outcome.REFUSE and hits is None:
        return Task(TaskKind.STOPPED, Step.SUBMIT)
    wanted = next((task for task in owed if not (hits_later and task.kind in (TaskKind.HITS, TaskKind.DIFFERENT))), None)
    if wanted is not None:
        return wanted
    if verdict.outcome is Outcome.REFUSE:  # nothing is left to go on with but the hits: only a supervisor, or a refusal, ends it
        return hits if hits is not None else Task(TaskKind.STOPPED, Step.SUBMIT)
    return Task(TaskKind.REFERRED if verdict.outcome is Outcome.REFER else TaskKind.READY, Step.SUBMIT)


def _task_of(code: str, rulebook: Rulebook) -> Task | None:
    checklists = rulebook.rules.checklists
    if code in _LACKS:
        return _LACKS[Lack(code)]
    item = checklists.item(code.removeprefix(FOUND))
    if item is not None:
        step = _MOMENTS.get(item.moment, Step.INSPECTION)
        if code.startswith(FOUND):
            return Task(TaskKind.FOUND, Step.INSPECTION, item=item)
        return Task(TaskKind.LOOKING_UP if item.answer is AnswerKind.ESTABLISHED else TaskKind.ASK, step, item=item)
    photo = checklists.photo(code)
    return Task(TaskKind.PHOTO, Step.INSPECTION, photo=photo) if photo is not None else None
