"""One record in words: facts of the parcel and its people, the checklist, why it came out so, its entry and its receipt. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from courier_check.acceptance.codes import AcceptanceReason
from courier_check.acceptance.draft import CLERK_REFUSAL, FOUND
from courier_check.acceptance.pace import FAST_MS
from courier_check.clock import at
from courier_check.desk.lookups import EntryShown, ReceiptShown, Record, SecurityShown
from courier_check.desk.shown import DecisionShown, FoundShown, HeaderShown, ItemShown, KeptShown, PersonShown
from courier_check.identity.documents import Source
from courier_check.inspection.findings import Answer
from courier_check.inspection.rules import RuleSet
from courier_check.parcel.service import CHINA
from courier_check.store.evidence import COPY_PREFIX, PhotoState
from courier_check.store.sent_evidence import Delivery
from courier_check.terms import MailKind
from courier_check.wording import Wording
from ui.board_view import label_line
from ui.counter.goods import yuan_of
from ui.counter.parcelfacts import MAIL_KINDS, spaced
from ui.counter.service import PAYERS, WAYS, country_words
from ui.counter.view import SOURCES
from ui.disposal_view import intercept_lines, numbered, steps_of, told_lines
from ui.record_view import (
    ANSWERS,
    FOUND_KINDS,
    GONE,
    Names,
    Opened,
    PhotoSaid,
    RecordShown,
    correction_lines,
    dispute_lines,
    verdict_of,
    verified_of,
    withdrawal_lines,
)
from ui.shown import Fact, LineShown, Sign, Tone, VerdictShown
from ui.sync_view import grouped

_RECORDED = "-recorded"
_PLACEHOLDER = re.compile(r"\{[a-z0-9_]+\}")
_ABOUT_A_GAP = re.compile(r"“[^”]*…[^”]*”|（[^）]*…[^）]*）|《[^》]*…[^》]*》")
_GAPS = re.compile(r"…(?:\s*…)+")
_SIGNS = {Answer.YES.value: Sign.DONE, Answer.NO.value: Sign.STOP, Answer.DOUBT.value: Sign.DOUBT}
_SCREENING = {"pass": ("未命中", Sign.DONE), "review": ("疑似命中，复核", Sign.DOUBT), "block": ("命中拦截名单", Sign.STOP)}
_NAME_MATCHES = {
    "equal": "与面单一致",
    "masked-compatible": "与隐私面单相容",
    "romanised": "与面单拼音相容",
    "other-script": "面单为外文姓名",
    "different": "与面单不一致",
    "absent": "面单无姓名",
}
_TAKEN_BACK = {FOUND: "登记过查见物品又撤销", CLERK_REFUSAL: "选过拒收又撤销"}
_DECISIONS = {"not-same": "核对后不是同一主体", "same": "核对后是同一主体", "override": "放行"}
_PACKAGES = {"rules": "规则", "list": "名单", "checklist": "清单", "reporting": "上报范围", "carriers": "承运商", "documents": "证件规则"}
RESERVED = {"state-document": "国家机关公文", "reserved-letter": "邮政企业专营的信件"}
_HASH_GROUP, _HASH_LINE = 8, 32


def record_shown(opened: Opened, names: Names, rules: RuleSet | None, wording: Wording) -> RecordShown:
    record = opened.record
    return RecordShown(
        verified=verified_of(record, wording),
        verdict=verdict_of(record.act, rules, waits=record.act.kind == "referral" and not record.resolved_by),
        parcel=(*_parcel(record, names), *_label(opened)),
        people=tuple(_people(record, names, wording)),
        checklist=tuple(_checklist(record, rules)),
        outcome=tuple(_outcome(record, rules, wording)),
        corrections=tuple(LineShown(Sign.NONE, text, note) for text, note in correction_lines(opened)),
        withdrawal=tuple(LineShown(Sign.DOUBT, text, note) for text, note in withdrawal_lines(record)),
        intercepts=tuple(intercept_lines(record, rules, wording)),
        told=tuple(told_lines(record, rules)),
        disputes=tuple(LineShown(Sign.DOUBT, text, note) for text, note in dispute_lines(record)),
        entry=tuple(_entry(record.entry)) if record.entry is not None else (Fact("条目", "读不出来", sign=Sign.STOP),),
        receipt=tuple(_receipt(record.receipt)) if record.receipt is not None else (Fact("回执", "待传：网关还没有收到"),),
        returned=tuple(
            LineShown(Sign.DOUBT, f"退回 {one.number}：{wording.of(one.code).removeprefix('退回：')}", f"{at(one.at_ms):%m-%d %H:%M}")
            for one in opened.returned
        ),
        photos=tuple(_photos(record, rules, wording)),
    )


def gone(words: str) -> VerdictShown:
    """A record that can't be shown, and why."""
    return VerdictShown(Tone.STOP, "✖", "打不开这条记录", words)


