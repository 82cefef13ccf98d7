"""The middle column in words: the panel the clerk has opened, else the next task. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from courier_check.acceptance.tasks import TaskKind
from courier_check.clock import at
from courier_check.identity.documents import Source
from courier_check.inspection.findings import FindingKind
from courier_check.inspection.verdict import Outcome, Verdict, refusal_of_finding
from courier_check.screening.match import Hit
from courier_check.wording import Wording
from courier_check.wording.verdicts import reason_text
from ui import keys
from ui.counter.acts import refusal_codes, takes_letter
from ui.counter.decisions import HIT, decisions
from ui.counter.effects import Now
from ui.counter.evidence import as_refused, owed_by_refusal
from ui.counter.parcelfacts import spaced
from ui.counter.parcelview import PARCEL_PANELS
from ui.counter.peopleview import PEOPLE_PANELS, with_notice
from ui.counter.state import Books, CounterState, Panel, RecordedShown
from ui.counter.taskview import (
    TASKS,
    disposition_words,
    document_shown,
    form_key_of,
    held_words,
    hit_facts,
    parties_shown,
    with_before,
)
from ui.counter.view import WALKING, Form, Surroundings, TaskShown, decider_words, source_words
from ui.disposal_view import numbered, told_words
from ui.shown import AnswerShown, Fact, LineShown, QuestionShown, Sign, Tone

LONGEST_MASK = 30
DECIDED_BY = 4
"""Facts of a hit above the decision: the names, how they differ, why it is a hit. The others stood in the task before."""


def task_shown(state: CounterState, books: Books, verdict: Verdict, around: Surroundings) -> TaskShown:
    """The panel that is open, or the task."""
    now = Now(state, books, verdict, state.task(books, verdict), 0)
    panel = PANELS.get(state.panel)
    if panel is not None:
        return panel(now, around)
    return with_before(now, TASKS[now.task.kind](now, around), around.wording)


_OTHERS = (TaskKind.AGENT_DOCUMENT, TaskKind.GUARDIAN_DOCUMENT)


def _typed_document(now: Now, around: Surroundings) -> TaskShown:
    document = next((one.document for one in now.state.draft.readings if one.source is Source.TYPED), None)
    first = {"type": "resident-id"}
    if document is not None and now.task.kind not in _OTHERS:  # to mend a slip
        first = {name: value or "" for name, value in document.to_mapping().items()}
    question = QuestionShown("手工输入证件", f"照证件原件填写，计入“手工录入率”。{WALKING}")
    key = form_key_of(now, f"document/{first.get('number', '')}/{now.task.kind in _OTHERS}")
    shown = TaskShown("证件", f"{keys.F3} 换来源", question, form=Form.DOCUMENT, form_key=key, first=first, said=now.state.said, alone=True)
    return with_notice(now, shown)


def _late(now: Now, around: Surroundings) -> TaskShown:
    """The time this is about, or the day it most likely was."""
    late_ms = now.state.aside.late_ms
    typed = f"{now.books.today:%Y-%m-%d} " if late_ms is None else f"{at(late_ms):%Y-%m-%d %H:%M}"
    question = QuestionShown("补录：实际什么时候收寄的？", "照纸质底单填写，按 Enter。记录里两个时间都有：实际收寄和现在记入。")
    key = form_key_of(now, f"late/{late_ms}")
    return TaskShown("补录", f"{keys.ESC} 返回", question, form=Form.LATE, form_key=key, first={"taken": typed}, said=now.state.said)


def _refuse(now: Now, around: Surroundings) -> TaskShown:
    state, rules = now.state, now.books.rules.rulebook.rules
    chosen = rules.refusals.refusal(state.chosen) if state.chosen else None
    typed = f"已按 {state.digits}，再按一位" if state.digits else "按两位原因号，如 0 7；↑↓ 选择"
    choices = tuple(
        AnswerShown(code[1:], rules.refusal(code).zh, "stop" if code == state.chosen else "plain") for code in refusal_codes(now.books)
    )
    if chosen is None:
        question = QuestionShown("为什么拒收？", typed, answers=choices, tone=Tone.STOP)
        return TaskShown("拒收", f"{keys.ESC} 返回", question, said=state.said, tone=Tone.STOP)
    said_already = "不留身份信息" in chosen.next_step.zh
    kept = "本次不留寄件人身份信息。" if chosen.identity.value != "kept" and not said_already else ""
    question = QuestionShown(
        f"拒收：{chosen.code} {chosen.zh}",
        f"告诉寄件人：{chosen.next_step.zh}{kept}",
        f"依据：{source_words(chosen.source, chosen.certainty)}　不服可向网点或 12305 申诉（待核实）。",
        (AnswerShown(keys.ENTER, "记录拒收", "stop"), AnswerShown(keys.ESC, "返回")),
        Tone.STOP,
    )
    asked = owed_by_refusal(now)
    if asked is not None:
        question = replace(question, answers=(AnswerShown(keys.F6, "拍照", "go"), AnswerShown(keys.ENTER, "免拍"), question.answers[1]))
    owed = (LineShown(Sign.OPEN, f"还差：{asked.question.zh}"),) if asked is not None else ()
    if takes_letter(now):
        question = replace(question, answers=(*question.answers[:-1], AnswerShown(keys.LETTER, "记收到的通知"), question.answers[-1]))
        owed = (*owed, *_letter_below(now))
    others = (*_unnamed_below(now), *_steps_below(now), *owed, LineShown(Sign.NONE, f"改选：{typed}"))
    form = Form.REFUSAL_NOTE if chosen.note_required else Form.NONE
    return TaskShown(
        "拒收", typed, question, below=others, form=form, form_key=form_key_of(now, f"note/{chosen.code}"), said=state.said, tone=Tone.STOP
    )


def _letter_below(now: Now) -> tuple[LineShown, ...]:
    """The notice that the refusal will go by."""
    letter = now.state.aside.letter
    if letter is None:
        return ()
    words = " · ".join(part for part in (letter.sender, letter.number) if part)
    return (LineShown(Sign.DONE, f"通知：{words}，{letter.received_on} 收到"),)


def _letter(now: Now, around: Surroundings) -> TaskShown:
    """机关或权利人发来的通知 (协查函、侵权通知): when it came counts."""
    letter = now.state.aside.letter
    first = {"sender": letter.sender, "received": letter.received_on.isoformat(), "number": letter.number} if letter is not None else {}
    question = QuestionShown("收到过通知？", f"机关的协查函，或权利人的通知；没有的都空着。{WALKING}")
    key = form_key_of(now, f"letter/{now.state.chosen}")
    return TaskShown(
        "通知", f"{keys.ESC} 返回拒收", question, form=Form.LETTER, form_key=key, first=first, said=now.state.said, tone=Tone.STOP
    )


def _unnamed_below(now: Now) -> tuple[LineShown, ...]:
    """Prohibited goods that nobody has named: what that comes to, and where to name them; a lighter's owner would get it back."""
    rules, found = now.books.rules.rulebook.rules, now.state.draft.contents_findings
    prohibited = rules.refusals.findings[FindingKind.PROHIBITED]
    named = any(finding.kind is FindingKind.UNIDENTIFIED or refusal_of_finding(rules, finding) == prohibited for finding in found)
    if now.state.chosen != prohibited or named:
        return ()
    return (LineShown(Sign.DOUBT, "没有写明是什么，按不明物处置。说得出的按 Esc，在禁寄物一问写明。"),)


