"""What the security page says, made from its state. Pure and without Qt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from courier_check.desk.security_checks import Parcel
from courier_check.inspection.security import SecurityOutcome
from ui import keys
from ui.counter.parcelfacts import spaced
from ui.security_state import LONGEST_SHOWN, Done, SecurityState
from ui.shown import AnswerShown, Fact, LineShown, QuestionShown, Sign, Tone, VerdictShown

WORDS = {SecurityOutcome.PASS: "合格", SecurityOutcome.FAIL: "不合格", SecurityOutcome.RECHECK: "待复检"}
SIGNS = {SecurityOutcome.PASS: Sign.DONE, SecurityOutcome.FAIL: Sign.STOP, SecurityOutcome.RECHECK: Sign.DOUBT}
_TONES = {SecurityOutcome.PASS: Tone.GO, SecurityOutcome.FAIL: Tone.STOP, SecurityOutcome.RECHECK: Tone.REFER}
_BIG = {SecurityOutcome.PASS: "✔", SecurityOutcome.FAIL: "✖", SecurityOutcome.RECHECK: "!"}
_REMARKS = {
    Parcel.ACCEPTED: "",
    Parcel.WITHDRAWN: "已撤件",
    Parcel.REFUSED: "拒收过",
    Parcel.REFERRED: "还在复核",
    Parcel.INTERCEPTED: "已拦截",
    Parcel.ELSEWHERE: "别的网点",
}
ELSEWHERE_KEY = "0"
SAME_PICTURE, NEXT_PICTURE, OTHER_PICTURE = "4", "5", "6"
"""Other keys than those of the outcomes: nobody who presses 1 for 合格 answers for a picture."""


@dataclass(frozen=True, slots=True)
class SecurityShown:
    """The whole page. `asks_image`: the field for the number of the first picture stands."""

    result: VerdictShown
    question: QuestionShown
    asks_image: bool
    counts: tuple[tuple[str, str], ...]
    recent: tuple[LineShown, ...]
    facts: tuple[Fact, ...]


def security_shown(state: SecurityState, operator: str) -> SecurityShown:
    return SecurityShown(
        result=_result(state),
        question=_question(state) if state.running else _means(state),
        asks_image=not state.running and state.rules is not None,
        counts=tuple((WORDS[outcome], str(count)) for outcome, count in state.counts),
        recent=tuple(_line(done) for done in state.recent),
        facts=tuple(_facts(state, operator)),
    )


def _result(state: SecurityState) -> VerdictShown:
    """The last result, as large as nothing else."""
    last = state.last
    if state.stopped is not None:
        return VerdictShown(Tone.STOP, "✖", f"{state.stopped.words}　{spaced(state.stopped.number)}", state.stopped.why)
    if state.missed:
        return VerdictShown(Tone.REFER, "!", "没有记", state.missed)
    if state.asked is not None:
        return VerdictShown(Tone.REFER, "!", f"刚扫过　{spaced(state.asked.scan[:LONGEST_SHOWN])}", "还没有记：先答下面这一问。")
    if last is None:
        return VerdictShown(Tone.PLAIN, "", "还没有扫", "先按 1 合格、2 不合格或 3 待复检，再扫。" if state.running else "先选安检方法。")
    outcome, checked = last.checked.outcome, last.checked
    again = f"第 {checked.number} 次安检" if checked.number > 1 else ""
    told = (f"#{checked.seq}", _REMARKS[checked.parcel], again, last.piece.image or "")
    words = f"{WORDS[outcome]}　{spaced(checked.waybill)}"
    return VerdictShown(_TONES[outcome], _BIG[outcome], words, "　".join(part for part in told if part))


def _means(state: SecurityState) -> QuestionShown:
    """How parcels are screened: once, before the first scan."""
    if state.rules is None:
        return QuestionShown("正在读取安检方法…" if not state.said else "安检方法没有读出来", state.said, tone=Tone.MUTED)
    answers = [
        AnswerShown(str(number), f"✓ {method.zh}" if method.id == state.method else method.zh)
        for number, method in enumerate(state.rules.methods, 1)
    ]
    stop = "扫到别的网点的件：不停" if state.elsewhere else "扫到别的网点的件：停下来看"
    answers.append(AnswerShown(ELSEWHERE_KEY, stop))
    answers.append(AnswerShown(keys.ENTER, "开始", "go" if state.method else "plain"))
    chosen = next((method.zh for method in state.rules.methods if method.id == state.method), "")
    wrong = state.said
    return QuestionShown(
        f"怎么安检：{chosen}" if chosen else "怎么安检？",
        wrong or "选一次，之后按 1、2、3 说结论再扫。图像编号填下一张的，逐件加一；不登记图像的留空。",
        f"图像至少保存 {state.rules.image_days.least} 天（安检机上，本机只记编号）",
        tuple(answers),
        Tone.REFER if wrong else Tone.GO,
    )


def _question(state: SecurityState) -> QuestionShown:
    if state.stopped is not None:
        stopping = (AnswerShown(keys.INTERCEPT, "登记拦截", "stop"),) if state.stopped.of is not None else ()
        answers = (AnswerShown(keys.ENTER, "继续", "go"), *stopping)
        return QuestionShown("看过以后按 Enter 继续", state.missed or state.said or _left_words(state), answers=answers, tone=Tone.STOP)
    if state.asked is not None:
        return _scanned_before(state)
    if state.unsure:
        return _picture(state)
    last = state.last
    if state.last_again and last is not None:
        words = f"改判上一件　{spaced(last.checked.waybill)}"
        answers = (
            AnswerShown(keys.YES, "合格"),
            AnswerShown(keys.NO, "不合格"),
            AnswerShown(keys.DOUBT, "待复检"),
            AnswerShown(keys.BACKSPACE, "不改"),
        )
        return QuestionShown(words, state.said or "以最后一次为准，前一次留着。", answers=answers, tone=Tone.REFER)
    answers = (
        *(AnswerShown(key, f"✓ {WORDS[outcome]}" if outcome is state.mark else WORDS[outcome]) for key, outcome in _MARKS),
        AnswerShown(keys.BACKSPACE, "改上一件"),
    )
    words, usual = _mark_words(state.mark)
    tone = Tone.REFER if state.mark is None else _TONES[state.mark]
    return QuestionShown(words, state.said or _left_words(state) or usual, answers=answers, tone=tone)


def _left_words(state: SecurityState) -> str:
    """How many are to be scanned again, and which: the last that were scanned, by their ends."""
    if not state.left:
        return ""
    ends = "、".join(f"…{scan[-_END:]}" for scan in state.left[-_MOST_NAMED:])
    return f"有 {len(state.left)} 件扫过没有记，其中可能有要拦下的，请重扫：{ends}{'等' if len(state.left) > _MOST_NAMED else ''}。"


_END, _MOST_NAMED = 4, 8


_MARKS = ((keys.YES, SecurityOutcome.PASS), (keys.NO, SecurityOutcome.FAIL), (keys.DOUBT, SecurityOutcome.RECHECK))


def _mark_words(mark: SecurityOutcome | None) -> tuple[str, str]:
    """What the next scan is recorded as, and for how long."""
    if mark is None:
        return "先按 1 合格、2 不合格或 3 待复检", "没有按以前，扫了不记。按过 1，之后扫到的都记合格。"
    if mark is SecurityOutcome.PASS:
        return "扫到就记合格：请扫", "到按 2、3、停下来或离开本页为止；之后要再按 1。"
    return f"下一件记为{WORDS[mark]}：请扫", "只管这一件；之后要再按 1、2 或 3。"


def _scanned_before(state: SecurityState) -> QuestionShown:
    if state.is_aside:
        return _put_aside(state)
    answers = (AnswerShown(SAME_PICTURE, "没有重新过机"), AnswerShown(NEXT_PICTURE, "重新过机了，再记一次"))
    usual = f"安检机没有多照：结论一样的只算一次，不同的改判那一件。重新过机的登记 {state.images.current}。"
    return QuestionShown("这一件刚扫过：重新过机了吗？", state.said or usual, answers=answers, tone=Tone.REFER)


def _put_aside(state: SecurityState) -> QuestionShown:
    """A parcel that was not recorded while others behind it were. Its picture has a number of before, which nobody here knows."""
    answers = (AnswerShown(SAME_PICTURE, "没有重新过机，不登记图像"), AnswerShown(NEXT_PICTURE, f"重新过机了，登记 {state.images.current}"))
    usual = "后面的件已经记了，它先前那一张图像是几号，这里不知道。要登记图像，请重新过机。"
    return QuestionShown("这一件先前扫过、没有记上：重新过机了吗？", state.said or usual, answers=answers, tone=Tone.REFER)


def _picture(state: SecurityState) -> QuestionShown:
    """图像编号: after a scan that was not recorded only the machine knows it."""
    here, after = state.images.current or "", state.images.after().current or ""
    answers = (
        AnswerShown(SAME_PICTURE, f"是 {here}"),
        AnswerShown(NEXT_PICTURE, f"是 {after}"),
        AnswerShown(OTHER_PICTURE, "都不是，填编号"),
    )
    usual = "有一扫没有记，安检机可能已经照过：看着安检机，答下一件扫的是哪一张图像。"
    marked = f"下一件记为{WORDS[state.mark]}。" if state.mark is not None else "还没有按 1、2、3。"
    return QuestionShown(f"下一张图像是 {here} 吗？", state.said or f"{usual}{marked}", answers=answers, tone=Tone.REFER)


def _line(done: Done) -> LineShown:
    checked = done.checked
    remark = f"　{_REMARKS[checked.parcel]}" if _REMARKS[checked.parcel] else ""
    return LineShown(SIGNS[checked.outcome], f"{spaced(checked.waybill)}{remark}", WORDS[checked.outcome])


def _facts(state: SecurityState, operator: str) -> Iterator[Fact]:
    chosen = next((method.zh for method in (state.rules.methods if state.rules is not None else ()) if method.id == state.method), "")
    yield Fact("方法", chosen or "还没有选")
    yield Fact("下一张", ("待核对" if state.unsure else state.images.current or "") if state.images.is_named else "不登记图像")
    yield Fact("工号", operator or "—")
    yield Fact("别的网点", "扫到不停" if state.elsewhere else "扫到停下来")
    yield Fact("重复扫描", f"{state.repeats} 次，只算一次" if state.repeats else "没有")
    if state.left:
        yield Fact("待重扫", f"{len(state.left)} 件", sign=Sign.DOUBT)
    yield Fact("等着记", f"{len(state.undone) + (state.busy is not None)} 件")
