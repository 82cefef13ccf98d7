"""The middle column in words: one large question, what was answered above it, what is to come below. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from courier_check.acceptance import Draft
from courier_check.acceptance.judgement import case_of
from courier_check.acceptance.tasks import TaskKind
from courier_check.inspection.catalogue import Disposition
from courier_check.inspection.checklist import AnswerKind, ChecklistItem
from courier_check.inspection.findings import Answer
from courier_check.inspection.verdict import Outcome, Verdict
from courier_check.screening.match import Hit
from courier_check.terms import Consequence, MailKind
from courier_check.wording import Wording
from courier_check.wording.verdicts import missing_text, reason_text
from ui import keys
from ui.counter.acts import HIT, REPLACE, Now, decisions, refusal_codes, refusal_of
from ui.counter.state import Books, CounterState, Panel, may_decide
from ui.counter.view import Form, Surroundings, TaskShown, decider_words, reason_lines, source_words, spaced
from ui.shown import AnswerShown, Fact, LineShown, QuestionShown, Sign, Tone

_ANSWERS = (AnswerShown(keys.YES, "通过"), AnswerShown(keys.NO, "不通过"), AnswerShown(keys.DOUBT, "存疑"), AnswerShown(keys.F6, "拍照"))
_PHOTO, _UNDO = AnswerShown(keys.F6, "拍照"), AnswerShown("⌫", "撤回上一步")
_SIGNS = {Answer.YES: Sign.DONE, Answer.NO: Sign.STOP, Answer.DOUBT: Sign.DOUBT}


def task_shown(state: CounterState, books: Books, verdict: Verdict, around: Surroundings) -> TaskShown:
    """The panel that is open, or the task."""
    now = Now(state, books, verdict, state.task(books, verdict), 0)
    panel = _PANELS.get(state.panel)
    if panel is not None:
        return panel(now, around)
    return _TASKS[now.task.kind](now, around)


def _key(now: Now, form: str) -> str:
    return f"{now.state.session.session_id}/{form}"


# Tasks ------------------------------------------------------------------------------------------------------------------------------------


def _document(now: Now, around: Surroundings) -> TaskShown:
    agent = now.task.kind is TaskKind.AGENT_DOCUMENT
    whose = "代寄人" if agent else "寄件人"
    kind = f"件型：{_kind_words(now.state)}"
    question = QuestionShown(
        f"请{whose}出示证件",
        "把证件放在摄像头下，按 Enter 读取。看原件，不收复印件、截图和口述号码。",
        "依据：快递暂行条例（身份查验）、反恐怖主义法 20 条",
        (AnswerShown(keys.ENTER, "读取证件", "go"), AnswerShown(keys.F3, "换来源 / 手工输入")),
    )
    return TaskShown("证件", kind, question, said=now.state.said, below=_held_lines(now))


def _held_lines(now: Now) -> tuple[LineShown, ...]:
    held = now.state.counter.held
    if not held:
        return ()
    return tuple(LineShown(Sign.OPEN, f"挂起：{_held_words(session.draft)}", keys.F10) for session in held)


def _held_words(draft: Draft) -> str:
    name = draft.document.name if draft.document and draft.document.name else "未读证件"
    return f"{name}　{spaced(draft.waybill.text) if draft.waybill else '未扫运单'}"


def _kind_words(state: CounterState) -> str:
    kinds = {MailKind.PARCEL: "散件", MailKind.LETTER: "信件", MailKind.INSPECTION_MAILBOX: "巡视信箱件", MailKind.AGREEMENT: "协议件"}
    return f"{kinds[state.draft.mail_kind]}（Ctrl+K 更改）"


def _waybill(now: Now, around: Surroundings) -> TaskShown:
    question = QuestionShown(
        "请扫描运单",
        "扫描枪随时可扫；面单放在摄像头下按 Enter 识别，电话和收件人一并读入。",
        answers=(AnswerShown(keys.ENTER, "识别面单", "go"),),
    )
    return TaskShown("运单", "", question, form=Form.WAYBILL, form_key=_key(now, "waybill"), said=now.state.said)


def _carrier(now: Now, around: Surroundings) -> TaskShown:
    waybill = now.state.draft.waybill
    carriers = waybill.carriers if waybill else ()
    names = now.books.rules.carriers
    answers = tuple(AnswerShown(str(number), names.carrier(code).zh) for number, code in enumerate(carriers[:9], 1))
    question = QuestionShown("这是哪家的运单？", "单号的形状几家共用；看面单上的标志。", answers=answers)
    return TaskShown("承运商", "", question, said=now.state.said)


def _parties(now: Now, around: Surroundings) -> TaskShown:
    draft = now.state.draft
    first = {
        "sender_name": draft.waybill_sender_name,
        "sender_phone": draft.sender.phone,
        "sender_address": draft.sender.address,
        "addressee_name": draft.addressee.name,
        "addressee_phone": draft.addressee.phone,
        "addressee_address": draft.addressee.address,
    }
    question = QuestionShown("补齐寄件人和收件人", "照面单填写；在最后一栏按 Enter 确认。")
    key = _key(now, f"parties/{draft.waybill.text if draft.waybill else ''}/{draft.sender.phone}/{draft.addressee.name}")
    return TaskShown("运单信息", "", question, form=Form.PARTIES, form_key=key, first=first, said=now.state.said)


def _contents(now: Now, around: Surroundings) -> TaskShown:
    restricted = now.books.rules.rulebook.restricted
    chosen = restricted.category(now.state.chosen) if now.state.chosen else None
    answers = tuple(AnswerShown(category.key, category.zh, "go" if chosen is category else "plain") for category in restricted.categories)
    question = QuestionShown(
        "寄的是什么？", "按 1–9 选品类，再写名称和数量；Enter 确认，Ctrl+Enter 再加一件。", answers=answers, answers_first=True
    )
    items = now.state.draft.items
    replacing = now.state.kind == REPLACE
    first = {"category": chosen.id, "name": "" if chosen.id == "other" else chosen.zh} if chosen else {}
    first["tobacco"] = "yes" if chosen is not None and chosen.tobacco else ""
    if replacing and len(items) == 1 and chosen is not None and items[0].category == chosen.id:
        first |= {"name": items[0].name, "quantity": str(items[0].quantity), "weight_g": str(items[0].weight_g or "")}
    above = () if replacing else tuple(LineShown(Sign.DONE, f"已报：{item.name} × {item.quantity}") for item in items)
    key = _key(now, f"contents/{now.state.chosen}/{len(items)}/{replacing}")
    return TaskShown("内件", "", question, above=above, form=Form.CONTENTS, form_key=key, first=first, said=now.state.said)


def _short(words: str, most: int = 8) -> str:
    """服装、鞋帽、纺织品 → 服装、鞋帽等: the nine classes stand three by three, like the keys they are chosen by."""
    if len(words) <= most:
        return words
    kept = ""
    for term in words.split("、"):
        if kept and len(kept) + len(term) + 1 > most - 2:
            break
        kept = f"{kept}、{term}" if kept else term
    return f"{kept}等"


def _looking_up(now: Now, around: Surroundings) -> TaskShown:
    return TaskShown("核查", "", QuestionShown("正在核查名单和单号…", "通常不到一秒。一直停在这里的，请看状态栏。"), said=now.state.said)


def _question(now: Now, around: Surroundings) -> TaskShown:
    item = now.task.item
    assert item is not None  # noqa: S101 - ASK always has its item
    question = QuestionShown(item.question.zh, item.help.zh, f"依据：{source_words(item.source, item.certainty)}", _ANSWERS)
    asked = _asked(now)
    place = next((number for number, one in enumerate(asked, 1) if one.id == item.id), 0)
    title = f"收寄验视清单　第 {place} 项，共 {len(asked)} 项"
    above, below = _around(now, asked, item)
    version = f"规则 {now.books.rules.rulebook.rules.version}"
    return TaskShown(title, version, question, above=above, below=below, said=now.state.said)


def _asked(now: Now) -> tuple[ChecklistItem, ...]:
    """Everything a person is asked about this parcel, in the order of the checklist."""
    rulebook = now.books.rules.rulebook
    applying = rulebook.rules.applying(case_of(now.state.draft, rulebook, now.books.today))
    return tuple(item for item in applying if item.answer is AnswerKind.JUDGED and item.mandatory)


_SHOWN_ABOVE, _SHOWN_BELOW = 4, 3


def _around(now: Now, asked: tuple[ChecklistItem, ...], item: ChecklistItem) -> tuple[tuple[LineShown, ...], tuple[LineShown, ...]]:
    answers = {answered.finding.item: answered.finding.answer for answered in now.state.draft.answers}
    done = [one for one in asked if one.id in answers]
    above = tuple(LineShown(_SIGNS[answers[one.id]], one.question.zh, _dwell(now.state, one.id)) for one in done[-_SHOWN_ABOVE:])
    if len(done) > _SHOWN_ABOVE:
        above = (LineShown(Sign.DONE, f"另有 {len(done) - _SHOWN_ABOVE} 项已答"), *above)
    to_come = [one for one in asked if one.id not in answers and one.id != item.id]
    below = tuple(LineShown(Sign.NONE, one.question.zh) for one in to_come[:_SHOWN_BELOW])
    if len(to_come) > _SHOWN_BELOW:
        below = (*below, LineShown(Sign.NONE, f"还有 {len(to_come) - _SHOWN_BELOW} 项"))
    return above, below


def _dwell(state: CounterState, item: str) -> str:
    ms = state.aside.dwell_ms.get(item)
    return "" if ms is None else f"{ms / 1000:.1f} 秒"


def _found(now: Now, around: Surroundings) -> TaskShown:
    state, item, found = now.state, now.task.item, now.state.aside.found
    prohibited = now.books.rules.rulebook.rules.prohibited
    covers = [one for code in (item.covers if item else ()) if (one := prohibited.category(code)) is not None]
    title = "查到禁寄物"
    if found.category is None:
        answers = tuple(AnswerShown(one.code, one.zh) for one in covers)
        typed = f"已按 {state.digits}，再按一位" if state.digits else "按两位类别号，如 0 4"
        return TaskShown(
            title, "禁止寄递物品指导目录", QuestionShown("是哪一类？", typed, answers=answers, tone=Tone.STOP), said=state.said
        )
    category = prohibited.category(found.category)
    named = f"第 {found.category} 类 {category.zh if category else ''}"
    if not found.name:
        question = QuestionShown("是什么物品？", f"{named}。写明名称，按 Enter。", tone=Tone.STOP)
        return TaskShown(title, "", question, form=Form.GOODS_NAME, form_key=_key(now, f"goods/{found.category}"), said=state.said)
    answers = (AnswerShown(keys.YES, "公开携带"), AnswerShown(keys.NO, "藏匿、夹带"))
    question = QuestionShown(f"“{found.name}”是公开携带，还是藏匿夹带？", named, answers=answers, tone=Tone.STOP)
    return TaskShown(title, "", question, said=state.said)


def _photo(now: Now, around: Surroundings) -> TaskShown:
    photo = now.task.photo
    assert photo is not None  # noqa: S101 - PHOTO always has its rule
    exempt = tuple(AnswerShown(str(number), f"免拍：{reason.zh}") for number, reason in enumerate(photo.exempt_reasons, 1))
    question = QuestionShown(
        f"请拍{photo.question.zh}", source_words(photo.source, photo.certainty), answers=(AnswerShown(keys.F6, "拍照", "go"), *exempt)
    )
    return TaskShown("凭证照片", "", question, said=now.state.said)


def _hits(now: Now, around: Surroundings) -> TaskShown:
    wording = around.wording
    facts = [fact for hit in now.task.hits[:2] for fact in _hit_facts(hit, wording)]
    supervisor = may_decide(now.state, now.books)
    ask = "主管核对" if supervisor is not None else "请主管"
    answers = (AnswerShown(keys.DOUBT, ask), AnswerShown(keys.F7, "先验视，等主管"), AnswerShown(keys.F10, "挂起这一件"))
    hit = now.task.hits[0]
    note = f"{hit.list_title} v{hit.list_version}" + (f"，另有 {len(now.task.hits) - 1} 条" if len(now.task.hits) > 1 else "")
    question = QuestionShown(
        "是同一个人或同一家吗？", wording.of(hit.advice.value) + "。核对前不能收寄。", answers=answers, tone=Tone.REFER
    )
    return TaskShown("疑似命中名单 — 请核对后决定", note, question, facts=tuple(facts), said=now.state.said, tone=Tone.REFER)


def _hit_facts(hit: Hit, wording: Wording) -> tuple[Fact, ...]:
    return (
        Fact("名单条目", f"{hit.matched_name or '（未列名称）'}　{hit.entry_id}", key=True),
        Fact("命中", "；".join(wording.of(reason.value) for reason in hit.reasons)),
        Fact("事由", " · ".join(part for part in (hit.entry_reason, hit.issuer, hit.doc_no) if part)),
        Fact("依据", hit.basis or wording.of("basis-unstated")),
        Fact("救济", hit.remedy or "名单未写明"),
    )


_OTHER_DOCUMENT = frozenset({"R02", "R03", "R04", "R05"})
"""Refusals that another document, or the right person's, may do away with."""


