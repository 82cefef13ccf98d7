"""运单与内件 as the parcel's card shows it. Pure; masks are applied here."""

from __future__ import annotations

from collections.abc import Iterator

from courier_check.acceptance import Draft
from courier_check.clock import at
from courier_check.parcel.contents import DeclaredItem
from courier_check.parcel.service import ServiceInformation, Shipment, Way
from courier_check.parcel.tracing import read_epc
from courier_check.privacy import mask_name, mask_phone
from courier_check.terms import MailKind
from ui import keys
from ui.counter.goods import yuan_of
from ui.counter.service import PAYERS, WAYS, country_words
from ui.counter.state import Books, CounterState, Panel
from ui.shown import Fact, Sign

MAIL_KINDS = {
    MailKind.PARCEL: "散件",
    MailKind.LETTER: "信件",
    MailKind.INSPECTION_MAILBOX: "巡视信箱件",
    MailKind.AGREEMENT: "协议件",
}


def parcel_facts(state: CounterState, books: Books) -> Iterator[Fact]:
    draft = state.draft
    if state.aside.late_ms is not None:
        yield Fact("补录", f"{at(state.aside.late_ms):%Y-%m-%d %H:%M} 实际收寄", keys.LATE, key=True)
    if draft.waybill is None:
        yield Fact("运单", "待扫描")
    else:
        carrier = books.rules.carriers.carrier(draft.waybill.carrier).zh if draft.waybill.carrier else "承运商待定"
        yield Fact("运单", spaced(draft.waybill.text), carrier, key=True)
    if draft.addressee.name:
        yield Fact("收件人", " · ".join(part for part in (mask_name(draft.addressee.name), mask_phone(draft.addressee.phone)) if part))
    if draft.items:
        yield Fact("内件", "；".join(item_words(item, books) for item in draft.items), MAIL_KINDS[draft.mail_kind])
    elif draft.mail_kind is not MailKind.PARCEL:
        yield Fact("件型", MAIL_KINDS[draft.mail_kind])
    yield from _traces(draft)
    if draft.service is not None:
        yield Fact(
            "服务", service_words(draft.service, draft.weight_g), sign=Sign.DONE if draft.service.is_complete(draft.weight_g) else Sign.OPEN
        )
    if draft.shipment is not None:
        yield Fact("一票多件", piece_words(draft.shipment, recorded=state.panel is Panel.RECORDED))
    if draft.reserved:
        yield Fact("专营", books.rules.carriers.reserved(draft.reserved).zh, sign=Sign.STOP)


def _traces(draft: Draft) -> Iterator[Fact]:
    """追溯: the codes of the goods, once for each item that has any."""
    for item in draft.items:
        tag = read_epc(item.epc) if item.epc else None
        many = f" 等 {1 + len(item.more_epcs)} 个" if item.more_epcs else ""
        named = f"标签 {tag.gtin}/{tag.serial}" if tag is not None and tag.is_read else f"标签 {item.epc}"
        told = [item.gtin, f"{named}{many}" if item.epc else None]
        told.append(f"厂家 {item.org_code}" if item.org_code else None)
        if any(told):
            yield Fact("追溯", "　".join(one for one in told if one))


def service_words(service: ServiceInformation, weight_g: int | None) -> str:
    """标准快件 · 寄付 · 450 g · 保价 200 元 · 上门揽收 · 日本（已报关）. The place stays in its form: it may be somebody's door."""
    abroad = country_words(service.country) or service.country
    parts = [
        service.product,
        PAYERS[service.payer] if service.payer is not None else "",
        f"{weight_g} g" if weight_g else "",
        f"保价 {yuan_of(service.declared_fen)} 元" if service.declared_fen is not None else "",
        WAYS[service.way] if service.way is not Way.COUNTER else "",
        f"{abroad}{'（已报关）' if service.customs is not None else '（待报关）'}" if service.is_abroad else "",
    ]
    return " · ".join(part for part in parts if part) or "未填"


def piece_words(shipment: Shipment, *, recorded: bool) -> str:
    """Which piece of how many, and how many are recorded."""
    return f"第 {shipment.piece} 件，共 {shipment.pieces} 件　已办 {shipment.piece - (0 if recorded else 1)} 件"


def item_words(item: DeclaredItem, books: Books) -> str:
    weight = f"　{item.weight_g} g" if item.weight_g else ""
    category = books.rules.rulebook.restricted.category(item.category)
    name = item.name if category is None or item.name == category.zh else f"{category.zh} · {item.name}"
    return f"{name} × {item.quantity}{weight}"


def spaced(number: str) -> str:
    """A waybill in groups of four after its letters, as people read it aloud."""
    letters = len(number) - len(number.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    digits = number[letters:]
    groups = [digits[start : start + 4] for start in range(0, len(digits), 4)]
    return " ".join(part for part in (number[:letters], *groups) if part)


def parcel_note(state: CounterState) -> str:
    waybill = state.draft.waybill
    if waybill is None:
        return ""
    checked = {True: "校验通过", False: "校验位不符", None: "无校验位"}[waybill.valid]
    return " · ".join(part for part in (state.aside.symbology, checked) if part)