def _parcel(record: Record, names: Names) -> Iterator[Fact]:
    act, header, kept = record.act, record.header, record.kept
    carrier = names.carriers.get(act.carrier, act.carrier) if act.carrier else ""
    yield Fact("运单", spaced(act.waybill) if act.waybill else GONE if kept is None else "没有", key=True)
    if carrier:
        yield Fact("承运商", carrier)  # a row of its own: beside the number it would cut it short
    yield Fact("受理号", f"#{act.seq}", "补录" if act.late else "")
    if header is not None and header.late_ms is not None:
        yield Fact("实际收寄", f"{at(header.late_ms):%Y-%m-%d %H:%M}")
    yield Fact("记入时间" if act.late else "时间", f"{at(act.at_ms):%Y-%m-%d %H:%M:%S}")
    if header is not None and header.took_ms is not None:
        yield Fact("办理用时", _in_hand(header.took_ms))
    yield Fact("收寄员", act.operator or "—")
    yield Fact("件型", MAIL_KINDS[MailKind(act.mail_kind)] if act.mail_kind in set(MailKind) else act.mail_kind or "—")
    if header is not None:
        weight = f"　{header.weight_g} g" if header.weight_g else ""
        yield Fact("件数重量", f"{header.pieces} 件{weight}")
        yield from _service(header, record.kept)
    yield from (_security(check) for check in record.security)
    items = kept.items if kept is not None else ()
    for place, item in enumerate(items):
        kind = names.goods.get(item.goods or "") or names.categories.get(item.category, item.category).partition("、")[0]
        yield Fact("" if place else "内件", _item(item), kind)
        yield from (Fact("", told) for told in _proofs(item, names))
    if record.resolves is not None:
        yield Fact("办结复核", f"#{record.resolves[1]}")
    if record.after_refusal is not None:
        yield Fact("先前拒收", f"#{record.after_refusal[1]}", sign=Sign.DOUBT)
    for _, seq in record.resolved_by:
        yield Fact("后续", f"由 #{seq} 办结")
    for _, seq in record.taken_up_by:
        yield Fact("后续", f"同一单号又办了一次：#{seq}")


