"""What the acceptance page shows, as one frozen value made from the counter's state. Pure and without Qt: the page only draws it.

Masks are applied here and nowhere later: document numbers and phones leave this module masked, also before the commit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from courier_check.acceptance import Draft
from courier_check.acceptance.tasks import Step, Task, TaskKind, open_hits, tasks
from courier_check.identity.documents import IdentityDocument, Source
from courier_check.identity.phones import Reach, reach_of
from courier_check.identity.readings import Field
from courier_check.inspection.findings import Answer
from courier_check.inspection.refusals import Refusals
from courier_check.inspection.verdict import Outcome, Verdict
from courier_check.parcel.reserved import ReservedReason
from courier_check.privacy import mask_number, mask_phone
from courier_check.terms import Consequence, Reason
from courier_check.wording import Wording
from courier_check.wording.sources import source_in_words
from courier_check.wording.verdicts import missing_text, reason_text
from ui import keys
from ui.counter.checks import checks_of, lacks_of
from ui.counter.identity import ReaderShown, ReaderState, marks_of, other_marks, reader_line, source_note
from ui.counter.parcelfacts import parcel_facts, parcel_note
from ui.counter.people import prefilled_phone, who_facts
from ui.counter.state import Books, CounterState, Panel, may_decide
from ui.shown import CheckShown, Fact, LineShown, PhotoThumb, QuestionShown, Sign, StepShown, StepState, Tone, VerdictShown

STEP_NAMES = {
    Step.IDENTITY: ("证件", keys.F3),
    Step.WAYBILL: ("运单", "扫描"),
    Step.CONTENTS: ("内件", "输入"),
    Step.INSPECTION: ("验视", "1 2 3"),
    Step.SUBMIT: ("提交", keys.F12),
}
SOURCES = {
    Source.CHIP: "芯片读取",
    Source.PICTURE: "图像识别",
    Source.MRZ: "机读码",
    Source.CREDENTIAL: "实名码",
    Source.TYPED: "手工输入",
}


WALKING = "Enter 到下一空栏，到头即确认；空着不填的按 Ctrl+Enter 直接确认。"
"""How the fields of most forms are gone through, said over them."""


class Form(StrEnum):
    """The fields inside the question, if any."""

    NONE = "none"
    WAYBILL = "waybill"
    DOCUMENT = "document"
    PARTIES = "parties"
    LATE = "late"
    SEARCH = "search"
    CONTENTS = "contents"
    GOODS_NAME = "goods-name"
    REFUSAL_NOTE = "refusal-note"
    LETTER = "letter"
    EXEMPTION_NOTE = "exemption-note"
    SUPERVISOR = "supervisor"
    REASON = "reason"
    HIT_CODE = "hit-code"
    ORGANISATION = "organisation"
    ORDER_NAME = "order-name"
    SERVICE = "service"
    CUSTOMS = "customs"
    PIECES = "pieces"


@dataclass(frozen=True, slots=True)
class DocumentChoice:
    """A type of document that may be typed; `owed`: fields that only this type must fill."""

    value: str
    zh: str
    owed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ActionShown:
    """A button of the right column."""

    text: str
    key: str
    tone: str = "plain"
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class TaskShown:
    """The middle column. `form_key` changes when the form's fields must be filled anew; `first`: what they then hold; `alone`: it needs all
    of the height, so the parcel's own card makes room."""

    title: str
    note: str
    question: QuestionShown
    above: tuple[LineShown, ...] = ()
    facts: tuple[Fact, ...] = ()
    below: tuple[LineShown, ...] = ()
    said: str = ""
    tone: Tone = Tone.PLAIN
    form: Form = Form.NONE
    form_key: str = ""
    first: dict[str, str] = field(default_factory=dict, repr=False)
    alone: bool = False


@dataclass(frozen=True, slots=True)
class PictureView:
    """`hidden`: what was photographed last is a document, so the picture is framed. `outline`: where the document was found in it, as
    shares of width and height; `guide`: a frame into which a document is to be laid."""

    line: str
    hidden: bool
    outline: tuple[tuple[float, float], ...] = ()
    guide: bool = False


