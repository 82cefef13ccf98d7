"""The middle column while it shows the next task: one large question, what was answered above it, what is to come below. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from courier_check.acceptance import AcceptanceReason, Draft
from courier_check.acceptance.judgement import case_of
from courier_check.acceptance.resolving import code_can_tell
from courier_check.acceptance.tasks import DIFFERENT, TaskKind
from courier_check.inspection.catalogue import Disposition
from courier_check.inspection.checklist import AnswerKind, ChecklistItem, ItemMoment
from courier_check.inspection.findings import Answer
from courier_check.inspection.verdict import Outcome
from courier_check.privacy import mask_address, mask_name, mask_phone
from courier_check.screening.match import Hit
from courier_check.terms import Consequence, MailKind, Reason
from courier_check.wording import Wording
from courier_check.wording.verdicts import reason_text
from ui import keys
from ui.counter.acts import about_person, refusal_of, wants_other_document
from ui.counter.decisions import decisions
from ui.counter.effects import Now
from ui.counter.evidence import ways_round
from ui.counter.goods import picks
from ui.counter.identity import ReaderState, doubt_lines, source_note
from ui.counter.inputs import of_visit
from ui.counter.parcelfacts import spaced
from ui.counter.parcelview import contents_shown, customs_shown, service_shown
from ui.counter.peopleview import for_guardian, prefill_words, with_copy, with_notice, with_prefill
from ui.counter.state import CounterState, Panel, may_decide
from ui.counter.view import WALKING, Form, Surroundings, TaskShown, reason_lines, source_words
from ui.disposal_view import told_words
from ui.shown import AnswerShown, Fact, LineShown, QuestionShown, Sign, Tone

_ANSWERS = (AnswerShown(keys.YES, "通过"), AnswerShown(keys.NO, "不通过"), AnswerShown(keys.DOUBT, "存疑"))
_PHOTO, _UNDO = AnswerShown(keys.F6, "拍照"), AnswerShown("⌫", "撤回上一步")
_SIGNS = {Answer.YES: Sign.DONE, Answer.NO: Sign.STOP, Answer.DOUBT: Sign.DOUBT}


def form_key_of(now: Now, form: str) -> str:
    return f"{now.state.session.session_id}/{form}"


def document_shown(now: Now, around: Surroundings) -> TaskShown:
    """Where the document is to be laid and what is done then, by the source in use; a reader needs no key."""
    whose = {TaskKind.AGENT_DOCUMENT: "代寄人", TaskKind.GUARDIAN_DOCUMENT: "监护人"}.get(now.task.kind, "寄件人")
    kind = f"件型：{_kind_words(now.state)}"
    other = AnswerShown(keys.F3, "换来源 / 手工输入")
    asked, words = _document_asked(now, whose), _document_words(around)
    answers: tuple[AnswerShown, ...] = (other,)
    reader = around.reader
    if reader is not None and reader.state is ReaderState.READING:
        asked, words = "正在读取，请勿移动证件", "通常不到一秒；读完会提示取走证件。"
    elif reader is not None and reader.in_use:
        answers = (AnswerShown(keys.ENTER, "放上证件（练习）", "go"), other) if reader.practice else (other,)
    elif around.camera:
        answers = (AnswerShown(keys.ENTER, "读取证件", "go"), other)
    basis = "依据：快递暂行条例（身份查验）、反恐怖主义法 20 条"
    question = QuestionShown(asked, words, basis, answers)
    above = doubt_lines(now.state.draft, now.books) if now.state.panel is Panel.DOCUMENT else ()
    shown = TaskShown("证件", kind, question, above=above, said=now.state.said, below=(*_reader_lines(now, around), *_held_lines(now)))
    return for_guardian(now, with_notice(now, shown))


def _document_asked(now: Now, whose: str) -> str:
    another = now.task.kind in (TaskKind.AGENT_DOCUMENT, TaskKind.GUARDIAN_DOCUMENT)
    if now.state.panel is not Panel.DOCUMENT or now.state.draft.document is None or another:
        return f"请{whose}出示证件"
    return "请出示另一种有效证件" if wants_other_document(now) else "再读同一证件，与已读的比对"


def _document_words(around: Surroundings) -> str:
    original = "看原件，不收复印件、截图和口述号码。"
    if around.reader is not None and around.reader.in_use:
        return f"把证件平放在阅读机上，会自动读取；实名码随时可扫。{original}"
    if around.camera:
        return f"把证件放进画面里的框，按 Enter 读取；实名码随时可扫。{original}"
    return f"没有阅读机和摄像头：按 F3 照原件手工输入，或扫实名码。{original}"


def _reader_lines(now: Now, around: Surroundings) -> tuple[LineShown, ...]:
    """What is wrong with the reader, while it is not there or could not read; once is enough."""
    reader = around.reader
    if reader is None or not reader.says or reader.says == now.state.said:
        return ()
    return (LineShown(Sign.DOUBT if reader.state is not ReaderState.ABSENT else Sign.OPEN, reader.says),)


def _different(now: Now, around: Surroundings) -> TaskShown:
    """The sources of a document disagree: a supervisor settles it, or another reading removes it."""
    reasons = tuple(one for one in now.verdict.reasons if one.code.startswith(DIFFERENT))
    supervised = may_decide(now.state, now.books) is not None
    question = QuestionShown(
        "证件各来源读到的不一致",
        "再读一次，或撤回刚才读的；仍不一致的请主管，或拒收。弄清以前不能收寄。",
        answers=(
            AnswerShown(keys.F3, "再读 / 换来源"),
            AnswerShown(keys.DOUBT, "主管核定" if supervised else "请主管"),
            _UNDO,
            AnswerShown(keys.F8, "拒收"),
            AnswerShown(keys.F7, "先验视，等主管"),
        ),
        tone=Tone.REFER,
    )
    note = source_note(now.state.draft, now.books, now.state.aside.source)
    lines = reason_lines(reasons, around.wording)
    return TaskShown("证件比对", note, question, above=lines, said=now.state.said, tone=Tone.REFER)


def _notice(now: Now, around: Surroundings) -> TaskShown:
    question = QuestionShown(
        "请出示个人信息处理告知",
        f"读证件之前，请寄件人看过告知（版本 {now.books.rules.notice.version}），再按 Enter。不需要签字，也不需要同意。",
        "依据：个人信息保护法 17 条",
        (AnswerShown(keys.ENTER, "已出示", "go"),),
    )
    return TaskShown("告知", "", question, said=now.state.said, below=_held_lines(now))


def _held_lines(now: Now) -> tuple[LineShown, ...]:
    held = now.state.counter.held
    if not held:
        return ()
    return tuple(LineShown(Sign.OPEN, f"挂起：{held_words(session.draft)}", keys.F10) for session in held)


def held_words(draft: Draft) -> str:
    name = mask_name(draft.document.name) if draft.document and draft.document.name else "未读证件"
    goods = f"　{draft.items[0].name}" if draft.items else ""
    return f"{name}　{spaced(draft.waybill.text) if draft.waybill else '未扫运单'}{goods}"


def _kind_words(state: CounterState) -> str:
    kinds = {MailKind.PARCEL: "散件", MailKind.LETTER: "信件", MailKind.INSPECTION_MAILBOX: "巡视信箱件", MailKind.AGREEMENT: "协议件"}
    return f"{kinds[state.draft.mail_kind]}（Ctrl+K 更改）"


def _waybill(now: Now, around: Surroundings) -> TaskShown:
    question = QuestionShown(
        "请扫描运单",
        "扫描枪随时可扫；面单放在摄像头下按 Enter 识别，电话和收件人一并读入。",
        answers=(AnswerShown(keys.ENTER, "识别面单", "go"),),
    )
    return TaskShown("运单", "", question, form=Form.WAYBILL, form_key=form_key_of(now, "waybill"), said=now.state.said)


def _carrier(now: Now, around: Surroundings) -> TaskShown:
    waybill = now.state.draft.waybill
    carriers = waybill.carriers if waybill else ()
    names = now.books.rules.carriers
    answers = tuple(AnswerShown(str(number), names.carrier(code).zh) for number, code in enumerate(carriers[:9], 1))
    question = QuestionShown("这是哪家的运单？", "单号的形状几家共用；看面单上的标志。", answers=answers)
    return TaskShown("承运商", "", question, said=now.state.said)


def parties_shown(now: Now, around: Surroundings) -> TaskShown:
    draft = now.state.draft
    first = {
        "sender_name": draft.waybill_sender_name,
        "sender_phone": draft.sender.phone,
        "sender_address": draft.sender.address,
        "addressee_name": draft.addressee.name,
        "addressee_phone": draft.addressee.phone,
        "addressee_address": draft.addressee.address,
    }
    if of_visit(draft):  # before the commit it stood there to be compared; now it has been masked
        first |= {"sender_phone": mask_phone(draft.sender.phone), "sender_address": mask_address(draft.sender.address)}
    question = QuestionShown("补齐寄件人和收件人", f"{prefill_words(now)}照面单填写。{WALKING}")
    key = form_key_of(now, f"parties/{draft.waybill.text if draft.waybill else ''}/{draft.sender.phone}/{draft.addressee.name}")
    return TaskShown("运单信息", "", question, form=Form.PARTIES, form_key=key, first=with_prefill(now, first), said=now.state.said)


def _looking_up(now: Now, around: Surroundings) -> TaskShown:
    if now.state.unanswered:
        again = (AnswerShown(keys.ENTER, "再查一次", "go"), AnswerShown(keys.F10, "挂起这一件"))
        return TaskShown("核查", "", QuestionShown("没有查成", "已填的都在。", answers=again), said=now.state.said)
    return TaskShown("核查", "", QuestionShown("正在核查名单和单号…", "通常不到一秒。"), said=now.state.said)


def _question(now: Now, around: Surroundings) -> TaskShown:
    item = now.task.item
    assert item is not None  # noqa: S101 - ASK always has its item
    answers = _ANSWERS if about_person(now) else (*_ANSWERS, _PHOTO)
    question = QuestionShown(item.question.zh, item.help.zh, f"依据：{source_words(item.source, item.certainty)}", answers)
    asked = _asked(now)
    place = next((number for number, one in enumerate(asked, 1) if one.id == item.id), 0)
    title = f"收寄验视清单　第 {place} 项，共 {len(asked)} 项"
    above, below = _around(now, asked, item)
    if item.moment is ItemMoment.IDENTITY:
        above = (*above, *doubt_lines(now.state.draft, now.books))
    version = f"规则 {now.books.rules.rulebook.rules.version}"
    return TaskShown(title, version, question, above=above, below=below, said=now.state.said)


def _asked(now: Now) -> tuple[ChecklistItem, ...]:
    """Everything a person is asked about this parcel, in the order of the checklist."""
    rulebook = now.books.rules.rulebook
    applying = rulebook.rules.applying(case_of(now.state.draft, rulebook, now.books.today))
    return tuple(item for item in applying if item.answer is AnswerKind.JUDGED and item.mandatory)


_SHOWN_ABOVE, _SHOWN_BELOW = 4, 3
_LONG, _BESIDE_LONG = 44, (2, 1)
"""A question of three lines leaves room for fewer answers above it and questions below."""


def _around(now: Now, asked: tuple[ChecklistItem, ...], item: ChecklistItem) -> tuple[tuple[LineShown, ...], tuple[LineShown, ...]]:
    answers = {answered.finding.item: answered.finding.answer for answered in now.state.draft.answers}
    done = [one for one in asked if one.id in answers]
    most_above, most_below = (_SHOWN_ABOVE, _SHOWN_BELOW) if len(item.question.zh) <= _LONG else _BESIDE_LONG
    above = tuple(LineShown(_SIGNS[answers[one.id]], one.question.zh, _dwell(now.state, one.id)) for one in done[-most_above:])
    if len(done) > most_above:
        above = (LineShown(Sign.DONE, f"另有 {len(done) - most_above} 项已答"), *above)
    to_come = [one for one in asked if one.id not in answers and one.id != item.id]
    below = tuple(LineShown(Sign.NONE, one.question.zh) for one in to_come[:most_below])
    if len(to_come) > most_below:
        below = (*below, LineShown(Sign.NONE, f"还有 {len(to_come) - most_below} 项"))
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
        common = "　".join(f"{key} {name}" for key, (_, name) in picks(now).items())
        wanted = "按两位类别号，如 0 4" + ("；常见的按一位" if common else "")
        typed = f"已按 {state.digits}，再按一位" if state.digits else wanted
        asked = QuestionShown("是哪一类？", common, answers=answers, tone=Tone.STOP, answers_whole=True)
        return TaskShown(title, typed, asked, said=state.said, alone=True)
    category = prohibited.category(found.category)
    named = f"第 {found.category} 类 {category.zh if category else ''}"
    if not found.name:
        question = QuestionShown("是什么物品？", f"{named}。写明名称，按 Enter。", tone=Tone.STOP)
        return TaskShown(title, "", question, form=Form.GOODS_NAME, form_key=form_key_of(now, f"goods/{found.category}"), said=state.said)
    answers = (AnswerShown(keys.YES, "公开携带"), AnswerShown(keys.NO, "藏匿、夹带"))
    question = QuestionShown(f"“{found.name}”是公开携带，还是藏匿夹带？", named, answers=answers, tone=Tone.STOP)
    return TaskShown(title, "", question, said=state.said)


def _photo(now: Now, around: Surroundings) -> TaskShown:
    photo = now.task.photo
    assert photo is not None  # noqa: S101 - PHOTO always has its rule
    reasons = ways_round(now, photo)
    reason = next((one for one in reasons if one.id == now.state.aside.exempting), None)
    if reason is not None:
        owed = "须写明情况。" if reason.note_required else "可以再写一句，也可以直接确认。"
        answers = (AnswerShown(keys.ENTER, "确认免拍"), AnswerShown(keys.ESC, "返回"))
        asked = QuestionShown(f"免拍{photo.question.zh}：{reason.zh}", owed, answers=answers)
        key = form_key_of(now, f"exempt/{photo.id}/{reason.id}")
        return TaskShown("凭证照片", "免拍", asked, form=Form.EXEMPTION_NOTE, form_key=key, said=now.state.said)
    exempt = tuple(AnswerShown(str(number), f"免拍：{reason.zh}") for number, reason in enumerate(reasons, 1))
    ways = (AnswerShown(keys.F6, "拍照", "go"), *exempt)
    if now.verdict.outcome is Outcome.REFUSE:  # what is to be done with it stays in view: people may have to leave
        stopped = _stopped(now, around)
        owed = f"记录拒收前先拍{photo.question.zh}，拍不成的选免拍原因。"
        return replace(stopped, note=owed, question=replace(stopped.question, answers=ways))
    question = QuestionShown(f"请拍{photo.question.zh}", source_words(photo.source, photo.certainty), answers=ways)
    return TaskShown("凭证照片", "", question, said=now.state.said)


def _hits(now: Now, around: Surroundings) -> TaskShown:
    wording = around.wording
    supervisor = may_decide(now.state, now.books)
    ask = "主管核对" if supervisor is not None else "请主管"
    hit = now.task.hits[0]
    answers: tuple[AnswerShown, ...] = (AnswerShown(keys.DOUBT, ask), AnswerShown(keys.F7, "先验视，等主管"))
    words = f"{wording.of(hit.advice.value)}。核对前不能收寄。"
    if code_can_tell(hit):  # 挂起 has its own button beside the verdict: a second row would push the names out of sight
        answers = (AnswerShown(keys.ENTER, "录信用代码", "go"), *answers)
        words = f"录执照上的信用代码可排除；{wording.of(hit.advice.value)}。"
    else:
        answers = (*answers, AnswerShown(keys.F10, "挂起这一件"))
    note = f"{hit.list_title} v{hit.list_version}" + (f"，另有 {len(now.task.hits) - 1} 条" if len(now.task.hits) > 1 else "")
    question = QuestionShown("是同一个人或同一家吗？", words, answers=answers, tone=Tone.REFER)
    facts = hit_facts(hit, wording)
    return TaskShown("疑似命中名单 — 请核对后决定", note, question, facts=facts, said=now.state.said, tone=Tone.REFER)


def hit_facts(hit: Hit, wording: Wording) -> tuple[Fact, ...]:
    """说明: both names one above the other with each difference named, why, since when and until when, and what can be done against it."""
    why, action = hit.explanation, wording.of(f"action-{hit.action.value}")
    names: tuple[Fact, ...] = (Fact("名单条目", short(hit.matched_name) or f"（未列名称）{hit.entry_id}", key=True),)
    if why is not None and why.steps:
        names = (Fact(SENDER, short("".join(step[0] for step in why.steps)), key=True), *names)
        names = (*names, Fact("不同", differences(why.differences, wording) or "一字不差"))
    return (
        *names,
        Fact("命中", f"{hit.score} 分　{'；'.join(wording.of(reason.value) for reason in hit.reasons)}　处置：{action}"),
        Fact("事由", " · ".join(short(part, LONGEST_PART) for part in (hit.entry_reason, hit.issuer, hit.doc_no) if part)),
        Fact("依据", short(hit.basis, LONGEST_REASON) or wording.of("basis-unstated")),
        *((Fact("有效期", f"{why.listed_on} 至 {why.expires_on or '未定'}"),) if why is not None else ()),
        Fact("救济", f"{short(hit.remedy, LONGEST_REASON) or '名单未写明'}　也可当场异议，名单页登记。"),
    )


LONGEST_NAME, LONGEST_REASON = 20, 38
"""Of what stands above a question: at 1366×768 all of it is in view. What a list states stands whole on the lists page."""
LONGEST_PART = 16
SENDER = "寄件人"
_MOST_DIFFERENCES = 3


def short(text: str, longest: int = LONGEST_NAME) -> str:
    """A name of hundreds of characters leaves room for what is decided about it."""
    return text if len(text) <= longest else f"{text[:longest]}…（全文 {len(text)} 字，见名单页）"


def differences(steps: Sequence[tuple[str, str, str]], wording: Wording) -> str:
    """Each letter that differs: what is listed, what was given, and how they differ."""
    told = [f"{listed or '□'}→{asked or '□'} {wording.of(change)}" for asked, listed, change in steps[:_MOST_DIFFERENCES]]
    more = f"；另有 {len(steps) - _MOST_DIFFERENCES} 处" if len(steps) > _MOST_DIFFERENCES else ""
    return "；".join(told) + more


def _stopped(now: Now, around: Surroundings) -> TaskShown:
    wording, verdict, dispositions = around.wording, now.verdict, now.verdict.dispositions
    if now.state.draft.is_intercepted:
        return _intercepted(now, around)
    return TaskShown(
        title="禁寄物品处置" if dispositions else "停止收寄",
        note="",
        question=_disposing(dispositions) if dispositions else _refusing(now),
        above=reason_lines(verdict.reasons, wording)[:5],
        said=now.state.said,
        tone=Tone.STOP,
    )


def _intercepted(now: Now, around: Surroundings) -> TaskShown:
    """已拦截, and nothing beside it: what is known of the sender, or lacks, is nobody's question now."""
    stopped = (one for one in now.verdict.reasons if one.code == AcceptanceReason.INTERCEPTED)
    lines = tuple(LineShown(Sign.STOP, reason_text(around.wording, one)) for one in stopped)
    question = QuestionShown(
        "已拦截：停止分拣、运输、投递",
        "不得交出，也不退还寄件人：留在柜台内看护，马上叫主管，由主管报告并处置。主管解除拦截以后才能放行。",
        answers=(AnswerShown(keys.ESC, "放下，办下一件"), _UNDO),
        tone=Tone.STOP,
    )
    return TaskShown("已拦截", "", question, above=lines, said=now.state.said, tone=Tone.STOP)


