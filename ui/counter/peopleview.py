"""What the middle column says to and of the people before the counter. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from courier_check.acceptance.tasks import TaskKind
from courier_check.identity.notices import Notice, Section, filled
from ui import keys
from ui.counter.effects import Keeping, Now
from ui.counter.people import OFFERS, PRINT, Kept, is_copy_missing, kept_of, notice_due, prefilled_phone
from ui.counter.state import Panel
from ui.counter.view import Form, Surroundings, TaskShown
from ui.shown import AnswerShown, LineShown, QuestionShown, Sign

_BASIS = "依据：个人信息保护法 17 条"
_WHOLE = AnswerShown(keys.YES, "看告知全文")
_CONTACT = "见窗口公示"


def with_notice(now: Now, shown: TaskShown) -> TaskShown:
    """The card that asks for a document, while the notice is due: what is read is read after it, and the same key says so."""
    if not notice_due(now.state, now.books):
        return shown
    notice, question = now.books.rules.notice, shown.question
    if shown.form is not Form.NONE:
        told = replace(question, help=f"先请寄件人看过告知，确认即记下已出示。{question.help}")
        return replace(shown, question=told)
    read = next((answer.text for answer in question.answers if answer.key == keys.ENTER), "")
    words = f"已出示告知，{read.partition('（')[0]}" if read else "已出示告知"
    others = tuple(answer for answer in question.answers if answer.key != keys.ENTER)
    told = replace(
        question,
        help=f"先请寄件人看过告知，按 Enter 记下已出示。{question.help.replace('按 Enter 读取', '一并读取')}",
        answers=(AnswerShown(keys.ENTER, words, "go"), *others, _WHOLE),
    )
    return replace(shown, question=told, below=(_notice_line(notice), *shown.below))


def _notice_line(notice: Notice) -> LineShown:
    said = "、".join(section.heading.zh for section in notice.sections)
    return LineShown(Sign.OPEN, f"{notice.title.zh}：{said}。", notice.version)


def for_guardian(now: Now, shown: TaskShown) -> TaskShown:
    """A child's guardian is told what is asked of him: to consent, and to show his own document."""
    if now.task.kind is not TaskKind.GUARDIAN_DOCUMENT:
        return shown
    age = now.books.rules.policy.guardian.consent_under
    told = replace(shown.question, help=f"寄件人未满 {age} 周岁：请监护人看过告知并同意，再出示本人的证件。{shown.question.help}")
    return replace(shown, question=told)


def notice_shown(now: Now, around: Surroundings) -> TaskShown:
    """告知全文."""
    notice, due = now.books.rules.notice, notice_due(now.state, now.books)
    answers = (AnswerShown(keys.ENTER, "已出示" if due else "返回", "go"), AnswerShown(PRINT, "存为 PDF"), AnswerShown(keys.ESC, "返回"))
    words = "请寄件人看，或照着念。不需要签字，也不需要同意。"
    question = QuestionShown(notice.title.zh, words, _BASIS, answers if due else answers[:2])
    lines = tuple(LineShown(Sign.NONE, _said(section, now.books.outlet)) for section in notice.sections)
    return TaskShown("告知", f"版本 {notice.version}", question, below=lines, said=now.state.said)


def _said(section: Section, outlet: str) -> str:
    return f"{section.heading.zh}：{filled(section.text.zh, outlet or '本网点', _CONTACT)}"


_KEEPING_WORDS = {
    Keeping.CONSENT: "寄件人同意保存",
    Keeping.WITHDRAW: "撤回同意",
    Keeping.FORGET: "删除资料",
}
_KEPT_WORDS = {
    Kept.ASKED: "正在查本机有没有这位寄件人的资料…",
    Kept.UNKNOWABLE: "本机认不出回头客：证件没有号码，或本站没有比对密钥。不影响收寄。",
    Kept.NOTHING: "没有保存这位寄件人的资料。问寄件人：要不要保存姓名和电话，下次自动填电话？不同意不影响寄件。",
    Kept.PROFILE: "寄件人同意过：姓名和电话保存在本机，下次读证件后预填电话。可以随时撤回或删除。",
    Kept.TOKEN: "寄件人撤回过同意，姓名和电话已经删除；只留一个比对标记，以后不再问。",
}