@dataclass(frozen=True, slots=True)
class AcceptanceView:
    steps: tuple[StepShown, ...]
    picture: PictureView
    who: tuple[Fact, ...]
    who_note: str
    visit: tuple[tuple[str, str], ...]
    parcel: tuple[Fact, ...]
    parcel_note: str
    photos: tuple[PhotoThumb, ...]
    late: bool
    task: TaskShown
    verdict: VerdictShown
    checks: tuple[CheckShown, ...]
    submit: ActionShown
    refuse: ActionShown
    other: ActionShown


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the page knows beside the state: the source of pictures and what it shows, the reader, and the words. `camera`: there is a
    source of pictures at all; `codes`: what was read of the codes in view, `code_outline`: where the one is that counted just now;
    `label`: how the label of the parcel that was recorded last stands."""

    wording: Wording
    source: str
    source_says: str
    blurred: bool = False
    reader: ReaderShown | None = None
    camera: bool = True
    codes: str = ""
    code_outline: tuple[tuple[float, float], ...] = ()
    label: LineShown | None = None


def view_of(state: CounterState, books: Books, verdict: Verdict, around: Surroundings) -> AcceptanceView:
    """The whole page from one value."""
    from ui.counter.evidence import thumbs_of
    from ui.counter.panelview import task_shown  # the two speak of each other's values

    task = state.task(books, verdict)
    recorded = state.panel is Panel.RECORDED
    return AcceptanceView(
        steps=_steps(state, books, verdict, task),
        picture=picture_view(state, around),
        who=() if recorded else tuple(_who(state, books)),
        who_note="" if recorded or state.draft.document is None else source_note(state.draft, books, state.aside.source),
        visit=_visit(state),
        parcel=tuple(parcel_facts(state, books)),
        parcel_note=parcel_note(state),
        photos=() if recorded else thumbs_of(state, books.rules.rulebook.rules.checklists.photos),
        late=state.aside.late_ms is not None,
        task=task_shown(state, books, verdict, around),
        verdict=_verdict(state, books, verdict, around.wording),
        checks=() if recorded else checks_of(state, verdict),
        submit=_submit(state, verdict),
        refuse=ActionShown("拒收", keys.F8, "warn" if verdict.outcome is Outcome.REFUSE else "plain", enabled=_may_refuse(state)),
        other=_other(state, verdict, task),
    )


def _may_refuse(state: CounterState) -> bool:
    """Also before anything is read: who will not show a document is refused on the spot."""
    return not state.saving and state.panel is not Panel.RECORDED and not state.draft.is_intercepted


def _steps(state: CounterState, books: Books, verdict: Verdict, task: Task) -> tuple[StepShown, ...]:
    owed = {each.step for each in tasks(state.draft, verdict, books.rules.rulebook)}
    recorded = state.recorded if state.panel is Panel.RECORDED else None
    through = recorded is not None and recorded.outcome is not Outcome.REFUSE  # a refusal may come at any step; what it left out stays so
    shown = []
    for step, (name, key) in STEP_NAMES.items():
        now = recorded is None and step is task.step
        done = through or (step not in owed and not now and step is not Step.SUBMIT and not state.untouched)
        shown.append(StepShown(name, key, StepState.DONE if done else StepState.NOW if now else StepState.TO_COME))
    return tuple(shown)


def picture_view(state: CounterState, around: Surroundings) -> PictureView:
    """What stands at the picture; it may change by itself."""
    hidden = (state.draft.document is not None and state.draft.waybill is None) or state.panel is Panel.RECORDED
    guide = state.draft.document is None and state.panel in (Panel.TASK, Panel.DOCUMENT) and not around.blurred
    outline = () if state.panel is Panel.RECORDED else state.aside.outline if around.blurred else around.code_outline
    return PictureView(_picture_line(state, around), hidden, outline, guide and around.camera and not _on_reader(around))


def _on_reader(around: Surroundings) -> bool:
    """The document is expected on the chip reader."""
    return around.reader is not None and around.reader.in_use


def _picture_line(state: CounterState, around: Surroundings) -> str:
    if state.reading:
        return "正在识别…"
    if state.panel is Panel.RECORDED:
        return f"请取走证件　{around.codes}".strip() if state.continuing is not None else "请取走证件"
    reader = around.reader
    if reader is not None and reader.state is ReaderState.READING:
        return reader_line(reader)
    if around.blurred:
        read = state.draft.document is None or state.draft.document.source is not Source.TYPED
        return "已读取 · 证件画面已模糊 · 请取走证件" if read else "已手工录入 · 画面已模糊 · 请取走证件"
    if reader is not None and reader.in_use and _awaits_document(state):
        return f"{reader_line(reader)}　{around.source_says}".strip()
    if reader is not None and reader.state is ReaderState.GONE:
        return f"{reader_line(reader)}　{around.source}"
    return f"{around.source}　{around.source_says or around.codes}".strip()


def _awaits_document(state: CounterState) -> bool:
    """Whether what is laid down next should be a document: else the camera's picture is of a label or of goods."""
    draft = state.draft
    return draft.document is None or state.panel is Panel.DOCUMENT or (draft.with_agent and draft.agent_document is None)