def _disposing(dispositions: tuple[Disposition, ...]) -> QuestionShown:
    """处置: what to do at once. An ordinary thing carried openly goes back to its owner without drama."""
    lead = any(disposition.rule.lead for disposition in dispositions)
    title = "立即处置" if lead else "不予收寄，退还寄件人"
    answers = (AnswerShown(keys.F8, "拒收并登记线索" if lead else "拒收", "stop"), _PHOTO, _UNDO)
    return QuestionShown(title, disposition_words(dispositions), _told_words(dispositions), answers, Tone.STOP)


def _refusing(now: Now) -> QuestionShown:
    code = refusal_of(now.verdict)
    refusal = now.books.rules.rulebook.rules.refusals.refusal(code)
    other = (AnswerShown(keys.F3, "换其他证件"),) if wants_other_document(now) else (_PHOTO,)
    answers = (AnswerShown(keys.F8, "拒收", "stop"), *other, _UNDO)
    return QuestionShown("不得收寄", f"下一步：{refusal.next_step.zh}" if refusal else "", answers=answers, tone=Tone.STOP)


def disposition_words(dispositions: tuple[Disposition, ...]) -> str:
    steps = dict.fromkeys(step.zh for disposition in dispositions for step in disposition.rule.steps)
    return "\n".join(f"{number}　{step}" for number, step in enumerate(steps, 1))


