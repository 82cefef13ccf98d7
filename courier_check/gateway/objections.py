"""退回: index rows and objections of newly stored entries, in the transaction that stores them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from courier_check.gateway.codes import Objection
from courier_check.gateway.contents import IndexContent, Sender
from courier_check.gateway.review import Arrived, answered_number, corrected_act, said_operator, said_text
from courier_check.gateway.setup import Gateway
from courier_check.gateway.store import reviews
from courier_check.gateway.store.journals import ReceiptPlace
from courier_check.gateway.store.reviews import Holder, IndexRow, RaisedItem
from courier_check.gateway.waybills import accepted_elsewhere, said_waybills, withdrawn
from courier_check.journal.entries import Header
from courier_check.wire.batches import Returned
from courier_check.wire.signed import sign

_DETAIL = {
    Objection.PART_UNREADABLE: "索引部分无法打开，或与摘要、格式不符；请更正。 The index part can't be opened or read.",
    Objection.WAYBILL_MISSING: "收寄条目没有运单号；请更正。 The acceptance has no waybill.",
    # Where else is for the regulator alone (domain.md §11.5).
    Objection.WAYBILL_ELSEWHERE: "同一运单在别处也有收寄；请核对后更正。 The same waybill was accepted elsewhere, too.",
    Objection.CLOCK_AHEAD: "条目时间比接收时间晚一天以上；请校准时钟并更正。 The entry's time is more than a day ahead.",
}


@dataclass(frozen=True, slots=True)
class _Raised:
    """An objection to one entry, not yet numbered. `said_by`: arrival of the entry that says what is objected to."""

    station_id: str
    journal_id: str
    seq: int
    entry: str
    code: Objection
    said_by: int


def raise_all(tx: Connection, gateway: Gateway, arrived: list[Arrived], raised_by: ReceiptPlace) -> None:
    """Write index rows, number and sign objections, close those that corrections answer. `raised_by`: the receipt they come with."""
    said = said_waybills(tx, arrived)
    reviews.note_waybills(tx, said.values())
    taken_back = withdrawn(tx, arrived)
    reviews.free_waybills(tx, taken_back)
    elsewhere = accepted_elsewhere(tx, [holder for holder in said.values() if holder.act.arrival not in taken_back])
    for raised in (*_own(arrived, said), *map(_elsewhere, elsewhere)):
        _return(tx, gateway, raised, raised_by)
    reviews.add_index_rows(tx, _rows(arrived), _tokens(arrived))
    for each in arrived:
        _answer(tx, each.entry.header)


def _answer(tx: Connection, header: Header) -> None:
    """Close what a correction answers. An item of a gateway journal that was lost has been raised again since: by its act it is found."""
    number, by, act = answered_number(header), (header.journal_id, header.seq), corrected_act(header)
    if number is None:
        return
    found = reviews.answer_returned(tx, header.station_id, number, said_text(header.facts, "answers_journal"), by)
    if not found and act is not None and said_text(header.facts, "answers_journal"):
        reviews.answer_all_of(tx, header.station_id, act, by)


def _own(arrived: list[Arrived], said: Mapping[int, Holder]) -> list[_Raised]:
    """Objections to what entries say themselves, but for a waybill that a correction brought along."""
    return [
        _Raised(each.entry.header.station_id, each.entry.header.journal_id, each.entry.header.seq, each.entry.hash, code, each.arrival)
        for each in arrived
        for code in each.reading.objections
        if not (code == Objection.WAYBILL_MISSING and each.arrival in said)
    ]


def _elsewhere(holder: Holder) -> _Raised:
    act = holder.act
    return _Raised(holder.station_id, act.journal_id, act.seq, act.hash, Objection.WAYBILL_ELSEWHERE, holder.said_by)


def _return(tx: Connection, gateway: Gateway, raised: _Raised, raised_by: ReceiptPlace) -> None:
    if reviews.is_returned(tx, raised.journal_id, raised.seq, raised.code.value, raised.said_by):
        return
    at_ms = gateway.now_ms()
    number = reviews.last_number(tx, raised.station_id, raised_by[0]) + 1
    body = Returned(
        gateway_id=gateway.gateway_id,
        gateway_journal_id=raised_by[0],
        station_id=raised.station_id,
        journal_id=raised.journal_id,
        seq=raised.seq,
        entry=raised.entry,
        number=number,
        code=raised.code.value,
        detail=_DETAIL[raised.code],
        at_ms=at_ms,
    )
    document = sign(body, gateway.keys.receipt)
    item = RaisedItem(
        station_id=raised.station_id,
        gateway_journal_id=raised_by[0],
        number=number,
        journal_id=raised.journal_id,
        seq=raised.seq,
        code=raised.code.value,
        said_by=raised.said_by,
        document=document,
        at_ms=at_ms,
        raised_by=raised_by[1],
    )
    reviews.add_returned(tx, item)


def _rows(arrived: list[Arrived]) -> list[IndexRow]:
    return [_row(each, each.reading.content) for each in arrived if each.reading.content]


def _row(each: Arrived, content: IndexContent) -> IndexRow:
    header, place, sender = each.entry.header, each.station.place, content.sender or Sender()
    return IndexRow(
        arrival=each.arrival,
        journal_id=header.journal_id,
        seq=header.seq,
        station_id=header.station_id,
        outlet_id=place.outlet_id,
        region=place.region,
        kind=header.kind,
        mail_kind=said_text(header.facts, "mail_kind"),
        at_ms=header.times.wall_ms,
        operator=said_operator(header),
        waybill=content.waybill,
        carrier=content.carrier,
        match_key_id=content.match_key_id,
        name_mask=sender.name_mask,
        number_mask=sender.number_mask,
        phone_mask=sender.phone_mask,
    )


def _tokens(arrived: list[Arrived]) -> list[tuple[int, str, str]]:
    return [
        (each.arrival, kind, token)
        for each in arrived
        if each.reading.content
        for kind, token in each.reading.content.tokens.items()
        if token is not None
    ]