def _in_hand(ms: int) -> str:
    minutes, rest = divmod(ms // 1000, 60)
    return f"{minutes} 分 {rest:02d} 秒" if minutes else f"{ms / 1000:.1f} 秒"


def _label(opened: Opened) -> Iterator[Fact]:
    """验视标识 of an acceptance that stands; a letter owes none."""
    act, told = opened.record.act, opened.label
    if act.kind != "acceptance" or act.withdrawn or (told is None and act.mail_kind == MailKind.LETTER):
        return
    line = label_line(told) if told is not None else None
    if line is None:
        yield Fact("标签", "没有打印，未贴标（F9 打印，Ctrl+T 已贴标）", sign=Sign.DOUBT)
    else:
        yield Fact("标签", line.text.removeprefix("标签："), sign=line.sign)


_SECURITY = {"pass": ("合格", Sign.DONE), "fail": ("不合格：停止分拣、运输、投递", Sign.STOP), "recheck": ("待复检", Sign.DOUBT)}


def _security(check: SecurityShown) -> Fact:
    """安检, one row a check: the last one counts."""
    words, sign = _SECURITY.get(check.outcome, (check.outcome, Sign.NONE))
    until = f"图像 {check.image} 存至 {check.image_kept_until_on}" if check.image and check.image_kept_until_on else ""
    told = (words, check.note or "", until, f"{at(check.at_ms):%m-%d %H:%M}", f"工号 {check.operator or '—'}", f"#{check.seq}")
    return Fact("安检", " · ".join(part for part in told if part), sign=sign)


def _service(header: HeaderShown, kept: KeptShown | None) -> Iterator[Fact]:
    """服务信息, 一票多件, and reserved mail, where they were said."""
    service, shipment = header.service, header.shipment
    if service is not None:
        abroad = f"寄往 {country_words(service.country) or service.country}" if service.country != CHINA else ""
        payer = next((words for one, words in PAYERS.items() if one.value == service.payer), "")
        way = next((words for one, words in WAYS.items() if one.value == service.way), service.way)
        declared = kept.declared_fen if kept is not None else None
        insured = f"保价 {yuan_of(declared)} 元" if declared is not None else "保价" if service.insured else ""
        told = (service.product, payer, insured, way, abroad, "已报关" if service.customs is not None else "")
        yield Fact("服务信息", " · ".join(part for part in told if part))
    if shipment is not None:
        first = kept.first_waybill if kept is not None and shipment.piece > 1 else ""
        yield Fact("一票多件", f"第 {shipment.piece} 件，共 {shipment.pieces} 件{f'　首件 {spaced(first)}' if first else ''}")
    if header.reserved:
        yield Fact("专营", RESERVED.get(header.reserved, header.reserved))


def _proofs(item: ItemShown, names: Names) -> Iterator[str]:
    """What stands beside an item: its brand and papers, and the codes it is traced by."""
    brand = f"品牌 {item.brand}{'（个人自用）' if item.personal_use else ''}" if item.brand else ""
    papers = f"已看：{'、'.join(names.papers.get(paper, paper) for paper in item.papers)}" if item.papers else ""
    tag = f"标签 {item.epc_gtin}/{item.epc_serial}" if item.epc_gtin else f"标签 {item.epc}" if item.epc else ""
    tag += f" 等 {1 + len(item.more_epcs)} 个" if item.more_epcs else ""
    codes = " ".join(part for part in (item.gtin or "", tag, f"厂家 {item.org_code}" if item.org_code else "") if part)
    yield from (told for told in (brand, papers, f"追溯 {codes}" if codes else "") if told)


def _item(item: ItemShown) -> str:
    weight = f"　{item.weight_g} g" if item.weight_g else ""
    sticks = f"　{item.cigarette_sticks} 支" if item.cigarette_sticks else ""
    return f"{item.name} × {item.quantity}{weight}{sticks}"


def _people(record: Record, names: Names, wording: Wording) -> Iterator[Fact]:
    act, header, kept = record.act, record.header, record.kept
    sender = kept.sender if kept is not None else PersonShown(act.name_mask or "", act.number_mask or "", act.phone_mask or "")
    yield Fact("寄件人", sender.name_mask or "未留存", _NAME_MATCHES.get(header.name_match or "", "") if header else "", key=True)
    if sender.number_mask:
        yield Fact("证件", f"{names.documents.get(act.document_type or '', act.document_type or '证件')}　{sender.number_mask}")
    yield from _reached(sender)
    source = SOURCES[Source(act.document_source)] if act.document_source in set(Source) else ""
    yield Fact("实名", wording.of(act.real_name) if act.real_name else "—", source)
    words, sign = _SCREENING.get(act.screening or "", ("没有核查", Sign.NONE))
    yield Fact("名单", words, sign=sign)
    if kept is None:
        yield Fact("留存", "身份信息和内件已按期限销毁")
        return
    if kept.agent is not None:
        yield Fact("代寄人", f"{kept.agent.name_mask}　{kept.agent.number_mask}".strip())
    if kept.addressee is not None:
        yield Fact("收件人", kept.addressee.name_mask or "—")
        yield from _reached(kept.addressee)


def _reached(person: PersonShown) -> Iterator[Fact]:
    yield from (Fact(name, mask) for name, mask in (("电话", person.phone_mask), ("地址", person.address_mask)) if mask)


def _checklist(record: Record, rules: RuleSet | None) -> Iterator[LineShown]:
    header, notes = record.header, record.kept.notes if record.kept is not None else {}
    if header is not None and header.hurried:
        yield LineShown(Sign.DOUBT, f"答得过快：连续 {header.hurried} 项都不到 {FAST_MS / 1000:.1f} 秒，主管请核实是否逐项看过", "")
    for item_id, times in (header.taken_back if header is not None else {}).items():
        item = rules.checklists.item(item_id) if rules is not None else None
        words = _TAKEN_BACK.get(item_id) or f"判过不通过或存疑又改判：“{item.question.zh if item else item_id}”"
        yield LineShown(Sign.DOUBT, f"{words}。主管请核实", f"{times} 次")
    for item_id, answer in _as_asked(header.answers if header is not None else {}, rules):
        item = rules.checklists.item(item_id) if rules is not None else None
        note = f"（{notes[item_id]}）" if item_id in notes else ""
        told = f"{ANSWERS.get(answer, answer)}{_dwell(header, item_id)}"
        yield LineShown(_SIGNS.get(answer, Sign.NONE), f"{item.question.zh if item else item_id}{note}", told)
    given = record.kept.exemption_notes if record.kept is not None else {}
    for photo_id, reason in (record.kept.exemptions if record.kept is not None else {}).items():
        photo = rules.checklists.photo(photo_id) if rules is not None else None
        words = next((one.zh for one in photo.stop_exemptions if one.id == reason), reason) if photo else reason
        note = f"（{given[photo_id]}）" if photo_id in given else ""
        yield LineShown(Sign.OPEN, f"{photo.question.zh if photo else photo_id}：{words}{note}", "免拍")


def _as_asked(answers: Mapping[str, str], rules: RuleSet | None) -> list[tuple[str, str]]:
    """Answers in the order in which the checklist asks: a header is sorted by its keys. What the checklist does not know any more comes
    last."""
    places = {item.id: place for place, item in enumerate(rules.checklists.items)} if rules is not None else {}
    return sorted(answers.items(), key=lambda told: places.get(told[0], len(places)))


_PHOTO_STATES = {
    PhotoState.SOUND: "✔ 有效",
    PhotoState.MISSING: "✖ 缺失",
    PhotoState.ALTERED: "✖ 被改动",
    PhotoState.DESTROYED: "— 已销毁",
}
_DELIVERIES = {Delivery.PENDING: "待传", Delivery.SENT: "已传", Delivery.FAILED: "传不了", Delivery.REFILED: "随补录传"}
"""How far the photo is on its way to the gateway; why one can't be sent stands in 同步中心."""


def _photos(record: Record, rules: RuleSet | None, wording: Wording) -> Iterator[PhotoSaid]:
    for photo in record.photos:
        rule_id, _, number = photo.name.rpartition("-")
        rule = rules.checklists.photo(rule_id) if rules is not None else None
        words = rule.question.zh.removesuffix("照片") if rule is not None else "照片"
        words = "证件复印件" if photo.name.startswith(COPY_PREFIX) else words
        faults = "".join(f"　{wording.of(fault).partition('，')[0]}" for fault in photo.faults)
        yield PhotoSaid(photo.name, f"{words} {number}", f"{_PHOTO_STATES[photo.state]}　{_DELIVERIES[photo.delivery]}{faults}")


def _dwell(header: HeaderShown | None, item_id: str) -> str:
    ms = header.dwell_ms.get(item_id) if header is not None else None
    return "" if ms is None else f"　{ms / 1000:.1f} 秒"


def _outcome(record: Record, rules: RuleSet | None, wording: Wording) -> Iterator[LineShown]:
    header, kept = record.header, record.kept
    if header is not None:
        yield from _reasons(record, header, rules, wording)
    for found in kept.found if kept is not None else ():
        yield LineShown(Sign.STOP, _found(found, rules), "查见")
    for disposition in header.dispositions if header is not None else ():
        rule = next((one for one in rules.prohibited.dispositions if one.id == disposition), None) if rules is not None else None
        yield LineShown(Sign.DOUBT, rule.zh if rule else disposition, "处置")
    steps = steps_of(header.dispositions, header.report_to, rules) if header is not None else ()
    yield from numbered(steps)
    if header is not None and header.lead is not None:
        yield LineShown(Sign.DOUBT, f"线索 {header.lead.number}", "线索")
    for held in header.lists_held if header is not None else ():
        yield LineShown(Sign.NONE, f"名单 {held.name} v{held.version}：{at(held.installed_at_ms):%Y-%m-%d %H:%M} 收到", "名单")
    for entry in kept.entries_held if kept is not None else ():
        since = f"{'最迟 ' if entry.at_latest else ''}{at(entry.installed_at_ms):%Y-%m-%d %H:%M}"
        yield LineShown(Sign.NONE, f"命中的条目（名单 {entry.list}）：{since} 随 v{entry.version} 收到", "名单")
    yield from _notified(header, kept)
    for decision in header.resolutions if header is not None else ():
        yield LineShown(Sign.DONE, _decision(decision, wording), f"主管 {decision.supervisor}")
    for given in kept.given if kept is not None else ():
        yield LineShown(Sign.NONE, f"说明：{given.reason}", given.of if given.of.startswith("R") else "")


def _notified(header: HeaderShown | None, kept: KeptShown | None) -> Iterator[LineShown]:
    """通知 that the refusal goes by; once the kept part is destroyed, or where nothing typed was kept, the day only."""
    told = (kept.notification if kept is not None else None) or (header.notification if header is not None else None)
    if told is not None:
        words = " · ".join(part for part in (told.sender, told.number or ("无文号" if told.sender else "")) if part)
        yield LineShown(Sign.NONE, f"通知{f'：{words}' if words else ''}，{told.received_on} 收到", "通知")


def _reasons(record: Record, header: HeaderShown, rules: RuleSet | None, wording: Wording) -> Iterator[LineShown]:
    """Sentences of the reasons. The header keeps their codes only: what the record itself tells is filled in."""
    facts = _known(record, header, rules)
    for reason in header.reasons:
        told = recorded_words(wording, reason.code, _of_code(reason.code, facts, record))
        yield LineShown(Sign.STOP if reason.refusal else Sign.NONE, told, reason.refusal or "")


_ABOUT_BEFORE = (AcceptanceReason.REFUSED_BEFORE, AcceptanceReason.REFUSED_UNSETTLED)


def _of_code(code: str, facts: Mapping[str, str], record: Record) -> Mapping[str, str]:
    """Facts for the sentence of one reason: of the refusal before nothing is known here but where it stands."""
    if code not in _ABOUT_BEFORE:
        return facts
    return {"seq": str(record.after_refusal[1])} if record.after_refusal is not None else {}


def recorded_words(wording: Wording, code: str, facts: Mapping[str, str]) -> str:
    """The sentence of a reason; where a fact of it was kept nowhere, the one that does without (resources/wording/records.json)."""
    told = wording.of(code, facts)
    if _PLACEHOLDER.search(told) is None:
        return told
    without = wording.of(f"{code}{_RECORDED}", facts)
    return without_gaps(told if without == f"{code}{_RECORDED}" else without)


def _known(record: Record, header: HeaderShown, rules: RuleSet | None) -> dict[str, str]:
    """What the sentences of reasons speak of, as far as a record says it."""
    facts = {"mark_zh": "", "mark_en": ""}
    refusal = record.act.refusal
    named = rules.refusals.refusal(refusal) if rules is not None and refusal else None
    if refusal is not None and named is not None:
        facts |= {"refusal": refusal, "refusal_zh": named.zh}
    for found in record.kept.found[:1] if record.kept is not None else ():
        facts |= {"name": found.name} if found.name else {}
        category = rules.prohibited.category(found.category) if rules is not None and found.category else None
        if category is not None:
            facts |= {"category": category.code, "category_zh": category.zh}
    for decision in header.resolutions[:1]:
        facts["supervisor"] = decision.supervisor
    if record.kept is not None and record.kept.items:
        facts["count"] = str(len(record.kept.items))
    asked = next((item for item, answer in header.answers.items() if answer != Answer.YES.value), None)
    item = rules.checklists.item(asked) if rules is not None and asked is not None else None
    if item is not None:
        facts["question_zh"] = item.question.zh
    return facts


def without_gaps(sentence: str) -> str:
    """A sentence without what could not be filled in: quotes and brackets about it go, anything else becomes one …"""
    return _GAPS.sub("…", _ABOUT_A_GAP.sub("", _PLACEHOLDER.sub("…", sentence)))


def _found(found: FoundShown, rules: RuleSet | None) -> str:
    category = rules.prohibited.category(found.category) if rules is not None and found.category else None
    told = [
        FOUND_KINDS.get(found.kind, found.kind),
        found.name,
        category.zh if category else "",
        "藏匿" if found.concealed else "",
        found.note,
    ]
    return " · ".join(part for part in told if part)


def _decision(decision: DecisionShown, wording: Wording) -> str:
    if decision.kind is not None:
        return f"名单命中：{_DECISIONS.get(decision.kind, decision.kind)}"
    return f"已核对：{recorded_words(wording, decision.code or '', {})}"


def _entry(entry: EntryShown) -> Iterator[Fact]:
    yield Fact("受理号", f"#{entry.seq}", key=True)
    yield Fact("日志", grouped(entry.journal_id, _HASH_GROUP))
    yield from _hash("哈希", entry.hash)
    yield from _hash("前一条", entry.prev)
    yield Fact("签名密钥", grouped(entry.key_id, _HASH_GROUP))
    yield Fact("本机时间", f"{at(entry.wall_ms):%Y-%m-%d %H:%M:%S}")
    trusted = f"{at(entry.trusted_ms):%Y-%m-%d %H:%M:%S}" if entry.trusted_ms is not None else "还没有"
    yield Fact("网关时间", trusted, "最近一次" if entry.trusted_ms is not None else "")
    yield Fact("条目大小", f"{entry.header_bytes} 字节")
    for place, package in enumerate(entry.packages):
        yield Fact("" if place else "数据包", f"{_PACKAGES.get(package.kind, package.kind)} {package.name}", f"v{package.version}")


def _receipt(receipt: ReceiptShown) -> Iterator[Fact]:
    yield Fact("回执", f"#{receipt.first_seq} – #{receipt.last_seq}", sign=Sign.DONE, key=True)
    yield Fact("网关收到", f"{at(receipt.received_at_ms):%Y-%m-%d %H:%M:%S}")
    if receipt.after_revocation:
        yield Fact("注意", "吊销后收到", sign=Sign.DOUBT)
    yield Fact("本条位置", f"第 {receipt.index + 1} 条，共 {receipt.size} 条")
    yield Fact("证明路径", f"{len(receipt.siblings)} 个哈希")
    yield from _hash("根哈希", receipt.merkle_root)
    yield Fact("网关", receipt.gateway_id)
    yield Fact("回执密钥", grouped(receipt.key_id, _HASH_GROUP))


def _hash(name: str, digits: str) -> Iterator[Fact]:
    """In groups of eight, on as many lines as it takes."""
    lines = [digits[start : start + _HASH_LINE] for start in range(0, len(digits), _HASH_LINE)] or ["—"]
    for place, line in enumerate(lines):
        yield Fact("" if place else name, grouped(line, _HASH_GROUP))