def _told_words(dispositions: tuple[Disposition, ...]) -> str:
    authorities = dict.fromkeys(one.zh for disposition in dispositions for one in disposition.report_to)
    told = told_words(tuple(authorities)) if authorities else ""
    sources = dict.fromkeys(source_words(disposition.rule.source, disposition.rule.certainty) for disposition in dispositions)
    return f"{told}依据：{'；'.join(sources)}"


def _referred(now: Now, around: Surroundings) -> TaskShown:
    supervised = may_decide(now.state, now.books) is not None
    submit, refuse, hold = AnswerShown(keys.F12, "提交复核", "go"), AnswerShown(keys.F8, "拒收"), AnswerShown(keys.F10, "挂起这一件")
    if decisions(now):
        answers: tuple[AnswerShown, ...] = (submit, AnswerShown(keys.DOUBT, "主管核定" if supervised else "请主管"), refuse, hold)
        words = "主管在场的当场核定；不在场的提交复核，这一件先不收寄。"
    else:
        answers = (submit, refuse, hold)
        words = "这一件先不收寄。提交复核以后，主管看过实物，再扫这个单号重新办：核定后收寄，或拒收。"
    question = QuestionShown("这一件需要主管复核", words, answers=answers, tone=Tone.REFER)
    shown = TaskShown("复核", "", question, above=reason_lines(now.verdict.reasons, around.wording), said=now.state.said, tone=Tone.REFER)
    return with_copy(now, shown)


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