def _who(state: CounterState, books: Books) -> Iterator[Fact]:
    draft = state.draft
    if draft.document is None and draft.is_intercepted:
        yield Fact("证件", "已拦截，不用出示")
    elif draft.document is None:
        yield Fact("证件", "请出示有效身份证件" if not draft.is_letter else "信件不需出示证件")
    else:
        yield from _document_facts(draft, draft.document, books)
    if draft.credential_ref:
        yield Fact("实名码", "无法核验，原文留作参考", sign=Sign.OPEN)
    if draft.with_agent:
        agent = draft.agent_document
        shown = f"{agent.name or ''}　{mask_number(agent.number or '')}" if agent else "请出示代寄人证件"
        yield Fact("代寄人", shown, sign=Sign.DONE if agent else Sign.OPEN)
    yield from who_facts(state, books)
    if draft.sender.phone:
        yield from _phone(state)
    yield from _person_facts(draft)


def _person_facts(draft: Draft) -> Iterator[Fact]:
    """人证, once somebody compared it. That it is the original a person has seen, or the chip has proved of the one who sends."""
    said = {answered.finding.item: answered.finding.answer for answered in draft.answers}
    seen = said.get("original-document")
    by_chip = draft.document is not None and draft.document.source is Source.CHIP and not draft.with_agent
    if said.get("person-matches") is Answer.YES and (by_chip or seen is Answer.YES):
        yield Fact("人证", "本人，原件已查验" if seen is Answer.YES else "本人，原件（芯片已读）", sign=Sign.DONE)


def _phone(state: CounterState) -> Iterator[Fact]:
    """What the verdict doubts bears no tick, and says by which keys it is mended."""
    phone = state.draft.sender.phone
    odd = not state.draft.is_letter and reach_of(phone) is Reach.UNFAMILIAR
    yield Fact("电话", mask_phone(phone), _phone_from(state), Sign.DOUBT if odd else Sign.DONE)
    if odd:
        yield Fact("", f"号码不明：{keys.COMMAND} 输 gjjr 改")


def _phone_from(state: CounterState) -> str:
    """Whose word a phone is that nobody typed."""
    if state.aside.phone_from_label:
        return "随运单"
    return "回头客，请核对" if state.draft.sender.phone == prefilled_phone(state) else ""


_ONE_LINE = 30
"""Half-width letters of a kind of document and its number that stand in one line; of a longer kind the number would be cut."""