def _stopped(now: Now, around: Surroundings) -> TaskShown:
    wording, verdict, rules = around.wording, now.verdict, now.books.rules.rulebook.rules
    dispositions = verdict.dispositions
    lacks = [missing_text(wording, each, rules) for each in verdict.missing if each.startswith("photo")]
    return TaskShown(
        title="禁寄物品处置" if dispositions else "停止收寄",
        note="",
        question=_disposing(dispositions) if dispositions else _refusing(now),
        above=reason_lines(verdict.reasons, wording)[:5],
        below=(LineShown(Sign.DOUBT, f"拒收前请拍：{'、'.join(lacks)}（F6）"),) if lacks else (),
        said=now.state.said,
        tone=Tone.STOP,
    )


def _disposing(dispositions: tuple[Disposition, ...]) -> QuestionShown:
    """处置: what to do at once. An ordinary thing carried openly goes back to its owner without drama."""
    lead = any(disposition.rule.lead for disposition in dispositions)
    title = "立即处置" if lead else "不予收寄，退还寄件人"
    answers = (AnswerShown(keys.F8, "拒收并登记线索" if lead else "拒收", "stop"), _PHOTO, _UNDO)
    return QuestionShown(title, _disposition_words(dispositions), _told_words(dispositions), answers, Tone.STOP)


