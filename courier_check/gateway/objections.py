"""退回: index rows and objections of newly stored entries, in the transaction that stores them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from courier_check.gateway.codes import Objection
from courier_check.gateway.envelope import Incoming
from courier_check.gateway.review import ACCEPTANCE, IndexContent, Reading, Sender, answered_number, said_operator, said_text
from courier_check.gateway.setup import Gateway
from courier_check.gateway.store import reviews
from courier_check.gateway.store.reviews import Accepted, IndexRow, RaisedItem
from courier_check.gateway.store.stations import KnownStation
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
class Arrived:
    """A newly stored entry with what was read of it."""

    arrival: int
    station: KnownStation
    entry: Incoming
    reading: Reading
    received_at_ms: int


@dataclass(frozen=True, slots=True)
class _Raised:
    """An objection to one entry, not yet numbered."""

    station_id: str
    journal_id: str
    seq: int
    entry: str
    code: Objection


def raise_all(tx: Connection, gateway: Gateway, arrived: list[Arrived], *, raised_by: int) -> None:
    """Write index rows, number and sign objections, close those that corrections answer."""
    doubled = _accepted_elsewhere(tx, arrived)
    for raised in (*_own(arrived), *doubled):
        _return(tx, gateway, raised, raised_by)
    reviews.add_index_rows(tx, _rows(arrived), _tokens(arrived))
    for each in arrived:
        number = answered_number(each.entry.header)
        if number is not None:
            header = each.entry.header
            reviews.answer_returned(tx, header.station_id, number, (header.journal_id, header.seq))


def _own(arrived: list[Arrived]) -> list[_Raised]:
    return [_objection(each, code) for each in arrived for code in each.reading.objections]


def _objection(each: Arrived, code: Objection) -> _Raised:
    header = each.entry.header
    return _Raised(header.station_id, header.journal_id, header.seq, each.entry.hash, code)


def _accepted_elsewhere(tx: Connection, arrived: list[Arrived]) -> list[_Raised]:
    """Both the entry that came now and those held in other journals go back to their stations."""
    accepting = {
        each.reading.content.waybill: each
        for each in arrived
        if each.entry.header.kind == ACCEPTANCE and each.reading.content and each.reading.content.waybill
    }
    if not accepting:
        return []
    journal_id = arrived[0].entry.header.journal_id
    raised: dict[tuple[str, int], _Raised] = {}
    for earlier in reviews.acceptances_of(tx, [waybill for waybill in accepting if waybill], journal_id):
        each = accepting[earlier.waybill]
        if _other_carrier(earlier, each.reading.content):
            continue
        raised[earlier.journal_id, earlier.seq] = _Raised(
            earlier.station_id, earlier.journal_id, earlier.seq, earlier.hash, Objection.WAYBILL_ELSEWHERE
        )
        mine = _objection(each, Objection.WAYBILL_ELSEWHERE)
        raised[mine.journal_id, mine.seq] = mine
    return list(raised.values())


def _other_carrier(earlier: Accepted, content: IndexContent | None) -> bool:
    """Two carriers may use one number; where either is unsaid it counts as the same parcel."""
    return bool(content and content.carrier and earlier.carrier and content.carrier != earlier.carrier)


def _return(tx: Connection, gateway: Gateway, raised: _Raised, raised_by: int) -> None:
    if reviews.is_returned(tx, raised.journal_id, raised.seq, raised.code.value):
        return
    at_ms = gateway.now_ms()
    number = reviews.last_number(tx, raised.station_id) + 1
    body = Returned(
        gateway_id=gateway.gateway_id,
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
    item = RaisedItem(raised.station_id, number, raised.journal_id, raised.seq, raised.code.value, document, at_ms, raised_by)
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