_BEFORE = (AcceptanceReason.REFUSED_UNSETTLED, AcceptanceReason.STILL_REFERRED, AcceptanceReason.REFUSED_BEFORE)
_TELLING = (TaskKind.STOPPED, TaskKind.REFERRED, TaskKind.READY)
"""Tasks that tell every reason there is."""


def with_before(now: Now, shown: TaskShown, wording: Wording) -> TaskShown:
    """拒收过、还在复核: told from the scan on, above whatever is asked next: number, why, when, the lead."""
    told = [one for one in now.verdict.reasons if one.code in _BEFORE] if now.task.kind not in _TELLING else []
    lines = tuple(LineShown(_sign_of(one), reason_text(wording, one).partition("。")[0]) for one in told)
    return replace(shown, above=(*lines, *shown.above)) if lines else shown


def _sign_of(reason: Reason) -> Sign:
    return Sign.STOP if reason.code == AcceptanceReason.REFUSED_UNSETTLED else Sign.DOUBT


def _client(now: Now, around: Surroundings) -> TaskShown:
    return TaskShown("协议件", "", QuestionShown("本窗口不办协议件", "请按 Ctrl+K 改为散件，逐件实名。"), said=now.state.said)


TASKS: Mapping[TaskKind, Callable[[Now, Surroundings], TaskShown]] = {
    TaskKind.DOCUMENT: document_shown,
    TaskKind.NOTICE: _notice,
    TaskKind.AGENT_DOCUMENT: document_shown,
    TaskKind.GUARDIAN_DOCUMENT: document_shown,
    TaskKind.CLIENT: _client,
    TaskKind.WAYBILL: _waybill,
    TaskKind.CARRIER: _carrier,
    TaskKind.PARTIES: parties_shown,
    TaskKind.CONTENTS: contents_shown,
    TaskKind.SERVICE: service_shown,
    TaskKind.CUSTOMS: customs_shown,
    TaskKind.LOOKING_UP: _looking_up,
    TaskKind.ASK: _question,
    TaskKind.FOUND: _found,
    TaskKind.PHOTO: _photo,
    TaskKind.DIFFERENT: _different,
    TaskKind.HITS: _hits,
    TaskKind.STOPPED: _stopped,
    TaskKind.REFERRED: _referred,
    TaskKind.READY: _ready,
}