def _refusing(now: Now) -> QuestionShown:
    code = refusal_of(now.verdict)
    refusal = now.books.rules.rulebook.rules.refusals.refusal(code)
    other = (AnswerShown(keys.F3, "换其他证件"),) if code in _OTHER_DOCUMENT else (_PHOTO,)
    answers = (AnswerShown(keys.F8, "拒收", "stop"), *other, _UNDO)
    return QuestionShown("不得收寄", f"下一步：{refusal.next_step.zh}" if refusal else "", answers=answers, tone=Tone.STOP)


def _disposition_words(dispositions: tuple[Disposition, ...]) -> str:
    steps = dict.fromkeys(step.zh for disposition in dispositions for step in disposition.rule.steps)
    return "\n".join(f"{number}　{step}" for number, step in enumerate(steps, 1))


def _told_words(dispositions: tuple[Disposition, ...]) -> str:
    authorities = dict.fromkeys(one.zh for disposition in dispositions for one in disposition.report_to)
    told = f"报告：{'、'.join(authorities)}。" if authorities else ""
    sources = dict.fromkeys(source_words(disposition.rule.source, disposition.rule.certainty) for disposition in dispositions)
    return f"{told}依据：{'；'.join(sources)}"


def _referred(now: Now, around: Surroundings) -> TaskShown:
    supervised = may_decide(now.state, now.books) is not None
    answers = (
        AnswerShown(keys.F12, "提交复核", "go"),
        AnswerShown(keys.DOUBT, "主管核定" if supervised else "请主管"),
        AnswerShown(keys.F8, "拒收"),
        AnswerShown(keys.F10, "挂起这一件"),
    )
    words = "主管在场的当场核定；不在场的提交复核，这一件先不收寄。"
    question = QuestionShown("这一件需要主管复核", words, answers=answers, tone=Tone.REFER)
    return TaskShown("复核", "", question, above=reason_lines(now.verdict.reasons, around.wording), said=now.state.said, tone=Tone.REFER)