def _document_facts(draft: Draft, document: IdentityDocument, books: Books) -> Iterator[Fact]:
    rule = books.rules.policy.documents[document.type]
    marks = marks_of(draft, books)
    yield _field("姓名", document.name or "", marks.get(Field.NAME), key=True)
    number = mask_number(document.number) if document.number else ""
    sound = bool(number) and Field.NUMBER not in marks and Field.TYPE not in marks
    sign, told = Sign.DONE if sound else Sign.DOUBT, number or "未读到"
    if 2 * len(rule.zh) + len(told) <= _ONE_LINE:
        yield Fact("证件", f"{rule.zh}　{told}", sign=sign)
    else:
        yield from (Fact("证件", rule.zh), Fact("号码", told, sign=sign))
    until = document.valid_until
    told = "长期" if document.long_term else f"至 {until:%Y.%m.%d}" if until else ""
    if until is not None and until < books.today:
        yield Fact("有效期", told, "已过期", Sign.STOP)
    else:
        yield _field("有效期", told, marks.get(Field.VALID_UNTIL) or marks.get(Field.VALID_FROM))
    if document.nationality:
        yield _field("国籍", document.nationality, marks.get(Field.NATIONALITY))
    yield from other_marks(marks)


def _field(name: str, value: str, mark: str | None, *, key: bool = False) -> Fact:
    """One field: read, doubtful and why, or missing."""
    sound = bool(value) and mark is None
    return Fact(name, value or "未读到", mark or "", Sign.DONE if sound else Sign.DOUBT, key)


def _visit(state: CounterState) -> tuple[tuple[str, str], ...]:
    visits = state.aside.visits
    if visits is None or state.panel is Panel.RECORDED:
        return ()
    return ((str(visits.today), "今日已收"), (str(visits.week), "近 7 天"))


def _verdict(state: CounterState, books: Books, verdict: Verdict, wording: Wording) -> VerdictShown:
    if state.panel is Panel.RECORDED and state.recorded is not None:
        return _recorded_verdict(state)
    rules = books.rules.rulebook
    lacks = lacks_of(verdict, rules, lambda code: missing_text(wording, code, rules.rules))
    match verdict.outcome:
        case Outcome.ACCEPT:
            return VerdictShown(Tone.GO, "✔", "可以收寄", "清单各项都已通过" if state.draft.is_letter else "实名、验视、名单全部通过")
        case Outcome.REFUSE if state.draft.is_intercepted:
            return VerdictShown(Tone.STOP, "✖", "已拦截", "停止分拣、运输、投递，不得交出，叫主管")
        case Outcome.REFUSE:
            return VerdictShown(Tone.STOP, "✖", "停止收寄", _refusal_words(verdict, books))
        case Outcome.REFER:
            hits = len(open_hits(state.draft))
            told = f"名单疑似命中 {hits} 条，核对前不能收寄" if hits else brief(verdict, Consequence.REFER, wording)
            return VerdictShown(Tone.REFER, "!", "需要复核", f"还差：{lacks}；{told}" if lacks and not hits else told)
        case Outcome.INCOMPLETE:
            return VerdictShown(Tone.PLAIN, "", "尚未完成", f"还差：{lacks}")


def _recorded_verdict(state: CounterState) -> VerdictShown:
    recorded = state.recorded
    assert recorded is not None  # noqa: S101 - the caller has looked
    number = f"受理号 {recorded.seq}" if recorded.seq is not None else "这个单号先前已受理，没有再记一次"
    if recorded.seq is None:
        return VerdictShown(Tone.PLAIN, "", "没有记录", number)
    match recorded.outcome:
        case Outcome.ACCEPT:
            return VerdictShown(Tone.GO, "✔", "已受理", number)
        case Outcome.REFUSE:
            return VerdictShown(Tone.STOP, "✖", "已拒收", number)
        case _:
            return VerdictShown(Tone.REFER, "!", "已交复核", number)


_BRIEF = 80
"""Characters of a sentence in the banner beside everything else it says; it grows with them."""