def _steps_below(now: Now) -> tuple[LineShown, ...]:
    """处置 by moment and severity, while the refusal is being recorded."""
    dispositions = as_refused(now).dispositions
    steps = tuple(dict.fromkeys(step.zh for one in dispositions for step in one.rule.steps))
    names = tuple(dict.fromkeys(authority.zh for one in dispositions for authority in one.report_to))
    told = (LineShown(Sign.DOUBT, told_words(names)),) if names else ()
    return (*numbered(steps), *told)


def _held(now: Now, around: Surroundings) -> TaskShown:
    held = now.state.counter.held[:9]
    answers = tuple(AnswerShown(str(number), held_words(session.draft)) for number, session in enumerate(held, 1))
    return TaskShown("取回", "", QuestionShown("取回哪一件？", answers=answers), said=now.state.said)


def _supervisor(now: Now, around: Surroundings) -> TaskShown:
    question = QuestionShown("请主管登录", "主管输入工号和密码；只用于这一件。", answers=(AnswerShown(keys.ESC, "返回"),), tone=Tone.REFER)
    return TaskShown(
        "主管", "", question, form=Form.SUPERVISOR, form_key=form_key_of(now, "supervisor"), said=now.state.said, tone=Tone.REFER
    )


def _hit_code(now: Now, around: Surroundings) -> TaskShown:
    """The names stay in view while the number on the licence is typed."""
    hits = now.task.hits
    facts = hit_facts(hits[0], around.wording)[:3] if hits else ()
    question = QuestionShown(
        "录营业执照上的代码",
        "校验位相符、又不是名单上的代码，即判定不是同一家，不用主管。",
        answers=(AnswerShown(keys.ESC, "返回"),),
        tone=Tone.REFER,
    )
    key = form_key_of(now, f"hit-code/{hits[0].entry_id if hits else ''}")
    return TaskShown("核对名单", "", question, facts=facts, form=Form.HIT_CODE, form_key=key, said=now.state.said, tone=Tone.REFER)