def _ready(now: Now, around: Surroundings) -> TaskShown:
    answers = {answered.finding.item: answered.finding.answer for answered in now.state.draft.answers}
    asked = [item for item in _asked(now) if item.id in answers]
    above = tuple(LineShown(_SIGNS[answers[item.id]], item.question.zh, _dwell(now.state, item.id)) for item in asked)
    notes = [one for one in now.verdict.reasons if one.consequence is Consequence.NOTE]
    below = tuple(LineShown(Sign.DOUBT, reason_text(around.wording, one)) for one in notes[:4])
    question = QuestionShown(
        "可以提交", "提交后记入日志，不能删除，只能更正。", answers=(AnswerShown(keys.F12, "提交收寄", "go"), AnswerShown(keys.F6, "拍照"))
    )
    version = f"规则 {now.books.rules.rulebook.rules.version}"
    return TaskShown(f"收寄验视清单　{len(asked)} 项全部完成", version, question, above=above, below=below, said=now.state.said)


def _client(now: Now, around: Surroundings) -> TaskShown:
    return TaskShown("协议件", "", QuestionShown("本窗口不办协议件", "请按 Ctrl+K 改为散件，逐件实名。"), said=now.state.said)


_TASKS: Mapping[TaskKind, Callable[[Now, Surroundings], TaskShown]] = {
    TaskKind.DOCUMENT: _document,
    TaskKind.AGENT_DOCUMENT: _document,
    TaskKind.CLIENT: _client,
    TaskKind.WAYBILL: _waybill,
    TaskKind.CARRIER: _carrier,
    TaskKind.PARTIES: _parties,
    TaskKind.CONTENTS: _contents,
    TaskKind.LOOKING_UP: _looking_up,
    TaskKind.ASK: _question,
    TaskKind.FOUND: _found,
    TaskKind.PHOTO: _photo,
    TaskKind.HITS: _hits,
    TaskKind.STOPPED: _stopped,
    TaskKind.REFERRED: _referred,
    TaskKind.READY: _ready,
}


