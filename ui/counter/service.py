"""服务信息, 报关单证, 一票多件, and what couriers may not carry: what forms and keys do to a parcel beside its contents. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from courier_check.acceptance import AcceptanceCode, Session
from courier_check.countries import COUNTRIES, country_code
from courier_check.errors import UserError
from courier_check.parcel.contents import ContentsCode, ParcelSize
from courier_check.parcel.service import (
    CHINA,
    CustomsCategory,
    CustomsDeclaration,
    CustomsItem,
    Payer,
    ServiceCode,
    ServiceInformation,
    Shipment,
    Way,
)
from courier_check.parcel.text import clean_words
from courier_check.parcel.waybills import CodeKind, WaybillCheck
from ui import keys
from ui.counter.codes import CounterCode
from ui.counter.effects import Done, Now, ReadLabel
from ui.counter.goods import fen_of, whole_of
from ui.counter.state import CounterState, CustomsBegun, Panel, as_one_step

Choice = TypeVar("Choice")
PAYERS = {Payer.SENDER: "寄付", Payer.ADDRESSEE: "到付", Payer.MONTHLY: "月结", Payer.THIRD_PARTY: "第三方付"}
WAYS = {Way.COUNTER: "窗口", Way.PICK_UP: "上门揽收", Way.AGENCY: "代办点", Way.RETURN: "退件"}
CUSTOMS = {
    CustomsCategory.GIFT: "礼品",
    CustomsCategory.DOCUMENTS: "文件",
    CustomsCategory.SAMPLE: "样品",
    CustomsCategory.SALE: "商品销售",
    CustomsCategory.RETURNED: "退货",
    CustomsCategory.OTHER: "其他",
}


# Service ----------------------------------------------------------------------------------------------------------------------------------


def expected(state: CounterState) -> ServiceInformation:
    """What the form holds at first: what was said of this parcel; else of the sender's last one, or of the last parcel at this window."""
    if state.draft.service is not None:
        return state.draft.service
    usual = state.usual or ServiceInformation()
    before = state.previous.draft.service if state.previous is not None else None
    same = before is not None and state.previous is not None and state.previous.draft.document == state.draft.document
    return replace(usual, way=before.way, place=before.place) if same and before is not None else usual


def country_of(text: str) -> str:
    """Its code, from letters or a name in Chinese; empty is China; anything else as it is, to be refused."""
    return country_code(text) or CHINA


def country_words(code: str) -> str:
    return COUNTRIES.get(code, "")


def served(now: Now, typed: Mapping[str, str]) -> CounterState:
    """UserError for what can't be, and naming what is empty."""
    state, before = now.state, now.state.draft.service
    weight_g, payer = _whole(typed["weight_g"], "weight_g"), _chosen(PAYERS, typed["payer"])
    empty = [words for words, so in (("产品", clean_words(typed["product"])), ("付费方式", payer), ("重量", weight_g)) if not so]
    if empty:
        raise UserError(CounterCode.FIELD_EMPTY, field="、".join(empty))
    way, country = _chosen(WAYS, typed["way"]) or Way.COUNTER, country_of(typed["country"])
    declared = typed["declared_yuan"].strip()
    declared_fen = fen_of(declared) if declared else None
    if isinstance(declared_fen, str):
        raise UserError(ServiceCode.AMOUNT_BAD)
    service = ServiceInformation(
        product=typed["product"],
        payer=payer,
        declared_fen=declared_fen,
        way=way,
        place="" if way is Way.COUNTER else typed["place"],
        country=country,
        customs=before.customs if before is not None and before.country == country else None,
    )
    session = state.session.served(service)
    if weight_g != state.draft.weight_g:
        session = session.measured(ParcelSize(weight_g, state.draft.size.sides_mm))
    return state.with_session(as_one_step(state.session, session)).beside(asked_ms=now.mono_ms)


def _whole(text: str, field: str) -> int | None:
    """UserError for what is no number."""
    given = text.strip()
    if not given:
        return None
    number = whole_of(given)
    if isinstance(number, str):
        raise UserError(ContentsCode.NUMBER_BAD, field=field)
    return number


def _chosen(choices: Mapping[Choice, str], words: str) -> Choice | None:
    return next((choice for choice, zh in choices.items() if zh == words.strip()), None)


def opened(now: Now, panel: Panel, *, way: Way | None = None) -> CounterState:
    """One of the parcel's panels. UserError where it is about something that is not there yet. `way`: how the parcel came in."""
    state = now.state
    if state.panel is Panel.RECORDED:
        raise UserError(CounterCode.ALREADY_RECORDED)
    if panel in (Panel.PIECES, Panel.RESERVED) and state.draft.waybill is None:
        raise UserError(AcceptanceCode.NO_WAYBILL)
    if panel is Panel.PIECES and state.draft.shipment is not None and state.draft.shipment.piece > 1:
        raise UserError(CounterCode.LATER_PIECE)
    if panel in (Panel.CUSTOMS, Panel.PAPERS) and not state.draft.items:
        raise UserError(AcceptanceCode.CONTENTS_EMPTY)
    if panel is Panel.CUSTOMS and (state.draft.service is None or not state.draft.service.is_abroad):
        raise UserError(CounterCode.NOT_ABROAD)
    return state.opened(panel, chosen="", kind=way.value if way is not None else "").beside(customs=CustomsBegun())