def sender_shown(now: Now, around: Surroundings) -> TaskShown:
    """回头客: what is kept, and what the sender may decide about it."""
    state, kept = now.state, kept_of(now.state)
    answers = tuple(AnswerShown(key, _KEEPING_WORDS[keeping]) for key, keeping in OFFERS[kept].items())
    question = QuestionShown(
        "正在保存…" if state.chosen else "回头客",
        _KEPT_WORDS[kept],
        "依据：个人信息保护法 14、15、47 条　每次寄件仍要查验本人原件。",
        () if state.chosen else (*answers, AnswerShown(keys.ENTER, "返回")),
    )
    known = state.aside.known.sender if state.aside.known is not None and kept is not Kept.ASKED else None
    ever = f"在本机收寄过 {known.ever} 次" if known is not None and known.ever else ""
    said = state.said
    if kept is Kept.NOTHING and not state.draft.sender.phone and not said:
        said = "还没有寄件人电话：扫了运单、填了电话再问。"
    return TaskShown("寄件人资料", ever, question, said=said)


def organisation_shown(now: Now, around: Surroundings) -> TaskShown:
    unit = now.state.draft.organisation
    first = {"office": "in-charge"}
    if unit is not None:
        first = {"organisation": unit.name, "uscc": unit.uscc, "responsible": unit.responsible, "office": unit.office.value}
    question = QuestionShown(
        "寄件人是单位", "照营业执照或登记证书填写，填完按 Enter。证件读负责人本人的；读后翻拍留存（Ctrl+K），自动加水印。"
    )
    key = f"{now.state.session.session_id}/organisation/{first.get('uscc', '')}"
    return TaskShown("单位寄件", f"{keys.ESC} 返回", question, form=Form.ORGANISATION, form_key=key, first=first, said=now.state.said)


def order_name_shown(now: Now, around: Surroundings) -> TaskShown:
    draft = now.state.draft
    shown = f"面单上写的是“{draft.waybill_sender_name}”。" if draft.waybill_sender_name else ""
    question = QuestionShown("订单上的寄件人全名", f"{shown}照订单填写，按 Enter；与证件比对，只记比对结果。")
    key = f"{now.state.session.session_id}/order/{draft.waybill.text if draft.waybill else ''}"
    return TaskShown(
        "隐私面单",
        f"{keys.ESC} 返回",
        question,
        form=Form.ORDER_NAME,
        form_key=key,
        first={"order_name": draft.order_sender_name},
        said=now.state.said,
    )


def with_copy(now: Now, shown: TaskShown) -> TaskShown:
    """The referral that only lacks the copy of the responsible person's document says how it is taken."""
    if not is_copy_missing(now):
        return shown
    others = (replace(answer, tone="plain") for answer in shown.question.answers)  # one safe next step, and only one
    answers = (AnswerShown(keys.YES, "翻拍负责人证件", "go"), *others)
    told = replace(shown.question, answers=answers, help=f"把负责人的证件放在摄像头下，按 1 翻拍留存。{shown.question.help}")
    return replace(shown, question=told)


def with_prefill(now: Now, first: dict[str, str]) -> dict[str, str]:
    """What the form of the label holds at first: the phone of a sender who agreed to it, where the label has none."""
    phone = prefilled_phone(now.state)
    return first | {"sender_phone": phone} if phone and not first.get("sender_phone") else first


def prefill_words(now: Now) -> str:
    """Said over the form where a phone stands there that nobody typed."""
    if now.state.draft.sender.phone or not prefilled_phone(now.state):
        return ""
    return "电话是寄件人上次同意保存的，请核对。"


PEOPLE_PANELS: Mapping[Panel, Callable[[Now, Surroundings], TaskShown]] = {
    Panel.NOTICE: notice_shown,
    Panel.SENDER: sender_shown,
    Panel.ORGANISATION: organisation_shown,
    Panel.ORDER_NAME: order_name_shown,
}