# Panels -----------------------------------------------------------------------------------------------------------------------------------


def _typed_document(now: Now, around: Surroundings) -> TaskShown:
    document = now.state.draft.document
    first = {"type": "resident-id"}
    if document is not None and now.task.kind is not TaskKind.AGENT_DOCUMENT:
        first = {name: value or "" for name, value in document.to_mapping().items()}
    question = QuestionShown("手工输入证件", "照证件原件填写；最后一栏按 Enter 确认。手工输入计入“手工录入率”。")
    key = _key(now, f"document/{first.get('number', '')}/{now.task.kind}")
    return TaskShown("证件", f"{keys.F3} 换来源", question, form=Form.DOCUMENT, form_key=key, first=first, said=now.state.said)


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
    kept = "本次不留寄件人身份信息。" if chosen.identity.value != "kept" else ""
    question = QuestionShown(
        f"拒收：{chosen.code} {chosen.zh}",
        f"告诉寄件人：{chosen.next_step.zh}{kept}",
        f"依据：{source_words(chosen.source, chosen.certainty)}　不服可向网点或 12305 申诉（待核实）。",
        (AnswerShown(keys.ENTER, "记录拒收", "stop"), AnswerShown(keys.ESC, "返回")),
        Tone.STOP,
    )
    others = (LineShown(Sign.NONE, f"改选：{typed}"),)
    form = Form.REFUSAL_NOTE if chosen.note_required else Form.NONE
    return TaskShown(
        "拒收", typed, question, below=others, form=form, form_key=_key(now, f"note/{chosen.code}"), said=state.said, tone=Tone.STOP
    )