# Customs ----------------------------------------------------------------------------------------------------------------------------------


def customs_typed(now: Now, typed: Mapping[str, str]) -> CounterState:
    """报关单证: a line for each item; the last one makes it whole. UserError naming the field that can't be."""
    state, begun, service = now.state, now.state.aside.customs, now.state.draft.service
    if service is None:
        return state
    category = _chosen(CUSTOMS, typed["customs_category"])
    if category is None:
        raise UserError(CounterCode.FIELD_EMPTY, field="类别")
    value = fen_of(typed["value"].strip() or "0")
    if isinstance(value, str):
        raise UserError(ServiceCode.CUSTOMS_FIELD_BAD, field="价值")
    line = CustomsItem(
        description=typed["description"],
        quantity=_whole(typed["quantity"], "quantity") or 0,
        net_weight_g=_whole(typed["net_weight_g"], "net_weight_g") or 0,
        value=value,
        origin=country_of(typed["origin"]) if typed["origin"].strip() else "",
        hs_code=typed["hs_code"].replace(".", "").strip(),
    )
    lines, currency = (*begun.lines, line), typed["currency"].strip().upper() or "CNY"
    if len(lines) < len(state.draft.items):
        CustomsDeclaration(category, currency, lines)  # a wrong head is said at once
        return state.beside(customs=CustomsBegun(category.value, currency, lines)).saying("")
    session = state.session.served(replace(service, customs=CustomsDeclaration(category, currency, lines)))
    return state.with_session(session).beside(customs=CustomsBegun(), asked_ms=now.mono_ms)


# Several pieces ---------------------------------------------------------------------------------------------------------------------------


def pieces_typed(now: Now, typed: Mapping[str, str]) -> CounterState:
    """一票多件: how many. UserError for a number that can't be."""
    pieces = whole_of(typed["pieces"].strip())
    session = now.state.session.in_pieces(0 if isinstance(pieces, str) else pieces)
    return now.state.with_session(session).beside(asked_ms=now.mono_ms)


def gone_on(now: Now, shipment: Shipment) -> CounterState:
    """一票多件: this parcel is a later piece of a shipment begun before. UserError for one that was a piece already."""
    if now.state.panel is not Panel.PIECES:
        return now.state  # it was left meanwhile
    return now.state.with_session(now.state.session.piece_of(shipment)).beside(asked_ms=now.mono_ms)


def next_piece(now: Now, check: WaybillCheck, session_id: str, draft_id: str) -> Done:
    """The next piece of the shipment whose last one was just recorded: identity and addressee hold, everything else is asked anew.
    UserError for a code that is no waybill, or one that had its turn."""
    before = now.state.continuing
    if before is None:
        return now.state, None
    session = before.next_piece(session_id, check, before.draft.waybill_sender_name)
    if before.draft.order_sender_name:
        session = session.order_known(before.draft.order_sender_name)
    aside = now.state.aside
    state = now.state.renewed(Session(session.session_id, session.draft), draft_id).beside(source=aside.source, late_ms=aside.late_ms)
    return replace(state, panel=Panel.TASK), ReadLabel(expect=check.text)


def given_up(state: CounterState) -> CounterState | None:
    """A later piece is given up: its shipment goes on, and waits for another label. None for any other parcel, and where the piece before
    is forgotten (it was put aside meanwhile)."""
    shipment, before = state.draft.shipment, state.previous
    if shipment is None or shipment.piece == 1 or before is None or state.recorded is None or state.panel is Panel.RECORDED:
        return None
    aside, session = state.aside, Session.started(state.session.session_id, state.draft.mail_kind)
    back = state.renewed(session, aside.draft_id).beside(source=aside.source, late_ms=aside.late_ms)
    return replace(back, panel=Panel.RECORDED)


# What couriers may not carry --------------------------------------------------------------------------------------------------------------


def press_reserved(now: Now, key: str) -> Done | None:
    """国家机关公文、专营信件: the clerk says which; once more takes it back. Of the postal enterprise's own waybills nothing is refused."""
    mails = now.books.rules.carriers.reserved_mail
    number = int(key) - 1 if key in keys.DIGITS else -1
    if not 0 <= number < len(mails):
        return None
    chosen = "" if now.state.draft.reserved == mails[number].id else mails[number].id
    state = now.state.with_session(now.state.session.reserved_as(chosen, now.books.rules.rulebook))
    carrier = state.draft.waybill.carrier if state.draft.waybill is not None else None
    if chosen and carrier is not None and now.books.rules.carriers.is_postal(carrier):
        return state.saying("邮政企业的单号，可以收寄；已如实记下。"), None
    return state, None


# Several codes in view --------------------------------------------------------------------------------------------------------------------


def press_codes(now: Now, key: str) -> Done | None:
    """画面里不止一个单号: its digit takes one."""
    codes = now.state.aside.codes
    number = int(key) - 1 if key in keys.DIGITS else -1
    if not 0 <= number < len(codes) or codes[number].kind is not CodeKind.WAYBILL:
        return None
    held = now.state.draft.waybill
    if held is not None and held.text != codes[number].text:  # a gun was faster
        raise UserError(CounterCode.ANOTHER_WAYBILL, held=held.text, scanned=codes[number].text)
    session = now.state.session.waybill_scanned(codes[number], now.state.draft.waybill_sender_name)
    return now.state.with_session(session).beside(codes=()), ReadLabel(expect=codes[number].text)
