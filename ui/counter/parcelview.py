"""What the middle column says of the parcel: its contents, their papers, 服务信息, customs, pieces, what must not be sent. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from courier_check.inspection.catalogue import Disposition, Moment
from courier_check.parcel.catalogue import GoodsCatalogue, GoodsClass
from courier_check.parcel.service import Way
from courier_check.parcel.tracing import read_epc
from courier_check.terms import MailKind
from ui import keys
from ui.counter.effects import Now
from ui.counter.finding import Sought
from ui.counter.goods import REPLACE, papers_asked, yuan_of
from ui.counter.parcelfacts import spaced
from ui.counter.service import CUSTOMS, PAYERS, WAYS, country_words, expected
from ui.counter.state import CounterState, Panel
from ui.counter.view import WALKING, Form, Surroundings, TaskShown, source_words
from ui.shown import AnswerShown, LineShown, QuestionShown, Sign, Tone

_TAGS_SHOWN = 2
"""Of those scanned for an item, the newest: the card has room for them and for the count."""
_BACK = f"{keys.ESC} 返回"


def _key(now: Now, form: str) -> str:
    return f"{now.state.session.session_id}/{form}"


# Contents ---------------------------------------------------------------------------------------------------------------------------------


def contents_shown(now: Now, around: Surroundings) -> TaskShown:
    """First what it is: by digit, or found by what is typed; then the form of that item."""
    return _described(now) if now.state.chosen else _to_find(now)


def _to_find(now: Now) -> TaskShown:
    found = now.state.sought
    if found.typed:
        told = "按数字，或 ↑↓ 选了按 Enter；Backspace 删一个字。" if found.count else "没有找到。换一种说法；清掉以后可以按 1–9。"
        question = QuestionShown("寄的是什么？", told, answers=_found_answers(found), answers_first=bool(found.count))
    else:
        restricted = now.books.rules.rulebook.restricted
        answers = tuple(AnswerShown(category.key, category.zh) for category in restricted.categories)
        words = "按 1–9 选品类；或直接打拼音首字母、俗称查（写汉字先按 Tab）；也可以扫商品条码。"
        question = QuestionShown("寄的是什么？", words, answers=answers, answers_first=True)
    first = {"search": found.typed}
    lines = (*_declared_lines(now), *_code_lines(now.state))
    return TaskShown("内件", "", question, above=lines, form=Form.SEARCH, form_key=_key(now, "search"), first=first, said=now.state.said)


def _found_answers(found: Sought) -> tuple[AnswerShown, ...]:
    words = [f"{one.target.zh}（{one.name}）" if one.name != one.target.zh else one.target.zh for one in found.goods]
    answers = [AnswerShown(str(number), text) for number, text in enumerate(words, 1)]
    for number, suspect in enumerate(found.suspects, len(answers) + 1):
        named = suspect.category.zh if suspect.name == suspect.category.code else suspect.name
        answers.append(AnswerShown(str(number), f"禁寄 {suspect.category.code}：{named}", "warn"))
    marks = {"plain": "go", "warn": "stop"}
    return tuple(replace(one, tone=marks[one.tone]) if place == found.at else one for place, one in enumerate(answers))


def _described(now: Now) -> TaskShown:
    state, rulebook = now.state, now.books.rules.rulebook
    chosen = rulebook.restricted.category(state.chosen)
    begun = state.aside.item
    kind = rulebook.goods.goods_class(begun.goods) if rulebook.goods is not None and begun.goods else None
    named = kind.zh if kind is not None else chosen.zh if chosen is not None else ""
    question = QuestionShown(f"内件：{named}", "按 Enter 就确认；数量、重量、价值要写的先按 Tab。Ctrl+Enter 再加一件，Esc 重选品类。")
    category = chosen.id if chosen is not None else ""
    first = {"category": category, "name": "" if category == "other" and kind is None else named}
    first["tobacco"] = "yes" if chosen is not None and chosen.tobacco else ""
    first["goods"] = "yes" if kind is not None or begun.gtin or begun.epcs else ""
    business = state.draft.business_sender or state.draft.mail_kind is MailKind.AGREEMENT
    first["business"] = "yes" if business and kind is not None and kind.brand else ""
    if len(begun.epcs) > 1:
        first["quantity"] = str(len(begun.epcs))
    items, replacing = state.draft.items, state.kind == REPLACE
    if replacing and len(items) == 1 and items[0].category == category:
        first |= {"name": items[0].name, "quantity": str(items[0].quantity), "weight_g": str(items[0].weight_g or "")}
    notes = _class_lines(kind, rulebook.goods, business=business) if kind is not None and rulebook.goods is not None else ()
    lines = (*(() if replacing else _declared_lines(now)), *_code_lines(state), *notes)
    key = _key(now, f"contents/{state.chosen}/{begun.goods}/{len(items)}/{replacing}/{first['goods']}")
    return TaskShown("内件", "", question, above=lines, form=Form.CONTENTS, form_key=key, first=first, said=state.said)


def _declared_lines(now: Now) -> tuple[LineShown, ...]:
    if now.state.kind == REPLACE:
        return ()
    return tuple(LineShown(Sign.DONE, f"已报：{item.name} × {item.quantity}") for item in now.state.draft.items)


def _code_lines(state: CounterState) -> tuple[LineShown, ...]:
    """What was scanned for the item being declared."""
    begun, lines = state.aside.item, []
    if begun.gtin:
        lines.append(LineShown(Sign.DONE, f"商品条码 {begun.gtin}", "校验位相符"))
    for epc in begun.epcs[-_TAGS_SHOWN:]:
        tag = read_epc(epc)
        read = tag is not None and tag.is_read
        told = f"电子标签：商品 {tag.gtin}，序列号 {tag.serial}" if read and tag is not None else f"电子标签 {epc[:32]}，原样记下"
        lines.append(LineShown(Sign.DONE if read else Sign.OPEN, told, tag.scheme.value.upper() if tag is not None else ""))
    if len(begun.epcs) > _TAGS_SHOWN:
        lines.append(LineShown(Sign.DONE, f"电子标签共 {len(begun.epcs)} 个"))
    return tuple(lines)


def _class_lines(kind: GoodsClass, catalogue: GoodsCatalogue, *, business: bool) -> tuple[LineShown, ...]:
    """What goes with the class: papers that will be asked for, and whether such goods are prohibited."""
    lines = [LineShown(Sign.STOP, f"{kind.zh}属于禁寄第 {kind.prohibited} 类，通常不得收寄。")] if kind.prohibited else []
    asked = [paper.zh for paper in catalogue.papers_asked(kind, asked=business)]
    if asked:
        lines.append(LineShown(Sign.OPEN, f"要看：{'、'.join(asked)}"))
    return tuple(lines)


def papers_shown(now: Now, around: Surroundings) -> TaskShown:
    """随附单证: what was seen, each by its digit."""
    asked = papers_asked(now.state.draft, now.books)
    several = len({one.place for one in asked}) > 1
    answers = []
    for number, one in enumerate(asked, 1):
        words = one.paper.zh if one.paper is not None else f"“{one.item.brand}”个人自用"
        shown = f"{one.item.name}：{words}" if several else words
        answers.append(AnswerShown(str(number), f"✓ {shown}" if one.given else shown, "go" if one.given else "plain"))
    private = bool(asked) and all(one.paper is None for one in asked)
    title = "寄件人说明用途了吗？" if private else "看过哪些单证？"
    words = (
        "个人寄自用品不索要授权或进货凭证；说明个人自用的按数字记下。"
        if private
        else "看过的按数字；没有的不用按，需要复核的会列在结论里。"
    )
    sources = dict.fromkeys(source_words(one.paper.source, one.paper.certainty) for one in asked if one.paper is not None)
    basis = f"依据：{'；'.join(list(sources)[:2])}" if sources else ""
    question = QuestionShown(title, words, basis, (*answers, AnswerShown(keys.ENTER, "继续", "go")))
    if not asked:
        question = QuestionShown("没有要看的单证", "申报的内件不需要随附单证。", answers=(AnswerShown(keys.ENTER, "返回", "go"),))
    return TaskShown("内件单证", _BACK, question, said=now.state.said)


# Service ----------------------------------------------------------------------------------------------------------------------------------


def service_shown(now: Now, around: Surroundings) -> TaskShown:
    """服务信息: what was agreed, with what is usual here filled in."""
    state, held = now.state, expected(now.state)
    way = Way(state.kind) if state.panel is Panel.SERVICE and state.kind else held.way
    first = {
        "product": held.product,
        "payer": PAYERS[held.payer] if held.payer is not None else "",
        "weight_g": str(state.draft.weight_g or ""),
        "declared_yuan": yuan_of(held.declared_fen) if held.declared_fen is not None else "",
        "way": WAYS[way],
        "place": held.place if way is held.way else "",
        "country": (country_words(held.country) or held.country) if held.is_abroad else "",
    }
    question = QuestionShown(
        "服务信息",
        f"产品、付费方式、重量必填；付费和收寄方式按数字选。沿用上一件的请核对。{WALKING}",
    )
    key = _key(now, f"service/{state.kind}/{state.draft.weight_g}/{held.product}")
    return TaskShown(
        "服务信息", _BACK if state.panel is Panel.SERVICE else "", question, form=Form.SERVICE, form_key=key, first=first, said=state.said
    )


def customs_shown(now: Now, around: Surroundings) -> TaskShown:
    """报关单证: one line for each item, filled in with what was declared of it."""
    state, begun, items = now.state, now.state.aside.customs, now.state.draft.items
    place, many = len(begun.lines), max(1, len(items))
    item = items[place] if place < len(items) else None
    category = next((words for one, words in CUSTOMS.items() if one.value == begun.category), "")
    first = {"customs_category": category, "currency": begun.currency or "CNY"}
    if item is not None:
        value = yuan_of(item.value_fen) if item.value_fen is not None else ""
        first |= {"description": item.name, "quantity": str(item.quantity), "net_weight_g": str(item.weight_g or ""), "value": value}
    counted = f"第 {place + 1} 行，共 {many} 行" if many > 1 else ""
    question = QuestionShown(
        "报关单证", f"{counted}　每样内件一行，照实填写；价值按币种。{WALKING}".strip("　"), "寄往境外的物品须向海关申报（待核实）"
    )
    lines = tuple(LineShown(Sign.DONE, f"{line.description} × {line.quantity}", f"{line.net_weight_g} g") for line in begun.lines)
    note = _BACK if state.panel is Panel.CUSTOMS else ""
    key = _key(now, f"customs/{place}/{many}")
    return TaskShown("报关单证", note, question, above=lines, form=Form.CUSTOMS, form_key=key, first=first, said=state.said)


def pieces_shown(now: Now, around: Surroundings) -> TaskShown:
    shipment = now.state.draft.shipment
    first = {"pieces": str(shipment.pieces) if shipment is not None else ""}
    words = "寄件人、收件人只登记一次；每一件有自己的运单。"
    question = QuestionShown("一票多件：共几件？", words)
    return TaskShown("一票多件", _BACK, question, form=Form.PIECES, form_key=_key(now, "pieces"), first=first, said=now.state.said)


# What must not be sent --------------------------------------------------------------------------------------------------------------------


def prohibited_shown(now: Now, around: Surroundings) -> TaskShown:
    """查禁寄物品: first which, then what to do and whom to tell."""
    return _to_do(now) if now.state.chosen else _suspected(now)


def _suspected(now: Now) -> TaskShown:
    found = now.state.sought
    words = "直接打名称、拼音首字母、俗称；写汉字先按 Tab。查不到不等于可以寄。"
    answers = _found_answers(found)
    question = QuestionShown("查什么禁寄物品？", words, answers=answers, answers_first=bool(answers), tone=Tone.STOP)
    said = now.state.said
    if found.typed and not answers:
        said = f"没有查到“{found.typed}”。目录只是举例：认不出的东西按不明物处置，先放下，请主管。"
    first, key = {"search": found.typed}, _key(now, "prohibited")
    return TaskShown("查禁寄物品", _BACK, question, form=Form.SEARCH, form_key=key, first=first, said=said, tone=Tone.STOP)


def _to_do(now: Now) -> TaskShown:
    state, catalogue = now.state, now.books.rules.rulebook.rules.prohibited
    found, category = state.sought, catalogue.category(state.chosen)
    moment = Moment.AFTER_ACCEPTANCE if found.afterwards else Moment.AT_ACCEPTANCE
    disposition = catalogue.dispose(state.chosen, state.kind, concealed=found.concealed, moment=moment)
    named = f"{state.chosen} {category.zh}" if category is not None else state.chosen
    answers = (
        AnswerShown(keys.YES, "公开携带", "plain" if found.concealed else "go"),
        AnswerShown(keys.NO, "藏匿、夹带", "go" if found.concealed else "plain"),
        AnswerShown(keys.DOUBT, "改为收寄时" if found.afterwards else "改为已收寄"),
        AnswerShown(keys.ESC, "返回"),
    )
    when = "已收寄以后发现" if found.afterwards else "收寄时发现"
    question = QuestionShown(f"“{state.kind}”：{disposition.rule.zh}", _steps(disposition), _told(disposition, now), answers, Tone.STOP)
    how = "藏匿、夹带" if found.concealed else "公开携带"
    return TaskShown("查禁寄物品", f"第 {named} 类　{when} · {how}", question, said=state.said, tone=Tone.STOP)


def _steps(disposition: Disposition) -> str:
    return "\n".join(f"{number}　{step.zh}" for number, step in enumerate(disposition.rule.steps, 1))


def _told(disposition: Disposition, now: Now) -> str:
    authorities = "、".join(dict.fromkeys(one.zh for one in disposition.report_to))
    told = f"报告：{authorities}。" if authorities else ""
    return f"{told}依据：{source_words(disposition.rule.source, disposition.rule.certainty)}"


def reserved_shown(now: Now, around: Surroundings) -> TaskShown:
    """国家机关公文、专营信件, which couriers may not carry."""
    mails, held = now.books.rules.carriers.reserved_mail, now.state.draft.reserved
    answers = tuple(AnswerShown(str(number), mail.zh, "stop" if mail.id == held else "plain") for number, mail in enumerate(mails, 1))
    basis = "；".join(source_words(mail.source, mail.certainty).partition("；")[0] for mail in mails[:1])
    question = QuestionShown("这一件是哪一种？", "选定即拒收并写明法条；再按一次取消。", f"依据：{basis}", answers, Tone.STOP)
    return TaskShown("只能由邮政企业寄递的", _BACK, question, said=now.state.said, tone=Tone.STOP)


# Several codes in view --------------------------------------------------------------------------------------------------------------------


def codes_shown(now: Now, around: Surroundings) -> TaskShown:
    names = now.books.rules.carriers
    answers = []
    for number, check in enumerate(now.state.aside.codes, 1):
        whose = "、".join(names.carrier(code).zh for code in ((check.carrier,) if check.carrier else check.carriers[:3]))
        answers.append(AnswerShown(str(number), f"{spaced(check.text)}　{whose}"))
    question = QuestionShown("画面里不止一个单号", "看面单上印的单号，按数字选这一件的；也可以直接扫。", answers=tuple(answers))
    return TaskShown("运单", _BACK, question, said=now.state.said)


PARCEL_PANELS: Mapping[Panel, Callable[[Now, Surroundings], TaskShown]] = {
    Panel.CONTENTS: contents_shown,
    Panel.PAPERS: papers_shown,
    Panel.SERVICE: service_shown,
    Panel.CUSTOMS: customs_shown,
    Panel.PIECES: pieces_shown,
    Panel.PROHIBITED: prohibited_shown,
    Panel.RESERVED: reserved_shown,
    Panel.CODES: codes_shown,
}