def _held(now: Now, around: Surroundings) -> TaskShown:
    held = now.state.counter.held[:9]
    answers = tuple(AnswerShown(str(number), _held_words(session.draft)) for number, session in enumerate(held, 1))
    return TaskShown("取回", "", QuestionShown("取回哪一件？", answers=answers), said=now.state.said)


def _supervisor(now: Now, around: Surroundings) -> TaskShown:
    question = QuestionShown("请主管登录", "主管输入工号和密码；只用于这一件。", answers=(AnswerShown(keys.ESC, "返回"),), tone=Tone.REFER)
    return TaskShown("主管", "", question, form=Form.SUPERVISOR, form_key=_key(now, "supervisor"), said=now.state.said, tone=Tone.REFER)


def _decide(now: Now, around: Surroundings) -> TaskShown:
    state, matters = now.state, decisions(now)
    who = decider_words(state, now.books)
    if not state.chosen:
        answers = tuple(
            AnswerShown(str(number), _matter_words(now, kind, code, around.wording)) for number, (kind, code) in enumerate(matters[:9], 1)
        )
        said = "没有可由主管决定的事项。命中、存疑以外的拒收不能放行。" if not matters else state.said
        return TaskShown("主管核定", who, QuestionShown("核定哪一项？", answers=answers, tone=Tone.REFER), said=said, tone=Tone.REFER)
    question = QuestionShown(_matter_words(now, state.kind, state.chosen, around.wording), "写明理由，再选决定。", tone=Tone.REFER)
    first = {"kind": state.kind}
    key = _key(now, f"decide/{state.chosen}")
    return TaskShown("主管核定", who, question, form=Form.REASON, form_key=key, first=first, said=state.said, tone=Tone.REFER)


def _matter_words(now: Now, kind: str, code: str, wording: Wording) -> str:
    if kind == HIT:
        list_id, entry_id, _ = code.rsplit("/", 2)
        hits = now.state.draft.screening.hits if now.state.draft.screening else ()
        hit = next((one for one in hits if (one.list_id, one.entry_id) == (list_id, entry_id)), None)
        return f"命中《{hit.list_title}》{entry_id}" if hit else code
    reason = next((one for one in now.verdict.reasons if one.code == code), None)
    return reason_text(wording, reason).partition("。")[0] if reason else code


def _recorded(now: Now, around: Surroundings) -> TaskShown:
    recorded = now.state.recorded
    assert recorded is not None  # noqa: S101 - the panel opens with it
    words = {Outcome.ACCEPT: "已受理", Outcome.REFUSE: "已拒收", Outcome.REFER: "已交复核"}[recorded.outcome]
    facts = [
        Fact("寄件人", "　".join(part for part in (recorded.name, recorded.number) if part) or "不留身份信息"),
        Fact("运单", spaced(recorded.waybill) or "—", key=True),
    ]
    if recorded.seq is not None:
        facts.append(Fact("受理号", str(recorded.seq)))
    answers = (AnswerShown(keys.ENTER, "下一件", "go"), AnswerShown(keys.F4, "同一寄件人再寄"))
    question = QuestionShown("请取走证件" if recorded.name else words, "交还寄件人证件和底单。直接扫描也可以开始下一件。", answers=answers)
    lines = tuple(LineShown(Sign.OPEN, text) for text in recorded.reasons[:4])
    return TaskShown(words, "已记入日志" if recorded.seq is not None else "未记入日志", question, facts=tuple(facts), below=lines)


_PANELS: Mapping[Panel, Callable[[Now, Surroundings], TaskShown]] = {
    Panel.DOCUMENT: _document,
    Panel.TYPED_DOCUMENT: _typed_document,
    Panel.TYPED_PARTIES: _parties,
    Panel.CONTENTS: _contents,
    Panel.REFUSE: _refuse,
    Panel.HELD: _held,
    Panel.SUPERVISOR: _supervisor,
    Panel.DECIDE: _decide,
    Panel.RECORDED: _recorded,
}