def _decide(now: Now, around: Surroundings) -> TaskShown:
    state, matters = now.state, decisions(now)
    who = decider_words(state, now.books)
    if not state.chosen:
        answers = tuple(
            AnswerShown(str(number), _matter_words(now, kind, code, around.wording)) for number, (kind, code) in enumerate(matters[:9], 1)
        )
        said = "没有可由主管决定的事项。命中、存疑以外的拒收不能放行。" if not matters else state.said
        return TaskShown("主管核定", who, QuestionShown("核定哪一项？", answers=answers, tone=Tone.REFER), said=said, tone=Tone.REFER)
    hit = _hit_of(now, state.chosen) if state.kind == HIT else None
    facts = hit_facts(hit, around.wording)[:DECIDED_BY] if hit is not None else _compared(now)
    question = QuestionShown(_matter_words(now, state.kind, state.chosen, around.wording), "写明理由，再选决定。", tone=Tone.REFER)
    first = {"kind": state.kind}
    key = form_key_of(now, f"decide/{state.chosen}")
    return TaskShown("主管核定", who, question, facts=facts, form=Form.REASON, form_key=key, first=first, said=state.said, tone=Tone.REFER)


def _compared(now: Now) -> tuple[Fact, ...]:
    """What the supervisor compares: the name on the document and on the waybill."""
    draft = now.state.draft
    names = (("证件姓名", draft.document.name if draft.document else ""), ("面单姓名", draft.waybill_sender_name))
    return tuple(Fact(label, name) for label, name in names if name)


def _hit_of(now: Now, chosen: str) -> Hit | None:
    list_id, entry_id, _ = chosen.rsplit("/", 2)
    hits = now.state.draft.screening.hits if now.state.draft.screening else ()
    return next((one for one in hits if (one.list_id, one.entry_id) == (list_id, entry_id)), None)


def _matter_words(now: Now, kind: str, code: str, wording: Wording) -> str:
    if kind == HIT:
        hit = _hit_of(now, code)
        entry_id = hit.matched_name or hit.entry_id if hit else ""
        return f"命中《{hit.list_title}》{entry_id}" if hit else code
    reason = next((one for one in now.verdict.reasons if one.code == code), None)
    return reason_text(wording, reason).partition("。")[0] if reason else code


_BACK = {
    Outcome.ACCEPT: "交还寄件人证件和底单。",
    Outcome.REFUSE: "把证件和物品交还寄件人。",
    Outcome.REFER: "证件交还寄件人，这一件留下交主管：看过实物，再扫这个单号核定或拒收。",
}