def _refusal_words(verdict: Verdict, books: Books) -> str:
    """The refusal reasons by name and code, mail reserved to the postal enterprise by its own: 其他 says nothing. The sentences stand in
    the middle column."""
    refusing = [one for one in verdict.reasons if one.refusal and one.consequence is Consequence.REFUSE]
    refusals = books.rules.rulebook.rules.refusals
    named = list(dict.fromkeys(name for one in refusing if (name := _refusal_name(one, refusals))))
    return "；".join(named[:2]) + (f"等 {len(named)} 项" if len(named) > 2 else "")


def _refusal_name(reason: Reason, refusals: Refusals) -> str:
    if reason.code == ReservedReason.BARRED:
        return f"{reason.facts['mail_zh']}，限邮政企业寄递"
    held = refusals.refusal(reason.refusal or "")
    return f"{held.zh}（{held.code}）" if held is not None else ""


def brief(verdict: Verdict, consequence: Consequence, wording: Wording) -> str:
    """The first reason of a weight, its first sentence: the whole ones stand in the middle column. It is parted nowhere within a
    quotation, nor at a comma: half of what a question says may be its opposite."""
    told = next((reason_text(wording, reason) for reason in verdict.reasons if reason.consequence is consequence), "")
    sentence = _first_sentence(told)
    return sentence if len(sentence) <= _BRIEF else f"{sentence[:_BRIEF]}…"


_QUOTES = {"“": 1, "”": -1, "（": 1, "）": -1, "《": 1, "》": -1}


def _first_sentence(told: str) -> str:
    depth = 0
    for place, letter in enumerate(told):
        depth += _QUOTES.get(letter, 0)
        if letter in "。；" and depth <= 0:
            return told[:place]
    return told


def reason_lines(reasons: tuple[Reason, ...], wording: Wording) -> tuple[LineShown, ...]:
    """Whole sentences of everything that weighs, the heaviest first."""
    signs = {Consequence.REFUSE: Sign.STOP, Consequence.REFER: Sign.DOUBT}
    weighty = [reason for reason in reasons if reason.consequence is not Consequence.NOTE]
    return tuple(LineShown(signs[one.consequence], reason_text(wording, one), one.refusal or "") for one in weighty)


def _submit(state: CounterState, verdict: Verdict) -> ActionShown:
    if state.saving:
        return ActionShown("正在保存…", "", "plain", enabled=False)
    if state.continuing is not None:
        return ActionShown("请扫下一件的运单", "", "plain", enabled=False)
    if state.panel is Panel.RECORDED:
        return ActionShown("下一件", keys.ENTER, "go")
    whole, late = not verdict.missing, "" if state.aside.late_ms is None else "（补录）"
    if verdict.outcome is Outcome.REFER:
        return ActionShown(f"提交复核{late}", keys.F12, "go" if whole else "plain", enabled=whole)
    return ActionShown(f"提交收寄{late}", keys.F12, "go", enabled=verdict.outcome is Outcome.ACCEPT)


def _other(state: CounterState, verdict: Verdict, task: Task) -> ActionShown:
    if state.continuing is not None:
        return ActionShown("结束这一票", keys.ESC)
    fresh = state.panel is Panel.RECORDED or state.untouched
    if fresh and state.previous is not None:
        return ActionShown("同一寄件人", keys.F4)
    held = len(state.counter.held)
    if fresh:
        return ActionShown(f"取回（{held}）" if held else "取回", keys.F10, enabled=bool(held))
    if verdict.outcome is Outcome.REFUSE and task.kind is TaskKind.STOPPED:
        return ActionShown("撤回上一步", "⌫")
    return ActionShown("挂起", keys.F10, enabled=not state.saving)


def source_words(source: str, certainty: str) -> str:
    """依据 as people read it: marked 待核实 unless the original was read."""
    told = source_in_words(source)
    return told if certainty == "原" or "待核实" in told else f"{told}（待核实）"


def decider_words(state: CounterState, books: Books) -> str:
    """Who may decide here."""
    supervisor = may_decide(state, books)
    return f"主管 {supervisor.code}" if supervisor is not None else ""