def _recorded(now: Now, around: Surroundings) -> TaskShown:
    recorded = now.state.recorded
    assert recorded is not None  # noqa: S101 - the panel opens with it
    words = {Outcome.ACCEPT: "已受理", Outcome.REFUSE: "已拒收", Outcome.REFER: "已交复核"}[recorded.outcome]
    words = words if recorded.seq is not None else "没有记录"
    facts = [
        Fact("寄件人", "　".join(part for part in (_few_stars(recorded.name), recorded.number) if part) or "不留身份信息"),
        Fact("运单", spaced(recorded.waybill) or "—", key=True),
    ]
    if recorded.seq is not None:
        facts.append(Fact("受理号", str(recorded.seq)))
    if recorded.late_ms is not None and recorded.seq is not None:
        facts.append(Fact("补录", f"{at(recorded.late_ms):%Y-%m-%d %H:%M} 实际收寄"))
    again = (AnswerShown(keys.F4, "同一寄件人再寄"),) if now.state.previous is not None else ()
    nameless = not (recorded.name or recorded.number)  # a letter: no document was asked for
    back = "交还寄件人底单。" if nameless and recorded.outcome is Outcome.ACCEPT else _BACK[recorded.outcome]
    answers = (AnswerShown(keys.ENTER, "下一件", "go"), *again)
    question = QuestionShown("请取走证件" if recorded.name else words, f"{back}直接扫描也可以开始下一件。", answers=answers)
    if recorded.outcome is Outcome.REFUSE and recorded.seq is not None:
        question = _to_dispose(now, recorded, question)
    if recorded.lead is not None:
        facts.append(Fact("线索", recorded.lead))
    if recorded.shipment is not None:
        facts.append(Fact("一票多件", f"已办 {recorded.shipment.piece} 件，共 {recorded.shipment.pieces} 件"))
    if now.state.continuing is not None and recorded.shipment is not None:
        words_next = f"请扫第 {recorded.shipment.piece + 1} 件的运单"
        question = QuestionShown(words_next, "寄件人不用再出示证件；这一件另外验视。不再寄的，按 Esc 两次结束这一票。")
    label = (around.label,) if around.label is not None and recorded.outcome is Outcome.ACCEPT and recorded.seq is not None else ()
    if label:
        of_label = (AnswerShown(keys.STUCK, "已贴标"), AnswerShown(keys.F9, "补打标签"))
        question = replace(question, answers=(*question.answers, *of_label))
    reasons = () if recorded.dispositions else recorded.reasons[:4]  # steps say more, and one screen holds no more
    lines = (*label, *(LineShown(Sign.OPEN, text) for text in reasons))
    note = "已记入日志" if recorded.seq is not None else "未记入日志"
    return TaskShown(words, note, question, facts=tuple(facts), below=lines, said=now.state.said)


def _to_dispose(now: Now, recorded: RecordedShown, usual: QuestionShown) -> QuestionShown:
    """处置 of what was refused, as numbered steps, its slip, and whom to tell. Only what goes back to its owner goes back."""
    slip, report = AnswerShown(keys.SLIP, "告知单"), AnswerShown(keys.REPORT, "记下报告了谁")
    paper = AnswerShown(keys.PRINT, "打印告知单")
    answers = (usual.answers[0], slip, paper, *((report,) if recorded.lead is not None else usual.answers[1:]))
    if not recorded.dispositions:
        return replace(usual, answers=answers)
    guarding = now.books.rules.rulebook.rules.prohibited.guarding()
    guarded = any(one.rule.id in guarding for one in recorded.dispositions)
    title = "看护并报告，不退还物品" if guarded else usual.question
    names = tuple(dict.fromkeys(authority.zh for one in recorded.dispositions for authority in one.report_to))
    told = told_words(names) if names else ""
    return QuestionShown(title, disposition_words(recorded.dispositions), told, answers, Tone.STOP if guarded else usual.tone)


def _few_stars(mask: str) -> str:
    """A line does not break between stars: those of a very long name would widen the card."""
    return mask if len(mask) <= LONGEST_MASK else f"{mask[:LONGEST_MASK]}…"


PANELS: Mapping[Panel, Callable[[Now, Surroundings], TaskShown]] = {
    Panel.DOCUMENT: document_shown,
    Panel.TYPED_DOCUMENT: _typed_document,
    Panel.TYPED_PARTIES: parties_shown,
    Panel.LATE: _late,
    Panel.REFUSE: _refuse,
    Panel.LETTER: _letter,
    Panel.HELD: _held,
    Panel.SUPERVISOR: _supervisor,
    Panel.DECIDE: _decide,
    Panel.HIT_CODE: _hit_code,
    Panel.RECORDED: _recorded,
    **PEOPLE_PANELS,
    **PARCEL_PANELS,
}
